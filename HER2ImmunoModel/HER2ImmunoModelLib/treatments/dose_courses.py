"""Drugs of which each dose acts by a course of its own, in waves or after a delay, computed exactly from step to step.

What a row carries of such a drug is a few sums over its doses, array (parts, rows), of which the last is what acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..models.model import Drug, Model
from .doses import Schedule
from .pharmacokinetics import DoseTable, dose_table

Numbers = Mapping[str, np.ndarray | float]
STAGES = 3.0
"""Equal stages that a delayed dose passes."""
TERMS, NEAR = 17, 1.0
"""Of the series for nearly equal rates, and difference of rates times the time below which it is used."""


def put(drug: Drug, size: np.ndarray) -> np.ndarray:
    """What doses (rows,) add to the parts of a drug, array (parts, rows)."""
    none = np.zeros_like(size)
    return np.stack([size, none, 0.5 * size] if drug.period else [size, none, none, none])


def passed_on(
    drug: Drug, present: np.ndarray, values: Numbers, step: np.ndarray | float, shares: Sequence[float]
) -> tuple[list[np.ndarray], np.ndarray]:
    """The parts of a drug along a step.

    Parameters
    ----------
    drug : Drug
        With `period` or `delay`.
    present : array (parts, rows)
        In waves: sums over the doses d, t from each, of d e^(-loss t) times cos(w t), sin(w t) and (1 + sin(w t))/2,
        w = 2 pi/period. Delayed: what is in each of three equal stages, and what has passed them and decays.
    values : mapping of str to array (rows,) or float
        Parameters of the model.
    step : array (rows,) or float
        Its length (days).
    shares : sequence of float
        Of the step.

    Returns
    -------
    last : list of array (rows,)
        What acts after each share.
    after : array (parts, rows)
        All parts after the last share.
    """
    loss = values[drug.decay]
    course = _turned if drug.period else _held_up
    parts = course(present, loss, values[drug.period or drug.delay], np.multiply.outer(shares, np.atleast_1d(step)))
    return list(parts[-1]), np.stack([part[-1] for part in parts])


def at_start(doses: DoseTable, drug: Drug, schedule: np.ndarray, values: Numbers, day: float) -> np.ndarray:
    """The parts of a drug on a day, array (parts, rows), for rows under the schedules numbered in `schedule`."""
    total = put(drug, np.zeros(schedule.size))
    for given_day, size in doses.before[drug.name]:
        total += passed_on(drug, put(drug, size[schedule]), values, day - given_day, (1.0,))[1]
    return total


def on_day(schedule: Schedule, model: Model, drug: Drug, values: Mapping[str, float], day: float) -> np.ndarray:
    """What the doses given until a day have left in the parts of a drug then, array (parts,)."""
    doses = dose_table(model, [schedule.for_model(model)], day, day)
    one = np.zeros(1, dtype=int)
    found = at_start(doses, drug, one, values, day) if drug.name in doses.before else put(drug, np.zeros(1))
    return found[:, 0]


def _turned(present: np.ndarray, loss, period, time) -> list[np.ndarray]:
    cosine, sine, acting = present
    angle, left = 2.0 * np.pi * time / period, np.exp(-loss * time)
    along, across = left * np.cos(angle), left * np.sin(angle)
    turned = across * cosine + along * sine
    return [along * cosine - across * sine, turned, 0.5 * (left * (2.0 * acting - sine) + turned)]


def _held_up(present: np.ndarray, loss, delay, time) -> list[np.ndarray]:
    """Stages as `pharmacokinetics.passed`; what acts gains from the third and decays with `loss`."""
    first, second, third, acting = present
    rate = STAGES / delay
    passing, staying = rate * time, np.exp(-rate * time)
    gains = _gains(rate * time, loss * time)
    gained = third * gains[0] + second * passing * gains[1] + first * 0.5 * passing**2 * gains[2]
    return [
        staying * first,
        staying * (second + passing * first),
        staying * (third + passing * second + 0.5 * passing**2 * first),
        np.exp(-loss * time) * acting + passing * gained,
    ]


def _gains(passing: np.ndarray, lost: np.ndarray) -> list[np.ndarray]:
    """exp(-b) times the integral over v from 0 to 1 of v^m exp(-(a - b) v), m = 0, 1, 2, for a passing and b lost.

    Upwards from m = 0 by parts; where a and b are near, that cancels, so downwards from the series of m = 2 there.
    """
    apart = passing - lost
    is_near = np.abs(apart) < NEAR
    safe = np.where(is_near, 1.0, apart)
    left, passed = np.exp(-lost), np.exp(-passing)
    found = [(left - passed) / safe]
    for power in (1, 2):
        found.append((power * found[-1] - passed) / safe)
    if is_near.any():
        near, left, passed = apart[is_near], left[is_near], passed[is_near]
        series = np.full_like(near, 1.0 / (TERMS + 3))
        for n in range(TERMS, 0, -1):
            series *= -near / n
            series += 1.0 / (n + 2)
        gain = left * series
        for power in (2, 1, 0):
            found[power][is_near] = gain
            gain = (near * gain + passed) / (power or 1)
    return found
