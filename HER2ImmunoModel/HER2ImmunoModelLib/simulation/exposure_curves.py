"""Exposures of agents as tables for the engine: cubic pieces between doses, dense after a dose and wide later on.

Between two stops a piece begins where the square root of the time since the first is a whole number of n-ths: right
after a dose, where a concentration falls fastest, pieces are short. Stops have a left and a right limit, as no piece
reaches over one. The table is computed once for every schedule and body, not once a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from HER2ImmunoCommonLib.limits import check_memory

from ..models.exposure_kinds import Agent
from ..models.model import Model
from ..treatments.pharmacokinetics import DoseTable
from .agent_kinetics import AgentKinetics

PIECE_DAYS = 1.0
"""Longest piece: at the end of the time between two stops."""
RATE_A_PIECE = 0.5
"""Largest product of a rate and the longest piece; faster kinetics get shorter pieces."""
MOST_KEPT = 64
"""Schedules up to which a table is kept for who asks for it again."""
TABLE_BYTES = 2.5e8
"""Size of a table from which schedules are simulated in several batches."""


@dataclass(frozen=True)
class AgentTable:
    """Exposure to one agent under every schedule, of every body.

    Attributes
    ----------
    pieces : array (cells, 4)
        Coefficients of every piece.
    interval : int array (schedules, stops)
        How many doses of the agent there were after so many stops of any drug: the interval between its doses.
    since : array (schedules, intervals)
        Day on which each interval begins.
    scale : array (schedules, intervals)
        Pieces an interval, squared, over its length; 0 for one without length.
    first : int array (intervals,)
        Cell of the first piece of an interval, of the first schedule and body.
    width : int array (intervals,)
        Cells of an interval.
    """

    pieces: np.ndarray
    interval: np.ndarray
    since: np.ndarray
    scale: np.ndarray
    first: np.ndarray
    width: np.ndarray

    def place(self, schedule: np.ndarray, curve: np.ndarray, stops_met: np.ndarray, time: np.ndarray) -> dict:
        """Days since the last dose, scale and first cell of rows, arrays (rows,)."""
        interval = self.interval.take(schedule * self.interval.shape[1] + stops_met)
        at = schedule * self.since.shape[1] + interval
        return {
            "since": time - self.since.take(at),
            "scale": self.scale.take(at),
            "cell": self.first.take(interval) + curve * self.width.take(interval),
        }

    def at(self, place: Mapping[str, np.ndarray], later: np.ndarray | float) -> np.ndarray:
        """Exposure some days (rows,) after a place within the same interval, array (rows,)."""
        part = place["since"] + later
        part *= place["scale"]
        np.sqrt(part, out=part)
        cell = part.astype(np.intp)
        part -= cell
        cell += place["cell"]
        # clip, as rows that have ended are computed with the others and may lie anywhere
        terms = self.pieces.take(cell, axis=0, mode="clip")
        value = terms[:, 3] * part
        for term in (2, 1):
            value += terms[:, term]
            value *= part
        value += terms[:, 0]
        return value


@dataclass(frozen=True)
class ExposureCurves:
    """Exposures of the agents of a batch.

    Attributes
    ----------
    tables : dict of str to AgentTable
        Of every agent that is given.
    bodies : int
        1 where all samples share one body, else one a sample.
    """

    tables: dict[str, AgentTable]
    bodies: int

    def place(self, schedule: np.ndarray, sample: np.ndarray, stops_met: np.ndarray, time: np.ndarray) -> dict:
        """Where rows are in the table of each agent."""
        curve = schedule if self.bodies == 1 else schedule * self.bodies + sample
        return {name: table.place(schedule, curve, stops_met, time) for name, table in self.tables.items()}

    def at(self, place: Mapping[str, Mapping], later: np.ndarray | float) -> dict[str, np.ndarray]:
        """Exposure to every agent some days (rows,) after a place without a dose between, arrays (rows,)."""
        return {name: table.at(place[name], later) for name, table in self.tables.items()}


def curves(
    model: Model, values: Mapping[str, np.ndarray | float], doses: DoseTable, first_day: float, samples: int
) -> ExposureCurves | None:
    """Exposures of a model's agents under every schedule; None where none is given.

    Parameters
    ----------
    model : Model
    values : mapping of str to float or array (samples,)
    doses : DoseTable
    first_day : float
        Day from which rows are followed.
    samples : int

    Raises
    ------
    InputError
        More than the memory holds.
    """
    given = [agent for name, agent in model.agents.items() if name in doses.size]
    if not given:
        return None
    is_shared = not any(np.ndim(values[name]) for agent in given for name in agent.kinetics.values())
    asked = _Asked(_key(given, values, doses, first_day), given, values, doses, first_day, 1 if is_shared else samples)
    return _kept(asked) if is_shared and len(doses.stop) <= MOST_KEPT else _computed(asked)


@dataclass(frozen=True)
class _Asked:
    """Tables that are asked for; equal where the key is."""

    key: tuple
    given: list[Agent] = field(compare=False)
    values: Mapping[str, np.ndarray | float] = field(compare=False)
    doses: DoseTable = field(compare=False)
    first_day: float = field(compare=False)
    bodies: int = field(compare=False)


def _key(given: Sequence[Agent], values: Mapping, doses: DoseTable, first_day: float) -> tuple:
    agents = []
    for agent in given:
        numbers = tuple((name, float(np.max(values[key]))) for name, key in agent.kinetics.items())
        before = tuple((day, size.tobytes()) for day, size in doses.before[agent.name])
        own = (agent.full_dose_mg, agent.reference_mg_per_l, numbers)
        agents.append((agent.name, *own, doses.size[agent.name].tobytes(), before))
    return (first_day, doses.stop.shape, doses.stop.tobytes(), tuple(agents))


@lru_cache(maxsize=16)
def _kept(asked: _Asked) -> ExposureCurves:
    """A calibration asks for the same few tables thousands of times."""
    return _computed(asked)


def _computed(asked: _Asked) -> ExposureCurves:
    tables = {agent.name: _table(agent, asked) for agent in asked.given}
    return ExposureCurves(tables, asked.bodies)


def _table(agent: Agent, asked: _Asked) -> AgentTable:
    kinetics, size = AgentKinetics(agent, asked.values), asked.doses.size[agent.name]
    interval, stop, given = _own_stops(asked.doses.stop, size)
    since = np.column_stack([np.full(len(stop), asked.first_day), stop[:, :-1]])
    length = stop - since
    longest = min(PIECE_DAYS, RATE_A_PIECE / kinetics.fastest)
    number = np.maximum(1, np.ceil(2.0 * length.max(axis=0) / longest)).astype(int)
    width = number + 1  # the last cell is the value at the end, for a time that round-off puts there
    cells = len(stop) * asked.bodies * width
    check_memory(4.0 * cells.sum(), f"exposures of {len(stop) * asked.bodies} courses")
    with np.errstate(divide="ignore"):
        scale = np.where(length > 0, np.square(number) / length, 0.0)
    first = np.concatenate([[0], np.cumsum(cells)])
    pieces = np.zeros((first[-1], 4))
    start = _at_start(kinetics, asked.doses.before[agent.name], len(stop), asked)
    for i, course in enumerate(_courses(kinetics, start, given, length, number)):
        _fill(pieces[first[i] : first[i + 1]], *course)
    return AgentTable(pieces, interval, since, scale, first[:-1], width)


def _own_stops(stop: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The stops at which an agent is given, of stops of any drug and its doses at them.

    Returns
    -------
    interval : int array (schedules, stops)
        As `AgentTable.interval`.
    stop : array (schedules, intervals)
        End of each interval.
    given : array (schedules, intervals - 1)
        Dose at the end of each.
    """
    interval = np.pad(np.cumsum(size > 0, axis=1), ((0, 0), (1, 0)))
    most = int(interval[:, -1].max())
    own, given = np.repeat(stop[:, -1:], most + 1, axis=1), np.zeros((len(stop), most))
    schedule, column = np.nonzero(size > 0)
    own[schedule, interval[schedule, column]] = stop[schedule, column]
    given[schedule, interval[schedule, column]] = size[schedule, column]
    return interval, own, given


def table_bytes(
    model: Model, values: Mapping[str, np.ndarray | float], doses: DoseTable, first_day: float, samples: int
) -> float:
    """About what the tables of a batch take, to divide it; 0 where bodies are shared or no agent is given."""
    given = [agent for name, agent in model.agents.items() if name in doses.size]
    if not any(np.ndim(values[name]) for agent in given for name in agent.kinetics.values()):
        return 0.0
    stops = [_own_stops(doses.stop, doses.size[agent.name])[1] for agent in given]
    lengths = [np.diff(stop, axis=1, prepend=first_day).max(axis=0) for stop in stops]
    return 32.0 * samples * len(doses.stop) * sum(float((2.0 * each / PIECE_DAYS + 2.0).sum()) for each in lengths)


def _courses(kinetics: AgentKinetics, parts: np.ndarray, given: np.ndarray, length: np.ndarray, number: np.ndarray):
    """Values and slopes (per piece) at the ends of the pieces of each interval, arrays (n + 1, schedules, bodies)."""
    for interval, n in enumerate(number.tolist()):
        if interval:
            parts = parts + given[:, interval - 1, None] * kinetics.jump
        share = np.arange(n + 1) / n
        value, slope = np.empty((2, n + 1, *parts.shape[1:]))
        course = kinetics.along(parts, np.square(share)[:, None] * length[:, interval])
        for i, (after, concentration, change) in enumerate(course):
            parts, value[i] = after, concentration
            # days a piece, where the square root of the time goes by one piece
            slope[i] = change * (2.0 * i / n**2) * length[:, interval, None]
        yield value, slope


def _at_start(
    kinetics: AgentKinetics, before: Sequence[tuple[float, np.ndarray]], schedules: int, asked: _Asked
) -> np.ndarray:
    """What the doses given until the first day have left then, array (exponentials, schedules, bodies)."""
    parts = np.zeros((len(kinetics.jump), schedules, asked.bodies))
    for (day, size), until in zip(before, [*(day for day, _ in before[1:]), asked.first_day], strict=False):
        parts = parts + size[:, None] * kinetics.jump
        if until > day:
            n = int(np.ceil(2.0 * (until - day) / min(PIECE_DAYS, RATE_A_PIECE / kinetics.fastest)))
            rising = np.square(np.arange(n + 1) / n)[:, None] * np.full(schedules, until - day)
            *_, (parts, _, _) = kinetics.along(parts, rising)
    return parts


def _fill(pieces: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
    """Fill in the pieces of an interval: those of each schedule and body in turn, the last of them constant."""
    cells = np.moveaxis(pieces.reshape(*value.shape[1:], value.shape[0], 4), 2, 0)
    cells[..., 0] = value
    cells[:-1, ..., 1] = slope[:-1]
    rise = np.diff(value, axis=0)
    bend = slope[:-1] + slope[1:] - 2.0 * rise
    cells[:-1, ..., 2] = rise - slope[:-1] - bend
    cells[:-1, ..., 3] = bend
