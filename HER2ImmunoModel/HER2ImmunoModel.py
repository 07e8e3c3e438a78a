"""HER2 Immuno Model: calibrate a tumour model to imaging measurements and rank treatment schedules."""

from typing import Annotated

import qt
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


class HER2ImmunoModel(ScriptedLoadableModule):
    """Describes the module to the application."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("HER2 Immuno Model")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        parent.dependencies = ["HER2ImmunoCommon"]
        parent.contributors = ["HER2ImmunoImaging contributors"]
        parent.helpText = _(
            "Calibrates a model of tumour, immune cells, vessels, necrosis and hypoxia to the measurements of a few "
            "visits, forecasts it, and ranks schedules of trastuzumab and chemotherapy by their expected outcome, with "
            "the uncertainty that is left. For research only, not for treating patients. "
            '<a href="https://github.com/HER2ImmunoImaging/SlicerHER2ImmunoImaging/blob/main/Docs/HER2ImmunoModel.md">'
            "Documentation</a>"
        )
        parent.acknowledgementText = _(
            "Model after Jarrett et al., Mathematical Medicine and Biology 2019;36:381-410; the coupling to drugs is "
            "this project's. Part of HER2ImmunoImaging, Apache License 2.0."
        )
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData():
    """Offer the virtual patient, which is made on this computer: nothing is downloaded."""
    import SampleData

    resources = slicer.util.modulePath("HER2ImmunoModel").replace("HER2ImmunoModel.py", "Resources/Icons/")
    category = "HER2ImmunoImaging"
    SampleData.SampleDataLogic.registerCustomSampleDataCategory(category, _("HER2 Immuno Imaging"))
    for name, picture, load in (
        (_("Virtual patient, first visit"), "HER2VirtualPatientBaseline", loadVirtualPatientBaseline),
        (_("Virtual patient, three visits"), "HER2VirtualPatient", loadVirtualPatient),
        (_("Virtual patient, two visits to align"), "HER2VirtualPatientToAlign", loadVirtualPatientToAlign),
        (_("Virtual patient, measurements"), "HER2VirtualMeasurements", loadVirtualMeasurements),
    ):
        SampleData.SampleDataLogic.registerCustomSampleDataSource(
            category=category,
            sampleName=name,
            uris=[],  # with nothing to fetch, these two must be lists all the same
            fileNames=[],
            customDownloader=load,
            thumbnailFileName=f"{resources}{picture}.png",
        )


def loadVirtualPatientBaseline(source=None):
    """Load the MR and PET of the first visit with the regions drawn on them."""
    return _loadImages((0.0,))


def loadVirtualPatient(source=None):
    """Load MR, PET and regions of every visit, with what a perfect analysis finds and what was given."""
    return _loadImages(None) + loadVirtualMeasurements()


def loadVirtualPatientToAlign(source=None):
    """Load the MR of two visits at which the patient lies another way, in a finer anatomy; no PET."""
    return _loadImages((0.0, 14.0), toAlign=True)


def loadVirtualMeasurements(source=None):
    """Load what a perfect analysis of every visit finds and what was given, without images."""
    from HER2ImmunoStudyLib.study import load_tables

    return load_tables(slicer.mrmlScene)


def _loadImages(visitDays, toAlign=False):
    from HER2ImmunoCommonLib.progress import paced
    from HER2ImmunoStudyLib.study import load_images, show_sample

    nodes = []
    with slicer.util.tryWithErrorDisplay(_("The virtual patient could not be made."), waitCursor=True):
        report = paced(_showProgress)
        try:
            nodes = load_images(
                slicer.mrmlScene, slicer.app.cachePath, visit_days=visitDays, to_align=toAlign, report=report
            )
        finally:
            slicer.util.showStatusMessage("")
        if slicer.app.layoutManager() is not None:
            show_sample(slicer.mrmlScene, nodes)
    return nodes


def _showProgress(fraction, text):
    slicer.util.showStatusMessage(text)
    slicer.app.processEvents(qt.QEventLoop.ExcludeUserInputEvents)  # no second sample meanwhile


@parameterNodeWrapper
class HER2ImmunoModelParameterNode:
    """What the user chooses; -1 for a day is left to the model, 0 for a limit is none.

    Numbers of the patient are text: an empty one is not known.
    """

    measurements: slicer.vtkMRMLTableNode
    treatments: slicer.vtkMRMLTableNode
    measurementsFile: str
    treatmentsFile: str
    model: str = "tivnh_treated"
    species: str = "human"
    startDay: Annotated[float, WithinRange(-1, 3650)] = -1.0
    doses: Annotated[int, WithinRange(1, 20)] = 2
    intervalDay: Annotated[float, WithinRange(0.5, 60)] = 4.0
    horizonDay: Annotated[float, WithinRange(-1, 3650)] = -1.0
    objective: str = "volume_at_horizon"
    levelCm3: Annotated[float, WithinRange(0.001, 10000)] = 1.0
    dose: Annotated[float, WithinRange(0.05, 5)] = 1.0
    weekdaysOnly: bool = False
    weekdayOfDayZero: int = 0
    shortestIntervalDay: Annotated[float, WithinRange(0, 365)] = 0.0
    oneCytotoxicADay: bool = True
    totalTrastuzumab: Annotated[float, WithinRange(0, 100)] = 0.0
    totalCytotoxic: Annotated[float, WithinRange(0, 100)] = 0.0
    largestTrastuzumab: Annotated[float, WithinRange(0, 10)] = 0.0
    largestCytotoxic: Annotated[float, WithinRange(0, 10)] = 0.0
    toxicityBudget: Annotated[float, WithinRange(0, 10000)] = 0.0
    weightTrastuzumab: Annotated[float, WithinRange(0, 100)] = 1.0
    weightCytotoxic: Annotated[float, WithinRange(0, 100)] = 1.0
    draws: Annotated[int, WithinRange(50, 5000)] = 500
    seed: Annotated[int, WithinRange(0, 999999)] = 0
    method: str = "map"
    mostSteps: Annotated[int, WithinRange(100, 100000)] = 5000
    noiseScale: bool = False
    noise: str = "stated"
    heavyTails: bool = False
    priorFromFirst: bool = False
    parameterChoices: str
    cohortHow: str = "hierarchical"
    cohortUsed: bool = False
    candidates: str = "regimens"
    humanRegimens: str = "tchp,tch,ddac_thp,neosphere_thp,kristine,planned,none"
    mouseRegimens: str = "mouse_seq,mouse_seq_reverse,mouse_dce,mouse_lima,planned,none"
    splits: str = "1, 2, 4"
    intervals: str = "1, 4, 7"
    profileParameter: str
    hiddenVisits: Annotated[int, WithinRange(1, 100)] = 1
    family: str = "two_drug"
    tickedModels: str
    weighNoises: bool = False
    search: str = "days"
    risk: str = "mean"
    against: str
    iterations: Annotated[int, WithinRange(1, 500)] = 40
    weightKg: str
    heightCm: str
    ageYears: str
    sex: str
    creatinineMgPerDl: str
    gfrMlPerMin: str
    albuminGPerDl: str
    astUPerL: str
    liverMetastases: bool = False
    mouseWeightG: str
    dayZero: str
    regimen: str
    regimenStart: str
    lvefAtEntry: str
    lvef: str
    lvefRule: str = "US"
    neutrophils: str
    platelets: str
    priorDoxorubicin: str
    priorEpirubicin: str
    chestRadiotherapy: bool = False
    otherCardiotoxic: bool = False
    metastatic: bool = False
    growthFactor: bool = False
    exception: str
    clinicalLimits: bool = False
    cytotoxicIs: str
    weighNeutrophils: Annotated[float, WithinRange(0, 1000)] = 0.0
    weighHeart: Annotated[float, WithinRange(0, 1000)] = 0.0
    weighFailure: Annotated[float, WithinRange(0, 1000)] = 0.0
    weighVisits: Annotated[float, WithinRange(0, 1000)] = 0.0
    weighWeeks: Annotated[float, WithinRange(0, 1000)] = 0.0
    antibodyKind: str
    cytotoxicKind: str
    trastuzumabSet: str
    pertuzumabSet: str
    pembrolizumabSet: str
    antiPd1Set: str
    bodiesVary: bool = False
    reportFile: str
    reportPdf: bool = False
    timeLineState: str = "T"
    page: str = "visits"
    scenarioQuantity: str = "T"
    nextScanAnswer: str = "planned"
    nextScans: str = "volume,mri,pet,mri+pet"
    nextScanUntil: str
    visitShown: slicer.vtkMRMLNode
    alignKind: str = "deformable"
    compareMap: str = "first"
    compareFrame: str = "last"
    comparePlane: str
    compareOpacity: Annotated[int, WithinRange(0, 100)] = 100


class HER2ImmunoModelWidget(ScriptedLoadableModuleWidget):
    """The panel, made from the library when it is first opened."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.panel = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        from HER2ImmunoModelLib.gui import Panel

        self.panel = Panel(self, HER2ImmunoModelLogic())

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


class HER2ImmunoModelLogic(ScriptedLoadableModuleLogic):
    """What the module does, without a panel."""

    def getParameterNode(self):
        return HER2ImmunoModelParameterNode(super().getParameterNode())

    def calibrateAndRank(self, parameters, report=None):
        """Calibrate the model, rank the schedules and make the result nodes; gives them by role."""
        from HER2ImmunoModelLib.scene import gather

        return self.do(parameters, gather(parameters), report)

    def do(self, parameters, request, report=None):
        """Do a piece of work (what a `gather...` of `scene.inputs` gave) and make its result nodes."""
        request = self.prepared(parameters, request)
        return self.publish(parameters, request, request.make(report))

    def prepared(self, parameters, request):
        """The request with the calibration of the scene, if that fits; what remains to be done needs no scene."""
        from HER2ImmunoModelLib.scene import with_known_calibration

        return with_known_calibration(request, parameters.parameterNode)

    def publish(self, parameters, request, found):
        """Make the result nodes of a piece of work, in place of those of an earlier one of its kind."""
        from HER2ImmunoModelLib.scene import publish

        scene, name = parameters.parameterNode.GetScene(), request.called or parameters.measurements.GetName()
        return publish(scene, parameters.parameterNode, request, found, name)

    def calibration(self, parameters):
        """The calibration in the scene, to forecast or rank again in a script; None before the first run."""
        from HER2ImmunoModelLib.scene import calibration_in_use

        return calibration_in_use(parameters)


class HER2ImmunoModelTest(ScriptedLoadableModuleTest):
    """Runs in the application: measurements of a simulated subject, calibrated and ranked."""

    def runTest(self):
        self.setUp()
        self.test_rankingOfASimulatedSubject()

    def setUp(self):
        slicer.mrmlScene.Clear()

    def test_rankingOfASimulatedSubject(self):
        import HER2ImmunoModelLib as library
        from HER2ImmunoCommonLib.measurements import Measurement
        from HER2ImmunoCommonLib.scene import write_table
        from HER2ImmunoModelLib.scene import inputs

        model = library.models.get("tivnh_treated", "human")
        days = (0.0, 7.0, 14.0)
        states = library.simulate(model, {}, days).states
        rows = [
            Measurement(f"visit {n}", day, {name: float(states[s][0, n]) for s, name in model.observables.items()})
            for n, day in enumerate(days)
        ]
        logic = HER2ImmunoModelLogic()
        parameters = logic.getParameterNode()
        parameters.measurements = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Simulated subject")
        write_table(rows, parameters.measurements)
        parameters.draws = 200
        parameters.candidates = "standard"
        ranking = logic.calibrateAndRank(parameters)["Result.ranking"].GetTable()
        assert ranking.GetNumberOfRows() == 6
        names = [ranking.GetValueByName(row, "schedule").ToString() for row in range(6)]
        assert names[-1] == "No treatment"
        assert names.index("Trastuzumab then chemotherapy") < names.index("Chemotherapy then trastuzumab")
        estimate = logic.calibration(parameters).estimates["T0"]
        assert estimate.lower < states["T"][0, 0] < estimate.upper
        for gather in (inputs.gather_evidence, inputs.gather_check, inputs.gather_choice):
            made = logic.do(parameters, gather(parameters))
            assert all(node.GetScene() is not None for node in made.values())
