"""The scenarios of the scene for a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.library import find_drug
from ..planning.outlook import LiveInputs
from ..report import TriedScenario
from ..treatments.clinical_doses import ClinicalDose, dose_text, known_drug
from .scenarios import scenarios_of
from .what_if import live_inputs


def scenarios_to_report(parameters) -> tuple[tuple[TriedScenario, ...], LiveInputs | None, list[str]]:
    """Scenarios, what they are followed with, and a sentence where they must be left out."""
    try:
        found = scenarios_of(parameters)
        if not found:
            return (), None, []
        live = live_inputs(parameters, [each.doses for each in found])
    except InputError as error:
        return (), None, [f"The scenarios are left out: {error}"]
    tried = [TriedScenario(each.name, each.colour, tuple(_lines(each.doses, parameters.species))) for each in found]
    return tuple(tried), live, []


def _lines(doses: Sequence[ClinicalDose], species: str) -> Iterator[str]:
    """One line for each drug and size, with its days."""
    days: dict[tuple[str, float, str], list[float]] = {}
    for dose in doses:
        days.setdefault((dose.drug, dose.size, dose.unit), []).append(dose.day)
    for (drug, size, unit), given in days.items():
        name = known_drug(drug, species)
        label = find_drug(name, species).label if name else drug
        plural = "days" if len(given) > 1 else "day"
        yield f"{label} {dose_text(size, unit)} on {plural} {', '.join(f'{day:g}' for day in sorted(given))}"
