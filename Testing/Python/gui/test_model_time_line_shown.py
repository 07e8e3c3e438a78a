"""What the time line of the tumour model's panel shows: limits, visits, forecast and window; its pictures."""

import os
import threading
import time
from pathlib import Path

import pytest
import slicer
from layout_check import faults, settle, show_at
from model_steps import fill
from time_line_steps import (
    at_dose,
    click,
    drag,
    hold,
    hover,
    in_lane,
    let_go,
    picture_of,
    point,
    press,
    visits,
    wait_for_forecast,
)

pytestmark = pytest.mark.usefixtures("as_in_the_application")


def test_a_broken_limit_is_marked_with_its_rule_and_source(panel, view):
    assert all(not dose.broken for dose in view.line.doses)
    before = view.grab().toImage()
    drag(view, at_dose(view, "Docetaxel", 21), in_lane(view, "Docetaxel", 10))
    broken = [dose for dose in view.line.doses if dose.broken]
    assert [(dose.drug, dose.broken[0].rule) for dose in broken] == [("docetaxel", "least interval")]
    place = at_dose(view, "Docetaxel", broken[0].day)
    hover(view, place)
    assert "Least interval: docetaxel on day" in view.toolTip
    assert "(label: Taxotere)" in view.toolTip
    assert panel.timeLine.said.look == "error"
    assert "(label: Taxotere)" in panel.timeLine.said.text
    press(view, "Key_Escape")
    assert panel.timeLine.said.text.startswith("✗ Least interval: docetaxel")
    assert view.grab().toImage() != before


def test_limits_are_checked_once_a_change_and_not_as_the_mouse_moves(panel, view, monkeypatch):
    from HER2ImmunoModelLib.scene import time_line

    checked, calls = time_line.checked_given, []
    monkeypatch.setattr(time_line, "checked_given", lambda parameters: calls.append(1) or checked(parameters))
    stop = in_lane(view, "Docetaxel", 112)
    hold(view, at_dose(view, "Docetaxel", 105), stop)
    assert calls == []
    let_go(view, stop)
    assert 1 <= len(calls) <= 2


def test_visits_and_doses_say_what_they_are(panel, view):
    visits(panel, (0.0, 42.0), vascular_fraction=0.2)
    panel.treatments.dayZero.write("2026-03-30")
    settle(panel.widget.parent)
    hover(view, at_dose(view, "Docetaxel", 21))
    assert view.toolTip.splitlines() == [
        "Docetaxel, day 21 (Mon 20 Apr 2026): 75 mg/m2, given",
        "75 mg/m2 x 1.8 m2 (assumed) = 135 mg",
    ]
    place = view.places

    hover(view, point(place.scale.x(42.0), place.visits_top + 4))
    assert view.toolTip.splitlines()[0] == "Visit day 42, day 42 (Mon 11 May 2026)"
    assert "Vascular fraction" in view.toolTip
    hover(view, point(10, place.lane_tops[0] + 5))
    assert view.toolTip == "Pertuzumab"


def test_visits_stay_while_another_is_written(panel, view):
    visits(panel, (0.0, 42.0))
    settle(panel.widget.parent)
    high = view.height
    panel.measurements.addRow()
    settle(panel.widget.parent)
    assert panel.measurements.status.look == "error"
    assert [visit.day for visit in view.line.visits] == [0.0, 42.0]
    assert view.height == high


def test_the_height_follows_the_lanes(panel, view):
    tall = view.height
    fill(panel, "neosphere_th")
    settle(panel.widget.parent)
    assert view.height < tall
    assert faults(panel.widget.parent) == []


def test_it_is_locked_while_the_work_runs(panel, view):
    panel.onRunning(True)
    assert not view.enabled
    panel.onRunning(False)
    assert view.enabled


@pytest.fixture
def calibrated(model_panel):
    """The panel after a calibration of the virtual patient."""
    model_panel.runBar.button.click()
    assert model_panel.runBar.status.look == "ok", model_panel.runBar.status.text
    show_at(model_panel, 480)
    return model_panel


def test_the_forecast_and_the_window_stand_below(calibrated):
    view = calibrated.timeLine.view
    assert [strip.title for strip in view.strips] == ["Tumour volume (cm³)", "Window"]
    assert [item.label for item in view.strips[0].legend] == ["measured, 90 %", "forecast", "50 and 90 % band"]
    assert view.line.until == 42.0
    calibrated.timeLine.state.choose("V")
    assert [strip.title for strip in view.strips] == ["Vascular fraction", "Window"]
    day = view.strips[1].items[-1].x
    assert (day[0], day[-1]) == (0.0, 42.0)
    settle(calibrated.widget.parent)
    box = view.places.axes[1].box
    hover(view, point(view.places.scale.x(30.0), box.y + box.height / 2))
    said = view.toolTip.splitlines()
    assert [line.split(":")[0] for line in said] == ["Window, day 30", "delivery q(V)", "oxygenation o(H)"]


def test_a_forecast_that_is_late_is_marked_until_it_is_there(calibrated):
    view, going, follow = calibrated.timeLine.view, threading.Event(), calibrated.live._followed
    wait_for_forecast(calibrated)

    def shown():
        return {item.label for item in view.strips[0].legend}

    def slowly(*asked):
        going.wait(60.0)
        return follow(*asked)

    calibrated.live._followed = slowly
    click(view, in_lane(view, "Trastuzumab", view.line.last_visit + 5))
    stop = time.monotonic() + 30.0
    while "out of date" not in shown() and time.monotonic() < stop:
        slicer.app.processEvents()
    assert "out of date" in shown()
    going.set()
    wait_for_forecast(calibrated)
    assert "forecast" in shown()


def test_it_is_the_same_after_the_scene_was_saved(calibrated, host, tmp_path):
    calibrated.timeLine.state.choose("H")
    view = calibrated.timeLine.view
    line, strips = view.line, view.strips
    path = str(tmp_path / "scene.mrb")
    assert slicer.util.saveScene(path)
    slicer.mrmlScene.Clear()
    assert calibrated.timeLine.view.line.doses == () or calibrated.parameters is None
    slicer.util.loadScene(path)
    calibrated.enter()
    view = calibrated.timeLine.view
    assert view.line == line
    assert [strip.title for strip in view.strips] == [strip.title for strip in strips] == ["Hypoxic fraction", "Window"]
    for old, new in zip(strips, view.strips, strict=True):
        assert [item.label for item in old.items] == [item.label for item in new.items]
        assert new.y_range == pytest.approx(old.y_range)


def test_a_dose_among_200_and_50_visits_is_dragged(panel, view):
    """A move of the mouse makes no path anew: what moves is painted over those that are there."""
    for _cycle in range(44):
        panel.timeLine.copyButton.click()
    visits(panel, tuple(20.0 * n for n in range(50)))
    assert (len(view.line.doses), len(view.line.visits)) == (200, 50)
    settle(panel.widget.parent)
    before = {dose.day for dose in view.line.doses if dose.drug == "docetaxel"}
    hold(view, at_dose(view, "Docetaxel", 84), in_lane(view, "Docetaxel", 140))
    made = view._places
    hover(view, in_lane(view, "Docetaxel", 141))
    view.grab()
    assert view._places is made
    let_go(view, in_lane(view, "Docetaxel", 140))
    (new,) = {dose.day for dose in view.line.doses if dose.drug == "docetaxel"} - before
    assert new == pytest.approx(140, abs=5)


def dark(host):
    """A dark palette."""
    from PySide6.QtGui import QColor, QPalette

    palette, role = QPalette(QColor(53, 53, 53)), QPalette.ColorRole
    palette.setColor(role.Base, QColor(35, 35, 35))
    for name in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(name, QColor(240, 240, 240))
    return palette


@pytest.mark.parametrize("width", [400, 480, 900])
def test_a_clinical_regimen_is_photographed(panel, view, host, width, tmp_path):

    import qt

    folder = Path(os.environ.get("HER2IMMUNO_PICTURES", tmp_path))
    visits(panel, (0.0, 42.0), vascular_fraction=0.2, hypoxic_fraction=0.3)
    panel.treatments.dayZero.write("2026-03-30")
    panel.patient.history.fields["lvef"].write("0: 62, 60: 45")
    light = qt.QApplication.palette()
    try:
        for name, palette in (("light", light), ("dark", dark(host))):
            qt.QApplication.setPalette(palette)
            assert picture_of(panel, width).save(str(folder / f"time-line-tchp-{width}-{name}.png"))
            assert faults(panel.widget.parent) == []
    finally:
        qt.QApplication.setPalette(light)


@pytest.mark.parametrize("width", [400, 900])
def test_a_calibrated_study_is_photographed(calibrated, width, tmp_path):

    folder = Path(os.environ.get("HER2IMMUNO_PICTURES", tmp_path))
    assert picture_of(calibrated, width).save(str(folder / f"time-line-study-{width}.png"))
    assert faults(calibrated.widget.parent) == []


@pytest.mark.parametrize("width", [400, 900])
def test_a_mouse_study_is_photographed(panel, width, tmp_path):
    folder = Path(os.environ.get("HER2IMMUNO_PICTURES", tmp_path))
    panel.modelForm.species.choose("mouse")
    fill(panel, "mouse_seq")
    visits(panel, (0.0, 3.0, 7.0), vascular_fraction=0.15)
    assert picture_of(panel, width).save(str(folder / f"time-line-mouse-{width}.png"))
    assert faults(panel.widget.parent) == []
