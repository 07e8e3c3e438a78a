"""Kinetics that a tissue takes up or that saturate within minutes, as those of the taxanes: a batch of patients.

Linearly implicit steps of order 3, L-stable (RODAS3; Sandu et al., Atmos Environ 31:3459, 1997), short at every change
of an infusion and longer and longer after it.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from .compartments import HOURS_A_DAY, Course, Infusions, amount_factor, patients_of
from .kinetics import Kinetics, Saturation

FIRST_STEP_DAY = 0.002 / HOURS_A_DAY
GROWTH = 1.08
LONGEST_STEP_DAY = 0.25
_GAMMA = 0.5
_A = ((), (0.0,), (2.0, 0.0), (2.0, 0.0, 1.0))
_C = ((), (4.0,), (1.0, -1.0), (1.0, -1.0, -8.0 / 3.0))
_M = (2.0, 0.0, 1.0, 1.0)


class Rates:
    """The right-hand side and its matrix for a batch; states (patients, n): C, Cj of the others, store, area."""

    def __init__(self, kinetics: Kinetics):
        self.kinetics = kinetics
        self.patients = patients_of(kinetics)
        self.store = 1 + len(kinetics.others)
        self.states = self.store + (kinetics.uptake is not None) + 1

    def change(self, y: np.ndarray, inflow: np.ndarray) -> np.ndarray:
        """dy/dt; `inflow` (patients,) in amounts a day."""
        k, at = self.kinetics, y[:, 0]
        out = np.zeros_like(y)
        flow = inflow - k.clearance * at - _rate(k.elimination, at)
        for place, other in enumerate(k.others, start=1):
            exchanged = other.exchange * (at - y[:, place])
            flow -= exchanged
            out[:, place] = exchanged / other.volume
        if k.uptake is not None:
            taken = _rate(k.uptake, at) - self._back(y[:, self.store])
            flow -= taken
            out[:, self.store] = taken / (k.store_volume or 1.0)
        out[:, 0] = flow / k.volume
        out[:, -1] = at
        return out

    def matrix(self, y: np.ndarray) -> np.ndarray:
        """Derivative of `change` by the states, array (patients, n, n)."""
        k, at = self.kinetics, y[:, 0]
        out = np.zeros((self.patients, self.states, self.states))
        own = -k.clearance - _slope(k.elimination, at)
        for place, other in enumerate(k.others, start=1):
            own = own - other.exchange
            out[:, 0, place] = other.exchange / k.volume
            out[:, place, 0] = other.exchange / other.volume
            out[:, place, place] = -other.exchange / other.volume
        if k.uptake is not None:
            taken = _slope(k.uptake, at)
            given = self._back_slope(y[:, self.store])
            size = k.store_volume or 1.0
            own = own - taken
            out[:, 0, self.store] = given / k.volume
            out[:, self.store, 0] = taken / size
            out[:, self.store, self.store] = -given / size
        out[:, 0, 0] = own / k.volume
        out[:, -1, 0] = 1.0
        return out

    def _back(self, stored: np.ndarray) -> np.ndarray:
        return (
            self.kinetics.back * stored if self.kinetics.store_volume is None else _rate(self.kinetics.uptake, stored)
        )

    def _back_slope(self, stored: np.ndarray):
        k = self.kinetics
        return k.back if k.store_volume is None else _slope(k.uptake, stored)


def uptake_course(kinetics: Kinetics, given: Infusions, day: np.ndarray) -> Course:
    """Concentration and area of kinetics with uptake into a store or a fast saturable elimination.

    Parameters
    ----------
    kinetics : Kinetics
        Its numbers may be arrays (patients,).
    given : Infusions
    day : array (days,)

    Returns
    -------
    Course
    """
    rates = Rates(kinetics)
    amounts = given.of_patients(rates.patients) * amount_factor(kinetics)
    course = Course(np.zeros((rates.patients, day.size)), np.zeros((rates.patients, day.size)))
    changes = np.concatenate([given.day, given.ends])
    stops = np.unique(np.concatenate([changes, day[day >= given.day.min(initial=math.inf)]]))
    y, step = np.zeros((rates.patients, rates.states)), FIRST_STEP_DAY
    for stop, following in pairwise([*stops.tolist(), math.inf]):
        y[:, 0] += amounts[:, given.is_bolus(stop)].sum(axis=1) / kinetics.volume
        here = day == stop
        course.concentration[:, here], course.area[:, here] = y[:, :1], y[:, -1:]
        if not math.isfinite(following):
            break
        step = FIRST_STEP_DAY if (changes == stop).any() else step
        y, step = _follow(rates, y, given.inflow(amounts, stop), following - stop, step)
    return course


def _follow(rates: Rates, y: np.ndarray, inflow: np.ndarray, days: float, step: float) -> tuple[np.ndarray, float]:
    """States after some days of a constant inflow, and the step that comes next."""
    left = days
    while left > 1e-12:
        taken = min(step, left)
        y = _advance(rates, y, inflow, taken)
        left -= taken
        step = min(step * GROWTH, LONGEST_STEP_DAY)
    return y, step


def _advance(rates: Rates, y: np.ndarray, inflow: np.ndarray, step: float) -> np.ndarray:
    solve = np.linalg.inv(np.eye(rates.states) / (step * _GAMMA) - rates.matrix(y))
    stages: list[np.ndarray] = []
    change = rates.change(y, inflow)
    for number, (weights, couplings) in enumerate(zip(_A, _C, strict=True)):
        if any(weights):
            at = y + sum(weight * stage for weight, stage in zip(weights, stages, strict=True))
            change = rates.change(at, inflow)
        right = change + sum(c / step * stage for c, stage in zip(couplings, stages, strict=True)) if number else change
        stages.append(np.einsum("pij,pj->pi", solve, right))
    return y + sum(weight * stage for weight, stage in zip(_M, stages, strict=True))


def _rate(saturation: Saturation | None, at: np.ndarray):
    return 0.0 if saturation is None else saturation.most * at / (saturation.half + at)


def _slope(saturation: Saturation | None, at: np.ndarray):
    return 0.0 if saturation is None else saturation.most * saturation.half / (saturation.half + at) ** 2
