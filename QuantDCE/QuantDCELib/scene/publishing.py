"""Results as nodes: all of them or none, in one folder, known to the parameter node."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import slicer
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.scene import (
    PROVENANCE_ATTRIBUTE,
    all_or_nothing,
    check_row,
    examination_of,
    measurement_table,
    merged_row,
    node_from_chart,
    nodes_of_chart,
    put_in_folder,
    remember_origin,
    remove_from_folders,
    set_examination,
    set_origin,
    set_provenance,
    show_successors,
    take_place,
    write_table,
)

from ..analysis.result import DceResult
from ..kinetics.stages import MODEL
from .artery import ARTERY_NAME, found_artery
from .bins import bin_colours
from .charts import enhancement_chart, input_chart
from .following import source_of
from .gathering import Request
from .input_table import INPUT_TABLE_NAME, input_table
from .inputs_key import inputs_key
from .maps import MAP_ATTRIBUTE, UNIT_ATTRIBUTE, colour_labels, map_nodes, model_colours, status_colours, title
from .summary import Summary, label_summary, read_summary, summarise, write_summary

MAP, CHART, SUMMARY, COLOURS, ARTERY, INPUT = ROLES = tuple(
    f"Result.{name}" for name in ("map", "chart", "summary", "colours", "artery", "input")
)
"""Reference roles by which a dynamic series knows its results."""
SUMMARY_NAME = "Quant DCE results"


def publish(scene: slicer.vtkMRMLScene, parameters, request: Request, result: DceResult) -> None:
    """Make the result nodes, remove those of an earlier run on this series, and add the visit to the measurement table.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : QuantDCEParameterNode
        Refers to the measurement table afterwards; its dynamic series refers to the results.
    request : Request
    result : DceResult

    Raises
    ------
    InputError
        If the visit does not fit the measurement table; the scene is as before.
    QuestionsError
        If values of another series would be replaced.
    """
    series, visit = parameters.dynamic, request.visit.visit
    source = source_of(series)
    row = Measurement(visit, request.visit.day, dict(result.measurements))
    with all_or_nothing(scene) as keep:
        before = scene.GetNumberOfNodes()
        table = measurement_table(scene, parameters.measurements)
        if scene.GetNumberOfNodes() > before:
            keep(table)
        check_row(table, visit, source, request.may_replace)
        rows, notes = merged_row(table, row, source)
        warnings = tuple(dict.fromkeys((*request.warnings, *result.warnings, *notes)))
        provenance = _provenance(request, result, warnings)
        made = _results(scene, request, result, warnings, keep)
        for nodes in made.values():
            for node in nodes:
                set_provenance(node, provenance)
                set_examination(node, examination_of(series))
        for node in made[MAP]:
            set_origin(node, series, parameters.segmentation, request.names.get("tumour_segment", ""))
    _take_places(series, made[MAP])
    show_successors(charts_of(series), made[CHART])
    remove_results(scene, series, _used(parameters))
    _name(scene, made, visit)
    write_table(rows, table)
    set_provenance(table, provenance)
    remember_origin(table, visit, source, examination_of(series).date)
    label_summary(made[SUMMARY][0], visit, series.GetName(), request.key)
    shown = [*made[MAP], *made[CHART], *made[SUMMARY], *made[ARTERY], *made[INPUT]]
    put_in_folder(scene, shown, f"Quant DCE: {series.GetName()}", beside=series)
    with slicer.util.NodeModify(parameters.parameterNode):
        parameters.measurements, parameters.replaceRow = table, ""
        for role, nodes in made.items():
            for node in nodes:
                series.AddNodeReferenceID(role, node.GetID())
        parameters.parameterNode.Modified()  # the results are known to the series alone


def adopt_results(parameter_node: slicer.vtkMRMLScriptedModuleNode, series: slicer.vtkMRMLSequenceNode) -> None:
    """Give a series those of its results that a scene of version 0.1 kept with the parameter node."""
    records = [json.loads(node.GetAttribute(PROVENANCE_ATTRIBUTE) or "{}") for node in _referenced(parameter_node, MAP)]
    if any(record.get("inputs", {}).get("dynamic_node") != series.GetName() for record in records):
        return
    for role in ROLES:
        for node in _referenced(parameter_node, role):
            series.AddNodeReferenceID(role, node.GetID())
        parameter_node.RemoveNodeReferenceIDs(role)


def remove_results(
    scene: slicer.vtkMRMLScene, series: slicer.vtkMRMLSequenceNode, but: Sequence[slicer.vtkMRMLNode] = ()
) -> None:
    """Remove the results of a series, with a folder left empty; `but` those that are in use."""
    charts = [node for chart in charts_of(series) for node in nodes_of_chart(chart)]
    others = [node for role in (MAP, SUMMARY, COLOURS, ARTERY, INPUT) for node in _referenced(series, role)]
    others = [node for node in others if node not in but]
    for role in ROLES:
        series.RemoveNodeReferenceIDs(role)
    remove_from_folders(scene, [*charts, *others])


def maps_of(series: slicer.vtkMRMLSequenceNode | None) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The map nodes of the last analysis of a series."""
    return _referenced(series, MAP)


def charts_of(series: slicer.vtkMRMLSequenceNode | None) -> list[slicer.vtkMRMLPlotChartNode]:
    """The plots of the last analysis of a series."""
    return _referenced(series, CHART)


def artery_of(series: slicer.vtkMRMLSequenceNode | None) -> slicer.vtkMRMLSegmentationNode | None:
    """The artery found in the last analysis of a series; None if it did not look for one."""
    return next(iter(_referenced(series, ARTERY)), None)


def summary_of(series: slicer.vtkMRMLSequenceNode | None) -> Summary:
    """What the panel shows of the last analysis of a series."""
    return read_summary(next(iter(_referenced(series, SUMMARY)), None))


def is_stale(parameters) -> bool:
    """Whether the results of the chosen series were made from other inputs than those chosen now."""
    made_from = summary_of(parameters.dynamic).key
    return bool(made_from) and made_from != inputs_key(parameters)


def _referenced(node: slicer.vtkMRMLNode | None, role: str) -> list[slicer.vtkMRMLNode]:
    count = 0 if node is None else node.GetNumberOfNodeReferences(role)
    nodes = [node.GetNthNodeReference(role, index) for index in range(count)]
    return [each for each in nodes if each is not None]


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


def _take_places(series: slicer.vtkMRMLSequenceNode, made: list[slicer.vtkMRMLScalarVolumeNode]) -> None:
    """Show the new maps where those of the earlier run are shown."""
    maps = {node.GetAttribute(MAP_ATTRIBUTE): node for node in made}
    for old in maps_of(series):
        take_place(old, maps.get(old.GetAttribute(MAP_ATTRIBUTE)))


def _used(parameters) -> list[slicer.vtkMRMLNode]:
    """Nodes chosen as input that may be results: an artery found earlier and corrected by hand, an input, a map."""
    names = ("segmentation", "arterySegmentation", "referenceSegmentation", "aifTable", "t1Map", "m0Map")
    chosen = [getattr(parameters, name) for name in names]
    return [node for node in chosen if node is not None]


def _provenance(request: Request, result: DceResult, warnings: tuple[str, ...]) -> Provenance:
    found = result.provenance
    return replace(found, inputs={**found.inputs, **request.names}, warnings=warnings)


def _name(scene: slicer.vtkMRMLScene, made: dict[str, list[slicer.vtkMRMLNode]], visit: str) -> None:
    """Give the results the names a person knows them by, with the visit they are of."""
    names = [(node, title(node.GetAttribute(MAP_ATTRIBUTE), node.GetAttribute(UNIT_ATTRIBUTE))) for node in made[MAP]]
    names += [(node, node.GetTitle()) for node in made[CHART]] + [(node, SUMMARY_NAME) for node in made[SUMMARY]]
    names += [(node, ARTERY_NAME) for node in made[ARTERY]] + [(node, INPUT_TABLE_NAME) for node in made[INPUT]]
    for node, name in names:
        node.SetName("")
        of_visit = f"{visit} {name}"
        node.SetName(scene.GenerateUniqueName(of_visit) if scene.GetFirstNodeByName(of_visit) else of_visit)
