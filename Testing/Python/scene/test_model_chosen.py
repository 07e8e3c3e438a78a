"""The model that the panel's choices stand for: its one drug, its noise, and what makes a calibration another."""

from types import SimpleNamespace

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement

VOLUMES = {0.0: 0.20, 4.0: 0.29, 8.0: 0.33, 12.0: 0.38, 16.0: 0.52}


@pytest.fixture
def parameters(scene):
    """A mouse with a table of doses that a test fills."""
    from clinical_fields import NOTHING, PLAN
    from HER2ImmunoCommonLib.scene.tables import write_table

    measurements = scene.AddNewNodeByClass("vtkMRMLTableNode", "Mouse")
    rows = [Measurement(f"day {day:g}", day, {"volume_cm3": volume}) for day, volume in VOLUMES.items()]
    write_table(rows, measurements)
    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "HER2ImmunoModel")
    treatments = scene.AddNewNodeByClass("vtkMRMLTableNode", "Given")
    chosen = {
        "parameterNode": node,
        "measurements": measurements,
        "treatments": treatments,
        "model": "volume_logistic_decaying",
        "species": "mouse",
    }
    return SimpleNamespace(**{**NOTHING, **PLAN, **chosen})


def give(parameters, *doses):
    from HER2ImmunoModelLib import Dose, Schedule
    from HER2ImmunoModelLib.scene.given import write_treatments

    write_treatments(Schedule(tuple(Dose(*dose) for dose in doses)), parameters.treatments)


@pytest.mark.parametrize(
    ("named", "drug", "loss"),
    [
        ("trastuzumab", "trastuzumab", "Loss of trastuzumab"),
        ("Herceptin", "trastuzumab", "Loss of trastuzumab"),
        ("docetaxel", "cytotoxic", "Loss of chemotherapy"),
        ("vaccine X", "vaccine x", "Loss of vaccine x"),
    ],
)
def test_the_drug_is_what_the_table_gives_under_any_of_its_names(parameters, named, drug, loss):
    from HER2ImmunoModelLib.scene.chosen_model import chosen_model
    from HER2ImmunoModelLib.scene.inputs import gather_calibrate

    give(parameters, (named, 5.0), (named, 30.0))
    assert chosen_model(parameters).parameter("lam").label == loss
    request = gather_calibrate(parameters)
    assert request.settings.drug == drug
    assert len(request.given.for_model(request.tumour_model).doses) == 1


def test_a_drug_that_is_only_planned_is_that_of_the_model(parameters):
    from HER2ImmunoModelLib.scene.inputs import gather_calibrate

    give(parameters, ("pembrolizumab", 30.0))
    request = gather_calibrate(parameters)
    assert request.given.doses == ()
    assert request.tumour_model.drugs[0].name == "checkpoint_inhibitor"
    assert request.tumour_model.parameter("lam").default == 0.75


def test_two_drugs_are_refused_and_two_that_act_as_one_are_not(parameters):
    from HER2ImmunoModelLib.scene.chosen_model import chosen_model, drug_problem, shown_model

    give(parameters, ("trastuzumab", 5.0), ("docetaxel", 5.0))
    with pytest.raises(InputError, match="takes one drug, but the treatment table has docetaxel and trastuzumab"):
        chosen_model(parameters)
    assert drug_problem(parameters).startswith("This model of the tumour volume takes one drug")
    assert shown_model(parameters).drugs[0].is_open
    give(parameters, ("paclitaxel", 5.0), ("docetaxel", 5.0))
    assert chosen_model(parameters).drugs[0].name == "cytotoxic"
    parameters.model = "tivnh_treated"
    assert drug_problem(parameters) == ""


def test_another_noise_or_drug_is_another_calibration(parameters):
    from HER2ImmunoModelLib.scene.inputs import gather_calibrate

    def key():
        return gather_calibrate(parameters).calibration_key()

    give(parameters, ("trastuzumab", 30.0))
    keys = {key()}
    give(parameters, ("docetaxel", 30.0))
    keys.add(key())
    for noise in ("additive", "choose"):
        parameters.noise = noise
        keys.add(key())
    parameters.heavyTails = True
    keys.add(key())
    assert len(keys) == 5


def test_noise_that_the_data_choose_is_said_and_recorded_with_its_unit(parameters):
    from HER2ImmunoModelLib.scene.inputs import gather_calibrate

    parameters.noise = "choose"
    request = gather_calibrate(parameters)
    found = request.make()
    assert len(found.weighed) == 5
    assert found.calibration.bic == min(row.bic for row in found.weighed)
    findings = request.findings(found)
    assert any(text.startswith("Of 5 ways in which volumes may scatter") for text in findings.notes)
    assert findings.provenance.settings["noise"] == "choose"
    _what, (header, rows) = findings.tables["noise"]
    assert {row[header.index("unit")] for row in rows} <= {"cm3", ""}
    assert len(findings.cells) == len(found.calibration.estimates) + len(rows)


def test_members_that_are_the_same_curve_are_said_by_their_titles(parameters, monkeypatch):
    from HER2ImmunoModelLib.scene import inputs

    give(parameters, ("pembrolizumab", 5.0), ("pembrolizumab", 8.0))
    chosen = ("volume_logistic_cumulative", "volume_logistic_michaelis_menten")
    monkeypatch.setattr(inputs, "chosen_models", lambda parameters: chosen)
    request = inputs.gather_choice(parameters)
    findings = request.findings(request.make())
    assert len(findings.cells) == 1
    assert findings.notes[-1] == (
        "Volume, logistic: cumulative dose stands for Volume, logistic: Michaelis-Menten in each dose, which stays "
        "too: the same curve for these doses and visits."
    )


def test_of_many_models_the_best_are_shown_and_the_rest_is_counted(parameters, monkeypatch):
    from HER2ImmunoModelLib.findings import choice
    from HER2ImmunoModelLib.scene import inputs

    parameters.family, parameters.model = "terms", "volume_exponential_none"
    assert len(inputs.chosen_models(parameters)) == 8
    chosen = (*inputs.chosen_models(parameters)[:1], "volume_gompertz_none")
    monkeypatch.setattr(inputs, "chosen_models", lambda parameters: chosen)
    monkeypatch.setattr(choice, "MOST_SHOWN", 3)
    parameters.weighNoises = True
    request = inputs.gather_choice(parameters)
    weighed = request.make()
    findings = request.findings(weighed)
    assert (len(findings.cells), len(findings.keys), len(findings.tables["models"][1][1])) == (3, 3, 10)
    assert any(note.startswith("7 more have a weight of") for note in findings.notes)
    assert choice.chosen_of(findings.keys[0]) == (weighed[0].fit.model.name, weighed[0].fit.scatter.kind)


def test_the_prior_is_the_core_s_and_needs_no_calibration(parameters):
    from HER2ImmunoModelLib.calibration import prior_predictive
    from HER2ImmunoModelLib.scene.inputs import gather_prior

    give(parameters, ("pembrolizumab", 5.0))
    request = gather_prior(parameters)
    found = request.make()
    again = prior_predictive(
        request.tumour_model,
        found.arms[0].day,
        schedule=request.given,
        measurements=request.measurements,
        draws=60,
        seed=5,
    )
    assert [n.below for n in found.numbers] == [n.below for n in again.numbers]
    findings = request.findings(found)
    assert findings.answer.endswith("of 5 measured numbers lie within the 90 % of the prior.")
    assert [cells[0] for cells in findings.cells][:2] == ["day 0: Volume (cm³)", "day 4: Volume (cm³)"]
    keys = {gather_prior(parameters).key()}
    parameters.noise, parameters.method = "additive", "mcmc"
    keys.add(gather_prior(parameters).key())
    assert len(keys) == 1
    assert not gather_prior(parameters).samples
    parameters.priorFromFirst = True
    assert gather_prior(parameters).key() not in keys


def test_doses_in_units_are_followed_by_their_concentration_in_a_model_of_any_drug(parameters):
    from HER2ImmunoCommonLib.scene import write_cells
    from HER2ImmunoModelLib.scene.inputs import gather_calibrate

    write_cells(["drug", "day", "dose", "unit"], [["trastuzumab", "4", "6", "mg/kg"]], parameters.treatments)
    parameters.species, parameters.weightKg = "human", "70"
    request = gather_calibrate(parameters)
    assert request.settings.drug == "trastuzumab"
    assert set(request.tumour_model.agents) == {"trastuzumab"}
    assert request.given.doses[0].dose == pytest.approx(70 / 68)  # the typical patient of the library
    write_cells(["drug", "day", "dose", "unit"], [["trastuzumab", "40", "6", "mg/kg"]], parameters.treatments)
    assert set(gather_calibrate(parameters).tumour_model.agents) == {"trastuzumab"}
