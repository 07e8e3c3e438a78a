"""The subject whose visits are shown, of all that were in one file: chosen by name, or one after the other."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.gui import PanelPart, narrowChoice, tellWholeText
from slicer.i18n import tr as _

from ..scene.subjects import subject_of, subjects_beside


class SubjectRow(PanelPart, qt.QWidget):
    """A choice of the measurement table in the parameter node, by the name of its subject and its number of visits.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._nodes, self._labels = [], []
        self.previousButton = self._button("◀", _("Previous subject"), -1)
        self.box = ctk.ctkComboBox(self)
        narrowChoice(self.box)
        self.box.setToolTip(_("Subject of the file whose visits are shown and calibrated"))
        tellWholeText(self.box)
        self.box.connect("currentIndexChanged(int)", self._onChosen)
        self.nextButton = self._button("▶", _("Next subject"), 1)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.previousButton)
        layout.addWidget(self.box, 1)
        layout.addWidget(self.nextButton)

    @property
    def isNeeded(self) -> bool:
        """Whether there is more than one subject to choose."""
        return len(self._nodes) > 1

    def refresh(self) -> None:
        """Show the subjects of the file that the chosen table is of."""
        chosen = None if self._parameters is None else self._parameters.measurements
        self._nodes = subjects_beside(chosen)
        labels = [_label(node) for node in self._nodes]
        with self.filling():
            if labels != self._labels:
                self.box.clear()
                for label in labels:
                    self.box.addItem(label)
                self._labels = labels
            at = self._nodes.index(chosen) if chosen in self._nodes else -1
            self.box.setCurrentIndex(at)
        self.previousButton.setEnabled(at > 0)
        self.nextButton.setEnabled(0 <= at < len(self._nodes) - 1)

    def _button(self, text: str, tip: str, step: int):
        button = qt.QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.connect("clicked()", lambda: self.box.setCurrentIndex(self.box.currentIndex + step))
        return button

    def _onChosen(self, index: int) -> None:
        if self.takesChoices and 0 <= index < len(self._nodes):
            self._parameters.measurements = self._nodes[index]


def _label(node) -> str:
    count = node.GetTable().GetNumberOfRows()
    text = _("{subject} · 1 visit") if count == 1 else _("{subject} · {count} visits")
    return text.format(subject=subject_of(node), count=count)
