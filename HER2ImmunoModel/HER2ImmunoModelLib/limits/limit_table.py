"""The hard limits as a table: what each is for the drugs of a schedule, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..drugs.drug import ClinicalDrug
from ..drugs.library import find_drug
from ..treatments.clinical_doses import dose_text
from . import dose_limits as dose
from . import measured_limits as measured
from .clinical_history import EU, History


@dataclass(frozen=True)
class LimitRow:
    """One limit.

    Attributes
    ----------
    rule : str
        As `Broken.rule`.
    drug : str
        Empty for a limit of several.
    value : str
    source : str
    """

    rule: str
    drug: str
    value: str
    source: str


def limit_table(drugs: Iterable[str], history: History | None = None) -> tuple[LimitRow, ...]:
    """The limits that concern some drugs of patients.

    Raises
    ------
    InputError
        A drug that the library does not have.
    """
    history = history or History()
    found = [find_drug(name) for name in dict.fromkeys(drugs)]
    rows = [row for drug in found for row in _of_drug(drug, history)]
    anthracyclines = [drug for drug in found if drug.kind == "anthracycline"]
    anti_her2 = [drug for drug in found if drug.is_anti_her2]
    if anthracyclines:
        rows += _anthracyclines(history)
    if anthracyclines and anti_her2:
        value = f"none until {dose.WASHOUT_DAYS:g} days after the last anti-HER2 dose"
        rows.append(LimitRow(dose.COMBINATION, "", value, dose.WASHOUT.said))
    if anthracyclines or anti_her2:
        rows.append(LimitRow(measured.ENTRY, "", f">= {measured.LEAST_LVEF_AT_ENTRY:g} %", measured.TRIALS.said))
    if anti_her2:
        rows.append(LimitRow(dose.COURSE, "", "52 weeks for each drug", dose.HERCEPTIN.said))
    return tuple(rows)


def _of_drug(drug: ClinicalDrug, history: History) -> Iterator[LimitRow]:
    plans = [plan for plan in drug.plans if plan.every_days >= 21 or drug.name not in dose.WITH_GROWTH_FACTOR]
    for plan in drug.plans if history.growth_factor else plans:
        most = max(plan.dose.size, dose.WEEKLY_UP_TO.get(drug.name, 0.0) if plan.every_days <= 7 else 0.0)
        if plan.loading:
            most = max(most, plan.loading.size)
        value = f"{plan.least_days:g} days up to {dose_text(most, plan.dose.unit)}"
        yield LimitRow(dose.INTERVAL, drug.name, value, plan.basis.said)
    for most in drug.largest:
        value, later = dose_text(most.size, most.unit), dose.largest_later(drug, most.unit)
        value += "" if later is None else f" as loading dose, {dose_text(later, most.unit)} else"
        yield LimitRow(dose.LARGEST, drug.name, value, drug.plans[0].basis.said)
    for least, what in ((measured.LEAST_NEUTROPHILS, "neutrophils"), (measured.LEAST_PLATELETS, "platelets")):
        if drug.name in least:
            value = f"{what} >= {least[drug.name]:g} x1e9/L, if measured in the week before"
            yield LimitRow(measured.BLOOD, drug.name, value, measured.label_of(drug, history))
    if drug.is_anti_her2:
        yield LimitRow(measured.HEART, drug.name, _heart(drug, history), measured.label_of(drug, history))


def _heart(drug: ClinicalDrug, history: History) -> str:
    if drug.name == "t-dm1":
        return "held under 40 %, or at 40 to 45 % after a fall of 10 points; stopped if confirmed"
    if drug.name == "t-dxd":
        return (
            "held under 40 %, after a fall of more than 20 points (both stop it if confirmed), or at 40 to 45 % after "
            "a fall of 10"
        )
    if history.lvef_rule == EU:
        return "held under 50 % after a fall of 10 points, until a better measurement"
    return (
        f"held for {measured.HOLD_DAYS_US:g} days after a fall of 16 points, or under {history.lvef_normal:g} % after "
        "a fall of 10"
    )


def _anthracyclines(history: History) -> list[LimitRow]:
    most, less = dose.DOXORUBICIN_MG_PER_M2
    value = f"{most:g} mg/m2, {less:g} after radiotherapy of the chest or with other drugs that harm the heart"
    epirubicin = f"{dose.EPIRUBICIN_MG_PER_M2[history.is_adjuvant]:g} mg/m2"
    return [
        LimitRow(dose.CUMULATIVE, "doxorubicin", value, dose.DOXORUBICIN.said),
        LimitRow(dose.CUMULATIVE, "epirubicin", epirubicin, dose.EPIRUBICIN.said),
        LimitRow(dose.CUMULATIVE, "both", "as doxorubicin with half of the epirubicin", dose.MIXED.said),
    ]
