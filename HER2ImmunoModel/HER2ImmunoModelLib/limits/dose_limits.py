"""Hard limits of doses: how near, how large, how much in a life, and which drugs not together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..drugs.drug import ASSUMED, LABEL, Basis, ClinicalDrug, Plan
from ..treatments.clinical_doses import dose_text
from .limit_cases import ROUND_OFF, WITHIN, Broken, Case, Taken

INTERVAL, LARGEST, CUMULATIVE, COMBINATION, COURSE = (
    "least interval",
    "largest dose",
    "cumulative anthracycline",
    "anthracycline with or after anti-HER2",
    "anti-HER2 course",
)
WEEKLY_UP_TO = {"paclitaxel": 90.0, "carboplatin": 3.0}
"""Largest dose of the weekly plan (mg/m2, AUC), where it is above the plan's own."""
WITH_GROWTH_FACTOR = ("doxorubicin", "cyclophosphamide")
"""Drugs that may come every two weeks with growth factor only."""
DOXORUBICIN_MG_PER_M2 = (550.0, 400.0)
"""Most doxorubicin in a life; the second after radiotherapy of the chest or with other drugs that harm the heart."""
EPIRUBICIN_MG_PER_M2 = (900.0, 720.0)
"""Most epirubicin in a life; the second in early disease."""
DOXORUBICIN_PER_EPIRUBICIN = 0.5
WASHOUT_DAYS = 213.0
"""Seven months after the last anti-HER2 dose until an anthracycline."""
COURSE_DAYS = 364.0
LOADING_FROM = 1.1
"""Times a later dose, above which one is a loading dose (assumed); less are rounded to whole vials."""

HERCEPTIN = Basis(LABEL, "Herceptin")
WASHOUT = Basis(LABEL, "Herceptin, US, 7 months; washout of Quartino 2019")
DOXORUBICIN, EPIRUBICIN = Basis(LABEL, "doxorubicin"), Basis(LABEL, "epirubicin")
MIXED = Basis(ASSUMED, "1 mg of epirubicin counts as .5 of doxorubicin; .524 by troponin, de Vries Schultink 2018")


def least_interval(drug: ClinicalDrug, size: float, growth_factor: bool) -> Plan:
    """The plan whose `least_days` must pass after a dose.

    Parameters
    ----------
    drug : ClinicalDrug
    size : float
        In the unit of the drug's first plan.
    growth_factor : bool
    """
    fitting = []
    for plan in drug.plans:
        if drug.name in WITH_GROWTH_FACTOR and plan.every_days < 21 and not growth_factor:
            continue
        most = max(plan.dose.size, plan.loading.size if plan.loading else 0.0)
        if plan.every_days <= 7:
            most = max(most, WEEKLY_UP_TO.get(drug.name, 0.0))
        if size <= most * WITHIN:
            fitting.append(plan)
    if fitting:
        return min(fitting, key=lambda plan: plan.least_days)
    return max(drug.plans, key=lambda plan: plan.least_days)


def plan_of_full_doses(drug: ClinicalDrug, growth_factor: bool) -> tuple[Plan, float]:
    """The plan of full doses, and the largest dose that needs no longer interval (in the unit of the full dose)."""
    plan = least_interval(drug, drug.full_dose.size, growth_factor)
    sizes = [most.size for most in drug.largest if most.unit == drug.full_dose.unit]
    sizes += [amount.size for plan in drug.plans for amount in (plan.loading, plan.dose) if amount is not None]
    near = [size for size in sizes if least_interval(drug, size, growth_factor).least_days <= plan.least_days]
    return plan, max(near)


def interval_after(taken: Taken, case: Case) -> Plan:
    """The same for a dose of a case."""
    size = taken.size(taken.drug.plans[0].dose.unit, case.patient)
    return least_interval(taken.drug, size, case.history.growth_factor)


def intervals(case: Case) -> Iterator[Broken]:
    """Doses of a drug that are nearer than the plan of the first of them allows."""
    for name in dict.fromkeys(taken.drug.name for taken in case.taken):
        for first, second in pairwise(case.of(name)):
            plan = interval_after(first, case)
            gap = second.day - first.day
            if second.is_planned and gap < plan.least_days - ROUND_OFF:
                unit = plan.dose.unit
                way_out = (
                    "" if case.history.growth_factor or name not in WITH_GROWTH_FACTOR else " without growth factor"
                )
                yield Broken(
                    INTERVAL,
                    f"{INTERVAL}: {name} on day {second.day:g} is {gap:g} days after day {first.day:g}, under "
                    f"{plan.least_days:g} after {dose_text(first.size(unit, case.patient), unit)}{way_out} "
                    f"({plan.basis.said})",
                    plan.basis.said,
                    second.day,
                    name,
                )


def largest_later(drug: ClinicalDrug, unit: str) -> float | None:
    """Largest dose of a drug where no loading dose is due; None for a drug without loading doses, or another unit."""
    if not any(plan.loading for plan in drug.plans):
        return None
    return max((plan.dose.size for plan in drug.plans if plan.dose.unit == unit), default=None)


def largest_doses(case: Case) -> Iterator[Broken]:
    """Doses above the largest of their drug, and loading doses where none is due."""
    for taken in case.planned:
        for most in taken.drug.largest:
            size = taken.size(most.unit, case.patient)
            later = largest_later(taken.drug, most.unit)
            if size > most.size * WITHIN:
                yield _too_large(taken, size, most.size, most.unit)
            elif later is not None and size > later * LOADING_FROM:
                before = [other for other in case.of(taken.drug.name) if other.day < taken.day]
                gap = taken.day - before[-1].day if before else None
                if not interval_after((before or [taken])[-1], case).is_loading_due(gap):
                    why = f", as no loading dose is due {gap:g} days after the last"
                    yield _too_large(taken, size, later, most.unit, why)


def _too_large(taken: Taken, size: float, most: float, unit: str, why: str = "") -> Broken:
    source = taken.drug.plans[0].basis.said
    said = f"{taken.drug.name} on day {taken.day:g} is {dose_text(size, unit)}, more than {dose_text(most, unit)}{why}"
    return Broken(LARGEST, f"{LARGEST}: {said} ({source})", source, taken.day, taken.drug.name)


def anthracyclines(case: Case) -> Iterator[Broken]:
    """Anthracycline doses that bring the sum of a life over its limit."""
    history = case.history
    sums = {"doxorubicin": history.prior_doxorubicin_mg_per_m2, "epirubicin": history.prior_epirubicin_mg_per_m2}
    for taken in case.taken:
        if taken.drug.name not in sums:
            continue
        sums[taken.drug.name] += taken.size("mg/m2", case.patient)
        if not taken.is_planned:
            continue
        epirubicin, most = sums["epirubicin"], EPIRUBICIN_MG_PER_M2[history.is_adjuvant]
        if taken.drug.name == "epirubicin" and epirubicin > most * WITHIN:
            setting = " in early disease" if history.is_adjuvant else ""
            yield _too_much(taken, f"{epirubicin:.4g} mg/m2 of epirubicin", f"{most:g}{setting}", EPIRUBICIN)
        total = sums["doxorubicin"] + DOXORUBICIN_PER_EPIRUBICIN * epirubicin
        why = _harm_before(case, taken)
        most = DOXORUBICIN_MG_PER_M2[bool(why)]
        if total > most * WITHIN:
            what = f"{total:.4g} mg/m2 of doxorubicin"
            basis = DOXORUBICIN
            if epirubicin:
                what, basis = f"{what} with half of {epirubicin:.4g} of epirubicin", MIXED
            yield _too_much(taken, what, f"{most:g}{why}", basis)


def _too_much(taken: Taken, total: str, most: str, basis: Basis) -> Broken:
    said = f"{CUMULATIVE}: with {taken.drug.name} on day {taken.day:g} the sum of a life is {total}, more than {most}"
    return Broken(CUMULATIVE, f"{said} ({basis.said})", basis.said, taken.day, taken.drug.name)


def _harm_before(case: Case, taken: Taken) -> str:
    """What lowers the limit of doxorubicin on the day of a dose, as words that follow it; empty if nothing."""
    if case.history.chest_radiotherapy:
        return " after radiotherapy of the chest"
    if case.history.other_cardiotoxic:
        return " after other drugs that harm the heart"
    for other in case.taken:
        if other.day <= taken.day and (other.drug.is_anti_her2 or other.drug.name == "cyclophosphamide"):
            return f" with or after {other.drug.name}, which harms the heart as well"
    return ""


def combinations(case: Case) -> Iterator[Broken]:
    """Anthracycline doses on the day of an anti-HER2 dose, or sooner than seven months after it."""
    last: Taken | None = None
    if not any(taken.drug.kind == "anthracycline" for taken in case.taken):
        return
    for day in dict.fromkeys(taken.day for taken in case.taken):
        today = [taken for taken in case.taken if taken.day == day]
        last = next((taken for taken in today if taken.drug.is_anti_her2), last)
        if last is None or day - last.day >= WASHOUT_DAYS - ROUND_OFF:
            continue
        for taken in today:
            if taken.is_planned and taken.drug.kind == "anthracycline":
                when = f"{day - last.day:g} days after" if day > last.day else "on the day of"
                yield Broken(
                    COMBINATION,
                    f"{COMBINATION}: {taken.drug.name} on day {day:g} is {when} {last.drug.name}, under "
                    f"{WASHOUT_DAYS:g} days ({WASHOUT.said})",
                    WASHOUT.said,
                    day,
                    taken.drug.name,
                )


def courses(case: Case) -> Iterator[Broken]:
    """Anti-HER2 doses more than 52 weeks after the first of their drug; a pause of seven months begins anew."""
    for name in dict.fromkeys(taken.drug.name for taken in case.taken if taken.drug.is_anti_her2):
        first: float | None = None
        before: float | None = None
        for taken in case.of(name):
            if first is None or taken.day - before >= WASHOUT_DAYS - ROUND_OFF:
                first = taken.day
            before = taken.day
            if taken.is_planned and taken.day - first > COURSE_DAYS + ROUND_OFF:
                yield Broken(
                    COURSE,
                    f"{COURSE}: {name} on day {taken.day:g} is {taken.day - first:g} days after the first dose, more "
                    f"than 52 weeks ({HERCEPTIN.said})",
                    HERCEPTIN.said,
                    taken.day,
                    name,
                )
