"""Where a node lies in the world: its transforms are honoured if they are linear, and refused if they are not."""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from ..errors import InputError

AGREE_MM = 1e-3


def to_world(node: slicer.vtkMRMLTransformableNode) -> np.ndarray:
    """Matrix (4, 4) from the coordinates of a node to those of the world; of a sequence, by the volumes that show it.

    Raises
    ------
    InputError
        If a transform is not linear, or volumes that show the same sequence lie under different ones.
    """
    if not node.IsA("vtkMRMLSequenceNode"):
        return _matrix(node)
    proxies = proxies_of(node)
    matrices = [_matrix(proxy) for proxy in proxies]
    if any(not np.allclose(matrix, matrices[0], atol=AGREE_MM) for matrix in matrices):
        names = " and ".join(proxy.GetName() for proxy in proxies)
        raise InputError(f"{names} show {node.GetName()} under different transforms; give both the same, or none.")
    return matrices[0] if matrices else np.eye(4)


def transform_of(node: slicer.vtkMRMLNode) -> slicer.vtkMRMLTransformNode | None:
    """The transform a node lies under; of a sequence, that of the first volume that shows it."""
    shown = next(iter(proxies_of(node)), None) if node.IsA("vtkMRMLSequenceNode") else node
    return None if shown is None else shown.GetParentTransformNode()


def proxies_of(sequence: slicer.vtkMRMLSequenceNode) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The volumes that show the current frame of a sequence, one a browser."""
    found = vtk.vtkCollection()
    slicer.modules.sequences.logic().GetBrowserNodesForSequenceNode(sequence, found)
    browsers = [found.GetItemAsObject(index) for index in range(found.GetNumberOfItems())]
    proxies = [browser.GetProxyNode(sequence) for browser in browsers]
    return [proxy for proxy in proxies if proxy is not None and proxy.IsA("vtkMRMLTransformableNode")]


def _matrix(node: slicer.vtkMRMLTransformableNode) -> np.ndarray:
    transform = node.GetParentTransformNode()
    if transform is None:
        return np.eye(4)
    if not transform.IsTransformToWorldLinear():
        raise InputError(
            f"{node.GetName()} lies under the transform {transform.GetName()}, which is not linear; harden the "
            "transform on the image (module Transforms), or take it off."
        )
    matrix = vtk.vtkMatrix4x4()
    transform.GetMatrixTransformToWorld(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)
