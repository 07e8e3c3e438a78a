"""The half-life: is it there, and is it that of the nuclide?"""

from __future__ import annotations

from collections.abc import Mapping

from .nuclides import HALF_LIFE_S, is_half_life_of, nuclide_of, nuclide_of_tracer, nuclide_with, slip_of_unit
from .tags import INJECTION_CODES, INJECTION_TAGS, number
from .verdict import USER, Findings, Input

TAG, CODE, TRACER = INJECTION_TAGS["half_life"], INJECTION_CODES["nuclide"], INJECTION_TAGS["tracer"]
KEY = "half_life_s"
TOLD = 0.005
"""A half-life further from the table's is told: tables differ by less."""
_WHICH = "what is the half-life, in s?"


def half_life_s(entry: Mapping[str, str], answers: Mapping[str, object], findings: Findings) -> float | None:
    """Half-life in s, checked against the nuclide's code, the tracer's name, and what nuclides there are.

    Parameters
    ----------
    entry : mapping
        The injection.
    answers : mapping
    findings : Findings
        Gets the question, warning or error.

    Returns
    -------
    float or None
        None where it must be asked.
    """
    coded, named = nuclide_of(entry.get("nuclide", "")), nuclide_of_tracer(_tracer(entry))
    if KEY in answers:
        return _given(answers[KEY], coded or named, findings)
    found, nuclide = number(entry.get("half_life", "")), coded or named
    text = entry.get("half_life") or "empty"
    if coded and named and coded != named:
        findings.ask(
            KEY,
            f"{CODE} says {coded} ({HALF_LIFE_S[coded]:g} s) but the tracer is {_tracer(entry)}, which has {named} "
            f"({HALF_LIFE_S[named]:g} s); {TAG} is {text}: {_WHICH}",
        )
        return None
    if found is None or found <= 0:
        return _missing(text, coded, findings)
    if nuclide is not None and not is_half_life_of(found, nuclide):
        by = f"{CODE} says {nuclide}" if coded else f"the tracer is {_tracer(entry)}"
        findings.ask(
            KEY, f"{TAG} is {found:g} s{_slip(found, nuclide)} but {by} ({HALF_LIFE_S[nuclide]:g} s): {_WHICH}"
        )
        return None
    if nuclide is None and nuclide_with(found) is None:
        findings.ask(
            KEY,
            f"{TAG} is {found:g} s{_slip(found, None)}, which is the half-life of no PET nuclide, and none is coded: "
            f"{_WHICH}",
        )
        return None
    if nuclide is not None and abs(found / HALF_LIFE_S[nuclide] - 1.0) > TOLD:
        findings.warn(f"{TAG} is {found:g} s, used though tables have {HALF_LIFE_S[nuclide]:g} s for {nuclide}.")
    findings.inputs[KEY] = Input(found, "s", str(TAG))
    return found


def _tracer(entry: Mapping[str, str]) -> str:
    return f"{entry.get('tracer', '')} {entry.get('tracer_code', '')}".strip()


def _slip(found: float, nuclide: str | None) -> str:
    slip = slip_of_unit(found, nuclide)
    return f" ({slip})" if slip else ""


def _missing(text: str, coded: str | None, findings: Findings) -> float | None:
    if coded is None:
        findings.ask(KEY, f"{TAG} is {text} and no nuclide is coded: {_WHICH}")
        return None
    known = HALF_LIFE_S[coded]
    findings.warn(f"{TAG} is {text}; the half-life of {coded}, {known:g} s, is used.")
    findings.inputs[KEY] = Input(known, "s", f"{coded} by {CODE}")
    return known


def _given(found: float, nuclide: str | None, findings: Findings) -> float | None:
    """The person's half-life; refused where it is in another unit, warned of where it is another nuclide's."""
    known = nuclide is not None and is_half_life_of(found, nuclide)
    slip = None if known or (nuclide is None and nuclide_with(found)) else slip_of_unit(found, nuclide)
    if slip:
        findings.error(f"The half-life given, {found:g} s, looks like {slip}; give {KEY} in seconds.")
        return None
    if nuclide is not None and not known:
        findings.warn(f"The half-life given, {found:g} s, is not that of {nuclide} ({HALF_LIFE_S[nuclide]:g} s).")
    elif nuclide is None and nuclide_with(found) is None:
        findings.warn(f"The half-life given, {found:g} s, is that of no PET nuclide.")
    findings.inputs[KEY] = Input(found, "s", USER)
    return found
