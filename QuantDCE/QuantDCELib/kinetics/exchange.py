"""The impulse response of two compartments, as a sum of exponentials, with all its limits."""

from __future__ import annotations

import math

Exponentials = list[tuple[float, float]]
"""Amplitude and rate of each exponential, per minute."""


def uptake_response(fp: float, ps: float, vp: float) -> tuple[Exponentials, float]:
    """Two-compartment uptake model.

    Parameters
    ----------
    fp, ps : float
        Plasma flow and permeability-surface area product, mL/mL/min; a flow of infinity is Patlak's model.
    vp : float
        Plasma volume fraction; 0 leaves pure uptake.

    Returns
    -------
    list of (amplitude, rate)
    float
        Volume that follows the input at once.
    """
    if math.isinf(fp):
        return [(ps, 0.0)], vp
    if fp <= 0:
        return [], 0.0
    extracted = ps / (fp + ps)
    trapped = [(fp * extracted, 0.0)]
    return (trapped if vp <= 0 else [(fp * (1 - extracted), (fp + ps) / vp), *trapped]), 0.0


def exchange_response(fp: float, ps: float, vp: float, ve: float) -> tuple[Exponentials, float]:
    """Two-compartment exchange model; parameters and result as `uptake_response`.

    `ve` is the interstitial volume fraction. A flow of infinity is the extended Tofts model, no plasma volume the
    Tofts model, and without exchange only the plasma is filled and emptied.

    References
    ----------
    Sourbron & Buckley, Phys Med Biol 57:R1 (2012).
    """
    if fp <= 0:
        return [], 0.0
    if not (ps > 0 and ve > 0):
        return ([], vp) if math.isinf(fp) else ([(fp, fp / vp)] if vp > 0 else [], 0.0)
    if math.isinf(fp):
        return [(ps, ps / ve)], vp
    if vp <= 0:
        ktrans = fp * ps / (fp + ps)
        return [(ktrans, ktrans / ve)], 0.0
    plasma_rate, tissue_rate, flow_rate = (fp + ps) / vp, ps / ve, fp / vp
    half_sum = 0.5 * (plasma_rate + tissue_rate)
    # The discriminant without cancellation: (1/Tp - 1/Te)^2 / 4 + (1/Te) PS / vp.
    root = math.sqrt(0.25 * (plasma_rate - tissue_rate) ** 2 + tissue_rate * ps / vp)
    fast = half_sum + root
    slow = tissue_rate * flow_rate / fast
    share = (fast - flow_rate) / (2 * root)
    return [(fp * (1 - share), fast), (fp * share, slow)], 0.0
