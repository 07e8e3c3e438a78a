"""Putting PET and results into the views, when a person asks for it."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError

FUSED_COLOURS = "vtkMRMLPETProceduralColorNodePET-Heat"
OPACITY = 0.6
FUSION_OPACITY = 0.5


def slice_views(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLSliceCompositeNode]:
    """What each slice view shows."""
    return _nodes(scene, "vtkMRMLSliceCompositeNode")


def show_ratio(parameters) -> None:
    """The ratio map over the SUV map in every slice view, and the chart in every plot view."""
    scene = parameters.ratioVolume.GetScene()
    _layer(scene, parameters.suvVolume, parameters.ratioVolume, OPACITY)
    for view in _nodes(scene, "vtkMRMLPlotViewNode"):
        view.SetPlotChartNodeID(parameters.sweepChart.GetID())


def show_fusion(parameters) -> str:
    """PET over the anatomical image in every slice view; gives the name of what is shown over it.

    That is the ratio map of this PET once there is one, else the PET itself, which then gets the colours of heat.

    Raises
    ------
    InputError
        If PET or anatomical image is not chosen, or they are the same.
    """
    pet, anatomy = parameters.petVolume, parameters.anatomyVolume
    if pet is None or anatomy is None:
        raise InputError("PET over anatomy needs both; choose the PET volume and the anatomical image.")
    if pet is anatomy:
        raise InputError("The anatomical image is the PET itself; choose the MR or CT.")
    over = pet.GetNodeReference("PETHypoxia.ratioVolume")
    if over is None:
        over = pet
        if over.GetDisplayNode() is None:
            over.CreateDefaultDisplayNodes()
        if over.GetScene().GetNodeByID(FUSED_COLOURS) is not None:
            over.GetDisplayNode().SetAndObserveColorNodeID(FUSED_COLOURS)
    _layer(pet.GetScene(), anatomy, over, FUSION_OPACITY)
    return over.GetName()


def _layer(scene, background, foreground, opacity: float) -> None:
    for view in slice_views(scene):
        view.SetBackgroundVolumeID(background.GetID())
        view.SetForegroundVolumeID(foreground.GetID())
        view.SetForegroundOpacity(opacity)


def _nodes(scene: slicer.vtkMRMLScene, kind: str) -> list[slicer.vtkMRMLNode]:
    return [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]
