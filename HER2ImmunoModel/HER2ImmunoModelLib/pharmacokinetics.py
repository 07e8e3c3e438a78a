"""Drug amounts of a chunk of samples: analytic sums of decaying doses, never integrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from HER2ImmunoModelLib.model import Model
from HER2ImmunoModelLib.runge_kutta import NODES
from HER2ImmunoModelLib.schedule import Schedule

KEPT_STEPS = 8
"""Step lengths whose decay factors are kept; intervals of one length share them."""


def amount_at(schedule: Schedule, model: Model, drug: str, decay, day) -> np.ndarray:
    """Amount of a drug on given days: sum of doses times exp(-decay (day - day of dose)), a dose counting at once.

    Parameters
    ----------
    schedule : Schedule
    model : Model
    drug : str
    decay : float
        Loss rate (1/day).
    day : array (days,)

    Returns
    -------
    array (days,)
        Amount in units of the dose.
    """
    day = np.asarray(day, dtype=float)
    wanted = model.drug(drug).name
    total = np.zeros(day.shape)
    for dose in schedule.for_model(model).doses:
        if dose.drug == wanted:
            given = day >= dose.day
            total[given] += dose.dose * np.exp(-decay * (day[given] - dose.day))
    return total


class Amounts:
    """Amounts of every drug for the rows of a chunk, each row with its own schedule and loss rate.

    Parameters
    ----------
    model : Model
    parameters : mapping of str to float or array (rows,)
    schedules : sequence of Schedule
        In the model's own drug names (`Schedule.for_model`).
    row_schedule : int array (rows,)
        Schedule of each row.
    day : float
        Day of the start; earlier doses and those of the day itself count.
    """

    def __init__(
        self,
        model: Model,
        parameters: Mapping[str, np.ndarray | float],
        schedules: Sequence[Schedule],
        row_schedule: np.ndarray,
        day: float,
    ):
        self._model = model
        self._decay = {d.name: parameters[d.decay] if d.decay else 0.0 for d in model.drugs if d.state is None}
        self._dose = _dose_table(schedules, row_schedule)
        self._present: dict[str, np.ndarray | float] = dict.fromkeys(self._decay, 0.0)
        self._factors: dict[float, list[dict[str, np.ndarray | float]]] = {}
        self.at_stage = [dict(self._present) for _ in NODES]
        for (dose_day, drug), sizes in self._dose.items():
            if drug in self._present and dose_day <= day:
                self._add(drug, sizes * np.exp(-self._decay[drug] * (day - dose_day)))
        self.at_stage[0].update(self._present)

    @property
    def days(self) -> set[float]:
        """Days with a dose for any row."""
        return {day for day, _ in self._dose}

    def give(self, day: float, y: np.ndarray) -> None:
        """Give the doses of a day; a drug that is a state of the model is added to `y` (n_states, rows)."""
        for drug in self._model.drugs:
            sizes = self._dose.get((day, drug.name))
            if sizes is None:
                continue
            if drug.state is None:
                self._add(drug.name, sizes)
            else:
                y[self._model.index(drug.state)] += sizes
        self.at_stage[0].update(self._present)

    def spread(self, step: float) -> None:
        """Set `at_stage` to the amounts at the nodes of a step of that length (days) from now."""
        for stage, factors in enumerate(self._decay_factors(step)):
            for drug, factor in factors.items():
                if np.ndim(self._present[drug]):
                    self.at_stage[stage][drug] = self._present[drug] * factor

    def pass_time(self, step: float) -> None:
        """Move the present to the end of a step (days)."""
        for drug, factor in self._decay_factors(step)[-1].items():
            self._present[drug] = self._present[drug] * factor

    def _add(self, drug: str, sizes: np.ndarray) -> None:
        self._present[drug] = self._present[drug] + sizes
        self._factors.clear()

    def _decay_factors(self, step: float) -> list[dict[str, np.ndarray | float]]:
        if step not in self._factors:
            if len(self._factors) >= KEPT_STEPS:
                self._factors.clear()
            given = [drug for drug, present in self._present.items() if np.ndim(present)]
            self._factors[step] = [
                {drug: np.exp(-self._decay[drug] * (node * step)) for drug in given} for node in NODES
            ]
        return self._factors[step]


def _dose_table(schedules: Sequence[Schedule], row_schedule: np.ndarray) -> dict[tuple[float, str], np.ndarray]:
    """(day, drug) -> dose of each row, in order of day."""
    used = np.unique(row_schedule)
    keys = sorted({(dose.day, dose.drug) for index in used for dose in schedules[index].doses})
    by_schedule = {key: np.zeros(len(schedules)) for key in keys}
    for index in used:
        for dose in schedules[index].doses:
            by_schedule[dose.day, dose.drug][index] += dose.dose
    return {key: sizes[row_schedule] for key, sizes in by_schedule.items()}
