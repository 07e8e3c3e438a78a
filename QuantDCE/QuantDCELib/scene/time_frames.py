"""The frames of a dynamic series to look at: any by its number, the late one, and late minus before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.scene import node_from_volume, read_times, set_origin, volume_from_node

from .series_nodes import browser_of, shown_volume

LATE_S = 120.0
"""After the first enhancement, when tumours are brightest against tissue (BI-RADS: within two minutes)."""
RISE = 0.1
"""Share of the whole rise of the mean signal that counts as enhancement."""
SUBTRACTION = "QuantDCE.Subtraction"
"""Reference role by which a sequence knows its subtraction."""


def show_frame(sequence: slicer.vtkMRMLSequenceNode, index: int) -> None:
    """Let the volume that stands for the series show a frame, counted from 0.

    Raises
    ------
    InputError
        If there is no such frame, or no browser to show it with.
    """
    browser = browser_of(sequence)
    if browser is None:
        raise InputError(f"{sequence.GetName()} has no sequence browser; make one in the module Sequences.")
    if not 0 <= index < sequence.GetNumberOfDataNodes():
        last = sequence.GetNumberOfDataNodes()
        raise InputError(f"{sequence.GetName()} has no frame {index + 1}; choose one of 1 to {last}.")
    browser.SetSelectedItemNumber(index)
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)


def shown_frame(sequence: slicer.vtkMRMLSequenceNode) -> int:
    """The frame that is shown, counted from 0; -1 without a browser."""
    browser = browser_of(sequence)
    return -1 if browser is None else browser.GetSelectedItemNumber()


def late_frame(sequence: slicer.vtkMRMLSequenceNode) -> int:
    """The frame nearest to two minutes after the first enhancement; without times, that of the highest mean signal.

    Raises
    ------
    InputError
        If it is not a sequence of volumes.
    """
    means = _mean_signal(sequence)
    try:
        time_s, _ = read_times(sequence)
    except InputError:
        return int(means.argmax())
    start_s = time_s[_first_enhanced(means)]
    return int(np.abs(time_s - start_s - LATE_S).argmin())


def subtraction_volume(
    scene: slicer.vtkMRMLScene, sequence: slicer.vtkMRMLSequenceNode, keep: Callable
) -> slicer.vtkMRMLScalarVolumeNode:
    """The late frame minus the mean of the frames before contrast agent, beside the series and where it lies.

    Parameters
    ----------
    scene : vtkMRMLScene
    sequence : vtkMRMLSequenceNode
    keep : callable
        That of `all_or_nothing`.

    Returns
    -------
    vtkMRMLScalarVolumeNode
        Named "<series> subtraction"; that made before if there is one, computed again.

    Raises
    ------
    InputError
        If it is not a sequence of volumes, or has no frame before contrast agent.
    """
    before, late = _first_enhanced(_mean_signal(sequence)), late_frame(sequence)
    if not 0 < before <= late:
        raise InputError(f"{sequence.GetName()} has no frame before contrast agent to subtract; look at a late frame.")
    frames = [slicer.util.arrayFromVolume(sequence.GetNthDataNode(n)) for n in range(before)]
    baseline = np.mean(frames, axis=0, dtype=np.float32)
    image = volume_from_node(sequence.GetNthDataNode(late))
    difference = image.array.astype(np.float32) - baseline
    node = sequence.GetNodeReference(SUBTRACTION)
    if node is None:
        node = keep(node_from_volume(scene, Volume(difference, image.ijk_to_ras), f"{sequence.GetName()} subtraction"))
        node.CreateDefaultDisplayNodes()
        keep(node.GetDisplayNode())
        sequence.SetNodeReferenceID(SUBTRACTION, node.GetID())
        set_origin(node, sequence, None)
    else:
        slicer.util.updateVolumeFromArray(node, difference)
    _put_beside(scene, node, sequence)
    return node


def _mean_signal(sequence: slicer.vtkMRMLSequenceNode) -> np.ndarray:
    """Mean of each frame over every fourth row and column."""
    frames = [sequence.GetNthDataNode(n) for n in range(sequence.GetNumberOfDataNodes())]
    if not frames or not all(frame.IsA("vtkMRMLScalarVolumeNode") for frame in frames):
        raise InputError(f"{sequence.GetName()} is not a sequence of volumes; choose the dynamic series.")
    return np.array([np.nanmean(slicer.util.arrayFromVolume(frame)[:, ::4, ::4]) for frame in frames])


def _first_enhanced(means: np.ndarray) -> int:
    """The first frame whose mean signal has risen; 0 where it never does."""
    return int(np.argmax(means > means[0] + RISE * (means.max() - means[0])))


def _put_beside(scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLNode, sequence: slicer.vtkMRMLSequenceNode) -> None:
    """Into the folder of the volume that stands for the series, and under its transform."""
    proxy = shown_volume(sequence)
    if proxy is not None:
        node.SetAndObserveTransformNodeID(proxy.GetTransformNodeID())
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    for other in (proxy, sequence):
        item = hierarchy.GetItemByDataNode(other) if other is not None else 0
        parent = hierarchy.GetItemParent(item) if item else 0
        if parent and parent != hierarchy.GetSceneItemID():
            own = hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(parent, node)
            hierarchy.SetItemParent(own, parent)
            return
