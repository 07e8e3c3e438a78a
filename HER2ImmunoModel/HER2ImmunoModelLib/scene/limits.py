"""Limits of treatment and the calendar, for what the panel holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.patients import Patient
from ..limits.clinical_history import History
from ..limits.clinical_limits import RULES, check, excepted, without_limits
from ..limits.limit_cases import Broken
from ..limits.limit_table import LimitRow, limit_table
from ..limits.measured_limits import BLOOD, ENTRY, HEART
from ..regimens.treatment_calendar import CalendarRow, calendar
from ..treatments.clinical_doses import ClinicalDose, ResolvedDose, known_drug, resolve
from ..treatments.clinical_tables import ClinicalSchedule
from .given import given_doses
from .patients import day_zero_of, history_of, patient_of
from .regimens import chosen_regimen, doses_to_fill

OF_A_MOUSE = "Limits are those of patients; none are known for a mouse."


@dataclass(frozen=True)
class Checked:
    """Doses held to the limits.

    Attributes
    ----------
    doses : tuple of ClinicalDose
        All of them.
    drugs : tuple of str
        Those that have limits.
    without : tuple of str
        Those that have none.
    broken, excepted : tuple of Broken
        What they break; what they break and may, as their trial gave it.
    rules, unmeasured : tuple of str
        Limits that were checked, and those that need a measurement that is not there.
    """

    doses: tuple[ClinicalDose, ...]
    drugs: tuple[str, ...]
    without: tuple[str, ...]
    broken: tuple[Broken, ...]
    excepted: tuple[Broken, ...]
    rules: tuple[str, ...]
    unmeasured: tuple[str, ...]

    @property
    def kept(self) -> str:
        """That every limit is kept, with what was checked, as a clause; of use where nothing is broken."""
        drugs, rules = ", ".join(self.drugs), ", ".join(self.rules)
        return f"the doses of {drugs} keep every limit that was checked ({rules})"

    @property
    def not_known(self) -> str:
        """Which drugs have no limits, as a sentence; empty if all have some."""
        names = ", ".join(self.without)
        return f"No limits are known for {names}: the library has no such drug." if names else ""


def checked_given(parameters) -> Checked:
    """The treatment table, held to the limits.

    Raises
    ------
    InputError
        A wrong table, patient or history.
    """
    given, patient, history = _known(parameters)
    return _checked(given, patient, history, parameters.exception)


def checked_plan(parameters) -> Checked:
    """The chosen regimen, after what the treatment table holds.

    Raises
    ------
    InputError
        As `checked_given`, and a regimen that cannot be given after it.
    """
    given, patient, history = _known(parameters)
    regimen = chosen_regimen(parameters)
    planned = doses_to_fill(parameters, replacing=False)
    history = replace(
        history,
        given=_resolved(given, patient),
        growth_factor=history.growth_factor or regimen.growth_factor,
    )
    return _checked(planned, patient, history, regimen.exception or parameters.exception)


def table_is_wrong(parameters) -> bool:
    """Whether the treatment table cannot be read, which is said of the table itself."""
    try:
        given_doses(parameters)
    except InputError:
        return True
    return False


def limits_in_use(parameters) -> tuple[LimitRow, ...]:
    """The limits of the drugs of the treatment table and of the chosen regimen; errors as `checked_given`."""
    given, patient, history = _known(parameters)
    regimen = chosen_regimen(parameters)
    drugs = [dose.drug for dose in given] + ([part.drug for part in regimen.parts] if regimen is not None else [])
    if patient.species != "human":
        return ()
    return limit_table((drug for drug in drugs if known_drug(drug)), history)


def calendar_of(parameters) -> tuple[CalendarRow, ...]:
    """The doses of the treatment table in a calendar.

    Raises
    ------
    InputError
        A wrong table or date.
    """
    return calendar(given_doses(parameters), day_zero_of(parameters), parameters.species)


def _known(parameters) -> tuple[tuple[ClinicalDose, ...], Patient, History]:
    return given_doses(parameters), patient_of(parameters), history_of(parameters)


def _resolved(doses: Iterable[ClinicalDose], patient: Patient) -> tuple[ResolvedDose, ...]:
    return resolve((dose for dose in doses if known_drug(dose.drug, patient.species)), patient, patient.species)


def _checked(doses: tuple[ClinicalDose, ...], patient: Patient, history: History, exception: str) -> Checked:
    without = without_limits(ClinicalSchedule(doses), patient.species)
    resolved = _resolved(doses, patient)
    measured = {
        ENTRY: history.lvef_at_entry is not None,
        HEART: bool(history.lvef),
        BLOOD: bool(history.neutrophils or history.platelets),
    }
    return Checked(
        doses,
        tuple(dict.fromkeys(dose.drug for dose in doses if dose.drug not in without)),
        without,
        check(resolved, patient, history, exception),
        excepted(resolved, patient, history, exception),
        tuple(rule for rule in RULES if measured.get(rule, True)),
        tuple(rule for rule in RULES if not measured.get(rule, True)),
    )
