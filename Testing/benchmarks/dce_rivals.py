"""Other open DCE engines, each as a function that fits curves with the extended Tofts model."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import curve_fit

HEMATOCRIT = 0.42
Fit = Callable[[np.ndarray], np.ndarray]
"""Curves (n, t) in mM to Ktrans (n,) in 1/min."""


@dataclass(frozen=True)
class Rival:
    """An engine of the package index.

    Attributes
    ----------
    label, package : str
    voxels : int
        Curves to time it with.
    prepare : callable
        Times of the frames, and times and concentration of the input in plasma, to its `Fit`.
    """

    label: str
    package: str
    voxels: int
    prepare: Callable[[np.ndarray, np.ndarray, np.ndarray], Fit]

    @property
    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.package) is not None


def dcmri(time_s: np.ndarray, aif_time_s: np.ndarray, aif_plasma_mM: np.ndarray) -> Fit:
    """dcmri's high-flow tissue, fitted to concentrations as its own `train` fits signals."""
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


def osipy(time_s: np.ndarray, aif_time_s: np.ndarray, aif_plasma_mM: np.ndarray) -> Fit:
    """osipy's extended Tofts model, all curves in one call; it takes the input at the frames only."""
    library = importlib.import_module("osipy.dce.fitting")
    at_frames = np.interp(time_s, aif_time_s, aif_plasma_mM)

    def fit(curves: np.ndarray) -> np.ndarray:
        found = library.fit_model("extended_tofts", curves[:, None, None], at_frames, time_s)
        return np.ravel(found.parameter_maps["Ktrans"].values)

    return fit


RIVALS = (
    Rival("dcmri (HF, curve_fit)", "dcmri", 50, dcmri),
    Rival("osipy (its Levenberg-Marquardt, vectorised)", "osipy", 5000, osipy),
)
