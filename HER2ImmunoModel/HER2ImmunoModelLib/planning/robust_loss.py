"""What a schedule search minimises: one number a schedule, over posterior draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.progress import Report

from ..treatments.schedule import Schedule
from .courses import Ensemble
from .objectives import Objective
from .penalties import Penalties

RISKS = ("mean", "cvar")
WORST_SHARE = 0.1
"""Share of the draws whose mean is the conditional value at risk."""


class RobustLoss:
    """Loss of schedules over the draws of an ensemble; infinite where most draws fail.

    Parameters
    ----------
    drawn : Ensemble
    goal : Objective
    risk : str
        "mean", or "cvar" (mean of the worst tenth; Rockafellar and Uryasev, J Risk 2000;2:21-41).
    penalties : Penalties, optional
        Burdens that add to the loss, where they weigh.

    Attributes
    ----------
    evaluations : int
        Schedules judged so far.
    """

    def __init__(self, drawn: Ensemble, goal: Objective, risk: str = "mean", penalties: Penalties | None = None):
        self._drawn, self._goal, self._risk = drawn, goal, risk
        self._penalties = penalties if penalties is not None and penalties.weighs else None
        self.evaluations = 0

    def __call__(self, schedules: Sequence[Schedule], report: Report | None = None) -> np.ndarray:
        """Loss of each schedule, lower being better."""
        self.evaluations += len(schedules)
        value = self._drawn.outcomes(schedules, self._goal, report=report)
        loss = risk_of(self._goal.loss(value), self._risk)
        if self._penalties is None:
            return loss
        return loss + self._penalties.added(schedules)


def risk_of(loss: np.ndarray, risk: str) -> np.ndarray:
    """Mean, or mean of the worst tenth, of losses (schedules, draws) that could be simulated."""
    known = np.isfinite(loss)
    mostly = known.sum(axis=1) > loss.shape[1] / 2
    if risk == "cvar":
        size = np.maximum(1, np.ceil(WORST_SHARE * known.sum(axis=1)).astype(int))
        falling = -np.sort(np.where(known, -loss, np.inf), axis=1)
        kept = np.arange(loss.shape[1]) < size[:, None]
    else:
        falling, kept, size = loss, known, known.sum(axis=1)
    total = np.where(kept & np.isfinite(falling), falling, 0.0).sum(axis=1)
    return np.where(mostly, total / np.maximum(size, 1), np.inf)
