"""Motion during the dynamic series: the frames put back into a series of its own, and the curve of the motion."""

from __future__ import annotations

from dataclasses import replace

import qt
import slicer
from HER2ImmunoCommonLib.gui import ChoiceBox, LivePlot, PanelPart, StatusLine
from slicer.i18n import tr as _

from ..motion import said, shift_chart, turn_chart
from ..scene.found_motion import FoundMotion, found_motion
from ..scene.motion_correction import (
    gather_correction,
    publish_correction,
    reason_not_corrected,
)
from . import labels
from .computation import checkChosen


class MotionSection(PanelPart):
    """Rows of a fold with a form layout.

    Parameters
    ----------
    panel : QuantDCEPanel
    section : ctkCollapsibleButton
    """

    def __init__(self, panel, section):
        PanelPart.__init__(self)
        self._panel, self._shown = panel, None
        tip = _(
            "Rigid: the body moves as one piece, which is enough where the patient shifted; with bending it also "
            "changes its shape, as in breathing, and takes longer"
        )
        self.kind = ChoiceBox(section, "motionKind", labels.MOTION_KINDS, tip)
        self.button = qt.QPushButton(_("Correct motion"), section)
        self.button.connect("clicked()", self._onCorrect)
        self.note, self.status, self.warnings = (StatusLine(section) for _line in range(3))
        self.shifts, self.turns = LivePlot(section), LivePlot(section)
        self.shifts.setToolTip(_("How far the body is from its place before the contrast agent, in mm, at each frame"))
        self.turns.setToolTip(_("How far the body is turned from how it lay before the contrast agent, in degrees"))
        form = section.layout()
        form.addRow(_("Kind of motion:"), self.kind)
        for widget in (self.button, self.note, self.status, self.warnings, self.shifts, self.turns):
            form.addRow(widget)
        self.inner.append(self.kind)

    def setParameterNode(self, parameters) -> None:
        """Show the motion of the series in `parameters` (None: nothing)."""
        self._shown = None
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Say whether the series can be corrected, and what is known of its motion."""
        parameters = self._parameters
        if parameters is None or slicer.mrmlScene.IsImporting():
            return
        reason = reason_not_corrected(parameters)
        self.button.setEnabled(not reason)
        tip = _("Look for motion in every frame, and put the frames back into a new series; the measured one stays")
        self.button.setToolTip(reason or tip)
        motion = found_motion(parameters.dynamic)
        self.note.say("plain", reason)
        self.status.say("ok", "" if motion is None else " ".join(said(motion.curve, motion.jumps)))
        self.warnings.say("warning", "" if motion is None else "\n⚠ ".join(motion.warnings))
        key = None if motion is None else (parameters.dynamic.GetID(), motion.text)
        if key != self._shown or key is None:
            self._shown = key
            self._showCurve(motion)

    def _showCurve(self, motion: FoundMotion | None) -> None:
        for plot, chart in ((self.shifts, shift_chart), (self.turns, turn_chart)):
            # The room below the curves is for a legend inside; here it stands above them.
            plot.showChart(None if motion is None else replace(chart(motion.curve, motion.jumps), y_range=None))
            plot.setVisible(motion is not None)

    def _onCorrect(self) -> None:
        if self._parameters is not None:
            self._panel.runBar.begin(self._correct)

    def _correct(self) -> None:
        panel, parameters = self._panel, self._parameters
        request = gather_correction(parameters)

        def done(found) -> tuple[str, str]:
            checkChosen(parameters, request.series)
            node = publish_correction(slicer.mrmlScene, request, found)
            if node is request.series:
                parameters.parameterNode.Modified()  # what was found is known to the series alone
                return "ok", _("No motion was found in {name}; it is used as it was measured.").format(
                    name=node.GetName()
                )
            parameters.dynamic = node
            if panel.parameters is parameters:
                panel.steps.open("examination")  # the curve is looked at before the next step
            return "ok", _("{name} is used from here on; {measured} is as it was.").format(
                name=node.GetName(), measured=request.series.GetName()
            )

        panel.run(request.correct, done)
