"""The parameters of the model in the panel: fixed, free, following an image, and what comes of it."""

import json
import time

import pytest
import slicer
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoModelLib import calibrate, models, read_schedule
from HER2ImmunoModelLib.findings import wording
from model_steps import run, shown

LABEL, DEFAULT, PRIOR, CHOSEN = range(4)


@pytest.fixture
def panel(model_panel):
    return model_panel


def row_of(section, name):
    return next(cells for cells in shown(section.table) if f"({name})" in cells[LABEL])


def test_every_parameter_stands_there_with_unit_prior_and_source(panel):
    section = panel.parameterChoices
    model = models.get("tivnh_treated", "human")
    assert len(shown(section.table)) == len(model.parameters)
    assert row_of(section, "T0")[DEFAULT:] == ["4 cm³\nassumed", "factor 4.5", "free"]
    assert row_of(section, "mu_I")[DEFAULT].startswith("0.0361 per day per cm³")
    assert row_of(section, "e_A")[PRIOR] == "0.18 to 0.46"
    assert row_of(section, "g")[DEFAULT] == "0.044 per day\n[1]"
    assert section.sources.text.startswith("[1] Jarrett et al.")
    assert section.section.text == "Parameters: 34 free"


def test_a_parameter_that_is_fixed_is_held_and_the_results_before_are_stale(panel, patient):
    section = panel.parameterChoices
    view = run(panel.calibration)
    assert panel.calibration.view.stale.text == ""
    section.select("K")
    section.choice.fixAt("60")
    assert row_of(section, "K")[CHOSEN] == "fixed at 60"
    assert view.stale.look == "warning"
    run(panel.calibration)
    found = panel.logic.calibration(panel.parameters)
    expected = calibrate(
        models.get("tivnh_treated", "human"),
        read_csv(patient / "measurements.csv"),
        schedule=read_schedule(patient / "treatments.csv"),
        fixed={"K": 60.0},
    )
    assert found.fixed["K"] == 60.0
    assert found.best == pytest.approx(expected.best)
    assert view.basis.text.endswith(wording.basis(expected))
    assert view.basis.look == "warning"
    node = panel.parameters.parameterNode.GetNodeReference("Fit.parameters")
    assert json.loads(node.GetAttribute("HER2Immuno.Provenance"))["settings"]["fixed"] == ["K=60.0"]


def test_ranking_starts_from_the_calibration_that_is_there(panel, monkeypatch):
    from HER2ImmunoModelLib.planning import plan

    made, whole = [], plan.calibrate
    monkeypatch.setattr(plan, "calibrate", lambda *a, **k: made.append(1) or whole(*a, **k))
    run(panel.calibration)
    panel.runBar.button.click()
    assert made == [1]
    assert panel.calibration.view.stale.text == ""
    assert panel.results.basis.text == panel.calibration.view.basis.text


def test_what_cannot_be_is_said_at_its_row_and_nothing_runs(panel):
    section = panel.parameterChoices
    section.select("e_A")
    section.choice.fixAt("1.5")
    assert "1.5 is outside what it can be; give a number of 0 to 1." in row_of(section, "e_A")[LABEL]
    assert not panel.calibration.runBar.button.enabled
    assert not panel.runBar.button.enabled
    section.choice.fixAt("much")
    assert "'much' is not a number" in row_of(section, "e_A")[LABEL]
    section.freeButton.click()
    assert panel.calibration.runBar.button.enabled
    assert panel.parameters.parameterChoices == ""


def test_a_parameter_follows_a_column_of_the_table(panel):
    section = panel.parameterChoices
    section.select("v50")
    offered = [section.choice.column.itemData(n) for n in range(section.choice.column.count)]
    column = offered[0]
    section.choice.followColumn(column)
    assert row_of(section, "v50")[CHOSEN].startswith("follows ")
    assert row_of(section, "v50_slope")[CHOSEN] == "free"
    run(panel.calibration)
    found = panel.logic.calibration(panel.parameters)
    assert [(each.parameter, each.column) for each in found.model.covariates] == [("v50", column)]
    assert "v50_slope" in found.free


def test_choices_survive_a_saved_scene_and_wait_for_a_model_that_has_them(panel, tmp_path, load_module):
    section = panel.parameterChoices
    for name, value in (("K", "60"), ("eta", "0.5")):
        section.select(name)
        section.choice.fixAt(value)
    panel.treatments.removeButton.click()
    panel.modelForm.model.choose("immunotherapy_decaying")
    assert row_of(section, "K")[CHOSEN] == "fixed at 60"
    assert panel.calibration.gather(panel.parameters).settings.fixed == ("K=60.0",)
    path = tmp_path / "kept.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear()
    slicer.util.loadScene(str(path))
    panel.modelForm.model.choose("tivnh_treated")
    assert row_of(section, "eta")[CHOSEN] == "fixed at 0.5"
    assert row_of(section, "K")[CHOSEN] == "fixed at 60"


def test_the_picture_is_of_the_model_that_is_chosen_and_says_what_an_arrow_means(panel):
    picture = panel.modelPicture
    picture.resize(420, picture.minimumHeight)
    places = picture._places()
    assert {node.name for node in places.nodes if node.is_measured} == {"T", "V", "N", "H", "I"}
    x, y = places.node("H").middle
    assert picture.saidAt(x, y).startswith("Hypoxia: hypoxic fraction, H in the equations")
    path = next(p for p in places.paths if (p.arrow.source, p.arrow.target) == ("trastuzumab", "V"))
    assert picture.saidAt(*path.points.mean(axis=0)) == "Trastuzumab: raises vessels."
    panel.treatments.removeButton.click()
    panel.modelForm.model.choose("immunotherapy_decaying")
    assert [node.name for node in picture._places().nodes] == ["checkpoint_inhibitor", "T"]


def slow_fit(monkeypatch, steps=4):
    """Let a search take time, so that it can be seen."""
    from HER2ImmunoModelLib.planning import plan

    whole = plan.calibrate

    def slow(model, measurements, *, report, watch, **settings):
        for step in range(steps):
            report(0.1 * step, "Refining the best starts")
            watch({**model.defaults(), "g": 0.02 * (step + 1)})
            time.sleep(0.25)
        return whole(model, measurements, report=report, watch=watch, **settings)

    monkeypatch.setattr(plan, "calibrate", slow)


def test_the_best_course_so_far_is_seen_while_the_mode_is_searched(panel, monkeypatch):
    import qt

    slow_fit(monkeypatch)
    section, seen = panel.calibration, []
    timer = qt.QTimer(section)
    timer.setInterval(50)
    look = lambda: seen.append((section.watch.shown, [plot.isHidden() for plot in section.watch.plots]))  # noqa: E731
    timer.connect("timeout()", look)
    timer.start()
    run(section)
    timer.stop()
    assert (max(shown for shown, _hidden in seen)) >= 3
    assert seen[-1][1] == [False, False]
    assert section.watch.isHidden()
    assert section.watch.plots[1]._chart.title == "Shares of the tumour: the best course so far"


def test_a_search_that_is_watched_can_be_cancelled(panel, monkeypatch):
    import qt

    slow_fit(monkeypatch, steps=40)
    section, before = panel.calibration, slicer.mrmlScene.GetNumberOfNodes()
    qt.QTimer.singleShot(400, lambda: section.runBar.button.click())
    section.runBar.button.click()
    assert "Cancelled" in section.runBar.status.text
    assert section.watch.isHidden()
    assert slicer.mrmlScene.GetNumberOfNodes() == before
