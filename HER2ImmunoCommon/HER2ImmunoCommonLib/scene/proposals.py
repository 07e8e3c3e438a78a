"""What belongs to a chosen image and can only be meant: proposed where a person has chosen nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import slicer

from ..examination import Kinship
from .examinations import kinship_of, nearest
from .following import Change
from .segments import segment_name

TUMOUR = re.compile(r"tumou?r|lesion|mass|cancer|carcinoma|\bgtv", re.IGNORECASE)
ARTERY = re.compile(r"arter(y|ial)|vessel|aorta|\baif", re.IGNORECASE)
MUSCLE = re.compile(r"muscle", re.IGNORECASE)
BLOOD = re.compile(r"blood|aorta|arter(y|ial)|ventricle", re.IGNORECASE)
"""How segments are called that hold a region."""


def of_examination(
    image: slicer.vtkMRMLNode, nodes: Iterable[slicer.vtkMRMLNode], *, alone: bool
) -> list[slicer.vtkMRMLNode]:
    """Those of some nodes that belong to the examination of an image.

    Parameters
    ----------
    image : vtkMRMLNode
    nodes : iterable of vtkMRMLNode
    alone : bool
        Whether the scene has no other image of its kind: then nodes that nothing is known of can only be its own.
    """
    nodes = list(nodes)
    found = nearest(image, nodes)
    if found or not alone:
        return found
    return [node for node in nodes if kinship_of(image, node) is Kinship.UNKNOWN]


def propose_segment(
    parameters,
    image: slicer.vtkMRMLNode,
    what: str,
    named: re.Pattern,
    fields: tuple[str, str],
    *,
    alone: bool,
) -> list[Change]:
    """Choose the one segment of the examination that is called so, where no segmentation is chosen.

    Parameters
    ----------
    parameters : wrapper of a parameter node
    image : vtkMRMLNode
        The chosen series or volume.
    what : str
        What the segment is to a person, as "Tumour".
    named : pattern
        Found in its name.
    fields : (str, str)
        Of the parameter node, for the segmentation and the segment's ID.
    alone : bool
        As `of_examination`.

    Returns
    -------
    list of Change
        What was chosen, as a sentence; empty for nothing, also where several are called so.
    """
    if getattr(parameters, fields[0]) is not None:
        return []
    segmentations = slicer.util.getNodesByClass("vtkMRMLSegmentationNode", image.GetScene())
    found = [
        (node, segment_id)
        for node in of_examination(image, segmentations, alone=alone)
        for segment_id in node.GetSegmentation().GetSegmentIDs()
        if named.search(segment_name(node, segment_id))
    ]
    if len(found) != 1:
        return []
    with slicer.util.NodeModify(parameters):
        for field, value in zip(fields, found[0], strict=True):
            setattr(parameters, field, value)
    return [Change(f"{what}: {segment_name(*found[0])} of {found[0][0].GetName()}.")]


def with_proposals(told: Sequence[Change], proposed: Sequence[Change]) -> list[Change]:
    """What is told of a chosen image, without asking for what was proposed."""
    filled = {_what(change) for change in proposed}
    return [*(change for change in told if not (change.asks and _what(change) in filled)), *proposed]


def _what(change: Change) -> str:
    return change.text.partition(":")[0]
