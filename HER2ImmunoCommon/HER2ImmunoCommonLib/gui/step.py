"""Numbered steps of a panel: collapsible sections, one open at a time, each with a tick when it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qt
from slicer.i18n import tr as _

from .fitting import setTitle
from .panel_part import PanelPart

TICK = "✓ "
SETTLE_MS = 50
"""For the heights of a panel to follow, before an opened step is brought into view."""


class Step(PanelPart):
    """One step: a section of the form, with a number, a title, a tick when it is done and a summary while it is closed.

    What the form has in the section goes into `body`, as `step.body.layout()`; the section itself holds nothing else.
    Parts of the step are appended to `step.inner`.

    Parameters
    ----------
    section : ctkCollapsibleButton
    name : str
        Kept in the parameter node while the step is open.
    title : str
        Without its number.
    isDone : callable
        Says of the parameter node's wrapper whether the step is done.
    summary : callable, optional
        Says in a few words what was chosen; shown in the title of a closed step.
    locked : bool
        Whether the body is disabled while work runs.

    Attributes
    ----------
    section, name, title, locked : as given
    body : QWidget
    number : int
        Given by `Steps`.
    """

    def __init__(
        self,
        section,
        name: str,
        title: str,
        isDone: Callable[[object], bool],
        summary: Callable[[object], str] = lambda parameters: "",
        locked: bool = True,
    ):
        PanelPart.__init__(self)
        self.section, self.name, self.title, self.locked, self.number = section, name, title, locked, 1
        self._isDone, self._summary = isDone, summary
        self.body = _bodyOf(section)
        section.setFocusPolicy(qt.Qt.StrongFocus)

    @property
    def isOpen(self) -> bool:
        """Whether the content is shown."""
        return not self.section.collapsed

    @property
    def isDone(self) -> bool:
        """Whether the step is done with the present choices."""
        return self._parameters is not None and self._isDone(self._parameters)

    def refresh(self) -> None:
        """Say in the title whether the step is done and, while it is closed, what was chosen."""
        isTold = self._parameters is not None and not self.isOpen
        summary = self._summary(self._parameters) if isTold else ""
        title = f"{TICK if self.isDone else ''}{self.number}  {self.title}"
        setTitle(self.section, f"{title}: {summary}" if summary else title)

    def setRunning(self, running: bool) -> None:
        """Disable the body while work runs, if the step is locked then."""
        self.body.setEnabled(not (running and self.locked))


class Steps(PanelPart, qt.QObject):
    """The steps of a panel, one open at a time; which one is kept in the parameter node ("": none).

    A header takes the focus by Tab, in the order of the form; Space and Enter open and close it, the up and down keys
    go to the header before and after it.

    Parameters
    ----------
    steps : sequence of Step
        In the order of the form.
    field : str
        Field of the parameter node for the name of the open step.
    """

    def __init__(self, steps: Sequence[Step], field: str = "step"):
        qt.QObject.__init__(self, steps[0].section.parentWidget())
        PanelPart.__init__(self)
        self.steps, self._field = list(steps), field
        self.inner = list(steps)
        self._later = qt.QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(SETTLE_MS)
        self._later.connect("timeout()", self._bringIntoView)
        for number, step in enumerate(self.steps, 1):
            step.number = number
            step.section.collapsed = True
            step.section.connect("contentsCollapsed(bool)", lambda closed, step=step: self._onCollapsed(step, closed))
            step.section.installEventFilter(self)
            step.refresh()

    def named(self, name: str) -> Step | None:
        """The step of this name, if there is one."""
        return next((step for step in self.steps if step.name == name), None)

    @property
    def opened(self) -> Step | None:
        """The open step, if one is."""
        return next((step for step in self.steps if step.isOpen), None)

    def open(self, name: str) -> None:
        """Open the step of this name and close the others ("": close all)."""
        if self.takesChoices:
            setattr(self._parameters, self._field, name)
        self._show(name)
        self._later.start()

    def openFirstUndone(self) -> None:
        """Open the first step that is not done; where all are, the last."""
        undone = [step for step in self.steps if not step.isDone]
        self.open((undone or self.steps[-1:])[0].name)

    def next(self) -> None:
        """Open the step after the open one; where none is open, the first."""
        names = [step.name for step in self.steps]
        opened = self.opened
        after = names[names.index(opened.name) :][1:2] if opened is not None else names[:1]
        for name in after:
            self.open(name)
            self.named(name).section.setFocus()

    def setRunning(self, running: bool) -> None:
        """Disable the steps that are locked while work runs."""
        for step in self.steps:
            step.setRunning(running)

    def setParameterNode(self, parameters) -> None:
        """Follow the parameter node; what is said in a title may come from a part of a later step."""
        PanelPart.setParameterNode(self, parameters)
        for step in self.steps:
            step.refresh()

    def follow(self) -> None:
        """The parameter node has changed: first for every part, then for the titles."""
        PanelPart.follow(self)
        for step in self.steps:
            step.refresh()

    def refresh(self) -> None:
        """Show the step that the parameter node names."""
        if self._parameters is not None:
            self._show(getattr(self._parameters, self._field))

    def cleanup(self) -> None:
        """Forget the parameter node, and leave the views of the panel alone."""
        PanelPart.cleanup(self)
        self._later.stop()

    def eventFilter(self, watched, event) -> bool:
        """Open and close by Enter, go to the next header by the arrow keys."""
        if event.type() != qt.QEvent.KeyPress:
            return False
        sections = [step.section for step in self.steps]
        if watched not in sections:
            return False
        key, at = event.key(), sections.index(watched)
        if key in (qt.Qt.Key_Return, qt.Qt.Key_Enter):
            watched.collapsed = not watched.collapsed
            return True
        if key not in (qt.Qt.Key_Up, qt.Qt.Key_Down):
            return False
        for section in sections[at:][1:2] if key == qt.Qt.Key_Down else sections[:at][-1:]:
            section.setFocus()
        return True

    def _show(self, name: str) -> None:
        changed = [step for step in self.steps if step.isOpen != (step.name == name)]
        with self.filling():
            for step in changed:
                step.section.collapsed = step.name != name
        for step in changed:
            step.refresh()

    def _onCollapsed(self, step: Step, closed: bool) -> None:
        if self._isFilling:
            return
        if not closed:
            self.open(step.name)
        elif self._parameters is None or getattr(self._parameters, self._field) == step.name:
            self.open("")
        step.refresh()

    def _bringIntoView(self) -> None:
        """Let the header of the open step be seen: what closed above it has moved it."""
        opened = self.opened
        if opened is None:
            return
        area, around = None, opened.section.parentWidget()
        while around is not None:
            area = around if around.inherits("QScrollArea") else area
            around = around.parentWidget()
        if area is not None:
            place = opened.section.mapTo(area.widget(), qt.QPoint(0, 0))
            area.ensureVisible(place.x(), place.y())


class Fold(qt.QObject):
    """A section inside a step that is closed until it is wanted, as "Change"; Enter opens and closes it, too.

    Parameters
    ----------
    section : ctkCollapsibleButton
    title : str, optional
    """

    def __init__(self, section, title: str = ""):
        qt.QObject.__init__(self, section)
        self.section = section
        section.setFocusPolicy(qt.Qt.StrongFocus)
        section.collapsed = True
        setTitle(section, title or _("Change"))
        section.installEventFilter(self)

    def eventFilter(self, watched, event) -> bool:
        """Open and close by Enter."""
        if event.type() != qt.QEvent.KeyPress or event.key() not in (qt.Qt.Key_Return, qt.Qt.Key_Enter):
            return False
        watched.collapsed = not watched.collapsed
        return True


def _bodyOf(section):
    """A widget that takes over the layout of a section, with all that is in it, so that it can be disabled alone."""
    section.collapsed = False
    body, inside = qt.QWidget(section), section.layout()
    if inside is not None:
        body.setLayout(inside)
    outer = qt.QVBoxLayout(section)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(body)
    return body
