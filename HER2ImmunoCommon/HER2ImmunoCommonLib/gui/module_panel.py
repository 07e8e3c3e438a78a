"""What the panels of the three modules share: loading the form, the life of the parameter node, reloading."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..errors import Question
from ..progress import Report
from .column import Column
from .deleted_choices import DeletedChoices
from .fitting import narrow
from .form_rows import FormRows
from .offering import Offering
from .panel_part import nodeFieldsOf
from .research_line import researchLine
from .run_bar import RunBar, Told
from .tab_order import tabThroughSteps

LIBRARIES = ("HER2ImmunoCommonLib", "QuantDCELib", "PETHypoxiaLib", "HER2ImmunoModelLib", "HER2ImmunoStudyLib")


def forgetLibraries(*more: str) -> None:
    """Drop the extension's libraries (and `more`), so that reloading a module reads them again."""
    for name in [name for name in sys.modules if name.split(".")[0] in LIBRARIES + more]:
        del sys.modules[name]


class ModulePanel(VTKObservationMixin):
    """Base of a module's panel, made in its Widget's `setup()`.

    A panel overrides `build` (make and connect its parts), `reasonNotReady`, `start` and, if it has parts with a
    parameter node of their own, appends them to `self.parts`. The form is `Resources/UI/<Module>.ui`; it has a widget
    named `inputs` around everything that may not change while the work runs, unless `build` names others in
    `self.locked`. The logic's `getParameterNode()` returns the typed wrapper.

    The parent of a part is the section that it goes into, else the module's own widget, `self.widget.parent`: where
    building fails half way, everything goes with that. The layout of a section is `section.layout()`: while it is
    empty, the application has no name for it in `ui` and takes it for False.

    Attributes
    ----------
    ui : the named widgets of the form
    formRows : FormRows
        Takes out of the form what present choices do not need.
    column : Column
        Everything the panel shows.
    parameters : the parameter node's wrapper, None while the scene closes
    runBar : RunBar
    parts : list of PanelPart
        Told of each change of the parameter node in this order, before the panel itself.
    offering : Offering
        What the node selectors list.
    resultsSection : widget that `build` may set, shown below the run bar; it stays usable while the work runs
    locked : list of QWidget
        What may not change while the work runs; `inputs` of the form where `build` sets none.
    steps : Steps that `build` may set; their bodies are then what may not change while the work runs
    """

    runText = _("Apply")
    onQuestions: Callable[[list[Question]], None] | None = None
    """Shows questions with a place for each answer; where a panel has none, they stand in the status line."""

    def __init__(self, widget, logic):
        VTKObservationMixin.__init__(self)
        self.widget, self.logic = widget, logic
        self.parameters, self._guiTag, self.parts, self.resultsSection = None, None, [], None
        self.form, self.ui, self.runBar, self.column, self._isBuilt = None, None, None, None, False
        self.formRows = FormRows()
        self.offering, self._deleted, self.steps, self.locked = None, None, None, []
        try:
            self._make()
            self._isBuilt = True
        finally:
            if not self._isBuilt:
                self.cleanup()

    def _make(self) -> None:
        widget = self.widget
        self.column = Column(widget.parent)
        widget.layout.addWidget(self.column.area)
        self.form = slicer.util.loadUI(widget.resourcePath(f"UI/{widget.moduleName}.ui"))
        self.column.layout.addWidget(self.form)
        self.ui = slicer.util.childWidgetVariables(self.form)
        self.form.layout().setContentsMargins(0, 0, 0, 0)
        self.offering = Offering(widget.parent)
        self.runBar = RunBar(widget.parent, self.runText, self.start, self._onRunning, self.onQuestions)
        self.build()
        if not self.locked:
            self.locked = [self.ui.inputs]
            self.ui.inputs.layout().setContentsMargins(0, 0, 0, 0)
        self.layBelow()
        self.column.layout.addWidget(researchLine(widget.parent))
        widget.layout.addStretch(1)
        narrow(self.column.content)
        if self.steps is not None:
            tabThroughSteps(self.steps.steps)
        self.form.setMRMLScene(slicer.mrmlScene)
        for part in (self.runBar, *self.parts):
            part.setMRMLScene(slicer.mrmlScene)
        selected = (*self._selectedFields(), *nodeFieldsOf(self.parts))
        self._deleted = DeletedChoices(widget.parent, selected, lambda: self.parameters, self._onParametersModified)
        self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.StartCloseEvent, self._onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.EndCloseEvent, self._onSceneEnd)
        self.addObserver(slicer.mrmlScene, slicer.vtkMRMLScene.EndImportEvent, self._onSceneEnd)
        self.initializeParameterNode()
        self.column.fit()

    def _selectedFields(self) -> list[str]:
        """Fields of the parameter node that node selectors of the form are bound to."""
        selectors = [widget for widget in vars(self.ui).values() if widget.inherits("qMRMLNodeComboBox")]
        return [name for selector in selectors if (name := selector.property("SlicerParameterName"))]

    def build(self) -> None:
        """Make the parts that are not in the form, and connect everything."""

    def layBelow(self) -> None:
        """Put the run bar, and what it found, below the form."""
        self.column.layout.addWidget(self.runBar)
        if self.resultsSection is not None:
            self.column.layout.addWidget(self.resultsSection)

    def lock(self, locked: bool) -> None:
        """Let nothing be changed that the work was started from."""
        for widget in self.locked:
            widget.setEnabled(not locked)

    def reasonNotReady(self) -> str:
        """Why the work cannot start now, as a sentence; empty if it can."""
        return ""

    def start(self) -> None:
        """Gather the inputs and call `self.run(work, done)`."""

    def onParametersChanged(self) -> None:
        """Follow the parameters, beyond what the form's bindings do."""

    def onRunning(self, running: bool) -> None:
        """Follow the start and end of the work, beyond disabling `inputs` or the steps."""

    def run(self, work: Callable[[Report], Any], done: Callable[[Any], Told]) -> bool:
        """Run `work(report)` in a thread and `done(result)` on the main thread; see `RunBar.run`."""

        def settled(result) -> Told:
            self._deleted.takeOut()
            return done(result)

        return self.runBar.run(work, settled)

    def enter(self) -> None:
        """The module was opened; a panel that was just built follows the parameter node already."""
        if self._isBuilt and self.parameters is None:
            self.initializeParameterNode()

    def exit(self) -> None:
        """Another module was opened: do not follow the parameter node meanwhile."""
        self.setParameterNode(None)
        for part in self.parts:
            part.exit()

    def cleanup(self) -> None:
        """The panel is going away."""
        if self.runBar is not None:
            self.runBar.cleanup()
        self.setParameterNode(None)
        for part in (*self.parts, self.offering, self._deleted):
            if part is not None:
                part.cleanup()
        self.removeObservers()

    def initializeParameterNode(self) -> None:
        """Make sure that the parameter node exists and is followed."""
        self.setParameterNode(self.logic.getParameterNode())

    def setParameterNode(self, parameters) -> None:
        """Follow `parameters` (None: no node) with the form and the parts."""
        if self.parameters is not None:
            self.parameters.disconnectGui(self._guiTag)
            self.removeObserver(self.parameters, vtk.vtkCommand.ModifiedEvent, self._onParametersModified)
            self.parameters = None
        if parameters is not None:
            self._guiTag = parameters.connectGui(self.ui)
            self.parameters = parameters
            self.addObserver(parameters, vtk.vtkCommand.ModifiedEvent, self._onParametersModified)
        for part in self.parts:
            part.setParameterNode(parameters)
        if parameters is not None:
            self.offering.refresh()
        self._followParameters()

    def checkReady(self) -> None:
        """Tell the run bar whether the work can start."""
        if self.parameters is not None:
            reason = self.reasonNotReady()
            self.runBar.setReady(not reason, reason)

    def _onParametersModified(self, caller=None, event=None) -> None:
        if self._deleted.going:
            return
        for part in self.parts:
            part.follow()
        self._followParameters()

    def _followParameters(self) -> None:
        if self.parameters is not None:
            self.onParametersChanged()
            self.checkReady()

    def _onRunning(self, running: bool) -> None:
        if self.steps is None:
            self.lock(running)
        else:
            self.steps.setRunning(running)
        self.onRunning(running)
        if not running:
            self.checkReady()

    def _onSceneStartClose(self, caller, event) -> None:
        self.setParameterNode(None)

    def _onSceneEnd(self, caller, event) -> None:
        if self.widget.parent.isEntered:
            self.initializeParameterNode()
