"""What the arterial input would be with the present choices: from the voxels that count alone, before any fit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries

from ..arterial_input.aif import Aif
from ..arterial_input.comparison import Comparison, compare_with_population
from ..arterial_input.plausible import on_clock_of, peak_warnings
from ..dicom.reading import DynamicImages
from ..voxels.regions import mean_curve
from .inputs import (
    choose_baseline,
    find_arrival_s,
    frame_warnings,
    measured_input,
    population_input,
    relaxivity_of,
    sequence_of,
)
from .own_units import in_own_units
from .settings import MEASURED_AIFS, DceSettings

NOT_SEARCHED = (
    "The artery has not been looked for yet: find the candidates to see the input that will be measured. The curve is "
    "that of the voxels that enhance most."
)
FITTED_ARRIVAL = "The arrival shown is the foot of the curve; that used is fitted to the tumour, a frame or so away."


@dataclass(frozen=True, eq=False)
class InputPreview:
    """An arterial input with its baseline and arrival.

    Attributes
    ----------
    time_s, signal : ndarray, shape (t,)
        Frames, and the signal by which baseline and arrival are found: of the artery, else of the voxels that enhance
        most.
    baseline : ndarray of int or None
        Frames before arrival.
    arrival_s : float
        On the clock of the frames; NaN where none is found.
    aif : Aif or None
    reason : str
        Why there is no `aif`, as a sentence; empty where there is one.
    remark : str
        What to know of the arrival.
    warnings : tuple of str
    comparison : Comparison or None
        Of a measured input.
    """

    time_s: np.ndarray
    signal: np.ndarray
    baseline: np.ndarray | None = None
    arrival_s: float = float("nan")
    aif: Aif | None = None
    reason: str = ""
    remark: str = ""
    warnings: tuple[str, ...] = ()
    comparison: Comparison | None = None

    @property
    def peak_mM(self) -> float:
        """Highest concentration in plasma; NaN where there is none."""
        return float("nan") if self.aif is None else float(self.aif.plasma_mM.max())

    @property
    def peak_s(self) -> float:
        """Time of the frame with the highest signal after the baseline."""
        after = 0 if self.baseline is None else int(self.baseline.max()) + 1
        return float(self.time_s[after:][np.argmax(self.signal[after:])])

    @property
    def doubt(self) -> str:
        """Why it may be no artery, as a sentence; empty if nothing speaks against it."""
        return self.reason if self.aif is None else " ".join(peak_warnings(self.aif))


def images_of(images: DynamicImages, signal: np.ndarray) -> DynamicImages:
    """The images with nothing but the signal (n, t) of some of their voxels, as a row."""
    series = TimeSeries(signal[None, None], images.series.ijk_to_ras, images.series.time_s)
    return replace(images, series=series)


def preview_input(
    images: DynamicImages,
    settings: DceSettings,
    *,
    aif: Aif | None = None,
    b1: float | None = None,
    compared: str = "",
) -> InputPreview:
    """The input as `analyse` would take it.

    Parameters
    ----------
    images : DynamicImages
        With the voxels of the artery for `settings.aif == "roi"`, else with the mean curve of those that enhance most,
        as `images_of` makes them.
    settings : DceSettings
    aif : Aif, optional
        From a file or table.
    b1 : float, optional
        Of the artery.
    compared : str
        Population input to compare a measured one with; none where empty.

    Returns
    -------
    InputPreview
        Choices that cannot be used are its `reason`.

    Raises
    ------
    InputError
        If no voxel has data.
    """
    series = images.series
    found = InputPreview(series.time_s, mean_curve(series.array, _all_of(series), "artery"))
    if not settings.needs_aif:
        return replace(found, reason="The chosen model has no arterial input.")
    try:
        settings, told = in_own_units(settings)
        if settings.aif == "file" and aif is not None:
            aif, more = on_clock_of(aif, series.time_s)
            told = (*told, *more)
        found = _timed(replace(found, warnings=told), settings, aif if settings.aif == "file" else None)
        return _with_input(found, images, settings, aif, b1, compared)
    except InputError as error:
        return replace(found, reason=str(error))


def _all_of(series: TimeSeries) -> np.ndarray:
    return np.ones(series.array.shape[:3], bool)


def _timed(found: InputPreview, settings: DceSettings, aif: Aif | None) -> InputPreview:
    baseline, told = choose_baseline(found.signal, found.time_s, settings, aif)
    arrival_s = find_arrival_s(settings, found.time_s, found.signal, baseline, None, aif)
    return replace(found, baseline=baseline, arrival_s=arrival_s, warnings=(*found.warnings, *told))


def _with_input(
    found: InputPreview,
    images: DynamicImages,
    settings: DceSettings,
    aif: Aif | None,
    b1: float | None,
    compared: str,
) -> InputPreview:
    if settings.aif == "auto":
        return replace(found, reason=NOT_SEARCHED)
    if settings.aif not in MEASURED_AIFS:
        aif = population_input(settings, found.time_s, found.arrival_s)
        remark = FITTED_ARRIVAL if settings.arrival_s is None else ""
        warnings = (*found.warnings, *frame_warnings(found.time_s))
        return replace(found, aif=aif, remark=remark, warnings=warnings)
    r1, remarks = relaxivity_of(settings, images.field_t)
    mask = _all_of(images.series) if settings.aif == "roi" else None
    aif, told = measured_input(images, settings, sequence_of(images, settings), mask, aif, found.baseline, r1, b1)
    warnings = (*found.warnings, *remarks, *told, *peak_warnings(aif))
    comparison = _compared(found, aif, settings, compared) if compared else None
    return replace(found, aif=aif, warnings=warnings, comparison=comparison)


def _compared(found: InputPreview, aif: Aif, settings: DceSettings, name: str) -> Comparison:
    return compare_with_population(
        aif, name, arrival_s=found.arrival_s, hematocrit=settings.hematocrit, dose=settings.dose_mmol_per_kg
    )
