"""The shared parts of a panel, on the example module."""

import numpy as np
import pytest
import slicer


@pytest.fixture
def image(scene):
    values = np.zeros((4, 5, 6), np.float32)
    values[1:3, 1:3, 1:3] = 50
    return slicer.util.addVolumeFromArray(values, name="MR image")


@pytest.fixture
def segmentation(scene):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    for segment_id, name in (("a", "Breast"), ("b", "Tumour")):
        node.GetSegmentation().AddEmptySegment(segment_id, name)
    return node


@pytest.fixture
def ready(example, image, segmentation):
    """The example with everything chosen."""
    panel = example.panel
    panel.parameters.image = image
    panel.segments.selector.setCurrentNode(segmentation)
    panel.segments.selector.setCurrentSegmentID("b")
    return panel


def test_the_form_shows_the_defaults_of_the_parameters(example):
    ui = example.panel.ui
    assert ui.thresholdSlider.value == 20.0
    assert ui.framesSpinBox.value == 3
    assert ui.smoothCheckBox.checked
    assert ui.modelComboBox.currentText == "patlak"
    assert ui.colourComboBox.currentText == "FIRE"


def test_a_result_is_told_and_stored(ready):
    ready.runBar.button.click()
    assert ready.runBar.status.text == "✓ 8 voxels are above the threshold."
    assert list(ready.parameters.results) == ["8"]


def test_photograph(ready, photograph):
    ready.runBar.button.click()
    assert photograph(ready.widget, "example").stat().st_size > 5000
