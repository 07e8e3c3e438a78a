"""The numbers of an analysis in words, as the panel shows them, kept in a table node of the scene."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import slicer
from HER2ImmunoCommonLib.scene import read_cells, write_cells

from ..analysis.result import VASCULAR_FRACTION, DceResult
from ..analysis.sanity import failure_sentence
from ..analysis.settings import BEST_MODEL, SEMI_QUANTITATIVE, DceSettings
from ..enhancement.ftv import bin_names
from ..kinetics.models import MODELS
from ..kinetics.reference_region import FORMULAS as REFERENCE_FORMULAS
from ..motion import correction_words

WARNINGS_ATTRIBUTE, DOUBTS_ATTRIBUTE = "QuantDCE.Warnings", "QuantDCE.Doubts"
VALUES_ATTRIBUTE = "QuantDCE.Measurements"
LABEL_ATTRIBUTES = ("QuantDCE.Visit", "QuantDCE.Series", "QuantDCE.Inputs")
HEADER = ("Measure", "Value", "Note")
OF_FITTED = "Of the voxels that were fitted"
MEASURES = (
    ("volume_cm3", "Tumour volume", "cm³"),
    ("ktrans_median_per_min", "Ktrans, median", "/min"),
    ("ve_median", "ve, median", ""),
    ("vp_median", "vp, median", ""),
    ("kep_median_per_min", "kep, median", "/min"),
    ("iaugc60_median_mM_s", "IAUGC60, median", "mM s"),
    ("pe_median_percent", "Enhancement, median", "%"),
    ("ser_median", "SER, median", ""),
    ("ftv_cm3", "Functional tumour volume", "cm³"),
)
OTHER_MODELS = {
    "reference_region": "Reference region",
    "extended_reference_region": "Extended reference region",
    BEST_MODEL: "Best of several (AICc)",
    SEMI_QUANTITATIVE: "None (semi-quantitative)",
}


@dataclass(frozen=True)
class Summary:
    """What is kept of one analysis to be shown and to be added to a visit.

    Attributes
    ----------
    rows : tuple of (measure, value with unit, note)
    warnings : tuple of str
    visit, series, key : str
        What it is of, and its `inputs_key`.
    doubts : tuple of str
        Those of the warnings after which the numbers may be no measurement.
    measurements : dict of str to float
        Columns of the measurement table.
    """

    rows: tuple[tuple[str, str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    visit: str = ""
    series: str = ""
    key: str = ""
    doubts: tuple[str, ...] = ()
    measurements: dict[str, float] = field(default_factory=dict)


def model_label(name: str) -> str:
    """A model in words; the name itself of one without."""
    return MODELS[name].label if name in MODELS else OTHER_MODELS.get(name, name)


def model_formula(name: str) -> str:
    """The formula of a model; empty where there is none."""
    return MODELS[name].formula if name in MODELS else REFERENCE_FORMULAS.get(name, "")


def summarise(result: DceResult, settings: DceSettings, warnings: tuple[str, ...]) -> Summary:
    """What to show of a result."""
    values = result.measurements
    rows = [
        (label, f"{values[name]:.4g} {unit}".strip(), f"Column {name} of the measurement table")
        for name, label, unit in MEASURES
        if name in values
    ]
    rows += _enhancement_rows(result, settings)
    if "vascular_fraction" in values:
        rows.append(vascular_row(values["vascular_fraction"], settings.vascular_ktrans_per_min))
    if "necrotic_fraction" in values:
        limit = f"IAUGC60 ≤ {result.necrotic_floor_mM_s:.3g} mM s"
        rows.append(("Necrotic fraction", f"{values['necrotic_fraction']:.3f} ({limit})", OF_FITTED))
    return Summary(
        (*rows, *_path_rows(result, settings)), warnings, doubts=result.doubts, measurements=dict(result.measurements)
    )


def vascular_row(fraction: float, cut_per_min: float) -> tuple[str, str, str]:
    """The row that tells the vascular fraction and its cut."""
    return VASCULAR_FRACTION, f"{fraction:.3f} (Ktrans ≥ {cut_per_min:g} /min)", OF_FITTED


def _enhancement_rows(result: DceResult, settings: DceSettings) -> list[tuple[str, str, str]]:
    """Volume of each bin of the signal enhancement ratio, and the frames it compares."""
    found = result.enhancement
    if found is None or found.ftv is None:
        return []
    names = bin_names(settings.ftv_ser_bins)
    note = "Part of the functional tumour volume"
    rows = [
        (f"… with {name}", f"{volume:.4g} cm³", note)
        for name, volume in zip(names, found.ftv.bin_volumes_cm3, strict=True)
        if volume
    ]
    frames = f"{found.early + 1} and {found.late + 1}"
    return [*rows, ("Frames of SER", frames, "Early and late frame, counted from 1")]


def _path_rows(result: DceResult, settings: DceSettings) -> list[tuple[str, str, str]]:
    """How the result was come by."""
    count = result.counts
    done = "fitted" if settings.is_kinetic else "measured"
    voxels = f"{count['n_valid']} {done}, {count['n_failed']} failed"
    if settings.is_kinetic:
        voxels += f", {count['n_at_bound']} at a bound"
    first, last = int(result.baseline.min()) + 1, int(result.baseline.max()) + 1
    why = failure_sentence(result.failures, count["n"]) or "Every voxel has a value"
    frames = result.provenance.settings.get("motion") or correction_words(None)
    rows = [
        ("Series used", frames[0].upper() + frames[1:], "Frames that maps and numbers are of"),
        (f"Voxels of the {result.measured_in}", voxels, why),
        ("Baseline frames", f"{first} to {last}", "Before the contrast agent arrives, counted from 1"),
        ("Arrival", f"{result.arrival_s:.1f} s", "After the first frame"),
        ("Model", model_label(settings.model), model_formula(settings.model)),
    ]
    rows += _choice_rows(result)
    if result.aif is not None:
        rows.append(("Arterial input", result.aif.source, "The plot Arterial input shows it"))
    return rows


def _choice_rows(result: DceResult) -> list[tuple[str, str, str]]:
    """How often each model is the best, and what the mean curve says."""
    total = sum(result.model_counts.values())
    rows = [
        (f"… {model_label(name)}", f"{count} voxels ({count / total:.0%})", "Voxels whose AICc is lowest with it")
        for name, count in result.model_counts.items()
        if count
    ]
    if rows and result.roi is not None:
        best = result.roi.model
        weight = f"{model_label(best)} (Akaike weight {result.roi.weights[best]:.2f})"
        rows.append(("Model of the mean curve", weight, "Of the models compared"))
    return rows


def write_summary(summary: Summary, node: slicer.vtkMRMLTableNode) -> None:
    """Put a summary into a table node."""
    write_cells(HEADER, summary.rows, node)
    kept = {WARNINGS_ATTRIBUTE: summary.warnings, DOUBTS_ATTRIBUTE: summary.doubts}
    for name, value in {**kept, VALUES_ATTRIBUTE: summary.measurements}.items():
        node.SetAttribute(name, json.dumps(value, ensure_ascii=False))


def read_summary(node: slicer.vtkMRMLTableNode | None) -> Summary:
    """The summary kept in a table node; an empty one without a node."""
    if node is None:
        return Summary()
    _header, lines = read_cells(node)
    warnings, doubts = (json.loads(node.GetAttribute(name) or "[]") for name in (WARNINGS_ATTRIBUTE, DOUBTS_ATTRIBUTE))
    values = json.loads(node.GetAttribute(VALUES_ATTRIBUTE) or "{}")
    label = [node.GetAttribute(name) or "" for name in LABEL_ATTRIBUTES]
    return Summary(tuple(tuple(line) for line in lines), tuple(warnings), *label, tuple(doubts), values)


def label_summary(node: slicer.vtkMRMLTableNode, visit: str, series: str, key: str) -> None:
    """Keep with a summary which visit and series it is of, and what it was made from."""
    for name, text in zip(LABEL_ATTRIBUTES, (visit, series, key), strict=True):
        node.SetAttribute(name, text)
