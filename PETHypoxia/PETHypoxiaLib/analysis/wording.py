"""How verdict, header and measures are put before a person: in panels and tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..hypoxia.metrics import HypoxicVolume
from ..hypoxia.overlap import Overlap
from ..hypoxia.reference_region import Reference
from ..suv.answers import MOMENTS, NUMBERS, WORDS
from ..suv.verdict import USER, USER_LABEL, Input, SUVResult
from .pipeline import PetResult

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
BQ_PER_MBQ = 1e6
REFERENCE_TITLES = {"TMR": "Reference (muscle)", "TBR": "Reference (blood)"}
UNDERSTOOD = ("tracer", "dose_bq", "weight_kg")


def verdict(result: SUVResult) -> tuple[str, str]:
    """Look ("ok", "warning" or "error") and sentence; open questions follow it, each by its field."""
    look, lead = VERDICTS[result.status]
    return look, lead if result.status == "ask" else f"{lead} {result.reason}".strip()


@dataclass(frozen=True)
class Fact:
    """A line of the header: what, its value, and where it is from, in short and in full."""

    key: str
    name: str
    value: str
    source: str
    tip: str

    @property
    def editable(self) -> bool:
        return self.key in CORRECTIONS

    @property
    def is_users(self) -> bool:
        return self.source == USER_LABEL


def header_facts(result: SUVResult) -> list[Fact]:
    """What the SUV rests on."""
    return [
        Fact(key, label, value_text(key, result.inputs[key]), short(result.inputs[key]), result.inputs[key].source)
        for key, label in FACTS.items()
        if key in result.inputs
    ]


def understood(result: SUVResult, date: str) -> str:
    """What the verdict rests on, in one line: tracer, dose, weight, uptake time and day of the examination."""
    inputs = result.inputs
    said = [value_text(key, inputs[key]) for key in UNDERSTOOD if key in inputs]
    if "uptake_min" in inputs:
        said.append(f"{value_text('uptake_min', inputs['uptake_min'])} after injection")
    if date:
        said.append(f"examined on {date}")
    return f"{', '.join(said)}." if said else ""


def effect(result: SUVResult, untouched: SUVResult | None) -> Fact:
    """What a stored value of 1000 becomes, and what it would be by the header alone."""
    value = factor_text(result)
    if untouched is not None and result.label:
        value += f" (header alone: {factor_text(untouched)})"
    units = result.inputs.get("units")
    stored = "1000 Bq/mL" if units is not None and units.value == "BQML" else "stored 1000"
    return Fact("", f"{result.map_name} of {stored}", value, "", result.rule or "No SUV yet")


def is_uniform(result: SUVResult) -> bool:
    """Whether one factor holds for all slices."""
    return result.factors is not None and result.factors.max() == result.factors.min()


def factor_text(result: SUVResult) -> str:
    """SUV of a stored value of 1000, or the range over the slices."""
    if result.factors is None:
        return "none"
    low, high = (f"{1000 * value:.4g}" for value in (result.factors.min(), result.factors.max()))
    return low if low == high else f"{low} to {high}"


def answer_from(key: str, text: str) -> str:
    """What a person wrote over a fact, as an answer: units as shown are understood, the dose is in MBq."""
    words = text.strip()
    if key in NUMBERS:
        number, unit = re.fullmatch(r"(\S*)\s*(.*)", words).groups()
        if key == "dose_bq" and unit.lower() in ("", "mbq"):
            try:
                return f"{float(number) * BQ_PER_MBQ:.10g}"
            except ValueError:
                return words
        return number if unit in ("", NUMBERS[key]) else words
    return words


def short(value: Input) -> str:
    """Where a value is from in few characters: its tag's numbers, "user value", or in words."""
    if value.source == USER:
        return USER_LABEL
    tag = re.search(r"\([0-9A-F]{4},[0-9A-F]{4}\)", value.source)
    return tag[0] if tag else value.source


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
    ratio = metrics.ratio
    return [
        ("Tumour volume, as drawn", f"{volume_cm3:.2f}", "cm3"),
        ("Tumour volume on the PET grid", f"{metrics.volume_cm3:.2f}", "cm3"),
        ("SUV mean", f"{metrics.suv_mean:.2f}", unit),
        ("SUV maximum", f"{metrics.suv_max:.2f}", unit),
        ("SUV peak, 1 cm3 sphere", "undefined" if metrics.suv_peak is None else f"{metrics.suv_peak:.2f}", unit),
        ("SUV 90th percentile", f"{metrics.suv90:.2f}", unit),
        (f"SUV mean of {'muscle' if ratio == 'TMR' else 'blood'}", f"{metrics.reference.mean:.2f}", unit),
        (f"{ratio} mean", f"{metrics.ratio_mean:.2f}", ""),
        (f"{ratio} maximum", f"{metrics.ratio_max:.2f}", ""),
        (f"Hypoxic fraction, {at(result)}", f"{100 * metrics.hypoxic.fraction:.1f}", "%"),
        (f"Hypoxic volume, {at(result)}", f"{metrics.hypoxic.volume_cm3:.2f}", "cm3"),
        ("Hypoxic burden, volume x mean ratio", f"{metrics.hypoxic.burden_cm3:.2f}", "cm3"),
    ]


def at(result: PetResult) -> str:
    """The threshold, as "TMR >= 1.4"."""
    return f"{result.metrics.ratio} >= {result.metrics.hypoxic.threshold:g}"


def overlaps(found: Sequence[Overlap]) -> list[tuple[str, str, str]]:
    """(measure, value, unit) of the hypoxic volume inside other regions."""
    return [
        (
            f"Hypoxic volume in {one.name}",
            f"{one.volume_cm3:.2f} cm3"
            + ("" if one.share_of_hypoxic is None else f", {100 * one.share_of_hypoxic:.1f} % of it"),
            "",
        )
        for one in found
    ]


def reference_text(found: Reference) -> str:
    """Size and variation of a reference region, with what speaks against it."""
    return " ".join([f"{found.volume_cm3:.2f} cm³, CoV {100 * found.cov:.1f} %.", *found.warnings])


def size_text(volume_cm3: float | None) -> str:
    """A volume; empty where there is none."""
    return "" if volume_cm3 is None else f"{volume_cm3:.2f} cm³"


def threshold_text(ratio: str, threshold: float) -> str:
    """The ratio from which on a voxel is hypoxic."""
    return f"{ratio} ≥ {threshold:g}"


def visit_text(visit: str, day: float) -> str:
    """Name and day of a visit; empty without a name."""
    return f"{visit}, day {day:g}" if visit else ""


def preview_text(found: HypoxicVolume) -> str:
    """Hypoxia at a threshold that is being chosen."""
    share, volume = f"{100 * found.fraction:.1f} % of the tumour", f"{found.volume_cm3:.2f} cm³"
    return f"≥ {found.threshold:g}: {share}, {volume} (preview)"


def sweep(steps: tuple[HypoxicVolume, ...]) -> list[tuple[float, float, float, float]]:
    """(threshold, hypoxic fraction, volume in cm3, burden in cm3) of each step."""
    return [(step.threshold, step.fraction, step.volume_cm3, step.burden_cm3) for step in steps]


def sweep_cells(steps: Sequence[tuple[float, ...]]) -> list[tuple[str, str, str, str]]:
    """The cells of a sweep table: threshold, fraction in %, volume and burden in cm3."""
    return [
        (f"{threshold:g}", f"{100 * fraction:.1f}", f"{volume:.2f}", f"{burden:.2f}")
        for threshold, fraction, volume, burden in steps
    ]
