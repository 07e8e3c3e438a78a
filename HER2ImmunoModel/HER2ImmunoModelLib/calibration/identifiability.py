"""What the data say of each parameter: profile likelihoods and the spectrum of the Fisher information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..models.parameters import Parameter
from .levenberg_marquardt import jacobian, minimise
from .posterior import posterior_of
from .result import Calibration

RISE_90 = 2.7055434540954146
"""Rise of the deviance at the ends of a 90 % interval (chi-square, one degree of freedom)."""


class Target(Protocol):
    """What a calibration minimises: of one subject (`Posterior`), or of several pooled."""

    free: tuple[Parameter, ...]
    prior_sd: np.ndarray

    def data_residuals(self, theta: np.ndarray) -> np.ndarray:
        """Misfit to the measurements at points (m, p), array (m, n)."""

    def residuals(self, theta: np.ndarray) -> np.ndarray:
        """Misfit to the measurements, then to the prior."""


@dataclass(frozen=True, eq=False)
class Profile:
    """Profile of one parameter: everything else refitted at each value.

    Attributes
    ----------
    name : str
    value : array (points,)
        Values of the parameter, increasing.
    deviance : array (points,)
        Rise of the deviance (twice minus the log posterior density) above its least.
    chi2_rise : array (points,)
        The part of it that the data give; the rest is the prior's.
    lower, upper : float
        Ends of the 90 % interval of the deviance; infinite where it does not rise that far.
    set_by : str
        "data" if the data alone raise the deviance by 2.7 on both sides, else "prior".
    """

    name: str
    value: np.ndarray
    deviance: np.ndarray
    chi2_rise: np.ndarray
    lower: float
    upper: float
    set_by: str


@dataclass(frozen=True, eq=False)
class FisherSpectrum:
    """Directions of the parameters ordered by how much the data say of them.

    Attributes
    ----------
    eigenvalue : array (p,)
        Information of the data over that of the prior, largest first; above 1 the data outweigh the prior.
    direction : array (p, p)
        Columns: unit directions in units of the prior's standard deviation.
    free : tuple of str
        Rows of `direction`.
    """

    eigenvalue: np.ndarray
    direction: np.ndarray
    free: tuple[str, ...]

    @property
    def informed(self) -> int:
        """How many directions the data set."""
        return int(np.count_nonzero(self.eigenvalue > 1))


def profile_likelihood(
    calibration: Calibration, name: str, *, points: int = 15, width: float = 3.0, report: Report | None = None
) -> Profile:
    """Profile the posterior along one parameter, all points refined in one batch.

    Raue et al., Bioinformatics 2009;25:1923-1929.

    Parameters
    ----------
    calibration : Calibration
    name : str
        A free parameter.
    points : int
        Values, evenly spaced in the transformed space; odd, so that the mode is one.
    width : float
        Half range in posterior standard deviations of the Laplace approximation.
    report : Report, optional

    Raises
    ------
    InputError
        A parameter that was not calibrated, fewer than 3 points.
    Cancelled
        From `report`.
    """
    if name not in calibration.free:
        raise InputError(f"Parameter {name} was not calibrated; choose one of {', '.join(calibration.free)}.")
    target, column = posterior_of(calibration), calibration.free.index(name)
    row = calibration.covariance[column]
    return profile_of(target, calibration.mode, row, column, points=points, width=width, report=report)


def profile_of(
    target: Target,
    mode: np.ndarray,
    covariance: np.ndarray,
    column: int,
    *,
    points: int = 15,
    width: float = 3.0,
    report: Report | None = None,
) -> Profile:
    """Profile any target along one of its parameters.

    Parameters
    ----------
    target : Target
    mode : array (p,)
    covariance : array (p,)
        Row of the Laplace covariance that belongs to the parameter.
    column : int
        Which parameter.
    points, width, report
        As `profile_likelihood`.
    """
    if points < 3 or not width > 0:
        raise InputError(f"A profile of {points} points over {width:g} deviations shows nothing; use 3 points or more.")
    offset = np.sqrt(covariance[column]) * np.linspace(-width, width, points | 1)
    # The other parameters start where the Laplace approximation expects them.
    along = covariance / covariance[column]
    theta, cost = minimise(target.residuals, mode + offset[:, None] * along, held=column, report=report)
    chi2 = np.square(target.data_residuals(theta)).sum(axis=1)
    lowest = int(np.argmin(cost))
    deviance, chi2_rise = 2 * (cost - cost[lowest]), chi2 - chi2[lowest]
    value = target.free[column].from_free(theta[:, column])
    lower, upper = _crossings(value, deviance, lowest)
    by_data = all(np.any(side > RISE_90) for side in (chi2_rise[:lowest], chi2_rise[lowest + 1 :]))
    name = target.free[column].name
    return Profile(name, value, deviance, chi2_rise, lower, upper, "data" if by_data else "prior")


def _crossings(value: np.ndarray, deviance: np.ndarray, lowest: int) -> tuple[float, float]:
    ends = []
    for side, none in ((slice(lowest, None, -1), -np.inf), (slice(lowest, None), np.inf)):
        x, d = value[side], deviance[side]
        above = np.flatnonzero(d > RISE_90)
        if above.size == 0:
            ends.append(none)
            continue
        i = above[0]
        share = (RISE_90 - d[i - 1]) / (d[i] - d[i - 1]) if np.isfinite(d[i]) else 0.0
        ends.append(float(x[i - 1] + share * (x[i] - x[i - 1])))
    return ends[0], ends[1]


def fisher_spectrum(calibration: Calibration) -> FisherSpectrum:
    """Eigenvalues of the data's Fisher information at the posterior mode, in units of the prior's."""
    return spectrum_of(posterior_of(calibration), calibration.mode, calibration.free)


def spectrum_of(target: Target, mode: np.ndarray, names: tuple[str, ...]) -> FisherSpectrum:
    """The spectrum of any target at a point (p,), its parameters under `names`."""
    _, slopes = jacobian(target.data_residuals, mode[None])
    scaled = slopes[0] * target.prior_sd
    eigenvalue, direction = np.linalg.eigh(scaled.T @ scaled)
    return FisherSpectrum(np.maximum(eigenvalue[::-1], 0.0), direction[:, ::-1], names)
