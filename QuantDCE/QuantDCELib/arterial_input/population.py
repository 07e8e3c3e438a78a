"""Population-averaged arterial inputs. A new one is one function and one entry of `POPULATION_AIFS`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..signal.quantities import haematocrit_fraction

FINE_STEP_S = 0.25
"""Spacing at which a population input is evaluated for a fit; frames are too coarse for its first pass."""
REFERENCE_DOSE = 0.1
"""Dose in mmol/kg of every published input here."""


def _parker(t: np.ndarray) -> np.ndarray:
    gaussians = sum(
        area / (sigma * math.sqrt(2 * math.pi)) * np.exp(-((t - centre) ** 2) / (2 * sigma**2))
        for area, centre, sigma in ((0.809, 0.17046, 0.0563), (0.330, 0.365, 0.132))
    )
    return gaussians + 1.050 * np.exp(-0.1685 * t) / (1 + np.exp(-38.078 * (t - 0.483)))


def _georgiou(t: np.ndarray) -> np.ndarray:
    alpha, beta, tau = 5.26, 0.032, 0.129
    decay = sum(a * np.exp(-m * t) for a, m in ((0.37, 0.11), (0.33, 1.17), (10.06, 16.02)))
    recirculation = np.zeros_like(t)
    for passage in range(int(t.max(initial=0.0) / tau) + 1):
        # Passage n is a gamma density of shape (n + 1)(alpha + 1), in logarithms because its factors overflow.
        shape, since = (passage + 1) * (alpha + 1), t - passage * tau
        later = since > 0
        log_density = (
            (shape - 1) * np.log(since[later]) - since[later] / beta - shape * math.log(beta) - math.lgamma(shape)
        )
        recirculation[later] += np.exp(log_density)
    return decay * recirculation


def _weinmann(t: np.ndarray) -> np.ndarray:
    return REFERENCE_DOSE * (3.99 * np.exp(-0.144 * t) + 4.78 * np.exp(-0.0111 * t))


def _fritz_hansen(t: np.ndarray) -> np.ndarray:
    return 2.4 * np.exp(-3.0 * t) + 0.62 * np.exp(-0.016 * t)


def _orton1(t: np.ndarray) -> np.ndarray:
    a_b, mu_b, a_g, mu_g = 10.4, 12.0, 1.24, 0.169
    a = a_b * a_g / (mu_b - mu_g)
    return (a_b - a) * np.exp(-mu_b * t) + a * np.exp(-mu_g * t)


def _orton2(t: np.ndarray) -> np.ndarray:
    a_b, mu_b, a_g, mu_g = 344.0, 20.2, 1.24, 0.172
    rate = mu_b - mu_g
    return a_b * (1 - a_g / rate) * t * np.exp(-mu_b * t) + a_b * a_g / rate**2 * (
        np.exp(-mu_g * t) - np.exp(-mu_b * t)
    )


def _orton3(t: np.ndarray) -> np.ndarray:
    a_b, mu_b, a_g, mu_g = 2.84, 22.8, 1.36, 0.171
    end = 2 * math.pi / mu_b

    def washed(u: np.ndarray) -> np.ndarray:
        decay = np.exp(-mu_g * u)
        wave = mu_g * (np.cos(mu_b * u) - decay) + mu_b * np.sin(mu_b * u)
        return (1 - decay) / mu_g - wave / (mu_g**2 + mu_b**2)

    during = np.minimum(t, end)
    bolus = a_b * (1 - np.cos(mu_b * during))
    return bolus * (t <= end) + a_b * a_g * washed(during) * np.exp(-mu_g * (t - during))


def _mcgrath(t: np.ndarray) -> np.ndarray:
    seconds = t * 60.0
    later = 3.4 * np.exp(-0.045 * (seconds - 7)) + 1.81 * np.exp(-0.0015 * (seconds - 7))
    return np.where(seconds <= 7, 5.21 * seconds / 7, later)


@dataclass(frozen=True)
class PopulationAif:
    """A published input: concentration by minutes after arrival at the reference dose."""

    curve_mM: Callable[[np.ndarray], np.ndarray]
    in_plasma: bool
    source: str


POPULATION_AIFS = {
    "parker": PopulationAif(_parker, False, "Parker et al., Magn Reson Med 56:993 (2006)"),
    "georgiou": PopulationAif(_georgiou, False, "Georgiou et al., Magn Reson Med 81:1955 (2019)"),
    "weinmann": PopulationAif(
        _weinmann, True, "Weinmann et al. (1984), as Tofts & Kermode, Magn Reson Med 17:357 (1991)"
    ),
    "fritz_hansen": PopulationAif(
        _fritz_hansen, True, "Fritz-Hansen et al., Magn Reson Med 36:225 (1996), as Whitcher & Schmid (2011)"
    ),
    "orton1": PopulationAif(_orton1, False, "Orton et al., Phys Med Biol 53:1225 (2008), model 1"),
    "orton2": PopulationAif(_orton2, False, "Orton et al., Phys Med Biol 53:1225 (2008), model 2"),
    "orton3": PopulationAif(_orton3, False, "Orton et al., Phys Med Biol 53:1225 (2008), model 3"),
    "mcgrath": PopulationAif(_mcgrath, False, "McGrath et al., Magn Reson Med 61:1173 (2009), model B, rat"),
}
"""By name; `biexponential` with the user's constants is the one more that `population_aif` knows."""


def population_aif(
    name: str,
    time_s: np.ndarray,
    *,
    arrival_s: float = 0.0,
    hematocrit: float = 0.42,
    dose: float = REFERENCE_DOSE,
    constants: tuple[float, float, float, float] | None = None,
    in_plasma: bool = True,
) -> np.ndarray:
    """Plasma concentration of a published input.

    Parameters
    ----------
    name : str
        A name in `POPULATION_AIFS`, or `biexponential`.
    time_s : ndarray, shape (n,)
    arrival_s : float
        When the agent arrives, on the clock of `time_s`; 0 mM before.
    hematocrit : float
        Turns blood into plasma; without effect on inputs published for plasma.
    dose : float
        mmol/kg; the concentration scales with it.
    constants : tuple of float
        For `biexponential`: a1 (mM), m1 (1/min), a2 (mM), m2 (1/min), at 0.1 mmol/kg.
    in_plasma : bool
        For `biexponential`: whether the constants are for plasma.

    Returns
    -------
    ndarray, shape (n,)
        mM in plasma.

    Raises
    ------
    InputError
        For an unknown name, dose or haematocrit.
    """
    hematocrit = haematocrit_fraction(hematocrit)
    if not (math.isfinite(dose) and dose > 0):
        raise InputError(f"The dose is {dose} mmol/kg; give one above 0, usually 0.1.")
    minutes = (np.asarray(time_s, dtype=np.float64) - arrival_s) / 60.0
    population = _find(name, constants, in_plasma)
    arrived = minutes >= 0
    curve = np.where(arrived, population.curve_mM(np.where(arrived, minutes, 0.0)), 0.0) * (dose / REFERENCE_DOSE)
    return curve if population.in_plasma else curve / (1.0 - hematocrit)


def _find(name: str, constants: tuple[float, float, float, float] | None, in_plasma: bool) -> PopulationAif:
    if name == "biexponential":
        if constants is None or len(constants) != 4 or not all(math.isfinite(value) for value in constants):
            raise InputError("The biexponential input needs four constants: a1 (mM), m1 (1/min), a2 (mM), m2 (1/min).")
        a1, m1, a2, m2 = constants
        return PopulationAif(lambda t: a1 * np.exp(-m1 * t) + a2 * np.exp(-m2 * t), in_plasma, "user's constants")
    if name not in POPULATION_AIFS:
        raise InputError(f"There is no input {name!r}; choose one of {', '.join(POPULATION_AIFS)} or biexponential.")
    return POPULATION_AIFS[name]


def fine_time_s(time_s: np.ndarray, arrival_s: float) -> np.ndarray:
    """Times for a population input, from arrival at most FINE_STEP_S apart to the end of the last frame."""
    time_s = np.asarray(time_s, dtype=np.float64)
    before = math.ceil(max(arrival_s - float(time_s[0]), 0.0) / FINE_STEP_S)
    after = math.ceil(max(float(time_s[-1]) - arrival_s, 0.0) / FINE_STEP_S)
    return arrival_s + FINE_STEP_S * np.arange(-before, after + 1)


def population_label(name: str) -> str:
    """The authors of a population input, as a person says them."""
    if name not in POPULATION_AIFS:
        return "a bi-exponential curve"
    return POPULATION_AIFS[name].source.split(" et al.")[0].split(" (")[0]
