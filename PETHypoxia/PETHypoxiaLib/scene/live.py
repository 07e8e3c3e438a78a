"""What can be said of the regions before anything is computed, from the voxels of the PET volume on screen."""

from __future__ import annotations

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.scene import segment_mask, to_world, volume_from_node

from ..hypoxia.metrics import REFERENCE_NAMES
from ..hypoxia.preview import Preview, preview, reference_quality
from ..hypoxia.reference_region import Reference
from .gathering import segment_volume_cm3

TUMOUR = "segmentation", "segmentId"
REFERENCE = "referenceSegmentation", "referenceSegmentId"
"""Fields of the parameter node that hold a region."""


class LiveRegions:
    """Reference and preview of a parameter node, computed anew only when PET or segment changed."""

    def __init__(self):
        self._known: dict[str, tuple[object, object]] = {}

    def size_cm3(self, parameters) -> float | None:
        """Volume of the tumour as it was drawn; None before it is.

        Raises
        ------
        InputError
            If it lies under a transform that is not linear.
        """
        if not _is_drawn(parameters, TUMOUR):
            return None
        state = _state(parameters, TUMOUR), to_world(parameters.segmentation).tobytes()
        return self._once("size", state, lambda: segment_volume_cm3(*_chosen(parameters, TUMOUR))) or None

    def reference(self, parameters) -> Reference | None:
        """Size, mean (in the unit of the volume) and variation of the reference region; None before it is drawn.

        Raises
        ------
        InputError
            If it lies outside the PET or has no uptake.
        """
        if not _is_drawn(parameters, REFERENCE):
            return None
        limits = parameters.minimumReferenceVolume, parameters.maximumReferenceVariation / 100.0
        name = REFERENCE_NAMES[parameters.ratio.name]
        key = (_state(parameters, REFERENCE), limits, name)

        def compute():
            return reference_quality(_image(parameters), _mask(parameters, REFERENCE), name, *limits)

        return self._once("reference", key, compute)

    def preview(self, parameters) -> Preview | None:
        """Ratios of the tumour's voxels; None before tumour and reference are drawn.

        Raises
        ------
        InputError
            If a region lies outside the PET or the reference has no uptake.
        """
        reference = self.reference(parameters)
        if reference is None or not _is_drawn(parameters, TUMOUR):
            return None
        key = (_state(parameters, TUMOUR), reference.mean)
        return self._once(
            "preview", key, lambda: preview(_image(parameters), _mask(parameters, TUMOUR), reference.mean)
        )

    def _once(self, what: str, key: object, compute):
        known = self._known.get(what)
        if known is None or known[0] != key:
            self._known[what] = key, compute()
        return self._known[what][1]


def _image(parameters) -> Volume:
    return volume_from_node(parameters.petVolume)


def _chosen(parameters, fields: tuple[str, str]) -> tuple[slicer.vtkMRMLSegmentationNode | None, str]:
    return tuple(getattr(parameters, name) for name in fields)


def _is_drawn(parameters, fields: tuple[str, str]) -> bool:
    segmentation, segment_id = _chosen(parameters, fields)
    volume = parameters.petVolume
    if segmentation is None or not segment_id or volume is None or volume.GetImageData() is None:
        return False
    segment = segmentation.GetSegmentation().GetSegment(segment_id)
    if segment is None:
        return False
    bounds = np.zeros(6)
    segment.GetBounds(bounds)
    return bool(bounds[0] <= bounds[1])


def _mask(parameters, fields: tuple[str, str]) -> np.ndarray:
    return segment_mask(*_chosen(parameters, fields), parameters.petVolume)


def _state(parameters, fields: tuple[str, str]) -> tuple:
    """What a region on the PET depends on."""
    segmentation, segment_id = _chosen(parameters, fields)
    labelmap = segmentation.GetBinaryLabelmapInternalRepresentation(segment_id)
    source = segmentation.GetSegmentation() if labelmap is None else labelmap
    volume = parameters.petVolume
    place = tuple(volume_from_node(volume).ijk_to_ras.ravel())
    return segmentation.GetID(), segment_id, source.GetMTime(), volume.GetID(), volume.GetImageData().GetMTime(), place


def check_sphere_possible(parameters) -> None:
    """Refuse a sphere where there is no PET to put it on.

    Raises
    ------
    InputError
    """
    if parameters.petVolume is None or parameters.petVolume.GetImageData() is None:
        raise InputError("There is no PET volume to place a sphere on; choose one first.")
