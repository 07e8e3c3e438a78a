"""How exposures to drugs are computed, as the panel holds it: kinds, kinetics, and whether bodies differ."""

from __future__ import annotations

from collections.abc import Iterable

from ..drugs.drug import ClinicalDrug
from ..drugs.drug_library import DRUGS
from ..drugs.library import drug_names, find_drug
from ..treatments.effects import ExposureChoice

ANTIBODIES, CHEMOTHERAPY = "antibodyKind", "cytotoxicKind"
"""Fields of the parameter node for the kind of exposure: of antibodies and conjugates, and of chemotherapy."""
SETS = {
    "trastuzumabSet": "trastuzumab",
    "pertuzumabSet": "pertuzumab",
    "pembrolizumabSet": "pembrolizumab",
    "antiPd1Set": "anti-pd-1",
}
"""Field of the parameter node for the parameter set of a drug: the drug."""


def exposure_choice(parameters) -> ExposureChoice:
    """How exposures are computed, where it is not as usual.

    Raises
    ------
    InputError
        A kind that there is not.
    """
    species = parameters.species
    chosen = {drug: getattr(parameters, field) for field, drug in SETS.items()}
    sets = {drug: name for drug, name in chosen.items() if name and has_several_sets(drug, species)}
    kinds, stages = {}, {}
    for drug in (find_drug(name, species) for name in drug_names(species)):
        kind, _, count = getattr(parameters, kind_field(drug)).partition(" ")
        kinds |= {drug.name: kind} if kind else {}
        stages |= {"stages": int(count)} if count else {}
    return ExposureChoice(kinds, sets, varies=parameters.bodiesVary, **stages)


def kind_field(drug: ClinicalDrug) -> str:
    """Field of the parameter node for the kind of exposure of a drug: "", a kind, or "chain" with its stages."""
    return CHEMOTHERAPY if drug.is_cytotoxic else ANTIBODIES


def has_several_sets(drug: str, species: str) -> bool:
    """Whether there is a choice of kinetics for a drug in a species."""
    return any(each.name == drug and each.species == species and len(each.sets) > 1 for each in DRUGS)


def set_choices(drug: str) -> dict[str, str]:
    """Parameter sets of the kinetics of a drug, by name, with where they come from; "" for the usual one."""
    species = next(each.species for each in DRUGS if has_several_sets(drug, each.species))
    sets = find_drug(drug, species).sets
    return {each.name if at else "": f"{each.name} ({each.basis.said})" for at, each in enumerate(sets)}


def set_remarks(parameters, drugs: Iterable[str]) -> tuple[str, ...]:
    """What a person must know of the parameter sets that were chosen for some drugs."""
    chosen = exposure_choice(parameters).sets
    found = [(find_drug(name, parameters.species), chosen[name]) for name in drugs if name in chosen]
    texts = [(drug, drug.set_named(name).remark) for drug, name in found]
    return tuple(f"{drug.label}: {text}" for drug, text in texts if text)
