"""The colour legend beside a map: what it shows, in which unit, and what each colour stands for."""

from __future__ import annotations

import math

import slicer

from .quantities import quantity_title

OURS = "HER2Immuno.Legend"
"""Marks the legends made here; those a person made stay as they are."""
LABELS = 5
POSITION, SIZE = (0.98, 0.5), (0.14, 0.5)
TITLE_POINTS, LABEL_POINTS = 14, 12


def show_legend(node: slicer.vtkMRMLVolumeNode, title: str = "") -> slicer.vtkMRMLColorLegendDisplayNode:
    """Show the legend of a map in the slice views that show the map, and no other made here.

    It is a display node of the map, so that it is saved, and goes, with it.
    """
    hide_legends(node.GetScene())
    display = node.GetDisplayNode()
    legend = slicer.vtkSlicerColorLogic.AddDefaultColorLegendDisplayNode(display)
    legend.SetAttribute(OURS, "1")
    legend.SetTitleText(title or quantity_title(node))
    legend.SetPosition(*POSITION)
    legend.SetSize(*SIZE)
    for text, points in ((legend.GetTitleTextProperty(), TITLE_POINTS), (legend.GetLabelTextProperty(), LABEL_POINTS)):
        text.SetFontFamilyToArial()
        text.SetFontSize(points)
        text.SetBackgroundColor(0.0, 0.0, 0.0)
        text.SetBackgroundOpacity(0.5)  # to be read over bright tissue
    if not node.IsA("vtkMRMLLabelMapVolumeNode"):
        legend.SetUseColorNamesForLabels(False)
        legend.SetNumberOfLabels(LABELS)
        legend.SetLabelFormat(number_format(display.GetWindowLevelMin(), display.GetWindowLevelMax()))
    legend.SetVisibility3D(False)
    legend.SetVisibility(True)
    return legend


def hide_legends(scene: slicer.vtkMRMLScene) -> None:
    """Hide every legend made here."""
    kind = "vtkMRMLColorLegendDisplayNode"
    for n in range(scene.GetNumberOfNodesByClass(kind)):
        legend = scene.GetNthNodeByClass(n, kind)
        if legend.GetAttribute(OURS):
            legend.SetVisibility(False)


def number_format(low: float, high: float) -> str:
    """A printf format that tells the numbers of a legend from `low` to `high` apart."""
    step = (high - low) / (LABELS - 1)
    decimals = 1 - math.floor(math.log10(step)) if step > 0 and math.isfinite(step) else 1
    return f"%.{min(max(decimals, 0), 6)}f"
