"""The results that a parameter node references, read back from the scene."""

from __future__ import annotations

import json

from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.scene import PROVENANCE_ATTRIBUTE, read_cells

from ..analysis.sweep_chart import sweep_chart
from .publishing import INPUTS, NOTES, VALUES, VISIT
from .views import SEEN


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
    if not inputs:
        return ""
    visit = parameters.measuresTable.GetAttribute(VISIT) or inputs["visit"]
    return ", ".join(word for word in (inputs["volume"], visit) if word)


def hypoxia_of(parameters) -> str:
    """Fraction and volume of the last run in a few words; empty before it."""
    chosen = _provenance(parameters).get("inputs", {}).get("chosen")
    return f"{100 * chosen['fraction']:.1f} % hypoxic, {chosen['volume_cm3']:.2f} cm³" if chosen else ""


def is_seen(parameters) -> bool:
    """Whether a person has looked at the ratio map of the last run."""
    ratio = parameters.ratioVolume
    return ratio is not None and bool(ratio.GetAttribute(SEEN))


def values_of(parameters) -> dict[str, float]:
    """What the last run measured, by the names of the measurement table; empty before it, or for a scene of 0.1."""
    node = parameters.measuresTable
    return {} if node is None else json.loads(node.GetAttribute(VALUES) or "{}")


def series_of(parameters) -> str:
    """UID of the series that the last run measured; empty before it."""
    return _provenance(parameters).get("inputs", {}).get("series_uid", "")


def _provenance(parameters) -> dict[str, object]:
    node = parameters.measuresTable
    text = None if node is None else node.GetAttribute(PROVENANCE_ATTRIBUTE)
    return json.loads(text) if text else {}
