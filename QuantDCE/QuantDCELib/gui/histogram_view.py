"""How the values of a map are spread over the tumour, with the cut of the vascular fraction to be drawn."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import LivePlot, PanelPart, colourSquare, compactRows, fitTable, wrapLabel
from slicer.i18n import tr as _

from ..scene.histogram import bins_heading, bins_of, fraction_words, has_cut, tumour_histogram
from ..scene.vascular import drawn_cut, move_cut


class HistogramView(PanelPart, qt.QWidget):
    """A histogram for a map of numbers, a table of classes for a label map, nothing for another result.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._node, self._series, self._cut, self._shown = None, None, None, None
        self.plot = LivePlot(self)
        self.plot.setToolTip(
            _("Voxels of the tumour by their value; the line is the Ktrans from which one is vascular")
        )
        self.plot.installEventFilter(self)
        self._later = qt.QTimer(self)
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self._tellFraction)
        self.line = qt.QLabel(self)
        wrapLabel(self.line)
        self.heading = qt.QLabel(self)
        wrapLabel(self.heading)
        self.table = self._table()
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.plot, self.line, self.heading, self.table):
            layout.addWidget(widget)

    def _table(self):
        table = qt.QTableWidget(self)
        table.setColumnCount(3)
        table.setHorizontalHeaderLabels([_("Class"), _("Voxels"), _("cm³")])
        table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        table.setShowGrid(False)
        table.verticalHeader().setVisible(False)
        table.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
        compactRows(table)
        fitTable(table)
        return table

    def showMap(self, node) -> None:
        """Show the values of this result (None: nothing)."""
        self._node = node
        self.refresh()

    def refresh(self) -> None:
        """Follow the results, and the cut that was entered."""
        parameters = self._parameters
        series = None if parameters is None else parameters.dynamic
        cut = None if parameters is None else parameters.vascularKtrans
        earlier, self._series, self._cut = (self._series, self._cut), series, cut
        if series is None:
            self._shown = None
            self.setVisible(False)
            return
        # Of a series that is only chosen, the numbers stay as they were measured.
        if earlier[0] is series and earlier[1] != cut and move_cut(series, cut):
            parameters.parameterNode.Modified()
        if self._node is not None and self._node.GetScene() is None:
            self._node = None
        key = self._node, None if self._node is None else self._node.GetMTime(), cut
        if key != self._shown:
            self._shown = key
            self._show(series, cut)

    def cleanup(self) -> None:
        """Forget the results."""
        self._later.stop()
        PanelPart.cleanup(self)

    def _show(self, series, cut: float) -> None:
        chart = tumour_histogram(series, self._node, cut)
        self.plot.showChart(chart)
        withCut = chart is not None and has_cut(series, self._node)
        self.plot.setHandle(cut if withCut else None, _("from {x} /min"), self._onMoved)
        self.line.setText(fraction_words(series, cut) if withCut else "")
        classes = bins_of(series, self._node)
        self.heading.setText(bins_heading(series, self._node))
        self._fill(classes)
        for widget, seen in ((self.plot, chart is not None), (self.line, withCut), (self.heading, bool(classes))):
            widget.setVisible(seen)
        self.table.setVisible(bool(classes))
        self.setVisible(chart is not None or bool(classes))

    def _fill(self, classes) -> None:
        self.table.setRowCount(len(classes))
        for row, each in enumerate(classes):
            name = qt.QTableWidgetItem(each.label)
            name.setIcon(qt.QIcon(colourSquare(each.rgb)))
            numbers = qt.QTableWidgetItem(str(each.n)), qt.QTableWidgetItem(f"{each.volume_cm3:.3g}")
            for column, item in enumerate((name, *numbers)):
                item.setTextAlignment(qt.Qt.AlignVCenter | (qt.Qt.AlignRight if column else qt.Qt.AlignLeft))
                self.table.setItem(row, column, item)

    def eventFilter(self, watched, event) -> bool:
        """While the line is in the hand, tell the fraction that it would give."""
        if event.type() == qt.QEvent.MouseMove and self.plot.handleX is not None:
            self._later.start(0)  # when the line has followed
        return False

    def _tellFraction(self) -> None:
        if self._parameters is not None and self.plot.handleX is not None:
            self.line.setText(fraction_words(self._parameters.dynamic, drawn_cut(self.plot.handleX)))

    def _onMoved(self, value: float) -> None:
        if self.takesChoices:
            self._parameters.vascularKtrans = drawn_cut(value)
