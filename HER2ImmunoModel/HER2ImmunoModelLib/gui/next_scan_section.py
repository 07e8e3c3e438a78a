"""Which scan next, and when."""

from __future__ import annotations

from HER2ImmunoCommonLib.gui import ChoiceBox, TickRow
from slicer.i18n import tr as _

from ..findings.next_request import PLANNED, SCENARIOS, SCHEDULES, NextScanRequest
from ..scene.next_scan import gather_next_scan
from .form_row import addRows, closedFold
from .text_field import TextField
from .work_section import WorkSection


class NextScanSection(WorkSection):
    """For each examination and day: how much it would sharpen an answer, before it is made.

    Parameters
    ----------
    parent : QWidget
        Which takes the section.
    logic, onRunning
        As `WorkSection`.
    """

    kind = NextScanRequest.kind
    runText = _("Find the next scan")
    wrapped = True

    def __init__(self, parent, logic, onRunning):
        section, choices, form = closedFold(parent, _("Which scan next"))
        WorkSection.__init__(self, section, choices, logic, onRunning)
        answers = {
            PLANNED: _("What comes of the doses on the time line"),
            SCENARIOS: _("Which scenario is the best"),
            SCHEDULES: _("Which schedule under Choose is the best"),
        }
        tip = _(
            "What the scan is to tell; it is judged by what is chosen under Choose, up to the horizon there. A choice "
            "can use scans until the first day on which the schedules differ"
        )
        self.answer = ChoiceBox(choices, "nextScanAnswer", answers, tip)
        scans = {
            "volume": _("Volume alone"),
            "mri": _("DCE-MRI"),
            "pet": _("FMISO-PET"),
            "mri+pet": _("Both in one visit"),
            "vascular": _("Vascular fraction alone"),
            "necrotic": _("Necrotic fraction alone"),
            "immune": _("Immune PET or biopsy"),
        }
        tips = {
            "mri": _("Volume, vascular and necrotic fraction"),
            "pet": _("Hypoxic fraction"),
            "mri+pet": _("Volume, vascular, necrotic and hypoxic fraction"),
            "immune": _("Immune fraction"),
        }
        tip = _("Examination to choose from")
        self.scans = TickRow(choices, "nextScans", scans, tip, tips=tips)
        self.scans.setToolTip(tip)
        tip = _("Last day on which a scan may be, as you must know by then; empty for any day before the one judged")
        self.until = TextField(choices, "nextScanUntil", tip)
        self.until.placeholderText = _("any day before the answer")
        self.inner += [self.answer, self.scans, self.until]
        addRows(form, ((_("To know:"), self.answer), (_("Scans:"), self.scans), (_("By day:"), self.until)))
        parent.layout().addWidget(section)

    def gather(self, parameters) -> NextScanRequest:
        return gather_next_scan(parameters)
