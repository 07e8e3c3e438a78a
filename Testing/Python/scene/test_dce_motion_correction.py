"""A dynamic series corrected for motion in the scene: a new series beside the measured one, known by its curve."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.examination import Examination
from moving_body import JUMP_BEFORE, JUMP_MM, MIDDLE, moving_series

ABOUT = Examination("1.1", "1.5", ("1.1.1",), "p", "2026-03-02", "baseline", 0.0)
EMPTY = ("timesText", "frameIntervalS", "flipDeg", "baselineFrames", "serFrames")
GIVEN = {**dict.fromkeys(EMPTY, ""), "trMs": "4.2", "arrivalS": "31", "seedRadiusMm": 0.0}


@pytest.fixture(scope="module")
def measured():
    return moving_series()


def add_series(scene, series, name="MR", about=ABOUT):
    from HER2ImmunoCommonLib.scene import put_in_folder
    from QuantDCELib.dicom.reading import DynamicImages
    from QuantDCELib.dicom.time_axis import TimeAxis
    from QuantDCELib.scene import node_from_dynamic

    axis = TimeAxis(series.time_s, "TriggerTime", ("Frame 3 comes late.",))
    uids = {"study": ["1.1"], "series": ["1.1.1"]}
    images = DynamicImages(series, axis, 0.005, 20.0, 1.5, uids, axis.warnings, per_unit=2.0, examination=about)
    node = node_from_dynamic(scene, images, name)
    put_in_folder(scene, [node], "Visit 1")
    return node


def choices(node, kind="rigid", **given):
    return SimpleNamespace(dynamic=node, motionKind=kind, **GIVEN | given)


@pytest.fixture(scope="module")
def found(measured):
    """The correction itself, done once."""
    from QuantDCELib.dicom.reading import DynamicImages
    from QuantDCELib.dicom.time_axis import TimeAxis
    from QuantDCELib.motion import correct_images

    return correct_images(DynamicImages(measured, TimeAxis(measured.time_s, ""), 0.005, 20.0, 1.5, {}))


@pytest.fixture
def once(monkeypatch, found):
    """Corrections of the measured series give what was found once, with all else of the images asked for."""
    from dataclasses import replace

    from QuantDCELib.scene import motion_correction

    def correct(dynamic, settings, report=None):
        images, result = found
        series = replace(dynamic.series, array=images.series.array)
        return replace(dynamic, series=series, motion=images.motion), replace(result, settings=settings)

    monkeypatch.setattr(motion_correction, "correct_images", correct)


def corrected(scene, parameters):
    from QuantDCELib.scene.motion_correction import gather_correction, publish_correction

    request = gather_correction(parameters)
    return publish_correction(scene, request, request.correct())


def array_of(node):
    from HER2ImmunoCommonLib.scene import series_from_node

    return series_from_node(node).array


def named(scene, name):
    return scene.GetFirstNodeByName(name)


def reload(scene, path):
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb

    save_mrb(scene, path)
    scene.Clear(0)
    load_mrb(scene, path)


def test_the_frames_lie_where_the_first_ones_do_in_a_new_series(scene, measured):
    from HER2ImmunoCommonLib.scene import measured_of
    from QuantDCELib.scene.found_motion import found_motion

    node = add_series(scene, measured)
    made = corrected(scene, choices(node))
    assert made.GetName() == "MR, motion corrected"
    assert measured_of(made) is node
    np.testing.assert_array_equal(array_of(node), measured.array)
    still = moving_series(jump_mm=(0, 0, 0)).array
    later = [array[MIDDLE][..., JUMP_BEFORE:] for array in (measured.array, array_of(made), still)]
    before, after = (np.abs(each - later[2]).mean() for each in later[:2])
    assert after < 0.5 * before
    motion = found_motion(made)
    assert motion.is_corrected
    assert [jump.frame for jump in motion.jumps] == [JUMP_BEFORE]
    np.testing.assert_allclose(motion.curve.shift_mm[-1], JUMP_MM, atol=0.6)


def test_it_is_of_the_same_examination_with_the_same_times_and_headers(scene, measured, once):
    from HER2ImmunoCommonLib.scene import examination_of
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.series_nodes import dynamic_from_node

    node = add_series(scene, measured)
    made = corrected(scene, choices(node))
    first, second = (dynamic_from_node(each, time_axis_of(each)) for each in (node, made))
    for name in ("tr_s", "flip_deg", "field_t", "uids", "warnings", "per_unit"):
        assert getattr(first, name) == getattr(second, name), name
    assert first.time_axis.rule == second.time_axis.rule
    np.testing.assert_allclose(second.series.time_s, first.series.time_s, rtol=1e-12)
    np.testing.assert_array_equal(second.series.ijk_to_ras, first.series.ijk_to_ras)
    assert examination_of(made) == ABOUT
    assert (first.motion, second.motion) == ("", "corrected for motion (as one piece; 3 of 8 frames put back)")


def test_times_and_numbers_given_by_hand_hold_for_it(scene, measured, once):
    from QuantDCELib.scene.following import GIVEN as KEPT
    from QuantDCELib.scene.frames import time_axis_of

    node = add_series(scene, measured)
    made = corrected(scene, choices(node, frameIntervalS="7"))
    np.testing.assert_allclose(time_axis_of(made).time_s, 7.0 * np.arange(8), rtol=1e-12)
    assert time_axis_of(made).rule == "a frame interval given by hand"
    assert json.loads(made.GetAttribute(KEPT))["arrivalS"] == "31"
    assert json.loads(made.GetAttribute(KEPT))["trMs"] == "4.2"


def test_the_choices_of_a_person_are_what_is_asked_for(scene, measured):
    from QuantDCELib.motion import MotionSettings
    from QuantDCELib.scene.motion_correction import gather_correction

    node = add_series(scene, measured)
    asked = gather_correction(choices(node, "bspline", baselineFrames="1-2")).settings
    assert asked == MotionSettings(kind="bspline", baseline=(0, 2))
    with pytest.raises(InputError, match="Baseline frames"):
        gather_correction(choices(node, baselineFrames="2-1"))


def test_it_lies_in_the_folder_and_under_the_transform_of_the_measured_one(scene, measured, once):
    import slicer
    from HER2ImmunoCommonLib.scene import series_from_node
    from HER2ImmunoCommonLib.scene.examinations import visit_folder
    from QuantDCELib.scene.series_nodes import shown_volume

    node = add_series(scene, measured)
    shift = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "to the reference")
    matrix = np.eye(4)
    matrix[:3, 3] = (10, 20, -5)
    shift.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    shown_volume(node).SetAndObserveTransformNodeID(shift.GetID())
    made = corrected(scene, choices(node))
    assert visit_folder(shown_volume(made)) == visit_folder(shown_volume(node)) != 0
    np.testing.assert_allclose(series_from_node(made).ijk_to_ras, matrix @ measured.ijk_to_ras, atol=1e-9)


def test_all_of_it_comes_back_from_the_scene_file(scene, measured, once, tmp_path):
    from HER2ImmunoCommonLib.scene import measured_of, visits_of
    from QuantDCELib.scene.found_motion import found_motion
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.motion_correction import reason_not_corrected
    from QuantDCELib.scene.series_nodes import dynamic_from_node

    made = corrected(scene, choices(add_series(scene, measured)))
    before, values, words = found_motion(made), array_of(made), dynamic_from_node(made, time_axis_of(made)).motion
    reload(scene, tmp_path / "scene.mrb")
    node, again = named(scene, "MR"), named(scene, "MR, motion corrected")
    after = found_motion(again)
    assert (after.kind, after.jumps, after.warnings) == (before.kind, before.jumps, before.warnings)
    for name, value in vars(before.curve).items():
        np.testing.assert_array_equal(getattr(after.curve, name), value)
    np.testing.assert_array_equal(array_of(again), values)
    assert dynamic_from_node(again, time_axis_of(again)).motion == words
    assert measured_of(again) is node
    assert "is corrected already; choose MR" in reason_not_corrected(choices(again))
    (visit,) = visits_of(scene).visits
    assert (visit.dynamic, visit.name) == (again, "baseline")
    assert not any("dynamic series" in text for text in visit.doubts)


def test_no_series_is_corrected_twice(scene, measured, once):
    from QuantDCELib.scene.motion_correction import gather_correction, reason_not_corrected

    node = add_series(scene, measured)
    made = corrected(scene, choices(node))
    with pytest.raises(InputError, match=r"MR, motion corrected is corrected already; choose MR"):
        gather_correction(choices(made))
    assert "MR, motion corrected is this series, corrected so" in reason_not_corrected(choices(node))
    assert reason_not_corrected(choices(node, "bspline")) == ""
    scene.RemoveNode(node)
    assert reason_not_corrected(choices(made)) == "MR, motion corrected is corrected already."


def test_a_series_that_lies_still_stays_the_only_one_and_knows_it(scene):
    from QuantDCELib.scene.found_motion import found_motion
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.motion_correction import reason_not_corrected
    from QuantDCELib.scene.series_nodes import dynamic_from_node

    node = add_series(scene, moving_series(jump_mm=(0, 0, 0)))
    assert corrected(scene, choices(node)) is node
    assert scene.GetNumberOfNodesByClass("vtkMRMLSequenceNode") == 1
    assert not found_motion(node).is_corrected
    words = dynamic_from_node(node, time_axis_of(node)).motion
    assert words == "the frames as they were measured (motion was looked for and none was found)"
    assert reason_not_corrected(choices(node, "bspline")) == ""


def test_nothing_is_made_of_a_series_that_was_deleted_meanwhile(scene, measured, once):
    from QuantDCELib.scene.motion_correction import gather_correction, publish_correction

    node = add_series(scene, measured)
    request = gather_correction(choices(node))
    scene.RemoveNode(node)
    count = scene.GetNumberOfNodes()
    with pytest.raises(InputError, match="was deleted while its motion was looked for"):
        publish_correction(scene, request, request.correct())
    assert scene.GetNumberOfNodes() == count


def test_results_say_which_frames_they_are_of():
    from QuantDCELib.analysis.pipeline import analyse
    from QuantDCELib.analysis.settings import DceSettings
    from QuantDCELib.dicom.reading import DynamicImages
    from QuantDCELib.dicom.time_axis import TimeAxis
    from QuantDCELib.scene.summary import summarise

    series, settings = moving_series(), DceSettings(model="none", early_s=30.0, late_s=60.0)
    mask = np.zeros(series.array.shape[:3], bool)
    mask[MIDDLE] = True
    words = "corrected for motion (as one piece; 3 of 8 frames put back)"
    for motion, said in (("", "The frames as they were measured"), (words, f"C{words[1:]}")):
        images = DynamicImages(series, TimeAxis(series.time_s, ""), 0.005, 20.0, 1.5, {}, motion=motion)
        result = analyse(images, settings, tumour_mask=mask)
        rows = {row[0]: row[1] for row in summarise(result, settings, ()).rows}
        assert rows["Series used"] == said
