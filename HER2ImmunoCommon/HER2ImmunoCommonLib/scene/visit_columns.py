"""What stands in for a visit where visits are compared: its images, a map and the outline of its tumour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import slicer

from .colours import draw_values_only
from .nodes import set_colours
from .placement import to_world
from .quantities import quantity_code, quantity_title
from .stand_ins import OF, segment_stand_in, volume_stand_in
from .visit_alignments import transform_to
from .visit_choices import Tumour, tumour_of
from .visits import SceneVisit

FIRST, LAST = "first", "last"
"""Frames of a dynamic series that can be shown: before contrast agent, and the last."""
PERCENTILES = 1.0, 98.5
SAMPLE = 100_000
"""So many voxels of a visit tell the brightness of its images well enough."""
NOT_ALIGNED = "not aligned"


@dataclass(frozen=True)
class Look:
    """How visits are shown.

    Attributes
    ----------
    overlay : str
        Key of the map over the images (`overlays_of`); empty for none.
    frame : str
        `FIRST` or `LAST`.
    orientation : str
        Axial, Sagittal or Coronal; empty for that in which the reference was acquired.
    opacity_percent : int
        Of the maps.
    """

    overlay: str = ""
    frame: str = LAST
    orientation: str = ""
    opacity_percent: int = 100


DEFAULT_LOOK = Look()


@dataclass(frozen=True, eq=False)
class Column:
    """What stands in for a visit.

    Attributes
    ----------
    visit : SceneVisit
    title : str
    images : vtkMRMLScalarVolumeNode
    map, tumour : vtkMRMLNode or None
    """

    visit: SceneVisit
    title: str
    images: slicer.vtkMRMLScalarVolumeNode
    map: slicer.vtkMRMLScalarVolumeNode | None
    tumour: slicer.vtkMRMLSegmentationNode | None


def overlays_of(visits: Sequence[SceneVisit]) -> dict[str, str]:
    """The maps that can be shown over the visits: key, and what it is; those of the most visits first."""
    titles, counts = {}, {}
    for visit in visits:
        for key, node in _maps_of(visit).items():
            titles.setdefault(key, quantity_title(node))
            counts[key] = counts.get(key, 0) + 1
    return {key: titles[key] for key in sorted(titles, key=lambda key: -counts[key])}


def set_one_window(columns: Sequence[Column]) -> None:
    """Give the images of all columns the window that the values of all of them make."""
    samples = [_sample(slicer.util.arrayFromVolume(column.images)) for column in columns]
    values = np.concatenate(samples) if samples else np.zeros(0)
    low, high = np.percentile(values, PERCENTILES) if values.size else (0.0, 1.0)
    for column in columns:
        display = column.images.GetDisplayNode()
        display.SetAutoWindowLevel(False)
        display.SetWindowLevelMinMax(float(low), float(high) if high > low else float(low) + 1.0)


def set_one_scale(maps: Sequence[slicer.vtkMRMLScalarVolumeNode]) -> None:
    """Give maps the colours of the first, from the lowest to the highest value that any of them shows."""
    displays = [node.GetDisplayNode() for node in maps]
    if not displays:
        return
    low = min(display.GetWindowLevelMin() for display in displays)
    high = max(display.GetWindowLevelMax() for display in displays)
    for node in maps:
        set_colours(node, displays[0].GetColorNodeID(), low, high)


def column_of(visit: SceneVisit, reference: SceneVisit, look: Look) -> Column:
    """Make the stand-ins of a visit, under its transform to the reference if it has one.

    Raises
    ------
    InputError
        If its images, map or tumour lie under a transform of their own that is not linear.
    """
    transform = transform_to(visit, reference)
    is_placed = visit.anchor is reference.anchor or transform is not None
    title = ", ".join(filter(None, [visit.name, _day(visit), "" if is_placed else NOT_ALIGNED]))
    shown = _maps_of(visit).get(look.overlay)
    tumour = tumour_of(visit, tumour_of(reference))
    made = Column(
        visit,
        title,
        _images(visit, look.frame, transform),
        None if shown is None else _map(shown, visit, transform),
        None if tumour is None else _outline(tumour, visit, transform),
    )
    for node in (made.images, made.map, made.tumour):
        if node is not None:
            node.SetAttribute(OF, visit.anchor.GetID())
    return made


def _day(visit: SceneVisit) -> str:
    return "" if visit.day is None else f"day {visit.day:g}"


def _maps_of(visit: SceneVisit) -> dict[str, slicer.vtkMRMLScalarVolumeNode]:
    """The maps of a visit by what they are; of two of a kind the last that was made."""
    plain = [node for node in visit.maps if not node.IsA("vtkMRMLLabelMapVolumeNode")]
    return {quantity_code(node) or node.GetName(): node for node in plain}


def _images(visit: SceneVisit, frame: str, transform) -> slicer.vtkMRMLScalarVolumeNode:
    node, name = visit.anatomy or visit.images[0], f"{visit.name} compared"
    if not node.IsA("vtkMRMLSequenceNode"):
        return volume_stand_in(node, name, transform=transform)
    number = 0 if frame == FIRST else node.GetNumberOfDataNodes() - 1
    return volume_stand_in(node.GetNthDataNode(number), name, place=to_world(node), transform=transform, like=node)


def _map(node, visit: SceneVisit, transform) -> slicer.vtkMRMLScalarVolumeNode:
    made = volume_stand_in(node, f"{visit.name} {quantity_title(node)} compared", transform=transform)
    made.SetVoxelValueQuantity(node.GetVoxelValueQuantity())
    made.SetVoxelValueUnits(node.GetVoxelValueUnits())
    draw_values_only(made)
    _take_colours(made, node)
    return made


def _take_colours(made, node) -> None:
    """The colours and the window of the map itself."""
    display = node.GetDisplayNode()
    colours = display.GetColorNode() if display is not None else None
    if colours is not None and display.GetWindow() > 0:
        set_colours(made, colours.GetID(), display.GetWindowLevelMin(), display.GetWindowLevelMax())


def _outline(tumour: Tumour, visit: SceneVisit, transform) -> slicer.vtkMRMLSegmentationNode:
    made = segment_stand_in(
        tumour.segmentation, tumour.segment_id, f"{visit.name} tumour compared", transform=transform
    )
    display = made.GetDisplayNode()
    display.SetVisibility2DFill(False)
    display.SetVisibility2DOutline(True)
    display.SetVisibility3D(False)
    return made


def notes_of(column: Column, reference: SceneVisit, look: Look) -> list[str]:
    """What a person must know of a visit that is shown."""
    notes = []
    visit = column.visit
    if visit.anchor is not reference.anchor and transform_to(visit, reference) is None:
        notes.append(f"{visit.name} is not aligned to {reference.name}: it is shown where the scanner puts it.")
    if look.overlay and column.map is None:
        notes.append(f"{visit.name} has no map of {look.overlay}.")
    return notes


def _sample(values: np.ndarray) -> np.ndarray:
    sample = np.ravel(values)[:: max(1, values.size // SAMPLE)]
    return sample[np.isfinite(sample)].astype(np.float64)
