"""A right-hand side that can also be computed for many rows at several stages with few passes over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Numbers = Mapping[str, np.ndarray | float]


@dataclass(frozen=True)
class StackedRhs:
    """The same right-hand side twice: as it is written, and for coefficients that are stacked in one array.

    A batch spends its time in passes over rows; the second has half as many, as states lie in one array with what
    multiplies them, and what the drugs alone determine is worked out for all stages of a step at once.

    Attributes
    ----------
    plain : Rhs
        `plain(y, p, amount, out)`.
    coefficients : callable
        `coefficients(p)`, array (n, rows), of every parameter that the right-hand side knows.
    rates : callable
        `rates(c, amounts)`: what the amounts of the drugs at each stage, one mapping a stage, make of `c`.
    stage : callable
        `stage(y, c, rates, stage, out)`, as `plain` at one of these stages.
    """

    plain: Callable[[np.ndarray, Numbers, Numbers, np.ndarray], None]
    coefficients: Callable[[Numbers], np.ndarray]
    rates: Callable[[np.ndarray, Sequence[Numbers]], object]
    stage: Callable[[np.ndarray, np.ndarray, object, int, np.ndarray], None]

    def __call__(self, y: np.ndarray, p: Numbers, amount: Numbers, out: np.ndarray) -> None:
        self.plain(y, p, amount, out)


def stacked(*rows: np.ndarray | float) -> np.ndarray:
    """Rows of coefficients, numbers or arrays (rows,), in one array (n, rows)."""
    return np.stack([np.atleast_1d(row) for row in np.broadcast_arrays(*rows)])
