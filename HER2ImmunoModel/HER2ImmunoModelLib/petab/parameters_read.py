"""The parameters and the conditions of a problem's tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

from .files import Files, number_in
from .priors import Prior, is_estimated, prior_of


@dataclass(frozen=True)
class Parameters:
    """Estimated rows with their priors, and the numbers of the others."""

    priors: dict[str, Prior]
    fixed: dict[str, float]


@dataclass(frozen=True)
class Condition:
    """A condition that was measured: what its columns hold, numbers or names of estimated parameters."""

    symbol: str
    name: str
    numbers: Mapping[str, float]
    names: Mapping[str, str]


def read_parameters(files: Files) -> Parameters:
    """The rows of the parameter table; errors as `prior_of`, or a row that is given twice."""
    priors, fixed = {}, {}
    for row in files.parameters:
        name = row["parameterId"]
        if name in priors or name in fixed:
            raise InputError(f"Parameter {name} is given twice; keep one row.")
        if is_estimated(row):
            priors[name] = prior_of(row)
        else:
            fixed[name] = number_in(row, "nominalValue", f"Parameter {name}")
    if not priors:
        raise InputError("The parameter table estimates nothing; give one row the estimate 1.")
    return Parameters(priors, fixed)


def read_conditions(files: Files, parameters: Parameters) -> list[Condition]:
    """The conditions with measurements, in the order of the measurements.

    Raises
    ------
    InputError
        A condition that is missing or given twice, preequilibration, a cell that is no number and no parameter.
    """
    rows = {row["conditionId"]: row for row in files.conditions}
    if len(rows) < len(files.conditions):
        raise InputError("The table of conditions gives a condition twice; keep one row of each.")
    for row in files.measurements:
        if before := row.get("preequilibrationConditionId"):
            raise InputError(
                f"The measurements begin from the steady state of {before}, which is not read here; give the initial "
                "states as numbers."
            )
    found = []
    for symbol in dict.fromkeys(row["simulationConditionId"] for row in files.measurements):
        if symbol not in rows:
            raise InputError(f"The condition {symbol!r} of the measurements is not in the table of conditions; add it.")
        numbers, names = {}, {}
        for column, cell in rows[symbol].items():
            if column in ("conditionId", "conditionName") or not cell:
                continue
            if cell in parameters.priors:
                names[column] = cell
            else:
                numbers[column] = _number(cell, parameters, f"Condition {symbol}, {column}")
        found.append(Condition(symbol, rows[symbol].get("conditionName") or symbol, numbers, names))
    titles = [each.name for each in found]
    if len(set(titles)) < len(titles):
        found = [Condition(each.symbol, each.symbol, each.numbers, each.names) for each in found]
    return found


def _number(cell: str, parameters: Parameters, where: str) -> float:
    if cell in parameters.fixed:
        return parameters.fixed[cell]
    try:
        return float(cell)
    except ValueError as error:
        raise InputError(
            f"{where} is {cell!r}, neither a number nor a row of the parameter table; correct it."
        ) from error
