"""The colours of maps: dark at the lowest value, brighter with every step, and without cyan, which is for regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import slicer

COLOURS_ATTRIBUTE, MAP, AROUND = "HER2Immuno.Colours", "map", "around"
NAME = "HER2Immuno {kind} colours"
Stops = tuple[tuple[float, tuple[float, float, float]], ...]
COUNT = 256
LABEL_OPACITY = 0.8
"""Of label maps over the images."""
MARGIN = 1e-3
"""Room around the values of a map within which it is drawn, as a share of their spread, against rounding."""
STOPS = (
    (0.0, (0.00, 0.00, 0.02)),
    (0.1, (0.13, 0.06, 0.27)),
    (0.2, (0.27, 0.07, 0.47)),
    (0.4, (0.62, 0.14, 0.50)),
    (0.6, (0.88, 0.34, 0.30)),
    (0.8, (0.98, 0.65, 0.18)),
    (1.0, (1.00, 0.98, 0.74)),
)
"""Share of the window, and colour there; lightness rises evenly, so that equal steps look equal."""
AROUND_STOPS = (
    (0.0, (0.02, 0.19, 0.58)),
    (0.25, (0.35, 0.60, 0.90)),
    (0.5, (0.96, 0.96, 0.96)),
    (0.75, (0.95, 0.55, 0.35)),
    (1.0, (0.62, 0.04, 0.10)),
)
"""Of maps whose middle is no change."""


def map_rgb(shares: Sequence[float] | np.ndarray) -> np.ndarray:
    """Colours (n, 3) of values at these shares of the window."""
    return _rgb(STOPS, shares)


def map_colours(scene: slicer.vtkMRMLScene, keep: Callable | None = None) -> slicer.vtkMRMLColorTableNode:
    """The colour table of maps; made once a scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    keep : callable, optional
        That of `all_or_nothing`; gets the table if it had to be made.
    """
    return _table(scene, MAP, STOPS, keep)


def around_colours(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLColorTableNode:
    """The colour table of maps whose middle is no change: blue below, red above; not saved with the scene."""
    node = _table(scene, AROUND, AROUND_STOPS)
    node.SetSaveWithScene(False)
    return node


def _rgb(stops: Stops, shares: Sequence[float] | np.ndarray) -> np.ndarray:
    positions = [position for position, _ in stops]
    channels = np.array([colour for _, colour in stops]).T
    return np.stack([np.interp(shares, positions, channel) for channel in channels], axis=-1)


def _table(
    scene: slicer.vtkMRMLScene, kind: str, stops: Stops, keep: Callable | None = None
) -> slicer.vtkMRMLColorTableNode:
    for n in range(scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode")):
        known = scene.GetNthNodeByClass(n, "vtkMRMLColorTableNode")
        if known.GetAttribute(COLOURS_ATTRIBUTE) == kind and known.GetNumberOfColors() == COUNT:
            return known
    node = scene.AddNewNodeByClass("vtkMRMLColorTableNode", scene.GenerateUniqueName(NAME.format(kind=kind)))
    if keep is not None:
        keep(node)
    node.SetAttribute(COLOURS_ATTRIBUTE, kind)
    node.SetTypeToUser()
    node.SetNumberOfColors(COUNT)
    for n, colour in enumerate(_rgb(stops, np.linspace(0.0, 1.0, COUNT))):
        node.SetColor(n, str(n), *colour.tolist(), 1.0)
    node.SetHideFromEditors(True)
    return node


def draw_values_only(node: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Let voxels without a value be transparent, and those next to them be drawn whole."""
    values = slicer.util.arrayFromVolume(node)
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    margin = MARGIN * max(high - low, abs(high), 1e-6)
    display = node.GetDisplayNode()
    # Interpolated with a voxel that is not a number, its neighbour is none either.
    display.SetInterpolate(False)
    # Not-a-number is never within the threshold.
    display.AutoThresholdOff()
    display.SetThreshold(low - margin, high + margin)
    display.ApplyThresholdOn()
