"""Concentrations of agents after doses into a vein: exact where the kinetics are linear, else by Runge and Kutta."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..drugs.compartments import modes
from ..drugs.kinetics import Compartment, Kinetics
from ..drugs.saturable import total
from ..models.exposure_kinds import Agent


class AgentKinetics:
    """Kinetics of an agent for one or more bodies, in units of its reference concentration.

    What is in the plasma is held by the exponentials of the linear part, which add up to the concentration; arrays are
    (exponentials, schedules, bodies). A saturable loss is integrated in them by the classical method of order 4
    (Lawson, SIAM J Numer Anal 1967;4:372-380), so that the linear part is exact.

    Parameters
    ----------
    agent : Agent
    values : mapping of str to float or array (bodies,)
        Parameters of the model.
    """

    def __init__(self, agent: Agent, values: Mapping[str, np.ndarray | float]):
        number = {name: np.atleast_1d(np.asarray(values[key], dtype=float)) for name, key in agent.kinetics.items()}
        others = tuple(Compartment(number[f"Q{j}"], number[f"V{j}"]) for j in (2, 3) if f"Q{j}" in number)
        exponentials = modes(Kinetics(number["CL"], number["V1"], others))
        self._rate, share = exponentials.rate.T[:, None, :], exponentials.share.T[:, None, :]
        self.jump = share * (agent.full_dose_mg / agent.reference_mg_per_l)
        """What a dose of 1 adds, array (exponentials, 1, bodies)."""
        self._limit = None
        if not agent.is_linear:
            self._limit = share * (number["Vmax"] / agent.reference_mg_per_l), number["Km"] / agent.reference_mg_per_l

    @property
    def fastest(self) -> float:
        """Largest rate (1/day) of any body."""
        limit = 0.0 if self._limit is None else self._limit[0].sum(axis=0) / self._limit[1]
        return float(np.max(self._rate.max(axis=0) + limit))

    def along(self, start: np.ndarray, days: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """The exponentials, the concentration and its rate of change, (schedules, bodies), on days after a start.

        Parameters
        ----------
        start : array (exponentials, schedules, bodies)
        days : array (n, schedules)
            Rising from 0.
        """
        parts = start
        for i, day in enumerate(days):
            if self._limit is None:
                parts = start * np.exp(-self._rate * day[:, None])
            elif i:
                parts = self._step(parts, (day - days[i - 1])[:, None])
            change = self._rate * parts
            if self._limit is not None:
                change += self._lost(parts)
            yield parts, _sum(parts), -_sum(change)

    def _lost(self, parts: np.ndarray) -> np.ndarray:
        """Saturable loss of each exponential."""
        most, half = self._limit
        concentration = _sum(parts)
        return most * (concentration / (half + concentration))

    def _step(self, parts: np.ndarray, step: np.ndarray) -> np.ndarray:
        left = np.exp(-0.5 * step * self._rate)
        halfway = left * parts
        first = self._lost(parts)
        second = self._lost(halfway - 0.5 * step * left * first)
        third = self._lost(halfway - 0.5 * step * second)
        last = self._lost(left * (halfway - step * third))
        return left * (left * (parts - step / 6.0 * first) - step / 3.0 * (second + third)) - step / 6.0 * last


def _sum(parts: np.ndarray) -> np.ndarray:
    return total(parts, np.empty(parts.shape[1:]))
