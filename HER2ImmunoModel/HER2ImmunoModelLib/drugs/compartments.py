"""Linear kinetics of any number of compartments, as exact sums of exponentials; never integrated."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .kinetics import Kinetics

HOURS_A_DAY = 24.0


@dataclass(frozen=True)
class Infusions:
    """Doses of one drug into a vein.

    Attributes
    ----------
    day : array (doses,)
        Start of each.
    mg : array (doses,) or (patients, doses)
    hours : array (doses,)
        How long each runs; 0 for a bolus.
    """

    day: np.ndarray
    mg: np.ndarray
    hours: np.ndarray

    def __post_init__(self):
        day, mg = np.atleast_1d(np.asarray(self.day, dtype=float)), np.atleast_1d(np.asarray(self.mg, dtype=float))
        hours = np.broadcast_to(np.asarray(self.hours, dtype=float), day.shape)
        if mg.shape[-1] != day.size:
            raise InputError(f"There are {day.size} days of doses and {mg.shape[-1]} doses; give one dose a day.")
        if not (np.isfinite(day).all() and np.isfinite(mg).all() and (mg >= 0).all() and (hours >= 0).all()):
            raise InputError("Days of doses must be finite, their mg and hours finite and 0 or more; correct them.")
        for name, value in zip(("day", "mg", "hours"), (day, mg, hours), strict=True):
            object.__setattr__(self, name, value)

    @property
    def ends(self) -> np.ndarray:
        """End of each, array (doses,)."""
        return self.day + self.hours / HOURS_A_DAY

    def is_bolus(self, day: float) -> np.ndarray:
        """Which are given at once on that day, bool array (doses,)."""
        return (self.day == day) & (self.hours == 0)

    def runs(self, day: float) -> np.ndarray:
        """Which run from that day on, bool array (doses,)."""
        return (self.day <= day) & (self.ends > day)

    def inflow(self, amounts: np.ndarray, day: float) -> np.ndarray:
        """Amount a day that comes in from that day on, array (patients,), of amounts (patients, doses)."""
        running = self.runs(day)
        return (amounts[:, running] / self.hours[running]).sum(axis=1) * HOURS_A_DAY

    def of_patients(self, patients: int) -> np.ndarray:
        """mg, array (patients, doses)."""
        return np.broadcast_to(self.mg, (patients, self.day.size))


@dataclass(frozen=True)
class Course:
    """What is in the plasma on given days, at once after a bolus of that day.

    Attributes
    ----------
    concentration : array (patients, days)
        In the unit of the kinetics.
    area : array (patients, days)
        Under the concentration up to that day (unit of the concentration times days).
    """

    concentration: np.ndarray
    area: np.ndarray


@dataclass(frozen=True)
class Modes:
    """The exponentials of linear kinetics: a bolus of 1 gives the concentration `sum share exp(-rate t)`.

    Attributes
    ----------
    share : array (patients, compartments)
        1/L.
    rate : array (patients, compartments)
        1/day.
    """

    share: np.ndarray
    rate: np.ndarray


def patients_of(kinetics: Kinetics) -> int:
    """Number of patients whose parameters kinetics hold: arrays of equal length, or numbers for all of them."""
    parts = [kinetics, *kinetics.others, kinetics.elimination, kinetics.uptake]
    values = [getattr(part, field.name) for part in parts if part is not None for field in fields(part)]
    return max(np.size(value) for value in values if isinstance(value, np.ndarray | float | int))


def modes(kinetics: Kinetics) -> Modes:
    """The exponentials of the linear part of some kinetics.

    Amounts over the root of the volume obey a symmetric matrix, whose eigenvalues are the rates.
    """
    patients = patients_of(kinetics)
    volumes = np.stack([_each(v, patients) for v in (kinetics.volume, *(other.volume for other in kinetics.others))])
    exchanges = [_each(other.exchange, patients) for other in kinetics.others]
    matrix = np.zeros((patients, len(volumes), len(volumes)))
    matrix[:, 0, 0] = (_each(kinetics.clearance, patients) + sum(exchanges)) / volumes[0]
    for place, exchange in enumerate(exchanges, start=1):
        matrix[:, place, place] = exchange / volumes[place]
        matrix[:, 0, place] = matrix[:, place, 0] = -exchange / np.sqrt(volumes[0] * volumes[place])
    rate, vectors = np.linalg.eigh(matrix)
    return Modes(vectors[:, 0, :] ** 2 / volumes[0][:, None], np.maximum(rate, 0.0))


def linear_course(kinetics: Kinetics, given: Infusions, day: np.ndarray) -> Course:
    """Concentration and area of linear kinetics.

    Parameters
    ----------
    kinetics : Kinetics
        Linear; its numbers may be arrays (patients,).
    given : Infusions
    day : array (days,)

    Returns
    -------
    Course
    """
    exponentials = modes(kinetics)
    patients = len(exponentials.rate)
    amounts = given.of_patients(patients) * amount_factor(kinetics)
    concentration = np.zeros((patients, day.size))
    area = np.zeros((patients, day.size))
    for amount, start, hours in zip(amounts.T, given.day, given.hours, strict=True):
        since = day - start
        after = since >= 0
        at, under = _response(exponentials, since[after], hours / HOURS_A_DAY)
        concentration[:, after] += amount[:, None] * at
        area[:, after] += amount[:, None] * under
    return Course(concentration, area)


def amount_factor(kinetics: Kinetics) -> float:
    """Amount of a mg: 1, or in umol."""
    return 1.0 if kinetics.molar_mass is None else 1000.0 / kinetics.molar_mass


def _response(exponentials: Modes, since: np.ndarray, lasting: float) -> tuple[np.ndarray, np.ndarray]:
    """Concentration and area (patients, days) at days since the start of an infusion of 1 that lasts some days."""
    rate, share = exponentials.rate[:, None, :], exponentials.share[:, None, :]
    running = np.minimum(since, lasting)[None, :, None]
    rest = (since[None, :, None] - running) * np.ones_like(rate)
    if lasting == 0:
        present, before = share, 0.0
    else:
        present = share * running / lasting * _mean_left(rate * running)
        before = share / lasting * running**2 * _mean_area(rate * running)
    at = present * np.exp(-rate * rest)
    under = before + present * rest * _mean_left(rate * rest)
    return at.sum(axis=-1), under.sum(axis=-1)


def _mean_left(x: np.ndarray) -> np.ndarray:
    """`(1 - exp(-x))/x`, 1 at 0."""
    safe = np.where(x > 0, x, 1.0)
    return np.where(x > 0, -np.expm1(-safe) / safe, 1.0)


def _mean_area(x: np.ndarray) -> np.ndarray:
    """`(x - 1 + exp(-x))/x^2`, 1/2 at 0."""
    safe = np.where(x > 1e-4, x, 1.0)
    return np.where(x > 1e-4, (safe + np.expm1(-safe)) / safe**2, 0.5 - x / 6)


def _each(value, patients: int) -> np.ndarray:
    return np.broadcast_to(np.asarray(value, dtype=float), (patients,))
