"""Results as nodes: all of them or none, in one folder, known to the parameter node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import slicer
from HER2ImmunoCommonLib.measurements import Measurement, merge
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.scene import (
    all_or_nothing,
    measurement_table,
    node_from_chart,
    nodes_of_chart,
    put_in_folder,
    read_table,
    remove_from_folders,
    set_provenance,
    show_successors,
    write_table,
)

from ..analysis.result import DceResult
from ..kinetics.stages import MODEL
from .artery import ARTERY_NAME, found_artery
from .bins import bin_colours
from .charts import enhancement_chart, input_chart
from .gathering import Request
from .input_table import INPUT_TABLE_NAME, input_table
from .maps import MAP_ATTRIBUTE, UNIT_ATTRIBUTE, colour_labels, map_nodes, model_colours, status_colours, title
from .summary import Summary, read_summary, summarise, write_summary

MAP, CHART, SUMMARY, COLOURS, ARTERY, INPUT = ROLES = tuple(
    f"Result.{name}" for name in ("map", "chart", "summary", "colours", "artery", "input")
)
SUMMARY_NAME = "Quant DCE results"


def publish(scene: slicer.vtkMRMLScene, parameters, request: Request, result: DceResult) -> None:
    """Make the result nodes, remove those of an earlier run, and add the visit to the measurement table.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : QuantDCEParameterNode
        Refers to the results and the measurement table afterwards.
    request : Request
    result : DceResult

    Raises
    ------
    InputError
        If the visit does not fit the measurement table; the scene is as before.
    """
    warnings = tuple(dict.fromkeys((*request.warnings, *result.warnings)))
    provenance = _provenance(request, result, warnings)
    visit = Measurement(request.visit.visit, request.visit.day, dict(result.measurements))
    with all_or_nothing(scene) as keep:
        made = _results(scene, request, result, warnings, keep)
        before = scene.GetNumberOfNodes()
        table = measurement_table(scene, parameters.measurements)
        if scene.GetNumberOfNodes() > before:
            keep(table)
        rows = merge(read_table(table), visit)
        for nodes in made.values():
            for node in nodes:
                set_provenance(node, provenance)
    parameter_node = parameters.parameterNode
    show_successors(charts_of(parameter_node), made[CHART])
    remove_results(scene, parameter_node, _used(parameters))
    _name(scene, made)
    write_table(rows, table)
    set_provenance(table, provenance)
    shown = [*made[MAP], *made[CHART], *made[SUMMARY], *made[ARTERY], *made[INPUT]]
    put_in_folder(scene, shown, f"Quant DCE: {parameters.dynamic.GetName()}")
    with slicer.util.NodeModify(parameter_node):
        parameters.measurements = table
        for role, nodes in made.items():
            for node in nodes:
                parameter_node.AddNodeReferenceID(role, node.GetID())


def remove_results(
    scene: slicer.vtkMRMLScene,
    parameter_node: slicer.vtkMRMLScriptedModuleNode,
    but: Sequence[slicer.vtkMRMLNode] = (),
) -> None:
    """Remove the results the parameter node refers to, with a folder left empty; `but` those that are in use."""
    charts = [node for chart in charts_of(parameter_node) for node in nodes_of_chart(chart)]
    others = [node for role in (MAP, SUMMARY, COLOURS, ARTERY, INPUT) for node in _referenced(parameter_node, role)]
    others = [node for node in others if node not in but]
    for role in ROLES:
        parameter_node.RemoveNodeReferenceIDs(role)
    remove_from_folders(scene, [*charts, *others])


def maps_of(parameter_node: slicer.vtkMRMLScriptedModuleNode) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The map nodes of the last analysis."""
    return _referenced(parameter_node, MAP)


def charts_of(parameter_node: slicer.vtkMRMLScriptedModuleNode) -> list[slicer.vtkMRMLPlotChartNode]:
    """The plots of the last analysis."""
    return _referenced(parameter_node, CHART)


def artery_of(parameter_node: slicer.vtkMRMLScriptedModuleNode) -> slicer.vtkMRMLSegmentationNode | None:
    """The artery found in the last analysis; None if it did not look for one."""
    return next(iter(_referenced(parameter_node, ARTERY)), None)


def summary_of(parameter_node: slicer.vtkMRMLScriptedModuleNode) -> Summary:
    """What the panel shows of the last analysis."""
    return read_summary(next(iter(_referenced(parameter_node, SUMMARY)), None))


def _referenced(parameter_node: slicer.vtkMRMLScriptedModuleNode, role: str) -> list[slicer.vtkMRMLNode]:
    count = parameter_node.GetNumberOfNodeReferences(role)
    nodes = [parameter_node.GetNthNodeReference(role, index) for index in range(count)]
    return [node for node in nodes if node is not None]


def _results(
    scene: slicer.vtkMRMLScene, request: Request, result: DceResult, warnings: tuple[str, ...], keep: Callable
) -> dict[str, list[slicer.vtkMRMLNode]]:
    colours = {"status": status_colours(scene, keep)}
    maps = map_nodes(scene, result, keep)
    if "FTV" in maps:
        colours["FTV"] = bin_colours(scene, request.settings.ftv_ser_bins, keep)
    if MODEL in maps:
        colours[MODEL] = model_colours(scene, request.settings.candidates, keep)
    for name, table in colours.items():
        colour_labels(maps[name], table, keep)
    summary = keep(scene.AddNewNodeByClass("vtkMRMLTableNode", SUMMARY_NAME))
    write_summary(summarise(result, request.settings, warnings), summary)
    artery = found_artery(scene, request.settings, result, maps["status"], keep)
    charts = []
    for chart in (enhancement_chart(result), input_chart(result)):
        if chart is not None:
            charts.append(node_from_chart(scene, chart))
            for node in nodes_of_chart(charts[-1]):
                keep(node)
    return {
        MAP: list(maps.values()),
        CHART: charts,
        SUMMARY: [summary],
        COLOURS: list(colours.values()),
        ARTERY: artery,
        INPUT: input_table(scene, result, keep),
    }


def _used(parameters) -> list[slicer.vtkMRMLNode]:
    """Nodes chosen as input that may be results: an artery found earlier and corrected by hand, an input, a map."""
    names = ("segmentation", "arterySegmentation", "referenceSegmentation", "aifTable", "t1Map", "m0Map")
    chosen = [getattr(parameters, name) for name in names]
    return [node for node in chosen if node is not None]


def _provenance(request: Request, result: DceResult, warnings: tuple[str, ...]) -> Provenance:
    found = result.provenance
    return replace(found, inputs={**found.inputs, **request.names}, warnings=warnings)


def _name(scene: slicer.vtkMRMLScene, made: dict[str, list[slicer.vtkMRMLNode]]) -> None:
    """Give the results their plain names, which those of the earlier run had until now."""
    names = [(node, title(node.GetAttribute(MAP_ATTRIBUTE), node.GetAttribute(UNIT_ATTRIBUTE))) for node in made[MAP]]
    names += [(node, node.GetTitle()) for node in made[CHART]] + [(node, SUMMARY_NAME) for node in made[SUMMARY]]
    names += [(node, ARTERY_NAME) for node in made[ARTERY]] + [(node, INPUT_TABLE_NAME) for node in made[INPUT]]
    for node, name in names:
        node.SetName("")
        node.SetName(scene.GenerateUniqueName(name) if scene.GetFirstNodeByName(name) else name)
