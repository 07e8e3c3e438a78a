"""Estimates of single parameters from a posterior: value, 90 % interval and what set them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..models.parameters import Parameter
from .noise_kinds import Z90
from .scatter import Estimate

SET_BY_DATA = 0.5
"""Shrinkage of the prior variance from which a parameter counts as set by the data."""


def estimates_of_laplace(free: Sequence[Parameter], mode: np.ndarray, covariance: np.ndarray) -> dict[str, Estimate]:
    """Estimates from a mode (p,) and covariance (p, p) in the transformed space."""
    sd = np.sqrt(np.diag(covariance))
    lower, upper = mode - Z90 * sd, mode + Z90 * sd
    return _estimates(free, mode, lower, upper, sd)


def estimates_of_samples(free: Sequence[Parameter], samples: np.ndarray) -> dict[str, Estimate]:
    """Estimates from posterior draws (n, p) in the transformed space: the median and its 90 % interval."""
    lower, median, upper = np.quantile(samples, [0.05, 0.5, 0.95], axis=0)
    return _estimates(free, median, lower, upper, samples.std(axis=0, ddof=1))


def _estimates(free: Sequence[Parameter], value, lower, upper, sd) -> dict[str, Estimate]:
    estimates = {}
    for i, parameter in enumerate(free):
        shrinkage = float(np.clip(1 - (sd[i] / parameter.prior) ** 2, 0.0, 1.0))
        estimates[parameter.name] = Estimate(
            value=float(parameter.from_free(value[i])),
            lower=float(parameter.from_free(lower[i])),
            upper=float(parameter.from_free(upper[i])),
            shrinkage=shrinkage,
            set_by="data" if shrinkage >= SET_BY_DATA else "prior",
        )
    return estimates
