"""Images that the application's DICOM module has loaded, taken as a dynamic series or a flip angle series.

The module leaves a MultiVolume, a sequence, or one volume a frame. Their instances lead to the files, which are read as
those of a folder are; where these are gone, a MultiVolume's own voxels and labels are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.scene import (
    FLIP_ANGLES,
    files_of_instances,
    files_of_series,
    header_values,
    instance_uids,
    labels_of,
    n_frames,
    other_than_times,
    series_uid_of,
)

from ..dicom.reading import DynamicImages, VfaImages, read_dynamic, read_vfa
from .frame_kinds import differs_in, fits_dynamic, fits_flip_angles, has_times
from .image_headers import flip_angles_in_database, flip_angles_of
from .multivolume import dynamic_of_multivolume, is_multivolume, vfa_of_multivolume
from .series_nodes import UIDS_ATTRIBUTE, node_from_dynamic, node_from_vfa

DYNAMIC = "dynamic"
NAMED_BY = ("Modality", "SeriesNumber", "SeriesDescription", "SeriesInstanceUID", "StudyInstanceUID")
ALIKE_IN = ("StudyInstanceUID", "ScanningSequence", "RepetitionTime", "Rows", "Columns", "ImageOrientationPatient")
"""What volumes of several series share if they are the phases, or flip angles, of one examination."""


@dataclass(frozen=True)
class LoadedImages:
    """Images in the scene that can be taken.

    Attributes
    ----------
    title : str
        As a person would call them, such as "1000: MR DCE dynamic (100 volumes)".
    kind : str
        "dynamic", "flip angles", or empty where only the files will tell.
    node_ids : tuple of str
    instance_uids : tuple of str
        Empty where the voxels themselves are to be taken.
    """

    title: str
    kind: str
    node_ids: tuple[str, ...]
    instance_uids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The title without the number of volumes."""
        return self.title.rpartition(" (")[0] or self.title

    @property
    def key(self) -> str:
        """What tells them from others, also after the scene was saved and loaded."""
        return f"loaded: {self.instance_uids[0] if self.instance_uids else self.node_ids[0]}"


def loaded_images(scene: slicer.vtkMRMLScene, kind: str = "") -> list[LoadedImages]:
    """What the application's DICOM module has loaded and can be taken.

    Parameters
    ----------
    scene : vtkMRMLScene
    kind : str
        "dynamic" or "flip angles": only those that can be one. Sequences that can be chosen as they are have no need
        to be taken and are left out.
    """
    volumes = [node for node in _nodes(scene, "vtkMRMLVolumeNode") if not node.GetHideFromEditors()]
    found = [_of_multivolume(node) for node in volumes if is_multivolume(node)]
    found += [_of_sequence(node) for node in _nodes(scene, "vtkMRMLSequenceNode")]
    found += _of_single_volumes([node for node in volumes if node.GetClassName() == "vtkMRMLScalarVolumeNode"])
    return [images for images in found if images is not None and (not kind or images.kind in ("", kind))]


def files_of(scene: slicer.vtkMRMLScene, images: LoadedImages) -> tuple[Path, ...]:
    """The DICOM files of images; none if one is missing or the database is not open."""
    files = files_of_instances(images.instance_uids)
    if files or len(images.node_ids) > 1:
        return files
    node = scene.GetNodeByID(images.node_ids[0])
    return () if node is None else files_of_series(series_uid_of(node))


def dynamic_reader(scene: slicer.vtkMRMLScene, images: LoadedImages) -> Callable[..., DynamicImages]:
    """What a worker thread calls, with the options of `read_dynamic`, to read images as a dynamic series.

    Raises
    ------
    InputError
        If their files are gone and they have no frame times themselves, or they are not where their files are.
    """
    files = _files_in_place(scene, images)
    if files:
        return partial(read_dynamic, files)
    found = dynamic_of_multivolume(_only_node(scene, images))
    return lambda **options: found


def flip_angle_reader(
    scene: slicer.vtkMRMLScene, images: LoadedImages, tr_s: float | None = None
) -> Callable[..., VfaImages]:
    """As `dynamic_reader`, with the options of `read_vfa`, to read images as a flip angle series.

    Raises
    ------
    InputError
        As `dynamic_reader`, of flip angles.
    QuestionsError
        If their files are gone, they do not say their TR, and `tr_s` does not.
    """
    files = _files_in_place(scene, images)
    if files:
        return partial(read_vfa, files)
    found = vfa_of_multivolume(_only_node(scene, images), tr_s)
    return lambda **options: found


def take(
    scene: slicer.vtkMRMLScene, images: LoadedImages, kind: str = DYNAMIC, report: Report | None = None
) -> slicer.vtkMRMLSequenceNode:
    """Make loaded images the sequence of a dynamic series or of a flip angle series.

    Raises
    ------
    InputError, QuestionsError
        As `read_dynamic` and `read_vfa`, or if neither their files nor their labels tell enough.
    """
    if kind == FLIP_ANGLES:
        return node_from_vfa(scene, flip_angle_reader(scene, images)(report=report), images.name)
    return node_from_dynamic(scene, dynamic_reader(scene, images)(report=report), images.name)


def _of_multivolume(node: slicer.vtkMRMLVolumeNode) -> LoadedImages | None:
    uids = instance_uids(node)
    if _are_in_database(uids):
        return LoadedImages(_title(uids[0], n_frames(node), node.GetName()), _kind_of(node), (node.GetID(),), uids)
    if not has_times(node) and other_than_times(node) != FLIP_ANGLES:
        return None
    name = node.GetName().partition(" - ")[0]
    return LoadedImages(f"{name} ({n_frames(node)} volumes)", _kind_of(node), (node.GetID(),))


def _of_sequence(node: slicer.vtkMRMLSequenceNode) -> LoadedImages | None:
    """A sequence whose labels do not say what its files do."""
    if node.GetAttribute(UIDS_ATTRIBUTE) or fits_flip_angles(node) or (fits_dynamic(node) and has_times(node)):
        return None
    uids = instance_uids(node)
    if not _are_in_database(uids):
        return None
    return LoadedImages(_title(uids[0], n_frames(node), node.GetName()), _kind_of(node), (node.GetID(),), uids)


def _kind_of(node: slicer.vtkMRMLNode) -> str:
    other = differs_in(node)
    if other in ("", FLIP_ANGLES) and (other or has_times(node) or len(flip_angles_of(node)) == 1):
        return other or DYNAMIC
    return ""


def _of_single_volumes(nodes: Iterable[slicer.vtkMRMLScalarVolumeNode]) -> list[LoadedImages]:
    """Volumes of one series, and those of one study that could be its phases or flip angles, a series each."""
    by_series: dict[str, list] = {}
    headers = {}
    for node in nodes:
        uids = () if _is_shown_frame(node) else instance_uids(node)
        header = header_values(uids[0], NAMED_BY) if uids else {}
        if header.get("Modality") == "MR" and "SeriesInstanceUID" in header:
            headers[node.GetID()] = header
            by_series.setdefault(header["SeriesInstanceUID"], []).append(node)
    groups = [group for group in by_series.values() if len(group) > 1]
    by_setup: dict[tuple[str, ...], list] = {}
    for group in by_series.values():
        if len(group) == 1:
            setup = header_values(instance_uids(group[0])[0], ALIKE_IN)
            by_setup.setdefault(tuple(setup.get(keyword, "") for keyword in ALIKE_IN), []).append(group[0])
    groups += [group for group in by_setup.values() if len(group) > 1]
    return [_of_group(group) for group in groups if _are_in_database(instance_uids(group[0]))]


def _of_group(nodes: list[slicer.vtkMRMLScalarVolumeNode]) -> LoadedImages:
    uids = [instance_uids(node) for node in nodes]
    flips = flip_angles_in_database(own[0] for own in uids)
    kind = {1: DYNAMIC, len(nodes): FLIP_ANGLES}.get(len(flips), "")
    every = tuple(dict.fromkeys(uid for own in uids for uid in own))
    return LoadedImages(
        _title(uids[0][0], len(nodes), nodes[0].GetName()), kind, tuple(node.GetID() for node in nodes), every
    )


def _title(uid: str, count: int, otherwise: str) -> str:
    header = header_values(uid, NAMED_BY)
    words = [header.get(keyword, "") for keyword in ("Modality", "SeriesDescription")]
    number = f"{header['SeriesNumber']}: " if "SeriesNumber" in header else ""
    return f"{number}{' '.join(filter(None, words)) or otherwise} ({count} volumes)"


def _are_in_database(uids: tuple[str, ...]) -> bool:
    """Whether the first of the files is there; all are looked for when they are taken."""
    return bool(files_of_instances(uids[:1]))


def _files_in_place(scene: slicer.vtkMRMLScene, images: LoadedImages) -> tuple[Path, ...]:
    files = files_of(scene, images)
    for node_id in images.node_ids if files else ():
        node = scene.GetNodeByID(node_id)
        if node is not None and node.IsA("vtkMRMLTransformableNode") and node.GetParentTransformNode() is not None:
            raise InputError(
                f"{node.GetName()} lies under a transform, but its DICOM files do not; take it out of the transform."
            )
    return files


def _only_node(scene: slicer.vtkMRMLScene, images: LoadedImages) -> slicer.vtkMRMLVolumeNode:
    nodes = [scene.GetNodeByID(node_id) for node_id in images.node_ids]
    if len(nodes) > 1 or nodes[0] is None or not is_multivolume(nodes[0]) or not labels_of(nodes[0]):
        raise InputError(
            f"The DICOM files of {images.title} are no longer in the DICOM database; import them again, or load them "
            "from their folder."
        )
    return nodes[0]


def _is_shown_frame(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    logic = slicer.modules.sequences.logic()
    return logic.GetFirstBrowserNodeForProxyNode(node) is not None


def _nodes(scene: slicer.vtkMRMLScene, class_name: str) -> list[slicer.vtkMRMLNode]:
    return [scene.GetNthNodeByClass(n, class_name) for n in range(scene.GetNumberOfNodesByClass(class_name))]
