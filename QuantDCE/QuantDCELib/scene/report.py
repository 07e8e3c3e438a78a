"""The report of the results of a series, written from what the scene keeps of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import check_own, named_file, write_text
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.scene import chart_from_node, segment_mask, volume_from_node

from ..analysis.report_page import ExaminationReport, ReportPicture, report_page
from ..dicom.time_axis import TimeAxis
from ..tumour import longest_diameter, longest_in_plane
from .frames import describe
from .gathering import named_visit
from .keeping import reason_not_to_keep
from .maps import MAP_ATTRIBUTE, UNIT_ATTRIBUTE, parameter, title
from .results import charts_of, maps_of, provenance_of, statistics_of, summary_of
from .summary import model_label
from .view_pictures import Picture, is_earlier, pictures_of

ENDING = ".html"
MADE_HERE = "HER2ImmunoImaging"
"""Stands in every report: a file without it is somebody's own."""
EARLIER = "Taken of earlier results, not of those in this report."


def write_report(path: str | Path, parameters) -> Path:
    """Write the report of the results of the chosen series as one HTML file.

    Parameters
    ----------
    path : path
    parameters : QuantDCEParameterNode

    Raises
    ------
    InputError
        If there are no results, their inputs have changed, or the file cannot be written or is somebody's own.
    """
    if reason := reason_not_to_keep(parameters):
        raise InputError(reason)
    path = named_file(path, ENDING)
    check_own(path, MADE_HERE)
    return write_text(report_page(report_of(parameters)), path)


def report_of(parameters) -> ExaminationReport:
    """What there is to report of the results of the chosen series.

    Raises
    ------
    InputError
        If the visit has no name.
    """
    series, visit = parameters.dynamic, named_visit(parameters)
    summary, record, maps = summary_of(series), provenance_of(series), maps_of(series)
    charts = [chart_from_node(node) for node in charts_of(series)]
    units = {node.GetAttribute(MAP_ATTRIBUTE): node.GetAttribute(UNIT_ATTRIBUTE) for node in maps}
    statistics = statistics_of(series)
    names = {each.name: each.unit for each in statistics.maps} | units
    return ExaminationReport(
        visit=visit.visit,
        day=visit.day,
        provenance=record,
        rows=summary.rows,
        doubts=summary.doubts,
        warnings=summary.warnings,
        images=_images(record, maps),
        tumour=_tumour(parameters, summary.measurements, maps),
        method=method(record),
        statistics=statistics,
        titles={name: title(name, unit) if unit else parameter(name) for name, unit in names.items()},
        charts=tuple(chart for chart in charts if chart is not None),
        pictures=tuple(_picture(each, series) for each in pictures_of(series)),
        versions=_application(),
    )


def method(record: Provenance) -> str:
    """Model, input and T1 of results in one sentence."""
    settings, inputs = record.settings, record.inputs
    model = f"Model: {model_label(settings['model'])}"
    if settings["model"] == "none":
        return f"{model}; no tracer kinetic model was fitted."
    given = inputs.get("aif") or inputs.get("reference_segment") or "none"
    t1 = _t1(record)
    relaxivity = f"relaxivity {settings['r1_per_mM_s']:g} /mM/s" if settings.get("r1_per_mM_s") else ""
    return f"{'; '.join(filter(None, (model, f'arterial input: {given}', f'T1: {t1}', relaxivity)))}."


def _t1(record: Provenance) -> str:
    if name := record.inputs.get("t1_map_node"):
        return f"map {name}"
    if record.inputs.get("vfa_node"):
        return f"flip angle series {record.inputs['vfa_node']}"
    t10_s = record.settings.get("t10_s")
    return f"{t10_s:g} s everywhere" if t10_s else "not given"


def _images(record: Provenance, maps: list[slicer.vtkMRMLScalarVolumeNode]) -> tuple[str, ...]:
    settings = record.settings
    axis = TimeAxis(np.asarray(settings["time_s"], float), settings["time_rule"])
    said = [
        f"TR {1000.0 * settings['tr_s']:g} ms" if settings.get("tr_s") else "TR unknown",
        f"flip angle {settings['flip_deg']:g}°" if settings.get("flip_deg") else "flip angle unknown",
        f"field strength {settings['field_t']:g} T" if settings.get("field_t") else "field strength unknown",
    ]
    if maps:
        size = " x ".join(map(str, maps[0].GetImageData().GetDimensions()))
        spacing = " x ".join(f"{length:.3g}" for length in maps[0].GetSpacing())
        said.insert(0, f"{size} voxels of {spacing} mm")
    sentence = ", ".join(said)
    return describe(axis), f"{sentence[0].upper()}{sentence[1:]}."


def _tumour(parameters, values: dict[str, float], maps: list[slicer.vtkMRMLScalarVolumeNode]) -> tuple[str, ...]:
    said = []
    if "volume_cm3" in values:
        said.append(f"Volume {values['volume_cm3']:.3g} cm³")
    said += _diameters(parameters, maps)
    if "ftv_cm3" in values:
        said.append(f"functional tumour volume {values['ftv_cm3']:.3g} cm³")
    sentence = ", ".join(said)
    return (f"{sentence[0].upper()}{sentence[1:]}.",) if said else ()


def _diameters(parameters, maps: list[slicer.vtkMRMLScalarVolumeNode]) -> list[str]:
    """Of the tumour's segment, which is that of the results while they are not stale."""
    if not maps or parameters.segmentation is None or not parameters.segmentId:
        return []
    mask = segment_mask(parameters.segmentation, parameters.segmentId, parameters.dynamic)
    place = volume_from_node(maps[0]).ijk_to_ras
    in_space, in_plane = longest_diameter(mask, place).mm, longest_in_plane(mask, place).mm
    return [f"longest diameter {in_space:.3g} mm ({in_plane:.3g} mm within a slice)"]


def _picture(picture: Picture, series: slicer.vtkMRMLSequenceNode) -> ReportPicture:
    earlier = f" {EARLIER}" if is_earlier(picture, series) else ""
    return ReportPicture(picture.uri, f"{picture.caption.text}.{earlier}")


def _application() -> dict[str, str]:
    version = getattr(getattr(slicer, "app", None), "applicationVersion", "")
    return {"3D Slicer": version} if version else {}
