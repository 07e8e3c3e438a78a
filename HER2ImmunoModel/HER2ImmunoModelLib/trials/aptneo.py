"""The arms of APTneo, whose doses were not seen: assumed here to predict its differences, and no template."""

from __future__ import annotations

from ..drugs.drug import ASSUMED, Amount, Basis
from ..regimens.regimen import Part, Regimen, every

CYCLES, BEFORE_AC = every(21, 6), every(21, 3)
AFTER_AC = every(21, 6, 63)
UNSEEN = Basis(ASSUMED, "APTneo, doses not seen")


def _hpct(days: tuple[float, ...]) -> tuple[Part, ...]:
    twice = tuple(day + on for day in days for on in (0.0, 7.0))
    return (
        Part("paclitaxel", twice, Amount(90, "mg/m2")),
        Part("carboplatin", twice, Amount(2, "AUC")),
        Part("pertuzumab", days, Amount(420, "mg"), Amount(840, "mg")),
        Part("trastuzumab", days, Amount(6, "mg/kg"), Amount(8, "mg/kg")),
    )


def _atezolizumab(days: tuple[float, ...]) -> Part:
    return Part("atezolizumab", days, Amount(1200, "mg"))


APTNEO_ARMS = (
    Regimen("aptneo_hpct", "HPCT", "Carboplatin, paclitaxel, trastuzumab and pertuzumab", _hpct(CYCLES), UNSEEN),
    Regimen(
        "aptneo_hpct_atezolizumab",
        "HPCT + atezolizumab",
        "The same with atezolizumab",
        (*_hpct(CYCLES), _atezolizumab(CYCLES)),
        UNSEEN,
    ),
    Regimen(
        "aptneo_ac_atezolizumab",
        "AC, then HPCT, + atezolizumab",
        "Doxorubicin and cyclophosphamide, then the same, with atezolizumab throughout",
        (
            Part("doxorubicin", BEFORE_AC, Amount(60, "mg/m2")),
            Part("cyclophosphamide", BEFORE_AC, Amount(600, "mg/m2")),
            *_hpct(AFTER_AC),
            _atezolizumab(every(21, 9)),
        ),
        UNSEEN,
    ),
)
