"""The Quant DCE panel, clicked from images to maps on a small phantom with a Ktrans that is known."""

from dataclasses import dataclass

import numpy as np
import pytest
import slicer
from dce_tissue import compute_and_keep, show
from HER2ImmunoCommonLib.geometry import TimeSeries

IJK_TO_RAS = np.diag([2.0, 2.0, 3.0, 1.0])
TR_S, FLIP_DEG, R1, HEMATOCRIT = 0.005, 20.0, 4.5, 0.42
T1_S, T1_BLOOD_S = 1.4, 1.44
TIME_S = np.arange(0.0, 300.0, 3.0)
STEP_S = 0.05
FINE_S = np.arange(0.0, 300.0, STEP_S)


def parker_plasma_mM(arrival_s=30.0):
    """Parker et al., Magn Reson Med 56:993 (2006), written out here."""
    t = (FINE_S - arrival_s) / 60.0
    blood = sum(
        area / (width * np.sqrt(2 * np.pi)) * np.exp(-((t - centre) ** 2) / (2 * width**2))
        for area, centre, width in ((0.809, 0.17046, 0.0563), (0.330, 0.365, 0.132))
    ) + 1.05 * np.exp(-0.1685 * t) / (1 + np.exp(-38.078 * (t - 0.483)))
    return np.where(t >= 0, blood, 0.0) / (1 - HEMATOCRIT)


def signal(concentration_mM, t1_s):
    """Spoiled gradient echo at the times of the frames."""
    e1 = np.exp(-TR_S * (1 / t1_s + R1 * np.interp(TIME_S, FINE_S, concentration_mM)))
    angle = np.deg2rad(FLIP_DEG)
    return 1000 * np.sin(angle) * (1 - e1) / (1 - np.cos(angle) * e1)


@dataclass
class Phantom:
    """A tumour of several Ktrans beside a vessel."""

    array: np.ndarray
    ktrans: np.ndarray
    tumour: np.ndarray
    vessel: np.ndarray

    @property
    def median(self):
        return float(np.median(self.ktrans[self.tumour]))


@pytest.fixture(scope="module")
def phantom():
    shape, ve = (4, 8, 9), 0.35
    plasma = parker_plasma_mM()
    ktrans = np.zeros(shape)
    tumour, vessel = np.zeros(shape, bool), np.zeros(shape, bool)
    tumour[1:3, 2:6, 1:5], vessel[:, :2, 7:] = True, True
    ktrans[tumour] = np.linspace(0.04, 0.3, int(tumour.sum()))
    array = np.empty((*shape, TIME_S.size), np.float32)
    array[:] = signal(np.zeros_like(plasma), T1_S)
    array[vessel] = signal(plasma * (1 - HEMATOCRIT), T1_BLOOD_S)
    for voxel in np.argwhere(tumour):
        rate = ktrans[tuple(voxel)] / 60.0
        tissue = STEP_S * rate * np.convolve(plasma, np.exp(-rate / ve * FINE_S))[: FINE_S.size]
        array[tuple(voxel)] = signal(tissue, T1_S)
    return Phantom(array, ktrans, tumour, vessel)


TAGS = {"RepetitionTime": 1000 * TR_S, "FlipAngle": FLIP_DEG}


@pytest.fixture
def panel(load_module, scene):
    return load_module("QuantDCE").panel


def add_series(phantom, tags=TAGS, name="Dynamic MR"):
    from HER2ImmunoCommonLib.scene.sequences import node_from_series

    return node_from_series(slicer.mrmlScene, TimeSeries(phantom.array, IJK_TO_RAS, TIME_S), name, tags=tags)


def add_regions(phantom, sequence, **masks):
    from HER2ImmunoCommonLib.scene.segments import add_segment

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    node.CreateDefaultDisplayNodes()
    masks = masks or {"artery": phantom.vessel, "tumour": phantom.tumour}
    for name, mask in masks.items():
        add_segment(node, mask, name, sequence.GetNthDataNode(0))
    return node


def choose(section, segmentation, segment_id):
    section.selector.setCurrentNode(segmentation)
    section.selector.setCurrentSegmentID(segment_id)


@pytest.fixture
def ready(panel, phantom):
    """The panel with series, tumour and T1 chosen by clicks."""
    sequence = add_series(phantom)
    regions = add_regions(phantom, sequence)
    panel.ui.dynamicSelector.setCurrentNode(sequence)
    choose(panel.tumour.segments, regions, "tumour")
    panel.arterial.source.choose("parker")
    panel.ui.t1Edit.text = str(T1_S)
    panel.ui.arrivalEdit.text = "30"
    panel.compute.model.choose("tofts")
    return panel


def maps_by_name():
    nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return {node.GetName().removeprefix("baseline "): node for node in nodes}


def shown_rows(panel):
    table = panel.results.table
    return {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount)}


def status(panel):
    return panel.runBar.status.text


def click(panel):
    panel.runBar.button.click()
    return status(panel)


def test_the_panel_says_what_is_missing(panel, phantom):
    assert status(panel) == "Choose the examination, or load one from a DICOM folder."
    assert not panel.runBar.button.enabled
    panel.ui.dynamicSelector.setCurrentNode(add_series(phantom))
    assert status(panel) == "Choose the tumour segment."


def test_the_time_axis_tr_and_flip_angle_are_shown(ready):
    assert ready.examination.timeLine.text.startswith("100 frames, 3.00 s apart, 297 s in all.")
    assert ready.ui.trEdit.placeholderText == "5 (from the images)"
    assert ready.ui.flipEdit.placeholderText == "20 (from the images)"


def test_what_was_given_by_hand_is_not_used_for_another_series(ready, phantom):
    ready.ui.trEdit.text, ready.ui.frameIntervalEdit.text = "7", "2"
    ready.ui.dynamicSelector.setCurrentNode(add_series(phantom, name="Next visit"))
    assert (ready.ui.trEdit.text, ready.ui.frameIntervalEdit.text) == ("", "")
    assert ready.ui.t1Edit.text == str(T1_S)


def test_ktrans_is_that_of_the_phantom(ready, phantom):
    ready.ui.arrivalEdit.text = ""
    assert click(ready).startswith("✓ "), status(ready)
    nodes = maps_by_name()
    ktrans = slicer.util.arrayFromVolume(nodes["Ktrans (1/min)"])
    np.testing.assert_array_equal(np.isfinite(ktrans), phantom.tumour)
    inside = phantom.tumour
    assert np.median(ktrans[inside]) == pytest.approx(phantom.median, rel=0.02)
    np.testing.assert_allclose(ktrans[inside], phantom.ktrans[inside], rtol=0.03)
    np.testing.assert_allclose(slicer.util.arrayFromVolume(nodes["ve"])[inside], 0.35, rtol=0.03)
    rows = shown_rows(ready)
    assert rows["Tumour volume"] == f"{phantom.tumour.sum() * 0.012:.4g} cm³"
    assert rows["Voxels of the tumour"].startswith("32 fitted, 0 failed")
    assert rows["Baseline frames"].startswith("1 to 1")
    assert float(rows["Ktrans, median"].split()[0]) == pytest.approx(phantom.median, rel=0.02)


def test_an_input_measured_in_the_artery_gives_the_same(ready, phantom):
    ready.parameters.arterySegmentId = ""
    ready.arterial.source.choose("roi")
    assert status(ready) == "Choose the artery segment."
    choose(ready.arterial.artery, ready.parameters.segmentation, "artery")
    ready.ui.bloodT1Edit.text = str(T1_BLOOD_S)
    assert click(ready).startswith("✓ "), status(ready)
    ktrans = slicer.util.arrayFromVolume(maps_by_name()["Ktrans (1/min)"])
    assert np.median(ktrans[phantom.tumour]) == pytest.approx(phantom.median, rel=0.02)


def test_an_input_from_a_file_gives_the_same(ready, phantom, tmp_path):
    ready.arterial.source.choose("file")
    assert status(ready) == "Choose the CSV file of the arterial input."
    path = tmp_path / "input.csv"
    lines = [f"{t:.2f},{c:.6f}" for t, c in zip(FINE_S[::10], parker_plasma_mM()[::10], strict=True)]
    path.write_text("\n".join(["time_s,plasma_mM", *lines]), encoding="utf-8")
    ready.arterial.file.edit.currentPath = str(path)
    assert click(ready).startswith("✓ "), status(ready)
    ktrans = slicer.util.arrayFromVolume(maps_by_name()["Ktrans (1/min)"])
    assert np.median(ktrans[phantom.tumour]) == pytest.approx(phantom.median, rel=0.02)


def test_t1_from_a_map_in_ms(ready, phantom):
    values = np.full(phantom.tumour.shape, 1000 * T1_S, np.float32)
    t1_map = slicer.util.addVolumeFromArray(values, ijkToRAS=IJK_TO_RAS, name="T1 map")
    ready.t1.source.choose("map")
    assert status(ready) == "Choose the T1 map, or take T1 from another source."
    ready.ui.t1MapSelector.setCurrentNode(t1_map)
    assert click(ready).startswith("✓ "), status(ready)
    assert "T1 map was taken as T1 in ms." in ready.results.warnings.text
    ktrans = slicer.util.arrayFromVolume(maps_by_name()["Ktrans (1/min)"])
    assert np.median(ktrans[phantom.tumour]) == pytest.approx(phantom.median, rel=0.02)


def test_what_the_images_do_not_say_is_asked_and_answered(ready, phantom):
    bare = add_series(phantom, tags={}, name="Without tags")
    ready.ui.dynamicSelector.setCurrentNode(bare)
    choose(ready.tumour.segments, add_regions(phantom, bare), "tumour")
    ready.ui.visitEdit.text = "baseline"
    ready.ui.arrivalEdit.text = "30"
    ready.ui.t1Edit.text = ""
    assert ready.ui.trEdit.placeholderText == "not in the images: enter it"
    assert click(ready) == "⚠ Answer the questions above."
    assert ready.steps.opened.name == "examination"
    for key, text in (("tr_ms", "5"), ("flip_deg", "20"), ("t10_s", "1.4")):
        assert list(ready.examination.questions.fields) == [key]
        ready.examination.questions.fields[key].text = text
        ready.examination.questions.fields[key].editingFinished.emit()
    assert (ready.parameters.trMs, ready.parameters.flipDeg, ready.parameters.t1S) == ("5", "20", "1.4")
    assert click(ready).startswith("✓ "), status(ready)
    assert not ready.examination.questions.fields


def test_the_visit_is_added_to_the_chosen_table(ready, phantom):
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoCommonLib.scene.tables import read_table, write_table

    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "My visits")
    write_table([Measurement("baseline", 0.0, {"hypoxic_fraction": 0.2}), Measurement("late", 21.0)], table)
    ready.ui.measurementsSelector.setCurrentNode(table)
    compute_and_keep(ready)
    baseline, late = read_table(table)
    assert baseline.values["hypoxic_fraction"] == 0.2
    assert baseline.values["volume_cm3"] == pytest.approx(phantom.tumour.sum() * 0.012)
    assert baseline.values["ktrans_median_per_min"] == pytest.approx(phantom.median, rel=0.02)
    assert late.values == {}


def test_a_second_run_takes_the_place_of_the_first(ready):
    click(ready)
    names = sorted(node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode"))
    before = slicer.mrmlScene.GetNumberOfNodes()
    click(ready)
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    assert sorted(node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode")) == names


def test_results_are_in_their_folder_with_their_provenance(ready):
    import json

    from HER2ImmunoCommonLib.scene.nodes import PROVENANCE_ATTRIBUTE

    click(ready)
    node = maps_by_name()["Ktrans (1/min)"]
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    folder = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
    assert hierarchy.GetItemName(folder) == "Quant DCE: Dynamic MR"
    provenance = json.loads(node.GetAttribute(PROVENANCE_ATTRIBUTE))
    assert provenance["settings"]["model"] == "tofts"
    assert provenance["inputs"]["dynamic_node"] == "Dynamic MR"


def test_a_map_is_shown_when_asked_for(ready):
    click(ready)
    composite = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    composite.SetLayoutName("Red")
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode").SetLayoutName("Red")
    show(ready, "ve")
    assert composite.GetForegroundVolumeID() == maps_by_name()["ve"].GetID()
    assert composite.GetForegroundOpacity() > 0.5
    show(ready, "Fit status")
    assert composite.GetLabelVolumeID() == maps_by_name()["Fit status"].GetID()


def test_cancel_leaves_the_scene_as_it_was(ready):
    import qt

    ready.ui.arrivalEdit.text = ""  # finding it takes a while
    before = slicer.mrmlScene.GetNumberOfNodes()
    qt.QTimer.singleShot(0, ready.runBar.cancelButton.click)
    assert click(ready) == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    assert shown_rows(ready) == {}
    assert all(step.body.enabled for step in ready.steps.steps)


def test_a_saved_scene_restores_choices_and_results(ready, tmp_path):
    ready.arterial.source.choose("roi")
    choose(ready.arterial.artery, ready.parameters.segmentation, "artery")
    ready.ui.bloodT1Edit.text = "1.5"
    ready.ui.visitEdit.text = "day 7"
    ready.ui.daySpinBox.value = 7.0
    ready.ui.relaxivitySpinBox.value = 3.9
    ready.ui.timesEdit.text = " ".join(f"{time:g}" for time in TIME_S)
    ready.ui.baselineEdit.text = "2-9"
    ready.ui.trEdit.text = "5.0"
    ready.ui.wholeVolumeCheckBox.checked = True
    compute_and_keep(ready)
    rows, warnings = shown_rows(ready), ready.results.warnings.text
    assert rows["Baseline frames"] == "2 to 9"
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert shown_rows(ready) == {}
    assert ready.ui.visitEdit.text == "baseline"
    slicer.util.loadScene(str(path))
    ui = ready.ui
    assert ui.dynamicSelector.currentNode().GetName() == "Dynamic MR"
    assert (ready.tumour.segments.selector.currentSegmentID(), ready.arterial.artery.selector.currentSegmentID()) == (
        "tumour",
        "artery",
    )
    assert (ready.arterial.source.currentData, ready.compute.model.currentData, ready.t1.source.currentData) == (
        "roi",
        "tofts",
        "fixed",
    )
    assert (ui.visitEdit.text, ui.daySpinBox.value, ui.relaxivitySpinBox.value) == ("day 7", 7.0, 3.9)
    assert (ui.t1Edit.text, ui.bloodT1Edit.text, ui.arrivalEdit.text, ui.baselineEdit.text) == (
        "1.4",
        "1.5",
        "30",
        "2-9",
    )
    assert ui.wholeVolumeCheckBox.checked
    assert ui.trEdit.text == "5.0"
    assert "Times from times given by hand" in ready.examination.timeLine.text
    assert ui.measurementsSelector.currentNode().GetName() == "Measurements"
    assert (shown_rows(ready), ready.results.warnings.text) == (rows, warnings)
    selector = ready.look.selector
    assert [selector.itemText(n) for n in (1, selector.count - 1)] == ["Ktrans (1/min)", "Arterial input"]
    before = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    assert click(ready).startswith("✓ "), status(ready)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == before


def test_the_self_test_of_the_module(panel):
    import sys

    sys.modules["QuantDCE"].QuantDCETest().runTest()


def test_photograph(ready, photograph):
    ready.arterial.source.choose("roi")
    choose(ready.arterial.artery, ready.parameters.segmentation, "artery")
    ready.ui.advancedSection.collapsed = False
    click(ready)
    assert photograph(ready.widget, "QuantDCE-advanced", 420).stat().st_size > 5000
