"""The truth of a visit, on the voxels of its MR and of its PET."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .tumour import Borders


@dataclass(frozen=True, eq=False)
class MRMaps:
    """Truth on the MR grid; arrays (k, j, i). Ktrans 1/min, T1 s, ve and vp fractions, density relative.

    `second` is the mask of the second lesion, empty where there is none; `borders` those of the tumour's classes.
    """

    ijk_to_ras: np.ndarray
    labels: np.ndarray
    tumour: np.ndarray
    vessel: np.ndarray
    t1_s: np.ndarray
    density: np.ndarray
    ktrans_per_min: np.ndarray
    ve: np.ndarray
    vp: np.ndarray
    second: np.ndarray
    borders: Borders


@dataclass(frozen=True, eq=False)
class PETMaps:
    """Truth on the PET grid; arrays (k, j, i). `tmr` is the uptake over the mean of the muscle region."""

    ijk_to_ras: np.ndarray
    labels: np.ndarray
    tumour: np.ndarray
    muscle: np.ndarray
    suv: np.ndarray
    tmr: np.ndarray
