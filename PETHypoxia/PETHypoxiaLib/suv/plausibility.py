"""Dose, tracer and uptake: are they there, and can they be true?"""

from __future__ import annotations

from collections.abc import Mapping

from .answers import answer
from .tags import INJECTION_CODES, INJECTION_SEQUENCE, INJECTION_TAGS, number
from .verdict import USER, Findings, Input

MBQ_LIMIT = 1e4
"""A total dose below this is one in MBq."""
HUMAN_MBQ_PER_KG = (0.5, 15.0)
RODENT_MBQ_PER_KG = (50.0, 1000.0)
RODENT_BELOW_KG = 1.0


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


def check_dose_per_weight(findings: Findings) -> None:
    """Ask where dose over weight is not a human's or a rodent's; what the user gave both of is only warned of."""
    weight, dose = findings.inputs.get("weight_kg"), findings.inputs.get("dose_bq")
    if weight is None or dose is None:
        return
    rodent = weight.value < RODENT_BELOW_KG
    low, high = RODENT_MBQ_PER_KG if rodent else HUMAN_MBQ_PER_KG
    per_kg = dose.value / weight.value / 1e6
    said = (
        f"{dose.value / 1e6:g} MBq in {weight.value:g} kg are {per_kg:.3g} MBq/kg, outside {low:g} to {high:g} for "
        f"a {'rodent' if rodent else 'human'}"
    )
    if low <= per_kg <= high:
        if rodent:
            findings.warn(f"A weight of {weight.value:g} kg is taken as that of a small animal.")
    elif dose.source == USER and weight.source == USER:
        findings.warn(f"{said}.")
    else:
        if dose.source != USER:
            findings.ask("dose_bq", f"{said}: what activity was injected, in Bq?")
        if weight.source != USER:
            findings.ask("weight_kg", f"{said}: what is the weight, in kg?")


def check_tracer(entry: Mapping[str, str], findings: Findings) -> None:
    """Warn where the tracer is not FMISO."""
    tag, name, code = INJECTION_TAGS["tracer"], entry.get("tracer", ""), entry.get("tracer_code", "")
    tracer = name or code
    findings.inputs["tracer"] = Input(tracer, "", str(tag if name or not code else INJECTION_CODES["tracer_code"]))
    if not tracer:
        findings.warn(f"{tag} does not name the tracer; the hypoxia measures hold for FMISO.")
    elif "MISO" not in f"{name} {code}".upper():
        findings.warn(f"The tracer is {tracer}, not FMISO; the hypoxia measures do not hold for it.")
