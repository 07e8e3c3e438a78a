"""Candidates, limits and the search of the best schedule in the panel of the tumour model."""

import json

import pytest
import slicer
from model_steps import numbers, run


@pytest.fixture
def panel(model_panel):
    return model_panel


def test_every_order_gap_and_split_is_ranked(panel, photograph):
    panel.scheduleForm.candidates.choose("order_gap_split")
    assert not panel.ui.splitsEdit.isHidden()
    panel.ui.splitsEdit.text = "1, 2"
    panel.ui.intervalsEdit.text = "4"
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
    assert len(numbers(panel, "Result.ranking", "expected")) > 100
    assert panel.results.table.rowCount == 11
    assert "schedules are shown" in panel.results.notes.text
    photograph(panel.widget, "HER2ImmunoModel-candidates")
    panel.ui.splitsEdit.text = "1, two"
    assert "is not a list of numbers" in panel.runBar.status.text
    assert not panel.runBar.button.enabled


def test_the_best_schedule_keeps_the_limits(panel, photograph):
    panel.ui.weekdaysCheckBox.checked = True
    panel.ui.totalCytotoxicSpinBox.value = 1.5
    panel.ui.largestTrastuzumabSpinBox.value = 0.75
    panel.ui.shortestIntervalSpinBox.value = 3
    panel.ui.constraintSection.collapsed = False
    panel.optimum.risk.choose("cvar")
    view = run(panel.optimum)
    table = panel.parameters.parameterNode.GetNodeReference("Optimum.doses").GetTable()
    doses = [[table.GetValue(row, c).ToString() for c in range(3)] for row in range(table.GetNumberOfRows())]
    assert doses
    assert all((int(float(day))) % 7 < 5 for _drug, day, _dose in doses)
    assert sum(float(dose) for drug, _day, dose in doses if drug == "cytotoxic") <= 1.5
    assert all(float(dose) <= 0.75 for drug, _day, dose in doses if drug == "trastuzumab")
    assert all(float(dose) <= 1 for drug, _day, dose in doses)
    assert "worst tenth" in view.notes.text
    photograph(panel.widget, "HER2ImmunoModel-optimum")


def test_the_trade_with_the_drugs_is_a_front(panel, photograph):
    panel.optimum.against.choose("toxicity")
    assert not panel.ui.weightTrastuzumabSpinBox.isHidden()
    panel.ui.weightTrastuzumabSpinBox.value = 0.5
    panel.ui.toxicityBudgetSpinBox.value = 30
    panel.ui.iterationsSpinBox.value = 1
    view = run(panel.optimum)
    burden, loss = numbers(panel, "Optimum.front", "toxicity"), numbers(panel, "Optimum.front", "loss")
    assert burden == sorted(burden)
    assert loss == sorted(loss, reverse=True)
    assert burden[-1] <= 30
    front = panel.parameters.parameterNode.GetNodeReference("Optimum.front")
    provenance = json.loads(front.GetAttribute("HER2Immuno.Provenance"))
    assert provenance["settings"]["weights"] == {"trastuzumab": 0.5, "cytotoxic": 1.0}
    assert view.chart.itemText(0) == "What more drug buys"
    photograph(panel.widget, "HER2ImmunoModel-front")


def test_a_dose_every_allowed_day_can_be_searched(panel):
    panel.optimum.search.choose("daily")
    panel.ui.weekdaysCheckBox.checked = True
    view = run(panel.optimum)
    days = numbers(panel, "Optimum.doses", "day")
    assert len(days) > 4
    assert all(day % 7 < 5 for day in days)
    assert "Optimised, in full doses" in view.answer.text


def test_a_daily_search_with_an_interval_is_refused(panel):
    panel.optimum.search.choose("daily")
    panel.ui.shortestIntervalSpinBox.value = 3
    assert not panel.optimum.runBar.button.enabled
    assert "cannot keep a shortest interval" in panel.optimum.runBar.status.text
    panel.ui.shortestIntervalSpinBox.value = 0
    assert panel.optimum.runBar.button.enabled


def test_cancelling_a_section_leaves_the_scene_and_frees_the_panel(panel):
    import qt

    panel.ui.iterationsSpinBox.value = 500
    before, seen = slicer.mrmlScene.GetNumberOfNodes(), []

    def cancel():
        bar = panel.optimum.runBar
        seen.append((bar.button.text, bar.button.enabled, panel.ui.scheduleSection.enabled, panel.runBar.enabled))
        seen.append([section.runBar.enabled for section in panel.questions])
        bar.button.click()

    qt.QTimer.singleShot(300, cancel)
    panel.optimum.section.collapsed = False
    panel.optimum.runBar.button.click()
    assert seen == [("Cancel", True, False, False), [False, False, False, False, True]]
    assert panel.optimum.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    assert panel.ui.scheduleSection.enabled
    assert panel.runBar.enabled
    assert all(section.runBar.enabled for section in panel.questions)
