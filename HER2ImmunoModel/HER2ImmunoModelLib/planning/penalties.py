"""What a schedule costs the patient: neutrophils, heart, visits, time to surgery; and what each weighs in a ranking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..drugs.patients import Patient
from ..limits.clinical_history import History
from ..limits.heart import cardiotoxic, forecast_heart
from ..limits.heart_failure import cumulative_doses, failure_risk
from ..limits.neutrophils import forecast_neutrophils, myelotoxic
from ..limits.over_patients import NoForecast
from ..models.model import Model
from ..treatments.clinical_doses import ResolvedDose, resolve
from ..treatments.clinical_tables import ClinicalSchedule
from ..treatments.prescriptions import PrescribedSchedule, known_doses, library_name, resolved_doses
from ..treatments.schedule import Schedule

SURGERY_DAYS = 28.0
"""From the last dose to surgery (assumed)."""
DAYS_A_WEEK = 7.0
PATIENTS = 200
"""Patients over whom neutrophils are predicted: the expected days are within a tenth of those of many more."""
MOST_BURDENS = 20
"""Schedules whose burdens are shown without being asked for: neutrophils take a fifth of a second each."""
PARTS = {
    "neutrophils": "days_below",
    "heart": "heart",
    "failure": "failure",
    "visits": "visits",
    "weeks": "weeks",
}
"""Short names of what can weigh, and the fields of `Weights`."""
WORDS = {
    "days_below": "days with neutrophils below 0.5",
    "heart": "the chance of a decline of LVEF",
    "failure": "the risk of heart failure",
    "visits": "visits",
    "weeks": "weeks to surgery",
}


@dataclass(frozen=True)
class Burden:
    """What a schedule costs the patient; None where it is not predicted.

    Attributes
    ----------
    days_below : float or None
        Expected days with neutrophils below 0.5e9/L.
    heart : float or None
        Chance that LVEF goes below 45 % or falls by more than 15 points.
    failure : float or None
        Risk of heart failure by the cumulative dose of anthracyclines.
    visits : float
        Days with a dose.
    weeks : float
        From the first dose to surgery.
    reasons : tuple of str
        Sentences that say why something is not predicted, or what a prediction leaves out.
    """

    days_below: float | None
    heart: float | None
    failure: float | None
    visits: float
    weeks: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weights:
    """What each part of a burden adds to the loss of a schedule, in units of the objective; 0 by default.

    Attributes
    ----------
    days_below, visits, weeks : float
        For a day, a visit, a week.
    heart, failure : float
        For certainty.

    Raises
    ------
    InputError
        A weight that is not 0 or more.
    """

    days_below: float = 0.0
    heart: float = 0.0
    failure: float = 0.0
    visits: float = 0.0
    weeks: float = 0.0

    def __post_init__(self):
        for name, words in WORDS.items():
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"The weight of {words} is {value:g}; give a number of 0 or more.")

    @property
    def named(self) -> dict[str, float]:
        """Weights above 0 by their short names."""
        return {name: weight for name, part in PARTS.items() if (weight := getattr(self, part)) > 0}

    def loss(self, burden: Burden, name: str = "") -> float:
        """What a burden adds.

        Raises
        ------
        InputError
            If a part that weighs is not predicted.
        """
        total = 0.0
        for part in fields(self):
            weight, value = getattr(self, part.name), getattr(burden, part.name)
            if weight == 0:
                continue
            if value is None:
                words = WORDS[part.name]
                raise InputError(
                    f"{words[:1].upper()}{words[1:]} cannot weigh in, as {name or 'a schedule'} has no prediction of "
                    f"it: {' '.join(burden.reasons)} Set its weight to 0, or leave the schedule out."
                )
            total += weight * value
        return total


@dataclass(frozen=True)
class Penalties:
    """How burdens of schedules are found and what they weigh.

    Attributes
    ----------
    weights : Weights
    patient : Patient
    history : History
        Doses so far, prior anthracyclines, LVEF at entry, growth factor.
    drugs : tuple of (str, str)
        Drug of the schedules, and the drug of the library that it is.
    prescribed : mapping of str to ClinicalSchedule
        Schedules as they are prescribed, by name, for those whose doses name drugs of a model only.
    model : Model or None
        Whose doses schedules hold; plain numbers of full doses if None.
    """

    weights: Weights = field(default_factory=Weights)
    patient: Patient = field(default_factory=Patient)
    history: History = field(default_factory=History)
    drugs: tuple[tuple[str, str], ...] = ()
    prescribed: Mapping[str, ClinicalSchedule] = field(default_factory=dict)
    model: Model | None = None

    @property
    def weighs(self) -> bool:
        """Whether any part of a burden changes a loss."""
        return self.weights != Weights()

    def wanted(self, schedules: int) -> Penalties | None:
        """Itself, where it weighs or so many schedules are few enough to show their burdens unasked; else None."""
        return self if self.weighs or schedules <= MOST_BURDENS else None

    def told(self) -> dict[str, object]:
        """What burdens and losses depend on, beside the schedules: for a record, and to tell requests apart."""
        return {"weights": self.weights.named} | {
            name: getattr(self, name) for name in ("patient", "history", "drugs", "prescribed")
        }

    def burden(self, schedule: Schedule | ClinicalSchedule, parts: Collection[str] = tuple(WORDS)) -> Burden:
        """The burden of a schedule; a dose in full doses counts as so many full doses of its drug in the library.

        Parameters
        ----------
        schedule : Schedule or ClinicalSchedule
        parts : collection of str
            Of the forecasts `days_below` and `heart`, which take a while, only these are made.
        """
        schedule = self.prescribed.get(schedule.name, schedule)
        history = self.history
        if isinstance(schedule, ClinicalSchedule | PrescribedSchedule) and schedule.growth_factor:
            history = replace(history, growth_factor=True)
        known, unknown = self._resolved(schedule)
        return _burden(tuple(schedule.doses), known, unknown, self.patient, history, parts)

    def added(self, schedules: Sequence[Schedule]) -> np.ndarray:
        """What schedules' burdens add to their losses, array (schedules,); errors as `Weights.loss`."""
        parts = [part.name for part in fields(self.weights) if getattr(self.weights, part.name) > 0]
        return self.losses(schedules, [self.burden(schedule, parts) for schedule in schedules])

    def losses(self, schedules: Sequence[Schedule], burdens: Sequence[Burden]) -> np.ndarray:
        """What each schedule's burden adds to its loss, array (schedules,); errors as `Weights.loss`."""
        pairs = zip(schedules, burdens, strict=True)
        return np.array([self.weights.loss(burden, schedule.name) for schedule, burden in pairs])

    def _resolved(self, schedule: Schedule | ClinicalSchedule) -> tuple[tuple[ResolvedDose, ...], tuple[str, ...]]:
        """Doses of drugs of the library for the patient, and the drugs that it does not have."""
        species = self.patient.species
        if isinstance(schedule, ClinicalSchedule):
            known = resolve(known_doses(schedule.doses, species, self.drugs), self.patient, species)
        else:
            known = resolved_doses(schedule, self.patient, self.drugs, self.model)
        others = schedule.others if isinstance(schedule, PrescribedSchedule) else schedule.doses
        names = dict.fromkeys(dose.drug for dose in others)
        unknown = tuple(name for name in names if library_name(name, species, self.drugs, self.model) is None)
        return tuple(dose for dose in known if dose.amount > 0), unknown


def _burden(
    doses: tuple,
    known: tuple[ResolvedDose, ...],
    unknown: tuple[str, ...],
    patient: Patient,
    history: History,
    parts: Collection[str],
) -> Burden:
    days = sorted({dose.day for dose in doses})
    weeks = (days[-1] + SURGERY_DAYS - days[0]) / DAYS_A_WEEK if days else 0.0
    reason = ""
    if patient.species != "human":
        reason = "Neutrophils and heart are predicted for patients only."
    elif unknown:
        names = " or ".join(unknown)
        reason = f"Neutrophils and heart are not predicted, as the library has no {names}; say which drug it is."
    if reason:
        return Burden(None, None, None, float(len(days)), weeks, (reason,))
    every = (*history.given, *known)
    below, heart, heart_said = None, None, ()
    if "days_below" in parts:
        toxic = _from_zero(known, myelotoxic(known))
        below = _days_below(toxic, patient, history.growth_factor) if toxic else 0.0
    if "heart" in parts:
        heart, heart_said = _heart(every, patient, history)
    prior = {"doxorubicin": history.prior_doxorubicin_mg_per_m2, "epirubicin": history.prior_epirubicin_mg_per_m2}
    blood_said = (below.reason,) if isinstance(below, NoForecast) else ()
    return Burden(
        None if isinstance(below, NoForecast) else below,
        heart,
        failure_risk(cumulative_doses(every, patient, prior)),
        float(len(days)),
        weeks,
        (*blood_said, *heart_said),
    )


def _from_zero(doses: tuple[ResolvedDose, ...], drugs: tuple[str, ...]) -> tuple[ResolvedDose, ...]:
    """Doses of some drugs from day 0 on, so that schedules that differ in the others or only begin later share them."""
    some = [dose for dose in doses if dose.drug in drugs]
    first = min((dose.day for dose in some), default=0.0)
    return tuple(replace(dose, day=dose.day - first, said="") for dose in some)


@lru_cache(maxsize=1024)
def _days_below(doses: tuple[ResolvedDose, ...], patient: Patient, growth_factor: bool) -> float | NoForecast:
    found = forecast_neutrophils(doses, patient, growth_factor=growth_factor, patients=PATIENTS)
    return found if isinstance(found, NoForecast) else found.expected_days_below


def _heart(doses: tuple[ResolvedDose, ...], patient: Patient, history: History) -> tuple[float | None, tuple[str, ...]]:
    """Chance of a decline of LVEF, and what must be said of it."""
    toxic = cardiotoxic(doses)
    if toxic and (history.prior_doxorubicin_mg_per_m2 or history.prior_epirubicin_mg_per_m2):
        return None, ("LVEF is not predicted after an earlier anthracycline, as the model would need its days.",)
    return _heart_chance(_from_zero(doses, toxic), patient, history.baseline_lvef)


@lru_cache(maxsize=1024)
def _heart_chance(
    doses: tuple[ResolvedDose, ...], patient: Patient, lvef: float | None
) -> tuple[float | None, tuple[str, ...]]:
    found = forecast_heart(doses, patient, measured_lvef=lvef)
    return (None, (found.reason,)) if isinstance(found, NoForecast) else (found.chance, found.remarks)
