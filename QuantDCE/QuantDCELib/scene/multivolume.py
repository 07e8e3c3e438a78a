"""MultiVolumes of the application's DICOM module, all frames in the components of one image, as images for analysis.

The class vtkMRMLMultiVolumeNode belongs to a module of its own and is known here by what it holds.
"""

from __future__ import annotations

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import Question, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.scene import TIME_TAG, examination_of, labels_of, n_frames, series_uid_of, volume_from_node

from ..dicom.reading import DynamicImages, VfaImages
from ..dicom.time_axis import TimeAxis
from .frames import time_axis_of
from .series_nodes import field_t_of, flip_angle_labels, flip_deg_of, tr_s_of


def is_multivolume(node: slicer.vtkMRMLVolumeNode) -> bool:
    """Whether a volume node holds labelled frames."""
    has_frames = node.IsA("vtkMRMLMultiVolumeNode") or bool(labels_of(node))
    return has_frames and n_frames(node) > 1


def dynamic_of_multivolume(node: slicer.vtkMRMLVolumeNode) -> DynamicImages:
    """The voxels of a MultiVolume with its frame labels as times.

    Raises
    ------
    InputError
        If the labels are no times.
    """
    axis = time_axis_of(node)
    axis = TimeAxis(axis.time_s, node.GetAttribute(TIME_TAG) or "frame labels", axis.warnings)
    voxels = volume_from_node(node)
    series = TimeSeries(voxels.array.astype(np.float32), voxels.ijk_to_ras, axis.time_s)
    return DynamicImages(
        series,
        axis,
        tr_s_of(node),
        flip_deg_of(node),
        field_t_of(node),
        _uids(node),
        axis.warnings,
        examination=examination_of(node),
    )


def vfa_of_multivolume(node: slicer.vtkMRMLVolumeNode, tr_s: float | None = None) -> VfaImages:
    """The voxels of a MultiVolume with its frame labels as flip angles.

    Raises
    ------
    InputError
        If the labels are no flip angles.
    QuestionsError
        If neither `tr_s` nor the node gives the TR.
    """
    flips, tr_s = flip_angle_labels(node), tr_s or tr_s_of(node)
    if tr_s is None:
        raise QuestionsError([Question("vfa_tr_ms", f"{node.GetName()} does not say its TR; what is it in ms?")])
    voxels, order = volume_from_node(node), np.argsort(flips)
    signal = voxels.array[..., order].astype(np.float32)
    return VfaImages(signal, voxels.ijk_to_ras, flips[order], tr_s, _uids(node), examination=examination_of(node))


def _uids(node: slicer.vtkMRMLVolumeNode) -> dict[str, list[str]]:
    series = series_uid_of(node)
    return {"series": [series]} if series else {}
