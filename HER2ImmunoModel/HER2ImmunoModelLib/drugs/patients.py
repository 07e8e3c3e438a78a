"""The patient whom doses are for: what is known of her, and what is assumed where nothing is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

ASSUMED = {
    "weight_kg": 68.0,
    "bsa_m2": 1.8,
    "albumin_g_per_dl": 4.0,
    "ast_u_per_l": 24.0,
    "gfr_ml_per_min": 90.0,
    "lean_mass_kg": 48.0,
    "lesion_sum_mm": 89.6,
    "trastuzumab_mg_per_l": 0.0,
    "is_male": 0.0,
    "is_female": 0.0,
}
"""What a number is taken as where it is not known; shown as assumed. Without a sex neither factor applies."""
ASSUMED_OF_MOUSE = {"weight_kg": 0.0225}
"""A mouse of 20 to 25 g."""
RANGES = {
    "weight_kg": (20.0, 300.0, "kg"),
    "height_cm": (100.0, 230.0, "cm"),
    "age_years": (18.0, 110.0, "years"),
    "gfr_ml_per_min": (5.0, 250.0, "mL/min"),
    "creatinine_mg_per_dl": (0.2, 15.0, "mg/dL"),
    "albumin_g_per_dl": (1.0, 6.5, "g/dL"),
    "ast_u_per_l": (2.0, 2000.0, "U/L"),
    "lean_mass_kg": (15.0, 150.0, "kg"),
    "lesion_sum_mm": (1.0, 2000.0, "mm"),
    "bsa_m2": (0.8, 4.0, "m2"),
    "trastuzumab_mg_per_l": (0.0, 500.0, "mg/L"),
}
"""What people have; a number outside is of another unit or a slip."""
WORDS = {
    "weight_kg": "weight",
    "height_cm": "height",
    "age_years": "age",
    "gfr_ml_per_min": "GFR",
    "creatinine_mg_per_dl": "creatinine",
    "albumin_g_per_dl": "albumin",
    "ast_u_per_l": "AST",
    "lean_mass_kg": "lean body mass",
    "lesion_sum_mm": "sum of lesion diameters",
    "bsa_m2": "body surface area",
    "trastuzumab_mg_per_l": "trastuzumab concentration at the start",
}
"""What the numbers are called."""
RANGES_OF_MOUSE = {"weight_kg": (0.010, 0.060, "kg")}

LARGEST_GFR = 125.0
"""mL/min; in Calvert's formula what is above counts as this (label)."""


@dataclass(frozen=True)
class Patient:
    """A patient, or a mouse of a study; None for what is not known.

    Attributes
    ----------
    weight_kg, height_cm, age_years, gfr_ml_per_min, creatinine_mg_per_dl, albumin_g_per_dl, ast_u_per_l : float or None
    lean_mass_kg, lesion_sum_mm : float or None
    bsa_m2 : float or None
        By default from height and weight.
    trastuzumab_mg_per_l : float or None
        Left of earlier treatment at the start.
    liver_metastases : bool
    is_male : bool or None
    species : str
        `human` or `mouse`.
    """

    weight_kg: float | None = None
    height_cm: float | None = None
    age_years: float | None = None
    gfr_ml_per_min: float | None = None
    creatinine_mg_per_dl: float | None = None
    albumin_g_per_dl: float | None = None
    ast_u_per_l: float | None = None
    lean_mass_kg: float | None = None
    lesion_sum_mm: float | None = None
    bsa_m2: float | None = None
    trastuzumab_mg_per_l: float | None = None
    liver_metastases: bool = False
    is_male: bool | None = None
    species: str = "human"

    def __post_init__(self):
        whose = "mouse" if self.species == "mouse" else "patient"
        for name, (low, high, unit) in (RANGES_OF_MOUSE if whose == "mouse" else RANGES).items():
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and low <= value <= high):
                allowed = f"{low:g} to {high:g} {unit}"
                raise InputError(
                    f"The {WORDS[name]} of the {whose} is {value:g} {unit}; give a number of {allowed}, or none."
                )

    def value(self, name: str) -> float:
        """A number of the patient: as known, as it follows from others, else as assumed.

        Parameters
        ----------
        name : str
            A field, `bsa_m2` and `gfr_ml_per_min` among them. What is true or false is 1 or 0.
        """
        found = self.known(name)
        return self._assumed[name] if found is None else found

    def known(self, name: str) -> float | None:
        """The same; None where it would be assumed."""
        if name == "is_female":
            return None if self.is_male is None else float(not self.is_male)
        given = getattr(self, name)
        if given is not None:
            return float(given)
        if name == "bsa_m2" and self.height_cm is not None and self.weight_kg is not None:
            return bsa_m2(self.height_cm, self.weight_kg)
        if name == "gfr_ml_per_min" and None not in (self.age_years, self.weight_kg, self.creatinine_mg_per_dl):
            return cockcroft_gault(
                self.age_years, self.weight_kg, self.creatinine_mg_per_dl, is_male=bool(self.is_male)
            )
        return None

    def assumed(self, names: Iterable[str]) -> dict[str, float]:
        """Those of some numbers that are assumed, with what they are taken as."""
        return {name: self._assumed[name] for name in names if self.known(name) is None}

    @property
    def _assumed(self) -> dict[str, float]:
        return ASSUMED_OF_MOUSE if self.species == "mouse" else ASSUMED


def bsa_m2(height_cm: float, weight_kg: float) -> float:
    """Body surface area by Mosteller, N Engl J Med 317:1098 (1987)."""
    return math.sqrt(height_cm * weight_kg / 3600.0)


def cockcroft_gault(age_years: float, weight_kg: float, creatinine_mg_per_dl: float, *, is_male: bool = False) -> float:
    """Creatinine clearance in mL/min, which stands for GFR; Cockcroft & Gault, Nephron 16:31 (1976)."""
    clearance = (140.0 - age_years) * weight_kg / (72.0 * creatinine_mg_per_dl)
    return clearance if is_male else 0.85 * clearance


def calvert_mg(auc: float, gfr_ml_per_min: float) -> float:
    """Dose of carboplatin (mg) of an AUC (mg min/mL), with GFR capped; Calvert et al., J Clin Oncol 7:1748 (1989)."""
    return auc * (min(gfr_ml_per_min, LARGEST_GFR) + 25.0)
