"""Where the DICOM files of a PET volume are, and PET volumes made from DICOM files."""

from __future__ import annotations

from pathlib import Path

import slicer
from HER2ImmunoCommonLib.dicom import examination_of
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.scene import (
    INSTANCES,
    files_of_instances,
    is_image,
    is_still_image,
    modality_of,
    node_from_volume,
    set_colours,
    set_examination,
    set_quantity,
    volume_from_node,
)

from ..analysis.examination import Source, along_axes_of, uids_of
from ..suv.reading import PetImages

FOLDER = "PETHypoxia.DICOMFolder"
GREY = "vtkMRMLColorTableNodeInvertedGrey"
WINDOW_SHARE = 0.6
QUANTITIES = {
    "BQML": ("Activity", "Bq/mL"),
    "GML": ("SUV", "g/mL"),
    "CM2ML": ("SUV", "cm2/mL"),
    "CNTS": ("Counts", "1"),
}
"""What the values are by Units (0054,1001), and in which unit."""


def source_of(volume: slicer.vtkMRMLScalarVolumeNode) -> Source:
    """Where the DICOM files of a volume are: in the DICOM database, or in the folder it was read from.

    Raises
    ------
    InputError
        If they are not known, or no longer there.
    """
    uids = tuple((volume.GetAttribute(INSTANCES) or "").split())
    files = files_of_instances(uids)
    if files:
        return Source(files, uids)
    folder = volume.GetAttribute(FOLDER) or ""
    if folder and Path(folder).is_dir():
        return Source(Path(folder), uids)
    if folder or uids:
        where = f" in {folder}" if folder else " in the DICOM database"
        raise InputError(
            f"The DICOM files of {volume.GetName()} are no longer{where}; results made earlier stay, but to compute "
            "again name their folder and load the PET from it."
        )
    raise InputError(
        f"The DICOM files of {volume.GetName()} are not known; name their folder and load the PET from it."
    )


def is_pet(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether a volume can be the PET: a still image that is not known to be of another modality."""
    return is_still_image(node) and modality_of(node) in ("", "PT")


def is_anatomy(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether a volume can be the anatomical image: an image that is not known to be a PET."""
    return is_image(node) and not node.GetAttribute(FOLDER) and modality_of(node) != "PT"


def identity(volume: slicer.vtkMRMLScalarVolumeNode | None) -> str:
    """What tells one examination from another in a saved scene: its first instance, else the volume's ID."""
    if volume is None:
        return ""
    uids = (volume.GetAttribute(INSTANCES) or "").split()
    return uids[0] if uids else volume.GetID()


def show_pet(
    scene: slicer.vtkMRMLScene, pet: PetImages, folder: str, chosen: slicer.vtkMRMLScalarVolumeNode | None
) -> slicer.vtkMRMLScalarVolumeNode:
    """The volume node of a PET series that was read from a folder.

    Parameters
    ----------
    scene : vtkMRMLScene
    pet : PetImages
    folder : str
        Remembered in the node.
    chosen : vtkMRMLScalarVolumeNode or None
        Taken for the PET if its instances are those read or, where it has none, if it lies on the same voxels.

    Returns
    -------
    vtkMRMLScalarVolumeNode
        `chosen`, or a new one that holds the activity.
    """
    uids = uids_of(pet.headers)
    node = chosen if chosen is not None and _is_of(chosen, uids, pet.activity) else _new_node(scene, pet)
    node.SetAttribute(INSTANCES, " ".join(uids))
    node.SetAttribute(FOLDER, str(folder))
    set_examination(node, examination_of([pet.series]))
    return node


def _is_of(node: slicer.vtkMRMLScalarVolumeNode, uids: tuple[str, ...], activity: Volume) -> bool:
    own = (node.GetAttribute(INSTANCES) or "").split()
    if own:
        return set(own) == set(uids)
    return node.GetImageData() is not None and along_axes_of(volume_from_node(node), activity) is not None


def _new_node(scene: slicer.vtkMRMLScene, pet: PetImages) -> slicer.vtkMRMLScalarVolumeNode:
    name = f"{pet.series.number or ''} {pet.series.description or 'PET'}".strip()
    node = node_from_volume(scene, pet.activity, name)
    known = QUANTITIES.get(str(pet.headers[0].get("Units", "")).strip().upper())
    if known is not None:
        set_quantity(node, *known)
    set_colours(node, GREY, 0.0, WINDOW_SHARE * float(pet.activity.array.max()))
    return node
