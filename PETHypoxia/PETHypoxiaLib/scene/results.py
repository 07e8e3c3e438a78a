"""The results that a parameter node references, read back from the scene, and shown in its views."""

from __future__ import annotations

import json

import slicer
from HER2ImmunoCommonLib.scene.cells import read_cells
from HER2ImmunoCommonLib.scene.nodes import PROVENANCE_ATTRIBUTE

OPACITY = 0.6


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


def examination_of(parameters) -> str:
    """The PET volume and visit of the last run, since another may be chosen by now; empty before it."""
    inputs = _provenance(parameters).get("inputs")
    return f"{inputs['volume']}, {inputs['visit']}" if inputs else ""


def _provenance(parameters) -> dict[str, object]:
    node = parameters.measuresTable
    text = None if node is None else node.GetAttribute(PROVENANCE_ATTRIBUTE)
    return json.loads(text) if text else {}


def show_in_views(parameters) -> None:
    """The ratio map over the SUV map in every slice view, and the chart in every plot view."""
    scene = parameters.ratioVolume.GetScene()
    for view in _nodes(scene, "vtkMRMLSliceCompositeNode"):
        view.SetBackgroundVolumeID(parameters.suvVolume.GetID())
        view.SetForegroundVolumeID(parameters.ratioVolume.GetID())
        view.SetForegroundOpacity(OPACITY)
    for view in _nodes(scene, "vtkMRMLPlotViewNode"):
        view.SetPlotChartNodeID(parameters.sweepChart.GetID())


def _nodes(scene: slicer.vtkMRMLScene, kind: str) -> list[slicer.vtkMRMLNode]:
    return [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]
