"""A small module that uses every shared part of a panel; the tests of the stand-in run it."""

import enum
from typing import Annotated

import slicer
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import Choice, Default, WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleWidget,
)


class HostExample(ScriptedLoadableModule):
    """Describes the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("Host Example")
        parent.categories = ["Examples"]
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData():
    """Offer a sample."""
    import SampleData

    SampleData.SampleDataLogic.registerCustomSampleDataCategory("HostExample", title=_("Host Example"))


class Colour(enum.Enum):
    GREY = 1
    FIRE = 2


@parameterNodeWrapper
class HostExampleParameterNode:
    """What the user chooses."""

    image: slicer.vtkMRMLScalarVolumeNode
    segmentation: slicer.vtkMRMLSegmentationNode
    segmentId: str
    threshold: Annotated[float, WithinRange(0, 100)] = 20.0
    frames: Annotated[int, WithinRange(1, 9), Default(3)]
    smooth: bool = True
    model: Annotated[str, Choice(["tofts", "patlak"])] = "patlak"
    colour: Colour = Colour.FIRE
    note: str
    results: list[str]


class HostExampleWidget(ScriptedLoadableModuleWidget):
    """The panel, made from the library when it is first opened."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.panel = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        from HostExampleLib.panel import Panel

        self.panel = Panel(self, HostExampleLogic())

    def enter(self):
        if self.panel is not None:
            self.panel.enter()

    def exit(self):
        if self.panel is not None:
            self.panel.exit()

    def cleanup(self):
        if self.panel is not None:
            self.panel.cleanup()

    def onReload(self):
        from HER2ImmunoCommonLib.gui.module_panel import forgetLibraries

        forgetLibraries("HostExampleLib")
        ScriptedLoadableModuleWidget.onReload(self)


class HostExampleLogic(ScriptedLoadableModuleLogic):
    """What the module does, without a panel."""

    def getParameterNode(self):
        return HostExampleParameterNode(super().getParameterNode())
