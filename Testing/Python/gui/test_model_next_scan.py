"""Which scan next, in the panel of the tumour model."""

import json

import pytest
import slicer
from HER2ImmunoModelLib import next_scan
from HER2ImmunoModelLib.findings import next_scans
from layout_check import faults, show_at
from model_steps import numbers, run, shown
from time_line_steps import click, in_lane, wait_for_forecast


def plan(panel, doses):
    for drug, day in doses:
        click(panel.timeLine.view, in_lane(panel.timeLine.view, drug, day))
    wait_for_forecast(panel)


@pytest.fixture
def calibrated(model_panel):
    """The panel after a calibration, with its What if page open."""
    model_panel.calibration.runBar.button.click()
    assert model_panel.calibration.runBar.status.look == "ok", model_panel.calibration.runBar.status.text
    model_panel.pages.open("what_if")
    show_at(model_panel, 480)
    wait_for_forecast(model_panel)
    return model_panel


def test_before_a_calibration_the_button_says_what_is_missing(model_panel):
    assert model_panel.nextScan.section.collapsed
    assert not model_panel.nextScan.runBar.button.enabled
    assert "Calibrate the model" in model_panel.nextScan.runBar.status.text


def test_the_next_scan_is_the_engine_s_and_goes_stale(calibrated, photograph):
    plan(calibrated, [("Trastuzumab", 20), ("Chemotherapy", 23)])
    calibrated.nextScan.until.write("40")
    view = run(calibrated.nextScan)
    parameters = calibrated.parameters
    from HER2ImmunoModelLib.scene.next_scan import gather_next_scan

    live = gather_next_scan(parameters).live
    found = next_scan(
        calibrated.logic.calibration(parameters),
        schedule=live.plans[0],
        given=live.given,
        horizon_day=live.span[1],
        until_day=40,
        quantities=["volume", "mri", "pet", "mri+pet"],
    )
    assert view.answer.text.replace("\u200b", "") == next_scans.answer(found)
    assert shown(view.table) == [list(cells) for cells in next_scans.cells(found)]
    assert numbers(calibrated, "NextScan.gains", "gain") == pytest.approx([row.gain for row in found.rows])
    assert max(numbers(calibrated, "NextScan.gains", "day")) == 40
    assert view.chart.itemText(0).startswith("Which scan next")
    assert not view.picture.isHidden()
    node = parameters.parameterNode.GetNodeReference("NextScan.gains")
    assert json.loads(node.GetAttribute("HER2Immuno.Provenance"))["settings"]["until_day"] == 40
    assert view.stale.text == ""
    for width in (480, 400):
        assert faults(show_at(calibrated, width)) == []
        photograph(calibrated.widget, f"HER2ImmunoModel_next_scan_{width}")
    plan(calibrated, [("Chemotherapy", 30)])
    assert "run again" in view.stale.text


def test_the_choice_among_scenarios_needs_two(calibrated, photograph):
    section = calibrated.nextScan
    section.answer.choose("scenarios")
    assert "fewer than two scenarios" in section.runBar.status.text
    assert not section.runBar.button.enabled
    plan(calibrated, [("Trastuzumab", 20)])
    calibrated.scenarios.keepButton.click()
    plan(calibrated, [("Chemotherapy", 24)])
    calibrated.scenarios.keepButton.click()
    plan(calibrated, [("Chemotherapy", 31)])
    assert section.runBar.button.enabled, section.runBar.status.text
    view = run(section)
    days = numbers(calibrated, "NextScan.gains", "day")
    assert max(days) <= 31
    assert "choose" in view.answer.text or "chosen" in view.answer.text or "choice" in view.answer.text
    assert "Best of" in view.table.horizontalHeaderItem(3).text()
    photograph(calibrated.widget, "HER2ImmunoModel_next_scan_choice")


def test_the_schedules_under_choose_can_be_asked_for(calibrated):
    calibrated.scheduleForm.candidates.choose("standard")
    calibrated.ui.startDaySpinBox.value = 20
    calibrated.nextScan.answer.choose("schedules")
    calibrated.nextScan.scans.boxes["immune"].checked = True
    view = run(calibrated.nextScan)
    scans = {row[0] for row in shown(view.table)}
    assert scans == {"Volume alone", "DCE-MRI", "FMISO-PET", "DCE-MRI and FMISO-PET", "Immune PET or biopsy"}
    assert max(numbers(calibrated, "NextScan.gains", "day")) == 20


def test_what_cannot_be_is_said_at_the_button(calibrated):
    section = calibrated.nextScan
    section.until.write("soon")
    assert "'soon'" in section.runBar.status.text
    section.until.write("")
    for box in section.scans.boxes.values():
        box.checked = False
    assert "No scan is chosen" in section.runBar.status.text
    section.scans.boxes["pet"].checked = True
    assert section.runBar.button.enabled


def test_it_can_be_cancelled(calibrated):
    import qt

    before, seen = slicer.mrmlScene.GetNumberOfNodes(), []

    def cancel():
        seen.append(calibrated.nextScan.runBar.button.text)
        calibrated.nextScan.runBar.button.click()

    qt.QTimer.singleShot(100, cancel)
    calibrated.ui.drawsSpinBox.value = 5000
    calibrated.calibration.runBar.button.click()
    seen.clear()
    before = slicer.mrmlScene.GetNumberOfNodes()
    qt.QTimer.singleShot(100, cancel)
    calibrated.nextScan.section.collapsed = False
    calibrated.nextScan.runBar.button.click()
    assert seen == ["Cancel"]
    assert calibrated.nextScan.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == before
