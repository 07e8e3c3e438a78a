"""PET nuclides: how headers name them, and their half-lives."""

from __future__ import annotations

import re

HALF_LIFE_S = {
    "C-11": 1221.7,
    "N-13": 598.0,
    "O-14": 70.6,
    "O-15": 122.4,
    "F-18": 6586.2,
    "Na-22": 8.211e7,
    "K-38": 458.2,
    "Sc-43": 14008.0,
    "Sc-44": 14551.0,
    "Ti-45": 11088.0,
    "Mn-51": 2772.0,
    "Mn-52": 483062.0,
    "Mn-52m": 1266.0,
    "Fe-52": 29790.0,
    "Co-55": 63108.0,
    "Cu-60": 1422.0,
    "Cu-61": 12020.0,
    "Cu-62": 580.2,
    "Cu-64": 45721.0,
    "Zn-62": 33094.0,
    "Ga-66": 34164.0,
    "Ga-68": 4069.8,
    "Ge-68": 2.341e7,
    "As-72": 93600.0,
    "Se-73": 25740.0,
    "Br-75": 5802.0,
    "Br-76": 58320.0,
    "Br-77": 205344.0,
    "Rb-82": 75.45,
    "Y-86": 53064.0,
    "Zr-89": 282312.0,
    "Y-90": 230590.0,
    "Nb-90": 52560.0,
    "Tc-94m": 3120.0,
    "I-120": 4896.0,
    "I-124": 360806.0,
    "La-133": 14083.0,
    "Tb-152": 63000.0,
}
"""Compared with a header within `TOLERANCE`; used, with a warning, where a header codes the nuclide only."""
TOLERANCE = 0.01
UNNAMED_TOLERANCE = 0.02
"""For the half-life of a nuclide that nothing names: tables differ by so much for the rare ones."""

_CODES = {
    "C-105A1": "C-11",
    "40565003": "C-11",
    "C-107A1": "N-13",
    "21576001": "N-13",
    "C-1018C": "O-14",
    "424875009": "O-14",
    "C-B1038": "O-15",
    "129504001": "O-15",
    "C-111A1": "F-18",
    "77004003": "F-18",
    "C-155A1": "Na-22",
    "71633006": "Na-22",
    "C-135A4": "K-38",
    "423764008": "K-38",
    "126605": "Sc-43",
    "126600": "Sc-44",
    "C-166A2": "Ti-45",
    "75696008": "Ti-45",
    "126601": "Mn-51",
    "C-149A1": "Mn-52",
    "37225000": "Mn-52",
    "126607": "Mn-52m",
    "C-130A1": "Fe-52",
    "69089000": "Fe-52",
    "C-127A4": "Cu-60",
    "425364008": "Cu-60",
    "C-127A1": "Cu-61",
    "71425003": "Cu-61",
    "C-127A5": "Cu-62",
    "422934004": "Cu-62",
    "C-127A2": "Cu-64",
    "3932008": "Cu-64",
    "C-141A1": "Zn-62",
    "65054007": "Zn-62",
    "C-131A1": "Ga-66",
    "79477007": "Ga-66",
    "C-131A3": "Ga-68",
    "35337001": "Ga-68",
    "C-128A2": "Ge-68",
    "53315004": "Ge-68",
    "C-115A2": "As-72",
    "2705002": "As-72",
    "C-116A2": "Se-73",
    "87437000": "Se-73",
    "C-113A1": "Br-75",
    "17910003": "Br-75",
    "C-113A2": "Br-76",
    "79523006": "Br-76",
    "C-113A3": "Br-77",
    "86521004": "Br-77",
    "C-159A2": "Rb-82",
    "79197006": "Rb-82",
    "C-162A3": "Y-86",
    "10738001": "Y-86",
    "C-162A7": "Y-90",
    "14691008": "Y-90",
    "C-168A4": "Zr-89",
    "63360001": "Zr-89",
    "126603": "Nb-90",
    "C-163AA": "Tc-94m",
    "424079002": "Tc-94m",
    "C-114A5": "I-124",
    "40937006": "I-124",
    "126606": "Tb-152",
}
_SYMBOLS = {
    "CARBON": "C",
    "NITROGEN": "N",
    "OXYGEN": "O",
    "FLUORINE": "F",
    "SODIUM": "Na",
    "POTASSIUM": "K",
    "SCANDIUM": "Sc",
    "TITANIUM": "Ti",
    "MANGANESE": "Mn",
    "IRON": "Fe",
    "COBALT": "Co",
    "COPPER": "Cu",
    "ZINC": "Zn",
    "GALLIUM": "Ga",
    "GERMANIUM": "Ge",
    "ARSENIC": "As",
    "SELENIUM": "Se",
    "BROMINE": "Br",
    "RUBIDIUM": "Rb",
    "YTTRIUM": "Y",
    "ZIRCONIUM": "Zr",
    "NIOBIUM": "Nb",
    "TECHNETIUM": "Tc",
    "IODINE": "I",
    "LANTHANUM": "La",
    "TERBIUM": "Tb",
}
_FLUORINE_TRACERS = re.compile(r"MISO|FAZA|FLUORODEOXY|\b(FDG|FLT|FES|FET|NAF)\b", re.IGNORECASE)
"""Tracers that are made with F-18 only."""
_SLIPS = {"minutes": 60.0, "hours": 3600.0, "days": 86400.0, "milliseconds": 1e-3}


def nuclide_of(code_text: str) -> str | None:
    """Nuclide, as `F-18`, of a code (SNOMED, DICOM CID 4020) or its meaning (`18F`, `F-18`, `^18^Fluorine`).

    None where it is not one of `HALF_LIFE_S`.
    """
    for word in code_text.split():
        if word in _CODES:
            return _CODES[word]
    for mass_first in (True, False):
        mass, element = r"(\d{2,3}m?)", r"([A-Za-z]+)"
        pattern = rf"\^?{mass}\^?[\s-]*{element}" if mass_first else rf"\b{element}[\s-]*\^?{mass}\b"
        for groups in re.findall(pattern, code_text):
            mass, element = groups if mass_first else groups[::-1]
            name = f"{_SYMBOLS.get(element.upper(), element.capitalize())}-{mass}"
            if name in HALF_LIFE_S:
                return name
    return None


def nuclide_of_tracer(name: str) -> str | None:
    """Nuclide that a tracer's name tells: `89Zr trastuzumab`, or FMISO, which is made with F-18 only."""
    return nuclide_of(name) or ("F-18" if _FLUORINE_TRACERS.search(name) else None)


def nuclide_with(half_life_s: float) -> str | None:
    """The PET nuclide of a half-life; None where there is none."""
    name = min(HALF_LIFE_S, key=lambda name: abs(half_life_s / HALF_LIFE_S[name] - 1.0))
    return name if abs(half_life_s / HALF_LIFE_S[name] - 1.0) <= UNNAMED_TOLERANCE else None


def is_half_life_of(half_life_s: float, nuclide: str) -> bool:
    """Whether a half-life is that of a nuclide, within `TOLERANCE`."""
    return abs(half_life_s / HALF_LIFE_S[nuclide] - 1.0) <= TOLERANCE


def slip_of_unit(half_life_s: float, nuclide: str | None) -> str | None:
    """How a half-life was written instead of in seconds ("minutes, F-18"); None where no unit explains it."""
    for unit, seconds in _SLIPS.items():
        found = nuclide_with(half_life_s * seconds) if nuclide is None else nuclide
        if found is not None and abs(half_life_s * seconds / HALF_LIFE_S[found] - 1.0) <= UNNAMED_TOLERANCE:
            return f"that of {found} in {unit}"
    return None
