"""The choices of the panel in the words of the field."""

from __future__ import annotations

from slicer.i18n import tr as _

from QuantDCELib.agents import AGENTS
from QuantDCELib.scene.summary import model_label
from QuantDCELib.settings import AIFS, MODEL_CHOICES
from QuantDCELib.t1 import METHODS

MEASURED_IN_IMAGES = ("roi", "auto")
INPUTS = {
    "auto": _("Measured in voxels found automatically"),
    "roi": _("Measured in an artery segment"),
    "file": _("Curve from a CSV file"),
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
T1_METHODS = {"nonlinear": _("Nonlinear least squares"), "linear": _("Linear (DESPOT1)")}


def inputs() -> dict[str, str]:
    """Arterial inputs: Parker first, the measured ones next."""
    order = sorted(AIFS, key=lambda name: (name != "parker", name not in (*MEASURED_IN_IMAGES, "file")))
    return {name: INPUTS.get(name, name) for name in order}


def models() -> dict[str, str]:
    """Models, the last of them none."""
    return {name: model_label(name) for name in MODEL_CHOICES}


def agents() -> dict[str, str]:
    """Contrast agents, after the relaxivity given by hand."""
    named = {name: f"{name} ({', '.join(agent.brands)})" for name, agent in AGENTS.items()}
    return {"": _("Not named: relaxivity by hand"), **named}


def t1Methods() -> dict[str, str]:
    """Ways to fit T1 to the flip angle series."""
    return {name: T1_METHODS.get(name, name) for name in METHODS}
