"""Doses as an SBML file has them: what is there at its start, and events; sizes are numbers or symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import factorial, pi

from HER2ImmunoCommonLib.errors import InputError

from ..models.model import Drug, Model
from ..treatments import dose_courses
from ..treatments.doses import Schedule
from ..treatments.pharmacokinetics import amount_at, chain_on_day

TURN = 2.0 * pi
Size = float | str
"""A number, or a formula of symbols."""


@dataclass(frozen=True)
class DoseSymbol:
    """A dose whose size is a symbol: drug or agent as the model keeps it, and days from the start of the file.

    A time of 0 or less is a dose that was given before the file starts, or as it starts.
    """

    symbol: str
    drug: str
    time: float


@dataclass(frozen=True)
class Doses:
    """All that a file tells of doses.

    Attributes
    ----------
    events : tuple of (float, tuple of (str, Size))
        Times after the start, each with drugs and their sizes (full doses).
    at_start : mapping of str to Size
        Full doses of drugs and agents that the file integrates, given as it starts.
    amounts : mapping of str to Size
        What the doses until the start have left of each drug whose amount decays.
    stages : mapping of str to tuple of Size
        The same of each stage of a chain, and of each part of a drug of which doses have a course of their own
        (`dose_courses`).
    symbols : tuple of DoseSymbol
        Sizes that are symbols.
    """

    events: tuple[tuple[float, tuple[tuple[str, Size], ...]], ...] = ()
    at_start: Mapping[str, Size] = field(default_factory=dict)
    amounts: Mapping[str, Size] = field(default_factory=dict)
    stages: Mapping[str, tuple[Size, ...]] = field(default_factory=dict)
    symbols: tuple[DoseSymbol, ...] = ()


def doses_given(model: Model, values: Mapping[str, float], schedule: Schedule, start_day: float) -> Doses:
    """The doses of a schedule (`Schedule.for_model`) as numbers.

    Raises
    ------
    InputError
        A dose before the start of a drug that the file integrates.
    """
    early = Schedule(tuple(dose for dose in schedule.doses if dose.day <= start_day))
    late = groupby((dose for dose in schedule.doses if dose.day > start_day), key=lambda dose: dose.day)
    analytic = [drug for drug in model.drugs if drug.state is None]
    amounts = {
        drug.name: float(
            amount_at(_counted(early, drug, values), model, drug.name, _loss(drug, values), [start_day])[0]
        )
        for drug in analytic
    }
    parts = {drug.name: chain_on_day for drug in analytic if drug.exposure.stages}
    parts |= {drug.name: dose_courses.on_day for drug in analytic if drug.has_own_course}
    return Doses(
        events=tuple(
            (day - start_day, tuple((dose.drug, float(dose.dose)) for dose in together)) for day, together in late
        ),
        at_start={name: _given_at_start(model, name, early, start_day) for name in _integrated(model)},
        amounts=amounts,
        stages={
            name: tuple(on_day(early, model, model.drug(name), values, start_day).tolist())
            for name, on_day in parts.items()
        },
    )


def doses_of_symbols(model: Model, planned: tuple[DoseSymbol, ...]) -> Doses:
    """Doses whose sizes are symbols; what is left of early ones follows the losses, which may be symbols too."""
    late = sorted((dose for dose in planned if dose.time > 0), key=lambda dose: (dose.time, dose.symbol))
    early = [dose for dose in planned if dose.time <= 0]
    of = {drug.name: [dose for dose in early if dose.drug == drug.name] for drug in model.drugs}
    analytic = [drug for drug in model.drugs if drug.state is None and of[drug.name]]
    integrated = {name: [dose.symbol for dose in early if dose.drug == name] for name in _integrated(model)}
    return Doses(
        events=tuple(
            (time, tuple((dose.drug, dose.symbol) for dose in together))
            for time, together in groupby(late, key=lambda dose: dose.time)
        ),
        at_start={name: " + ".join(symbols) for name, symbols in integrated.items() if symbols},
        amounts={drug.name: " + ".join(_left(drug, dose) for dose in of[drug.name]) for drug in analytic},
        stages={
            drug.name: _course_left(drug, of[drug.name]) if drug.has_own_course else _stages_left(drug, of[drug.name])
            for drug in analytic
            if drug.exposure.stages or drug.has_own_course
        },
        symbols=planned,
    )


def counted(drug: Drug, size: Size) -> str:
    """What a dose counts as (`Drug.dose_half`)."""
    return f"{size} / ({drug.dose_half} + {size})" if drug.dose_half else f"{size}"


def _counted(doses: Schedule, drug: Drug, values: Mapping[str, float]) -> Schedule:
    if not drug.dose_half:
        return doses
    half = values[drug.dose_half]
    return Schedule(tuple(replace(dose, dose=dose.dose / (half + dose.dose)) for dose in doses.doses))


def _left(drug: Drug, dose: DoseSymbol) -> str:
    size = counted(drug, dose.symbol)
    return size if dose.time == 0 or not drug.decay else f"{size} * exp({drug.decay} * ({dose.time!r}))"


def _course_left(drug: Drug, doses: list[DoseSymbol]) -> tuple[str, ...]:
    """What doses have left in each part of a drug, as `dose_courses.passed_on` computes it."""
    parts = _of_waves if drug.period else _of_a_delay
    each = [[f"{dose.symbol} * {part}" for part in parts(drug, -dose.time)] for dose in doses]
    return tuple(" + ".join(terms) for terms in zip(*each, strict=True))


def _of_waves(drug: Drug, time: float) -> list[str]:
    left, angle = f"exp(-{drug.decay} * {time!r})", f"{TURN!r} * {time!r} / {drug.period}"
    return [f"{left} * {part}" for part in (f"cos({angle})", f"sin({angle})", f"0.5 * (1 + sin({angle}))")]


def _of_a_delay(drug: Drug, time: float) -> list[str]:
    rate = f"{dose_courses.STAGES!r} / {drug.delay}"
    apart = f"({rate} - {drug.decay})"
    staying = f"exp(-{rate} * {time!r})"
    stages = [f"({rate} * {time!r}) ^ {stage} / {factorial(stage)} * {staying}" for stage in range(3)]
    before = f"(1 + {apart} * {time!r} + ({apart} * {time!r}) ^ 2 / 2)"
    return [*stages, f"({rate} / {apart}) ^ 3 * (exp(-{drug.decay} * {time!r}) - {staying} * {before})"]


def _stages_left(drug: Drug, doses: list[DoseSymbol]) -> tuple[str, ...]:
    """What doses have left in each stage of a chain, as `pharmacokinetics.passed` computes it."""
    rate, found = drug.exposure.rate, []
    for stage in range(drug.exposure.stages):
        parts = [
            f"{dose.symbol} * {rate} / {drug.decay} * ({rate} * {-dose.time!r}) ^ {stage} / {factorial(stage)} * "
            f"exp({rate} * ({dose.time!r}))"
            for dose in doses
            if dose.time < 0 or stage == 0
        ]
        found.append(" + ".join(parts) or "0")
    return tuple(found)


def _integrated(model: Model) -> list[str]:
    """Drugs that are states, and agents."""
    return [*(drug.name for drug in model.drugs if drug.state), *model.agents]


def _loss(drug: Drug, values: Mapping[str, float]) -> float:
    return values[drug.decay] if drug.decay else 0.0


def _given_at_start(model: Model, drug: str, early: Schedule, start_day: float) -> float:
    doses = [dose for dose in early.doses if dose.drug == drug]
    if past := [dose for dose in doses if dose.day < start_day]:
        raise InputError(
            f"{model.name} integrates {drug}, so what the dose of day {past[0].day:g} leaves on day "
            f"{start_day:g} is unknown; start the file on that day."
        )
    return float(sum(dose.dose for dose in doses))
