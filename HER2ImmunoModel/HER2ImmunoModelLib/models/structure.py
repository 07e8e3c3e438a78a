"""What acts on what in a model, found out from its right-hand side: no model is drawn by hand.

An arrow is there where the rate of change of a state differs when its source alone is changed. Its sign is that of the
difference at every sampled point of the domain, with the parameters at their defaults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from .model import Drug, Model

SAMPLES = 96
NOISE = 1e-11
"""Of a rate, over the largest of it: a difference below it is rounding."""
AMOUNT = (0.2, 2.0)
"""Full doses of a drug that is present."""
FRACTION = (0.02, 0.98)
AROUND_START = (0.1, 10.0)
"""A state without an upper edge, over its initial value."""

RAISES, LOWERS, EITHER = 1, -1, 0


@dataclass(frozen=True)
class Arrow:
    """One part of a model acts on another.

    Attributes
    ----------
    source, target : str
        Names of states or drugs; a drug that the model integrates goes by the drug's name.
    sign : int
        `RAISES`, `LOWERS`, or `EITHER` where that depends on the states.
    only_with : tuple of str
        Drugs of which one must be there for it; empty where it is always there.
    """

    source: str
    target: str
    sign: int
    only_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interplay:
    """Two drugs change a state by more or less than the sum of what each does (`sign` as of an arrow)."""

    drugs: tuple[str, str]
    target: str
    sign: int


@dataclass(frozen=True)
class Structure:
    """All that acts on something in a model; an arrow from a part to itself is its own growth or loss."""

    arrows: tuple[Arrow, ...]
    interplays: tuple[Interplay, ...]

    def arrow(self, source: str, target: str) -> Arrow | None:
        """The arrow between two parts; None if there is none."""
        return next((each for each in self.arrows if (each.source, each.target) == (source, target)), None)


def structure_of(model: Model, seed: int = 0) -> Structure:
    """Arrows and interplays of a model, sampled with a seed."""
    asked = _Asked(model, np.random.default_rng(seed))
    return Structure(tuple(_arrows(asked)), tuple(_interplays(asked)))


class _Asked:
    """The right-hand side of a model at sampled points, with some drugs present."""

    def __init__(self, model: Model, rng: np.random.Generator):
        self.model = model
        self.of_state = {drug.state: drug for drug in model.drugs if drug.state}
        self.parameters = {name: np.full(SAMPLES, value) for name, value in model.defaults().items()}
        self.low, self.high = _points(model, rng)
        self.amounts = {drug.name: rng.uniform(*AMOUNT, SAMPLES) for drug in model.drugs}
        self.names = [self.of_state[s.name].name if s.name in self.of_state else s.name for s in model.states]

    def rates(self, present: frozenset[str], raised: str = "") -> np.ndarray:
        """Rates (n_states, samples) with drugs present; `raised` is a state that is higher, or a drug twice as much."""
        y = self.low.copy()
        amounts: dict[str, np.ndarray | float] = {}
        for drug in self.model.drugs:
            there = self.amounts[drug.name] * (1.0 + (drug.name == raised)) if drug.name in present else 0.0
            if drug.state:
                y[self.model.index(drug.state)] = there
            else:
                amounts[drug.name] = there
        if raised and raised not in self.amounts:
            row = self.model.index(raised)
            y[row] = self.high[row]
        out = np.empty_like(y)
        self.model.rhs(y, self.parameters, amounts, out)
        return out

    def effect(self, source: str, present: frozenset[str]) -> np.ndarray:
        """By how much rates rise with the source: more of a state, or a drug that is given at all."""
        if source not in self.amounts:
            return _significant(self.rates(present, source), self.rates(present))
        more = _significant(self.rates(present | {source}), self.rates(present - {source}))
        return np.hstack([more, _significant(self.rates(present | {source}, source), self.rates(present | {source}))])


def _points(model: Model, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A lower and a higher value of each state at each sample."""
    pairs = []
    for state in model.states:
        if np.isfinite(state.domain[1]):
            share = rng.uniform(*FRACTION, (2, SAMPLES))
            values = state.domain[0] + (state.domain[1] - state.domain[0]) * share
        else:
            start = model.initial[state.name]
            start = start(model.defaults()) if callable(start) else start
            size = model.parameter(start).default if isinstance(start, str) else start or 1.0
            values = size * np.exp(rng.uniform(*np.log(AROUND_START), (2, SAMPLES)))
        pairs.append(np.sort(values, axis=0))
    low, high = np.stack(pairs, axis=1)
    return low, high


def _significant(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    difference = one - other
    size = np.maximum(np.abs(one), np.abs(other)).max(axis=1, keepdims=True)
    return np.where(np.abs(difference) > NOISE * size, difference, 0.0)


def _arrows(asked: _Asked) -> Iterator[Arrow]:
    drugs = [drug.name for drug in asked.model.drugs]
    alone = {frozenset([name]): name for name in drugs}
    for source in dict.fromkeys([*asked.names, *drugs]):
        found = {present: asked.effect(source, present) for present in (frozenset(), *alone, frozenset(drugs))}
        for row, target in enumerate(asked.names):
            there = {present: effect[row] for present, effect in found.items() if effect[row].any()}
            if not there:
                continue
            only = () if frozenset() in there or source in drugs else tuple(n for p, n in alone.items() if p in there)
            yield Arrow(source, target, _sign(np.concatenate(list(there.values()))), only)
    for drug in asked.model.drugs:
        if drug.state is None and _is_lost(drug):
            yield Arrow(drug.name, drug.name, LOWERS)


def _is_lost(drug: Drug) -> bool:
    return drug.decay is not None or bool(drug.exposure.agents)


def _interplays(asked: _Asked) -> Iterator[Interplay]:
    drugs = [drug.name for drug in asked.model.drugs]
    none = asked.rates(frozenset())
    for at, one in enumerate(drugs):
        for other in drugs[at + 1 :]:
            both = asked.rates(frozenset([one, other])) - asked.rates(frozenset([other]))
            more = _significant(both, asked.rates(frozenset([one])) - none)
            for row, target in enumerate(asked.names):
                if target not in drugs and more[row].any():
                    yield Interplay((one, other), target, _sign(more[row]))


def _sign(effect: np.ndarray) -> int:
    if (effect >= 0).all():
        return RAISES
    return LOWERS if (effect <= 0).all() else EITHER


def words_of_states(model: Model) -> Mapping[str, str]:
    """Each state in a word: what the model is made of, without saying how it is measured."""
    known = {
        "volume_cm3": "Tumour",
        "immune_fraction": "Immune cells",
        "vascular_fraction": "Vessels",
        "necrotic_fraction": "Necrosis",
        "hypoxic_fraction": "Hypoxia",
    }
    return {state.name: known.get(model.observables.get(state.name, ""), state.label) for state in model.states}
