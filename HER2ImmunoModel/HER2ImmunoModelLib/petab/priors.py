"""Rows of a parameter table as parameters of a model: scale and prior, exactly where a normal prior can say it."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isfinite, log

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..models.parameters import Parameter
from .files import Row, number_in

LOGS = {"log": 1.0, "log10": log(10.0)}
"""Scales that are logarithms, with natural logarithms in one of theirs."""
UNIFORM_LOGIT_SD = 1.8
"""Standard deviation of the logit of a number that is spread evenly between two edges (pi / sqrt 3)."""
FLAT = ("", "parameterScaleUniform", "uniform")


@dataclass(frozen=True)
class Prior:
    """A row as a parameter.

    Attributes
    ----------
    parameter : Parameter
        Its default is the median of the prior.
    nominal : float
        The row's nominal value; the default where it gives none.
    constant : float
        What the prior of the file adds to minus the log density beyond that of the parameter, in the file's measure.
    is_flat : bool
        Whether the file has no prior, for which the parameter has a wide one that the objective leaves out.
    """

    parameter: Parameter
    nominal: float
    constant: float = 0.0
    is_flat: bool = False


def is_estimated(row: Row) -> bool:
    """Whether a row is estimated.

    Raises
    ------
    InputError
        Neither 0 nor 1.
    """
    if row["estimate"] not in ("0", "1", "0.0", "1.0"):
        raise InputError(f"Parameter {row['parameterId']}: estimate is {row['estimate']!r}; give 0 or 1.")
    return row["estimate"].startswith("1")


def prior_of(row: Row, unit: str = "", label: str = "") -> Prior:
    """A row that is estimated, as a parameter with a normal prior in its space.

    Raises
    ------
    InputError
        A scale or a prior that no normal one can say.
    """
    name, scale = row["parameterId"], row["parameterScale"]
    kind, where = row.get("objectivePriorType", ""), f"Parameter {row['parameterId']}"
    if scale not in ("lin", *LOGS):
        raise InputError(f"{where}: the scale {scale!r} is not known; choose lin, log or log10.")
    numbers = _numbers(row, where) if kind not in FLAT else ()
    nominal = number_in(row, "nominalValue", where) if row.get("nominalValue") else None
    if scale == "lin":
        found = _linear(row, kind, numbers, where)
    else:
        found = _logarithmic(row, kind, numbers, LOGS[scale], where)
    bounds, default, sd, added = found
    source = "PEtab" if kind not in FLAT else "PEtab, bounds without a prior"
    parameter = Parameter(name, unit, default, bounds, sd, source, label or row.get("parameterName") or name)
    if nominal is not None and not (parameter.holds(nominal) and isfinite(nominal)):
        raise InputError(
            f"{where}: the nominal value {nominal:g} is outside {bounds[0]:g} to {bounds[1]:g}; correct it."
        )
    return Prior(parameter, default if nominal is None else nominal, added, kind in FLAT)


def _numbers(row: Row, where: str) -> tuple[float, float]:
    words = row.get("objectivePriorParameters", "").split(";")
    try:
        first, second = map(float, words)
    except ValueError as error:
        raise InputError(f"{where}: its prior has not two numbers with a semicolon between; correct it.") from error
    if not second > 0:
        raise InputError(f"{where}: the width of its prior is {second:g}; give a number above 0.")
    return first, second


def _linear(row: Row, kind: str, numbers: tuple[float, ...], where: str) -> tuple:
    if kind in ("normal", "parameterScaleNormal"):
        return (-inf, inf), numbers[0], numbers[1], 0.0
    if kind == "logNormal":
        return _log_normal(*numbers)
    if kind in FLAT:
        lower, upper = _bounds(row, where)
        return (lower, upper), 0.5 * (lower + upper), UNIFORM_LOGIT_SD, 0.0
    raise _no_prior(where, kind)


def _logarithmic(row: Row, kind: str, numbers: tuple[float, ...], unit: float, where: str) -> tuple:
    """`unit` natural logarithms are one of the scale."""
    if kind == "parameterScaleNormal":
        mean, sd = numbers
        return (0.0, inf), exp(unit * mean), unit * sd, -log(unit)
    if kind == "logNormal":
        return _log_normal(*numbers)
    if kind in FLAT:
        lower, upper = _bounds(row, where)
        if not lower > 0:
            raise InputError(f"{where}: its lower bound {lower:g} has no logarithm; give one above 0.")
        middle, half = 0.5 * (log(lower) + log(upper)), 0.5 * (log(upper) - log(lower))
        return (0.0, inf), exp(middle), half, 0.0
    raise _no_prior(where, kind)


def _log_normal(mean: float, sd: float) -> tuple:
    """PEtab's density is that of the number, not of its logarithm, in which it is a normal one whose mean is lower."""
    return (0.0, inf), exp(mean - sd**2), sd, mean - 0.5 * sd**2


def _bounds(row: Row, where: str) -> tuple[float, float]:
    lower, upper = number_in(row, "lowerBound", where), number_in(row, "upperBound", where)
    if not (np.isfinite([lower, upper]).all() and lower < upper):
        raise InputError(f"{where} has no prior and the bounds {lower:g} to {upper:g}; give it one of them.")
    return lower, upper


def _no_prior(where: str, kind: str) -> InputError:
    return InputError(
        f"{where} has the prior {kind}, which no normal one can say here; give it parameterScaleNormal, logNormal, or "
        "bounds without a prior."
    )
