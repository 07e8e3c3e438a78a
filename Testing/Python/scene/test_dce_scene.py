"""Quant DCE in the scene: series keep times, TR and flip angles; maps, status and curves become nodes, all or none."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.measurements import Measurement
from QuantDCELib.analysis.pipeline import analyse
from QuantDCELib.analysis.settings import DceSettings
from QuantDCELib.dicom.reading import DynamicImages, VfaImages
from QuantDCELib.dicom.time_axis import TimeAxis

OBLIQUE = np.array([[0.3, -1.2, 2.0, 5.0], [1.5, 0.2, 0.4, 6.0], [0.1, 1.5, 0.9, -7.0], [0, 0, 0, 1.0]])
TIMES = np.array([0.0, 5.0, 10.5, 15.0, 20.25, 31.0])


def reload(scene, path):
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb

    save_mrb(scene, path)
    scene.Clear(0)
    load_mrb(scene, path)


def sequence_named(scene, name):
    count = scene.GetNumberOfNodesByClass("vtkMRMLSequenceNode")
    nodes = [scene.GetNthNodeByClass(n, "vtkMRMLSequenceNode") for n in range(count)]
    return next(node for node in nodes if node.GetName() == name)


@pytest.fixture
def dynamic():
    array = np.random.default_rng(0).normal(100, 5, size=(2, 3, 4, TIMES.size)).astype(np.float32)
    axis = TimeAxis(TIMES, "TriggerTime", ("Frame 6 comes late.",))
    uids = {"study": ["1.2"], "series": ["1.2.3"]}
    warnings = ("Frame 6 comes late.", "RepetitionTime 0.005 was taken as seconds.")
    return DynamicImages(TimeSeries(array, OBLIQUE, TIMES), axis, 0.005, 15.0, 3.0, uids, warnings)


def test_a_dynamic_series_comes_back_from_the_scene_file(scene, dynamic, tmp_path):
    from QuantDCELib.scene.frames import describe, time_axis_of
    from QuantDCELib.scene.series_nodes import dynamic_from_node, node_from_dynamic

    node_from_dynamic(scene, dynamic, "dynamic")
    reload(scene, tmp_path / "scene.mrb")
    node = sequence_named(scene, "dynamic")
    axis = time_axis_of(node)
    again = dynamic_from_node(node, axis)
    np.testing.assert_array_equal(again.series.array, dynamic.series.array)
    np.testing.assert_array_equal(again.series.time_s, TIMES)
    np.testing.assert_allclose(again.series.ijk_to_ras, OBLIQUE, atol=1e-6)
    assert (again.tr_s, again.flip_deg, again.field_t, again.uids) == (0.005, 15.0, 3.0, dynamic.uids)
    assert again.warnings == dynamic.warnings
    assert describe(axis) == "6 frames, 4.50 to 10.75 s apart, 31 s in all. Times from DICOM TriggerTime."


def test_a_dynamic_series_has_a_volume_to_look_at(scene, dynamic):
    from QuantDCELib.scene.series_nodes import node_from_dynamic, shown_volume

    shown = shown_volume(node_from_dynamic(scene, dynamic, "dynamic"))
    assert shown.IsA("vtkMRMLScalarVolumeNode")
    assert shown.GetScene() is scene


def test_times_by_hand_go_before_those_of_the_node(scene, dynamic):
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.series_nodes import node_from_dynamic

    node = node_from_dynamic(scene, dynamic, "dynamic")
    np.testing.assert_array_equal(time_axis_of(node, "", "4").time_s, 4.0 * np.arange(6))
    axis = time_axis_of(node, "2, 4; 6 8\n10 13", "4")
    np.testing.assert_array_equal(axis.time_s, [0, 2, 4, 6, 8, 11])
    assert axis.rule == "times given by hand"


def test_flip_angles_come_back_in_order(scene, tmp_path):
    from QuantDCELib.scene.series_nodes import node_from_vfa, vfa_from_node

    signal = np.random.default_rng(1).normal(100, 5, size=(2, 3, 4, 3)).astype(np.float32)
    vfa = VfaImages(signal, OBLIQUE, np.array([2.0, 7.5, 15.0]), 0.006, {"series": ["1", "2"]})
    node_from_vfa(scene, vfa, "vfa")
    reload(scene, tmp_path / "scene.mrb")
    node = sequence_named(scene, "vfa")
    again = vfa_from_node(node)
    np.testing.assert_array_equal(again.flip_deg, vfa.flip_deg)
    np.testing.assert_array_equal(again.signal, signal)
    assert again.tr_s == pytest.approx(0.006)
    node.SetAttribute("MultiVolume.FrameLabels", "15,7.5,2")
    np.testing.assert_array_equal(vfa_from_node(node).signal, signal[..., ::-1])
    node.RemoveAttribute("MultiVolume.DICOM.RepetitionTime")
    with pytest.raises(QuestionsError, match="does not say its TR"):
        vfa_from_node(node)
    assert vfa_from_node(node, 0.004).tr_s == 0.004


@pytest.fixture
def result():
    """A small analysis with a voxel that has no signal."""
    time_s = 4.0 * np.arange(40)
    curve = 100 * (1 + 0.9 * np.clip((time_s - 30) / 25, 0, 1))
    array = np.broadcast_to(curve.astype(np.float32), (2, 3, 4, 40)).copy()
    array[1, 1, 1] = 0
    images = DynamicImages(TimeSeries(array, OBLIQUE, time_s), TimeAxis(time_s, "TriggerTime"), 0.005, 20.0, 1.5, {})
    mask = np.zeros((2, 3, 4), bool)
    mask[1] = True
    settings = DceSettings(model="tofts", t10_s=1.4, arrival_s=28.0)
    return mask, settings, analyse(images, settings, tumour_mask=mask)


@pytest.fixture
def parameters(scene, dynamic):
    from QuantDCELib.scene.series_nodes import node_from_dynamic

    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "QuantDCE")
    series = node_from_dynamic(scene, dynamic, "MR")
    chosen = dict.fromkeys(
        ("segmentation", "arterySegmentation", "referenceSegmentation", "measurements", "aifTable", "t1Map", "m0Map")
    )
    visit = {"visit": "baseline", "day": 0.0, "replaceRow": ""}
    return SimpleNamespace(parameterNode=node, dynamic=series, StartModify=lambda: 0, **chosen, **visit)


def publish(scene, parameters, result, visit=None):
    from QuantDCELib.scene.gathering import Request
    from QuantDCELib.scene.publishing import publish as publish_result

    mask, settings, found = result
    request = Request(None, settings, mask, visit or Measurement("baseline", 0.0), {"dynamic_node": "MR"})
    publish_result(scene, parameters, request, found)


def publish_and_add(scene, parameters, result):
    from QuantDCELib.scene.keeping import add_to_visit

    publish(scene, parameters, result)
    return add_to_visit(scene, parameters)


def test_maps_are_nan_outside_and_say_why_inside(scene, parameters, result):
    import slicer
    from QuantDCELib.scene.results import maps_of

    publish(scene, parameters, result)
    maps = {node.GetName(): node for node in maps_of(parameters.dynamic)}
    ktrans = slicer.util.arrayFromVolume(maps["baseline Ktrans (1/min)"])
    expected = result[0].copy()
    expected[1, 1, 1] = False
    np.testing.assert_array_equal(np.isfinite(ktrans), expected)
    display = maps["baseline Ktrans (1/min)"].GetDisplayNode()
    assert display.GetApplyThreshold()
    assert display.GetLowerThreshold() <= np.nanmin(ktrans)
    status = maps["baseline Fit status"]
    assert status.IsA("vtkMRMLLabelMapVolumeNode")
    code = int(slicer.util.arrayFromVolume(status)[1, 1, 1])
    assert status.GetDisplayNode().GetColorNode().GetColorName(code) == "no signal"


def test_results_are_found_again_in_the_scene_file(scene, parameters, result, tmp_path):
    from HER2ImmunoCommonLib.scene.nodes import PROVENANCE_ATTRIBUTE
    from HER2ImmunoCommonLib.scene.tables import read_table
    from QuantDCELib.scene.results import charts_of, maps_of, summary_of

    publish_and_add(scene, parameters, result)
    before = summary_of(parameters.dynamic)
    names = [node.GetName() for node in maps_of(parameters.dynamic)]
    reload(scene, tmp_path / "scene.mrb")
    node = scene.GetFirstNodeByClass("vtkMRMLSequenceNode")
    assert summary_of(node) == before
    assert [found.GetName() for found in maps_of(node)] == names
    assert [chart.GetTitle() for chart in charts_of(node)] == ["Enhancement of the tumour", "Arterial input"]
    assert all(json.loads(found.GetAttribute(PROVENANCE_ATTRIBUTE))["module"] == "QuantDCE" for found in maps_of(node))
    (row,) = read_table(scene.GetFirstNodeByName("Measurements"))
    assert row.values == pytest.approx(result[2].measurements)


def test_a_visit_that_does_not_fit_the_table_leaves_the_scene_as_it_was(scene, parameters, result):
    from HER2ImmunoCommonLib.scene.tables import measurement_table, read_table, write_table
    from QuantDCELib.scene.keeping import add_to_visit

    table = measurement_table(scene, None)
    write_table([Measurement("baseline", 5.0)], table)
    publish(scene, parameters, result)
    before = scene.GetNumberOfNodes()
    with pytest.raises(InputError, match="cannot also be on day 0"):
        add_to_visit(scene, parameters)
    assert scene.GetNumberOfNodes() == before
    assert read_table(table) == [Measurement("baseline", 5.0)]


def test_the_only_measurement_table_of_the_scene_is_used(scene, parameters, result):
    from HER2ImmunoCommonLib.scene.tables import measurement_table, read_table, write_table

    table = measurement_table(scene, None)
    write_table([Measurement("day 7", 7.0, {"hypoxic_fraction": 0.3})], table)
    publish_and_add(scene, parameters, result)
    assert parameters.measurements is table
    assert [row.visit for row in read_table(table)] == ["baseline", "day 7"]
