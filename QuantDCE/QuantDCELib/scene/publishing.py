"""Results as nodes: all of them or none, in one folder, known to the parameter node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import slicer
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.scene import (
    CORRECTED,
    all_or_nothing,
    examination_of,
    node_from_chart,
    nodes_of_chart,
    put_in_folder,
    set_examination,
    set_origin,
    set_provenance,
    show_successors,
    take_place,
)

from ..analysis.result import DceResult
from ..kinetics.stages import MODEL
from .artery import ARTERY_NAME, found_artery
from .bins import bin_colours
from .charts import enhancement_chart, input_chart
from .found_motion import is_corrected
from .gathering import Request
from .input_table import INPUT_TABLE_NAME, input_table
from .maps import MAP_ATTRIBUTE, UNIT_ATTRIBUTE, colour_labels, map_nodes, model_colours, status_colours, title
from .results import (
    ARTERY,
    CHART,
    COLOURS,
    INPUT,
    MAP,
    ROLES,
    STATISTICS,
    SUMMARY,
    charts_of,
    maps_of,
    preview_of,
    referenced,
    remove_results,
    summary_of,
)
from .statistics_table import STATISTICS_NAME, statistics_table
from .summary import label_summary, summarise, write_summary
from .windows import adopt_looks, apply_looks

SUMMARY_NAME = "Quant DCE results"


def publish(scene: slicer.vtkMRMLScene, parameters, request: Request, result: DceResult) -> None:
    """Make the result nodes and remove those of an earlier run on this series.

    The row of the visit is written when a person asks for it (`keeping.add_to_visit`).

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : QuantDCEParameterNode
        Its dynamic series refers to the results afterwards.
    request : Request
    result : DceResult
    """
    series, visit = parameters.dynamic, request.visit.visit
    warnings = tuple(dict.fromkeys((*request.warnings, *result.warnings)))
    adopt_looks(parameters, maps_of(series))
    with all_or_nothing(scene) as keep:
        made = _results(scene, request, result, warnings, keep)
        provenance = _provenance(request, result, warnings)
        for nodes in made.values():
            for node in nodes:
                set_provenance(node, provenance)
                set_examination(node, examination_of(series))
        apply_looks(parameters, made[MAP])
        for node in made[MAP]:
            set_origin(node, series, parameters.segmentation, request.names.get("tumour_segment", ""))
    _take_places(series, made[MAP])
    show_successors(charts_of(series), made[CHART])
    remove_results(scene, series, _used(parameters))
    _name(scene, made, visit, CORRECTED if is_corrected(series) else "")
    label_summary(made[SUMMARY][0], visit, series.GetName(), request.key)
    shown = [node for role in (MAP, CHART, SUMMARY, STATISTICS, ARTERY, INPUT) for node in made[role]]
    put_in_folder(scene, shown, f"Quant DCE: {series.GetName()}", beside=series)
    with slicer.util.NodeModify(parameters.parameterNode):
        for role, nodes in made.items():
            for node in nodes:
                series.AddNodeReferenceID(role, node.GetID())
        parameters.parameterNode.Modified()  # the results are known to the series alone


def rename_results(scene: slicer.vtkMRMLScene, series: slicer.vtkMRMLSequenceNode, visit: str) -> None:
    """Give the results of a series the name of the visit that they are of now."""
    summary, earlier = next(iter(referenced(series, SUMMARY)), None), summary_of(series)
    if summary is None or earlier.visit == visit:
        return
    made = {role: referenced(series, role) for role in ROLES}
    _name(scene, made, visit, CORRECTED if is_corrected(series) else "")
    label_summary(summary, visit, earlier.series, earlier.key)


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
        STATISTICS: [statistics_table(scene, result, keep)],
        COLOURS: list(colours.values()),
        ARTERY: artery,
        INPUT: input_table(scene, result, keep),
    }


def _take_places(series: slicer.vtkMRMLSequenceNode, made: list[slicer.vtkMRMLScalarVolumeNode]) -> None:
    """Show the new maps where those of the earlier run are shown."""
    maps = {node.GetAttribute(MAP_ATTRIBUTE): node for node in made}
    preview = preview_of(series)
    for old in (*maps_of(series), *([preview] if preview is not None else [])):
        take_place(old, maps.get(old.GetAttribute(MAP_ATTRIBUTE)))


def _used(parameters) -> list[slicer.vtkMRMLNode]:
    """Nodes chosen as input that may be results: an artery found earlier and corrected by hand, an input, a map."""
    names = ("segmentation", "arterySegmentation", "referenceSegmentation", "aifTable", "t1Map", "m0Map")
    chosen = [getattr(parameters, name) for name in names]
    return [node for node in chosen if node is not None]


def _provenance(request: Request, result: DceResult, warnings: tuple[str, ...]) -> Provenance:
    found = result.provenance
    return replace(found, inputs={**found.inputs, **request.names}, warnings=warnings)


def _name(scene: slicer.vtkMRMLScene, made: Mapping[str, list[slicer.vtkMRMLNode]], visit: str, ending: str) -> None:
    """Give the results the names a person knows them by, with the visit they are of and what tells their series."""
    names = [(node, title(node.GetAttribute(MAP_ATTRIBUTE), node.GetAttribute(UNIT_ATTRIBUTE))) for node in made[MAP]]
    names += [(node, node.GetTitle()) for node in made[CHART]] + [(node, SUMMARY_NAME) for node in made[SUMMARY]]
    names += [(node, STATISTICS_NAME) for node in made[STATISTICS]]
    names += [(node, ARTERY_NAME) for node in made[ARTERY]] + [(node, INPUT_TABLE_NAME) for node in made[INPUT]]
    for node, name in names:
        node.SetName("")
        of_visit = f"{visit} {name}{ending}"
        node.SetName(scene.GenerateUniqueName(of_visit) if scene.GetFirstNodeByName(of_visit) else of_visit)
