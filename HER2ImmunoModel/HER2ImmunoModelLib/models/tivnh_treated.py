"""The TIVNH model coupled to trastuzumab, a cytotoxic and a checkpoint inhibitor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import losses, tivnh_stacked
from . import tivnh as model_tivnh
from .given_drug import CHECKPOINT, CHEMOTHERAPY, TRASTUZUMAB
from .model import Model
from .parameters import ASSUMED, KNOWN_LOSS_SD, VOLUME_SD, fraction, rate
from .stacked_rhs import StackedRhs

PARAMETERS = (
    *model_tivnh.PARAMETERS,
    rate("K", 5.0, ASSUMED, "Largest tumour volume", unit="cm3", prior=VOLUME_SD),
    fraction("e_A", 0.3, ASSUMED, "Share of growth stopped by trastuzumab"),
    rate("f_A", 0.5, ASSUMED, "Immune influx gained with trastuzumab", unit=""),
    fraction("n_A", 0.85, ASSUMED, "Share of vessel loss stopped by trastuzumab"),
    rate("k_P", 0.6, ASSUMED, "Tumour kill by the cytotoxic"),
    rate("k_I", 0.1, ASSUMED, "Immune loss to the cytotoxic"),
    rate("v50", 0.1, ASSUMED, "Vascular fraction of half delivery", unit=""),
    fraction("eta", 0.7, ASSUMED, "Share of the cytotoxic effect lost in hypoxia"),
    rate("s_B", 1.0, ASSUMED, "Immune kill gained with the checkpoint inhibitor", unit=""),
    fraction("e_B", 0.6, ASSUMED, "Share of immune loss stopped by the checkpoint inhibitor"),
    rate("C50_A", 0.3, ASSUMED, "Trastuzumab of half effect, in full doses", unit="dose"),
    rate("C50_P", 0.3, ASSUMED, "Cytotoxic of half effect, in full doses", unit="dose"),
    rate("C50_B", 0.3, ASSUMED, "Checkpoint inhibitor of half effect, in full doses", unit="dose"),
    rate("lam_A", 0.1, ASSUMED, "Loss of trastuzumab", prior=KNOWN_LOSS_SD),
    rate("lam_P", 0.7, ASSUMED, "Loss of the cytotoxic", prior=KNOWN_LOSS_SD),
    rate("lam_B", *losses.CHECKPOINT_MOUSE, "Loss of the checkpoint inhibitor", prior=KNOWN_LOSS_SD),
)

DRUGS = (
    replace(TRASTUZUMAB, decay="lam_A", half="C50_A"),
    replace(CHEMOTHERAPY, decay="lam_P", half="C50_P"),
    replace(CHECKPOINT, decay="lam_B", half="C50_B"),
)

HUMAN = model_tivnh.HUMAN | {
    "K": (5.0 * model_tivnh.VOLUME_SCALE_HUMAN, ASSUMED),
    "lam_A": losses.TRASTUZUMAB_HUMAN,
    "lam_B": losses.CHECKPOINT_HUMAN,
    "lam_P": (0.7, ASSUMED),
}
CENTRAL = {"human": {"C50_A": losses.HALF_TRASTUZUMAB_CENTRAL, "C50_B": losses.HALF_CHECKPOINT_CENTRAL}}


def _effect(amount, half):
    """Share of the full effect, 0 for a drug not given."""
    return 0.0 if _none(amount) else amount / (half + amount)


def _raised(rate, gain, effect):
    """`rate` (1 + `gain` `effect`)."""
    if _none(effect):
        return rate
    factor = gain * effect
    factor += 1
    return factor * rate


def _lowered(rate, share, effect):
    """`rate` (1 - `share` `effect`)."""
    return rate if _none(effect) else rate * (1 - share * effect)


def _none(number) -> bool:
    return isinstance(number, float) and number == 0.0


def rhs(y, p, amount, out):
    """Right-hand side; products in place and nothing computed for a drug not given keep a batch fast."""
    T, I, V, N, H = y  # noqa: E741
    trastuzumab = _effect(amount["trastuzumab"], p["C50_A"])
    cytotoxic = _effect(amount["cytotoxic"], p["C50_P"])
    checkpoint = _effect(amount["checkpoint_inhibitor"], p["C50_B"])

    growth = p["rho"] * H
    growth += 1
    growth *= _lowered(p["g"], p["e_A"], trastuzumab)
    growth *= 1 - T / p["K"]
    growth -= _raised(p["mu_T"], p["s_B"], checkpoint) * I
    influx = p["a_V"] * V
    influx += p["a_N"] * N
    influx *= 1 - I
    influx = _raised(influx, p["f_A"], trastuzumab)
    immune_loss = _lowered(p["mu_I"], p["e_B"], checkpoint) * T
    if not _none(cytotoxic):
        kill = V / (V + p["v50"])
        kill *= p["k_P"]
        kill *= _lowered(cytotoxic, p["eta"], H)
        growth -= kill
        immune_loss += p["k_I"] * cytotoxic
    immune_loss *= I
    np.multiply(growth, T, out=out[0])
    np.subtract(influx, immune_loss, out=out[1])
    model_tivnh.surroundings(y, p, _lowered(p["mu_V"], p["n_A"], trastuzumab), out)


MODELS = (
    Model(
        name="tivnh_treated",
        title="TIVNH, anti-HER2, chemo- and immunotherapy",
        states=model_tivnh.STATES,
        parameters=PARAMETERS,
        drugs=DRUGS,
        observables=model_tivnh.OBSERVABLES,
        rhs=StackedRhs(rhs, tivnh_stacked.coefficients, tivnh_stacked.rates, tivnh_stacked.stage),
        initial=model_tivnh.INITIAL,
        reference=f"{model_tivnh.REFERENCE}; treatment coupling of this project",
        presets={"human": HUMAN},
        explosions=model_tivnh.EXPLOSIONS,
        central_presets=CENTRAL,
    ),
)
