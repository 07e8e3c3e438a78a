"""The curve of one voxel, under the cursor or at a placed point: measured and fitted, with what the maps say of it."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import CursorWatch, LivePlot, PanelPart, PointPlacing, compactRows, fitTable
from slicer.i18n import tr as _

from ..scene.following import keep_point
from ..scene.probing import curve_chart, curve_rows, curve_table, voxel_words
from ..scene.results import maps_of

STEP = "look"
NO_RESULTS = _("There are no results to look into; compute them first.")
NOTHING = ("", "", "")
WIDEST = "-00.0 mM s "
"""In the last column, which is as wide whatever it holds: nothing may jump to the side either."""
LINES = 2
"""Of what is said of a voxel, whether it needs them or not: nothing below may jump while the mouse moves."""


class ProbeView(PanelPart, qt.QWidget):
    """Follows the mouse only while its step is open.

    The plot and the table keep the height that they once needed: what lies below does not jump from voxel to voxel.

    Parameters
    ----------
    parent : QWidget
    getProbe : callable
        Gives what works out voxels of the present results (`scene.probing.Probe`), or None where there are none; an
        InputError of it is told.
    """

    nodeFields = ("probePoint",)

    def __init__(self, parent, getProbe: Callable[[], object]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._getProbe, self._isOn, self._maps = getProbe, False, None
        self.follows = qt.QCheckBox(_("Curve under the cursor"), self)
        self.follows.setToolTip(_("Show the curve, the fit and the values of the voxel that the mouse is over"))
        self.follows.connect("toggled(bool)", self._onFollows)
        self.button = qt.QPushButton(_("Place a point"), self)
        self.button.setToolTip(_("Click in a view, to keep the curve of that voxel while the mouse is elsewhere"))
        self.said = qt.QLabel(self)
        self.said.setWordWrap(True)
        self.said.setAlignment(qt.Qt.AlignLeft | qt.Qt.AlignTop)
        self.said.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.said.setText("\n".join("x" * LINES))
        self.said.setMinimumHeight(self.said.property("sizeHint").height())
        self.holder = qt.QWidget(self)
        self.plot = LivePlot(self.holder)
        self.table = self._table()
        self.watch = CursorWatch(self, self._onCursor, "followsCursor")
        self.placing = PointPlacing(self.button, "probePoint", _("Voxel"), self._onPlaced, whileDragged=True)
        self._lay()

    def _table(self):
        table = qt.QTableWidget(self)
        table.setColumnCount(4)
        table.horizontalHeader().setVisible(False)
        table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        table.setShowGrid(False)
        table.verticalHeader().setVisible(False)
        as_needed, rest, fixed = (qt.QHeaderView.ResizeToContents, qt.QHeaderView.Stretch, qt.QHeaderView.Fixed)
        for column, mode in enumerate((as_needed, rest, as_needed, fixed)):
            table.horizontalHeader().setSectionResizeMode(column, mode)
        table.setColumnWidth(3, table.fontMetrics().horizontalAdvance(WIDEST))
        compactRows(table)
        fitTable(table)
        return table

    def _lay(self) -> None:
        inside = qt.QVBoxLayout(self.holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.plot)
        inside.addStretch(1)
        for widget in (self.holder, self.table):
            widget.setVisible(False)  # until there is a voxel to show
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = qt.QHBoxLayout()
        layout.addLayout(row)
        row.addWidget(self.follows, 1)
        row.addWidget(self.button)
        for widget in (self.said, self.holder, self.table):
            layout.addWidget(widget)

    def setParameterNode(self, parameters) -> None:
        """Follow another node, or none."""
        self._isOn = False
        for part in (self.watch, self.placing):
            part.setParameterNode(None)
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Begin or cease to look at voxels, with the step and the results."""
        parameters = self._parameters
        if parameters is not None:
            with self.filling():
                self.follows.checked = parameters.followsCursor
        wasOn, self._isOn = self._isOn, parameters is not None and parameters.step == STEP
        for part in (self.watch, self.placing):
            if self._isOn != wasOn:
                part.setParameterNode(parameters if self._isOn else None)
            else:
                part.follow()
        maps = None if parameters is None else [node.GetID() for node in maps_of(parameters.dynamic)]
        changed, self._maps = maps != self._maps, maps
        if changed:
            self.table.setRowCount(0)  # another model has other rows
        if self._isOn and (changed or not wasOn):
            self._showPoint()

    def exit(self) -> None:
        """Let go of the mouse."""
        self._isOn = False
        for part in (self.watch, self.placing):
            part.exit()
        PanelPart.exit(self)

    def cleanup(self) -> None:
        """Let go of everything."""
        self._isOn = False
        for part in (self.watch, self.placing):
            part.cleanup()
        PanelPart.cleanup(self)

    def showVoxel(self, ras) -> None:
        """Show the voxel at a place (RAS, mm); at None, or where there is no voxel, say what to do."""
        found, words = None, _("Move the mouse over the images, or place a point.")
        if not self._maps:
            words = NO_RESULTS
        elif ras is not None:
            found, words = self._find(ras)
        self.said.setText(words if found is None else voxel_words(found))
        everything = () if found is None else curve_rows(found)
        self.said.setToolTip("\n".join(f"{name}: {value}" for name, value, _tip in everything))
        self.plot.showChart(None if found is None else curve_chart(found))
        if found is not None:
            self.holder.setMinimumHeight(max(self.holder.minimumHeight, self.plot.minimumHeight))
            self.holder.setVisible(True)
            self.table.setVisible(True)
        self._fill(() if found is None else curve_table(found))

    def showAgain(self) -> None:
        """Show the placed point, else say what to do: what is needed for it has been prepared since."""
        if self._isOn:
            self._showPoint()

    def _find(self, ras) -> tuple:
        """The voxel at a place, or None and why there is none."""
        try:
            probe = self._getProbe()
            if probe is None:
                return None, NO_RESULTS
            return probe.at(ras), _("There is no voxel of the series here.")
        except InputError as error:
            return None, str(error)

    def _fill(self, rows) -> None:
        """Write the rows; those that a voxel before had are left, empty."""
        for row in range(self.table.rowCount, len(rows)):
            self.table.insertRow(row)
            for column in range(self.table.columnCount):
                self.table.setItem(row, column, qt.QTableWidgetItem())
        for row in range(self.table.rowCount):
            pair = rows[row] if row < len(rows) else (None, None)
            cells = [(text, tip) for name, value, tip in (each or NOTHING for each in pair) for text in (name, value)]
            for column, (text, tip) in enumerate(cells):
                item = self.table.item(row, column)
                item.setText(text)
                item.setToolTip(tip)

    def _showPoint(self) -> None:
        self.showVoxel(self.placing.place)

    def _onFollows(self, on: bool) -> None:
        if self.takesChoices:
            self._parameters.followsCursor = on

    def _onCursor(self, ras) -> None:
        """The mouse is elsewhere, or has left the views: then the placed point is shown, or the last voxel stays."""
        if ras is not None:
            self.showVoxel(ras)
        elif self.placing.place is not None:
            self._showPoint()

    def _onPlaced(self, ras) -> None:
        keep_point(self._parameters, "probePoint")
        self.showVoxel(ras)
