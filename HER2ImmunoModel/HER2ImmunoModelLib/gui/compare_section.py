"""Visits beside each other: which map over which images, in which plane; and the way back."""

from __future__ import annotations

import ctk
import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, PanelPart, StatusLine
from HER2ImmunoCommonLib.scene import centre_on_tumour, overlays_of, set_opacity
from slicer.i18n import tr as _

from ..scene.visits_shown import overlay_chosen
from .compared_views import COLUMNS, ComparedViews
from .form_row import addRows, formIn
from .listed_choice import ListedChoice
from .scene_visits import SceneVisits

WHOLE = 100


class CompareSection(PanelPart, qt.QWidget):
    """Choices, the button that shows and ends, and what must be known of what is shown.

    Parameters
    ----------
    parent : ctkCollapsibleButton
    visits : SceneVisits
    views : ComparedViews
    """

    def __init__(self, parent, visits: SceneVisits, views: ComparedViews):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._section, self._visits, self._views, self._refusal = parent, visits, views, ""
        self.map = ListedChoice(self, _("The map that is shown over the images of every visit"), self._onMap)
        frames = {"last": _("After contrast (last frame)"), "first": _("Before contrast (first frame)")}
        self.frame = ChoiceBox(self, "compareFrame", frames, _("Which frame of the dynamic series is shown"))
        planes = {"": _("As acquired"), "Axial": _("Axial"), "Sagittal": _("Sagittal"), "Coronal": _("Coronal")}
        self.plane = ChoiceBox(self, "comparePlane", planes, _("The plane of the views, the same for every visit"))
        self.opacity = ctk.ctkSliderWidget(self)
        self.opacity.maximum, self.opacity.decimals, self.opacity.suffix = WHOLE, 0, " %"
        self.opacity.setToolTip(_("How much of the map is seen over the images, from none to all"))
        self.button = qt.QPushButton(_("Compare visits"), self)
        self.button.setCheckable(True)
        self.tumourButton = qt.QPushButton(_("To the tumour"), self)
        self.status = StatusLine(self)
        self.inner += [self.frame, self.plane]
        self._lay()
        self.opacity.connect("valueChanged(double)", self._onOpacity)
        self.button.connect("clicked(bool)", self._onButton)
        self.tumourButton.connect("clicked()", self._onTumour)

    def _lay(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        rows = (
            (_("Map:"), self.map),
            (_("Map seen:"), self.opacity),
            (_("Images:"), self.frame),
            (_("Plane:"), self.plane),
        )
        addRows(formIn(layout), rows)
        buttons = qt.QHBoxLayout()
        layout.addLayout(buttons)
        buttons.addWidget(self.button, 1)
        buttons.addWidget(self.tumourButton)
        layout.addWidget(self.status)

    def refresh(self) -> None:
        """Offer the maps that there are now, and say what is shown."""
        if self._parameters is None:
            return
        self._section.setVisible(bool(self._visits.found.visits))
        offered = overlays_of(self._visits.ofPatient)
        lines = [*((title, key) for key, title in offered.items()), (_("None"), "")]
        self.map.offer(lines, overlay_chosen(offered, self._parameters.compareMap))
        with self.filling():
            self.opacity.setValue(self._parameters.compareOpacity)
            self.button.checked = self._views.way == COLUMNS
        self._offerButtons()
        notes = " ".join(self._views.notes) if self._views.way == COLUMNS else ""
        self.status.say("error" if self._refusal else "warning", self._refusal or notes)

    def _offerButtons(self) -> None:
        reason = self._reason()
        self.button.setEnabled(not reason)
        self.button.setToolTip(reason or self._tip())
        isShown = self._views.way == COLUMNS
        self.tumourButton.setEnabled(isShown)
        self.tumourButton.setToolTip(
            _("Bring every view to the middle of the tumour of the reference visit")
            if isShown
            else _("Compare the visits first")
        )

    def _tip(self) -> str:
        if self._views.way == COLUMNS:
            return _("Back to the layout of before")
        return _("A view a visit, all in the space of the reference, with one window, one colour scale and one legend")

    def _reason(self) -> str:
        if not self._views.canShow:
            return _("There are no views to show visits in")
        if self._visits.reference is None:
            return _("There is no visit with images of the anatomy yet")
        return ""

    def _onMap(self, key: str) -> None:
        if self.takesChoices:
            self._parameters.compareMap = key

    def _onOpacity(self, value: float) -> None:
        if self.takesChoices:
            self._parameters.compareOpacity = round(value)
            set_opacity(slicer.mrmlScene, self._parameters.compareOpacity)

    def _onButton(self, on: bool) -> None:
        if not self.takesChoices:
            return
        self._refusal = ""
        if not on:
            self._views.end()
            return
        try:
            self._views.showColumns()
        except InputError as error:
            self._refusal = str(error)
            self.refresh()

    def _onTumour(self) -> None:
        if not centre_on_tumour(slicer.mrmlScene, self._visits.reference):
            self._refusal = _("No segment is known to be the tumour of the reference visit; choose it above.")
            self.refresh()
            self._refusal = ""
