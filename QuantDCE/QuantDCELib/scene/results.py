"""What a dynamic series knows of its results: maps, charts, tables, and whether their inputs have changed since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import slicer
from HER2ImmunoCommonLib.provenance import Provenance, from_json
from HER2ImmunoCommonLib.scene import PROVENANCE_ATTRIBUTE, nodes_of_chart, remove_from_folders

from ..analysis.settings import SEMI_QUANTITATIVE
from ..analysis.statistics import RegionStatistics
from .inputs_key import CUT, same_inputs
from .maps import MAP_ATTRIBUTE
from .statistics_table import read_statistics
from .summary import Summary, read_summary

MAP, CHART, SUMMARY, STATISTICS, COLOURS, ARTERY, INPUT = ROLES = tuple(
    f"Result.{name}" for name in ("map", "chart", "summary", "statistics", "colours", "artery", "input")
)
"""Reference roles by which a dynamic series knows its results."""
PREVIEW = "Result.preview"
"""Role of the map of one slice that a full computation takes the place of."""
IS_PREVIEW = "QuantDCE.IsPreview"
"""Marks such a map: it is not saved, so that in a scene loaded again its ID may be that of another node."""


def referenced(node: slicer.vtkMRMLNode | None, role: str) -> list[slicer.vtkMRMLNode]:
    """The nodes that a node refers to in a role, in order."""
    count = 0 if node is None else node.GetNumberOfNodeReferences(role)
    nodes = [node.GetNthNodeReference(role, index) for index in range(count)]
    return [each for each in nodes if each is not None]


def adopt_results(parameter_node: slicer.vtkMRMLScriptedModuleNode, series: slicer.vtkMRMLSequenceNode) -> None:
    """Give a series those of its results that a scene of version 0.1 kept with the parameter node."""
    records = [json.loads(node.GetAttribute(PROVENANCE_ATTRIBUTE) or "{}") for node in referenced(parameter_node, MAP)]
    if any(record.get("inputs", {}).get("dynamic_node") != series.GetName() for record in records):
        return
    for role in ROLES:
        for node in referenced(parameter_node, role):
            series.AddNodeReferenceID(role, node.GetID())
        parameter_node.RemoveNodeReferenceIDs(role)


def remove_results(
    scene: slicer.vtkMRMLScene, series: slicer.vtkMRMLSequenceNode, but: Sequence[slicer.vtkMRMLNode] = ()
) -> None:
    """Remove the results of a series, with a folder left empty; `but` those that are in use."""
    charts = [node for chart in charts_of(series) for node in nodes_of_chart(chart)]
    others = [node for role in ROLES if role != CHART for node in referenced(series, role)]
    others = [node for node in others if node not in but]
    for role in ROLES:
        series.RemoveNodeReferenceIDs(role)
    remove_from_folders(scene, [*charts, *others])
    remove_preview(scene, series)


def preview_of(series: slicer.vtkMRMLSequenceNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The map of one slice that was computed before the whole; None for none."""
    return next((node for node in referenced(series, PREVIEW) if node.GetAttribute(IS_PREVIEW)), None)


def remove_preview(scene: slicer.vtkMRMLScene, series: slicer.vtkMRMLSequenceNode) -> None:
    """Take the map of one slice away, if there is one."""
    node = preview_of(series)
    series.RemoveNodeReferenceIDs(PREVIEW)
    if node is not None:
        remove_from_folders(scene, [node])


def maps_of(series: slicer.vtkMRMLSequenceNode | None) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """The map nodes of the last analysis of a series."""
    return referenced(series, MAP)


def map_named(series: slicer.vtkMRMLSequenceNode | None, name: str) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The map of a parameter in the last analysis of a series; None without one."""
    return next((node for node in maps_of(series) if node.GetAttribute(MAP_ATTRIBUTE) == name), None)


def maps_named(series: slicer.vtkMRMLSequenceNode | None, names: Iterable[str]) -> list[slicer.vtkMRMLScalarVolumeNode]:
    """Those of the maps of a series that have one of the names, in the order of the names."""
    found = (map_named(series, name) for name in names)
    return [node for node in found if node is not None]


def charts_of(series: slicer.vtkMRMLSequenceNode | None) -> list[slicer.vtkMRMLPlotChartNode]:
    """The plots of the last analysis of a series."""
    return referenced(series, CHART)


def results_state(series: slicer.vtkMRMLSequenceNode | None) -> list[list[str]]:
    """Which nodes the results of a series are, to tell whether one was deleted."""
    return [[node.GetID() for node in referenced(series, role)] for role in ROLES]


def artery_of(series: slicer.vtkMRMLSequenceNode | None) -> slicer.vtkMRMLSegmentationNode | None:
    """The artery found in the last analysis of a series; None if it did not look for one."""
    return next(iter(referenced(series, ARTERY)), None)


def summary_of(series: slicer.vtkMRMLSequenceNode | None) -> Summary:
    """What the panel shows of the last analysis of a series."""
    return read_summary(next(iter(referenced(series, SUMMARY)), None))


def statistics_of(series: slicer.vtkMRMLSequenceNode | None) -> RegionStatistics:
    """Numbers of every map of the last analysis of a series; empty without one."""
    return read_statistics(next(iter(referenced(series, STATISTICS)), None))


def provenance_of(series: slicer.vtkMRMLSequenceNode | None) -> Provenance | None:
    """What made the results of a series; None without results."""
    node = next(iter(referenced(series, SUMMARY)), None)
    text = None if node is None else node.GetAttribute(PROVENANCE_ATTRIBUTE)
    return from_json(text) if text else None


def is_stale(parameters) -> bool:
    """Whether the results of the chosen series were made from other inputs than those chosen now."""
    made_from = summary_of(parameters.dynamic).key
    if not made_from:
        return False
    cut = cut_of(parameters.dynamic)
    return not same_inputs(made_from, parameters) or (cut is not None and cut != parameters.vascularKtrans)


def cut_of(series: slicer.vtkMRMLSequenceNode | None) -> float | None:
    """Ktrans (1/min) from which a voxel was vascular in the results of a series; None without that fraction."""
    provenance = provenance_of(series)
    settings = {} if provenance is None else provenance.settings
    is_kinetic = settings.get("model", SEMI_QUANTITATIVE) != SEMI_QUANTITATIVE
    return settings.get(CUT) if is_kinetic else None
