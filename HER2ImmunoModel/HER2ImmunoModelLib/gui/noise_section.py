"""How the measurements scatter about the model: the kind of noise of volumes, outliers, a factor on what is stated."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.gui import ChoiceBox, Fold, PanelPart, StatusLine, setTitle
from slicer.i18n import tr as _

from ..findings.noise_words import FRACTIONS, KINDS, SAID, noise_title
from .form_row import addRows, formIn
from .tick_field import TickField


class NoiseSection(PanelPart, qt.QWidget):
    """A closed section whose title says what is chosen.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.section = ctk.ctkCollapsibleButton(self)
        tip = _(
            "How far a measured volume may lie from the true one: by a standard deviation in cm³, by a share of the "
            "volume (%), or as the table states"
        )
        self.kind = ChoiceBox(self.section, "noise", KINDS, tip)
        self.said = StatusLine(self.section)
        self.said.setToolTip(FRACTIONS)
        tip = _(
            "A number far from the fit is taken for an outlier and hardly pulls it: numbers scatter by a t "
            "distribution with 4 degrees of freedom, of which the standard deviations (cm³, or a share) are the scale"
        )
        self.tails = TickField(self.section, "heavyTails", _("Outliers weigh little (heavy tails)"), tip)
        tip = _(
            "One factor on all standard deviations of the table is estimated with the parameters (no unit; 1: they are "
            "right), where they are guesses. If the scatter of volumes is estimated, it is one on those of fractions"
        )
        self.scale = TickField(self.section, "noiseScale", _("Estimate how far the measurements scatter"), tip)
        self.inner = [self.kind, self.tails, self.scale]
        self._lay()

    def _lay(self) -> None:
        inside = qt.QVBoxLayout(self.section)
        Fold(self.section)
        addRows(formIn(inside), [(_("Volumes scatter:"), self.kind)])
        for widget in (self.said, self.tails, self.scale):
            inside.addWidget(widget)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.section)

    def refresh(self) -> None:
        """Say what is chosen in the title, and what it means inside."""
        parameters = self._parameters
        if parameters is None:
            return
        self.said.say("plain", SAID.get(parameters.noise, ""))
        title = noise_title(parameters.noise, parameters.heavyTails)
        setTitle(self.section, _("Scatter of volumes: {how}").format(how=title))
