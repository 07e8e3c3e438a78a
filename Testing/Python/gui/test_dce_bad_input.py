"""What the Quant DCE panel says to input it cannot use; the scene stays as it was."""

import numpy as np
import pytest
import slicer
from dce_tissue import compute_and_keep
from HER2ImmunoCommonLib.geometry import TimeSeries

IJK_TO_RAS = np.diag([2.0, 2.0, 3.0, 1.0])
TIME_S = 4.0 * np.arange(30)
SHAPE = (3, 5, 6)


@pytest.fixture
def sequence(scene):
    from HER2ImmunoCommonLib.scene.sequences import node_from_series

    rise = 1 + 0.8 * np.clip((TIME_S - 30.0) / 20.0, 0, 1)
    array = np.broadcast_to((100 * rise).astype(np.float32), (*SHAPE, TIME_S.size)).copy()
    tags = {"RepetitionTime": 5.0, "FlipAngle": 20.0}
    return node_from_series(scene, TimeSeries(array, IJK_TO_RAS, TIME_S), "Dynamic MR", tags=tags)


@pytest.fixture
def segmentation(scene, sequence):
    from HER2ImmunoCommonLib.geometry import Volume
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import add_segment

    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    mask = np.zeros(SHAPE, bool)
    mask[1, 1:4, 1:4] = True
    add_segment(node, mask, "tumour", sequence.GetNthDataNode(0))
    away = IJK_TO_RAS.copy()
    away[:3, 3] = 500.0
    far = node_from_volume(scene, Volume(np.zeros(SHAPE, np.uint8), away), "Elsewhere")
    other = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Other patient")
    add_segment(other, mask, "tumour", far)
    node.GetSegmentation().AddEmptySegment("empty", "empty")
    return node


@pytest.fixture
def panel(load_module, sequence, segmentation):
    panel = load_module("QuantDCE").panel
    panel.ui.dynamicSelector.setCurrentNode(sequence)
    panel.tumour.segments.selector.setCurrentNode(segmentation)
    panel.tumour.segments.selector.setCurrentSegmentID("tumour")
    panel.ui.t1Edit.text = "1.4"
    panel.ui.arrivalEdit.text = "28"
    return panel


def sentence(panel):
    """Click, and give what the panel says in its one place; nothing may be left in the scene."""
    before = slicer.mrmlScene.GetNumberOfNodes()
    panel.runBar.button.click()
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    if panel.examination.questions.fields:
        assert panel.runBar.status.text == "⚠ Answer the question above."
        labels = panel.examination.questions.findChildren(type(panel.examination.timeLine))
        (asked,) = [label.text for label in labels if not label.isHidden()]
        return asked
    assert panel.runBar.status.look == "error"
    return panel.runBar.status.text


def test_an_empty_segment(panel):
    panel.tumour.segments.selector.setCurrentSegmentID("empty")
    assert sentence(panel) == "✗ Segment 'empty' of Regions is empty; draw the region first."


def test_a_segment_of_another_patient(panel):
    panel.tumour.segments.selector.setCurrentNode(slicer.util.getNode("Other patient"))
    panel.tumour.segments.selector.setCurrentSegmentID("tumour")
    assert "does not overlap" in sentence(panel)


def test_a_sequence_that_has_no_volumes(panel, scene, segmentation):
    node = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Markups")
    node.SetDataNodeAtValue(slicer.vtkMRMLTextNode(), "0")
    panel.ui.dynamicSelector.setCurrentNode(node)
    panel.ui.frameIntervalEdit.text = "3"
    panel.ui.trEdit.text, panel.ui.flipEdit.text = "5", "20"
    panel.ui.visitEdit.text = "baseline"
    panel.tumour.segments.selector.setCurrentNode(segmentation)
    panel.tumour.segments.selector.setCurrentSegmentID("tumour")
    assert sentence(panel) == "✗ Markups is not a sequence of volumes; choose the dynamic series."


def test_a_series_without_times_is_asked_about(panel, sequence):
    from HER2ImmunoCommonLib.scene.sequences import FRAME_LABELS

    sequence.RemoveAttribute(FRAME_LABELS)
    panel.examination.follow()
    asked = "Dynamic MR has no frame times; how many seconds is one frame after another?"
    assert sentence(panel) == f"⚠ {asked}"
    assert panel.examination.timeLine.isHidden()
    field = panel.examination.questions.fields["frame_interval_s"]
    field.text = "4"
    field.editingFinished.emit()
    understood = "30 frames, 4.00 s apart, 116 s in all. Times from a frame interval given by hand."
    assert panel.examination.timeLine.text.startswith(understood)
    panel.runBar.button.click()
    assert panel.runBar.status.look != "error"
    assert panel.look.selector.count > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 4 8", "Frame times (s) has 3 times but the series 30 frames; give one a frame."),
        ("0 4 eight", "Frame times (s) is 'eight', which is not a number; correct it."),
        (" ".join(["0"] * 30), "Frame times (s) do not increase from frame to frame; correct them."),
    ],
)
def test_frame_times_that_do_not_fit(panel, text, expected):
    panel.ui.timesEdit.text = text
    assert panel.examination.timeLine.text == f"✗ {expected}"
    assert sentence(panel) == f"✗ {expected}"


def test_frames_closer_than_a_scanner_can(panel):
    panel.ui.frameIntervalEdit.text = "0.005"
    assert (
        panel.examination.timeWarnings.text
        == "⚠ Frames are only 0.005 s apart; check that the times are those of frames."
    )


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("trEdit", "fast", "TR (ms) is 'fast', which is not a number; correct it."),
        ("flipEdit", "-20", "Flip angle (degrees) is -20; give a number above 0, or leave it empty."),
        (
            "t1Edit",
            "30",
            "The T1 of the tissue (t10_s) is 30, but in s it can only be between 0.05 and 10; check its unit: what is "
            "it in s?",
        ),
        ("baselineEdit", "9-2", "Baseline frames is '9-2'; give first-last, such as 1-6, or leave it empty."),
        ("baselineEdit", "1-400", "The baseline ends at frame 400 of 30; choose frames of the series."),
        ("visitEdit", " ", "Give the visit a name, such as baseline."),
    ],
)
def test_a_field_that_cannot_be_used(panel, field, text, expected):
    getattr(panel.ui, field).text = text
    assert sentence(panel)[2:] == expected


def test_numbers_in_another_unit_are_converted_and_told(panel):
    panel.ui.t1Edit.text = "1400"
    panel.runBar.button.click()
    assert panel.runBar.status.look != "error"
    assert panel.look.selector.count > 0
    assert "The unit of the T1 of the tissue was taken to be ms" in panel.results.warnings.text


def test_a_number_that_cannot_be_is_asked_and_answered(panel):
    panel.ui.trEdit.text = "900"
    assert "TR (tr_s) is 0.9" in sentence(panel)
    field = panel.examination.questions.fields["tr_s"]
    field.text = "0.005"
    field.editingFinished.emit()
    assert panel.ui.trEdit.text == "5"
    panel.runBar.button.click()
    assert panel.runBar.status.look != "error"
    assert panel.look.selector.count > 0


def test_a_visit_that_is_known_with_another_day(panel, scene):
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoCommonLib.scene.tables import read_table, write_table

    table = scene.AddNewNodeByClass("vtkMRMLTableNode", "Visits")
    write_table([Measurement("baseline", 3.0)], table)
    panel.ui.measurementsSelector.setCurrentNode(table)
    assert "visit 'baseline' is on day 3 and cannot also be on day 0" in compute_and_keep(panel)
    assert read_table(table) == [Measurement("baseline", 3.0)]


def test_a_table_of_something_else(panel, scene):
    from HER2ImmunoCommonLib.scene.cells import write_cells

    table = scene.AddNewNodeByClass("vtkMRMLTableNode", "Weights")
    write_cells(["mouse", "g"], [["a", "21"]], table)
    panel.ui.measurementsSelector.setCurrentNode(table)
    assert "Weights: the column 'visit' is missing" in compute_and_keep(panel)


def test_a_t1_map_on_another_grid(panel):
    t1_map = slicer.util.addVolumeFromArray(np.full((2, 2, 2), 1.4), name="T1")
    panel.t1.source.choose("map")
    panel.ui.t1MapSelector.setCurrentNode(t1_map)
    assert "The T1 map is not on the grid of the dynamic series" in sentence(panel)


def test_a_series_that_is_not_of_flip_angles(panel, sequence):
    panel.t1.source.choose("vfa")
    assert sequence.GetID() in panel.ui.vfaSelector.sortFilterProxyModel().hiddenNodeIDs
    panel.ui.vfaSelector.setCurrentNode(sequence)
    assert panel.parameters.vfa is None
    assert panel.runBar.status.text == "Choose the flip angle series, or load one from a DICOM folder."


def test_an_input_file_with_a_text_cell(panel, tmp_path):
    path = tmp_path / "aif.csv"
    path.write_text("time_s,plasma_mM\n0,0\n4,high\n", encoding="utf-8")
    panel.arterial.source.choose("file")
    panel.arterial.file.edit.currentPath = str(path)
    assert sentence(panel) == "✗ aif.csv, row 3, column 'plasma_mM': 'high' is not a number; correct the cell."


def test_a_folder_without_images(panel, tmp_path):
    before = slicer.mrmlScene.GetNumberOfNodes()
    (tmp_path / "notes.txt").write_text("no image", encoding="utf-8")
    panel.examination.folderRow.edit.currentPath = str(tmp_path)
    panel.examination.folderRow.button.click()
    assert panel.runBar.status.look == "error"
    assert str(tmp_path) in panel.runBar.status.text
    assert slicer.mrmlScene.GetNumberOfNodes() == before
