"""How reachable a tumour is for chemotherapy: what the vessels deliver, and what hypoxia leaves of the effect."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .model import Model

DELIVERY, OXYGENATION, REACHED = "delivery", "oxygenation", "reached"
PARAMETERS, STATES = ("v50", "eta"), ("V", "H")


def has_window(model: Model) -> bool:
    """Whether delivery and oxygenation scale the cytotoxic kill of a model."""
    parameters = {parameter.name for parameter in model.parameters}
    return parameters.issuperset(PARAMETERS) and {state.name for state in model.states}.issuperset(STATES)


def delivery(vascular, half):
    """q(V) = V / (V + v50): share of the cytotoxic effect that reaches the tumour through its vessels."""
    return vascular / (vascular + half)


def oxygenation(hypoxic, lost):
    """o(H) = 1 - eta H: share of the cytotoxic effect that hypoxia leaves."""
    return 1.0 - lost * hypoxic


def treatment_window(parameters: Mapping[str, np.ndarray], states: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The factors by which the cytotoxic kill of a model with a window is multiplied.

    Parameters
    ----------
    parameters : mapping of str to array (samples,)
    states : mapping of str to array (samples, days)
        NaN where a course failed.

    Returns
    -------
    dict of str to array (samples, days)
        `delivery`, `oxygenation`, and their product `reached`.
    """
    half, lost = (np.asarray(parameters[name], float).reshape(-1, 1) for name in PARAMETERS)
    found = {DELIVERY: delivery(states["V"], half), OXYGENATION: oxygenation(states["H"], lost)}
    return found | {REACHED: found[DELIVERY] * found[OXYGENATION]}
