"""Which images and regions of the scene are of one visit: by their headers, by what a study says, by a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import slicer

from ..examination import Examination, Kinship, kinship
from .corrected import are_same_images
from .examinations import examination_of, sequence_of, visit_folder
from .fitting import is_result, modality_of
from .frame_labels import FLIP_ANGLES, other_than_times
from .quantities import quantity_code, quantity_unit
from .sequences import n_frames

DYNAMIC, VFA, PET, OTHER, REGIONS, UNREAD = "dynamic", "vfa", "pet", "other", "regions", "unread"
FEWEST_FRAMES = 3
"""Of a dynamic series."""
PET_UNIT, SUV = "Bq/mL", "SUV"


@dataclass(frozen=True, eq=False)
class Member:
    """An image or a segmentation, with what is known of it.

    Attributes
    ----------
    node : vtkMRMLNode
    kind : str
        One of the words above; `UNREAD` for a series that the DICOM module left in a form that cannot be used yet.
    examination : Examination
    folder : int
        Item of the folder that holds it; 0 for none.
    """

    node: slicer.vtkMRMLNode
    kind: str
    examination: Examination
    folder: int

    @property
    def is_known(self) -> bool:
        """Whether header or study say anything of it."""
        return bool(self.examination)


Group = list[Member]


def groups_of(scene: slicer.vtkMRMLScene) -> list[Group]:
    """The images and segmentations of the scene, those of one visit together; what is alone may be of none."""
    members = _members(scene)
    groups = _merged([[member] for member in members], _is_one)
    groups = _merged_if_single(groups, _is_one_day)
    return _merged_if_single(groups, _is_one_folder)


def kind_of(node: slicer.vtkMRMLNode) -> str:
    """What a node is to a visit; empty for results, labels and frames that stand for a sequence."""
    if node.GetHideFromEditors() or is_result(node):
        return ""
    if node.IsA("vtkMRMLSegmentationNode"):
        return REGIONS
    if node.IsA("vtkMRMLMultiVolumeNode"):
        return UNREAD
    if node.IsA("vtkMRMLSequenceNode"):
        return _kind_of_sequence(node)
    if node.IsA("vtkMRMLLabelMapVolumeNode") or node.GetImageData() is None or sequence_of(node) is not None:
        return ""
    return PET if is_pet(node) else OTHER


def is_pet(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether a volume is known to be a PET: by its header, or by the unit of its values."""
    return modality_of(node) == "PT" or quantity_unit(node) == PET_UNIT or quantity_code(node).upper().startswith(SUV)


def kinds_in(group: Group) -> set[str]:
    """What a group has."""
    return {member.kind for member in group}


def _members(scene: slicer.vtkMRMLScene) -> Group:
    kinds = ("vtkMRMLSequenceNode", "vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode")
    nodes = [node for kind in kinds for node in slicer.util.getNodesByClass(kind, scene)]
    found = [(node, kind_of(node)) for node in nodes]
    return [Member(node, kind, examination_of(node), visit_folder(node)) for node, kind in found if kind]


def _kind_of_sequence(node: slicer.vtkMRMLSequenceNode) -> str:
    if not node.GetNumberOfDataNodes() or not node.GetNthDataNode(0).IsA("vtkMRMLScalarVolumeNode"):
        return ""
    differ = other_than_times(node)
    if differ:
        return VFA if differ == FLIP_ANGLES else OTHER
    return DYNAMIC if n_frames(node) >= FEWEST_FRAMES else OTHER


def _merged(groups: list[Group], belong: Callable[[Group, Group], bool]) -> list[Group]:
    """Put groups together that belong together, in the order of their first members."""
    found: list[Group] = []
    for group in groups:
        kin = [each for each in found if belong(each, group)]
        if not kin:
            found.append(group)
            continue
        kin[0].extend([*(member for each in kin[1:] for member in each), *group])
        found = [each for each in found if all(each is not other for other in kin[1:])]
    return found


def _merged_if_single(groups: list[Group], belong: Callable[[Group, Group], bool]) -> list[Group]:
    """Put a group to the one that it belongs to; where there are several, nothing tells to which."""
    found = list(groups)
    for group in groups:
        kin = [each for each in found if each is not group and belong(each, group)]
        if len(kin) == 1 and any(each is group for each in found):
            kin[0].extend(group)
            found = [each for each in found if each is not group]
    return found


def _is_one(a: Group, b: Group) -> bool:
    return any(_are_one(x, y) for x in a for y in b)


def _are_one(a: Member, b: Member) -> bool:
    if are_same_images(a.node, b.node):
        return True
    kin = kinship(a.examination, b.examination)
    is_named = bool(a.examination.visit) and a.examination.visit == b.examination.visit
    return kin is Kinship.SAME or (is_named and kin is not Kinship.OTHER)


def _is_one_day(a: Group, b: Group) -> bool:
    """Whether a PET and an MR are of one day; two examinations of one kind on a day are two visits."""
    if not _may_be_one(a, b):
        return False
    kin = {kinship(x.examination, y.examination) for x in a for y in b}
    return Kinship.SAME_DAY in kin and Kinship.OTHER not in kin


def _is_one_folder(a: Group, b: Group) -> bool:
    """Whether one of two groups is not known to be of any visit and lies in the folder of the other."""
    is_unknown = not all(member.is_known for member in a) or not all(member.is_known for member in b)
    shared = {member.folder for member in a} & {member.folder for member in b} - {0}
    return is_unknown and bool(shared) and _may_be_one(a, b)


def _may_be_one(a: Group, b: Group) -> bool:
    both = kinds_in(a) & kinds_in(b)
    names = {member.examination.visit for member in (*a, *b)} - {""}
    return not both & {DYNAMIC, UNREAD, PET} and len(names) < 2
