"""What a node can be chosen as: an image or a map that was computed, a measurement table or one of results."""

from __future__ import annotations

import slicer

from .cells import read_header
from .database import header_values, instance_uids
from .examinations import sequence_of
from .nodes import PROVENANCE_ATTRIBUTE
from .tables import MEASUREMENTS_ATTRIBUTE
from .views import origin_of

VISIT_COLUMNS = {"visit", "day"}


def is_result(node: slicer.vtkMRMLNode) -> bool:
    """Whether a node was computed here."""
    return bool(node.GetAttribute(PROVENANCE_ATTRIBUTE)) or origin_of(node)[0] is not None


def is_image(node: slicer.vtkMRMLNode) -> bool:
    """Whether a volume is an image or a map from elsewhere: no labels, no result."""
    return not node.IsA("vtkMRMLLabelMapVolumeNode") and not is_result(node)


def is_still_image(node: slicer.vtkMRMLNode) -> bool:
    """Whether it is one, and not the frame that is shown of a sequence."""
    return is_image(node) and sequence_of(node) is None


def modality_of(node: slicer.vtkMRMLNode) -> str:
    """The modality (0008,0060) of a volume of the DICOM database; empty where that does not tell."""
    uids = instance_uids(node)
    return header_values(uids[0], ("Modality",)).get("Modality", "") if uids else ""


def is_measurement_table(node: slicer.vtkMRMLTableNode) -> bool:
    """Whether a table has, or may get, one row a visit."""
    if node.GetAttribute(MEASUREMENTS_ATTRIBUTE):
        return True
    header = {name.strip().casefold() for name in read_header(node)}
    return not is_result(node) and (not header or header >= VISIT_COLUMNS)
