"""The results in the scene, read back: after a run, and from a scene loaded from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache

import slicer

from ..calibration.result import Calibration
from ..findings.request import Request
from .cohort_used import calibration_of_cohort
from .publishing import CALIBRATION, KEY_ATTRIBUTE, SUMMARY_ATTRIBUTE, charts_of, table_of


@dataclass(frozen=True)
class Results:
    """What the panel shows of a piece of work.

    Attributes
    ----------
    answer : str
    header : list of str
    cells : list of list of str
    keys : list of str
        What each row stands for, where one can be chosen.
    notes, warnings : list of str
    basis : str
        What must be read before the answer; empty if nothing must.
    alarm : str
        Why nothing here can be trusted as it is; empty if it can.
    request : str
        `Request.key()` of what the results were made from.
    charts : list of vtkMRMLPlotChartNode
    failed : list of str
        Diagnostics that failed, read before the answer.
    cost_header : list of str
    cost_cells : list of list of str
        What each schedule costs the patient; empty where that is not shown.
    header_tips : list of str
        What each column says; empty where its head says all.
    agreement_said : str
    agreement_header, agreement_tips : list of str
    agreement_cells : list of list of str
        How well measured numbers are told, with what is said above it; empty where that was not asked for.
    """

    answer: str
    header: list[str]
    cells: list[list[str]]
    keys: list[str]
    notes: list[str]
    warnings: list[str]
    basis: str
    alarm: str
    request: str
    charts: list[slicer.vtkMRMLPlotChartNode]
    failed: list[str] = field(default_factory=list)
    cost_header: list[str] = field(default_factory=list)
    cost_cells: list[list[str]] = field(default_factory=list)
    header_tips: list[str] = field(default_factory=list)
    agreement_said: str = ""
    agreement_header: list[str] = field(default_factory=list)
    agreement_tips: list[str] = field(default_factory=list)
    agreement_cells: list[list[str]] = field(default_factory=list)


def read_results(parameter_node: slicer.vtkMRMLScriptedModuleNode, kind: str = "Result") -> Results | None:
    """The results of a kind that the parameter node refers to, or None."""
    table = table_of(parameter_node, kind)
    if table is None:
        return None
    return Results(**json.loads(table.GetAttribute(SUMMARY_ATTRIBUTE)), charts=charts_of(parameter_node, kind))


def read_calibration_node(parameter_node: slicer.vtkMRMLScriptedModuleNode) -> Calibration | None:
    """The calibration the parameter node refers to, ready to forecast and rank again, or None."""
    return _kept(parameter_node.GetNodeReference(CALIBRATION))


def with_known_calibration(request: Request, parameter_node: slicer.vtkMRMLScriptedModuleNode) -> Request:
    """The request with the calibration of the scene, if it is of the same subject and settings."""
    known = known_calibration(request, parameter_node)
    return request if known is None else replace(request, calibration=known)


def known_calibration(request: Request, parameter_node: slicer.vtkMRMLScriptedModuleNode) -> Calibration | None:
    """The calibration of the subject and settings of a request in the scene: its own, or that of all subjects' which
    the request asks for; None if there is none.
    """
    if request.settings.cohort:
        return calibration_of_cohort(request, parameter_node)
    node = parameter_node.GetNodeReference(CALIBRATION)
    if node is None or node.GetAttribute(KEY_ATTRIBUTE) != request.calibration_key():
        return None
    return _kept(node)


def _kept(node: slicer.vtkMRMLTextNode | None) -> Calibration | None:
    """The calibration of a node; None without one, and while a scene is opened, which has nodes before their texts."""
    return _read(node.GetText()) if node is not None and node.GetText() else None


@lru_cache(maxsize=2)
def _read(text: str) -> Calibration:
    return Calibration.from_dict(json.loads(text))
