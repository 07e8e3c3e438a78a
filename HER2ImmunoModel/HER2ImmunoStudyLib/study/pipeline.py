"""The whole path: images of every visit to measurements, to a calibrated model, to a ranking of schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume, read_volume, resample_mask
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.planning import Plan, PlanSettings, make_plan
from HER2ImmunoModelLib.treatments import Schedule, read_schedule
from PETHypoxiaLib import PetResult, PetSettings, read_pet
from PETHypoxiaLib import analyse as analyse_pet
from QuantDCELib import DceResult, DceSettings, read_dynamic, read_vfa
from QuantDCELib import analyse as analyse_dce

from .manifest import Study, Visit

IMAGING = 0.85
"""Share of the progress that the images take."""


@dataclass(frozen=True, eq=False)
class DceVisit:
    """The MR part of a visit.

    Attributes
    ----------
    result : DceResult
    anatomy : Volume
        Last frame of the dynamic series.
    tumour : ndarray of bool, shape (k, j, i)
        On the grid of `anatomy`.
    """

    result: DceResult
    anatomy: Volume
    tumour: np.ndarray


@dataclass(frozen=True, eq=False)
class PetVisit:
    """The PET part of a visit; `tumour` is on the PET grid."""

    result: PetResult
    tumour: np.ndarray


@dataclass(frozen=True, eq=False)
class VisitResult:
    """Everything measured at one visit."""

    visit: Visit
    measurement: Measurement
    dce: DceVisit | None
    pet: PetVisit | None

    @property
    def warnings(self) -> tuple[str, ...]:
        found = (self.dce.result.warnings if self.dce else ()) + (self.pet.result.warnings if self.pet else ())
        return self.visit.remarks + found


@dataclass(frozen=True, eq=False)
class StudyResult:
    """Visits in order of days, and the plan made from them."""

    study: Study
    visits: tuple[VisitResult, ...]
    plan: Plan
    given: Schedule

    @property
    def measurements(self) -> list[Measurement]:
        return [visit.measurement for visit in self.visits]


def run_study(study: Study, *, answers: Mapping[str, str] | None = None, report: Report | None = None) -> StudyResult:
    """Analyse every visit, calibrate the model and rank schedules.

    Parameters
    ----------
    study : Study
    answers : mapping of str to str, optional
        Answers to questions about the PET headers, for every visit.
    report : Report, optional

    Raises
    ------
    InputError
        Naming the visit and what is wrong.
    QuestionsError
        For what only a person can answer.
    Cancelled
        From `report`.
    """
    DceSettings.from_dict(study.dce)
    said = PetSettings.from_dict(study.pet).overrides
    pet_settings = PetSettings.from_dict({**study.pet, "overrides": {**said, **(answers or {})}})
    plan_settings = PlanSettings.from_dict({"species": study.species, **study.model})
    # A drug that the model does not have is told before an hour of images.
    model = models.get(plan_settings.model, plan_settings.species)
    given = read_schedule(study.treatments, model) if study.treatments else Schedule()
    visits = []
    for number, visit in enumerate(study.visits):
        start, stop = (IMAGING * (number + end) / len(study.visits) for end in (0, 1))
        # A vessel drawn on the images is a better input than a population's, unless the study says otherwise.
        dce_settings = DceSettings.from_dict({"aif": "roi" if visit.vessel else "parker", **study.dce})
        visits.append(_visit(visit, dce_settings, pet_settings, part(report, start, stop)))
    plan = make_plan(
        [visit.measurement for visit in visits], plan_settings, given=given, report=part(report, IMAGING, 1)
    )
    return StudyResult(study, tuple(visits), plan, given)


def _visit(visit: Visit, dce: DceSettings, pet: PetSettings, report: Report | None) -> VisitResult:
    def named(fraction: float, text: str) -> None:
        tell(report, fraction, f"{visit.visit}: {text}")

    try:
        tumour = read_volume(visit.tumour)
        if not tumour.array.any():
            raise InputError(f"{visit.tumour.name} is empty; segment the tumour first.")
        values = {"volume_cm3": float(np.count_nonzero(tumour.array) * tumour.voxel_volume_cm3)}
        dce_visit = _dce(visit, dce, tumour, part(named, 0.0, 0.8)) if visit.dynamic else None
        pet_visit = _pet(visit, pet, tumour, part(named, 0.8, 1.0)) if visit.pet else None
    except QuestionsError:
        raise
    except InputError as error:
        raise InputError(f"Visit {visit.visit}: {error}") from error
    if dce_visit:
        values |= dce_visit.result.measurements
    if pet_visit:
        # The tumour's volume is that of its segment, not of the coarser PET grid.
        values = dict(pet_visit.result.measurements) | values
    return VisitResult(visit, Measurement(visit.visit, visit.day, values), dce_visit, pet_visit)


def _dce(visit: Visit, settings: DceSettings, tumour: Volume, report: Report | None) -> DceVisit:
    dynamic = read_dynamic(_source(visit.dynamic), report=part(report, 0.0, 0.5))
    vfa = read_vfa(_source(visit.vfa), report=part(report, 0.5, 0.6)) if visit.vfa else None
    anatomy = Volume(dynamic.series.array[..., -1].copy(), dynamic.series.ijk_to_ras)
    mask = resample_mask(tumour, anatomy)
    vessel = resample_mask(read_volume(visit.vessel), anatomy) if visit.vessel else None
    result = analyse_dce(dynamic, settings, tumour_mask=mask, vfa=vfa, aif_mask=vessel, report=part(report, 0.6, 1.0))
    return DceVisit(result, anatomy, mask)


def _source(folders):
    return folders[0] if len(folders) == 1 else [path for folder in folders for path in sorted(folder.iterdir())]


def _pet(visit: Visit, settings: PetSettings, tumour: Volume, report: Report | None) -> PetVisit:
    images = read_pet(visit.pet, overrides=settings.overrides, report=part(report, 0.0, 0.6))
    reference = visit.blood if settings.ratio == "TBR" else visit.muscle
    result = analyse_pet(
        images,
        settings,
        tumour_mask=tumour,
        reference_mask=read_volume(reference) if reference else None,
        report=part(report, 0.6, 1.0),
    )
    return PetVisit(result, resample_mask(tumour, result.suv))
