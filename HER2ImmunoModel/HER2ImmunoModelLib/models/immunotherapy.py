"""Members of the volume family under the names they had before it: logistic growth, a checkpoint inhibitor."""

from __future__ import annotations

from dataclasses import replace

from . import losses
from .given_drug import CHECKPOINT
from .growth_laws import GROWTHS
from .model import Model
from .parameters import KNOWN_LOSS_SD, rate
from .treatment_terms import RODRIGUES, TERMS
from .volume_family import member

FAMILY = "immunotherapy"
TITLES = {
    "decaying": ("decaying", "each dose decays"),
    "cumulative": ("cumulative", "cumulative dose"),
    "michaelis_menten": ("saturating", "Michaelis-Menten in the dose"),
    "de_pillis": ("ratio", "ratio to the tumour (de Pillis, Radunskaya)"),
}
"""Name of a member -> its treatment term, and its title."""
LOSS = rate("lam_B", *losses.CHECKPOINT_MOUSE, "Loss of the checkpoint inhibitor", prior=KNOWN_LOSS_SD)


def _member(name: str) -> Model:
    wanted, title = TITLES[name]
    growth = next(growth for growth in GROWTHS if growth.name == "logistic")
    term = next(term for term in TERMS if term.name == wanted)
    return replace(
        member(growth, term, CHECKPOINT, LOSS, losses.CHECKPOINT_HUMAN),
        name=f"{FAMILY}_{name}",
        title=f"Immunotherapy: {title}",
        reference=f"after {RODRIGUES}",
        family=FAMILY,
        central_presets={"human": {"C50": losses.HALF_CHECKPOINT_CENTRAL}},
    )


MODELS = tuple(_member(name) for name in TITLES)
