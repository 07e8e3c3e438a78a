"""The numbers of an analysis in words, as the panel shows them, kept in a table node of the scene."""

from __future__ import annotations

import json
from dataclasses import dataclass

import slicer
from HER2ImmunoCommonLib.scene.cells import read_cells, write_cells

from ..models import MODELS
from ..result import DceResult
from ..settings import DceSettings

WARNINGS_ATTRIBUTE = "QuantDCE.Warnings"
HEADER = ("Measure", "Value", "Note")
MEASURES = (
    ("volume_cm3", "Tumour volume", "cm³"),
    ("ktrans_median_per_min", "Ktrans, median", "/min"),
    ("ve_median", "ve, median", ""),
    ("vp_median", "vp, median", ""),
    ("kep_median_per_min", "kep, median", "/min"),
    ("iaugc60_median_mM_s", "IAUGC60, median", "mM s"),
)


@dataclass(frozen=True)
class Summary:
    """Rows (measure, value with unit, note) and warnings of one analysis."""

    rows: tuple[tuple[str, str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def summarise(result: DceResult, settings: DceSettings, warnings: tuple[str, ...]) -> Summary:
    """What to show of a result."""
    values = result.measurements
    rows = [
        (label, f"{values[name]:.4g} {unit}".strip(), f"Column {name} of the measurement table")
        for name, label, unit in MEASURES
        if name in values
    ]
    for name, label, limit in (
        ("vascular_fraction", "Vascular fraction", f"Ktrans ≥ {settings.vascular_ktrans_per_min:g} /min"),
        ("necrotic_fraction", "Necrotic fraction", f"IAUGC60 ≤ {result.necrotic_floor_mM_s:.3g} mM s"),
    ):
        if name in values:
            rows.append((label, f"{values[name]:.3f} ({limit})", "Of the voxels that were fitted"))
    count = result.counts
    voxels = f"{count['n_valid']} fitted, {count['n_failed']} failed, {count['n_at_bound']} at a bound"
    rows.append(("Voxels of the tumour", voxels, "The status map says why a voxel has no value"))
    first, last = int(result.baseline.min()) + 1, int(result.baseline.max()) + 1
    rows.append(("Baseline frames", f"{first} to {last}", "Before the contrast agent arrives, counted from 1"))
    rows.append(("Arrival", f"{result.arrival_s:.1f} s", "After the first frame"))
    rows.append(("Model", MODELS[settings.model].label, MODELS[settings.model].formula))
    rows.append(("Arterial input", result.aif.source, "The plot Arterial input shows it"))
    return Summary(tuple(rows), warnings)


def write_summary(summary: Summary, node: slicer.vtkMRMLTableNode) -> None:
    """Put a summary into a table node."""
    write_cells(HEADER, summary.rows, node)
    node.SetAttribute(WARNINGS_ATTRIBUTE, json.dumps(summary.warnings, ensure_ascii=False))


def read_summary(node: slicer.vtkMRMLTableNode | None) -> Summary:
    """The summary kept in a table node; an empty one without a node."""
    if node is None:
        return Summary()
    _header, lines = read_cells(node)
    warnings = json.loads(node.GetAttribute(WARNINGS_ATTRIBUTE) or "[]")
    return Summary(tuple(tuple(line) for line in lines), tuple(warnings))
