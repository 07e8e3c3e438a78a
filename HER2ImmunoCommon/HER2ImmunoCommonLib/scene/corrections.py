"""A correction by hand as six numbers: how far it moves a visit, and how it turns it about a point."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import slicer

CENTRE = "HER2Immuno.CentreOfCorrection"
"""The centre that the node itself has is not saved with a scene."""


def set_centre(node: slicer.vtkMRMLLinearTransformNode, centre_ras_mm: Sequence[float]) -> None:
    """Let a correction turn about a point, here and where Slicer shows handles for it."""
    node.SetCenterOfTransformation(*map(float, centre_ras_mm))
    node.SetAttribute(CENTRE, json.dumps([float(each) for each in centre_ras_mm]))


def is_correction(node: slicer.vtkMRMLTransformNode) -> bool:
    """Whether a transform is a correction by hand."""
    return bool(node.GetAttribute(CENTRE))


def motion_of(node: slicer.vtkMRMLLinearTransformNode) -> tuple[np.ndarray, np.ndarray]:
    """Shift (mm toward right, anterior, superior) and turns (degrees about these axes) of a correction."""
    matrix = slicer.util.arrayFromTransformMatrix(node)
    centre = _centre(node)
    shift = matrix[:3, 3] - centre + matrix[:3, :3] @ centre
    return shift, np.degrees(_angles(matrix[:3, :3]))


def move(node: slicer.vtkMRMLLinearTransformNode, shift_mm: Sequence[float], turn_deg: Sequence[float]) -> None:
    """Let a correction be this shift after these turns, about the superior axis last."""
    matrix, centre = np.eye(4), _centre(node)
    matrix[:3, :3] = _rotation(np.radians(np.asarray(turn_deg, np.float64)))
    matrix[:3, 3] = np.asarray(shift_mm, np.float64) + centre - matrix[:3, :3] @ centre
    slicer.util.updateTransformMatrixFromArray(node, matrix)


def _centre(node: slicer.vtkMRMLLinearTransformNode) -> np.ndarray:
    return np.array(json.loads(node.GetAttribute(CENTRE) or "[0, 0, 0]"), np.float64)


def _rotation(angles: np.ndarray) -> np.ndarray:
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles), np.sin(angles)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def _angles(rotation: np.ndarray) -> np.ndarray:
    """What `_rotation` was given; a turn of 90 degrees about the anterior axis is put on the first."""
    sine = float(np.clip(-rotation[2, 0], -1.0, 1.0))
    if abs(sine) > 1.0 - 1e-9:
        return np.array([np.arctan2(sine * rotation[0, 1], sine * rotation[0, 2]), np.arcsin(sine), 0.0])
    about_x = np.arctan2(rotation[2, 1], rotation[2, 2])
    return np.array([about_x, np.arcsin(sine), np.arctan2(rotation[1, 0], rotation[0, 0])])
