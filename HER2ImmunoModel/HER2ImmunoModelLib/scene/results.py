"""The results in the scene, read back: after a run, and from a scene loaded from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass

import slicer

from ..calibration_result import Calibration
from .publish import CALIBRATION, RANKING, SUMMARY_ATTRIBUTE, charts_of


@dataclass(frozen=True)
class Results:
    """What the panel shows of a plan.

    Attributes
    ----------
    answer : str
    header : tuple of str
    cells : list of list of str
        The ranking, the best first.
    notes, warnings : list of str
    request : str
        `Request.key()` of what the results were made from.
    charts : list of vtkMRMLPlotChartNode
    """

    answer: str
    header: tuple[str, ...]
    cells: list[list[str]]
    notes: list[str]
    warnings: list[str]
    request: str
    charts: list[slicer.vtkMRMLPlotChartNode]


def read_results(parameter_node: slicer.vtkMRMLScriptedModuleNode) -> Results | None:
    """The results the parameter node refers to, or None."""
    ranking = parameter_node.GetNodeReference(RANKING)
    text = ranking.GetAttribute(SUMMARY_ATTRIBUTE) if ranking is not None else None
    if not text:
        return None
    summary = json.loads(text)
    return Results(
        answer=summary["answer"],
        header=("Schedule", summary["value_header"], "Best in"),
        cells=summary["cells"],
        notes=summary["notes"],
        warnings=summary["warnings"],
        request=summary["request"],
        charts=charts_of(parameter_node),
    )


def read_calibration_node(parameter_node: slicer.vtkMRMLScriptedModuleNode) -> Calibration | None:
    """The calibration the parameter node refers to, ready to forecast and rank again, or None."""
    node = parameter_node.GetNodeReference(CALIBRATION)
    return None if node is None else Calibration.from_dict(json.loads(node.GetText()))
