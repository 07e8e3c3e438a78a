"""A tumour suggested from a click, as an ordinary segment that a person can correct, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.scene import (
    PROVENANCE_ATTRIBUTE,
    all_or_nothing,
    node_from_volume,
    place_of,
    redraw_segment,
    series_from_node,
    set_provenance,
    to_world,
)

from ..tumour import FORMULAS, Suggestion, grow_tumour
from .artery import new_segmentation
from .fields import frame_range
from .frames import time_axis_of
from .series_nodes import shown_volume
from .tumour_size import drawn_mask

SEGMENTATION_NAME, SEGMENT_NAME = "Tumour segmentation", "Tumour"
COLOUR = (0.95, 0.75, 0.1)


@dataclass(frozen=True, eq=False)
class SuggestionRequest:
    """Everything a suggestion needs, apart from the scene.

    Attributes
    ----------
    series : TimeSeries
        In the world.
    seed_ras : tuple of float
        In the world, mm.
    radius_mm : float or None
    growth : float
    baseline : slice or None
        Frames given by hand.
    names : dict of str to str
        Names of the nodes used, for the provenance.
    series_id : str
        Of the node of the series.
    """

    series: TimeSeries
    seed_ras: tuple[float, float, float]
    radius_mm: float | None
    growth: float
    baseline: slice | None
    names: dict[str, str]
    series_id: str

    def grow(self, report: Report | None = None) -> Suggestion:
        """The tumour; touches no node."""
        return grow_tumour(
            self.series,
            self.seed_ras,
            radius_mm=self.radius_mm,
            growth=self.growth,
            baseline=self.baseline,
            report=report,
        )


@dataclass(frozen=True, eq=False)
class Earlier:
    """What a suggestion replaced, to be given back once.

    Attributes
    ----------
    segmentation_id, segment_id : str
        Where the suggestion was written.
    mask : Volume or None
        What the segment held, in the coordinates of its segmentation; None where the segmentation was made for it.
    provenance : str
        Record of what the segment held; empty for none.
    """

    segmentation_id: str
    segment_id: str
    mask: Volume | None
    provenance: str = ""


def reason_not_suggested(parameters) -> str:
    """Why no tumour can be suggested yet, as a sentence; empty if it can."""
    if parameters.dynamic is None:
        return "Choose the dynamic series first: the tumour is looked for in it."
    if place_of(parameters.seed) is None:
        return "Click inside the bright part of the tumour first."
    return ""


def gather_suggestion(parameters) -> SuggestionRequest:
    """Read what a suggestion needs from the nodes that a QuantDCE parameter node refers to.

    Raises
    ------
    InputError
        For a choice that is missing or cannot be used.
    QuestionsError
        If the series has no times.
    """
    if reason := reason_not_suggested(parameters):
        raise InputError(reason)
    node = parameters.dynamic
    axis = time_axis_of(node, parameters.timesText, parameters.frameIntervalS)
    frames = frame_range(parameters.baselineFrames)
    return SuggestionRequest(
        series_from_node(node, axis.time_s),
        place_of(parameters.seed),
        parameters.seedRadiusMm or None,
        parameters.growth,
        None if frames is None else slice(*frames),
        {"dynamic_node": node.GetName(), "seed_node": parameters.seed.GetName()},
        node.GetID(),
    )


def publish_suggestion(
    scene: slicer.vtkMRMLScene, parameters, request: SuggestionRequest, suggestion: Suggestion
) -> Earlier:
    """Write a suggestion into the chosen segment, or into a new segmentation where none is chosen.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : QuantDCEParameterNode
        Refers to the segment afterwards.
    request : SuggestionRequest
    suggestion : Suggestion

    Returns
    -------
    Earlier
        For `undo_suggestion`.

    Raises
    ------
    InputError
        If the series is gone or another is chosen, or the segmentation lies under a transform that is not linear; the
        scene is as before.
    """
    series = parameters.dynamic
    if series is None or series.GetID() != request.series_id:
        raise InputError("The series was removed, or another chosen, while the tumour was looked for; click again.")
    node, segment_id = parameters.segmentation, parameters.segmentId
    segment = None if node is None else node.GetSegmentation().GetSegment(segment_id)
    with all_or_nothing(scene) as keep:
        is_new = node is None
        if is_new:
            node = keep(new_segmentation(series, SEGMENTATION_NAME))
            proxy = shown_volume(series)
            node.SetAndObserveTransformNodeID(None if proxy is None else proxy.GetTransformNodeID())
        world = Volume(suggestion.mask, request.series.ijk_to_ras)
        in_node = Volume(world.array, np.linalg.inv(to_world(node)) @ world.ijk_to_ras)
        earlier = None if segment is None else drawn_mask(node, segment_id)
        record = _record_of(segment)
        if segment is None:
            segment_id = _new_segment(node)
        _draw(node, segment_id, in_node)
    provenance = _provenance(request, suggestion)
    node.GetSegmentation().GetSegment(segment_id).SetTag(PROVENANCE_ATTRIBUTE, provenance.to_json())
    if is_new:
        set_provenance(node, provenance)
    with slicer.util.NodeModify(parameters):
        parameters.segmentation, parameters.segmentId = node, segment_id
    empty = Volume(np.zeros((1, 1, 1), bool), in_node.ijk_to_ras)
    kept = earlier if earlier is not None or segment is None else empty
    return Earlier(node.GetID(), segment_id, kept, record)


def undo_suggestion(scene: slicer.vtkMRMLScene, earlier: Earlier) -> bool:
    """Give a segment back what it held before a suggestion; one that was made for it goes.

    Parameters
    ----------
    scene : vtkMRMLScene
    earlier : Earlier

    Returns
    -------
    bool
        False where the segmentation or the segment is gone, so there is nothing to give back.
    """
    node = scene.GetNodeByID(earlier.segmentation_id)
    segment = None if node is None else node.GetSegmentation().GetSegment(earlier.segment_id)
    if segment is None:
        return False
    if earlier.mask is None:
        node.GetSegmentation().RemoveSegment(earlier.segment_id)
        return True
    _draw(node, earlier.segment_id, earlier.mask)
    if earlier.provenance:
        segment.SetTag(PROVENANCE_ATTRIBUTE, earlier.provenance)
    else:
        segment.RemoveTag(PROVENANCE_ATTRIBUTE)
    return True


def suggest(scene: slicer.vtkMRMLScene, parameters, report: Report | None = None) -> tuple[Suggestion, Earlier]:
    """Suggest the tumour at the click of a parameter node, at once."""
    request = gather_suggestion(parameters)
    suggestion = request.grow(report)
    return suggestion, publish_suggestion(scene, parameters, request, suggestion)


def _provenance(request: SuggestionRequest, suggestion: Suggestion) -> Provenance:
    return Provenance("QuantDCE", dict(suggestion.settings), request.names, FORMULAS, suggestion.remarks)


def _record_of(segment: slicer.vtkSegment | None) -> str:
    """The record kept with a segment; empty for none."""
    if segment is None:
        return ""
    value = vtk.reference("")
    return str(value) if segment.GetTag(PROVENANCE_ATTRIBUTE, value) else ""


def _new_segment(node: slicer.vtkMRMLSegmentationNode) -> str:
    segmentation = node.GetSegmentation()
    segment_id = segmentation.AddEmptySegment(segmentation.GenerateUniqueSegmentID(SEGMENT_NAME), SEGMENT_NAME)
    segmentation.GetSegment(segment_id).SetColor(*COLOUR)
    return segment_id


def _draw(node: slicer.vtkMRMLSegmentationNode, segment_id: str, mask: Volume) -> None:
    """Make a mask in the coordinates of a segmentation what is drawn of a segment."""
    grid = node_from_volume(node.GetScene(), mask, f"{node.GetName()} grid")
    try:
        with _without_transform(node):
            redraw_segment(node, segment_id, mask.array, grid)
    finally:
        node.GetScene().RemoveNode(grid)


@contextmanager
def _without_transform(node: slicer.vtkMRMLSegmentationNode) -> Iterator[None]:
    """A segment is written in the coordinates of its segmentation, as if that lay under no transform."""
    transform = node.GetTransformNodeID()
    node.SetAndObserveTransformNodeID(None)
    try:
        yield
    finally:
        node.SetAndObserveTransformNodeID(transform)
