"""The one choice with which everything begins: an examination of the scene, or images to be taken or loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ctk
import slicer
from slicer.i18n import tr as _

from ..scene import Offered
from .fitting import narrowChoice, tellWholeText
from .panel_part import PanelPart

FOLDER = "folder"
"""Key of the way to a DICOM folder."""


class ExaminationBox(PanelPart, ctk.ctkComboBox):
    """Images by visit and day, then what has to be taken first, last a DICOM folder.

    Parameters
    ----------
    parent : QWidget
    field : str
        Of the parameter node, for the image.
    offered : callable
        Gives what can be chosen now, as a sequence of `Offered`.
    none : str
        What stands first where the scene has no such image.
    tip : str
    onFolder : callable
        Called without arguments when a folder is to be named.
    onTake : callable, optional
        Called with the key of images that have to be read first.
    """

    def __init__(
        self,
        parent,
        field: str,
        offered: Callable[[], Sequence[Offered]],
        none: str,
        tip: str,
        onFolder: Callable[[], None],
        onTake: Callable[[str], None] = lambda key: None,
    ):
        ctk.ctkComboBox.__init__(self, parent)
        PanelPart.__init__(self)
        self._field, self._offers, self._none = field, offered, none
        self._onFolder, self._onTake = onFolder, onTake
        self._offered: list[Offered] = []
        self._shown = None
        narrowChoice(self)
        self.setToolTip(tip)
        tellWholeText(self)
        self.connect("currentIndexChanged(int)", self._onChosen)

    def find(self, key: str) -> object:
        """The images with this key that can be taken; None if there are none."""
        return next((each.images for each in self._offered if each.key == key), None)

    def follow(self) -> None:
        """Show what is chosen, if it is another image: to look through the scene takes time."""
        if self._parameters is not None and self._chosen() != self._shown:
            self.refresh()

    def refresh(self) -> None:
        """Offer what the scene holds now, and show what is chosen."""
        if self._parameters is None:
            return
        self._offered = list(self._offers())
        lines = [(each.title, each.key) for each in self._offered]
        lines += [(_("From a DICOM folder…"), FOLDER)]
        first = _("Choose an examination") if self._offered else self._none
        with self.filling():
            if [(self.itemText(n), self.itemData(n)) for n in range(1, self.count)] != lines:
                self.clear()
                self.addItem(first, "")
                for title, key in lines:
                    self.addItem(title, key)
            self.setItemText(0, first)
            self._showChosen()

    def _chosen(self) -> str:
        image = getattr(self._parameters, self._field)
        return "" if image is None else image.GetID()

    def _showChosen(self) -> None:
        self._shown = self._chosen()
        self.setCurrentIndex(max(0, self.findData(self._shown)))

    def _onChosen(self, index: int) -> None:
        """A person's choice."""
        if not self.takesChoices:
            return
        key = self.itemData(index)
        if key == FOLDER:
            self._showChosen()
            self._onFolder()
        elif self.find(key) is not None:
            self._showChosen()
            self._onTake(key)
        elif key and slicer.mrmlScene.GetNodeByID(key) is None:
            self.refresh()  # it was deleted
        else:
            setattr(self._parameters, self._field, slicer.mrmlScene.GetNodeByID(key) if key else None)
