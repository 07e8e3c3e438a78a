"""Hard limits by what was measured: the heart before and under treatment, and the blood."""

from __future__ import annotations

from collections.abc import Iterator

from ..drugs.drug import LABEL, PAPER, Basis, ClinicalDrug
from .clinical_history import EU, History, Measured
from .limit_cases import ROUND_OFF, Broken, Case, Taken

ENTRY, HEART, BLOOD = "LVEF at entry", "measured LVEF", "blood count"
LEAST_LVEF_AT_ENTRY = 55.0
HOLD_DAYS_US = 28.0
BLOOD_STANDS_DAYS = 7.0
"""How long a count speaks for a later dose (assumed); after that a new one is needed."""
LEAST_NEUTROPHILS = {"docetaxel": 1.5, "paclitaxel": 1.5, "epirubicin": 1.5, "doxorubicin": 1.0}
LEAST_PLATELETS = {"paclitaxel": 100.0, "epirubicin": 100.0, "doxorubicin": 100.0, "t-dm1": 75.0}
LABELS = {
    "docetaxel": "Taxotere",
    "t-dm1": "Kadcyla",
    "t-dxd": "Enhertu",
}
"""Brand of a label, where it is not called as the drug."""
TRIALS = Basis(PAPER, "rule of the trials")


def heart_at_entry(case: Case) -> Iterator[Broken]:
    """The first drug that harms the heart, where the LVEF before it is too low."""
    lvef = case.history.lvef_at_entry
    if lvef is None or lvef >= LEAST_LVEF_AT_ENTRY:
        return
    for taken in case.planned:
        if taken.drug.is_anti_her2 or taken.drug.kind == "anthracycline":
            yield Broken(
                ENTRY,
                f"{ENTRY}: it is {lvef:g} %, under {LEAST_LVEF_AT_ENTRY:g}, before {taken.drug.name} on day "
                f"{taken.day:g} ({TRIALS.said})",
                TRIALS.said,
                taken.day,
                taken.drug.name,
            )
            return


def heart_under_treatment(case: Case) -> Iterator[Broken]:
    """Anti-HER2 doses while a measured LVEF says to hold."""
    for taken in case.planned if case.history.lvef else ():
        if not taken.drug.is_anti_her2:
            continue
        if why := _held(taken, case.history):
            source = label_of(taken.drug, case.history)
            said = f"{HEART}: {taken.drug.name} on day {taken.day:g} is held, {why} ({source})"
            yield Broken(HEART, said, source, taken.day, taken.drug.name)


def label_of(drug: ClinicalDrug, history: History) -> str:
    """The label that speaks of a drug."""
    if drug.is_anti_her2 and drug.kind != "conjugate":
        return Basis(LABEL, f"Herceptin, {history.lvef_rule}").said
    return Basis(LABEL, LABELS.get(drug.name, drug.name)).said


def _held(taken: Taken, history: History) -> str:
    """Why a dose is held for the heart; empty if it is not."""
    severe_before = False
    seen = [row for row in history.lvef if row[0] <= taken.day + ROUND_OFF]
    for number, (day, value) in enumerate(seen):
        severe = _is_severe(taken.drug, value, history)
        if severe and severe_before:
            return f"as a low LVEF was confirmed on day {day:g} ({value:g} %): it is stopped"
        severe_before = severe
        if not (severe or _is_low(taken.drug, value, history)):
            continue
        fall = history.baseline_lvef - value
        words = f"LVEF {value:g} % on day {day:g}, a fall of {fall:g} points"
        if number == len(seen) - 1:
            return f"as the last measurement says so: {words}"
        if _hold_days(taken.drug, history) > taken.day - day + ROUND_OFF:
            return f"for {HOLD_DAYS_US:g} days: {words}"
    return ""


def _hold_days(drug: ClinicalDrug, history: History) -> float:
    return 0.0 if drug.kind == "conjugate" or history.lvef_rule == EU else HOLD_DAYS_US


def _is_severe(drug: ClinicalDrug, value: float, history: History) -> bool:
    """Whether a conjugate is stopped for good when it is confirmed."""
    if drug.name == "t-dm1":
        return _is_low(drug, value, history)
    return drug.name == "t-dxd" and (value < 40 or history.baseline_lvef - value > 20)


def _is_low(drug: ClinicalDrug, value: float, history: History) -> bool:
    """Whether a drug is held for an LVEF."""
    fall = history.baseline_lvef - value
    if drug.name == "t-dm1":
        return value < 40 or (value <= 45 and fall >= 10)
    if drug.name == "t-dxd":
        return 40 <= value <= 45 and fall >= 10
    if history.lvef_rule == EU:
        return value < 50 and fall >= 10
    return fall >= 16 or (value < history.lvef_normal and fall >= 10)


def blood(case: Case) -> Iterator[Broken]:
    """Doses within a week of a count that is too low for them."""
    history = case.history
    if not (history.neutrophils or history.platelets):
        return
    for taken in case.planned:
        for counts, least, what in (
            (history.neutrophils, LEAST_NEUTROPHILS, "neutrophils"),
            (history.platelets, LEAST_PLATELETS, "platelets"),
        ):
            name = taken.drug.name
            found = _latest(counts, taken.day)
            if name in least and found is not None and found[1] < least[name]:
                source = label_of(taken.drug, history)
                yield Broken(
                    BLOOD,
                    f"{BLOOD}: {what} of {found[1]:g} x1e9/L on day {found[0]:g} are under {least[name]:g} for {name} "
                    f"on day {taken.day:g} ({source})",
                    source,
                    taken.day,
                    name,
                )


def _latest(counts: Measured, day: float) -> tuple[float, float] | None:
    """The last count before a day that still speaks for it."""
    spoken = [row for row in counts if -ROUND_OFF <= day - row[0] <= BLOOD_STANDS_DAYS + ROUND_OFF]
    return spoken[-1] if spoken else None
