"""A measured input beside one of the literature: its peak, its area, and what that means for Ktrans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..enhancement.semiquant import integral_weights
from .aif import Aif
from .population import REFERENCE_DOSE, fine_time_s, population_aif, population_label

AREA_S = 90.0
"""After arrival, over which areas are compared."""
SHORTEST_S = 20.0
"""A shorter stretch after arrival says nothing of the area."""
LEAST = 0.05
"""A smaller ratio is no measurement of anything."""
ALIKE = (0.7, 1.4)
"""Ratios within which inputs of different people lie as a rule (Parker et al. 2006: 10 to 20 % between visits)."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A measured input beside a population input of the same dose and haematocrit, both in plasma.

    Attributes
    ----------
    name : str
        Of the population input.
    population : Aif
        On a fine grid.
    peak_mM, population_peak_mM, peak_ratio : float
    seen_peak_mM : float
        The highest that the population input has at the samples of the measured one.
    area_mM_s, population_area_mM_s, area_ratio : float
        From arrival on for `area_s`; NaN where the samples cover too little.
    area_s : float
    """

    name: str
    population: Aif
    peak_mM: float
    population_peak_mM: float
    peak_ratio: float
    seen_peak_mM: float
    area_mM_s: float
    population_area_mM_s: float
    area_ratio: float
    area_s: float

    @property
    def agent_ratio(self) -> float:
        """How much agent there is to that of the population: by the area, or by the peak where that is all there is."""
        return self.area_ratio if np.isfinite(self.area_ratio) else self.peak_ratio

    @property
    def is_alike(self) -> bool:
        """Whether there is as much agent as in other people."""
        return ALIKE[0] <= self.agent_ratio <= ALIKE[1]

    @property
    def sentence(self) -> str:
        """The ratios, and what they mean."""
        whose = f"{population_label(self.name)}'s"
        told = f"The measured peak is {self.peak_mM:.3g} mM, {self.peak_ratio:.2g} of {whose} "
        told += f"{self.population_peak_mM:.3g} mM"
        if np.isfinite(self.area_ratio):
            told += f", and the area in the {self.area_s:.0f} s after arrival {self.area_ratio:.2g} of {whose}"
        return f"{told}: {_meaning(self)}"


def compare_with_population(
    aif: Aif,
    name: str,
    *,
    arrival_s: float,
    hematocrit: float = 0.42,
    dose: float = REFERENCE_DOSE,
    constants: tuple[float, float, float, float] | None = None,
) -> Comparison:
    """Peak and area of a measured input over those of a population input that arrives at the same time.

    Parameters
    ----------
    aif : Aif
        Measured.
    name : str
        As `population_aif`, with `hematocrit`, `dose` (mmol/kg) and `constants`.
    arrival_s : float
        On the clock of the input.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        For an unknown population input, dose or haematocrit.
    """
    settings = {"arrival_s": arrival_s, "hematocrit": hematocrit, "dose": dose, "constants": constants}
    fine_s = fine_time_s(aif.time_s, arrival_s)
    plasma = population_aif(name, fine_s, **settings)
    population = Aif(fine_s, plasma * (1.0 - hematocrit), plasma, f"population input of {population_label(name)}")
    seen = population_aif(name, aif.time_s, **settings)
    peak, top = float(aif.plasma_mM.max()), float(plasma.max())
    start = max(arrival_s, float(aif.time_s[0]))
    end = min(start + AREA_S, float(aif.time_s[-1]), float(fine_s[-1]))
    area = whole = ratio = float("nan")
    if end - start >= SHORTEST_S:
        area = float(aif.plasma_mM @ integral_weights(aif.time_s, start, end))
        whole = float(plasma @ integral_weights(fine_s, start, end))
        ratio = area / whole
    return Comparison(
        name, population, peak, top, peak / top, float(seen.max()), area, whole, ratio, area_s=end - start
    )


def _meaning(found: Comparison) -> str:
    """What the ratios say of the input, and of Ktrans."""
    factor = found.agent_ratio
    if not factor > 0:
        return "this is no arterial input."
    if factor < ALIKE[0]:
        how = f"about {1.0 / factor:.2g} times too high" if factor > LEAST else "far too high"
        return f"partial volume, inflow or saturation; Ktrans will come out {how}."
    if factor > ALIKE[1]:
        why = "T1 of blood, TR, flip angle, relaxivity or dose may be wrong"
        return f"{why}; Ktrans will come out about {factor:.2g} times too low."
    if found.peak_ratio >= ALIKE[0]:
        return "as in other people."
    missed = found.seen_peak_mM < ALIKE[1] * found.peak_mM
    why = "frames this far apart miss it" if missed else "the bolus is broad, or saturated at its top"
    return f"as much agent as in other people, but a low peak ({why})."
