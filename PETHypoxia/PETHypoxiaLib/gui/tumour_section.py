"""The tumour: chosen, drawn or corrected, with its size while it changes."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, SegmentSection, StatusLine
from slicer.i18n import tr as _

from ..analysis import wording
from ..scene.live import LiveRegions


class TumourSection(PanelPart, qt.QWidget):
    """Fills its step.

    Parameters
    ----------
    parent : QWidget
    regions : LiveRegions
    """

    def __init__(self, parent, regions: LiveRegions):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._regions, self.sizeText = regions, ""
        self.segments, self.line = SegmentSection(self, "PETHypoxia.TumourEditor"), StatusLine(self)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.segments)
        layout.addWidget(self.line)
        self.inner.append(self.segments)

    def refresh(self) -> None:
        """Say how large the tumour is."""
        try:
            size = None if self._parameters is None else self._regions.size_cm3(self._parameters)
        except InputError as error:
            self.sizeText = ""
            self.line.say("error", str(error))
            return
        self.sizeText = wording.size_text(size)
        self.line.say("ok", _("{size} as drawn.").format(size=self.sizeText) if self.sizeText else "")
