"""SUV per Bq/mL from dose, body size and decay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from . import administration as injected
from . import norms, plausibility
from .administration import Starts, administration
from .cross_checks import check_admin_decay_factor, check_decay_factor
from .decay import frame_decay_factor, remaining
from .decay_word import check_uncorrected
from .half_life import half_life_s as half_life_of
from .header import PetHeader
from .nuclides import HALF_LIFE_S
from .reference_choice import check_decay_factor_of_moment, reference, spread_s
from .reference_time import AGREEMENT_S, EARLIEST, SPREAD_S
from .tags import SLICE_TAGS
from .uptake import check_start, check_uptake, scan_moment
from .verdict import Candidate, Findings, Input

MOST_HALF_LIVES = 1000.0
"""Decay is listed up to here, which is a number still; no factor comes from so much."""

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
    plausibility.check_dose_per_weight(case.entry, findings)
    norms.check_build(case.header, findings)
    if word == "ADMIN":
        _check_admin(case, findings)
        done = ActivityFactors(np.ones(len(case.header.slices)))
    else:
        half_life = half_life_of(case.entry, case.answers, findings)
        _ask_start(case, findings)
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
    done = replace(done, factors=done.factors * size / dose, candidates=listed)
    if not findings.questions:
        plausibility.check_factor(done.factors, findings)
    return done


def _ask_start(case: Case, findings: Findings) -> None:
    """Ask for an injection that the header does not tell, whatever else is known."""
    starts = Starts.of(case.header, case.entry)
    if "start" not in case.answers and (question := injected.MISSING if starts.are_missing else injected.doubt(starts)):
        findings.ask("start", question)


def _injection_time(case: Case, scan: datetime, half_life_s: float, findings: Findings) -> datetime | None:
    """The moment of injection, by the person or the header, that leads to a scan."""
    starts = Starts.of(case.header, case.entry)
    if "start" in case.answers:
        return injected.answered(case.answers["start"], starts, scan, half_life_s, findings)
    found = administration(starts, scan, half_life_s, findings)
    if found is None:
        return None
    findings.inputs["start"] = Input(found[0], "", found[1])
    return found[0]


def _start(case: Case, half_life_s: float, findings: Findings) -> ActivityFactors:
    """Decay between injection and reference time."""
    used, found = reference(case.header, half_life_s, case.answers, findings)
    likely = used or (found[0] if found else None)
    if likely is None:
        return ActivityFactors()
    if likely.source == EARLIEST:
        findings.warn("The decay correction is taken to the earliest acquisition, since no better time is recorded.")
    findings.inputs["reference"] = Input(likely.time, "", likely.source)
    scan = scan_moment(case.header.earliest_acquisition, likely.time, findings)
    start = _injection_time(case, scan, half_life_s, findings)
    checks = check_decay_factor(case.header, half_life_s, findings)
    rule = f", t_ref by {likely.source}"
    if start is None or used is None or not check_start(start, used.time, scan, half_life_s, findings):
        return ActivityFactors(None, rule, found, checks)
    check_decay_factor_of_moment(case.header, used.time, half_life_s, findings)
    check_uptake((scan - start).total_seconds() / 60.0, findings)
    listed = tuple(replace(one, factor=_decayed(start, one.time, half_life_s)) for one in found)
    factors = np.full(len(case.header.slices), _decayed(start, used.time, half_life_s))
    rule += f", t_adm by {findings.inputs['start'].source}"
    return ActivityFactors(factors, rule, listed, checks)


def _decayed(start: datetime, reference: datetime, half_life_s: float) -> float:
    """Dose over what is left of it at a reference time."""
    return 2.0 ** min((reference - start).total_seconds() / half_life_s, MOST_HALF_LIVES)


def _warn_of_spread(found: tuple[Candidate, ...], findings: Findings) -> None:
    apart_s = spread_s(found)
    if apart_s > SPREAD_S:
        listed = "; ".join(str(one) for one in found)
        findings.warn(
            f"The times the image may be decay-corrected to are {apart_s / 60:.1f} min apart; "
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
    if not check_start(start, earliest, earliest, half_life_s, findings):
        return ActivityFactors()
    check_uptake((earliest - start).total_seconds() / 60.0, findings)
    elapsed_s = acquired_s + (slices[0].acquired - start).total_seconds()
    lost_in_frame = frame_decay_factor(np.array([entry.duration_s for entry in slices]), half_life_s)
    rule = f", t_acq by {time_tag}, t_adm by {findings.inputs['start'].source}"
    return ActivityFactors(lost_in_frame / remaining(elapsed_s, half_life_s), rule)


def uptake_by_header(case: Case, findings: Findings) -> bool:
    """Keep the uptake time of an image whose factor does not depend on it, if header and person tell it."""
    quiet, scan = Findings(), case.header.earliest_acquisition or case.header.series_moment
    half_life = half_life_of(case.entry, case.answers, quiet) or HALF_LIFE_S["F-18"]
    start = None
    if scan is not None:
        quiet = Findings()
        start = _injection_time(case, scan, half_life, quiet)
    for text in quiet.errors:
        findings.error(text)
        findings.ask("start", injected.WHEN.capitalize())
    if start is not None:
        findings.inputs["start"] = quiet.inputs["start"]
        check_uptake((scan - start).total_seconds() / 60.0, findings)
    return start is not None or bool(quiet.errors)


def _check_admin(case: Case, findings: Findings) -> None:
    """Uptake time of an image corrected to the injection, and whether DecayFactor says that it is."""
    half_life = half_life_of(case.entry, case.answers, Findings())
    if not uptake_by_header(case, findings):
        findings.warn("The uptake time is not known, since the header does not tell the times of injection and scan.")
    elif half_life is not None and "uptake_min" in findings.inputs:
        check_admin_decay_factor(case.header, 60.0 * findings.inputs["uptake_min"].value, half_life, findings)
