"""The colour legend beside a map: what it shows, in which unit, and what each colour stands for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import slicer

from .quantities import quantity_title

OURS = "HER2Immuno.Legend"
"""Marks the legends made here; those a person made stay as they are."""
INTERVALS = 4, 5, 3, 6
"""How many steps a legend may have; the first that are round are taken, else the first."""
MOST_DECIMALS = 6
ROUND = 1.0, 2.0, 2.5, 5.0, 10.0
POSITION, HEIGHT = (0.98, 0.5), 0.5
BAR_WIDTH, LETTER_WIDTH, MOST_WIDTH = 0.025, 0.017, 0.3
"""As shares of the view. Slicer makes the letters as large as the width lets the longest label be."""


def show_legend(
    node: slicer.vtkMRMLVolumeNode, title: str = "", *, views: Sequence[str] = ()
) -> slicer.vtkMRMLColorLegendDisplayNode:
    """Show the legend of a map in the slice views that show the map.

    It is a display node of the map, so that it is saved, and goes, with it.

    Parameters
    ----------
    node : vtkMRMLVolumeNode
    title : str
        What the map says of its values without.
    views : sequence of str
        IDs of the slice nodes to show it in, beside the legends of other maps; without, it is the only one made here.
    """
    if not views:
        hide_legends(node.GetScene())
    legend = slicer.vtkSlicerColorLogic.AddDefaultColorLegendDisplayNode(node.GetDisplayNode())
    legend.SetAttribute(OURS, "1")
    legend.SetTitleText(title or quantity_title(node))
    legend.SetPosition(*POSITION)
    for text in (legend.GetTitleTextProperty(), legend.GetLabelTextProperty()):
        text.SetFontFamilyToArial()
        text.SetBackgroundColor(0.0, 0.0, 0.0)
        text.SetBackgroundOpacity(0.5)  # to be read over bright tissue
    _mark_steps(node, legend)
    legend.RemoveAllViewNodeIDs()
    for view in views:
        legend.AddViewNodeID(view)
    legend.SetVisibility3D(False)
    legend.SetVisibility(True)
    return legend


def update_legend(node: slicer.vtkMRMLVolumeNode) -> None:
    """Let the legend of a map made here, if there is one, tell the window and colours that the map has now."""
    for legend in _legends_of(node):
        _mark_steps(node, legend)


def legend_views(node: slicer.vtkMRMLVolumeNode) -> tuple[str, ...]:
    """IDs of the slice nodes that a legend made here is kept to; none for a legend that is seen wherever its map is."""
    found = (legend.GetNthViewNodeID(n) for legend in _legends_of(node) for n in range(legend.GetNumberOfViewNodeIDs()))
    return tuple(found)


def _legends_of(node: slicer.vtkMRMLNode) -> list[slicer.vtkMRMLColorLegendDisplayNode]:
    if not node.IsA("vtkMRMLDisplayableNode"):
        return []
    displays = [node.GetNthDisplayNode(n) for n in range(node.GetNumberOfDisplayNodes())]
    return [each for each in displays if each is not None and each.GetAttribute(OURS)]


def _mark_steps(node: slicer.vtkMRMLVolumeNode, legend: slicer.vtkMRMLColorLegendDisplayNode) -> None:
    """Numbers in round steps, or names, and the room they take."""
    display = node.GetDisplayNode()
    if node.IsA("vtkMRMLLabelMapVolumeNode"):
        colours = display.GetColorNode()
        labels = [colours.GetColorName(n) for n in range(colours.GetNumberOfColors()) if colours.GetColorDefined(n)]
    else:
        low, high = display.GetWindowLevelMin(), display.GetWindowLevelMax()
        steps, number = legend_steps(low, high)
        legend.SetUseColorNamesForLabels(False)
        legend.SetNumberOfLabels(steps + 1)
        legend.SetLabelFormat(number)
        labels = [number % low, number % high]
    letters = max((len(label) for label in labels), default=0)
    legend.SetSize(min(MOST_WIDTH, BAR_WIDTH + LETTER_WIDTH * letters), HEIGHT)


def has_legend(node: slicer.vtkMRMLNode) -> bool:
    """Whether a legend of a map made here is seen where the map is."""
    return any(each.GetVisibility() for each in _legends_of(node))


def hide_legends(scene: slicer.vtkMRMLScene) -> None:
    """Hide every legend made here."""
    kind = "vtkMRMLColorLegendDisplayNode"
    for n in range(scene.GetNumberOfNodesByClass(kind)):
        legend = scene.GetNthNodeByClass(n, kind)
        if legend.GetAttribute(OURS):
            legend.SetVisibility(False)


def legend_steps(low: float, high: float) -> tuple[int, str]:
    """How many steps a legend from `low` to `high` has, and the printf format that tells their numbers."""
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return INTERVALS[0], "%.1f"
    steps = next((count for count in INTERVALS if is_round(span / count)), INTERVALS[0])
    step = span / steps
    decimals = range(MOST_DECIMALS)
    return steps, f"%.{next((n for n in decimals if abs(round(step, n) - step) < 0.02 * step), MOST_DECIMALS)}f"


def is_round(step: float) -> bool:
    """Whether a step is 1, 2, 2.5 or 5 times a power of ten."""
    mantissa = step / 10.0 ** math.floor(math.log10(step))
    return any(math.isclose(mantissa, digit, rel_tol=1e-6) for digit in ROUND)


def round_top(value: float) -> float:
    """The lowest number not below a positive value that a legend from 0 divides into round steps."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = [digit * power * scale for digit in ROUND for scale in (0.1, 1.0)]
    return min(top for top in (count * step for count in INTERVALS for step in steps) if top >= value * (1 - 1e-9))
