"""The panel of PET Hypoxia."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.gui import ModulePanel, PathRow, SegmentSection, StatusLine, sayChanges
from HER2ImmunoCommonLib.scene import Source, is_measurement_table, put_with_examination
from slicer.i18n import tr as _

from ..analysis import wording
from ..analysis.examination import measure
from ..scene.following import source_of_row, take_volume
from ..scene.gathering import answers_of, check_choices, gather
from ..scene.inputs_key import inputs_key
from ..scene.publishing import publish
from ..scene.sources import is_anatomy, is_pet, show_pet
from ..scene.views import show_fusion, show_pet_volume
from ..suv.reading import read_pet
from .examination_section import ExaminationSection
from .live_section import LiveSection
from .results_section import ResultsSection

REFERENCE_FIELDS = "referenceSegmentation", "referenceSegmentId"


class Panel(ModulePanel):
    """From the PET's DICOM to SUV, ratio map, hypoxic segment and the visit's row."""

    runText = _("Measure hypoxia")

    def build(self) -> None:
        ui = self.ui
        self.examination = ExaminationSection(ui.petSection, self._onVerdict)
        self.folderRow = PathRow(ui.petSection, "dicomFolder", _("Load PET"), self.load)
        self.folderRow.edit.toolTip = _("Folder with the DICOM files of the PET; other series in it are passed over")
        self.folderRow.button.toolTip = _("Read the PET series of this folder into a volume in Bq/mL")
        self.tumour = SegmentSection(ui.tumourSection, "PETHypoxia.TumourEditor")
        self.reference = SegmentSection(
            ui.referenceSection, "PETHypoxia.ReferenceEditor", REFERENCE_FIELDS, _("reference")
        )
        self.results = self.resultsSection = ResultsSection(self.widget.parent)
        form = ui.petSection.layout()
        form.addRow(_("DICOM folder:"), self.folderRow)
        self.changes = StatusLine(ui.petSection)
        form.addRow(self.changes)
        form.addRow(self.examination)
        ui.tumourSection.layout().addWidget(self.tumour)
        ui.referenceSection.layout().addRow(self.reference)
        self._addLiveParts()
        self.offering.only(ui.petSelector, is_pet)
        self.offering.only(ui.anatomySelector, is_anatomy)
        self.offering.only(ui.tableSelector, is_measurement_table)
        self.parts += [self.examination, self.folderRow, self.tumour, self.reference, self.live, self.results]

    def _addLiveParts(self) -> None:
        """What is seen before the measurement."""
        ui = self.ui
        self.live = LiveSection(ui.referenceSection, self.examination.isUniform)
        self.fusion = StatusLine(ui.petSection)
        ui.referenceSection.layout().addRow(self.live.quality)
        ui.livePlace.layout().addWidget(self.live.preview)
        ui.petSection.layout().addRow(self.fusion)
        ui.sphereButton.connect("clicked()", self.live.place)
        ui.fusionButton.connect("clicked()", self._onFusion)

    def _onVerdict(self) -> None:
        self.checkReady()
        self.live.follow()

    def reasonNotReady(self) -> str:
        reason = self.examination.reason or self.tumour.reason() or self.reference.reason()
        if reason:
            return reason
        try:
            check_choices(self.parameters)
        except QuestionsError:
            return ""  # asked when the work is started
        except InputError as error:
            return str(error)
        return ""

    def rowSource(self) -> Source:
        return source_of_row(self.parameters.petVolume)

    def setParameterNode(self, parameters) -> None:
        self._volume = None if parameters is None else parameters.petVolume
        ModulePanel.setParameterNode(self, parameters)

    def _followVolume(self) -> None:
        """What belongs to one examination goes with the chosen PET."""
        volume = self.parameters.petVolume
        if volume in (None, self._volume) or slicer.mrmlScene.IsImporting():
            return
        earlier, self._volume = self._volume, volume
        told = take_volume(self.parameters, earlier)
        show_pet_volume(self.parameters)
        sayChanges(self.changes, told)

    def onParametersChanged(self) -> None:
        self._followVolume()
        name = self.parameters.ratio.name
        for each, widgets in {
            "TMR": (self.ui.tmrSlider, self.ui.tmrSliderLabel),
            "TBR": (self.ui.tbrSlider, self.ui.tbrSliderLabel),
        }.items():
            for widget in widgets:
                widget.setVisible(each == name)
        self.ui.referenceSection.text = wording.REFERENCE_TITLES[name]
        for section in (self.tumour, self.reference):
            section.setSourceVolume(self.parameters.petVolume)

    def onQuestions(self, questions: list[Question]) -> None:
        self.examination.ask(questions)

    def load(self, folder: str) -> None:
        """Read the PET series of a folder into a volume and choose it."""
        answers = answers_of(self.parameters)

        def done(pet):
            parameters = self.parameters
            volume = show_pet(slicer.mrmlScene, pet, folder, parameters.petVolume)
            put_with_examination(slicer.mrmlScene, volume, volume.GetName())
            if volume is parameters.petVolume:
                show_pet_volume(parameters)  # another one is shown when it is chosen
            parameters.petVolume = volume
            self.examination.forget("series")
            self.examination.follow()
            return _("Loaded {n} slices of {name}.").format(n=len(pet.headers), name=pet.series.name)

        self.run(lambda report: read_pet(folder, overrides=answers, report=report), done)

    def start(self) -> None:
        request, key = gather(self.parameters), inputs_key(self.parameters)

        def done(result):
            return publish(slicer.mrmlScene, self.parameters, request, result, key)

        self.run(lambda report: measure(request, report), done)

    def _onFusion(self) -> None:
        try:
            over = show_fusion(self.parameters)
        except InputError as error:
            self.fusion.say("error", str(error))
            return
        self.fusion.say("plain", _("{over} is shown half transparent.").format(over=over))
