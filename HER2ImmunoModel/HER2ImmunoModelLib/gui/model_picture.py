"""The picture of the model that is chosen, painted as wide as there is room; the tool tip says what an arrow means."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import PanelPart, colourBehind, ink, paintShapes, writeTexts

from ..diagram import draw, height_for, lay_out, said_of_arrow, said_of_node, said_of_picture
from ..diagram.places import Places
from ..models.structure import structure_of
from ..scene.chosen_model import shown_model
from ..scene.parameter_choices import readable_visits

LEAST_WIDTH = 300
FAINT = 190


class ModelPicture(PanelPart, qt.QWidget):
    """States, drugs and arrows of the chosen model, with what is measured.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._model, self._structure, self._measured = None, None, frozenset()
        self._pictured: tuple[str, tuple[str, ...]] | None = None
        self._laid: Places | None = None
        self._laidFor = None
        self.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setMouseTracking(True)

    def refresh(self) -> None:
        """Show the model that the parameter node names, and what its table has a number of."""
        parameters = self._parameters
        if parameters is None:
            return
        measured = frozenset(name for visit in readable_visits(parameters) for name in visit.values)
        model = shown_model(parameters)
        pictured = model.name, tuple(drug.name for drug in model.drugs)
        if (pictured, measured) == (self._pictured, self._measured):
            return
        if pictured != self._pictured:
            self._model, self._pictured = model, pictured
            self._structure = structure_of(self._model)
            self.setAccessibleName(said_of_picture(self._model, self._structure))
        self._measured, self._laidFor = measured, None
        height = round(height_for(self._model, self.fontMetrics().height()))
        self.setMinimumHeight(height)
        self.setMaximumHeight(height)
        self.update()

    def saidAt(self, x: float, y: float) -> str:
        """What is said of what lies at a place; empty for nothing."""
        if self._model is None:
            return ""
        places = self._places()
        node, path = places.node_at(x, y), places.path_at(x, y)
        if node is not None:
            return said_of_node(node.name, self._model)
        return "" if path is None else said_of_arrow(path.arrow, self._model)

    def mouseMoveEvent(self, event) -> None:
        """Say what lies under the mouse."""
        self.setToolTip(self.saidAt(event.x(), event.y()))

    def paintEvent(self, event) -> None:
        """Paint the picture."""
        if self._model is None:
            return
        painter = qt.QPainter(self)
        try:
            painter.setRenderHint(qt.QPainter.Antialiasing, True)
            painter.fillRect(0, 0, self.width, self.height, self.palette.color(qt.QPalette.Base))
            drawing = draw(self._places(), self._measure)
            paintShapes(painter, drawing.shapes, colourBehind(self))
            for texts, alpha in ((drawing.texts, 255), (drawing.faint, FAINT)):
                painter.setPen(qt.QPen(ink(self, alpha)))
                writeTexts(painter, texts, self.font)
        finally:
            painter.end()

    def _measure(self, text: str) -> float:
        return self.fontMetrics().horizontalAdvance(text)

    def _places(self) -> Places:
        size = (self.width, self.fontMetrics().height())
        if self._laidFor != size:
            self._laid = lay_out(self._model, self._structure, *size, self._measure, self._measured)
            self._laidFor = size
        return self._laid
