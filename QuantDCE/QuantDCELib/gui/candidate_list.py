"""The candidates for the artery, each to be looked at, accepted or rejected."""

from __future__ import annotations

import qt
import slicer
from HER2ImmunoCommonLib.gui import PanelPart, colourSquare
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..scene.candidates import CandidateRow, accept, candidate_rows, follow_removed, go_to


class CandidateList(PanelPart, qt.QWidget):
    """A row for each candidate: a box to accept it, its colour in the slices, what was measured, and a way there."""

    nodeFields = ("arteryCandidates",)

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._observation, self._observed, self._shown = VTKObservationMixin(), None, ()
        self.boxes: dict[str, qt.QCheckBox] = {}
        self.buttons: dict[str, qt.QPushButton] = {}
        self._rows, self._squares = [], {}
        self._layout = qt.QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self.setVisible(False)

    def refresh(self) -> None:
        """Show the candidates of the chosen series."""
        self._observe(None if self._parameters is None else self._parameters.arteryCandidates)
        rows = tuple(candidate_rows(self._parameters))
        if rows == self._shown:
            return
        ids = [row.segment_id for row in rows]
        if ids != list(self.boxes):
            self._build(ids)
        self._shown = rows
        with self.filling():
            for row in rows:
                self._fill(row)
        self.setVisible(bool(rows))

    def cleanup(self) -> None:
        """Stop watching the candidates."""
        self._observation.removeObservers()
        PanelPart.cleanup(self)

    def _observe(self, node) -> None:
        """Follow a person who renames or removes a candidate elsewhere."""
        if node is self._observed:
            return
        self._observation.removeObservers()
        self._observed = node
        if node is None:
            return
        for event, called in (
            (slicer.vtkSegmentation.SegmentRemoved, self._onRemoved),
            (slicer.vtkSegmentation.SegmentModified, self._onModified),
        ):
            self._observation.addObserver(node.GetSegmentation(), event, called)

    def _build(self, ids: list[str]) -> None:
        for row in self._rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows, self.boxes, self.buttons, self._squares = [], {}, {}, {}
        for segmentId in ids:
            row = qt.QWidget(self)
            square, box, button = qt.QLabel(row), qt.QCheckBox(row), qt.QPushButton(_("Go there"), row)
            square.setToolTip(_("Its colour in the slices"))
            box.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)
            box.connect("toggled(bool)", lambda checked, key=segmentId: self._onToggled(key, checked))
            button.setToolTip(_("Move the slices to this candidate, in the frame of its peak"))
            button.connect("clicked()", lambda key=segmentId: self._onGo(key))
            inside = qt.QHBoxLayout(row)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.addWidget(square)
            inside.addWidget(box, 1)
            inside.addWidget(button)
            self._layout.addWidget(row)
            self._rows.append(row)
            self.boxes[segmentId], self.buttons[segmentId], self._squares[segmentId] = box, button, square

    def _fill(self, row: CandidateRow) -> None:
        box = self.boxes[row.segment_id]
        box.setText(f"⚠ {row.text}" if row.doubt else row.text)
        box.checked = row.accepted
        tip = _("Measure the arterial input in this candidate; several that are accepted are measured together")
        box.setToolTip(f"{row.text}\n{row.doubt}\n{tip}" if row.doubt else f"{row.text}\n{tip}")
        self._squares[row.segment_id].setPixmap(colourSquare(row.rgb))

    def _onToggled(self, segmentId: str, checked: bool) -> None:
        if self.takesChoices:
            accept(self._parameters, segmentId, checked)

    def _onGo(self, segmentId: str) -> None:
        if self._parameters is not None and self._parameters.arteryCandidates is not None:
            go_to(self._parameters, segmentId)

    def _onRemoved(self, caller, event) -> None:
        if self._stands():
            follow_removed(self._parameters)
            self.refresh()

    def _onModified(self, caller, event) -> None:
        if self._stands():
            self.refresh()

    def _stands(self) -> bool:
        """Whether the candidates are still in a scene that is not being closed or loaded."""
        scene = slicer.mrmlScene
        if self._parameters is None or scene.IsClosing() or scene.IsImporting():
            return False
        return self._observed is not None and self._observed.GetScene() is scene
