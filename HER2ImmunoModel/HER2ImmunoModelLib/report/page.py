"""The report of one subject as a page of HTML: the answer first, then what it rests on."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import date

import numpy as np
import scipy
from HER2ImmunoCommonLib import RESEARCH_ONLY, __version__, html
from HER2ImmunoCommonLib.privacy import shareable
from HER2ImmunoCommonLib.provenance import plain

from ..findings.request import Findings
from ..findings.wording import lower_first
from . import words
from .content import SubjectReport
from .maps_part import maps_part
from .model_part import fit_part, parameters_part, window_part
from .patient_part import exposure_part, treatment_part, visits_part
from .scenarios_part import scenarios_part
from .schedules_part import TITLES, questions_part, ranking_part

OF_A_PATIENT = ("patient", "history")
"""Settings that are told elsewhere, and in full in the JSON file."""
METHODS = {
    "map": "their most probable values given priors and measurements (MAP), with a normal approximation around them",
    "mcmc": "sampling their whole posterior (ensemble MCMC)",
}
INTENDED = "For research only; not for diagnosing or treating patients."


def report_page(report: SubjectReport, made_on: date | None = None) -> str:
    """The whole report as HTML, dated today unless said otherwise."""
    title = words.clean(f"{report.subject}: tumour model and schedules")
    return html.page(
        title,
        [
            html.element("h1", title),
            *_head(report, made_on or date.today()),
            *_answer(report),
            *visits_part(report),
            *maps_part(report),
            *treatment_part(report),
            *fit_part(report),
            *window_part(report),
            *scenarios_part(report),
            *ranking_part(report),
            *questions_part(report),
            *exposure_part(report),
            *parameters_part(report),
            *_methods(report),
        ],
    )


def _head(report: SubjectReport, made_on: date) -> Iterator[str]:
    model, version = report.model, report.plan.provenance.version
    made = "" if version == __version__ else f" (results of version {version})"
    species = {"human": "a patient", "mouse": "a mouse"}.get(model.species, model.species)
    yield html.element("p", f"{made_on.day} {made_on:%B %Y}, HER2ImmunoImaging {__version__}{made}.", kind="soft")
    yield html.element("div", INTENDED, kind="notice")
    states = ", ".join(lower_first(state.label) for state in model.states)
    yield html.element(
        "p", f"Subject: {species}. Model: {model.title} ({model.name}), with priors for {species}. It follows {states}."
    )


def _answer(report: SubjectReport) -> list[str]:
    return [
        html.element("h2", "Answer"),
        *words.said(report.plan),
        *words.lines(report.left_out, "warning"),
        *words.lines([_how_to_read(report)], "soft"),
    ]


def _how_to_read(report: SubjectReport) -> str:
    draws = report.plan.provenance.settings.get("draws")
    many = f"{draws} of them" if draws else "many of them"
    return (
        "How to read it: the model was fitted to what was measured at the visits. More than one set of parameters "
        f"agrees with that; {many}, the draws, are followed for each forecast. It is told as their median or mean, "
        "with the interval that holds 90 % of them: the wider, the less is known. All schedules face the same draws."
    )


def versions_of(report: SubjectReport) -> dict[str, str]:
    """Every program behind the page."""
    own = {"HER2ImmunoImaging (report)": __version__, "HER2ImmunoImaging (results)": report.plan.provenance.version}
    return own | {
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        **report.versions,
    }


def _settings(findings: Findings) -> dict[str, object]:
    """Every setting one by one, but for the patient that rules and burdens are asked about."""
    return words.flat(_without_patient(shareable(plain(findings.provenance.settings))))


def _without_patient(value: object) -> object:
    if isinstance(value, list):
        return [_without_patient(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_patient(entry) for name, entry in value.items() if name not in OF_A_PATIENT}


def _method(report: SubjectReport) -> str:
    """How parameters were found, in a sentence."""
    settings = report.plan.provenance.settings
    how = METHODS.get(str(settings.get("method") or getattr(report.calibration, "method", "")))
    if how is None:
        return ""
    again = f", seed {settings['seed']}" if settings.get("seed") is not None else ""
    return f"Parameters were calibrated by {how}{again}; forecasts follow draws from that posterior."


def _methods(report: SubjectReport) -> Iterator[str]:
    formulas = dict.fromkeys(text for found in report.everything for text in found.provenance.formulas)
    warnings = dict.fromkeys(text for found in report.everything for text in found.provenance.warnings)
    yield html.element("h2", "Methods")
    yield from words.lines([_method(report)])
    yield from (html.element("p", f"{text}.") for text in formulas)
    yield from words.lines([RESEARCH_ONLY])
    shared = _settings(report.plan)
    yield html.details("Every setting", html.pairs(shared, "Setting"))
    for kind, found in report.questions.items():
        all_of_it = _settings(found)
        own = {name: value for name, value in all_of_it.items() if value is not None and shared.get(name) != value}
        if own:
            yield html.details(f"{TITLES[kind]}: settings that differ", html.pairs(own, "Setting"))
    yield html.details("Versions", html.pairs(versions_of(report), "Program", "Version"))
    if warnings:
        yield html.details("Every warning", "".join(words.lines(warnings, "warning")))
