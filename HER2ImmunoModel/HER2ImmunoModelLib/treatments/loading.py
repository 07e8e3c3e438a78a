"""Loading doses: the first dose of a drug, and again when a dose comes too late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..drugs.drug import Amount, ClinicalDrug, Plan
from .clinical_doses import ClinicalDose, checked_drug, dose_text

ROUND_OFF = 1e-9


@dataclass(frozen=True)
class Loaded:
    """Doses with their loading doses.

    Attributes
    ----------
    doses : tuple of ClinicalDose
        In the order in which they were given to `apply_loading`.
    said : tuple of str
        A line for each loading dose.
    """

    doses: tuple[ClinicalDose, ...]
    said: tuple[str, ...]


def apply_loading(doses: Iterable[ClinicalDose], species: str = "human", given: Iterable[ClinicalDose] = ()) -> Loaded:
    """Make the first dose of a drug its loading dose, and so a dose that comes too late, as the labels say.

    A dose belongs to the plan of its drug whose size it has (trastuzumab 6 mg/kg every 3 weeks, 2 mg/kg weekly); any
    other size, and a dose in full doses, stays as it is. How late a dose may come is said by the plan of the dose
    before it.

    Parameters
    ----------
    doses : iterable of ClinicalDose
    species : str
    given : iterable of ClinicalDose
        Doses before, which make a dose that follows in time no first dose.

    Raises
    ------
    InputError
        As `clinical_doses.resolve`.
    """
    doses = tuple(doses)
    changed: dict[int, ClinicalDose] = {}
    said: list[str] = []
    last: dict[str, ClinicalDose] = {}
    for dose in sorted((dose for dose in given if dose.size > 0), key=lambda dose: dose.day):
        last[checked_drug(dose, species).name] = dose
    for index in sorted(range(len(doses)), key=lambda index: doses[index].day):
        dose = doses[index]
        if dose.size == 0:
            continue
        drug = checked_drug(dose, species)
        loading, why = _loading(drug, dose, last.get(drug.name))
        last[drug.name] = dose
        if loading is not None:
            changed[index] = replace(dose, size=loading.size, unit=loading.unit)
            instead = "" if changed[index] == dose else f" instead of {dose.said}"
            said.append(
                f"{drug.name} on day {dose.day:g}: the loading dose of {dose_text(loading.size, loading.unit)}"
                f"{instead}, {why}."
            )
    return Loaded(tuple(changed.get(index, dose) for index, dose in enumerate(doses)), tuple(said))


def _loading(drug: ClinicalDrug, dose: ClinicalDose, last: ClinicalDose | None) -> tuple[Amount | None, str]:
    """The loading dose that a dose must be, and why; None where it need not be one."""
    plan = _plan(drug, dose)
    if plan is None or plan.loading is None:
        return None, ""
    if last is None:
        return plan.loading, f"as it is the first ({plan.basis.said})"
    rule = _plan(drug, last) or plan
    gap = dose.day - last.day
    if not rule.is_loading_due(gap):
        return None, ""
    limit = f"{rule.reload_after_days:g} or more" if rule.reloads_at_limit else f"more than {rule.reload_after_days:g}"
    return plan.loading, f"as the last dose was {gap:g} days before, {limit} ({plan.basis.said})"


def _plan(drug: ClinicalDrug, dose: ClinicalDose) -> Plan | None:
    """The plan whose dose or loading dose this is."""
    for plan in drug.plans:
        for amount in (plan.dose, plan.loading):
            if amount is not None and amount.unit == dose.unit and abs(amount.size - dose.size) < ROUND_OFF:
                return plan
    return None
