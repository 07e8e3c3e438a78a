"""Series that were corrected for motion: each knows the series it was made of, and is of the same examination."""

from __future__ import annotations

import slicer

CORRECTED_FROM = "HER2Immuno.CorrectedFrom"
"""Reference role by which a corrected series knows the measured one."""
CORRECTED = ", motion corrected"
"""Ends the names of a corrected series and of its results, and what tells it from the measured one."""


def set_corrected_from(node: slicer.vtkMRMLSequenceNode, measured: slicer.vtkMRMLSequenceNode) -> None:
    """Keep with a corrected series that it was made of a measured one."""
    node.SetNodeReferenceID(CORRECTED_FROM, measured.GetID())


def measured_of(node: slicer.vtkMRMLNode) -> slicer.vtkMRMLNode:
    """The series that a corrected one was made of; the node itself where it is none, or that series was deleted."""
    return node.GetNodeReference(CORRECTED_FROM) or node


def are_same_images(a: slicer.vtkMRMLNode | None, b: slicer.vtkMRMLNode | None) -> bool:
    """Whether two series hold the same images, at most corrected for motion."""
    return a is not None and b is not None and measured_of(a) is measured_of(b)


def corrections_of(measured: slicer.vtkMRMLSequenceNode) -> list[slicer.vtkMRMLSequenceNode]:
    """The corrected series that were made of a measured one."""
    every = slicer.util.getNodesByClass("vtkMRMLSequenceNode", measured.GetScene())
    return [node for node in every if node is not measured and node.GetNodeReference(CORRECTED_FROM) is measured]
