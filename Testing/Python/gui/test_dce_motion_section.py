"""The panel's part on motion: one button, Cancel, the curve, and a new series that is used from there on."""

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.examination import Examination
from layout_check import faults, show_at
from moving_body import MIDDLE, SHAPE, moving_series

ABOUT = Examination("1.1", "1.5", ("1.1.1",), "p", "2026-03-02")
NAME = "baseline MR, motion corrected"
MEASURED = "The frames as they were measured"


@pytest.fixture(scope="module")
def measured():
    return moving_series()


@pytest.fixture
def panel(load_module, scene):
    from dce_states import open_panel

    return open_panel(load_module)


@pytest.fixture
def series(panel, measured):
    """The body that jumps, chosen, with a region that is measured without a model."""
    from HER2ImmunoCommonLib.scene import add_segment

    node = add_moving(measured)
    mask = np.zeros(SHAPE, bool)
    mask[MIDDLE] = True
    regions = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    segment_id = add_segment(regions, mask, "tumour", node.GetNthDataNode(0))
    panel.ui.dynamicSelector.setCurrentNode(node)
    panel.compute.model.choose("none")
    panel.tumour.segments.selector.setCurrentNode(regions)
    panel.tumour.segments.selector.setCurrentSegmentID(segment_id)
    panel.ui.motionSection.collapsed = False
    return node


@pytest.fixture
def once(monkeypatch):
    """What the correction of the series gives is worked out once for all tests."""
    from QuantDCELib.scene import motion_correction

    real = motion_correction.correct_images

    def correct(dynamic, settings, report=None):
        key = settings.kind
        if key not in _found:
            _found[key] = real(dynamic, settings, report=report)
        report(1.0, "Motion corrected")
        return _found[key]

    monkeypatch.setattr(motion_correction, "correct_images", correct)


_found: dict[str, tuple] = {}


def add_moving(measured, about=ABOUT):
    from dce_states import add_examination

    return add_examination("baseline", measured.array, measured.ijk_to_ras, measured.time_s, about)


def names():
    return [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLSequenceNode")]


def correct(panel):
    panel.motion.button.click()
    return panel.runBar.status.text


def during(monkeypatch, act):
    """Do something in the main thread once the work has begun."""
    from HER2ImmunoCommonLib.gui.run_bar import RunBar

    told = RunBar._onProgress

    def progress(bar, fraction, text):
        told(bar, fraction, text)
        act()

    monkeypatch.setattr(RunBar, "_onProgress", progress)


def test_the_corrected_series_is_chosen_and_the_measured_one_stays(panel, series, measured, once, photograph):
    from HER2ImmunoCommonLib.scene import series_from_node

    regions, visit = panel.parameters.segmentation, "before treatment"
    panel.parameters.visit = visit
    said = correct(panel)
    assert f"{NAME} is used from here on; baseline MR is as it was." in said
    assert panel.parameters.dynamic.GetName() == NAME
    assert panel.steps.opened.name == "examination"
    np.testing.assert_array_equal(series_from_node(series).array, measured.array)
    assert (panel.parameters.segmentation, panel.parameters.visit) == (regions, visit)
    assert "It jumps by" in panel.motion.status.text
    assert [not plot.isHidden() for plot in (panel.motion.shifts, panel.motion.turns)] == [True, True]
    assert not panel.motion.button.enabled
    assert panel.motion.button.toolTip == f"{NAME} is corrected already; choose baseline MR to correct it otherwise."
    photograph(show_at(panel, 480), "motion_section")


def test_results_say_which_series_they_are_of_and_replace_no_row_of_the_other_unasked(panel, series, once, photograph):
    from dce_tissue import click, keep
    from QuantDCELib.scene.results import maps_of, provenance_of, summary_of

    for corrected in (False, True):
        if corrected:
            correct(panel)
        click(panel)
        chosen = panel.parameters.dynamic
        used = {row[0]: row[1] for row in summary_of(chosen).rows}["Series used"]
        record = provenance_of(chosen)
        assert record.inputs["dynamic_node"] == chosen.GetName()
        assert panel.compute.plan.text.endswith("The series is corrected for motion.") == corrected
        assert all(node.GetName().endswith(", motion corrected") == corrected for node in maps_of(chosen))
        assert used.startswith(
            "Corrected for motion (as one piece" if corrected else "The frames as they were measured"
        )
        assert record.settings.get("motion", "").startswith("corrected for motion") == corrected
        asked = keep(panel)
    assert "Answer the question above" in asked
    assert panel.parameters.measurements.GetNumberOfRows() == 1
    panel.results.section.collapsed = False
    photograph(show_at(panel, 480), "motion_results")
    panel.ui.dynamicSelector.setCurrentNode(series)
    assert {row[0]: row[1] for row in summary_of(series).rows}["Series used"] == MEASURED


def test_the_curve_goes_and_comes_with_its_series(panel, series, once):
    correct(panel)
    corrected = panel.parameters.dynamic
    panel.ui.dynamicSelector.setCurrentNode(series)
    assert panel.motion.shifts.isHidden()
    assert "corrected so; choose it" in panel.motion.note.text
    panel.ui.dynamicSelector.setCurrentNode(corrected)
    assert not panel.motion.shifts.isHidden()
    panel.ui.dynamicSelector.setCurrentNode(series)
    panel.motion.kind.choose("bspline")
    assert panel.motion.button.enabled


def test_cancelled_it_leaves_nothing(panel, series, monkeypatch):
    count = slicer.mrmlScene.GetNumberOfNodes()
    during(monkeypatch, panel.runBar.cancel)
    assert "Cancelled: nothing was changed." in correct(panel)
    assert (slicer.mrmlScene.GetNumberOfNodes(), names()) == (count, ["baseline MR"])
    assert panel.parameters.dynamic is series
    assert panel.motion.button.enabled


def test_of_a_series_that_is_deleted_meanwhile_nothing_is_made(panel, series, once, monkeypatch):
    during(monkeypatch, lambda: slicer.mrmlScene.RemoveNode(series))
    assert "was removed, or another was chosen, during the work" in correct(panel)
    assert names() == []
    assert not panel.motion.button.enabled


def test_another_series_that_is_chosen_meanwhile_stays_chosen(panel, series, measured, once, monkeypatch):
    other = add_moving(measured, Examination("2.1", "2.5", ("2.1.1",), "p", "2026-03-09"))
    during(monkeypatch, lambda: setattr(panel.parameters, "dynamic", other))
    assert "another was chosen, during the work" in correct(panel)
    assert panel.parameters.dynamic is other
    assert len(names()) == 2


def test_it_is_there_when_the_module_was_left_meanwhile(panel, series, once, monkeypatch):
    panel.ui.arrivalEdit.text = "25"
    during(monkeypatch, panel.exit)
    correct(panel)
    panel.enter()
    assert panel.parameters.dynamic.GetName() == NAME
    assert not panel.motion.shifts.isHidden()
    assert panel.parameters.arrivalS == "25"
    panel.ui.dynamicSelector.setCurrentNode(series)
    panel.ui.dynamicSelector.setCurrentNode(slicer.util.getFirstNodeByClassByName("vtkMRMLSequenceNode", NAME))
    assert panel.parameters.arrivalS == "25"


def test_a_deleted_corrected_series_leaves_the_part_empty(panel, series, once):
    correct(panel)
    slicer.mrmlScene.RemoveNode(panel.parameters.dynamic)
    slicer.app.processEvents()
    assert panel.motion.shifts.isHidden()
    assert panel.motion.button.toolTip == "Choose the examination first."
    panel.ui.dynamicSelector.setCurrentNode(series)
    assert panel.motion.button.enabled


def test_a_series_that_lies_still_is_used_as_it_is(panel, series, photograph):
    still = add_moving(moving_series(jump_mm=(0, 0, 0)))
    panel.ui.dynamicSelector.setCurrentNode(still)
    assert "No motion was found in" in correct(panel)
    assert panel.parameters.dynamic is still
    assert "The frames lie still" in panel.motion.status.text
    assert not panel.motion.shifts.isHidden()
    panel.steps.open("examination")
    photograph(show_at(panel, 480), "motion_section_still")


def test_it_fits_a_narrow_panel(panel, series, once):
    correct(panel)
    assert not faults(show_at(panel, 320))
