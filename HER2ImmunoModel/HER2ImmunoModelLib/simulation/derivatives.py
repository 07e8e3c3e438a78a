"""dy/dt of the rows of a batch: at a moment, and at the stages of a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..models.model import Model
from ..models.stacked_rhs import StackedRhs
from .amounts import Amount, Amounts

COEFFICIENTS = "coefficients"
"""Name under which rows carry the coefficients of a stacked right-hand side; no parameter is called so."""

Numbers = dict[str, Amount]


class Derivatives:
    """The right-hand side of a batch, told the amounts of the drugs.

    Parameters
    ----------
    model : Model
    amounts : Amounts
    """

    def __init__(self, model: Model, amounts: Amounts):
        self._rhs, self._amounts = model.rhs, amounts
        self._is_stacked = isinstance(model.rhs, StackedRhs)

    def carried_values(self, values: Numbers, samples: int) -> Numbers:
        """What rows must carry of the values of the parameters: few arrays, as rows often move."""
        if not self._is_stacked:
            return values
        coefficients = self._rhs.coefficients(values)
        whole = np.broadcast_to(coefficients, (len(coefficients), samples))
        return {name: values[name] for name in self._amounts.parameters} | {COEFFICIENTS: whole}

    def now(self, y: np.ndarray, values: Numbers, carried: Numbers, place: dict, out: np.ndarray) -> None:
        """Write dy/dt at this moment."""
        amounts = self._amounts.now(carried, values, place)
        self._at_stages(values, [amounts])(0, y, out)

    def along(
        self, values: Numbers, carried: Numbers, place: dict, step: np.ndarray, shares: Sequence[float]
    ) -> tuple[Callable[[int, np.ndarray, np.ndarray], None], Numbers]:
        """`derivative(number, y, out)` after each share of a step, and the amounts carried after the last."""
        amounts, after = self._amounts.along(carried, values, place, step, shares)
        return self._at_stages(values, amounts), after

    def _at_stages(self, values: Numbers, amounts: Sequence[Numbers]) -> Callable[[int, np.ndarray, np.ndarray], None]:
        if not self._is_stacked:
            return lambda number, y, out: self._rhs(y, values, amounts[number], out)
        coefficients, stage = values[COEFFICIENTS], self._rhs.stage
        rates = self._rhs.rates(coefficients, amounts)
        return lambda number, y, out: stage(y, coefficients, rates, number, out)
