"""The foot of a panel: a button that starts the work and then cancels it, its progress, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..errors import InputError, Question, QuestionsError
from ..progress import Cancelled, Report, TimeLeft
from .panel_part import PanelPart
from .status_line import StatusLine
from .worker import Worker

Told = str | tuple[str, str] | None
"""How work ended: a sentence, or its look and the sentence."""


class RunBar(PanelPart, qt.QWidget):
    """Start, Cancel, progress and outcome of one piece of work.

    Where `placeButton` puts the start button elsewhere, it only starts, and `cancelButton` here cancels.

    Parameters
    ----------
    parent : QWidget
    text : str
        What the button starts, as "Compute maps".
    onStart : callable
        Called without arguments when the button is clicked and nothing runs; it should call `run`.
    onRunning : callable, optional
        Called with True before the work and False after it, to disable and enable the inputs.
    onQuestions : callable, optional
        Shows the list of `Question`s when the work needs answers only a person can give; without it they stand in the
        status line.
    """

    def __init__(
        self,
        parent,
        text: str,
        onStart: Callable[[], None],
        onRunning: Callable[[bool], None] | None = None,
        onQuestions: Callable[[list[Question]], None] | None = None,
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._text, self._onStart, self._onRunning, self._onQuestions = text, onStart, onRunning, onQuestions
        self._ready, self._reason, self._sceneClosed = True, "", False
        self._worker, self._timeLeft = Worker(), TimeLeft()
        self._isElsewhere, self._extras = False, []
        self._buildUi()
        self._observation = VTKObservationMixin()
        self._showState()

    def _buildUi(self) -> None:
        self.button = qt.QPushButton(self._text, self)
        self.button.setMinimumHeight(32)
        font = self.button.font
        font.setBold(True)
        self.button.setFont(font)
        self.button.connect("clicked()", self._onClicked)
        self.progressBar = qt.QProgressBar(self)
        self.progressBar.setRange(0, 100)
        self.progressBar.setVisible(False)
        self.cancelButton = qt.QPushButton(_("Cancel"), self)
        self.cancelButton.setVisible(False)
        self.cancelButton.connect("clicked()", self.cancel)
        self.status = StatusLine(self)
        self.status.setContentsMargins(6, 0, 6, 0)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        for part in (self.button, self.progressBar, self.cancelButton, self.status):
            layout.addWidget(part)

    def placeButton(self, target, *extras) -> None:
        """Put the start button elsewhere, with other buttons beside it; progress, Cancel and outcome stay here.

        Parameters
        ----------
        target : QLayout or QWidget
            A widget has, or is given, a layout.
        *extras : QPushButton
            Enabled as the start button is; what they start goes through `begin`.
        """
        row = _rowOf(self, self.button, *extras)
        self._isElsewhere, self._extras = True, [(extra, extra.toolTip) for extra in extras]
        into = _layoutOf(target) if target.isWidgetType() else target
        if into.inherits("QFormLayout"):
            into.addRow(row)
        else:
            into.addWidget(row)
        self._showState(self.running)

    def setMRMLScene(self, scene) -> None:
        """Stop when this scene closes."""
        self._observation.removeObservers()
        self._observation.addObserver(scene, slicer.vtkMRMLScene.StartCloseEvent, self._onSceneClosing)

    @property
    def running(self) -> bool:
        """True while the work runs."""
        return self._worker.running

    def setReady(self, ready: bool, reason: str = "") -> None:
        """Say whether the work may start, and if not, why not (one sentence)."""
        changed = (ready, reason) != (self._ready, self._reason)
        self._ready, self._reason = ready, reason
        if changed and not self.running:
            self._showState()
            self._sayReason()

    def say(self, look: str, sentence: str) -> None:
        """Show `sentence` in the look ok, warning, error or plain."""
        self.status.say(look, sentence)

    def run(self, work: Callable[[Report], Any], done: Callable[[Any], Told]) -> bool:
        """Run `work(report)` in a thread, then `done(result)` here; True if both came to their end.

        `done` may return a sentence for the status line, or its look and the sentence. Refused input and cancelling
        are told there too; any other error is passed on.
        """
        if self.running:
            return False
        self._sceneClosed, self._timeLeft = False, TimeLeft()
        self._setRunning(True)
        outcome, isDone = ("error", _("Stopped by an unexpected error. The application log has the details.")), False
        try:
            told = done(self._worker.run(work, self._onProgress)) or _("Done.")
            outcome, isDone = ("ok", told) if isinstance(told, str) else told, True
        except Cancelled:
            outcome = "warning", _("Cancelled: nothing was changed.")
        except InputError as error:
            outcome = self._refused(error)
        finally:
            self._setRunning(False)
            self.status.say(*outcome)
            if self._sceneClosed:
                self._sayReason()  # what was cancelled belonged to a scene that is gone
        return isDone

    def cancel(self) -> None:
        """Stop the work, if it runs."""
        if self.running:
            self._worker.cancel()
            pressed = self.cancelButton if self._isElsewhere else self.button
            pressed.setText(_("Cancelling…"))
            pressed.setEnabled(False)

    def cleanup(self) -> None:
        """Stop the work and the observation of the scene."""
        PanelPart.cleanup(self)
        self.cancel()
        self._observation.removeObservers()

    def _onClicked(self) -> None:
        if self.running:
            self.cancel()
        else:
            self.begin(self._onStart)

    def begin(self, start: Callable[[], None]) -> None:
        """Call `start`, which should call `run`, as when the button is clicked: refused input is told here."""
        if self.running:
            return
        with slicer.util.tryWithErrorDisplay(_("The work stopped by an unexpected error.")):
            try:
                start()
            except InputError as error:
                self.refuse(error)

    def refuse(self, error: InputError) -> None:
        """Tell of refused input, and ask its questions."""
        self.status.say(*self._refused(error))

    def _refused(self, error: InputError) -> tuple[str, str]:
        """Look and sentence of refused input; questions are asked where they can be answered, and nowhere else."""
        if not isinstance(error, QuestionsError) or self._onQuestions is None:
            return "error", str(error)
        self._onQuestions(error.questions)
        one = len(error.questions) == 1
        return "warning", _("Answer the question above.") if one else _("Answer the questions above.")

    def _onProgress(self, fraction: float, text: str) -> None:
        self.progressBar.setValue(round(100 * fraction))
        left = self._timeLeft.said(fraction)
        self.status.say("plain", f"{text}, {left}" if left else text)

    def _onSceneClosing(self, caller, event) -> None:
        self._sceneClosed = True
        self.cancel()
        if not self.running:
            self._sayReason()

    def _sayReason(self) -> None:
        self.status.say("plain", "" if self._ready else self._reason)

    def _setRunning(self, running: bool) -> None:
        self.progressBar.setValue(0)
        self.progressBar.setVisible(running)
        self._showState(running)
        if self._onRunning is not None:
            self._onRunning(running)

    def _showState(self, running: bool = False) -> None:
        cancels = running and not self._isElsewhere
        why = _("The work is running; cancel it below.") if running else self._reason
        self.button.setText(_("Cancel") if cancels else self._text)
        self.button.setEnabled(cancels or (self._ready and not running))
        self.button.setToolTip("" if cancels else why or self._text)
        for extra, tip in self._extras:
            extra.setEnabled(self._ready and not running)
            extra.setToolTip(why or tip)
        self.cancelButton.setText(_("Cancel"))
        self.cancelButton.setEnabled(True)
        self.cancelButton.setVisible(running and self._isElsewhere)


def _rowOf(parent, first, *others):
    """Buttons side by side, as high as the first, which takes the room there is."""
    row = qt.QWidget(parent)
    _layBeside(row, first, *others)
    return row


def _layBeside(parent, first, *others) -> None:
    across = qt.QHBoxLayout(parent)
    across.setContentsMargins(0, 0, 0, 0)
    across.addWidget(first, 1)
    for other in others:
        other.setMinimumHeight(first.minimumHeight)
        across.addWidget(other)


def _layoutOf(parent):
    """The layout of a widget, made where it has none."""
    return qt.QVBoxLayout(parent) if parent.layout() is None else parent.layout()
