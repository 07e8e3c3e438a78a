"""Defaults as they were, for calibrations whose files do not hold the numbers they were made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import log

from .model import Model
from .parameters import ASSUMED

TERMINAL_A = (log(2) / 28.5, "half-life 28.5 days, Bruno et al., Cancer Chemother Pharmacol 2005;56:361-369")
TERMINAL_B = (log(2) / 22.0, "half-life 22 days, pembrolizumab prescribing information (Keytruda)")
BEFORE: Mapping[str, Mapping[str, tuple[float, str]]] = {
    "human": {"lam_A": TERMINAL_A, "lam_B": TERMINAL_B},
    "mouse": {"lam_B": (0.1, ASSUMED)},
}
"""Species -> loss rate -> what it was: terminal half-lives, taken as the decay from the peak."""
GROWTH_BEFORE: Mapping[str, tuple[float, str]] = {"two_drug": (0.08, ASSUMED), "immunotherapy": (0.1, ASSUMED)}
"""Family -> growth rate of a human, which was that of a mouse."""
SD_BEFORE, SDS_BEFORE = 0.5, {"l": 0.3}
WIDENED = ("g", "K", "k_P", "k_A", "k_AP", "s_A", "r_A", "q_P", "phi", "C50", "l", "s")
"""Parameters whose priors are wider now."""


def as_before(model: Model) -> Model:
    """The model with the numbers that calibrations were made with before files held their model."""
    former = dict(BEFORE.get(model.species, {}))
    if model.species == "human" and model.family in GROWTH_BEFORE:
        former["g"] = GROWTH_BEFORE[model.family]
    parameters = tuple(
        replace(p, default=former[p.name][0], source=former[p.name][1]) if p.name in former else p
        for p in model.parameters
    )
    parameters = tuple(
        replace(p, prior=SDS_BEFORE.get(p.name, SD_BEFORE)) if p.name in WIDENED else p for p in parameters
    )
    return replace(model, parameters=parameters)
