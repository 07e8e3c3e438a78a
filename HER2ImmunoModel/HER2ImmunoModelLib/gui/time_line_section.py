"""The time line at the top of the panel: it follows the tables, and writes into the treatment table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..findings.plan import PlanRequest
from ..models.model import Model
from ..scene.chosen_model import shown_model
from ..scene.results import read_results
from ..scene.time_line import Known, known_of, state_choices, strips_of, time_line_of, write_edit
from ..timeline import (
    Edit,
    Forecast,
    Place,
    Strip,
    TimeLine,
    applied,
    broken_doses,
    copy_cycle,
    joined,
    said_of_broken,
    said_of_dose,
)
from .time_line_menu import DrugMenu, PlaceMenu
from .time_line_view import TimeLineView
from .visit_pictures import VisitPictures

HINT = _("Filled: given; outlined: planned. A click on a lane adds a dose, a drag moves it; right click for more.")

QUIET_MS = 150
"""After the last of changes that follow each other, they are written."""


class TimeLineSection(PanelPart, qt.QWidget):
    """The time line, what the selected dose is, and buttons for what has no place in it.

    Parameters
    ----------
    parent : QWidget
    onPreview : callable
        Called with the time line as it would be if a dose that is dragged were let go of now, and with None when it is.
    """

    def __init__(self, parent, onPreview: Callable[[TimeLine | None], None] = lambda line: None):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._onPreview, self._live, self._others = onPreview, None, ()
        self._more, self._moreOf, self._isStale, self._request, self._refused = [], None, False, None, ""
        self._kept, self._statesShown, self._gathered = None, None, None
        self._later = qt.QTimer(self)
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self.flush)
        self.pictures = VisitPictures(self)
        self.view = TimeLineView(self, self.edit, self._onSelected, self._openMenu, self._preview, self.pictures.tip)
        self.said = StatusLine(self)
        self.menu = PlaceMenu(self, self.edit, self.view.editSize)
        self.addButton = qt.QPushButton(_("Add drug …"), self)
        self.addButton.setToolTip(_("A lane for a drug that has no dose yet"))
        self.drugMenu = DrugMenu(self.addButton, self.addLane)
        self.addButton.connect("clicked()", self._offerDrugs)
        self.copyButton = qt.QPushButton(_("Copy last cycle"), self)
        self.copyButton.setToolTip(
            _("The doses of the last cycle once more after it; the menu of a lane copies one drug")
        )
        self.copyButton.connect("clicked()", self._onCopy)
        self.state = ChoiceBox(self, "timeLineState", {}, _("What is shown below the doses"))
        self.inner = [self.state, self.pictures]
        self._lay()

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        buttons = qt.QHBoxLayout()
        layout.addLayout(buttons)
        for widget in (self.addButton, self.copyButton):
            buttons.addWidget(widget)
        buttons.addWidget(self.state, 1)
        layout.addWidget(self.said)

    def refresh(self) -> None:
        """Show what the tables and the results hold now."""
        self.flush()
        parameters = self._parameters
        if parameters is None:
            return
        of = parameters.treatments, parameters.species, parameters.model
        if of != self._moreOf:
            self._more, self._moreOf = [], of
        self._offerStates()
        self._sayStale()
        known = self._known()
        line = time_line_of(parameters, known, self._more, date.today())
        strips = self._strips(known, line)
        if not self._isSame(line):
            self.view.select(None)
        self.view.showTimeLine(line, strips)
        self._keepSelected()
        self.copyButton.setEnabled(bool(line.doses))
        self._say()

    def showExpected(self, live: Forecast | None, others: Sequence[Forecast] = ()) -> None:
        """Show what is expected of the planned doses, and of other scenarios; None where that is not known."""
        if (live, others) == (self._live, self._others):
            return
        self._live, self._others = live, tuple(others)
        if self._parameters is None:
            return
        known = self._known()
        isLonger = known.forecast is not None and known.forecast.day[-1] != self.view.line.until
        if isLonger and not self.view.isDragged and self._gathered is None:
            self.refresh()
        else:
            self.view.showStrips(self._strips(known, self.view.line))

    def _known(self) -> Known:
        """What the tables tell, with the forecast of the doses that are planned now where there is one."""
        known = known_of(self._parameters)
        return known if self._live is None else replace(known, forecast=self._live)

    def _strips(self, known: Known, line: TimeLine) -> tuple[Strip, ...]:
        """What stands below the lanes; what the scene holds is of other doses once doses are planned."""
        if self._live is None and known.forecast is not None:
            isPlanned = any(not line.is_given(dose.day) for dose in line.doses)
            known = replace(known, forecast=replace(known.forecast, is_stale=self._isStale or isPlanned))
        others = self._others if self._live is not None else ()
        return strips_of(self._parameters, known, self._parameters.timeLineState, others)

    def _preview(self, edit: Edit | None) -> None:
        if edit is None or not edit.refused:
            self._onPreview(None if edit is None else applied(self.view.line, edit))

    def compareWith(self, request: str) -> None:
        """Draw the forecast as out of date unless it was made from this request (`Request.key()`)."""
        before, self._request = self._isStale, request
        if self._parameters is not None:
            self._sayStale()
            if self._isStale != before:
                self.refresh()

    def edit(self, edit: Edit, moreFollows: bool = False) -> None:
        """Write a change of doses into the treatment table; say why, if that cannot be.

        Parameters
        ----------
        edit : Edit
        moreFollows : bool
            Whether it is seen now, and written with those that follow at once: all of the panel goes by the table.
        """
        if self._parameters is None:
            return
        self._refused = edit.refused
        if edit.refused or edit.is_empty:
            self._say()
            return
        if moreFollows and not (edit.removed or edit.added):
            self._gather(edit)
            return
        self.flush()
        line, selected = self.view.line, self._selectedAfter(edit)
        self._keepLanes(edit)
        self.view.selected = selected
        changed = applied(line, edit).dose(selected)
        self._kept = edit.added[0] if len(edit.added) == 1 else changed and changed.plain
        self._write(edit)

    def flush(self) -> None:
        """Write what was gathered."""
        gathered, self._gathered = self._gathered, None
        self._later.stop()
        if gathered is not None and gathered[1] == self._table():  # else another one was chosen, or rows have changed
            self._write(gathered[0])

    def setParameterNode(self, parameters) -> None:
        """Follow this node; what was gathered belongs to the one before."""
        self.flush()
        PanelPart.setParameterNode(self, parameters)

    def cleanup(self) -> None:
        """The panel is going away."""
        self._later.stop()
        PanelPart.cleanup(self)

    def _gather(self, edit: Edit) -> None:
        """Show a change, and write it with those that follow."""
        before = Edit() if self._gathered is None else self._gathered[0]
        self._gathered = joined(before, edit), self._table()
        self.view.showTimeLine(applied(self.view.line, edit), self.view.strips)
        self._keepSelected()
        self._say()
        self._later.start(QUIET_MS)

    def _table(self) -> tuple:
        """What rows are counted in."""
        node = None if self._parameters is None else self._parameters.treatments
        return node, 0 if node is None else node.GetNumberOfRows()

    def _write(self, edit: Edit) -> None:
        try:
            write_edit(slicer.mrmlScene, self._parameters, edit)
        except InputError as error:
            self._refused = str(error)
        self._say()

    def addLane(self, drug: str) -> None:
        """Give a drug a lane."""
        self._more.append(drug)
        self.refresh()

    def setLocked(self, locked: bool) -> None:
        """Let nothing be changed while the work runs."""
        for widget in (self.view, self.addButton, self.copyButton):
            widget.setEnabled(not locked)
        if not locked:
            self.copyButton.setEnabled(bool(self.view.line.doses))

    def _openMenu(self, place: Place, where) -> None:
        self.menu.openAt(self.view.line, place, where)

    def _onCopy(self) -> None:
        self.edit(copy_cycle(self.view.line))

    def _onSelected(self) -> None:
        self._refused = ""
        self._keepSelected()
        self._say()

    def _keepSelected(self) -> None:
        """Know the dose that is selected again when the table has changed."""
        dose = self.view.line.dose(self.view.selected)
        self._kept = None if dose is None else dose.plain

    def _selectedAfter(self, edit: Edit) -> int | None:
        """Row of the dose that is selected after a change: one that was added, else the one of before."""
        node = self._parameters.treatments
        if len(edit.added) == 1:
            return 0 if node is None else node.GetNumberOfRows()
        return None if edit.removed or edit.added else self.view.selected

    def _keepLanes(self, edit: Edit) -> None:
        """A lane from which the last dose is deleted stays, so that another one can be put into it."""
        for lane in self.view.line.lanes:
            if lane.doses and all(dose.row in edit.removed for dose in lane.doses):
                self._more.append(lane.drug)

    def _isSame(self, line) -> bool:
        """Whether the row that is selected still has the dose that was selected."""
        now = line.dose(self.view.selected)
        return now is not None and now.plain == self._kept

    def _offerStates(self) -> None:
        choices = state_choices(self._model())
        if choices != self._statesShown:
            self._statesShown = choices
            self.state.setChoices(choices)

    def _offerDrugs(self) -> None:
        if self._parameters is not None:
            self.drugMenu.openFor(self.view.line, self._model())

    def _model(self) -> Model:
        return shown_model(self._parameters)

    def _sayStale(self) -> None:
        results = read_results(self._parameters.parameterNode, PlanRequest.kind)
        self._isStale = results is not None and self._request is not None and results.request != self._request

    def _say(self) -> None:
        """The line below: why something was not done, the selected dose, or which limits are broken."""
        line, dose = self.view.line, self.view.line.dose(self.view.selected)
        broken = said_of_broken(broken_doses(line))
        if line.problem:
            self.said.say("error", _("No doses are shown: {problem}").format(problem=line.problem))
        elif self._refused:
            self.said.say("warning", self._refused)
        elif dose is not None:
            self.said.say("error" if dose.broken else "plain", "\n".join(said_of_dose(line, dose)))
        elif broken:
            self.said.say("error", broken)
        else:
            self.said.say("plain", HINT)
        self.view.setAccessibleDescription(self.said.text)
