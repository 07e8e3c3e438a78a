"""The results that a parameter node references, read back from the scene."""

from __future__ import annotations

import json

from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.scene import PROVENANCE_ATTRIBUTE, read_cells

from ..analysis.sweep_chart import sweep_chart
from .publishing import INPUTS, NOTES


def measures_of(parameters) -> list[tuple[str, str, str]]:
    """(measure, value, unit) of the last run; none before it."""
    node = parameters.measuresTable
    lines = [] if node is None else read_cells(node)[1]
    return [
        tuple(cell.replace("cm3", "cm³").replace(">=", "≥").replace(" x ", " × ") for cell in line) for line in lines
    ]


def warnings_of(parameters) -> list[str]:
    """Warnings of the last run."""
    return list(_provenance(parameters).get("warnings", ()))


def notes_of(parameters) -> list[str]:
    """What goes with any report of the numbers of the last run."""
    node = parameters.measuresTable
    return [] if node is None else (node.GetAttribute(NOTES) or "").splitlines()


def inputs_of(parameters) -> str:
    """What the results of the last run were made from (`inputs_key`); empty before it."""
    node = parameters.measuresTable
    return "" if node is None else node.GetAttribute(INPUTS) or ""


def sweep_of(parameters) -> list[tuple[float, ...]]:
    """(threshold, fraction, volume in cm3, burden in cm3) of each threshold of the last run; none before it."""
    node = parameters.sweepTable
    lines = [] if node is None else read_cells(node)[1]
    return [tuple(float(cell) for cell in line) for line in lines]


def chart_of(parameters) -> Chart | None:
    """The sweep of the last run as a chart; None before it."""
    settings, steps = _provenance(parameters).get("settings"), sweep_of(parameters)
    chosen = _provenance(parameters).get("inputs", {}).get("chosen")
    if not settings or not steps or not chosen:
        return None
    pairs = [(threshold, fraction) for threshold, fraction, *_ in steps]
    return sweep_chart("Threshold sweep", settings["ratio"], pairs, (chosen["threshold"], chosen["fraction"]))


def examination_of(parameters) -> str:
    """The PET volume and visit of the last run, since another may be chosen by now; empty before it."""
    inputs = _provenance(parameters).get("inputs")
    return f"{inputs['volume']}, {inputs['visit']}" if inputs else ""


def _provenance(parameters) -> dict[str, object]:
    node = parameters.measuresTable
    text = None if node is None else node.GetAttribute(PROVENANCE_ATTRIBUTE)
    return json.loads(text) if text else {}
