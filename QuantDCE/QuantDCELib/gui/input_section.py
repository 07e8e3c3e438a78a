"""Where the arterial input comes from: the rows of the form, with those that are not in it."""

from __future__ import annotations

import qt
from HER2ImmunoCommonLib.gui import ChoiceBox, PanelPart, PathRow, SegmentSection, wrapLabel
from slicer.i18n import tr as _

from . import labels


class InputSection(PanelPart):
    """Rows of `ui.aifSection`.

    Parameters
    ----------
    ui : the named widgets of the form
    """

    def __init__(self, ui):
        PanelPart.__init__(self)
        section = ui.aifSection
        self.none = qt.QLabel(_("The chosen model has no arterial input."), section)
        tip = _("Concentration in the blood that feeds the tumour: measured in these images, or of a population")
        self.source = ChoiceBox(section, "aif", labels.inputs(), tip)
        self.file = PathRow(section, "aifFile", files=("CSV (*.csv)",))
        self.file.setToolTip(_("Columns time_s and plasma_mM or blood_mM, on the clock of the frames"))
        self.searchLine = qt.QLabel(_("Where to look for the artery (optional; else everywhere):"), section)
        self.artery = SegmentSection(
            section, "QuantDCE.ArteryEditor", ("arterySegmentation", "arterySegmentId"), _("artery")
        )
        for label in (self.none, self.searchLine):
            wrapLabel(label)
        form = section.layout()
        form.insertRow(0, self.none)
        form.insertRow(1, _("Arterial input:"), self.source)
        form.addRow(_("CSV file:"), self.file)
        form.addRow(self.searchLine)
        form.addRow(self.artery)
        self.inner += [self.source, self.file, self.artery]
