"""The tracer kinetic models: their parameters and forward curves.

C is the tissue concentration, cp the plasma input, * the convolution. Rates are per minute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .convolution import convolve_exponential

SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True)
class Model:
    """A model by name.

    Attributes
    ----------
    name, label, formula, source : str
    parameters : tuple of str
        What a fit reports, the free ones first.
    n_free : int
    has_vp, has_kep : bool
        Whether there is a plasma volume, and whether the agent flows back.
    """

    name: str
    label: str
    formula: str
    source: str
    parameters: tuple[str, ...]
    n_free: int
    has_vp: bool
    has_kep: bool


UNITS = {"Ktrans": "1/min", "kep": "1/min", "ve": "1", "vp": "1", "PS": "mL/100mL/min", "Fp": "mL/100mL/min"}

MODELS = {
    model.name: model
    for model in (
        Model(
            "tofts",
            "Tofts",
            "C = Ktrans exp(-kep t) * cp, kep = Ktrans / ve",
            "Tofts et al., J Magn Reson Imaging 10:223 (1999)",
            ("Ktrans", "ve", "kep"),
            n_free=2,
            has_vp=False,
            has_kep=True,
        ),
        Model(
            "extended_tofts",
            "Extended Tofts",
            "C = vp cp + Ktrans exp(-kep t) * cp, kep = Ktrans / ve",
            "Tofts, J Magn Reson Imaging 7:91 (1997)",
            ("Ktrans", "ve", "vp", "kep"),
            n_free=3,
            has_vp=True,
            has_kep=True,
        ),
        Model(
            "patlak",
            "Patlak",
            "C = vp cp + PS int cp",
            "Patlak et al., J Cereb Blood Flow Metab 3:1 (1983)",
            ("Ktrans", "vp", "PS"),
            n_free=2,
            has_vp=True,
            has_kep=False,
        ),
    )
}


def get(name: str) -> Model:
    """The model of that name.

    Raises
    ------
    InputError
        Naming the models there are.
    """
    if name not in MODELS:
        raise InputError(f"There is no model {name!r}; choose one of {', '.join(MODELS)}.")
    return MODELS[name]


def curve(
    name: str,
    parameters: dict[str, float],
    time_s: np.ndarray,
    aif_plasma_mM: np.ndarray,
    *,
    aif_time_s: np.ndarray | None = None,
) -> np.ndarray:
    """Tissue concentration of a model.

    Parameters
    ----------
    name : str
    parameters : dict
        `Ktrans` (1/min) with `ve` or `kep` (1/min), and `vp`, as the model has them.
    time_s : ndarray, shape (t,)
    aif_plasma_mM : ndarray, shape (n,)
        Input in plasma, linear between its samples.
    aif_time_s : ndarray, shape (n,), optional
        Times of the input; by default `time_s`.

    Returns
    -------
    ndarray, shape (t,)
        mM.
    """
    model = get(name)
    aif_time = np.asarray(time_s if aif_time_s is None else aif_time_s, dtype=np.float64)
    ktrans = parameters["Ktrans"]
    kep = _kep(parameters) if model.has_kep else 0.0
    curve_mM = np.zeros(np.size(time_s))
    if ktrans > 0:
        minutes = np.asarray(time_s, dtype=np.float64) / SECONDS_PER_MINUTE
        curve_mM += ktrans * convolve_exponential(aif_time / SECONDS_PER_MINUTE, aif_plasma_mM, kep, minutes)
    if model.has_vp:
        curve_mM += parameters["vp"] * np.interp(time_s, aif_time, aif_plasma_mM, left=0.0)
    return curve_mM


def _kep(parameters: dict[str, float]) -> float:
    kep = parameters.get("kep")
    return parameters["Ktrans"] / parameters["ve"] if kep is None else kep
