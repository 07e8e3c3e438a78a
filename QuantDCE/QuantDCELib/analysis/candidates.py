"""Arteries to choose from, each with the input that it would give."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part

from ..arterial_input.auto_aif import Artery, find_arteries
from ..dicom.reading import DynamicImages
from .input_preview import InputPreview, images_of, preview_input
from .inputs import choose_baseline, enhancing_curve
from .own_units import in_own_units
from .settings import DceSettings
from .tissue_t1 import TissueT1


@dataclass(frozen=True, eq=False)
class Candidate:
    """An artery found in the images, and the input measured in it.

    Attributes
    ----------
    artery : Artery
    preview : InputPreview
        Without an input where the signal gives no concentration; its `reason` says why.
    b1 : float or None
        Actual flip angle there, as a fraction of the nominal one.
    """

    artery: Artery
    preview: InputPreview
    b1: float | None = None


def input_candidates(
    images: DynamicImages,
    settings: DceSettings,
    *,
    search: np.ndarray | None = None,
    b1: np.ndarray | None = None,
    report: Report | None = None,
) -> list[Candidate]:
    """The arteries that the automatic search finds, the best first: that of `settings.aif == "auto"`.

    Parameters
    ----------
    images : DynamicImages
    settings : DceSettings
        Its `aif` does not matter.
    search : ndarray of bool, shape (k, j, i), optional
        Where to look.
    b1 : ndarray, shape (k, j, i), optional
        Actual flip angle as a fraction of the nominal one.
    report : Report, optional

    Raises
    ------
    InputError
        If the model has no arterial input, or nothing looks like an artery.
    """
    if not settings.needs_aif:
        raise InputError("The chosen model has no arterial input; choose another model to measure one.")
    settings, _told = in_own_units(replace(settings, aif="roi"))
    series = images.series
    baseline, _told = choose_baseline(enhancing_curve(series.array), series.time_s, settings)
    found = find_arteries(series.array, series.time_s, baseline, search=search, report=part(report, 0.0, 0.9))
    return [_candidate(images, settings, artery, b1) for artery in found]


def _candidate(images: DynamicImages, settings: DceSettings, artery: Artery, b1: np.ndarray | None) -> Candidate:
    voxels = images_of(images, images.series.array[artery.mask])
    try:
        actual = None if b1 is None else TissueT1(b1, False, b1=b1).mean_b1(artery.mask, "artery")
    except InputError as error:
        signal = artery.signal
        return Candidate(artery, InputPreview(images.series.time_s, signal, reason=str(error)))
    return Candidate(artery, preview_input(voxels, settings, b1=actual), actual)


def candidate_name(preview: InputPreview, number: int) -> str:
    """What a person calls a candidate, `number` counted from 0: its peak in plasma and when that comes."""
    peak = "peak" if preview.aif is None else f"{preview.peak_mM:.2g} mM"
    return f"Candidate {number + 1}: {peak} at {preview.peak_s:.0f} s"
