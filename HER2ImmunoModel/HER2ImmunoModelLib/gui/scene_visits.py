"""The visits of the scene as the sections of the page share them: found anew when nodes come or go."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from HER2ImmunoCommonLib.gui import PanelPart
from HER2ImmunoCommonLib.scene import SceneVisit, VisitsFound, reference_of, set_reference, visits_of
from slicer.util import VTKObservationMixin

EVENTS = ("NodeAddedEvent", "NodeRemovedEvent", "EndImportEvent", "EndBatchProcessEvent")


class SceneVisits(PanelPart, qt.QObject):
    """What the scene holds of visits, whose patient is looked at, and which visit is the current one.

    Parameters
    ----------
    parent : QWidget
    onChanged : callable
        Called without arguments after the scene has changed.

    Attributes
    ----------
    found : VisitsFound
    """

    nodeFields = ("visitShown",)

    def __init__(self, parent, onChanged: Callable[[], None]):
        qt.QObject.__init__(self, parent)
        PanelPart.__init__(self)
        self.found, self._onChanged, self._observation = VisitsFound(()), onChanged, VTKObservationMixin()
        self._later = qt.QTimer(self)
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self.lookAgain)
        for event in EVENTS:
            self._observation.addObserver(slicer.mrmlScene, getattr(slicer.vtkMRMLScene, event), self._onScene)

    @property
    def reference(self) -> SceneVisit | None:
        """The visit that the others of its patient are aligned to."""
        return reference_of(self.ofPatient)

    @property
    def ofPatient(self) -> tuple[SceneVisit, ...]:
        """The visits of the patient that is looked at, with those of which that is not known."""
        current = self._visitOf(None if self._parameters is None else self._parameters.visitShown)
        first = next(iter(self.found.visits), None)
        seen = current or first
        return () if seen is None else self.found.of_patient(seen.patient)

    @property
    def current(self) -> SceneVisit | None:
        """The visit that a person looks at: the chosen one, else the first that is not the reference."""
        chosen = self._visitOf(None if self._parameters is None else self._parameters.visitShown)
        others = (visit for visit in self.ofPatient if not self.isReference(visit))
        return chosen or next(others, None) or self.reference

    def isReference(self, visit: SceneVisit) -> bool:
        """Whether it is the reference."""
        return self.reference is not None and visit.anchor is self.reference.anchor

    def ofKey(self, key: str) -> SceneVisit | None:
        """The visit with this key, `keyOf`."""
        return next((visit for visit in self.found.visits if keyOf(visit) == key), None)

    def choose(self, visit: SceneVisit) -> None:
        """Look at a visit."""
        if self.takesChoices:
            self._parameters.visitShown = visit.anchor

    def makeReference(self, visit: SceneVisit) -> None:
        """Let the others of its patient be aligned to a visit."""
        set_reference(self.found, visit)
        self.lookAgain()

    def refresh(self) -> None:
        """Look at the scene; what a person chose since is in the parameter node."""
        if self._parameters is None:
            self.found = VisitsFound(())
        elif not slicer.mrmlScene.IsImporting():
            self.found = visits_of(slicer.mrmlScene)

    def lookAgain(self) -> None:
        """Look at the scene, and tell the sections."""
        if self._parameters is not None and not slicer.mrmlScene.IsClosing():
            self.refresh()
            self._onChanged()

    def lookSoon(self) -> None:
        """Look at the scene when what goes on is done."""
        self._later.start(0)

    def cleanup(self) -> None:
        """Stop watching."""
        self._later.stop()
        self._observation.removeObservers()
        PanelPart.cleanup(self)

    def _visitOf(self, node) -> SceneVisit | None:
        if node is None:
            return None
        return next((visit for visit in self.found.visits if node in (*visit.images, *visit.segmentations)), None)

    def _onScene(self, caller=None, event=None) -> None:
        # Not now: nodes get what they are known by after they are added.
        if self._parameters is not None and not slicer.mrmlScene.IsBatchProcessing():
            self.lookSoon()


def keyOf(visit: SceneVisit) -> str:
    """Tells a visit from the others of the scene."""
    return visit.anchor.GetID()
