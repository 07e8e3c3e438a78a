"""The window for drugs: how well they reach the tumour, and how much of their effect hypoxia leaves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

DELIVERY, OXYGENATION = "delivery", "oxygenation"


def window_of(states: Mapping[str, np.ndarray], parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Delivery q(V) = V / (V + v50) and oxygenation o(H) = 1 - eta H, as the cytotoxic effect of the model has them.

    Parameters
    ----------
    states : mapping of str to array (draws, days)
    parameters : mapping of str to array (draws,)

    Returns
    -------
    dict of str to array (draws, days)
        Empty for a model without these states and parameters.
    """
    if not ({"V", "H"} <= set(states) and {"v50", "eta"} <= set(parameters)):
        return {}
    half, lost = (np.asarray(parameters[name], float)[:, np.newaxis] for name in ("v50", "eta"))
    return {DELIVERY: states["V"] / (states["V"] + half), OXYGENATION: 1.0 - lost * states["H"]}
