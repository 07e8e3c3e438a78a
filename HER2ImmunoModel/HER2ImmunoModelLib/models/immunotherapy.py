"""The immunotherapy family: logistic growth of the volume less a treatment term, one a member."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import losses
from .model import Drug, Model, State
from .parameters import ASSUMED, rate

FAMILY = "immunotherapy"
REFERENCE = "after Rodrigues, Mancera, Sorace, Song, Yankeelov, Lima (volume and [89Zr]CD8 immuno-PET)"

DRUG = Drug(
    "checkpoint_inhibitor",
    "Checkpoint inhibitor",
    "immune",
    "lam_B",
    aliases=("b", "checkpoint", "checkpoint inhibitor", "pembrolizumab", "atezolizumab", "anti-pd-1", "anti-pd-l1"),
)

GROWTH = (
    rate("g", 0.1, ASSUMED, "Tumour growth rate"),
    rate("K", 5.0, ASSUMED, "Largest tumour volume", unit="cm3"),
    rate("T0", 0.2, ASSUMED, "Tumour volume at the start", unit="cm3", prior=1.5),
)
PHI = rate("phi", 0.15, ASSUMED, "Efficacy of the treatment, which may follow an image")
PHI_PER_DOSE = replace(PHI, unit="1/day/dose")
HALF = rate("C50", 0.3, ASSUMED, "Amount of half effect", unit="dose")
HALVED = replace(DRUG, half="C50")
LOSS = rate("lam_B", *losses.CHECKPOINT_MOUSE, "Loss of the checkpoint inhibitor", prior=0.3)
POWER = rate("l", 1.0, ASSUMED, "Steepness of the effect in the ratio of drug to tumour", unit="", prior=0.3)
RATIO = rate("s", 1.0, ASSUMED, "Ratio of half effect, to the power l", unit="(dose/cm3)^l")

HUMAN = {
    "T0": (4.0, ASSUMED),
    "K": (100.0, ASSUMED),
    "s": (0.05, ASSUMED),
    "lam_B": losses.CHECKPOINT_HUMAN,
}


def _linear(T, p, amount):
    return p["phi"] * amount


def _michaelis_menten(T, p, amount):
    return p["phi"] * (amount / (p["C50"] + amount))


def _de_pillis_radunskaya(T, p, amount):
    drug = np.power(amount, p["l"])
    return p["phi"] * (drug / (p["s"] * np.power(np.maximum(T, 0.0), p["l"]) + drug))


def _member(name: str, title: str, kill, parameters, drug: Drug = DRUG) -> Model:
    def rhs(y, p, amount, out):
        T, present = y[0], amount[drug.name]
        change = p["g"] * (1 - T / p["K"])
        if np.ndim(present) or present:
            change -= kill(T, p, present)
        np.multiply(change, T, out=out[0])

    chosen = (*GROWTH[:-1], *parameters, GROWTH[-1])
    return Model(
        name=f"{FAMILY}_{name}",
        title=f"Immunotherapy: {title}",
        states=(State("T", "cm3", "Tumour volume", (0.0, np.inf)),),
        parameters=chosen,
        drugs=(drug,),
        observables={"T": "volume_cm3"},
        rhs=rhs,
        initial={"T": "T0"},
        reference=REFERENCE,
        presets={"human": {key: value for key, value in HUMAN.items() if key in {p.name for p in chosen}}},
        family=FAMILY,
        central_presets={"human": {"C50": losses.HALF_CHECKPOINT_CENTRAL}},
    )


MODELS = (
    _member("decaying", "each dose decays", _linear, (PHI_PER_DOSE, LOSS)),
    _member("cumulative", "cumulative dose", _linear, (PHI_PER_DOSE,), replace(DRUG, decay=None)),
    _member("michaelis_menten", "Michaelis-Menten in the dose", _michaelis_menten, (PHI, HALF, LOSS), HALVED),
    _member(
        "de_pillis", "ratio to the tumour (de Pillis, Radunskaya)", _de_pillis_radunskaya, (PHI, POWER, RATIO, LOSS)
    ),
)
