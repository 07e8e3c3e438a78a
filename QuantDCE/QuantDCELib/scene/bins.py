"""The bins of the signal enhancement ratio in the functional tumour volume: their names and colours."""

from __future__ import annotations

from collections.abc import Callable

import slicer

from ..enhancement.ftv import SER_COLOURS, bin_names

RGB = {
    "blue": (0.15, 0.35, 0.95),
    "purple": (0.60, 0.25, 0.80),
    "green": (0.15, 0.75, 0.25),
    "red": (0.90, 0.15, 0.15),
    "white": (1.0, 1.0, 1.0),
}


def bin_colours(
    scene: slicer.vtkMRMLScene, lower_limits: tuple[float, ...], keep: Callable
) -> slicer.vtkMRMLColorTableNode:
    """A colour table that names each bin; bins beyond the five of the group repeat their colours."""
    node = keep(scene.AddNewNodeByClass("vtkMRMLColorTableNode", scene.GenerateUniqueName("SER colours")))
    names = bin_names(lower_limits)
    node.SetTypeToUser()
    node.SetNumberOfColors(len(names) + 1)
    node.SetColor(0, "outside", 0.0, 0.0, 0.0, 0.0)
    node.SetColorDefined(0, False)  # not in the legend
    for number, name in enumerate(names, start=1):
        node.SetColor(number, name, *RGB[SER_COLOURS[(number - 1) % len(SER_COLOURS)]], 1.0)
    node.SetHideFromEditors(True)
    return node
