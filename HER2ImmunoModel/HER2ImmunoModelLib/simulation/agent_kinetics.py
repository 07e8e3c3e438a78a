"""Concentrations of agents after doses into a vein: exact where the kinetics are linear, else by Runge and Kutta."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..models.exposure_kinds import Agent


class AgentKinetics:
    """Kinetics of an agent for one or more bodies, in units of its reference concentration.

    `dC1/dt = -(CL C1 + Vmax C1/(Km + C1) + sum Qj (C1 - Cj))/V1`, `dCj/dt = Qj (C1 - Cj)/Vj`. Bodies are the last axis
    of every array; what lies before it is free, such as schedules.

    Parameters
    ----------
    agent : Agent
    values : mapping of str to float or array (bodies,)
        Parameters of the model.
    """

    def __init__(self, agent: Agent, values: Mapping[str, np.ndarray | float]):
        number = {name: np.atleast_1d(np.asarray(values[key], dtype=float)) for name, key in agent.kinetics.items()}
        volume = number["V1"]
        self.jump = agent.full_dose_mg / (volume * agent.reference_mg_per_l)
        """Rise of the first compartment after a dose of 1, array (bodies,)."""
        out = [(number[f"Q{j}"] / volume, number[f"Q{j}"] / number[f"V{j}"]) for j in (2, 3) if f"Q{j}" in number]
        self.compartments = 1 + len(out)
        bodies = max(value.size for value in number.values())
        matrix = np.zeros((bodies, self.compartments, self.compartments))
        matrix[:, 0, 0] = -number["CL"] / volume - sum(leaving for leaving, _ in out)
        for j, (leaving, exchanged) in enumerate(out, start=1):
            matrix[:, 0, j], matrix[:, j, 0], matrix[:, j, j] = leaving, exchanged, -exchanged
        self._matrix = matrix
        self._limit = None
        if not agent.is_linear:
            most = number["Vmax"] / (volume * agent.reference_mg_per_l)
            self._limit = most, number["Km"] / agent.reference_mg_per_l

    @property
    def fastest(self) -> float:
        """Largest rate (1/day) of any body."""
        limit = 0.0 if self._limit is None else self._limit[0] / self._limit[1]
        return float((-self._matrix[:, 0, 0] + limit).max(initial=0.0) + self._matrix[:, 1:, 0].sum(axis=1).max())

    def slope(self, amounts: np.ndarray) -> np.ndarray:
        """Rate of change of the compartments, array (compartments, ..., bodies) as `amounts`."""
        change = np.einsum("bij,j...b->i...b", self._matrix, amounts)
        if self._limit is not None:
            most, half = self._limit
            change[0] -= most * amounts[0] / (half + amounts[0])
        return change

    def along(self, start: np.ndarray, days: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Compartments, array (compartments, ..., bodies), and rates of change of the first on days after a start.

        Parameters
        ----------
        start : array (compartments, schedules, bodies)
        days : array (n, schedules)
            Rising from 0.
        """
        if self._limit is None:
            yield from self._exact(start, days)
            return
        amounts = start
        yield amounts, self.slope(amounts)[0]
        for step in np.diff(days, axis=0)[:, :, None]:
            amounts = self._step(amounts, step)
            yield amounts, self.slope(amounts)[0]

    def _exact(self, start: np.ndarray, days: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        rates, modes = np.linalg.eig(self._matrix)  # real: the exchange is symmetric but for the volumes
        share = np.einsum("bmj,jsb->msb", np.linalg.inv(modes), start)
        for day in days:
            left = share * np.exp(rates.T[:, None, :] * day[None, :, None])
            yield np.einsum("bim,msb->isb", modes, left), np.einsum("bm,bm,msb->sb", modes[:, 0], rates, left)

    def _step(self, amounts: np.ndarray, step: np.ndarray) -> np.ndarray:
        first = self.slope(amounts)
        second = self.slope(amounts + 0.5 * step * first)
        third = self.slope(amounts + 0.5 * step * second)
        fourth = self.slope(amounts + step * third)
        return amounts + step / 6.0 * (first + 2.0 * (second + third) + fourth)
