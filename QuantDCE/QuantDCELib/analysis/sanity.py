"""Whether a result can be: the artery beside the tumour, voxels without a value, voxels at a bound, Ktrans."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.geometry import TimeSeries

from ..enhancement.semiquant import baseline_mean
from ..voxels.regions import Regions, mean_curve
from ..voxels.status import WORDS, Status, is_fitted

FAILED = 0.05
"""Share of a region's voxels without a value from which on that is a warning."""
MANY_AT_BOUND = 0.2
"""Share of a region's fitted voxels at a bound beyond which that is a warning."""
HIGHEST_KTRANS_PER_MIN = 3.0
"""Ktrans is at most the plasma flow, which no tumour has more of."""
LOWEST_KTRANS_PER_MIN = 0.001
ENHANCES = 0.3
"""A region that enhances by this fraction takes up agent."""
LESS = 0.8
"""An artery enhances more than tissue; below this fraction of the tumour's enhancement the two may be swapped."""


def artery_warnings(series: TimeSeries, regions: Regions, artery: np.ndarray, baseline: np.ndarray) -> tuple[str, ...]:
    """A word where the artery enhances later or less than the tumour."""
    if regions.given is None or np.array_equal(regions.given, artery):
        return ()
    names = {"artery": artery, "tumour": regions.given}
    curves = {name: _enhancement(mean_curve(series.array, mask, name), baseline) for name, mask in names.items()}
    if curves["tumour"].max() < ENHANCES:
        return ()
    step_s = float(np.median(np.diff(series.time_s)))
    half_s = {name: float(series.time_s[np.argmax(curve >= 0.5 * curve.max())]) for name, curve in curves.items()}
    late_s = half_s["artery"] - half_s["tumour"]
    top = {name: 100.0 * float(curve.max()) for name, curve in curves.items()}
    if late_s <= step_s and top["artery"] >= LESS * top["tumour"]:
        return ()
    how = f"enhances {late_s:.0f} s later than the tumour" if late_s > step_s else "enhances less than the tumour"
    return (
        f"The artery {how} ({top['artery']:.0f} % against {top['tumour']:.0f} %): the two regions may be swapped, or "
        "the artery's is not in an artery.",
    )


def _enhancement(curve: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Signal above that before the agent, as a fraction of it."""
    before = float(baseline_mean(curve[None], baseline)[0])
    return curve / before - 1.0 if before > 0 else np.zeros(curve.shape)


def failures(status: np.ndarray) -> dict[str, int]:
    """Why voxels of a region have no value, in words, and how many, the most frequent first."""
    codes, numbers = np.unique(status[~is_fitted(status)], return_counts=True)
    found = sorted(zip(codes, numbers, strict=True), key=lambda pair: -pair[1])
    return {WORDS[Status(int(code))]: int(n) for code, n in found}


def failure_sentence(found: dict[str, int], n: int) -> str:
    """Which share of `n` voxels has no value, and why; empty if all have one."""
    if not found:
        return ""
    failed = sum(found.values())
    why = ", ".join(f"{words} {100.0 * number / n:.0f} %" for words, number in found.items())
    return f"{failed} of {n} voxels ({100.0 * failed / n:.0f} %) have no value: {why}."


def fit_warnings(
    series: TimeSeries, regions: Regions, baseline: np.ndarray, status: np.ndarray, ktrans: np.ndarray | None
) -> tuple[str, ...]:
    """What makes the numbers of a region doubtful.

    Parameters
    ----------
    series : TimeSeries
    regions : Regions
    baseline : ndarray of int
    status : ndarray, shape (n,)
        Of the measured voxels.
    ktrans : ndarray, shape (n,), or None
        /min; None without an absolute Ktrans.
    """
    warnings = []
    found, n = failures(status), status.size
    failed = sum(found.values())
    if failed == n or (regions.given is not None and failed >= FAILED * n):
        warnings.append(failure_sentence(found, n))
    fitted = n - failed
    bound = int((status == Status.AT_BOUND).sum())
    if bound > MANY_AT_BOUND * fitted:
        none = ", and the medians are no measurement" if 2 * bound > fitted else ""
        warnings.append(
            f"{bound} of {fitted} fitted voxels ({100.0 * bound / fitted:.0f} %) have a parameter at its bound: model, "
            f"arterial input or T1 do not fit these data there{none}."
        )
    return (*warnings, *_ktrans_warnings(series, regions, baseline, ktrans))


def _ktrans_warnings(
    series: TimeSeries, regions: Regions, baseline: np.ndarray, ktrans: np.ndarray | None
) -> tuple[str, ...]:
    known = np.empty(0) if ktrans is None else ktrans[np.isfinite(ktrans)]
    if not known.size:
        return ()
    median = float(np.median(known))
    advice = "check T1, TR, relaxivity and the arterial input with their units"
    if median > HIGHEST_KTRANS_PER_MIN:
        return (
            f"The median Ktrans is {median:.3g} /min, more than any tumour's plasma flow, which cannot be; {advice}.",
        )
    if regions.given is None or median >= LOWEST_KTRANS_PER_MIN:
        return ()
    curves = series.array[regions.given]
    # The median of voxels, as Ktrans is: a few that enhance much are no contradiction.
    middle = np.median(curves[np.isfinite(curves).all(axis=1)], axis=0)
    rise = float(_enhancement(middle, baseline).max())
    if rise < ENHANCES:
        return ()
    return (
        f"The median Ktrans is {median:.2g} /min although half of the region enhances by {100 * rise:.0f} % or more; "
        f"{advice}.",
    )
