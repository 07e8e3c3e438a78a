"""What a calibration found: estimates with intervals, draws, forecasts, and its file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import write_text
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.reading import read_json_object

from .. import models
from ..models.choosing_kinds import said
from ..models.descriptions import from_description, in_full
from ..models.former_presets import as_before
from ..models.model import Model
from ..models.treatment_window import DELIVERY, OXYGENATION, has_window, treatment_window
from ..simulation.batch import Simulation, simulate
from ..treatments.schedule import Dose, Schedule
from .consistency import fault_of, fault_of_plain, refusing
from .diagnostics import Sampling
from .scatter import AS_STATED, Estimate, Scatter

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of a forecast: median and both ends of the 50 and the 90 % band."""


@dataclass(frozen=True)
class Bands:
    """Forecast: median and 90 % band of each state, arrays (days,), and how many draws failed.

    `lower_50` and `upper_50` are the ends of the 50 % band; `window` has lower end, median and upper end of delivery
    and oxygenation (`models.treatment_window`), and is empty for a model without them.
    """

    day: np.ndarray
    median: dict[str, np.ndarray]
    lower: dict[str, np.ndarray]
    upper: dict[str, np.ndarray]
    n_failed: int
    lower_50: dict[str, np.ndarray] = field(default_factory=dict)
    upper_50: dict[str, np.ndarray] = field(default_factory=dict)
    window: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Calibration:
    """Posterior of a model's parameters for one subject.

    Attributes
    ----------
    model : Model
    estimates : dict of str to Estimate
        Free parameters.
    free : tuple of str
        Order of `mode` and `covariance`.
    mode, covariance : arrays (p,), (p, p)
        Posterior mode and its Laplace covariance in the transformed space.
    fixed : dict of str to float
    schedule : Schedule
        Doses given.
    measurements : tuple of Measurement
    method, seed : str, int
    n_data : int
        How many numbers were measured.
    effective_parameters : float
        How many parameters the data determine (trace of the Fisher information times the covariance).
    chi2 : float
        Sum of squared standardised misfits at the mode with the estimated noise, each times its weight where tails are
        heavy.
    aicc, bic : float
        Information criteria of the measured numbers (cm3, fractions), with the effective number of parameters and
        that of estimated values of the noise; `aicc` is infinite for too few data.
    warnings : tuple of str
        What cannot be trusted.
    samples : array (draws, p) or None
        Posterior draws in the transformed space, from a sampler; the Laplace approximation if None.
    sampling : Sampling or None
        How the sampler ran.
    scatter : Scatter
        How the measurements scatter: kind of noise, its estimated values, tails.
    """

    model: Model
    estimates: dict[str, Estimate]
    free: tuple[str, ...]
    mode: np.ndarray
    covariance: np.ndarray
    fixed: dict[str, float]
    schedule: Schedule
    measurements: tuple[Measurement, ...]
    method: str
    seed: int
    n_data: int
    effective_parameters: float
    chi2: float
    aicc: float
    bic: float
    warnings: tuple[str, ...]
    samples: np.ndarray | None = None
    sampling: Sampling | None = None
    scatter: Scatter = AS_STATED

    @property
    def noise(self) -> Estimate | None:
        """Factor on the stated standard deviations; None if it was not estimated."""
        return self.scatter.scale

    @property
    def noise_scale(self) -> float:
        """Factor on the stated standard deviations; 1 if it was not estimated."""
        return 1.0 if self.noise is None else self.noise.value

    @property
    def exposures(self) -> tuple[str, ...]:
        """A line for each drug: of which kind its exposure is, and with what numbers."""
        return said(self.model)

    @property
    def first_day(self) -> float:
        """Day of the initial state: the first visit with a number of the model, or that which the model says."""
        start = self.model.start_day
        return self._days[0] if start is None else min(start, self._days[0])

    @property
    def last_day(self) -> float:
        """Day of the last visit."""
        return self._days[-1]

    @property
    def n_visits(self) -> int:
        """Days with a number of the model."""
        return len(set(self._days))

    @property
    def _days(self) -> list[float]:
        columns = set(self.model.observables.values())
        return sorted(float(visit.day) for visit in self.measurements if columns & set(visit.values))

    @property
    def best(self) -> dict[str, float]:
        """Every parameter at the posterior mode."""
        parameters = [self.model.parameter(name) for name in self.free]
        return self.fixed | {p.name: float(p.from_free(x)) for p, x in zip(parameters, self.mode, strict=True)}

    def draws(self, n: int, seed: int = 0) -> dict[str, np.ndarray]:
        """Draw every parameter from the posterior; the same seed gives the same draws.

        Returns
        -------
        dict of str to array (n,)
        """
        checked("draws", n, MOST["draws"])
        rng = np.random.default_rng(seed)
        if self.samples is None:
            # A symmetric root of the covariance copes with directions that hardly vary.
            spread, axes = np.linalg.eigh(self.covariance)
            root = axes * np.sqrt(np.maximum(spread, 0.0))
            theta = self.mode + rng.standard_normal((n, self.mode.size)) @ root.T
        else:
            theta = self.samples[rng.choice(len(self.samples), n, replace=n > len(self.samples))]
        parameters = [self.model.parameter(name) for name in self.free]
        drawn = {p.name: p.from_free(theta[:, i]) for i, p in enumerate(parameters)}
        return {name: np.full(n, value) for name, value in self.fixed.items()} | drawn

    def simulate(self, day, schedule: Schedule | None = None, *, n: int = 500, report: Report | None = None):
        """Simulate posterior draws from the first visit on; the schedule is the given one if None.

        Returns
        -------
        Simulation
            On the days asked for.
        """
        day = np.array(day, dtype=float, ndmin=1)
        if day[0] < self.first_day:
            raise InputError(f"Day {day[0]:g} is before the first visit (day {self.first_day:g}); forecast later days.")
        whole = np.union1d(day, [self.first_day])
        schedule = self.schedule if schedule is None else schedule
        course = simulate(self.model, self.draws(n, self.seed), whole, schedule=schedule, report=report)
        wanted = np.searchsorted(whole, day)
        states = {name: values[:, wanted] for name, values in course.states.items()}
        return Simulation(self.model, day, states, course.failed)

    def predict(self, day, schedule: Schedule | None = None, n: int = 500, *, report: Report | None = None) -> Bands:
        """Median and 90 % band of every state on days from the first visit on (arguments of `simulate`).

        Raises
        ------
        InputError
            A day before the first visit, or no draw that could be simulated.
        """
        course = self.simulate(day, schedule, n=n, report=report)
        if course.failed.all():
            raise InputError(f"None of the {n} posterior draws could be simulated; the calibration cannot forecast.")
        kept = {name: values[~course.failed] for name, values in course.states.items()}
        drawn = {name: values[~course.failed] for name, values in self.draws(n, self.seed).items()}
        return bands_of(self.model, course.day, kept, drawn, course.n_failed)

    def save(self, path: str | Path) -> None:
        """Write the calibration as JSON."""
        write_text(json.dumps(self.to_dict(), indent=1), path)

    def to_dict(self) -> dict:
        """The calibration as plain numbers, lists and strings; an infinite number is written as text."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {
            "model": self.model.name,
            "species": self.model.species,
            "description": in_full(self.model),
            "exposures": list(self.exposures),
            "estimates": {name: asdict(estimate) for name, estimate in self.estimates.items()},
            "mode": self.mode.tolist(),
            "covariance": self.covariance.tolist(),
            "fixed": {name: plain_number(value) for name, value in self.fixed.items()},
            "aicc": plain_number(self.aicc),
            "schedule": {"name": self.schedule.name, "doses": [asdict(dose) for dose in self.schedule.doses]},
            "measurements": [asdict(visit) for visit in self.measurements],
            "samples": None if self.samples is None else self.samples.tolist(),
            "sampling": None if self.sampling is None else asdict(self.sampling),
            "noise": None if self.noise is None else asdict(self.noise),
            "scatter": self.scatter.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict) -> Calibration:
        """Inverse of `to_dict`."""
        doses = tuple(Dose(**dose) for dose in data["schedule"]["doses"])
        samples, sampling = data["samples"], data.get("sampling")
        changed = {
            "model": _model(data),
            "estimates": {name: Estimate(**estimate) for name, estimate in data["estimates"].items()},
            "mode": np.array(data["mode"]),
            "covariance": np.array(data["covariance"]),
            "fixed": {name: float(value) for name, value in data["fixed"].items()},
            "aicc": float(data["aicc"]),
            "schedule": Schedule(doses, data["schedule"]["name"]),
            "measurements": tuple(Measurement(**visit) for visit in data["measurements"]),
            "samples": None if samples is None else np.array(samples),
            "sampling": None if sampling is None else Sampling(**sampling),
            "scatter": Scatter.from_dict(data.get("scatter"), data.get("noise")),
        }
        lists = {name: tuple(data[name]) for name in ("free", "warnings")}
        return cls(**{name: data[name] for name in _PLAIN} | changed | lists)


_PLAIN = ("free", "method", "seed", "n_data", "effective_parameters", "chi2", "bic", "warnings")


def _model(data: dict) -> Model:
    """What the file says of the model; an old file says nothing where it was the library's, as that was then."""
    if description := data.get("description"):
        return from_description(description)
    return as_before(models.get(data["model"], data["species"]))


def plain_number(value: float) -> float | str:
    """A number as JSON has it, which has no infinity: that is written as text."""
    return value if np.isfinite(value) else str(value)


def bands_of(
    model: Model, day: np.ndarray, states: dict[str, np.ndarray], parameters: dict[str, np.ndarray], n_failed: int
) -> Bands:
    """Bands of draws that were followed.

    Parameters
    ----------
    model : Model
    day : array (days,)
    states : dict of str to array (draws, days)
    parameters : dict of str to array (draws,)
        Of the same draws.
    n_failed : int
        Draws that are not among them.
    """
    found = {name: np.quantile(values, SHARES, axis=0) for name, values in states.items()}
    lower, lower_50, median, upper_50, upper = (
        {name: ends[number] for name, ends in found.items()} for number in range(len(SHARES))
    )
    window = {}
    if has_window(model):
        factors = treatment_window(parameters, states)
        window = {name: np.quantile(factors[name], SHARES[::2], axis=0) for name in (DELIVERY, OXYGENATION)}
    return Bands(day, median, lower, upper, n_failed, lower_50, upper_50, window)


def read_calibration(path: str | Path) -> Calibration:
    """Read a calibration that `Calibration.save` wrote.

    Raises
    ------
    InputError
        A file that cannot be read or is not a calibration, naming the part at fault.
    """
    data = read_json_object(path, "a calibration (JSON)", finite=False)
    entries = "an estimate, visit, dose or list of numbers has other entries than it should"
    with refusing(path, "a calibration", entries):
        if fault := fault_of_plain(data):
            raise InputError(fault)
        found = Calibration.from_dict(data)
        if fault := fault_of(found):
            raise InputError(fault)
    return found
