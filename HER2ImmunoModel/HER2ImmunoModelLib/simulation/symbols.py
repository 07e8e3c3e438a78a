"""Right-hand sides as formulas: a model's own code run on symbols, so that no equation is written twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..models.model import Model

FORMULAS = {
    "add": "({} + {})",
    "subtract": "({} - {})",
    "multiply": "({} * {})",
    "divide": "({} / {})",
    "power": "({} ^ {})",
    "negative": "(-{})",
    "positive": "{}",
    "square": "({} ^ 2)",
    "sqrt": "sqrt({})",
    "exp": "exp({})",
    "log": "ln({})",
    "log1p": "ln(1 + {})",
    "absolute": "abs({})",
    "maximum": "piecewise({0}, {0} >= {1}, {1})",
    "minimum": "piecewise({0}, {0} <= {1}, {1})",
}
"""NumPy's functions as infix formulas of SBML."""


class Symbol(NDArrayOperatorsMixin):
    """A formula that grows where an array would be computed; changed in place where an array would be."""

    def __init__(self, formula: str):
        self.formula = formula

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        pattern = FORMULAS.get(ufunc.__name__)
        if pattern is None or method != "__call__" or options:
            raise InputError(f"The right-hand side uses {ufunc.__name__}, which has no formula here; write it without.")
        formula = pattern.format(*map(_text, inputs))
        if out is None:
            return Symbol(formula)
        (target,) = out
        if isinstance(target, Symbol):
            target.formula = formula
        else:
            target[...] = Symbol(formula)
        return target


def _text(operand: object) -> str:
    if isinstance(operand, Symbol):
        return operand.formula
    if np.size(operand) == 1:
        only = np.asarray(operand).item()
        return only.formula if isinstance(only, Symbol) else repr(float(only))
    raise InputError("The right-hand side uses an array of its own, which has no formula; use parameters instead.")


def derivatives(model: Model, amounts: dict[str, str]) -> dict[str, str]:
    """Formula of each state's rate of change, in the names of states and parameters.

    Parameters
    ----------
    model : Model
    amounts : dict of str to str
        Symbol of the present amount of each drug that is no state.

    Raises
    ------
    InputError
        A right-hand side with a function that has no formula.
    """
    states = [Symbol(state.name) for state in model.states]
    parameters = {parameter.name: Symbol(parameter.name) for parameter in model.parameters}
    out = np.full((len(states), 1), None, dtype=object)
    model.rhs(states, parameters, {drug: Symbol(name) for drug, name in amounts.items()}, out)
    return {state.name: _text(rate) for state, rate in zip(model.states, out[:, 0], strict=True)}


def formula_from(function: Callable, model: Model) -> str:
    """Formula of a function of all parameters by name; errors as `derivatives`."""
    return _text(function({parameter.name: Symbol(parameter.name) for parameter in model.parameters}))
