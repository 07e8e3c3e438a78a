"""The models as sums of curves, in coordinates whose bounds form a box.

Coordinates, with rates per minute and volumes as fractions:

=============== ================================================================
tofts           ve, ln kep
extended_tofts  ve, ln kep, vp
patlak          PS, vp
2cum            vp, E, ln k with k = (Fp + PS) / vp
2cxm            vp + ve, share of the slow exponential in it, ln K+, ln K-
=============== ================================================================

and last, where it is fitted, the delay in minutes. A coefficient times `k exp(-k t) * cp` is a volume: the area below
that part of the impulse response. So vp + ve of the two-compartment exchange model is the sum of both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .basis import KEP_PER_MIN
from .kernels import Curve, Kernel

LOG_K = (float(np.log(KEP_PER_MIN[0])), float(np.log(KEP_PER_MIN[1])))
FRACTION = (0.0, 1.0)
PER_100_ML = 100.0


@dataclass(frozen=True, eq=False)
class Term:
    """One curve of a model.

    Attributes
    ----------
    kind : str
        `exponential`, `plasma` or `integral`.
    rate : int or None
        Coordinate that is ln k of an exponential.
    coefficient : ndarray, shape (n,)
    slopes : dict of int to ndarray or float
        Its derivative by each coordinate it depends on.
    """

    kind: str
    rate: int | None
    coefficient: np.ndarray
    slopes: dict[int, np.ndarray | float]


@dataclass(frozen=True)
class Response:
    """Impulse response of a model.

    Attributes
    ----------
    bounds : tuple of (low, high)
        Of each coordinate.
    terms : callable
        Coordinates (n, p) to the curves that add up to the model.
    report : callable
        Coordinates (n, p), which may be complex, to the reported parameters (n,).
    """

    bounds: tuple[tuple[float, float], ...]
    terms: Callable[[np.ndarray], list[Term]]
    report: Callable[[np.ndarray], dict[str, np.ndarray]]


def predict(response: Response, at: np.ndarray, kernel: Kernel, *, with_delay: bool) -> tuple[np.ndarray, np.ndarray]:
    """Curves (n, r) and Jacobian (n, p, r) at coordinates (n, p)."""
    delay = at[:, -1] if with_delay else None
    shared: dict[tuple[str, int | None], Curve] = {}
    model, jacobian = 0.0, [0.0] * at.shape[1]
    for term in response.terms(at):
        key = (term.kind, term.rate)
        if key not in shared:
            rate = () if term.rate is None else (at[:, term.rate],)
            shared[key] = getattr(kernel, term.kind)(*rate, delay)
        curve, by_rate, by_delay = shared[key]
        coefficient = term.coefficient[:, None]
        model = model + coefficient * curve
        for coordinate, slope in term.slopes.items():
            jacobian[coordinate] = jacobian[coordinate] + np.reshape(slope, (-1, 1)) * curve
        if term.rate is not None:
            jacobian[term.rate] = jacobian[term.rate] + coefficient * by_rate
        if with_delay:
            jacobian[-1] = jacobian[-1] + coefficient * by_delay
    return model, np.stack([np.broadcast_to(column, model.shape) for column in jacobian], axis=1)


def _tofts(at: np.ndarray) -> list[Term]:
    return [Term("exponential", 1, at[:, 0], {0: 1.0})]


def _report_tofts(at: np.ndarray) -> dict[str, np.ndarray]:
    kep = np.exp(at[:, 1])
    return {"Ktrans": at[:, 0] * kep, "ve": at[:, 0], "kep": kep}


def _extended(at: np.ndarray) -> list[Term]:
    return [*_tofts(at), Term("plasma", None, at[:, 2], {2: 1.0})]


def _report_extended(at: np.ndarray) -> dict[str, np.ndarray]:
    return _report_tofts(at) | {"vp": at[:, 2]}


def _patlak(at: np.ndarray) -> list[Term]:
    return [Term("integral", None, at[:, 0], {0: 1.0}), Term("plasma", None, at[:, 1], {1: 1.0})]


def _report_patlak(at: np.ndarray) -> dict[str, np.ndarray]:
    return {"Ktrans": at[:, 0], "vp": at[:, 1], "PS": PER_100_ML * at[:, 0]}


def _uptake(at: np.ndarray) -> list[Term]:
    vp, extracted, k = at[:, 0], at[:, 1], np.exp(at[:, 2])
    stays = 1.0 - extracted
    trapped = k * vp * extracted * stays
    return [
        Term("exponential", 2, vp * stays**2, {0: stays**2, 1: -2 * vp * stays}),
        Term("integral", None, trapped, {0: k * extracted * stays, 1: k * vp * (1 - 2 * extracted), 2: trapped}),
    ]


def _report_uptake(at: np.ndarray) -> dict[str, np.ndarray]:
    vp, extracted, k = at[:, 0], at[:, 1], np.exp(at[:, 2])
    flow = vp * k * (1 - extracted)
    return {"Fp": PER_100_ML * flow, "PS": PER_100_ML * vp * k * extracted, "vp": vp, "Ktrans": flow * extracted}


def _exchange(at: np.ndarray) -> list[Term]:
    volume, share = at[:, 0], at[:, 1]
    return [
        Term("exponential", 2, volume * (1 - share), {0: 1 - share, 1: -volume}),
        Term("exponential", 3, volume * share, {0: share, 1: volume}),
    ]


def _report_exchange(at: np.ndarray) -> dict[str, np.ndarray]:
    """Fp, PS, vp, ve from the two exponentials, in a form without cancellation."""
    fast, slow = np.exp(at[:, 2]), np.exp(at[:, 3])
    a, b = at[:, 0] * (1 - at[:, 1]) * fast, at[:, 0] * at[:, 1] * slow
    flow, weighted = a + b, a * fast + b * slow
    with np.errstate(divide="ignore", invalid="ignore"):
        ps = a * b * (fast - slow) ** 2 * flow / weighted**2
        ve = ps * weighted / (flow * fast * slow)
        vp, ktrans = flow**2 / weighted, flow * ps / (flow + ps)
    return {"Fp": PER_100_ML * flow, "PS": PER_100_ML * ps, "vp": vp, "ve": ve, "Ktrans": ktrans}


RESPONSES = {
    "tofts": Response((FRACTION, LOG_K), _tofts, _report_tofts),
    "extended_tofts": Response((FRACTION, LOG_K, FRACTION), _extended, _report_extended),
    "patlak": Response(((0.0, np.inf), FRACTION), _patlak, _report_patlak),
    "2cum": Response((FRACTION, FRACTION, LOG_K), _uptake, _report_uptake),
    "2cxm": Response((FRACTION, FRACTION, LOG_K, LOG_K), _exchange, _report_exchange),
}
