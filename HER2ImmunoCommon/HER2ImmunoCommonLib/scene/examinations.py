"""Which examination a node of the scene belongs to: by header, sequence, image, or place in the data tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import slicer

from ..dicom import IDENTIFYING, date_of, examination_of_header
from ..examination import Examination, Kinship, from_json, kinship
from .corrected import are_same_images
from .database import header_values, instance_uids
from .placement import proxies_of

EXAMINATION_ATTRIBUTE = "HER2Immuno.Examination"
RESULTS_FOLDER_ATTRIBUTE = "HER2Immuno.Results"
"""Marks a folder that holds results, which is inside that of the examination."""
DICOM_UID = "DICOM"
IMAGES = ("vtkMRMLSequenceNode", "vtkMRMLVolumeNode")


def set_examination(node: slicer.vtkMRMLNode, examination: Examination) -> None:
    """Keep with a node what its header says of the examination."""
    if examination:
        node.SetAttribute(EXAMINATION_ATTRIBUTE, examination.to_json())


def name_visit(node: slicer.vtkMRMLNode, visit: str, day: float) -> None:
    """Keep with a node the visit that a study says it is of."""
    set_examination(node, replace(examination_of(node), visit=visit, day=day))


def examination_of(node: slicer.vtkMRMLNode | None) -> Examination:
    """What is known of the examination of a node; an empty one if nothing is."""
    if node is None:
        return Examination()
    text = node.GetAttribute(EXAMINATION_ATTRIBUTE)
    if text:
        return from_json(text)
    source = sequence_of(node) or _drawn_on(node)
    found = examination_of(source) if source is not None else Examination()
    return found or _of_database(node) or _of_tree(node)


def kinship_of(a: slicer.vtkMRMLNode, b: slicer.vtkMRMLNode) -> Kinship:
    """Whether two nodes are of one examination: by their headers, else by a folder that holds both.

    A folder tells nothing of two images: it may hold those of every visit.
    """
    if are_same_images(a, b):
        return Kinship.SAME
    found = kinship(examination_of(a), examination_of(b))
    if found is not Kinship.UNKNOWN or all(any(node.IsA(kind) for kind in IMAGES) for node in (a, b)):
        return found
    return Kinship.SAME if visit_folder(a) and visit_folder(a) == visit_folder(b) else found


def nearest(to: slicer.vtkMRMLNode, candidates: Iterable[slicer.vtkMRMLNode]) -> list[slicer.vtkMRMLNode]:
    """Those of some nodes that belong to the examination of `to`: of its study, else of its day."""
    kin = [(kinship_of(to, node), node) for node in candidates]
    for wanted in (Kinship.SAME, Kinship.SAME_DAY):
        if found := [node for each, node in kin if each is wanted]:
            return found
    return []


def sequence_of(node: slicer.vtkMRMLNode) -> slicer.vtkMRMLSequenceNode | None:
    """The sequence whose current frame a volume shows; None for any other node."""
    logic = slicer.modules.sequences.logic()
    browser = logic.GetFirstBrowserNodeForProxyNode(node) if node.GetScene() is not None else None
    return None if browser is None else browser.GetSequenceNode(node)


def visit_folder(node: slicer.vtkMRMLNode) -> int:
    """Item of the folder or study that holds a node, past the folders of results; 0 at the top of the tree."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    item = hierarchy.GetItemByDataNode(node)
    while item and item != hierarchy.GetSceneItemID():
        item = hierarchy.GetItemParent(item)
        is_results = bool(item) and hierarchy.GetItemAttribute(item, RESULTS_FOLDER_ATTRIBUTE)
        if item and hierarchy.GetItemDataNode(item) is None and not is_results:
            break
    return 0 if not item or item == hierarchy.GetSceneItemID() else item


def _drawn_on(node: slicer.vtkMRMLNode) -> slicer.vtkMRMLNode | None:
    """The image whose grid a segmentation was drawn on."""
    if not node.IsA("vtkMRMLSegmentationNode"):
        return None
    return node.GetNodeReference(slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole())


def _of_database(node: slicer.vtkMRMLNode) -> Examination:
    """What the application's DICOM database has of the images that a node was loaded from."""
    from pydicom import Dataset

    uids, header = instance_uids(node), Dataset()
    for keyword, text in (header_values(uids[0], IDENTIFYING) if uids else {}).items():
        setattr(header, keyword, text)
    return examination_of_header(header) if len(header) else Examination()


def _of_tree(node: slicer.vtkMRMLNode) -> Examination:
    """What the study above a node, or above the volume that shows it, says, as the DICOM module leaves it."""
    shown = proxies_of(node) if node.IsA("vtkMRMLSequenceNode") else []
    return next((found for each in (node, *shown) if (found := _of_study_above(each))), Examination())


def _of_study_above(node: slicer.vtkMRMLNode) -> Examination:
    words = slicer.vtkMRMLSubjectHierarchyConstants
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    item, frame = hierarchy.GetItemByDataNode(node), ""
    while item and item != hierarchy.GetSceneItemID():
        if hierarchy.GetItemLevel(item) == words.GetDICOMLevelStudy():
            day = date_of(hierarchy.GetItemAttribute(item, words.GetDICOMStudyDateAttributeName()))
            return Examination(
                hierarchy.GetItemUID(item, DICOM_UID), frame, date="" if day is None else day.isoformat()
            )
        frame = frame or hierarchy.GetItemAttribute(item, words.GetDICOMFrameOfReferenceUIDAttributeName())
        item = hierarchy.GetItemParent(item)
    return Examination(frame_of_reference_uid=frame)
