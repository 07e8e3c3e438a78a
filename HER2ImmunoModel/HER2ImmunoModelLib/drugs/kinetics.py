"""How the body handles a drug that is given into a vein: compartments, limits, and how they change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Compartment:
    """A compartment beside the first: exchange (L/day) and volume (L)."""

    exchange: float
    volume: float


@dataclass(frozen=True)
class Saturation:
    """A rate that has a limit: `most` (amount/day) times C/(`half` + C), `half` in amount/L."""

    most: float
    half: float


@dataclass(frozen=True)
class Fall:
    """Change of the clearance with time t since the first dose: times `exp(most t^power/(half_days^power + t^power))`.

    Attributes
    ----------
    most : float
        Logarithm of what the clearance ends at; negative for a fall.
    half_days : float
        Days to half of it.
    power : float
    """

    most: float
    half_days: float
    power: float


@dataclass(frozen=True)
class Kinetics:
    """Kinetics of a drug given into a vein, of a typical patient; amounts in mg unless `molar_mass` is given.

    `dA1/dt = R - CL C - Vmax C/(Km + C) - S(C) + back A_S - sum Qj (C - Cj)`, `dAj/dt = Qj (C - Cj)`, `C = A1/V1`.

    Attributes
    ----------
    clearance : float
        CL, L/day.
    volume : float
        V1, L.
    others : tuple of Compartment
        In order: V2 with Q2, V3 with Q3.
    elimination : Saturation or None
        Vmax and Km.
    uptake : Saturation or None
        S: into a store of its own, from which `back` (1/day) of the amount returns.
    back : float
    store_volume : float or None
        L, where the way back has the same limit as the way in: S(C in the store) instead of `back`.
    fall : Fall or None
        How the clearance changes under treatment.
    molar_mass : float or None
        g/mol, where amounts are in umol and concentrations in umol/L.
    """

    clearance: float
    volume: float
    others: tuple[Compartment, ...] = ()
    elimination: Saturation | None = None
    uptake: Saturation | None = None
    back: float = 0.0
    store_volume: float | None = None
    fall: Fall | None = None
    molar_mass: float | None = None

    @property
    def is_linear(self) -> bool:
        """Whether the course is a sum of exponentials, twice as high after twice the dose."""
        return self.elimination is None and self.uptake is None and self.fall is None

    @property
    def unit(self) -> str:
        """Unit of concentrations."""
        return "mg/L" if self.molar_mass is None else "umol/L"
