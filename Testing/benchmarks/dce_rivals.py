"""Other open DCE engines, each as a function that fits curves with the extended Tofts model."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

import numpy as np
from scipy.optimize import curve_fit

HEMATOCRIT = 0.42
Fit = Callable[[np.ndarray], np.ndarray]
"""Curves (n, t) in mM to Ktrans (n,) in 1/min."""


def dcmri(time_s: np.ndarray, aif_time_s: np.ndarray, aif_plasma_mM: np.ndarray) -> Fit | None:
    """dcmri's high-flow tissue, fitted to concentrations as its own `train` fits signals; None if not installed."""
    if importlib.util.find_spec("dcmri") is None:
        return None
    library = importlib.import_module("dcmri")
    blood = (1 - HEMATOCRIT) * aif_plasma_mM

    def model(_: np.ndarray, vb: float, vi: float, ps: float) -> np.ndarray:
        fine = library.conc_tissue(blood, t=aif_time_s, kinetics="HF", H=HEMATOCRIT, vb=vb, vi=vi, PS=ps)
        return np.interp(time_s, aif_time_s, fine)

    def fit(curves: np.ndarray) -> np.ndarray:
        bounds = [0, 1e-3, 0], [1, 1, 0.1]
        found = [curve_fit(model, time_s, y, p0=[0.1, 0.3, 0.003], bounds=bounds, method="trf")[0] for y in curves]
        return 60.0 * np.array(found)[:, 2]

    return fit


RIVALS = {"dcmri (HF, curve_fit)": dcmri}
