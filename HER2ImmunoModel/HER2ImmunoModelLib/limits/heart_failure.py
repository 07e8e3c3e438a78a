"""Risk of heart failure by the cumulative dose of anthracyclines, from the drug labels."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.drug import ASSUMED, LABEL, Basis
from ..drugs.patients import Patient
from ..treatments.clinical_doses import ResolvedDose

FAILURE = {
    "doxorubicin": ((300.0, 0.015), (400.0, 0.04), (450.0, 0.065), (500.0, 0.13)),
    "epirubicin": ((550.0, 0.009), (700.0, 0.016), (900.0, 0.033)),
}
"""Cumulative dose (mg/m2) and risk of heart failure; of doxorubicin the middles of the label's ranges."""
FAILURE_BASIS = {"between": Basis(LABEL, "doxorubicin and epirubicin"), "outside": Basis(ASSUMED)}
EPIRUBICIN_AS_DOXORUBICIN = 0.5
"""mg/m2 of doxorubicin for one of epirubicin where both are given (assumed; the troponin ratio is .524)."""


def cumulative_doses(
    doses: Sequence[ResolvedDose], patient: Patient | None = None, prior_mg_per_m2: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Cumulative dose of each anthracycline (mg/m2) of a schedule, with those given before it.

    Parameters
    ----------
    doses : sequence of ResolvedDose
    patient : Patient, optional
        Whose surface the doses are divided by.
    prior_mg_per_m2 : mapping of str to float, optional
        Given before the schedule.
    """
    surface = (patient or Patient()).value("bsa_m2")
    total = dict.fromkeys(FAILURE, 0.0) | dict(prior_mg_per_m2 or {})
    for dose in doses:
        if dose.drug in FAILURE:
            total[dose.drug] += dose.mg / surface
    return total


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
    after = min(bisect_left(at, dose), len(points) - 1)
    slope = math.log(risk[after] / risk[after - 1]) / (at[after] - at[after - 1])
    return min(1.0, risk[after] * math.exp(slope * (dose - at[after])))
