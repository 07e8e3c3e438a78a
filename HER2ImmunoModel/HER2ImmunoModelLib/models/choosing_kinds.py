"""A model whose drugs have exposures of other kinds: what is added to it, and what its defaults become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite

from HER2ImmunoCommonLib.errors import InputError

from .exposure_kinds import CENTRAL, CHAIN, KINETIC_UNITS, PULSE, RELATIVE, Agent, ExposureKind
from .model import Drug, Model
from .parameters import ASSUMED, Parameter, rate

POSITIVE, SHARE = (0.0, inf), (0.0, 1.0)


@dataclass(frozen=True)
class Known:
    """A number with its source, and the standard deviation of its logarithm between bodies; 0 where it is held."""

    value: float
    source: str
    sd: float = 0.0


def with_own_kind(
    model: Model, drug: str, kind: str, *, stages: int = 3, per_day: float | None = None, source: str = ASSUMED
) -> Model:
    """The model with a drug whose own doses are of a kind.

    A chain adds the parameter `k_<drug>`, the rate of its stages.

    Parameters
    ----------
    model : Model
    drug : str
    kind : str
        `relative`, `pulse` (computed as `relative`: its doses are areas under curves) or `chain`.
    stages : int
        Of a chain, 1 to 3.
    per_day : float, optional
        Rate of its stages; that at which its pulse fades if None.
    source : str
        Of that rate.

    Raises
    ------
    InputError
        A drug or kind there is not, a drug that the model integrates or never loses, a rate that is not above 0.
    """
    found = _analytic(model, drug, kind)
    if kind == CENTRAL:
        raise InputError(
            f"Doses of {found.name} cannot be {CENTRAL} under its own name; add the agents that act as it."
        )
    exposure = replace(found.exposure, own=RELATIVE if kind == CHAIN else kind, stages=0, rate=None)
    parameters = tuple(p for p in model.parameters if p.name != found.exposure.rate)
    if kind == CHAIN:
        per_day = model.parameter(found.decay).default if per_day is None else per_day
        if not 0 < per_day < inf:
            raise InputError(f"The stages of {found.name} have the rate {per_day:g}/day; give a number above 0.")
        name = f"k_{found.name}"
        exposure = replace(exposure, own=CHAIN, stages=stages, rate=name)
        parameters += (rate(name, per_day, source, f"Rate of the stages of {found.label.lower()}"),)
    return _with(replace(model, parameters=parameters), found, exposure)


def with_agent(
    model: Model,
    drug: str,
    name: str,
    kinetics: Mapping[str, Known],
    *,
    full_dose_mg: float,
    reference_mg_per_l: float,
    weight: Known | None = None,
    aliases: tuple[str, ...] = (),
    basis: str = "",
) -> Model:
    """The model with an agent whose concentration acts as one of its drugs (the kind `central`).

    The numbers of its kinetics become parameters `CL_<agent>`, `V1_<agent>`, ...; its weight `w_<drug>_<agent>`. The
    exposure of half effect takes its default for concentrations (`Model.central_presets`).

    Parameters
    ----------
    model : Model
    drug : str
    name : str
        Of the agent, as schedules give it.
    kinetics : mapping of str to Known
        By `exposure_kinds.KINETIC`; those of an agent that the model has already stay as they are.
    full_dose_mg, reference_mg_per_l, aliases, basis
        As `Agent`.
    weight : Known, optional
        1 if None.

    Raises
    ------
    InputError
        A drug there is not, one that the model integrates, numbers that are not above 0.
    """
    found = _analytic(model, drug, CENTRAL)
    word = "".join(letter if letter.isalnum() else "_" for letter in name.lower())
    names = {symbol: f"{symbol}_{word}" for symbol in kinetics}
    weight_name = f"w_{found.name}_{word}" if weight else None
    agent = Agent(name, full_dose_mg, reference_mg_per_l, names, weight_name, aliases, basis)
    added = [
        _parameter(names[symbol], known, KINETIC_UNITS[symbol], f"{symbol} of {name}")
        for symbol, known in kinetics.items()
    ]
    if weight:
        label = f"Weight of {name} as {found.label.lower()}"
        added.append(_parameter(weight_name, weight, "", label, SHARE if found.is_shared_by_effect else POSITIVE))
    there = {p.name for p in model.parameters}
    parameters = (*model.parameters, *(p for p in added if p.name not in there))
    others = tuple(each for each in found.exposure.agents if each.name != name)
    exposure = replace(found.exposure, agents=(*others, agent))
    return _with(_for_concentrations(replace(model, parameters=parameters), found), found, exposure)


def title_of(model: Model) -> str:
    """Name of a model, with the kinds of its drugs that are not relative: `tivnh_treated, cytotoxic chain 3`."""
    kinds = []
    for drug in model.drugs:
        own = f"{CHAIN} {drug.exposure.stages}" if drug.exposure.stages else drug.exposure.own
        kinds += [f"{agent.name} {CENTRAL}" for agent in drug.exposure.agents]
        kinds += [f"{drug.name} {own}"] if own != RELATIVE else []
    return ", ".join([model.name, *dict.fromkeys(kinds)])


def said(model: Model) -> tuple[str, ...]:
    """A line for each drug: which kinds its exposure is of, and with what numbers and sources."""
    return tuple(_line(model, drug) for drug in model.drugs)


def _line(model: Model, drug: Drug) -> str:
    kind, number = drug.exposure, lambda name: f"{name} {model.parameter(name).default:.3g}"
    own = f"{kind.own}, lost with {number(drug.decay)}/day" if drug.decay else f"{kind.own}, never lost"
    if kind.rate:
        own = f"{CHAIN} of {kind.stages} stages with {number(kind.rate)}/day, area 1/{number(drug.decay)}"
    for agent in kind.agents:
        weight = f", weight {number(agent.weight)}" if agent.weight else ""
        own = f"{agent.name} {CENTRAL}, over {agent.reference_mg_per_l:.3g} mg/L{weight}; {own}"
    half = f"; {number(drug.half)} ({model.parameter(drug.half).source})" if drug.half else ""
    return f"{drug.label}: {own}{half}"


def _analytic(model: Model, drug: str, kind: str) -> Drug:
    """The drug, if its exposure can be of a kind."""
    found = model.drug(drug)
    if kind not in (RELATIVE, PULSE, CHAIN, CENTRAL):
        raise InputError(f"There is no kind of exposure {kind!r}; choose {RELATIVE}, {PULSE}, {CHAIN} or {CENTRAL}.")
    if found.state is not None and kind != RELATIVE:
        raise InputError(f"{model.name} integrates {found.name} itself, so it is {RELATIVE} and cannot be {kind}.")
    if found.has_own_course and kind not in (RELATIVE, PULSE):
        raise InputError(f"{model.name} has a course of its own for each dose of {found.name}, so it cannot be {kind}.")
    if found.decay is None and kind not in (RELATIVE, PULSE):
        raise InputError(f"{model.name} never loses {found.name}, so it cannot be {kind}; choose another model.")
    return found


def _parameter(name: str, known: Known, unit: str, label: str, bounds: tuple[float, float] = POSITIVE) -> Parameter:
    # 0 is a weight, a clearance or an exchange of nothing, but no volume
    if not bounds[0] <= known.value <= bounds[1] or not isfinite(known.value):
        raise InputError(f"{label} is {known.value:g}; give a number of {bounds[0]:g} to {bounds[1]:g}.")
    if known.value == 0 and unit in ("L", "mg/L"):
        raise InputError(f"{label} is 0; give a number above 0.")
    return Parameter(name, unit, float(known.value), bounds, known.sd, known.source, label)


def _for_concentrations(model: Model, drug: Drug) -> Model:
    """Defaults of a drug of the kind `central`; its loss no longer matters, unless chemotherapy is given beside."""
    presets = model.central_presets.get(model.species, {})

    def changed(p: Parameter) -> Parameter:
        if p.name == drug.half and p.name in presets and not drug.exposure.agents:
            return replace(p, default=presets[p.name][0], source=presets[p.name][1])
        if p.name == drug.decay and drug.kind != "cytotoxic":
            return replace(p, prior=0.0)
        return p

    return replace(model, parameters=tuple(changed(p) for p in model.parameters))


def _with(model: Model, drug: Drug, exposure: ExposureKind) -> Model:
    drugs = tuple(replace(each, exposure=exposure) if each.name == drug.name else each for each in model.drugs)
    return replace(model, drugs=drugs)
