"""Putting PET and results into the views, when a person asks for it."""

from __future__ import annotations

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import (
    map_colours,
    origin_of,
    round_top,
    segment_mask,
    set_colours,
    show_chart,
    show_images,
    show_map,
    volume_from_node,
)

from .sources import GREY, WINDOW_SHARE

HYPOXIC: tuple[float, float, float] = (0.0, 0.95, 1.0)
"""Cyan, which the colours of maps do not have."""
FUSION_OPACITY = 0.5
BODY_SHARE = 0.1
"""Of the top of the PET, above which a voxel is taken for the body's."""
TOP_PERCENTILE = 99.0
SEEN = "PETHypoxia.Seen"
"""Marks a ratio map that a person has looked at."""
RATIO_SHOWN = (0.0, 2.5)
"""Ratios between which colours change at the least; the same for all visits unless a tumour has more."""
RATIO_STEP = 0.5


def show_pet_volume(parameters) -> None:
    """The PET volume that was chosen or loaded, in grey and by itself, in every slice view."""
    volume = parameters.petVolume
    if volume is None or volume.GetImageData() is None:
        return
    if volume.GetDisplayNode() is None:
        volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    if display.GetAutoWindowLevel() or display.GetColorNode() is map_colours(volume.GetScene()):
        set_colours(volume, GREY, 0.0, WINDOW_SHARE * float(np.nanmax(slicer.util.arrayFromVolume(volume))))
    show_images(volume.GetScene(), volume, parameters.segmentation)


def show_ratio(parameters) -> None:
    """The ratio map in every slice view, over the SUV map, and the sweep in a plot view, which the layout gets."""
    ratio, scene = parameters.ratioVolume, parameters.ratioVolume.GetScene()
    region = _region(parameters, ratio)
    _colour_ratio(ratio, _tumour_values(region, ratio))
    show_map(scene, ratio, parameters.suvVolume, *region)
    ratio.SetAttribute(SEEN, "1")
    show_chart(scene, parameters.sweepChart)


def show_fusion(parameters) -> str:
    """PET over the anatomical image in every slice view; gives the name of what is shown over it.

    That is the ratio map of this PET once there is one, else the PET itself, in a window from its own values. The
    window of the anatomical image stays.

    Raises
    ------
    InputError
        If PET or anatomical image is not chosen, or they are the same.
    """
    pet, anatomy = parameters.petVolume, parameters.anatomyVolume
    if pet is None or anatomy is None:
        raise InputError("PET over anatomy needs both; choose the PET volume and the anatomical image.")
    if pet is anatomy:
        raise InputError("The anatomical image is the PET itself; choose the MR or CT.")
    ratio = pet.GetNodeReference("PETHypoxia.ratioVolume")
    over, colour = (pet, _colour_pet) if ratio is None else (ratio, _colour_ratio)
    region = _region(parameters, over)
    colour(over, _tumour_values(region, over))
    show_map(pet.GetScene(), over, anatomy, *region, opacity=FUSION_OPACITY)
    if over is ratio:
        over.SetAttribute(SEEN, "1")
    return over.GetName()


def pet_window(values: np.ndarray, tumour: np.ndarray) -> tuple[float, float]:
    """From 0 to the tumour's highest value, or where almost all of the body lies if that is more.

    Parameters
    ----------
    values : ndarray
        All voxels; those of the air do not count.
    tumour : ndarray
        Those of the tumour; empty if it is not known.
    """
    values = values[np.isfinite(values)]
    top = float(np.percentile(values, 99.9)) if values.size else 0.0
    body = values[values > BODY_SHARE * top]
    high = max([float(np.percentile(body, TOP_PERCENTILE)) if body.size else 0.0, *tumour.tolist()])
    return 0.0, round_top(high) if high > 0 else 1.0


def _colour_pet(pet, tumour: np.ndarray) -> None:
    set_colours(pet, map_colours(pet.GetScene()).GetID(), *pet_window(slicer.util.arrayFromVolume(pet), tumour))


def _colour_ratio(ratio, tumour: np.ndarray) -> None:
    low, high = RATIO_SHOWN
    most = float(tumour.max()) if tumour.size else high
    high = max(high, RATIO_STEP * float(np.ceil(most / RATIO_STEP)))
    set_colours(ratio, map_colours(ratio.GetScene()).GetID(), low, high)


def _region(parameters, volume) -> tuple[slicer.vtkMRMLSegmentationNode | None, str]:
    """The tumour a result was made from, else the one chosen; the hypoxic segment lies in the same segmentation."""
    _, segmentation, segment_id = origin_of(volume)
    return (segmentation, segment_id) if segmentation is not None else (parameters.segmentation, parameters.segmentId)


def _tumour_values(region: tuple[slicer.vtkMRMLSegmentationNode | None, str], volume) -> np.ndarray:
    """Values in the tumour; none where it is not drawn on this volume."""
    segmentation, segment_id = region
    if segmentation is None or not segment_id:
        return np.empty(0)
    try:
        mask = segment_mask(segmentation, segment_id, volume)
    except InputError:
        return np.empty(0)
    values = volume_from_node(volume).array[mask]
    return values[np.isfinite(values)]
