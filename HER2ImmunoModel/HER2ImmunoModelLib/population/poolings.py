"""Each alone, pooled and hierarchical side by side: how well each fits, and how well each forecasts hidden visits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from .. import models
from ..calibration.fit_quality import FitQuality, fit_quality
from ..calibration.hidden_visits import ForecastCheck, Foretold, by_column, compared, hide_of
from ..calibration.posterior import chosen_parameters
from ..calibration.subjects import Subject, check_subjects
from ..models.model import Model
from ..treatments.doses import model_given
from .cohort import calibrate_cohort
from .result import CohortCalibration

ALONE, POOLED, HIERARCHICAL = "individual", "pooled", "hierarchical"
POOLINGS = (ALONE, POOLED, HIERARCHICAL)


@dataclass(frozen=True)
class Pooling:
    """One way to calibrate several subjects.

    Attributes
    ----------
    fit : CohortCalibration
        To the visits that are not hidden.
    check : ForecastCheck or None
        Of the hidden ones; None where none is hidden.
    quality : FitQuality
        Of both.
    """

    fit: CohortCalibration
    check: ForecastCheck | None
    quality: FitQuality


def forecast_check_cohort(
    model: Model | str,
    subjects: Sequence[Subject],
    *,
    hidden: int = 1,
    seed: int = 0,
    report: Report | None = None,
    **settings: object,
) -> ForecastCheck:
    """Hide the last visits of every subject, calibrate the rest hierarchically and compare.

    Arguments and errors as `forecast_check_pooled`; `settings` are passed to `calibrate_cohort`.
    """
    check_subjects(subjects)
    known, later = _hidden(models.get(model), subjects, hidden)
    fit = calibrate_cohort(model, known, seed=seed, report=report, **settings)
    return _check(fit, later, seed)


def compare_poolings(
    model: Model | str,
    subjects: Sequence[Subject],
    *,
    hidden: int = 1,
    covariates: Sequence[str] = (),
    species: str | None = None,
    seed: int = 0,
    report: Report | None = None,
    **settings: object,
) -> dict[str, Pooling]:
    """Calibrate subjects each alone, pooled and hierarchically, all by the same method, with the last visits hidden.

    Parameters
    ----------
    model : Model or str
    subjects : sequence of Subject
    hidden : int
        Last visits of each subject that are hidden; 0 for none.
    covariates : sequence of str
        As `calibrate_cohort`; those alone have none.
    species, seed, report
    **settings
        Passed to `calibrate_cohort`, but for `spreads`.

    Returns
    -------
    dict of str to Pooling
        "individual", "pooled" and "hierarchical".

    Raises
    ------
    InputError
        As `calibrate_cohort`, or too few visits to hide some.
    Cancelled
        From `report`.
    """
    if "spreads" in settings:
        raise InputError("The spreads are what differs between the poolings; leave them out.")
    check_subjects(subjects)
    model = model_given(models.get(model, species), [subject.schedule for subject in subjects])
    known, later = _hidden(model, subjects, hidden)
    found = {}
    for number, kind in enumerate(POOLINGS):
        share = part(report, number / len(POOLINGS), (number + 1) / len(POOLINGS))
        asked = {**settings, "seed": seed, "report": share, **_spreads(model, kind, settings)}
        asked |= {} if kind == ALONE else {"covariates": covariates}
        fit = calibrate_cohort(model, known, **asked)
        check = _check(fit, later, seed) if hidden else None
        found[kind] = Pooling(fit, check, fit_quality(fit.subjects, check))
    return found


def _hidden(
    model: Model, subjects: Sequence[Subject], hidden: int
) -> tuple[list[Subject], dict[str, tuple[Measurement, ...]]]:
    """Subjects without their last visits, and those visits by name."""
    halves = [hide_of(model, subject, hidden) if hidden else (subject.measurements, ()) for subject in subjects]
    known = [replace(subject, measurements=early) for subject, (early, _) in zip(subjects, halves, strict=True)]
    return known, {subject.name: late for subject, (_, late) in zip(subjects, halves, strict=True)}


def _check(fit: CohortCalibration, later: Mapping[str, tuple[Measurement, ...]], seed: int) -> ForecastCheck:
    rows: list[Foretold] = []
    for name, view in fit.subjects.items():
        rows += compared(view, later[name], subject=name, seed=seed)
    return ForecastCheck(tuple(rows), by_column(rows), fit.warnings)


def _spreads(model: Model, kind: str, settings: Mapping[str, object]) -> dict[str, object]:
    """Settings that make a hierarchical calibration one of each alone or a pooled one."""
    if kind == HIERARCHICAL:
        return {}
    if kind == POOLED:
        return {"individual": ()}
    free, _ = chosen_parameters(model, settings.get("free"), settings.get("fixed"))
    return {"individual": None, "spreads": {parameter.name: parameter.prior for parameter in free}}
