"""What a calibration expects of planned doses, live: bands over time and outcomes under schedules being edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.more_drugs import with_model
from ..calibration.result import Bands, Calibration, bands_of
from ..models.model import Model
from ..models.treatment_window import REACHED, has_window, treatment_window
from ..simulation.batch import simulate
from ..treatments.schedule import Schedule
from .courses import ensemble, volume_state
from .what_if import Forecast, WhatIf


@dataclass(frozen=True, eq=False)
class Outlook:
    """What is expected under a schedule.

    Attributes
    ----------
    bands : Bands
        Of every state and the treatment window, from the first visit to the horizon.
    volume_cm3 : array (draws,)
        Tumour volume on the horizon; NaN for a draw that failed.
    reached : array (draws,) or None
        Share of the cytotoxic effect that reaches the tumour on the days of planned cytotoxic doses, weighted by their
        size; None without such a dose, or for a model without a window.
    """

    bands: Bands
    volume_cm3: np.ndarray
    reached: np.ndarray | None


class Outlooks:
    """Outlooks of one calibration under schedules that differ little from one to the next.

    The draws are followed once to the day from which doses are planned; from there on see `WhatIf`.

    Parameters
    ----------
    calibration : Calibration
    given : Schedule
        Doses of the past, also those on the first day of the span.
    span : (float, float)
        Last visit, after which doses are planned, and horizon.
    draws, seed : int
    report : Report, optional

    Raises
    ------
    InputError
        No draw can be followed to the start.
    Cancelled
        From `report`.
    """

    def __init__(
        self,
        calibration: Calibration,
        given: Schedule,
        span: tuple[float, float],
        draws: int,
        seed: int,
        report: Report | None = None,
    ):
        self._model = calibration.model
        self._today = given_on(given, span[0], self._model)
        self._drawn = ensemble(calibration, given.before(span[0]), span, draws, seed, part(report, 0.0, 0.5))
        self._what_if = WhatIf(self._drawn)
        self._before = self._past(calibration.first_day, part(report, 0.5, 1.0))

    def _past(self, first: float, report: Report | None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Days before the start, and the states on them, dict of str to array (draws, days)."""
        drawn, start = self._drawn, self._drawn.day[0]
        day = np.union1d(np.arange(first, start, 1.0), [start])
        if day.size == 1:
            return day[:0], {}
        states = simulate(self._model, drawn.parameters, day, schedule=drawn.past, report=report).states
        return day[:-1], {name: values[:, :-1] for name, values in states.items()}

    @property
    def horizon_day(self) -> float:
        """Day on which outcomes are judged."""
        return float(self._drawn.day[-1])

    def under(self, planned: Schedule) -> Outlook:
        """What is expected under planned doses; errors as `under_each`."""
        return self.under_each([planned])[0]

    def under_each(self, plans: Sequence[Schedule]) -> list[Outlook]:
        """What is expected under each of several plans, which take little longer together than one.

        Raises
        ------
        InputError
            A drug that the model does not have.
        """
        found = self._what_if.forecasts([self._today + planned for planned in plans])
        return [self._outlook(planned, courses) for planned, courses in zip(plans, found, strict=True)]

    def _outlook(self, planned: Schedule, found: Forecast) -> Outlook:
        past, before = self._before
        kept = ~found.failed
        drawn = {name: values[kept] for name, values in self._drawn.parameters.items()}
        later = {name: values[kept] for name, values in found.states.items()}
        states = {n: np.hstack([before[n][kept], values]) if before else values for n, values in later.items()}
        n_failed = int(self._drawn.alive.size - np.count_nonzero(kept))
        bands = bands_of(self._model, np.concatenate([past, found.day]), states, drawn, n_failed)
        return Outlook(bands, self._volume(found.states), self._reached(planned, found.states))

    def _volume(self, states: dict[str, np.ndarray]) -> np.ndarray:
        volume = np.full(self._drawn.alive.size, np.nan)
        volume[self._drawn.alive] = states[volume_state(self._model)][:, -1]
        return volume

    def _reached(self, planned: Schedule, states: dict[str, np.ndarray]) -> np.ndarray | None:
        cytotoxic = {drug.name for drug in self._model.drugs if drug.kind == "cytotoxic"}
        names = {name: self._model.drug(name).name for name in {dose.drug for dose in planned.doses}}
        doses = [dose for dose in planned.doses if names[dose.drug] in cytotoxic and dose.dose > 0]
        doses = [dose for dose in doses if dose.day <= self.horizon_day]
        if not doses or not has_window(self._model):
            return None
        share = treatment_window(self._drawn.parameters, states)[REACHED]
        place = np.searchsorted(self._drawn.day, [dose.day for dose in doses], side="right") - 1
        return share[:, place] @ np.array([dose.dose for dose in doses]) / sum(dose.dose for dose in doses)


def given_on(given: Schedule, day: float, model: Model) -> Schedule:
    """The doses of a day, which act from then on: what is planned from that day comes on top of them."""
    return Schedule(tuple(dose for dose in given.for_model(model).doses if dose.day == day))


@dataclass(frozen=True, eq=False)
class LiveInputs:
    """What planned doses are followed with.

    Attributes
    ----------
    calibration : Calibration
        Of the scene.
    model : Model
        Its model, with the exposures of all drugs that are planned.
    given : Schedule
        Doses until the last visit, also on its day.
    span : (float, float)
        Last visit, and horizon.
    draws, seed : int
    plans : tuple of Schedule
        As the model takes them, in the order in which they were asked for.
    key : str
        The same for inputs that differ in their plans alone.
    """

    calibration: Calibration
    model: Model
    given: Schedule
    span: tuple[float, float]
    draws: int
    seed: int
    plans: tuple[Schedule, ...]
    key: str

    def taken(self) -> Calibration:
        """The calibration with the exposures of all drugs that are planned; errors as `with_model`."""
        if _names(self.model) == _names(self.calibration.model):
            return self.calibration
        return with_model(self.calibration, self.model, self.seed)

    def outlooks(self) -> Outlooks:
        """The draws on the last visit, ready to be followed under plans; needs no scene.

        Raises
        ------
        InputError
            As `Outlooks` and `with_model`.
        """
        return Outlooks(self.taken(), self.given, self.span, self.draws, self.seed)


def _names(model: Model) -> set[str]:
    return {parameter.name for parameter in model.parameters}
