"""Volumes, sequences, segments, tables and charts go into the scene, through a saved file, and come back the same."""

import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_spec import Band, Chart, Line, Points
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.provenance import Provenance

OBLIQUE = np.array([[0.3, -1.2, 2.0, 5.0], [1.5, 0.2, 0.4, 6.0], [0.1, 1.5, 0.9, -7.0], [0, 0, 0, 1.0]])
TIMES = np.array([0.0, 5.0, 10.5, 15.0, 20.25, 31.0])


@pytest.fixture
def volume(scene):
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume

    array = np.random.default_rng(0).normal(size=(6, 7, 8)).astype(np.float32)
    array[0, 0, 0] = np.nan
    return node_from_volume(scene, Volume(array, OBLIQUE), "Ktrans")


def reload(scene, path):
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb

    save_mrb(scene, path)
    scene.Clear(0)
    load_mrb(scene, path)


def test_a_volume_survives_the_scene_file(scene, volume, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene import PROVENANCE_ATTRIBUTE, put_in_folder, set_provenance, volume_from_node

    before = volume_from_node(volume).array.copy()
    set_provenance(volume, Provenance("QuantDCE", {"model": "tofts"}))
    put_in_folder(scene, [volume], "QuantDCE results")
    reload(scene, tmp_path / "scene.mrb")
    node = slicer.util.getNode("Ktrans")
    np.testing.assert_array_equal(volume_from_node(node).array, before)
    np.testing.assert_allclose(volume_from_node(node).ijk_to_ras, OBLIQUE, atol=1e-6)
    assert json.loads(node.GetAttribute(PROVENANCE_ATTRIBUTE))["settings"] == {"model": "tofts"}
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    parent = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
    assert hierarchy.GetItemName(parent) == "QuantDCE results"


def test_a_volume_under_a_transform_is_where_the_viewer_shows_it(scene, volume):
    import slicer
    from HER2ImmunoCommonLib.scene.nodes import volume_from_node

    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    shift = np.eye(4)
    shift[:3, 3] = 10, 20, 30
    slicer.util.updateTransformMatrixFromArray(transform, shift)
    volume.SetAndObserveTransformNodeID(transform.GetID())
    np.testing.assert_allclose(volume_from_node(volume).ijk_to_ras, shift @ OBLIQUE, atol=1e-9)


def test_a_sequence_keeps_frames_times_and_place(scene, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene.sequences import node_from_series, number_attribute, read_times, series_from_node

    array = np.random.default_rng(1).normal(size=(3, 4, 5, len(TIMES))).astype(np.float32)
    node_from_series(scene, TimeSeries(array, OBLIQUE, TIMES), "dynamic", tags={"RepetitionTime": 5.5})
    reload(scene, tmp_path / "scene.mrb")
    node = slicer.util.getFirstNodeByClassByName("vtkMRMLSequenceNode", "dynamic")
    again = series_from_node(node)
    np.testing.assert_array_equal(again.array, array)
    np.testing.assert_array_equal(again.time_s, TIMES)
    np.testing.assert_allclose(again.ijk_to_ras, OBLIQUE, atol=1e-6)
    assert number_attribute(node, "RepetitionTime") == 5.5
    assert number_attribute(node, "FlipAngle") is None
    assert "AcquisitionTime" in read_times(node)[1]
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0


def test_a_sequence_without_times_is_refused_not_numbered(scene):
    from HER2ImmunoCommonLib.scene.sequences import FRAME_LABELS, node_from_series, series_from_node

    node = node_from_series(scene, TimeSeries(np.zeros((2, 2, 2, 3)), np.eye(4), np.arange(3.0)), "dynamic")
    node.SetAttribute(FRAME_LABELS, None)
    with pytest.raises(InputError, match="no frame times"):
        series_from_node(node)
    node.SetAttribute(FRAME_LABELS, "0,5000,4000")
    with pytest.raises(InputError, match="do not increase"):
        series_from_node(node)
    node.SetAttribute(FRAME_LABELS, "0,5000")
    with pytest.raises(InputError, match="3 frames but 2"):
        series_from_node(node)
    assert series_from_node(node, np.array([0.0, 1.0, 2.0])).time_s[2] == 2.0


@pytest.mark.parametrize(
    ("tag", "unit", "sentence"),
    [
        ("FlipAngle", "degrees", "is a series at several flip angles, not a dynamic series; choose the dynamic series"),
        ("", "degrees", "is a series at several flip angles"),
        ("EchoTime", "ms", "is a series at several echo times"),
        ("RepetitionTime", "ms", "is a series at several repetition times"),
        ("Siemens.B-value", "sec/mm2", "is a series at several b-values"),
        ("CardiacCycle", "%", "is a series at several phases of the heart"),
        ("Dose", "mg", "frame labels of dynamic are in 'mg', which is no unit of time"),
        ("TemporalPositionIdentifier", "count", "has no frame times"),
        ("", "", "has no frame times"),
        ("Dose", "", "has no frame times"),
    ],
)
def test_labels_that_are_no_times_are_refused(scene, tag, unit, sentence):
    from HER2ImmunoCommonLib.scene.sequences import TIME_TAG, TIME_UNIT, node_from_series, read_times

    node = node_from_series(scene, TimeSeries(np.zeros((2, 2, 2, 3)), np.eye(4), np.arange(3.0)), "dynamic")
    node.SetAttribute(TIME_TAG, tag)
    node.SetAttribute(TIME_UNIT, unit)
    with pytest.raises(InputError, match=sentence):
        read_times(node)


@pytest.mark.parametrize(
    ("tag", "unit", "step_s"),
    [
        ("AcquisitionTime", "ms", 0.002),
        ("ContentTime", "", 0.002),
        ("TriggerTime", "", 0.002),
        ("DeltaStartTime", "sec", 2.0),
        ("own", "seconds", 2.0),
        ("own", "S", 2.0),
        ("own", "minutes", 120.0),
    ],
)
def test_a_unit_of_time_is_known_by_its_words_and_by_what_the_importer_writes(scene, tag, unit, step_s):
    from HER2ImmunoCommonLib.scene.sequences import FRAME_LABELS, TIME_TAG, TIME_UNIT, node_from_series, read_times

    node = node_from_series(scene, TimeSeries(np.zeros((2, 2, 2, 3)), np.eye(4), np.arange(3.0)), "dynamic")
    node.SetAttribute(FRAME_LABELS, "7, 9, 11.0")
    node.SetAttribute(TIME_TAG, tag)
    node.SetAttribute(TIME_UNIT, unit)
    np.testing.assert_allclose(read_times(node)[0], step_s * np.arange(3))


@pytest.mark.parametrize("labels", ["0,early,late", "0,,2", "0,nan,2"])
def test_labels_that_are_no_numbers_are_a_sentence(scene, labels):
    from HER2ImmunoCommonLib.scene.sequences import FRAME_LABELS, node_from_series, read_times

    node = node_from_series(scene, TimeSeries(np.zeros((2, 2, 2, 3)), np.eye(4), np.arange(3.0)), "dynamic")
    node.SetAttribute(FRAME_LABELS, labels)
    with pytest.raises(InputError, match="among them, which is not a number"):
        read_times(node)


def test_index_values_are_times_if_their_unit_is_one(scene):
    from HER2ImmunoCommonLib.scene.sequences import FRAME_LABELS, node_from_series, read_times

    node = node_from_series(scene, TimeSeries(np.zeros((2, 2, 2, 3)), np.eye(4), np.arange(3.0)), "dynamic")
    node.RemoveAttribute(FRAME_LABELS)
    node.SetIndexName("time")
    node.SetIndexUnit("min")
    np.testing.assert_array_equal(read_times(node)[0], [0.0, 60.0, 120.0])
    node.SetIndexUnit("degrees")
    with pytest.raises(InputError, match="has no frame times"):
        read_times(node)


def test_a_segment_is_found_by_id_on_any_grid(scene, volume, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import add_segment, segment_mask

    mask = np.zeros((6, 7, 8), bool)
    mask[2:4, 2:5, 3:6] = True
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    other = add_segment(segmentation, ~mask, "tumour", volume)
    chosen = add_segment(segmentation, mask, "tumour", volume)
    assert other != chosen
    half = OBLIQUE @ np.array([[0.5, 0, 0, -0.25], [0, 0.5, 0, -0.25], [0, 0, 0.5, -0.25], [0, 0, 0, 1]])
    fine = node_from_volume(scene, Volume(np.zeros((12, 14, 16), np.float32), half), "fine")
    np.testing.assert_array_equal(segment_mask(segmentation, chosen, volume), mask)
    assert segment_mask(segmentation, chosen, fine).sum() == 8 * mask.sum()
    reload(scene, tmp_path / "scene.mrb")
    again = segment_mask(slicer.util.getNode("Segmentation"), chosen, slicer.util.getNode("Ktrans"))
    np.testing.assert_array_equal(again, mask)


def test_what_lies_outside_the_images_or_is_coarse_is_told(scene, volume):
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import add_segment, segment_mask, segment_warnings

    whole = np.zeros((6, 7, 8), bool)
    whole[1:5, 1:5, 2:6] = True
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    chosen = add_segment(segmentation, whole, "tumour", volume)
    assert segment_warnings(segmentation, chosen, volume, segment_mask(segmentation, chosen, volume), "tumour") == ()
    half = node_from_volume(scene, Volume(np.zeros((6, 7, 4), np.float32), OBLIQUE), "half")
    told = segment_warnings(segmentation, chosen, half, segment_mask(segmentation, chosen, half), "tumour")
    assert "50 % lies outside the images" in told[0]


def test_segments_that_cannot_be_measured_are_named(scene, volume):
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import add_segment, segment_mask

    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    empty = segmentation.GetSegmentation().AddEmptySegment("e", "Tumour left")
    full = add_segment(segmentation, np.ones((6, 7, 8), bool), "Tumour", volume)
    away = np.eye(4)
    away[:3, 3] = 900.0
    elsewhere = node_from_volume(scene, Volume(np.zeros((4, 4, 4), np.float32), away), "other examination")
    with pytest.raises(InputError, match=r"'Tumour left'.*is empty"):
        segment_mask(segmentation, empty, volume)
    with pytest.raises(InputError, match="does not overlap other examination"):
        segment_mask(segmentation, full, elsewhere)
    with pytest.raises(InputError, match="no segment 'gone'"):
        segment_mask(segmentation, "gone", volume)


def test_the_measurement_table_survives_the_scene_file(scene, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene.tables import read_table, write_table

    rows = [
        Measurement("baseline", 0.0, {"volume_cm3": 0.1 + 0.2, "suv_peak": 1 / 3}, {"volume_cm3": 0.05}),
        Measurement("week 1", 7.0, {"hypoxic_fraction": 0.25}),
    ]
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Measurements")
    assert read_table(node) == []
    write_table(rows, node)
    assert read_table(node) == rows
    reload(scene, tmp_path / "scene.mrb")
    assert read_table(slicer.util.getNode("Measurements")) == rows


def test_a_bad_table_node_is_named_with_row_and_column(scene):
    from HER2ImmunoCommonLib.scene.tables import read_table, write_table

    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Measurements")
    write_table([Measurement("baseline", 0.0, {"volume_cm3": 1.0})], node)
    node.SetCellText(0, 2, "large")
    with pytest.raises(InputError, match="Measurements, row 1, column 'volume_cm3': 'large'"):
        read_table(node)


def test_a_chart_becomes_plot_nodes_and_goes_away_whole(scene):
    from HER2ImmunoCommonLib.scene.plots import node_from_chart, remove_chart

    before = scene.GetNumberOfNodes()
    x = np.arange(5.0)
    items = (Band(x, x - 1, x + 1, "interval"), Line(x, x, "fit", dashed=True), Points(x, x, "measured"))
    node = node_from_chart(scene, Chart("Uptake", "Time (min)", "mM", items))
    assert node.GetNumberOfPlotSeriesNodes() == 3
    table = node.GetNthPlotSeriesNode(1).GetTableNode().GetTable()
    assert [table.GetValueByName(row, "y").ToDouble() for row in range(5)] == x.tolist()
    remove_chart(node)
    assert scene.GetNumberOfNodes() == before


def test_nodes_of_work_that_fails_are_removed(scene, volume):
    from HER2ImmunoCommonLib.scene.nodes import all_or_nothing, node_from_volume

    before = scene.GetNumberOfNodesByClass("vtkMRMLVolumeNode")

    def fail():
        with all_or_nothing(scene) as keep:
            keep(node_from_volume(scene, Volume(np.zeros((2, 2, 2)), np.eye(4)), "map"))
            raise InputError("no")

    with pytest.raises(InputError):
        fail()
    assert scene.GetNumberOfNodesByClass("vtkMRMLVolumeNode") == before


def test_a_sequence_without_frames_has_no_times(scene):
    from HER2ImmunoCommonLib.scene import FRAME_LABELS, read_times

    node = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Empty")
    with pytest.raises(InputError, match=r"Empty has no frames; choose the dynamic series\."):
        read_times(node)
    node.SetAttribute(FRAME_LABELS, "1,2")
    with pytest.raises(InputError, match="has no frames"):
        read_times(node)


@pytest.mark.parametrize(
    ("written", "date"), [("20240304", "2024-03-04"), ("2024-03-04", "2024-03-04"), ("20241399", ""), ("removed", "")]
)
def test_the_study_above_a_node_gives_its_day_if_it_is_one(scene, written, date):
    import slicer
    from HER2ImmunoCommonLib.scene import examination_of

    words = slicer.vtkMRMLSubjectHierarchyConstants
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    study = tree.CreateStudyItem(tree.GetSceneItemID(), "Study")
    tree.SetItemUID(study, "DICOM", "1.2")
    tree.SetItemAttribute(study, words.GetDICOMStudyDateAttributeName(), written)
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "MR")
    tree.CreateItem(study, volume)
    found = examination_of(volume)
    assert (found.study_uid, found.date) == ("1.2", date)
