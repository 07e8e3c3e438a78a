"""Images that the application's DICOM module has loaded, to be taken with one click."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt
import slicer
from HER2ImmunoCommonLib.gui import PanelPart, narrowChoice
from slicer.i18n import tr as _

from ..scene.imported import LoadedImages, loaded_images


class LoadedImagesRow(PanelPart, qt.QWidget):
    """A choice of loaded images and the button that takes them; the panel shows it while there is something to take.

    Parameters
    ----------
    parent : QWidget
    kind : str
        "dynamic" or "flip angles".
    onUse : callable
        Called with the key of the chosen `LoadedImages` when the button is clicked.
    """

    def __init__(self, parent, kind: str, onUse: Callable[[str], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._kind, self._onUse, self._found, self._seen = kind, onUse, [], None
        self.box = ctk.ctkComboBox(self)
        narrowChoice(self.box)
        self.box.connect("currentIndexChanged(int)", self._onChosen)
        self.button = qt.QPushButton(_("Use"), self)
        self.button.setToolTip(_("Make these images, loaded with the DICOM module, the series of this analysis"))
        self.button.connect("clicked()", self._onButton)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box, 1)
        layout.addWidget(self.button)

    @property
    def isWanted(self) -> bool:
        """Whether there is something to take."""
        return bool(self._found)

    def find(self, key: str) -> LoadedImages | None:
        """The images with this `key`."""
        return next((images for images in self._found if images.key == key), None)

    def setParameterNode(self, parameters) -> None:
        """Look again for images: the module was opened, or the scene is another."""
        self._seen = None
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Look for images where nodes have come or gone."""
        if self._parameters is None:
            return
        seen = _imageIds()
        if seen == self._seen:
            return
        self._seen, chosen = seen, self.box.currentText
        self._found = loaded_images(slicer.mrmlScene, self._kind)
        self.box.clear()
        for images in self._found:
            self.box.addItem(images.title)
        self.box.setCurrentIndex(max(0, self.box.findText(chosen)))

    def _onChosen(self, index: int) -> None:
        self.box.setToolTip(self._found[index].title if 0 <= index < len(self._found) else "")

    def _onButton(self) -> None:
        if 0 <= self.box.currentIndex < len(self._found):
            self._onUse(self._found[self.box.currentIndex].key)


def _imageIds() -> tuple[str, ...]:
    scene = slicer.mrmlScene
    return tuple(
        scene.GetNthNodeByClass(n, kind).GetID()
        for kind in ("vtkMRMLVolumeNode", "vtkMRMLSequenceNode")
        for n in range(scene.GetNumberOfNodesByClass(kind))
    )
