"""The results of a study as a Slicer scene; needs the package slicer-core."""

from __future__ import annotations

from pathlib import Path

from HER2ImmunoCommonLib.progress import Report, tell

from .pipeline import StudyResult, VisitResult


def write_scene(result: StudyResult, path: Path, *, report: Report | None = None) -> Path:
    """Write an `.mrb` with anatomy, maps and the tumour's segment of each visit, the measurement table and charts."""
    from HER2ImmunoCommonLib.scene.standalone import StandaloneScene, save_mrb

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
    from HER2ImmunoCommonLib.scene import nodes
    from HER2ImmunoCommonLib.scene.segments import add_segment

    from .outputs import visit_maps

    name, made = visit.visit.visit, []
    for title, (volume, provenance) in visit_maps(visit).items():
        labels = title in ("status", "hypoxic")
        node = nodes.node_from_volume(scene, volume, f"{name} {title}", labels=labels)
        nodes.set_provenance(node, provenance)
        made.append(node)
    if visit.dce:
        anatomy, mask = visit.dce.anatomy, visit.dce.tumour
    elif visit.pet:
        anatomy, mask = visit.pet.result.suv, visit.pet.tumour
    else:
        return
    image = nodes.node_from_volume(scene, anatomy, f"{name} anatomy")
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{name} segmentation")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(image)
    add_segment(segmentation, mask, "Tumour", image)
    nodes.put_in_folder(scene, [image, segmentation, *made], name)


def _add_plan(scene, result: StudyResult) -> None:
    from HER2ImmunoCommonLib.scene import nodes
    from HER2ImmunoCommonLib.scene.plots import node_from_chart
    from HER2ImmunoCommonLib.scene.tables import write_table

    from ..figures import gap_chart, state_chart
    from .outputs import study_provenance

    table = scene.AddNewNodeByClass("vtkMRMLTableNode", "Measurements")
    write_table(result.measurements, table)
    nodes.set_provenance(table, study_provenance(result))
    plan = result.plan
    states = [state.name for state in plan.calibration.model.states]
    charts = [state_chart(plan.calibration, plan.bands, state) for state in states]
    if plan.gap is not None:
        charts.append(gap_chart(plan.gap))
    plots = [node_from_chart(scene, chart) for chart in charts]
    nodes.put_in_folder(scene, [table, *plots], "Tumour model")
