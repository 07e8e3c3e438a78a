"""Exposures of the agents of a batch of rows, from tables that are computed once for every schedule and body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ..models.exposure_kinds import Agent
from ..models.model import Model
from ..treatments.pharmacokinetics import DoseTable
from .agent_courses import agent_courses
from .exposure_tables import AgentTable, agent_table, table_bytes

MOST_KEPT = 64
"""Schedules up to which a table is kept for who asks for it again."""
TABLE_BYTES = 2.5e8
"""Size of a table from which schedules are simulated in several batches."""


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
        body = 0 if self.bodies == 1 else sample
        return {name: table.place(schedule, body, stops_met, time) for name, table in self.tables.items()}

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
    is_shared = _is_shared(given, values)
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
    tables = {}
    for agent in asked.given:
        plan = agent_courses(asked.doses, agent.name, asked.first_day)
        tables[agent.name] = agent_table(agent, asked.values, plan, asked.bodies)
    return ExposureCurves(tables, asked.bodies)


def curves_bytes(
    model: Model, values: Mapping[str, np.ndarray | float], doses: DoseTable, first_day: float, samples: int
) -> float:
    """What the tables of a batch take, to divide it; 0 where bodies are shared or no agent is given."""
    given = [agent for name, agent in model.agents.items() if name in doses.size]
    if _is_shared(given, values):
        return 0.0
    return sum(table_bytes(each, values, agent_courses(doses, each.name, first_day), samples) for each in given)


def _is_shared(given: Sequence[Agent], values: Mapping[str, np.ndarray | float]) -> bool:
    """Whether all samples have one body."""
    return not any(np.ndim(values[name]) for agent in given for name in agent.kinetics.values())
