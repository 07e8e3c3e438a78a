"""What a problem's SBML file is here: a model, its doses, and which symbols of the tables are which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..models.model import Model
from .formulas import Formula


@dataclass(frozen=True)
class Given:
    """A dose of a drug: time since the start and size, formulas of constants."""

    drug: str
    time: Formula
    size: Formula
    where: str


@dataclass(frozen=True)
class Structure:
    """A model of a file.

    Attributes
    ----------
    model : Model
        Without the priors of the parameter table.
    names : mapping of str to str
        Symbol of the parameter table or column of the conditions -> parameter of the model.
    library : bool
        Whether it is a model of this project's own, whose parameters keep their spaces.
    constants : mapping of str to float
        Numbers of the file by their symbols, of which sizes and times of doses may be formulas.
    doses : tuple of Given
    observed : mapping of (str, str) to str
        Observable and its parameters of a row -> state.
    warnings : tuple of str
    """

    model: Model
    names: Mapping[str, str]
    library: bool
    constants: Mapping[str, float]
    doses: tuple[Given, ...]
    observed: Mapping[tuple[str, str], str]
    warnings: tuple[str, ...] = ()
