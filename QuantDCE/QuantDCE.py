"""Quantitative DCE-MRI: maps of a tracer kinetic model and the measurements of a visit."""

from typing import Annotated

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

DOCUMENTATION = "https://github.com/HER2ImmunoImaging/SlicerHER2ImmunoImaging/blob/main/Docs/QuantDCE.md"


class QuantDCE(ScriptedLoadableModule):
    """Describes the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("Quant DCE")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        parent.dependencies = ["Sequences", "Segmentations", "SegmentEditor", "Tables", "Plots"]
        parent.contributors = ["HER2ImmunoImaging contributors"]
        parent.helpText = _(
            "Fits a tracer kinetic model to each voxel of a dynamic contrast enhanced MR series: maps of Ktrans, ve, "
            "vp, kep and IAUGC, of enhancement, SER and functional tumour volume, and the measurements of the tumour "
            "at this visit. For research only, not for "
            'diagnosis or treatment decisions. <a href="{url}">Documentation</a>'
        ).format(url=DOCUMENTATION)
        parent.acknowledgementText = _(
            "Part of HER2ImmunoImaging, Apache License 2.0. Names and units follow the OSIPI CAPLEX lexicon; the "
            "source of each formula is kept with every result."
        )
        slicer.app.connect("startupCompleted()", registerLayouts)


def registerLayouts():
    """Know the layouts of maps side by side before a scene that was saved in one of them is opened."""
    from HER2ImmunoCommonLib.scene import register_layouts

    register_layouts(slicer.mrmlScene)


@parameterNodeWrapper
class QuantDCEParameterNode:
    """What the user chooses. A text field left empty means: from the images, or found automatically."""

    dynamic: slicer.vtkMRMLSequenceNode
    dynamicFolder: str
    dynamicChosenIn: str
    dynamicSeries: str
    dynamicKind: str
    timesText: str
    frameIntervalS: str
    trMs: str
    flipDeg: str
    segmentation: slicer.vtkMRMLSegmentationNode
    segmentId: str
    motionKind: str = "rigid"
    t1Source: str = "fixed"
    t1S: str
    t1Map: slicer.vtkMRMLScalarVolumeNode
    vfa: slicer.vtkMRMLSequenceNode
    vfaFolder: str
    vfaChosenIn: str
    vfaSeries: str
    vfaKind: str
    vfaTrMs: str
    b1Map: slicer.vtkMRMLScalarVolumeNode
    t1Method: str = "nonlinear"
    m0: str = "baseline"
    m0Map: slicer.vtkMRMLScalarVolumeNode
    aif: str = "parker"
    arterySegmentation: slicer.vtkMRMLSegmentationNode
    arterySegmentId: str
    aifFile: str
    aifTable: slicer.vtkMRMLTableNode
    aifConstants: str
    model: str = "extended_tofts"
    candidates: str = "patlak,tofts,extended_tofts"
    visit: str = "baseline"
    day: Annotated[float, WithinRange(-3650, 3650)] = 0.0
    measurements: slicer.vtkMRMLTableNode
    relaxivity: Annotated[float, WithinRange(0.1, 100)] = 4.5
    hematocrit: Annotated[float, WithinRange(0, 0.9)] = 0.42
    dose: Annotated[float, WithinRange(0.001, 2)] = 0.1
    bloodT1S: str
    baselineFrames: str
    arrivalS: str
    vascularKtrans: Annotated[float, WithinRange(0, 5)] = 0.05
    necroticSd: Annotated[float, WithinRange(0, 10)] = 1.645
    wholeVolume: bool = False
    agent: str
    fitDelay: bool = False
    delayEarliestS: Annotated[float, WithinRange(-60, 60)] = -10.0
    delayLatestS: Annotated[float, WithinRange(-60, 60)] = 10.0
    standardErrors: bool = False
    referenceSegmentation: slicer.vtkMRMLSegmentationNode
    referenceSegmentId: str
    referenceKtrans: str
    semiQuantitative: bool = True
    earlyS: Annotated[float, WithinRange(1, 3600)] = 150.0
    lateS: Annotated[float, WithinRange(1, 3600)] = 450.0
    serFrames: str
    ftvPePercent: Annotated[float, WithinRange(0, 1000)] = 70.0
    ftvBackgroundFraction: Annotated[float, WithinRange(0, 1)] = 0.6
    ftvBackgroundPercentile: Annotated[float, WithinRange(0, 100)] = 95.0
    ftvBackgroundSignal: str
    ftvNeighbours: Annotated[int, WithinRange(0, 26)] = 4
    ftvSerMinimum: Annotated[float, WithinRange(0, 10)] = 0.0
    ftvSerBins: str
    replaceRow: str
    memoryMb: Annotated[float, WithinRange(64, 65536)] = 512.0
    step: str = "examination"
    seed: slicer.vtkMRMLMarkupsFiducialNode
    growth: Annotated[float, WithinRange(0, 1)] = 0.5
    seedRadiusMm: Annotated[float, WithinRange(0, 300)] = 0.0
    arteryCandidates: slicer.vtkMRMLSegmentationNode
    rejectedCandidates: str
    comparedInput: str = "parker"
    probePoint: slicer.vtkMRMLMarkupsFiducialNode
    followsCursor: bool = True
    shownMap: str
    sideBySide: str = "Ktrans,ve,vp,IAUGC60"
    displays: str
    statisticsFile: str
    reportFile: str


class QuantDCEWidget(ScriptedLoadableModuleWidget):
    """The panel, made from the library when it is first opened."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.panel = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        from QuantDCELib.gui import QuantDCEPanel

        self.panel = QuantDCEPanel(self, QuantDCELogic())

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


class QuantDCELogic(ScriptedLoadableModuleLogic):
    """What the module does, without a panel."""

    def getParameterNode(self):
        return QuantDCEParameterNode(super().getParameterNode())

    def loadDynamic(self, folder, frame_interval_s=None, name="Dynamic series", series="", kind=""):
        """Read a dynamic series from a DICOM folder into a volume sequence; series and kind where several are meant."""
        from QuantDCELib.dicom import Choice, read_dynamic
        from QuantDCELib.scene import node_from_dynamic

        images = read_dynamic(folder, frame_interval_s=frame_interval_s, choice=Choice(series, kind))
        return node_from_dynamic(slicer.mrmlScene, images, name)

    def loadFlipAngles(self, folder, name="Flip angle series", series="", kind=""):
        """Read images at several flip angles from a DICOM folder into a volume sequence."""
        from QuantDCELib.dicom import Choice, read_vfa
        from QuantDCELib.scene import node_from_vfa

        return node_from_vfa(slicer.mrmlScene, read_vfa(folder, choice=Choice(series, kind)), name)

    def computeMaps(self, parameters, report=None):
        """From the choices in `parameters` to result nodes and the row of the visit; gives the core's `DceResult`."""
        from QuantDCELib.scene import add_to_visit, check_visit, gather, publish

        check_visit(parameters)
        request = gather(parameters)
        result = request.analyse(report)
        publish(slicer.mrmlScene, parameters, request, result)
        add_to_visit(slicer.mrmlScene, parameters)
        return result


class QuantDCETest(ScriptedLoadableModuleTest):
    """The whole path on a block of tissue made here, with a Ktrans that is known."""

    KTRANS_PER_MIN, VE = 0.2, 0.3

    def setUp(self):
        slicer.mrmlScene.Clear(0)

    def runTest(self):
        self.setUp()
        self.test_maps_of_a_known_tissue()

    def test_maps_of_a_known_tissue(self):
        import numpy as np
        from HER2ImmunoCommonLib.scene import add_segment

        logic = QuantDCELogic()
        parameters = logic.getParameterNode()
        parameters.dynamic = self._series()
        mask = np.zeros((3, 4, 5), bool)
        mask[1:, 1:3, 1:4] = True
        frame = parameters.dynamic.GetNthDataNode(0)
        parameters.segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        parameters.segmentId = add_segment(parameters.segmentation, mask, "Tumour", frame)
        parameters.t1S, parameters.arrivalS = "1.4", "20"
        parameters.model = "tofts"
        result = logic.computeMaps(parameters)
        assert abs(result.measurements["ktrans_median_per_min"] - self.KTRANS_PER_MIN) < 0.004
        assert abs(result.measurements["ve_median"] - self.VE) < 0.006
        ktrans = slicer.util.arrayFromVolume(parameters.dynamic.GetNthNodeReference("Result.map", 0))
        assert np.isfinite(ktrans).sum() == mask.sum()
        assert abs(np.nanmedian(ktrans) - self.KTRANS_PER_MIN) < 0.004
        assert parameters.measurements.GetNumberOfRows() == 1

    def _series(self):
        """A series of a Parker input in tissue of one kind, by a sum in steps of 0.05 s."""
        import numpy as np
        from HER2ImmunoCommonLib.geometry import TimeSeries
        from HER2ImmunoCommonLib.scene import node_from_series
        from QuantDCELib.arterial_input import population_aif
        from QuantDCELib.signal import spgr_signal

        time_s, step_s = np.arange(0.0, 240.0, 3.0), 0.05
        fine_s = np.arange(0.0, 240.0, step_s)
        plasma = population_aif("parker", fine_s, arrival_s=20.0)
        response = np.exp(-self.KTRANS_PER_MIN / self.VE * fine_s / 60.0)
        tissue = self.KTRANS_PER_MIN / 60.0 * step_s * np.convolve(plasma, response)[: fine_s.size]
        r1 = 1 / 1.4 + 4.5 * np.interp(time_s, fine_s, tissue)
        signal = 1000.0 * spgr_signal(r1, tr_s=0.005, flip_deg=20.0)
        array = np.broadcast_to(signal.astype(np.float32), (3, 4, 5, time_s.size)).copy()
        series = TimeSeries(array, np.diag([2.0, 2.0, 3.0, 1.0]), time_s)
        tags = {"RepetitionTime": 5.0, "FlipAngle": 20.0}
        return node_from_series(slicer.mrmlScene, series, "Synthetic dynamic series", tags=tags)
