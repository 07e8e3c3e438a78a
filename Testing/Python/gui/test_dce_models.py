"""Models without an input, the artery found, and all other settings of the Quant DCE panel, by clicks."""

import numpy as np
import pytest
import slicer
from dce_tissue import (
    KTRANS_REFERENCE,
    KTRANS_REL,
    SHAPE,
    TUMOUR,
    VESSEL,
    choose,
    click,
    maps_by_name,
    offered,
    ready_panel,
    settings_used,
    show,
)


@pytest.fixture
def three_phases(load_module, scene):
    """Before, early and late: the tumour gains 150 % and then loses a third of it; no TR, no flip angle, no T1."""
    phases = np.full((*SHAPE, 3), 100.0, np.float32)
    phases[TUMOUR] = (100.0, 250.0, 200.0)
    return ready_panel(load_module("QuantDCE").panel, phases, np.array([0.0, 160.0, 470.0]), {})


def test_three_phases_without_t1_give_semi_quantitative_maps(three_phases):
    panel = three_phases
    panel.compute.model.choose("none")
    assert panel.ui.trEdit.placeholderText == "not needed; gives IAUGC too"
    assert click(panel).startswith("✓ "), panel.runBar.status.text
    maps = maps_by_name()
    np.testing.assert_allclose(slicer.util.arrayFromVolume(maps["Early enhancement (%)"])[TUMOUR], 150.0)
    np.testing.assert_allclose(slicer.util.arrayFromVolume(maps["SER"])[TUMOUR], 1.5)
    tumour_volume = slicer.util.arrayFromVolume(maps["Functional tumour volume"])
    np.testing.assert_array_equal(tumour_volume, np.where(TUMOUR, 4, 0))
    table = panel.results.table
    rows = {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount)}
    assert float(rows["Functional tumour volume"].split()[0]) == pytest.approx(TUMOUR.sum() * 0.012)
    assert rows["… with SER 1.3 to 1.75"] == rows["Functional tumour volume"]


def test_the_rule_of_the_functional_tumour_volume_is_followed(three_phases):
    panel = three_phases
    panel.compute.model.choose("none")
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
    three_phases.compute.model.choose("none")
    getattr(three_phases.ui, edit).text = text
    assert click(three_phases) == said
    assert maps_by_name().keys().isdisjoint({"SER"})


def test_the_functional_tumour_volume_is_shown_as_labels(three_phases):
    three_phases.compute.model.choose("none")
    click(three_phases)
    composite = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    composite.SetLayoutName("Red")
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode").SetLayoutName("Red")
    show(three_phases, "Functional tumour volume")
    assert composite.GetLabelVolumeID() == maps_by_name()["Functional tumour volume"].GetID()


def test_a_model_without_a_fit_asks_for_no_input(three_phases):
    three_phases.arterial.source.choose("file")
    three_phases.t1.source.choose("vfa")
    assert not three_phases.runBar.button.enabled
    three_phases.compute.model.choose("none")
    assert three_phases.runBar.button.enabled
    assert three_phases.arterial.file.isHidden()
    assert click(three_phases).startswith("✓ "), three_phases.runBar.status.text


def test_a_field_that_is_not_seen_does_not_matter(three_phases):
    panel = three_phases
    panel.arterial.source.choose("biexponential")
    panel.ui.aifConstantsEdit.text = "1, two"
    panel.ui.delayEarliestSpinBox.value, panel.ui.fitDelayCheckBox.checked = 20.0, True
    panel.compute.model.choose("none")
    assert click(panel).startswith("✓ "), panel.runBar.status.text


def test_enhancement_that_is_off_has_no_times_to_be_wrong(dce_ready):
    dce_ready.compute.model.choose("tofts")
    dce_ready.ui.earlySpinBox.value = 500.0
    assert click(dce_ready) == "✗ The early frame is not before the late one; correct their times under Advanced."
    dce_ready.ui.semiQuantitativeCheckBox.checked = False
    assert click(dce_ready).startswith("✓ "), dce_ready.runBar.status.text


def test_the_artery_found_and_the_ser_colours_are_still_known_in_a_saved_scene(dce_ready, tmp_path):
    dce_ready.compute.model.choose("tofts")
    dce_ready.arterial.source.choose("auto")
    click(dce_ready)
    before = offered(dce_ready)
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert offered(dce_ready) == []
    slicer.util.loadScene(str(path))
    assert offered(dce_ready) == before
    colours = maps_by_name()["Functional tumour volume"].GetDisplayNode().GetColorNode()
    assert colours.GetColorName(5) == "SER above 1.75"
    assert slicer.util.getNode("baseline Artery found").GetSegmentation().GetNumberOfSegments() == 1
    count = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    assert click(dce_ready).startswith("✓ "), dce_ready.runBar.status.text
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == count


def test_a_reference_tissue_takes_the_place_of_the_input(dce_ready):
    dce_ready.compute.model.choose("reference_region")
    assert dce_ready.runBar.status.text == "Choose the reference tissue segment."
    assert dce_ready.arterial.source.isHidden()
    choose(dce_ready.compute.reference, dce_ready.parameters.segmentation, "muscle")
    dce_ready.ui.referenceKtransEdit.text = str(KTRANS_REFERENCE)
    assert click(dce_ready).startswith("✓ "), dce_ready.runBar.status.text
    maps = maps_by_name()
    relative = slicer.util.arrayFromVolume(maps["Ktrans relative to reference"])[TUMOUR]
    assert np.median(relative) == pytest.approx(KTRANS_REL, rel=0.05)
    absolute = slicer.util.arrayFromVolume(maps["Ktrans (1/min)"])[TUMOUR]
    np.testing.assert_allclose(absolute, KTRANS_REFERENCE * relative, rtol=1e-5)
    assert "Arterial input" not in offered(dce_ready)


def test_the_artery_found_is_shown_as_a_segment(dce_ready):
    dce_ready.compute.model.choose("extended_tofts")
    dce_ready.arterial.source.choose("auto")
    assert click(dce_ready).startswith("✓ "), dce_ready.runBar.status.text
    slicer.util.getNode("baseline Artery found").GetDisplayNode().SetVisibility(False)
    show(dce_ready, "Artery found")
    assert slicer.util.getNode("baseline Artery found").GetDisplayNode().GetVisibility()
    node = slicer.util.getNode("baseline Artery found")
    grid = dce_ready.parameters.dynamic.GetNthDataNode(0)
    found = slicer.util.arrayFromSegmentBinaryLabelmap(node, node.GetSegmentation().GetNthSegmentID(0), grid)
    assert found.any()
    assert not found[~VESSEL].any()
    before = slicer.mrmlScene.GetNumberOfNodes()
    click(dce_ready)
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    # Taken as the artery segment it is an input, which another run leaves alone.
    dce_ready.arterial.source.choose("roi")
    choose(
        dce_ready.arterial.artery,
        slicer.util.getNode("baseline Artery found"),
        node.GetSegmentation().GetNthSegmentID(0),
    )
    for _run in range(2):
        assert click(dce_ready).startswith("✓ "), dce_ready.runBar.status.text
        assert dce_ready.parameters.arterySegmentation.GetName() == "baseline Artery found"
    assert "Artery found" not in offered(dce_ready)


def test_agent_and_relaxivity_stand_with_t1(dce_ready):
    form = dce_ready.ui.t1Section.layout()
    fields = [item.widget() for item in fields_of(form)]
    assert fields[-2:] == [dce_ready.t1.agent, dce_ready.ui.relaxivitySpinBox]
    assert [form.labelForField(dce_ready.t1.agent).text, dce_ready.ui.relaxivitySpinBoxLabel.text] == [
        "Contrast agent:",
        "Relaxivity r1 (1/mM/s):",
    ]
    dce_ready.t1.source.choose("vfa")
    stand_together(form, dce_ready.t1.method, dce_ready.ui.vfaTrEdit)
    dce_ready.compute.m0.choose("given")
    stand_together(dce_ready.ui.advancedSection.layout(), dce_ready.compute.m0, dce_ready.ui.m0MapSelector)


def fields_of(form):
    import qt

    items = [form.itemAt(row, qt.QFormLayout.FieldRole) for row in range(form.rowCount())]
    return [item for item in items if item is not None]


def stand_together(form, above, below):
    fields = [item.widget() for item in fields_of(form)]
    assert fields.index(below) == fields.index(above) + 1


def test_agent_delay_and_standard_errors(dce_ready):
    dce_ready.compute.model.choose("tofts")
    assert dce_ready.ui.delayLatestSpinBox.isHidden()
    dce_ready.t1.agent.choose("gadobutrol")
    assert dce_ready.ui.relaxivitySpinBox.isHidden()
    dce_ready.ui.fitDelayCheckBox.checked = True
    dce_ready.ui.standardErrorsCheckBox.checked = True
    dce_ready.ui.delayEarliestSpinBox.value, dce_ready.ui.delayLatestSpinBox.value = -4.0, 6.0
    dce_ready.ui.semiQuantitativeCheckBox.checked = False
    assert click(dce_ready).startswith("✓ "), dce_ready.runBar.status.text
    assert {"Arrival delay (s)", "Ktrans SE (1/min)", "Arrival delay SE (s)"} <= set(maps_by_name())
    assert "SER" not in maps_by_name()
    used = settings_used("Ktrans (1/min)")
    assert (used["agent"], used["r1_per_mM_s"], used["delay_bounds_s"]) == ("gadobutrol", 4.78, [-4, 6])
    dce_ready.ui.delayEarliestSpinBox.value = 7.0
    assert click(dce_ready).startswith("✗ The earliest delay is not before the latest one")


def test_the_settings_come_back_with_the_scene(dce_ready, tmp_path):
    ui = dce_ready.ui
    dce_ready.compute.model.choose("reference_region")
    dce_ready.t1.agent.choose("gadoterate")
    choose(dce_ready.compute.reference, dce_ready.parameters.segmentation, "muscle")
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
    assert (dce_ready.compute.model.currentData, dce_ready.t1.agent.currentData) == ("reference_region", "gadoterate")
    assert dce_ready.compute.reference.selector.currentSegmentID() == "muscle"
    assert ui.referenceKtransEdit.text == "0.12"
    assert ui.fitDelayCheckBox.checked
    assert ui.standardErrorsCheckBox.checked
    assert not ui.semiQuantitativeCheckBox.checked


def test_photograph_with_enhancement(three_phases, photograph):
    three_phases.compute.model.choose("none")
    three_phases.ui.advancedSection.collapsed = False
    three_phases.ui.enhancementSection.collapsed = False
    click(three_phases)
    assert photograph(three_phases.widget, "QuantDCE-enhancement", 420).stat().st_size > 5000
