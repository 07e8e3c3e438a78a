"""What an analysis needs, taken from the scene on the main thread."""

from __future__ import annotations

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.masks import REGION_WORDS
from HER2ImmunoCommonLib.scene import (
    BLOOD,
    MUSCLE,
    segment_mask,
    segment_name,
    segment_warnings,
    to_world,
    volume_from_node,
)
from vtk.util.numpy_support import vtk_to_numpy

from ..analysis.examination import Request
from ..analysis.settings import PetSettings
from ..hypoxia.metrics import REFERENCE_NAMES
from .sources import source_of

CUBIC_MM_PER_CM3 = 1000.0
NOT_IN_THE_TUMOUR = (
    *(word for region in ("artery", "muscle", "blood", "reference") for word in REGION_WORDS[region]),
    "sphere",
)
"""What is in the name of a segment that hypoxia is compared with, and cannot lie in."""
REFERENCES = {"TMR": MUSCLE, "TBR": BLOOD}
"""How the segment is called that a ratio compares with."""
HYPOXIC_TAG = "PETHypoxia.Result"
"""Marks a segment as the hypoxic part found by an earlier run."""


def threshold_field(parameters) -> str:
    """Field of the parameter node for the threshold of the chosen ratio."""
    return "tmrThreshold" if parameters.ratio.name == "TMR" else "tbrThreshold"


def settings_of(parameters) -> PetSettings:
    """The user's settings.

    Raises
    ------
    InputError
        For an impossible one.
    """
    ratio = parameters.ratio.name
    return PetSettings(
        norm=parameters.norm.value,
        ratio=ratio,
        threshold=getattr(parameters, threshold_field(parameters)),
        sweep=tuple(parameters.sweep.replace(",", " ").split()),
        minimum_reference_cm3=parameters.minimumReferenceVolume,
        maximum_reference_cov=parameters.maximumReferenceVariation / 100.0,
        overrides=header_answers(parameters),
    )


def answers_of(parameters) -> dict[str, str]:
    """Answers and corrections of the header, by key."""
    return dict(line.split("=", 1) for line in parameters.answers)


def header_answers(parameters) -> dict[str, str]:
    """The answers without the one that chooses a series, which a volume has made already."""
    return {key: value for key, value in answers_of(parameters).items() if key != "series"}


def gather(parameters) -> Request:
    """Everything an analysis needs, as plain arrays and values.

    Parameters
    ----------
    parameters : the module's parameter node wrapper

    Raises
    ------
    InputError
        If a choice is missing, the DICOM files are gone, a region is empty or outside the PET, or a setting is not
        possible.
    """
    volume = parameters.petVolume
    if volume is None or volume.GetImageData() is None:
        raise InputError("There is no PET volume; choose one, or load it from its DICOM folder.")
    image = volume_from_node(volume)
    chosen = parameters.segmentation, parameters.segmentId
    tumour = _region(*chosen, volume, "tumour")
    told = segment_warnings(*chosen, volume, tumour, "tumour")
    name = REFERENCE_NAMES[parameters.ratio.name]
    chosen = parameters.referenceSegmentation, parameters.referenceSegmentId
    reference = _region(*chosen, volume, name)
    told += (*segment_warnings(*chosen, volume, reference, name), *reference_doubts(parameters))
    check_choices(parameters)
    return Request(
        name=volume.GetName(),
        image=image.like(image.array.copy()),
        source=source_of(volume),
        tumour=image.like(tumour),
        reference=image.like(reference),
        tumour_volume_cm3=segment_volume_cm3(parameters.segmentation, parameters.segmentId),
        settings=settings_of(parameters),
        visit=parameters.visit.strip(),
        day=parameters.day,
        others={name: image.like(mask) for name, mask in _others(parameters, volume).items()},
        warnings=told,
    )


def reference_doubts(parameters) -> tuple[str, ...]:
    """What is said where the reference is called as that of the other ratio, whose threshold is another."""
    name, ratio = segment_name(parameters.referenceSegmentation, parameters.referenceSegmentId), parameters.ratio.name
    others = [REFERENCES[other] for other in REFERENCES if other != ratio]
    if REFERENCES[ratio].search(name) or not any(other.search(name) for other in others):
        return ()
    wanted = REFERENCE_NAMES[ratio]
    return (
        f"The reference segment is called {name!r}, but {ratio} compares with {wanted}; choose it or the ratio anew.",
    )


def _region(segmentation, segment_id: str, volume, name: str) -> np.ndarray:
    if segmentation is None or not segment_id:
        raise InputError(f"There is no {name} segment; choose one.")
    return segment_mask(segmentation, segment_id, volume)


def _others(parameters, volume) -> dict[str, np.ndarray]:
    """The other drawn segments of the tumour's segmentation: no reference or vessel, and no earlier result."""
    segmentation = parameters.segmentation
    taken = {parameters.segmentId}
    if parameters.referenceSegmentation is segmentation:
        taken.add(parameters.referenceSegmentId)
    found = {}
    for segment_id in segmentation.GetSegmentation().GetSegmentIDs():
        segment = segmentation.GetSegmentation().GetSegment(segment_id)
        name = segment.GetName()
        if (
            segment_id in taken
            or segment.HasTag(HYPOXIC_TAG)
            or any(word in name.lower() for word in NOT_IN_THE_TUMOUR)
        ):
            continue
        mask = drawn_mask(segmentation, segment_id, volume)
        if mask is not None:
            found[f"{name} ({segment_id})" if name in found else name] = mask
    return found


def drawn_mask(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str, volume) -> np.ndarray | None:
    """A segment on the grid of a volume; None where it is empty or lies outside."""
    try:
        return segment_mask(segmentation, segment_id, volume)
    except InputError:
        return None


def check_choices(parameters) -> None:
    """Refuse choices that cannot go together, before anything is computed.

    Raises
    ------
    InputError
        If the tumour is its own reference, or a setting is not possible.
    """
    if parameters.segmentId == parameters.referenceSegmentId and (
        parameters.segmentation is parameters.referenceSegmentation
    ):
        raise InputError("The reference is the tumour segment itself; choose another segment.")
    settings_of(parameters)


def segment_volume_cm3(segmentation: slicer.vtkMRMLSegmentationNode, segment_id: str) -> float:
    """Volume of a segment on the grid it was drawn on, where that lies, so that the PET's voxels do not matter.

    Raises
    ------
    InputError
        If it lies under a transform that is not linear.
    """
    segmentation.CreateBinaryLabelmapRepresentation()
    labelmap = slicer.vtkOrientedImageData()
    segmentation.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    voxels = vtk_to_numpy(labelmap.GetPointData().GetScalars())
    stretch = abs(np.linalg.det(to_world(segmentation)[:3, :3]))
    return float(np.count_nonzero(voxels) * np.prod(labelmap.GetSpacing()) * stretch / CUBIC_MM_PER_CM3)
