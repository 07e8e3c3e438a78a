"""How verdict, header and measures are put before a person: in panels and tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from .analysis import PetResult
from .answers import MOMENTS, NUMBERS, WORDS
from .metrics import REPEATABILITY_NOTE, THRESHOLD_NOTE, HypoxicVolume
from .verdict import USER, USER_LABEL, Input, SUVResult

VERDICTS = {
    "ok": ("ok", "SUV can be computed."),
    "warn": ("warning", "SUV can be computed, with care."),
    "ask": ("warning", "SUV cannot be computed before you answer:"),
    "error": ("error", "Refused:"),
}
FACTS = {
    "tracer": "Tracer",
    "dose_bq": "Injected dose",
    "weight_kg": "Weight",
    "height_cm": "Height",
    "sex": "Sex",
    "uptake_min": "Uptake time",
    "start": "Injected at",
    "reference": "Decay-corrected to",
    "decay_correction": "Decay correction",
    "half_life_s": "Half-life",
    "units": "Stored unit",
}
HINTS = {
    **{key: f"number, {unit}" for key, unit in NUMBERS.items()},
    **{key: " or ".join(words) for key, words in WORDS.items()},
    **dict.fromkeys(MOMENTS, "2024-01-31 13:05:00"),
    "injection": "1, 2 ...",
    "series": "number or UID",
}
LABELS = {"injection": "Injection", "series": "PET series", **FACTS}
"""What each answer is called."""
CORRECTIONS = (*NUMBERS, *MOMENTS, *WORDS)
"""Values of the header that a person may correct unasked."""
NOTES = f"{THRESHOLD_NOTE} {REPEATABILITY_NOTE}"
REFERENCE_TITLES = {"TMR": "Reference region: muscle", "TBR": "Reference region: blood"}


def verdict(result: SUVResult) -> tuple[str, str]:
    """Look ("ok", "warning" or "error") and sentence; open questions follow it, each by its field."""
    look, lead = VERDICTS[result.status]
    return look, lead if result.status == "ask" else f"{lead} {result.reason}".strip()


def header_facts(result: SUVResult) -> list[tuple[str, str, str]]:
    """(name, value with unit and tag, where it is from in full) of what the SUV rests on."""
    return [
        (label, f"{value_text(key, result.inputs[key])}   {short(result.inputs[key])}", result.inputs[key].source)
        for key, label in FACTS.items()
        if key in result.inputs
    ]


def short(value: Input) -> str:
    """Where a value is from in few characters: its tag's numbers, "user value", or in words."""
    if value.source == USER:
        return f"({USER_LABEL})"
    tag = re.search(r"\([0-9A-F]{4},[0-9A-F]{4}\)", value.source)
    return tag[0] if tag else f"({value.source})"


def value_text(key: str, value: Input) -> str:
    """A value as a person reads it: the dose in MBq, moments to the second."""
    if isinstance(value.value, datetime):
        return f"{value.value:%Y-%m-%d %H:%M:%S}"
    if key == "dose_bq":
        return f"{value.value / 1e6:.4g} MBq"
    if key == "uptake_min":
        return f"{value.value:.0f} min"
    if isinstance(value.value, float):
        return f"{value.value:.6g} {value.unit}".strip()
    return f"{value.value} {value.unit}".strip() or "not named"


def answer_text(answers: Mapping[str, object]) -> str:
    """The answers in one line; empty without any."""
    named = [(LABELS.get(key, key), f"{value} {NUMBERS.get(key, '')}".strip()) for key, value in answers.items()]
    return "; ".join(f"{label}: {value}" for label, value in named)


def measures(result: PetResult, volume_cm3: float) -> list[tuple[str, str, str]]:
    """(measure, value, unit) of a tumour with its reference."""
    metrics, unit = result.metrics, result.suv_result.unit.partition("}")[2].replace("ml", "mL")
    ratio, steps = metrics.ratio, " / ".join(f"{one.threshold:g}" for one in metrics.sweep)
    return [
        ("Tumour volume, as drawn", f"{volume_cm3:.2f}", "cm3"),
        ("Tumour volume on the PET grid", f"{metrics.volume_cm3:.2f}", "cm3"),
        ("SUV mean", f"{metrics.suv_mean:.2f}", unit),
        ("SUV maximum", f"{metrics.suv_max:.2f}", unit),
        ("SUV peak, 1 mL sphere", "undefined" if metrics.suv_peak is None else f"{metrics.suv_peak:.2f}", unit),
        ("SUV 90th percentile", f"{metrics.suv90:.2f}", unit),
        (f"SUV mean of {'muscle' if ratio == 'TMR' else 'blood'}", f"{metrics.reference.mean:.2f}", unit),
        (f"{ratio} mean", f"{metrics.ratio_mean:.2f}", ""),
        (f"{ratio} maximum", f"{metrics.ratio_max:.2f}", ""),
        (f"Hypoxic fraction, {at(result)}", f"{100 * metrics.hypoxic.fraction:.1f}", "%"),
        (f"Hypoxic volume, {at(result)}", f"{metrics.hypoxic.volume_cm3:.2f}", "cm3"),
        (
            f"Hypoxic fraction, {ratio} >= {steps}",
            " / ".join(f"{100 * one.fraction:.1f}" for one in metrics.sweep),
            "%",
        ),
        ("Hypoxic burden, volume x mean ratio", f"{metrics.hypoxic.burden_cm3:.2f}", "cm3"),
    ]


def at(result: PetResult) -> str:
    """The threshold, as "TMR >= 1.4"."""
    return f"{result.metrics.ratio} >= {result.metrics.hypoxic.threshold:g}"


def sweep(steps: tuple[HypoxicVolume, ...]) -> list[tuple[float, float, float, float]]:
    """(threshold, hypoxic fraction, volume in cm3, burden in cm3) of each step."""
    return [(step.threshold, step.fraction, step.volume_cm3, step.burden_cm3) for step in steps]
