"""The published tumour, immune, vascular, necrotic, hypoxic model (TIVNH)."""

from __future__ import annotations

import numpy as np

from .model import Model, State
from .parameters import ASSUMED, GROWTH_SD, VOLUME_SD, fraction, rate

REFERENCE = "Jarrett et al., Math Med Biol 2019;36:381-410 (BioModels BIOMD0000000745)"

STATES = (
    State("T", "cm3", "Tumour volume", (0.0, np.inf)),
    State("I", "", "Immune fraction"),
    State("V", "", "Vascular fraction"),
    State("N", "", "Necrotic fraction"),
    State("H", "", "Hypoxic fraction"),
)

OBSERVABLES = {
    "T": "volume_cm3",
    "I": "immune_fraction",
    "V": "vascular_fraction",
    "N": "necrotic_fraction",
    "H": "hypoxic_fraction",
}

PARAMETERS = (
    rate("g", 0.044, REFERENCE, "Tumour growth rate", prior=GROWTH_SD),
    rate("rho", 1.523, REFERENCE, "Growth gained in hypoxia", unit=""),
    rate("mu_T", 0.187, REFERENCE, "Tumour loss to immune cells"),
    rate("a_V", 0.199, REFERENCE, "Immune influx through vessels"),
    rate("a_N", 0.2, REFERENCE, "Immune influx called by necrosis"),
    rate("mu_I", 0.722, REFERENCE, "Immune loss to the tumour", unit="1/day/cm3"),
    rate("a_T", 0.101, REFERENCE, "Vessel growth driven by the tumour", unit="1/day/cm3"),
    rate("a_I", 0.045, REFERENCE, "Vessel growth driven by immune cells"),
    rate("mu_V", 1.723, REFERENCE, "Vessel loss to the tumour", unit="1/day/cm3"),
    rate("b", 0.027, REFERENCE, "Necrosis where vessels are missing"),
    rate("mu_N", 0.911, REFERENCE, "Clearing of necrosis by immune cells"),
    rate("gam", 0.743, REFERENCE, "Rate at which hypoxia follows the vessels"),
    fraction("del", 0.284, REFERENCE, "Vascular fraction above which hypoxia falls", prior=0.5),
    rate("T0", 0.2, REFERENCE, "Tumour volume at the start", unit="cm3", prior=VOLUME_SD),
    fraction("I0", 0.071, REFERENCE, "Immune fraction at the start"),
    fraction("V0", 0.12, REFERENCE, "Vascular fraction at the start", prior=1.0),
    fraction("N0", 0.1, REFERENCE, "Necrotic fraction at the start", prior=1.0),
    fraction("H0", 0.18, REFERENCE, "Hypoxic fraction at the start", prior=1.0),
)

VOLUME_SCALE_HUMAN = 20.0
"""Human tumour volumes over mouse tumour volumes; rates per cm3 of tumour are divided by it."""

HUMAN = {"T0": (0.2 * VOLUME_SCALE_HUMAN, ASSUMED)} | {
    p.name: (p.default / VOLUME_SCALE_HUMAN, ASSUMED) for p in PARAMETERS if p.unit == "1/day/cm3"
}

EXPLOSIONS = {"mouse": {"T": 100.0}, "human": {"T": 100.0 * VOLUME_SCALE_HUMAN}}
"""Four whole mice, and two litres: without a largest volume that is known some courses explode, and none comes back."""

INITIAL = {state.name: f"{state.name}0" for state in STATES}


def rhs(y, p, amount, out):
    """Right-hand side of the published model; it has no drug. Products in place keep a batch fast."""
    T, I, V, N, H = y  # noqa: E741
    growth = p["rho"] * H
    growth += 1
    growth *= p["g"]
    growth -= p["mu_T"] * I
    influx = p["a_V"] * V
    influx += p["a_N"] * N
    influx *= 1 - I
    immune_loss = p["mu_I"] * T
    immune_loss *= I
    np.multiply(growth, T, out=out[0])
    np.subtract(influx, immune_loss, out=out[1])
    surroundings(y, p, p["mu_V"], out)


def surroundings(y, p, vessel_loss_rate, out):
    """dV, dN and dH, which drugs touch through the loss of vessels only."""
    T, I, V, N, H = y  # noqa: E741
    avascular = 1 - V
    vessel_loss = vessel_loss_rate * V
    vessel_loss *= T
    vessels = p["a_T"] * T
    vessels += p["a_I"] * I
    vessels *= avascular
    cleared = p["mu_N"] * N
    cleared *= I
    necrosis = p["b"] * avascular
    necrosis *= 1 - N
    hypoxia = p["del"] - V
    hypoxia *= 1 - H
    hypoxia *= H
    np.subtract(vessels, vessel_loss, out=out[2])
    np.subtract(necrosis, cleared, out=out[3])
    np.multiply(hypoxia, p["gam"], out=out[4])


MODELS = (
    Model(
        name="tivnh",
        title="TIVNH without treatment",
        states=STATES,
        parameters=PARAMETERS,
        drugs=(),
        observables=OBSERVABLES,
        rhs=rhs,
        initial=INITIAL,
        reference=REFERENCE,
        presets={"human": HUMAN},
        explosions=EXPLOSIONS,
    ),
)
