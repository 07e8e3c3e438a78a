"""The step *Tumour* of Quant DCE: a click suggests, the extent follows, undo gives back, the size follows the brush."""

import time

import numpy as np
import pytest
import slicer
from dce_tissue import TAGS, choose
from hands import click_in_view
from HER2ImmunoCommonLib.geometry import TimeSeries

SHAPE = (12, 28, 30)
TIME_S = np.array([0.0, 80.0, 160.0, 240.0, 320.0, 400.0])
IJK_TO_RAS = np.diag([1.5, 1.5, 3.0, 1.0])
CENTRE, RADIUS_MM = np.array([6, 14, 15]), 9.0


def distance_mm():
    k, j, i = np.indices(SHAPE)
    return np.sqrt(((i - CENTRE[2]) * 1.5) ** 2 + ((j - CENTRE[1]) * 1.5) ** 2 + ((k - CENTRE[0]) * 3.0) ** 2)


TUMOUR = distance_mm() <= RADIUS_MM


def array():
    """A ball that enhances by 150 % and washes out, in fat and glandular tissue that hardly do; noise of 2 %."""
    rise = np.array([0.0, 1.3, 1.5, 1.4, 1.3, 1.2])
    signal = np.full((*SHAPE, TIME_S.size), 200.0)
    signal[:, :, :4] = 15.0
    signal *= 1.0 + 0.15 * np.linspace(0, 1, TIME_S.size)
    signal[TUMOUR] = 200.0 * (1.0 + rise)
    return (signal + np.random.default_rng(3).normal(0, 4.0, signal.shape)).astype(np.float32)


@pytest.fixture
def panel(load_module, views):
    from HER2ImmunoCommonLib.scene import node_from_series

    panel = load_module("QuantDCE").panel
    series = node_from_series(slicer.mrmlScene, TimeSeries(array(), IJK_TO_RAS, TIME_S), "Dynamic MR", tags=TAGS)
    panel.ui.dynamicSelector.setCurrentNode(series)
    panel.steps.open("tumour")
    return panel


def ras(index):
    return [float(x) for x in (IJK_TO_RAS @ (*reversed(index), 1.0))[:3]]


def press_and_click(panel, index):
    """Press *Suggest*, click in a view, and let the work end."""
    panel.tumour.suggestButton.click()
    click_in_view(ras(index))
    slicer.app.processEvents()


def settle(panel):
    """Until what follows a change a moment later has followed."""
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        slicer.app.processEvents()
        time.sleep(0.01)


def mask(panel):
    parameters = panel.parameters
    grid = parameters.dynamic.GetNthDataNode(0)
    return slicer.util.arrayFromSegmentBinaryLabelmap(parameters.segmentation, parameters.segmentId, grid) > 0


def dice(a, b):
    return 2.0 * (a & b).sum() / (a.sum() + b.sum())


def test_a_click_makes_an_ordinary_segment_with_its_size(panel, photograph):
    assert not panel.steps.named("tumour").isDone
    panel.tumour.suggestButton.click()
    assert panel.tumour.hint.text == "Click inside the bright part of the tumour, in any slice view."
    click_in_view(ras(CENTRE))
    slicer.app.processEvents()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
    assert dice(mask(panel), TUMOUR) > 0.95
    volume_cm3 = mask(panel).sum() * 1.5 * 1.5 * 3.0 / 1000.0
    assert panel.tumour.sizeLine.text.startswith(f"{volume_cm3:.3g} cm³, longest diameter ")
    diameter_mm = float(panel.tumour.sizeLine.text.split("diameter ")[1].split(" mm")[0])
    assert 2 * RADIUS_MM <= diameter_mm <= 2 * RADIUS_MM + 4.0
    assert panel.steps.named("tumour").isDone
    photograph(panel.widget, "quantdce_tumour")
    panel.steps.open("input")
    assert f"{volume_cm3:.3g} cm³" in panel.ui.tumourStep.text


def test_undo_gives_back_what_the_segment_held(panel):
    from HER2ImmunoCommonLib.scene import add_segment

    drawn = np.zeros(SHAPE, bool)
    drawn[2:4, 4:8, 20:24] = True
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Drawn")
    add_segment(node, drawn, "Lesion", panel.parameters.dynamic.GetNthDataNode(0))
    choose(panel.tumour.segments, node, "Lesion")
    assert not panel.tumour.undoButton.enabled
    press_and_click(panel, CENTRE)
    assert panel.parameters.segmentation is node
    assert dice(mask(panel), TUMOUR) > 0.95
    panel.tumour.undoButton.click()
    np.testing.assert_array_equal(mask(panel), drawn)
    assert not panel.tumour.undoButton.enabled
    assert panel.tumour.undoButton.toolTip.startswith("Nothing was suggested")


def test_the_extent_grows_it_again_and_each_step_can_be_undone(panel):
    press_and_click(panel, CENTRE)
    first = mask(panel)
    panel.ui.seedRadiusSpinBox.value = 5.0
    settle(panel)
    assert mask(panel).sum() < 0.5 * first.sum()
    assert not mask(panel)[distance_mm() > 5.0].any()
    panel.tumour.undoButton.click()
    np.testing.assert_array_equal(mask(panel), first)


def test_the_size_follows_what_is_drawn(panel):
    press_and_click(panel, CENTRE)
    half = mask(panel)
    half[CENTRE[0] :] = False
    parameters = panel.parameters
    slicer.util.updateSegmentBinaryLabelmapFromArray(
        half.astype(np.uint8), parameters.segmentation, parameters.segmentId, parameters.dynamic.GetNthDataNode(0)
    )
    settle(panel)
    assert panel.tumour.sizeLine.text.startswith(f"{half.sum() * 0.00675:.3g} cm³")


def test_a_click_where_nothing_enhances_says_so_and_changes_nothing(panel):
    before = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    for index in ((6, 14, 1), (1, 3, 20)):
        press_and_click(panel, index)
        assert panel.runBar.status.look == "error"
        assert panel.runBar.status.text
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == before
    assert panel.parameters.segmentation is None


def test_without_an_examination_the_button_says_why(load_module, scene):
    panel = load_module("QuantDCE").panel
    assert not panel.tumour.suggestButton.enabled
    assert panel.tumour.suggestButton.toolTip == "Choose the examination first"


def test_leaving_the_panel_ends_the_waiting(panel):
    panel.tumour.suggestButton.click()
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    panel.exit()
    assert interaction.GetCurrentInteractionMode() != interaction.Place


def test_the_suggestion_is_that_of_the_command_line(panel, tmp_path):
    """`her2immuno tumour` works on the same core; the mask in the scene is its mask, voxel by voxel."""
    from QuantDCELib.tumour import grow_tumour

    press_and_click(panel, CENTRE)
    found = grow_tumour(TimeSeries(array(), IJK_TO_RAS, TIME_S), tuple(ras(CENTRE)))
    np.testing.assert_array_equal(mask(panel), found.mask)


def test_another_examination_knows_nothing_of_the_undo(panel, tmp_path):
    press_and_click(panel, CENTRE)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert panel.tumour.sizeLine.text == ""
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert "cm³" in panel.tumour.sizeLine.text
    assert not panel.tumour.undoButton.enabled
