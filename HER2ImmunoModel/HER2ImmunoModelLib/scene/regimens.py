"""Regimens chosen in the panel: what they would give, and the treatment table filled with it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import check_day

from ..drugs.library import find_drug
from ..regimens.regimen import Regimen
from ..regimens.regimens import add_on, day_of, fill, find_regimen, regimen_keys
from ..treatments.clinical_doses import ClinicalDose, dose_text
from ..treatments.clinical_tables import ClinicalSchedule
from .given import given_doses, write_treatments
from .patients import date_of, day_zero_of, patient_of
from .treatment_tables import append_doses

NEW_TABLE = "Treatments"


@dataclass(frozen=True)
class Filled:
    """What filling did to the treatment table.

    Attributes
    ----------
    regimen : Regimen
    doses : tuple of ClinicalDose
        That are now in the table.
    removed : int
        Rows that were there before and are gone.
    changed : tuple of str
        Fields of the parameter node that the regimen has changed.
    """

    regimen: Regimen
    doses: tuple[ClinicalDose, ...]
    removed: int
    changed: tuple[str, ...]

    @property
    def days(self) -> tuple[float, float]:
        """Day of the first and of the last dose."""
        return self.doses[0].day, self.doses[-1].day


def regimen_choices(species: str, chosen: str = "") -> dict[str, str]:
    """Key and title of the regimens of a species, and of the one that is chosen if it is for another.

    Raises
    ------
    InputError
        If no regimen has the key that is chosen.
    """
    keys = regimen_keys(species)
    others = [chosen] if chosen and chosen not in keys else []
    return {key: f"{key}: {find_regimen(key).title}" for key in (*keys, *others)}


def chosen_regimen(parameters) -> Regimen | None:
    """The regimen that is chosen; None without one.

    Raises
    ------
    InputError
        A key that no regimen has, as of a scene of another version.
    """
    return find_regimen(parameters.regimen) if parameters.regimen else None


def parts_of(regimen: Regimen) -> list[tuple[str, str]]:
    """Each drug of a regimen with its dose, and the days of it, counted from the first dose of all."""
    rows = []
    for part in regimen.parts:
        label, dose = find_drug(part.drug, regimen.species).label, dose_text(part.dose.size, part.dose.unit)
        if part.loading is not None:
            dose = f"{dose}, first {dose_text(part.loading.size, part.loading.unit)}"
        rows.append((f"{label} {dose}", _days(part.days)))
    return rows


def _days(days: tuple[float, ...]) -> str:
    steps = {after - before for before, after in pairwise(days)}
    if len(days) > 3 and len(steps) == 1:
        return f"{len(days)} doses: days {days[0]:g} to {days[-1]:g}, every {steps.pop():g}"
    return f"day{'s' if len(days) > 1 else ''} {', '.join(f'{day:g}' for day in days)}"


def start_day_of(parameters) -> float:
    """Day of the first dose of the regimen: 0, or as it is written, as a day or a date.

    Raises
    ------
    InputError
    """
    text = parameters.regimenStart.strip()
    try:
        day = float(text or 0.0)
    except ValueError:
        when, day_zero = date_of(text, "start of the regimen"), day_zero_of(parameters)
        if day_zero is None:
            raise InputError(
                f"The regimen starts on {when}, but the date of day 0 is not known; write that date, or a day here."
            ) from None
        day = day_of(when, day_zero)
    check_day(day, "The start of the regimen")
    return day


def doses_to_fill(parameters, *, replacing: bool) -> tuple[ClinicalDose, ...]:
    """The doses of the chosen regimen for the patient.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    replacing : bool
        Whether they take the place of the treatment table; else they come after what it holds.

    Raises
    ------
    InputError
        No regimen, one for another species, one that cannot start there; a wrong table, patient or date.
    """
    regimen = chosen_regimen(parameters)
    if regimen is None:
        raise InputError("Choose a regimen.")
    if replacing and regimen.is_add_on:
        raise InputError(f"{regimen.title}: it goes on top of doses; add it to those of a regimen.")
    given = () if replacing else given_doses(parameters)
    species, patient = parameters.species, patient_of(parameters)
    if regimen.is_add_on and regimen.species == species:
        return _added(regimen, given)
    return fill(regimen, start_day_of(parameters), species=species, given=given, patient=patient)


def _added(regimen: Regimen, given: tuple[ClinicalDose, ...]) -> tuple[ClinicalDose, ...]:
    drugs = {part.drug for part in regimen.parts}
    if any(dose.drug in drugs for dose in given):
        raise InputError(f"The treatment table has {' and '.join(sorted(drugs))} already; take those doses out first.")
    return tuple(dose for dose in add_on(given, regimen.key) if dose.drug in drugs)


def holds_regimen(parameters) -> bool:
    """Whether the treatment table holds every dose of the chosen regimen already, as after it was filled."""
    try:
        wanted = set(doses_to_fill(parameters, replacing=True))
        return wanted <= set(given_doses(parameters))
    except InputError:
        return False


def fill_table(scene: slicer.vtkMRMLScene, parameters, *, replacing: bool) -> Filled:
    """Put the doses of the chosen regimen into the treatment table, a new one if none is chosen.

    Growth factor, and that a trial may give what labels advise against, are ticked as the regimen has it.

    Raises
    ------
    InputError
        As `doses_to_fill`; nothing is changed then.
    """
    doses = doses_to_fill(parameters, replacing=replacing)
    regimen, node = chosen_regimen(parameters), parameters.treatments
    if node is None:
        name = scene.GenerateUniqueName(NEW_TABLE)
        node = scene.AddNewNodeByClass("vtkMRMLTableNode", name)
    removed = node.GetNumberOfRows() if replacing else 0
    if replacing:
        write_treatments(ClinicalSchedule(doses), node)
    else:
        append_doses(node, doses)
    changed = _follow(parameters, regimen, replacing)
    if parameters.treatments is not node:
        parameters.treatments = node
    return Filled(regimen, doses, removed, changed)


def _follow(parameters, regimen: Regimen, replacing: bool) -> tuple[str, ...]:
    """Keep with the table what the limits must know of its regimen."""
    growth_factor = regimen.growth_factor or (parameters.growthFactor and not replacing)
    exception = regimen.exception or ("" if replacing else parameters.exception)
    wanted = {"growthFactor": growth_factor, "exception": exception}
    changed = tuple(name for name, value in wanted.items() if getattr(parameters, name) != value)
    for name in changed:
        setattr(parameters, name, wanted[name])
    return changed
