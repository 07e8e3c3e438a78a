"""What the arterial input would be with the present choices, read from the nodes at once."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.scene import segment_mask, segment_state, to_world, volume_from_node

from ..analysis.input_preview import InputPreview, preview_input
from ..analysis.settings import DceSettings
from ..analysis.tissue_t1 import TissueT1, b1_on_grid
from .choices import settings_of
from .frames import time_axis_of
from .gathering import measured_curve
from .inputs_key import inputs_key
from .voxel_signal import enhancing_signal, light_images, voxel_signal

NO_ARTERY = "No artery is chosen: find the candidates and accept one, draw it, or take another input."


def input_preview(parameters) -> InputPreview | None:
    """The input, baseline and arrival of a QuantDCE parameter node; None without a series."""
    return InputPreviews().preview(parameters)


def preview_key(parameters) -> str:
    """Everything a preview depends on, as text: equal while none of that changes."""
    return json.dumps([inputs_key(parameters), parameters.comparedInput])


class InputPreviews:
    """Previews, one after another, of which each keeps the signal it has read for the next."""

    def __init__(self):
        self._read_from, self._signal, self._b1 = None, None, None

    def preview(self, parameters) -> InputPreview | None:
        """As `input_preview`; choices that cannot be used are the `reason` of what is given."""
        series = parameters.dynamic
        if series is None:
            return None
        try:
            axis = time_axis_of(series, parameters.timesText, parameters.frameIntervalS)
            settings = settings_of(parameters)
            aif = measured_curve(parameters, settings)
            chosen = _has_artery(parameters, settings)
            self._read(parameters, chosen)
        except InputError as error:
            return InputPreview(np.empty(0), np.empty(0), reason=str(error))
        missing = settings.needs_aif and settings.aif == "roi" and not chosen
        if missing:
            settings = replace(settings, aif="auto")
        try:
            images = light_images(series, axis, self._signal)
            found = preview_input(images, settings, aif=aif, b1=self._b1, compared=parameters.comparedInput)
        except InputError as error:
            return InputPreview(np.empty(0), np.empty(0), reason=str(error))
        return replace(found, reason=NO_ARTERY) if missing and found.baseline is not None else found

    def _read(self, parameters, of_artery: bool) -> None:
        """The signal of the artery with its B1, or of the voxels that enhance most, unless it was read before."""
        series, b1_map = parameters.dynamic, parameters.b1Map if of_artery else None
        artery = (parameters.arterySegmentation, parameters.arterySegmentId) if of_artery else (None, "")
        read_from = [series.GetID(), series.GetMTime(), segment_state(*artery), b1_map and b1_map.GetID()]
        if read_from == self._read_from:
            return
        self._read_from = None
        if not of_artery:
            self._signal, self._b1 = enhancing_signal(series)[None], None
        else:
            mask = segment_mask(*artery, series)
            self._signal = voxel_signal(series, mask)
            self._b1 = None if b1_map is None else _mean_b1(b1_map, series, mask)
        self._read_from = read_from


def _has_artery(parameters, settings: DceSettings) -> bool:
    of_artery = settings.needs_aif and settings.aif == "roi"
    return bool(of_artery and parameters.arterySegmentation is not None and parameters.arterySegmentId)


def _mean_b1(b1_map: slicer.vtkMRMLScalarVolumeNode, series: slicer.vtkMRMLSequenceNode, mask: np.ndarray) -> float:
    frame = volume_from_node(series.GetNthDataNode(0))
    placed = Volume(frame.array, to_world(series) @ frame.ijk_to_ras)
    values, _told = b1_on_grid(volume_from_node(b1_map), placed, mask)
    return TissueT1(values, False, b1=values).mean_b1(mask, "artery")
