"""Neutrophils of a schedule over patients: how low, when and for how long; or why there is no prediction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..drugs.compartments import HOURS_A_DAY, Infusions
from ..drugs.exposures import course_of, infusions_of
from ..drugs.individuals import individual, population
from ..drugs.kinetics import Kinetics
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..treatments.clinical_doses import ResolvedDose
from .friberg import Marrow, neutrophils
from .neutrophil_sets import MYELOTOXIC, SETS, NeutrophilSet
from .over_patients import NoForecast, OverPatients, log_variance, over_patients

SEVERE = 0.5
"""Neutrophils (1e9/L) below which infections threaten (grade 4)."""
AFTER_DAYS = 28.0
"""Days followed after the last dose."""
FINE_H, COARSE_H, GROWTH, SETTLED_H = 0.1, 2.0, 1.3, 0.5
"""Steps in hours: during an infusion and `SETTLED_H` after it, long after it, and how fast they grow between."""
PATIENTS = 500


@dataclass(frozen=True, eq=False)
class NeutrophilForecast:
    """Neutrophils of a schedule over patients.

    Attributes
    ----------
    set : NeutrophilSet
    day : array (days,)
    count : array (patients, days)
        1e9/L.
    typical : array (days,)
        Count of the typical patient.
    nadir, nadir_day, days_below : OverPatients
        Lowest count (1e9/L), its day, and days below `SEVERE`.
    expected_days_below : float
        Mean over the patients.
    """

    set: NeutrophilSet
    day: np.ndarray
    count: np.ndarray
    typical: np.ndarray
    nadir: OverPatients
    nadir_day: OverPatients
    days_below: OverPatients
    expected_days_below: float


def myelotoxic(doses: Iterable[ResolvedDose]) -> tuple[str, ...]:
    """Drugs of a schedule that lower neutrophils, in the order in which they are given."""
    named = dict.fromkeys(dose.drug for dose in sorted(doses, key=lambda dose: dose.day) if dose.amount > 0)
    return tuple(name for name in named if find_drug(name).kind in MYELOTOXIC)


def neutrophil_set(doses: Sequence[ResolvedDose], name: str = "", *, growth_factor: bool = False):
    """The parameter set that predicts a schedule; a `NoForecast` with the reason where there is none.

    Parameters
    ----------
    doses : sequence of ResolvedDose
        With a drug that lowers neutrophils.
    name : str
        Of the set, such as `Pu07`; the drug's default without one.
    growth_factor : bool
        Whether growth factor is given.

    Raises
    ------
    InputError
        If the drug has no set of that name.
    """
    drugs = myelotoxic(doses)
    if growth_factor:
        return NoForecast("Neutrophils are not predicted, as no model is confirmed under growth factor.")
    known = {each.drug for each in SETS}
    unknown = [drug for drug in drugs if drug not in known]
    if unknown:
        return NoForecast(f"Neutrophils are not predicted, as no parameters are confirmed for {' and '.join(unknown)}.")
    if len(drugs) != 1:
        return NoForecast(
            f"Neutrophils are not predicted, as no model is confirmed for {' and '.join(drugs)} together."
        )
    sets = [each for each in SETS if each.drug == drugs[0]]
    for each in sets:
        if name in ("", each.name):
            return each
    raise InputError(
        f"There are no parameters {name!r} for neutrophils under {drugs[0]}; choose one of "
        f"{', '.join(each.name for each in sets)}."
    )


def forecast_neutrophils(
    doses: Sequence[ResolvedDose],
    patient: Patient | None = None,
    *,
    set_name: str = "",
    growth_factor: bool = False,
    patients: int = PATIENTS,
    seed: int = 0,
) -> NeutrophilForecast | NoForecast:
    """Neutrophils over patients who differ as those of the publications.

    Parameters
    ----------
    doses : sequence of ResolvedDose
        A schedule with a drug that lowers neutrophils.
    patient : Patient, optional
        Whose covariates all of them have.
    set_name : str
        As `neutrophil_set`.
    growth_factor : bool
    patients, seed : int

    Returns
    -------
    NeutrophilForecast or NoForecast
        The second where no model is confirmed for every drug of the schedule that lowers neutrophils.

    Raises
    ------
    InputError
        No drug that lowers neutrophils, or no such parameters.
    """
    patient = patient or Patient()
    if not myelotoxic(doses):
        raise InputError("No drug of the schedule lowers neutrophils; there is nothing to predict.")
    chosen = neutrophil_set(doses, set_name, growth_factor=growth_factor)
    if isinstance(chosen, NoForecast):
        return chosen
    given = _given(chosen, doses, patient)
    hour = _hours(given)
    typical = neutrophils(_marrow(chosen, patient, 1, None), hour, _area(chosen, patient, given, hour, 1, None))[0]
    rng = np.random.default_rng(seed)
    marrow = _marrow(chosen, patient, patients, rng)
    count = neutrophils(marrow, hour, _area(chosen, patient, given, hour, patients, seed))
    below = days_below(hour / HOURS_A_DAY, count)
    return NeutrophilForecast(
        chosen,
        hour / HOURS_A_DAY,
        count,
        typical,
        over_patients(count.min(axis=1)),
        over_patients(hour[count.argmin(axis=1)] / HOURS_A_DAY),
        over_patients(below),
        float(below.mean()),
    )


def days_below(day: np.ndarray, count: np.ndarray, level: float = SEVERE) -> np.ndarray:
    """Days with a count below a level, array (patients,), the count being straight between days."""
    first, last = count[:, :-1], count[:, 1:]
    low, high = np.minimum(first, last), np.maximum(first, last)
    share = np.clip((level - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    return (np.where(high > low, share, low < level) * np.diff(day)).sum(axis=1)


def _given(chosen: NeutrophilSet, doses: Sequence[ResolvedDose], patient: Patient) -> Infusions:
    mg = sorted((dose.day, dose.mg) for dose in doses if dose.drug == chosen.drug and dose.amount > 0)
    return infusions_of(find_drug(chosen.drug), mg, patient)


def _hours(given: Infusions) -> np.ndarray:
    """Hours of the steps, from the first dose on: fine where a concentration changes fast."""
    start = given.day * HOURS_A_DAY
    ends = np.append(start[1:], start[-1] + AFTER_DAYS * HOURS_A_DAY)
    found = []
    for first, end, lasting in zip(start.tolist(), ends.tolist(), given.hours.tolist(), strict=True):
        at, step = first, FINE_H
        while at < end - 1e-9:
            found.append(at)
            if at - first >= lasting + SETTLED_H:
                step = min(COARSE_H, GROWTH * step)
            at += step
    return np.unique(np.append(found, ends[-1]))


def _marrow(chosen: NeutrophilSet, patient: Patient, patients: int, rng: np.random.Generator | None) -> Marrow:
    eta = np.zeros((3, patients)) if rng is None else rng.standard_normal((3, patients))
    eta = eta * np.sqrt(chosen.variances)[:, None]
    slope = chosen.slope
    age = patient.known("age_years")
    if chosen.from_age is not None and age is not None and age >= chosen.from_age[0]:
        slope *= chosen.from_age[1]
    return Marrow(
        chosen.count * np.exp(eta[0]), chosen.transit_h * np.exp(eta[1]), slope * np.exp(eta[2]), chosen.feedback
    )


def _area(
    chosen: NeutrophilSet, patient: Patient, given: Infusions, hour: np.ndarray, patients: int, seed: int | None
) -> np.ndarray:
    """Area under the concentration up to each hour, array (patients, hours), in its unit times hours."""
    area = course_of(_kinetics(chosen, patient, patients, seed), given, hour / HOURS_A_DAY).area
    return np.broadcast_to(HOURS_A_DAY * area, (patients, hour.size))


def _kinetics(chosen: NeutrophilSet, patient: Patient, patients: int, seed: int | None) -> Kinetics:
    drug = find_drug(chosen.drug)
    if chosen.kinetics is None:
        return individual(drug, patient) if seed is None else population(drug, patients, seed, patient=patient).kinetics
    if seed is None:
        return chosen.kinetics
    eta = np.random.default_rng((seed, 1)).standard_normal(patients)
    spread = np.sqrt(log_variance(chosen.clearance_percent))
    return replace(chosen.kinetics, clearance=chosen.kinetics.clearance * np.exp(spread * eta))
