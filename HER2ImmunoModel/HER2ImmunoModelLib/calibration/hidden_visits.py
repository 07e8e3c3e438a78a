"""How good forecasts are: the last visits hidden, the rest fitted, what was measured compared with what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from .. import models
from ..models.model import Model
from ..treatments.schedule import Schedule
from .observations import observe
from .one_subject import calibrate
from .result import Calibration
from .subjects import Subject, calibrate_pooled


@dataclass(frozen=True)
class Foretold:
    """One hidden number: what was measured, and the forecast's median and 90 % interval of a measurement.

    `log_density` is the logarithm of the density that the forecast gave to what was measured, noise included.
    """

    subject: str
    visit: str
    day: float
    column: str
    measured: float
    median: float
    lower: float
    upper: float
    log_density: float = np.nan

    @property
    def inside(self) -> bool:
        """Whether the measurement lies within the interval."""
        return self.lower <= self.measured <= self.upper


@dataclass(frozen=True)
class Agreement:
    """Agreement of forecasts with measurements of one column.

    Attributes
    ----------
    n : int
    ccc, pcc : float
        Concordance (Lin, Biometrics 1989;45:255-268) and Pearson correlation; NaN for fewer than two numbers.
    nrmse : float
        Root mean square error over the range of the measurements, over their mean for fewer than two; NaN without.
    mape : float
        Mean absolute error relative to the measurement (%); NaN where one is 0.
    coverage : float
        Share of the measurements within their 90 % interval.
    """

    n: int
    ccc: float
    pcc: float
    nrmse: float
    mape: float
    coverage: float


@dataclass(frozen=True)
class ForecastCheck:
    """Every hidden number, and the agreement of each column."""

    rows: tuple[Foretold, ...]
    agreement: dict[str, Agreement]
    warnings: tuple[str, ...]


def forecast_check(
    model: Model | str,
    measurements: Sequence[Measurement],
    *,
    hidden: int = 1,
    schedule: Schedule | None = None,
    draws: int = 500,
    subject: str = "",
    seed: int = 0,
    report: Report | None = None,
    **settings: object,
) -> ForecastCheck:
    """Hide the last visits, calibrate to the rest and compare.

    Doses of the hidden days are known to the forecast, as a plan is. The interval is that of a measurement: posterior
    draws with the noise of the hidden visit.

    Parameters
    ----------
    model : Model or str
    measurements : sequence of Measurement
    hidden : int
        How many visits to hide.
    schedule : Schedule, optional
    draws, seed : int
    subject : str
        Name in the rows.
    report : Report, optional
    **settings
        Passed to `calibrate`.

    Raises
    ------
    InputError
        Fewer than one visit left to fit, or as `calibrate`.
    Cancelled
        From `report`.
    """
    known, later = _hide(models.get(model), measurements, hidden)
    given = schedule or Schedule()
    fitted = calibrate(model, known, schedule=given, seed=seed, report=part(report, 0.0, 0.8), **settings)
    rows = compared(fitted, later, draws=draws, subject=subject, seed=seed, report=part(report, 0.8, 1.0))
    return ForecastCheck(rows, by_column(rows), fitted.warnings)


def forecast_check_pooled(
    model: Model | str,
    subjects: Sequence[Subject],
    *,
    hidden: int = 1,
    draws: int = 500,
    seed: int = 0,
    report: Report | None = None,
    **settings: object,
) -> ForecastCheck:
    """Hide the last visits of every subject, calibrate to the rest of all pooled and compare.

    Arguments and errors as `forecast_check`; `settings` are passed to `calibrate_pooled`.
    """
    halves = [hide_of(models.get(model), subject, hidden) for subject in subjects]
    known = [replace(subject, measurements=early) for subject, (early, _) in zip(subjects, halves, strict=True)]
    fitted = calibrate_pooled(model, known, seed=seed, report=part(report, 0.0, 0.8), **settings)
    rows: tuple[Foretold, ...] = ()
    for i, (subject, (_, later)) in enumerate(zip(subjects, halves, strict=True)):
        share = part(report, 0.8 + 0.2 * i / len(subjects), 0.8 + 0.2 * (i + 1) / len(subjects))
        view = fitted.subjects[subject.name]
        rows += compared(view, later, draws=draws, subject=subject.name, seed=seed, report=share)
    return ForecastCheck(rows, by_column(rows), fitted.warnings)


def hide_of(model: Model, subject: Subject, hidden: int):
    """The visits of a subject to fit, and the last ones, hidden; a message names the subject."""
    try:
        return _hide(model, subject.measurements, hidden)
    except InputError as error:
        raise InputError(f"Subject {subject.name}: {error}") from error


def _hide(
    model: Model, measurements: Sequence[Measurement], hidden: int
) -> tuple[tuple[Measurement, ...], tuple[Measurement, ...]]:
    """The visits to fit and the last ones, hidden."""
    columns = set(model.observables.values())
    visits = sorted((v for v in measurements if columns & set(v.values)), key=lambda visit: visit.day)
    if not 1 <= hidden < len(visits):
        raise InputError(
            f"Hiding {hidden} of {len(visits)} visits cannot check a forecast; hide at least one and keep one."
        )
    return tuple(visits[:-hidden]), tuple(visits[-hidden:])


def compared(
    fitted: Calibration,
    later: Sequence[Measurement],
    *,
    draws: int = 500,
    subject: str = "",
    seed: int = 0,
    report: Report | None = None,
) -> tuple[Foretold, ...]:
    """Compare what a calibration says of later visits with what was measured (arguments as `forecast_check`)."""
    model = fitted.model
    asked = observe(model, later, fitted.scatter.noise)
    course = fitted.simulate(asked.day, n=draws, report=report)
    kept = ~course.failed
    if not kept.any():
        raise InputError(
            "None of the posterior draws could be simulated to the hidden visits; the fit cannot forecast."
        )
    columns = dict(model.observables)
    simulated = np.column_stack(
        [course.states[model.states[state].name][kept, at] for state, at in zip(asked.state, asked.visit, strict=True)]
    )
    ends = asked.foretold(simulated, (0.5, 0.05, 0.95), np.random.default_rng(seed))
    numbers = np.vstack([asked.number, ends, _log_density(asked.log_likelihoods(simulated))])
    rows = []
    for i in range(asked.n):
        day, column = float(asked.day[asked.visit[i]]), columns[model.states[asked.state[i]].name]
        name = next(visit.visit for visit in later if visit.day == day)
        rows.append(Foretold(subject, name, day, column, *numbers[:, i].tolist()))
    return tuple(rows)


def _log_density(likelihoods: np.ndarray) -> np.ndarray:
    """Logarithm of the mean likelihood of each number (n,) over draws (m, n)."""
    most = likelihoods.max(axis=0)
    return most + np.log(np.mean(np.exp(likelihoods - most), axis=0))


def joined(checks: Sequence[ForecastCheck]) -> ForecastCheck:
    """The checks of several subjects as one, with the agreement over all of them."""
    rows = [row for check in checks for row in check.rows]
    warnings = dict.fromkeys(text for check in checks for text in check.warnings)
    return ForecastCheck(tuple(rows), by_column(rows), tuple(warnings))


def by_column(rows: Sequence[Foretold]) -> dict[str, Agreement]:
    """Agreement of each column."""
    columns = dict.fromkeys(row.column for row in rows)
    return {column: agreement([row for row in rows if row.column == column]) for column in columns}


def concordance(measured: np.ndarray, said: np.ndarray) -> float:
    """Concordance correlation (Lin, Biometrics 1989;45:255-268); NaN where all numbers are the same."""
    shared = float(np.mean((measured - measured.mean()) * (said - said.mean())))
    apart = float(measured.var() + said.var() + (measured.mean() - said.mean()) ** 2)
    return 2 * shared / apart if apart > 0 else np.nan


def agreement(rows: Sequence[Foretold]) -> Agreement:
    """Agreement of forecast medians with measurements (`Agreement`)."""
    measured, said = np.array([row.measured for row in rows]), np.array([row.median for row in rows])
    error, spread = said - measured, measured.std() * said.std()
    shared = float(np.mean((measured - measured.mean()) * (said - said.mean())))
    scale = np.ptp(measured) if len(rows) > 1 else measured.mean()
    return Agreement(
        n=len(rows),
        ccc=concordance(measured, said) if len(rows) > 1 else np.nan,
        pcc=shared / float(spread) if spread > 0 else np.nan,
        nrmse=float(np.sqrt(np.mean(error**2)) / scale) if scale > 0 else np.nan,
        mape=float(100 * np.mean(np.abs(error) / measured)) if (measured > 0).all() else np.nan,
        coverage=float(np.mean([row.inside for row in rows])),
    )
