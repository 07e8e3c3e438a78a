"""The choices of the panel in the words of the field."""

from __future__ import annotations

from slicer.i18n import tr as _

from QuantDCELib.models import MODELS
from QuantDCELib.settings import AIFS
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
    """Tracer kinetic models."""
    return {name: model.label for name, model in MODELS.items()}


def t1Methods() -> dict[str, str]:
    """Ways to fit T1 to the flip angle series."""
    return {name: T1_METHODS.get(name, name) for name in METHODS}
