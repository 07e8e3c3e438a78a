"""The heart under anthracyclines and trastuzumab: troponin, LVEF over patients, and the anthracycline's risk of failure.

De Vries Schultink et al., J Pharmacokinet Pharmacodyn 2018;45:431 (206 patients, anthracycline then trastuzumab):
`dA = dose - kel A`, troponin T = TnT0 (1 + slope A); `dCe = C - ln 2/t_half Ce`, `LVEF = LVEF0 (1 - Ce/(Ce + EC50))`,
`EC50 = 2.18e5 (TnTmax/18)^-1.16`, C that of trastuzumab.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .drug import ASSUMED, LABEL, PAPER, Basis
from .over_patients import OverPatients, log_variance, over_patients

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
LOW_LVEF, LARGE_FALL = 45.0, 15.0
"""A relevant decline: below 45 % or by more than 15 points, as the paper counts it."""
MEASURED_EVERY_DAYS = 84.0
"""Three-monthly, as the labels ask for."""

FAILURE = {
    "doxorubicin": ((300.0, 0.015), (400.0, 0.04), (450.0, 0.065), (500.0, 0.13)),
    "epirubicin": ((550.0, 0.009), (700.0, 0.016), (900.0, 0.033)),
}
"""Cumulative dose (mg/m2) and risk of heart failure; of doxorubicin the middles of the label's ranges."""
FAILURE_BASIS = {"between": Basis(LABEL, "doxorubicin and epirubicin"), "outside": Basis(ASSUMED)}
EPIRUBICIN_AS_DOXORUBICIN = 0.5
"""mg/m2 of doxorubicin for one of epirubicin where both are given (assumed; the troponin ratio is .524)."""


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
        if not 10.0 <= measured_lvef <= 90.0:
            raise InputError(f"The measured LVEF is {measured_lvef:g}; give a percentage from 10 to 90.")
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


def troponin_max(hearts: Hearts, doses: Sequence[tuple[str, float, float]]) -> np.ndarray:
    """Highest troponin T (ng/L) under anthracyclines, array (patients,).

    Parameters
    ----------
    hearts : Hearts
    doses : sequence of (str, float, float)
        Drug, day and mg; others than anthracyclines do not count.
    """
    given = sorted((day, DOXORUBICIN_SHARE[drug] * mg) for drug, day, mg in doses if drug in DOXORUBICIN_SHARE)
    left = [sum(mg * math.exp(-ANTHRACYCLINE_LOSS * (day - then)) for then, mg in given if then <= day) for day, _ in given]
    return hearts.troponin * (1.0 + hearts.troponin_slope * max(left, default=0.0))


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
    doses: Sequence[tuple[str, float, float]],
    day: np.ndarray,
    concentration: np.ndarray,
    *,
    patients: int = 2000,
    seed: int = 0,
    measured_lvef: float | None = None,
    remarks: Sequence[str] = (),
) -> HeartForecast:
    """LVEF over patients under a course of trastuzumab and the anthracyclines of a schedule.

    Parameters
    ----------
    doses : sequence of (str, float, float)
        Drug, day and mg of every dose.
    day, concentration : array (days,)
        Trastuzumab of the typical patient (mg/L); the paper has no spread of it.
    patients, seed : int
    measured_lvef : float, optional
        Of the patient before treatment, per cent.
    remarks : sequence of str
    """
    hearts = draw_hearts(patients, seed, measured_lvef)
    lvef = lvef_course(hearts, troponin_max(hearts, doses), day, concentration)
    peak = troponin_max(TYPICAL, doses)
    fall = lvef[:, :1] - lvef
    harmed = ((lvef < LOW_LVEF) | (fall > LARGE_FALL)).any(axis=1)
    return HeartForecast(
        day,
        lvef,
        lvef_course(TYPICAL, peak, day, concentration)[0],
        float(peak[0]),
        over_patients(fall.max(axis=1)),
        float(harmed.mean()),
        _measured(lvef, day, seed),
        tuple(remarks),
    )


def _measured(lvef: np.ndarray, day: np.ndarray, seed: int) -> float:
    """Share of patients in whom three-monthly measurements show a relevant decline."""
    when = np.searchsorted(day, np.arange(day[0], day[-1] + MEASURED_EVERY_DAYS, MEASURED_EVERY_DAYS))
    when = np.unique(np.minimum(when, day.size - 1))
    error = 1.0 + RESIDUAL * np.random.default_rng((seed, 1)).standard_normal((lvef.shape[0], when.size))
    seen = lvef[:, when] * error
    later = seen[:, 1:]
    return float(((later < LOW_LVEF) | (seen[:, :1] - later > LARGE_FALL)).any(axis=1).mean())


def failure_risk(cumulative: Mapping[str, float]) -> float:
    """Risk of heart failure by the cumulative dose of anthracyclines.

    Log-linear between the label's points; a straight line from no dose to the first of them and the last slope beyond
    the last are assumed. Where both are given, epirubicin counts as half of doxorubicin (assumed).

    Parameters
    ----------
    cumulative : mapping of str to float
        `doxorubicin` and `epirubicin`, mg/m2, prior doses included.

    Raises
    ------
    InputError
        A dose that is none, or of another drug.
    """
    for drug, dose in cumulative.items():
        if drug not in FAILURE or not (math.isfinite(dose) and dose >= 0):
            known = " and ".join(FAILURE)
            raise InputError(f"The cumulative dose of {drug} is {dose:g}; give mg/m2 of 0 or more of {known}.")
    doxorubicin, epirubicin = (cumulative.get(drug, 0.0) for drug in FAILURE)
    if doxorubicin and epirubicin:
        return _risk(doxorubicin + EPIRUBICIN_AS_DOXORUBICIN * epirubicin, FAILURE["doxorubicin"])
    return _risk(epirubicin, FAILURE["epirubicin"]) if epirubicin else _risk(doxorubicin, FAILURE["doxorubicin"])


def _risk(dose: float, points: Sequence[tuple[float, float]]) -> float:
    (first, least), *_ = points
    if dose <= first:
        return least * dose / first
    at, risk = zip(*points, strict=True)
    after = min(int(np.searchsorted(at, dose)), len(points) - 1)
    slope = math.log(risk[after] / risk[after - 1]) / (at[after] - at[after - 1])
    return min(1.0, risk[after] * math.exp(slope * (dose - at[after])))
