"""What a live forecast is made from: the calibration of the scene, and planned doses as its model takes them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.provenance import plain

from ..calibration.result import Calibration
from ..findings.calibrate import CalibrateRequest
from ..findings.request import Request
from ..models.choosing_kinds import title_of
from ..models.exposure_kinds import RELATIVE
from ..models.model import Model
from ..planning.clinical_candidates import relative_drugs
from ..planning.courses import HORIZON_DAYS
from ..planning.outlook import LiveInputs
from ..planning.plan import NOT_OF_COHORT
from ..treatments.clinical_doses import ClinicalDose, known_drug
from ..treatments.clinical_tables import ClinicalSchedule
from ..treatments.prescriptions import prescribe
from ..treatments.schedule import Dose, Schedule
from .exposure_choices import exposure_choice
from .inputs import AUTOMATIC, gather_calibrate
from .patients import patient_of
from .publishing import CALIBRATION
from .results import known_calibration

AFTER_LAST_DOSE_DAYS, WHOLE_DAYS = 21.0, 7.0
"""Days that are foretold after the last planned dose, at least; and what they are rounded up to."""
NOT_CALIBRATED = "Calibrate the model, and the time line shows what it expects of planned doses."
OUT_OF_DATE = "The inputs have changed since the calibration; calibrate again to see what the model expects."

Plan = Sequence[ClinicalDose]


def live_inputs(parameters, plans: Sequence[Plan], request: CalibrateRequest | None = None) -> LiveInputs:
    """Read what planned doses are followed with.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    plans : sequence of sequence of ClinicalDose
        Doses after the last visit.
    request : CalibrateRequest, optional
        What `gather_calibrate` read of the same parameter node; read here if None.

    Raises
    ------
    InputError
        What is missing or wrong; no calibration of the present inputs; a drug that the model has no place for.
    """
    request = gather_calibrate(parameters) if request is None else request
    calibration, known = known_calibration(request, parameters.parameterNode), request.calibration_key()
    if calibration is None:
        raise InputError(_why_unknown(parameters, request))
    model, schedules = _as_taken(parameters, request, calibration, plans)
    settings, last = request.settings, max(visit.day for visit in request.measurements)
    span = last, _horizon(parameters, last, plans)
    followed = [known, title_of(model), model.defaults(), request.given.doses, span, settings.draws, settings.seed]
    return LiveInputs(
        calibration,
        model,
        request.given,
        span,
        settings.draws,
        settings.seed,
        schedules,
        json.dumps(plain(followed)),
    )


def _as_taken(
    parameters, request: Request, calibration: Calibration, plans: Sequence[Plan]
) -> tuple[Model, tuple[Schedule, ...]]:
    """The model with the exposures of all drugs that are planned, and the plans in its doses.

    A drug that the calibration was given in full doses stays so, as where regimens are ranked.
    """
    model, is_relative = request.tumour_model, request.exposures is None
    if is_relative and _follows_units(calibration.model):  # an untreated subject among others with doses in units
        model, is_relative = calibration.model, False
    if is_relative and all(dose.is_relative for plan in plans for dose in plan):
        taken = [Schedule(tuple(Dose(each.drug, each.day, each.size) for each in plan)) for plan in plans]
        return model, tuple(each.for_model(model) for each in taken)
    wanted = [ClinicalSchedule(tuple(plan)) for plan in plans]
    names = (known_drug(dose.drug, parameters.species) for plan in plans for dose in plan)
    held = relative_drugs(calibration, dict.fromkeys(filter(None, names)))
    choice = exposure_choice(parameters)
    choice = replace(choice, kinds=dict(choice.kinds) | dict.fromkeys(held, RELATIVE))
    found = prescribe(wanted, model, patient_of(parameters), choice)
    return found.model, tuple(each.for_model(found.model) for each in found.schedules)


def _follows_units(model: Model) -> bool:
    return bool(model.agents) or any(drug.exposure.own != RELATIVE for drug in model.drugs)


def _horizon(parameters, last: float, plans: Sequence[Plan]) -> float:
    """The day that is chosen, or as usual; later where a dose is planned near it or after it."""
    chosen = last + HORIZON_DAYS if parameters.horizonDay == AUTOMATIC else parameters.horizonDay
    doses = max((dose.day for plan in plans for dose in plan), default=last) + AFTER_LAST_DOSE_DAYS
    if doses <= chosen:
        return chosen
    return last + WHOLE_DAYS * math.ceil((doses - last) / WHOLE_DAYS)


def _why_unknown(parameters, request: Request) -> str:
    if request.settings.cohort:
        return NOT_OF_COHORT
    return OUT_OF_DATE if parameters.parameterNode.GetNodeReference(CALIBRATION) else NOT_CALIBRATED
