"""The volume family in the panel: picked in two steps, for the one drug of the treatment table; kept in the scene."""

import pytest
import slicer
from layout_check import faults, show_at
from model_steps import in_both_looks, run, shown

VOLUMES = "visit,day,volume_cm3\nbaseline,0,0.20\nday 4,4,0.29\nday 8,8,0.33\nday 12,12,0.38\nday 16,16,0.52\n"
ONE_DRUG = "drug,day,dose\npembrolizumab,5,1\npembrolizumab,8,1\n"


@pytest.fixture
def mouse(load_module, scene, calibrated_once, load_table, tmp_path):
    """The panel with the volumes of a mouse that was given one drug."""
    panel = load_module("HER2ImmunoModel").panel
    for section, name, text in (
        (panel.measurements, "volumes", VOLUMES),
        (panel.treatments, "given", ONE_DRUG),
    ):
        path = tmp_path / f"{name}.csv"
        path.write_text(text)
        load_table(section, path)
    panel.modelForm.species.choose("mouse")
    panel.modelForm.model.choose("volume")
    panel.ui.drawsSpinBox.value = 60
    panel.pages.open("calibrate")
    return panel


def test_growth_and_treatment_are_asked_for_only_where_the_model_has_them(mouse):
    form = mouse.modelForm
    assert (form.growth.currentText, form.treatment.currentText) == ("Logistic", "Each dose decays")
    assert not form.growth.isHidden()
    form.model.choose("immunotherapy_decaying")
    assert all(row.isHidden() for row in (form.growth, form.treatment, form.laws))
    assert mouse.parameters.model == "immunotherapy_decaying"
    form.model.choose("volume")
    form.growth.choose("gompertz")
    form.treatment.choose("michaelis_menten")
    assert mouse.parameters.model == "volume_gompertz_michaelis_menten"
    assert "dT/dt = g T ln(K/T)" in form.laws.text


def test_the_drug_is_that_of_the_table_and_results_are_of_it(mouse):
    from HER2ImmunoModelLib.scene.what_if import live_inputs
    from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose

    section = mouse.parameterChoices
    loss = next(cells for cells in shown(section.table) if "(lam)" in cells[0])
    assert loss[0] == "Loss of checkpoint inhibitor (lam)"
    assert loss[1].startswith("0.75 per day")
    assert [node.name for node in mouse.modelPicture._places().nodes] == ["checkpoint_inhibitor", "T"]
    run(mouse.calibration)
    found = mouse.logic.calibration(mouse.parameters)
    assert [drug.name for drug in found.model.drugs] == ["checkpoint_inhibitor"]
    assert not found.model.drugs[0].is_open
    dose = ClinicalDose("Pembrolizumab", 20.0, 1.0)
    planned = live_inputs(mouse.parameters, [[], [dose]])
    assert [len(each.doses) for each in planned.plans] == [0, 1]
    assert planned.plans[1].doses[0].drug == "checkpoint_inhibitor"


def test_a_second_drug_is_refused_in_words_wherever_the_model_is_seen(mouse):
    mouse.treatments.setCell(1, 0, "trastuzumab")
    sentence = (
        "This model of the tumour volume takes one drug, but the treatment table has pembrolizumab and trastuzumab"
    )
    assert mouse.modelForm.problem.text.startswith(f"✗ {sentence}")
    assert mouse.treatments.status.text.startswith(f"✗ {sentence}")
    assert not mouse.calibration.runBar.button.enabled
    assert mouse.calibration.runBar.status.text.startswith(sentence)
    assert [lane.label for lane in mouse.timeLine.view.line.lanes] == ["pembrolizumab", "Trastuzumab"]
    mouse.modelForm.model.choose("tivnh_treated")
    assert mouse.modelForm.problem.isHidden()
    assert mouse.treatments.status.look != "error"


def test_a_saved_scene_restores_the_member(mouse, tmp_path):
    mouse.modelForm.growth.choose("allee")
    mouse.modelForm.treatment.choose("ratio")
    mouse.noise.kind.choose("additive")
    mouse.noise.tails.checked = True
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert mouse.modelForm.growth.isHidden()
    slicer.util.loadScene(str(path))
    assert mouse.modelForm.model.currentText == "Tumour volume, any one drug"
    assert mouse.modelForm.growth.currentText == "Logistic with an Allee effect"
    assert mouse.modelForm.treatment.currentText.startswith("Ratio of drug to tumour")
    assert (mouse.noise.kind.currentText, mouse.noise.tails.checked) == ("by as many cm³ at any size (additive)", True)
    assert mouse.noise.section.text == "Scatter of volumes: additive, heavy tails"


def test_model_and_noise_are_photographed(mouse, photograph, host):
    mouse.noise.section.collapsed = False
    mouse.noise.kind.choose("choose")
    run(mouse.calibration)
    assert "ways in which volumes may scatter" in mouse.calibration.view.notes.text
    in_both_looks(mouse, host, photograph, "volume-family")
    assert faults(show_at(mouse, 420)) == []
    mouse.noise.kind.choose("lognormal")
    assert "The inputs have changed" in mouse.calibration.view.stale.text


def test_growth_laws_and_scatter_are_weighed_in_one_table_and_the_row_picked_is_used(
    mouse, host, photograph, monkeypatch
):
    from HER2ImmunoModelLib.scene import inputs

    section = mouse.choice
    mouse.modelForm.treatment.choose("cumulative")
    section.family.choose("terms")
    assert section.gather(mouse.parameters).models[0] == "volume_logistic_none"
    section.family.choose("growths")
    section.noises.checked = True
    asked = section.gather(mouse.parameters)
    assert (len(asked.models), asked.models[0]) == (7, "volume_exponential_cumulative")
    assert asked.each_noise
    monkeypatch.setattr(inputs, "chosen_models", lambda parameters: asked.models[:2])
    view = run(section)
    rows = shown(view.table)
    assert [view.table.horizontalHeaderItem(n).text() for n in range(3)] == ["Model", "Scatter", "AICc"]
    assert len(rows) == 10
    assert "among 2 models with each scatter" in view.answer.text
    in_both_looks(mouse, host, photograph, "choice")
    assert faults(show_at(mouse, 420)) == []
    at = next(n for n, row in enumerate(rows) if row[0].startswith("Volume, exponential") and row[1] == "additive")
    view.table.setCurrentCell(at, 0)
    section.useButton.click()
    assert (mouse.parameters.model, mouse.parameters.noise) == ("volume_exponential_cumulative", "additive")
    assert mouse.modelForm.growth.currentText == "Exponential"
    mouse.treatments.setCell(1, 0, "trastuzumab")
    assert "takes one drug" in section.runBar.status.text
