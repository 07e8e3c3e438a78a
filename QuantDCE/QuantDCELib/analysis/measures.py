"""Numbers of one visit, from the maps of a region."""

from __future__ import annotations

import numpy as np

from ..enhancement.semiquant import integral_weights
from ..voxels.status import Status, is_fitted

SMALLEST_UPTAKE = 0.001
"""Below this fraction of the input's IAUGC60 there is no uptake, noise or not: it is rounding of the stored signal."""
MEDIANS = {
    "Ktrans": "ktrans_median_per_min",
    "ve": "ve_median",
    "vp": "vp_median",
    "kep": "kep_median_per_min",
    "IAUGC60": "iaugc60_median_mM_s",
    "PE": "pe_median_percent",
    "SER": "ser_median",
}


def noise_floor_iaugc_mM_s(
    noise_sd_mM: float, time_s: np.ndarray, n_baseline: int, arrival_s: float, duration_s: float, n_sd: float
) -> float:
    """IAUGC that noise alone exceeds in only few voxels.

    Parameters
    ----------
    noise_sd_mM : float
        Scatter of a frame before arrival.
    time_s : ndarray, shape (t,)
    n_baseline : int
        Frames before arrival.
    arrival_s, duration_s : float
    n_sd : float
        Standard deviations of the IAUGC above 0; 1.645 leaves 5 % of voxels without uptake above the floor.

    Returns
    -------
    float
        mM s. The noise of the frames and that of the baseline mean, which shifts the whole curve, both count.
    """
    weights = integral_weights(time_s, arrival_s, arrival_s + duration_s)
    return n_sd * noise_sd_mM * float(np.sqrt((weights**2).sum() + weights.sum() ** 2 / n_baseline))


def visit_values(
    maps: dict[str, np.ndarray], status: np.ndarray, *, vascular_ktrans_per_min: float, necrotic_floor_mM_s: float
) -> dict[str, float]:
    """Measurement table columns of a region.

    Parameters
    ----------
    maps : dict of str to ndarray, shape (n,)
        Maps in the region.
    status : ndarray, shape (n,)
    vascular_ktrans_per_min : float
        Voxels with at least this Ktrans are vascular.
    necrotic_floor_mM_s : float
        Voxels with at most this IAUGC60 are necrotic.

    Returns
    -------
    dict of str to float
        Fractions are of the fitted voxels. A value that no voxel has is left out.
    """
    fitted = is_fitted(status)
    values: dict[str, float] = {}
    for name, column in MEDIANS.items():
        numbers = maps[name][fitted] if name in maps else np.empty(0)
        numbers = numbers[np.isfinite(numbers)]
        if numbers.size:
            values[column] = float(np.median(numbers))
    if fitted.any():
        if "Ktrans" in maps:
            values["vascular_fraction"] = vascular_fraction(maps["Ktrans"], status, vascular_ktrans_per_min)
        if "IAUGC60" in maps:
            values["necrotic_fraction"] = float(np.mean(maps["IAUGC60"][fitted] <= necrotic_floor_mM_s))
    return values


def vascular_fraction(ktrans_per_min: np.ndarray, status: np.ndarray, cut_per_min: float) -> float:
    """Fraction of the fitted voxels (n,) of a region with at least this Ktrans; NaN where none is fitted."""
    fitted = is_fitted(status)
    return float(np.mean(ktrans_per_min[fitted] >= cut_per_min)) if fitted.any() else float("nan")


def counts(status: np.ndarray) -> dict[str, int]:
    """Voxels of a region: all, fitted, failed, at a bound, without uptake."""
    return {
        "n": int(status.size),
        "n_valid": int(is_fitted(status).sum()),
        "n_failed": int((~is_fitted(status)).sum()),
        "n_at_bound": int((status == Status.AT_BOUND).sum()),
        "n_no_uptake": int((status == Status.NO_UPTAKE).sum()),
    }


def model_counts(numbers: np.ndarray, models: tuple[str, ...]) -> dict[str, int]:
    """Voxels of each model, from their numbers (n,), 1 for the first; NaN where no model was fitted."""
    return {name: int((numbers == number).sum()) for number, name in enumerate(models, start=1)}
