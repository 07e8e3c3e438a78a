"""A plan as nodes: tables, plots and the calibration, in one folder, known to the parameter node."""

from __future__ import annotations

import json
from dataclasses import replace

import slicer
from HER2ImmunoCommonLib.provenance import plain
from HER2ImmunoCommonLib.scene.cells import write_values
from HER2ImmunoCommonLib.scene.nodes import all_or_nothing, put_in_folder, set_provenance
from HER2ImmunoCommonLib.scene.plots import node_from_chart, nodes_of_chart, remove_chart

from .. import wording
from ..figures import gap_chart, ranking_chart, state_chart
from ..plan import Plan
from ..tables import estimate_table, forecast_table, gap_table, ranking_table
from .inputs import Request

RANKING, PARAMETERS, FORECAST, GAP, CALIBRATION = TABLES_AND_TEXT = tuple(
    f"Result.{name}" for name in ("ranking", "parameters", "forecast", "gap", "calibration")
)
CHART = "Result.chart"
SUMMARY_ATTRIBUTE = "HER2ImmunoModel.Summary"


def publish(
    scene: slicer.vtkMRMLScene,
    parameter_node: slicer.vtkMRMLScriptedModuleNode,
    request: Request,
    plan: Plan,
    name: str,
) -> dict[str, slicer.vtkMRMLNode]:
    """Make the result nodes of a plan and remove those of an earlier one.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameter_node : vtkMRMLScriptedModuleNode
        Refers to the results afterwards, and to the tables they were made from before.
    request : Request
    plan : Plan
    name : str
        Name of the measurement table, for the names of the results.

    Returns
    -------
    dict of str to node
        By role; charts are under `CHART` with a number.
    """
    with all_or_nothing(scene) as keep:
        made = _tables(scene, plan, name, keep) | {CALIBRATION: _calibration(scene, plan, name, keep)}
        charts = _charts(scene, plan, keep)
        provenance = _provenance(request, plan, parameter_node)
        for node in (*made.values(), *charts):
            set_provenance(node, provenance)
        made[RANKING].SetAttribute(SUMMARY_ATTRIBUTE, json.dumps(_summary(request, plan), ensure_ascii=False))
    remove_results(scene, parameter_node)
    for chart in charts:
        chart.SetName(f"{name}: {chart.GetTitle()}")
    put_in_folder(scene, [*made.values(), *charts], f"HER2 Immuno Model: {name}")
    with slicer.util.NodeModify(parameter_node):
        for role, node in made.items():
            parameter_node.SetNodeReferenceID(role, node.GetID())
        for chart in charts:
            parameter_node.AddNodeReferenceID(CHART, chart.GetID())
    return made | {f"{CHART}.{number}": chart for number, chart in enumerate(charts)}


def remove_results(scene: slicer.vtkMRMLScene, parameter_node: slicer.vtkMRMLScriptedModuleNode) -> None:
    """Remove the results the parameter node refers to, with a folder left empty."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    nodes = [parameter_node.GetNodeReference(role) for role in TABLES_AND_TEXT]
    nodes = [node for node in nodes if node is not None]
    folders = {hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) for node in nodes}
    for chart in charts_of(parameter_node):
        remove_chart(chart)
    for node in nodes:
        scene.RemoveNode(node)
    for role in (*TABLES_AND_TEXT, CHART):
        parameter_node.RemoveNodeReferenceIDs(role)
    for folder in folders - {0, hierarchy.GetSceneItemID()}:
        if hierarchy.GetNumberOfItemChildren(folder) == 0:
            hierarchy.RemoveItem(folder)


def charts_of(parameter_node: slicer.vtkMRMLScriptedModuleNode) -> list[slicer.vtkMRMLPlotChartNode]:
    """The plots of the results, the ranking first."""
    count = parameter_node.GetNumberOfNodeReferences(CHART)
    charts = [parameter_node.GetNthNodeReference(CHART, n) for n in range(count)]
    return [chart for chart in charts if chart is not None]


def _tables(scene, plan: Plan, name: str, keep) -> dict[str, slicer.vtkMRMLTableNode]:
    tables = {
        RANKING: ("schedules ranked", ranking_table(plan.ranking)),
        PARAMETERS: ("parameters", estimate_table(plan.calibration)),
        FORECAST: ("forecast", forecast_table(plan.bands)),
    }
    if plan.gap is not None:
        tables[GAP] = ("gap between drugs", gap_table(plan.gap))
    made = {}
    for role, (what, (header, rows)) in tables.items():
        node = made[role] = keep(scene.AddNewNodeByClass("vtkMRMLTableNode", f"{name}: {what}"))
        write_values(header, rows, node)
    return made


def _calibration(scene, plan: Plan, name: str, keep) -> slicer.vtkMRMLTextNode:
    node = keep(scene.AddNewNodeByClass("vtkMRMLTextNode", f"{name}: calibration"))
    node.SetText(json.dumps(plan.calibration.to_dict()))
    return node


def _charts(scene, plan: Plan, keep) -> list[slicer.vtkMRMLPlotChartNode]:
    charts = [ranking_chart(plan.ranking)]
    if plan.gap is not None:
        charts.append(gap_chart(plan.gap))
    charts += [state_chart(plan.calibration, plan.bands, state) for state in plan.calibration.model.observables]
    nodes = []
    for chart in charts:
        nodes.append(node_from_chart(scene, chart))
        for node in nodes_of_chart(nodes[-1]):
            keep(node)
    return nodes


def _provenance(request: Request, plan: Plan, parameter_node):
    constraints = [{"rule": type(rule).__name__, **plain(rule)} for rule in request.constraints]
    names = {}
    for role in ("measurements", "treatments"):
        node = parameter_node.GetNodeReference(role)
        names[f"{role}_node"] = None if node is None else node.GetName()
    settings = {**plan.provenance.settings, "constraints": constraints}
    return replace(plan.provenance, settings=settings, inputs={**plan.provenance.inputs, **names})


def _summary(request: Request, plan: Plan) -> dict[str, object]:
    """What the panel shows, so that it shows the same when the scene is loaded again."""
    return {
        "answer": wording.answer(plan.ranking),
        "value_header": wording.value_header(plan.ranking),
        "cells": wording.ranking_cells(plan.ranking),
        "notes": [*wording.excluded(plan.ranking), wording.set_by_data(plan.calibration)],
        "warnings": plan.warnings,
        "request": request.key(),
    }
