"""The tumour models as a fast script has them for scipy: one course, plain numbers, doses as sums of exponentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import exp

import numpy as np
from HER2ImmunoModelLib import Dose
from HER2ImmunoModelLib.models.model import Model
from scipy.integrate import odeint

Values = Mapping[str, float]
Slope = Callable[[float, Sequence[float]], list[float]]


def untreated(p: Values) -> Slope:
    """dy/dt of `tivnh`."""
    g, rho, mu_t, a_v, a_n, mu_i, a_t, a_i, mu_v, b, mu_n, gam, delta = (p[name] for name in UNTREATED)

    def slope(_, y):
        t, i, v, n, h = y
        return [
            t * (g * (1 + rho * h) - mu_t * i),
            (a_v * v + a_n * n) * (1 - i) - mu_i * t * i,
            (a_t * t + a_i * i) * (1 - v) - mu_v * v * t,
            b * (1 - v) * (1 - n) - mu_n * n * i,
            gam * (delta - v) * (1 - h) * h,
        ]

    return slope


def treated(p: Values, doses: Sequence[Dose]) -> Slope:
    """dy/dt of `tivnh_treated` after some doses, all of which have been given."""
    g, rho, mu_t, a_v, a_n, mu_i, a_t, a_i, mu_v, b, mu_n, gam, delta = (p[name] for name in UNTREATED)
    most, e_a, f_a, n_a, k_p, k_i, v50, eta, c_a, c_p, lam_a, lam_p = (p[name] for name in TREATED)
    of_a = [(dose.day, dose.dose) for dose in doses if dose.drug == "trastuzumab"]
    of_p = [(dose.day, dose.dose) for dose in doses if dose.drug == "cytotoxic"]

    def slope(day, y):
        t, i, v, n, h = y
        x_a = sum(size * exp(-lam_a * (day - given)) for given, size in of_a)
        x_p = sum(size * exp(-lam_p * (day - given)) for given, size in of_p)
        a, c = x_a / (c_a + x_a), x_p / (c_p + x_p)
        kill = k_p * v / (v + v50) * c * (1 - eta * h)
        return [
            t * (g * (1 - e_a * a) * (1 + rho * h) * (1 - t / most) - mu_t * i - kill),
            (a_v * v + a_n * n) * (1 - i) * (1 + f_a * a) - (mu_i * t + k_i * c) * i,
            (a_t * t + a_i * i) * (1 - v) - mu_v * (1 - n_a * a) * v * t,
            b * (1 - v) * (1 - n) - mu_n * n * i,
            gam * (delta - v) * (1 - h) * h,
        ]

    return slope


UNTREATED = ("g", "rho", "mu_T", "a_V", "a_N", "mu_I", "a_T", "a_I", "mu_V", "b", "mu_N", "gam", "del")
TREATED = ("K", "e_A", "f_A", "n_A", "k_P", "k_I", "v50", "eta", "C50_A", "C50_P", "lam_A", "lam_P")


def lsoda(model: Model, p: Values, doses: Sequence[Dose], days: Sequence[float], rtol: float = 1e-6) -> np.ndarray:
    """States on days, array (states, days), by LSODA from dose to dose.

    By `odeint`, which hands its whole loop to the compiled solver and is several times faster than `solve_ivp`.
    """
    y = np.array([p[model.initial[state.name]] for state in model.states])
    found = np.empty((len(days), y.size))
    found[0] = y
    stops = sorted({days[0], days[-1], *(dose.day for dose in doses if days[0] < dose.day < days[-1])})
    for start, stop in pairwise(stops):
        slope = untreated(p) if model.name == "tivnh" else treated(p, [dose for dose in doses if dose.day <= start])
        inside = [place for place, day in enumerate(days) if start < day <= stop]
        at = [start, *(days[place] for place in inside)]
        at += [] if at[-1] == stop else [stop]
        course = odeint(slope, y, at, tfirst=True, rtol=rtol, atol=rtol * 1e-3, mxstep=5000)
        found[inside] = course[1 : len(inside) + 1]
        y = course[-1]
    return found.T
