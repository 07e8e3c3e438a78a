"""The model against the measurements: fit and forecast, the treatment window, every parameter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from HER2ImmunoCommonLib import html

from ..calibration.estimates import Z90
from ..calibration.result import Calibration
from ..findings import wording
from ..models.parameters import Parameter
from . import words
from .content import SubjectReport
from .course_charts import course_chart, window_chart

PARAMETERS = ("Parameter", "Symbol", "Estimate (90 %)", "Prior (90 %) [source]", "Set by")
WINDOW = (
    "The cytotoxic kill is multiplied by delivery q(V) = V/(V + v50), V being the vascular fraction, and by "
    "oxygenation o(H) = 1 - eta H, H being the hypoxic fraction: chemotherapy acts where vessels deliver it and where "
    "there is oxygen. Trastuzumab is thought to steady vessels, which opens this window; a cytotoxic dose inside it "
    "does more. Whether it does so here rests on n_A, v50 and eta, and on what set them: see the table of parameters."
)
SHRINKAGE = "Beside what set a parameter stands how much of the variance of its prior the data took away."
NO_DRAWS = "The charts of the run itself, as the scene keeps them."


def fit_part(report: SubjectReport) -> Iterator[str]:
    """Volume and every measured state with what is forecast of them."""
    yield html.element("h2", "Fit and forecast")
    yield html.element("p", f"{report.model.title}. {report.model.reference}.")
    if report.calibration is None or not report.courses:
        charts = [chart for chart in report.plan.charts if chart.title in _labels(report)]
        yield from words.lines([NO_DRAWS] if charts else [])
        yield words.figures(charts)
        return
    first, *others = report.courses
    yield words.figures(
        course_chart(report.calibration, first, state, _label(report, state)) for state in _measured(report)
    )
    volume = next((name for name, column in report.model.observables.items() if column == "volume_cm3"), None)
    if volume is not None and others:
        charts = [course_chart(report.calibration, course, volume, course.name) for course in others]
        yield html.section([html.element("h3", "Volume under the schedules that come first"), words.figures(charts)])


def window_part(report: SubjectReport) -> Iterator[str]:
    """Delivery and oxygenation over time, under what was given and under the schedules that come first."""
    courses = [course for course in report.courses if course.window]
    if not courses:
        return
    charts = [window_chart(course, report.model, course.name or "Nothing more is given") for course in courses]
    yield html.section([html.element("h2", "The treatment window"), *words.lines([WINDOW]), words.figures(charts)])


def parameters_part(report: SubjectReport) -> Iterator[str]:
    """Every parameter: what the data and what the prior say of it."""
    if report.calibration is None:
        return
    calibration = report.calibration
    sources = list(dict.fromkeys(calibration.model.parameter(name).source for name in calibration.estimates))
    rows = [_row(calibration, name, sources) for name in calibration.estimates]
    yield html.element("h2", "Parameters, and what set them")
    yield from words.lines([wording.set_by_data(calibration), *wording.scatter(calibration.noise), SHRINKAGE])
    named = "".join(words.lines(f"[{number}] {source}" for number, source in enumerate(sources, start=1)))
    yield html.details("Every parameter", words.table(PARAMETERS, rows, text_columns=(0, 1, 4)) + named)
    fixed = [f"{name} = {value:.4g}" for name, value in sorted(calibration.fixed.items())]
    yield from words.lines([f"Taken as known: {', '.join(fixed)}."] if fixed else [])


def _row(calibration: Calibration, name: str, sources: Sequence[str]) -> tuple[str, ...]:
    estimate, parameter = calibration.estimates[name], calibration.model.parameter(name)
    unit = wording.unit_in_words(parameter.unit)
    value = f"{estimate.value:.3g} ({estimate.lower:.3g} to {estimate.upper:.3g})"
    return (
        f"{parameter.label} ({unit})" if unit else parameter.label,
        name,
        _unbroken(value),
        _unbroken(f"{prior_text(parameter)} [{sources.index(parameter.source) + 1}]"),
        _unbroken(f"{estimate.set_by}, {wording.percent(estimate.shrinkage)}"),
    )


def _unbroken(text: str) -> str:
    """A text that keeps to one line."""
    return text.replace(" ", "\u00a0")


def prior_text(parameter: Parameter) -> str:
    """Median and 90 % interval of a prior."""
    middle = parameter.to_free(parameter.default)
    low, high = (float(parameter.from_free(middle + side * Z90 * parameter.prior)) for side in (-1.0, 1.0))
    return f"{parameter.default:.3g} ({low:.3g} to {high:.3g})" if np.isfinite([low, high]).all() else "–"


def _measured(report: SubjectReport) -> list[str]:
    """States with a measurement, the volume first."""
    columns = {name for visit in report.measurements for name in visit.values}
    found = [state for state, column in report.model.observables.items() if column in columns]
    return sorted(found, key=lambda state: report.model.observables[state] != "volume_cm3")


def _label(report: SubjectReport, state: str) -> str:
    return report.model.states[report.model.index(state)].label


def _labels(report: SubjectReport) -> set[str]:
    return {state.label for state in report.model.states}
