"""Parameters that follow an image: intercept + slope times a measured number, of one subject or of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, label_of

from .model import Covariate, Model
from .parameters import ASSUMED, Parameter


def with_covariate(
    model: Model,
    parameter: str,
    measurements: Sequence[Measurement],
    column: str,
    visit: str | None = None,
    *,
    slope: float = 0.0,
    slope_sd: float | None = None,
) -> Model:
    """The model with one parameter replaced by `a + b x`, x a column of the measurement table at a visit.

    The parameter gives way to `<parameter>_intercept` and `<parameter>_slope`, both free, and `<parameter>_measured`,
    taken as known. The intercept is set so that the default stays what it was.

    Parameters
    ----------
    model : Model
    parameter : str
        Any parameter: a rate, a share, a drug's loss, an initial state.
    measurements : sequence of Measurement
    column : str
        Column with x, such as `suv_mean`.
    visit : str, optional
        Name of the visit; the first with that column if None.
    slope : float
        Default of b, in units of the parameter per unit of x.
    slope_sd : float, optional
        Standard deviation of the normal prior of b; if None, what changes the parameter by its default over x.

    Returns
    -------
    Model

    Raises
    ------
    InputError
        An unknown parameter, one that already follows an image, no such visit or column.
    """
    size = _size(model, parameter)
    measured = _measured(measurements, column, visit)
    x = measured.values[column]
    covariate = Covariate(parameter, *_names(parameter), column, measured.visit)
    return _following(
        model,
        covariate,
        x,
        slope=slope,
        slope_sd=size / (abs(x) or 1.0) if slope_sd is None else slope_sd,
        at=f"{_said(column)} is 0",
        source=f"{column} of visit {measured.visit}",
    )


def with_covariate_about(
    model: Model,
    parameter: str,
    values: Sequence[float],
    column: str,
    visit: str = "",
    *,
    slope: float = 0.0,
    slope_sd: float | None = None,
) -> Model:
    """The model with one parameter replaced by `a + b (x - c)`, x a number of each of several subjects, c its mean.

    About the mean, the priors of a and b say nothing of each other, in whatever unit x is and however far from 0.
    `<parameter>_measured` has the mean as its default; a subject's own value goes into `Subject.known`.

    Parameters
    ----------
    model : Model
    parameter : str
    values : sequence of float
        x of every subject.
    column : str
        What x is.
    visit : str
        Where it was measured, if that is one visit of all.
    slope : float
        Default of b, in units of the parameter per unit of x.
    slope_sd : float, optional
        Standard deviation of the normal prior of b; if None, what changes the parameter by its default between the
        middle of the range of x and its end.

    Raises
    ------
    InputError
        An unknown parameter, one that already follows an image, or values that are all the same.
    """
    size, lowest, highest = _size(model, parameter), min(values), max(values)
    if not highest > lowest:
        raise InputError(
            f"{column} is {lowest:g} in all of {len(values)} subjects, so that no parameter can follow it; leave "
            f"{parameter} to be the same in all, or choose another column."
        )
    centre = float(np.mean(values))
    mean = f"the mean of {len(values)} subjects"
    return _following(
        model,
        Covariate(parameter, *_names(parameter), column, visit, centre),
        centre,
        slope=slope,
        slope_sd=size / (0.5 * (highest - lowest)) if slope_sd is None else slope_sd,
        at=f"{_said(column)} is {centre:.3g}, {mean}",
        source=f"{column}: {mean}",
    )


def _names(parameter: str) -> tuple[str, ...]:
    return tuple(f"{parameter}_{part}" for part in ("intercept", "slope", "measured"))


def _size(model: Model, parameter: str) -> float:
    return abs(model.parameter(parameter).default) or 1.0


def _said(column: str) -> str:
    said = label_of(column)
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]


def _following(
    model: Model, covariate: Covariate, x: float, *, slope: float, slope_sd: float, at: str, source: str
) -> Model:
    """The model with a covariate; `at` says where the intercept is the value, `source` where x is from."""
    followed = model.parameter(covariate.parameter)
    if any(each.parameter == followed.name for each in model.covariates):
        raise InputError(f"Parameter {followed.name} follows a column already; tie it once.")
    anywhere = (-np.inf, np.inf)
    default = followed.default - slope * (x - covariate.centre)
    change = f"{followed.label}: change with {_said(covariate.column)}"
    size, names = _size(model, followed.name), (covariate.intercept, covariate.slope, covariate.measured)
    added = (
        Parameter(names[0], followed.unit, default, anywhere, size, followed.source, f"{followed.label} where {at}"),
        Parameter(names[1], followed.unit, slope, anywhere, slope_sd, ASSUMED, change),
        Parameter(names[2], "", x, anywhere, 0.0, source, source),
    )
    return replace(
        model,
        # a parameter with no prior is known to a calibration; its value comes from the covariate
        parameters=(*(replace(p, prior=0.0) if p is followed else p for p in model.parameters), *added),
        covariates=(*model.covariates, covariate),
    )


def tied(option: str, text: str) -> tuple[str, str, str | None]:
    """Parameter, column and visit (None: the first that has the column) of `PARAMETER=COLUMN@VISIT`.

    Raises
    ------
    InputError
        A text of another form; `option` is what it was written for.
    """
    parameter, _, source = (word.strip() for word in text.partition("="))
    column, _, visit = (word.strip() for word in source.partition("@"))
    if not parameter or not column:
        raise InputError(f"{option} {text}: write PARAMETER=COLUMN@VISIT, such as phi=suv_mean@baseline.")
    return parameter, column, visit or None


def with_covariates(model: Model, option: str, texts: Sequence[str], measurements: Sequence[Measurement]) -> Model:
    """The model with every parameter of `texts` (as of `tied`) that does not follow an image yet following it.

    Raises
    ------
    InputError
        As `tied` and `with_covariate`.
    """
    following = {covariate.parameter for covariate in model.covariates}
    for parameter, column, visit in (tied(option, text) for text in texts):
        if parameter not in following:
            model = with_covariate(model, parameter, measurements, column, visit)
    return model


def _measured(measurements: Sequence[Measurement], column: str, visit: str | None) -> Measurement:
    visits = [row for row in measurements if visit is None or row.visit == visit]
    if not visits:
        known = ", ".join(row.visit for row in measurements) or "none"
        raise InputError(f"The measurement table has no visit {visit!r}; it has {known}.")
    for row in visits:
        if column in row.values:
            return row
    where = "any visit" if visit is None else f"visit {visit}"
    raise InputError(f"The measurement table has no {column} at {where}; fill the cell or choose another column.")


def follow(model: Model, covariate: Covariate, values: Mapping[str, object]) -> np.ndarray:
    """Value of a parameter that follows an image; NaN where it would leave its domain, so that the sample fails."""
    intercept, slope, measured = (
        np.asarray(values[name], dtype=float) for name in (covariate.intercept, covariate.slope, covariate.measured)
    )
    value = intercept + slope * (measured - covariate.centre)
    lower, upper = model.parameter(covariate.parameter).bounds
    return np.where((value >= lower) & (value <= upper), value, np.nan)
