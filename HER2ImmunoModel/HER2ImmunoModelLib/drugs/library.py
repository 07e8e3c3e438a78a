"""Drugs by their names."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from HER2ImmunoCommonLib.errors import InputError

from .drug import ClinicalDrug
from .drug_library import DRUGS


@lru_cache(maxsize=256)
def find_drug(name: str, species: str = "human") -> ClinicalDrug:
    """The drug of a name or an alias, in any case, with blanks, hyphens and underscores as one likes.

    Raises
    ------
    InputError
        No drug of that name; says the nearest.
    """
    of_species = [drug for drug in DRUGS if drug.species == species]
    known = {_plain(word): drug for drug in reversed(of_species) for word in (*drug.aliases, drug.name)}
    if found := known.get(_plain(name)):
        return found
    names = ", ".join(drug_names(species))
    others = {drug.species for drug in DRUGS if _plain(name) in map(_plain, (*drug.aliases, drug.name))}
    near = get_close_matches(_plain(name), known, n=1, cutoff=0.75)
    hint = f"did you mean {known[near[0]].name}?" if near else f"choose one of {names}."
    hint = f"it is a drug of a {min(others)}; choose one of {names}." if others else hint
    raise InputError(f"The library has no drug {name.strip()!r} for a {species}; {hint}")


def drug_names(species: str = "human") -> tuple[str, ...]:
    """Names of the drugs of a species, in the order of the library."""
    return tuple(drug.name for drug in DRUGS if drug.species == species)


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("-", " ").replace("_", " ").split())
