"""The hypoxic voxels of a preview, painted over the slice views while the threshold moves."""

from __future__ import annotations

import numpy as np
import slicer
from HER2ImmunoCommonLib.scene import node_from_volume, slice_views, volume_from_node

from ..hypoxia.metrics import HypoxicVolume
from ..hypoxia.preview import Preview
from .views import HYPOXIC

COLOURS = "Hypoxic voxels"
OPACITY = 0.5
BOX, THRESHOLD = "PETHypoxia.Box", "PETHypoxia.Threshold"


def show_preview(parameters, preview: Preview, threshold: float) -> HypoxicVolume:
    """Paint the voxels at or above a threshold; gives their volume.

    The label volume is made at the first call, and is not saved with the scene. It is put over the slice views then and
    whenever the threshold has moved, since a map that was shown in between has taken it away.
    """
    node = parameters.hypoxicPreview
    mask, found = preview.hypoxic(threshold)
    if node is None or not _fits(node, parameters.petVolume):
        hide_preview(parameters)
        node = _new_node(parameters.petVolume)
        parameters.hypoxicPreview = node
    labels = slicer.util.arrayFromVolume(node)
    box = ",".join(f"{part.start}:{part.stop}" for part in preview.box)
    if node.GetAttribute(BOX) != box:
        labels[...] = 0
        node.SetAttribute(BOX, box)
    labels[preview.box] = mask
    slicer.util.arrayFromVolumeModified(node)
    if node.GetAttribute(THRESHOLD) != repr(threshold):
        node.SetAttribute(THRESHOLD, repr(threshold))
        _put_over(node)
    return found


def hide_preview(parameters) -> None:
    """Take the painted voxels away."""
    node = parameters.hypoxicPreview
    if node is None:
        return
    scene = node.GetScene()
    for view in slice_views(scene):
        if view.GetLabelVolumeID() == node.GetID():
            view.SetLabelVolumeID(None)
    display = node.GetDisplayNode()
    colours = display.GetColorNode() if display is not None else None
    parameters.hypoxicPreview = None
    for part in (display, node, colours):
        if part is not None:
            scene.RemoveNode(part)


def _fits(node, volume) -> bool:
    own, pet = volume_from_node(node), volume_from_node(volume)
    return own.array.shape == pet.array.shape and bool((own.ijk_to_ras == pet.ijk_to_ras).all())


def _new_node(volume) -> slicer.vtkMRMLLabelMapVolumeNode:
    scene, image = volume.GetScene(), volume_from_node(volume)
    empty = image.like(np.zeros(image.array.shape, np.uint8))
    node = node_from_volume(scene, empty, "Hypoxic preview", labels=True)
    colours = scene.AddNewNodeByClass("vtkMRMLColorTableNode", COLOURS)
    colours.SetTypeToUser()
    colours.SetNumberOfColors(2)
    colours.SetColor(0, "not hypoxic", 0.0, 0.0, 0.0, 0.0)
    colours.SetColor(1, "hypoxic", *HYPOXIC, 1.0)
    colours.SetHideFromEditors(True)
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetAndObserveColorNodeID(colours.GetID())
    for part in (node, node.GetDisplayNode(), colours):
        part.SetSaveWithScene(False)
    return node


def _put_over(node) -> None:
    for view in slice_views(node.GetScene()):
        view.SetLabelVolumeID(node.GetID())
        view.SetLabelOpacity(OPACITY)
