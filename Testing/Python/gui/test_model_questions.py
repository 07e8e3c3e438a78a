"""More questions to the panel of the tumour model: evidence, forecast check, choice of model."""

import pytest
import slicer
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoModelLib import calibrate, choose_model, fisher_spectrum, forecast_check, models, read_schedule
from model_steps import numbers, run, shown


@pytest.fixture
def panel(model_panel):
    return model_panel


@pytest.fixture
def subject(patient):
    """What the panel was given, and the model that it calibrates."""
    model = models.get("tivnh_treated", "human")
    return model, read_csv(patient / "measurements.csv"), read_schedule(patient / "treatments.csv")


def test_the_default_path_shows_no_more_than_it_did(panel):
    assert [section.section.collapsed for section in panel.questions] == [True] * 5
    assert panel.ui.constraintSection.collapsed
    assert panel.ui.advancedSection.collapsed
    assert panel.modelForm.method.currentText == "Posterior mode (fast)"
    assert panel.ui.mostStepsSpinBox.isHidden()
    assert panel.ui.splitsEdit.isHidden()
    assert all(section.view.isHidden() for section in panel.questions)


def test_what_the_data_say_is_the_core_s(panel, subject, photograph):
    model, rows, given = subject
    view = run(panel.evidence)
    calibration = calibrate(model, rows, schedule=given)
    spectrum = fisher_spectrum(calibration)
    assert f"in {spectrum.informed} of {len(spectrum.free)} independent directions" in view.answer.text
    cells = shown(view.table)
    assert len(cells) == len(calibration.estimates)
    shares = [float(line[2].split(",")[0].strip("<> %")) for line in cells]
    assert shares == sorted(shares, reverse=True)
    by_data = sum(estimate.set_by == "data" for estimate in calibration.estimates.values())
    assert sum(line[2].endswith(", data") for line in cells) == by_data
    assert cells[0][0] == "Tumour volume at the start (cm³)"
    assert numbers(panel, "Evidence.spectrum", "eigenvalue") == pytest.approx(spectrum.eigenvalue.tolist())
    assert not view.picture.isHidden()
    photograph(panel.widget, "HER2ImmunoModel-evidence")


def test_the_scatter_of_the_measurements_is_estimated_where_wanted(panel, subject, photograph):
    model, rows, given = subject
    assert "scatter" not in run(panel.evidence).notes.text
    panel.noise.scale.checked = True
    view = run(panel.evidence)
    noise = calibrate(model, rows, schedule=given, noise_scale=True).noise
    assert f"The measurements scatter {noise.value:.2g} (90 % {noise.lower:.2g}" in view.notes.text
    node = panel.parameters.parameterNode.GetNodeReference("Evidence.parameters")
    assert '"noise_scale": true' in node.GetAttribute("HER2Immuno.Provenance")
    panel.ui.advancedSection.collapsed = False
    panel.noise.section.collapsed = False
    photograph(panel.widget, "HER2ImmunoModel-advanced")


def test_the_profile_is_of_the_parameter_chosen(panel, photograph):
    titles = [panel.evidence.parameter.itemText(n) for n in range(panel.evidence.parameter.count)]
    assert titles[0] == "the parameter the data say most of"
    panel.evidence.parameter.choose("k_P")
    view = run(panel.evidence)
    assert "is set by the prior" in view.chart.itemText(0)
    assert "the prior is needed to bound it" in view.notes.text
    profile = panel.parameters.parameterNode.GetNodeReference("Evidence.profile")
    assert profile.GetTable().GetValueByName(0, "parameter").ToString() == "k_P"
    assert min(numbers(panel, "Evidence.profile", "deviance")) == 0
    view.chart.currentIndex = 1
    photograph(panel.widget, "HER2ImmunoModel-spectrum")
    panel.treatments.removeButton.click()
    panel.modelForm.model.choose("immunotherapy_decaying")
    assert panel.parameters.profileParameter == ""


def test_a_calibration_is_made_once_for_the_same_inputs(panel, monkeypatch):
    from HER2ImmunoModelLib.planning import plan

    made = []
    whole = plan.calibrate
    monkeypatch.setattr(plan, "calibrate", lambda *a, **k: made.append(1) or whole(*a, **k))
    run(panel.evidence)
    panel.runBar.button.click()
    assert made == [1]
    panel.ui.seedSpinBox.value = 3
    panel.runBar.button.click()
    assert made == [1, 1]


def test_the_forecast_check_is_the_core_s(panel, subject, photograph):
    model, rows, given = subject
    view = run(panel.check)
    check = forecast_check(model, rows, hidden=1, schedule=given, draws=60)
    inside = sum(row.inside for row in check.rows)
    assert view.answer.text.startswith(f"{inside} of {len(check.rows)} hidden numbers (day 14) lie within")
    assert numbers(panel, "Check.rows", "median") == [row.median for row in check.rows]
    assert shown(view.table)[0][:3] == ["Tumour volume", "–", "–"]
    assert "With one hidden number there is no CCC or PCC" in view.notes.text
    photograph(panel.widget, "HER2ImmunoModel-check")
    panel.ui.hiddenSpinBox.value = 2
    assert view.stale.look == "warning"
    assert all(line[1] != "–" for line in shown(run(panel.check).table))
    assert view.stale.text == ""


def test_hiding_every_visit_is_refused_with_a_sentence(panel):
    panel.ui.hiddenSpinBox.value = 3
    panel.check.runBar.button.click()
    assert "✗ Hiding 3 of 3 visits cannot check a forecast" in panel.check.runBar.status.text
    assert panel.check.view.isHidden()


def test_the_model_picked_becomes_the_model_of_the_panel(panel, subject, photograph):
    _model, rows, given = subject
    names = ("two_drug_logistic_growth", "two_drug_logistic_death_potentiates_keeps", "two_drug_exponential_death")
    panel.parameters.tickedModels = ",".join(names)
    panel.choice.family.choose("ticked")
    view = run(panel.choice)
    family = [models.get(name, "human") for name in names]
    weighed = choose_model(family, rows, schedule=given)
    assert [line[0] for line in shown(view.table)] == [models.get(row.model).title for row in weighed]
    assert numbers(panel, "Choice.models", "bic_weight") == pytest.approx([row.bic_weight for row in weighed])
    photograph(panel.widget, "HER2ImmunoModel-models")
    view.table.setCurrentCell(1, 0)
    panel.choice.useButton.click()
    assert panel.parameters.model == weighed[1].model
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
    assert "Trastuzumab then doxorubicin" in [line[0] for line in shown(panel.results.table)]


def test_models_are_ticked_one_by_one(panel, photograph):
    assert panel.choice.list.isHidden()
    panel.choice.family.choose("ticked")
    assert not panel.choice.list.isHidden()
    panel.choice.section.collapsed = False
    boxes = panel.choice.ticked.boxes
    boxes["two_drug_exponential_death"].checked = True
    assert not panel.choice.runBar.button.enabled
    assert "tick two models or more" in panel.choice.runBar.status.text
    boxes["two_drug_exponential_growth"].checked = True
    photograph(panel.widget, "HER2ImmunoModel-ticked")
    assert len(shown(run(panel.choice).table)) == 2
    assert panel.parameters.tickedModels == "two_drug_exponential_growth,two_drug_exponential_death"


def test_models_of_other_numbers_cannot_be_weighed(panel):
    panel.parameters.tickedModels = "tivnh_treated,two_drug_exponential_death"
    panel.choice.family.choose("ticked")
    panel.choice.runBar.button.click()
    assert "were not calibrated to the same numbers" in panel.choice.runBar.status.text


def test_a_saved_scene_restores_choices_and_findings_of_every_section(panel, tmp_path):
    choose = {"evidence": ("parameter", "g"), "optimum": ("risk", "cvar")}
    for section, (box, value) in choose.items():
        getattr(getattr(panel, section), box).choose(value)
    panel.choice.family.choose("immunotherapy")
    panel.choice.family.choose("ticked")
    panel.parameters.tickedModels = "two_drug_exponential_growth,two_drug_exponential_death"
    panel.ui.hiddenSpinBox.value = 2
    views = [run(section) for section in panel.questions]
    before = [(view.answer.text, shown(view.table), view.chart.count) for view in views]
    names = sorted(node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLTableNode"))
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert all(view.isHidden() for view in views)
    assert panel.ui.hiddenSpinBox.value == 1
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert [(view.answer.text, shown(view.table), view.chart.count) for view in views] == before
    assert sorted(node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLTableNode")) == names
    assert panel.ui.hiddenSpinBox.value == 2
    assert panel.evidence.parameter.currentText.endswith("(g)")
    assert panel.optimum.risk.currentText == "Mean of the worst tenth (CVaR)"
    assert panel.choice.family.currentText == "Models ticked below"
    assert not any(view.stale.text for view in views)
    assert all(not view.picture.isHidden() for view in views)
