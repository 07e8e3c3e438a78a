"""The signal of a few voxels of a dynamic series, without reading the rest."""

from __future__ import annotations

import math

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries

from ..analysis.inputs import enhancing_curve
from ..dicom.reading import DynamicImages
from ..dicom.time_axis import TimeAxis
from .series_nodes import field_t_of, flip_deg_of, tr_s_of

MOST_VALUES = 20_000_000
"""Voxels times frames that are looked through for those that enhance most; of a larger series every so many."""


def light_images(series: slicer.vtkMRMLSequenceNode, axis: TimeAxis, signal: np.ndarray) -> DynamicImages:
    """A dynamic series with nothing but the signal (n, t) of some voxels."""
    row = TimeSeries(signal[None, None], np.eye(4), axis.time_s)
    return DynamicImages(row, axis, tr_s_of(series), flip_deg_of(series), field_t_of(series), {})


def voxel_signal(series: slicer.vtkMRMLSequenceNode, mask: np.ndarray) -> np.ndarray:
    """Signal (n, t) of the voxels of a mask (k, j, i): no more than these is read of each frame."""
    inside = np.flatnonzero(mask)
    frames = frames_of(series)
    if frames[0].shape != mask.shape:
        raise InputError(f"The region is not on the grid of {series.GetName()}; draw it again.")
    return np.stack([frame.reshape(-1)[inside] for frame in frames], axis=-1).astype(np.float32)


def enhancing_signal(series: slicer.vtkMRMLSequenceNode) -> np.ndarray:
    """Mean curve (t,) of the voxels that enhance most, as the analysis takes it; of a large series of a sample."""
    frames = frames_of(series)
    every = math.ceil(math.sqrt(frames[0].size * len(frames) / MOST_VALUES))
    return enhancing_curve(np.stack([frame[:, ::every, ::every] for frame in frames], axis=-1).astype(np.float32))


def frames_of(series: slicer.vtkMRMLSequenceNode) -> list[np.ndarray]:
    """Views (k, j, i) of the frames of a series.

    Raises
    ------
    InputError
        If it is not a sequence of volumes of one size.
    """
    nodes = [series.GetNthDataNode(n) for n in range(series.GetNumberOfDataNodes())]
    if nodes and all(node.IsA("vtkMRMLScalarVolumeNode") for node in nodes):
        frames = [slicer.util.arrayFromVolume(node) for node in nodes]
        if all(frame.shape == frames[0].shape for frame in frames):
            return frames
    raise InputError(f"{series.GetName()} is not a sequence of volumes on one grid; load it again.")
