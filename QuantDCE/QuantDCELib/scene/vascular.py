"""The cut of the vascular fraction: moved without a new fit, as no map depends on it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import origin_of, segment_mask, set_provenance

from ..analysis.measures import vascular_fraction
from ..analysis.result import VASCULAR_FRACTION, vascular_formula
from ..voxels.status import Status
from .inputs_key import CUT
from .results import ROLES, SUMMARY, cut_of, map_named, provenance_of, referenced, summary_of
from .summary import vascular_row, write_summary

COLUMN = "vascular_fraction"
DECIMALS = 3
"""Of a cut that is drawn with the mouse, as of one that is entered."""


@dataclass(frozen=True, eq=False)
class TumourVoxels:
    """Values (n,) of a map in the voxels of the tumour, and why each has a value or has none."""

    values: np.ndarray
    status: np.ndarray


def tumour_voxels(
    series: slicer.vtkMRMLSequenceNode | None, node: slicer.vtkMRMLScalarVolumeNode
) -> TumourVoxels | None:
    """What a map has in the region it was measured in; None if that can no longer be told.

    Where only the tumour was computed it is what the map `status` says was not outside; else the segment is needed.
    """
    codes, provenance = map_named(series, "status"), provenance_of(series)
    if codes is None or provenance is None:
        return None
    status = slicer.util.arrayFromVolume(codes)
    region = status != Status.OUTSIDE
    if provenance.settings.get("whole_volume"):
        _images, segmentation, segment_id = origin_of(node)
        if segmentation is None:
            return None
        try:
            region = segment_mask(segmentation, segment_id, series)
        except InputError:
            return None
    return TumourVoxels(slicer.util.arrayFromVolume(node)[region], status[region])


def fraction_at(series: slicer.vtkMRMLSequenceNode | None, cut_per_min: float) -> float:
    """The vascular fraction of the results of a series at a cut; NaN where there is none."""
    ktrans = map_named(series, "Ktrans")
    voxels = None if ktrans is None or cut_of(series) is None else tumour_voxels(series, ktrans)
    return float("nan") if voxels is None else vascular_fraction(voxels.values, voxels.status, cut_per_min)


def drawn_cut(value: float) -> float:
    """The cut (1/min) at which a hand let go."""
    return max(0.0, round(value, DECIMALS))


def can_move_cut(series: slicer.vtkMRMLSequenceNode | None) -> bool:
    """Whether the fraction can be told anew from the maps: at the cut it was measured with they give what was measured.

    They do not where the segment was drawn anew since, over maps of the whole volume.
    """
    measured, cut = summary_of(series).measurements.get(COLUMN), cut_of(series)
    return measured is not None and cut is not None and fraction_at(series, cut) == measured


def move_cut(series: slicer.vtkMRMLSequenceNode | None, cut_per_min: float) -> bool:
    """Give the results of a series the vascular fraction at another cut, with the record of it; gives whether it did.

    A row that was added to a visit stays as it was added.
    """
    if cut_of(series) == cut_per_min or not can_move_cut(series):
        return False
    fraction, summary, earlier = fraction_at(series, cut_per_min), summary_of(series), provenance_of(series)
    row = vascular_row(fraction, cut_per_min)
    rows = tuple(row if each[0] == row[0] else each for each in summary.rows)
    values = summary.measurements | {COLUMN: fraction}
    for node in referenced(series, SUMMARY):
        write_summary(replace(summary, rows=rows, measurements=values), node)
    formulas = tuple(
        vascular_formula(cut_per_min) if text.startswith(VASCULAR_FRACTION) else text for text in earlier.formulas
    )
    settings = json.loads(json.dumps(earlier.settings)) | {CUT: cut_per_min}
    record = replace(earlier, settings=settings, formulas=formulas)
    for node in (each for role in ROLES for each in referenced(series, role)):
        set_provenance(node, record)
    return True
