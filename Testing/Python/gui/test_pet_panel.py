"""The panel of PET Hypoxia, clicked through on the virtual patient, whose uptake is known."""

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest
import slicer
from HER2ImmunoCommonLib.geometry import read_volume
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoModelLib.phantom.presets import HUMAN, Grid
from HER2ImmunoModelLib.phantom.writer import write_virtual_patient

SMALL = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=2, arrival_s=6.0),
)
WAIT_S = 10.0


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """The virtual patient's folder, with two visits."""
    folder = tmp_path_factory.mktemp("pet") / "patient"
    return write_virtual_patient(folder, preset=SMALL, seed=2, visits=[0, 7]).parent


@pytest.fixture
def panel(load_module):
    return load_module("PETHypoxia").panel


def settle(panel):
    """Let the header be read."""
    stop = time.monotonic() + WAIT_S
    while panel.examination.reading and time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.005)
    assert not panel.examination.reading


def load(panel, folder):
    panel.folderRow.edit.currentPath = str(folder)
    panel.folderRow.button.click()
    settle(panel)


def add_segments(masks):
    """The regions of a visit, each on the grid it was drawn on, as segments."""
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import add_segment

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    for name in ("muscle", "tumour"):
        mask = read_volume(masks / f"{name}.nrrd")
        grid = node_from_volume(slicer.mrmlScene, mask, "grid", labels=True)
        add_segment(node, mask.array, name, grid)
        slicer.mrmlScene.RemoveNode(grid)
    return node


def choose(section, segmentation, segment_id):
    section.selector.setCurrentNode(segmentation)
    section.selector.setCurrentSegmentID(segment_id)


@pytest.fixture
def ready(panel, patient):
    """The panel with everything chosen for the first visit."""
    load(panel, patient / "baseline" / "PET")
    regions = add_segments(patient / "baseline" / "masks")
    choose(panel.tumour, regions, "tumour")
    choose(panel.reference, regions, "muscle")
    return panel


def run(panel):
    panel.runBar.button.click()
    return panel.runBar.status.text


def edited(folder, target, edit):
    """A copy of a PET folder with another header; `edit` gets dataset and slice number."""
    shutil.copytree(folder, target)
    for n, path in enumerate(sorted(target.glob("*.dcm"))):
        dataset = pydicom.dcmread(path)
        edit(dataset, n)
        dataset.save_as(path)
    return target


def as_another_series(dataset, n):
    dataset.SeriesInstanceUID, dataset.SeriesNumber = "2.25.77", "9"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"2.25.77.{n}"


def without_weight(dataset, n):
    as_another_series(dataset, n)
    dataset.PatientWeight = None


def shown(table):
    return {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount)}


def asked(panel):
    """The questions that stand in the panel."""
    questions = panel.examination.questions
    labels = questions.findChildren(type(panel.examination.verdict))
    return [label.text for label in labels if not label.isHidden()]


def test_the_first_thing_missing_is_said(panel):
    assert not panel.runBar.button.enabled
    assert panel.runBar.status.text == "Choose the PET volume, or load it from its DICOM folder."
    assert not panel.results.visible


def test_the_header_is_judged_as_soon_as_the_pet_is_loaded(panel, patient):
    load(panel, patient / "baseline" / "PET")
    assert panel.examination.verdict.text == "✓ SUV can be computed."
    facts = shown(panel.examination.facts)
    assert facts["Injected dose"].split() == ["260", "MBq", "(0018,1074)"]
    assert facts["Weight"].split() == ["68", "kg", "(0010,1030)"]
    assert facts["Uptake time"].startswith("120 min")
    assert facts["Decay correction"].split() == ["START", "(0054,1102)"]
    assert facts["Tracer"].startswith("Fluoromisonidazole")
    assert panel.runBar.status.text == "Choose the tumour segment."


def test_the_whole_path_finds_the_truth(ready, patient):
    truth = patient / "truth"
    assert run(ready).startswith("✓ Hypoxic fraction")
    parameters = ready.parameters
    suv = slicer.util.arrayFromVolume(parameters.suvVolume)
    true_suv = read_volume(truth / "baseline" / "SUV.nrrd").array
    inside = true_suv > 0.3
    assert np.max(np.abs(suv[inside] / true_suv[inside] - 1)) < 0.005
    tmr = read_volume(truth / "baseline" / "TMR.nrrd").array
    np.testing.assert_allclose(slicer.util.arrayFromVolume(parameters.ratioVolume)[inside], tmr[inside], rtol=0.005)
    from HER2ImmunoCommonLib.scene.tables import read_table

    row, true_row = read_table(parameters.measurementTable)[0], read_csv(truth / "measurements.csv")[0]
    assert (row.visit, row.day) == ("baseline", 0.0)
    for name in ("hypoxic_fraction", "volume_cm3"):
        assert row.values[name] == pytest.approx(true_row.values[name], rel=1e-9)
    assert {"suv_mean", "suv_max", "tmr_max", "hypoxic_volume_cm3"} <= set(row.values)


def test_the_results_are_nodes_with_names_units_and_provenance(ready):
    run(ready)
    parameters = ready.parameters
    assert parameters.suvVolume.GetName() == "1 FMISO static AC SUVbw"
    assert parameters.suvVolume.GetVoxelValueUnits().GetCodeValue() == "{SUVbw}g/ml"
    provenance = json.loads(parameters.ratioVolume.GetAttribute("HER2Immuno.Provenance"))
    assert provenance["inputs"]["tumour"]["segment"] == "tumour"
    assert provenance["settings"]["ratio"] == "TMR"
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(
        parameters.hypoxicSegmentation, parameters.hypoxicSegmentId, parameters.suvVolume
    )
    volume_cm3 = float(shown(ready.results.table)["Hypoxic volume, TMR ≥ 1.4"].split()[0])
    assert np.count_nonzero(mask) * 0.125 == pytest.approx(volume_cm3, abs=0.0051)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    folder = hierarchy.GetItemChildWithName(hierarchy.GetSceneItemID(), "PET Hypoxia: 1 FMISO static AC")
    for name in ("suvVolume", "ratioVolume", "measuresTable", "sweepTable", "sweepChart", "measurementTable"):
        assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(getattr(parameters, name))) == folder
    assert parameters.sweepTable.GetTable().GetNumberOfRows() == 4
    assert parameters.sweepChart.GetXAxisTitle() == "TMR threshold"


def test_a_second_run_replaces_the_first(ready):
    run(ready)
    count, names = slicer.mrmlScene.GetNumberOfNodes(), ready.parameters.segmentation.GetSegmentation()
    segments = names.GetNumberOfSegments()
    ready.ui.tmrSpinBox.value = 1.2
    assert "TMR ≥ 1.2" in run(ready)
    assert slicer.mrmlScene.GetNumberOfNodes() == count
    assert names.GetNumberOfSegments() == segments
    assert ready.parameters.measurementTable.GetTable().GetNumberOfRows() == 1


def test_a_second_visit_gets_its_own_row_and_keeps_the_first_ones_maps(ready, patient):
    run(ready)
    first = ready.parameters.ratioVolume
    load(ready, patient / "day_7" / "PET")
    regions = add_segments(patient / "day_7" / "masks")
    choose(ready.tumour, regions, "tumour")
    choose(ready.reference, regions, "muscle")
    assert "holds another PET examination" in run(ready)
    ready.ui.visitLineEdit.text = "day 7"
    assert ready.runBar.status.text.startswith("Measurement table: visits")
    ready.ui.daySpinBox.value = 7
    assert run(ready).startswith("✓ Hypoxic fraction")
    assert ready.parameters.measurementTable.GetTable().GetNumberOfRows() == 2
    assert slicer.mrmlScene.GetNodeByID(first.GetID()) is first
    assert ready.parameters.ratioVolume is not first


def test_blood_as_reference_has_its_own_threshold(ready):
    ready.ui.ratioComboBox.currentIndex = 1
    assert ready.ui.referenceSection.text == "Reference region: blood"
    assert ready.ui.tbrSpinBox.value == 1.2
    assert "TBR ≥ 1.2" in run(ready)
    assert ready.parameters.ratioVolume.GetName().endswith("TBR")


def test_cancelling_leaves_the_scene_as_it_was(ready):
    import qt

    count = slicer.mrmlScene.GetNumberOfNodes()
    segments = ready.parameters.segmentation.GetSegmentation().GetNumberOfSegments()
    seen = []

    def cancel():
        seen.append((ready.ui.inputs.enabled, ready.runBar.running))
        ready.runBar.button.click()

    qt.QTimer.singleShot(0, cancel)
    assert run(ready) == "⚠ Cancelled: nothing was changed."
    assert seen == [(False, True)]
    assert slicer.mrmlScene.GetNumberOfNodes() == count
    assert ready.parameters.segmentation.GetSegmentation().GetNumberOfSegments() == segments
    assert ready.parameters.suvVolume is None


def test_cancelling_the_loading_makes_no_volume(panel, patient):
    import qt

    count = slicer.mrmlScene.GetNumberOfNodes()
    panel.folderRow.edit.currentPath = str(patient / "baseline" / "PET")
    qt.QTimer.singleShot(0, panel.runBar.button.click)
    panel.folderRow.button.click()
    assert panel.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == count


def test_a_missing_weight_is_asked_for_and_marked(panel, patient, tmp_path):
    folder = edited(patient / "baseline" / "PET", tmp_path / "PET", without_weight)
    load(panel, folder)
    assert panel.examination.verdict.text == "⚠ SUV cannot be computed before you answer:"
    assert asked(panel) == ["⚠ PatientWeight (0010,1030) is empty: what did the patient weigh, in kg?"]
    assert panel.runBar.status.text == "Answer the question on the PET header."
    field = panel.examination.questions.fields["weight_kg"]
    field.text = "heavy"
    field.editingFinished.emit()
    assert "weight_kg=heavy is not possible" in panel.examination.verdict.text
    field.text = "68"
    field.editingFinished.emit()
    assert panel.examination.verdict.text.startswith("✓ SUV can be computed.")
    assert shown(panel.examination.facts)["Weight"] == "68 kg   (user value)"
    assert panel.examination.answers.text == "Your values: Weight: 68 kg"
    regions = add_segments(patient / "baseline" / "masks")
    choose(panel.tumour, regions, "tumour")
    choose(panel.reference, regions, "muscle")
    assert run(panel).startswith("✓")
    assert panel.parameters.suvVolume.GetName().endswith("SUVbw, user value")
    provenance = json.loads(panel.parameters.suvVolume.GetAttribute("HER2Immuno.Provenance"))
    assert provenance["settings"]["overrides"] == {"weight_kg": "68"}
    panel.examination.forgetButton.click()
    assert len(asked(panel)) == 1


def test_answers_do_not_go_over_to_another_examination(panel, patient):
    load(panel, patient / "baseline" / "PET")
    panel.examination.answer("weight_kg", "60")
    load(panel, patient / "day_7" / "PET")
    assert list(panel.parameters.answers) == []
    assert shown(panel.examination.facts)["Weight"].startswith("68 kg")


def test_a_value_of_the_header_can_be_corrected(ready):
    ready.ui.correctionKey.currentIndex = ready.ui.correctionKey.findText("Weight")
    ready.ui.correctionValue.text = "34"
    ready.ui.correctionButton.click()
    assert shown(ready.examination.facts)["Weight"].startswith("34 kg")
    assert list(ready.parameters.answers) == ["weight_kg=34"]


def test_one_of_two_series_is_asked_for(panel, patient, tmp_path):
    shutil.copytree(patient / "baseline" / "PET", tmp_path / "both" / "a")
    edited(patient / "baseline" / "PET", tmp_path / "both" / "b", as_another_series)
    load(panel, tmp_path / "both")
    field = panel.examination.questions.fields["series"]
    field.text = "9"
    field.editingFinished.emit()
    load(panel, tmp_path / "both")
    assert panel.parameters.petVolume.GetName().startswith("9 ")
    assert panel.examination.verdict.text == "✓ SUV can be computed."
    assert list(panel.parameters.answers) == []


REFUSED = {
    "no attenuation correction": (lambda d, n: setattr(d, "CorrectedImage", ["DECY"]), "not corrected for attenuation"),
    "counts per second": (lambda d, n: setattr(d, "Units", "CPS"), "Units (0054,1001)"),
    "unknown decay word": (lambda d, n: setattr(d, "DecayCorrection", "LATER"), "DecayCorrection (0054,1102)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_header_that_gives_no_suv_is_refused_with_its_reason(panel, patient, tmp_path, case):
    edit, sentence = REFUSED[case]
    load(panel, edited(patient / "baseline" / "PET", tmp_path / "PET", edit))
    said = panel.examination.verdict.text + panel.runBar.status.text
    assert "✗" in said
    assert sentence in said
    assert not panel.runBar.button.enabled


@pytest.mark.parametrize(("name", "sentence"), [("empty", "holds no DICOM image"), ("mr", "only MR")])
def test_a_folder_without_pet_is_refused(panel, patient, tmp_path, name, sentence):
    folder = patient / "baseline" / "MR" / "vfa" if name == "mr" else tmp_path
    load(panel, folder)
    assert panel.runBar.status.text.startswith("✗")
    assert sentence in panel.runBar.status.text
    assert panel.parameters.petVolume is None


def test_regions_that_cannot_be_used_are_named(ready):
    regions = ready.parameters.segmentation
    regions.GetSegmentation().AddEmptySegment("empty", "Nothing")
    choose(ready.tumour, regions, "empty")
    assert run(ready) == "✗ Segment 'Nothing' of Regions is empty; draw the region first."
    choose(ready.tumour, regions, "muscle")
    assert ready.runBar.status.text == "The reference is the tumour segment itself; choose another segment."
    assert not ready.runBar.button.enabled


def test_a_tumour_outside_the_pet_is_refused(ready):
    from HER2ImmunoCommonLib.scene.segments import add_segment

    far = slicer.util.addVolumeFromArray(np.ones((3, 3, 3), np.uint8), name="far")
    far.SetOrigin(1000, 0, 0)
    add_segment(ready.parameters.segmentation, np.ones((3, 3, 3)), "far", far)
    choose(ready.tumour, ready.parameters.segmentation, "far")
    assert "does not overlap 1 FMISO static AC" in run(ready)


def test_a_volume_that_was_moved_is_refused(ready):
    volume = ready.parameters.petVolume
    volume.SetOrigin(np.array(volume.GetOrigin()) + np.array([7.0, 0.0, 0.0]))
    count = slicer.mrmlScene.GetNumberOfNodes()
    assert "does not lie where its DICOM files do" in run(ready)
    assert slicer.mrmlScene.GetNumberOfNodes() == count


def test_voxels_that_are_not_those_of_the_files_do_not_change_the_numbers(ready):
    run(ready)
    before = shown(ready.results.table)
    values = slicer.util.arrayFromVolume(ready.parameters.petVolume)
    values *= 3
    run(ready)
    assert shown(ready.results.table) == before
    assert "are not the values of its DICOM files" in ready.results.warnings.text


def test_a_pet_of_the_dicom_database_needs_no_folder(panel, patient, monkeypatch):
    """As Slicer's DICOM module leaves it: instances in an attribute, files in the database, another slice order."""
    from HER2ImmunoCommonLib.dicom import scan
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from PETHypoxiaLib import read_pet

    folder = patient / "baseline" / "PET"
    files = {str(header.SOPInstanceUID): header.filename for header in scan(folder)[0].headers}
    database = SimpleNamespace(fileForInstance=lambda uid: str(files.get(uid, "")))
    monkeypatch.setattr(slicer, "dicomDatabase", database, raising=False)
    activity = read_pet(folder).activity
    turned = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, activity.array.shape[0] - 1], [0, 0, 0, 1]])
    flipped = type(activity)(activity.array[::-1], activity.ijk_to_ras @ turned)
    volume = node_from_volume(slicer.mrmlScene, flipped, "FMISO")
    volume.SetAttribute("DICOM.instanceUIDs", " ".join(files))
    panel.ui.petSelector.setCurrentNode(volume)
    settle(panel)
    assert panel.examination.verdict.text == "✓ SUV can be computed."
    regions = add_segments(patient / "baseline" / "masks")
    choose(panel.tumour, regions, "tumour")
    choose(panel.reference, regions, "muscle")
    run(panel)
    truth = read_csv(patient / "truth" / "measurements.csv")[0].values["hypoxic_fraction"]
    assert shown(panel.results.table)["Hypoxic fraction, TMR ≥ 1.4"] == f"{100 * truth:.1f} %"
    assert panel.results.warnings.text == ""


def test_a_volume_of_unknown_origin_is_linked_to_its_folder(panel, patient):
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from PETHypoxiaLib import read_pet

    folder = patient / "baseline" / "PET"
    volume = node_from_volume(slicer.mrmlScene, read_pet(folder).activity, "from a file")
    panel.ui.petSelector.setCurrentNode(volume)
    assert "The DICOM files of from a file are not known" in panel.examination.verdict.text
    load(panel, folder)
    assert panel.parameters.petVolume is volume
    assert panel.examination.verdict.text == "✓ SUV can be computed."


@pytest.fixture
def saved(ready, tmp_path, patient):
    """A finished examination of files that may be moved away, saved and loaded again."""
    home = tmp_path / "PET"
    shutil.copytree(patient / "baseline" / "PET", home)
    load(ready, home)
    ready.ui.tmrSpinBox.value = 1.3
    ready.ui.visitLineEdit.text = "first"
    ready.ui.daySpinBox.value = 3
    ready.ui.sweepLineEdit.text = "1.1, 1.6"
    ready.examination.answer("height_cm", "170")
    run(ready)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    return ready, tmp_path, home


def reload(panel, folder):
    slicer.mrmlScene.Clear(0)
    assert panel.ui.visitLineEdit.text == "baseline"
    assert not panel.results.visible
    slicer.util.loadScene(str(folder / "scene.mrb"))
    settle(panel)


def test_a_saved_scene_restores_every_choice_and_the_results(saved):
    panel, folder, home = saved
    results = shown(panel.results.table)
    reload(panel, folder)
    ui, parameters = panel.ui, panel.parameters
    assert ui.petSelector.currentNode().GetName() == "1 FMISO static AC"
    assert panel.folderRow.path == str(home)
    assert panel.tumour.selector.currentSegmentID() == "tumour"
    assert panel.reference.selector.currentSegmentID() == "muscle"
    assert (ui.tmrSpinBox.value, ui.daySpinBox.value, ui.visitLineEdit.text) == (1.3, 3.0, "first")
    assert ui.sweepLineEdit.text == "1.1, 1.6"
    assert list(parameters.answers) == ["height_cm=170"]
    assert panel.examination.verdict.text == "✓ SUV can be computed."
    assert shown(panel.results.table) == results
    assert ui.tableSelector.currentNode().GetName() == "Measurements"
    assert parameters.suvVolume.GetName().endswith("SUVbw")
    assert parameters.hypoxicSegmentId in parameters.hypoxicSegmentation.GetSegmentation().GetSegmentIDs()
    kinds = ("vtkMRMLScalarVolumeNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode")
    counts = [slicer.mrmlScene.GetNumberOfNodesByClass(kind) for kind in kinds]
    assert run(panel).startswith("✓")
    assert [slicer.mrmlScene.GetNumberOfNodesByClass(kind) for kind in kinds] == counts


def test_results_stay_when_the_dicom_files_are_gone(saved):
    panel, folder, home = saved
    results = shown(panel.results.table)
    shutil.rmtree(home)
    reload(panel, folder)
    assert f"The DICOM files of 1 FMISO static AC are no longer in {home}" in panel.examination.verdict.text
    assert not panel.runBar.button.enabled
    assert shown(panel.results.table) == results
    assert panel.parameters.ratioVolume is not None


def test_an_impossible_setting_is_said_before_the_work(ready):
    ready.ui.sweepLineEdit.text = "1.2, high"
    assert ready.runBar.status.text == "sweep: 'high' is not possible; give a number above 0."
    ready.ui.sweepLineEdit.text = "1.2"
    ready.ui.visitLineEdit.text = " "
    assert ready.runBar.status.text == "The visit has no name; give it one, such as baseline."


def test_showing_puts_the_maps_into_the_views(ready):
    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    run(ready)
    assert view.GetForegroundVolumeID() is None
    ready.results.showButton.click()
    assert view.GetBackgroundVolumeID() == ready.parameters.suvVolume.GetID()
    assert view.GetForegroundVolumeID() == ready.parameters.ratioVolume.GetID()


def test_the_self_test_passes(panel, host):
    test = __import__("PETHypoxia").PETHypoxiaTest()
    test.runTest()


def test_photograph(ready, photograph):
    run(ready)
    ready.folderRow.edit.currentPath = "patient/baseline/PET"
    assert Path(photograph(ready.widget, "PETHypoxia")).stat().st_size > 5000
