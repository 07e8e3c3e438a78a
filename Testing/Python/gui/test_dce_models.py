"""Models without an input, the artery found, and all other settings of the Quant DCE panel, by clicks."""

import json

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.geometry import TimeSeries

IJK_TO_RAS = np.diag([2.0, 2.0, 3.0, 1.0])
SHAPE = (4, 8, 9)
TIME_S = np.arange(0.0, 240.0, 6.0)
TUMOUR, MUSCLE, VESSEL = (np.zeros(SHAPE, bool) for _ in range(3))
TUMOUR[1:3, 2:6, 1:5], MUSCLE[1:3, 6:, :4], VESSEL[:, :2, 6:8] = True, True, True
KTRANS_REFERENCE, KTRANS_REL = 0.1, 2.5
TAGS = {"RepetitionTime": 5.0, "FlipAngle": 20.0}


def signal(concentration_mM):
    """Spoiled gradient echo at TR 5 ms and 20 degrees in tissue with T1 1.4 s, r1 4.5 /mM/s."""
    e1 = np.exp(-0.005 * (1 / 1.4 + 4.5 * concentration_mM))
    angle = np.deg2rad(20.0)
    return 1000 * np.sin(angle) * (1 - e1) / (1 - np.cos(angle) * e1)


def tissue_mM(plasma_mM, fine_s, ktrans_per_min, ve):
    kernel = np.exp(-ktrans_per_min / ve * fine_s / 60.0)
    step_s = fine_s[1]
    return ktrans_per_min / 60.0 * step_s * np.convolve(plasma_mM, kernel)[: fine_s.size]


@pytest.fixture(scope="module")
def array():
    """Muscle and tumour with one plasma input, which a vessel shows."""
    fine_s = np.arange(0.0, 240.0, 0.1)
    after = np.clip(fine_s - 30.0, 0, None)
    plasma = 8.0 * (1 - np.exp(-after / 4.0)) * (np.exp(-after / 25.0) + 0.15)
    at_frames = [np.interp(TIME_S, fine_s, tissue_mM(plasma, fine_s, *values)) for values in ((0.1, 0.1), (0.25, 0.35))]
    made = np.empty((*SHAPE, TIME_S.size), np.float32)
    made[:] = signal(np.zeros(TIME_S.size))
    made[MUSCLE], made[TUMOUR] = signal(at_frames[0]), signal(at_frames[1])
    made[VESSEL] = signal(0.58 * np.interp(TIME_S, fine_s, plasma))
    noise = np.random.default_rng(0).normal(0, 0.2, made.shape)
    return (made + noise).astype(np.float32)


def choose(section, segmentation, segment_id):
    section.selector.setCurrentNode(segmentation)
    section.selector.setCurrentSegmentID(segment_id)


def ready_panel(panel, array, time_s, tags):
    from HER2ImmunoCommonLib.scene.segments import add_segment
    from HER2ImmunoCommonLib.scene.sequences import node_from_series

    sequence = node_from_series(slicer.mrmlScene, TimeSeries(array, IJK_TO_RAS, time_s), "Dynamic MR", tags=tags)
    regions = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    for name, mask in (("tumour", TUMOUR), ("muscle", MUSCLE), ("vessel", VESSEL)):
        add_segment(regions, mask, name, sequence.GetNthDataNode(0))
    panel.ui.dynamicSelector.setCurrentNode(sequence)
    choose(panel.segments, regions, "tumour")
    return panel


@pytest.fixture
def panel(load_module, scene):
    return load_module("QuantDCE").panel


@pytest.fixture
def ready(panel, array):
    """Series, tumour and T1 chosen."""
    panel = ready_panel(panel, array, TIME_S, TAGS)
    panel.ui.t1Edit.text = "1.4"
    panel.ui.arrivalEdit.text = "30"
    return panel


def click(panel):
    panel.runBar.button.click()
    return panel.runBar.status.text


def maps_by_name():
    return {node.GetName(): node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")}


def offered(panel):
    selector = panel.resultsSection.selector
    return [selector.itemText(index) for index in range(selector.count)]


def settings_used(name):
    from HER2ImmunoCommonLib.scene.nodes import PROVENANCE_ATTRIBUTE

    return json.loads(maps_by_name()[name].GetAttribute(PROVENANCE_ATTRIBUTE))["settings"]


@pytest.fixture
def three_phases(panel):
    """Before, early and late: the tumour gains 150 % and then loses a third of it; no TR, no flip angle, no T1."""
    phases = np.full((*SHAPE, 3), 100.0, np.float32)
    phases[TUMOUR] = (100.0, 250.0, 200.0)
    return ready_panel(panel, phases, np.array([0.0, 160.0, 470.0]), {})


def test_three_phases_without_t1_give_semi_quantitative_maps(three_phases):
    panel = three_phases
    panel.model.choose("none")
    assert panel.ui.trEdit.placeholderText == "not needed; gives IAUGC too"
    assert click(panel).startswith("✓ "), panel.runBar.status.text
    maps = maps_by_name()
    np.testing.assert_allclose(slicer.util.arrayFromVolume(maps["Early enhancement (%)"])[TUMOUR], 150.0)
    np.testing.assert_allclose(slicer.util.arrayFromVolume(maps["SER"])[TUMOUR], 1.5)
    tumour_volume = slicer.util.arrayFromVolume(maps["Functional tumour volume"])
    np.testing.assert_array_equal(tumour_volume, np.where(TUMOUR, 4, 0))
    table = panel.resultsSection.table
    rows = {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount)}
    assert float(rows["Functional tumour volume"].split()[0]) == pytest.approx(TUMOUR.sum() * 0.012)
    assert rows["… with SER 1.3 to 1.75"] == rows["Functional tumour volume"]


def test_the_rule_of_the_functional_tumour_volume_is_followed(three_phases):
    panel = three_phases
    panel.model.choose("none")
    panel.ui.ftvPeSpinBox.value = 151.0
    click(panel)
    assert not slicer.util.arrayFromVolume(maps_by_name()["Functional tumour volume"]).any()
    panel.ui.ftvPeSpinBox.value = 70.0
    panel.ui.ftvBinsEdit.text = "0, 1.6"
    panel.ui.ftvFractionSpinBox.value = 0.5
    panel.ui.ftvPercentileSpinBox.value = 90.0
    panel.ui.ftvBackgroundEdit.text = "80"
    panel.ui.ftvNeighboursSpinBox.value = 3
    panel.ui.ftvSerSpinBox.value = 0.2
    panel.ui.serFramesEdit.text = "2-3"
    assert click(panel).startswith("✓ "), panel.runBar.status.text
    values = slicer.util.arrayFromVolume(maps_by_name()["Functional tumour volume"])
    np.testing.assert_array_equal(values, TUMOUR)
    used = settings_used("SER")
    assert used["ftv_ser_bins"] == [0, 1.6]
    assert (used["ftv_background_fraction"], used["ftv_background_percentile"]) == (0.5, 90)
    assert (used["ftv_background_signal"], used["ftv_neighbours"], used["ftv_ser_minimum"]) == (80, 3, 0.2)


@pytest.mark.parametrize(
    ("edit", "text", "said"),
    [
        ("serFramesEdit", "3-2", "✗ Early-late frames is '3-2'; give two frames, such as 2-3, or leave it empty."),
        ("ftvBinsEdit", "1, 0", "✗ SER bins are '1, 0'; give lower limits that increase."),
        ("ftvBackgroundEdit", "low", "✗ Smallest signal is 'low', which is not a number; correct it."),
    ],
)
def test_a_field_that_cannot_be_used_says_so(three_phases, edit, text, said):
    three_phases.model.choose("none")
    getattr(three_phases.ui, edit).text = text
    assert click(three_phases) == said
    assert maps_by_name().keys().isdisjoint({"SER"})


def test_the_functional_tumour_volume_is_shown_as_labels(three_phases):
    three_phases.model.choose("none")
    click(three_phases)
    composite = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    composite.SetLayoutName("Red")
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode").SetLayoutName("Red")
    section = three_phases.resultsSection
    section.selector.setCurrentIndex(section.selector.findText("Functional tumour volume"))
    section.button.click()
    assert composite.GetLabelVolumeID() == maps_by_name()["Functional tumour volume"].GetID()


def test_a_model_without_a_fit_asks_for_no_input(three_phases):
    three_phases.aif.choose("file")
    three_phases.t1Source.choose("vfa")
    assert not three_phases.runBar.button.enabled
    three_phases.model.choose("none")
    assert three_phases.runBar.button.enabled
    assert not three_phases.aifFile.visible
    assert click(three_phases).startswith("✓ "), three_phases.runBar.status.text


def test_a_field_that_is_not_seen_does_not_matter(three_phases):
    panel = three_phases
    panel.aif.choose("biexponential")
    panel.ui.aifConstantsEdit.text = "1, two"
    panel.ui.delayEarliestSpinBox.value, panel.ui.fitDelayCheckBox.checked = 20.0, True
    panel.model.choose("none")
    assert click(panel).startswith("✓ "), panel.runBar.status.text


def test_enhancement_that_is_off_has_no_times_to_be_wrong(ready):
    ready.model.choose("tofts")
    ready.ui.earlySpinBox.value = 500.0
    assert click(ready) == "✗ The early frame is not before the late one; correct their times under Advanced."
    ready.ui.semiQuantitativeCheckBox.checked = False
    assert click(ready).startswith("✓ "), ready.runBar.status.text


def test_the_artery_found_and_the_ser_colours_are_still_known_in_a_saved_scene(ready, tmp_path):
    ready.model.choose("tofts")
    ready.aif.choose("auto")
    click(ready)
    before = offered(ready)
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert offered(ready) == []
    slicer.util.loadScene(str(path))
    assert offered(ready) == before
    colours = maps_by_name()["Functional tumour volume"].GetDisplayNode().GetColorNode()
    assert colours.GetColorName(5) == "SER from 1.75"
    assert slicer.util.getNode("Artery found").GetSegmentation().GetNumberOfSegments() == 1
    count = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    assert click(ready).startswith("✓ "), ready.runBar.status.text
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == count


def test_a_reference_tissue_takes_the_place_of_the_input(ready):
    ready.model.choose("reference_region")
    assert ready.runBar.status.text == "Choose the reference tissue segment."
    assert not ready.aif.visible
    choose(ready.reference, ready.parameters.segmentation, "muscle")
    ready.ui.referenceKtransEdit.text = str(KTRANS_REFERENCE)
    assert click(ready).startswith("✓ "), ready.runBar.status.text
    maps = maps_by_name()
    relative = slicer.util.arrayFromVolume(maps["Ktrans relative to reference"])[TUMOUR]
    assert np.median(relative) == pytest.approx(KTRANS_REL, rel=0.05)
    absolute = slicer.util.arrayFromVolume(maps["Ktrans (1/min)"])[TUMOUR]
    np.testing.assert_allclose(absolute, KTRANS_REFERENCE * relative, rtol=1e-5)
    assert "Arterial input" not in offered(ready)


def test_the_artery_found_is_shown_as_a_segment(ready):
    ready.model.choose("extended_tofts")
    ready.aif.choose("auto")
    assert click(ready).startswith("✓ "), ready.runBar.status.text
    section = ready.resultsSection
    section.selector.setCurrentIndex(section.selector.findText("Artery found"))
    slicer.util.getNode("Artery found").GetDisplayNode().SetVisibility(False)
    section.button.click()
    assert slicer.util.getNode("Artery found").GetDisplayNode().GetVisibility()
    node = slicer.util.getNode("Artery found")
    grid = ready.parameters.dynamic.GetNthDataNode(0)
    found = slicer.util.arrayFromSegmentBinaryLabelmap(node, node.GetSegmentation().GetNthSegmentID(0), grid)
    assert found.any()
    assert not found[~VESSEL].any()
    before = slicer.mrmlScene.GetNumberOfNodes()
    click(ready)
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    # Taken as the artery segment it is an input, which another run leaves alone.
    ready.aif.choose("roi")
    choose(ready.artery, slicer.util.getNode("Artery found"), node.GetSegmentation().GetNthSegmentID(0))
    for _run in range(2):
        assert click(ready).startswith("✓ "), ready.runBar.status.text
        assert ready.parameters.arterySegmentation.GetName() == "Artery found"
    assert "Artery found" not in offered(ready)


def test_agent_delay_and_standard_errors(ready):
    ready.model.choose("tofts")
    assert not ready.ui.delayLatestSpinBox.visible
    ready.agent.choose("gadobutrol")
    assert not ready.ui.relaxivitySpinBox.visible
    ready.ui.fitDelayCheckBox.checked = True
    ready.ui.standardErrorsCheckBox.checked = True
    ready.ui.delayEarliestSpinBox.value, ready.ui.delayLatestSpinBox.value = -4.0, 6.0
    ready.ui.semiQuantitativeCheckBox.checked = False
    assert click(ready).startswith("✓ "), ready.runBar.status.text
    assert {"Arrival delay (s)", "Ktrans SE (1/min)", "Arrival delay SE (s)"} <= set(maps_by_name())
    assert "SER" not in maps_by_name()
    used = settings_used("Ktrans (1/min)")
    assert (used["agent"], used["r1_per_mM_s"], used["delay_bounds_s"]) == ("gadobutrol", 4.78, [-4, 6])
    ready.ui.delayEarliestSpinBox.value = 7.0
    assert click(ready).startswith("✗ The earliest delay is not before the latest one")


def test_the_settings_come_back_with_the_scene(ready, tmp_path):
    ui = ready.ui
    ready.model.choose("reference_region")
    ready.agent.choose("gadoterate")
    choose(ready.reference, ready.parameters.segmentation, "muscle")
    ui.referenceKtransEdit.text = "0.12"
    for box in (ui.fitDelayCheckBox, ui.standardErrorsCheckBox):
        box.checked = True
    ui.semiQuantitativeCheckBox.checked = False
    numbers = {
        "delayEarliestSpinBox": -5.0,
        "delayLatestSpinBox": 8.0,
        "earlySpinBox": 120.0,
        "lateSpinBox": 200.0,
        "ftvPeSpinBox": 60.0,
        "ftvFractionSpinBox": 0.4,
        "ftvPercentileSpinBox": 80.0,
        "ftvNeighboursSpinBox": 2,
        "ftvSerSpinBox": 0.1,
    }
    texts = {"serFramesEdit": "12-20", "ftvBackgroundEdit": "30", "ftvBinsEdit": "0, 1, 2"}
    for name, value in numbers.items():
        getattr(ui, name).value = value
    for name, text in texts.items():
        getattr(ui, name).text = text
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert ui.ftvNeighboursSpinBox.value == 4
    slicer.util.loadScene(str(path))
    assert {name: getattr(ui, name).value for name in numbers} == numbers
    assert {name: getattr(ui, name).text for name in texts} == texts
    assert (ready.model.currentData, ready.agent.currentData) == ("reference_region", "gadoterate")
    assert ready.reference.selector.currentSegmentID() == "muscle"
    assert ui.referenceKtransEdit.text == "0.12"
    assert ui.fitDelayCheckBox.checked
    assert ui.standardErrorsCheckBox.checked
    assert not ui.semiQuantitativeCheckBox.checked


def test_photograph_with_enhancement(three_phases, photograph):
    three_phases.model.choose("none")
    three_phases.ui.advancedSection.collapsed = False
    three_phases.ui.enhancementSection.collapsed = False
    click(three_phases)
    assert photograph(three_phases.widget, "QuantDCE-enhancement", 420).stat().st_size > 5000
