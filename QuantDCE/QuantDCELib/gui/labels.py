"""The choices of the panel in the words of the field."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..analysis.settings import AIFS, MODEL_CHOICES
from ..arterial_input.population import POPULATION_AIFS
from ..kinetics.models import MODELS
from ..scene.choices import TABLE
from ..scene.summary import model_label
from ..signal.agents import AGENTS
from ..signal.t1 import METHODS

MOTION_KINDS = {"rigid": _("Rigid"), "bspline": _("Rigid and bending")}
MEASURED_IN_IMAGES = ("roi", "auto")
INPUTS = {
    "auto": _("Measured in voxels found automatically"),
    "roi": _("Measured in an artery segment"),
    "file": _("Curve from a CSV file"),
    "table": _("Curve from a table of the scene"),
    "parker": _("Parker 2006 (population)"),
    "georgiou": _("Georgiou 2019 (population)"),
    "weinmann": _("Weinmann 1984 (population)"),
    "fritz_hansen": _("Fritz-Hansen 1996 (population)"),
    "orton1": _("Orton 2008, model 1 (population)"),
    "orton2": _("Orton 2008, model 2 (population)"),
    "orton3": _("Orton 2008, model 3 (population)"),
    "mcgrath": _("McGrath 2009, rat (population)"),
    "biexponential": _("Bi-exponential, own constants"),
}
T1_SOURCES = {
    "fixed": _("One value for all tissue"),
    "map": _("T1 map volume"),
    "vfa": _("Flip angle series"),
}
M0_SOURCES = {
    "baseline": _("Frames before arrival"),
    "given": _("M0 map or flip angle series"),
    "fitted": _("Fitted with the model, to the signal"),
}
T1_METHODS = {"nonlinear": _("Nonlinear least squares"), "linear": _("Linear (DESPOT1)")}


def inputs() -> dict[str, str]:
    """Arterial inputs: Parker first, the measured ones next."""
    measured = (*MEASURED_IN_IMAGES, "file", TABLE)
    order = sorted((*AIFS, TABLE), key=lambda name: (name != "parker", name not in measured))
    return {name: INPUTS.get(name, name) for name in order}


def populations() -> dict[str, str]:
    """Population inputs of the literature, Parker first."""
    return {name: INPUTS.get(name, name) for name in POPULATION_AIFS}


def models() -> dict[str, str]:
    """Models, the last of them none."""
    return {name: model_label(name) for name in MODEL_CHOICES}


def candidates() -> dict[str, str]:
    """Models to choose from."""
    return {name: model.label for name, model in MODELS.items()}


def agents() -> dict[str, str]:
    """Contrast agents, after the relaxivity given by hand."""
    named = {name: f"{name} ({', '.join(agent.brands)})" for name, agent in AGENTS.items()}
    return {"": _("Relaxivity by hand"), **named}


def t1Methods() -> dict[str, str]:
    """Ways to fit T1 to the flip angle series."""
    return {name: T1_METHODS.get(name, name) for name in METHODS}
