"""The reference region: a sphere by a click, or a segment, and how good it is before anything is measured."""

from __future__ import annotations

from collections.abc import Callable

import qt
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, PointPlacing, SegmentSection, StatusLine
from HER2ImmunoCommonLib.scene import Ras, place_of
from slicer.i18n import tr as _

from ..analysis import wording
from ..scene.gathering import reference_doubts
from ..scene.live import LiveRegions
from ..scene.placing import is_reference, make_sphere

FIELDS = "referenceSegmentation", "referenceSegmentId"


class ReferenceSection(PanelPart, qt.QWidget):
    """Lies below the rows of its step that are in the form.

    Parameters
    ----------
    parent : QWidget
    ui : the named widgets of the form
    regions : LiveRegions
    onMoved : callable
        Called without arguments when the point of the sphere was placed or dragged.
    """

    def __init__(self, parent, ui, regions: LiveRegions, onMoved: Callable[[], None]):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._ui, self._regions, self._onMoved, self._sphere = ui, regions, onMoved, None
        self._refusal: InputError | None = None
        self.quality, self.sizeText = StatusLine(self), ""
        self.segments = SegmentSection(self, "PETHypoxia.ReferenceEditor", FIELDS, _("reference"))
        self.placing = PointPlacing(
            ui.sphereButton,
            "spherePoint",
            "Reference sphere",
            self._onPlaced,
            lambda waiting: self._sayQuality(),
            whileDragged=True,
        )
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.segments)
        layout.addWidget(self.quality)
        self.inner += [self.segments, self.placing]

    def reason(self) -> str:
        """Why there is no reference to work with; empty if there is one."""
        refusal = self._refusalNow()
        return str(refusal) if refusal is not None else self.segments.reason()

    def setParameterNode(self, parameters) -> None:
        """Follow the reference of `parameters` (None: stop); a saved sphere stays as it is."""
        self._sphere, self._refusal = _sphereOf(parameters), None
        PanelPart.setParameterNode(self, parameters)

    def refresh(self) -> None:
        """Make the sphere anew where its point or radius has changed, and say how good the reference is."""
        if self._parameters is None:
            return
        hasPet = self._parameters.petVolume is not None
        self._ui.sphereButton.setEnabled(hasPet)
        tip = _("Click once into a slice view; drag the point later to move the sphere.")
        self._ui.sphereButton.setToolTip(tip if hasPet else _("A sphere is placed on the PET; choose that first."))
        self._makeSphere()
        self._sayQuality()

    def _onPlaced(self, place: Ras) -> None:
        self.placing.stop()
        self._onMoved()

    def _makeSphere(self) -> None:
        """Where a point was put or moved, or, while it is the reference, with another radius."""
        wanted, earlier = _sphereOf(self._parameters), self._sphere
        self._sphere = wanted
        if wanted == earlier:
            return
        self._refusal = None
        moved = wanted is not None and (earlier is None or wanted[0] != earlier[0])
        if moved or (wanted is not None and is_reference(self._parameters)):
            try:
                make_sphere(self._parameters)
            except InputError as error:
                self._refusal = error

    def _refusalNow(self) -> InputError | None:
        """Why there is no sphere; nothing where another segment was chosen instead."""
        parameters = self._parameters
        if parameters is None or self._refusal is None:
            return None
        return self._refusal if is_reference(parameters) or not parameters.referenceSegmentId else None

    def _sayQuality(self) -> None:
        self.sizeText = ""
        if self._parameters is None:
            return
        if self.placing.waiting:
            self.quality.say("plain", _("Click into the reference tissue in a slice view."))
            return
        try:
            if (refusal := self._refusalNow()) is not None:
                raise refusal
            reference = self._regions.reference(self._parameters)
        except InputError as error:
            self.quality.say("error", str(error))
            return
        if reference is None:
            self.quality.say("plain", "")
            return
        self.sizeText = wording.size_text(reference.volume_cm3)
        doubts = reference_doubts(self._parameters)
        look = "warning" if reference.warnings or doubts else "ok"
        self.quality.say(look, " ".join([wording.reference_text(reference), *doubts]))


def _sphereOf(parameters) -> tuple | None:
    """What the sphere is made of: its place and radius; None while there is none."""
    place = None if parameters is None else place_of(parameters.spherePoint)
    return None if place is None else (place, parameters.sphereRadius)
