"""What is said of the picture of a model: its legend, an arrow, a state, and all of it for who cannot see it."""

from __future__ import annotations

from ..models.model import Model
from ..models.structure import EITHER, LOWERS, RAISES, Arrow, Structure, words_of_states

VERBS = {RAISES: "raises", LOWERS: "lowers", EITHER: "raises or lowers"}
OF_ITSELF = {RAISES: "grows by itself", LOWERS: "is lost", EITHER: "grows and is lost"}
LEGEND = {RAISES: "raises", LOWERS: "lowers, is lost", EITHER: "raises or lowers"}
ONLY_WITH, TOGETHER = "only with a drug", "both drugs together"


def said_of_arrow(arrow: Arrow, model: Model) -> str:
    """An arrow as a sentence."""
    names = labels(model)
    source, target = names[arrow.source], names[arrow.target]
    if arrow.source == arrow.target:
        return f"{source}: {OF_ITSELF[arrow.sign]}."
    given = " or ".join(names[name].lower() for name in arrow.only_with)
    only = f", only with {given}" if given else ""
    return f"{source}: {VERBS[arrow.sign]} {target[:1].lower() + target[1:]}{only}."


def said_of_node(name: str, model: Model) -> str:
    """A state with what measures it; a drug by its label."""
    for state in model.states:
        if state.name == name:
            unit = f" ({state.unit.replace('cm3', 'cm³')})" if state.unit else ""
            return f"{words_of_states(model)[name]}: {state.label.lower()}{unit}, {name} in the equations."
    return f"{labels(model)[name]}."


def said_of_picture(model: Model, structure: Structure) -> str:
    """Every arrow as a sentence."""
    return " ".join(said_of_arrow(arrow, model) for arrow in structure.arrows)


def labels(model: Model) -> dict[str, str]:
    """Words for every state and drug; a drug that the model integrates goes by its own."""
    return {**words_of_states(model), **{drug.name: drug.label for drug in model.drugs}}
