"""Integration of many rows at once, each at its own time and with a step of its own.

A row is one sample under one schedule. Its result does not depend on the rows that are integrated with it.
Schedules that begin alike are one row until they part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from ..models.model import Model
from ..treatments.pharmacokinetics import DoseTable, amounts_at_start
from .amounts import Amounts
from .branches import Branches
from .derivatives import Derivatives
from .exposure_curves import ExposureCurves
from .rows import Rows, join, select
from .runge_kutta import ORDER, DormandPrince, at_share, tableau

SHORTEST_STEP_DAY = 1e-4
MOST_STEPS = 1000
"""A row that needs more steps (at a tolerance of 1e-6) fails: it is far stiffer than any tumour, or has exploded."""
FIRST_STEP_DAY = 0.3
LOCAL_SHARE = 0.25
"""Error allowed in one step, as a share of the tolerance on the whole."""
CHANCE = 0.1
"""Share of the error of the step before below which an error is small by chance, and the step must not follow it."""
FLOOR = {True: 1e-3, False: 1e-6}
"""Size below which a fraction (True) or another state (False) is resolved absolutely."""
EVERYONE_SHARE = 0.4
"""Share of the rows with a day inside a step from which the course inside it is computed for all, without copies."""
CHANGED_SHARE = 0.125
"""Share of rows that have finished or branched off from which those make room and these join."""


@dataclass(frozen=True)
class Batch:
    """What all rows share, and where their results go; row = schedule * samples + sample.

    Attributes
    ----------
    model : Model
    values : dict of str to float or array (samples,)
    initial : array (n_states, schedules, samples)
    day : array (days,)
    doses : DoseTable
    branches : Branches
        Of the schedules of `doses`.
    curves : ExposureCurves or None
        Exposures of agents.
    tolerance, shortest_step_day : float
    keeps_failed : bool
        Whether a row that fails keeps what it has of the days that it reached.
    kept : int array
        States to keep.
    states : array (kept, rows, days)
        Filled here where a row has not failed; NaN at first.
    failed : bool array (rows,)
        True at first, and for every row that is not reached as the one that it would branch off has failed.
    """

    model: Model
    values: dict[str, np.ndarray | float]
    initial: np.ndarray
    day: np.ndarray
    doses: DoseTable
    branches: Branches
    curves: ExposureCurves | None
    tolerance: float
    shortest_step_day: float
    keeps_failed: bool
    kept: np.ndarray
    states: np.ndarray
    failed: np.ndarray

    @property
    def samples(self) -> int:
        """Samples of each schedule."""
        return self.initial.shape[-1]


class Waiting:
    """Rows that wait to be followed from the first day, with those that will branch off them; threads share it.

    Parameters
    ----------
    batch : Batch
    """

    def __init__(self, batch: Batch):
        samples, roots = np.arange(batch.samples), batch.branches.roots
        self._row = (roots * samples.size + samples[:, None]).reshape(-1)
        each = 1 + batch.branches.heirs[roots, 0]
        self._before = np.cumsum([0, *np.tile(each, samples.size).tolist()])
        self._taken, self._lock = 0, Lock()

    def take(self, places: int) -> np.ndarray:
        """The next rows that come to no more than so many with their branches, at least one if any waits."""
        with self._lock:
            first = self._taken
            fitting = int(np.searchsorted(self._before, self._before[first] + places, side="right")) - 1
            self._taken = min(max(fitting, first + 1), self._row.size)
        return self._row[first : self._taken]


def integrate(batch: Batch, waiting: Waiting, places: int, done: Callable[[int], None]) -> None:
    """Integrate rows until none waits.

    Parameters
    ----------
    batch : Batch
    waiting : Waiting
        Rows that wait; several threads may share it.
    places : int
        Rows to follow at once, branches to come included.
    done : callable
        Told often how many more rows have finished; may raise to stop.
    """
    integrator = _Integrator(batch)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a row that overflows is marked as failed
        under_way = integrator.enter(waiting.take(places))
        expected = integrator.expected(under_way)
        while under_way.row.size:
            integrator.advance(under_way)
            changed = under_way.row.size - np.count_nonzero(under_way.under_way) + integrator.born
            if changed < CHANGED_SHARE * under_way.row.size:
                done(0)
                continue
            under_way = integrator.joined(select(under_way, np.flatnonzero(under_way.under_way)))
            left = integrator.expected(under_way)
            done(expected - left)
            expected = left
            if expected <= (1.0 - CHANGED_SHARE) * places:
                entering = integrator.enter(waiting.take(places - expected))
                expected += integrator.expected(entering)
                under_way = join([under_way, entering])


class _Integrator:
    def __init__(self, batch: Batch):
        self._batch = batch
        states = batch.model.states
        self._lower, self._upper = (np.array(edge)[:, None] for edge in np.transpose([s.domain for s in states]))
        self._exploded = [(batch.model.index(name), size) for name, size in batch.model.exploded.items()]
        for state, size in self._exploded:
            self._upper[state] = min(self._upper[state, 0], size)
        floor = np.array([[FLOOR[bool(np.isfinite(s.domain[1]))]] for s in states])
        self._solver = DormandPrince(floor)
        self._amounts = Amounts(batch.model, batch.doses, batch.curves)
        self._derivatives = Derivatives(batch.model, self._amounts)
        self._values = self._derivatives.carried_values(batch.values, batch.samples)
        self._most_steps = MOST_STEPS * max(1.0, (1e-6 / batch.tolerance) ** (1 / ORDER))
        self._due = np.append(batch.day, np.inf)
        self._born: list[Rows] = []

    @property
    def born(self) -> int:
        """How many rows have branched off and not joined the others yet."""
        return sum(rows.row.size for rows in self._born)

    def joined(self, rows: Rows) -> Rows:
        """Rows with those that have branched off since."""
        together = join([rows, *self._born]) if self._born else rows
        self._born.clear()
        return together

    def expected(self, rows: Rows) -> int:
        """How many rows are to finish: these, and those that will branch off."""
        return self._batch.branches.expected(rows.schedule, rows.stops_met)

    def enter(self, row: np.ndarray) -> Rows:
        """Rows at the first day, the doses of that day given."""
        batch = self._batch
        schedule, sample = np.divmod(row, batch.samples)
        values = select(self._values, sample)
        y, first = select(batch.initial.reshape(len(batch.initial), -1), row), batch.day[0]
        batch.states[:, row, 0] = y[batch.kept]
        for drug in batch.model.drugs:
            if drug.state is not None and drug.name in batch.doses.size:
                decay = values[drug.decay] if drug.decay else 0.0
                amount = amounts_at_start(batch.doses, drug.name, schedule, decay, first)
                y[batch.model.index(drug.state)] += amount
        rows = Rows(
            row=row,
            schedule=schedule,
            y=y,
            slope=np.empty_like(y),
            carried=self._amounts.at_start(schedule, values, first),
            values=values,
            time=np.full(row.size, first),
            step=np.full(row.size, FIRST_STEP_DAY),
            error=np.zeros(row.size),
            stop=batch.doses.stop[schedule, 0],
            stops_met=np.zeros(row.size, dtype=int),
            column=np.ones(row.size, dtype=int),
            steps=np.zeros(row.size, dtype=int),
            under_way=np.full(row.size, batch.day.size > 1),
        )
        batch.failed[row] = False
        self._derivatives.now(y, values, rows.carried, self._place(rows), rows.slope)
        return rows

    def advance(self, rows: Rows) -> None:
        """Try one step of every row and deal with the days it reaches."""
        batch = self._batch
        remaining = rows.stop - rows.time
        parts = np.fmax(np.ceil(remaining / rows.step - 1e-9), 1.0)
        step = remaining / parts
        place = self._place(rows)
        derivative, carried = self._derivatives.along(rows.values, rows.carried, place, step, tableau().nodes[1:])
        trial, slope, error = self._solver.attempt(derivative, rows.y, rows.slope, step)
        error /= LOCAL_SHARE * batch.tolerance
        good = error <= 1.0
        good &= rows.under_way
        last = parts == 1.0
        end = np.where(last, rows.stop, rows.time + step)
        self._write(rows, trial, (step, place), end, good)
        np.copyto(rows.y, trial, where=good)
        np.copyto(rows.slope, slope, where=good)
        np.copyto(rows.time, end, where=good)
        for drug, amount in rows.carried.items():
            if np.ndim(amount):
                np.copyto(amount, carried[drug], where=good)
        rows.step = step * _growth(np.maximum(error, CHANCE * rows.error))
        rows.error = np.fmin(error, 1.0)  # that of a rejected step says nothing of the next
        rows.steps += 1
        hopeless = (~good & (rows.step < batch.shortest_step_day)) | (rows.steps > self._most_steps)
        for state, size in self._exploded:
            hopeless |= rows.y[state] > size
        self._fail(rows, np.flatnonzero(hopeless & rows.under_way))
        self._stop(rows, np.flatnonzero(good & last & rows.under_way))

    def _place(self, rows: Rows, index: np.ndarray | slice = slice(None)) -> dict[str, np.ndarray]:
        """Where rows are in the tables of agents; empty without them."""
        if not self._amounts.has_tables:
            return {}
        row, schedule = rows.row[index], rows.schedule[index]
        sample = row - schedule * self._batch.samples
        return self._batch.curves.place(schedule, sample, rows.stops_met[index], rows.time[index])

    def _write(
        self, rows: Rows, trial: np.ndarray, tried: tuple[np.ndarray, dict], end: np.ndarray, good: np.ndarray
    ) -> None:
        """Write the states of every day that a good step, tried from a place, reaches."""
        step = tried[0]
        inside = np.flatnonzero(good & (self._due[rows.column] < end))
        if inside.size:
            course, left, chosen = self._course(rows, tried, inside)
            while left.size:
                row = chosen[left]
                share = (self._due[rows.column[row]] - rows.time[row]) / step[row]
                self._put(rows, row, at_share(select(course, left), share))
                left = left[self._due[rows.column[row]] < end[row]]
        at_end = np.flatnonzero(good & (self._due[rows.column] == end))
        if at_end.size:
            self._put(rows, at_end, select(trial[self._batch.kept], at_end))

    def _course(
        self, rows: Rows, tried: tuple[np.ndarray, dict], inside: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Course of the kept states inside a step, the columns of it wanted, and the row of each column."""
        step, place = tried
        everyone = inside.size > EVERYONE_SHARE * step.size
        chosen = np.arange(step.size) if everyone else inside
        left = inside if everyone else np.arange(inside.size)
        needed = (rows.values, rows.carried, place, step)
        needed = needed if everyone else tuple(select(item, inside) for item in needed)
        derivative, _ = self._derivatives.along(*needed, tableau().nodes_within)
        return self._solver.within(derivative, needed[-1], self._batch.kept, None if everyone else inside), left, chosen

    def _put(self, rows: Rows, index: np.ndarray, y: np.ndarray) -> None:
        """Write the kept states on the day each row is due."""
        kept = self._batch.kept
        # A row that failed on an earlier day of the same step has no later one.
        outside = self._keep_domain(y, kept) | self._batch.failed[rows.row[index]]
        y[:, outside] = np.nan
        self._batch.states[:, rows.row[index], rows.column[index]] = y
        self._fail(rows, index[outside])
        rows.column[index] += 1

    def _stop(self, rows: Rows, stopped: np.ndarray) -> None:
        """Go on after a stop, each schedule on its own course from where it leaves that of another."""
        if stopped.size and (born := self._leaving(rows, stopped)).row.size:
            self._go_on(born, np.arange(born.row.size))
            self._born.append(select(born, np.flatnonzero(born.under_way)))
        self._go_on(rows, stopped)

    def _leaving(self, rows: Rows, stopped: np.ndarray) -> Rows:
        """Rows of the schedules that leave those of others at this stop."""
        batch = self._batch
        of, schedule = batch.branches.leaving(rows.schedule[stopped], rows.stops_met[stopped])
        born = select(rows, stopped[of])
        row = born.row + (schedule - born.schedule) * batch.samples
        batch.states[:, row], batch.failed[row] = batch.states[:, born.row], False
        return replace(born, row=row, schedule=schedule)

    def _go_on(self, rows: Rows, stopped: np.ndarray) -> None:
        """Give the doses of rows that have come to a stop; a row at its last day is finished."""
        batch = self._batch
        finished = rows.time[stopped] >= batch.day[-1]
        rows.under_way[stopped[finished]] = False
        dosed = stopped[~finished]
        if not dosed.size:
            return
        y, which, schedule = select(rows.y, dosed), rows.stops_met[dosed], rows.schedule[dosed]
        self._fail(rows, dosed[self._keep_domain(y)])
        for drug in batch.model.drugs:
            if drug.state is not None and drug.name in batch.doses.size:
                y[batch.model.index(drug.state)] += batch.doses.size[drug.name][schedule, which]
        self._amounts.give(rows.carried, rows.values, dosed, (schedule, which))
        rows.stops_met[dosed] = which + 1
        rows.stop[dosed] = batch.doses.stop[schedule, which + 1]
        slope, carried = np.empty_like(y), select(rows.carried, dosed)
        self._derivatives.now(y, select(rows.values, dosed), carried, self._place(rows, dosed), slope)
        rows.y[:, dosed], rows.slope[:, dosed] = y, slope

    def _keep_domain(self, y: np.ndarray, states: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Whether each row is outside the domain; what lies within the tolerance of an edge is set to it."""
        slack, lower, upper = 10 * self._batch.tolerance, self._lower[states], self._upper[states]
        outside = ~((y >= lower - slack) & (y <= upper + slack)).all(axis=0)
        np.clip(y, lower, upper, out=y)
        return outside

    def _fail(self, rows: Rows, index: np.ndarray) -> None:
        if index.size:
            rows.under_way[index] = False
            self._batch.failed[rows.row[index]] = True
            if not self._batch.keeps_failed:
                self._batch.states[:, rows.row[index]] = np.nan


def _growth(ratio: np.ndarray) -> np.ndarray:
    """Factor on the step for an error of `ratio` times the allowed one; the least for an overflow."""
    growth = 0.8 * np.exp(np.log(ratio) / -ORDER)
    return np.fmin(np.fmax(growth, 0.2, out=growth), 3.0, out=growth)
