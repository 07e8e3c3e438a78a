"""One window for all visits that are compared: what a person does to that of one is done to the others."""

from __future__ import annotations

from collections.abc import Iterable

import slicer
import vtk

from .legends import update_legend
from .stand_ins import STAND_IN, stand_ins_of


class SameWindow:
    """Follows the windows of the stand-ins of a scene; images go with images, maps with maps."""

    def __init__(self):
        self._tags: list[tuple[slicer.vtkMRMLDisplayNode, int]] = []
        self._is_copying = False

    def follow(self, scene: slicer.vtkMRMLScene) -> None:
        """Follow the stand-ins that there are now, and none of before."""
        self.leave()
        volumes = [node for node in stand_ins_of(scene) if node.IsA("vtkMRMLScalarVolumeNode")]
        images = [node for node in volumes if not _is_map(node)]
        for group in (images, [node for node in volumes if node not in images]):
            for node in group if len(group) > 1 else ():
                self._observe(node, group)

    def leave(self) -> None:
        """Follow nothing."""
        for display, tag in self._tags:
            display.RemoveObserver(tag)
        self._tags = []

    def _observe(self, node, group: Iterable) -> None:
        others = [other for other in group if other is not node]
        display = node.GetDisplayNode()
        seen = [_window(display)]

        def follow(*_event) -> None:
            window = _window(display)
            if self._is_copying or window == seen[0]:
                seen[0] = window
                return
            seen[0] = window
            self._copy(display, others)
            update_legend(node)

        self._tags.append((display, display.AddObserver(vtk.vtkCommand.ModifiedEvent, follow)))

    def _copy(self, display, others: Iterable) -> None:
        self._is_copying = True
        try:
            for other in others:
                if other.GetScene() is not None and other.GetAttribute(STAND_IN):
                    other.GetDisplayNode().SetAutoWindowLevel(False)
                    other.GetDisplayNode().SetWindowLevelMinMax(*_window(display))
                    update_legend(other)
        finally:
            self._is_copying = False


def _window(display: slicer.vtkMRMLScalarVolumeDisplayNode) -> tuple[float, float]:
    return display.GetWindowLevelMin(), display.GetWindowLevelMax()


def _is_map(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    return node.GetVoxelValueQuantity() is not None
