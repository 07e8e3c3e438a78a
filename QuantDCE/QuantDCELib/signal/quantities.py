"""What the numbers of an analysis can be, and what unit one is in that cannot be in its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError


@dataclass(frozen=True)
class Other:
    """Another unit that people give a quantity in: its name, what a value in it is multiplied by, and its largest."""

    unit: str
    factor: float
    largest: float = math.inf


@dataclass(frozen=True)
class Quantity:
    """A number with a unit and the range in which it can be.

    Attributes
    ----------
    key : str
        Name of the setting.
    name, unit : str
        In words.
    low, high : float
        Smallest and largest value in living tissue, with the sequences and agents there are.
    others : tuple of Other
    """

    key: str
    name: str
    unit: str
    low: float
    high: float
    others: tuple[Other, ...] = ()

    def can_be(self, value: float) -> bool:
        return self.low <= value <= self.high

    def in_others(self, value: float) -> list[tuple[Other, float]]:
        """The other units in which the value can be, and what it is then."""
        return [(other, value * other.factor) for other in self.others if self._may_be(value, other)]

    def _may_be(self, value: float, other: Other) -> bool:
        return value <= other.largest and self.can_be(value * other.factor)


MS = Other("ms", 1e-3)
T1_TISSUE = Quantity("t10_s", "T1 of the tissue", "s", 0.05, 10.0, (MS,))
"""From fat and lung to free water, at 0.2 to 11.7 T."""
T1_BLOOD = Quantity("t10_blood_s", "T1 of blood", "s", 0.2, 5.0, (MS,))
TR = Quantity("tr_s", "TR", "s", 0.0015, 0.5, (MS,))
"""Of spoiled gradient echoes; at 0.5 s and above a number means ms, as in the headers."""
FLIP = Quantity("flip_deg", "flip angle", "degrees", 1.7, 90.0, (Other("radians", 180.0 / math.pi, 1.0),))
"""A smaller one has no T1 weighting to speak of, a larger one is no gradient echo; 1.5 may be a degree or a radian."""
HAEMATOCRIT = Quantity("hematocrit", "haematocrit", "as a fraction", 0.1, 0.8, (Other("percent", 0.01),))
RELAXIVITY = Quantity("r1_per_mM_s", "relaxivity r1", "/mM/s", 1.0, 60.0, (Other("/M/s", 1e-3), Other("/mM/ms", 1e3)))
"""From gadoterate at 7 T to blood pool agents at low field."""
DOSE = Quantity("dose_mmol_per_kg", "dose", "mmol/kg", 0.005, 1.0)
"""A larger number may be mL, mg or micromol, which cannot be told apart."""
B1 = Quantity("b1", "B1", "as a fraction of the nominal flip angle", 0.2, 3.0, (Other("percent", 0.01),))


def taken(quantity: Quantity, value: float) -> tuple[float, tuple[str, ...]]:
    """The value in the quantity's own unit, and a sentence where it was given in another one.

    Raises
    ------
    QuestionsError
        If it cannot be, and no or several other units would explain it.
    """
    if quantity.can_be(value):
        return value, ()
    explained = quantity.in_others(value)
    if len(explained) != 1:
        raise QuestionsError([Question(quantity.key, _question(quantity, value))])
    other, found = explained[0]
    return found, (
        f"The unit of the {quantity.name} was taken to be {other.unit}: {value:g} {other.unit} = {found:.4g} "
        f"{quantity.unit}, since it cannot be {value:g} {quantity.unit}.",
    )


def _question(quantity: Quantity, value: float) -> str:
    return (
        f"The {quantity.name} ({quantity.key}) is {value:g}, but {_in(quantity.unit)} it can only be between "
        f"{quantity.low:g} and {quantity.high:g}; check its unit: what is it {_in(quantity.unit)}?"
    )


def _in(unit: str) -> str:
    return unit if unit.startswith("as ") else f"in {unit}"


def haematocrit_fraction(value: float) -> float:
    """A haematocrit as a fraction; 0 stands for a concentration that is of plasma already.

    Raises
    ------
    QuestionsError
        If no blood has it.
    """
    return value if value == 0 else taken(HAEMATOCRIT, value)[0]


def map_in_own_unit(
    values: np.ndarray, region: np.ndarray, quantity: Quantity, name: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """A map in the quantity's own unit, by its median in a region, and a sentence where it was in another one.

    Parameters
    ----------
    values : ndarray, shape (k, j, i)
    region : ndarray of bool, same shape
    quantity : Quantity
    name : str
        Of the map, for messages.

    Raises
    ------
    InputError
        If it has no value above 0 or its values cannot be.
    """
    positive = values[region]
    positive = positive[np.isfinite(positive) & (positive > 0)]
    if not positive.size:
        positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        raise InputError(f"The {name} has no value above 0; choose the {name}.")
    median = float(np.median(positive))
    if quantity.can_be(median):
        return values, ()
    explained = quantity.in_others(median)
    if len(explained) != 1:
        raise InputError(
            f"The {name} has a median of {median:.4g}, but {quantity.name} {_in(quantity.unit)} is between "
            f"{quantity.low:g} and {quantity.high:g}; give the map {_in(quantity.unit)}."
        )
    other, _ = explained[0]
    what = quantity.name.split(" of ")[0]
    told = f"A median of {median:.4g} cannot be {_in(quantity.unit)}: the {name} was taken as {what} in {other.unit}."
    return values * other.factor, (told,)
