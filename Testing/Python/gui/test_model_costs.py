"""What treatment costs the patient, in the panel: shown with a ranking, weighed where wanted, refused where unknown."""

import json

import pytest
import slicer
from layout_check import faults, settle, show_at
from model_steps import numbers, run, shown

WIDTHS = (400, 480)
NOT_SAID = "Neutrophils and heart are not predicted, as the library has no cytotoxic; say which drug it is."


@pytest.fixture
def treated(treated):
    """The panel with a patient who was treated, judged after three months."""
    treated.ui.horizonDaySpinBox.value = 84
    return treated


def rank(panel):
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text


def costs(panel):
    """What is shown of each schedule's cost, by its name."""
    return {name: cells for name, *cells in shown(panel.results.costs)}


def test_costs_stand_below_the_ranking_and_change_nothing_of_it(treated):
    from HER2ImmunoModelLib.planning.plan import make_plan
    from HER2ImmunoModelLib.scene.inputs import gather

    treated.costs.cytotoxicIs.choose("docetaxel")
    rank(treated)
    request = gather(treated.parameters)
    plain = make_plan(request.measurements, request.settings, given=request.given, model=request.tumour_model)
    for column in ("expected", "lower_90", "upper_90", "probability_best", "regret", "gain"):
        name = column.removesuffix("_90")
        assert numbers(treated, "Result.ranking", column) == [getattr(row, name) for row in plain.ranking.rows]
    assert numbers(treated, "Result.ranking", "penalty") == [0.0] * 6
    found = costs(treated)
    assert found["No treatment"] == ["0.0", "0 %", "0 %", "0", "0.0"]
    days, falls, failure, visits, weeks = found["Trastuzumab then chemotherapy"]
    assert (failure, visits, weeks) == ("0 %", "4", "13.0")
    assert float(days) > 0
    assert falls.endswith("%")
    assert "What each schedule costs the patient" in treated.results.costsSaid.text
    assert "also counts" not in treated.results.notes.text


def test_a_weight_changes_the_order_and_is_recorded(treated):
    rank(treated)
    before = [name for name, *_cells in shown(treated.results.table)]
    treated.ui.weighVisitsSpinBox.value = 50
    assert treated.results.stale.text.startswith("⚠ The inputs have changed")
    rank(treated)
    after = [name for name, *_cells in shown(treated.results.table)]
    assert before[-1] == after[0] == "No treatment"
    assert "The order also counts what treatment costs the patient: 50 for visits (cm³ each)." in (
        treated.results.notes.text
    )
    assert costs(treated)["Chemotherapy alone"][-1] == "100"
    table = treated.parameters.parameterNode.GetNodeReference("Result.ranking")
    record = json.loads(table.GetAttribute("HER2Immuno.Provenance"))
    assert record["settings"]["burdens"]["weights"] == {"visits": 50.0}
    treated.ui.weighVisitsSpinBox.value = 0
    rank(treated)
    assert [name for name, *_cells in shown(treated.results.table)] == before


def test_the_search_weighs_what_treatment_costs(treated):
    treated.ui.iterationsSpinBox.value = 2
    treated.ui.weighVisitsSpinBox.value = 100
    view = run(treated.optimum)
    assert "in full doses: no dose" in view.answer.text
    assert "100 for visits" in view.notes.text
    assert view.costs.rowCount == view.table.rowCount


@pytest.mark.parametrize(
    ("drug", "reason"),
    [
        ("", NOT_SAID),
        ("carboplatin", "Neutrophils are not predicted, as no parameters are confirmed for carboplatin."),
        ("doxorubicin", "Neutrophils are not predicted, as no parameters are confirmed for doxorubicin."),
    ],
)
def test_what_cannot_be_predicted_is_said_and_cannot_weigh(treated, drug, reason):
    treated.costs.cytotoxicIs.choose(drug)
    assert treated.costs.remarks.text.startswith(f"⚠ {reason}")
    rank(treated)
    assert costs(treated)["Chemotherapy alone"][0] == "no forecast"
    assert reason in treated.results.warnings.text
    treated.ui.weighNeutrophilsSpinBox.value = 0.1
    treated.runBar.button.click()
    assert treated.runBar.status.look == "error"
    assert treated.runBar.status.text.startswith("✗ Days with neutrophils below 0.5 cannot weigh in, as ")
    assert reason in treated.runBar.status.text
    assert treated.runBar.status.text.endswith("Set its weight to 0, or leave the schedule out.")


def test_growth_factor_leaves_neutrophils_without_a_forecast(treated):
    treated.costs.cytotoxicIs.choose("docetaxel")
    assert "Neutrophils are not predicted" not in treated.costs.remarks.text
    treated.patient.history.ticks["growthFactor"].checked = True
    assert "no model is confirmed under growth factor" in treated.costs.remarks.text


def test_full_doses_and_mice_have_no_costs(panel, patient, load_table, treated):
    assert not treated.ui.costSection.isHidden()
    treated.ui.weighVisitsSpinBox.value = 5
    treated.modelForm.species.choose("mouse")
    assert treated.ui.costSection.isHidden()
    treated.modelForm.species.choose("human")
    load_table(panel.treatments, patient / "treatments.csv")
    assert treated.ui.costSection.isHidden()
    rank(treated)
    assert treated.results.costs.isHidden()
    assert "also counts" not in treated.results.notes.text
    table = treated.parameters.parameterNode.GetNodeReference("Result.ranking").GetTable()
    assert table.GetColumnByName("penalty") is None
    treated.scheduleForm.clinicalLimits.checked = True
    assert not treated.ui.costSection.isHidden()


def test_the_weights_have_the_unit_of_what_is_judged(treated):
    field = treated.ui.weighVisitsSpinBox
    field.value = 0.5
    assert field.text == "0.500 cm³"
    treated.scheduleForm.objective.choose("time_to_progression")
    assert field.text == "0.500 days"
    assert "worth 0.1 days of" in treated.costs.meaning.text
    treated.scheduleForm.objective.choose("probability_below")
    assert field.text == "0.500"


def test_a_saved_scene_restores_weights_and_costs(treated, tmp_path):
    treated.costs.cytotoxicIs.choose("docetaxel")
    treated.ui.weighWeeksSpinBox.value = 0.25
    rank(treated)
    before = costs(treated)
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert treated.ui.weighWeeksSpinBox.value == 0
    slicer.util.loadScene(str(path))
    assert treated.ui.weighWeeksSpinBox.value == 0.25
    assert treated.costs.cytotoxicIs.currentText == "Docetaxel"
    assert costs(treated) == before
    assert treated.results.stale.text == ""


def test_costs_are_photographed(treated, photograph):
    treated.costs.cytotoxicIs.choose("carboplatin")
    treated.ui.weighVisitsSpinBox.value = 0.1
    treated.ui.costSection.collapsed = False
    rank(treated)
    for width in WIDTHS:
        parent = show_at(treated, width)
        settle(parent)
        assert faults(parent) == [], width
        photograph(treated.widget, f"costs-{width}", width)
