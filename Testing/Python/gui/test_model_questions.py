"""More questions to the panel of the tumour model: full posterior, evidence, forecast check, models, schedules."""

import json
import sys

import pytest
import slicer
from HER2ImmunoCommonLib.measurements import read_csv, write_csv
from HER2ImmunoModelLib import (
    calibrate,
    choose_model,
    fisher_spectrum,
    forecast_check,
    models,
    read_schedule,
    write_schedule,
)
from HER2ImmunoModelLib.phantom.course import measured_course
from HER2ImmunoModelLib.phantom.presets import HUMAN


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """Folder with the tables of a virtual patient."""
    folder = tmp_path_factory.mktemp("tables")
    rows, given = measured_course(HUMAN, 0)
    write_csv(rows, folder / "measurements.csv")
    write_schedule(folder / "treatments.csv", given)
    return folder


@pytest.fixture
def panel(load_module, scene, patient):
    """The panel with both tables read from their files and little to compute."""
    panel = load_module("HER2ImmunoModel").panel
    for section, name in ((panel.measurements, "measurements"), (panel.treatments, "treatments")):
        section.file.edit.currentPath = str(patient / f"{name}.csv")
        section.file.button.click()
    panel.ui.drawsSpinBox.value = 60
    panel.ui.horizonDaySpinBox.value = 42
    panel.ui.iterationsSpinBox.value = 2
    return panel


@pytest.fixture
def subject(patient):
    """What the panel was given, and the model that it calibrates."""
    model = models.get("tivnh_treated", "human")
    return model, read_csv(patient / "measurements.csv"), read_schedule(patient / "treatments.csv")


def run(section):
    """Open a section and click its button."""
    section.section.collapsed = False
    section.runBar.button.click()
    assert section.runBar.status.look == "ok", section.runBar.status.text
    return section.view


def shown(table):
    return [[table.item(row, c).text() for c in range(table.columnCount)] for row in range(table.rowCount)]


def numbers(panel, role, column):
    table = panel.parameters.parameterNode.GetNodeReference(role).GetTable()
    return [table.GetValueByName(row, column).ToDouble() for row in range(table.GetNumberOfRows())]


def test_the_default_path_shows_no_more_than_it_did(panel):
    assert [section.section.collapsed for section in panel.questions] == [True] * 4
    assert panel.ui.constraintSection.collapsed
    assert panel.ui.advancedSection.collapsed
    assert panel.method.currentText == "Posterior mode (fast)"
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
    volume = next(line for line in cells if line[0] == "Tumour volume at the start")
    assert volume[1].endswith(" cm³")
    assert numbers(panel, "Evidence.spectrum", "information") == pytest.approx(spectrum.eigenvalue.tolist())
    assert not view.picture.isHidden()
    photograph(panel.widget, "HER2ImmunoModel-evidence")


def test_the_profile_is_of_the_parameter_chosen(panel, photograph):
    titles = [panel.evidence.parameter.itemText(n) for n in range(panel.evidence.parameter.count)]
    assert titles[0] == "the parameter the data say most of"
    panel.evidence.parameter.choose("k_P")
    view = run(panel.evidence)
    assert "is set by the prior" in view.chart.itemText(0)
    assert "the prior is needed to bound it" in view.notes.text
    profile = panel.parameters.parameterNode.GetNodeReference("Evidence.profile")
    assert profile.GetTable().GetColumnName(0) == "k_P"
    assert min(numbers(panel, "Evidence.profile", "deviance")) == 0
    view.chart.currentIndex = 1
    photograph(panel.widget, "HER2ImmunoModel-spectrum")
    panel.treatments.removeButton.click()
    panel.model.choose("immunotherapy_decaying")
    assert panel.parameters.profileParameter == ""


def test_a_calibration_is_made_once_for_the_same_inputs(panel, monkeypatch):
    from HER2ImmunoModelLib import plan

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
    assert view.answer.text.startswith(f"{inside} of {len(check.rows)} hidden numbers (day_14) lie within")
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


def test_every_order_gap_and_split_is_ranked(panel, photograph):
    panel.candidates.choose("order_gap_split")
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
        seen.append((bar.button.text, bar.button.enabled, panel.ui.inputs.enabled, panel.runBar.enabled))
        seen.append([section.runBar.enabled for section in panel.questions])
        bar.button.click()

    qt.QTimer.singleShot(300, cancel)
    panel.optimum.section.collapsed = False
    panel.optimum.runBar.button.click()
    assert seen == [("Cancel", True, False, False), [False, False, False, True]]
    assert panel.optimum.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    assert panel.ui.inputs.enabled
    assert panel.runBar.enabled
    assert all(section.runBar.enabled for section in panel.questions)


def test_the_sampler_is_asked_for_and_can_be_declined(panel, monkeypatch):
    import slicer.packaging

    asked = []

    def decline(requirements, **options):
        asked.append((requirements, options["requester"]))
        raise RuntimeError("User declined package installation")

    monkeypatch.setattr(slicer.packaging, "pip_ensure", decline)
    panel.runBar.button.click()
    assert asked == []
    panel.method.choose("mcmc")
    panel.runBar.button.click()
    assert asked == [("emcee>=3.1,<4", "HER2 Immuno Model")]
    assert "needs the package emcee, which was not installed; choose the posterior mode" in panel.runBar.status.text
    assert panel.results.stale.look == "warning"
    panel.method.choose("map")
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok"


def test_a_sampler_that_is_not_there_after_all_is_said(panel, monkeypatch):
    import slicer.packaging

    monkeypatch.setattr(slicer.packaging, "pip_ensure", lambda requirements, **options: None)
    monkeypatch.setitem(sys.modules, "emcee", None)
    panel.method.choose("mcmc")
    panel.runBar.button.click()
    assert "Sampling needs the Python package emcee" in panel.runBar.status.text
    assert panel.results.isHidden()


def test_a_run_that_has_not_converged_says_so_in_red_and_in_its_nodes(panel, monkeypatch, photograph, tmp_path):
    import slicer.packaging

    asked = []
    monkeypatch.setattr(slicer.packaging, "pip_ensure", lambda requirements, **options: asked.append(requirements))
    panel.method.choose("mcmc")
    panel.ui.mostStepsSpinBox.value = 100
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
    assert asked == ["emcee>=3.1,<4"]
    alarm = panel.results.alarm
    assert alarm.look == "error"
    assert "NOT converged" in alarm.text
    for word in ("acceptance", "autocorrelation time", "effective draws", "R-hat"):
        assert word in panel.results.notes.text
    node = panel.parameters.parameterNode
    for role in ("Result.ranking", "Result.parameters", "Result.sampling", "Result.chart.0", "Calibration"):
        assert node.GetNodeReference(role).GetName().endswith("(NOT converged)")
        assert "NOT converged" in node.GetNodeReference(role).GetDescription()
    assert max(numbers(panel, "Result.sampling", "r_hat")) > 1.02
    photograph(panel.widget, "HER2ImmunoModel-not-converged")
    run(panel.evidence)  # from the same calibration: the sampler is not run again
    assert asked == ["emcee>=3.1,<4"]
    assert panel.evidence.view.alarm.look == "error"
    said = alarm.text
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert panel.results.isHidden()
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert panel.results.alarm.text == said
    assert panel.logic.calibration(panel.parameters).sampling.steps == 100


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
    assert panel.optimum.risk.currentText == "The mean of the worst tenth (CVaR)"
    assert panel.choice.family.currentText == "Models ticked below"
    assert not any(view.stale.text for view in views)
    assert all(not view.picture.isHidden() for view in views)


@pytest.fixture
def animals(tmp_path):
    """A volume table of three mice in two groups, and what each group was given."""
    rows = [
        ("control", "m1", (50, 80, 130)),
        ("treated", "m2", (60, 70, 60)),
        ("treated", "m3", (40, 45, 38)),
    ]
    lines = [f"{group},{name},{7 * n},{v},5" for group, name, volumes in rows for n, v in enumerate(volumes)]
    (tmp_path / "volumes.csv").write_text("\n".join(["group,animal,day,volume_mm3,sd", *lines]))
    (tmp_path / "given.csv").write_text("group,drug,day\ntreated,trastuzumab,1\ntreated,doxorubicin,4\n")
    return tmp_path


def load(section, path):
    section.file.edit.currentPath = str(path)
    section.file.button.click()


def test_an_animal_of_a_volume_table_is_chosen_with_the_treatment_of_its_group(panel, animals):
    panel.model.choose("two_drug_logistic_death")
    load(panel.measurements, animals / "volumes.csv")
    assert panel.measurements.status.text == "✓ 3 animals loaded; choose one under Table."
    assert shown(panel.measurements.table)[0][:3] == ["day 0", "0", "0.05"]
    load(panel.treatments, animals / "given.csv")
    assert panel.parameters.treatments.GetName() == "Treatment of control"
    assert panel.treatments.table.rowCount == 0
    panel.ui.measurementSelector.setCurrentNode(slicer.util.getNode("treated m3"))
    assert panel.parameters.treatments.GetName() == "Treatment of treated"
    assert panel.treatments.table.rowCount == 2
    panel.ui.horizonDaySpinBox.value = 40
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text


def test_bad_tables_of_animals_are_said_and_leave_no_table(panel, animals):
    before = slicer.mrmlScene.GetNumberOfNodes()
    load(panel.treatments, animals / "given.csv")
    assert "load the volume table of the animals first" in panel.treatments.status.text
    (animals / "bad.csv").write_text("animal,day,volume_mm3\nm1,0,50\nm1,7,big\n")
    load(panel.measurements, animals / "bad.csv")
    assert "✗ bad.csv, row 3, column volume_mm3 holds 'big'" in panel.measurements.status.text
    assert slicer.mrmlScene.GetNumberOfNodes() == before
