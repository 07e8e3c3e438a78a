"""The time from injection to acquisition: how long it can be, and when FMISO shows hypoxia."""

from __future__ import annotations

from datetime import datetime, timedelta

from .verdict import USER, Findings, Input

LONGEST_HALF_LIVES = 5.0
"""An uptake longer than this many half-lives is not believed."""
LONGEST_GIVEN_HALF_LIVES = 10.0
"""Nor is one that a person gives, from here on: a thousandth of the dose is left."""
SHORT_LIVED_S, LONGEST_SHORT_LIVED_S = 4 * 3600.0, 6 * 3600.0
"""Of nuclides up to this half-life nobody waits longer: a longer uptake is one of clocks that disagree."""
LEAD_S = 600.0
"""A scan may start this long before the injection, when its late part is the image."""
AT_ONCE_S, SHORTEST_HALF_LIFE_S = 60.0, 600.0
"""A scan within this time of the injection is believed only of nuclides below this half-life."""
LATEST_PART = timedelta(hours=6)
"""A part of an acquisition is no later than this after its start."""
UPTAKE_MIN = (90.0, 240.0)
"""Uptake time in minutes within which FMISO shows hypoxia."""


def longest_uptake_s(half_life_s: float) -> float:
    """The longest uptake that is believed of a header."""
    limit_s = LONGEST_HALF_LIVES * half_life_s
    return min(limit_s, LONGEST_SHORT_LIVED_S) if half_life_s <= SHORT_LIVED_S else limit_s


def scan_moment(acquired: datetime | None, reference: datetime, findings: Findings) -> datetime:
    """The moment to count uptake to: the acquisition, else the one that decay is corrected to."""
    if acquired is None:
        return reference
    if not timedelta(seconds=-AT_ONCE_S) <= acquired - reference <= LATEST_PART:
        findings.warn(
            f"The acquisition by the header ({acquired:%Y-%m-%d %H:%M:%S}) does not go with the moment that the image "
            f"is corrected to ({reference:%Y-%m-%d %H:%M:%S}); the uptake time is counted to the latter."
        )
        return reference
    return acquired


def check_start(start: datetime, reference: datetime, scan: datetime, half_life_s: float, findings: Findings) -> bool:
    """Whether an injection goes with the scan; asks where it is at the same time, or after the decay's reference."""
    by_user = start_is_users(findings)
    if abs((scan - start).total_seconds()) <= AT_ONCE_S and half_life_s > SHORTEST_HALF_LIFE_S and not by_user:
        findings.ask(
            "start",
            f"The injection ({start:%H:%M:%S}) and the scan ({scan:%H:%M:%S}) are at the same time, as after "
            "de-identification: when was the tracer injected (date and time)? If the time of the scan is not right "
            "either, give the moment of the decay correction too (reference).",
        )
        return False
    lead_s = (start - reference).total_seconds()
    if lead_s > LEAD_S:
        findings.error(
            f"The image is decay-corrected to {reference:%Y-%m-%d %H:%M:%S}, before the injection "
            f"({start:%Y-%m-%d %H:%M:%S}); correct the header, or give the times (start, reference)."
        )
        findings.ask("reference", "To which moment is the image decay-corrected (date and time)?")
        return False
    if lead_s > 0:
        findings.warn(
            f"The image is decay-corrected to a moment {lead_s:.0f} s before the injection, as of a scan that had "
            "started already."
        )
    return True


def start_is_users(findings: Findings) -> bool:
    """Whether a person gave the time of injection."""
    start = findings.inputs.get("start")
    return start is not None and start.source == USER


def check_uptake(uptake_min: float, findings: Findings) -> None:
    """Keep the uptake time; warn of one at which FMISO does not show hypoxia."""
    findings.inputs["uptake_min"] = Input(uptake_min, "min", "injection to acquisition")
    low, high = UPTAKE_MIN
    if not low <= uptake_min <= high:
        findings.warn(f"The uptake time is {uptake_min:.0f} min; FMISO shows hypoxia from {low:g} to {high:g} min.")
