"""Two examinations in the whole Quant DCE panel: nothing of one is shown, used or probed as the other's."""

import numpy as np
import pytest
import slicer
from dce_states import (
    BESIDE,
    CENTRE,
    LATER,
    add_examination,
    ball,
    compute,
    differing,
    events,
    look_at,
    map_values,
    open_panel,
    ras_of,
    rows,
    settle,
    suggest,
    tissue,
    tumour_mask,
)
from hands import click_in_view


@pytest.fixture
def panel(load_module, views):
    return open_panel(load_module)


def test_what_was_clicked_in_one_examination_is_not_used_in_another(panel, done, second):
    panel.probe.button.click()
    click_in_view(ras_of(done, BESIDE))
    panel.ui.seedRadiusSpinBox.value, panel.parameters.reportFile = 30.0, "baseline.html"
    settle()
    panel.artery.findButton.click()
    own, before = tumour_mask(panel), {node.GetName() for node in drawn()}
    assert len(before) == 5
    panel.ui.dynamicSelector.setCurrentNode(second)
    parameters = panel.parameters
    assert (parameters.segmentation, parameters.seed, parameters.probePoint) == (None, None, None)
    assert (parameters.seedRadiusMm, parameters.reportFile) == (0.0, "")
    assert not any(node.GetDisplayVisibility() for node in drawn())
    assert not panel.tumour.undoButton.enabled
    panel.ui.growthSlider.value = 0.6
    settle()
    assert parameters.segmentation is None
    panel.steps.open("look")
    assert "no results" in panel.probe.said.text
    suggest(panel, LATER)
    later = tumour_mask(panel)
    panel.ui.dynamicSelector.setCurrentNode(done)
    settle()
    np.testing.assert_array_equal(tumour_mask(panel), own)
    assert (parameters.seedRadiusMm, parameters.reportFile) == (30.0, "baseline.html")
    assert {node.GetName() for node in drawn() if node.GetDisplayVisibility()} == before
    panel.steps.open("tumour")
    panel.tumour.undoButton.click()
    panel.tumour.undoButton.click()
    assert panel.tumour.sizeLine.text == ""
    panel.ui.dynamicSelector.setCurrentNode(second)
    np.testing.assert_array_equal(tumour_mask(panel), later)


def drawn():
    """What can lie over images."""
    kinds = ("vtkMRMLSegmentationNode", "vtkMRMLMarkupsFiducialNode")
    return [node for kind in kinds for node in slicer.util.getNodesByClass(kind)]


def test_two_visits_with_results_are_probed_each_in_its_own(panel, done, second):
    look_at(panel, CENTRE)
    panel.ui.dynamicSelector.setCurrentNode(second)
    suggest(panel, LATER)
    compute(panel)
    assert differing(panel, second, every=5) == []
    panel.ui.dynamicSelector.setCurrentNode(done)
    panel.steps.open("look")
    assert rows(panel) == {}
    look_at(panel, CENTRE)
    settle()
    look_at(panel, BESIDE)
    assert differing(panel, done) == []


def test_a_deleted_series_leaves_nothing_to_the_next(panel, done, second):
    panel.artery.plot._onMoved(31.0)
    slicer.mrmlScene.RemoveNode(done)
    events()
    panel.exit()
    panel.enter()
    panel.ui.dynamicSelector.setCurrentNode(second)
    assert (panel.parameters.seed, panel.parameters.arrivalS) == (None, "")
    assert not panel.tumour.undoButton.enabled
    suggest(panel, LATER)
    assert tumour_mask(panel)[LATER]


def test_the_curves_of_a_closed_scene_are_not_those_of_the_next(panel, done):
    """Nodes of the next scene have the same IDs."""
    from QuantDCELib.scene.gathering import gather
    from QuantDCELib.scene.publishing import publish

    look_at(panel, CENTRE)
    ids = [node.GetID() for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")]
    slicer.mrmlScene.Clear(0)
    series = add_examination("baseline", tissue(ball(), 0.1))
    panel.compute.model.choose("tofts")
    panel.ui.t1Edit.text = "1.4"
    panel.ui.dynamicSelector.setCurrentNode(series)
    suggest(panel, CENTRE)
    request = gather(panel.parameters)
    publish(slicer.mrmlScene, panel.parameters, request, request.analyse())
    assert ids == [node.GetID() for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")]
    panel.steps.open("look")
    look_at(panel, CENTRE)
    settle()
    look_at(panel, BESIDE)
    assert float(rows(panel)["Ktrans"].split()[0]) == pytest.approx(map_values(series)["Ktrans"][BESIDE], rel=5e-3)
