"""SUV per Bq/mL from dose, body size and decay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from HER2ImmunoCommonLib.dicom import date_of, datetime_of, moment, time_of_day_s

from . import administration as injected
from . import norms, plausibility
from .administration import Starts, administration
from .cross_checks import check_decay_factor
from .decay import frame_decay_factor, remaining
from .decay_word import check_uncorrected
from .header import PetHeader, local_time
from .reference_time import AGREEMENT_S, EARLIEST, SPREAD_S, candidates, spread_s
from .tags import SERIES_TAGS, SLICE_TAGS
from .verdict import USER, Candidate, Findings, Input

FORMULAS = {
    "START": "A x size / (D 2^(-(t_ref - t_adm)/T))",
    "ADMIN": "A x size / D",
    "NONE": "A x size / D x lambda d/(1 - exp(-lambda d)) x exp(lambda (t_acq - t_adm))",
}


@dataclass(frozen=True, eq=False)
class ActivityFactors:
    """SUV per Bq/mL of each slice, None where it cannot be said, and how it came about."""

    factors: np.ndarray | None = None
    rule: str = ""
    candidates: tuple[Candidate, ...] = ()
    cross_checks: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Case:
    """What the rule is applied to."""

    header: PetHeader
    entry: Mapping[str, str]
    answers: Mapping[str, object]


def activity_factors(norm: str, word: str | None, case: Case, findings: Findings) -> ActivityFactors:
    """SUV of normalisation `norm` per Bq/mL.

    Parameters
    ----------
    norm : str
        One of `norms.UNITS`.
    word : {"START", "ADMIN", "NONE"} or None
        The decay correction; None where it is not known yet: what else is missing is asked all the same.
    case : Case
    findings : Findings
    """
    size = norms.size(norm, case.header, case.answers, findings)
    dose = plausibility.dose_bq(case.entry, case.answers, findings)
    plausibility.check_dose_per_weight(findings)
    if word == "ADMIN":
        _check_admin_uptake(case, findings)
        done = ActivityFactors(np.ones(len(case.header.slices)))
    else:
        half_life = plausibility.half_life_s(case.entry, case.answers, findings)
        _ask_missing_start(case, findings)
        if word is None or half_life is None:
            return ActivityFactors()
        done = (_start if word == "START" else _none)(case, half_life, findings)
    done = replace(done, rule=f"{FORMULAS[word]}{done.rule}")
    if done.factors is None or size is None or dose is None:
        return replace(done, factors=None)
    listed = tuple(
        one if one.factor is None else replace(one, factor=one.factor * size / dose) for one in done.candidates
    )
    if word == "START" and "reference" not in case.answers:
        _warn_of_spread(listed, findings)
    return replace(done, factors=done.factors * size / dose, candidates=listed)


def _ask_missing_start(case: Case, findings: Findings) -> None:
    if "start" not in case.answers and Starts.of(case.header, case.entry) == Starts(None, None, None):
        findings.ask("start", injected.MISSING)


def _injection_time(case: Case, reference: datetime, half_life_s: float, findings: Findings) -> datetime | None:
    if "start" in case.answers:
        return injected.answered(case.answers["start"], reference, half_life_s, case.header.zone, findings)
    found = administration(Starts.of(case.header, case.entry), reference, half_life_s, findings)
    if found is None:
        return None
    findings.inputs["start"] = Input(found[0], "", found[1])
    return found[0]


def _start(case: Case, half_life_s: float, findings: Findings) -> ActivityFactors:
    """Decay between injection and reference time."""
    found = candidates(case.header, half_life_s)
    given = _given_reference(case, found)
    used = given or (found[0] if found else None)
    if used is None:
        tag, time = SERIES_TAGS["series_time"], SLICE_TAGS["acquisition_time"]
        findings.ask("reference", f"{tag} and {time} are empty: when did the scan start (date and time)?")
        return ActivityFactors()
    if used.source == EARLIEST:
        findings.warn("The decay correction is taken to the earliest acquisition, since no better time is recorded.")
    findings.inputs["reference"] = Input(used.time, "", used.source)
    start = _injection_time(case, used.time, half_life_s, findings)
    checks = check_decay_factor(case.header, half_life_s, findings)
    rule = f", t_ref by {used.source}"
    listed = tuple(replace(one, factor=_quiet_start_factor(case, one.time, half_life_s)) for one in found)
    if start is None:
        return ActivityFactors(None, rule, listed, checks)
    elapsed_s = (used.time - start).total_seconds()
    plausibility.check_uptake(elapsed_s / 60.0, findings)
    factors = np.full(len(case.header.slices), 1.0 / remaining(elapsed_s, half_life_s))
    rule += f", t_adm by {findings.inputs['start'].source}"
    return ActivityFactors(factors, rule, listed, checks)


def _quiet_start_factor(case: Case, reference: datetime, half_life_s: float) -> float | None:
    start = _injection_time(case, reference, half_life_s, Findings())
    return None if start is None else float(1.0 / remaining((reference - start).total_seconds(), half_life_s))


def _given_reference(case: Case, found: list[Candidate]) -> Candidate | None:
    text = case.answers.get("reference")
    if text is None:
        return None
    when = local_time(datetime_of(text), case.header.zone)
    if when is None:
        day = found[0].time.date() if found else date_of(case.header.texts["series_date"])
        when = None if day is None else moment(day, time_of_day_s(text))
    return None if when is None else Candidate(USER, when)


def _warn_of_spread(found: tuple[Candidate, ...], findings: Findings) -> None:
    spread = spread_s(found)
    if spread > SPREAD_S:
        listed = "; ".join(str(one) for one in found)
        findings.warn(
            f"The times the image may be decay-corrected to are {spread / 60:.1f} min apart; "
            f"the first of these is used: {listed}."
        )


def _none(case: Case, half_life_s: float, findings: Findings) -> ActivityFactors:
    """Decay between injection and each slice's own frame."""
    check_uncorrected(case.header, case.answers, findings)
    slices = case.header.slices
    time_tag, duration_tag = SLICE_TAGS["acquisition_time"], SLICE_TAGS["duration"]
    for tag, missing in (
        (time_tag, any(entry.acquired is None for entry in slices)),
        (duration_tag, any(not (entry.duration_s or 0) > 0 for entry in slices)),
    ):
        if missing:
            findings.error(f"{tag} is missing in a slice, which an image without decay correction needs.")
    if findings.errors:
        return ActivityFactors()
    acquired_s = np.array([(entry.acquired - slices[0].acquired).total_seconds() for entry in slices])
    frame_s = [entry.frame_reference_s for entry in slices if entry.frame_reference_s is not None]
    if np.ptp(acquired_s) == 0 and frame_s and np.ptp(frame_s) > AGREEMENT_S:
        findings.error(
            f"{time_tag} is the same in all slices while {SLICE_TAGS['frame_reference']} differs, so when each bed was "
            "measured is not known; export the series with decay correction."
        )
        return ActivityFactors()
    earliest = case.header.earliest_acquisition
    start = _injection_time(case, earliest, half_life_s, findings)
    if start is None:
        return ActivityFactors()
    plausibility.check_uptake((earliest - start).total_seconds() / 60.0, findings)
    elapsed_s = acquired_s + (slices[0].acquired - start).total_seconds()
    lost_in_frame = frame_decay_factor(np.array([entry.duration_s for entry in slices]), half_life_s)
    rule = f", t_acq by {time_tag}, t_adm by {findings.inputs['start'].source}"
    return ActivityFactors(lost_in_frame / remaining(elapsed_s, half_life_s), rule)


def _check_admin_uptake(case: Case, findings: Findings) -> None:
    """The uptake time of an image corrected to the injection; its factor does not depend on it."""
    quiet, scanned = Findings(), case.header.earliest_acquisition or case.header.series_moment
    half_life = plausibility.half_life_s(case.entry, case.answers, quiet)
    start = None
    if scanned is not None and half_life is not None:
        start = _injection_time(case, scanned, half_life, quiet)
    for text in quiet.errors:
        findings.error(text)
    if start is not None:
        findings.inputs["start"] = quiet.inputs["start"]
        plausibility.check_uptake((scanned - start).total_seconds() / 60.0, findings)
    elif not quiet.errors:
        findings.warn("The uptake time is not known, since the header does not tell the times of injection and scan.")
