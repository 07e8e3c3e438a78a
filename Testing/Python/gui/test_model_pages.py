"""The five pages of the panel of the tumour model, below the time line that stays."""

import pytest
import slicer
from layout_check import faults, settle, show_at

PAGES = ("visits", "calibrate", "what_if", "choose", "report")


def seen(panel):
    """Names of the pages that are not hidden."""
    return [page.name for page in panel.pages.pages if not page.body.isHidden()]


def test_one_page_is_seen_and_a_click_on_a_tab_opens_another(model_panel):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    show_at(model_panel, 480)
    assert seen(model_panel) == ["visits"]
    bar = model_panel.pages
    assert [bar.tabText(n) for n in range(bar.count)] == ["Visits", "Calibrate", "What if", "Choose", "Report"]
    place = bar.tabRect(3).center()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert seen(model_panel) == ["choose"]
    assert model_panel.parameters.page == "choose"


def test_a_saved_scene_opens_the_page_it_was_left_on(model_panel, tmp_path):
    model_panel.pages.open("calibrate")
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    model_panel.initializeParameterNode()
    assert seen(model_panel) == ["visits"]
    slicer.util.loadScene(str(path))
    model_panel.initializeParameterNode()
    assert seen(model_panel) == ["calibrate"]


def test_a_page_that_a_newer_scene_names_is_the_first(model_panel):
    model_panel.parameters.page = "of a later version"
    assert seen(model_panel) == ["visits"]


@pytest.mark.parametrize("width", [420, 700])
def test_nothing_of_a_page_is_cut_or_over_another(model_panel, width):
    for page in PAGES:
        model_panel.pages.open(page)
        assert faults(show_at(model_panel, width)) == [], page


def test_the_panel_is_as_high_as_its_page(model_panel):
    parent = show_at(model_panel, 480)
    high = parent.height
    model_panel.pages.open("report")
    settle(parent)
    assert parent.height < high
    model_panel.pages.open("visits")
    settle(parent)
    assert parent.height == high


def test_a_ranking_without_a_calibration_fills_the_page_of_that_too(model_panel):
    model_panel.runBar.button.click()
    assert model_panel.runBar.status.look == "ok", model_panel.runBar.status.text
    assert model_panel.calibration.view.answer.text
    assert model_panel.calibration.view.stale.text == ""
    assert model_panel.calibration.view.basis.text == model_panel.results.basis.text
