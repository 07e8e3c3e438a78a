"""What the data of several subjects together say: profiles of shared parameters, spectrum of all."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..models.parameters import Parameter
from .identifiability import FisherSpectrum, Profile, profile_of, spectrum_of
from .posterior import posterior_of
from .subjects import PooledCalibration


class _Together:
    """The target of a pooled calibration: shared parameters first, then each subject's own."""

    def __init__(self, pooled: PooledCalibration):
        self._parts = [posterior_of(view) for view in pooled.subjects.values()]
        free = self._parts[0].free
        shared = [i for i, parameter in enumerate(free) if parameter.name in pooled.shared]
        own = [i for i, parameter in enumerate(free) if parameter.name not in pooled.shared]
        self._columns = []
        for subject in range(len(self._parts)):
            columns = np.empty(len(free), dtype=int)
            columns[shared] = np.arange(len(shared))
            columns[own] = len(shared) + len(own) * subject + np.arange(len(own))
            self._columns.append(columns)
        self.free: tuple[Parameter, ...] = tuple(free[i] for i in shared + own * len(self._parts))
        self.names = tuple(free[i].name for i in shared) + tuple(
            f"{free[i].name} of {name}" for name in pooled.subjects for i in own
        )
        self.prior_sd = np.array([parameter.prior for parameter in self.free])
        self._prior_mean = np.array([float(parameter.to_free(parameter.default)) for parameter in self.free])

    def joined(self, rows: list[np.ndarray]) -> np.ndarray:
        """Numbers of all parameters (p,) from those of each subject."""
        whole = np.empty(len(self.free))
        for columns, row in zip(self._columns, rows, strict=True):
            whole[columns] = row
        return whole

    def data_residuals(self, theta: np.ndarray) -> np.ndarray:
        return np.hstack(
            [one.data_residuals(theta[:, columns]) for one, columns in zip(self._parts, self._columns, strict=True)]
        )

    def residuals(self, theta: np.ndarray) -> np.ndarray:
        return np.hstack([self.data_residuals(theta), (theta - self._prior_mean) / self.prior_sd])


def profile_pooled(
    pooled: PooledCalibration, name: str, *, points: int = 15, width: float = 3.0, report: Report | None = None
) -> Profile:
    """Profile a shared parameter over the data of all subjects (arguments as `profile_likelihood`).

    Raises
    ------
    InputError
        A parameter that the subjects do not share, fewer than 3 points.
    Cancelled
        From `report`.
    """
    if name not in pooled.shared:
        raise InputError(f"Parameter {name} is not shared by the subjects; choose one of {', '.join(pooled.shared)}.")
    target, views = _Together(pooled), list(pooled.subjects.values())
    row = target.joined([view.covariance[view.free.index(name)] for view in views])
    column = target.names.index(name)
    mode = target.joined([view.mode for view in views])
    return profile_of(target, mode, row, column, points=points, width=width, report=report)


def fisher_pooled(pooled: PooledCalibration) -> FisherSpectrum:
    """Spectrum of the information of all subjects' data, as `fisher_spectrum`."""
    target = _Together(pooled)
    return spectrum_of(target, target.joined([view.mode for view in pooled.subjects.values()]), target.names)
