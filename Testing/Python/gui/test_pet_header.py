"""What the PET Hypoxia panel says of a PET header and of where its files are."""

import json
import shutil

import numpy as np
import pydicom
import pytest
import slicer
from dicom_module import Database
from HER2ImmunoCommonLib.measurements import read_csv


def test_the_first_thing_missing_is_said(pet_panel):
    assert not pet_panel.runBar.button.enabled
    assert pet_panel.runBar.status.text == "Choose the PET volume, or load it from its DICOM folder."
    assert not pet_panel.results.visible


def test_the_header_is_judged_as_soon_as_the_pet_is_loaded(pet, pet_panel, pet_patient):
    pet.load(pet_panel, pet_patient / "baseline" / "PET")
    assert pet_panel.examination.verdict.text == "✓ SUV can be computed."
    facts = pet.shown(pet_panel.examination.header.facts)
    tags = pet.shown(pet_panel.examination.header.facts, 2)
    assert (facts["Injected dose"], tags["Injected dose"]) == ("260 MBq", "(0018,1074)")
    assert (facts["Weight"], tags["Weight"]) == ("68 kg", "(0010,1030)")
    assert facts["Uptake time"] == "120 min"
    assert (facts["Decay correction"], tags["Decay correction"]) == ("START", "(0054,1102)")
    assert facts["Tracer"].startswith("Fluoromisonidazole")
    assert pet_panel.runBar.status.text == "Choose the tumour segment."


def test_cancelling_the_loading_makes_no_volume(pet_panel, pet_patient):
    import qt

    count = slicer.mrmlScene.GetNumberOfNodes()
    pet_panel.examination.folderRow.edit.currentPath = str(pet_patient / "baseline" / "PET")
    qt.QTimer.singleShot(0, pet_panel.runBar.button.click)
    pet_panel.examination.folderRow.button.click()
    assert pet_panel.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == count


def test_a_missing_weight_is_asked_for_and_marked(pet, pet_panel, pet_patient, tmp_path):
    folder = pet.edited(pet_patient / "baseline" / "PET", tmp_path / "PET", pet.without_weight)
    pet.load(pet_panel, folder)
    assert pet_panel.examination.verdict.text == "⚠ SUV cannot be computed before you answer:"
    assert pet.asked(pet_panel) == ["⚠ PatientWeight (0010,1030) is empty: what did the patient weigh, in kg?"]
    assert pet_panel.runBar.status.text == "Answer the question on the PET header."
    field = pet_panel.examination.questions.fields["weight_kg"]
    field.text = "heavy"
    field.editingFinished.emit()
    assert "weight_kg=heavy is not possible" in pet_panel.examination.verdict.text
    field.text = "68"
    field.editingFinished.emit()
    assert pet_panel.examination.verdict.text.startswith("✓ SUV can be computed.")
    assert pet.shown(pet_panel.examination.header.facts)["Weight"] == "68 kg"
    assert pet.shown(pet_panel.examination.header.facts, 2)["Weight"] == "user value"
    assert pet_panel.examination.header.answers.text == "Your values: Weight: 68 kg"
    regions = pet.add_segments(pet_patient / "baseline" / "masks")
    pet.choose(pet_panel.tumour, regions, "tumour")
    pet.choose(pet_panel.reference, regions, "muscle")
    assert pet.run(pet_panel).startswith("✓")
    assert pet_panel.parameters.suvVolume.GetName().endswith("SUVbw, user value")
    provenance = json.loads(pet_panel.parameters.suvVolume.GetAttribute("HER2Immuno.Provenance"))
    assert provenance["settings"]["overrides"] == {"weight_kg": "68"}
    pet_panel.examination.header.forgetButton.click()
    assert len(pet.asked(pet_panel)) == 1


def test_answers_do_not_go_over_to_another_examination(pet, pet_panel, pet_patient):
    pet.load(pet_panel, pet_patient / "baseline" / "PET")
    pet_panel.examination.header.answer("weight_kg", "60")
    pet.load(pet_panel, pet_patient / "day_7" / "PET")
    assert list(pet_panel.parameters.answers) == []
    assert pet.shown(pet_panel.examination.header.facts)["Weight"].startswith("68 kg")


def per_1000(pet, panel):
    return pet.shown(panel.examination.header.facts)["SUVbw of 1000 Bq/mL"]


def test_a_value_written_over_that_of_the_header_changes_the_suv_at_once(pet, pet_ready):
    facts, before = pet_ready.examination.header.facts, per_1000(pet, pet_ready)
    pet.write(facts, "Weight", "34")
    assert pet.shown(facts)["Weight"] == "34 kg"
    assert pet.shown(facts, 2)["Weight"] == "user value"
    assert list(pet_ready.parameters.answers) == ["weight_kg=34"]
    now, alone = per_1000(pet, pet_ready).split(" (header alone: ")
    assert alone == f"{before})"
    assert float(now) == pytest.approx(float(before) / 2, rel=1e-3)
    pet.run(pet_ready)
    provenance = json.loads(pet_ready.parameters.suvVolume.GetAttribute("HER2Immuno.Provenance"))
    assert provenance["inputs"]["header"]["weight_kg"] == {"value": 34.0, "unit": "kg", "source": "user"}
    assert pet_ready.parameters.suvVolume.GetName().endswith("user value")
    pet.write(facts, "Weight", "")
    assert pet.shown(facts, 2)["Weight"] == "(0010,1030)"
    assert per_1000(pet, pet_ready) == before


EDITS = {
    "Injected dose": ("130", "130 MBq", "dose_bq=130000000"),
    "Half-life": ("6586 s", "6586 s", "half_life_s=6586"),
    "Decay correction": ("admin", "ADMIN", "decay_correction=admin"),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_value_is_written_in_the_unit_it_is_shown_in(pet, pet_ready, name):
    text, shown, answer = EDITS[name]
    pet.write(pet_ready.examination.header.facts, name, text)
    assert list(pet_ready.parameters.answers) == [answer]
    assert pet.shown(pet_ready.examination.header.facts)[name] == shown


def test_what_cannot_be_a_value_is_said_and_can_be_taken_back(pet, pet_ready):
    pet.write(pet_ready.examination.header.facts, "Weight", "heavy")
    assert "weight_kg=heavy is not possible" in pet_ready.examination.verdict.text
    assert not pet_ready.runBar.button.enabled
    pet_ready.examination.header.forgetButton.click()
    assert pet.shown(pet_ready.examination.header.facts)["Weight"] == "68 kg"
    assert pet_ready.runBar.button.enabled


def test_what_only_follows_from_the_header_cannot_be_written(pet, pet_ready):
    import qt

    facts = pet_ready.examination.header.facts
    rows = range(facts.rowCount)
    editable = {facts.item(row, 0).text(): facts.item(row, 1).flags() & qt.Qt.ItemIsEditable for row in rows}
    assert editable["Weight"]
    assert not editable["Uptake time"]
    assert not editable["Tracer"]


def test_one_of_two_series_is_asked_for(pet, pet_panel, pet_patient, tmp_path):
    shutil.copytree(pet_patient / "baseline" / "PET", tmp_path / "both" / "a")
    pet.edited(pet_patient / "baseline" / "PET", tmp_path / "both" / "b", pet.as_another_series)
    pet.load(pet_panel, tmp_path / "both")
    field = pet_panel.examination.questions.fields["series"]
    field.text = "9"
    field.editingFinished.emit()
    pet.load(pet_panel, tmp_path / "both")
    assert pet_panel.parameters.petVolume.GetName().startswith("9 ")
    assert pet_panel.examination.verdict.text == "✓ SUV can be computed."
    assert list(pet_panel.parameters.answers) == []


def zeroed(dataset, n):
    item = dataset.RadiopharmaceuticalInformationSequence[0]
    item.RadiopharmaceuticalStartTime = "000000"
    del item.RadiopharmaceuticalStartDateTime
    dataset.SeriesTime = dataset.AcquisitionTime = "000000"


def test_zeroed_times_are_asked_one_after_the_other(pet, pet_panel, pet_patient, tmp_path, photograph):
    pet.load(pet_panel, pet.edited(pet_patient / "baseline" / "PET", tmp_path / "PET", zeroed))
    assert list(pet_panel.examination.questions.fields) == ["start"]
    assert ["000000" in text for text in pet.asked(pet_panel)] == [True]
    assert photograph(pet_panel.widget, "PETHypoxia-zeroed-times", 420).stat().st_size > 5000
    for key, text in (("start", "2024-01-10 10:00:00"), ("reference", "2024-01-10 12:00:00")):
        (field,) = pet_panel.examination.questions.fields.values()
        assert list(pet_panel.examination.questions.fields) == [key]
        assert ["000000" in text for text in pet.asked(pet_panel)] == [True]
        field.text = text
        field.editingFinished.emit()
    assert pet_panel.examination.verdict.text.startswith("✓ SUV can be computed.")
    assert pet.shown(pet_panel.examination.header.facts)["Uptake time"] == "120 min"


def injected_late(dataset, n):
    item = dataset.RadiopharmaceuticalInformationSequence[0]
    day, hour = dataset.AcquisitionDate, int(dataset.AcquisitionTime[:2]) + 1
    item.RadiopharmaceuticalStartTime = f"{hour:02d}0000"
    item.RadiopharmaceuticalStartDateTime = f"{day}{hour:02d}0000"


def test_an_injection_after_the_scan_is_refused_until_its_time_is_given(pet, pet_panel, pet_patient, tmp_path):
    folder = pet.edited(pet_patient / "baseline" / "PET", tmp_path / "PET", injected_late)
    pet.load(pet_panel, folder)
    assert pet_panel.examination.verdict.text.startswith("✗ Refused: The injection by")
    field = pet_panel.examination.questions.fields["start"]
    field.text = f"{int(pydicom.dcmread(next(folder.iterdir())).AcquisitionTime[:2]) - 2:02d}:00"
    field.editingFinished.emit()
    assert "SUV can be computed" in pet_panel.examination.verdict.text


REFUSED = {
    "no attenuation correction": (lambda d, n: setattr(d, "CorrectedImage", ["DECY"]), "not corrected for attenuation"),
    "counts per second": (lambda d, n: setattr(d, "Units", "CPS"), "Units (0054,1001)"),
    "unknown decay word": (lambda d, n: setattr(d, "DecayCorrection", "LATER"), "DecayCorrection (0054,1102)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_header_that_gives_no_suv_is_refused_with_its_reason(pet, pet_panel, pet_patient, tmp_path, case):
    edit, sentence = REFUSED[case]
    pet.load(pet_panel, pet.edited(pet_patient / "baseline" / "PET", tmp_path / "PET", edit))
    said = pet_panel.examination.verdict.text + pet_panel.runBar.status.text
    assert "✗" in said
    assert sentence in said
    assert not pet_panel.runBar.button.enabled


@pytest.mark.parametrize(("name", "sentence"), [("empty", "holds no DICOM image"), ("mr", "only MR")])
def test_a_folder_without_pet_is_refused(pet, pet_panel, pet_patient, tmp_path, name, sentence):
    folder = pet_patient / "baseline" / "MR" / "vfa" if name == "mr" else tmp_path
    pet.load(pet_panel, folder)
    assert pet_panel.runBar.status.text.startswith("✗")
    assert sentence in pet_panel.runBar.status.text
    assert pet_panel.parameters.petVolume is None


def test_a_pet_of_the_dicom_database_needs_no_folder(pet, pet_panel, pet_patient, monkeypatch):
    """As Slicer's DICOM module leaves it: instances in an attribute, files in the database, another slice order."""
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from PETHypoxiaLib import read_pet

    folder = pet_patient / "baseline" / "PET"
    database = Database(folder)
    monkeypatch.setattr(slicer, "dicomDatabase", database, raising=False)
    activity = read_pet(folder).activity
    turned = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, activity.array.shape[0] - 1], [0, 0, 0, 1]])
    flipped = type(activity)(activity.array[::-1], activity.ijk_to_ras @ turned)
    volume = node_from_volume(slicer.mrmlScene, flipped, "FMISO")
    volume.SetAttribute("DICOM.instanceUIDs", " ".join(database.files))
    pet_panel.ui.petSelector.setCurrentNode(volume)
    pet.settle(pet_panel)
    assert pet_panel.examination.verdict.text == "✓ SUV can be computed."
    regions = pet.add_segments(pet_patient / "baseline" / "masks")
    pet.choose(pet_panel.tumour, regions, "tumour")
    pet.choose(pet_panel.reference, regions, "muscle")
    pet.run(pet_panel)
    truth = read_csv(pet_patient / "truth" / "measurements.csv")[0].values["hypoxic_fraction"]
    assert pet.shown(pet_panel.results.table)["Hypoxic fraction, TMR ≥ 1.4"] == f"{100 * truth:.1f} %"
    assert pet_panel.results.warnings.text == ""


def test_a_volume_of_unknown_origin_is_linked_to_its_folder(pet, pet_panel, pet_patient):
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from PETHypoxiaLib import read_pet

    folder = pet_patient / "baseline" / "PET"
    volume = node_from_volume(slicer.mrmlScene, read_pet(folder).activity, "from a file")
    pet_panel.ui.petSelector.setCurrentNode(volume)
    assert "The DICOM files of from a file are not known" in pet_panel.examination.verdict.text
    pet.load(pet_panel, folder)
    assert pet_panel.parameters.petVolume is volume
    assert pet_panel.examination.verdict.text == "✓ SUV can be computed."


def test_nothing_of_a_patient_stays_after_the_scene_was_closed(pet_ready):
    import slicer

    section = pet_ready.examination
    assert section.header.facts.rowCount > 0
    slicer.mrmlScene.Clear(0)
    slicer.app.processEvents()
    assert section.header.facts.rowCount == 0
    assert (section.verdict.text, section.understood.text, section.result) == ("", "", None)
    assert pet_ready.runBar.status.text == "Choose the PET volume, or load it from its DICOM folder."
