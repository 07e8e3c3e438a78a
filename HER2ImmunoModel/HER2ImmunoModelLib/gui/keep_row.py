"""The button that keeps the chosen row of a ranking as a scenario."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, StatusLine
from slicer.i18n import tr as _

from ..scene.kept_rows import keep_row
from .findings_view import FindingsView


class KeepRow(PanelPart, qt.QWidget):
    """Below a table whose rows are schedules: keeps the current one, the first if none is.

    Parameters
    ----------
    view : FindingsView
        Which takes it.
    onKept : callable
        Called when a scenario has been made.
    """

    def __init__(self, view: FindingsView, onKept: Callable[[], None]):
        qt.QWidget.__init__(self, view)
        PanelPart.__init__(self)
        self._view, self._onKept, self._of = view, onKept, None
        self.button, self.said = qt.QPushButton(_("Keep the row as a scenario"), self), StatusLine(self)
        self.button.setToolTip(
            _("Keep the doses of the row that is chosen in the table (the first if none is) as a scenario of What if")
        )
        self.button.connect("clicked()", self.keep)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        layout.addWidget(self.said)
        self.setVisible(False)
        view.putBelowTable(self)

    def refresh(self) -> None:
        """Offer it where there are rows that stand for schedules."""
        results = self._view.results()
        self.setVisible(results is not None and bool(results.keys))
        if results != self._of:
            self._of = results
            self.said.say("plain", "")

    def keep(self) -> None:
        """Keep the row."""
        try:
            kept, later = keep_row(slicer.mrmlScene, self._parameters, self._view.chosenKey())
        except InputError as error:
            self.said.say("error", str(error))
            return
        self._onKept()
        said = _("{name} is kept as a scenario; see What if.").format(name=kept.name)
        if later:
            more = _("Its doses come {days:g} day(s) later: those up to the last visit count as given.")
            said = f"{said} {more.format(days=later)}"
        self.said.say("warning" if later else "ok", said)
