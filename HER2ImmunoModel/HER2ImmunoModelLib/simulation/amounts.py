"""What the right-hand side is told of every drug that is no state: its exposure now and along a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..models.model import Drug, Model
from ..treatments import dose_courses
from ..treatments.pharmacokinetics import (
    DoseTable,
    amounts_at_start,
    chain_at_start,
    chain_scale,
    counted,
    decayed,
    passed,
)
from .exposure_curves import ExposureCurves

Amount = np.ndarray | float
"""Array (rows,), or 0 for a drug that no row is given."""


class Amounts:
    """Exposures of the drugs of a batch of rows.

    What a row carries from step to step is, for each drug, its decaying amount, array (rows,), or what is in each stage
    of its chain, array (stages, rows), or the parts of its course, array (parts, rows); a number where it has no doses
    of its own. What agents add is in tables.

    Parameters
    ----------
    model : Model
    doses : DoseTable
    curves : ExposureCurves or None
    """

    def __init__(self, model: Model, doses: DoseTable, curves: ExposureCurves | None):
        self._doses, self._curves = doses, curves
        self._drugs = [drug for drug in model.drugs if drug.state is None]
        given = set(doses.size)
        self._own = {drug.name: drug.name in given and drug.name not in model.agents for drug in self._drugs}
        self._chains = [drug for drug in self._drugs if drug.exposure.stages]
        self._fed = [drug for drug in self._drugs if given & {agent.name for agent in drug.exposure.agents}]
        self._coursed = [drug for drug in self._drugs if drug.has_own_course]
        self._plain = [drug for drug in self._drugs if not (drug.exposure.stages or drug.has_own_course)]

    def at_start(self, schedule: np.ndarray, values: Mapping[str, Amount], first_day: float) -> dict[str, Amount]:
        """What rows under the schedules numbered carry on the first day."""
        carried: dict[str, Amount] = {}
        for drug in self._drugs:
            if not self._own[drug.name]:
                carried[drug.name] = 0.0
            elif drug.exposure.stages:
                rate = values[drug.exposure.rate]
                scale = chain_scale(values[drug.decay], rate)
                at = (self._doses, drug.name, schedule, scale, rate, drug.exposure.stages, first_day)
                carried[drug.name] = chain_at_start(*at)
            elif drug.has_own_course:
                carried[drug.name] = dose_courses.at_start(self._doses, drug, schedule, values, first_day)
            else:
                decay = values[drug.decay] if drug.decay else 0.0
                half = values[drug.dose_half] if drug.dose_half else None
                carried[drug.name] = amounts_at_start(self._doses, drug.name, schedule, decay, first_day, half)
        return carried

    def give(self, carried: dict[str, Amount], values: Mapping[str, Amount], rows: np.ndarray, at: tuple) -> None:
        """Give some of the rows their doses of a stop; `at` are their schedules and how many stops each has met."""
        for drug in self._drugs:
            if self._own[drug.name]:
                size = self._doses.size[drug.name][at]
                if drug.exposure.stages:
                    rate, loss = (_of(values[name], rows) for name in (drug.exposure.rate, drug.decay))
                    carried[drug.name][0, rows] += size * chain_scale(loss, rate)
                elif drug.has_own_course:
                    carried[drug.name][:, rows] += dose_courses.put(drug, size)
                else:
                    half = _of(values[drug.dose_half], rows) if drug.dose_half else None
                    carried[drug.name][rows] += counted(size, half)

    @property
    def parameters(self) -> set[str]:
        """Names of the parameters that are asked for."""
        agents = [agent for drug in self._fed for agent in drug.exposure.agents]
        names = [name for drug in self._drugs for name in _numbers_of(drug)]
        return {name for name in (*names, *(agent.weight for agent in agents)) if name}

    @property
    def has_tables(self) -> bool:
        """Whether any drug is fed by agents."""
        return bool(self._fed)

    def now(
        self, carried: dict[str, Amount], values: Mapping[str, Amount], place: Mapping[str, np.ndarray]
    ) -> dict[str, Amount]:
        """Exposures at a moment."""
        if not (self._chains or self._coursed or self._fed):
            return carried
        amounts = {name: amount[-1] if np.ndim(amount) == 2 else amount for name, amount in carried.items()}
        return self._joined(amounts, values, place, 0.0)

    def along(
        self,
        carried: dict[str, Amount],
        values: Mapping[str, Amount],
        place: Mapping[str, np.ndarray],
        step: np.ndarray,
        shares: Sequence[float],
    ) -> tuple[list[dict[str, Amount]], dict[str, Amount]]:
        """Exposures after each share of a step, one dict a share, and what is carried after the last."""
        decay = {drug.name: values[drug.decay] if drug.decay else 0.0 for drug in self._plain}
        amounts = decayed({name: carried[name] for name in decay}, decay, step, shares)
        after = amounts[-1]
        if not (self._chains or self._coursed or self._fed):
            return amounts, after
        after = dict(after)
        for drug in (*self._chains, *self._coursed):
            parts = carried[drug.name]
            last: Sequence[Amount] = [parts] * len(shares)
            if np.ndim(parts) and drug.has_own_course:
                last, parts = dose_courses.passed_on(drug, parts, values, step, shares)
            elif np.ndim(parts):
                last, parts = passed(parts, values[drug.exposure.rate], step, shares)
            after[drug.name] = parts
            for at_share, amount in zip(amounts, last, strict=True):
                at_share[drug.name] = amount
        if self._fed:
            pairs = zip(amounts, shares, strict=True)
            amounts = [self._joined(at_share, values, place, share * step) for at_share, share in pairs]
        return amounts, after

    def _joined(
        self, amounts: dict[str, Amount], values: Mapping[str, Amount], place: Mapping[str, np.ndarray], later: Amount
    ) -> dict[str, Amount]:
        """Amounts with those of the agents."""
        if not self._fed:
            return amounts
        found = self._curves.at(place, later)
        return amounts | {drug.name: _together(drug, amounts[drug.name], found, values) for drug in self._fed}


def _numbers_of(drug: Drug) -> tuple[str | None, ...]:
    """Parameters that the exposure of a drug depends on; None for one that it has not."""
    return drug.decay, drug.exposure.rate, drug.half, drug.dose_half, drug.period, drug.delay


def _together(drug: Drug, own: Amount, found: Mapping[str, np.ndarray], values: Mapping[str, Amount]) -> Amount:
    """Exposure of a drug from its own doses and its agents.

    Exposures add up, each with its weight; where agents act independently, it is the exposure of the effect
    `1 - prod(1 - w_j E_j)` with `E = x/(C50 + x)`, so that the right-hand side needs to know of one drug only.
    """
    agents = [agent for agent in drug.exposure.agents if agent.name in found]
    parts = [(found[agent.name], values[agent.weight] if agent.weight else 1.0) for agent in agents]
    parts += [(own, 1.0)] if np.ndim(own) else []
    if len(parts) == 1 and isinstance(parts[0][1], float) and parts[0][1] == 1.0:
        return parts[0][0]
    if not drug.is_shared_by_effect:
        return sum(weight * amount for amount, weight in parts)
    half = values[drug.half]
    left = 1.0
    for amount, weight in parts:
        left = left * (1.0 - weight * (amount / (half + amount)))
    return half * (1.0 - left) / left


def _of(value: Amount, rows: np.ndarray) -> Amount:
    return np.take(value, rows) if np.ndim(value) else value
