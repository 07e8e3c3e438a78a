"""The results of an analysis as nodes: all of them or none, in place of those of an earlier run."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import slicer
from HER2ImmunoCommonLib.chart_spec import GREY, ORANGE, RED, Chart, Line, Points
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, merge
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.scene import nodes
from HER2ImmunoCommonLib.scene.cells import write_cells
from HER2ImmunoCommonLib.scene.plots import node_from_chart, nodes_of_chart, remove_chart
from HER2ImmunoCommonLib.scene.segments import add_segment
from HER2ImmunoCommonLib.scene.tables import measurement_table, read_table, write_table

from .. import wording
from ..analysis import PetResult
from ..examination import Request
from .sources import GREY as SUV_COLOURS

RATIO_COLOURS = "vtkMRMLPETProceduralColorNodePET-Heat"
SUV_WINDOW = (0.0, 3.0)
RATIO_WINDOW = (0.8, 2.5)
SERIES_OF_VISITS = "PETHypoxia.SeriesOfVisits"
UNIT = "PETHypoxia.Unit"
RESULTS = ("suvVolume", "ratioVolume", "measuresTable", "sweepTable")
"""Fields of the parameter node that reference a result; the chart and the segment are apart."""


def publish(scene: slicer.vtkMRMLScene, parameters, request: Request, result: PetResult) -> str:
    """Put the results into the scene and reference them in the parameter node.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : the module's parameter node wrapper
    request : Request
    result : PetResult

    Returns
    -------
    str
        What was found, in a sentence.

    Raises
    ------
    InputError
        If the measurement table cannot take the visit; the scene is as before.
    """
    provenance = _provenance(parameters, request, result)
    table, is_new = _measurement_table(scene, parameters.measurementTable)
    with nodes.all_or_nothing(scene) as keep:
        if is_new:
            keep(table)
        rows, notes = _merged(table, request.measurement(result), result)
        made = {
            "suvVolume": keep(_suv_node(scene, request, result)),
            "ratioVolume": keep(_ratio_node(scene, request, result)),
            "measuresTable": keep(_measures_node(scene, request, result)),
            "sweepTable": keep(_sweep_node(scene, request, result)),
        }
        chart = node_from_chart(scene, _chart(request, result))
        for node in nodes_of_chart(chart):
            keep(node)
        provenance = replace(provenance, warnings=(*provenance.warnings, *notes))
        for node in (*made.values(), chart):
            nodes.set_provenance(node, provenance)
        nodes.put_in_folder(scene, [*made.values(), chart, *([table] if is_new else [])], folder_name(request.name))
        _replace_segment(parameters, result, made["suvVolume"])
    write_table(rows, table)
    _remember_series(table, request.visit, result)
    remove_results(scene, parameters)
    with slicer.util.NodeModify(parameters):
        for name, node in made.items():
            setattr(parameters, name, node)
        parameters.sweepChart, parameters.measurementTable = chart, table
    return _sentence(result)


def folder_name(pet_name: str) -> str:
    """Subject-hierarchy folder of the results of a PET volume."""
    return f"PET Hypoxia: {pet_name}"


def remove_results(scene: slicer.vtkMRMLScene, parameters) -> None:
    """Take the nodes of an earlier run away; measurements and segment stay."""
    for name in RESULTS:
        earlier = getattr(parameters, name)
        if earlier is not None:
            scene.RemoveNode(earlier)
    if parameters.sweepChart is not None:
        remove_chart(parameters.sweepChart)


def _provenance(parameters, request: Request, result: PetResult) -> Provenance:
    def named(segmentation, segment_id):
        segment = segmentation.GetSegmentation().GetSegment(segment_id)
        return {"segmentation": segmentation.GetName(), "segment": segment.GetName(), "segment_id": segment_id}

    inputs = {
        **result.provenance.inputs,
        "volume": request.name,
        "tumour": named(parameters.segmentation, parameters.segmentId),
        "reference": named(parameters.referenceSegmentation, parameters.referenceSegmentId),
        "visit": request.visit,
        "day": request.day,
    }
    return replace(result.provenance, inputs=inputs)


def _measurement_table(scene, chosen) -> tuple[slicer.vtkMRMLTableNode, bool]:
    count = scene.GetNumberOfNodesByClass("vtkMRMLTableNode")
    table = measurement_table(scene, chosen)
    return table, scene.GetNumberOfNodesByClass("vtkMRMLTableNode") > count


def _merged(table, row: Measurement, result: PetResult) -> tuple[list[Measurement], tuple[str, ...]]:
    """The rows of the table with the new one, and what to warn of."""
    rows = read_table(table)
    known = next((each for each in rows if each.visit == row.visit), None)
    series = _series_of_visits(table).get(row.visit, result.provenance.inputs["series_uid"])
    if known is not None and "suv_mean" in known.values and series != result.provenance.inputs["series_uid"]:
        raise InputError(
            f"Visit {row.visit!r} of {table.GetName()} holds another PET examination; give this one a visit name and "
            "day of its own, or delete that row."
        )
    notes = ()
    before = known.values.get("volume_cm3") if known is not None else None
    if before is not None and not np.isclose(before, row.values["volume_cm3"], rtol=0.01):
        notes = (
            f"volume_cm3 of visit {row.visit!r} was {before:.3g} cm3 and is now "
            f"{row.values['volume_cm3']:.3g} cm3, the volume of the segment chosen here.",
        )
    return merge(rows, row), notes


def _series_of_visits(table) -> dict[str, str]:
    return json.loads(table.GetAttribute(SERIES_OF_VISITS) or "{}")


def _remember_series(table, visit: str, result: PetResult) -> None:
    known = _series_of_visits(table) | {visit: result.provenance.inputs["series_uid"]}
    table.SetAttribute(SERIES_OF_VISITS, json.dumps(known))


def _suv_node(scene, request: Request, result: PetResult):
    suv = result.suv_result
    label = f", {suv.label}" if suv.label else ""
    node = nodes.node_from_volume(scene, result.suv, f"{request.name} {suv.map_name}{label}")
    node.SetAttribute(UNIT, suv.unit)
    units = slicer.vtkCodedEntry()
    units.SetValueSchemeMeaning(suv.unit, "UCUM", f"Standardized uptake value, {suv.norm}")
    node.SetVoxelValueUnits(units)
    nodes.set_colours(node, SUV_COLOURS, *SUV_WINDOW)
    return node


def _ratio_node(scene, request: Request, result: PetResult):
    node = nodes.node_from_volume(scene, result.ratio, f"{request.name} {result.metrics.ratio}")
    node.SetAttribute(UNIT, "1")
    nodes.set_colours(node, RATIO_COLOURS, *RATIO_WINDOW)
    return node


def _measures_node(scene, request: Request, result: PetResult):
    rows = wording.measures(result, request.tumour_volume_cm3)
    return _table(scene, f"{request.name} measures", ("measure", "value", "unit"), rows)


def _sweep_node(scene, request: Request, result: PetResult):
    header = (f"{result.metrics.ratio} threshold", "hypoxic_fraction", "hypoxic_volume_cm3", "hypoxic_burden_cm3")
    return _table(scene, f"{request.name} threshold sweep", header, wording.sweep(result.metrics.sweep))


def _table(scene, name: str, header, rows):
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(name))
    write_cells(header, rows, node)
    node.SetLocked(True)
    return node


def _chart(request: Request, result: PetResult) -> Chart:
    metrics = result.metrics
    steps = sorted(metrics.sweep, key=lambda step: step.threshold)
    x, y = np.array([[step.threshold, step.fraction] for step in steps]).T
    chosen = np.array([metrics.hypoxic.threshold]), np.array([metrics.hypoxic.fraction])
    return Chart(
        title=f"{request.name}: hypoxic fraction by threshold",
        x_label=f"{metrics.ratio} threshold",
        y_label="Hypoxic fraction of the tumour",
        items=(
            Line(x, y, "sweep", colour=GREY),
            Points(x, y, "thresholds", colour=ORANGE),
            Points(*chosen, "chosen", colour=RED),
        ),
        y_range=(0.0, 1.0),
    )


def _replace_segment(parameters, result: PetResult, grid) -> None:
    """The hypoxic part of the tumour as a segment of its own, in place of that of an earlier run."""
    earlier = parameters.hypoxicSegmentation, parameters.hypoxicSegmentId
    segmentation, segment_id = parameters.segmentation, ""
    if result.hypoxic.any():
        segment_id = add_segment(segmentation, result.hypoxic, f"Hypoxic ({wording.at(result)})", grid)
        segmentation.GetSegmentation().GetSegment(segment_id).SetColor(*(channel / 255 for channel in RED))
    with slicer.util.NodeModify(parameters):
        parameters.hypoxicSegmentation = segmentation if segment_id else None
        parameters.hypoxicSegmentId = segment_id
    if earlier[0] is not None and earlier[1]:
        earlier[0].GetSegmentation().RemoveSegment(earlier[1])


def _sentence(result: PetResult) -> str:
    metrics = result.metrics
    found = f"Hypoxic fraction {100 * metrics.hypoxic.fraction:.1f} % ({wording.at(result)})."
    return found if metrics.hypoxic.fraction else f"{found} No hypoxic segment was made."
