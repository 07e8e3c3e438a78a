"""What is said of the laws of growth and treatment terms of the volume family where a person chooses among them."""

from __future__ import annotations

from ..models.growth_laws import GROWTHS
from ..models.treatment_terms import TERMS
from ..models.volume_family import growths, treatments

SYMBOLS = (
    "T: volume in cm³; C: what is left of all doses; D: dose given so far; d: each dose, of which a full one is 1. The "
    "other symbols are the parameters below."
)


def growth_choices() -> dict[str, str]:
    """Name and label of every law of growth."""
    return {name: _capital(title) for name, title in growths().items()}


def treatment_choices() -> dict[str, str]:
    """Name and label of every treatment term."""
    return {name: _capital(title) for name, title in treatments().items()}


def said_of_laws(growth: str, treatment: str) -> str:
    """Both formulas in a line each, with what they are good for."""
    law = next(each for each in GROWTHS if each.name == growth)
    term = next(each for each in TERMS if each.name == treatment)
    taken = "nothing from it" if term.kill is None else f"kill × T from it, kill = {term.formula}"
    return f"Growth: dT/dt = {law.formula}. {law.use}\nTreatment takes {taken}. {term.use}"


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
