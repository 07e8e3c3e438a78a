"""The maps that Quant DCE and PET Hypoxia made of the visits of a measurement table, drawn for the report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import SimpleITK as sitk
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, from_sitk, nearly_same_grid, to_sitk
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.pictures import Overlay
from HER2ImmunoCommonLib.scene import (
    is_result,
    n_frames,
    origin_of,
    quantity_code,
    quantity_unit,
    segment_mask,
    to_world,
    visit_of,
    volume_from_node,
)

from ..report.content import VisitMap
from ..report.maps_part import EARLY, KTRANS, TO_BLOOD, TO_MUSCLE, MapKind, draw_map, without_maps

QUANTITIES = {"Ktrans": KTRANS, "PE": EARLY, "TMR": TO_MUSCLE, "TBR": TO_BLOOD}
NO_MAPS = (
    "The scene has no maps of these visits. Maps of Ktrans and of tracer uptake are shown here once they are made with "
    "Quant DCE and PET Hypoxia in the same scene."
)


def maps_of_visits(table: slicer.vtkMRMLTableNode, visits: Iterable[Measurement]) -> tuple[tuple[VisitMap, ...], str]:
    """The maps of the visits in their order, and what is said of those that have none.

    Parameters
    ----------
    table : vtkMRMLTableNode
        Measurement table.
    visits : iterable of Measurement
        Its rows.
    """
    visits = tuple(visits)
    found = _found(table)
    maps = []
    for kind in QUANTITIES.values():
        of_kind = [(row, found[row.visit][kind]) for row in visits if kind in found[row.visit]]
        if kind.instead_of and any(each.kind == kind.instead_of for each in maps):
            continue
        maps += _drawn(kind, of_kind)
    return tuple(maps), without_maps([row.visit for row in visits], maps) if maps else NO_MAPS


def _found(table: slicer.vtkMRMLTableNode) -> dict[str, dict[MapKind, slicer.vtkMRMLScalarVolumeNode]]:
    """The latest map of each kind, by visit."""
    found: dict[str, dict] = defaultdict(dict)
    for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", table.GetScene()):
        kind = QUANTITIES.get(quantity_code(node))
        if kind is None or not is_result(node) or node.GetImageData() is None:
            continue
        images = origin_of(node)[0]
        if visit := (visit_of(images, table) if images is not None else "") or visit_of(node, table):
            found[visit][kind] = node
    return found


def _drawn(kind: MapKind, nodes: list[tuple[Measurement, slicer.vtkMRMLScalarVolumeNode]]) -> list[VisitMap]:
    if not nodes:
        return []
    ends = np.array([_window(node) for _row, node in nodes])
    unit = quantity_unit(nodes[0][1]).removeprefix("1")
    overlay = Overlay(kind.title, unit, ends[:, 0].min(), ends[:, 1].max(), kind.colour_map)
    drawn = []
    for row, node in nodes:
        values = volume_from_node(node)
        tumour = _tumour(node, values)
        if tumour.any():
            drawn.append(draw_map(kind, row.visit, row.day, values, _anatomy(node, values), tumour, overlay))
    return drawn


def _window(node: slicer.vtkMRMLScalarVolumeNode) -> tuple[float, float]:
    """What is shown darkest and brightest in the application."""
    display = node.GetDisplayNode()
    if display is None or display.GetWindow() <= 0.0:
        low, high = np.nanpercentile(slicer.util.arrayFromVolume(node), [2.0, 98.0])
        return float(low), float(high) if high > low else float(low) + 1.0
    return display.GetWindowLevelMin(), display.GetWindowLevelMax()


def _tumour(node: slicer.vtkMRMLScalarVolumeNode, values: Volume) -> np.ndarray:
    """The region that a map was made of; where it has values, if that region is gone."""
    _images, segmentation, segment_id = origin_of(node)
    if segmentation is not None and segment_id:
        try:
            return segment_mask(segmentation, segment_id, node)
        except InputError:  # drawn anew elsewhere since
            pass
    return np.isfinite(values.array)


def _anatomy(node: slicer.vtkMRMLScalarVolumeNode, values: Volume) -> np.ndarray:
    """The images that a map was made of, on its grid; of a series its last frame. Black where they are gone."""
    images, grid = origin_of(node)[0], values.like(np.zeros(values.array.shape, np.float32))
    volume = None if images is None else _image(images)
    if volume is None:
        return grid.array
    if nearly_same_grid(volume, values):
        return volume.array
    image = to_sitk(volume.like(np.asarray(volume.array, np.float32)))
    return from_sitk(sitk.Resample(image, to_sitk(grid), sitk.Transform(), sitk.sitkLinear, 0.0)).array


def _image(images: slicer.vtkMRMLNode) -> Volume | None:
    try:
        if not images.IsA("vtkMRMLSequenceNode"):
            return volume_from_node(images)
        count = n_frames(images)
        frame = volume_from_node(images.GetNthDataNode(count - 1)) if count else None
        return None if frame is None else Volume(frame.array, to_world(images) @ frame.ijk_to_ras)
    except InputError:  # under a transform that cannot be honoured: the map is shown without
        return None
