"""What goes with the chosen PET volume: its regions, its anatomical image, its visit and its results."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.scene import (
    TUMOUR,
    Change,
    Companion,
    Offered,
    Source,
    examination_of,
    follow,
    offered_images,
    propose_segment,
    take_visit,
    with_proposals,
)

from .gathering import REFERENCES
from .sources import identity, is_pet

ROLE = "PETHypoxia."
"""Start of the reference roles and attributes by which a PET volume knows its results."""
RESULTS = ("suvVolume", "ratioVolume", "measuresTable", "sweepTable", "sweepChart")
SEGMENTATION, SEGMENT_ID = "hypoxicSegmentation", "hypoxicSegmentId"
"""Fields of the parameter node that hold the results."""
OWN_COLUMNS = ("suv", "pet_tumour_", "tmr_", "tbr_", "hypoxic_")
"""How the columns begin that this module measures."""
COMPANIONS = (
    Companion("Tumour", "segmentation", "segmentId"),
    Companion("Reference region", "referenceSegmentation", "referenceSegmentId"),
    Companion("Anatomical image", "anatomyVolume"),
    Companion("Reference point", "spherePoint"),
)


def offered_pets() -> list[Offered]:
    """The PET volumes of the scene that can be chosen."""
    return offered_images(_pets(slicer.mrmlScene))


def _pets(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLScalarVolumeNode]:
    return [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene) if is_pet(node)]


def source_of_row(volume: slicer.vtkMRMLScalarVolumeNode, series_uid: str = "") -> Source:
    """What tells the row of a PET from those of others."""
    uids = examination_of(volume).series_uids
    known = series_uid or (uids[0] if uids else identity(volume))
    return Source("PET", known, volume.GetName(), lambda name: name.startswith(OWN_COLUMNS))


def take_volume(parameters, earlier: slicer.vtkMRMLScalarVolumeNode | None) -> list[Change]:
    """Make everything that belongs to one examination that of the PET volume just chosen.

    Parameters
    ----------
    parameters : the module's parameter node wrapper
    earlier : vtkMRMLScalarVolumeNode or None
        The volume chosen before.

    Returns
    -------
    list of Change
    """
    volume = parameters.petVolume
    with slicer.util.NodeModify(parameters):
        told = follow(parameters, earlier, volume, COMPANIONS)
        told = with_proposals(told, _propose(parameters))
        _take_results(parameters, volume)
        return told + take_visit(parameters, volume, parameters.measurementTable, source_of_row(volume), earlier)


def _propose(parameters) -> list[Change]:
    """Tumour and reference, where the examination has one segment that is called so."""
    volume = parameters.petVolume
    alone = _pets(volume.GetScene()) == [volume]
    tumour, reference, *_others = COMPANIONS
    return [
        change
        for of, named in ((tumour, TUMOUR), (reference, REFERENCES[parameters.ratio.name]))
        for change in propose_segment(parameters, volume, of.what, named, (of.field, of.segment), alone=alone)
    ]


def _take_results(parameters, volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """The results of an earlier run on this volume, if there was one."""
    for name in (*RESULTS, SEGMENTATION):
        setattr(parameters, name, volume.GetNodeReference(ROLE + name))
    parameters.hypoxicSegmentId = volume.GetAttribute(ROLE + SEGMENT_ID) or ""
