"""What is shown at a glance of several subjects that were calibrated at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.measurements import label_of

from ..calibration.result import Calibration
from ..calibration.subjects import PooledCalibration
from ..models.parameters import Parameter
from ..population.conclusions import NOT_AT_REST
from ..population.predictive_check import PredictiveCheck
from ..population.result import CohortCalibration, GroupEstimate
from .cohort_charts import forest_chart, predictive_chart
from .cohorts import effects_table, group_sentences, group_table, predictive_sentences, predictive_table, pulled_table
from .tables import Table, shared_table
from .wording import lower_first, number, percent, scatter, unit_in_words

BY_DATA = "data"
LINDSTROM = "Lindstrom and Bates, Biometrics 1990;46:673 (hierarchical model)"
GROUP_HEADER = ("Parameter (unit)", "Group mean\n(90 %)", "Subjects\ndiffer by")
GROUP_TIPS = (
    "What it is, with its unit",
    "The typical subject, in the unit of the parameter, with its 90 % interval; set by its prior where the data say "
    "little",
    "Spread between subjects: their standard deviation in percent of the mean (of a fraction on the logit scale), "
    "with its 90 % interval",
)
POOLED_HEADER = ("Parameter (unit)", "All subjects\n(90 %)", "Shrinkage,\nset by")
ALONE_HEADER = ("Parameter (unit)", "Middle (smallest\nto largest)", "Set by\nthe data in")


@dataclass(frozen=True, eq=False)
class Words:
    """What is said of several subjects.

    Attributes
    ----------
    answer : str
    header, tips : tuple of str
    cells : list of tuple of str
    notes, warnings : sequence of str
    alarm : str
        Why nothing of it can be trusted; empty if it can.
    tables : dict of str to (str, Table)
    charts : tuple of Chart
    formulas : tuple of str
    """

    answer: str
    header: tuple[str, ...]
    tips: tuple[str, ...]
    cells: list[tuple[str, ...]]
    tables: dict[str, tuple[str, Table]]
    notes: Sequence[str] = ()
    warnings: Sequence[str] = ()
    alarm: str = ""
    charts: tuple[Chart, ...] = ()
    formulas: tuple[str, ...] = ()


def group_words(cohort: CohortCalibration, check: PredictiveCheck) -> Words:
    """Mean and spread of every parameter of the group."""
    by_data = [one for one in cohort.group.values() if one.mean.set_by == BY_DATA]
    tables = {
        "group": ("means and spreads of the group", group_table(cohort)),
        "pulled": ("subjects and how far the group sets them", pulled_table(cohort)),
        "predictive": ("predictive check", predictive_table(check)),
    }
    if cohort.covariates:
        tables["effects"] = ("covariates of the group", effects_table(cohort))
    of_parameters = len(cohort.group)
    told = list(group_sentences(cohort))[of_parameters:]
    return Words(
        answer=f"{cohort.n_subjects} subjects as one group: the data set the mean of {len(by_data)} of "
        f"{of_parameters} parameters, the priors set the others.",
        header=GROUP_HEADER,
        tips=GROUP_TIPS,
        cells=[_group_cells(cohort.model.parameter(name), one) for name, one in cohort.group.items()],
        notes=(*_predicted(check), *told, *scatter(cohort.scatter)),
        warnings=[text for text in cohort.warnings if text != NOT_AT_REST],
        alarm="" if cohort.diagnostics.stands else NOT_AT_REST,
        tables=tables,
        charts=tuple(_charts(cohort, check)),
        formulas=(LINDSTROM,),
    )


def _predicted(check: PredictiveCheck) -> Iterator[str]:
    """What the check says, each column by its label."""
    for column, text in zip(check.columns, predictive_sentences(check), strict=True):
        yield text.replace(column, label_of(column), 1)


def _charts(cohort: CohortCalibration, check: PredictiveCheck) -> Iterator[Chart]:
    """The forest of each parameter by its label, then the predictive check."""
    for name in cohort.group:
        if cohort.group[name].spread is not None:
            called = f"{_short(cohort.model.parameter(name))} ({name})"
            yield replace(forest_chart(cohort, name), title=f"{called}: each subject and the group")
    states = {column: state for state, column in cohort.model.observables.items()}
    for column, one in check.columns.items():
        state = cohort.model.states[cohort.model.index(states[column])]
        title = f"Predictive check, {lower_first(state.label)}: measured against simulated cohorts"
        yield replace(predictive_chart(one, state), title=title)


def _group_cells(parameter: Parameter, one: GroupEstimate) -> tuple[str, str, str]:
    mean, spread, cv = one.mean, one.spread, one.cv_percent
    told = _with_ends(number(mean.value), number(mean.lower), number(mean.upper))
    if spread is None:
        return _label(parameter), _set_by(told, mean.set_by), "one value for all"
    if cv is None:
        differ = f"{_with_ends(*map(number, (spread.value, spread.lower, spread.upper)))} {one.space}"
    else:
        differ = f"{cv[0]:.0f} %\n({cv[1]:.0f} to {cv[2]:.0f} %)"
    return _label(parameter), _set_by(told, mean.set_by), _set_by(differ, spread.set_by)


def _set_by(text: str, by: str) -> str:
    return text if by == BY_DATA else f"{text}\nset by its prior"


def _with_ends(value: str, lower: str, upper: str) -> str:
    return f"{value}\n({lower} to {upper})"


def _label(parameter: Parameter) -> str:
    unit = f" ({unit_in_words(parameter.unit)})" if parameter.unit else ""
    return f"{_short(parameter)}{unit}"


def _short(parameter: Parameter) -> str:
    """Its label without what may follow it."""
    return parameter.label.partition(",")[0]


def pooled_words(pooled: PooledCalibration) -> Words:
    """Every parameter that the subjects share."""
    cells = [
        (
            _label(pooled.model.parameter(name)),
            _with_ends(number(one.value), number(one.lower), number(one.upper)),
            f"{percent(one.shrinkage)}, {one.set_by}",
        )
        for name, one in pooled.shared.items()
    ]
    by_data = sum(one.set_by == BY_DATA for one in pooled.shared.values())
    return Words(
        answer=f"{len(pooled.subjects)} subjects with one set of rates: the data set {by_data} of {len(cells)} shared "
        "parameters, the priors set the others.",
        header=POOLED_HEADER,
        tips=("What it is, with its unit", "One value for all subjects, with its 90 % interval", ""),
        cells=cells,
        notes=scatter(pooled.scatter),
        warnings=pooled.warnings,
        tables={"shared": ("parameters that all subjects share", shared_table(pooled))},
    )


def alone_words(subjects: Mapping[str, Calibration]) -> Words:
    """Every parameter over subjects that know nothing of each other."""
    header, rows = _ranges(subjects)
    parameter = next(iter(subjects.values())).model.parameter
    cells = [
        (_label(parameter(name)), _with_ends(*map(number, ends)), f"{by_data} of {n}")
        for name, _unit, *ends, by_data, n in rows
    ]
    return Words(
        answer=f"{len(subjects)} subjects, each calibrated alone: below is how their estimates range.",
        header=ALONE_HEADER,
        tips=(
            "What it is, with its unit",
            "Median of the subjects' estimates, with the smallest and the largest, in the unit of the parameter",
            "Subjects in which the data set it; in the others its prior does",
        ),
        cells=cells,
        warnings=[f"{name}: {text}" for name, one in subjects.items() for text in one.warnings],
        tables={"range": ("range of the subjects", (header, rows))},
    )


def _ranges(subjects: Mapping[str, Calibration]) -> Table:
    """One row a parameter: median, smallest and largest estimate, and in how many subjects the data set it."""
    header = ["parameter", "unit", "middle", "smallest", "largest", "set_by_data", "subjects"]
    first, rows = next(iter(subjects.values())), []
    for name in first.estimates:
        found = [one.estimates[name] for one in subjects.values() if name in one.estimates]
        value = np.array([one.value for one in found])
        numbers = (float(np.median(value)), float(value.min()), float(value.max()))
        by_data = sum(one.set_by == BY_DATA for one in found)
        rows.append((name, first.model.parameter(name).unit, *numbers, by_data, len(found)))
    return header, rows
