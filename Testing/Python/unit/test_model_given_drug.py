"""A model of one drug is the model of the drug it is given: no two drugs are taken for each other."""

from dataclasses import replace

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, simulate
from HER2ImmunoModelLib.calibration import Subject, calibrate_pooled, forecast_check, read_calibration
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.models.descriptions import describe, from_description, read_model, write_model
from HER2ImmunoModelLib.planning import rank_schedules
from HER2ImmunoModelLib.population import calibrate_cohort
from HER2ImmunoModelLib.treatments import ClinicalDose, ClinicalSchedule, prescribe

MODEL = models.volume_model("logistic", "decaying", "mouse")
VISITS = tuple(
    Measurement(f"day {day}", float(day), {"volume_cm3": volume})
    for day, volume in ((0, 0.15), (4, 0.22), (8, 0.24), (12, 0.30))
)
RADIATION = Schedule((Dose("Radiation", 2.0), Dose("radiation", 5.0)))


def test_doses_name_the_drug():
    course = simulate(MODEL, {}, [0, 10], schedule=RADIATION)
    assert [drug.name for drug in course.model.drugs] == ["radiation"]
    generic = simulate(MODEL, {}, [0, 10], schedule=Schedule((Dose("treatment", 2.0), Dose("treatment", 5.0))))
    assert course.states["T"] == pytest.approx(generic.states["T"])
    assert course.model.parameter("lam").label == "Loss of radiation"


def test_a_known_drug_keeps_its_names_and_its_loss():
    herceptin = models.with_drug(models.volume_model("gompertz", "saturating", "human"), "Herceptin")
    assert (herceptin.drugs[0].name, herceptin.drugs[0].kind) == ("trastuzumab", "targeted")
    known = models.get("tivnh_treated", "human")
    assert herceptin.parameter("lam").default == known.parameter("lam_A").default
    assert herceptin.parameter("lam").prior < MODEL.parameter("lam").prior
    mouse = models.with_drug(models.volume_model("gompertz", "saturating", "mouse"), "trastuzumab")
    assert mouse.for_species("human").parameters == herceptin.parameters


def test_two_drugs_are_refused_wherever_they_meet():
    both = Schedule((*RADIATION.doses, Dose("trastuzumab", 3.0)))
    with pytest.raises(InputError, match="has one drug, but doses name radiation and trastuzumab"):
        simulate(MODEL, {}, [0, 10], schedule=both)
    subjects = [Subject(drug, VISITS, Schedule((Dose(drug, 1.0),))) for drug in ("radiation", "anti-pd-1")]
    with pytest.raises(InputError, match="has one drug, but doses name radiation and checkpoint_inhibitor"):
        calibrate_pooled(MODEL, subjects, prior_draws=32)
    with pytest.raises(InputError, match="has one drug"):
        calibrate_cohort(MODEL, subjects, prior_draws=32)
    with pytest.raises(InputError, match="no drug 'trastuzumab'; it has radiation"):
        simulate(models.with_drug(MODEL, "radiation"), {}, [0, 10], schedule=both)
    with pytest.raises(InputError, match="does not know yet which drug"):
        RADIATION.for_model(MODEL)
    with pytest.raises(InputError, match="has no name"):
        models.with_drug(MODEL, " ")


def test_other_models_are_left_alone():
    treated = models.get("tivnh_treated", "human")
    assert models.with_drugs(treated, ["trastuzumab", "cytotoxic"]) is treated
    assert models.with_drugs(MODEL, []) is MODEL


def test_a_calibration_remembers_its_drug(tmp_path):
    found = calibrate(MODEL, VISITS, schedule=RADIATION, prior_draws=64)
    found.save(tmp_path / "calibration.json")
    again = read_calibration(tmp_path / "calibration.json")
    assert again.model == found.model
    with pytest.raises(InputError, match="no drug 'trastuzumab'"):
        rank_schedules(again, [Schedule((Dose("trastuzumab", 12.0),), "other"), Schedule((), "none")], horizon_day=20.0)


def test_hidden_visits_are_foretold_under_the_same_drug():
    (row,) = forecast_check(MODEL, VISITS, schedule=RADIATION, hidden=1, prior_draws=64).rows
    assert (row.day, row.measured) == (12.0, 0.30)


@pytest.mark.parametrize("drug", ["treatment", "anti-CTLA 4", "radiation", "pembrolizumab"])
@pytest.mark.parametrize("treatment", ["none", "delayed", "michaelis_menten", "sinusoidal"])
def test_description_round_trip(drug, treatment, tmp_path):
    model = models.volume_model("allee", treatment, "human", drug)
    write_model(tmp_path / "model.json", model)
    again = read_model(tmp_path / "model.json")
    assert replace(again, presets={}, central_presets={}) == replace(model, presets={}, central_presets={})


def test_an_old_description_without_the_new_parts_is_read():
    description = describe(models.get("immunotherapy_decaying"))
    for row in description["drugs"]:
        for part in ("dose_half", "period", "is_open"):
            del row[part]
    assert from_description(description) == models.get("immunotherapy_decaying")


def test_doses_of_the_clinic():
    wanted = [ClinicalSchedule((ClinicalDose("pembrolizumab", 0.0, 200.0, "mg"),), "pembrolizumab")]
    open_model = models.volume_model("logistic", "decaying", "human")
    told = prescribe(wanted, open_model, Patient())
    assert told.model.drugs[0].name == "checkpoint_inhibitor"
    assert "pembrolizumab" in told.model.agents
    waves = prescribe(wanted, models.volume_model("logistic", "sinusoidal", "human"), Patient())
    assert not waves.model.agents
    assert "a course of its own for each dose" in waves.exposures[0]
    assert waves.schedules[0].doses[0].dose == pytest.approx(1.0)
    assert simulate(waves.model, {}, [0, 30], schedule=waves.schedules[0]).n_failed == 0
