"""The results of an analysis as nodes: all of them or none, in place of those of an earlier run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import slicer
from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.scene import (
    add_segment,
    all_or_nothing,
    map_colours,
    node_from_chart,
    node_from_volume,
    nodes_of_chart,
    put_in_folder,
    remove_from_folders,
    set_colours,
    set_origin,
    set_provenance,
    set_quantity,
    show_successors,
    take_place,
    write_cells,
)

from ..analysis import wording
from ..analysis.examination import Request
from ..analysis.pipeline import PetResult
from ..analysis.sweep_chart import sweep_chart
from ..suv.verdict import SUVResult
from .following import RESULTS, ROLE, SEGMENT_ID, SEGMENTATION
from .gathering import HYPOXIC_TAG
from .sources import GREY as SUV_COLOURS
from .views import HYPOXIC
from .views import RATIO_SHOWN as RATIO_WINDOW

SUV_WINDOW = (0.0, 3.0)
UNIT = "PETHypoxia.Unit"
NOTES, INPUTS, VISIT, VALUES = (f"PETHypoxia.{name}" for name in ("Notes", "Inputs", "Visit", "Values"))
"""What the table of measures keeps: notes, `inputs_key`, the name of the visit, the values for its row."""
MEASURES = ("measure", "value", "unit")


def publish(scene: slicer.vtkMRMLScene, parameters, request: Request, result: PetResult, key: str = "") -> str:
    """Put the results into the scene and reference them in the parameter node.

    The row of the visit is written when a person asks for it (`keeping.add_to_visit`).

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : the module's parameter node wrapper
    request : Request
    result : PetResult
    key : str
        `inputs_key` of what the request was gathered from.

    Returns
    -------
    str
        What was found, in a sentence.
    """
    volume = parameters.petVolume
    provenance = _provenance(parameters, request, result)
    with all_or_nothing(scene) as keep:
        titles = _titles(request, result)
        made = {
            "suvVolume": keep(_suv_node(scene, titles["suvVolume"], result)),
            "ratioVolume": keep(_ratio_node(scene, titles["ratioVolume"], result, keep)),
        }
        measures = [*wording.measures(result, request.tumour_volume_cm3), *wording.overlaps(result.overlaps)]
        made["measuresTable"] = keep(_table(scene, titles["measuresTable"], MEASURES, measures))
        _remember(made["measuresTable"], request, result, key)
        made["sweepTable"] = keep(_sweep_node(scene, titles["sweepTable"], result))
        made["sweepChart"] = node_from_chart(scene, _chart(titles["sweepChart"], result))
        for node in nodes_of_chart(made["sweepChart"]):
            keep(node)
        for node in made.values():
            set_provenance(node, provenance)
        put_in_folder(scene, made.values(), folder_name(request.name), beside=volume)
        segment_id = _add_hypoxic_segment(parameters.segmentation, result, made["suvVolume"])
    set_origin(made["ratioVolume"], volume, parameters.segmentation, parameters.segmentId)
    for name in ("suvVolume", "ratioVolume"):
        take_place(volume.GetNodeReference(ROLE + name), made[name])
    show_successors([volume.GetNodeReference(f"{ROLE}sweepChart")], [made["sweepChart"]])
    remove_results(volume)
    for name, node in made.items():
        node.SetName(titles[name])  # free only now
    _reference(parameters, made, segment_id)
    return _sentence(result)


def folder_name(pet_name: str) -> str:
    """Subject-hierarchy folder of the results of a PET volume."""
    return f"PET Hypoxia: {pet_name}"


def remove_results(volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Take the results of an earlier run on this PET volume away; its measurements stay."""
    earlier = [volume.GetNodeReference(ROLE + name) for name in RESULTS]
    charts = [nodes_of_chart(node) for node in earlier if node is not None and node.IsA("vtkMRMLPlotChartNode")]
    others = [node for node in earlier if node is not None and not node.IsA("vtkMRMLPlotChartNode")]
    remove_from_folders(volume.GetScene(), [*others, *(node for chart in charts for node in chart)])
    segmentation = volume.GetNodeReference(ROLE + SEGMENTATION)
    if segmentation is not None:
        segmentation.GetSegmentation().RemoveSegment(volume.GetAttribute(ROLE + SEGMENT_ID))


def _reference(parameters, made: dict[str, slicer.vtkMRMLNode], segment_id: str) -> None:
    """Remember the results in the parameter node, and in the PET volume for the next run on it."""
    volume, segmentation = parameters.petVolume, parameters.segmentation if segment_id else None
    with slicer.util.NodeModify(parameters):
        for name, node in {**made, SEGMENTATION: segmentation}.items():
            setattr(parameters, name, node)
            volume.SetNodeReferenceID(ROLE + name, None if node is None else node.GetID())
        parameters.hypoxicSegmentId = segment_id
        volume.SetAttribute(ROLE + SEGMENT_ID, segment_id)


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
        "chosen": result.metrics.hypoxic,
        "overlaps": result.overlaps,
    }
    return replace(result.provenance, inputs=inputs)


def _remember(node: slicer.vtkMRMLTableNode, request: Request, result: PetResult, key: str) -> None:
    """What is said of the measures, and what goes into the row of the visit."""
    for name, text in (
        (NOTES, "\n".join(result.metrics.notes)),
        (INPUTS, key),
        (VISIT, request.visit),
        (VALUES, json.dumps({name: float(value) for name, value in request.measurement(result).values.items()})),
    ):
        node.SetAttribute(name, text)


def _titles(request: Request, result: PetResult) -> dict[str, str]:
    """Names of the result nodes."""
    suv, ratio = result.suv_result, result.metrics.ratio
    mark = f", {suv.label}" if suv.label else ""
    return {
        "suvVolume": f"{request.name} {suv.map_name}{mark}",
        "ratioVolume": f"{request.name} {ratio}{mark}",
        "measuresTable": f"{request.name} measures{mark}",
        "sweepTable": f"{request.name} threshold sweep",
        "sweepChart": f"{request.name} hypoxic fraction by threshold",
    }


def _suv_node(scene, title: str, result: PetResult):
    suv = result.suv_result
    node = node_from_volume(scene, result.suv, title)
    node.SetAttribute(UNIT, suv.unit)
    set_suv(node, suv)
    set_colours(node, SUV_COLOURS, *SUV_WINDOW)
    return node


def set_suv(node: slicer.vtkMRMLScalarVolumeNode, suv: SUVResult) -> None:
    """Say that a volume is SUV, by which normalisation, and in which unit."""
    set_quantity(node, suv.map_name, suv.unit.rpartition("}")[2], ucum=suv.unit)


def _ratio_node(scene, title: str, result: PetResult, keep: Callable):
    node = node_from_volume(scene, result.ratio, title)
    node.SetAttribute(UNIT, "1")
    set_quantity(node, result.metrics.ratio, "1")
    set_colours(node, map_colours(scene, keep).GetID(), *RATIO_WINDOW)
    return node


def _sweep_node(scene, title: str, result: PetResult):
    header = (f"{result.metrics.ratio} threshold", "hypoxic_fraction", "hypoxic_volume_cm3", "hypoxic_burden_cm3")
    return _table(scene, title, header, wording.sweep(result.metrics.sweep))


def _table(scene, name: str, header, rows):
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(name))
    write_cells(header, rows, node)
    node.SetLocked(True)
    return node


def _chart(title: str, result: PetResult) -> Chart:
    metrics = result.metrics
    steps = [(step.threshold, step.fraction) for step in metrics.sweep]
    return sweep_chart(title, metrics.ratio, steps, (metrics.hypoxic.threshold, metrics.hypoxic.fraction))


def _add_hypoxic_segment(segmentation, result: PetResult, grid) -> str:
    """The hypoxic part of the tumour as a segment of its own; gives its ID, or nothing where nothing is hypoxic."""
    if not result.hypoxic.any():
        return ""
    segment_id = add_segment(segmentation, result.hypoxic, f"Hypoxic ({wording.at(result)})", grid)
    segment = segmentation.GetSegmentation().GetSegment(segment_id)
    segment.SetColor(*HYPOXIC)
    segment.SetTag(HYPOXIC_TAG, "hypoxic")
    return segment_id


def _sentence(result: PetResult) -> str:
    metrics = result.metrics
    found = f"Hypoxic fraction {100 * metrics.hypoxic.fraction:.1f} % ({wording.at(result)}).".replace(">=", "≥")
    return found if metrics.hypoxic.fraction else f"{found} No hypoxic segment was made."
