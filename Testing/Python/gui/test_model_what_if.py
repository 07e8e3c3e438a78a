"""What if: scenarios by clicks, and a forecast that follows every edit of the time line."""

import numpy as np
import pytest
import slicer
from layout_check import faults, show_at
from time_line_steps import at_dose, click, days, drag, hold, in_lane, let_go, wait_for_forecast

PLAN = (("Trastuzumab", 15), ("Chemotherapy", 18), ("Chemotherapy", 25))


def rows(panel):
    table = panel.scenarios.table
    return [[table.item(row, column).text() for column in range(4)] for row in range(table.rowCount)]


def median(panel):
    """The last median of the state on the time line."""
    strip = panel.timeLine.view.strips[0]
    return next(item.y[-1] for item in strip.items if item.label == "forecast")


def plan(panel, doses=PLAN):
    for drug, day in doses:
        click(panel.timeLine.view, in_lane(panel.timeLine.view, drug, day))
    wait_for_forecast(panel)


@pytest.fixture
def calibrated(model_panel):
    """The panel after a run, with its What if page open."""
    model_panel.ui.drawsSpinBox.value = 50
    model_panel.runBar.button.click()
    assert model_panel.runBar.status.look == "ok", model_panel.runBar.status.text
    model_panel.pages.open("what_if")
    show_at(model_panel, 480)
    wait_for_forecast(model_panel)
    return model_panel


def test_before_a_calibration_it_says_what_is_missing(model_panel):
    model_panel.pages.open("what_if")
    wait_for_forecast(model_panel)
    assert model_panel.scenarios.problem.text.startswith("⚠ Calibrate the model")
    assert not model_panel.scenarios.keepButton.enabled


def test_the_forecast_follows_a_click_and_is_the_engine_s(calibrated):
    from HER2ImmunoModelLib.scene.results import read_calibration_node

    before = median(calibrated)
    plan(calibrated)
    assert median(calibrated) < before
    calibration = read_calibration_node(calibrated.parameters.parameterNode)
    doses = calibrated.live._expected.now.bands.day[-1]
    from HER2ImmunoModelLib.scene.given import given

    whole, _none = given(calibrated.parameters, calibration.model)
    engine = calibration.predict([doses], whole, 50).median["T"][-1]
    np.testing.assert_allclose(median(calibrated), engine, rtol=1e-3)
    assert calibrated.results.stale.text == "", "planned doses change neither calibration nor ranking"


def test_it_follows_a_dose_in_the_hand_before_that_is_let_go_of(calibrated):
    plan(calibrated, PLAN[:1])
    view, before = calibrated.timeLine.view, median(calibrated)
    there, to = at_dose(view, "Trastuzumab", 15.0), in_lane(view, "Trastuzumab", 40)
    hold(view, there, to)
    wait_for_forecast(calibrated)
    assert days(view, "Trastuzumab") == [1.0, 15.0], "nothing is written yet"
    assert median(calibrated) != before
    in_hand = median(calibrated)
    let_go(view, to)
    wait_for_forecast(calibrated)
    assert days(view, "Trastuzumab")[1] == pytest.approx(40, abs=1)
    assert median(calibrated) == pytest.approx(in_hand, rel=1e-6)


def test_scenarios_are_kept_compared_and_one_of_them_is_edited(calibrated, photograph):
    plan(calibrated)
    calibrated.scenarios.keepButton.click()
    calibrated.scenarios.table.item(0, 0).setText("Trastuzumab first")
    calibrated.scenarios.keepButton.click()
    calibrated.scenarios.table.item(1, 0).setText("Chemotherapy first")
    view = calibrated.timeLine.view
    drag(view, at_dose(view, "Trastuzumab", 15.0), in_lane(view, "Trastuzumab", 29))
    wait_for_forecast(calibrated)
    assert [row[0] for row in rows(calibrated)] == ["Trastuzumab first", "Chemotherapy first", "No more doses"]
    assert all(cell for row in rows(calibrated) for cell in row)
    assert "Trastuzumab first" in calibrated.scenarios.headline.text
    assert calibrated.scenarios.basis.text == calibrated.results.basis.text != ""
    later = days(view, "Trastuzumab")
    calibrated.scenarios.table.cellClicked.emit(0, 1)
    assert days(view, "Trastuzumab") == [1.0, 15.0], "the first one is as it was kept"
    calibrated.scenarios.table.cellClicked.emit(1, 1)
    assert days(view, "Trastuzumab") == later
    wait_for_forecast(calibrated)
    assert faults(show_at(calibrated, 420)) == []
    calibrated.widget.parent.layout().setContentsMargins(11, 11, 11, 11)  # as around the other pages
    photograph(calibrated.widget, "HER2ImmunoModel_what_if")


def test_planned_doses_that_are_in_no_scenario_are_not_lost(calibrated):
    from HER2ImmunoModelLib.scene.scenarios import leave_scenario

    plan(calibrated, PLAN[:1])
    calibrated.scenarios.keepButton.click()
    calibrated.scenarios.removeButton.click()
    calibrated.scenarios.keepButton.click()
    leave_scenario(calibrated.parameters)
    plan(calibrated, PLAN[1:2])
    calibrated.scenarios.table.cellClicked.emit(0, 0)
    assert [row[0] for row in rows(calibrated)][:2] == ["Scenario A", "Scenario B"]
    calibrated.scenarios.table.cellClicked.emit(1, 0)
    assert days(calibrated.timeLine.view, "Chemotherapy") == [18.0]


def test_a_scenario_is_renamed_and_removed(calibrated):
    plan(calibrated)
    calibrated.scenarios.keepButton.click()
    calibrated.scenarios.table.item(0, 0).setText("Early chemotherapy")
    assert rows(calibrated)[0][0] == "Early chemotherapy"
    calibrated.scenarios.removeButton.click()
    wait_for_forecast(calibrated)
    assert [row[0] for row in rows(calibrated)] == ["On the time line", "No more doses"]
    assert days(calibrated.timeLine.view, "Chemotherapy") == [18.0, 25.0]


def test_they_are_there_again_with_the_scene(calibrated, tmp_path):
    plan(calibrated)
    calibrated.scenarios.keepButton.click()
    wait_for_forecast(calibrated)
    before, path = rows(calibrated), tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    calibrated.initializeParameterNode()
    assert rows(calibrated) == []
    slicer.util.loadScene(str(path))
    calibrated.initializeParameterNode()
    wait_for_forecast(calibrated)
    assert rows(calibrated) == before
    assert days(calibrated.timeLine.view, "Chemotherapy") == [18.0, 25.0]


def test_another_subject_has_scenarios_of_its_own(calibrated):
    from HER2ImmunoCommonLib.scene import read_cells, write_cells

    plan(calibrated)
    calibrated.scenarios.keepButton.click()
    parameters, mine = calibrated.parameters, calibrated.parameters.measurements
    theirs, own = parameters.treatments, read_cells(parameters.treatments)
    other = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Other subject")
    write_cells(*read_cells(mine), other)
    given = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Other doses")
    write_cells(["drug", "day", "dose"], [["trastuzumab", "1", "0.25"]], given)
    parameters.treatments = given
    assert calibrated.timeLine.view.line.doses != ()
    parameters.measurements = other
    wait_for_forecast(calibrated)
    assert "Scenario A" not in [row[0] for row in rows(calibrated)]
    parameters.measurements = mine
    parameters.treatments = theirs
    wait_for_forecast(calibrated)
    assert rows(calibrated)[0][0] == "Scenario A"
    assert read_cells(theirs) == own
    calibrated.scenarios.table.cellClicked.emit(0, 1)
    assert days(calibrated.timeLine.view, "Chemotherapy") == [18.0, 25.0], "no other table wrote into it"


def test_another_measurement_makes_the_expectation_void(calibrated):
    plan(calibrated)
    calibrated.scenarios.keepButton.click()
    calibrated.measurements.table.item(0, 2).setText("3")
    wait_for_forecast(calibrated)
    assert "calibrate again" in calibrated.scenarios.problem.text
    assert rows(calibrated)[0][1] == ""
    assert any(item.label == "out of date" for item in calibrated.timeLine.view.strips[0].items)


def test_the_exposure_to_the_drugs_is_drawn(calibrated, photograph):
    plan(calibrated)
    calibrated.curves.section.collapsed = False
    assert not calibrated.curves.isHidden()
    assert not calibrated.curves.plot.isHidden()
    photograph(calibrated.widget, "HER2ImmunoModel_exposure")
