"""Schedules in clinical units for a calibration: which kinds of exposure it can take, and what is assumed for that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..calibration.more_drugs import with_model
from ..calibration.result import Calibration
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..models.exposure_kinds import RELATIVE
from ..models.model import Drug
from ..treatments.clinical_doses import ClinicalDose, dose_text
from ..treatments.clinical_tables import ClinicalSchedule
from ..treatments.effects import ExposureChoice, targets
from ..treatments.prescriptions import PrescribedSchedule, known_doses, prescribe


@dataclass(frozen=True, eq=False)
class ClinicalCandidates:
    """Clinical schedules as a calibration can simulate them.

    Attributes
    ----------
    calibration : Calibration
        With the exposures of all drugs of all schedules.
    schedules : tuple of PrescribedSchedule
    exposures : tuple of str
        A line for each drug: its kind, its numbers and their basis.
    warnings : tuple of str
        What is assumed because of the doses that the calibration was made with.
    """

    calibration: Calibration
    schedules: tuple[PrescribedSchedule, ...]
    exposures: tuple[str, ...]
    warnings: tuple[str, ...]


def clinical_candidates(
    calibration: Calibration,
    wanted: Sequence[ClinicalSchedule],
    patient: Patient | None = None,
    *,
    drugs: Iterable[tuple[str, str]] = (),
    choice: ExposureChoice | None = None,
    seed: int = 0,
) -> ClinicalCandidates:
    """Bring clinical schedules to a calibration.

    What a calibration says of a drug holds for the exposures that it was made with. So a drug that it was given in full
    doses (`relative`) stays so: doses in mg become shares of the full dose, and a warning says it. Of a drug that it
    never saw nothing depends on the kind, so it gets the one that suits it.

    Parameters
    ----------
    calibration : Calibration
    wanted : sequence of ClinicalSchedule
    patient : Patient, optional
        A typical one of the model's species if None.
    drugs : iterable of (str, str)
        Drug of a schedule, and the drug of the library that it is.
    choice : ExposureChoice, optional
        A kind that is chosen here is no longer decided.
    seed : int
        Of draws from the priors of new parameters.

    Raises
    ------
    InputError
        A drug that the model has no place for, or a kind that is not the one the calibration was made with.
    """
    model, called, choice = calibration.model, tuple(drugs), choice or ExposureChoice()
    doses = [dose for each in wanted for dose in known_doses(each.doses, model.species, called)]
    names = list(dict.fromkeys(dose.drug for dose in doses))
    held = dict.fromkeys(relative_drugs(calibration, names), RELATIVE)
    choice = replace(choice, kinds=held | dict(choice.kinds))
    found = prescribe(wanted, model, patient, choice, called)
    shares = [name for name in held if choice.kinds[name] == RELATIVE and _has_unit(name, doses)]
    warnings = (_warning(shares, calibration),) if shares else ()
    return ClinicalCandidates(with_model(calibration, found.model, seed), found.schedules, found.exposures, warnings)


def relative_drugs(calibration: Calibration, names: Iterable[str]) -> tuple[str, ...]:
    """Drugs of the library that must be `relative`, as the calibration was given that, or share a place with such."""
    model = calibration.model
    acts_as = {name: targets(find_drug(name, model.species), model) for name in names}
    given = {model.drug(dose.drug).name for dose in calibration.schedule.doses if dose.dose > 0}
    places = {drug.name for drug in model.drugs if drug.name in given and _is_plain(drug)}
    while True:
        held = [name for name, drugs in acts_as.items() if any(drug.name in places for drug in drugs)]
        more = {drug.name for name in held for drug in acts_as[name]} - places
        if not more:
            return tuple(held)
        places |= more


def _is_plain(drug: Drug) -> bool:
    return drug.exposure.own == RELATIVE and not drug.exposure.agents


def _has_unit(name: str, doses: Iterable[ClinicalDose]) -> bool:
    return any(dose.drug == name and not dose.is_relative for dose in doses)


def _warning(names: Iterable[str], calibration: Calibration) -> str:
    model = calibration.model
    given = dict.fromkeys(model.drug(dose.drug).name for dose in calibration.schedule.doses if dose.dose > 0)
    full = [find_drug(name, model.species) for name in names]
    ones = ", ".join(f"{dose_text(drug.full_dose.size, drug.full_dose.unit)} of {drug.name}" for drug in full)
    return (
        f"The calibration was made with full doses of {' and '.join(given)}, so doses in units count as shares of full "
        f"doses here ({ones}) and fade at the calibration's rates, not by their own kinetics (assumed); calibrate "
        "with doses in units to follow exposures."
    )
