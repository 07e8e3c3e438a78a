"""Measurements as the calibration sees them: one row a number, in the space where its noise is normal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, log1p, sqrt

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, check_day

from .. import models
from ..models.model import Model

VOLUME_CV = 0.15
"""Coefficient of variation of a volume whose table gives no standard deviation."""
FRACTION_SD = 0.05
"""Standard deviation of a fraction whose table gives none."""
LARGEST_CM3 = {"human": 2000.0, "mouse": 100.0}
"""Volumes that no tumour of the species has (two litres, four whole mice): they are in mm3, or of another species."""
DOUBTFUL_CM3 = {"human": 200.0, "mouse": 4.0}
"""Volumes that are told, as tumours of the species seldom have them."""
HUGE = 1.0
"""Relative standard deviation of a volume (or absolute of a fraction) from which a measurement says next to nothing."""


@dataclass(frozen=True)
class Observations:
    """The measured numbers.

    Attributes
    ----------
    day : array (days,)
        Days of the visits, increasing.
    state, visit : int arrays (n,)
        Row of the model's state and index into `day` of each number.
    value, sd : arrays (n,)
        Number and its standard deviation; of the logarithm where `logarithmic`.
    logarithmic : bool array (n,)
        Volumes, whose noise is log-normal.
    warnings : tuple of str
    """

    day: np.ndarray
    state: np.ndarray
    visit: np.ndarray
    value: np.ndarray
    sd: np.ndarray
    logarithmic: np.ndarray
    warnings: tuple[str, ...]

    @property
    def n(self) -> int:
        """How many numbers there are."""
        return self.value.size

    def with_noise(self, scale: float) -> Observations:
        """The same numbers with every standard deviation times a scale."""
        return replace(self, sd=scale * self.sd)

    @property
    def log_norm(self) -> float:
        """Sum of log(2 pi sd^2): with chi-square, -2 log likelihood."""
        return float(np.log(2 * np.pi * self.sd**2).sum())

    def residuals(self, states: np.ndarray) -> np.ndarray:
        """Measured minus simulated over sd, array (samples, n), from states (n_states, samples, days)."""
        simulated = states[self.state, :, self.visit].T
        with np.errstate(divide="ignore"):
            simulated = np.where(self.logarithmic, np.log(np.maximum(simulated, 0.0)), simulated)
        return (self.value - simulated) / self.sd


def observe(model: Model, measurements: Sequence[Measurement]) -> Observations:
    """Collect the numbers a model can be compared with.

    Raises
    ------
    InputError
        No number at all, a standard deviation of 0, a volume of 0 or less or that no tumour of the species has, a
        fraction outside 0 to 1, a day that is a date.
    """
    visits = sorted(measurements, key=lambda visit: visit.day)
    for visit in visits:
        check_day(visit.day, f"The day of visit {visit.visit}")
    rows = [
        (model.index(state), visit, column)
        for visit in visits
        for state, column in model.observables.items()
        if column in visit.values
    ]
    if not rows:
        columns = ", ".join(model.observables.values())
        raise InputError(f"The measurement table holds no number of {model.name}; fill at least one of {columns}.")
    day = np.unique([float(visit.day) for _, visit, _ in rows])
    if model.name in models.names():  # a model from elsewhere may be of anything
        for _, visit, column in rows:
            check_size(model.species, visit, column)
    numbers = [number_of(visit, column) for _, visit, column in rows]
    return Observations(
        day=day,
        state=np.array([state for state, _, _ in rows]),
        visit=np.searchsorted(day, [visit.day for _, visit, _ in rows]),
        value=np.array([value for value, _, _ in numbers]),
        sd=np.array([sd for _, sd, _ in numbers]),
        logarithmic=np.array([logarithmic for _, _, logarithmic in numbers]),
        warnings=tuple(dict.fromkeys((*_remarks(model, visits), *_warnings(model, rows, day)))),
    )


def check_size(species: str, visit: Measurement, column: str) -> None:
    """Refuse a volume that no tumour of a species has.

    Raises
    ------
    InputError
    """
    largest = LARGEST_CM3.get(species, inf)
    if column == "volume_cm3" and visit.values[column] > largest:
        raise InputError(
            f"Visit {visit.visit} (day {visit.day:g}), column {column} is {visit.values[column]:g} cm3, more than a "
            f"tumour of a {species} has ({largest:g} cm3); if it is in mm3, name the column volume_mm3."
        )


def doubtful_size(species: str, visit: Measurement) -> str:
    """What is said of a volume that tumours of a species seldom have; empty for nothing."""
    volume = visit.values.get("volume_cm3", 0.0)
    if volume <= DOUBTFUL_CM3.get(species, max(DOUBTFUL_CM3.values())):
        return ""
    return (
        f"Visit {visit.visit}: a volume of {volume:g} cm3 is seldom seen in a {species}; check that it is not in mm3."
    )


def says_little(visit: Measurement, column: str) -> str:
    """What is said of a standard deviation that leaves nothing of its measurement; empty for nothing."""
    sd, value = visit.sd.get(column, 0.0), visit.values[column]
    if sd < HUGE * (value if column == "volume_cm3" else 1.0):
        return ""
    return f"Visit {visit.visit}, {column}: the standard deviation {sd:g} is so large that it says little."


def _remarks(model: Model, visits: Sequence[Measurement]):
    """What is known of the numbers before they are compared."""
    yield from model.remarks
    yield from (text for visit in visits for text in visit.remarks)
    yield from filter(None, (doubtful_size(model.species, visit) for visit in visits))


def number_of(visit: Measurement, column: str) -> tuple[float, float, bool]:
    """Value and standard deviation in the space of the noise, and whether that is the logarithm.

    Raises
    ------
    InputError
        As `observe`.
    """
    where = f"Visit {visit.visit} (day {visit.day:g}), column {column}"
    value, sd = float(visit.values[column]), visit.sd.get(column)
    if sd is not None and not (np.isfinite(sd) and sd > 0):
        raise InputError(f"{where}_sd is {sd:g}; leave it empty or give the measurement's standard deviation.")
    if column != "volume_cm3":
        if not 0.0 <= value <= 1.0:
            raise InputError(f"{where} is {value:g}; a fraction lies between 0 and 1.")
        return value, FRACTION_SD if sd is None else sd, False
    if not (np.isfinite(value) and value > 0):
        raise InputError(f"{where} is {value:g}; leave it empty or give the smallest volume that can be measured.")
    return np.log(value), sqrt(log1p((VOLUME_CV if sd is None else sd / value) ** 2)), True


def _warnings(model: Model, rows: list[tuple[int, Measurement, str]], day: np.ndarray):
    if day.size == 1:
        yield "There is one visit: it sets the starting state only; every rate is set by its prior."
    if {column for _, _, column in rows} == {"volume_cm3"} and len(model.observables) > 1:
        yield "Only volumes were measured: the vascular, necrotic, hypoxic and immune states are set by their priors."
    yield from filter(None, (says_little(visit, column) for _, visit, column in rows))
    yield from _contradictions(rows)


def _contradictions(rows: list[tuple[int, Measurement, str]]):
    seen: dict[tuple[float, str], tuple[float, float, bool]] = {}
    for _, visit, column in rows:
        value, sd, logarithmic = number_of(visit, column)
        other = seen.setdefault((visit.day, column), (value, sd, logarithmic))
        if abs(other[0] - value) > 3 * np.hypot(other[1], sd):
            yield f"Day {visit.day:g}, {column}: two visits of that day contradict each other."
