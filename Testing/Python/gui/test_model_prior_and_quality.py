"""What the prior says before any data, and how well fitted and hidden numbers are told, in the panel."""

import json

import pytest
import slicer
from layout_check import faults, show_at
from model_steps import in_both_looks, run, shown


@pytest.fixture
def panel(model_panel):
    model_panel.pages.open("calibrate")
    return model_panel


def test_the_prior_is_shown_before_any_calibration(panel, host, photograph):
    view = run(panel.prior)
    assert panel.logic.calibration(panel.parameters) is None
    rows = shown(view.table)
    assert [view.table.horizontalHeaderItem(n).text() for n in range(4)][1:3] == ["Measured", "Prior\n(90 %)"]
    assert len(rows) == 15
    assert rows[0][0] == "baseline: Volume (cm³)"
    inside = sum("⚠" not in row[3] for row in rows)
    assert view.answer.text == f"{inside} of 15 measured numbers lie within the 90 % of the prior."
    assert "Doubling time at the start, without treatment" in view.notes.text
    assert view.chart.itemText(0) == "Tumour volume before any data"
    in_both_looks(panel, host, photograph, "prior")
    assert faults(show_at(panel, 420)) == []
    panel.noise.kind.choose("additive")
    assert view.stale.text == ""
    panel.prior.fromFirst.checked = True
    assert "The inputs have changed" in view.stale.text


def test_how_well_numbers_are_told_stands_below_fit_and_forecast(panel, host, photograph):
    hidden = run(panel.check)
    assert {row[1].split()[1] for row in shown(hidden.agreement)} == {"hidden"}
    assert "Calibrate first" in hidden.notes.text
    fitted = run(panel.calibration)
    rows = shown(fitted.agreement)
    assert rows[0][:2] == ["Tumour volume", "3 fitted"]
    assert all(float(row[2]) > 0.5 for row in rows)
    assert rows[0][4].endswith(" cm³")
    names = [fitted.chart.itemText(n) for n in range(fitted.chart.count)]
    assert names[0] == "Tumour volume"
    assert "Tumour volume: fitted against measured" in names
    run(panel.check)
    assert {row[1].split()[1] for row in shown(hidden.agreement)} == {"fitted", "hidden"}
    assert "Calibrate first" not in hidden.notes.text
    fitted.chart.currentIndex = names.index("Tumour volume: fitted against measured")
    at = [hidden.chart.itemText(n) for n in range(hidden.chart.count)]
    hidden.chart.currentIndex = next(n for n, name in enumerate(at) if "against measured" in name)
    in_both_looks(panel, host, photograph, "quality")
    assert faults(show_at(panel, 420)) == []
    node = panel.parameters.parameterNode.GetNodeReference("Check.quality")
    assert json.loads(node.GetAttribute("HER2Immuno.Provenance"))["settings"]["hidden_visits"] == 1


def test_a_saved_scene_shows_prior_and_quality_again(panel, tmp_path):
    run(panel.prior)
    run(panel.calibration)
    before = [shown(panel.prior.view.table), shown(panel.calibration.view.agreement), panel.prior.view.notes.text]
    path = tmp_path / "kept.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert panel.prior.view.isHidden()
    slicer.util.loadScene(str(path))
    after = [shown(panel.prior.view.table), shown(panel.calibration.view.agreement), panel.prior.view.notes.text]
    assert after == before


def test_a_prior_can_be_cancelled_and_leaves_nothing(panel):
    import qt

    panel.ui.drawsSpinBox.value = 5000
    before = slicer.mrmlScene.GetNumberOfNodes()
    qt.QTimer.singleShot(100, lambda: panel.prior.runBar.button.click())
    panel.prior.section.collapsed = False
    panel.prior.runBar.button.click()
    assert "Cancelled" in panel.prior.runBar.status.text
    assert slicer.mrmlScene.GetNumberOfNodes() == before
