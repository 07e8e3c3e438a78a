"""T1 before the contrast agent and the relaxivity of the agent: the rows of their fold that are not in the form."""

from __future__ import annotations

from collections.abc import Callable

from HER2ImmunoCommonLib.gui import ChoiceBox, PanelPart, PathRow
from HER2ImmunoCommonLib.scene import FLIP_ANGLES
from slicer.i18n import tr as _

from . import labels
from .loaded_images_row import LoadedImagesRow


class T1Section(PanelPart):
    """Rows of a fold with a form layout.

    Parameters
    ----------
    fold : ctkCollapsibleButton
    onLoad : callable
        Called with a folder, or the key of loaded images, to read as flip angle series.
    """

    def __init__(self, fold, onLoad: Callable[[str], None]):
        PanelPart.__init__(self)
        tip = _("T1 turns signal into concentration; measured T1 is better than one value")
        self.source = ChoiceBox(fold, "t1Source", labels.T1_SOURCES, tip)
        self.loaded = LoadedImagesRow(fold, FLIP_ANGLES, onLoad)
        self.folderRow = PathRow(fold, "vfaFolder", _("Load"), onLoad)
        tip = _("How T1 is fitted to the flip angle series")
        self.method = ChoiceBox(fold, "t1Method", labels.t1Methods(), tip)
        tip = _("Its relaxivity at the field strength of the images is used, from measurements in plasma at 37 °C")
        self.agent = ChoiceBox(fold, "agent", labels.agents(), tip)
        form = fold.layout()
        for row, label, widget in (
            (0, _("T1 from:"), self.source),
            (4, _("From DICOM module:"), self.loaded),
            (5, _("DICOM folder:"), self.folderRow),
            (6, _("T1 fit:"), self.method),
            (9, _("Contrast agent:"), self.agent),
        ):
            form.insertRow(row, label, widget)
        self.inner += [self.source, self.loaded, self.folderRow, self.method, self.agent]
