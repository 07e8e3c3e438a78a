"""Uptake and hypoxia measures of a tumour in FMISO-PET, on the PET's own grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.roi import RoiStatistics, roi_statistics

from .peak import PEAK_VOLUME_CM3, suv_peak
from .reference_region import MAXIMUM_COV, MINIMUM_CM3, Reference, ratio_map, reference_of_mean, reference_region

THRESHOLDS = {"TMR": 1.4, "TBR": 1.2}
"""Ratio to muscle or blood from which on a voxel counts as hypoxic, by default."""
REFERENCE_NAMES = {"TMR": "muscle", "TBR": "blood"}
SWEEP = (1.2, 1.3, 1.4, 1.5)
REPEATABILITY_NOTE = "Changes under 15 % are within the repeatability of FMISO-PET (10 to 15 %)."
SMALLEST_FOR_CHANGE_CM3 = 1.5
CHANGE_NOTE = (
    f"A hypoxic volume below {SMALLEST_FOR_CHANGE_CM3} cm³ at baseline is too small to judge a change by (ATOM)."
)
THRESHOLD_NOTE = "There is no agreed threshold of hypoxia; see the sweep."


@dataclass(frozen=True)
class HypoxicVolume:
    """Hypoxia at one threshold.

    Attributes
    ----------
    threshold : float
        Ratio to the reference.
    volume_cm3 : float
        Volume with a ratio at or above the threshold.
    fraction : float
        `volume_cm3` over the tumour's volume.
    burden_cm3 : float
        `volume_cm3` times the mean ratio in it; 0 where nothing is hypoxic.
    """

    threshold: float
    volume_cm3: float
    fraction: float
    burden_cm3: float


@dataclass(frozen=True)
class HypoxiaMetrics:
    """Measures of one tumour.

    Attributes
    ----------
    volume_cm3 : float
        Tumour volume on the PET grid.
    suv_max, suv_mean, suv_median, suv90 : float
        `suv90` is the 90th percentile.
    suv_peak : float or None
        None below 1 mL, with a warning.
    ratio : {"TMR", "TBR"} or None
        None, with everything below it, where there is no reference.
    ratio_mean, ratio_max : float or None
    hypoxic : HypoxicVolume or None
    sweep : tuple of HypoxicVolume
    reference : Reference or None
    warnings, notes : tuple of str
        `notes` go with any report of the numbers.
    """

    volume_cm3: float
    suv_max: float
    suv_mean: float
    suv_median: float
    suv90: float
    suv_peak: float | None
    ratio: str | None = None
    ratio_mean: float | None = None
    ratio_max: float | None = None
    hypoxic: HypoxicVolume | None = None
    sweep: tuple[HypoxicVolume, ...] = ()
    reference: Reference | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = (REPEATABILITY_NOTE,)

    def measurements(self) -> dict[str, float]:
        """Columns of the visit table; a measure that is undefined is absent."""
        values = {
            "suv_mean": self.suv_mean,
            "suv_max": self.suv_max,
            "suv_median": self.suv_median,
            "suv90": self.suv90,
            "suv_peak": self.suv_peak,
            "pet_tumour_volume_cm3": self.volume_cm3,
        }
        if self.hypoxic is not None:
            prefix = self.ratio.lower()
            values |= {
                f"{prefix}_mean": self.ratio_mean,
                f"{prefix}_max": self.ratio_max,
                "hypoxic_fraction": self.hypoxic.fraction,
                "hypoxic_volume_cm3": self.hypoxic.volume_cm3,
                "hypoxic_burden_cm3": self.hypoxic.burden_cm3,
            }
        return {name: value for name, value in values.items() if value is not None}


def hypoxic_mask(ratio: np.ndarray, mask: np.ndarray, threshold: float) -> np.ndarray:
    """Voxels of the tumour with a ratio at or above `threshold`, compared in the map's float32."""
    with np.errstate(invalid="ignore"):
        return mask & (np.asarray(ratio, np.float32) >= np.float32(threshold))


def hypoxic_volume(ratio: Volume, mask: np.ndarray, threshold: float) -> HypoxicVolume:
    """Volume, fraction and burden of the voxels at or above a threshold.

    Parameters
    ----------
    ratio : Volume
    mask : ndarray of bool, shape (k, j, i)
        The tumour.
    threshold : float
    """
    hypoxic = hypoxic_mask(ratio.array, mask, threshold)
    n, n_tumour = np.count_nonzero(hypoxic), np.count_nonzero(mask)
    volume_cm3 = n * ratio.voxel_volume_cm3
    burden_cm3 = volume_cm3 * float(ratio.array[hypoxic].mean(dtype=np.float64)) if n else 0.0
    return HypoxicVolume(float(threshold), volume_cm3, n / n_tumour, burden_cm3)


def hypoxia_metrics(
    suv: Volume,
    tumour_mask: np.ndarray,
    *,
    reference_mask: np.ndarray | None = None,
    reference_mean: float | None = None,
    ratio: str = "TMR",
    threshold: float | None = None,
    sweep: tuple[float, ...] = SWEEP,
    minimum_reference_cm3: float = MINIMUM_CM3,
    maximum_reference_cov: float = MAXIMUM_COV,
) -> HypoxiaMetrics:
    """Uptake of a tumour and, given a reference, its hypoxia.

    Parameters
    ----------
    suv : Volume
        PET is measured on its own grid, never resampled.
    tumour_mask : ndarray of bool, shape (k, j, i)
        On the grid of `suv` (`HER2ImmunoCommonLib.geometry.resample_mask`).
    reference_mask : ndarray of bool, same shape, optional
        Muscle for TMR, blood (eroded aorta or left ventricle) for TBR.
    reference_mean : float, optional
        Mean SUV of the reference instead of its mask.
    ratio : {"TMR", "TBR"}
    threshold : float, optional
        Ratio from which on a voxel is hypoxic; 1.4 for TMR, 1.2 for TBR by default.
    sweep : tuple of float
        Further thresholds that are always reported.
    minimum_reference_cm3, maximum_reference_cov : float
        Quality asked of the reference region.

    Returns
    -------
    HypoxiaMetrics

    Raises
    ------
    InputError
        If a region is empty or on another grid, has no valid voxel, both kinds of reference are given, or the
        reference has no uptake.

    Notes
    -----
    Tumour to blood >= 1.2: Muzi et al., J Nucl Med 2015;56:1223. Tumour to blood >= 1.4, and a hypoxic volume of
    1.5 mL from which on a change is judged: the ATOM trial, Sci Rep 2022;12:21746. TMR >= 1.4 is this module's
    default, not an agreed limit.
    """
    if ratio not in THRESHOLDS:
        raise InputError(f"{ratio!r} is no ratio of uptake; use one of {', '.join(THRESHOLDS)}.")
    mask = _on_grid(suv, tumour_mask, "tumour")
    statistics = roi_statistics(suv.array, mask)
    if not statistics.n_valid:
        raise InputError("The tumour has no valid SUV; choose the segment drawn on this examination.")
    peak = suv_peak(suv, mask)
    warnings = _tumour_warnings(statistics, peak, suv.voxel_volume_cm3)
    uptake = {
        "volume_cm3": statistics.n * suv.voxel_volume_cm3,
        "suv_max": statistics.maximum,
        "suv_mean": statistics.mean,
        "suv_median": statistics.median,
        "suv90": statistics.p90,
        "suv_peak": peak,
    }
    reference = _reference(
        suv, reference_mask, reference_mean, REFERENCE_NAMES[ratio], minimum_reference_cm3, maximum_reference_cov
    )
    if reference is None:
        return HypoxiaMetrics(**uptake, warnings=tuple(warnings))
    if reference_mask is not None and np.any(mask & _on_grid(suv, reference_mask, "reference")):
        warnings.append("The tumour and the reference region overlap; draw the reference outside the tumour.")
    if statistics.maximum < reference.mean:
        name = REFERENCE_NAMES[ratio]
        warnings.append(f"No voxel of the tumour takes up as much as the {name}; the two regions may be swapped.")
    ratios = ratio_map(suv, reference.mean)
    limit = THRESHOLDS[ratio] if threshold is None else threshold
    hypoxic = hypoxic_volume(ratios, mask, limit)
    small = (CHANGE_NOTE,) if hypoxic.volume_cm3 < SMALLEST_FOR_CHANGE_CM3 else ()
    return HypoxiaMetrics(
        **uptake,
        ratio=ratio,
        ratio_mean=statistics.mean / reference.mean,
        ratio_max=statistics.maximum / reference.mean,
        hypoxic=hypoxic,
        sweep=tuple(hypoxic_volume(ratios, mask, step) for step in sweep),
        reference=reference,
        warnings=(*warnings, *reference.warnings),
        notes=(REPEATABILITY_NOTE, THRESHOLD_NOTE, *small),
    )


def _on_grid(suv: Volume, mask: np.ndarray, name: str) -> np.ndarray:
    mask = np.asarray(mask)
    if mask.shape != suv.array.shape:
        raise InputError(f"The {name} mask has shape {mask.shape}, the PET {suv.array.shape}; put it on the PET grid.")
    if not mask.any():
        raise InputError(f"The {name} region is empty; draw it on the PET.")
    return mask.astype(bool)


def _reference(
    suv: Volume,
    mask: np.ndarray | None,
    mean: float | None,
    name: str,
    minimum_cm3: float,
    maximum_cov: float,
) -> Reference | None:
    if mask is not None and mean is not None:
        raise InputError("The reference is given as a region and as a number; give one of them.")
    if mean is not None:
        return reference_of_mean(mean)
    if mask is None:
        return None
    mask = _on_grid(suv, mask, name)
    return reference_region(suv, mask, name=name, minimum_cm3=minimum_cm3, maximum_cov=maximum_cov)


def _tumour_warnings(statistics: RoiStatistics, peak: float | None, voxel_cm3: float) -> list[str]:
    warnings = []
    volume_cm3 = statistics.n * voxel_cm3
    if statistics.n_valid < statistics.n:
        warnings.append(f"{statistics.n - statistics.n_valid} of {statistics.n} tumour voxels have no valid SUV.")
    if peak is None and volume_cm3 < PEAK_VOLUME_CM3:
        warnings.append(f"SUVpeak is undefined for a tumour of {volume_cm3:.2g} cm³, below 1 cm³; see SUV90.")
    elif peak is None:
        warnings.append("SUVpeak is undefined: no sphere of 1 cm³ around the tumour's voxels lies within the image.")
    return warnings
