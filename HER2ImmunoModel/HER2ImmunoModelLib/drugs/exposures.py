"""What doses make of concentrations: peak, trough and area of every dose, and what a full dose makes of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .compartments import HOURS_A_DAY, Course, Infusions, amount_factor, linear_course, patients_of
from .drug import Amount, ClinicalDrug
from .individuals import LITRES_A_DAY, OF_UNIT, covariates_of, individual, typical_patient
from .kinetics import Kinetics
from .patients import Patient, calvert_mg
from .saturable import saturable_course
from .uptake import uptake_course

TO_INFINITY_DAYS = {"slow": 365.0, "uptake": 42.0}
"""So long after a single dose nothing is left that counts."""
FIRST_POINT_DAY = 0.1 / HOURS_A_DAY
POINTS_AN_INFUSION, POINTS_A_DOSE = 9, 48
"""Points of a curve during and after each infusion; those after it are further and further apart."""


@dataclass(frozen=True)
class DoseExposure:
    """One dose and what is in the plasma until the next.

    Attributes
    ----------
    day : float
    dose_mg : float
    peak : float
        At the end of the infusion.
    trough : float
        Just before the next dose.
    auc : float
    """

    day: float
    dose_mg: float
    peak: float
    trough: float
    auc: float


@dataclass(frozen=True)
class Exposure:
    """Exposure to one drug, dose by dose.

    Attributes
    ----------
    drug, set_name : str
    unit, auc_unit : str
        Of peak and trough; of the areas.
    doses : tuple of DoseExposure
        In order of day.
    assumed : mapping of str to float
        Numbers of the patient that were assumed.
    """

    drug: str
    set_name: str
    unit: str
    auc_unit: str
    doses: tuple[DoseExposure, ...]
    assumed: Mapping[str, float]

    @property
    def accumulation(self) -> dict[str, float] | None:
        """Peak, trough and area of the last dose over those of the first.

        None where they are not of one size, or where nothing of the first was left.
        """
        first, last = self.doses[0], self.doses[-1]
        if len(self.doses) < 2 or not math.isclose(first.dose_mg, last.dose_mg) or first.trough == 0:
            return None
        return {name: getattr(last, name) / getattr(first, name) for name in ("peak", "trough", "auc")}


@dataclass(frozen=True, eq=False)
class Curve:
    """The concentration of one drug over days.

    Attributes
    ----------
    drug, label, unit : str
    day, concentration : array (points,)
    """

    drug: str
    label: str
    unit: str
    day: np.ndarray
    concentration: np.ndarray


def course_of(kinetics: Kinetics, given: Infusions, day) -> Course:
    """Concentration and area under it, for one patient or a batch.

    Parameters
    ----------
    kinetics : Kinetics
        Its numbers may be arrays (patients,).
    given : Infusions
    day : array (days,)

    Returns
    -------
    Course
        Linear kinetics exactly, others integrated.
    """
    day = np.atleast_1d(np.asarray(day, dtype=float))
    if kinetics.is_linear:
        return linear_course(kinetics, given, day)
    if kinetics.uptake is None:
        return saturable_course(kinetics, given, day)
    return uptake_course(kinetics, given, day)


def exposures(kinetics: Kinetics, given: Infusions, last_interval: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Peak, trough and area (per day) of every dose, arrays (patients, doses).

    Parameters
    ----------
    kinetics : Kinetics
    given : Infusions
        In order of day, one a day.
    last_interval : float
        Days from the last dose to the next that would come.
    """
    if (np.diff(given.day) <= 0).any():
        raise InputError("Two doses of a drug fall on one day, or are out of order; sort them and add those of a day.")
    ends = np.append(given.day[1:], given.day[-1:] + last_interval)
    day = np.unique(np.concatenate([given.day, given.ends, ends]))
    course = course_of(kinetics, given, day)
    start, top, stop = (np.searchsorted(day, wanted) for wanted in (given.day, given.ends, ends))
    # On the day of a bolus the course stands after it.
    amounts = given.of_patients(patients_of(kinetics)) * amount_factor(kinetics) * (given.hours == 0)
    added = np.pad(amounts[:, 1:], ((0, 0), (0, 1))) / np.reshape(kinetics.volume, (-1, 1))
    trough = np.maximum(course.concentration[:, stop] - added, 0.0)
    return course.concentration[:, top], trough, course.area[:, stop] - course.area[:, start]


def exposure_of(
    drug: ClinicalDrug, doses_mg: Sequence[tuple[float, float]], patient: Patient, set_name: str = ""
) -> Exposure:
    """Exposure of a patient to a drug.

    Parameters
    ----------
    drug : ClinicalDrug
    doses_mg : sequence of (float, float)
        Day and mg of each dose, in any order; doses of one day are added.
    patient : Patient
    set_name : str
        Parameter set; the drug's first without a name.

    Returns
    -------
    Exposure
        Over the interval to the next dose; of the last dose as long as the interval before, or that of the plan. Areas
        in mg day/L for antibodies and conjugates, in mg min/mL where doses are AUCs, else in mg h/L (umol h/L).

    Raises
    ------
    InputError
        An unknown set, or a drug without known kinetics.
    """
    kinetics = individual(drug, patient, set_name)
    given = infusions_of(drug, doses_mg, patient)
    last = _last_interval(drug, given, patient)
    peak, trough, area = (values[0] for values in exposures(kinetics, given, last))
    factor, unit = _area_unit(drug, kinetics)
    rows = zip(given.day, given.mg, peak, trough, area * factor, strict=True)
    return Exposure(
        drug=drug.name,
        set_name=drug.set_named(set_name).name,
        unit=kinetics.unit,
        auc_unit=unit,
        doses=tuple(DoseExposure(*map(float, row)) for row in rows),
        assumed=patient.assumed(covariates_of(drug, set_name)),
    )


def curve_of(
    drug: ClinicalDrug, doses_mg: Sequence[tuple[float, float]], patient: Patient, set_name: str = ""
) -> Curve:
    """The concentration at days that show every rise and fall; arguments and errors as `exposure_of`."""
    kinetics = individual(drug, patient, set_name)
    given = infusions_of(drug, doses_mg, patient)
    ends = np.append(given.day[1:], given.day[-1] + _last_interval(drug, given, patient))
    days = [ends]
    for start, stop, end in zip(given.day, given.ends, ends, strict=True):
        days.append(np.linspace(start, stop, POINTS_AN_INFUSION))
        days.append(stop + np.geomspace(FIRST_POINT_DAY, max(end - stop, 2 * FIRST_POINT_DAY), POINTS_A_DOSE))
    day = np.unique(np.round(np.concatenate(days), 9))
    day = day[day <= ends[-1]]
    return Curve(drug.name, drug.label, kinetics.unit, day, course_of(kinetics, given, day).concentration[0])


def infusions_of(drug: ClinicalDrug, doses_mg: Sequence[tuple[float, float]], patient: Patient) -> Infusions:
    """Doses of a day added, in order, as infusions as long as the plan of such a dose says."""
    sums: dict[float, float] = {}
    for day, mg in doses_mg:
        sums[day] = sums.get(day, 0.0) + mg
    days = sorted(sums)
    if not days:
        raise InputError(f"There is no dose of {drug.label}; name its day and size.")
    plans = [plan_of(drug, sums[day], patient).infusion_h for day in days]
    hours = [plan[min(number, 1)] for number, plan in enumerate(plans)]
    for day, lasting, following in zip(days, hours, days[1:], strict=False):
        if day + lasting / HOURS_A_DAY > following:
            raise InputError(
                f"The infusion of {drug.label} of day {day:g} lasts {lasting:g} h, so it still runs when that of day "
                f"{following:g} begins; give doses further apart, or as one."
            )
    return Infusions(days, [sums[day] for day in days], hours)


def plan_of(drug: ClinicalDrug, mg: float, patient: Patient):
    """The plan of a drug whose dose is nearest to one of so many mg."""
    return min(drug.plans, key=lambda plan: abs(math.log(max(mg, 1e-9) / mg_of(plan.dose, patient))))


def _last_interval(drug: ClinicalDrug, given: Infusions, patient: Patient) -> float:
    if given.day.size > 1:
        return float(given.day[-1] - given.day[-2])
    return plan_of(drug, given.mg[-1], patient).every_days


def mg_of(amount: Amount, patient: Patient) -> float:
    """mg of a dose in a patient, assumed numbers included."""
    if amount.unit == "AUC":
        return calvert_mg(amount.size, patient.value("gfr_ml_per_min"))
    return amount.size * (patient.value(OF_UNIT[amount.unit]) if amount.unit in OF_UNIT else 1.0)


def reference_concentration(drug: ClinicalDrug) -> float:
    """C_ref: a full dose over V1, of the typical patient; in mg/L or the unit of the kinetics."""
    kinetics = drug.set_named().kinetics
    return mg_of(drug.full_dose, typical_patient(drug)) * amount_factor(kinetics) / kinetics.volume


def reference_auc(drug: ClinicalDrug) -> float:
    """AUC_ref: area of a full dose in the typical patient; mg h/L or umol h/L."""
    patient = typical_patient(drug)
    return auc_of_dose(drug, mg_of(drug.full_dose, patient), patient)


def auc_of_dose(drug: ClinicalDrug, mg: float, patient: Patient, set_name: str = "") -> float:
    """Area under all of the concentrations after a single dose; mg h/L, or umol h/L for paclitaxel.

    Errors as `exposure_of`.
    """
    return float(areas_of_dose(drug, individual(drug, patient, set_name), mg, patient)[0])


def areas_of_dose(drug: ClinicalDrug, kinetics: Kinetics, mg, patient: Patient) -> np.ndarray:
    """The same of a batch of patients, array (patients,); mg a number or array (patients,)."""
    mg = np.broadcast_to(np.asarray(mg, dtype=float), (patients_of(kinetics),))
    if kinetics.is_linear:
        return mg * amount_factor(kinetics) / kinetics.clearance * HOURS_A_DAY
    hours = plan_of(drug, float(np.median(mg)), patient).infusion_h[0]
    end = TO_INFINITY_DAYS["slow" if kinetics.uptake is None else "uptake"]
    course = course_of(kinetics, Infusions([0.0], mg[:, None], [hours]), [end])
    return course.area[:, 0] * HOURS_A_DAY


def pulse_weight(drug: ClinicalDrug, mg: float) -> float:
    """AUC over AUC_ref of a dose in the typical patient: how many full doses it counts as."""
    patient = typical_patient(drug)
    share = mg / mg_of(drug.full_dose, patient)
    if drug.auc_power is not None:
        return share**drug.auc_power
    if not drug.sets or drug.sets[0].kinetics.is_linear:
        return share
    return auc_of_dose(drug, mg, patient) / reference_auc(drug)


def _area_unit(drug: ClinicalDrug, kinetics: Kinetics) -> tuple[float, str]:
    if drug.units[0] == "AUC":
        return LITRES_A_DAY, "mg min/mL"
    return (HOURS_A_DAY, kinetics.unit.replace("/", " h/")) if drug.is_cytotoxic else (1.0, "mg day/L")
