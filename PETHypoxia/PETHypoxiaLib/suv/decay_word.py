"""What DecayCorrection (0054,1102) says, and whether the other tags agree."""

from __future__ import annotations

from collections.abc import Mapping

from .answers import answer
from .header import PetHeader
from .tags import SERIES_TAGS, SLICE_TAGS
from .verdict import Findings, Input

WORDS = ("START", "ADMIN", "NONE")
UNCORRECTED_DECAY_FACTOR = 1.001
_WHICH = "is the image corrected to its start (START), to the injection (ADMIN) or not at all (NONE)?"


def decay_word(header: PetHeader, answers: Mapping[str, object], findings: Findings) -> str | None:
    """START, ADMIN or NONE; None where that must be asked or refused."""
    given = answer(findings, answers, "decay_correction")
    if given is not None:
        return given
    tag, word = SERIES_TAGS["decay_correction"], header.texts["decay_correction"].upper()
    if not word:
        findings.ask("decay_correction", f"{tag} is empty: {_WHICH}")
        return None
    if word not in WORDS:
        findings.error(f"{tag} is {word}, which DICOM does not know; export the series again.")
        return None
    findings.inputs["decay_correction"] = Input(word, "", str(tag))
    corrected = "DECY" in header.texts["corrections"].upper().split("\\")
    if word != "NONE" and not corrected:
        findings.ask(
            "decay_correction", f"{tag} is {word} but {SERIES_TAGS['corrections']} does not list DECY: {_WHICH}"
        )
    return word


def check_uncorrected(header: PetHeader, answers: Mapping[str, object], findings: Findings) -> None:
    """Ask where DecayCorrection NONE is contradicted by the list of corrections or by DecayFactor."""
    if "decay_correction" in answers:
        return
    tag = SERIES_TAGS["decay_correction"]
    if "DECY" in header.texts["corrections"].upper().split("\\"):
        findings.ask("decay_correction", f"{tag} is NONE but {SERIES_TAGS['corrections']} lists DECY: {_WHICH}")
    elif any((entry.decay_factor or 1.0) > UNCORRECTED_DECAY_FACTOR for entry in header.slices):
        findings.ask("decay_correction", f"{tag} is NONE but {SLICE_TAGS['decay_factor']} is above 1: {_WHICH}")
