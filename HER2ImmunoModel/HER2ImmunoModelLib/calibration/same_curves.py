"""Which models are the same curve for the data at hand: by their equations before a fit, and by their fitted curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..models.model import Model
from ..models.parameters import Parameter
from ..models.volume_family import with_equal_doses
from ..simulation.batch import simulate_schedules
from ..treatments.doses import Schedule
from .posterior import posterior_of
from .result import Calibration

POINTS, STEP, SPREAD = 4, 0.5, 0.7
"""Points at which curves are compared, how far a parameter is moved to see whether it matters, and their spread."""
TOLERANCE, EQUAL = 1e-8, 1e-6
"""Of these simulations, and relative difference below which two of them are the same."""
SAME_SHARE = 0.02
"""Largest difference of two fitted curves, over the standard deviation of the measurement there, that is none."""


@dataclass(frozen=True)
class Course:
    """The days of a subject's visits, and the doses given."""

    day: np.ndarray
    schedule: Schedule


def groups(
    chosen: Sequence[Model],
    courses: Sequence[Course],
    free: Sequence[str] | None = None,
    fixed: Mapping[str, float] | None = None,
) -> list[list[Model]]:
    """Models in groups that are the same curve for the data, with the same free parameters of the same priors.

    Found out by simulation under the doses of the data: a parameter that changes nothing there does not count. In each
    group the model with the fewest parameters is the first.

    Parameters
    ----------
    chosen : sequence of Model
    courses : sequence of Course
        One a subject.
    free, fixed
        As `calibrate`.
    """
    prints = [_print(model, courses, free, fixed or {}) for model in chosen]
    found: list[list[int]] = []
    for number, one in enumerate(prints):
        same = next((group for group in found if one is not None and one.equals(prints[group[0]])), None)
        if same is None:
            found.append([number])
        else:
            same.append(number)
    return [sorted((chosen[number] for number in group), key=lambda model: len(model.parameters)) for group in found]


@dataclass(frozen=True)
class FittedCurve:
    """The numbers (n,) that a fit gives where something was measured, in the space in which they scatter, and by how
    much.
    """

    number: np.ndarray
    sd: np.ndarray

    def is_same(self, other: FittedCurve) -> bool:
        """Whether two fits of the same data agree at all visits to within `SAME_SHARE` of what was measured there."""
        return bool((np.abs(self.number - other.number) <= SAME_SHARE * np.minimum(self.sd, other.sd)).all())


def fitted_curve(views: Sequence[Calibration]) -> FittedCurve:
    """The fitted curve of a model, of one subject or of all that were fitted together."""
    numbers, sds = [], []
    for view in views:
        target = posterior_of(view)
        numbers.append(target.observations.spaced(target.simulated(view.mode[None])[0]))
        sds.append(target.observations.sd)
    return FittedCurve(np.concatenate(numbers), np.concatenate(sds))


@dataclass(frozen=True)
class _Print:
    """What a model is for the data: its curves at some points, and the parameters that they depend on."""

    active: frozenset[tuple[str, float, float]]
    curves: np.ndarray

    def equals(self, other: _Print | None) -> bool:
        if other is None or self.active != other.active or self.curves.shape != other.curves.shape:
            return False
        return bool(np.allclose(self.curves, other.curves, rtol=EQUAL, atol=0.0))


def _print(
    model: Model, courses: Sequence[Course], free: Sequence[str] | None, fixed: Mapping[str, float]
) -> _Print | None:
    """None for a model that cannot be followed so, which then is like no other."""
    sizes = {dose.dose for course in courses for dose in course.schedule.for_model(model).doses}
    if len(sizes) == 1 and "phi" not in fixed and (free is None or "phi" in free):
        model = with_equal_doses(model)
    varied = [p for p in model.parameters if p.prior > 0 and p.name not in fixed and (free is None or p.name in free)]
    held = {name: value for name, value in fixed.items() if name in model.defaults()}
    moved = np.array([float(p.to_free(p.default)) for p in varied])[:, None] + np.zeros(len(varied) + 1)
    moved[np.arange(len(varied)), np.arange(len(varied))] += STEP
    try:
        base = _curves(model, courses, _values(varied, moved) | held)
        active = [p for p, curve in zip(varied, base, strict=False) if not np.allclose(curve, base[-1], rtol=EQUAL)]
        points = np.stack([_points(p) for p in active]) if active else np.zeros((0, POINTS))
        curves = _curves(model, courses, _values(active, points) | held)
    except InputError:
        return None
    return _Print(frozenset((p.name, p.default, p.prior) for p in active), curves)


def _values(varied: Sequence[Parameter], free: np.ndarray) -> dict[str, np.ndarray]:
    return {p.name: p.from_free(row) for p, row in zip(varied, free, strict=True)}


def _points(parameter: Parameter) -> np.ndarray:
    """Values in the transformed space, (POINTS,), that depend on the name and the default only."""
    random = np.random.default_rng(crc32(parameter.name.encode()))
    return float(parameter.to_free(parameter.default)) + SPREAD * random.standard_normal(POINTS)


def _curves(model: Model, courses: Sequence[Course], values: Mapping[str, np.ndarray | float]) -> np.ndarray:
    """Observed states at the visits of each different course of doses, array (samples, numbers); 0 where it failed."""
    rows = [model.index(state) for state in model.observables]
    days: dict[tuple, set[float]] = {}
    schedules: dict[tuple, Schedule] = {}
    for course in courses:
        schedule = course.schedule.for_model(model)
        key = (schedule.doses, float(course.day[0]))
        schedules[key] = schedule
        days.setdefault(key, set()).update(course.day.tolist())
    found = []
    for key, schedule in schedules.items():
        states, _ = simulate_schedules(model, values, sorted(days[key]), [schedule], tolerance=TOLERANCE)
        found.append(np.moveaxis(states[rows, 0], 1, 0).reshape(states.shape[2], -1))
    return np.nan_to_num(np.hstack(found))
