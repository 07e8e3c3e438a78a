"""What is said of a cohort that was calibrated hierarchically: tables and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import numpy as np

from ..calibration.result import Calibration
from ..population.poolings import ALONE, HIERARCHICAL, POOLED, Pooling
from ..population.predictive_check import SHARES, PredictiveCheck
from ..population.result import CohortCalibration, GroupEstimate
from .tables import Table
from .wording import number, percent, unit_in_words

BY_GROUP = 0.5
"""Share of the spread that is left of a subject's value from which the group is said to set it."""


ENOUGH_INSIDE = 0.75
"""Share of percentiles inside their 90 % intervals from which nothing is amiss: neighbours err together."""


def group_table(cohort: CohortCalibration) -> Table:
    """One row a parameter of the group: mean, spread between subjects, shrinkage; each with what set it."""
    header = ["parameter", "unit", "kind", "mean", "mean_lower_90", "mean_upper_90", "mean_set_by"]
    header += ["spread", "spread_lower_90", "spread_upper_90", "spread_set_by", "spread_space", "cv_percent"]
    rows = []
    for one in cohort.group.values():
        mean, spread, cv = one.mean, one.spread, one.cv_percent
        told = ("", "", "", "") if spread is None else (spread.value, spread.lower, spread.upper, spread.set_by)
        shrinkage = one.shrinkage if isfinite(one.shrinkage) else ""
        rows.append(
            (
                one.parameter,
                one.unit,
                one.kind,
                *(mean.value, mean.lower, mean.upper, mean.set_by),
                *told,
                one.space,
                "" if cv is None else cv[0],
                shrinkage,
            )
        )
    return [*header, "shrinkage"], rows


def effects_table(cohort: CohortCalibration) -> Table:
    """One row a covariate of a parameter: its effect in the transformed space, and as a factor on a positive one."""
    header = ["parameter", "covariate", "per", "effect", "lower_90", "upper_90", "space", "factor", "set_by"]
    rows = []
    for covariate in cohort.covariates:
        one = cohort.group[covariate.parameter]
        found = one.effects[covariate.name]
        factor = float(np.exp(found.value)) if one.space == "log" else ""
        per = "" if covariate.name.startswith("group=") else covariate.width
        numbers = (found.value, found.lower, found.upper)
        rows.append((one.parameter, covariate.name, per, *numbers, one.space, factor, found.set_by))
    return header, rows


def pulled_table(cohort: CohortCalibration) -> Table:
    """One row a subject and individual parameter: value, interval, and how much of it the group set."""
    header = ["subject", "parameter", "unit", "value", "lower_90", "upper_90", "set_by_group"]
    rows = []
    for name, shares in cohort.pulled.items():
        for parameter, share in shares.items():
            found = cohort.subjects[name].estimates[parameter]
            numbers = (found.value, found.lower, found.upper, share)
            rows.append((name, parameter, cohort.group[parameter].unit, *numbers))
    return header, rows


def poolings_table(poolings: Mapping[str, Pooling]) -> Table:
    """One row a pooling and column: how well fitted and hidden numbers are told."""
    header = ["pooling", "of", "column", "n", "ccc", "r2", "rmse", "nrmse", "log_likelihood", "coverage_90", "mape"]
    rows = []
    for kind, pooling in poolings.items():
        for row in pooling.quality.overall:
            q = row.quality
            agreement = pooling.check.agreement.get(row.column) if pooling.check and row.of == "hidden" else None
            hidden = (agreement.coverage, agreement.mape) if agreement else ("", "")
            numbers = (q.n, q.ccc, q.r2, q.rmse, q.nrmse, q.log_likelihood)
            rows.append((kind, row.of, row.column, *numbers, *hidden))
    return header, rows


def pooled_values_table(poolings: Mapping[str, Pooling]) -> Table:
    """One row a parameter: subjects each alone, pooled, and the group; mean and spread of the subjects' estimates."""
    header = ["parameter", "unit", "individual_mean", "individual_spread", "pooled", "pooled_lower_90"]
    header += ["pooled_upper_90", "group_mean", "group_lower_90", "group_upper_90", "group_spread"]
    rows = []
    alone, pooled, cohort = (poolings[kind].fit for kind in (ALONE, POOLED, HIERARCHICAL))
    for name, one in cohort.group.items():
        parameter = cohort.model.parameter(name)
        each = parameter.to_free([view.estimates[name].value for view in alone.subjects.values()])
        shared = pooled.group[name].mean
        spread = "" if one.spread is None else one.spread.value
        mean = one.mean
        rows.append(
            (
                name,
                one.unit,
                float(parameter.from_free(each.mean())),
                float(each.std(ddof=1)),
                *(shared.value, shared.lower, shared.upper),
                *(mean.value, mean.lower, mean.upper),
                spread,
            )
        )
    return header, rows


def predictive_table(check: PredictiveCheck) -> Table:
    """One row a column, bin of days and percentile: what was measured, and its interval in simulated cohorts."""
    header = [
        "column",
        "day",
        "n",
        "percentile",
        "measured",
        "simulated",
        "lower_90",
        "upper_90",
        "inside",
        "corrected",
    ]
    rows = []
    for column, one in check.columns.items():
        for b, day in enumerate(one.day.tolist()):
            for s, share in enumerate(SHARES):
                numbers = [float(part[s, b]) for part in (one.observed, one.median, one.lower, one.upper)]
                inside = numbers[2] <= numbers[0] <= numbers[3]
                rows.append((column, day, int(one.n[b]), 100 * share, *numbers, inside, one.corrected))
    return header, rows


def group_sentences(cohort: CohortCalibration) -> Iterator[str]:
    """What a person wants to know of a group."""
    for one in cohort.group.values():
        yield _group_sentence(one)
    for covariate in cohort.covariates:
        yield _effect_sentence(cohort, covariate.parameter, covariate.name)
    if pulled := [name for name in cohort.pulled if _is_pulled(cohort, name)]:
        shown = ", ".join(pulled[:5]) + (f" and {len(pulled) - 5} more" if len(pulled) > 5 else "")
        yield f"Mostly set by the group: {shown}, whose own visits say little."


def _is_pulled(cohort: CohortCalibration, name: str) -> bool:
    shares = list(cohort.pulled[name].values())
    return bool(shares) and min(shares) > BY_GROUP


def _group_sentence(one: GroupEstimate) -> str:
    unit = f" {unit_in_words(one.unit)}" if one.unit else ""
    mean = f"{number(one.mean.value)}{unit} (90 % {number(one.mean.lower)} to {number(one.mean.upper)})"
    by = "" if one.mean.set_by == "data" else ", set by its prior"
    if one.spread is None:
        return f"{one.parameter}: {mean}, one value for all{by}."
    cv = one.cv_percent
    if cv is None:
        ends = f"{number(one.spread.lower)} to {number(one.spread.upper)}"
        spread = f"{number(one.spread.value)} ({ends}) on the {one.space} scale"
    else:
        spread = f"{cv[0]:.0f} % ({cv[1]:.0f} to {cv[2]:.0f} %)"
    said = "" if one.spread.set_by == "data" else ", set by its prior"
    return f"{one.parameter}: mean {mean}{by}; subjects differ by {spread}{said}."


def _effect_sentence(cohort: CohortCalibration, parameter: str, covariate: str) -> str:
    one = cohort.group[parameter]
    found = one.effects[covariate]
    per = (
        "in the " + covariate.replace("=", " ")
        if covariate.startswith("group=")
        else f"by a standard deviation more {covariate}"
    )
    ends = (found.value, found.lower, found.upper)
    if one.space == "log":
        value, lower, upper = (number(float(np.exp(end))) for end in ends)
        effect = f"times {value} (90 % {lower} to {upper})"
    else:
        value, lower, upper = (number(end) for end in ends)
        effect = f"{value} (90 % {lower} to {upper}) on the {one.space} scale"
    sure = "" if found.lower * found.upper > 0 else ": the data do not tell whether it matters"
    return f"{parameter} {per}: {effect}{sure}."


def poolings_sentences(poolings: Mapping[str, Pooling]) -> Iterator[str]:
    """How the poolings fit and forecast, a line each."""
    for kind, pooling in poolings.items():
        told = []
        for row in pooling.quality.overall:
            text = f"{row.of} {row.column} NRMSE {percent(row.quality.nrmse)}"
            if row.of == "hidden" and pooling.check:
                text += f", {percent(pooling.check.agreement[row.column].coverage)} in the 90 % interval"
            told.append(text)
        yield f"{kind.capitalize()}: {'; '.join(told)}."
    best = _best(poolings)
    if best:
        yield best


def _best(poolings: Mapping[str, Pooling]) -> str:
    """Which pooling gives hidden numbers the highest density."""
    score = {
        kind: sum(row.quality.log_likelihood for row in pooling.quality.overall if row.of == "hidden")
        for kind, pooling in poolings.items()
        if pooling.check
    }
    if not score:
        return ""
    best = max(score, key=score.get)
    others = ", ".join(f"{kind} {score[best] - value:.1f}" for kind, value in score.items() if kind != best)
    return f"Best forecast of what was hidden: {best} (log density of the others below it: {others})."


def predictive_sentences(check: PredictiveCheck) -> Iterator[str]:
    """Whether cohorts simulated from the group look like the real one."""
    for column, one in check.columns.items():
        within = round(one.inside * one.observed.size)
        verdict = (
            "the group looks like its subjects"
            if one.inside >= ENOUGH_INSIDE
            else ("the group does NOT look like its subjects; see the chart for where")
        )
        yield (
            f"{column}: {within} of {one.observed.size} measured percentiles lie in the 90 % interval of simulated "
            f"cohorts: {verdict}."
        )


def subjects_by_value(cohort: CohortCalibration, parameter: str) -> Sequence[tuple[str, Calibration]]:
    """Subjects from the largest value of a parameter down."""
    return sorted(cohort.subjects.items(), key=lambda item: -item[1].estimates[parameter].value)
