"""Whether an alignment is good, to the eye: two visits in turn in one view, as squares of one board, its Jacobian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer

from ..errors import InputError
from ..geometry import Volume
from ..progress import Report, tell
from ..registration import Transform, jacobian, resample
from .colours import around_colours
from .legends import show_legend
from .linked_views import look_alike, open_views
from .nodes import set_colours
from .stand_ins import OF, VISITS, array_stand_in, replacing_stand_ins, stand_ins_of
from .transforms import transform_of
from .view_rows import layers_of
from .visit_alignments import transform_to
from .visit_columns import DEFAULT_LOOK, FIRST, PERCENTILES, Look, column_of, notes_of, set_one_window
from .visit_images import images_of
from .visits import SceneVisit

SQUARE_MM = 20.0
LEAST_SQUARES = 4.0
"""Along the longest side of small images, such as those of mice."""
SPANS = (0.1, 0.25, 0.5, 1.0)
"""How far from 1 the colours of a Jacobian may reach: in each visit as far as it needs, at 0 space is folded."""
SEEN_THROUGH = 0.6


def show_pair(
    scene: slicer.vtkMRMLScene, reference: SceneVisit, visit: SceneVisit, look: Look = DEFAULT_LOOK
) -> tuple[str, ...]:
    """Show a visit over the reference in one view, as `flicker` alternates them; notes and errors as `compare_visits`.

    Each is shown in its own window: what is looked at is where things are, not how bright.
    """
    with replacing_stand_ins(scene):
        columns = [column_of(each, reference, look) for each in (reference, visit)]
        for column in columns:
            set_one_window([column])
        (plane,) = open_views(scene, 1)
        layers = layers_of(scene, plane.GetLayoutName())
        with slicer.util.NodeModify(layers):
            layers.SetBackgroundVolumeID(columns[0].images.GetID())
            layers.SetForegroundVolumeID(columns[1].images.GetID())
            layers.SetForegroundOpacity(0.0)
            layers.SetLabelVolumeID(None)
        _outline_shown(scene, columns[0].images.GetID())
        plane.SetLayoutLabel(" / ".join(column.title for column in columns))
        look_alike(scene, columns[:1], reference, look, whole=True)
        return tuple(notes_of(columns[1], reference, DEFAULT_LOOK))


def flicker(scene: slicer.vtkMRMLScene) -> None:
    """Show the other of the two visits of `show_pair`, with the outline of its own tumour."""
    layers = layers_of(scene, VISITS.views[0])
    is_moving = layers.GetForegroundOpacity() < 0.5
    layers.SetForegroundOpacity(1.0 if is_moving else 0.0)
    _outline_shown(scene, layers.GetForegroundVolumeID() if is_moving else layers.GetBackgroundVolumeID())


def _outline_shown(scene: slicer.vtkMRMLScene, images_id: str) -> None:
    images = scene.GetNodeByID(images_id)
    for node in stand_ins_of(scene) if images is not None else ():
        if node.IsA("vtkMRMLSegmentationNode"):
            node.GetDisplayNode().SetVisibility(node.GetAttribute(OF) == images.GetAttribute(OF))


def show_board(
    scene: slicer.vtkMRMLScene, reference: SceneVisit, visit: SceneVisit, board: np.ndarray, look: Look = DEFAULT_LOOK
) -> None:
    """Show a checkerboard of two visits (`BoardRequest`), on the grid of the reference, in one view."""
    with replacing_stand_ins(scene):
        column = column_of(reference, reference, Look(frame=FIRST))
        node = array_stand_in(column.images, board, f"{reference.name} and {visit.name}")
        node.GetDisplayNode().SetAutoWindowLevel(False)
        node.GetDisplayNode().SetWindowLevelMinMax(0.0, 1.0)
        (plane,) = open_views(scene, 1)
        layers = layers_of(scene, plane.GetLayoutName())
        with slicer.util.NodeModify(layers):
            layers.SetBackgroundVolumeID(node.GetID())
            layers.SetForegroundVolumeID(None)
            layers.SetLabelVolumeID(None)
        plane.SetLayoutLabel(f"{reference.name} / {visit.name}")
        look_alike(scene, [column], reference, look, whole=True)


@dataclass(frozen=True, eq=False)
class BoardRequest:
    """Two visits to be made one board.

    Attributes
    ----------
    fixed, moving : Volume
    transform : Transform
        From fixed to moving points.
    """

    fixed: Volume
    moving: Volume
    transform: Transform

    def make(self, report: Report | None = None) -> np.ndarray:
        """Squares (k, j, i) of the one and the other in turn, each from 0 to 1 by its own brightness; touches no node.

        Black where the moving visit has no images.
        """
        tell(report, 0.0, "Bringing the visit to the grid of the reference")
        carried = resample(self.moving, self.fixed, self.transform).array
        tell(report, 0.8, "Making the board")
        return np.where(_squares(self.fixed), _even(self.fixed.array), _even(carried))


def gather_board(reference: SceneVisit, visit: SceneVisit) -> BoardRequest:
    """Read what a board of a visit and the reference needs.

    Raises
    ------
    InputError
        If images or transform cannot be used.
    """
    node = transform_to(visit, reference)
    transform = Transform.identity() if node is None else transform_of(node)
    return BoardRequest(images_of(reference).image, images_of(visit).image, transform)


@dataclass(frozen=True, eq=False)
class JacobianRequest:
    """A transform whose Jacobian is to be seen on the grid of the reference."""

    transform: Transform
    grid: Volume

    def make(self, report: Report | None = None) -> np.ndarray:
        """Factor (k, j, i) by which the transform changes volumes; touches no node."""
        tell(report, 0.0, "Working out the Jacobian")
        return jacobian(self.transform, self.grid).array.astype(np.float32)


def gather_jacobian(reference: SceneVisit, visit: SceneVisit) -> JacobianRequest:
    """Read what the Jacobian of the transform of a visit needs.

    Raises
    ------
    InputError
        If the visit has no transform to the reference, or the transform or images cannot be used.
    """
    node = transform_to(visit, reference)
    if node is None:
        raise InputError(f"{visit.name} has no transform to {reference.name}; align it, or choose one.")
    return JacobianRequest(transform_of(node), images_of(reference).image)


def show_jacobian(
    scene: slicer.vtkMRMLScene,
    reference: SceneVisit,
    visit: SceneVisit,
    values: np.ndarray,
    look: Look = DEFAULT_LOOK,
) -> None:
    """Show how the transform of a visit changes volumes (`JacobianRequest`), over the images of the reference."""
    with replacing_stand_ins(scene):
        column = column_of(reference, reference, Look(frame=FIRST))
        set_one_window([column])
        node = array_stand_in(column.images, values, f"{reference.name} to {visit.name}, Jacobian")
        farthest = float(np.abs(values - 1.0).max())
        span = next((each for each in SPANS if each >= farthest), SPANS[-1])
        set_colours(node, around_colours(scene).GetID(), 1.0 - span, 1.0 + span)
        (plane,) = open_views(scene, 1)
        layers = layers_of(scene, plane.GetLayoutName())
        with slicer.util.NodeModify(layers):
            layers.SetBackgroundVolumeID(column.images.GetID())
            layers.SetForegroundVolumeID(node.GetID())
            layers.SetForegroundOpacity(SEEN_THROUGH)
            layers.SetLabelVolumeID(None)
        show_legend(node, "Jacobian", views=[plane.GetID()]).SetSaveWithScene(False)
        plane.SetLayoutLabel(f"{reference.name} to {visit.name}")
        look_alike(scene, [column], reference, look, whole=True)


def _squares(grid: Volume) -> np.ndarray:
    """Which voxels are of the white squares; cubes along the axes of the images."""
    size_mm = np.array(grid.array.shape[::-1]) * grid.spacing_mm
    square_mm = min(SQUARE_MM, float(size_mm.max()) / LEAST_SQUARES)
    k, j, i = (np.arange(n) for n in grid.array.shape)
    steps = [np.floor(index * mm / square_mm) for index, mm in zip((i, j, k), grid.spacing_mm, strict=True)]
    return (steps[2][:, None, None] + steps[1][:, None] + steps[0]) % 2 == 0


def _even(values: np.ndarray) -> np.ndarray:
    """Values from 0 to 1, by what few are below and above."""
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, PERCENTILES) if finite.size else (0.0, 1.0)
    return np.nan_to_num(np.clip((values - low) / max(float(high - low), 1e-9), 0.0, 1.0)).astype(np.float32)
