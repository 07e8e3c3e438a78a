"""PET nuclides: how headers name them, and their half-lives."""

from __future__ import annotations

import re

HALF_LIFE_S = {
    "C-11": 1221.7,
    "N-13": 598.0,
    "O-15": 122.4,
    "F-18": 6586.2,
    "Cu-64": 45721.0,
    "Ga-68": 4069.8,
    "Zr-89": 282312.0,
    "I-124": 360806.0,
}
"""Compared with a header within `TOLERANCE`; used, with a warning, where a header codes the nuclide only."""
TOLERANCE = 0.01

_CODES = {
    "C-105A1": "C-11",
    "40565003": "C-11",
    "C-107A1": "N-13",
    "21576001": "N-13",
    "C-B1038": "O-15",
    "129504001": "O-15",
    "C-111A1": "F-18",
    "77004003": "F-18",
    "C-127A2": "Cu-64",
    "3932008": "Cu-64",
    "C-131A3": "Ga-68",
    "35337001": "Ga-68",
    "C-168A4": "Zr-89",
    "63360001": "Zr-89",
    "C-114A5": "I-124",
    "40937006": "I-124",
}
_SYMBOLS = {
    "CARBON": "C",
    "NITROGEN": "N",
    "OXYGEN": "O",
    "FLUORINE": "F",
    "COPPER": "Cu",
    "GALLIUM": "Ga",
    "ZIRCONIUM": "Zr",
    "IODINE": "I",
}


def nuclide_of(code_text: str) -> str | None:
    """Nuclide, as `F-18`, of a code (SNOMED, DICOM CID 4020) or its meaning (`18F`, `F-18`, `^18^Fluorine`).

    None where it is not one of `HALF_LIFE_S`.
    """
    for word in code_text.split():
        if word in _CODES:
            return _CODES[word]
    for mass_first in (True, False):
        pattern = r"\^?(\d{2,3})\^?[\s-]*([A-Za-z]+)" if mass_first else r"\b([A-Za-z]+)[\s-]*\^?(\d{2,3})\b"
        for groups in re.findall(pattern, code_text):
            mass, element = groups if mass_first else groups[::-1]
            name = f"{_SYMBOLS.get(element.upper(), element.capitalize())}-{mass}"
            if name in HALF_LIFE_S:
                return name
    return None
