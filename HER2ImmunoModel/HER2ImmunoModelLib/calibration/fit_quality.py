"""How well a fit follows the numbers it was made from, and a forecast those that were hidden from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .hidden_visits import ForecastCheck, concordance
from .posterior import posterior_of
from .result import Calibration

FITTED, HIDDEN = "fitted", "hidden"


@dataclass(frozen=True)
class Told:
    """One measured number, and what the model says of it.

    Attributes
    ----------
    subject, visit, column : str
    day : float
    of : str
        "fitted", where the fit saw the number, or "hidden".
    measured, said : float
        In the unit of the column; `said` is the model at the mode of the posterior, or the median of the forecast.
    lower, upper : float
        90 % interval of the forecast of a measurement; NaN for a fitted number.
    log_likelihood : float
        Of the number itself: at the mode, or the logarithm of the density that the forecast gave it.
    """

    subject: str
    visit: str
    day: float
    column: str
    of: str
    measured: float
    said: float
    lower: float
    upper: float
    log_likelihood: float


@dataclass(frozen=True)
class Quality:
    """How well numbers are told.

    Attributes
    ----------
    n : int
    ccc : float
        Concordance correlation (Lin, Biometrics 1989;45:255-268).
    r2 : float
        Coefficient of determination, 1 - SSE/SST: share of the variance of the measurements that is told. Below 0 where
        their mean would tell more.
    rmse : float
        Root mean square error in the unit of the column.
    nrmse : float
        The same over the range of the measurements.
    log_likelihood : float
        Sum over the numbers, which are of cm3 and of fractions.

    `ccc`, `r2` and `nrmse` are NaN for fewer than two numbers, or where all are the same.
    """

    n: int
    ccc: float
    r2: float
    rmse: float
    nrmse: float
    log_likelihood: float


@dataclass(frozen=True)
class QualityRow:
    """The quality of one column, of one subject ("" for all), fitted or hidden."""

    of: str
    column: str
    subject: str
    quality: Quality


@dataclass(frozen=True)
class FitQuality:
    """Every number that was fitted or hidden, and how well they are told; the rows of all subjects come first."""

    numbers: tuple[Told, ...]
    rows: tuple[QualityRow, ...]

    @property
    def overall(self) -> tuple[QualityRow, ...]:
        """The rows of all subjects together."""
        return tuple(row for row in self.rows if not row.subject)


def fit_quality(calibrations: Mapping[str, Calibration], check: ForecastCheck | None = None) -> FitQuality:
    """Compare what calibrations say of the visits they were made from, and a check of hidden ones, with the numbers.

    Parameters
    ----------
    calibrations : mapping of str to Calibration
        By name of the subject; those of a pooled fit are its `subjects`.
    check : ForecastCheck, optional
    """
    numbers = [told for name, calibration in calibrations.items() for told in fitted_numbers(calibration, name)]
    numbers += [
        Told(r.subject, r.visit, r.day, r.column, HIDDEN, r.measured, r.median, r.lower, r.upper, r.log_density)
        for r in (check.rows if check else ())
    ]
    groups: dict[tuple[str, str, str], list[Told]] = {}
    for told in numbers:
        groups.setdefault(("", told.of, told.column), []).append(told)
    if len(calibrations) > 1:
        for told in numbers:
            groups.setdefault((told.subject, told.of, told.column), []).append(told)
    rows = (QualityRow(of, column, subject, quality_of(found)) for (subject, of, column), found in groups.items())
    return FitQuality(tuple(numbers), tuple(rows))


def fitted_numbers(calibration: Calibration, subject: str = "") -> tuple[Told, ...]:
    """The numbers of a calibration and what its mode says of them."""
    target, model = posterior_of(calibration), calibration.model
    observed, columns = target.observations, dict(model.observables)
    simulated = target.simulated(calibration.mode[None])
    likelihood = observed.log_likelihoods(simulated)[0]
    visits = {float(visit.day): visit.visit for visit in calibration.measurements}
    found = []
    for i in range(observed.n):
        day, column = float(observed.day[observed.visit[i]]), columns[model.states[observed.state[i]].name]
        numbers = (float(observed.number[i]), float(simulated[0, i]), np.nan, np.nan, float(likelihood[i]))
        found.append(Told(subject, visits[day], day, column, FITTED, *numbers))
    return tuple(found)


def quality_of(numbers: Sequence[Told]) -> Quality:
    """How well numbers of one column are told."""
    measured, said = (np.array([getattr(told, name) for told in numbers]) for name in ("measured", "said"))
    squares, about = float(np.square(said - measured).sum()), float(np.square(measured - measured.mean()).sum())
    rmse, several = float(np.sqrt(squares / len(numbers))), np.ptp(measured) > 0
    return Quality(
        n=len(numbers),
        ccc=concordance(measured, said) if several else np.nan,
        r2=1 - squares / about if several else np.nan,
        rmse=rmse,
        nrmse=rmse / float(np.ptp(measured)) if several else np.nan,
        log_likelihood=float(sum(told.log_likelihood for told in numbers)),
    )
