"""How the model takes doses in units, chosen in the panel: kinds of exposure reach lines, results and the scene."""

import json

import pytest
import slicer
from layout_check import faults, settle, show_at
from model_steps import fill, numbers

WIDTHS = (400, 480)


def kinds(panel):
    """The kinds of exposure that the lines say, by drug."""
    lines = [line.removeprefix("• ").split(";")[0] for line in panel.exposures.lines.text.splitlines()]
    return dict(line.split(": ", 1) for line in lines)


def ranked(panel):
    """The expected values of the ranking."""
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
    return numbers(panel, "Result.ranking", "expected")


def test_as_suits_the_drug_unless_chosen(treated):
    boxes = treated.exposures.kinds
    assert [box.currentText for box in boxes.values()] == ["as suits the drug"] * 2
    assert kinds(treated) == {"Trastuzumab": "central", "Docetaxel": "pulse"}
    boxes["antibodyKind"].choose("relative")
    boxes["cytotoxicKind"].choose("chain 2")
    assert kinds(treated) == {"Trastuzumab": "relative", "Docetaxel": "chain"}
    assert "Docetaxel: chain; 2 stages; as chemotherapy" in treated.exposures.lines.text
    assert treated.exposures.vary.isHidden()
    assert treated.exposures.sets["trastuzumab"].isHidden()


def test_a_kind_reaches_the_ranking_and_its_record(treated):
    usual = ranked(treated)
    treated.exposures.kinds["cytotoxicKind"].choose("chain 1")
    assert treated.results.stale.text.startswith("⚠ The inputs have changed")
    assert ranked(treated) != usual
    assert "(Trastuzumab: central; Docetaxel: chain)" in treated.results.notes.text
    assert treated.logic.calibration(treated.parameters).model.drug("cytotoxic").exposure.stages == 1
    table = treated.parameters.parameterNode.GetNodeReference("Result.ranking")
    record = json.loads(table.GetAttribute("HER2Immuno.Provenance"))
    assert any(line.startswith("Docetaxel: chain") for line in record["settings"]["exposures"])
    treated.exposures.kinds["cytotoxicKind"].choose("")
    assert ranked(treated) == usual


def test_the_concentration_is_what_suits_an_antibody(treated):
    usual = ranked(treated)
    treated.exposures.kinds["antibodyKind"].choose("central")
    assert treated.results.stale.text == ""
    treated.exposures.kinds["antibodyKind"].choose("relative")
    assert treated.results.stale.text != ""
    assert ranked(treated) != usual


def test_only_drugs_that_are_followed_have_a_kind_to_choose(panel):
    assert panel.exposures.section.isHidden()
    fill(panel, "neosphere_hp")
    boxes = panel.exposures.kinds
    assert [box.isHidden() for box in boxes.values()] == [False, True]
    fill(panel, "neosphere_th")
    assert [box.isHidden() for box in boxes.values()] == [False, False]


def test_a_kind_that_cannot_be_is_said_and_can_be_changed(treated):
    treated.exposures.kinds["antibodyKind"].choose("central")
    treated.modelForm.model.choose("two_drug_logistic_death_clears")
    sentence = (
        "Trastuzumab cannot be central in two_drug_logistic_death_clears: the model integrates the drug itself; choose "
        "relative."
    )
    assert treated.exposures.lines.text == f"✗ {sentence}"
    assert treated.runBar.status.text == sentence
    assert not treated.exposures.kinds["antibodyKind"].isHidden()
    treated.exposures.kinds["antibodyKind"].choose("")
    assert kinds(treated)["Trastuzumab"] == "relative"


def test_the_search_and_the_choice_of_a_model_take_the_kind(treated):
    from HER2ImmunoModelLib.scene.inputs import gather_choice, gather_evidence, gather_optimum

    treated.parameters.tickedModels, treated.parameters.family = "tivnh_treated,two_drug_exponential_death", "ticked"
    treated.exposures.kinds["cytotoxicKind"].choose("chain 3")
    for gather in (gather_choice, gather_evidence, gather_optimum):
        assert gather(treated.parameters).tumour_model.drug("cytotoxic").exposure.stages == 3


def test_a_saved_scene_restores_the_kinds(treated, tmp_path):
    treated.exposures.kinds["antibodyKind"].choose("relative")
    treated.exposures.kinds["cytotoxicKind"].choose("chain 2")
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert [box.currentText for box in treated.exposures.kinds.values()] == ["as suits the drug"] * 2
    slicer.util.loadScene(str(path))
    assert [box.currentText for box in treated.exposures.kinds.values()] == [
        "full doses (relative)",
        "area in 2 stages (chain)",
    ]
    assert kinds(treated) == {"Trastuzumab": "relative", "Docetaxel": "chain"}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_kinds_are_photographed(treated, photograph, width):
    treated.exposures.section.collapsed = False
    treated.exposures.kinds["cytotoxicKind"].choose("chain 3")
    parent = show_at(treated, width)
    settle(parent)
    assert faults(parent) == []
    photograph(treated.widget, f"exposure-kinds-{width}", width)
