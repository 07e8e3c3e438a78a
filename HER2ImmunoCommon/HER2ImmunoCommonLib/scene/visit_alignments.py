"""The transform of a visit into the reference: which node it is, how good it is, whether a person accepted it.

A visit keeps it by node references of its anchor, so that any transform node of the scene can be taken, and several
visits may share one. A correction by hand is a linear transform above it, in the space of the reference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import slicer
import vtk

from ..errors import InputError
from ..registration import Quality
from .corrections import set_centre
from .nodes import remove_from_folders
from .visits import SceneVisit

ALIGNMENT, ALIGNED_TO, CORRECTION = "HER2Immuno.Alignment", "HER2Immuno.AlignedTo", "HER2Immuno.Correction"
"""Reference roles of a visit's anchor: the transform, the anchor of the visit it leads to, the correction by hand."""
STATE, QUALITY = "HER2Immuno.AlignmentState", "HER2Immuno.AlignmentQuality"
MADE_HERE = "HER2Immuno.MadeAlignment"
"""Marks transforms that were made here and go when another takes their place."""
FOUND, GIVEN, ACCEPTED = "found", "given", "accepted"
CORRECTION_NAME = "Correction of {visit}"
SAME = 1e-4
"""By which numbers of one matrix may differ once it was saved."""


@dataclass(frozen=True)
class Judged:
    """What is known of a transform between two visits.

    Attributes
    ----------
    quality : Quality
    notes : tuple of str
        Warnings, and what was left out.
    images : str
        What was compared, such as "frame 1, before contrast".
    motion : tuple of float
        The linear part of the transform that was judged (`linear_part`), with the correction that it had.
    """

    quality: Quality
    notes: tuple[str, ...] = ()
    images: str = ""
    motion: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Placing:
    """How a visit is placed in the reference.

    Attributes
    ----------
    node : vtkMRMLTransformNode
    to : vtkMRMLNode or None
        Anchor of the visit that it leads to; None if that is gone.
    state : str
        `FOUND` here, `GIVEN` by a person, or `ACCEPTED`.
    correction : vtkMRMLLinearTransformNode or None
    judged : Judged or None
        None before a given transform was judged.
    """

    node: slicer.vtkMRMLTransformNode
    to: slicer.vtkMRMLNode | None
    state: str
    correction: slicer.vtkMRMLLinearTransformNode | None
    judged: Judged | None

    @property
    def is_judged(self) -> bool:
        """Whether the figures are of the transform as it is now, with its correction."""
        if self.judged is None or len(self.judged.motion) != len(np.eye(4).ravel()):
            return False
        return np.allclose(self.motion, self.judged.motion, rtol=0.0, atol=SAME)

    @property
    def motion(self) -> tuple[float, ...]:
        """What a person may have moved by hand (`linear_part`)."""
        return linear_part(self.node)

    def leads_to(self, reference: SceneVisit) -> bool:
        """Whether it leads to this visit."""
        return self.to is not None and self.to is reference.anchor


def linear_part(node: slicer.vtkMRMLTransformNode) -> tuple[float, ...]:
    """The matrix of a linear transform, or of what lies above one that is not: what a person may move by hand."""
    moved = node if node.IsLinear() else node.GetParentTransformNode()
    matrix = vtk.vtkMatrix4x4()
    if moved is not None and moved.IsTransformToWorldLinear():
        moved.GetMatrixTransformToWorld(matrix)
    return tuple(slicer.util.arrayFromVTKMatrix(matrix).ravel().tolist())


def placing_of(visit: SceneVisit) -> Placing | None:
    """The transform that was found or chosen for a visit; None for none, also after it was deleted."""
    anchor = visit.anchor
    node = anchor.GetNodeReference(ALIGNMENT)
    if node is None:
        return None
    text = anchor.GetAttribute(QUALITY)
    state = anchor.GetAttribute(STATE) or GIVEN
    correction = anchor.GetNodeReference(CORRECTION)
    return Placing(node, anchor.GetNodeReference(ALIGNED_TO), state, correction, _judged(text) if text else None)


def transform_to(visit: SceneVisit, reference: SceneVisit) -> slicer.vtkMRMLTransformNode | None:
    """The node under which a visit appears in the reference; None where it has none that leads there."""
    placing = placing_of(visit)
    return placing.node if placing is not None and placing.leads_to(reference) else None


def place_visit(
    visit: SceneVisit,
    reference: SceneVisit,
    node: slicer.vtkMRMLTransformNode | None,
    state: str = GIVEN,
    judged: Judged | None = None,
) -> None:
    """Let a transform be that of a visit into the reference, or none; what was made here before goes.

    Raises
    ------
    InputError
        If the visit is the reference.
    """
    if visit.anchor is reference.anchor:
        raise InputError(f"{visit.name} is the reference visit; the others are brought to it.")
    anchor, earlier = visit.anchor, placing_of(visit)
    if earlier is not None and earlier.node is not node:
        _let_go(visit, earlier, node)
    anchor.SetNodeReferenceID(ALIGNMENT, None if node is None else node.GetID())
    anchor.SetNodeReferenceID(ALIGNED_TO, None if node is None else reference.anchor.GetID())
    anchor.SetAttribute(STATE, None if node is None else state)
    keep_judged(visit, None if node is None else judged)


def keep_judged(visit: SceneVisit, judged: Judged | None) -> None:
    """Keep with a visit what is known of its transform."""
    visit.anchor.SetAttribute(QUALITY, None if judged is None else json.dumps(asdict(judged)))


def accept(visit: SceneVisit, accepted: bool = True) -> None:
    """Say that a person has looked at the transform of a visit and takes it, or not."""
    placing = placing_of(visit)
    if placing is not None:
        undone = FOUND if placing.node.GetAttribute(MADE_HERE) else GIVEN
        visit.anchor.SetAttribute(STATE, ACCEPTED if accepted else undone)


def correct(visit: SceneVisit, centre: Sequence[float]) -> slicer.vtkMRMLLinearTransformNode:
    """The correction by hand of a visit's transform, made if need be, which turns about a point of the reference.

    Raises
    ------
    InputError
        If the visit has no transform.
    """
    placing = placing_of(visit)
    if placing is None:
        raise InputError(f"{visit.name} has no transform to correct; align it, or choose one.")
    if placing.correction is not None:
        return placing.correction
    scene = visit.anchor.GetScene()
    name = scene.GenerateUniqueName(CORRECTION_NAME.format(visit=visit.name))
    made = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
    set_centre(made, centre)
    above = placing.node.GetParentTransformNode()
    made.SetAndObserveTransformNodeID(None if above is None else above.GetID())
    placing.node.SetAndObserveTransformNodeID(made.GetID())
    visit.anchor.SetNodeReferenceID(CORRECTION, made.GetID())
    return made


def end_correction(visit: SceneVisit) -> None:
    """Take the correction by hand away."""
    placing = placing_of(visit)
    if placing is not None and placing.correction is not None:
        _uncorrect(visit, placing)


def has_correction(visit: SceneVisit) -> bool:
    """Whether a correction by hand moves a visit."""
    placing = placing_of(visit)
    return placing is not None and _is_moved(placing.correction)


def _is_moved(correction: slicer.vtkMRMLLinearTransformNode | None) -> bool:
    if correction is None:
        return False
    return not np.allclose(slicer.util.arrayFromTransformMatrix(correction), np.eye(4), atol=1e-9)


def _let_go(visit: SceneVisit, earlier: Placing, successor: slicer.vtkMRMLTransformNode | None) -> None:
    if earlier.correction is not None and earlier.correction is not successor:
        _uncorrect(visit, earlier)
    if earlier.node.GetAttribute(MADE_HERE):
        remove_from_folders(visit.anchor.GetScene(), [earlier.node])


def _uncorrect(visit: SceneVisit, placing: Placing) -> None:
    above = placing.correction.GetParentTransformNode()
    if placing.node.GetParentTransformNode() is placing.correction:
        placing.node.SetAndObserveTransformNodeID(None if above is None else above.GetID())
    visit.anchor.SetNodeReferenceID(CORRECTION, None)
    remove_from_folders(visit.anchor.GetScene(), [placing.correction])


def _judged(text: str) -> Judged | None:
    """What `keep_judged` kept; nothing of what another version kept."""
    known = json.loads(text)
    try:
        return Judged(Quality(**known["quality"]), tuple(known["notes"]), known["images"], tuple(known["motion"]))
    except (KeyError, TypeError):
        return None


Keep = Callable[[slicer.vtkMRMLNode], slicer.vtkMRMLNode]


def new_transform(scene: slicer.vtkMRMLScene, visit: str, reference: str, keep: Keep) -> slicer.vtkMRMLTransformNode:
    """A node for the transform of a visit, passed to the `keep` of `all_or_nothing`."""
    name = scene.GenerateUniqueName(f"{visit} to {reference}")
    node = keep(scene.AddNewNodeByClass("vtkMRMLTransformNode", name))
    node.SetAttribute(MADE_HERE, "1")
    return node
