"""What is fitted, the plan in one sentence, and a preview of one slice; the button that computes stands below it."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.gui import ChoiceBox, PanelPart, SegmentSection, StatusLine, TickRow, wrapLabel
from slicer.i18n import tr as _

from ..scene.preview import is_preview_stale
from . import labels
from .plan import plan


class ComputeSection(PanelPart, qt.QWidget):
    """Lies above the folds of its step; the rows of the model are in `ui.modelSection`.

    Parameters
    ----------
    parent : QWidget
    ui : the named widgets of the form
    onPreview : callable
        Called without arguments when one slice is to be computed.

    Attributes
    ----------
    previewButton : QPushButton
        Stands beside the button that computes all.
    """

    def __init__(self, parent, ui, onPreview: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        section = ui.modelSection
        tip = _("Model that is fitted to each voxel; none needs no T1 and no input")
        self.model = ChoiceBox(section, "model", labels.models(), tip)
        tip = _("Each voxel keeps the model with the lowest AICc")
        self.candidates = TickRow(section, "candidates", labels.candidates(), tip)
        self.reference = SegmentSection(
            section,
            "QuantDCE.ReferenceEditor",
            ("referenceSegmentation", "referenceSegmentId"),
            _("reference tissue"),
        )
        form = section.layout()
        form.insertRow(0, _("Model:"), self.model)
        form.insertRow(1, _("Choose from:"), self.candidates)
        form.addRow(self.reference)
        tip = _(
            "Equilibrium signal of each voxel; fitting it steadies the maps where few frames come before the agent, "
            "if the model is right"
        )
        self.m0 = ChoiceBox(ui.advancedSection, "m0", labels.M0_SOURCES, tip)
        ui.advancedSection.layout().insertRow(5, _("M0 from:"), self.m0)
        self.previewButton = qt.QPushButton(_("Preview"), self)
        self.previewButton.setToolTip(_("Compute the slice that is looked at, at once, and show its map"))
        self.previewButton.connect("clicked()", onPreview)
        self.plan = qt.QLabel(self)
        wrapLabel(self.plan)
        self.stale = StatusLine(self)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plan)
        layout.addWidget(self.stale)
        self.inner += [self.model, self.candidates, self.reference, self.m0]

    def refresh(self) -> None:
        """Say what would be computed, and whether a preview of it was of other choices."""
        self.plan.setText("" if self._parameters is None else plan(self._parameters))
        isStale = self._parameters is not None and is_preview_stale(self._parameters)
        self.stale.say("warning", _("The choices have changed since the preview.") if isStale else "")
