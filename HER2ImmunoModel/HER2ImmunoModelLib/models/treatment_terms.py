"""What a treatment does to a tumour's volume: dT/dt falls by `kill T`, the kill one term of the exposure each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .parameters import (
    ASSUMED,
    EFFICACY_SD,
    HALF_SD,
    SHAPE_SD,
    UNKNOWN_LOSS_SD,
    Parameter,
    rate,
)

Numbers = Mapping[str, np.ndarray | float]
Kill = Callable[[np.ndarray, Numbers, np.ndarray | float], np.ndarray]
"""`kill(T, p, exposure)` (1/day) of volumes T (cm3) and the exposure, arrays (samples,)."""

SMALLEST_CM3 = 1e-30
"""Keeps the ratio of no drug to no tumour at 0."""
LOSS = "lam"
"""Parameter with the loss of the drug."""
RODRIGUES = "Rodrigues, Mancera, Sorace, Song, Yankeelov, Lima (volume and [89Zr]CD8 immuno-PET)"


@dataclass(frozen=True)
class TreatmentTerm:
    """What a treatment does.

    Attributes
    ----------
    name, title : str
        In the name of a model, and for people.
    formula : str
        The kill, of C the decaying sum of doses, D the dose given so far.
    use : str
        What it is good for.
    reference : str
    kill : Kill or None
        None for no effect.
    parameters : tuple of Parameter
        Without the loss of the drug.
    is_lost : bool
        Whether a dose fades with `lam`.
    half : str or None
        Parameter with the exposure of half effect, of an effect exposure/(half + exposure).
    dose_half : str or None
        Parameter with the dose of half effect, of an effect that saturates in each dose.
    period : str or None
        Parameter with the period of waves that each dose sets off.
    delay : str or None
        Parameter with the mean time from a dose to its effect.
    human : mapping of str to (float, str)
        Parameter -> default of a human, source.
    """

    name: str
    title: str
    formula: str
    use: str
    reference: str
    kill: Kill | None
    parameters: tuple[Parameter, ...] = ()
    is_lost: bool = True
    half: str | None = None
    dose_half: str | None = None
    period: str | None = None
    delay: str | None = None
    human: Mapping[str, tuple[float, str]] = field(default_factory=dict)


def _linear(T, p, exposure):
    return p["phi"] * exposure


def _saturating(T, p, exposure):
    return p["phi"] * (exposure / (p["C50"] + exposure))


def _ratio(T, p, exposure):
    drug = np.power(np.maximum(exposure, 0.0), p["l"])
    return p["phi"] * (drug / (p["s"] * np.power(np.maximum(T, SMALLEST_CM3), p["l"]) + drug))


PHI = rate("phi", 0.15, ASSUMED, "Efficacy of the treatment, which may follow an image", prior=EFFICACY_SD)
PHI_PER_DOSE = rate("phi", 0.15, ASSUMED, PHI.label, unit="1/day/dose", prior=EFFICACY_SD)
HALF = rate("C50", 0.3, ASSUMED, "Amount of half effect", unit="dose", prior=HALF_SD)
POWER = rate("l", 1.0, ASSUMED, "Steepness of the effect in the ratio of drug to tumour", unit="", prior=SHAPE_SD)
RATIO = rate("s", 1.0, ASSUMED, "Ratio of half effect, to the power l", unit="(dose/cm3)^l", prior=HALF_SD)
DELAY = rate("delay", 3.0, ASSUMED, "Mean time from a dose to its effect", unit="day", prior=UNKNOWN_LOSS_SD)
PERIOD = rate("period", 7.0, ASSUMED, "Period of the effect", unit="day", prior=UNKNOWN_LOSS_SD)

TERMS = (
    TreatmentTerm(
        "none", "no effect of the treatment", "0", "Whether treatment does anything at all.", "", None, is_lost=False
    ),
    TreatmentTerm(
        "decaying",
        "each dose decays",
        "phi C",
        "The usual first choice: a kill in proportion to the drug that is left.",
        RODRIGUES,
        _linear,
        (PHI_PER_DOSE,),
    ),
    TreatmentTerm(
        "saturating",
        "each dose decays, the effect saturates",
        "phi C/(C50 + C)",
        "Doses of several sizes, or doses that pile up, without more effect.",
        RODRIGUES,
        _saturating,
        (PHI, HALF),
        half="C50",
    ),
    TreatmentTerm(
        "michaelis_menten",
        "Michaelis-Menten in each dose, which stays",
        "phi sum d/(C50 + d)",
        "Doses of several sizes with a lasting effect; with equal doses it is the cumulative dose.",
        RODRIGUES,
        _linear,
        (PHI, replace(HALF, label="Dose of half effect")),
        is_lost=False,
        dose_half="C50",
    ),
    TreatmentTerm(
        "ratio",
        "ratio of drug to tumour (de Pillis, Radunskaya)",
        "phi C^l/(s T^l + C^l)",
        "Large tumours that the same dose does less to.",
        f"de Pillis, Radunskaya, Wiseman, Cancer Res 2005;65:7950-7958; {RODRIGUES}",
        _ratio,
        (PHI, POWER, RATIO),
        human={"s": (0.05, ASSUMED)},
    ),
    TreatmentTerm(
        "delayed",
        "delayed clearance, then each dose decays",
        "phi C, C after three stages",
        "Immune clearance or radiation: growth goes on for days after a dose.",
        f"linear chain of stages; a sharp delay in {RODRIGUES}",
        _linear,
        (PHI_PER_DOSE, DELAY),
        delay="delay",
    ),
    TreatmentTerm(
        "sinusoidal",
        "sinusoidal clearance, each dose decays",
        "phi/2 sum d exp(-lam t)(1 + sin(2 pi t/period)), t from each dose d",
        "Waves of clearance that each dose sets off; needs visits several times a period.",
        RODRIGUES,
        _linear,
        (PHI_PER_DOSE, PERIOD),
        period="period",
    ),
    TreatmentTerm(
        "cumulative",
        "cumulative dose",
        "phi D",
        "An effect that stays once it is there.",
        RODRIGUES,
        _linear,
        (PHI_PER_DOSE,),
        is_lost=False,
    ),
)
"""Every treatment term."""
