"""The results of a study as a Slicer scene; needs the package slicer-core."""

from __future__ import annotations

from pathlib import Path

from HER2ImmunoCommonLib.progress import Report, tell

from .contents import study_provenance
from .results import StudyResult, VisitResult


def write_scene(result: StudyResult, path: Path, *, report: Report | None = None) -> Path:
    """Write an `.mrb` with anatomy, maps and the tumour's segment of each visit, the measurement table and charts."""
    from HER2ImmunoCommonLib.scene import StandaloneScene, save_mrb

    standalone = StandaloneScene()
    scene = standalone.activate()
    try:
        for number, visit in enumerate(result.visits):
            tell(report, number / (len(result.visits) + 1), f"Building the scene: {visit.visit.visit}")
            _add_visit(scene, visit)
        tell(report, len(result.visits) / (len(result.visits) + 1), "Saving the scene")
        _add_plan(scene, result)
        return save_mrb(scene, path)
    finally:
        standalone.close()


def _add_visit(scene, visit: VisitResult) -> None:
    from HER2ImmunoCommonLib.scene import add_segment, node_from_volume, put_in_folder, set_origin

    name, made = visit.visit.visit, []
    if visit.dce:
        made += _dce_nodes(scene, visit)
    if visit.pet:
        made += _pet_nodes(scene, visit)
    if visit.dce:
        anatomy, mask = visit.dce.anatomy, visit.dce.tumour
    elif visit.pet:
        anatomy, mask = visit.pet.result.suv, visit.pet.tumour
    else:
        return
    image = node_from_volume(scene, anatomy, f"{name} anatomy")
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{name} segmentation")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(image)
    tumour = add_segment(segmentation, mask, "Tumour", image)
    for node in made:
        set_origin(node, image, segmentation, tumour)
    put_in_folder(scene, [image, segmentation, *made], name)


def _dce_nodes(scene, visit: VisitResult) -> list:
    from HER2ImmunoCommonLib.scene import set_provenance
    from QuantDCELib.scene import UNIT_ATTRIBUTE, bin_colours, colour_labels, map_nodes, map_title, status_colours

    provenance = visit.dce.result.provenance
    made = map_nodes(scene, visit.dce.result, _keep)
    if "status" in made:
        colour_labels(made["status"], status_colours(scene, _keep), _keep)
    if "FTV" in made:
        colour_labels(made["FTV"], bin_colours(scene, provenance.settings["ftv_ser_bins"], _keep), _keep)
    for name, node in made.items():
        node.SetName(f"{visit.visit.visit} {map_title(name, node.GetAttribute(UNIT_ATTRIBUTE))}")
        set_provenance(node, provenance, shareable=True)
    return list(made.values())


def _pet_nodes(scene, visit: VisitResult) -> list:
    from HER2ImmunoCommonLib.scene import map_colours, node_from_volume, set_colours, set_provenance, set_quantity
    from PETHypoxiaLib.scene import RATIO_WINDOW, SUV_COLOURS, SUV_WINDOW, set_suv

    found, name = visit.pet.result, visit.visit.visit
    made = [node_from_volume(scene, found.suv, f"{name} {found.suv_result.map_name}")]
    set_colours(made[0], SUV_COLOURS, *SUV_WINDOW)
    set_suv(made[0], found.suv_result)
    if found.ratio is not None:
        ratio = node_from_volume(scene, found.ratio, f"{name} {found.metrics.ratio}")
        set_colours(ratio, map_colours(scene).GetID(), *RATIO_WINDOW)
        set_quantity(ratio, found.metrics.ratio, "1")
        made += [ratio, node_from_volume(scene, found.suv.like(found.hypoxic), f"{name} hypoxic", labels=True)]
    for node in made:
        set_provenance(node, found.provenance, shareable=True)
    return made


def _keep(node):
    """Nodes need no roll-back: a scene that fails is thrown away whole."""
    return node


def _add_plan(scene, result: StudyResult) -> None:
    from HER2ImmunoCommonLib.scene import node_from_chart, put_in_folder, set_provenance, write_table
    from HER2ImmunoModelLib.findings import gap_chart, ranking_chart, state_chart

    table = scene.AddNewNodeByClass("vtkMRMLTableNode", "Measurements")
    write_table(result.measurements, table)
    set_provenance(table, study_provenance(result), shareable=True)
    plan = result.plan
    states = [state.name for state in plan.calibration.model.states]
    charts = [state_chart(plan.calibration, plan.bands, state) for state in states]
    charts.append(ranking_chart(plan.ranking))
    if plan.gap is not None:
        charts.append(gap_chart(plan.gap))
    plots = [node_from_chart(scene, chart) for chart in charts]
    put_in_folder(scene, [table, *plots], "Tumour model")
