"""The two_drug family: tumour volume under trastuzumab and doxorubicin, members differing in how the drugs act.

Exponential or logistic growth; trastuzumab slows growth or kills; doxorubicin kills; and any pair of interactions.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import log

import numpy as np

from . import losses
from .given_drug import TRASTUZUMAB
from .growth_laws import DOUBLING_HUMAN
from .model import Drug, Model, State
from .parameters import ASSUMED, EFFICACY_SD, GROWTH_SD, KNOWN_LOSS_SD, VOLUME_SD, Parameter, rate

FAMILY = "two_drug"
REFERENCE = "after Lima, Wyde, Sorace, Yankeelov, Comput Methods Appl Mech Eng 2022;402:115484 (PMC10552906)"

GROWTHS = ("logistic", "exponential")
ACTIONS = {"growth": "trastuzumab slows growth", "death": "trastuzumab kills"}
INTERACTIONS = {
    "potentiates": "trastuzumab potentiates doxorubicin",
    "keeps": "trastuzumab slows the loss of doxorubicin",
    "clears": "doxorubicin speeds the loss of trastuzumab",
}


def _effect(name: str, default: float, label: str, unit: str) -> Parameter:
    return rate(name, default, ASSUMED, label, unit=unit, prior=EFFICACY_SD)


_SHARED = (
    rate("g", 0.08, ASSUMED, "Tumour growth rate", prior=GROWTH_SD),
    _effect("k_P", 0.15, "Tumour kill by doxorubicin", "1/day/dose"),
    rate("lam_A", 0.1, ASSUMED, "Loss of trastuzumab", prior=KNOWN_LOSS_SD),
    rate("lam_P", 0.7, ASSUMED, "Loss of doxorubicin", prior=KNOWN_LOSS_SD),
    rate("T0", 0.2, ASSUMED, "Tumour volume at the start", unit="cm3", prior=VOLUME_SD),
)
_OF_CHOICE = {
    "logistic": rate("K", 5.0, ASSUMED, "Largest tumour volume", unit="cm3", prior=VOLUME_SD),
    "growth": _effect("s_A", 2.0, "Slowing of growth by trastuzumab", "1/dose"),
    "death": _effect("k_A", 0.08, "Tumour kill by trastuzumab", "1/day/dose"),
    "potentiates": _effect("k_AP", 0.2, "Tumour kill by both drugs together", "1/day/dose2"),
    "keeps": _effect("r_A", 1.0, "Slowing of the loss of doxorubicin by trastuzumab", "1/dose"),
    "clears": _effect("q_P", 1.0, "Speeding of the loss of trastuzumab by doxorubicin", "1/dose"),
}

HUMAN = {
    "g": DOUBLING_HUMAN,
    "T0": (4.0, ASSUMED),
    "K": (100.0, ASSUMED),
    "lam_A": losses.TRASTUZUMAB_HUMAN,
    "lam_P": (log(2) / (34 / 24), ASSUMED),
}


def _rhs(choices: frozenset[str]):
    integrated = choices & {"keeps", "clears"}

    def rhs(y, p, amount, out):
        T = y[0]
        A, P = (y[1], y[2]) if integrated else (amount["trastuzumab"], amount["doxorubicin"])
        change = p["g"] * (1 - T / p["K"]) if "logistic" in choices else p["g"] + 0 * T
        if "growth" in choices:
            change = change / (1 + p["s_A"] * A)
        else:
            change -= p["k_A"] * A
        change -= p["k_P"] * P
        if "potentiates" in choices:
            change -= p["k_AP"] * (A * P)
        np.multiply(change, T, out=out[0])
        if integrated:
            out[1] = -p["lam_A"] * A * (1 + p["q_P"] * P if "clears" in choices else 1)
            out[2] = -p["lam_P"] * P / (1 + p["r_A"] * A if "keeps" in choices else 1)

    return rhs


def _member(growth: str, action: str, interactions: tuple[str, ...]) -> Model:
    choices = frozenset((growth, action, *interactions))
    integrated = bool(choices & {"keeps", "clears"})
    volume = State("T", "cm3", "Tumour volume", (0.0, np.inf))
    drugs = tuple(State(n, "dose", label, (0.0, np.inf)) for n, label in (("A", "Trastuzumab"), ("P", "Doxorubicin")))
    chosen = tuple(parameter for choice, parameter in _OF_CHOICE.items() if choice in choices)
    names = {p.name for p in (*_SHARED, *chosen)}
    described = ", ".join([ACTIONS[action], *(INTERACTIONS[i] for i in interactions)])
    return Model(
        name="_".join([FAMILY, growth, action, *interactions]),
        title=f"Two drugs, {growth}: {described}",
        states=(volume, *(drugs if integrated else ())),
        parameters=(*_SHARED[:-1], *chosen, _SHARED[-1]),
        drugs=(
            replace(TRASTUZUMAB, decay="lam_A", state="A" if integrated else None),
            Drug(
                "doxorubicin",
                "Doxorubicin",
                "cytotoxic",
                "lam_P",
                "P" if integrated else None,
                ("p", "cytotoxic", "chemotherapy"),
            ),
        ),
        observables={"T": "volume_cm3"},
        rhs=_rhs(choices),
        initial={"T": "T0"} | ({"A": 0.0, "P": 0.0} if integrated else {}),
        reference=REFERENCE,
        presets={"human": {name: value for name, value in HUMAN.items() if name in names}},
        family=FAMILY,
    )


_COMBINED = [chosen for size in range(3) for chosen in combinations(INTERACTIONS, size)]

MODELS = (
    *(_member("logistic", action, interactions) for action in ACTIONS for interactions in _COMBINED),
    *(_member("exponential", action, ()) for action in ACTIONS),
)
