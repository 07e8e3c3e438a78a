"""Hidden module: puts the library the three modules share on the search path."""

from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule


class HER2ImmunoCommon(ScriptedLoadableModule):
    """Describes the shared library to the application; there is nothing to open."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("HER2 Immuno Common")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        parent.hidden = True
        parent.contributors = ["HER2ImmunoImaging contributors"]
        parent.helpText = _("Shared library of Quant DCE, PET Hypoxia and HER2 Immuno Model.")
        parent.acknowledgementText = _("Part of HER2ImmunoImaging, Apache License 2.0. For research only.")
