"""The statistics of the tumour as a table node, the same cells as in a file."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from HER2ImmunoCommonLib.scene import read_cells, write_cells

from ..analysis.result import DceResult
from ..analysis.statistics import MapStatistics, RegionStatistics, from_cells, interval, number, to_cells
from .maps import short_parameter, title

STATISTICS_NAME = "Tumour statistics"
SHORT = {"r_squared": "R²", "rmse": "RMS"}
"""Names of maps for a narrow table, where their titles have no room."""


def statistics_table(scene: slicer.vtkMRMLScene, result: DceResult, keep: Callable) -> slicer.vtkMRMLTableNode:
    """A table with a line for each map of a result, and for each class of a label map."""
    node = keep(scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(STATISTICS_NAME)))
    write_cells(*to_cells(result.statistics), node)
    return node


def read_statistics(node: slicer.vtkMRMLTableNode | None) -> RegionStatistics:
    """The statistics kept in a table node; empty ones without a node."""
    return RegionStatistics() if node is None else from_cells(*read_cells(node))


def shown_line(found: MapStatistics) -> tuple[str, ...]:
    """A map as cells of two lines each: name and unit, median and middle half, mean and SD, voxels and those without.

    Below the voxels of the tumour stand those without a value, and those with a parameter at its bound (– where
    nothing was fitted).
    """
    values = found.values
    bound = "–" if found.n_at_bound is None else f"{found.n_at_bound}"
    middle = interval(values.p25, values.p75)
    return (
        f"{SHORT.get(found.name, short_parameter(found.name))}\n{'' if found.unit == '1' else found.unit}".strip(),
        f"{number(values.median)}\n{middle if values.p25 < 0 else middle.replace(' to ', '–')}",
        f"{number(values.mean)}\n± {number(values.sd, 2)}",
        f"{values.n}\n{found.n_failed} / {bound}",
    )


def shown_tip(found: MapStatistics) -> str:
    """The other numbers of a map in words, for a tool tip."""
    values = found.values
    ends = ((5, values.p5), (10, values.p10), (25, values.p25), (75, values.p75), (90, values.p90), (95, values.p95))
    lines = [
        f"{title(found.name, found.unit)}",
        f"Percentiles: {', '.join(f'{percent} % {number(value)}' for percent, value in ends)}",
        f"From {interval(values.minimum, values.maximum)}; interquartile range {number(values.iqr)}",
        f"{values.n_valid} of {values.n} voxels have a value ({found.volume_cm3:.3g} cm³)",
    ]
    if found.n_at_bound:
        lines.append(f"{found.n_at_bound} of them have a parameter at its bound")
    return "\n".join([*lines, *(f"{count} without: {words}" for words, count in found.failures.items())])
