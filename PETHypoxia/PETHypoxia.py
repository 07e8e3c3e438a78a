"""PET Hypoxia: SUV and hypoxia of a tumour from FMISO-PET."""

import enum
from typing import Annotated

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import Minimum, WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

DOCUMENTATION = "https://github.com/HER2ImmunoImaging/SlicerHER2ImmunoImaging/blob/main/Docs/PETHypoxia.md"


class PETHypoxia(ScriptedLoadableModule):
    """Describes the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("PET Hypoxia")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        parent.dependencies = ["HER2ImmunoCommon"]
        parent.contributors = ["HER2ImmunoImaging contributors"]
        parent.helpText = (
            _(
                "Computes SUV of an FMISO-PET series from its DICOM header, or says why it cannot, and from a tumour "
                "and a muscle or blood segment the tumour-to-muscle or tumour-to-blood ratio, the hypoxic volume and "
                "fraction. "
                "For research only, not for diagnosis or treatment."
            )
            + f' <a href="{DOCUMENTATION}">'
            + _("Documentation")
            + "</a>."
        )
        parent.acknowledgementText = _("Part of HER2ImmunoImaging, Apache License 2.0. For research only.")


class Norm(enum.Enum):
    """Normalisation of SUV."""

    BODY_WEIGHT = "bw"
    LEAN_JANMAHASATIAN = "lbm"
    LEAN_JAMES = "lbm_james"
    LEAN_MORGAN = "lbm_morgan"
    IDEAL_WEIGHT = "ibw"
    SURFACE = "bsa"

    def label(self):
        """Name in the panel."""
        return {
            Norm.BODY_WEIGHT: _("Body weight (g/mL)"),
            Norm.LEAN_JANMAHASATIAN: _("Lean body mass, Janmahasatian (g/mL)"),
            Norm.LEAN_JAMES: _("Lean body mass, James (g/mL)"),
            Norm.LEAN_MORGAN: _("Lean body mass, Morgan (g/mL)"),
            Norm.IDEAL_WEIGHT: _("Ideal body weight (g/mL)"),
            Norm.SURFACE: _("Body surface (cm2/mL)"),
        }[self]


class Ratio(enum.Enum):
    """What uptake is divided by."""

    TMR = 1
    TBR = 2

    def label(self):
        """Name in the panel."""
        return {Ratio.TMR: _("Tumour to muscle (TMR)"), Ratio.TBR: _("Tumour to blood (TBR)")}[self]


@parameterNodeWrapper
class PETHypoxiaParameterNode:
    """What the user chose, and the results.

    `answers` are lines key=value for the examination `answersFor`; thresholds are ratios; volumes in cm3; the radius in
    mm; the variation in %; `day` counts from the start of observation.
    """

    petVolume: slicer.vtkMRMLScalarVolumeNode
    anatomyVolume: slicer.vtkMRMLScalarVolumeNode
    dicomFolder: str
    answers: list[str]
    answersFor: str
    segmentation: slicer.vtkMRMLSegmentationNode
    segmentId: str
    referenceSegmentation: slicer.vtkMRMLSegmentationNode
    referenceSegmentId: str
    spherePoint: slicer.vtkMRMLMarkupsFiducialNode
    sphereRadius: Annotated[float, WithinRange(0.5, 50.0)] = 8.0
    ratio: Ratio = Ratio.TMR
    tmrThreshold: Annotated[float, WithinRange(0.5, 5.0)] = 1.4
    tbrThreshold: Annotated[float, WithinRange(0.5, 5.0)] = 1.2
    livePreview: bool = False
    norm: Norm = Norm.BODY_WEIGHT
    visit: str = "baseline"
    day: Annotated[float, WithinRange(-10000.0, 10000.0)] = 0.0
    measurementTable: slicer.vtkMRMLTableNode
    replaceRow: str
    sweep: str = "1.2, 1.3, 1.4, 1.5"
    minimumReferenceVolume: Annotated[float, Minimum(0.001)] = 1.0
    maximumReferenceVariation: Annotated[float, WithinRange(1.0, 100.0)] = 25.0
    hypoxicPreview: slicer.vtkMRMLLabelMapVolumeNode
    suvVolume: slicer.vtkMRMLScalarVolumeNode
    ratioVolume: slicer.vtkMRMLScalarVolumeNode
    hypoxicSegmentation: slicer.vtkMRMLSegmentationNode
    hypoxicSegmentId: str
    measuresTable: slicer.vtkMRMLTableNode
    sweepTable: slicer.vtkMRMLTableNode
    sweepChart: slicer.vtkMRMLPlotChartNode
    step: str = "examination"


class PETHypoxiaWidget(ScriptedLoadableModuleWidget):
    """Life cycle of the panel, which is made from the library."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.panel = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        from PETHypoxiaLib.gui import Panel

        self.panel = Panel(self, PETHypoxiaLogic())

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
        from HER2ImmunoCommonLib.gui import forgetLibraries

        forgetLibraries()
        ScriptedLoadableModuleWidget.onReload(self)


class PETHypoxiaLogic(ScriptedLoadableModuleLogic):
    """What the module does, without a panel."""

    def getParameterNode(self):
        return PETHypoxiaParameterNode(super().getParameterNode())

    def loadFolder(self, parameters, report=None):
        """Read the PET series of `parameters.dicomFolder` into a volume, choose it and return it.

        Raises InputError, or QuestionsError if there are several series.
        """
        from PETHypoxiaLib.scene import answers_of, show_pet
        from PETHypoxiaLib.suv import read_pet

        folder = parameters.dicomFolder
        pet = read_pet(folder, overrides=answers_of(parameters), report=report)
        parameters.petVolume = show_pet(slicer.mrmlScene, pet, folder, parameters.petVolume)
        return parameters.petVolume

    def process(self, parameters, report=None):
        """Compute everything from what `parameters` choose, put the results into the scene, return the PetResult.

        Raises InputError if an input cannot be used, QuestionsError if a person has to answer something.
        """
        from PETHypoxiaLib.analysis import measure
        from PETHypoxiaLib.scene import gather, inputs_key, publish

        request, key = gather(parameters), inputs_key(parameters)
        result = measure(request, report)
        publish(slicer.mrmlScene, parameters, request, result, key)
        return result

    def addToVisit(self, parameters):
        """Write what `process` measured into the row of the visit, and return the measurement table.

        Raises InputError if there is nothing to write, QuestionsError before values of another series are replaced.
        """
        from PETHypoxiaLib.scene import add_to_visit

        add_to_visit(slicer.mrmlScene, parameters)
        return parameters.measurementTable


class PETHypoxiaTest(ScriptedLoadableModuleTest):
    """Self test: SUV and hypoxic fraction of a made-up series are those it was made of."""

    def setUp(self):
        slicer.mrmlScene.Clear()

    def runTest(self):
        self.setUp()
        self.test_known_hypoxia_is_found()

    def test_known_hypoxia_is_found(self):
        """A tumour of which one half takes up 1.6 and one half 0.9 times as much as muscle."""
        import tempfile

        from PETHypoxiaLib.scene import write_series

        logic = PETHypoxiaLogic()
        parameters = logic.getParameterNode()
        with tempfile.TemporaryDirectory() as folder:
            truth = write_series(folder)
            parameters.dicomFolder = folder
            volume = logic.loadFolder(parameters)
            parameters.segmentation = truth.segmentation(slicer.mrmlScene, volume)
            parameters.segmentId, parameters.referenceSegmentId = "tumour", "muscle"
            parameters.referenceSegmentation = parameters.segmentation
            result = logic.process(parameters)
        assert abs(result.metrics.suv_max / truth.suv_max - 1) < 0.005
        assert result.metrics.hypoxic.fraction == truth.hypoxic_fraction
        assert parameters.ratioVolume is not None
        assert parameters.measurementTable is None
        assert logic.addToVisit(parameters).GetNumberOfRows() == 1
        self.delayDisplay("Test passed")
