"""Dose, tracer and uptake: are they there, and can they be true?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .answers import answer
from .tags import INJECTION_CODES, INJECTION_SEQUENCE, INJECTION_TAGS, number
from .verdict import USER, Findings, Input

MBQ_LIMIT = 1e4
"""A total dose below this is one in MBq."""
HUMAN_MBQ_PER_KG = (0.5, 15.0)
RODENT_MBQ_PER_KG = (50.0, 1000.0)
RODENT_BELOW_KG = 1.0
IMPOSSIBLE = 20.0
"""A dose for the weight that is outside the usual by this factor is refused even if a person gives it."""
BQ_PER = {"kBq": 1e3, "MBq": 1e6, "uCi": 3.7e4, "mCi": 3.7e7}
"""Units that doses are written in by mistake."""
FACTOR = (1e-8, 10.0)
"""What an SUV per Bq/mL can be: of 100 GBq/kg without decay, to 0.1 MBq/kg with a thousandth left."""


def injection(
    injections: tuple[Mapping[str, str], ...], answers: Mapping[str, object], findings: Findings
) -> Mapping[str, str]:
    """The injection the image is of; empty where the header has none or the user must say which."""
    chosen = answer(findings, answers, "injection")
    if chosen is None and len(injections) < 2:
        return injections[0] if injections else {}
    if chosen is not None and chosen <= len(injections):
        return injections[chosen - 1]
    doses = ", ".join(f"{n}: {entry['dose'] or '?'} Bq" for n, entry in enumerate(injections, start=1))
    findings.ask(
        "injection",
        f"{INJECTION_SEQUENCE} lists {len(injections)} injections ({doses}): which one is this image of "
        f"(1 to {len(injections)})?",
    )
    return {}


def dose_bq(entry: Mapping[str, str], answers: Mapping[str, object], findings: Findings) -> float | None:
    """Injected activity at the time of injection."""
    given, tag = answer(findings, answers, "dose_bq", "Bq"), INJECTION_TAGS["dose"]
    if given is not None:
        return given
    dose = number(entry.get("dose", ""))
    if dose is None or dose <= 0:
        findings.ask("dose_bq", f"{tag} is {entry.get('dose') or 'empty'}: what activity was injected, in Bq?")
        return None
    if dose < MBQ_LIMIT:
        findings.warn(f"{tag} is {dose:g}, too little in Bq; it is taken as {dose:g} MBq.")
        dose *= 1e6
    findings.inputs["dose_bq"] = Input(dose, "Bq", str(tag))
    return dose


def check_dose_per_weight(entry: Mapping[str, str], findings: Findings) -> None:
    """Ask where dose over weight is not a human's or a rodent's; what the user gave both of is only warned of."""
    weight, dose = findings.inputs.get("weight_kg"), findings.inputs.get("dose_bq")
    if weight is None or dose is None:
        return
    rodent = weight.value < RODENT_BELOW_KG
    low, high = RODENT_MBQ_PER_KG if rodent else HUMAN_MBQ_PER_KG
    per_kg = dose.value / weight.value / 1e6
    fitting = _fitting_units(number(entry.get("dose", "")), weight.value, low, high)
    hint = f" (as a number of {' or '.join(fitting)} it would be possible)" if fitting else ""
    said = (
        f"{dose.value / 1e6:g} MBq in {weight.value:g} kg are {per_kg:.3g} MBq/kg, outside {low:g} to {high:g} for "
        f"a {'rodent' if rodent else 'human'}"
    )
    by_users = dose.source == USER and weight.source == USER
    if by_users and not low / IMPOSSIBLE <= per_kg <= high * IMPOSSIBLE:
        findings.error(f"{said}, which cannot be; correct the dose (in Bq) or the weight (in kg).")
    elif low <= per_kg <= high:
        other = [unit for unit in fitting if unit != "MBq"]
        if dose.source != USER and dose.value != number(entry.get("dose", "")) and other:
            findings.ask("dose_bq", f"{INJECTION_TAGS['dose']} may be in MBq or {other[0]}: what activity, in Bq?")
        if rodent:
            findings.warn(f"A weight of {weight.value:g} kg is taken as that of a small animal.")
    elif by_users:
        findings.warn(f"{said}.")
    else:
        if dose.source != USER:
            findings.ask("dose_bq", f"{said}{hint}: what activity was injected, in Bq?")
        if weight.source != USER and not (fitting and dose.source != USER):
            findings.ask("weight_kg", f"{said}: what is the weight, in kg?")


def _fitting_units(written: float | None, weight_kg: float, low: float, high: float) -> list[str]:
    """Units in which the dose that is written would go with the weight."""
    if written is None:
        return []
    return [unit for unit, bq in BQ_PER.items() if low <= written * bq / weight_kg / 1e6 <= high]


def check_factor(factors: np.ndarray, findings: Findings) -> None:
    """Refuse SUV per Bq/mL that no dose, weight and decay can give."""
    low, high = FACTOR
    worst = max(factors.min(), factors.max(), key=lambda value: abs(np.log(value)) if value > 0 else np.inf)
    if not (np.isfinite(factors).all() and factors.min() >= low and factors.max() <= high):
        said = ", ".join(
            f"{name} {findings.inputs[key].value:g} {findings.inputs[key].unit}"
            for key, name in (("dose_bq", "dose"), ("weight_kg", "weight"), ("half_life_s", "half-life"))
            if key in findings.inputs
        )
        findings.error(f"The SUV factor would be {worst:.3g} per Bq/mL, which cannot be; check the times and {said}.")


def check_tracer(entry: Mapping[str, str], findings: Findings) -> None:
    """Warn where the tracer is not FMISO."""
    tag, name, code = INJECTION_TAGS["tracer"], entry.get("tracer", ""), entry.get("tracer_code", "")
    tracer = name or code
    findings.inputs["tracer"] = Input(tracer, "", str(tag if name or not code else INJECTION_CODES["tracer_code"]))
    if not tracer:
        findings.warn(f"{tag} does not name the tracer; the hypoxia measures hold for FMISO.")
    elif "MISO" not in f"{name} {code}".upper():
        findings.warn(f"The tracer is {tracer}, not FMISO; the hypoxia measures do not hold for it.")
