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


def test_what_is_missing_is_said_before_the_work_starts(example, image):
    bar = example.panel.runBar
    assert not bar.button.enabled
    assert bar.status.text == "Choose the image."
    example.panel.ui.imageSelector.setCurrentNode(image)
    assert bar.status.text == "Choose the tumour segment."


def test_moving_a_widget_sets_the_parameter(ready):
    ready.ui.thresholdSlider.value = 30
    ready.ui.modelComboBox.currentIndex = 0
    ready.ui.smoothCheckBox.checked = False
    ready.ui.noteLineEdit.text = "second visit"
    parameters = ready.parameters
    assert (parameters.threshold, parameters.model, parameters.smooth) == (30.0, "tofts", False)
    assert parameters.note == "second visit"


def test_refused_input_is_told_in_the_panel(ready):
    ready.parameters.threshold = 90.0
    ready.runBar.button.click()
    assert ready.runBar.status.text == "✗ No voxel is above the threshold; lower it."


def test_inputs_rest_while_the_work_runs_and_cancel_changes_nothing(ready):
    import qt

    seen = []

    def cancel():
        seen.append((ready.ui.inputs.enabled, ready.runBar.running))
        ready.runBar.button.click()

    ready.parameters.frames = 9
    before = slicer.mrmlScene.GetNumberOfNodes()
    qt.QTimer.singleShot(60, cancel)
    ready.runBar.button.click()
    assert seen == [(False, True)]
    assert ready.ui.inputs.enabled
    assert ready.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert (slicer.mrmlScene.GetNumberOfNodes(), list(ready.parameters.results)) == (before, [])


def test_a_saved_scene_restores_every_choice(ready, tmp_path):
    ready.parameters.threshold = 31.5
    ready.parameters.frames = 5
    ready.parameters.smooth = False
    ready.parameters.model = "tofts"
    ready.ui.colourComboBox.currentIndex = 0
    ready.ui.noteLineEdit.text = "second visit"
    ready.parameters.results = ["8", "9"]
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert ready.ui.noteLineEdit.text == ""
    assert ready.ui.thresholdSlider.value == 20.0
    slicer.util.loadScene(str(path))
    ui = ready.ui
    assert ui.imageSelector.currentNode().GetName() == "MR image"
    assert (ui.thresholdSlider.value, ui.framesSpinBox.value, ui.smoothCheckBox.checked) == (31.5, 5, False)
    assert (ui.modelComboBox.currentText, ui.colourComboBox.currentText) == ("tofts", "GREY")
    assert ui.noteLineEdit.text == "second visit"
    assert list(ready.parameters.results) == ["8", "9"]
    assert ready.segments.selector.currentNode().GetName() == "Regions"
    assert ready.segments.selector.currentSegmentID() == "b"
    assert ready.runBar.button.enabled


def test_leaving_the_module_stops_following_the_parameters(example, host):
    panel = example.panel
    example.parent.exit()
    assert panel.parameters is None
    panel.logic.getParameterNode().note = "from a script"
    assert panel.ui.noteLineEdit.text == ""
    example.parent.enter()
    assert panel.ui.noteLineEdit.text == "from a script"


def test_reloading_makes_a_new_panel_with_the_same_choices(ready, host):
    ready.ui.noteLineEdit.text = "kept"
    ready.widget.onReload()
    fresh = slicer.modules.HostExampleWidget
    assert fresh.panel is not ready
    assert type(fresh.panel).__mro__[1] is not type(ready).__mro__[1]
    assert fresh.panel.ui.noteLineEdit.text == "kept"
    assert ready.parameters is None


def test_closing_the_application_lets_go_of_the_scene(ready, host, image):
    host.unload_all()
    image.SetName("renamed")
    slicer.mrmlScene.Clear(0)


def test_sample_data_is_offered_at_start_up(example, host):
    import SampleData

    host.start_up()
    assert SampleData.SampleDataLogic.categoryTitle("HostExample") == "Host Example"


def test_a_choice_keeps_numbers_and_names_that_are_not_listed(example):
    from HER2ImmunoCommonLib.gui import ChoiceBox

    box = ChoiceBox(example.parent, "frames", {3: "three", 5: "five"})
    example.panel.parts.append(box)
    box.setParameterNode(example.panel.parameters)
    box.choose(5)
    assert example.panel.parameters.frames == 5
    example.panel.parameters.frames = 7
    assert (box.currentText, box.count) == ("7", 3)
    box.setChoices({7: "seven", 3: "three"})
    assert (box.currentText, example.panel.parameters.frames) == ("seven", 7)
    box.cleanup()


def test_photograph(ready, photograph):
    ready.runBar.button.click()
    ready.segments.editorSection.collapsed = False
    assert photograph(ready.widget, "example").stat().st_size > 5000


def test_the_hidden_module_describes_itself(host):
    parent = host.register("HER2ImmunoCommon")
    assert parent.hidden
    assert parent.categories == ["Quantification"]
    assert parent.title
    assert parent.helpText
    assert parent.acknowledgementText
    assert parent.contributors
