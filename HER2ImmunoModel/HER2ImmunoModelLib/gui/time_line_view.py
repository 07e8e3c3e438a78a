"""The time line, painted: doses are added, dragged, made larger or smaller and deleted with mouse and keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import qt
from HER2ImmunoCommonLib.chart_spec import GREY, INK
from slicer.i18n import tr as _

from ..timeline import (
    Edit,
    Place,
    Places,
    Span,
    Strip,
    TimeLine,
    add,
    add_after,
    around,
    beside,
    day_text,
    delete,
    ghost,
    ghost_label,
    lay_out,
    move,
    nudge,
    resize_to,
    said_of_place,
    snapped,
    step_size,
    zoomed,
)
from .size_field import SizeField
from .time_line_picture import TimeLinePicture

LEAST_WIDTH = 300
CLICK = 4
"""Pixels within which a press and a release are a click."""
ARROWS = {qt.Qt.Key_Left: (-1, 0), qt.Qt.Key_Right: (1, 0), qt.Qt.Key_Up: (0, -1), qt.Qt.Key_Down: (0, 1)}
"""What arrow keys select beside a dose: doses and lanes to go on."""
NOTCH = 120
"""Of a wheel, in the units of Qt."""
ZOOM = 0.8


class TimeLineView(qt.QWidget):
    """Lanes, axis, visits, doses and strips; tells what a person wants to change, and changes nothing itself.

    Parameters
    ----------
    parent : QWidget
    onEdit : callable
        Called with an `Edit`, also one that is refused, and with whether more of its kind are likely to follow at
        once, as while a key is held.
    onSelected : callable
        Called without arguments when another dose is selected, or none.
    onMenu : callable
        Called with a `Place` and where on the screen its menu is to open.
    onPreview : callable
        Called with the `Edit` that letting go of a dose would be, whenever it is dragged to another day; with None
        when it is let go of.
    visitTip : callable
        Makes the tool tip of a visit, from its name and what is said of it.
    """

    def __init__(
        self,
        parent,
        onEdit: Callable[[Edit, bool], None],
        onSelected: Callable[[], None],
        onMenu: Callable[[Place, object], None],
        onPreview: Callable[[Edit | None], None] = lambda edit: None,
        visitTip: Callable[[str, Sequence[str]], str] = lambda visit, said: "\n".join(said),
    ):
        qt.QWidget.__init__(self, parent)
        self._onEdit, self._onSelected, self._onMenu, self._onPreview = onEdit, onSelected, onMenu, onPreview
        self._visitTip = visitTip
        self.line, self.strips, self.selected = TimeLine(), (), None
        self._places, self._laidFor, self._picture = None, None, TimeLinePicture()
        self._span: Span | None = None
        self._pressed, self._draggedTo, self._hovered, self._turned = None, None, Place(), 0
        self.sizeField = SizeField(self)
        self.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setFocusPolicy(qt.Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Time line of doses and visits"))
        self._takeHeight()

    def showTimeLine(self, line: TimeLine, strips: Sequence[Strip]) -> None:
        """Show this now; what is dragged is let go of."""
        if line.span != self.line.span:
            self._span = None
        self.line, self.strips, self._laidFor = line, tuple(strips), None
        self._cancel()
        self._hovered = Place()
        self._takeHeight()
        self.update()

    @property
    def isDragged(self) -> bool:
        """Whether a dose is in the hand."""
        return self._draggedTo is not None

    def showStrips(self, strips: Sequence[Strip]) -> None:
        """Show these now; a dose in the hand stays there."""
        self.strips, self._laidFor = tuple(strips), None
        self._takeHeight()
        self.update()

    def select(self, row: int | None) -> None:
        """Select the dose of a row of the table, or none."""
        if row != self.selected:
            self.selected = row
            self._onSelected()
            self.update()

    @property
    def places(self) -> Places:
        """Where everything is now."""
        key = self.width, self.fontMetrics().height(), self._span
        if self._laidFor != key:
            self._places = lay_out(self.line, self.strips, *key[:2], self._measure, self._span)
            self._laidFor = key
        return self._places

    def editSize(self, row: int) -> None:
        """Open a field for the size of a dose."""
        dose, box = self.line.dose(row), self.places.box_of(row)
        self.select(row)
        unit = dose.unit if dose.unit not in ("", "rel") else _("full doses")
        tip = _("Size in {unit}; Enter keeps it, Escape does not").format(unit=unit)
        place = box.x + box.width / 2, box.y, box.height
        self.sizeField.open(dose.size, tip, place, lambda text: self._tell(resize_to(self.line, row, text)))

    def resizeEvent(self, event) -> None:
        """Follow the width."""
        self._takeHeight()

    def paintEvent(self, event) -> None:
        """Paint everything; what does not move was prepared before."""
        painter = qt.QPainter(self)
        try:
            self._picture.paint(painter, self, self.places, *self._moving(self.places))
        finally:
            painter.end()

    def mousePressEvent(self, event) -> None:
        """Select a dose, and take it; or begin a click."""
        if event.button() != qt.Qt.LeftButton:
            event.ignore()
            return
        self.setFocus()
        place = self.places.at(event.x(), event.y())
        self._pressed, self._draggedTo = (place, event.x(), event.y()), None
        self.select(place.row)

    def mouseMoveEvent(self, event) -> None:
        """Drag a dose; else say what is under the mouse."""
        if self._pressed is None:
            self._hover(self.places.at(event.x(), event.y()))
            return
        place, x, _y = self._pressed
        if place.kind == "dose" and (self._draggedTo is not None or abs(event.x() - x) > CLICK):
            dose, scale = self.line.dose(place.row), self.places.scale
            day = dose.day + (event.x() - x) / scale.pixels_a_day
            day = snapped(min(max(day, scale.first), scale.last), self.line.allowed)
            if day != self._draggedTo:
                self._draggedTo = day
                self._hover(replace(place, day=day))
                self.update()
                self._onPreview(move(self.line, place.row, day))

    def mouseReleaseEvent(self, event) -> None:
        """Put a dose where it was dragged to; add one where an empty place was clicked."""
        if event.button() != qt.Qt.LeftButton or self._pressed is None:
            return
        (place, x, y), day = self._pressed, self._draggedTo
        self._cancel()
        isClick = abs(event.x() - x) <= CLICK and abs(event.y() - y) <= CLICK
        if place.kind == "dose" and day is not None:
            self._tell(move(self.line, place.row, day))
        elif place.kind == "lane" and isClick and not self.line.problem:
            self._tell(add(self.line, self.line.lanes[place.lane], place.day))

    def mouseDoubleClickEvent(self, event) -> None:
        """Edit the size of a dose; show all days again."""
        place = self.places.at(event.x(), event.y())
        if place.kind == "dose":
            self.editSize(place.row)
        elif place.kind == "axis":
            self._zoom(None)

    def leaveEvent(self, event) -> None:
        """Nothing is under the mouse any more."""
        self._hover(Place())

    def wheelEvent(self, event) -> None:
        """Change the dose under the mouse, while the keys are taken too; zoom with Ctrl; else scroll the panel."""
        self._turned += event.angleDelta().y()
        steps = int(self._turned / NOTCH)
        isZoom = bool(event.modifiers() & qt.Qt.ControlModifier)
        isDose = self._hovered.kind == "dose" and self.hasFocus()
        if not (isZoom or isDose):
            self._turned = 0
            event.ignore()
            return
        self._turned -= steps * NOTCH
        event.accept()
        if isZoom and steps:
            self._zoom(zoomed(self._span or self.line.span, self.line.span, self._hovered.day, ZOOM**steps))
        elif steps:
            self.select(self._hovered.row)
            self._tell(step_size(self.line, self._hovered.row, steps), True)

    def contextMenuEvent(self, event) -> None:
        """Open the menu of what is under the mouse."""
        self._cancel()
        x, y, where = event.x(), event.y(), event.globalPos()
        if event.reason() == qt.QContextMenuEvent.Keyboard and (box := self.places.box_of(self.selected)) is not None:
            x, y = round(box.x + box.width / 2), round(box.y + box.height / 2)
            where = self.mapToGlobal(qt.QPoint(x, y))
        place = self.places.at(x, y)
        if place.kind == "dose":
            self.select(place.row)
        self._onMenu(place, where)

    def keyPressEvent(self, event) -> None:
        """Select with Shift and an arrow key; move, change, add after or delete the selected dose; Escape lets go."""
        key = event.key()
        if key in ARROWS and (self.selected is None or event.modifiers() & qt.Qt.ShiftModifier):
            self.select(beside(self.line, self.selected, *ARROWS[key]))
            return
        if key == qt.Qt.Key_Escape and (self._pressed is not None or self.selected is not None):
            if self._draggedTo is None:
                self.select(None)
            self._cancel()
            self.update()
        elif (
            self.selected is None
            or self._pressed is not None
            or not self._change(self.selected, key, event.isAutoRepeat())
        ):
            event.ignore()

    def focusInEvent(self, event) -> None:
        """Show that the keys act here."""
        self.update()

    def focusOutEvent(self, event) -> None:
        """Show that they do not."""
        self.update()

    def _change(self, row: int, key: int, isHeld: bool) -> bool:
        """Do what a key does to a dose; whether it does anything."""
        if key in (qt.Qt.Key_Delete, qt.Qt.Key_Backspace):
            self._tell(delete([row]))
        elif key in (qt.Qt.Key_Left, qt.Qt.Key_Right):
            self._tell(nudge(self.line, row, 1 if key == qt.Qt.Key_Right else -1), isHeld)
        elif key in (qt.Qt.Key_Up, qt.Qt.Key_Down):
            self._tell(step_size(self.line, row, 1 if key == qt.Qt.Key_Up else -1), isHeld)
        elif key == qt.Qt.Key_Insert:
            self._tell(add_after(self.line, row))
        elif key == qt.Qt.Key_F2:  # not Enter, which the field lets pass on to here when it closes
            self.editSize(row)
        else:
            return False
        return True

    def _tell(self, edit: Edit, moreFollows: bool = False) -> None:
        if edit.refused or not edit.is_empty:
            self._onEdit(edit, moreFollows)

    def _cancel(self) -> None:
        wasDragged = self._draggedTo is not None
        self._pressed, self._draggedTo = None, None
        if wasDragged:
            self._onPreview(None)

    def _hover(self, place: Place) -> None:
        before, self._hovered = self._hovered, place
        if (before.kind, before.row, before.visit, before.lane) != (place.kind, place.row, place.visit, place.lane):
            shape = {"dose": qt.Qt.SizeHorCursor, "lane": qt.Qt.CrossCursor}.get(place.kind, qt.Qt.ArrowCursor)
            self.setCursor(qt.QCursor(shape))
            self.update()
        self.setToolTip(self._tip(place))

    def _tip(self, place: Place) -> str:
        """What a place says."""
        if self._draggedTo is not None:
            return ""  # which is painted beside the dose
        if place.kind == "axis":
            return _("Ctrl and the wheel show fewer days; a double click shows all")
        said = said_of_place(self.places, place)
        if place.kind == "visit":
            return self._visitTip(self.line.visits[place.visit].name, said)
        return "\n".join(said)

    def _zoom(self, span: Span | None) -> None:
        self._span = None if span == self.line.span else span
        self.update()

    def _measure(self, text: str) -> float:
        return self.fontMetrics().horizontalAdvance(text)

    def _takeHeight(self) -> None:
        height = round(self.places.height)
        if (self.minimumHeight, self.maximumHeight) != (height, height):
            self.setMinimumHeight(height)
            self.setMaximumHeight(height)

    def _moving(self, places: Places) -> tuple[list, list]:
        """Shapes and texts about what is selected, under the mouse, or in the hand."""
        shapes, labels = around(places, self.selected, INK if self.hasFocus() else GREY), []
        if self._hovered.kind == "dose" and self._hovered.row != self.selected:
            shapes += around(places, self._hovered.row)[:1]
        if self._draggedTo is not None:
            lane, row = self._pressed[0].lane, self._pressed[0].row
            moved = replace(self.line.dose(row), day=self._draggedTo)
            shapes += ghost(places, lane, moved, bool(move(self.line, row, self._draggedTo).refused))
            labels.append(ghost_label(places, moved, day_text(self.line, self._draggedTo), self._measure))
        return shapes, labels
