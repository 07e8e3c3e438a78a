"""The model against the measurements: fit and forecast, the treatment window, every parameter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.chart_spec import Chart

from ..calibration.estimates import Z90
from ..calibration.fit_quality import fit_quality
from ..calibration.result import Calibration
from ..diagram import to_svg
from ..findings import wording
from ..findings.quality_cells import FITTED_SAID, HEADER, quality_cells
from ..models.parameters import Parameter
from . import words
from .content import SubjectReport
from .course_charts import course_chart, window_chart
from .courses import Course, until
from .window_words import REACHED_HEADER, REACHED_SAID, WINDOW, reached_rows, rests_on

FIXED, GIVEN = ("Parameter", "Symbol", "Value", "Source"), "given with the settings or the patient"
PARAMETERS = ("Parameter", "Symbol", "Estimate (90 %)", "Prior (90 %) [source]", "Set by")
SHRINKAGE = "Beside what set a parameter stands how much of the variance of its prior the data took away."
VOLUME, BEYOND_DAYS = "volume_cm3", 7.0
PICTURE = (
    "What acts on what in the model, as its equations have it: states with what was measured of them, drugs above. An "
    "arrow from a part to itself is its own growth or loss."
)
PICTURE_WIDTH = 460
NO_DRAWS = "The charts of the run itself, as the scene keeps them."


def fit_part(report: SubjectReport) -> Iterator[str]:
    """Volume and every measured state with what is forecast of them."""
    yield html.element("h2", "Fit and forecast")
    yield html.element("p", f"{report.model.title}. {report.model.reference}.")
    measured = {name for visit in report.measurements for name in visit.values}
    yield html.figure(to_svg(report.model, measured), PICTURE, PICTURE_WIDTH)
    if report.calibration is None or not report.courses:
        charts = [chart for chart in report.plan.charts if chart.title in _labels(report)]
        yield from words.lines([NO_DRAWS] if charts else [])
        yield words.figures(charts)
        return
    first, *others = report.courses
    charts = [course_chart(report.calibration, first, state, _label(report, state)) for state in _measured(report)]
    yield words.figures([*_near(report, first), *charts])
    quality = quality_cells(fit_quality({"": report.calibration}), report.calibration.model)
    yield from words.lines([FITTED_SAID])
    yield words.table(HEADER, quality)
    volume = next((name for name, column in report.model.observables.items() if column == VOLUME), None)
    if volume is not None and others:
        charts = [course_chart(report.calibration, course, volume, course.name) for course in others]
        first = "schedule that comes first" if len(charts) == 1 else "schedules that come first"
        yield html.section([html.element("h3", f"Volume under the {first}"), words.figures(charts)])


def _near(report: SubjectReport, course: Course) -> Iterator[Chart]:
    """The volume on the days of the visits alone: a forecast of weeks may dwarf what was measured."""
    last = max(visit.day for visit in report.measurements) + BEYOND_DAYS
    for state in _measured(report):
        if report.model.observables[state] == VOLUME and last < course.day[-1]:
            title = f"{_label(report, state)}: the visits and a week"
            yield course_chart(report.calibration, until(course, last), state, title)


def window_part(report: SubjectReport) -> Iterator[str]:
    """Delivery and oxygenation over time, under what was given and under the schedules that come first."""
    courses = [course for course in report.courses if course.window]
    if not courses:
        return
    charts = [window_chart(course, course.name or "Nothing more is given") for course in courses]
    yield html.section([html.element("h2", "The treatment window"), *words.lines(WINDOW), words.figures(charts)])
    yield from words.lines([rests_on(report.calibration)] if report.calibration is not None else [])
    if rows := reached_rows(courses):
        yield html.section([html.element("h3", "Where the cytotoxic doses fall"), *words.lines([REACHED_SAID])])
        yield words.table(REACHED_HEADER, rows, text_columns=(0, 1))


def parameters_part(report: SubjectReport) -> Iterator[str]:
    """Every parameter: what the data and what the prior say of it."""
    if report.calibration is None:
        return
    calibration = report.calibration
    sources = list(dict.fromkeys(calibration.model.parameter(name).source for name in calibration.estimates))
    rows = [_row(calibration, name, sources) for name in calibration.estimates]
    yield html.element("h2", "Parameters, and what set them")
    yield from words.lines([wording.set_by_data(calibration), *wording.which_by_data(calibration)])
    yield from words.lines([*wording.scatter(calibration.scatter), SHRINKAGE])
    named = "".join(words.lines(f"[{number}] {source}" for number, source in enumerate(sources, start=1)))
    yield html.details("Every parameter", words.table(PARAMETERS, rows, text_columns=(0, 1, 4)) + named)
    if calibration.fixed:
        rows = [
            _fixed_row(calibration.model.parameter(name), value) for name, value in sorted(calibration.fixed.items())
        ]
        yield html.details("Parameters taken as known", words.table(FIXED, rows, text_columns=(0, 1, 3)))


def _fixed_row(parameter: Parameter, value: float) -> tuple[str, ...]:
    source = parameter.source if value == parameter.default else GIVEN
    return _with_unit(parameter), parameter.name, f"{value:.4g}", source


def _with_unit(parameter: Parameter) -> str:
    unit = wording.unit_in_words(parameter.unit)
    return f"{parameter.label} ({unit})" if unit else parameter.label


def _row(calibration: Calibration, name: str, sources: Sequence[str]) -> tuple[str, ...]:
    estimate, parameter = calibration.estimates[name], calibration.model.parameter(name)
    value = f"{estimate.value:.3g} ({estimate.lower:.3g} to {estimate.upper:.3g})"
    return (
        _with_unit(parameter),
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
    return sorted(found, key=lambda state: report.model.observables[state] != VOLUME)


def _label(report: SubjectReport, state: str) -> str:
    return report.model.states[report.model.index(state)].label


def _labels(report: SubjectReport) -> set[str]:
    return {state.label for state in report.model.states}
