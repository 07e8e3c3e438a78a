"""The tracer kinetic models: their parameters and forward curves.

C is the tissue concentration, cp the plasma input, * the convolution. Rates are per minute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .convolution import convolve_exponential
from .exchange import Exponentials, exchange_response, uptake_response

SECONDS_PER_MINUTE = 60.0
ML_PER_100_ML = 100.0
TWO_COMPARTMENTS = ("2cum", "2cxm")


@dataclass(frozen=True)
class Model:
    """A model by name.

    Attributes
    ----------
    name, label, formula, source : str
    parameters : tuple of str
        What a fit reports, the free ones first.
    n_free : int
        Independent parameters.
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


UNITS = {
    "Ktrans": "1/min",
    "kep": "1/min",
    "ve": "1",
    "vp": "1",
    "PS": "mL/100mL/min",
    "Fp": "mL/100mL/min",
    "delay_s": "s",
    "M0": "",
}

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
        Model(
            "2cum",
            "Two-compartment uptake",
            "C = Fp [(1 - E) exp(-t / Tp) + E] * cp, Tp = vp / (Fp + PS), E = PS / (Fp + PS), Ktrans = E Fp",
            "Sourbron & Buckley, Phys Med Biol 57:R1 (2012)",
            ("Fp", "PS", "vp", "Ktrans"),
            n_free=3,
            has_vp=True,
            has_kep=False,
        ),
        Model(
            "2cxm",
            "Two-compartment exchange",
            "C = Fp [exp(-K+ t) + A (exp(-K- t) - exp(-K+ t))] * cp, Ktrans = Fp PS / (Fp + PS)",
            "Sourbron & Buckley, Phys Med Biol 57:R1 (2012); Brix et al., Magn Reson Med 52:420 (2004)",
            ("Fp", "PS", "vp", "ve", "Ktrans"),
            n_free=4,
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


def with_delay(model: Model) -> Model:
    """The model with the arrival delay as one more free parameter."""
    return replace(model, parameters=(*model.parameters, "delay_s"), n_free=model.n_free + 1)


def with_m0(model: Model) -> Model:
    """The model with the equilibrium signal as one more free parameter."""
    return replace(model, parameters=(*model.parameters, "M0"), n_free=model.n_free + 1)


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
        What a fit of the model reports: `Ktrans` (1/min) with `ve` or `kep` (1/min), `vp`; for the two-compartment
        models `Fp` and `PS` (mL/100mL/min), `vp`, `ve`; and `delay_s`, by which the input comes later. Fp may be
        infinite; ve may be NaN where PS is 0.
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
    aif_time = aif_time + parameters.get("delay_s", 0.0)
    minutes = np.asarray(time_s, dtype=np.float64) / SECONDS_PER_MINUTE
    exponentials, vp = _impulse_response(model, parameters)
    curve_mM = np.zeros(np.size(time_s))
    for amplitude, rate in exponentials:
        curve_mM += amplitude * convolve_exponential(aif_time / SECONDS_PER_MINUTE, aif_plasma_mM, rate, minutes)
    if vp:
        curve_mM += vp * np.interp(time_s, aif_time, aif_plasma_mM, left=0.0)
    return curve_mM


def _impulse_response(model: Model, parameters: dict[str, float]) -> tuple[Exponentials, float]:
    if model.name in TWO_COMPARTMENTS:
        fp, ps = (parameters[name] / ML_PER_100_ML for name in ("Fp", "PS"))
        if model.name == "2cum":
            return uptake_response(fp, ps, parameters["vp"])
        return exchange_response(fp, ps, parameters["vp"], parameters["ve"])
    ktrans = parameters["Ktrans"]
    exponentials = [(ktrans, _kep(parameters) if model.has_kep else 0.0)] if ktrans > 0 else []
    return exponentials, parameters["vp"] if model.has_vp else 0.0


def _kep(parameters: dict[str, float]) -> float:
    kep = parameters.get("kep")
    return parameters["Ktrans"] / parameters["ve"] if kep is None else kep
