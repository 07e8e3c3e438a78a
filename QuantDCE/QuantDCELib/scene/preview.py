"""The map of one slice in the scene, before the whole is computed: temporary, never saved."""

from __future__ import annotations

import numpy as np
import slicer
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.scene import (
    all_or_nothing,
    centre_slices,
    examination_of,
    map_centre,
    origin_of,
    put_in_folder,
    set_examination,
    set_origin,
    show_map,
    to_world,
    volume_from_node,
)

from ..analysis.preview import SlicePreview
from .gathering import Request
from .inputs_key import same_inputs
from .maps import map_node, title
from .results import IS_PREVIEW, PREVIEW, preview_of, remove_preview
from .series_nodes import shown_volume
from .windows import apply_looks

MADE_FROM = "QuantDCE.MadeFrom"
"""Attribute with the `inputs_key` of a preview."""
FIRST_VIEW = "Red"
ALONG_SLICES = 0.7
"""Cosine of the angle between the planes of a view and of the series up to which a view shows a slice of the series."""


def publish_preview(
    scene: slicer.vtkMRMLScene, parameters, request: Request, preview: SlicePreview
) -> slicer.vtkMRMLScalarVolumeNode:
    """The main map of a slice as a node; it takes the place of an earlier one of the series.

    It goes when the maps of the series are computed or removed (`results.remove_preview`).

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : QuantDCEParameterNode
    request : Request
    preview : SlicePreview
        From `Request.preview`.
    """
    series, name, unit = parameters.dynamic, preview.main, preview.units[preview.main]
    volume = Volume(preview.maps[name], preview.ijk_to_ras)
    with all_or_nothing(scene) as keep:
        node = map_node(scene, name, unit, volume, keep)
        for part in (node, node.GetDisplayNode()):
            part.SetSaveWithScene(False)
        node.SetAttribute(IS_PREVIEW, "1")
        node.SetAttribute(MADE_FROM, request.key)
        apply_looks(parameters, [node])
        set_examination(node, examination_of(series))
        set_origin(node, series, parameters.segmentation, request.names.get("tumour_segment", ""))
    remove_preview(scene, series)
    wanted = f"{request.visit.visit} {preview_title(preview)}"
    node.SetName(wanted)
    put_in_folder(scene, [node], f"Quant DCE: {series.GetName()}", beside=series)
    series.AddNodeReferenceID(PREVIEW, node.GetID())
    return node


def is_preview_stale(parameters) -> bool:
    """Whether the map of one slice of the chosen series was made from other inputs than those chosen now."""
    node = preview_of(parameters.dynamic)
    return node is not None and not same_inputs(node.GetAttribute(MADE_FROM) or "", parameters)


def preview_title(preview: SlicePreview) -> str:
    """What is shown, of which slice, counted from 1."""
    unit = preview.units[preview.main]
    of_slice = f"{title(preview.main, '')} preview, slice {preview.k + 1}"
    return of_slice if unit in ("", "1") else f"{of_slice} ({unit})"


def show_preview(node: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Put the map of a slice over its images, and the slice views through it."""
    series, segmentation, _segment_id = origin_of(node)
    # Centred on the voxels of the slice, not on the region, whose middle is in another.
    show_map(node.GetScene(), node, shown_volume(series), segmentation)
    if map_centre(node) is None:
        centre_slices(node.GetScene(), _middle(volume_from_node(node)))


def _middle(volume: Volume) -> np.ndarray:
    k, j, i = ((size - 1) / 2 for size in volume.array.shape)
    return (volume.ijk_to_ras @ (i, j, k, 1.0))[:3]


def slice_to_preview(series: slicer.vtkMRMLSequenceNode, mask: np.ndarray | None, scene: slicer.vtkMRMLScene) -> int:
    """The slice k of the series to look at before the rest.

    Parameters
    ----------
    series : vtkMRMLSequenceNode
    mask : ndarray of bool, shape (k, j, i), or None
        Voxels to be computed; None for all.
    scene : vtkMRMLScene

    Returns
    -------
    int
        The slice that the first slice view (Red) shows, if it has voxels to compute; else that with most of them.
    """
    frame = volume_from_node(series.GetNthDataNode(0))
    mask = np.ones(frame.array.shape, bool) if mask is None else mask
    shown = _shown_slice(scene, to_world(series) @ frame.ijk_to_ras, mask)
    if shown is not None and 0 <= shown < len(mask) and mask[shown].any():
        return shown
    counts = mask.sum(axis=(1, 2))
    most = np.flatnonzero(counts == counts.max())
    return int(most[len(most) // 2])


def _shown_slice(scene: slicer.vtkMRMLScene, ijk_to_ras: np.ndarray, mask: np.ndarray) -> int | None:
    """The slice that the first view cuts near the middle of the voxels; None where it cuts across all slices."""
    count = scene.GetNumberOfNodesByClass("vtkMRMLSliceNode")
    views = [scene.GetNthNodeByClass(n, "vtkMRMLSliceNode") for n in range(count)]
    view = next((view for view in views if view.GetLayoutName() == FIRST_VIEW), next(iter(views), None))
    if view is None or not mask.any():
        return None
    plane = slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS())
    normal, to_ijk = plane[:3, 2], np.linalg.inv(ijk_to_ras)
    of_slices = to_ijk[2, :3] / np.linalg.norm(to_ijk[2, :3])
    if abs(normal @ of_slices) < ALONG_SLICES:
        return None
    k, j, i = (axis.mean() for axis in np.nonzero(mask))
    centre = (ijk_to_ras @ (i, j, k, 1.0))[:3]
    on_plane = centre + normal * ((plane[:3, 3] - centre) @ normal)
    return int(np.floor((to_ijk @ (*on_plane, 1.0))[2] + 0.5))
