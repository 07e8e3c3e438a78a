"""The heart under anthracyclines and trastuzumab: troponin and LVEF over patients.

De Vries Schultink et al., J Pharmacokinet Pharmacodyn 2018;45:431 (206 patients, anthracycline then trastuzumab):
`dA = dose - kel A`, troponin T = TnT0 (1 + slope A); `dCe = C - ln 2/t_half Ce`, `LVEF = LVEF0 (1 - Ce/(Ce + EC50))`,
`EC50 = 2.18e5 (TnTmax/18)^-1.16`, C that of trastuzumab.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..drugs.drug import PAPER, Basis, ClinicalDrug
from ..drugs.exposures import course_of, infusions_of
from ..drugs.individuals import individual
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..treatments.clinical_doses import ResolvedDose
from .clinical_history import check_measured
from .over_patients import NoForecast, OverPatients, log_variance, over_patients

SOURCE = Basis(PAPER, "de Vries Schultink et al., J Pharmacokinet Pharmacodyn 2018;45:431")
TROPONIN, TROPONIN_SLOPE, ANTHRACYCLINE_LOSS = 4.72, 0.00884, 0.00849
"""ng/L, 1/mg and 1/day, of doxorubicin."""
DOXORUBICIN_SHARE = {"doxorubicin": 1.0, "epirubicin": 0.524}
"""What a mg of an anthracycline does to troponin, over a mg of doxorubicin."""
RECOVERY_DAYS, LVEF_START = 67.9, 59.9
EC50, EC50_TROPONIN, EC50_POWER = 2.18e5, 18.0, -1.16
"""mg day/L, ng/L."""
PERCENTS = {"troponin": 39.2, "troponin_slope": 57.7, "lvef": 7.07, "ec50": 82.9}
"""Coefficients of variation between patients, table 2 of the paper."""
CORRELATION = 0.585
"""Between the etas of LVEF0 and EC50."""
RESIDUAL = 0.078
"""Of one measured LVEF, as a share of it."""
LOW_LVEF, LARGEST_FALL = 45.0, 15.0
"""A relevant decline: below 45 % or by more than 15 points, as the paper counts it."""
MEASURED_EVERY_DAYS = 84.0
"""Three-monthly, as the labels ask for."""
TRASTUZUMAB = "trastuzumab"
AFTER_DAYS, STEP_DAYS = 28.0, 0.5
"""Days followed after the last dose, and between the values of a course."""
PATIENTS = 2000


@dataclass(frozen=True, eq=False)
class HeartForecast:
    """LVEF of a schedule over patients.

    Attributes
    ----------
    day : array (days,)
    lvef : array (patients, days)
        In per cent.
    typical : array (days,)
        Of the typical patient.
    troponin_max : float
        Highest troponin T of the typical patient, ng/L.
    fall : OverPatients
        Largest fall from the start, points.
    chance : float
        Share of patients whose LVEF goes below 45 % or falls by more than 15 points.
    chance_measured : float
        Share in whom one of the three-monthly measurements, with its error and that of the first, shows it.
    remarks : tuple of str
        What the model does not know of this schedule.
    """

    day: np.ndarray
    lvef: np.ndarray
    typical: np.ndarray
    troponin_max: float
    fall: OverPatients
    chance: float
    chance_measured: float
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Hearts:
    """Parameters of each patient, arrays (patients,): TnT0 (ng/L), its slope (1/mg), LVEF0 (%) and EC50 (mg day/L)."""

    troponin: np.ndarray
    troponin_slope: np.ndarray
    lvef: np.ndarray
    ec50: np.ndarray


def draw_hearts(patients: int, seed: int, measured_lvef: float | None = None) -> Hearts:
    """Patients as the paper's; LVEF0 and EC50 follow one who was measured.

    Raises
    ------
    InputError
        If the measured LVEF is none.
    """
    noise = np.random.default_rng(seed).standard_normal((4, patients))
    spread = {name: math.sqrt(log_variance(percent)) for name, percent in PERCENTS.items()}
    start = spread["lvef"] * noise[2]
    if measured_lvef is not None:
        check_measured("lvef", measured_lvef)
        weight = spread["lvef"] ** 2 / (spread["lvef"] ** 2 + RESIDUAL**2)
        start = weight * math.log(measured_lvef / LVEF_START) + math.sqrt(1.0 - weight) * start
    given = CORRELATION * start / spread["lvef"]
    sensitivity = spread["ec50"] * (given + math.sqrt(1.0 - CORRELATION**2) * noise[3])
    return Hearts(
        TROPONIN * np.exp(spread["troponin"] * noise[0]),
        TROPONIN_SLOPE * np.exp(spread["troponin_slope"] * noise[1]),
        LVEF_START * np.exp(start),
        EC50 * np.exp(sensitivity),
    )


TYPICAL = Hearts(*(np.array([value]) for value in (TROPONIN, TROPONIN_SLOPE, LVEF_START, EC50)))


def troponin_max(hearts: Hearts, doses: Sequence[ResolvedDose]) -> np.ndarray:
    """Highest troponin T (ng/L) under the anthracyclines of a schedule, array (patients,)."""
    given = sorted(
        (dose.day, DOXORUBICIN_SHARE[dose.drug] * dose.mg) for dose in doses if dose.drug in DOXORUBICIN_SHARE
    )
    left, most, last = 0.0, 0.0, 0.0
    for day, mg in given:
        left = left * math.exp(-ANTHRACYCLINE_LOSS * (day - last)) + mg
        most, last = max(most, left), day
    return hearts.troponin * (1.0 + hearts.troponin_slope * most)


def lvef_course(hearts: Hearts, troponin: np.ndarray, day: np.ndarray, concentration: np.ndarray) -> np.ndarray:
    """LVEF (%) of each patient, array (patients, days).

    Parameters
    ----------
    hearts : Hearts
    troponin : array (patients,)
        Highest troponin T, ng/L.
    day : array (days,)
        Increasing, a day or less apart.
    concentration : array (days,)
        Of trastuzumab, mg/L.
    """
    loss, effect = math.log(2.0) / RECOVERY_DAYS, np.zeros(day.size)
    for k, step in enumerate(np.diff(day).tolist()):
        kept = math.exp(-loss * step)
        effect[k + 1] = kept * effect[k] + 0.5 * step * (kept * concentration[k] + concentration[k + 1])
    half = hearts.ec50 * (troponin / EC50_TROPONIN) ** EC50_POWER
    return hearts.lvef[:, None] * (half[:, None] / (effect + half[:, None]))


def forecast_heart(
    doses: Sequence[ResolvedDose],
    patient: Patient | None = None,
    *,
    patients: int = PATIENTS,
    seed: int = 0,
    measured_lvef: float | None = None,
) -> HeartForecast | NoForecast:
    """LVEF over patients under the trastuzumab and the anthracyclines of a schedule.

    Parameters
    ----------
    doses : sequence of ResolvedDose
    patient : Patient, optional
        Whose trastuzumab all of them have; the paper has no spread of it.
    patients, seed : int
    measured_lvef : float, optional
        Of the patient before treatment, per cent.

    Returns
    -------
    HeartForecast or NoForecast
        The second for a conjugate, and for an anthracycline without trastuzumab, as the model knows of neither.

    Raises
    ------
    InputError
        If the measured LVEF is none.
    """
    hearts = draw_hearts(patients, seed, measured_lvef)
    given = tuple(dose for dose in doses if dose.amount > 0)
    drugs = {dose.drug: find_drug(dose.drug) for dose in given}
    if reason := _unknown(drugs):
        return NoForecast(reason)
    day = _days(given)
    concentration = _trastuzumab(given, patient or Patient(), day)
    lvef = lvef_course(hearts, troponin_max(hearts, given), day, concentration)
    peak = troponin_max(TYPICAL, given)
    fall = lvef[:, :1] - lvef
    harmed = ((lvef < LOW_LVEF) | (fall > LARGEST_FALL)).any(axis=1)
    return HeartForecast(
        day,
        lvef,
        lvef_course(TYPICAL, peak, day, concentration)[0],
        float(peak[0]),
        over_patients(fall.max(axis=1)),
        float(harmed.mean()),
        _measured(lvef, day, seed),
        tuple(_remarks(drugs)),
    )


def cardiotoxic(doses: Iterable[ResolvedDose]) -> tuple[str, ...]:
    """Drugs of a schedule that the prediction depends on: trastuzumab, anthracyclines and conjugates."""
    named = dict.fromkeys(dose.drug for dose in doses if dose.amount > 0)
    kinds = ("anthracycline", "conjugate")
    return tuple(name for name in named if name == TRASTUZUMAB or find_drug(name).kind in kinds)


def _unknown(drugs: Mapping[str, ClinicalDrug]) -> str:
    """Why there is no prediction for these drugs; empty where there is one."""
    conjugates = [drug.label for drug in drugs.values() if drug.kind == "conjugate"]
    if conjugates:
        return f"LVEF is not predicted, as no model is confirmed for {' and '.join(conjugates)}."
    anthracyclines = [name for name in drugs if name in DOXORUBICIN_SHARE]
    if anthracyclines and TRASTUZUMAB not in drugs:
        return f"LVEF is not predicted for {' and '.join(anthracyclines)} without trastuzumab; see the dose's own risk."
    return ""


def _remarks(drugs: Mapping[str, ClinicalDrug]) -> Iterator[str]:
    others = [drug.label for name, drug in drugs.items() if drug.is_anti_her2 and name != TRASTUZUMAB]
    if others:
        yield f"The heart's model knows of trastuzumab only; what {' and '.join(others)} adds is not in it."
    if TRASTUZUMAB in drugs and not set(drugs) & set(DOXORUBICIN_SHARE):
        yield "Every patient of the heart's model had an anthracycline; without one it is extrapolated."


def _days(doses: Sequence[ResolvedDose]) -> np.ndarray:
    first = min((dose.day for dose in doses), default=0.0)
    last = max((dose.day for dose in doses), default=0.0) + AFTER_DAYS
    return np.append(np.arange(first, last, STEP_DAYS), last)


def _trastuzumab(doses: Sequence[ResolvedDose], patient: Patient, day: np.ndarray) -> np.ndarray:
    """Concentration of trastuzumab in the patient (mg/L), array (days,)."""
    mg = sorted((dose.day, dose.mg) for dose in doses if dose.drug == TRASTUZUMAB)
    if not mg:
        return np.zeros(day.size)
    drug = find_drug(TRASTUZUMAB)
    return course_of(individual(drug, patient), infusions_of(drug, mg, patient), day).concentration[0]


def _measured(lvef: np.ndarray, day: np.ndarray, seed: int) -> float:
    """Share of patients in whom three-monthly measurements show a relevant decline."""
    when = np.searchsorted(day, np.arange(day[0], day[-1] + MEASURED_EVERY_DAYS, MEASURED_EVERY_DAYS))
    when = np.unique(np.minimum(when, day.size - 1))
    error = 1.0 + RESIDUAL * np.random.default_rng((seed, 1)).standard_normal((lvef.shape[0], when.size))
    seen = lvef[:, when] * error
    later = seen[:, 1:]
    return float(((later < LOW_LVEF) | (seen[:, :1] - later > LARGEST_FALL)).any(axis=1).mean())
