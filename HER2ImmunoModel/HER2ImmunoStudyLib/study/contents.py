"""What a study's results hold, apart from how they are stored: maps by name, and the record of the whole."""

from __future__ import annotations

from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.provenance import Provenance

from .pipeline import StudyResult, VisitResult

PLACES = ("dynamic", "vfa", "pet", "tumour", "vessel", "muscle", "blood")


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
    return maps


def private_contents(result: StudyResult) -> tuple[dict[str, list[Provenance]], dict[str, object]]:
    """The whole record of each visit, and where its images and regions are."""
    records = {
        visit.visit.visit: [entry.result.provenance for entry in (visit.dce, visit.pet) if entry]
        for visit in result.visits
    }
    places = {visit.visit.visit: {name: getattr(visit.visit, name) for name in PLACES} for visit in result.visits}
    return records, {"study": result.study.path, **places}
