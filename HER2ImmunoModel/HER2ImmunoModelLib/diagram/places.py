"""Where the states, drugs and arrows of a model go, in pixels, y downwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from HER2ImmunoCommonLib.chart_shapes import Box

from ..models.model import Model
from ..models.structure import Arrow, Structure, words_of_states

Measure = Callable[[str], float]
"""Width of a text in pixels."""

SLOTS = {
    "volume_cm3": (0.5, 0),
    "immune_fraction": (0.0, 0),
    "vascular_fraction": (1.0, 0),
    "necrotic_fraction": (0.14, 1),
    "hypoxic_fraction": (0.86, 1),
}
"""Place of a state by what measures it: share of the width, and row of the states."""
MARGIN, PADDING = 8.0, 7.0
LOOP, LOOP_DEPTH = 8.0, 1.6
"""Radius of the arrow from a part to itself, and how deep it is over that."""
DRUGS_TOP = 16.0
APART = 6.0
"""Of two arrows there and back, from the line between both parts."""
BETWEEN_ROWS, BELOW_DRUGS = 74.0, 82.0
CURVE_STEPS = 24
SHORT = {"checkpoint_inhibitor": "Checkpoint inh."}
"""Labels of drugs that are too long for a picture of three."""


@dataclass(frozen=True)
class Node:
    """A state or a drug.

    Attributes
    ----------
    name, label : str
    box : Box
    is_drug : bool
    is_measured : bool
    """

    name: str
    label: str
    box: Box
    is_drug: bool = False
    is_measured: bool = False

    @property
    def middle(self) -> np.ndarray:
        """Centre (x, y)."""
        return np.array([self.box.x + self.box.width / 2, self.box.y + self.box.height / 2])


@dataclass(frozen=True)
class Path:
    """An arrow as a line of points (n, 2), its head at the last."""

    arrow: Arrow
    points: np.ndarray


@dataclass(frozen=True)
class Places:
    """All of a picture in place."""

    width: float
    height: float
    text: float
    nodes: tuple[Node, ...]
    paths: tuple[Path, ...]
    structure: Structure
    legend_y: float

    def node(self, name: str) -> Node:
        """The node of a state or drug."""
        return next(node for node in self.nodes if node.name == name)

    def node_at(self, x: float, y: float) -> Node | None:
        """The node under a point."""
        inside = (n for n in self.nodes if n.box.x <= x <= n.box.right and n.box.y <= y <= n.box.bottom)
        return next(inside, None)

    def path_at(self, x: float, y: float, near: float = 6.0) -> Path | None:
        """The arrow nearest to a point, within some pixels."""
        gaps = [(_gap(path.points, np.array([x, y])), number) for number, path in enumerate(self.paths)]
        gap, number = min(gaps, default=(math.inf, -1))
        return self.paths[number] if gap <= near else None


def height_for(model: Model, text: float) -> float:
    """Height of a picture, for the height of a line of text."""
    return _rows(model, text)[-1]


def lay_out(model: Model, structure: Structure, width: float, text: float, measure: Measure, measured: Collection[str]):
    """Put a model in place.

    Parameters
    ----------
    model : Model
    structure : Structure
        Of that model.
    width, text : float
        Of the picture, and height of a line.
    measure : Measure
    measured : collection of str
        Columns of the measurement table with a number.

    Returns
    -------
    Places
    """
    states = _states(model, width, text, measure, measured)
    nodes = (*_drugs(model, structure, states, width, text, measure), *states)
    by_name = {node.name: node for node in nodes}
    paths = tuple(_path(arrow, by_name, structure, width) for arrow in structure.arrows)
    *_tops, legend, height = _rows(model, text)
    return Places(width, height, text, nodes, paths, structure, legend)


def _rows(model: Model, text: float) -> tuple[float, float, float, float]:
    """Tops of both rows of states, of the legend, and the height of all."""
    first = DRUGS_TOP + text + 2 * PADDING + BELOW_DRUGS if model.drugs else MARGIN
    rows = {_slot(model, state.name)[1] for state in _own_states(model)}
    second = first + 2 * text + PADDING + BETWEEN_ROWS
    bottom = (second if 1 in rows else first) + 2 * text + PADDING
    legend = bottom + 3 * LOOP
    return first, second, legend, legend + 2 * (text + 3.0) + MARGIN


def _own_states(model: Model) -> list:
    """States that are no drug."""
    of_drugs = {drug.state for drug in model.drugs}
    return [state for state in model.states if state.name not in of_drugs]


def _slot(model: Model, state: str) -> tuple[float, int]:
    column = model.observables.get(state, "")
    if column in SLOTS:
        return SLOTS[column]
    others = [s.name for s in _own_states(model) if model.observables.get(s.name, "") not in SLOTS]
    return (others.index(state) + 1) / (len(others) + 1), 1


def _states(model: Model, width: float, text: float, measure: Measure, measured: Collection[str]) -> list[Node]:
    words, nodes, rows = words_of_states(model), [], _rows(model, text)
    for state in _own_states(model):
        share, row = _slot(model, state.name)
        wide = max(measure(words[state.name]) * 1.15, measure("not measured")) + 2 * PADDING
        side = MARGIN + 2 * LOOP
        x = side + share * (width - 2 * side - wide)
        box = Box(x, rows[row], wide, 2 * text + PADDING)
        nodes.append(Node(state.name, words[state.name], box, False, model.observables.get(state.name) in measured))
    return nodes


def _drugs(model: Model, structure: Structure, states: Sequence[Node], width: float, text: float, measure: Measure):
    """Drugs side by side in the order in which the fewest of their arrows cross."""
    if not model.drugs:
        return []
    at = {node.name: node.middle[0] for node in states}
    order = min(permutations(model.drugs), key=lambda drugs: _crossings([d.name for d in drugs], structure, at))
    labels = [SHORT.get(d.name, d.label) if len(order) > 2 else d.label for d in order]
    wide = [measure(label) + 2 * PADDING for label in labels]
    room = (width - 2 * MARGIN - sum(wide)) / (len(order) + 1) if len(order) < 3 else 0.0
    gap = room or max(4.0, (width - 2 * MARGIN - 2 * LOOP - sum(wide)) / (len(order) - 1))
    x, nodes = MARGIN + room, []
    for drug, label, size in zip(order, labels, wide, strict=True):
        nodes.append(Node(drug.name, label, Box(x, DRUGS_TOP, size, text + 2 * PADDING), is_drug=True))
        x += size + gap
    return nodes


def _crossings(order: Sequence[str], structure: Structure, at: dict[str, float]) -> int:
    lines = [(order.index(a.source), at[a.target]) for a in structure.arrows if a.source in order and a.target in at]
    return sum((one[0] - other[0]) * (one[1] - other[1]) < 0 for one, other in combinations(lines, 2))


def _path(arrow: Arrow, nodes: dict[str, Node], structure: Structure, width: float) -> Path:
    source, target = nodes[arrow.source], nodes[arrow.target]
    if source is target:
        return Path(arrow, _loop(source, width))
    across = target.middle - source.middle
    side = np.array([-across[1], across[0]]) / np.hypot(*across)
    both = structure.arrow(arrow.target, arrow.source) is not None
    if _is_blocked(source, target, nodes):
        return Path(arrow, _below(source, target, both))
    shift = APART * side * both
    return Path(arrow, np.stack([_edge(source, shift, across), _edge(target, shift, -across)]))


def _is_blocked(source: Node, target: Node, nodes: dict[str, Node]) -> bool:
    """Whether another node lies on the straight line."""
    line = np.linspace(source.middle, target.middle, CURVE_STEPS)
    others = [node.box.wider(2.0) for node in nodes.values() if node is not source and node is not target]
    return any(b.x < x < b.right and b.y < y < b.bottom for b in others for x, y in line)


def _below(source: Node, target: Node, both: bool) -> np.ndarray:
    """A curve from foot to foot, below what lies between."""
    left_to_right = source.middle[0] < target.middle[0]
    deep = (1.0 if left_to_right else 0.72) if both else 0.85
    inward = 8.0 if left_to_right else 18.0
    ends = []
    for node, other in ((source, target), (target, source)):
        towards = np.sign(other.middle[0] - node.middle[0])
        ends.append(np.array([node.middle[0] + towards * (node.box.width / 2 - inward), node.box.bottom]))
    control = (ends[0] + ends[1]) / 2 + np.array([0.0, 1.1 * BETWEEN_ROWS * deep])
    share = np.linspace(0.0, 1.0, CURVE_STEPS)[:, None]
    return (1 - share) ** 2 * ends[0] + 2 * share * (1 - share) * control + share**2 * ends[1]


def _edge(node: Node, shift: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Where a line from the middle of a node, shifted, leaves its box."""
    box, start = node.box, node.middle + shift
    reach = []
    for axis, (low, high) in enumerate(((box.x, box.right), (box.y, box.bottom))):
        if abs(direction[axis]) > 1e-9:
            reach.append(((high if direction[axis] > 0 else low) - start[axis]) / direction[axis])
    return start + min(reach) * direction


def _loop(node: Node, width: float) -> np.ndarray:
    """Half a circle: above a drug, or below a state at the side that is farther from the middle of the picture."""
    box, is_left = node.box, node.middle[0] <= width / 2
    if node.is_drug:
        centre, turn = np.array([box.right - 2 * LOOP, box.y]), np.linspace(-math.pi, 0.0, CURVE_STEPS)
    else:
        x = box.x + 2 * LOOP if is_left else box.right - 2 * LOOP
        centre, turn = np.array([x, box.bottom]), np.linspace(0.0, math.pi, CURVE_STEPS)
        turn = turn if is_left else turn[::-1]
    return centre + LOOP * np.stack([np.cos(turn), np.sin(turn)], axis=-1) * (1.0, LOOP_DEPTH)


def _gap(points: np.ndarray, at: np.ndarray) -> float:
    """Distance of a point from a line of points."""
    start, along = points[:-1], np.diff(points, axis=0)
    share = np.clip(((at - start) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12), 0.0, 1.0)
    return float(np.hypot(*(start + share[:, None] * along - at).T).min())
