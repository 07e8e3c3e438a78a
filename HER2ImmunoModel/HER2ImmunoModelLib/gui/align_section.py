"""Bringing the visits into the space of the reference: the choices, the work, and each visit as it was aligned."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, PanelPart, RunBar
from HER2ImmunoCommonLib.scene import (
    check_alignable,
    gather_board,
    gather_jacobian,
    gather_judgement,
    keep_judged,
    publish_alignment,
)
from slicer.i18n import tr as _

from ..scene.alignment_shown import aligned_said, alignment_request
from .aligned_visit import AlignedVisit
from .compared_views import BOARD, ComparedViews
from .form_row import addRows, formOf
from .listed_choice import ListedChoice
from .scene_visits import SceneVisits, keyOf


class AlignSection(PanelPart, qt.QWidget):
    """The reference visit, the button that aligns the others to it, and below it one visit.

    Parameters
    ----------
    parent : ctkCollapsibleButton
    visits : SceneVisits
    views : ComparedViews
    onRunning : callable
        Called with the section and True before its work, and False after it.
    """

    def __init__(
        self, parent, visits: SceneVisits, views: ComparedViews, onRunning: Callable[[AlignSection, bool], None]
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._section, self._visits, self._views = parent, visits, views
        self.choices = qt.QWidget(self)
        tip = _("The visit whose space the others are brought into")
        self.reference = ListedChoice(self.choices, tip, self._onReference)
        kinds = {"deformable": _("Rigid, then deformable"), "rigid": _("Rigid alone")}
        self.kind = ChoiceBox(
            self.choices,
            "alignKind",
            kinds,
            _("Whether tissue may be deformed; the tumour never is: its volume is kept"),
        )
        self.runBar = RunBar(self, _("Align visits"), self.start, lambda running: onRunning(self, running))
        self.visit = AlignedVisit(self, visits, views, self._onJudge, self._onLook)
        self.inner += [self.kind, self.runBar, self.visit]
        addRows(formOf(self.choices), ((_("Reference visit:"), self.reference), (_("Alignment:"), self.kind)))
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.choices, self.runBar, self.visit):
            layout.addWidget(widget)

    def refresh(self) -> None:
        """Show the reference."""
        if self._parameters is None:
            return
        self._section.setVisible(bool(self._visits.found.visits))
        lines = [(visit.name, keyOf(visit)) for visit in self._visits.found.visits if visit.anatomy is not None]
        reference = self._visits.reference
        self.reference.offer(lines, "" if reference is None else keyOf(reference))
        self.check()

    def check(self) -> None:
        """Say whether the visits can be aligned, and if not, why not."""
        reason = self._reason()
        self.runBar.setReady(not reason, reason)

    def lock(self, locked: bool, own: bool = False) -> None:
        """Take no input while work runs; its `own` can still be cancelled."""
        self.choices.setEnabled(not locked)
        self.visit.setEnabled(not locked)
        self.runBar.setEnabled(own or not locked)

    def start(self) -> None:
        """Align every visit of the patient."""
        reference, visits = self._visits.reference, self._visits.ofPatient
        request = alignment_request(reference, visits, self._parameters)

        def done(found):
            return aligned_said(found, publish_alignment(slicer.mrmlScene, reference, visits, request, found))

        self.runBar.run(request.make, done)
        self._visits.lookAgain()

    def _reason(self) -> str:
        try:
            reference = self._visits.reference
            if reference is None:
                return _("There is no visit with images of the anatomy to align to.")
            check_alignable(reference, self._visits.ofPatient)
        except InputError as error:
            return str(error)
        return ""

    def _onReference(self, key: str) -> None:
        visit = self._visits.ofKey(key)
        if self.takesChoices and visit is not None:
            self._visits.makeReference(visit)

    def _onJudge(self) -> None:
        self.runBar.begin(self._judge)

    def _judge(self) -> None:
        visit = self._visits.current
        request = gather_judgement(self._visits.reference, visit)

        def done(judged) -> str:
            keep_judged(visit, judged)
            return _("Judged: see below.")

        self.runBar.run(request.make, done)
        self._visits.lookAgain()

    def _onLook(self, way: str) -> None:
        self.runBar.begin(self._board if way == BOARD else self._jacobian)
        self.visit.refresh()

    def _board(self) -> None:
        visit = self._visits.current
        self._show(gather_board(self._visits.reference, visit), lambda board: self._views.showBoard(visit, board))

    def _jacobian(self) -> None:
        visit = self._visits.current
        request = gather_jacobian(self._visits.reference, visit)
        self._show(request, lambda values: self._views.showJacobian(visit, values))

    def _show(self, request, show: Callable[[object], None]) -> None:
        def done(made) -> str:
            show(made)
            return _("It is shown in the view.")

        self.runBar.run(request.make, done)
