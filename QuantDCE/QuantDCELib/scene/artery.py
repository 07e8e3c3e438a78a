"""The artery as a segment: the one that was found automatically, or the union of the candidates a person accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import slicer
from HER2ImmunoCommonLib.scene import (
    add_segment,
    examination_of,
    put_in_folder,
    redraw_segment,
    segment_state,
    set_examination,
)

from ..analysis.result import DceResult
from ..analysis.settings import DceSettings
from .series_nodes import shown_volume

ARTERY_NAME = "Artery found"
ACCEPTED_NAME = "Artery accepted"
RED = (0.85, 0.1, 0.1)
FAINT = 0.35
ACCEPTED, ACCEPTED_SEGMENT = "QuantDCE.Accepted", "QuantDCE.AcceptedSegment"
"""Reference role and attribute by which candidates know the segment that unites those accepted."""
WRITTEN = "QuantDCE.AcceptedWritten"
"""Attribute with that segment as it was written here: tells whether a person has corrected it since."""


def found_artery(
    scene: slicer.vtkMRMLScene,
    settings: DceSettings,
    result: DceResult,
    grid: slicer.vtkMRMLScalarVolumeNode,
    keep: Callable,
) -> list[slicer.vtkMRMLSegmentationNode]:
    """A segmentation with the artery on the grid of `grid`; none unless the input was looked for in the images."""
    if settings.aif != "auto" or result.artery is None or not result.artery.any():
        return []
    node = keep(scene.AddNewNodeByClass("vtkMRMLSegmentationNode", scene.GenerateUniqueName(ARTERY_NAME)))
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(grid)
    segment_id = add_segment(node, result.artery, "Artery", grid)
    node.GetSegmentation().GetSegment(segment_id).SetColor(*RED)
    return [node]


def accepted_segment(
    candidates: slicer.vtkMRMLSegmentationNode | None,
) -> tuple[slicer.vtkMRMLSegmentationNode | None, str]:
    """The segment that unites the accepted candidates; (None, "") where there is none."""
    node = None if candidates is None else candidates.GetNodeReference(ACCEPTED)
    segment_id = "" if node is None else candidates.GetAttribute(ACCEPTED_SEGMENT) or ""
    if not segment_id or node.GetSegmentation().GetSegment(segment_id) is None:
        return None, ""
    return node, segment_id


def is_accepted_chosen(parameters) -> bool:
    """Whether the chosen artery segment is the union of accepted candidates, also of an earlier search."""
    node, segment_id = parameters.arterySegmentation, parameters.arterySegmentId
    return bool(node is not None and segment_id and node.GetAttribute(ACCEPTED_SEGMENT) == segment_id)


def search_segment(parameters) -> tuple[slicer.vtkMRMLSegmentationNode, str] | None:
    """Where a person narrowed the search for the artery down to; an accepted artery is a find, not a place to look."""
    if parameters.arterySegmentation is None or not parameters.arterySegmentId or is_accepted_chosen(parameters):
        return None
    return parameters.arterySegmentation, parameters.arterySegmentId


def keep_accepted(
    candidates: slicer.vtkMRMLSegmentationNode,
    mask: np.ndarray,
    series: slicer.vtkMRMLSequenceNode,
    colour: tuple[float, float, float] = RED,
) -> tuple[slicer.vtkMRMLSegmentationNode, str]:
    """Write the union of the accepted candidates into their segment; one that a person corrected stays beside it.

    Parameters
    ----------
    candidates : vtkMRMLSegmentationNode
    mask : ndarray of bool, shape (k, j, i)
    series : vtkMRMLSequenceNode
        The grid, and where it lies.
    colour : tuple of float
        Of the segment: that of the first candidate, on whose outline its own may lie.

    Returns
    -------
    vtkMRMLSegmentationNode
    str
        ID of the segment.
    """
    node, segment_id = accepted_segment(candidates)
    if node is None:
        node = candidates.GetNodeReference(ACCEPTED) or _new_accepted(candidates, series)
    if segment_id and segment_state(node, segment_id)[-1] == node.GetAttribute(WRITTEN):
        with _without_transform(node, series):
            redraw_segment(node, segment_id, mask, series.GetNthDataNode(0))
    else:
        segment_id = add_mask(node, mask, ACCEPTED_NAME, series)
    node.GetSegmentation().GetSegment(segment_id).SetColor(*colour)
    for owner in (node, candidates):
        owner.SetAttribute(ACCEPTED_SEGMENT, segment_id)
    node.SetAttribute(WRITTEN, segment_state(node, segment_id)[-1])
    return node, segment_id


def add_mask(
    node: slicer.vtkMRMLSegmentationNode, mask: np.ndarray, name: str, series: slicer.vtkMRMLSequenceNode
) -> str:
    """Add a mask (k, j, i) on the grid of a series as a segment that lies, and moves, where the series does."""
    with _without_transform(node, series):
        return add_segment(node, mask, name, series.GetNthDataNode(0))


@contextmanager
def _without_transform(node: slicer.vtkMRMLSegmentationNode, series: slicer.vtkMRMLSequenceNode) -> Iterator[None]:
    """Masks are written in the coordinates of the frames; afterwards the segments lie, and move, with the series."""
    transform, proxy = node.GetTransformNodeID(), shown_volume(series)
    node.SetAndObserveTransformNodeID(None)
    try:
        yield
    finally:
        node.SetAndObserveTransformNodeID(transform if proxy is None else proxy.GetTransformNodeID())


def new_segmentation(series: slicer.vtkMRMLSequenceNode, name: str) -> slicer.vtkMRMLSegmentationNode:
    """An empty segmentation on the grid of a series, beside its results."""
    scene = series.GetScene()
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", scene.GenerateUniqueName(name))
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(series.GetNthDataNode(0))
    set_examination(node, examination_of(series))
    put_in_folder(scene, [node], f"Quant DCE: {series.GetName()}", beside=series)
    return node


def _new_accepted(candidates, series) -> slicer.vtkMRMLSegmentationNode:
    node = new_segmentation(series, ACCEPTED_NAME)
    display = node.GetDisplayNode()
    # The outlines are those of the candidates, each in its colour; what is accepted is tinted.
    display.SetVisibility2DOutline(False)
    display.SetVisibility2DFill(True)
    display.SetOpacity2DFill(FAINT)
    candidates.SetNodeReferenceID(ACCEPTED, node.GetID())
    return node
