"""What a study would meet, found out before an hour of work: its entries, files, masks, times, T1 and PET headers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.masks import Mask, place
from HER2ImmunoCommonLib.privacy import shareable_text
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.planning import PlanSettings
from HER2ImmunoModelLib.treatments import read_schedule
from PETHypoxiaLib import analyse as analyse_pet
from PETHypoxiaLib import read_pet
from QuantDCELib import DynamicImages, VfaImages
from QuantDCELib import analyse as analyse_dce
from QuantDCELib.analysis import check_frames, in_own_units, sequence_of

from .answers import of_visit
from .manifest import Study, Visit, read_study
from .pipeline import REGIONS, Stages, masks_of, read_mr, stages_of

OK, WARNING, ASK, ERROR = "ok", "warning", "question", "error"
T1_RANGE_S = (0.3, 3.5)
"""Median T1 of a tumour, from 1 T to 7 T."""


@dataclass(frozen=True)
class Finding:
    """What was found out of one thing.

    Attributes
    ----------
    level : {"ok", "warning", "question", "error"}
    where : str
        Name of the visit; "study" for the whole.
    about : str
    text : str
        What it is, and what to do unless all is well.
    key : str
        Of a question, for its answer.
    """

    level: str
    where: str
    about: str
    text: str
    key: str = ""


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
    log = _Log("study", 1)
    study = log.tried("study.json", lambda: read_study(path))
    if study is None:
        return log.found
    log.add(OK, "study.json", f"{len(study.visits)} visits of {study.subject}, a {study.species}.")
    stages = log.tried("settings", lambda: stages_of(study, answers))
    plan = log.tried("settings of the model", lambda: PlanSettings.from_dict({"species": study.species, **study.model}))
    if stages is not None and plan is not None:
        log.add(OK, "settings", "Every name is known, every value possible.")
    log.found += _treatments(study, plan)
    for number, visit in enumerate(study.visits):
        share = part(report, number / len(study.visits), (number + 1) / len(study.visits))
        if stages is not None:
            log.found += _visit(visit, stages[number], len(study.visits), share)
    return log.found


class _Log:
    """Findings of one visit, or of the whole."""

    def __init__(self, where: str, n_visits: int):
        self.where, self._n_visits = where, n_visits
        self.found: list[Finding] = []

    def add(self, level: str, about: str, text: str, key: str = "") -> None:
        self.found.append(Finding(level, self.where, about, text, key))

    def warn(self, about: str, texts: tuple[str, ...]) -> None:
        for text in dict.fromkeys(texts):
            self.add(WARNING, about, shareable_text(text))

    def tried(self, about: str, work: Callable[[], object]):
        """What the work gives; None, with the finding, where it is refused or asks."""
        try:
            return work()
        except QuestionsError as error:
            for asked in of_visit(error, self.where, self._n_visits).questions:
                self.add(ASK, about, asked.text, asked.key)
        except InputError as error:
            self.add(ERROR, about, str(error))
        return None


def _treatments(study: Study, plan: PlanSettings | None) -> list[Finding]:
    log = _Log("study", 1)
    if study.treatments is None:
        log.add(OK, "treatments", "None are named: the model is told of no dose.")
        return log.found
    model = None if plan is None else models.get(plan.model, plan.species)
    given = log.tried("treatments", lambda: read_schedule(study.treatments, model))
    if given is not None:
        log.add(OK, "treatments", f"Doses given: {len(given.doses)}.")
    return log.found


def _visit(visit: Visit, stages: Stages, n_visits: int, report: Report | None) -> list[Finding]:
    log = _Log(visit.visit, n_visits)
    tell(report, 0.0, f"{visit.visit}: reading the masks")
    log.warn("entries", visit.remarks)
    masks = log.tried("masks", lambda: masks_of(visit, stages.answers.segments)) or {}
    for name, mask in masks.items():
        log.warn(REGIONS[name], mask.warnings)
    if visit.dynamic:
        _mr(visit, stages, masks, log, part(report, 0.0, 0.8))
    if visit.pet:
        _pet(visit, stages, masks, log, part(report, 0.8, 1.0))
    if not visit.dynamic and not visit.pet:
        log.add(WARNING, "images", "Neither MR nor PET is named: only the volume of the tumour will be measured.")
    return log.found


def _mr(visit: Visit, stages: Stages, masks: Mapping[str, Mask], log: _Log, report: Report | None) -> None:
    read = log.tried("MR images", lambda: read_mr(stages.answers.about(visit), report))
    if read is None:
        return
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


def _without_kinetics(dynamic: DynamicImages, vfa: VfaImages | None, stages: Stages, masks, log: _Log) -> None:
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


def _pet(visit: Visit, stages: Stages, masks: Mapping[str, Mask], log: _Log, report: Report | None) -> None:
    images = log.tried("PET images", lambda: read_pet(visit.pet, overrides=stages.pet.overrides, report=report))
    found = None if images is None else log.tried("SUV", lambda: analyse_pet(images, stages.pet))
    if found is None:
        return
    k, j, i = found.suv.array.shape
    log.add(OK, "PET images", f"{k} slices of {j} x {i} pixels.")
    log.add(OK, "SUV", f"The header gives a factor ({found.suv_result.rule.partition(':')[0]}).")
    log.warn("SUV", found.warnings)
    reference = "blood" if stages.pet.ratio == "TBR" else "muscle"
    _placed(masks, ("tumour", reference), found.suv, log, "PET")
    if masks and reference not in masks:
        log.add(
            WARNING, reference, f"No {reference} mask is named: there will be no {stages.pet.ratio} and no hypoxia."
        )


def _placed(masks: Mapping[str, Mask], names: tuple[str, ...], image: Volume, log: _Log, modality: str) -> bool:
    """Whether every region of these that has a mask lies in the images."""
    well = "tumour" in masks
    for name in (name for name in names if name in masks):
        about = f"{REGIONS[name]} on {modality}"
        found = log.tried(about, lambda name=name: place(masks[name], image, REGIONS[name]))
        well = well and found is not None
        if found is not None:
            log.warn(about, found.warnings)
            log.add(OK, about, f"{np.count_nonzero(found.inside)} voxels.")
    return well
