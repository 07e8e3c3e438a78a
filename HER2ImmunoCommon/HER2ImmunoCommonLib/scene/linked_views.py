"""Visits beside each other in the space of the reference: a slice view each, linked, with one window and one scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer

from ..errors import InputError
from .legends import show_legend
from .side_by_side import end_side_by_side
from .slices import segment_centre
from .stand_ins import PLACED, VISITS, hide_what_is_replaced, replacing_stand_ins
from .view_rows import acquired_orientation, layers_of, link, look_as, look_at
from .visit_choices import tumour_of
from .visit_columns import DEFAULT_LOOK, Column, Look, column_of, notes_of, set_one_scale, set_one_window
from .visits import SceneVisit

MOST_VISITS = VISITS.most


def compare_visits(
    scene: slicer.vtkMRMLScene, reference: SceneVisit, visits: Sequence[SceneVisit], look: Look = DEFAULT_LOOK
) -> tuple[str, ...]:
    """Show visits in linked slice views, one a visit, all in the space of the reference.

    Where visits are shown already, the slice and the field of view that a person chose stay, unless the orientation is
    another one. Maps side by side give way to it.

    Parameters
    ----------
    scene : vtkMRMLScene
    reference : SceneVisit
    visits : sequence of SceneVisit
        The first six with images are shown, in this order; the reference is always among them.
    look : Look

    Returns
    -------
    tuple of str
        What a person must know: visits that are not aligned, have no such map, or are not shown.

    Raises
    ------
    InputError
        If no visit has images, or one lies under a transform of its own that is not linear; what was shown stays.
    """
    shown, notes = _shown(reference, visits)
    with replacing_stand_ins(scene):
        columns = [column_of(visit, reference, look) for visit in shown]
        notes += [note for column in columns for note in notes_of(column, reference, look)]
        set_one_window(columns)
        _fill(scene, columns, look)
        look_alike(scene, columns, reference, look)
    return tuple(notes)


def set_opacity(scene: slicer.vtkMRMLScene, percent: int) -> None:
    """Let the maps of the visits that are compared be seen so much."""
    for name in VISITS.views[: VISITS.count(scene)]:
        layers = layers_of(scene, name)
        if layers.GetForegroundVolumeID():
            layers.SetForegroundOpacity(percent / 100)


def centre_on_tumour(scene: slicer.vtkMRMLScene, reference: SceneVisit) -> bool:
    """Bring every view to the middle of the tumour of the reference; False if it has none."""
    centre = _centre(reference)
    if centre is None:
        return False
    for name in VISITS.views[: VISITS.count(scene)]:
        VISITS.plane(scene, name).JumpSliceByCentering(*map(float, centre))
    return True


def _shown(reference: SceneVisit, visits: Sequence[SceneVisit]) -> tuple[list[SceneVisit], list[str]]:
    if not reference.images:
        raise InputError(f"{reference.name} has no images to show; choose another reference visit.")
    usable = [visit for visit in visits if visit.images]
    if all(visit.anchor is not reference.anchor for visit in usable):
        usable.insert(0, reference)
    if all(visit.anchor is not reference.anchor for visit in usable[:MOST_VISITS]):
        usable.remove(next(visit for visit in usable if visit.anchor is reference.anchor))
        usable.insert(0, reference)
    more = [visit.name for visit in usable[MOST_VISITS:]]
    notes = [f"{', '.join(more)}: not shown, since there is room for {MOST_VISITS} visits."] if more else []
    return usable[:MOST_VISITS], notes


def _fill(scene, columns: Sequence[Column], look: Look) -> None:
    planes = open_views(scene, len(columns))
    set_one_scale([column.map for column in columns if column.map is not None])
    for plane, column in zip(planes, columns, strict=True):
        layers = layers_of(scene, plane.GetLayoutName())
        with slicer.util.NodeModify(layers):
            layers.SetBackgroundVolumeID(column.images.GetID())
            layers.SetForegroundVolumeID(None if column.map is None else column.map.GetID())
            layers.SetForegroundOpacity(0.0 if column.map is None else look.opacity_percent / 100)
            layers.SetLabelVolumeID(None)
            link(layers)
        plane.SetLayoutLabel(column.title)
        if column.tumour is not None:
            column.tumour.GetDisplayNode().AddViewNodeID(plane.GetID())
    with_map = [n for n, column in enumerate(columns) if column.map is not None]
    if with_map:
        legend = show_legend(columns[with_map[-1]].map, views=[planes[with_map[-1]].GetID()])
        legend.SetSaveWithScene(False)


def open_views(scene: slicer.vtkMRMLScene, count: int) -> list[slicer.vtkMRMLSliceNode]:
    """The views, with nothing of other comparisons in them."""
    end_side_by_side(scene)
    planes = VISITS.open(scene, count)
    hide_what_is_replaced(scene)
    return planes


def look_alike(
    scene: slicer.vtkMRMLScene, columns: Sequence[Column], reference: SceneVisit, look: Look, *, whole: bool = False
) -> None:
    """Let every view look at the same place: where a person was, else at the tumour of the reference.

    Parameters
    ----------
    scene : vtkMRMLScene
    columns : sequence of Column
        The reference is among them.
    reference : SceneVisit
    look : Look
    whole : bool
        Begin with the whole of the images, not with what is around the map.
    """
    planes = [VISITS.plane(scene, name) for name in VISITS.views[: len(columns)]]
    seen = next(column for column in columns if column.visit.anchor is reference.anchor)
    orientation = look.orientation or acquired_orientation(seen.images)
    placed = f"{orientation} {reference.anchor.GetID()} {whole}"
    if planes[0].GetAttribute(PLACED) == placed:
        for plane in planes[1:]:
            look_as(plane, planes[0])
            plane.SetAttribute(PLACED, placed)
        return
    centre = _centre(reference)
    for plane in planes:
        look_at(plane, seen.images, orientation, centre, None if whole else seen.map)
        plane.SetAttribute(PLACED, placed)


def _centre(reference: SceneVisit) -> np.ndarray | None:
    tumour = tumour_of(reference)
    return None if tumour is None else segment_centre(tumour.segmentation, tumour.segment_id)
