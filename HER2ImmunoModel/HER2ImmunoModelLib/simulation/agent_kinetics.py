"""Concentrations of agents after doses into a vein: exact where the kinetics are linear, else by Runge and Kutta."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

import numpy as np

from ..drugs.compartments import modes
from ..drugs.kinetics import Compartment, Kinetics, Saturation
from ..drugs.saturable import Stepper, total
from ..models.exposure_kinds import Agent


class AgentKinetics:
    """Kinetics of an agent for one or more bodies, in units of its reference concentration.

    What is in the plasma is held by the exponentials of the linear part, which add up to the concentration; arrays are
    (exponentials, courses, bodies).

    Parameters
    ----------
    agent : Agent
    values : mapping of str to float or array (bodies,)
        Parameters of the model.
    """

    def __init__(self, agent: Agent, values: Mapping[str, np.ndarray | float]):
        number = {name: np.atleast_1d(np.asarray(values[key], dtype=float)) for name, key in agent.kinetics.items()}
        others = tuple(Compartment(number[f"Q{j}"], number[f"V{j}"]) for j in (2, 3) if f"Q{j}" in number)
        unit = agent.reference_mg_per_l
        limit = None if agent.is_linear else Saturation(number["Vmax"] / unit, number["Km"] / unit)
        kinetics = Kinetics(number["CL"], number["V1"], others, elimination=limit)
        exponentials = modes(kinetics)
        self._half = None if limit is None else limit.half
        self._most = 0.0 if limit is None else limit.most / kinetics.volume
        self._rate = exponentials.rate.T[:, None, :]
        self._stepper = partial(Stepper, kinetics, exponentials=exponentials)
        self._kept_stepper = lru_cache(maxsize=128)(self._stepper)
        self.jump = exponentials.share.T[:, None, :] * (agent.full_dose_mg / unit)
        """What a dose of 1 adds, array (exponentials, 1, bodies)."""

    @property
    def fastest(self) -> float:
        """Largest rate (1/day) of any body."""
        lost = 0.0 if self._half is None else self._most / self._half
        return float(np.max(self._rate.max(axis=0) + lost))

    def advance(self, parts: np.ndarray, step: float | np.ndarray) -> None:
        """Follow parts (exponentials, courses, bodies) in place for some days, those of each course if (courses,)."""
        stepper = self._stepper(step[:, None]) if np.ndim(step) else self._kept_stepper(step)
        stepper.advance(parts)

    def now(self, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The concentration and its rate of change (1/day), arrays (courses, bodies)."""
        at = total(parts, np.empty(parts.shape[1:]))
        change = -total(self._rate * parts, np.empty(parts.shape[1:]))
        if self._half is not None:
            change -= self._most * (at / (self._half + at))
        return at, change
