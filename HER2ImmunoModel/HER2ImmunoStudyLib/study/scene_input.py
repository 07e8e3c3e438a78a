"""A study's images, regions and tables as nodes, as an examination loaded from DICOM by the panels has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.masks import read_mask
from HER2ImmunoCommonLib.progress import Report, part
from PETHypoxiaLib.suv import read_pet
from QuantDCELib.dicom import read_dynamic, read_vfa

from .manifest import Study, Visit

REGIONS = {"Tumour": "tumour", "Vessel": "artery", "Muscle": "muscle", "Blood": "blood"}
"""What each segment of a visit is to the reader of masks."""

if TYPE_CHECKING:
    import slicer


@dataclass(frozen=True)
class VisitNodes:
    """The nodes of one visit; None for what was not acquired.

    Attributes
    ----------
    dynamic, vfa : vtkMRMLSequenceNode or None
    pet : vtkMRMLScalarVolumeNode or None
    regions : vtkMRMLSegmentationNode
        Segments Tumour and, where there is a mask, Vessel, Muscle and Blood.
    """

    dynamic: slicer.vtkMRMLSequenceNode | None
    vfa: slicer.vtkMRMLSequenceNode | None
    pet: slicer.vtkMRMLScalarVolumeNode | None
    regions: slicer.vtkMRMLSegmentationNode

    @property
    def all(self) -> list[slicer.vtkMRMLNode]:
        """Those there are."""
        return [node for node in (self.dynamic, self.vfa, self.pet, self.regions) if node is not None]


def load_visit(scene: slicer.vtkMRMLScene, study: Study, name: str, report: Report | None = None) -> VisitNodes:
    """Load the images and regions of one visit into the scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    study : Study
    name : str
        Name of the visit.
    report : Report, optional

    Raises
    ------
    InputError
        If the study has no such visit, or its files cannot be read; nothing is left in the scene then.
    """
    from HER2ImmunoCommonLib.scene import name_visit, put_in_folder

    visit = next((visit for visit in study.visits if visit.visit == name), None)
    if visit is None:
        known = ", ".join(visit.visit for visit in study.visits)
        raise InputError(f"{study.path} has no visit {name!r}; choose one of {known}.")
    nodes = _make_nodes(scene, visit, _read(visit, report))
    put_in_folder(scene, nodes.all, f"{study.subject}: {visit.visit}")
    for node in nodes.all:
        name_visit(node, visit.visit, visit.day)
    return nodes


@dataclass(frozen=True)
class _Images:
    dynamic: object
    vfa: object
    pet: object
    masks: dict


def _read(visit: Visit, report: Report | None) -> _Images:
    files = {"Tumour": visit.tumour, "Vessel": visit.vessel, "Muscle": visit.muscle, "Blood": visit.blood}
    dynamic = None
    if visit.dynamic:
        interval_s, choice = visit.frame_interval_s, visit.dynamic_choice
        report_part = part(report, 0.0, 0.7)
        dynamic = read_dynamic(visit.dynamic, frame_interval_s=interval_s, choice=choice, report=report_part)
    like = replace(visit.vfa_choice, like=dynamic.about.get("images", "") if dynamic else "")
    return _Images(
        dynamic=dynamic,
        vfa=read_vfa(visit.vfa, choice=like, report=part(report, 0.7, 0.85)) if visit.vfa else None,
        pet=read_pet(visit.pet, report=part(report, 0.85, 1.0)) if visit.pet else None,
        masks={title: read_mask(path, REGIONS[title]).volume for title, path in files.items() if path is not None},
    )


def _make_nodes(scene: slicer.vtkMRMLScene, visit: Visit, images: _Images) -> VisitNodes:
    from HER2ImmunoCommonLib.scene import all_or_nothing, examination_of, set_examination
    from HER2ImmunoModelLib.scene import segmentation_from_masks
    from PETHypoxiaLib.scene import show_pet
    from QuantDCELib.scene import node_from_dynamic, node_from_vfa

    with all_or_nothing(scene) as keep:
        dynamic = vfa = pet = None
        if images.dynamic is not None:
            dynamic = keep(node_from_dynamic(scene, images.dynamic, f"{visit.visit} dynamic"))
        if images.vfa is not None:
            vfa = keep(node_from_vfa(scene, images.vfa, f"{visit.visit} flip angles"))
        if images.pet is not None:
            pet = keep(show_pet(scene, images.pet, str(visit.pet), None))
            pet.SetName(scene.GenerateUniqueName(f"{visit.visit} PET"))
        regions = keep(segmentation_from_masks(scene, images.masks, f"{visit.visit} regions"))
        set_examination(regions, examination_of(dynamic or pet))
    return VisitNodes(dynamic, vfa, pet, regions)
