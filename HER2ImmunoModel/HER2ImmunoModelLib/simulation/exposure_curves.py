"""Exposures of agents as tables for the engine: cubic pieces between doses, dense after a dose and wide later on.

Between two stops a piece begins where the square root of the time since the first is a whole number of n-ths: right
after a dose, where a concentration falls fastest, pieces are short. Stops have a left and a right limit, as no piece
reaches over one. The table is computed once for every schedule and body, not once a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter

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
class ExposureCurves:
    """Exposures of the agents of a batch.

    Attributes
    ----------
    pieces : dict of str to array (cells, 4)
        Coefficients of every piece, of every agent that is given.
    bodies : int
        1 where all samples share one body, else one a sample.
    since : array (schedules, intervals)
        Day of the stop before each interval.
    scale : array (schedules, intervals)
        Pieces an interval, squared, over its length; 0 for one without length.
    first : int array (intervals,)
        Cell of the first piece of an interval, of the first schedule and body.
    width : int array (intervals,)
        Cells of an interval.
    """

    pieces: dict[str, np.ndarray]
    bodies: int
    since: np.ndarray
    scale: np.ndarray
    first: np.ndarray
    width: np.ndarray

    def place(self, schedule: np.ndarray, sample: np.ndarray, stops_met: np.ndarray, time: np.ndarray) -> dict:
        """Where rows are in the tables: days since their last stop, scale and first cell, arrays (rows,)."""
        at = schedule * self.since.shape[1] + stops_met
        curve = schedule if self.bodies == 1 else schedule * self.bodies + sample
        return {
            "since": time - self.since.take(at),
            "scale": self.scale.take(at),
            "cell": self.first.take(stops_met) + curve * self.width.take(stops_met),
        }

    def at(self, place: Mapping[str, np.ndarray], later: np.ndarray | float) -> dict[str, np.ndarray]:
        """Exposure of every agent some days (rows,) after a place within the same interval, arrays (rows,)."""
        part = place["since"] + later
        part *= place["scale"]
        np.sqrt(part, out=part)
        cell = part.astype(np.intp)
        part -= cell
        cell += place["cell"]
        found = {}
        for name, pieces in self.pieces.items():
            # clip, as rows that have ended are computed with the others and may lie anywhere
            terms = pieces.take(cell, axis=0, mode="clip")
            value = terms[:, 3] * part
            for term in (2, 1):
                value += terms[:, term]
                value *= part
            value += terms[:, 0]
            found[name] = value
        return found


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
    given, values, doses, first_day, bodies = asked.given, asked.values, asked.doses, asked.first_day, asked.bodies
    kinetics = {agent.name: AgentKinetics(agent, values) for agent in given}
    since = np.column_stack([np.full(len(doses.stop), first_day), doses.stop[:, :-1]])
    length = doses.stop - since
    longest = min(PIECE_DAYS, RATE_A_PIECE / max(each.fastest for each in kinetics.values()))
    number = np.maximum(1, np.ceil(2.0 * length.max(axis=0) / longest)).astype(int)
    width = number + 1  # the last cell is the value at the end, for a time that round-off puts there
    cells = len(doses.stop) * bodies * width
    check_memory(4.0 * cells.sum() * len(given), f"exposures of {len(doses.stop) * bodies} courses")
    with np.errstate(divide="ignore"):
        scale = np.where(length > 0, np.square(number) / length, 0.0)
    first = np.concatenate([[0], np.cumsum(cells)])
    pieces = {name: np.zeros((first[-1], 4)) for name in kinetics}
    for name, each in kinetics.items():
        for interval, course in enumerate(_courses(each, doses, name, first_day, length, number, bodies)):
            _fill(pieces[name][first[interval] : first[interval + 1]], *course)
    return ExposureCurves(pieces, bodies, since, scale, first[:-1], width)


def table_bytes(model: Model, values: Mapping[str, np.ndarray | float], doses: DoseTable, samples: int) -> float:
    """About what the tables of a batch take, to divide it; 0 where bodies are shared or no agent is given."""
    given = [agent for name, agent in model.agents.items() if name in doses.size]
    if not any(np.ndim(values[name]) for agent in given for name in agent.kinetics.values()):
        return 0.0
    lengths = np.diff(np.column_stack([np.zeros(len(doses.stop)), doses.stop]), axis=1).max(axis=0)
    return 32.0 * samples * len(doses.stop) * len(given) * float((2.0 * lengths / PIECE_DAYS + 2.0).sum())


def _courses(kinetics: AgentKinetics, doses: DoseTable, name: str, first_day: float, length, number, bodies: int):
    """Values and slopes (per piece) at the ends of the pieces of each interval, arrays (n + 1, schedules, bodies)."""
    parts = _at_start(kinetics, doses, name, first_day, bodies)
    for interval, n in enumerate(number.tolist()):
        if interval:
            parts = parts + doses.size[name][:, interval - 1, None] * kinetics.jump
        share = np.arange(n + 1) / n
        value, slope = np.empty((2, n + 1, *parts.shape[1:]))
        course = kinetics.along(parts, np.square(share)[:, None] * length[:, interval])
        for i, (after, concentration, change) in enumerate(course):
            parts, value[i] = after, concentration
            # days a piece, where the square root of the time goes by one piece
            slope[i] = change * (2.0 * i / n**2) * length[:, interval, None]
        yield value, slope


def _at_start(kinetics: AgentKinetics, doses: DoseTable, name: str, first_day: float, bodies: int) -> np.ndarray:
    """What the doses given until the first day have left then, array (exponentials, schedules, bodies)."""
    parts = np.zeros((len(kinetics.jump), len(doses.stop), bodies))
    before: Sequence[tuple[float, np.ndarray]] = sorted(doses.before[name], key=itemgetter(0))
    for (day, size), until in zip(before, [*(day for day, _ in before[1:]), first_day], strict=False):
        parts = parts + size[:, None] * kinetics.jump
        if until > day:
            n = int(np.ceil(2.0 * (until - day) / min(PIECE_DAYS, RATE_A_PIECE / kinetics.fastest)))
            rising = np.square(np.arange(n + 1) / n)[:, None] * np.full(len(doses.stop), until - day)
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
