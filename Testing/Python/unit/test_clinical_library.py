"""The drug library: names, sources, plans, and what covariates and populations do to kinetics."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.drugs.compartments import patients_of
from HER2ImmunoModelLib.drugs.drug import MARKS, UNITS
from HER2ImmunoModelLib.drugs.drug_library import DRUGS
from HER2ImmunoModelLib.drugs.exposures import exposure_of, mg_of, reference_concentration
from HER2ImmunoModelLib.drugs.individuals import covariates_of, individual, population, typical_patient
from HER2ImmunoModelLib.drugs.library import drug_names, find_drug
from HER2ImmunoModelLib.drugs.patients import ASSUMED, Patient, bsa_m2, cockcroft_gault

PARAMETERS = {"CL", "V1", "V2", "V3", "Q2", "Q3", "Vmax", "Km", "fall"}
SETS = [(drug, each) for drug in DRUGS for each in drug.sets]


@pytest.mark.parametrize("drug", DRUGS, ids=lambda drug: f"{drug.species} {drug.name}")
def test_a_drug_is_complete(drug):
    assert drug.species in ("human", "mouse")
    assert set(drug.units) <= set(UNITS)
    assert drug.full_dose.unit in drug.units
    assert drug.model_drugs
    assert drug.plans
    for plan in drug.plans:
        assert plan.dose.unit in drug.units
        assert 0 < plan.least_days <= plan.every_days
        assert plan.basis.mark in MARKS
        assert plan.basis.source or plan.basis.mark == "assumed"
        assert all(size < plan.dose.size for size in plan.reduced)
        for limit in drug.largest:
            for amount in filter(None, (plan.dose, plan.loading)):
                assert amount.unit != limit.unit or amount.size <= limit.size
    assert len({each.name for each in drug.sets}) == len(drug.sets)


@pytest.mark.parametrize(("drug", "chosen"), SETS, ids=lambda each: each.name)
def test_a_set_of_parameters_says_where_its_numbers_come_from(drug, chosen):
    bases = [chosen.basis, *chosen.exceptions.values(), *(spread.basis for spread in chosen.spreads if spread.basis)]
    for basis in bases:
        assert basis.mark in MARKS
        assert basis.source or basis.mark == "assumed"
        assert basis.said.startswith(basis.mark)
    kinetics = chosen.kinetics
    assert kinetics.volume > 0
    assert kinetics.clearance > 0 or kinetics.elimination is not None
    named = [parameter for part in (*chosen.effects, *chosen.spreads) for parameter in part.parameters]
    assert set(named) | set(chosen.exceptions) <= PARAMETERS
    spread = [parameter for each in chosen.spreads for parameter in each.parameters]
    assert len(set(spread)) == len(spread)
    assert {parameter for pair in chosen.correlations for parameter in pair} <= set(spread)
    for effect in chosen.effects:
        assert effect.covariate in ASSUMED or hasattr(Patient(), effect.covariate)


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_no_two_drugs_share_a_name(species):
    words = [word for drug in DRUGS if drug.species == species for word in (drug.name, *drug.aliases)]
    assert len(set(words)) == len(words)
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Herceptin", "trastuzumab"),
        ("H", "trastuzumab"),
        ("Ado-Trastuzumab Emtansine", "t-dm1"),
        ("T DM1", "t-dm1"),
        (" enhertu ", "t-dxd"),
        ("trastuzumab deruxtecan", "t-dxd"),
        ("nab_paclitaxel", "nab-paclitaxel"),
    ],
)
def test_a_drug_is_found_by_the_names_that_people_use(written, name):
    assert find_drug(written).name == name


@pytest.mark.parametrize(
    ("written", "species", "words"),
    [
        ("trastuzumb", "human", "'trastuzumb'.*mean trastuzumab"),
        ("water", "human", "'water'.*choose one of trastuzumab, pertuzumab"),
        ("anti-pd-1", "human", "a drug of a mouse"),
        ("docetaxel", "mouse", "a drug of a human"),
        ("", "human", "no drug ''"),
    ],
)
def test_an_unknown_drug_is_said_with_the_nearest(written, species, words):
    with pytest.raises(InputError, match=words):
        find_drug(written, species)


def test_sets_and_plans_have_names():
    drug = find_drug("trastuzumab")
    assert drug.set_named().name == "ebc"
    assert drug.plan_named("weekly").every_days == 7
    with pytest.raises(InputError, match=r"parameter set 'q20'.*ebc, q19, linear, bruno, hannah"):
        drug.set_named("q20")
    with pytest.raises(InputError, match="daily"):
        drug.plan_named("daily")
    with pytest.raises(InputError, match="kinetics of Paclitaxel in the mouse are not known"):
        exposure_of(find_drug("paclitaxel", "mouse"), [(0, 0.2)], Patient(species="mouse"))


@pytest.mark.parametrize(
    ("name", "plan", "gap", "is_due"),
    [
        ("trastuzumab", "q3w", 28, False),
        ("trastuzumab", "q3w", 29, True),
        ("trastuzumab", "weekly", 14, False),
        ("trastuzumab", "weekly", 15, True),
        ("pertuzumab", "q3w", 41, False),
        ("pertuzumab", "q3w", 42, True),
        ("t-dm1", "q3w", 100, False),
        ("trastuzumab", "q3w", None, True),
    ],
)
def test_when_the_loading_dose_is_given_again(name, plan, gap, is_due):
    assert find_drug(name).plan_named(plan).is_loading_due(gap) is is_due


def test_hours_become_days():
    # The papers have L/h: docetaxel 44.1, paclitaxel's return 1.21 /h.
    assert find_drug("docetaxel").sets[0].kinetics.clearance / 24 == pytest.approx(44.1)
    paclitaxel = find_drug("paclitaxel").sets[0].kinetics
    assert paclitaxel.back / 24 == pytest.approx(1.21)
    assert paclitaxel.elimination.most / 24 == pytest.approx(33.8)


def test_rates_between_compartments_of_papers_with_rate_constants():
    carboplatin = find_drug("carboplatin").sets[0].kinetics
    (other,) = carboplatin.others
    assert other.exchange / carboplatin.volume / 24 == pytest.approx(0.135)
    assert other.exchange / other.volume / 24 == pytest.approx(0.215)
    mouse = find_drug("doxorubicin", "mouse").sets[0].kinetics
    (other,) = mouse.others
    # k12, k21 and ke of the paper, and its V2 of 3.52 L.
    assert other.exchange / mouse.volume / 24 == pytest.approx(5.86)
    assert other.exchange / other.volume / 24 == pytest.approx(0.127)
    assert mouse.clearance / mouse.volume / 24 == pytest.approx(1.24)
    assert other.volume == pytest.approx(3.52, rel=0.005)


@pytest.mark.parametrize(
    ("name", "set_name", "patient", "parameter", "factor"),
    [
        ("trastuzumab", "ebc", {"weight_kg": 80}, "clearance", 80 / 68),
        ("trastuzumab", "ebc", {"weight_kg": 80}, "volume", (80 / 68) ** 0.44),
        ("trastuzumab", "q19", {"weight_kg": 66, "liver_metastases": True}, "clearance", 1.16),
        ("trastuzumab", "q19", {"weight_kg": 66, "albumin_g_per_dl": 3}, "clearance", 0.75**-0.998),
        ("trastuzumab", "q19", {"weight_kg": 66, "ast_u_per_l": 48}, "clearance", 2**0.205),
        ("pertuzumab", "", {"lean_mass_kg": 60, "albumin_g_per_dl": 3.9}, "clearance", 1.25**0.516),
        (
            "t-dm1",
            "",
            {"weight_kg": 70, "albumin_g_per_dl": 4.1, "trastuzumab_mg_per_l": 50},
            "clearance",
            np.exp(-0.1),
        ),
        ("t-dxd", "", {"weight_kg": 57.8, "is_male": True}, "volume", 1.197),
        ("t-dxd", "", {"weight_kg": 57.8, "is_male": False}, "volume", 1.0),
        ("pembrolizumab", "", {"weight_kg": 76.8, "albumin_g_per_dl": 3.96, "is_male": False}, "clearance", 0.848),
        ("pembrolizumab", "", {"weight_kg": 76.8, "albumin_g_per_dl": 3.96, "is_male": True}, "clearance", 1.0),
        ("cyclophosphamide", "", {"bsa_m2": 1.8}, "volume", (1.8 / 1.58) ** 0.861),
        ("carboplatin", "", {"gfr_ml_per_min": 60}, "clearance", 85 / 115),
    ],
)
def test_what_covariates_do(name, set_name, patient, parameter, factor):
    drug = find_drug(name)
    typical = getattr(drug.set_named(set_name).kinetics, parameter)
    assert getattr(individual(drug, Patient(**patient), set_name), parameter) == pytest.approx(factor * typical)


@pytest.mark.parametrize("drug", [drug for drug in DRUGS if drug.sets], ids=lambda drug: f"{drug.species} {drug.name}")
def test_in_the_typical_patient_covariates_of_antibodies_change_nothing(drug):
    if not drug.is_cytotoxic:
        assert individual(drug, typical_patient(drug)) == drug.sets[0].kinetics


def test_covariates_that_a_drug_needs():
    assert covariates_of(find_drug("trastuzumab"), "q19") == (
        "weight_kg",
        "ast_u_per_l",
        "albumin_g_per_dl",
        "liver_metastases",
    )
    assert covariates_of(find_drug("docetaxel")) == ("bsa_m2",)
    assert covariates_of(find_drug("carboplatin")) == ("gfr_ml_per_min",)
    assumed = exposure_of(find_drug("trastuzumab"), [(0, 544)], Patient(weight_kg=70), "q19").assumed
    assert assumed == {"ast_u_per_l": 24.0, "albumin_g_per_dl": 4.0}


def test_a_population_has_the_spread_and_the_correlation_of_its_paper():
    drug, n = find_drug("trastuzumab"), 40_000
    drawn = population(drug, n, seed=2, set_name="q19").kinetics
    logs = np.log(np.stack([drawn.clearance, drawn.volume, drawn.others[0].volume, drawn.elimination.half]))
    np.testing.assert_allclose(np.exp(logs.mean(axis=1)), [0.127 * (68 / 66) ** 0.967, 2.62, 2.97, 8.92], rtol=0.02)
    cv = 100 * np.sqrt(np.expm1(logs.var(axis=1)))
    np.testing.assert_allclose(cv, [40, 25, 50, 139], rtol=0.03)
    assert np.corrcoef(logs[:2])[0, 1] == pytest.approx(0.25, abs=0.02)
    assert np.ndim(drawn.others[0].exchange) == 0


def test_draws_repeat_with_their_seed_and_follow_the_weight():
    drug = find_drug("pembrolizumab")
    drawn, again = (population(drug, 50, seed=7, weight_cv_percent=18) for _ in range(2))
    np.testing.assert_array_equal(drawn.kinetics.clearance, again.kinetics.clearance)
    assert patients_of(drawn.kinetics) == 50
    # One eta for CL and Q, and one power of the weight.
    ratio = drawn.kinetics.clearance / drawn.kinetics.others[0].exchange
    np.testing.assert_allclose(ratio, ratio[0])
    assert np.log(population(drug, 40_000, 1, weight_cv_percent=18).weight_kg).std() == pytest.approx(0.1786, rel=0.02)


def test_a_paper_without_a_spread_has_no_population():
    with pytest.raises(InputError, match="hannah of Trastuzumab has no spread"):
        population(find_drug("trastuzumab"), 10, 1, set_name="hannah")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"weight_kg": 680}, "weight of the patient is 680 kg; give a number of 20 to 300 kg"),
        ({"age_years": -3}, "age of the patient is -3 years"),
        ({"albumin_g_per_dl": 41}, "albumin of the patient is 41 g/dL"),
        ({"creatinine_mg_per_dl": 80}, "creatinine of the patient is 80 mg/dL"),
        ({"gfr_ml_per_min": float("nan")}, "GFR of the patient is nan"),
        ({"weight_kg": 22.5, "species": "mouse"}, "weight of the mouse is 22.5 kg; give a number of 0.01 to 0.06 kg"),
    ],
)
def test_numbers_that_no_patient_has(numbers, words):
    with pytest.raises(InputError, match=words):
        Patient(**numbers)


def test_what_follows_from_other_numbers_is_not_assumed():
    patient = Patient(weight_kg=80, height_cm=180, age_years=60, creatinine_mg_per_dl=0.8, is_male=True)
    assert patient.value("bsa_m2") == bsa_m2(180, 80) == 2.0
    assert patient.value("gfr_ml_per_min") == pytest.approx((140 - 60) * 80 / (72 * 0.8))
    assert not patient.assumed(["bsa_m2", "gfr_ml_per_min"])
    woman = Patient(weight_kg=80, age_years=60, creatinine_mg_per_dl=0.8)
    assert woman.value("gfr_ml_per_min") == pytest.approx(0.85 * patient.value("gfr_ml_per_min"))
    assert cockcroft_gault(60, 80, 0.8) == woman.value("gfr_ml_per_min")
    assert Patient().assumed(["weight_kg", "is_female"]) == {"weight_kg": 68.0, "is_female": 0.0}


def test_mice_weigh_what_mice_weigh():
    mouse = Patient(species="mouse")
    drug = find_drug("anti-pd-1", "mouse")
    assert mg_of(drug.full_dose, mouse) == pytest.approx(0.225)
    exposure = exposure_of(drug, [(0.0, 0.225), (3.0, 0.225)], mouse)
    # Half-life 22 h.
    first = exposure.doses[0]
    assert first.trough / first.peak == pytest.approx(0.5 ** (72 / 22))
    assert exposure.assumed == {"weight_kg": 0.0225}
    assert reference_concentration(drug) == pytest.approx(first.peak)
    slow = individual(find_drug("trastuzumab", "mouse"), mouse)
    assert slow.clearance / slow.volume == pytest.approx(0.07, rel=0.02)
    assert drug_names("mouse") == ("trastuzumab", "doxorubicin", "paclitaxel", "anti-pd-1", "anti-pd-l1", "anti-ctla-4")


def test_doses_of_one_day_are_one_dose_and_their_order_does_not_matter():
    drug, patient = find_drug("docetaxel"), Patient()
    together = exposure_of(drug, [(0.0, 135.0), (21.0, 135.0)], patient)
    split = exposure_of(drug, [(21.0, 100.0), (0.0, 135.0), (21.0, 35.0)], patient)
    assert together.doses == split.doses
    with pytest.raises(InputError, match="no dose of Docetaxel"):
        exposure_of(drug, [], patient)
    with pytest.raises(InputError, match="still runs"):
        exposure_of(drug, [(0.0, 135.0), (0.02, 135.0)], patient)
