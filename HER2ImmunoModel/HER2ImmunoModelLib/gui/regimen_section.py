"""Regimens of trials and labels, which fill the treatment table."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ChoiceBox, Fold, PanelPart, StatusLine, ValuesTable
from slicer.i18n import tr as _

from ..scene.regimens import Filled, chosen_regimen, doses_to_fill, fill_table, holds_regimen, parts_of, regimen_choices
from .form_row import addRows, formOf
from .text_field import TextField


class RegimenSection(PanelPart, qt.QWidget):
    """A regimen, its first day, and two buttons that fill the treatment table: in place of its doses, or after them.

    Parameters
    ----------
    parent : QWidget
    onFilled : callable
        Called without arguments after the table was filled.
    """

    def __init__(self, parent, onFilled: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._onFilled, self._species, self._done = onFilled, None, ("", "")
        self.section = ctk.ctkCollapsibleButton(self)
        inside = qt.QVBoxLayout(self.section)
        Fold(self.section, _("Fill from a regimen"))
        choices = qt.QWidget(self.section)
        tip = _("Regimens of trials and labels for the species that is chosen under Tumour model")
        self.regimen = ChoiceBox(choices, "regimen", {"": _("none")}, tip)
        tip = _("Day of its first dose, in the days of the measurements; or its date, if the date of day 0 is known")
        self.start = TextField(choices, "regimenStart", tip)
        self.start.placeholderText = _("day 0; or another day, or a date")
        self.title, self.source, self.note = (StatusLine(self.section) for _line in range(3))
        self.doses = ValuesTable(self.section)
        self.replaceButton = qt.QPushButton(_("Replace the table"), self.section)
        self.addButton = qt.QPushButton(_("Add to the table"), self.section)
        self.status = StatusLine(self.section)
        self.inner = [self.regimen, self.start]
        self._lay(choices, inside)
        self.replaceButton.connect("clicked()", lambda: self.fill(True))
        self.addButton.connect("clicked()", lambda: self.fill(False))

    def _lay(self, choices, inside) -> None:
        addRows(formOf(choices), ((_("Regimen:"), self.regimen), (_("First dose:"), self.start)))
        for widget in (choices, self.title, self.doses, self.source, self.note):
            inside.addWidget(widget)
        buttons = qt.QHBoxLayout()
        inside.addLayout(buttons)
        for button in (self.replaceButton, self.addButton):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inside.addWidget(self.status)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.section)

    def refresh(self) -> None:
        """Show what the chosen regimen gives, where that is written, and why it cannot be given, if so."""
        parameters = self._parameters
        if parameters is None:
            return
        offered = (parameters.species, parameters.regimen)
        if offered != self._species:
            self._species = offered
            try:
                choices = regimen_choices(*offered)
            except InputError:  # an unknown one is listed as it is, and refused below
                choices = regimen_choices(parameters.species)
            self.regimen.setChoices({"": _("none")} | choices)
        self._describe()
        self._offer()

    def _describe(self) -> None:
        try:
            regimen = chosen_regimen(self._parameters)
        except InputError:
            regimen = None
        self.doses.showRows([] if regimen is None else [(*row, "") for row in parts_of(regimen)])
        if regimen is None:
            for line in (self.title, self.source, self.note):
                line.say("plain", "")
            return
        self.title.say("plain", f"{regimen.title}.")
        self.source.say("plain", _("Source: {source}").format(source=regimen.basis.said))
        notes = list(regimen.remarks)
        if regimen.growth_factor:
            notes.append(_("Growth factor is given with each cycle."))
        if regimen.imaging_days:
            days = ", ".join(f"{day:g}" for day in regimen.imaging_days)
            notes.append(_("Its study imaged on days {days} after the first dose.").format(days=days))
        self.note.say("plain", " ".join(notes))

    def _offer(self) -> None:
        """Make the buttons usable, or say why they are not."""
        reasons = {replacing: self._reason(replacing) for replacing in (True, False)}
        isHeld = not reasons[True] and holds_regimen(self._parameters)
        if isHeld:
            reasons[False] = _("The table holds these doses already.")
        tips = {
            True: _("Put the doses of the regimen in place of all rows of the treatment table"),
            False: _("Put the doses of the regimen below the rows of the treatment table, which stay as they are"),
        }
        for replacing, button in ((True, self.replaceButton), (False, self.addButton)):
            button.setEnabled(not reasons[replacing])
            button.setToolTip(reasons[replacing] or tips[replacing])
        if not self._parameters.regimen:
            self.status.say("plain", "")
        elif self._done[0] == self._chosen():
            self.status.say("ok", self._done[1])
        elif reasons[True] and reasons[False]:
            self.status.say("error", reasons[False])
        elif reasons[False] and not isHeld:
            self.status.say("warning", _("It cannot be added: {reason}").format(reason=reasons[False]))
        else:
            self.status.say("plain", "")

    def _reason(self, replacing: bool) -> str:
        try:
            doses_to_fill(self._parameters, replacing=replacing)
        except InputError as error:
            return str(error)
        return ""

    def _chosen(self) -> str:
        """What is chosen, as long as which what was done stands below."""
        parameters = self._parameters
        return f"{parameters.species} {parameters.regimen} {parameters.regimenStart}"

    def fill(self, replacing: bool) -> None:
        """Put the doses into the treatment table, and say what was done."""
        if self._parameters is None:
            return
        try:
            filled = fill_table(slicer.mrmlScene, self._parameters, replacing=replacing)
        except InputError as error:
            self.status.say("error", str(error))
            return
        self._done = (self._chosen(), _sentence(filled))
        self._offer()
        self._onFilled()


def _sentence(filled: Filled) -> str:
    first, last = filled.days
    said = [
        _("{count} doses of {key} on days {first:g} to {last:g} were put into the table{instead}.").format(
            count=len(filled.doses),
            key=filled.regimen.key,
            first=first,
            last=last,
            instead=_(" in place of {count} rows").format(count=filled.removed) if filled.removed else "",
        )
    ]
    if "growthFactor" in filled.changed:
        state = _("ticked") if filled.regimen.growth_factor else _("no longer ticked")
        said.append(_("Growth factor is {state}.").format(state=state))
    if "exception" in filled.changed:
        state = _("ticked") if filled.regimen.exception else _("no longer ticked")
        said.append(_("Anthracycline with anti-HER2, as its trial, is {state}.").format(state=state))
    return " ".join(said)
