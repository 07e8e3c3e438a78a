"""The one drug of a model that takes any: which it is, so that no two drugs are taken for each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError

from . import losses
from .model import Drug, Model
from .parameters import ASSUMED, KNOWN_LOSS_SD

TREATMENT = "treatment"
"""Name of the drug of a model before it is known which drug is given."""


@dataclass(frozen=True)
class KnownDrug:
    """A drug that other models know, too.

    Attributes
    ----------
    drug : Drug
        Name, label, kind and other names.
    losses : mapping
        Species -> loss rate (1/day) and source.
    halves : mapping
        Species -> concentration of half effect over that of a full dose, and source.
    """

    drug: Drug
    losses: Mapping[str, tuple[float, str]]
    halves: Mapping[str, tuple[float, str]]


TRASTUZUMAB = Drug("trastuzumab", "Trastuzumab", "targeted", aliases=("a", "herceptin", "anti-her2"))
CHEMOTHERAPY = Drug(
    "cytotoxic", "Chemotherapy", "cytotoxic", aliases=("p", "chemotherapy", "paclitaxel", "docetaxel", "doxorubicin")
)
CHECKPOINT = Drug(
    "checkpoint_inhibitor",
    "Checkpoint inhibitor",
    "immune",
    aliases=("b", "checkpoint", "checkpoint inhibitor", "pembrolizumab", "atezolizumab", "anti-pd-1", "anti-pd-l1"),
)
KNOWN = (
    KnownDrug(
        TRASTUZUMAB,
        {"mouse": (0.1, ASSUMED), "human": losses.TRASTUZUMAB_HUMAN},
        {"human": losses.HALF_TRASTUZUMAB_CENTRAL},
    ),
    KnownDrug(
        CHEMOTHERAPY,
        {"mouse": (0.7, ASSUMED), "human": (0.7, ASSUMED)},
        {},
    ),
    KnownDrug(
        CHECKPOINT,
        {"mouse": losses.CHECKPOINT_MOUSE, "human": losses.CHECKPOINT_HUMAN},
        {"human": losses.HALF_CHECKPOINT_CENTRAL},
    ),
)


def takes_any(model: Model) -> bool:
    """Whether the drug of a model is not yet known."""
    return any(drug.is_open for drug in model.drugs)


def with_drug(model: Model, name: str) -> Model:
    """The model with the drug it is given, where that is not known yet; others refuse the names of other drugs then.

    A drug that other models know keeps its kind, its other names and its published loss; the loss of another stays
    unknown.

    Parameters
    ----------
    model : Model
    name : str
        As a schedule names it; `treatment` leaves it open.

    Raises
    ------
    InputError
        A name that is empty.
    """
    plain = " ".join(name.lower().split())
    if not plain:
        raise InputError(f"The drug of {model.name} has no name; name it, as in its doses.")
    if plain == TREATMENT or not takes_any(model):
        return model
    known = next((each for each in KNOWN if plain in (each.drug.name, *each.drug.aliases)), None)
    own = replace(next(drug for drug in model.drugs if drug.is_open), is_open=False)
    if known is None:
        word = "".join(letter if letter.isalnum() else "_" for letter in plain)
        label = plain[:1].upper() + plain[1:]
        given = replace(own, name=word, label=label, aliases=tuple(dict.fromkeys((plain, TREATMENT))))
        return replace(_relabelled(model, own, label), drugs=(given,))
    drug = known.drug
    given = replace(own, name=drug.name, label=drug.label, kind=drug.kind, aliases=(*drug.aliases, TREATMENT))
    return replace(_relabelled(_with_loss(model, own, known), own, drug.label), drugs=(given,))


def with_drugs(model: Model, names: Iterable[str]) -> Model:
    """The model with the one drug that doses name; unchanged where there are none, or where it is known.

    Raises
    ------
    InputError
        Several drugs where the model has one that is not known yet.
    """
    if not takes_any(model):
        return model
    found = by_drug(model, names)
    if len(found) > 1:
        one, other = list(found)[:2]
        raise InputError(
            f"{model.name} has one drug, but doses name {one} and {other}; leave one of them out, give both one name "
            "if they act alike, or choose a model of several drugs (two_drug, tivnh_treated)."
        )
    return next(iter(found.values()), model)


def by_drug(model: Model, names: Iterable[str]) -> dict[str, Model]:
    """The model with each of the different drugs that names in doses stand for, by the drug."""
    found: dict[str, Model] = {}
    for name in names:
        chosen = with_drug(model, name)
        found.setdefault(chosen.drugs[0].name, chosen)
    return found


def _relabelled(model: Model, own: Drug, label: str) -> Model:
    parameters = tuple(
        replace(p, label=f"Loss of {label.lower()}") if p.name == own.decay else p for p in model.parameters
    )
    return replace(model, parameters=parameters)


def _with_loss(model: Model, own: Drug, known: KnownDrug) -> Model:
    """The model with the published loss of its drug, for each species that it has numbers of."""

    def changed(p):
        if p.name != own.decay:
            return p
        value, source = known.losses[model.species]
        return replace(p, default=value, source=source, prior=KNOWN_LOSS_SD)

    presets = {
        species: preset | {own.decay: known.losses[species]} if own.decay else preset
        for species, preset in model.presets.items()
    }
    halves = {species: {own.half: half} for species, half in known.halves.items()} if own.half else {}
    parameters = tuple(changed(p) for p in model.parameters)
    return replace(model, parameters=parameters, presets=presets, central_presets=halves)
