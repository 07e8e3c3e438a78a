"""Parameters that follow a measured number of each subject: one line for all, `a + b x` with each one's own x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.reading import did_you_mean

from ..models.covariates import with_covariate, with_covariate_about
from ..models.model import Covariate, Model
from .result import Calibration
from .subjects import Subject

REFUSE, MEAN = MISSING = ("refuse", "mean")
"""What becomes of a subject without the number: refused, or given the mean of its group."""
DRAWS = 4000


@dataclass(frozen=True)
class CovariateLine:
    """The line `at_zero + slope x` of a parameter over a measured number x, as a posterior has it.

    Attributes
    ----------
    parameter, column : str
    centre : float
        Mean of x over the subjects; 0 for one subject.
    at_centre, at_zero, slope : (float, float, float)
        Median, then the ends of the 90 % interval: of the parameter where x is `centre` and where it is 0, and of its
        change a unit of x.
    """

    parameter: str
    column: str
    centre: float
    at_centre: tuple[float, float, float]
    at_zero: tuple[float, float, float]
    slope: tuple[float, float, float]


def with_covariate_over(
    model: Model,
    subjects: Sequence[Subject],
    parameter: str,
    column: str,
    visit: str | None = None,
    *,
    missing: str = REFUSE,
    slope: float = 0.0,
    slope_sd: float | None = None,
) -> tuple[Model, tuple[Subject, ...]]:
    """The model with one parameter tied to a number of each subject, and the subjects with that number known.

    Of several subjects the line is about their mean (`with_covariate_about`); of one it is `with_covariate`. A
    model whose parameter follows that column already keeps its line, as for new subjects.

    Parameters
    ----------
    model : Model
    subjects : sequence of Subject
    parameter : str
    column : str
        Column of the measurements or of the volume table, such as `suv_mean`.
    visit : str, optional
        Name of the visit; each one's first with that column if None.
    missing : {"refuse", "mean"}
        Whether a subject without the number is refused, or given the mean of its group, which its remarks say.
    slope, slope_sd
        As `with_covariate_about`.

    Raises
    ------
    InputError
        As `with_covariate` and `with_covariate_about`; a subject, or with "mean" a group, without the number; a
        parameter that follows another column.
    """
    if missing not in MISSING:
        raise InputError(f"A missing number is dealt with by {' or '.join(MISSING)}, not {missing!r}.")
    found = {subject.name: first_with(subject, column, visit) for subject in subjects}
    there = {name: at.values[column] for name, at in found.items() if at is not None}
    if not there:
        raise InputError(_nowhere(subjects, column, visit))
    known = [_with_mean(s, subjects, there, column, missing) if s.name not in there else s for s in subjects]
    values = [there.get(s.name, _mean_of(s.group, subjects, there)) for s in subjects]
    model = _tied(model, subjects, values, parameter, column, visit, slope=slope, slope_sd=slope_sd)
    measured = next(each.measured for each in model.covariates if each.parameter == parameter)
    return model, tuple(replace(s, known={**s.known, measured: value}) for s, value in zip(known, values, strict=True))


def lines_of(calibration: Calibration) -> tuple[CovariateLine, ...]:
    """The line of each parameter that follows a number; of a pooled calibration, of any of its subjects."""
    covariates = calibration.model.covariates
    drawn = calibration.draws(DRAWS, calibration.seed) if covariates else {}
    return tuple(_line(each, drawn) for each in covariates)


def _line(covariate: Covariate, drawn: dict[str, np.ndarray]) -> CovariateLine:
    at_centre, slope = drawn[covariate.intercept], drawn[covariate.slope]
    return CovariateLine(
        covariate.parameter,
        covariate.column,
        covariate.centre,
        *(
            tuple(np.quantile(values, [0.5, 0.05, 0.95]).tolist())
            for values in (at_centre, at_centre - slope * covariate.centre, slope)
        ),
    )


def _tied(
    model: Model,
    subjects: Sequence[Subject],
    values: Sequence[float],
    parameter: str,
    column: str,
    visit: str | None,
    **line: float | None,
) -> Model:
    tied = next((each for each in model.covariates if each.parameter == parameter), None)
    if tied is not None and tied.column != column:
        raise InputError(f"{parameter} of the model follows {tied.column} already; take that column, not {column}.")
    if tied is not None:
        return model
    if len(subjects) == 1:
        return with_covariate(model, parameter, subjects[0].measurements, column, visit, **line)
    return with_covariate_about(model, parameter, values, column, visit or "", **line)


def first_with(subject: Subject, column: str, visit: str | None = None) -> Measurement | None:
    """The first visit (of that name) with a number in a column."""
    visits = sorted(subject.measurements, key=lambda one: one.day)
    return next((one for one in visits if visit in (None, one.visit) and column in one.values), None)


def _nowhere(subjects: Sequence[Subject], column: str, visit: str | None) -> str:
    visits = [one for subject in subjects for one in subject.measurements]
    names = list(dict.fromkeys(one.visit for one in visits))
    if visit is not None and visit not in names:
        return f"No subject has a visit {visit!r}; {did_you_mean(visit, names)}"
    at = "any visit" if visit is None else f"visit {visit}"
    columns = list(dict.fromkeys(name for one in visits for name in one.values))
    return f"No subject has a number in the column {column!r} at {at}; {did_you_mean(column, columns)}"


def _with_mean(
    subject: Subject, subjects: Sequence[Subject], there: dict[str, float], column: str, missing: str
) -> Subject:
    """A subject without the number, whose remarks say that the mean of its group is taken."""
    if missing == REFUSE:
        raise InputError(
            f"Subject {subject.name} has no {column} that a parameter could follow; fill the cell, leave the subject "
            "out, or let it have the mean of its group (--missing-covariate mean)."
        )
    of = f"the group {subject.group!r}" if subject.group else "the others"
    value = _mean_of(subject.group, subjects, there)
    if not np.isfinite(value):
        raise InputError(f"No subject of {of} has {column}, so {subject.name} cannot have their mean; fill a cell.")
    if not subject.measurements:
        return subject
    said = f"{column} was not measured: {value:.3g}, the mean of {of}, is taken."
    first, *others = subject.measurements
    return replace(subject, measurements=(replace(first, remarks=(*first.remarks, said)), *others))


def _mean_of(group: str, subjects: Sequence[Subject], there: dict[str, float]) -> float:
    values = [there[s.name] for s in subjects if s.group == group and s.name in there]
    return float(np.mean(values)) if values else np.nan
