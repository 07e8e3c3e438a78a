"""Masks from files as segments, each on its own grid."""

from __future__ import annotations

from collections.abc import Mapping

import slicer
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.scene import add_segment, node_from_volume

COLOURS = {"Tumour": (0.85, 0.25, 0.25), "Vessel": (0.2, 0.45, 0.8), "Muscle": (0.75, 0.55, 0.35)}


def segmentation_from_masks(
    scene: slicer.vtkMRMLScene, masks: Mapping[str, Volume], name: str
) -> slicer.vtkMRMLSegmentationNode:
    """A segmentation with one segment a mask, named by its key.

    Parameters
    ----------
    scene : vtkMRMLScene
    masks : mapping of str to Volume
        Not 0 inside; grids may differ.
    name : str
    """
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", scene.GenerateUniqueName(name))
    segmentation.CreateDefaultDisplayNodes()
    for title, mask in masks.items():
        grid = node_from_volume(scene, mask.like(mask.array > 0), f"{name} {title}", labels=True)
        segment_id = add_segment(segmentation, mask.array > 0, title, grid)
        if title in COLOURS:
            segmentation.GetSegmentation().GetSegment(segment_id).SetColor(*COLOURS[title])
        scene.RemoveNode(grid)
    return segmentation
