"""How a drug's exposure over time, in full doses, follows from its doses: four kinds, as values of a model's drugs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from HER2ImmunoCommonLib.errors import InputError

RELATIVE, PULSE, CHAIN, CENTRAL = KINDS = ("relative", "pulse", "chain", "central")
"""Every dose decays from its day on; the same with areas under curves as doses; through stages; a concentration."""
MOST_STAGES = 3
KINETIC = ("CL", "V1", "Q2", "V2", "Q3", "V3", "Vmax", "Km")
"""Numbers of the kinetics of an agent (L/day, L, mg/day, mg/L)."""
KINETIC_UNITS = {"CL": "L/day", "Vmax": "mg/day", "Km": "mg/L"} | {
    f"{letter}{i}": unit for letter, unit in (("V", "L"), ("Q", "L/day")) for i in (1, 2, 3)
}


@dataclass(frozen=True)
class Agent:
    """A drug of the clinic whose concentration acts as one of a model's drugs: the kind `central`.

    Its doses stand in a schedule under its own name, in full doses of the typical patient. What the body of a sample
    does with them is in parameters of the model, so that every sample may have its own.

    Attributes
    ----------
    name : str
        In a schedule.
    full_dose_mg : float
        What a dose of 1 is, of the typical patient.
    reference_mg_per_l : float
        Concentration that counts as 1: that full dose over V1 of the typical patient, a constant of the drug.
    kinetics : mapping of str to str
        Number (`KINETIC`) -> parameter of the model that holds it.
    weight : str or None
        Parameter with the weight of its effect; 1 if None.
    aliases : tuple of str
        Other names a schedule may use, in lower case.
    basis : str
        Where the kinetics come from.
    """

    name: str
    full_dose_mg: float
    reference_mg_per_l: float
    kinetics: Mapping[str, str]
    weight: str | None = None
    aliases: tuple[str, ...] = ()
    basis: str = ""

    def __post_init__(self):
        wrong = [name for name in self.kinetics if name not in KINETIC]
        if wrong or not {"CL", "V1"} <= set(self.kinetics) or not self._is_paired():
            known = ", ".join(KINETIC)
            raise InputError(
                f"The kinetics of {self.name} are {', '.join(self.kinetics)}; give CL and V1, then Q2 with V2, Q3 with "
                f"V3 and Vmax with Km (of {known})."
            )
        if not (self.full_dose_mg > 0 and self.reference_mg_per_l > 0):
            raise InputError(f"The full dose and the reference of {self.name} must be above 0; correct them.")

    def _is_paired(self) -> bool:
        pairs = (("Q2", "V2"), ("Q3", "V3"), ("Vmax", "Km"))
        return all((first in self.kinetics) == (second in self.kinetics) for first, second in pairs)

    @property
    def is_linear(self) -> bool:
        """Whether twice the dose gives twice the concentration."""
        return "Vmax" not in self.kinetics

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameters of the model that it needs."""
        return (*self.kinetics.values(), *((self.weight,) if self.weight else ()))

    def is_called(self, name: str) -> bool:
        """Whether a name in lower case is one of its."""
        return name == self.name.lower() or name in self.aliases


@dataclass(frozen=True)
class ExposureKind:
    """Of a drug of a model: what its own doses do, and the agents whose concentrations act as it.

    Attributes
    ----------
    own : str
        Kind of doses under the drug's own name: `relative`, `pulse` or `chain`.
    stages : int
        Of a chain: how many equal stages a dose passes before it acts.
    rate : str or None
        Of a chain: parameter with the rate of each stage (1/day).
    agents : tuple of Agent
        Kind `central`; empty for none.
    """

    own: str = RELATIVE
    stages: int = 0
    rate: str | None = None
    agents: tuple[Agent, ...] = field(default=())

    def __post_init__(self):
        if self.own not in (RELATIVE, PULSE, CHAIN):
            raise InputError(f"There is no kind {self.own!r} of doses; choose {RELATIVE}, {PULSE} or {CHAIN}.")
        if (self.own == CHAIN) != (self.rate is not None) or not (self.own != CHAIN or self.stages in _STAGES):
            raise InputError(f"A chain has 1 to {MOST_STAGES} stages and a rate, and no other kind has; correct them.")

    @property
    def names(self) -> tuple[str, ...]:
        """Kinds that doses of the drug may have; where an agent acts, its kind comes first."""
        return (CENTRAL, self.own) if self.agents else (self.own,)


_STAGES = range(1, MOST_STAGES + 1)


def kind_from(row: Mapping[str, object] | None) -> ExposureKind:
    """The kind of a description; `relative` where an old description says none.

    Raises
    ------
    InputError, KeyError, TypeError
        A description with other parts.
    """
    if row is None:
        return ExposureKind()
    agents = tuple(_agent_from(each) for each in _rows(row["agents"]))
    return ExposureKind(row["own"], int(row["stages"]), row["rate"], agents)


def _rows(value: object) -> Sequence[Mapping]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"agents is {value!r} instead of a list")
    return value


def _agent_from(row: Mapping[str, object]) -> Agent:
    numbers = {name: float(row[name]) for name in ("full_dose_mg", "reference_mg_per_l")}
    return Agent(**{**row, **numbers, "kinetics": dict(row["kinetics"]), "aliases": tuple(row["aliases"])})
