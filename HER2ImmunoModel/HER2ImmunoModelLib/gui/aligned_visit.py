"""One visit as it is aligned: which segment is its tumour, by which transform, how good that is, and the answer."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.gui import PanelPart, StatusLine, ValuesTable
from HER2ImmunoCommonLib.scene import (
    ACCEPTED,
    accept,
    choose_tumour,
    landmark_node_of,
    place_visit,
    placing_of,
    set_landmarks,
    tumour_choices,
    tumour_of,
)
from slicer.i18n import tr as _

from ..scene.alignment_shown import (
    NO_TUMOUR,
    landmark_lines,
    quality_rows,
    remarks_on,
    transform_lines,
    tumour_lines,
)
from .compared_views import BOARD, COLUMNS, FLICKER, JACOBIAN, ComparedViews
from .correction_row import CorrectionRow
from .form_row import addRows, formIn
from .listed_choice import ListedChoice
from .scene_visits import SceneVisits, keyOf


class AlignedVisit(PanelPart, qt.QWidget):
    """The current visit: choices of its tumour, transform and landmarks, the figures, and buttons.

    Parameters
    ----------
    parent : QWidget
    visits : SceneVisits
    views : ComparedViews
    onJudge : callable
        Called without arguments when the transform is to be judged.
    onLook : callable
        Called with `BOARD` or `JACOBIAN` when what it shows of the visit is to be worked out.
    """

    def __init__(self, parent, visits: SceneVisits, views: ComparedViews, onJudge, onLook: Callable[[str], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._visits, self._views, self._onLook = visits, views, onLook
        self.visit = ListedChoice(self, _("The visit that is shown below"), self._onVisit)
        self.tumour = ListedChoice(self, _("The segment that is the tumour of this visit"), self._onTumour)
        self.transform = ListedChoice(
            self,
            _("The transform from the reference to this visit: the one found here, any other of the scene, or none"),
            self._onTransform,
        )
        self.landmarks = ListedChoice(
            self,
            _("Points (module Markups) set at the same places of each visit, in the same order; they judge, no more"),
            self._onLandmarks,
        )
        self.figures, self.remarks, self.seen = ValuesTable(self), StatusLine(self), StatusLine(self)
        self.acceptButton = self._checkable(_("Accept"), self._onAccept)
        self.flickerButton = self._checkable(_("Flicker"), self._onFlicker)
        self.boardButton = self._checkable(_("Checkerboard"), lambda on: self._onMade(BOARD, on))
        self.jacobianButton = self._checkable(_("Jacobian"), lambda on: self._onMade(JACOBIAN, on))
        self.judgeButton = qt.QPushButton(_("Judge"), self)
        self.judgeButton.connect("clicked()", onJudge)
        self.correction = CorrectionRow(self, visits, visits.lookAgain)
        self.inner.append(self.correction)
        self._lay()

    def refresh(self) -> None:
        """Show the current visit."""
        if self._parameters is None:
            return
        visit = self._visits.current
        self.setVisible(visit is not None)
        if visit is None:
            return
        self._offerChoices(visit)
        placing = placing_of(visit)
        self.figures.showRows(quality_rows(None if placing is None else placing.judged))
        look, said = remarks_on(visit, self._visits.reference)
        self.remarks.say(look, said)
        self.seen.say("warning", "" if self._views.way == COLUMNS else " ".join(self._views.notes))
        self._offerButtons(placing)

    def _checkable(self, text: str, slot):
        button = qt.QPushButton(text, self)
        button.setCheckable(True)
        button.connect("clicked(bool)", slot)
        return button

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        rows = (
            (_("Visit:"), self.visit),
            (_("Tumour:"), self.tumour),
            (_("Transform:"), self.transform),
            (_("Landmarks:"), self.landmarks),
        )
        addRows(formIn(layout), rows)
        for widget in (self.figures, self.remarks):
            layout.addWidget(widget)
        for buttons in (
            (self.flickerButton, self.boardButton, self.jacobianButton),
            (self.judgeButton, self.acceptButton),
        ):
            row = qt.QHBoxLayout()
            layout.addLayout(row)
            for button in buttons:
                row.addWidget(button)
        layout.addWidget(self.seen)
        layout.addWidget(self.correction)

    def _offerChoices(self, visit) -> None:
        reference = self._visits.reference
        self.visit.offer([(each.name, keyOf(each)) for each in self._visits.ofPatient], keyOf(visit))
        like = None if reference is None else tumour_of(reference)
        self.tumour.offer(*tumour_lines(visit, like))
        self.transform.offer(*transform_lines(visit))
        points = landmark_node_of(visit)
        self.landmarks.offer(landmark_lines(slicer.mrmlScene), "" if points is None else points.GetID())
        self.transform.setEnabled(not self._visits.isReference(visit))

    def _offerButtons(self, placing) -> None:
        visit, hasViews = self._visits.current, self._views.canShow
        isOther = not self._visits.isReference(visit)
        with self.filling():
            self.acceptButton.checked = placing is not None and placing.state == ACCEPTED
            self.flickerButton.checked = self._views.way == FLICKER
            self.boardButton.checked = self._views.way == BOARD
            self.jacobianButton.checked = self._views.way == JACOBIAN
        canLook = hasViews and isOther and visit.anatomy is not None and self._visits.reference is not None
        why = _("There are no views to show it in") if not hasViews else _("Choose a visit that is not the reference")
        canChange = canLook and placing is not None
        none = _("This visit has no transform; align it, or choose one")
        tips = (
            (self.flickerButton, canLook, _("Show the reference and this visit in turn in one view"), why),
            (self.boardButton, canLook, _("Show squares of the reference and of this visit in turn"), why),
            (
                self.jacobianButton,
                canChange,
                _("Show over the reference by which factor the transform changes volumes: blue smaller, red larger"),
                why if not canLook else none,
            ),
            (self.judgeButton, placing is not None, _("Work out the figures of the transform as it is now"), none),
            (self.acceptButton, placing is not None, _("Say that you have looked at it, and take it"), none),
        )
        for button, can, tip, reason in tips:
            button.setEnabled(can)
            button.setToolTip(tip if can else reason)

    def _onVisit(self, key: str) -> None:
        visit = self._visits.ofKey(key)
        if self.takesChoices and visit is not None:
            self._visits.choose(visit)

    def _onTumour(self, key: str) -> None:
        visit = self._visits.current
        chosen = next((each for each in tumour_choices(visit) if each.key == key), None)
        if chosen is not None:
            choose_tumour(visit, chosen.segmentation, chosen.segment_id)
        elif key == NO_TUMOUR:
            choose_tumour(visit, None)
        self._visits.lookAgain()

    def _onTransform(self, key: str) -> None:
        node = slicer.mrmlScene.GetNodeByID(key) if key else None
        placing = placing_of(self._visits.current)
        if placing is None or placing.node is not node:
            place_visit(self._visits.current, self._visits.reference, node)
        self._visits.lookAgain()

    def _onLandmarks(self, key: str) -> None:
        set_landmarks(self._visits.current, slicer.mrmlScene.GetNodeByID(key) if key else None)
        self._visits.lookAgain()

    def _onAccept(self, on: bool) -> None:
        accept(self._visits.current, on)
        self._visits.lookAgain()

    def _onFlicker(self, on: bool) -> None:
        if on:
            self._views.tryShow(lambda: self._views.showPair(self._visits.current))
        else:
            self._views.end()

    def _onMade(self, way: str, on: bool) -> None:
        if on:
            self._onLook(way)
        else:
            self._views.end()
