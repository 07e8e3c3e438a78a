"""What a study would meet, found out before an hour of work: its entries, files, masks, times, T1 and PET headers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import Question, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume, nearly_same_grid
from HER2ImmunoCommonLib.masks import Mask, Placed, place
from HER2ImmunoCommonLib.privacy import shareable_text
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.planning import PlanSettings
from HER2ImmunoModelLib.treatments import read_schedule
from PETHypoxiaLib import analyse as analyse_pet
from PETHypoxiaLib import read_pet
from PETHypoxiaLib.analysis import place_on_pet
from QuantDCELib import DynamicImages, VfaImages
from QuantDCELib import analyse as analyse_dce
from QuantDCELib.analysis import check_frames, in_own_units, sequence_of

from .attenuation import read_attenuation
from .check_log import ASK, OK, WARNING, Finding, Log
from .given_spaces import GivenSpace, given_space, register_settings
from .manifest import Study, Visit, read_study
from .pet_space import frames_differ
from .pipeline import REGIONS, Stages, masks_of, read_mr, stages_of

T1_RANGE_S = (0.3, 3.5)
"""Median T1 of a tumour, from 1 T to 7 T."""


def check_study(path: str | Path, answers: Mapping[str, str], report: Report | None = None) -> list[Finding]:
    """Read everything that a study names, analyse nothing slow, write nothing.

    Parameters
    ----------
    path : path
        The study.json, or the folder that holds it.
    answers : mapping of str to str
        As for `run_study`.
    report : Report, optional

    Returns
    -------
    list of Finding
        One thing after another, each at fault or well; what depends on a thing at fault is left out.

    Raises
    ------
    Cancelled
        From `report`.
    """
    log = Log("study", 1)
    study = log.tried("study.json", lambda: read_study(path))
    if study is None:
        return log.found
    log.add(OK, "study.json", f"{len(study.visits)} visits of {study.subject}, a {study.species}.")
    stages = log.tried("settings", lambda: stages_of(study, answers))
    plan = log.tried("settings of the model", lambda: PlanSettings.from_dict({"species": study.species, **study.model}))
    if stages is not None and plan is not None:
        log.add(OK, "settings", "Every name is known, every value possible.")
    log.found += _treatments(study, plan)
    log.found += _registration(study)
    for number, visit in enumerate(study.visits):
        share = part(report, number / len(study.visits), (number + 1) / len(study.visits))
        if stages is not None:
            log.found += _visit(visit, stages[number], len(study.visits), share)
    return log.found


def _treatments(study: Study, plan: PlanSettings | None) -> list[Finding]:
    log = Log("study", 1)
    if study.treatments is None:
        log.add(OK, "treatments", "None are named: the model is told of no dose.")
        return log.found
    model = None if plan is None else models.get(plan.model, plan.species)
    given = log.tried("treatments", lambda: read_schedule(study.treatments, model))
    if given is not None:
        log.add(OK, "treatments", f"Doses given: {len(given.doses)}.")
    return log.found


def _registration(study: Study) -> list[Finding]:
    log = Log("study", 1)
    given = [visit.visit for visit in study.visits if visit.transform]
    name = study.reference_visit
    if study.register is None:
        told = f"only {', '.join(given)} by the given transform" if given else "none is asked for"
        log.add(OK, "registration", f"Visits aligned to {name}: {told}.")
        return log.found
    settings = log.tried("registration", lambda: register_settings(study))
    if settings is None:
        return log.found
    if not study.reference.dynamic:
        log.add(WARNING, "registration", f"The reference visit {name} has no MR, so no visit will be aligned to it.")
    else:
        log.add(OK, "registration", f"Visits are aligned to {name}, {settings.kind}.")
    return log.found


def _given(visit: Visit, log: Log) -> GivenSpace:
    """The transforms and landmarks of a visit, read."""
    found = log.tried("transforms", lambda: given_space(visit)) or GivenSpace()
    for key in ("transform", "pet_transform"):
        if transform := getattr(found, key):
            log.add(OK, key, "A linear transform." if transform.matrix is not None else "A transform with deformation.")
    if found.landmarks:
        log.add(OK, "landmarks", f"{len(found.landmarks)} pairs of points.")
    return found


def _visit(visit: Visit, stages: Stages, n_visits: int, report: Report | None) -> list[Finding]:
    log = Log(visit.visit, n_visits)
    tell(report, 0.0, f"{visit.visit}: reading the masks")
    log.warn("entries", visit.remarks)
    given = _given(visit, log)
    masks = log.tried("masks", lambda: masks_of(visit, stages.answers.segments)) or {}
    for name, mask in masks.items():
        log.warn(REGIONS[name], mask.warnings)
    mr_uid = _mr(visit, stages, masks, log, part(report, 0.0, 0.8)) if visit.dynamic else ""
    if visit.pet:
        _pet(visit, stages, masks, given, mr_uid, log, part(report, 0.8, 1.0))
    if not visit.dynamic and not visit.pet:
        log.add(WARNING, "images", "Neither MR nor PET is named: only the volume of the tumour will be measured.")
    return log.found


def _mr(visit: Visit, stages: Stages, masks: Mapping[str, Mask], log: Log, report: Report | None) -> str:
    """The frame of reference of the images, as far as it is known."""
    read = log.tried("MR images", lambda: read_mr(stages.answers.about(visit), report))
    if read is None:
        return ""
    dynamic, vfa = read
    k, j, i, n = dynamic.series.array.shape
    log.add(OK, "MR images", f"{n} frames of {k} slices of {j} x {i} pixels.")
    log.add(OK, "times", shareable_text(dynamic.time_axis.explanation))
    log.warn("MR images", (*dynamic.warnings, *(vfa.warnings if vfa else ())))
    log.tried("frames", lambda: check_frames(stages.dce, n))
    asked = _unanswered(dynamic, vfa, stages)
    for question in asked:
        log.add(ASK, "sequence", question.text, question.key)
    inside = _placed(masks, ("tumour", "vessel"), dynamic.series.frame(0), log, "MR")
    if inside and not asked:
        _without_kinetics(dynamic, vfa, stages, masks, log)
    return dynamic.examination.frame_of_reference_uid


def _unanswered(dynamic: DynamicImages, vfa: VfaImages | None, stages: Stages) -> list[Question]:
    """What a fit of kinetics will ask for."""
    settings, _ = in_own_units(stages.dce)
    if not settings.is_kinetic:
        return []
    found: list[Question] = []
    try:
        sequence_of(dynamic, settings)
    except QuestionsError as error:
        found += error.questions
    if vfa is None and settings.t10_s is None:
        text = "There are no flip angle images; what is the T1 of the tissue before contrast agent, in seconds?"
        found.append(Question("t10_s", text))
    return found


def _without_kinetics(dynamic: DynamicImages, vfa: VfaImages | None, stages: Stages, masks, log: Log) -> None:
    """Baseline, arrival and T1, by the analysis that fits no model and needs no input."""
    settings = dataclasses.replace(stages.dce, model="none")
    found = log.tried("T1 and baseline", lambda: analyse_dce(dynamic, settings, tumour_mask=masks["tumour"], vfa=vfa))
    if found is None:
        return
    first, last = int(found.baseline[0]) + 1, int(found.baseline[-1]) + 1
    log.add(OK, "baseline", f"Frames {first} to {last}; the contrast agent arrives after {found.arrival_s:.0f} s.")
    log.warn("MR analysis", tuple(text for text in found.warnings if text not in dynamic.warnings))
    if "T10" in found.maps:
        t1 = float(np.nanmedian(found.maps["T10"])) if np.isfinite(found.maps["T10"]).any() else float("nan")
        low, high = T1_RANGE_S
        plausible = low <= t1 <= high
        advice = "." if plausible else f", outside {low:g} to {high:g} s; check the flip angle images and their scale."
        log.add(OK if plausible else WARNING, "T1", f"The tumour's median T1 is {t1:.3g} s{advice}")


def _pet(
    visit: Visit,
    stages: Stages,
    masks: Mapping[str, Mask],
    given: GivenSpace,
    mr_uid: str,
    log: Log,
    report: Report | None,
) -> None:
    images = log.tried("PET images", lambda: read_pet(visit.pet, overrides=stages.pet.overrides, report=report))
    found = None if images is None else log.tried("SUV", lambda: analyse_pet(images, stages.pet))
    if found is None:
        return
    k, j, i = found.suv.array.shape
    log.add(OK, "PET images", f"{k} slices of {j} x {i} pixels.")
    log.add(OK, "SUV", f"The header gives a factor ({found.suv_result.rule.partition(':')[0]}).")
    log.warn("SUV", found.warnings)
    reference = "blood" if stages.pet.ratio == "TBR" else "muscle"
    names = ("tumour", reference)
    if visit.attenuation and visit.dynamic and not given.pet_transform:
        names = _on_attenuation(visit, masks, names, found.suv, log)
    elif "tumour" in masks and not given.pet_transform:
        log.warn("tumour on PET", frames_differ(mr_uid, images, masks["tumour"]))
    _placed(masks, names, found.suv, log, "PET", partial(place_on_pet, transform=given.pet_transform))
    if masks and reference not in masks:
        log.add(
            WARNING, reference, f"No {reference} mask is named: there will be no {stages.pet.ratio} and no hypoxia."
        )


def _on_attenuation(
    visit: Visit, masks: Mapping[str, Mask], names: tuple[str, ...], pet: Volume, log: Log
) -> tuple[str, ...]:
    """The regions that need no registration to the attenuation image, which is read but not made here."""
    image = log.tried("attenuation", lambda: read_attenuation(visit.attenuation))
    if image is not None:
        k, j, i = image.image.array.shape
        log.add(OK, "attenuation", f"{image.modality}, {k} slices of {j} x {i} pixels; the MR is registered to it.")
    here = tuple(name for name in names if name in masks and nearly_same_grid(masks[name].volume, pet))
    for name in names:
        if name in masks and name not in here:
            log.add(OK, f"{REGIONS[name]} on PET", "Comes there by that registration, which is not made here.")
    return here


def _placed(
    masks: Mapping[str, Mask],
    names: tuple[str, ...],
    image: Volume,
    log: Log,
    modality: str,
    put: Callable[[Mask, Volume, str], Placed] = place,
) -> bool:
    """Whether every region of these that has a mask lies in the images."""
    well = "tumour" in masks
    for name in (name for name in names if name in masks):
        about = f"{REGIONS[name]} on {modality}"
        found = log.tried(about, lambda name=name: put(masks[name], image, REGIONS[name]))
        well = well and found is not None
        if found is not None:
            log.warn(about, found.warnings)
            log.add(OK, about, f"{np.count_nonzero(found.inside)} voxels.")
    return well
