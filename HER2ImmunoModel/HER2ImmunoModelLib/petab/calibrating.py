"""Calibration of a problem that was read."""

from __future__ import annotations

from ..calibration.one_subject import calibrate
from ..calibration.result import Calibration
from ..calibration.subjects import PooledCalibration, calibrate_pooled
from .problem import PetabProblem


def calibrate_problem(problem: PetabProblem, **settings: object) -> Calibration | PooledCalibration:
    """Calibrate a problem: one subject by itself, several pooled (`settings` and errors of `calibrate`)."""
    shared = {"free": problem.free, "noise": problem.noise, **settings}
    if len(problem.subjects) > 1:
        return calibrate_pooled(problem.model, problem.subjects, own=problem.own, fixed=problem.fixed, **shared)
    (subject,) = problem.subjects
    return calibrate(
        problem.model, subject.measurements, schedule=subject.schedule, fixed=subject.held(problem.fixed), **shared
    )
