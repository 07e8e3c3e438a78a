"""Laws by which a tumour's volume grows without treatment; each a function of the volume and a few parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import log

import numpy as np

from .parameters import ASSUMED, GROWTH_SD, SHAPE_SD, VOLUME_SD, Parameter, fraction, rate

Rate = Callable[[np.ndarray, Mapping[str, np.ndarray | float]], np.ndarray]
"""`rate(T, p)`: dT/dt (cm3/day) of volumes T (cm3) of 0 or more, array (samples,)."""

BENZEKRY = "Benzekry et al., PLoS Comput Biol 2014;10:e1003800"
ONE_CELL_CM3 = 1e-9
"""Volume below which growth per volume rises no more: the Gompertz law has no end of it."""
DOUBLING_HUMAN = (
    log(2) / 162.0,
    "doubling time 162 days of HER2-positive breast cancer (46 to 825 of any), Ryu et al., Eur Radiol 2014;24:2227",
)


@dataclass(frozen=True)
class Growth:
    """A law of growth.

    Attributes
    ----------
    name, title : str
        In the name of a model, and for people.
    formula : str
        dT/dt without treatment.
    use : str
        What it is good for.
    reference : str
    rate : Rate
    parameters : tuple of Parameter
        Defaults of a mouse.
    human : mapping of str to (float, str)
        Parameter -> default of a human, source.
    has_largest : bool
        Whether growth ends at a largest volume; it can explode if not.
    """

    name: str
    title: str
    formula: str
    use: str
    reference: str
    rate: Rate
    parameters: tuple[Parameter, ...]
    human: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    has_largest: bool = True


def growth_rate(
    default: float, label: str = "Tumour growth rate", unit: str = "1/day", source: str = ASSUMED
) -> Parameter:
    """The parameter `g`."""
    return rate("g", default, source, label, unit=unit, prior=GROWTH_SD)


def largest_volume() -> Parameter:
    """The parameter `K`."""
    return rate("K", 5.0, ASSUMED, "Largest tumour volume", unit="cm3", prior=VOLUME_SD)


LARGEST_HUMAN = {"K": (100.0, ASSUMED)}


def _exponential(T, p):
    return p["g"] * T


def _logistic(T, p):
    return p["g"] * T * (1 - T / p["K"])


def _generalised(T, p):
    return p["g"] * T * (1 - np.power(T / p["K"], p["theta"]))


def _gompertz(T, p):
    return p["g"] * T * (np.log(p["K"]) - np.log(np.maximum(T, ONE_CELL_CM3)))


def _bertalanffy(T, p):
    return p["g"] * np.power(T, 2 / 3) - p["b"] * T


def _power(T, p):
    return p["g"] * np.power(T, p["beta"])


def _allee(T, p):
    return p["g"] * T * (1 - T / p["K"]) * ((T - p["A"]) / (T + p["tau"]))


GROWTHS = (
    Growth(
        "exponential",
        "exponential",
        "g T",
        "Few visits or a tumour far from any limit; overstates what comes later.",
        BENZEKRY,
        _exponential,
        (growth_rate(0.1),),
        {"g": DOUBLING_HUMAN},
        has_largest=False,
    ),
    Growth(
        "logistic",
        "logistic",
        "g T (1 - T/K)",
        "Growth that slows in proportion to the volume; the usual first choice.",
        BENZEKRY,
        _logistic,
        (growth_rate(0.1), largest_volume()),
        {"g": DOUBLING_HUMAN, **LARGEST_HUMAN},
    ),
    Growth(
        "generalised",
        "generalised logistic (Richards)",
        "g T (1 - (T/K)^theta)",
        "Slowing that comes earlier (theta below 1) or later (above 1) than the logistic; needs many visits.",
        f"Richards, J Exp Bot 1959;10:290-301; {BENZEKRY}",
        _generalised,
        (
            growth_rate(0.1),
            largest_volume(),
            rate("theta", 1.0, ASSUMED, "How late growth slows; 1 is logistic", unit="", prior=SHAPE_SD),
        ),
        {"g": DOUBLING_HUMAN, **LARGEST_HUMAN},
    ),
    Growth(
        "gompertz",
        "Gompertz",
        "g T ln(K/T)",
        "Growth that slows from the start; describes most animal tumours best once they are followed for long.",
        f"Gompertz, Phil Trans R Soc 1825;115:513-583; {BENZEKRY}; Vaghi et al., PLoS Comput Biol 2020;16:e1007178",
        _gompertz,
        (growth_rate(0.05, "Rate of approach to the largest volume"), largest_volume()),
        {"g": (DOUBLING_HUMAN[0] / log(100.0 / 4.0), f"at 4 of 100 cm3: {DOUBLING_HUMAN[1]}"), **LARGEST_HUMAN},
    ),
    Growth(
        "bertalanffy",
        "von Bertalanffy",
        "g T^(2/3) - b T",
        "Growth at the surface less loss everywhere; the largest volume is (g/b)^3.",
        f"von Bertalanffy, Q Rev Biol 1957;32:217-231; {BENZEKRY}",
        _bertalanffy,
        (
            growth_rate(0.09, "Growth at the surface", "cm/day"),
            rate("b", 0.05, ASSUMED, "Loss of tumour everywhere", prior=GROWTH_SD),
        ),
        {
            "g": (0.01, f"with b, at 4 cm3: {DOUBLING_HUMAN[1]}"),
            "b": (0.002, ASSUMED),
        },
    ),
    Growth(
        "power",
        "power law",
        "g T^beta",
        "Slowing without an end, from the surface (2/3) to exponential (1); good for short forecasts.",
        f"Mendelsohn, Science 1960;132:1496; {BENZEKRY}",
        _power,
        (
            growth_rate(0.06, "Growth of a volume of 1 cm3", "cm3^(1-beta)/day"),
            fraction(
                "beta",
                2 / 3,
                f"exponent of a surface; {BENZEKRY}",
                "Exponent of growth; 1 is exponential",
                prior=SHAPE_SD,
            ),
        ),
        {"g": (DOUBLING_HUMAN[0] * 4.0 ** (1 / 3), f"at 4 cm3: {DOUBLING_HUMAN[1]}")},
        has_largest=False,
    ),
    Growth(
        "allee",
        "logistic with an Allee effect",
        "g T (1 - T/K)(T - A)/(T + tau)",
        "Small tumours grow slowly (weak effect) or vanish below A (strong effect): small volumes, recurrence.",
        "Boukal and Berec, J Theor Biol 2002;218:375-394; in cancer cells Johnson et al., PLoS Biol 2019;17:e3000399",
        _allee,
        (
            growth_rate(0.1),
            largest_volume(),
            rate("A", 0.002, ASSUMED, "Volume below which the tumour vanishes", unit="cm3", prior=VOLUME_SD),
            rate("tau", 0.02, ASSUMED, "Volume below which growth is held back", unit="cm3", prior=VOLUME_SD),
        ),
        {"g": DOUBLING_HUMAN, "A": (0.04, ASSUMED), "tau": (0.4, ASSUMED), **LARGEST_HUMAN},
    ),
)
"""Every law of growth."""
