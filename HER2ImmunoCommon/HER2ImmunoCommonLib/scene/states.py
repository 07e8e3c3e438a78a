"""Which node is chosen, where it lies and how it is drawn, as plain values: equal while none of that changes."""

from __future__ import annotations

import numpy as np
import slicer

from ..errors import InputError
from .placement import to_world
from .segments import segment_fingerprint

MATRIX_DIGITS = 4


def node_state(node: slicer.vtkMRMLNode | None) -> list[object] | None:
    """ID and place of an image or a segmentation; None for none."""
    if node is None:
        return None
    try:
        place = np.round(to_world(node), MATRIX_DIGITS).tolist()
    except InputError as error:
        place = str(error)
    return [node.GetID(), place]


def segment_state(node: slicer.vtkMRMLSegmentationNode | None, segment_id: str) -> list[object] | None:
    """A segment with its place and what is drawn of it; None for none."""
    return None if node is None else [*node_state(node), segment_id, segment_fingerprint(node, segment_id)]
