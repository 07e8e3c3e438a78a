"""The panel of PET Hypoxia, clicked through on the virtual patient, whose uptake is known."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.geometry import read_volume
from HER2ImmunoCommonLib.measurements import read_csv


def test_the_whole_path_finds_the_truth(pet, pet_ready, pet_patient):
    truth = pet_patient / "truth"
    assert pet.run(pet_ready).startswith("✓ Hypoxic fraction")
    parameters = pet_ready.parameters
    suv = slicer.util.arrayFromVolume(parameters.suvVolume)
    true_suv = read_volume(truth / "baseline" / "SUV.nrrd").array
    inside = true_suv > 0.3
    assert np.max(np.abs(suv[inside] / true_suv[inside] - 1)) < 0.005
    tmr = read_volume(truth / "baseline" / "TMR.nrrd").array
    np.testing.assert_allclose(slicer.util.arrayFromVolume(parameters.ratioVolume)[inside], tmr[inside], rtol=0.005)
    from HER2ImmunoCommonLib.scene.tables import read_table

    assert parameters.measurementTable is None
    assert pet.keep(pet_ready) == "✓ Row baseline, day 0, of Measurements has these values."
    row, true_row = read_table(parameters.measurementTable)[0], read_csv(truth / "measurements.csv")[0]
    assert (row.visit, row.day) == ("baseline", 0.0)
    for name in ("hypoxic_fraction", "volume_cm3"):
        assert row.values[name] == pytest.approx(true_row.values[name], rel=1e-9)
    assert {"suv_mean", "suv_max", "tmr_max", "hypoxic_volume_cm3"} <= set(row.values)


def test_the_results_are_nodes_with_names_units_and_provenance(pet, pet_ready):
    pet.run(pet_ready)
    parameters = pet_ready.parameters
    assert parameters.suvVolume.GetName() == "1 FMISO static AC SUVbw"
    assert parameters.suvVolume.GetVoxelValueUnits().GetCodeValue() == "{SUVbw}g/ml"
    provenance = json.loads(parameters.ratioVolume.GetAttribute("HER2Immuno.Provenance"))
    assert provenance["inputs"]["tumour"]["segment"] == "tumour"
    assert provenance["settings"]["ratio"] == "TMR"
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(
        parameters.hypoxicSegmentation, parameters.hypoxicSegmentId, parameters.suvVolume
    )
    volume_cm3 = float(pet.shown(pet_ready.results.table)["Hypoxic volume, TMR ≥ 1.4"].split()[0])
    assert np.count_nonzero(mask) * 0.125 == pytest.approx(volume_cm3, abs=0.0051)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    above = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(parameters.petVolume))
    folder = hierarchy.GetItemChildWithName(above, "PET Hypoxia: 1 FMISO static AC")
    for name in ("suvVolume", "ratioVolume", "measuresTable", "sweepTable", "sweepChart"):
        assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(getattr(parameters, name))) == folder
    assert parameters.sweepTable.GetTable().GetNumberOfRows() == 4
    assert parameters.sweepChart.GetXAxisTitle() == "TMR threshold"


def test_a_second_run_replaces_the_first(pet, pet_ready):
    pet.run(pet_ready)
    pet.keep(pet_ready)
    count, names = slicer.mrmlScene.GetNumberOfNodes(), pet_ready.parameters.segmentation.GetSegmentation()
    segments = names.GetNumberOfSegments()
    pet_ready.ui.tmrSlider.value = 1.2
    assert "TMR ≥ 1.2" in pet.run(pet_ready)
    assert slicer.mrmlScene.GetNumberOfNodes() == count
    assert names.GetNumberOfSegments() == segments
    assert pet.keep(pet_ready).startswith("✓")
    assert pet_ready.parameters.measurementTable.GetTable().GetNumberOfRows() == 1


def test_a_second_visit_gets_its_own_row_and_keeps_the_first_ones_maps(pet, pet_ready, pet_patient):
    pet.run(pet_ready)
    pet.keep(pet_ready)
    first = pet_ready.parameters.ratioVolume
    pet.load(pet_ready, pet_patient / "day_7" / "PET")
    assert (pet_ready.parameters.visit, pet_ready.parameters.day) == ("day_7", 7.0)
    assert pet_ready.parameters.segmentation is None
    assert pet_ready.parameters.ratioVolume is None
    assert "Visit: day_7, day 7." in pet_ready.examination.changes.text
    regions = pet.add_segments(pet_patient / "day_7" / "masks")
    pet.choose(pet_ready.tumour, regions, "tumour")
    pet.choose(pet_ready.reference, regions, "muscle")
    assert pet.run(pet_ready).startswith("✓ Hypoxic fraction")
    assert pet.keep(pet_ready).startswith("✓ Row day_7, day 7, of ")
    assert pet_ready.parameters.measurementTable.GetTable().GetNumberOfRows() == 2
    assert slicer.mrmlScene.GetNodeByID(first.GetID()) is first
    assert pet_ready.parameters.ratioVolume is not first


def test_blood_as_reference_has_its_own_threshold(pet, pet_ready):
    pet_ready.ui.ratioComboBox.currentIndex = 1
    assert "3  Reference (blood)" in pet_ready.ui.referenceStep.text
    assert pet_ready.ui.tbrSlider.value == 1.2
    assert "TBR ≥ 1.2" in pet.run(pet_ready)
    assert pet_ready.parameters.ratioVolume.GetName().endswith("TBR")
    assert "called 'muscle', but TBR compares with blood" in pet_ready.results.warnings.text


def test_cancelling_leaves_the_scene_as_it_was(pet, pet_ready):
    import qt

    count = slicer.mrmlScene.GetNumberOfNodes()
    segments = pet_ready.parameters.segmentation.GetSegmentation().GetNumberOfSegments()
    seen = []

    def cancel():
        seen.append(([step.name for step in pet_ready.steps.steps if step.body.enabled], pet_ready.runBar.running))
        pet_ready.runBar.button.click()

    qt.QTimer.singleShot(0, cancel)
    assert pet.run(pet_ready) == "⚠ Cancelled: nothing was changed."
    assert seen == [(["look"], True)]
    assert all(step.body.enabled for step in pet_ready.steps.steps)
    assert slicer.mrmlScene.GetNumberOfNodes() == count
    assert pet_ready.parameters.segmentation.GetSegmentation().GetNumberOfSegments() == segments
    assert pet_ready.parameters.suvVolume is None


def test_regions_that_cannot_be_used_are_named(pet, pet_ready):
    regions = pet_ready.parameters.segmentation
    regions.GetSegmentation().AddEmptySegment("empty", "Nothing")
    pet.choose(pet_ready.tumour, regions, "empty")
    assert pet.run(pet_ready) == "✗ Segment 'Nothing' of Regions is empty; draw the region first."
    pet.choose(pet_ready.tumour, regions, "muscle")
    assert pet_ready.runBar.status.text == "The reference is the tumour segment itself; choose another segment."
    assert not pet_ready.runBar.button.enabled


def test_a_tumour_outside_the_pet_is_refused(pet, pet_ready):
    from HER2ImmunoCommonLib.scene.segments import add_segment

    far = slicer.util.addVolumeFromArray(np.ones((3, 3, 3), np.uint8), name="far")
    far.SetOrigin(1000, 0, 0)
    add_segment(pet_ready.parameters.segmentation, np.ones((3, 3, 3)), "far", far)
    pet.choose(pet_ready.tumour, pet_ready.parameters.segmentation, "far")
    assert "does not overlap 1 FMISO static AC" in pet.run(pet_ready)


def test_a_volume_that_was_moved_is_refused(pet, pet_ready):
    volume = pet_ready.parameters.petVolume
    volume.SetOrigin(np.array(volume.GetOrigin()) + np.array([7.0, 0.0, 0.0]))
    count = slicer.mrmlScene.GetNumberOfNodes()
    assert "does not lie where its DICOM files do" in pet.run(pet_ready)
    assert slicer.mrmlScene.GetNumberOfNodes() == count


def test_voxels_that_are_not_those_of_the_files_do_not_change_the_numbers(pet, pet_ready):
    pet.run(pet_ready)
    before = pet.shown(pet_ready.results.table)
    values = slicer.util.arrayFromVolume(pet_ready.parameters.petVolume)
    values *= 3
    pet.run(pet_ready)
    assert pet.shown(pet_ready.results.table) == before
    assert "are not the values of its DICOM files" in pet_ready.results.warnings.text


@pytest.fixture
def saved(pet, pet_ready, tmp_path, pet_patient):
    """A finished examination of files that may be moved away, saved and loaded again."""
    home = tmp_path / "PET"
    shutil.copytree(pet_patient / "baseline" / "PET", home)
    pet.load(pet_ready, home)
    pet_ready.ui.tmrSlider.value = 1.3
    pet_ready.ui.visitLineEdit.text = "first"
    pet_ready.ui.daySpinBox.value = 3
    pet_ready.ui.sweepLineEdit.text = "1.1, 1.6"
    pet_ready.examination.header.answer("height_cm", "170")
    pet.run(pet_ready)
    pet.keep(pet_ready)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    return pet_ready, tmp_path, home


def reload(pet, pet_panel, folder):
    slicer.mrmlScene.Clear(0)
    assert pet_panel.ui.visitLineEdit.text == "baseline"
    assert not pet_panel.results.visible
    slicer.util.loadScene(str(folder / "scene.mrb"))
    pet.settle(pet_panel)


def test_a_saved_scene_restores_every_choice_and_the_results(pet, saved):
    pet_panel, folder, home = saved
    results = pet.shown(pet_panel.results.table)
    reload(pet, pet_panel, folder)
    ui, parameters = pet_panel.ui, pet_panel.parameters
    assert ui.petSelector.currentNode().GetName() == "1 FMISO static AC"
    assert pet_panel.examination.folderRow.path == str(home)
    assert pet_panel.tumour.segments.selector.currentSegmentID() == "tumour"
    assert pet_panel.reference.segments.selector.currentSegmentID() == "muscle"
    assert (ui.tmrSlider.value, ui.daySpinBox.value, ui.visitLineEdit.text) == (1.3, 3.0, "first")
    assert ui.sweepLineEdit.text == "1.1, 1.6"
    assert list(parameters.answers) == ["height_cm=170"]
    assert pet_panel.examination.verdict.text == "✓ SUV can be computed."
    assert pet.shown(pet_panel.results.table) == results
    assert ui.tableSelector.currentNode().GetName() == "Measurements"
    assert parameters.suvVolume.GetName().endswith("SUVbw")
    assert parameters.hypoxicSegmentId in parameters.hypoxicSegmentation.GetSegmentation().GetSegmentIDs()
    kinds = ("vtkMRMLScalarVolumeNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode")
    counts = [slicer.mrmlScene.GetNumberOfNodesByClass(kind) for kind in kinds]
    assert pet.run(pet_panel).startswith("✓")
    assert [slicer.mrmlScene.GetNumberOfNodesByClass(kind) for kind in kinds] == counts


def test_results_stay_when_the_dicom_files_are_gone(pet, saved):
    pet_panel, folder, home = saved
    results = pet.shown(pet_panel.results.table)
    shutil.rmtree(home)
    reload(pet, pet_panel, folder)
    assert f"The DICOM files of 1 FMISO static AC are no longer in {home}" in pet_panel.examination.verdict.text
    assert not pet_panel.runBar.button.enabled
    assert pet.shown(pet_panel.results.table) == results
    assert pet_panel.parameters.ratioVolume is not None


def test_an_impossible_setting_is_said_before_the_work(pet_ready):
    pet_ready.ui.sweepLineEdit.text = "1.2, high"
    assert pet_ready.runBar.status.text == "sweep: 'high' is not possible; give a number above 0."
    assert not pet_ready.runBar.button.enabled
    pet_ready.ui.sweepLineEdit.text = "1.2"
    assert pet_ready.runBar.button.enabled


def test_showing_puts_the_maps_into_the_views(pet, pet_ready):
    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    pet.run(pet_ready)
    assert view.GetForegroundVolumeID() is None
    pet_ready.results.showButton.click()
    assert view.GetBackgroundVolumeID() == pet_ready.parameters.suvVolume.GetID()
    assert view.GetForegroundVolumeID() == pet_ready.parameters.ratioVolume.GetID()


def test_the_self_test_passes(pet_panel, host):
    test = __import__("PETHypoxia").PETHypoxiaTest()
    test.runTest()


def test_photograph(pet, pet_ready, photograph):
    pet_ready.ui.liveCheckBox.checked = True
    pet_ready.ui.sweepLineEdit.text = "0.8, 1, 1.2, 1.4, 1.6, 2, 2.4"
    pet.run(pet_ready)
    pet_ready.examination.folderRow.edit.currentPath = "patient/baseline/PET"
    assert Path(photograph(pet_ready.widget, "PETHypoxia")).stat().st_size > 5000


def test_results_are_marked_when_their_inputs_change(pet, pet_ready):
    pet.run(pet_ready)
    stale = pet_ready.results.stale
    assert stale.text == ""
    pet_ready.ui.tmrSlider.value = 1.6
    assert "inputs have changed" in stale.text
    pet_ready.ui.tmrSlider.value = 1.4
    assert stale.text == ""
    segmentation, segment_id = pet_ready.parameters.segmentation, pet_ready.parameters.segmentId
    volume = pet_ready.parameters.petVolume
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segment_id, volume)
    mask[: mask.shape[0] // 2] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, segment_id, volume)
    stale.refresh()
    assert "inputs have changed" in stale.text
    pet.run(pet_ready)
    assert stale.text == ""
