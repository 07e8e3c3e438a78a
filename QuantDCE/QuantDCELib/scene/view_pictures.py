"""Pictures of the views, kept in the scene with what they show.

A picture is kept as a text node that holds the PNG in base64: it goes into a scene file as it is, is no larger than the
PNG by more than a third, and no selector takes it for an image, as it would a volume of colours.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import (
    examination_of,
    put_in_folder,
    quantity_title,
    remove_from_folders,
    set_examination,
    slice_views,
)

from ..analysis.statistics import interval
from .results import provenance_of, referenced, summary_of

PICTURE = "Result.picture"
"""Reference role of the pictures on their series; they stay when it is computed again."""
CAPTION_ATTRIBUTE = "QuantDCE.Caption"
PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
AXES = (("R", "L"), ("A", "P"), ("S", "I"))
PLANES = ("sagittal", "coronal", "axial")
STRAIGHT = 0.999
"""Share of a normal along one axis from which a plane is called by it."""


@dataclass(frozen=True)
class Caption:
    """What a picture shows.

    Attributes
    ----------
    visit : str
    shown : str
        Layers with their windows, and where the slices lie.
    taken : str
        When, on the clock of the person at work.
    results : str
        When the results were made that were there then.
    """

    visit: str
    shown: str
    taken: str
    results: str = ""

    @property
    def text(self) -> str:
        """Without the moment, for files that are passed on."""
        return f"{self.visit}: {self.shown}" if self.visit else self.shown


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture that is kept: its node and caption."""

    node: slicer.vtkMRMLTextNode
    caption: Caption

    @property
    def content(self) -> str:
        """The PNG as base64."""
        return self.node.GetText()

    @property
    def uri(self) -> str:
        """For the `src` of an HTML image."""
        return f"data:image/png;base64,{self.content}"


def keep_picture(
    scene: slicer.vtkMRMLScene, series: slicer.vtkMRMLSequenceNode, png: bytes, taken: datetime | None = None
) -> Picture:
    """Keep a picture of the views with a series and its caption.

    Raises
    ------
    InputError
        If it is no picture.
    """
    if not png.startswith(PNG_BEGINS):
        raise InputError("The views could not be drawn as a picture; show a map in a slice view and try again.")
    made, visit = provenance_of(series), summary_of(series).visit
    moment = (taken or datetime.now()).isoformat(" ", "minutes")
    caption = Caption(visit, describe_views(scene), moment, "" if made is None else made.created)
    node = scene.AddNewNodeByClass("vtkMRMLTextNode", scene.GenerateUniqueName(f"{visit} picture".strip()))
    node.SetText(base64.b64encode(png).decode("ascii"))
    node.SetAttribute(CAPTION_ATTRIBUTE, json.dumps(asdict(caption), ensure_ascii=False))
    set_examination(node, examination_of(series))
    put_in_folder(scene, [node], f"Quant DCE: {series.GetName()}", beside=series)
    series.AddNodeReferenceID(PICTURE, node.GetID())
    return _picture(node)


def pictures_of(series: slicer.vtkMRMLSequenceNode | None) -> list[Picture]:
    """The pictures kept with a series, the first taken first."""
    return [_picture(node) for node in referenced(series, PICTURE)]


def remove_picture(scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLTextNode) -> None:
    """Remove a picture."""
    remove_from_folders(scene, [node])


def is_earlier(picture: Picture, series: slicer.vtkMRMLSequenceNode) -> bool:
    """Whether a picture was taken of other results than the series has now."""
    made = provenance_of(series)
    return picture.caption.results != ("" if made is None else made.created)


def _picture(node: slicer.vtkMRMLTextNode) -> Picture:
    kept = json.loads(node.GetAttribute(CAPTION_ATTRIBUTE) or "{}")
    known = {name: kept.get(name, "") for name in Caption.__dataclass_fields__}
    return Picture(node, Caption(**known))


def describe_views(scene: slicer.vtkMRMLScene) -> str:
    """What the slice views of the layout show: each layer with its window, and where the slices lie."""
    layers = {view.GetLayoutName(): view for view in slice_views(scene)}
    planes = slicer.util.getNodesByClass("vtkMRMLSliceNode", scene)
    shown = [plane for plane in planes if plane.IsMappedInLayout()] or planes
    where: dict[str, list[str]] = {}
    for plane in shown:
        view = layers.get(plane.GetLayoutName())
        if view is not None:
            where.setdefault(_layers(scene, view), []).append(_plane(plane))
    where.pop("", None)
    return "; ".join(f"{what}, {_listed(places)}" for what, places in where.items()) or "views without images"


def _layers(scene: slicer.vtkMRMLScene, view: slicer.vtkMRMLSliceCompositeNode) -> str:
    """The layers of a view from the top, those that can be seen."""
    above = []
    if view.GetLabelOpacity() > 0:
        above.append(scene.GetNodeByID(view.GetLabelVolumeID() or ""))
    if view.GetForegroundOpacity() > 0:
        above.append(scene.GetNodeByID(view.GetForegroundVolumeID() or ""))
    nodes = [*above, scene.GetNodeByID(view.GetBackgroundVolumeID() or "")]
    return " over ".join(_layer(node) for node in nodes if node is not None)


def _layer(node: slicer.vtkMRMLVolumeNode) -> str:
    name, display = quantity_title(node) or node.GetName(), node.GetDisplayNode()
    if node.IsA("vtkMRMLLabelMapVolumeNode") or display is None or not display.IsA("vtkMRMLScalarVolumeDisplayNode"):
        return name
    return f"{name} from {interval(display.GetWindowLevelMin(), display.GetWindowLevelMax())}"


def _plane(node: slicer.vtkMRMLSliceNode) -> str:
    """The plane of a slice and how far along its axis it lies."""
    matrix = slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS())
    normal = np.abs(matrix[:3, 2])
    axis = int(np.argmax(normal))
    position_mm = matrix[axis, 3]
    oblique = "" if normal[axis] >= STRAIGHT * np.linalg.norm(normal) else "oblique, near "
    return f"{oblique}{PLANES[axis]} at {AXES[axis][int(position_mm < 0)]} {abs(position_mm):.1f} mm"


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
