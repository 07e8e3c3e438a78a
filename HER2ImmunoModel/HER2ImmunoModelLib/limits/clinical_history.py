"""What the limits of treatment must know of a patient's past: doses, heart and blood."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

from ..treatments.clinical_doses import ResolvedDose

US, EU = LVEF_RULES = ("US", "EU")
"""Whose label says when trastuzumab is held for the heart."""
Measured = tuple[tuple[float, float], ...]
"""Day and value of each measurement."""
RANGES = {
    "lvef": (5.0, 90.0, "%"),
    "neutrophils": (0.0, 100.0, "x1e9/L"),
    "platelets": (0.0, 2000.0, "x1e9/L"),
    "prior_doxorubicin_mg_per_m2": (0.0, 2000.0, "mg/m2"),
    "prior_epirubicin_mg_per_m2": (0.0, 2000.0, "mg/m2"),
    "lvef_at_entry": (5.0, 90.0, "%"),
}
WORDS = {
    "lvef": "LVEF",
    "neutrophils": "neutrophil count",
    "platelets": "platelet count",
    "prior_doxorubicin_mg_per_m2": "earlier dose of doxorubicin",
    "prior_epirubicin_mg_per_m2": "earlier dose of epirubicin",
    "lvef_at_entry": "LVEF at entry",
}


@dataclass(frozen=True)
class History:
    """The past of a patient, on the same days as the doses that are planned.

    Attributes
    ----------
    given : tuple of ResolvedDose
        Doses of this treatment so far.
    prior_doxorubicin_mg_per_m2, prior_epirubicin_mg_per_m2 : float
        Of a life before, which `given` does not hold.
    chest_radiotherapy : bool
    other_cardiotoxic : bool
        Whether other drugs that harm the heart were given before.
    is_adjuvant : bool
        Whether the disease is early (before or after surgery), not metastatic.
    lvef_at_entry : float or None
        Left ventricular ejection fraction before treatment, %.
    lvef : tuple of (float, float)
        Day and LVEF (%) of each measurement.
    lvef_rule : str
        `US` or `EU`.
    lvef_normal : float
        Lower limit of normal of the institution, %.
    neutrophils, platelets : tuple of (float, float)
        Day and count (1e9/L).
    growth_factor : bool
        Whether granulocyte growth factor is given with each cycle.
    """

    given: tuple[ResolvedDose, ...] = ()
    prior_doxorubicin_mg_per_m2: float = 0.0
    prior_epirubicin_mg_per_m2: float = 0.0
    chest_radiotherapy: bool = False
    other_cardiotoxic: bool = False
    is_adjuvant: bool = True
    lvef_at_entry: float | None = None
    lvef: Measured = ()
    lvef_rule: str = US
    lvef_normal: float = 50.0
    neutrophils: Measured = ()
    platelets: Measured = ()
    growth_factor: bool = False

    def __post_init__(self):
        for name in ("lvef", "neutrophils", "platelets"):
            rows = _in_order(getattr(self, name))
            object.__setattr__(self, name, rows)
            for day, value in rows:
                check_measured(name, value, f" on day {day:g}")
        for name in ("prior_doxorubicin_mg_per_m2", "prior_epirubicin_mg_per_m2", "lvef_at_entry"):
            if getattr(self, name) is not None:
                check_measured(name, getattr(self, name))
        if self.lvef_rule not in LVEF_RULES:
            raise InputError(f"The rule for LVEF is {self.lvef_rule!r}; choose {' or '.join(LVEF_RULES)}.")

    @property
    def baseline_lvef(self) -> float | None:
        """The LVEF from which a fall counts: at entry, else the first measured; None without either."""
        if self.lvef_at_entry is not None:
            return self.lvef_at_entry
        return self.lvef[0][1] if self.lvef else None


def _in_order(rows: Iterable[tuple[float, float]]) -> Measured:
    rows = tuple((float(day), float(value)) for day, value in rows)
    for day, _ in rows:
        if not math.isfinite(day):
            raise InputError(f"The day of a measurement is {day}; give a finite number of days.")
    return tuple(sorted(rows))


def check_measured(name: str, value: float, when: str = "") -> None:
    """Refuse what people do not have.

    Parameters
    ----------
    name : str
        One of `RANGES`.
    value : float
    when : str
        Words that follow the name in the sentence, such as " on day 3".

    Raises
    ------
    InputError
    """
    low, high, unit = RANGES[name]
    if not (math.isfinite(value) and low <= value <= high):
        raise InputError(f"The {WORDS[name]}{when} is {value:g} {unit}; give a number of {low:g} to {high:g} {unit}.")
