"""The artery found automatically, as a segment: seen in the slice views, and to be corrected if it is wrong."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from HER2ImmunoCommonLib.scene import add_segment

from ..analysis.result import DceResult
from ..analysis.settings import DceSettings

ARTERY_NAME = "Artery found"
RED = (0.85, 0.1, 0.1)


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
