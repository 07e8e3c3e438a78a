"""The patient in the panel of the tumour model: what is assumed is seen, what cannot be is said, all is kept."""

import pytest
import slicer
from layout_check import faults, settle, show_at
from model_steps import fill

WIDTHS = (400, 480)


@pytest.fixture
def panel(load_module, scene):
    panel = load_module("HER2ImmunoModel").panel
    panel.ui.patientSection.collapsed = False
    return panel


def write(panel, **texts):
    for name, text in texts.items():
        panel.patient.fields[name].write(text)


def test_what_is_assumed_stands_in_the_empty_fields(panel):
    shown = {name: field.placeholderText for name, field in panel.patient.fields.items()}
    assert shown["weightKg"] == "68 (assumed)"
    assert shown["gfrMlPerMin"] == "90 (assumed)"
    assert shown["albuminGPerDl"] == "4 (assumed)"
    assert shown["astUPerL"] == "24 (assumed)"
    assert shown["heightCm"] == shown["ageYears"] == shown["creatinineMgPerDl"] == "not known"
    assert "Body surface 1.8 m² (assumed, as weight or height is not known)" in panel.patient.said.text
    assert panel.ui.patientSection.text == "Patient: typical, nothing known"


def test_body_surface_and_gfr_follow_from_what_is_written(panel):
    write(panel, weightKg="72", heightCm="162", ageYears="60", creatinineMgPerDl="0.8")
    panel.patient.sex.choose("female")
    # Mosteller: sqrt(162 * 72 / 3600); Cockcroft-Gault: 0.85 (140 - 60) 72 / (72 * 0.8)
    assert panel.patient.said.text == "Body surface 1.8 m² (Mosteller); GFR 85 mL/min (Cockcroft-Gault)."
    assert panel.patient.fields["gfrMlPerMin"].placeholderText == "85 (Cockcroft-Gault)"
    panel.patient.sex.choose("male")
    assert "GFR 100 mL/min (Cockcroft-Gault)" in panel.patient.said.text
    panel.patient.sex.choose("")
    assert "Cockcroft-Gault for a woman, as the sex is not known" in panel.patient.said.text
    write(panel, gfrMlPerMin="140")
    assert "GFR 140 mL/min (given)" in panel.patient.said.text
    assert panel.ui.patientSection.text == "Patient: 5 of 7 numbers known"


def test_the_doses_follow_the_patient(panel):
    fill(panel, "tchp")
    tips = [panel.treatments.table.item(row, 2).toolTip() for row in range(4)]
    assert tips[1] == "8 mg/kg x 68 kg (assumed) = 544 mg"
    write(panel, weightKg="60", gfrMlPerMin="140")
    tips = [panel.treatments.table.item(row, 2).toolTip() for row in range(4)]
    assert tips[1] == "8 mg/kg x 60 kg = 480 mg"
    assert tips[3] == "AUC 6 x (125 mL/min, the cap of the label for a GFR of 140, + 25) = 900 mg"
    assert panel.treatments.status.text == (
        "⚠ The GFR of 140 mL/min counts as 125, the cap of the label of carboplatin."
    )


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("weightKg", "680", "The weight of the patient is 680 kg; give a number of 20 to 300 kg, or none."),
        ("ageYears", "-3", "The age of the patient is -3 years; give a number of 18 to 110 years, or none."),
        ("heightCm", "1.62", "The height of the patient is 1.62 cm; give a number of 100 to 230 cm, or none."),
        ("weightKg", "68,5", "The weight is '68,5', which is no number; write it as 68.5, or nothing."),
        ("albuminGPerDl", "nan", "The albumin is 'nan', which is no number; write it as 68.5, or nothing."),
    ],
)
def test_what_no_patient_has_is_said(panel, name, text, sentence):
    fill(panel, "tchp")
    write(panel, **{name: text})
    assert panel.patient.said.text == f"✗ {sentence}"
    assert panel.ui.patientSection.text == "Patient: see what is wrong"
    assert panel.limits.given.text == f"⚠ The limits are not checked: {sentence}"
    assert panel.treatments.rowSaid.text == ""
    write(panel, **{name: ""})
    assert panel.patient.said.look == "plain"
    assert panel.limits.given.look == "ok"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("lvef", "84=58", "The LVEF holds '84=58'; write day: value with commas between, as 0: 62, 84: 55."),
        ("lvef", "0: 62, 84: 580", "The LVEF on day 84 is 580 %; give a number of 5 to 90 %."),
        ("neutrophils", "0: 1500", "The neutrophil count on day 0 is 1500 x1e9/L; give a number of 0 to 100 x1e9/L."),
        ("lvefAtEntry", "low", "The LVEF at entry is 'low', which is no number; write it as 68.5, or nothing."),
        ("priorDoxorubicin", "-5", "The earlier dose of doxorubicin is -5 mg/m2; give a number of 0 to 2000 mg/m2."),
    ],
)
def test_a_wrong_history_is_said(panel, name, text, sentence):
    history = panel.patient.history
    history.section.collapsed = False
    history.fields[name].write(text)
    assert history.status.text == f"✗ {sentence}"
    history.fields[name].write("")
    assert history.status.text == ""


def test_a_mouse_has_its_weight_in_g(panel):
    panel.modelForm.species.choose("mouse")
    fields = panel.patient.fields
    assert [name for name, field in fields.items() if not field.isHidden()] == ["mouseWeightG"]
    assert fields["mouseWeightG"].placeholderText == "22.5 (assumed)"
    assert panel.patient.history.section.isHidden()
    fill(panel, "mouse_seq")
    assert panel.treatments.table.item(0, 2).toolTip() == "10 mg/kg x 0.0225 kg (assumed) = 0.225 mg"
    write(panel, mouseWeightG="20")
    assert panel.treatments.table.item(0, 2).toolTip() == "10 mg/kg x 0.02 kg = 0.2 mg"
    write(panel, mouseWeightG="250")
    assert panel.patient.said.text.startswith("✗ The weight of the mouse is 0.25 kg")
    panel.modelForm.species.choose("human")
    assert fields["mouseWeightG"].isHidden()
    assert not fields["weightKg"].isHidden()


def test_a_saved_scene_restores_the_patient(panel, tmp_path):
    write(panel, weightKg="72", gfrMlPerMin="85")
    panel.patient.sex.choose("female")
    panel.patient.liver.checked = True
    history = panel.patient.history
    history.fields["lvef"].write("0: 62, 84: 55")
    history.rule.choose("EU")
    for tick in history.ticks.values():
        tick.checked = True
    panel.treatments.dayZero.write("2026-03-30")
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert panel.patient.fields["weightKg"].text == ""
    assert not panel.patient.liver.checked
    slicer.util.loadScene(str(path))
    assert panel.patient.fields["weightKg"].text == "72"
    assert panel.patient.sex.currentText == "female"
    assert panel.patient.liver.checked
    assert history.fields["lvef"].text == "0: 62, 84: 55"
    assert history.rule.currentText == "EU label"
    assert all(tick.checked for tick in history.ticks.values())
    assert panel.parameters.exception == "trial"
    assert panel.treatments.dayZero.text == "2026-03-30"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_patient_is_photographed(panel, photograph, width):
    parent = show_at(panel, width)
    panel.patient.history.section.collapsed = False
    settle(parent)
    assert faults(parent) == []
    photograph(panel.ui.patientSection, f"patient-{width}", width)
    write(panel, weightKg="720", heightCm="162")
    panel.patient.history.fields["lvef"].write("0: 62, soon: 55")
    settle(parent)
    assert faults(parent) == []
    photograph(panel.ui.patientSection, f"patient-wrong-{width}", width)
    panel.modelForm.species.choose("mouse")
    settle(parent)
    assert faults(parent) == []
    photograph(panel.ui.patientSection, f"patient-mouse-{width}", width)
