"""What a person does with the widgets of the panels, in 3D Slicer and on the stand-in."""

from __future__ import annotations

import time
from collections.abc import Callable

import slicer
import vtk
from panel_checks import check, opens, widget_of

WAIT_S = 60.0


def panel_of(module: str):
    """The panel of a module, which is opened."""
    opens(module)
    return widget_of(module).panel


def node(kind: str, name: str):
    """The node of a class that has a name; a sequence and the volume that shows it share theirs."""
    found = [each for each in slicer.util.getNodesByClass(kind) if each.GetName() == name]
    check(len(found) == 1, f"{len(found)} nodes of {kind} are called {name}")
    return found[0]


def choose(selector, wanted) -> None:
    """Choose a node that a selector lists."""
    hidden = selector.sortFilterProxyModel().hiddenNodeIDs
    check(wanted.GetID() not in hidden, f"{selector.name} does not list {wanted.GetName()}")
    selector.setCurrentNode(wanted)
    slicer.app.processEvents()


def choose_segment(section, segmentation, name: str) -> None:
    """Choose a segment by its name."""
    section.selector.setCurrentNode(segmentation)
    section.selector.setCurrentSegmentID(segmentation.GetSegmentation().GetSegmentIdBySegmentName(name))
    slicer.app.processEvents()


def choose_text(box, text: str) -> None:
    """Choose what a box lists under a text."""
    index = box.findText(text)
    check(index >= 0, f"{text} is not among {[box.itemText(n) for n in range(box.count)]}")
    box.setCurrentIndex(index)


def choose_examination(box, image) -> None:
    """Choose an examination by its image, in the box that offers them."""
    index = box.findData(image.GetID())
    check(index > 0, f"{image.GetName()} is not among {[box.itemText(n) for n in range(box.count)]}")
    box.setCurrentIndex(index)
    slicer.app.processEvents()


def ras_of(volume, index) -> list[float]:
    """The place of a voxel (k, j, i) of a volume (RAS, mm)."""
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return list(matrix.MultiplyPoint([*(float(n) for n in reversed(index)), 1.0])[:3])


def wait_for(holds: Callable[[], bool], what: str) -> None:
    """Let the application go on until something holds."""
    end = time.monotonic() + WAIT_S
    while not holds():
        check(time.monotonic() < end, f"waited {WAIT_S:g} s for {what}")
        slicer.app.processEvents()
        time.sleep(0.01)


def run(bar) -> None:
    """Press a run button, which comes back when the work has ended."""
    check(bar.button.enabled, f"{bar.button.text} cannot be pressed: {bar.status.text}")
    bar.button.click()
    check(bar.status.look in ("ok", "warning") and not bar.running, bar.status.text)
    check("uestion" not in bar.status.text, bar.status.text)


def hover(ras) -> None:
    """Move the mouse over a place in the views (RAS, mm); None: out of them."""
    crosshair = slicer.mrmlScene.GetSingletonNode("default", "vtkMRMLCrosshairNode")
    if ras is None:
        crosshair.SetCursorPositionInvalid()
    else:
        crosshair.SetCursorPositionRAS([float(each) for each in ras])
    slicer.app.processEvents()


def click_in_view(ras) -> None:
    """Click at a place in a view (RAS, mm) while a click places a point: what the views do then."""
    logic = slicer.app.applicationLogic()
    interaction, placed = logic.GetInteractionNode(), logic.GetSelectionNode().GetActivePlaceNodeID()
    check(interaction.GetCurrentInteractionMode() == interaction.Place, "a click places nothing now")
    slicer.mrmlScene.GetNodeByID(placed).AddControlPointWorld([float(each) for each in ras])
    if not interaction.GetPlaceModePersistence():
        interaction.SetCurrentInteractionMode(interaction.ViewTransform)
    slicer.app.processEvents()


def drag_point(point, ras) -> None:
    """Drag the last point of a node to a place in a view (RAS, mm)."""
    point.InvokeEvent(point.PointStartInteractionEvent)
    last = point.GetNumberOfControlPoints() - 1
    point.SetNthControlPointPositionWorld(last, [float(each) for each in ras])
    point.InvokeEvent(point.PointEndInteractionEvent)
    slicer.app.processEvents()


def click_on(widget, x: float, y: float) -> None:
    """Click at a place of a widget, which it is told of as by the mouse."""
    drag_on(widget, (x, y), (x, y))


def drag_on(widget, start: tuple[float, float], stop: tuple[float, float]) -> None:
    """Press at a place of a widget, move to another and let go."""
    import qt

    left, none = qt.Qt.LeftButton, qt.Qt.NoButton
    halfway = tuple((a + b) / 2 for a, b in zip(start, stop, strict=True))
    _mouse(widget, qt.QEvent.MouseButtonPress, start, left, left)
    for place in (halfway, stop) if start != stop else ():
        _mouse(widget, qt.QEvent.MouseMove, place, none, left)
    _mouse(widget, qt.QEvent.MouseButtonRelease, stop, left, none)
    slicer.app.processEvents()


def press_key(widget, key) -> None:
    """Press a key while a widget has the keys."""
    import qt

    qt.QCoreApplication.sendEvent(widget, qt.QKeyEvent(qt.QEvent.KeyPress, key, qt.Qt.NoModifier))
    slicer.app.processEvents()


def _mouse(widget, kind, place: tuple[float, float], button, held) -> None:
    import qt

    on_screen = widget.mapToGlobal(qt.QPoint(*(round(each) for each in place)))
    where, there = qt.QPointF(*place), qt.QPointF(on_screen.x(), on_screen.y())
    event = qt.QMouseEvent(kind, where, there, button, held, qt.Qt.NoModifier)
    qt.QCoreApplication.sendEvent(widget, event)
