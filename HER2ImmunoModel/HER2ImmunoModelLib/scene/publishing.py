"""What a piece of work found as nodes: tables, plots and calibration in one folder, known to the parameter node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import slicer
from HER2ImmunoCommonLib.scene import (
    all_or_nothing,
    node_from_chart,
    nodes_of_chart,
    put_in_folder,
    remove_from_folders,
    set_provenance,
    show_successors,
    write_values,
)

from ..findings.request import Findings, Request
from ..findings.tables import Table

CALIBRATION = "Calibration"
CHART = "chart"
SUMMARY_ATTRIBUTE = "HER2ImmunoModel.Summary"
KEY_ATTRIBUTE = "HER2ImmunoModel.Key"
NOT_CONVERGED = " (NOT converged)"


def publish(
    scene: slicer.vtkMRMLScene,
    parameter_node: slicer.vtkMRMLScriptedModuleNode,
    request: Request,
    found: object,
    name: str,
) -> dict[str, slicer.vtkMRMLNode]:
    """Make the result nodes of a piece of work and remove those of an earlier one of its kind.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameter_node : vtkMRMLScriptedModuleNode
        Refers to the results afterwards, and to the tables they were made from before.
    request : Request
    found : object
        What `request.make` gave.
    name : str
        Name of the measurement table, for the names of the results.

    Returns
    -------
    dict of str to node
        By role, which begins with the kind of the request; charts have a number.
    """
    findings = request.findings(found)
    with all_or_nothing(scene) as keep:
        made = _tables(scene, request.kind, findings, name, keep)
        charts = _charts(scene, findings, keep)
        calibration = _calibration(scene, parameter_node, request, findings, name, keep)
        texts = _texts(scene, request, findings, name, keep)
        provenance = _provenance(findings, parameter_node)
        for node in (*made.values(), *charts, *calibration, *texts.values()):
            set_provenance(node, provenance)
            node.SetDescription(findings.alarm)
        summary = json.dumps(_summary(request, findings), ensure_ascii=False)
        next(iter(made.values())).SetAttribute(SUMMARY_ATTRIBUTE, summary)
    by_role = made | {f"{request.kind}.{CHART}.{number}": chart for number, chart in enumerate(charts)}
    by_role |= texts | dict(zip([CALIBRATION], calibration, strict=False))
    show_successors(charts_of(parameter_node, request.kind), charts)
    with slicer.util.NodeModify(parameter_node):
        remove_results(scene, parameter_node, request.kind)
        if calibration:
            remove_results(scene, parameter_node, CALIBRATION)
        for role, node in by_role.items():
            parameter_node.SetNodeReferenceID(role, node.GetID())
    for chart in charts:
        chart.SetName(f"{name}: {chart.GetTitle()}{_mark(findings)}")
    put_in_folder(scene, [*made.values(), *charts, *calibration, *texts.values()], f"HER2 Immuno Model: {name}")
    return by_role


def remove_results(scene: slicer.vtkMRMLScene, parameter_node: slicer.vtkMRMLScriptedModuleNode, kind: str) -> None:
    """Remove the results of a kind that the parameter node refers to, with a folder left empty."""
    charts, roles = charts_of(parameter_node, kind), _roles(parameter_node, kind)
    nodes = [parameter_node.GetNodeReference(role) for role in roles]
    for role in roles:
        parameter_node.RemoveNodeReferenceIDs(role)
    parts = [part for chart in charts for part in nodes_of_chart(chart) if part is not chart]
    remove_from_folders(scene, [*parts, *(node for node in nodes if node is not None)])


def charts_of(parameter_node: slicer.vtkMRMLScriptedModuleNode, kind: str) -> list[slicer.vtkMRMLPlotChartNode]:
    """The plots of the results of a kind, the most telling first."""
    roles = [role for role in _roles(parameter_node, kind) if role.startswith(f"{kind}.{CHART}.")]
    charts = [
        parameter_node.GetNodeReference(role) for role in sorted(roles, key=lambda role: int(role.split(".")[-1]))
    ]
    return [chart for chart in charts if chart is not None]


def table_of(parameter_node: slicer.vtkMRMLScriptedModuleNode, kind: str) -> slicer.vtkMRMLTableNode | None:
    """The table that stands for the results of a kind, or None."""
    nodes = [parameter_node.GetNodeReference(role) for role in _roles(parameter_node, kind)]
    return next((node for node in nodes if node is not None and node.GetAttribute(SUMMARY_ATTRIBUTE)), None)


def tables_of(parameter_node: slicer.vtkMRMLScriptedModuleNode, kind: str) -> dict[str, slicer.vtkMRMLTableNode]:
    """The tables of the results of a kind, by what each is of; the one that stands for the whole first."""
    first, found = table_of(parameter_node, kind), {}
    for role in _roles(parameter_node, kind):
        node = parameter_node.GetNodeReference(role)
        if node is not None and node.IsA("vtkMRMLTableNode"):
            found[role.removeprefix(f"{kind}.")] = node
    return dict(sorted(found.items(), key=lambda entry: entry[1] is not first))


def _roles(parameter_node, kind: str) -> list[str]:
    roles = [parameter_node.GetNthNodeReferenceRole(n) for n in range(parameter_node.GetNumberOfNodeReferenceRoles())]
    return [role for role in roles if role == kind or role.startswith(f"{kind}.")]


def _tables(scene, kind: str, findings: Findings, name: str, keep) -> dict[str, slicer.vtkMRMLTableNode]:
    made = {}
    for role, (what, (header, rows)) in findings.tables.items():
        title = f"{name}: {what}{_mark(findings)}"
        node = made[f"{kind}.{role}"] = keep(scene.AddNewNodeByClass("vtkMRMLTableNode", title))
        write_values(*_full_column_first(header, rows), node)
    return made


def _full_column_first(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """The table with a column first that has no empty cell: a line that begins with one is read back shifted."""
    full = [at for at in range(len(header)) if all(row[at] != "" for row in rows)]
    first = full[0] if full else 0
    order = [first, *(at for at in range(len(header)) if at != first)]
    return [header[at] for at in order], [[row[at] for at in order] for row in rows]


def _calibration(scene, parameter_node, request: Request, findings: Findings, name: str, keep) -> list:
    """A text node with the calibration, unless the scene has this one already."""
    earlier, key = parameter_node.GetNodeReference(CALIBRATION), request.calibration_key()
    if findings.calibration is None or (earlier is not None and earlier.GetAttribute(KEY_ATTRIBUTE) == key):
        return []
    node = keep(scene.AddNewNodeByClass("vtkMRMLTextNode", f"{name}: calibration{_mark(findings)}"))
    node.SetText(json.dumps(findings.calibration.to_dict()))
    node.SetAttribute(KEY_ATTRIBUTE, key)
    return [node]


def _texts(scene, request: Request, findings: Findings, name: str, keep) -> dict[str, slicer.vtkMRMLTextNode]:
    """Text nodes, each with a digest of what it was made from."""
    made = {}
    for role, (what, text) in findings.texts.items():
        title = f"{name}: {what}{_mark(findings)}"
        node = made[f"{request.kind}.{role}"] = keep(scene.AddNewNodeByClass("vtkMRMLTextNode", title))
        node.SetText(text)
        node.SetAttribute(KEY_ATTRIBUTE, sha256(request.key().encode()).hexdigest())
    return made


def _charts(scene, findings: Findings, keep) -> list[slicer.vtkMRMLPlotChartNode]:
    nodes = []
    for chart in findings.charts:
        nodes.append(node_from_chart(scene, chart))
        for node in nodes_of_chart(nodes[-1]):
            keep(node)
    return nodes


def _mark(findings: Findings) -> str:
    return NOT_CONVERGED if findings.alarm else ""


def _provenance(findings: Findings, parameter_node):
    names = {}
    for role in ("measurements", "treatments"):
        node = parameter_node.GetNodeReference(role)
        names[f"{role}_node"] = None if node is None else node.GetName()
    return replace(findings.provenance, inputs={**findings.provenance.inputs, **names})


def _summary(request: Request, findings: Findings) -> dict[str, object]:
    """What the panel shows, so that it shows the same when the scene is loaded again."""
    names = ("answer", "header", "header_tips", "cells", "cost_header", "cost_cells", "notes", "warnings", "basis")
    names += ("failed", "alarm", "keys", "agreement_said", "agreement_header", "agreement_tips", "agreement_cells")
    return {name: getattr(findings, name) for name in names} | {"request": request.key()}
