"""The whole path: images of every visit to measurements, to a calibrated model, to a ranking of schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.masks import Mask, place, read_mask
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.planning import PlanSettings, make_plan
from HER2ImmunoModelLib.treatments import Schedule, read_schedule
from PETHypoxiaLib import PetSettings, read_pet
from PETHypoxiaLib import analyse as analyse_pet
from PETHypoxiaLib.analysis import place_on_pet
from QuantDCELib import DceSettings, DynamicImages, VfaImages, read_dynamic, read_vfa
from QuantDCELib import analyse as analyse_dce
from QuantDCELib.analysis import in_own_units

from .answers import Answers, answers_by_visit, of_dynamic, of_visit, sorted_by_stage
from .given_spaces import GivenSpace, read_spaces
from .manifest import Study, Visit
from .pet_space import MrSpace, pet_space
from .registering import align_visits
from .results import DceVisit, PetVisit, StudyResult, VisitResult

REGIONS = {"tumour": "tumour", "vessel": "artery", "muscle": "muscle", "blood": "blood"}
"""What each mask of a visit is to the reader of masks; `--set artery_segment=NAME` says which segment is meant."""
IMAGING, ALIGNED = 0.7, 0.85
"""Where the images and their registration end in the progress."""


def run_study(study: Study, *, answers: Mapping[str, str] | None = None, report: Report | None = None) -> StudyResult:
    """Analyse every visit, align them where that is asked for, calibrate the model and rank schedules.

    Every measurement is made on the images as they were acquired; none depends on the alignment.

    Parameters
    ----------
    study : Study
    answers : mapping of str to str, optional
        Answers to questions about the images: for every visit, or by `VISIT:KEY` for one.
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
    stages = stages_of(study, answers or {})
    plan_settings = PlanSettings.from_dict({"species": study.species, **study.model})
    # A drug that the model does not have is told before an hour of images.
    model = models.get(plan_settings.model, plan_settings.species)
    given = read_schedule(study.treatments, model) if study.treatments else Schedule()
    spaces = read_spaces(study)
    visits = []
    for number, visit in enumerate(study.visits):
        start, stop = (IMAGING * (number + end) / len(study.visits) for end in (0, 1))
        try:
            visits.append(_visit(visit, stages[number], spaces.visits[number], part(report, start, stop)))
        except QuestionsError as error:
            raise of_visit(error, visit.visit, len(study.visits)) from error
    aligned = align_visits(study, visits, spaces, part(report, IMAGING, ALIGNED))
    measured = [visit.measurement for visit in aligned]
    plan = make_plan(measured, plan_settings, given=given, report=part(report, ALIGNED, 1))
    return StudyResult(study, aligned, plan, given)


@dataclass(frozen=True)
class Stages:
    """What the stages of a visit are told: settings of MR and PET, and answers about its images.

    Attributes
    ----------
    dce : DceSettings
    pet : PetSettings
    answers : Answers
    """

    dce: DceSettings
    pet: PetSettings
    answers: Answers


def stages_of(study: Study, answers: Mapping[str, str]) -> list[Stages]:
    """The settings of every visit, in order: those of the study, with the answers over them.

    Raises
    ------
    InputError
        For a setting or an answer that does not exist or cannot be.
    """
    found = []
    said = PetSettings.from_dict(study.pet).overrides
    given = answers_by_visit(answers, [visit.visit for visit in study.visits])
    for visit in study.visits:
        answered = sorted_by_stage(given[visit.visit], tuple(REGIONS.values()), has_pet=visit.pet is not None)
        # A vessel drawn on the images is a better input than a population's, unless the study says otherwise.
        dce = DceSettings.from_dict({"aif": "roi" if visit.vessel else "parker", **study.dce, **answered.dce})
        in_own_units(dce)
        overrides = {**said, **answered.pet}
        found.append(Stages(dce, PetSettings.from_dict({**study.pet, "overrides": overrides}), answered))
    return found


def masks_of(visit: Visit, segments: Mapping[str, str]) -> dict[str, Mask]:
    """The regions of a visit that have a mask, by the name of the entry."""
    return {
        name: read_mask(path, region, segments.get(region, ""))
        for name, region in REGIONS.items()
        if (path := getattr(visit, name)) is not None
    }


def _visit(visit: Visit, stages: Stages, space: GivenSpace, report: Report | None) -> VisitResult:
    def named(fraction: float, text: str) -> None:
        tell(report, fraction, f"{visit.visit}: {text}")

    try:
        masks = masks_of(visit, stages.answers.segments)
        tumour = masks["tumour"].volume
        values = {"volume_cm3": float(np.count_nonzero(tumour.array) * tumour.voxel_volume_cm3)}
        dce_visit = _dce(visit, stages, masks, part(named, 0.0, 0.8)) if visit.dynamic else None
        pet_visit = _pet(visit, stages.pet, masks, dce_visit, space, part(named, 0.8, 1.0)) if visit.pet else None
    except QuestionsError:
        raise
    except InputError as error:
        raise InputError(f"Visit {visit.visit}: {error}") from error
    if dce_visit:
        values |= dce_visit.result.measurements
    if pet_visit:
        # The tumour's volume is that of its segment, not of the coarser PET grid.
        values = dict(pet_visit.result.measurements) | values
    told = masks["tumour"].warnings
    return VisitResult(visit, Measurement(visit.visit, visit.day, values), dce_visit, pet_visit, told)


def _dce(visit: Visit, stages: Stages, masks: Mapping[str, Mask], report: Report | None) -> DceVisit:
    dynamic, vfa = read_mr(stages.answers.about(visit), part(report, 0.0, 0.6))
    anatomy = Volume(dynamic.series.array[..., -1].copy(), dynamic.series.ijk_to_ras)
    result = analyse_dce(
        dynamic,
        stages.dce,
        tumour_mask=masks["tumour"],
        vfa=vfa,
        aif_mask=masks.get("vessel"),
        report=part(report, 0.6, 1.0),
    )
    before = dynamic.series.array[..., result.baseline].mean(axis=-1, dtype=np.float64).astype(np.float32)
    tumour = place(masks["tumour"], anatomy, "tumour").inside
    about = dynamic.examination
    return DceVisit(result, anatomy, tumour, anatomy.like(before), about.frame_of_reference_uid, about.patient_position)


def read_mr(visit: Visit, report: Report | None) -> tuple[DynamicImages, VfaImages | None]:
    """The dynamic images of a visit and those at several flip angles, if there are any.

    Raises
    ------
    QuestionsError
        With keys that are different from those of PET.
    """
    interval_s, choice = visit.frame_interval_s, visit.dynamic_choice
    try:
        dynamic = read_dynamic(visit.dynamic, frame_interval_s=interval_s, choice=choice, report=part(report, 0.0, 0.8))
    except QuestionsError as error:
        raise of_dynamic(error) from error
    like = replace(visit.vfa_choice, like=dynamic.about.get("images", ""))
    vfa = read_vfa(visit.vfa, choice=like, report=part(report, 0.8, 1.0)) if visit.vfa else None
    return dynamic, vfa


def _pet(
    visit: Visit,
    settings: PetSettings,
    masks: Mapping[str, Mask],
    dce: DceVisit | None,
    given: GivenSpace,
    report: Report | None,
) -> PetVisit:
    images = read_pet(visit.pet, overrides=settings.overrides, report=part(report, 0.0, 0.4))
    mr = MrSpace(dce.before_contrast, dce.frame_of_reference_uid) if dce else None
    space = pet_space(visit, images, masks["tumour"], mr=mr, given=given.pet_transform, report=part(report, 0.4, 0.6))
    needed, other = ("blood", "muscle") if settings.ratio == "TBR" else ("muscle", "blood")
    result = analyse_pet(
        images,
        settings,
        tumour_mask=masks["tumour"],
        reference_mask=masks.get(needed),
        mask_transform=space.transform,
        report=part(report, 0.6, 1.0),
    )
    hints = []
    if other in masks and needed not in masks:
        ratio = "TMR" if settings.ratio == "TBR" else "TBR"
        hints = [f"The visit has {other} instead of {needed}; to use it, set the ratio of the study's pet to {ratio}."]
    told = (*result.warnings, *space.warnings, *hints)
    result = replace(result, warnings=told, provenance=replace(result.provenance, warnings=told))
    return PetVisit(result, place_on_pet(masks["tumour"], result.suv, "tumour", space.transform).inside, space)
