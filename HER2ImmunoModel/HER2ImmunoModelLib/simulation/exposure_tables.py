"""Exposures of an agent as a table for the engine: cubic pieces, short after a dose and longer later on.

A concentration falls fastest right after a dose: there a piece begins where the square root of the time since is a
whole number of parts; later they are equally long. Courses begin with a dose, so that no piece reaches over one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from HER2ImmunoCommonLib.limits import check_memory

from ..models.exposure_kinds import Agent
from .agent_courses import NO_COURSES, AgentCourses
from .agent_kinetics import AgentKinetics

PIECE_DAYS = 1.0
"""Longest piece."""
RATE_A_PIECE = 0.5
"""Largest product of a rate and the longest piece; faster kinetics get shorter pieces."""
SHORTER = 16.0
"""In units of the longest piece: the time after a dose within which pieces are shorter."""
ROOT_PIECES = 2.0 * SHORTER**0.5
"""Pieces in the first unit, so that those at the end of that time are one long."""
COURSES_AT_ONCE = 8192
"""Courses of bodies that are followed together: what they need stays in the cache."""


@dataclass(frozen=True)
class AgentTable:
    """Exposure to one agent under every schedule, of every body.

    Attributes
    ----------
    pieces : array (cells, 4)
        Coefficients of every piece.
    longest : float
        Days of the longest.
    course : int array (schedules, stops)
        What a schedule follows after so many stops of any drug.
    since : array (schedules, stops)
        Day on which that began.
    first : int array (courses,)
        Cell of the first piece of the first body.
    width : int array (courses,)
        Cells from one piece to the next; those of the bodies lie between.
    """

    pieces: np.ndarray
    longest: float
    course: np.ndarray
    since: np.ndarray
    first: np.ndarray
    width: np.ndarray

    def place(self, schedule: np.ndarray, body: np.ndarray | int, stops_met: np.ndarray, time: np.ndarray) -> dict:
        """Days since the start of the course, its first cell and width, arrays (rows,)."""
        at = schedule * self.course.shape[1] + stops_met
        course = self.course.take(at)
        since = time - self.since.take(at)
        return {"since": since, "cell": self.first.take(course) + body, "width": self.width.take(course)}

    def at(self, place: Mapping[str, np.ndarray], later: np.ndarray | float) -> np.ndarray:
        """Exposure some days (rows,) after a place on the same course, array (rows,)."""
        part = pieces_in(place["since"] + later, self.longest)
        cell = part.astype(np.intp)
        part -= cell
        cell *= place["width"]
        cell += place["cell"]
        # clip, as rows that have ended are computed with the others and may lie anywhere
        terms = self.pieces.take(cell, axis=0, mode="clip")
        value = terms[:, 3] * part
        for term in (2, 1):
            value += terms[:, term]
            value *= part
        value += terms[:, 0]
        return value


def pieces_in(days: np.ndarray, longest: float) -> np.ndarray:
    """Number of pieces, with a part of the last, in some days after a dose."""
    later = days / longest
    near = np.minimum(later, SHORTER)
    later -= near
    np.sqrt(near, out=near)
    near *= ROOT_PIECES
    later += near
    return later


def nodes(number: int, longest: float) -> np.ndarray:
    """Days after a dose on which pieces begin, array (number + 1,)."""
    piece = np.arange(number + 1.0)
    near = np.minimum(piece, ROOT_PIECES * SHORTER**0.5)
    return longest * (np.square(near / ROOT_PIECES) + piece - near)


def longest_piece(kinetics: AgentKinetics) -> float:
    """Days of the longest piece that the kinetics of an agent allow."""
    return min(PIECE_DAYS, RATE_A_PIECE / kinetics.fastest)


def agent_table(agent: Agent, values: Mapping[str, np.ndarray | float], plan: AgentCourses, bodies: int) -> AgentTable:
    """The table of an agent.

    Parameters
    ----------
    agent : Agent
    values : mapping of str to float or array (bodies,)
    plan : AgentCourses
    bodies : int

    Raises
    ------
    InputError
        More than the memory holds.
    """
    kinetics = AgentKinetics(agent, values)
    layout = _Layout(plan, longest_piece(kinetics), bodies)
    check_memory(4.0 * layout.cells, f"exposures of {layout.first.size * bodies} courses")
    pieces = np.empty((layout.cells, 4))
    parts = _at_start(kinetics, plan, bodies, layout.longest)[:, plan.generations[0].origin]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for generation, batches, rest in zip(plan.generations, layout.batches, layout.rest, strict=True):
            parts += generation.dose[:, None] * kinetics.jump
            branches = np.empty((len(parts), rest.size, bodies))
            for _ in pool.map(partial(_follow, kinetics, parts, branches, pieces), batches):
                pass
            kinetics.advance(branches, rest)
            parts = branches
    return AgentTable(pieces, layout.longest, plan.number, plan.since, layout.first, layout.width)


def table_bytes(agent: Agent, values: Mapping[str, np.ndarray | float], plan: AgentCourses, bodies: int) -> float:
    """What the table of an agent takes."""
    return 32.0 * _Layout(plan, longest_piece(AgentKinetics(agent, values)), bodies).cells


@dataclass(frozen=True)
class _Batch:
    """Courses of a generation that are followed together.

    Attributes
    ----------
    courses : int array (courses,)
        Their numbers within the generation.
    days : array (pieces + 1,)
        The nodes.
    days_a_piece : array (pieces + 1,)
        How fast days go by with pieces at each node.
    cells : slice
        Of the table: a row of all courses and bodies for every piece, and one for times that round-off puts at the end.
    branches, origin, node : int array (branches,)
        Courses of the next generation that begin in these, the place in `courses` of each, and the last node before.
    """

    courses: np.ndarray
    days: np.ndarray
    days_a_piece: np.ndarray
    cells: slice
    branches: np.ndarray
    origin: np.ndarray
    node: np.ndarray


class _Layout:
    """Where in a table the courses of a plan lie, and which of them are followed together.

    Attributes
    ----------
    longest : float
    cells : int
    batches : list of list of _Batch
        Of each generation.
    rest : list of array
        Days from the last node to the start of each course of the next generation.
    first, width : int array (courses,)
        As of `AgentTable`.
    """

    def __init__(self, plan: AgentCourses, longest: float, bodies: int):
        self.longest, self._bodies, self.cells = longest, bodies, 0
        self.batches, self.rest = [], []
        starts = np.cumsum([0, *(len(each.days) for each in plan.generations)])
        self.first, self.width = np.empty((2, starts[-1]), dtype=int)
        following = [*plan.generations[1:], NO_COURSES]
        for start, generation, after in zip(starts, plan.generations, following, strict=False):
            node = pieces_in(after.after, longest).astype(int)
            self.rest.append(after.after - nodes(int(node.max(initial=0)), longest)[node])
            order = np.argsort(generation.days)
            some = np.array_split(order, -(-order.size // max(1, COURSES_AT_ONCE // bodies)))
            self.batches.append([self._batch(generation.days, each, start, (after.origin, node)) for each in some])

    def _batch(self, days: np.ndarray, courses: np.ndarray, start: int, ends: tuple[np.ndarray, np.ndarray]) -> _Batch:
        number = int(np.ceil(pieces_in(days[courses], self.longest)).max())
        self.first[start + courses] = self.cells + self._bodies * np.arange(courses.size)
        self.width[start + courses] = self._bodies * courses.size
        before, self.cells = self.cells, self.cells + self._bodies * courses.size * (number + 1)
        place = np.full(days.size, -1)
        place[courses] = np.arange(courses.size)
        origin, node = ends
        own = np.flatnonzero(place[origin] >= 0)
        speed = self.longest * np.minimum(2.0 * np.arange(number + 1) / ROOT_PIECES**2, 1.0)
        cells = slice(before, self.cells)
        return _Batch(courses, nodes(number, self.longest), speed, cells, own, place[origin[own]], node[own])


def _follow(
    kinetics: AgentKinetics, starts: np.ndarray, branches: np.ndarray, pieces: np.ndarray, batch: _Batch
) -> None:
    """Follow a batch from its starts to its ends, filling its pieces and what there is where branches begin."""
    parts = starts[:, batch.courses]
    cells = pieces[batch.cells].reshape(batch.days.size, *parts.shape[1:], 4)
    value, slope = _now(kinetics, parts, batch, 0)
    for node, step in enumerate(np.diff(batch.days).tolist(), start=1):
        _take(branches, parts, batch, node - 1)
        kinetics.advance(parts, round(step, 12))
        before, (value, slope) = (value, slope), _now(kinetics, parts, batch, node)
        _fill(cells[node - 1], *before, value, slope)
    _take(branches, parts, batch, batch.days.size - 1)
    cells[-1, ..., 0], cells[-1, ..., 1:] = value, 0.0


def _now(kinetics: AgentKinetics, parts: np.ndarray, batch: _Batch, node: int) -> tuple[np.ndarray, np.ndarray]:
    """Value and slope (per piece) at a node."""
    value, change = kinetics.now(parts)
    return value, change * batch.days_a_piece[node]


def _take(branches: np.ndarray, parts: np.ndarray, batch: _Batch, node: int) -> None:
    here = batch.node == node
    if here.any():
        branches[:, batch.branches[here]] = parts[:, batch.origin[here]]


def _fill(cell: np.ndarray, value: np.ndarray, slope: np.ndarray, next_value: np.ndarray, next_slope: np.ndarray):
    """The cubic from a value and a slope to the next ones, cell (courses, bodies, 4)."""
    rise = next_value - value
    bend = slope + next_slope - 2.0 * rise
    cell[..., 0], cell[..., 1], cell[..., 2], cell[..., 3] = value, slope, rise - slope - bend, bend


def _at_start(kinetics: AgentKinetics, plan: AgentCourses, bodies: int, longest: float) -> np.ndarray:
    """What the doses given until the first day have left then, array (exponentials, patterns, bodies)."""
    parts = np.zeros((len(kinetics.jump), len(plan.early), bodies))
    for days, doses in zip(np.diff(plan.early_days, append=plan.first_day), plan.early.T, strict=True):
        parts += doses[:, None] * kinetics.jump
        number = int(pieces_in(np.array([days]), longest)[0])
        day = nodes(number, longest)
        for step in (*np.diff(day).tolist(), days - day[-1]):
            kinetics.advance(parts, round(step, 12))
    return parts
