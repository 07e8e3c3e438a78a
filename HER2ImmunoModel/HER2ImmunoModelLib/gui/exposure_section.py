"""How the chosen model takes doses in units of the clinic."""

from __future__ import annotations

import ctk
import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import Fold, PanelPart, StatusLine
from slicer.i18n import tr as _

from .. import models
from ..scene.given import given, has_doses_in_units


class ExposureSection(PanelPart, qt.QWidget):
    """A closed section with a line for each drug: its kind of exposure, its numbers and where they come from.

    Hidden while the treatment table is in full doses.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self.section = ctk.ctkCollapsibleButton(self)
        inside = qt.QVBoxLayout(self.section)
        Fold(self.section, _("How the model takes these doses"))
        self.lines = StatusLine(self.section)
        inside.addWidget(self.lines)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.section)
        self.section.setVisible(False)

    def refresh(self) -> None:
        """Show the exposures of the doses that are in the table now."""
        parameters = self._parameters
        if parameters is None:
            return
        try:
            exposures = None
            if has_doses_in_units(parameters.treatments, parameters.species):
                exposures = given(parameters, models.get(parameters.model, parameters.species))[1]
        except InputError as error:
            self.lines.say("error", str(error))
            self.section.setVisible(True)
        else:
            self.lines.say("plain", "" if exposures is None else "\n".join(f"• {line}" for line in exposures.drugs))
            self.section.setVisible(exposures is not None)
