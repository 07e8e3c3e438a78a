"""Virtual patients of trials: tumours, response and kinetics that differ as it is assumed of patients."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from HER2ImmunoCommonLib.limits import MOST, checked

from ..drugs.individuals import population
from ..drugs.library import find_drug
from ..limits.over_patients import log_variance
from ..models.model import Model
from .arms import TrialArm
from .virtual_model import PATIENT, WEIGHTS, numbers, virtual_model

START_CM3, START_LOG_SD = 14.0, 0.8
"""Median volume at entry, a sphere of 3 cm, and the spread of its logarithm (assumed)."""
HR_SHIFT = -0.35
"""What hormone receptors do to log k_P and logit e_A (assumed)."""
CYTOTOXIC_PERCENT = 28.0
"""Spread of the area of chemotherapy between patients: docetaxel 29, paclitaxel 27 (papers), one for all (assumed)."""
SUBJECTS = 2000


@dataclass(frozen=True)
class Response:
    """How tumours respond: what is fitted on arms.

    Attributes
    ----------
    kill_per_day : float
        Median k_P of patients without hormone receptors.
    stopped_share : float
        Their median e_A, between 0 and 1.
    spread : float
        Standard deviation of log k_P and logit e_A between patients.
    weights : mapping of str to float
        By drug, as `virtual_model.WEIGHTS`.
    """

    kill_per_day: float = 0.6
    stopped_share: float = 0.3
    spread: float = 0.5
    weights: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(WEIGHTS, 1.0))


@dataclass(frozen=True, eq=False)
class VirtualPopulation:
    """Patients who go through every arm, arrays (subjects,).

    Attributes
    ----------
    start_cm3 : array
        Volume at entry.
    kill, stopped : array
        Standard normal deviates of log k_P and logit e_A.
    receptors : array
        Uniform; a subject of an arm has hormone receptors where it is below the arm's share.
    kinetics : mapping of str to array
        Parameters of the model: kinetics of the agents, and C50_P, which holds the area of chemotherapy.
    """

    start_cm3: np.ndarray
    kill: np.ndarray
    stopped: np.ndarray
    receptors: np.ndarray
    kinetics: Mapping[str, np.ndarray]

    def parameters(self, arm: TrialArm, response: Response) -> dict[str, np.ndarray | float]:
        """Parameters of the model for the subjects of an arm."""
        shift = np.where(self.receptors < arm.hr_share, HR_SHIFT, 0.0)
        odds = math.log(response.stopped_share / (1.0 - response.stopped_share))
        odds = odds + response.spread * self.stopped + shift
        return {
            "T0": self.start_cm3,
            "k_P": response.kill_per_day * np.exp(response.spread * self.kill + shift),
            "e_A": 1.0 / (1.0 + np.exp(-odds)),
            **{WEIGHTS[drug]: weight for drug, weight in response.weights.items()},
            **self.kinetics,
        }


def draw_population(subjects: int = SUBJECTS, seed: int = 0, model: Model | None = None) -> VirtualPopulation:
    """Patients drawn from the assumed spreads and those of the kinetics' publications.

    Raises
    ------
    InputError
        A number of subjects that is none.
    """
    checked("subjects", subjects, MOST["draws"])
    model, rng = model or virtual_model(), np.random.default_rng(seed)
    noise = rng.standard_normal((4, subjects))
    area = np.exp(math.sqrt(log_variance(CYTOTOXIC_PERCENT)) * noise[3])
    # An area so many times larger is the same as a concentration of half effect so many times smaller.
    kinetics = {"C50_P": model.parameter("C50_P").default / area}
    for number, (name, agent) in enumerate(model.agents.items(), start=1):
        drawn = numbers(population(find_drug(name), subjects, seed + number, patient=PATIENT).kinetics)
        kinetics |= {agent.kinetics[symbol]: value for symbol, value in drawn.items() if np.ndim(value)}
    return VirtualPopulation(
        START_CM3 * np.exp(START_LOG_SD * noise[0]), noise[1], noise[2], rng.random(subjects), kinetics
    )
