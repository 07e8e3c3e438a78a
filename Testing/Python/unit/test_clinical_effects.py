"""From doses of the clinic to a tumour model: kinds, sizes in full doses, and a line for each drug that says so."""

import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import (
    Dose,
    LargestDose,
    Schedule,
    TotalDose,
    ToxicityBudget,
    calibrate,
    choose_model,
    models,
    optimize_schedule,
    rank_schedules,
    read_calibration,
    simulate,
)
from HER2ImmunoModelLib.calibration.more_drugs import with_model
from HER2ImmunoModelLib.drugs.compartments import Infusions
from HER2ImmunoModelLib.drugs.exposures import course_of, reference_concentration
from HER2ImmunoModelLib.drugs.individuals import individual, typical_patient
from HER2ImmunoModelLib.drugs.library import find_drug
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.models.choosing_kinds import with_own_kind
from HER2ImmunoModelLib.simulation.exposure_curves import curves
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose, resolve
from HER2ImmunoModelLib.treatments.effects import ExposureChoice, Known, Treatment, clinical_model, model_schedule
from HER2ImmunoModelLib.treatments.pharmacokinetics import dose_table, mean_loss

HUMAN = models.get("tivnh_treated", "human")
H = [ClinicalDose("trastuzumab", 0, 8, "mg/kg"), *(ClinicalDose("h", 21.0 * i, 6, "mg/kg") for i in range(1, 9))]
VISITS = (
    Measurement("a", 0, {"volume_cm3": 4.0, "vascular_fraction": 0.12, "hypoxic_fraction": 0.2}),
    Measurement("b", 14, {"volume_cm3": 3.0, "vascular_fraction": 0.16, "hypoxic_fraction": 0.15}),
    Measurement("c", 28, {"volume_cm3": 2.0, "vascular_fraction": 0.2, "hypoxic_fraction": 0.1}),
)
FEW = {"prior_draws": 64, "free": ["g", "e_A", "T0", "V0"]}


def taken(doses, model=HUMAN, choice=None, patient=None):
    """What a simulation takes of doses."""
    patient = patient or Patient(species=model.species)
    return model_schedule(resolve(doses, patient, model.species), model, choice, patient)


def exposure(treatment, name, days):
    """Exposure to an agent on days."""
    doses = dose_table(treatment.model, [treatment.schedule.for_model(treatment.model)], 0.0, days[-1] + 1.0)
    found = curves(treatment.model, treatment.model.defaults(), doses, 0.0, 1)
    row = np.zeros(days.size, dtype=int)
    return found.at(found.place(row, row, np.searchsorted(doses.stop[0], days, side="right"), days), 0.0)[name]


def test_the_effect_of_trastuzumab_is_near_its_ceiling_at_steady_state():
    """Specification: .86 at the trough of 53.8 mg/L, .95 at the peak, as pCR does not depend on the trough."""
    treatment = taken(H)
    trough, peak = exposure(treatment, "trastuzumab", np.array([167.99999, 168.0]))
    half = treatment.model.defaults()["C50_A"]
    assert half == 0.068
    assert trough * 132 == pytest.approx(53.8, rel=0.02)
    assert trough / (trough + half) == pytest.approx(0.86, abs=0.01)
    assert peak / (peak + half) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("weight_kg", [50.0, 68.0, 95.0])
def test_an_exposure_is_the_concentration_of_the_library(weight_kg):
    patient, drug = Patient(weight_kg=weight_kg), find_drug("trastuzumab")
    days = np.linspace(0, 180, 361)
    found = exposure(taken(H, patient=patient), "trastuzumab", days)
    doses = resolve(H, patient)
    given = Infusions([dose.day for dose in doses], [dose.amount for dose in doses], 0.0)
    expected = course_of(individual(drug, patient), given, days).concentration[0] / reference_concentration(drug)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("dose", "size"),
    [
        (("docetaxel", 75, "mg/m2"), 1.0),
        (("docetaxel", 100, "mg/m2"), 4 / 3),
        (("paclitaxel", 80, "mg/m2"), 1.0),
        (("paclitaxel", 175, "mg/m2"), (175 / 80) ** 1.33),
        (("carboplatin", 6, "AUC"), 1.0),
        (("carboplatin", 2, "AUC"), 1 / 3),
        (("doxorubicin", 60, "mg/m2"), 1.0),
        (("epirubicin", 100, "mg/m2"), 10 / 9),
    ],
)
def test_a_cytotoxic_is_a_pulse_by_its_area(dose, size):
    treatment = taken([ClinicalDose(dose[0], 3.0, *dose[1:])])
    (given,) = treatment.schedule.doses
    assert (given.drug, given.day, given.dose) == ("cytotoxic", 3.0, pytest.approx(size, rel=1e-12))
    assert treatment.model.drug("cytotoxic").exposure.own == "pulse"


def test_a_full_dose_of_a_linear_drug_is_the_relative_one_to_the_last_bit():
    pulse = taken([ClinicalDose("doxorubicin", 1.0, 60, "mg/m2"), ClinicalDose("doxorubicin", 22.0, 60, "mg/m2")])
    plain = Schedule((Dose("doxorubicin", 1.0), Dose("doxorubicin", 22.0)))
    first = simulate(pulse.model, {}, [0, 5, 42], schedule=pulse.schedule)
    second = simulate(HUMAN, {}, [0, 5, 42], schedule=plain)
    for name in first.states:
        np.testing.assert_array_equal(first.states[name], second.states[name])


def test_chosen_relative_it_is_todays_model():
    choice = ExposureChoice(kinds={"trastuzumab": "relative", "docetaxel": "relative"})
    treatment = taken(
        [*H[:2], ClinicalDose("docetaxel", 1.0, 75, "mg/m2")], choice=choice, patient=Patient(weight_kg=50)
    )
    assert treatment.model == HUMAN
    sizes = [dose.dose for dose in treatment.schedule.doses]
    np.testing.assert_allclose(sizes, [8 / 6, 1.0, 1.0], rtol=1e-12)


def test_every_drug_has_a_line_with_its_kind_numbers_and_basis():
    doses = [*H[:1], ClinicalDose("pertuzumab", 0, 840, "mg"), ClinicalDose("t-dm1", 21, 3.6, "mg/kg")]
    said = taken([*doses, ClinicalDose("docetaxel", 0, 75, "mg/m2")]).said
    assert len(said) == 4
    assert all(part in said[0] for part in ("Trastuzumab: central", "ebc", "132 mg/L", "C50_A 0.068", "8.92/132"))
    assert "w_trastuzumab_pertuzumab 1 (assumed)" in said[1]
    assert "w_cytotoxic_t_dm1 1 (assumed)" in said[2]
    assert all(part in said[3] for part in ("Docetaxel: pulse", "C50_P 0.3", "lam_P 0.7 1/day (assumed)"))


def test_a_conjugate_acts_twice_and_is_dosed_once():
    treatment = taken([ClinicalDose("kadcyla", 0, 3.6, "mg/kg")])
    assert [dose.drug for dose in treatment.schedule.doses] == ["t-dm1"]
    fed = [drug.name for drug in treatment.model.drugs if drug.exposure.agents]
    assert fed == ["trastuzumab", "cytotoxic"]
    off = dict.fromkeys(("w_trastuzumab_t_dm1", "w_cytotoxic_t_dm1"), 0.0)
    day = np.array([0.0, 21.0])
    none = simulate(HUMAN, {}, day).states["T"]
    np.testing.assert_allclose(
        simulate(treatment.model, off, day, schedule=treatment.schedule).states["T"], none, rtol=1e-6
    )
    each = [simulate(treatment.model, {name: 0.0}, day, schedule=treatment.schedule).states["T"][0, 1] for name in off]
    both = simulate(treatment.model, {}, day, schedule=treatment.schedule).states["T"][0, 1]
    assert both < min(each) < max(each) < none[0, 1]


def test_mouse_trastuzumab_has_the_course_of_its_half_life():
    mouse = models.get("tivnh_treated", "mouse")
    doses = [ClinicalDose("trastuzumab", day, 10, "mg/kg") for day in (0.0, 3.0)]
    treatment = taken(doses, mouse)
    loss = {"lam_A": np.log(2) / 10}
    central = simulate(treatment.model, {}, [0, 7, 28], schedule=treatment.schedule)
    plain = Schedule((Dose("trastuzumab", 0), Dose("trastuzumab", 3)))
    np.testing.assert_allclose(
        central.states["T"], simulate(mouse, loss, [0, 7, 28], schedule=plain).states["T"], rtol=1e-6
    )


def test_what_a_model_integrates_itself_stays_relative_and_says_why():
    model = models.get("two_drug_logistic_growth_keeps_clears", "human")
    treatment = taken(H[:1], model)
    assert treatment.model == model
    assert "Trastuzumab: relative; not central, as the model integrates the drug itself" in treatment.said[0]
    chemotherapy = [ClinicalDose("doxorubicin", 0, 60, "mg/m2")]
    treatment = taken(chemotherapy, model)
    assert treatment.model == model
    assert "Doxorubicin: relative; not pulse, as the model integrates the drug itself" in treatment.said[0]
    with pytest.raises(InputError, match="the model integrates the drug itself; choose relative"):
        taken(chemotherapy, model, ExposureChoice(kinds={"doxorubicin": "pulse"}))


def test_a_chain_says_its_stages():
    for stages, said in ((1, "chain; 1 stage; as"), (3, "chain; 3 stages; as")):
        choice = ExposureChoice(kinds={"docetaxel": "chain"}, stages=stages)
        assert said in taken([ClinicalDose("docetaxel", 0, 75, "mg/m2")], choice=choice).said[0]


def test_bodies_that_vary_have_the_spread_of_their_set():
    model = clinical_model(HUMAN, ["trastuzumab"], ExposureChoice(varies=True))
    assert model.parameter("CL_trastuzumab").prior == pytest.approx(np.sqrt(np.log1p(0.22**2)))
    assert model.parameter("Vmax_trastuzumab").prior == 0
    held = clinical_model(HUMAN, ["trastuzumab"])
    assert held.parameter("CL_trastuzumab").prior == 0


@pytest.mark.parametrize(
    ("doses", "choice", "words"),
    [
        ([ClinicalDose("trastuzumab", 0, 8, "mg/kg")], {"kinds": {"trastuzumab": "slow"}}, "choose relative, pulse"),
        ([ClinicalDose("paclitaxel", 0, 80, "mg/m2")], {"kinds": {"paclitaxel": "central"}}, "cannot be central"),
        (
            [ClinicalDose("trastuzumab", 0, 8, "mg/kg"), ClinicalDose("pertuzumab", 0, 420, "mg")],
            {"kinds": {"pertuzumab": "relative"}},
            "central for both or relative for both",
        ),
        ([ClinicalDose("trastuzumab", 0, 8, "mg/kg")], {"sets": {"trastuzumab": "nobody"}}, "no parameter set"),
    ],
)
def test_what_cannot_be_is_said(doses, choice, words):
    with pytest.raises(InputError, match=words):
        taken(doses, choice=ExposureChoice(**choice))


def test_a_model_without_the_drug_is_refused():
    with pytest.raises(InputError, match="no drug that pembrolizumab could act as"):
        taken([ClinicalDose("pembrolizumab", 0, 200, "mg")], models.get("two_drug_logistic_death", "human"))


def test_a_calibration_keeps_its_kinds_on_disk_and_ranks_with_them(tmp_path):
    choice = ExposureChoice(kinds={"docetaxel": "chain"}, stage_rate=Known(0.13, "Choi 2021"))
    treatment = taken([*H[:2], ClinicalDose("docetaxel", 7.0, 75, "mg/m2")], choice=choice)
    found = calibrate(treatment.model, VISITS, schedule=treatment.schedule, **FEW)
    found.save(tmp_path / "c.json")
    read = read_calibration(tmp_path / "c.json")
    assert read.model == treatment.model
    assert "trastuzumab central" in read.exposures[0]
    assert "chain of 3 stages with k_cytotoxic 0.13/day" in read.exposures[1]
    later = [Schedule((Dose("trastuzumab", 42), Dose("cytotoxic", day)), f"Day {day}") for day in (35, 49)]
    first, second = (rank_schedules(one, later, draws=40, horizon_day=84) for one in (found, read))
    assert [(row.expected, row.schedule) for row in first.rows] == [(row.expected, row.schedule) for row in second.rows]
    assert first.rows[0].expected != first.rows[1].expected


def test_an_old_calibration_has_the_numbers_it_was_made_with_and_says_that_it_is_relative(tmp_path):
    """Files of the library's own models held no description: those models had terminal half-lives as losses."""
    data = calibrate(HUMAN, VISITS, schedule=Schedule((Dose("trastuzumab", 0),)), **FEW).to_dict()
    data["description"] = None
    data["fixed"]["lam_A"] = np.log(2) / 28.5
    (tmp_path / "old.json").write_text(json.dumps(data))
    read = read_calibration(tmp_path / "old.json")
    assert read.model.parameter("lam_A").default == np.log(2) / 28.5
    assert read.model.parameter("lam_B").default == np.log(2) / 22.0
    assert read.draws(3)["lam_A"].tolist() == [np.log(2) / 28.5] * 3
    assert all("relative" in line for line in read.exposures)
    read.save(tmp_path / "new.json")
    assert read_calibration(tmp_path / "new.json").model == read.model


@pytest.mark.parametrize("varies", [False, True])
def test_a_calibration_may_plan_with_a_drug_that_was_not_given(varies):
    treatment = taken(H[:2])
    found = calibrate(treatment.model, VISITS, schedule=treatment.schedule, **FEW)
    model = clinical_model(found.model, ["pembrolizumab"], ExposureChoice(varies=varies))
    more = with_model(found, model)
    assert (more.draws(5)["CL_pembrolizumab"].std() > 0) == varies
    assert more.best["C50_B"] == pytest.approx(0.016)
    np.testing.assert_allclose(more.best["e_A"], found.best["e_A"])
    plans = [Schedule((), "None"), Schedule((Dose("pembrolizumab", 30),), "Pembrolizumab")]
    ranking = rank_schedules(more, plans, draws=40, horizon_day=84)
    assert ranking.best.name == "Pembrolizumab"


def test_bic_chooses_the_chain_where_the_tumour_shrinks_late():
    """Volumes of mice under doxorubicin as Choi 2021 has them, 3 stages of .13 /day; 3 % noise."""
    mouse = models.get("two_drug_exponential_death", "mouse")
    chain = with_own_kind(mouse, "doxorubicin", "chain", stages=3, per_day=0.13, source="Choi 2021")
    given, days = Schedule((Dose("doxorubicin", 2.0),)), np.arange(0.0, 43.0, 3.0)
    truth = {"g": 0.107, "k_P": 0.9, "lam_P": 0.7}
    volume = simulate(chain, truth, days, schedule=given).states["T"][0]
    volume *= np.exp(0.03 * np.random.default_rng(1).standard_normal(days.size))
    visits = [
        Measurement(f"day {day:g}", float(day), {"volume_cm3": float(size), "volume_cm3_sd": float(0.03 * size)})
        for day, size in zip(days, volume, strict=True)
    ]
    rows = choose_model([mouse, chain], visits, schedule=given, prior_draws=256)
    assert [row.model for row in rows] == [f"{mouse.name}, doxorubicin chain 3", mouse.name]
    assert rows[0].bic_weight > 0.5


@pytest.mark.parametrize("method", ["days", "daily"])
def test_a_search_doses_what_is_followed_by_its_concentration(short_polish, method):
    treatment = taken(H[:2])
    found = calibrate(treatment.model, VISITS, schedule=treatment.schedule, **FEW)
    rules = (TotalDose("trastuzumab", 1.5), LargestDose("cytotoxic", 0.5))
    search = {"search_draws": 6, "draws": 20, "iterations": 3, "horizon_day": 56, "method": method}
    best = optimize_schedule(found, constraints=rules, doses=1, **search)
    given = {
        drug: [dose.dose for dose in best.schedule.doses if dose.drug == drug] for drug in ("trastuzumab", "cytotoxic")
    }
    assert 0 < sum(given["trastuzumab"]) <= 1.5 + 1e-9
    assert max(given["cytotoxic"]) <= 0.5
    assert best.ranking.rows[0].expected < 2.0


def test_a_calibration_with_relative_doses_does_not_become_central():
    found = calibrate(HUMAN, VISITS, schedule=Schedule((Dose("trastuzumab", 0),)), **FEW)
    with pytest.raises(InputError, match="calibrate again"):
        with_model(found, clinical_model(HUMAN, ["trastuzumab"]))
    with pytest.raises(InputError, match="calibrate that model"):
        with_model(found, models.get("tivnh_treated", "mouse"))


@pytest.mark.parametrize(
    ("name", "loss"),
    [("pertuzumab", 0.076), ("t-dm1", 0.216), ("t-dxd", 0.152), ("pembrolizumab", 0.063), ("atezolizumab", 0.061)],
)
def test_the_loss_that_gives_the_same_area_is_clearance_over_volume(name, loss):
    """Specification, section 2, of the typical patient; a budget of toxicity counts the area with it."""
    model = clinical_model(HUMAN, [name], patient=typical_patient(find_drug(name)))
    assert mean_loss(model, name) == pytest.approx(loss, rel=0.01)
    days = np.linspace(0, 900, 90001)
    one = Treatment(model, Schedule((Dose(name, 0.0),)), ())
    assert np.trapezoid(exposure(one, name, days), days) == pytest.approx(1 / mean_loss(model, name), rel=1e-3)
    spent = ToxicityBudget(((name, 2.0),), np.inf, 900.0).spent(one.schedule, model)
    assert spent == pytest.approx(2 / mean_loss(model, name), rel=1e-3)


def test_human_defaults_give_the_area_of_the_library():
    """One exponential of the default losses against the curves: trastuzumab at steady state, and half-lives."""
    days = np.linspace(357.0, 378.0, 8401)[:-1]
    steady = taken([ClinicalDose("trastuzumab", 21.0 * i, 6, "mg/kg") for i in range(18)])
    area = np.trapezoid(exposure(steady, "trastuzumab", days), days)
    assert 1 / area == pytest.approx(HUMAN.parameter("lam_A").default, rel=0.02)
    assert HUMAN.parameter("lam_B").default == pytest.approx(0.22 / 3.48, rel=0.01)
    assert models.get("tivnh_treated", "mouse").parameter("lam_B").default == pytest.approx(
        np.log(2) / (22 / 24), rel=0.01
    )
