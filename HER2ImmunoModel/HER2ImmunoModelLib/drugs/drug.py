"""What a drug of the clinic is: how it is dosed, how the body handles it, and where each number comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from HER2ImmunoCommonLib.errors import InputError

from .kinetics import Kinetics

LABEL, PAPER, DERIVED, ASSUMED = MARKS = ("label", "paper", "derived", "assumed")
"""Where a number comes from: text of a drug label, a paper, computed here from either, or ours."""
UNITS = ("mg", "mg/kg", "mg/m2", "AUC")
"""Units of doses; AUC in mg min/mL."""
ROUND_OFF_DAYS = 1e-9


@dataclass(frozen=True)
class Basis:
    """Where numbers come from.

    Attributes
    ----------
    mark : str
        One of `MARKS`.
    source : str
        Label or paper; how it was computed; empty for what is assumed.
    """

    mark: str
    source: str = ""

    @property
    def said(self) -> str:
        """As it is shown: "assumed", or the mark with its source."""
        return f"{self.mark}: {self.source}" if self.source else self.mark


@dataclass(frozen=True)
class CovariateEffect:
    """What a patient's number does to parameters: times (value/reference)^power, a factor, or exp(slope value).

    Attributes
    ----------
    parameters : tuple of str
        Of `CL, V1, V2, V3, Q2, Q3, Vmax, Km`.
    covariate : str
        Field of `patients.Patient`, such as `weight_kg`.
    reference : float
        Value at which nothing changes; not used for a factor or a slope.
    power : float
    factor : float or None
        For a covariate that is true or false (`liver_metastases`, `is_male`, `is_female`).
    slope : float or None
        Per unit of the covariate.
    """

    parameters: tuple[str, ...]
    covariate: str
    reference: float = 1.0
    power: float = 1.0
    factor: float | None = None
    slope: float | None = None


@dataclass(frozen=True)
class Spread:
    """How parameters differ between patients: `exp(eta)`, eta normal with variance ln(1 + CV^2).

    Attributes
    ----------
    percent : float
        Coefficient of variation.
    parameters : tuple of str
        Those that share one eta, such as CL and Q2.
    basis : Basis or None
        Where it is not that of the set.
    """

    percent: float
    parameters: tuple[str, ...]
    basis: Basis | None = None


@dataclass(frozen=True)
class ParameterSet:
    """Kinetics as one publication gives them.

    Attributes
    ----------
    name : str
        Such as `ebc`.
    kinetics : Kinetics
    basis : Basis
        Of every number that `exceptions` does not name.
    effects : tuple of CovariateEffect
    spreads : tuple of Spread
    correlations : mapping of (str, str) to float
        Between the etas of parameters.
    exceptions : mapping of str to Basis
        Parameter (CL, V1, ...) to the basis of that number.
    remark : str
        What a person must know before it is used, such as "not after the last dose".
    """

    name: str
    kinetics: Kinetics
    basis: Basis
    effects: tuple[CovariateEffect, ...] = ()
    spreads: tuple[Spread, ...] = ()
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    exceptions: Mapping[str, Basis] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True)
class Amount:
    """A dose as it is prescribed."""

    size: float
    unit: str


@dataclass(frozen=True)
class Plan:
    """How a drug is given again and again.

    Attributes
    ----------
    name : str
        Such as `q3w`.
    every_days : float
        From one dose to the next.
    dose : Amount
    loading : Amount or None
        The first dose.
    reload_after_days : float or None
        Days since the last dose beyond which the loading dose is given again.
    reloads_at_limit : bool
        Whether it is given again also after exactly so many days.
    least_days : float
        Shortest interval that is allowed.
    infusion_h : (float, float)
        Duration of the first and of later infusions.
    basis : Basis
        Of every number that `infusion_basis` does not cover.
    infusion_basis : Basis or None
    reduced : tuple of float
        Smaller doses after toxicity, in the unit of the dose.
    """

    name: str
    every_days: float
    dose: Amount
    least_days: float
    basis: Basis
    loading: Amount | None = None
    reload_after_days: float | None = None
    reloads_at_limit: bool = False
    infusion_h: tuple[float, float] = (1.0, 1.0)
    infusion_basis: Basis | None = None
    reduced: tuple[float, ...] = ()

    def is_loading_due(self, days_since_last: float | None) -> bool:
        """Whether the next dose is the loading dose.

        Parameters
        ----------
        days_since_last : float or None
            Days since the dose before; None for the first dose.
        """
        if self.loading is None:
            return False
        if days_since_last is None:
            return True
        if self.reload_after_days is None:
            return False
        late = days_since_last - self.reload_after_days
        return late > ROUND_OFF_DAYS or (self.reloads_at_limit and late > -ROUND_OFF_DAYS)


@dataclass(frozen=True)
class ClinicalDrug:
    """A drug with its doses, its kinetics and what it acts on in the tumour models.

    Attributes
    ----------
    name : str
        As tables write it.
    label : str
        On screen.
    kind : str
        `antibody`, `conjugate`, `checkpoint_inhibitor`, `taxane`, `anthracycline`, `platinum` or `alkylator`.
    species : str
        `human` or `mouse`.
    units : tuple of str
        Units a dose may have; the first is the usual one.
    full_dose : Amount
        The one "full dose" of the models.
    plans : tuple of Plan
        The first is the default.
    sets : tuple of ParameterSet
        The first is the default; empty where the dose itself is the exposure.
    model_drugs : mapping of str to float
        Drug of the tumour models (`trastuzumab`, `cytotoxic`, `checkpoint_inhibitor`) to the weight of its effect.
    is_anti_her2 : bool
    aliases : tuple of str
        Other names, in lower case.
    largest : tuple of Amount
        Largest single dose in each unit.
    exposure : str
        Kind that suits it: `central` or `pulse`.
    persistence_per_day : float
        Rate at which the effect of a pulse fades.
    auc_power : float or None
        Power of the dose that the area grows with, where it was fitted once and for all; None to compute it.
    """

    name: str
    label: str
    kind: str
    species: str
    units: tuple[str, ...]
    full_dose: Amount
    plans: tuple[Plan, ...]
    sets: tuple[ParameterSet, ...]
    model_drugs: Mapping[str, float]
    is_anti_her2: bool = False
    aliases: tuple[str, ...] = ()
    largest: tuple[Amount, ...] = ()
    exposure: str = "central"
    persistence_per_day: float = 0.7
    auc_power: float | None = None

    @property
    def is_cytotoxic(self) -> bool:
        """Whether it is chemotherapy."""
        return self.kind in ("taxane", "anthracycline", "platinum", "alkylator")

    def set_named(self, name: str = "") -> ParameterSet:
        """The parameter set of that name; the default one without a name.

        Raises
        ------
        InputError
            If the drug has no such set, or none at all.
        """
        if not self.sets:
            raise InputError(
                f"The kinetics of {self.label} in the {self.species} are not known; leave it out of curves."
            )
        if not name:
            return self.sets[0]
        for each in self.sets:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.sets)
        raise InputError(f"{self.label} has no parameter set {name!r}; choose one of {known}.")

    def plan_named(self, name: str = "") -> Plan:
        """The plan of that name; the default one without a name; errors as `set_named`."""
        if not name:
            return self.plans[0]
        for each in self.plans:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.plans)
        raise InputError(f"{self.label} is not given {name!r}; choose one of {known}.")
