"""The volume family: every law of growth with every treatment term, one table of members."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .given_drug import TREATMENT, with_drug
from .growth_laws import GROWTHS, Growth
from .model import Drug, Model, Rhs, State
from .parameters import ASSUMED, UNKNOWN_LOSS_SD, VOLUME_SD, Parameter, rate
from .tivnh import EXPLOSIONS
from .treatment_terms import LOSS, TERMS, TreatmentTerm

FAMILY = "volume"
USUAL = "logistic", "decaying"
"""Law of growth and treatment term that are the usual first choices."""
DRUG = Drug(TREATMENT, "Treatment", "other", is_open=True)
LOSS_OF_ANY = rate(LOSS, 0.3, ASSUMED, "Loss of the treatment", prior=UNKNOWN_LOSS_SD)
START = rate("T0", 0.2, ASSUMED, "Tumour volume at the start", unit="cm3", prior=VOLUME_SD)
START_HUMAN = (4.0, ASSUMED)
VOLUME = State("T", "cm3", "Tumour volume", (0.0, inf))


def growths() -> dict[str, str]:
    """Name -> title of every law of growth."""
    return {growth.name: growth.title for growth in GROWTHS}


def treatments() -> dict[str, str]:
    """Name -> title of every treatment term."""
    return {term.name: term.title for term in TERMS}


def volume_model(growth: str, treatment: str = "none", species: str | None = None, drug: str = TREATMENT) -> Model:
    """The member of the volume family with a law of growth and a treatment term.

    Parameters
    ----------
    growth, treatment : str
        As `growths()` and `treatments()` name them.
    species : str, optional
        Whose defaults; without it a mouse's, which results say.
    drug : str
        Which drug is given; without it that is taken from the doses.

    Raises
    ------
    InputError
        An unknown name or species.
    """
    for what, name, known in (("law of growth", growth, growths()), ("treatment term", treatment, treatments())):
        if name not in known:
            raise InputError(f"There is no {what} {name!r}; choose one of {', '.join(known)}.")
    found = next(model for model in MODELS if model.name == name_of(growth, treatment))
    found = replace(found, species_given=False) if species is None else found.for_species(species)
    return with_drug(found, drug)


def part(name: str) -> tuple[str, ...]:
    """Members of a part of the family, `volume_` and a law of growth or a treatment term; none for another name."""
    wanted = name.removeprefix(f"{FAMILY}_") if name.startswith(f"{FAMILY}_") else ""
    if wanted in growths():
        return tuple(name_of(wanted, treatment) for treatment in treatments())
    return tuple(name_of(growth, wanted) for growth in growths()) if wanted in treatments() else ()


def with_equal_doses(model: Model) -> Model:
    """The member that a member is where all doses have one size: `cumulative` instead of `michaelis_menten`."""
    if model.family != FAMILY or model.covariates or not model.name.endswith("_michaelis_menten"):
        return model
    other = volume_model(model.name.split("_")[1], "cumulative", model.species, model.drugs[0].name)
    shared = {p.name: p for p in model.parameters}
    return replace(other, parameters=tuple(shared[p.name] for p in other.parameters))


def name_of(growth: str, treatment: str) -> str:
    """Name of a member."""
    return f"{FAMILY}_{growth}_{treatment}"


def parts_of(name: str) -> tuple[str, str] | None:
    """Law of growth and treatment term of a member; None for another model."""
    growth, _, treatment = name.removeprefix(f"{FAMILY}_").partition("_")
    is_member = growth in growths() and treatment in treatments() and name == name_of(growth, treatment)
    return (growth, treatment) if is_member else None


def member(
    growth: Growth,
    term: TreatmentTerm,
    drug: Drug = DRUG,
    loss: Parameter = LOSS_OF_ANY,
    loss_human: tuple[float, str] | None = None,
) -> Model:
    """The model of a law of growth and a treatment term.

    Parameters
    ----------
    growth : Growth
    term : TreatmentTerm
    drug : Drug
        Its drug, without what the term decides.
    loss : Parameter
        Of that drug.
    loss_human : (float, str), optional
        Loss in a human, and source; as `loss` if None.
    """
    parameters = (*growth.parameters, *term.parameters, *((loss,) if term.is_lost else ()), START)
    human = {"T0": START_HUMAN, **growth.human, **term.human}
    if term.is_lost:
        human[loss.name] = loss_human or (loss.default, loss.source)
    given = replace(
        drug,
        decay=loss.name if term.is_lost else None,
        half=term.half,
        dose_half=term.dose_half,
        period=term.period,
        delay=term.delay,
    )
    return Model(
        name=name_of(growth.name, term.name),
        title=f"Volume, {growth.title}: {term.title}",
        states=(VOLUME,),
        parameters=parameters,
        drugs=(given,),
        observables={"T": "volume_cm3"},
        rhs=_rhs(growth, term),
        initial={"T": "T0"},
        reference="; ".join(filter(None, (growth.reference, term.reference))),
        presets={"human": human},
        family=FAMILY,
        explosions={} if growth.has_largest else EXPLOSIONS,
    )


def _rhs(growth: Growth, term: TreatmentTerm) -> Rhs:
    """The right-hand side; it asks for the amount of the only drug, whatever that is called."""

    def rhs(y, p, amount, out):
        T = np.maximum(y[0], 0.0)  # a stage of a step may go below
        change = growth.rate(T, p)
        exposure = next(iter(amount.values()), 0.0)
        if term.kill is not None and not (isinstance(exposure, float) and exposure == 0.0):
            change = change - term.kill(T, p, exposure) * T
        out[0] = change

    return rhs


MODELS = tuple(member(growth, term) for growth in GROWTHS for term in TERMS)
