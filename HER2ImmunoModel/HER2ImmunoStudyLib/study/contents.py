"""What a study's results hold, apart from how they are stored: maps by name, and the record of the whole."""

from __future__ import annotations

from dataclasses import fields

from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.registration import Quality, Transform

from .results import StudyResult, VisitResult

PLACES = (
    *("dynamic", "vfa", "pet", "tumour", "vessel", "muscle", "blood"),
    *("transform", "landmarks", "pet_transform", "attenuation"),
)
QUALITIES = tuple(field.name for field in fields(Quality))
REFERENCE, UNKNOWN = "reference", "none"


def study_provenance(result: StudyResult) -> Provenance:
    """Provenance of what comes from all visits together."""
    parts = {
        visit.visit.visit: [entry.result.provenance for entry in (visit.dce, visit.pet) if entry]
        for visit in result.visits
    }
    return Provenance(
        module="HER2ImmunoModel study",
        settings={"dce": result.study.dce, "pet": result.study.pet, "model": result.plan.settings.to_dict()},
        inputs={"study": result.study.path.name, "subject": result.study.subject, "visits": parts},
        warnings=tuple(text for visit in result.visits for text in visit.warnings),
    )


def visit_maps(visit: VisitResult) -> dict[str, tuple[Volume, Provenance]]:
    """The maps of a visit by file name (without ending), each with its provenance."""
    maps = {}
    if visit.dce:
        found = visit.dce.result
        maps |= {name: (Volume(array, found.ijk_to_ras), found.provenance) for name, array in found.maps.items()}
    if visit.pet:
        found = visit.pet.result
        maps[found.suv_result.map_name] = (found.suv, found.provenance)
        if found.ratio is not None:
            maps[found.metrics.ratio] = (found.ratio, found.provenance)
            maps["hypoxic"] = (found.suv.like(found.hypoxic), found.provenance)
    if visit.alignment:
        maps["jacobian"] = (visit.alignment.jacobian, visit.alignment.provenance)
    return maps


def visit_transforms(visit: VisitResult) -> dict[str, tuple[Transform, Provenance]]:
    """The transforms of a visit by file name (without ending), each with its provenance."""
    found = {}
    if visit.alignment:
        found["transform"] = (visit.alignment.transform, visit.alignment.provenance)
    if visit.pet and visit.pet.space.transform:
        found["pet_transform"] = (visit.pet.space.transform, visit.pet.result.provenance)
    return found


def alignment_records(result: StudyResult) -> list[dict[str, object]]:
    """How each visit lies to the reference visit, and its MR to its PET: where that is from, and how good it is."""
    records = []
    for visit in result.visits:
        known, space = visit.alignment, visit.pet.space if visit.pet else None
        source = known.source if known else REFERENCE if visit is result.reference else UNKNOWN
        record = {"visit": visit.visit.visit, "day": visit.visit.day, "source": source}
        record |= {name: getattr(known.quality, name) if known else None for name in QUALITIES}
        pet = space.quality if space else None
        record |= {"pet_source": space.source if space else None}
        record |= {f"pet_{name}": getattr(pet, name, None) for name in ("metric_before", "metric_after", "metric_name")}
        records.append(record)
    return records


def private_contents(result: StudyResult) -> tuple[dict[str, list[Provenance]], dict[str, object]]:
    """The whole record of each visit, and where its images and regions are."""
    records = {
        visit.visit.visit: [entry.result.provenance for entry in (visit.dce, visit.pet) if entry]
        for visit in result.visits
    }
    places = {visit.visit.visit: {name: getattr(visit.visit, name) for name in PLACES} for visit in result.visits}
    return records, {"study": result.study.path, **places}
