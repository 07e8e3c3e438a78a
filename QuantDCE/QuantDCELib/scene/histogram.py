"""The histogram of a map in the tumour, and the volumes of the bins of the functional tumour volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
from HER2ImmunoCommonLib.chart_spec import ORANGE, Bars, Chart, Span
from HER2ImmunoCommonLib.scene import quantity_title

from ..analysis.histogram import histogram
from ..voxels.status import is_fitted
from .results import cut_of, statistics_of, summary_of
from .vascular import fraction_at, tumour_voxels
from .windows import has_look, name_of

BEYOND_CUT = 1.1
"""The axis goes on so far beyond the cut, for the cut to be moved."""


@dataclass(frozen=True)
class Bin:
    """One class of a label map: its words, colour (0 to 255), voxels and volume."""

    label: str
    rgb: tuple[int, int, int]
    n: int
    volume_cm3: float


def tumour_histogram(
    series: slicer.vtkMRMLSequenceNode | None, node: slicer.vtkMRMLScalarVolumeNode | None, cut_per_min: float
) -> Chart | None:
    """Voxels of the tumour by their value of a map; None for a map without values, or of a tumour that is gone.

    Parameters
    ----------
    series : vtkMRMLSequenceNode
    node : vtkMRMLScalarVolumeNode
        One of its maps.
    cut_per_min : float
        From which Ktrans on a voxel is vascular: shaded, and within the axis.
    """
    voxels = tumour_voxels(series, node) if has_look(node) else None
    if voxels is None:
        return None
    is_cut = has_cut(series, node)
    found = histogram(
        voxels.values[is_fitted(voxels.status)], (cut_per_min, BEYOND_CUT * cut_per_min) if is_cut else ()
    )
    if found is None:
        return None
    beyond = f", {found.n_outside} beyond the axis" if found.n_outside else ""
    items = (Bars(found.edges, found.counts.astype(float), f"{found.n} voxels{beyond}"),)
    if is_cut:
        items = (Span(cut_per_min, float(found.edges[-1]), "vascular", ORANGE), *items)
    title = quantity_title(node)
    ends = float(found.edges[0]), float(found.edges[-1])
    return Chart(f"{title} in the tumour", title, "Voxels", items, ends, (0.0, 1.05 * float(found.counts.max())))


def has_cut(series: slicer.vtkMRMLSequenceNode | None, node: slicer.vtkMRMLScalarVolumeNode | None) -> bool:
    """Whether a map is the one that the vascular fraction is taken from."""
    return node is not None and name_of(node) == "Ktrans" and cut_of(series) is not None


def fraction_words(series: slicer.vtkMRMLSequenceNode | None, cut_per_min: float) -> str:
    """The vascular fraction at a cut, as it is shown; empty without one."""
    fraction = fraction_at(series, cut_per_min)
    return "" if np.isnan(fraction) else f"Vascular: {100 * fraction:.0f} % (Ktrans ≥ {cut_per_min:.3g} /min)"


def bins_of(series: slicer.vtkMRMLSequenceNode | None, node: slicer.vtkMRMLNode | None) -> tuple[Bin, ...]:
    """The classes of a label map in the tumour, with the colours they are drawn in; none for another result."""
    if node is None or not node.IsA("vtkMRMLLabelMapVolumeNode") or node.GetDisplayNode() is None:
        return ()
    colours = node.GetDisplayNode().GetColorNode()
    classes = {each.label: each for each in statistics_of(series).classes if each.name == name_of(node)}
    found = []
    for number in range(0 if colours is None else colours.GetNumberOfColors()):
        counted = classes.get(colours.GetColorName(number))
        if counted is not None and colours.GetColorDefined(number):
            found.append(Bin(counted.label, _rgb(colours, number), counted.n, counted.volume_cm3))
    return tuple(found)


def _rgb(colours: slicer.vtkMRMLColorTableNode, number: int) -> tuple[int, int, int]:
    rgba = np.zeros(4)
    colours.GetColor(number, rgba)
    return tuple(round(255 * channel) for channel in rgba[:3].tolist())


def bins_heading(series: slicer.vtkMRMLSequenceNode | None, node: slicer.vtkMRMLNode | None) -> str:
    """What the classes are parts of; of the functional tumour volume with its size."""
    if node is None or not node.IsA("vtkMRMLLabelMapVolumeNode"):
        return ""
    volume_cm3 = summary_of(series).measurements.get("ftv_cm3") if name_of(node) == "FTV" else None
    said = quantity_title(node)
    return f"{said} in the tumour" if volume_cm3 is None else f"{said}: {volume_cm3:.4g} cm³"
