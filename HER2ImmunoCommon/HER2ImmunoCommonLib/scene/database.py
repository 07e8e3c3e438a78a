"""The application's DICOM database, asked only while it is open: closed, it prints an error for each file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import slicer

from .placement import proxies_of

INSTANCES = "DICOM.instanceUIDs"
"""Attribute in which the application's DICOM module keeps the SOP instances of a volume, separated by blanks."""
SERIES_UID, SERIES_INSTANCES = "DICOM", "DICOMInstanceUID"
"""Names of the UIDs that an item of the data tree has."""


def instance_uids(node: slicer.vtkMRMLNode) -> tuple[str, ...]:
    """SOP instances that a node was loaded from, of a sequence those of all frames; empty where they are not known.

    The module leaves them on a volume, on a MultiVolume, on the frames of a sequence and, where a scene file lost
    these, on the item in the data tree of the volume that shows it.
    """
    if not node.IsA("vtkMRMLSequenceNode"):
        return _own_uids(node) or _uids_in_tree(node)
    frames = dict.fromkeys(uid for uids in instances_of_frames(node) for uid in uids)
    return tuple(frames) or next((uids for proxy in proxies_of(node) if (uids := _uids_in_tree(proxy))), ())


def instances_of_frames(sequence: slicer.vtkMRMLSequenceNode) -> list[tuple[str, ...]]:
    """SOP instances of each frame of a sequence; empty where one has none."""
    frames = [_own_uids(sequence.GetNthDataNode(n)) for n in range(sequence.GetNumberOfDataNodes())]
    return frames if all(frames) else []


def series_uid_of(node: slicer.vtkMRMLNode) -> str:
    """The DICOM series of a node by its item in the data tree; empty where that does not say."""
    return _uid_in_tree(node, SERIES_UID)


def files_of_instances(uids: Iterable[str]) -> tuple[Path, ...]:
    """The files of all instances, in their order; none if one is missing or the database is not open."""
    database, uids = _open_database(), tuple(uids)
    return () if database is None else _all_there(database.fileForInstance(uid) for uid in uids)


def files_of_series(series_uid: str) -> tuple[Path, ...]:
    """The files of a series; none if one is missing or the database is not open."""
    database = _open_database()
    return () if database is None or not series_uid else _all_there(database.filesForSeries(series_uid))


def header_values(instance_uid: str, keywords: Iterable[str]) -> dict[str, str]:
    """Values of an instance's header by keyword, as text; what is missing or empty is left out.

    Parameters
    ----------
    instance_uid : str
    keywords : iterable of str
        Such as "FlipAngle".
    """
    database = _open_database()
    if database is None or not instance_uid:
        return {}
    from pydicom.datadict import tag_for_keyword

    tags = {keyword: tag_for_keyword(keyword) for keyword in keywords}
    found = {
        keyword: database.instanceValue(instance_uid, f"{tag >> 16:04X},{tag & 0xFFFF:04X}")
        for keyword, tag in tags.items()
    }
    return {keyword: text.strip() for keyword, text in found.items() if text and text.strip()}


def _open_database():
    """The database if there is one and it is open; `isOpen` is a property in the application."""
    database = getattr(slicer, "dicomDatabase", None)
    opened = getattr(database, "isOpen", False)
    return database if (opened() if callable(opened) else opened) else None


def _all_there(names: Iterable[str]) -> tuple[Path, ...]:
    files = []
    for name in names:
        if not name or not Path(name).is_file():
            return ()
        files.append(Path(name))
    return tuple(files)


def _own_uids(node: slicer.vtkMRMLNode) -> tuple[str, ...]:
    return tuple((node.GetAttribute(INSTANCES) or "").split())


def _uids_in_tree(node: slicer.vtkMRMLNode) -> tuple[str, ...]:
    return tuple(_uid_in_tree(node, SERIES_INSTANCES).split())


def _uid_in_tree(node: slicer.vtkMRMLNode, name: str) -> str:
    scene = node.GetScene()
    hierarchy = None if scene is None else scene.GetFirstNodeByClass("vtkMRMLSubjectHierarchyNode")
    item = 0 if hierarchy is None else hierarchy.GetItemByDataNode(node)
    return hierarchy.GetItemUID(item, name) if item else ""
