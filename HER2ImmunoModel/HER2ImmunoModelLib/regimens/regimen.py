"""What a regimen is: which drug, on which days after its first, how much, and where that is written."""

from __future__ import annotations

from dataclasses import dataclass

from ..drugs.drug import Amount, Basis


@dataclass(frozen=True)
class Part:
    """One drug of a regimen.

    Attributes
    ----------
    drug : str
    days : tuple of float
        After the first dose of the regimen, in order.
    dose : Amount
    loading : Amount or None
        The first of them.
    """

    drug: str
    days: tuple[float, ...]
    dose: Amount
    loading: Amount | None = None

    def amount(self, number: int) -> Amount:
        """The dose of that number, from 0."""
        return self.loading if number == 0 and self.loading is not None else self.dose


@dataclass(frozen=True)
class Regimen:
    """A regimen, as a template that fills a schedule.

    Attributes
    ----------
    key, label, title : str
        Name in tables and commands, in few letters and in full on screen.
    parts : tuple of Part
    basis : Basis
        Of doses and days, where `remarks` says nothing else.
    species : str
        `human` or `mouse`.
    aliases : tuple of str
        Other keys.
    remarks : tuple of str
        What a person must know: what is left out, what is assumed.
    exception : str
        `trial` if its trial broke a limit; `clinical_limits.EXCEPTIONS` says which.
    growth_factor : bool
        Whether growth factor belongs to it.
    is_add_on : bool
        Whether it goes on top of another one.
    imaging_days : tuple of float
        Days on which its study imaged.
    """

    key: str
    label: str
    title: str
    parts: tuple[Part, ...]
    basis: Basis
    species: str = "human"
    aliases: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    exception: str = ""
    growth_factor: bool = False
    is_add_on: bool = False
    imaging_days: tuple[float, ...] = ()

    @property
    def last_day(self) -> float:
        """Day of the last dose, counted from the first."""
        return max(part.days[-1] for part in self.parts)


def every(step: int, doses: int, first: int = 0) -> tuple[float, ...]:
    """So many days, a step apart."""
    return tuple(float(first + step * number) for number in range(doses))
