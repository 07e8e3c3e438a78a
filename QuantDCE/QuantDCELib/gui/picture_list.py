"""The pictures kept with an examination, each with a button that deletes it."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.gui import PanelPart, breakable, wrapLabel
from slicer.i18n import tr as _

from ..scene.view_pictures import Caption, is_earlier, pictures_of, remove_picture


class _PictureRow(qt.QWidget):
    """What a picture shows, and the button that deletes it."""

    def __init__(self, parent, nodeId: str, caption: Caption, isEarlier: bool, onDelete: Callable[[str], None]):
        qt.QWidget.__init__(self, parent)
        label, self.button = qt.QLabel(self), qt.QToolButton(self)
        wrapLabel(label)
        said = _("{shown} ({taken})").format(shown=caption.shown, taken=caption.taken)
        label.setText(breakable(f"{said} {_('Of earlier results.')}" if isEarlier else said))
        self.button.setText("✕")
        self.button.setToolTip(_("Delete this picture"))
        self.button.connect("clicked()", lambda: onDelete(nodeId))
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(label, 1)
        layout.addWidget(self.button)


class PictureList(PanelPart, qt.QWidget):
    """A line a picture: what it shows and when it was taken; hidden without pictures.

    Parameters
    ----------
    parent : QWidget
    onDeleted : callable
        Called without arguments when a picture was deleted.
    """

    def __init__(self, parent, onDeleted: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._onDeleted, self._shown = onDeleted, []
        self._rows: list[_PictureRow] = []
        self._layout = qt.QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.setVisible(False)

    @property
    def buttons(self) -> list[qt.QToolButton]:
        """What deletes each picture, in their order."""
        return [row.button for row in self._rows]

    def refresh(self) -> None:
        """Show the pictures of the chosen series."""
        series = None if self._parameters is None else self._parameters.dynamic
        found = pictures_of(series)
        shown = [(each.node.GetID(), each.caption, is_earlier(each, series)) for each in found]
        if shown == self._shown:
            return
        self._shown = shown
        for row in self._rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [_PictureRow(self, *each, self._onDelete) for each in shown]
        for row in self._rows:
            self._layout.addWidget(row)
        self.setVisible(bool(shown))

    def _onDelete(self, nodeId: str) -> None:
        node = slicer.mrmlScene.GetNodeByID(nodeId)
        if node is not None:
            remove_picture(slicer.mrmlScene, node)
        self.refresh()
        self._onDeleted()
