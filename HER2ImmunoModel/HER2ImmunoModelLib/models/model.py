"""What a tumour model is: states, parameters, drugs, observables and one right-hand side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .exposure_kinds import Agent, ExposureKind
from .parameters import Parameter


@dataclass(frozen=True)
class State:
    """One state variable; `domain` is the closed interval it cannot leave."""

    name: str
    unit: str
    label: str
    domain: tuple[float, float] = (0.0, 1.0)

    @property
    def title(self) -> str:
        """The label with the unit, as on an axis."""
        return f"{self.label} ({self.unit.replace('cm3', 'cm³')})" if self.unit else self.label


@dataclass(frozen=True)
class Drug:
    """One drug of a model.

    Attributes
    ----------
    name, label : str
        Name in a schedule and on screen.
    kind : str
        "targeted", "cytotoxic", "immune" or "other".
    decay : str or None
        Parameter with the loss rate (1/day) of the analytic amount; None for an amount that is never lost.
    state : str or None
        State that jumps by the dose, for a model that integrates the drug itself; no analytic amount then.
    aliases : tuple of str
        Other names a schedule may use, in lower case.
    half : str or None
        Parameter with the exposure of half effect, of a drug whose effect is exposure/(half + exposure).
    exposure : ExposureKind
        How its exposure follows from doses.
    dose_half : str or None
        Parameter h of a drug of which a dose d counts as d/(h + d).
    period : str or None
        Parameter with the period (days) of waves that each dose sets off: the drug acts by d e^(-loss t) times
        (1 + sin(2 pi t/period))/2, t from the dose d.
    delay : str or None
        Parameter with the mean time (days) that a dose takes to pass three equal stages before it acts and is lost.
    is_open : bool
        Whether it stands for whatever drug is given, and it is not known yet which (`given_drug.with_drug`).
    """

    name: str
    label: str
    kind: str
    decay: str | None = None
    state: str | None = None
    aliases: tuple[str, ...] = ()
    half: str | None = None
    exposure: ExposureKind = field(default_factory=ExposureKind)
    dose_half: str | None = None
    period: str | None = None
    delay: str | None = None
    is_open: bool = False

    @property
    def has_own_course(self) -> bool:
        """Whether each dose acts by a course of its own, in waves or after a delay, and not by what is left of it."""
        return self.period is not None or self.delay is not None

    @property
    def is_shared_by_effect(self) -> bool:
        """Whether agents act on it independently of each other, so that effects join; else exposures add up."""
        return self.kind == "targeted" and self.half is not None


def targeted_and_cytotoxic(drugs: Iterable[Drug]) -> tuple[str | None, str | None]:
    """Names of the first targeted and the first cytotoxic drug; None in the place of one that is missing."""
    first: dict[str, str] = {}
    for drug in drugs:
        first.setdefault(drug.kind, drug.name)
    return first.get("targeted"), first.get("cytotoxic")


@dataclass(frozen=True)
class Covariate:
    """A parameter that follows a measured number: intercept + slope * (measured - centre).

    Attributes
    ----------
    parameter : str
        Parameter that follows.
    intercept, slope, measured : str
        Parameters of the model that hold the three numbers.
    column, visit : str
        Column and visit of the measurement table that `measured` was taken from; no visit where those of subjects
        differ.
    centre : float
        Where the intercept is the value: 0 for one subject, the mean of several.
    """

    parameter: str
    intercept: str
    slope: str
    measured: str
    column: str
    visit: str
    centre: float = 0.0

    @property
    def formula(self) -> str:
        """How the parameter is computed, in the names of parameters."""
        moved = f"({self.measured} - {self.centre!r})" if self.centre else self.measured
        return f"{self.intercept} + {self.slope} * {moved}"


Rhs = Callable[[np.ndarray, Mapping[str, np.ndarray | float], Mapping[str, np.ndarray | float], np.ndarray], None]
"""`rhs(y, p, amount, out)`: writes dy/dt (1/day) of the states `y` (n_states, samples) into `out` of that shape.

`p` holds each parameter and `amount` each drug's present amount, as a number or as an array (samples,).
"""


@dataclass(frozen=True)
class Model:
    """A tumour model as data plus one right-hand side.

    Attributes
    ----------
    name, title, reference : str
        Short name, title and publication.
    states, parameters, drugs : tuple
        `State`, `Parameter` and `Drug` of the model.
    observables : mapping of str to str
        State -> column of the measurement table that measures it.
    rhs : Rhs
        Batched right-hand side.
    initial : mapping of str to str, float or callable
        State -> parameter that is its initial value, the value itself, or a function of all parameters by name.
    presets : mapping
        Species -> parameter -> (default, source), where they differ from `parameters`.
    species : str
        Species whose defaults `parameters` holds.
    family : str
        Family of models that differ in a few terms only; empty for none.
    covariates : tuple of Covariate
        Parameters computed from an image instead of taken from `parameters`.
    explosions : mapping
        Species -> state -> size that no tumour of the species reaches: a course that passes it has exploded and fails.
    central_presets : mapping
        Species -> parameter -> (default, source) of the exposures of half effect of drugs of the kind `central`.
    quantities : mapping of str to bool
        Columns measured that are neither a volume nor a fraction -> whether it is their logarithm that scatters.
    start_day : float or None
        Day of the initial state of a model from elsewhere; the first visit with a number if None.
    species_given : bool
        Whether someone said whose numbers `parameters` holds; False for a model that was taken by its name alone.
    """

    name: str
    title: str
    states: tuple[State, ...]
    parameters: tuple[Parameter, ...]
    drugs: tuple[Drug, ...]
    observables: Mapping[str, str]
    rhs: Rhs
    initial: Mapping[str, str | float | Callable]
    reference: str
    presets: Mapping[str, Mapping[str, tuple[float, str]]] = field(default_factory=dict)
    species: str = "mouse"
    family: str = ""
    covariates: tuple[Covariate, ...] = ()
    explosions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    central_presets: Mapping[str, Mapping[str, tuple[float, str]]] = field(default_factory=dict)
    quantities: Mapping[str, bool] = field(default_factory=dict)
    start_day: float | None = None
    species_given: bool = field(default=True, compare=False)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a result of the model must say: whose numbers were taken where nobody said it."""
        if self.species_given:
            return ()
        return (
            f"No species was given, so the priors and defaults of {self.name} are those of a {self.species}; name it, "
            f"as in models.get({self.name!r}, 'human').",
        )

    @property
    def exploded(self) -> Mapping[str, float]:
        """Size of each state from which a course has exploded, for the species."""
        return self.explosions.get(self.species, {})

    def parameter(self, name: str) -> Parameter:
        """Parameter of that name; `InputError` if the model has none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise InputError(_unknown("parameter", name, [p.name for p in self.parameters], self.name))

    def drug(self, name: str) -> Drug:
        """Drug of that name or alias, in any case, or the first that such an agent acts as.

        Raises
        ------
        InputError
            If the model has none.
        """
        wanted = name.strip().lower()
        for drug in self.drugs:
            if any(agent.is_called(wanted) for agent in drug.exposure.agents):
                return drug
        for drug in self.drugs:
            if wanted == drug.name.lower() or wanted in drug.aliases:
                return drug
        for drug in self.drugs:
            if drug.is_open:
                return drug
        raise InputError(_unknown("drug", name, [d.name for d in self.drugs], self.name))

    @property
    def agents(self) -> dict[str, Agent]:
        """Every agent by its name."""
        return {agent.name: agent for drug in self.drugs for agent in drug.exposure.agents}

    def dose_name(self, name: str) -> str:
        """Name under which a drug's doses are kept: that of an agent, else the drug's own; errors as `drug`."""
        drug, wanted = self.drug(name), name.strip().lower()
        return next((agent.name for agent in drug.exposure.agents if agent.is_called(wanted)), drug.name)

    def dose_label(self, name: str) -> str:
        """What its doses are called on screen; errors as `drug`."""
        kept = self.dose_name(name)
        return kept[:1].upper() + kept[1:] if kept in self.agents else self.drug(name).label

    def index(self, state: str) -> int:
        """Row of a state in the arrays of the simulator."""
        return [s.name for s in self.states].index(state)

    def defaults(self) -> dict[str, float]:
        """Default of every parameter."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def for_species(self, species: str) -> Model:
        """The same model with the defaults of another species."""
        if species == self.species:
            return replace(self, species_given=True)
        if species not in self.presets:
            known = ", ".join([self.species, *self.presets])
            raise InputError(f"Model {self.name} has no preset for species {species!r}; choose one of {known}.")
        if self.agents:
            raise InputError(
                f"Model {self.name} follows {next(iter(self.agents))} in a {self.species}; take the model of the "
                f"{species} and add its own drugs."
            )
        changed = self.presets[species]
        parameters = tuple(
            replace(p, default=changed[p.name][0], source=changed[p.name][1]) if p.name in changed else p
            for p in self.parameters
        )
        return replace(self, parameters=parameters, species=species, species_given=True)


def _unknown(what: str, name: str, known: list[str], model: str) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known) or 'none'}."
    return f"Model {model} has no {what} {name!r}; {hint}"
