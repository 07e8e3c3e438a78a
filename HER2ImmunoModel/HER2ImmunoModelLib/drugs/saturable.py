"""Kinetics whose elimination saturates slowly, as that of antibodies: a batch of patients in steps of half a day.

The linear part is exact and the rest follows by the classical Runge-Kutta method of order 4 in the variables of the
exponentials (Lawson, SIAM J Numer Anal 4:372, 1967). Doses begin and end at edges of steps.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np

from .compartments import Course, Infusions, Modes, amount_factor, modes, patients_of
from .kinetics import Fall, Kinetics

STEP_DAY = 0.5
STEPS_OF_AN_INFUSION = 8
"""Or more: the concentration rises from none to where the elimination is saturated."""
FASTEST = 0.17
"""Largest step times the rate of the saturable elimination at low concentrations; .16 for trastuzumab."""


class Stepper:
    """Steps of the amounts in the exponentials, as concentrations `w` (modes, ..., patients) that add up to C.

    Parameters
    ----------
    kinetics : Kinetics
        Without uptake; its numbers may be arrays (patients,).
    step : float or array (n, 1)
        Days; of each of n courses of every patient.
    exponentials : Modes, optional
        Those of the kinetics, where they are known.
    """

    def __init__(self, kinetics: Kinetics, step: float | np.ndarray, exponentials: Modes | None = None):
        exponentials = exponentials or modes(kinetics)
        volume = np.asarray(kinetics.volume, dtype=float)
        most = 0.0 if kinetics.elimination is None else kinetics.elimination.most
        self.half = np.ones(1) if kinetics.elimination is None else np.asarray(kinetics.elimination.half, dtype=float)
        self.fall: Fall | None = kinetics.fall
        self.saturates = kinetics.elimination is not None
        self._added = 0.0 if kinetics.fall is None else np.asarray(kinetics.clearance, dtype=float) / volume
        # All losses are in units of `limit`, so that the saturable one costs two operations.
        limit = np.asarray(most, dtype=float) / volume if self.saturates else np.ones(1)
        self._added, self._limit = self._added / limit, limit
        share, rate = (exponentials.share * volume[..., None]).T, exponentials.rate.T
        if np.ndim(step):
            share, rate = share[:, None, :], rate[:, None, :]
        at_half = np.exp(-rate * (step / 2))
        self.step, self.is_linear = step, kinetics.is_linear
        self._at_half, self._at_end = at_half, at_half**2
        self._to_half = step / 2 * limit * (at_half * share).sum(axis=0)
        self._by_half = step / 2 * limit
        self._to_end = 2 * self._to_half
        last = step / 6 * limit * share
        self._first, self._middle, self._last = last * self._at_end, 2 * last * at_half, last

    def advance(
        self,
        w: np.ndarray,
        since: float = 0.0,
        area: np.ndarray | None = None,
        inflow=0.0,
        work: np.ndarray | None = None,
    ) -> None:
        """One step in place.

        Parameters
        ----------
        w : array (modes, ..., patients)
        since : float
            Days since the first dose.
        area : array (..., patients), optional
            The area of the step is added to it.
        inflow : number or array (..., patients)
            Concentration that an infusion adds (1/day).
        work : array (7, ..., patients), optional
            Room to calculate in.
        """
        if self.is_linear and area is None and not np.any(inflow):
            for mode, left in zip(w, self._at_end, strict=True):
                mode *= left
            return
        work = np.empty((7, *w.shape[1:])) if work is None else work
        k1, k2, k3, k4, at, half, part = work
        inflow = inflow / self._limit
        total(w, at)
        if area is not None:
            area += self.step / 6 * at
        self._loss(at, since, inflow, k1)
        _combined(w, self._at_half, half, part)
        for mode, left in zip(w, self._at_end, strict=True):
            mode *= left
        self._stage(half, self._to_half, k1, at)
        self._loss(at, since + self.step / 2, inflow, k2)
        if area is not None:
            area += self.step / 3 * at
        self._stage(half, self._by_half, k2, at)
        self._loss(at, since + self.step / 2, inflow, k3)
        if area is not None:
            area += self.step / 3 * at
        self._stage(total(w, half), self._to_end, k3, at)
        self._loss(at, since + self.step, inflow, k4)
        if area is not None:
            area += self.step / 6 * at
        k2 += k3
        for mode, *weights in zip(w, self._first, self._middle, self._last, strict=True):
            for weight, change in zip(weights, (k1, k2, k4), strict=True):
                np.multiply(weight, change, out=part)
                mode -= part

    @staticmethod
    def _stage(start: np.ndarray, weight: np.ndarray, change: np.ndarray, out: np.ndarray) -> None:
        np.multiply(weight, change, out=out)
        np.subtract(start, out, out=out)

    def _loss(self, at: np.ndarray, since: float, inflow, out: np.ndarray) -> None:
        """What the linear part does not hold, in units of the limit."""
        if self.saturates:
            np.add(at, self.half, out=out)
            np.divide(at, out, out=out)
        else:
            out[...] = 0.0
        if self.fall is not None:
            out += at * (self._added * (clearance_factor(self.fall, since) - 1.0))
        if np.any(inflow):
            out -= inflow


def total(w: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Sum over the modes, which numpy's own is slower at."""
    if len(w) == 1:
        out[...] = w[0]
        return out
    np.add(w[0], w[1], out=out)
    for mode in w[2:]:
        out += mode
    return out


def _combined(w: np.ndarray, weights: np.ndarray, out: np.ndarray, part: np.ndarray) -> None:
    """Sum over the modes of weights (modes, patients) times w."""
    np.multiply(w[0], weights[0], out=out)
    for mode, weight in zip(w[1:], weights[1:], strict=True):
        np.multiply(mode, weight, out=part)
        out += part


def clearance_factor(fall: Fall, since: float) -> float:
    """What the clearance is times, days after the first dose."""
    if since <= 0:
        return 1.0
    return math.exp(fall.most / (1.0 + (fall.half_days / since) ** fall.power))


def steps_in(kinetics: Kinetics, days: float) -> int:
    """Number of equal steps that some days are divided into."""
    if kinetics.elimination is None:
        return max(1, math.ceil(days / STEP_DAY - 1e-9))
    slope = np.median(kinetics.elimination.most / (kinetics.elimination.half * np.asarray(kinetics.volume)))
    return max(1, math.ceil(days / min(STEP_DAY, FASTEST / max(float(slope), 1e-12)) - 1e-9))


def saturable_course(kinetics: Kinetics, given: Infusions, day: np.ndarray) -> Course:
    """Concentration and area where the elimination saturates slowly or the clearance falls.

    Parameters
    ----------
    kinetics : Kinetics
        Without uptake; its numbers may be arrays (patients,).
    given : Infusions
    day : array (days,)

    Returns
    -------
    Course
    """
    patients = patients_of(kinetics)
    amounts = given.of_patients(patients) * amount_factor(kinetics)
    share = modes(kinetics).share.T
    w, area = np.zeros((len(share), patients)), np.zeros(patients)
    course = Course(np.zeros((patients, day.size)), np.zeros((patients, day.size)))
    first = given.day.min(initial=math.inf)
    stops = np.unique(np.concatenate([given.day, given.ends, day[day >= first]]))
    stepper = lru_cache(maxsize=64)(lambda step: Stepper(kinetics, step))
    for stop, following in pairwise([*stops.tolist(), math.inf]):
        w += share * amounts[:, given.is_bolus(stop)].sum(axis=1)
        here = day == stop
        course.concentration[:, here], course.area[:, here] = w.sum(axis=0)[:, None], area[:, None]
        if not math.isfinite(following):
            break
        runs = given.runs(stop).any()
        inflow = given.inflow(amounts, stop) / kinetics.volume if runs else 0.0
        steps = max(steps_in(kinetics, following - stop), STEPS_OF_AN_INFUSION if runs else 1)
        length = round((following - stop) / steps, 12)
        for passed in range(steps):
            stepper(length).advance(w, stop - first + passed * length, area, inflow)
    return course
