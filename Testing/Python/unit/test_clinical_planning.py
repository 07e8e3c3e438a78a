"""Searches and rankings within hard limits, and schedules in clinical units for a calibration.

Every schedule that is recommended is judged by a plain check of its doses, which knows the limits by heart.
"""

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import (
    Dose,
    Schedule,
    calibrate,
    models,
    optimize_schedule,
    pareto_front,
    rank_schedules,
    simulate,
    standard_candidates,
)
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.limits import ClinicalLimits, History, search_bounds
from HER2ImmunoModelLib.planning import Penalties, Weights, clinical_candidates
from HER2ImmunoModelLib.planning.allowed_doses import room
from HER2ImmunoModelLib.regimens import regimen_schedule
from HER2ImmunoModelLib.treatments import (
    ClinicalDose,
    ClinicalSchedule,
    ExposureChoice,
    PrescribedSchedule,
    prescribe,
    resolve,
)
from HER2ImmunoModelLib.treatments.prescriptions import area_of, clinical_doses, full_doses_of, model_size

MODEL = models.get("tivnh_treated", "human")
DRUGS = ("trastuzumab", "cytotoxic")
PATIENT = Patient(weight_kg=80.0, bsa_m2=2.0, gfr_ml_per_min=100.0)
LAST_VISIT = 21.0

WEEKLY_UP_TO = {"trastuzumab": 4 / 6, "paclitaxel": 90 / 80, "carboplatin": 3 / 6}
"""In full doses; larger doses and other drugs need three weeks."""
LARGEST = {
    "trastuzumab": 8 / 6,
    "docetaxel": 100 / 75,
    "doxorubicin": 1.0,
    "epirubicin": 100 / 90,
    "carboplatin": 1.0,
    "paclitaxel": 175 / 80,
}
"""In full doses."""


def plain_faults(rows, given=(), held_from=None):
    """What (drug, day, full doses) rows break by the label; `given` came before and is not judged."""
    faults = []
    everything = sorted([(*row, False) for row in given] + [(*row, True) for row in rows], key=lambda row: row[1])
    for drug in {row[0] for row in everything}:
        own = [row for row in everything if row[0] == drug]
        for first, second in pairwise(own):
            least = 7 if first[2] <= WEEKLY_UP_TO.get(drug, 0.0) * (1 + 1e-9) else 21
            gap = second[1] - first[1]
            if second[3] and gap < least:
                faults.append(f"{drug} on {first[1]} and {second[1]}")
            if drug == "trastuzumab" and second[3] and second[2] > 1.1 and gap <= (14 if least == 7 else 28):
                faults.append(f"loading dose on {second[1]}")
        faults += [f"{drug} {size}" for _, _, size, new in own if new and size > LARGEST.get(drug, 2) * (1 + 1e-9)]
    antibody = [row[1] for row in everything if row[0] == "trastuzumab"]
    for drug, day, _, new in everything:
        if new and drug in ("doxorubicin", "epirubicin") and any(0 <= day - other < 213 for other in antibody):
            faults.append(f"{drug} on {day} after trastuzumab")
        if new and drug == "trastuzumab" and held_from is not None and day >= held_from:
            faults.append(f"trastuzumab on {day} while LVEF is low")
    return faults


def in_full_doses(schedule, cytotoxic):
    return [
        (cytotoxic if dose.drug == "cytotoxic" else dose.drug, dose.day, dose.dose)
        for dose in schedule.for_model(MODEL).doses
    ]


def visits_of(model, days, given=None):
    course = simulate(model, {}, days, schedule=given or Schedule())
    return [
        Measurement(f"V{i}", day, {c: float(course.states[s][0, i]) for s, c in model.observables.items()})
        for i, day in enumerate(days)
    ]


def fitted(given=None):
    visits = visits_of(MODEL, [0.0, LAST_VISIT], given)
    return calibrate(MODEL, visits, schedule=given, free=("g", "mu_V", "k_P", "T0", "V0"), prior_draws=64)


@pytest.fixture(scope="module")
def untreated():
    """A subject seen on days 0 and 21, untreated."""
    return fitted()


@pytest.fixture(scope="module")
def treated():
    """The same with a full dose of trastuzumab on day 0."""
    return fitted(Schedule((Dose("trastuzumab", 0.0),)))


def rules_of(cytotoxic, history, patient=PATIENT, model=None):
    called = (("cytotoxic", cytotoxic),)
    bounds = search_bounds([("trastuzumab", "trastuzumab"), *called], history, patient, model)
    return (ClinicalLimits(patient, history, drugs=called),), bounds


def random_wish(draw):
    return {
        drug: [(draw.uniform(0, 400), draw.uniform(0, 3)) for _ in range(draw.randint(0, 8))]
        for drug in DRUGS
        if draw.random() < 0.9
    }


def test_ten_thousand_wishes_become_schedules_that_break_no_limit():
    draw = random.Random(5)
    given = (("trastuzumab", 5.0, 1.0),)
    past = History(given=resolve([ClinicalDose("trastuzumab", 5, 6, "mg/kg")], PATIENT))
    counts, loading = dict.fromkeys(("docetaxel", "doxorubicin", "paclitaxel", "carboplatin"), 0), 0
    for history, before in ((History(), ()), (past, given)):
        for cytotoxic in counts:
            if cytotoxic == "doxorubicin" and before:
                continue
            limits, bounds = rules_of(cytotoxic, history)
            for free in (bounds, ()):
                space = room(MODEL, limits, DRUGS, 10, 300, free)
                for _ in range(715):
                    plan = space.fit(random_wish(draw))
                    assert space.violation(plan) is None
                    assert plain_faults(in_full_doses(plan, cytotoxic), before) == []
                    counts[cytotoxic] += len(plan.doses)
                    loading += sum(dose.drug == "trastuzumab" and dose.dose > 1.1 for dose in plan.doses)
    assert loading > 500
    assert min(counts.values()) > 2000


def test_a_search_places_loading_doses_where_one_is_due():
    weekly, given = (ClinicalDose("trastuzumab", day, size, "mg/kg") for day, size in ((3.0, 2.0), (3.0, 6.0)))
    wish = {"trastuzumab": [(10.0, 3.0), (31.0, 3.0), (60.0, 3.0), (81.0, 0.5)]}
    for before, sizes in ((), [8, 6, 8, 3]), ((given,), [6, 6, 6, 3]):
        limits, bounds = rules_of("docetaxel", History(given=resolve(before, PATIENT)))
        first = room(MODEL, limits, DRUGS, 10 if not before else 24, 300, bounds).fit(wish)
        np.testing.assert_allclose([6 * dose.dose for dose in first.doses], sizes)
    plan = ClinicalSchedule((weekly, ClinicalDose("trastuzumab", 18.0, 8, "mg/kg")))
    assert ClinicalLimits(PATIENT).violation(plan) is None


def test_many_small_searches_recommend_no_schedule_that_breaks_a_limit(untreated, short_polish):
    draw = random.Random(11)
    given_doses = 0
    for _ in range(7):
        cytotoxic = draw.choice(("docetaxel", "paclitaxel", "doxorubicin", "carboplatin"))
        was_given = cytotoxic != "doxorubicin" and draw.random() < 0.5
        before = ((("trastuzumab", draw.choice((1.0, 15.0)), 1.0),)) if was_given else ()
        past = [ClinicalDose(name, day, size, "rel") for name, day, size in before]
        low = draw.random() < 0.2
        history = History(given=resolve(past, PATIENT), lvef_at_entry=65.0, lvef=((45.0, 44.0),) if low else ())
        limits, bounds = rules_of(cytotoxic, history)
        found = optimize_schedule(
            untreated,
            constraints=limits,
            bounds=bounds if draw.random() < 0.7 else (),
            drugs=DRUGS,
            doses=draw.randint(1, 3),
            largest=draw.choice((0.7, 1.0, 2.0)),
            candidates=standard_candidates(DRUGS, start_day=LAST_VISIT, interval_day=draw.choice((4, 21))),
            search_draws=4,
            draws=8,
            horizon_day=LAST_VISIT + draw.choice((30, 90)),
            iterations=2,
            risk=draw.choice(("mean", "cvar")),
            seed=draw.randrange(1000),
        )
        rows = in_full_doses(found.schedule, cytotoxic)
        assert plain_faults(rows, before, 45.0 if low else None) == []
        assert not any(limit.violation(found.schedule, MODEL) for limit in limits)
        for row in found.ranking.rows:
            assert plain_faults(in_full_doses(row.schedule, cytotoxic), before, 45.0 if low else None) == []
        given_doses += len(rows)
    assert given_doses > 12


def test_limits_alone_are_enough_for_a_search(untreated, short_polish):
    """Without any bound to place doses by, which once let a schedule through that broke a limit."""
    limits = (ClinicalLimits(drugs=(("cytotoxic", "docetaxel"),)),)
    found = optimize_schedule(untreated, constraints=limits, doses=4, search_draws=4, draws=8, iterations=2)
    assert plain_faults(in_full_doses(found.schedule, "docetaxel")) == []
    assert len(found.schedule.doses) >= 2


def test_a_front_keeps_the_limits(untreated):
    limits, bounds = rules_of("docetaxel", History())
    front = pareto_front(untreated, constraints=limits, bounds=bounds, pairs=2, draws=4, generations=2)
    assert len(front.schedules) >= 2
    for plan in front.schedules:
        assert plain_faults(in_full_doses(plan, "docetaxel")) == []


def test_a_search_with_concentrations_keeps_the_limits_of_the_patient(untreated):
    """In a model that counts mg of the typical patient, the largest dose is that of this one."""
    wanted = [regimen_schedule("tch", LAST_VISIT, patient=PATIENT)]
    found = clinical_candidates(untreated, wanted, PATIENT)
    model = found.calibration.model
    limits, bounds = rules_of("docetaxel", History(), PATIENT, model)
    best = optimize_schedule(
        found.calibration, constraints=limits, bounds=bounds, largest=9.0, search_draws=4, draws=8, iterations=2
    )
    doses = list(clinical_doses(best.schedule, PATIENT, (("cytotoxic", "docetaxel"),), model))
    assert {dose.drug for dose in doses} == {"trastuzumab", "docetaxel"}
    for dose in doses:
        (resolved,) = resolve([dose], PATIENT)
        assert resolved.mg <= {"trastuzumab": 8 * 80.0, "docetaxel": 100 * 2.0}[dose.drug] * (1 + 1e-9)
    assert max(resolve([dose], PATIENT)[0].mg for dose in doses if dose.drug == "trastuzumab") > 6 * 80.0
    limit = next(rule for rule in bounds if getattr(rule, "most", 0) and rule.drug == "trastuzumab")
    assert limit.most == pytest.approx(8 * 80.0 / (6 * 68.0))


def test_a_ranking_leaves_out_what_breaks_a_limit_and_says_by_which_source(untreated):
    wanted = [
        regimen_schedule("tchp", LAST_VISIT, patient=PATIENT),
        ClinicalSchedule(
            (ClinicalDose("docetaxel", 21, 75, "mg/m2"), ClinicalDose("docetaxel", 35, 75, "mg/m2")), "too soon"
        ),
        ClinicalSchedule((ClinicalDose("docetaxel", 21, 120, "mg/m2"),), "too much"),
        ClinicalSchedule(
            (ClinicalDose("trastuzumab", 21, 8, "mg/kg"), ClinicalDose("doxorubicin", 42, 60, "mg/m2")), "heart"
        ),
    ]
    found = clinical_candidates(untreated, wanted, PATIENT)
    ranking = rank_schedules(
        found.calibration, found.schedules, constraints=[ClinicalLimits(PATIENT)], draws=8, horizon_day=160
    )
    assert [row.schedule.name for row in ranking.rows] == ["tchp"]
    reasons = {schedule.name: reason for schedule, reason in ranking.excluded}
    assert "least interval" in reasons["too soon"]
    assert "(label: Taxotere" in reasons["too soon"]
    assert "largest dose" in reasons["too much"]
    assert "213 days (label: Herceptin, US" in reasons["heart"]


def test_the_regimen_of_a_trial_keeps_its_exception_and_its_growth_factor():
    limits = [ClinicalLimits(PATIENT)]
    for key, fields in (("train2_fec", {"exception": ""}), ("ddac_thp", {"growth_factor": False})):
        (told,) = prescribe([regimen_schedule(key, patient=PATIENT)], MODEL, PATIENT).schedules
        assert not any(limit.violation(told, MODEL) for limit in limits)
        assert any(limit.violation(replace(told, **fields), MODEL) for limit in limits)


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (History(lvef_at_entry=50.0), "LVEF at entry: it is 50 %"),
        (History(given=resolve([ClinicalDose("trastuzumab", 20, 8, "mg/kg")])), "least interval: trastuzumab on day"),
    ],
)
def test_a_search_that_no_day_allows_says_which_limit(untreated, history, words):
    limits, bounds = rules_of("docetaxel", history)
    with pytest.raises(InputError, match=words):
        optimize_schedule(untreated, constraints=limits, bounds=bounds, horizon_day=LAST_VISIT + 15)


def test_doses_on_every_day_cannot_keep_limits(untreated):
    with pytest.raises(InputError, match="choose the method days"):
        optimize_schedule(untreated, constraints=[ClinicalLimits()], method="daily")


def test_prescribed_doses_are_those_of_the_patient_and_the_model_is_told_them():
    wanted = regimen_schedule("tchp", 7.0, patient=PATIENT)
    told = prescribe([wanted], MODEL, PATIENT)
    (plan,) = told.schedules
    first = {dose.drug: dose.mg for dose in plan.prescribed if dose.day == 7}
    assert first == pytest.approx({"pertuzumab": 840, "trastuzumab": 640, "docetaxel": 150, "carboplatin": 750})
    sizes = {drug: [dose.dose for dose in plan.doses if (dose.day, dose.drug) == (7, drug)] for drug in DRUGS}
    assert sizes["trastuzumab"] == pytest.approx([640 / 408])
    assert sorted(sizes["cytotoxic"]) == pytest.approx([1, 150 / 135])
    assert len(told.exposures) == 4
    assert plan.remarks == ()
    later = plan.before(8.0)
    assert isinstance(later, PrescribedSchedule)
    assert {dose.day for dose in (*later.doses, *later.prescribed)} == {7}


def test_doses_of_drugs_that_the_library_has_not_stay_full_doses():
    wanted = ClinicalSchedule((ClinicalDose("trastuzumab", 0, 8, "mg/kg"), ClinicalDose("P", 3, 0.5)), "mixed")
    (plan,) = prescribe([wanted], MODEL, PATIENT).schedules
    assert plan.others == (Dose("cytotoxic", 3, 0.5),)
    assert plan.others[0] in plan.doses
    (named,) = prescribe([wanted], MODEL, PATIENT, drugs=[("P", "docetaxel")]).schedules
    assert named.prescribed[1].mg == pytest.approx(75.0)
    with pytest.raises(InputError, match="no drug 'aspirin'"):
        prescribe([ClinicalSchedule((ClinicalDose("aspirin", 0, 1, "mg"),))], MODEL, PATIENT)


@pytest.mark.parametrize("name", ["docetaxel", "paclitaxel", "nab-paclitaxel", "carboplatin", "doxorubicin"])
@pytest.mark.parametrize("size", [0.2, 1.0, 1.3])
def test_full_doses_and_areas_go_there_and_back(name, size):
    assert full_doses_of(area_of(size, name, PATIENT), name, PATIENT) == pytest.approx(size, rel=1e-8)


def test_areas_are_over_those_of_the_typical_patient():
    """A full dose of this patient of 2 m2 is 2/1.8 of the typical one's; of paclitaxel to the power 1.33."""
    assert area_of(1.0, "docetaxel", PATIENT) == pytest.approx(2 / 1.8)
    assert area_of(1.0, "paclitaxel", PATIENT) == pytest.approx((2 / 1.8) ** 1.33)
    assert area_of(1.0, "carboplatin", PATIENT) == 1.0


def test_doses_of_a_model_are_told_in_mg_where_it_follows_concentrations():
    told = prescribe([regimen_schedule("tch", patient=PATIENT)], MODEL, PATIENT)
    schedule = Schedule((Dose("trastuzumab", 0, 1.0), Dose("cytotoxic", 0, 2 / 1.8)))
    doses = list(clinical_doses(schedule, PATIENT, (("cytotoxic", "docetaxel"),), told.model))
    assert [(dose.drug, dose.unit) for dose in doses] == [("trastuzumab", "mg"), ("docetaxel", "rel")]
    assert [dose.size for dose in doses] == pytest.approx([408.0, 1.0])
    assert model_size(1.0, "trastuzumab", PATIENT, "trastuzumab", told.model) == pytest.approx(80 / 68)
    plain = list(clinical_doses(schedule, PATIENT, (("cytotoxic", "docetaxel"),), MODEL))
    assert [dose.size for dose in plain] == [1.0, 2 / 1.8]


def test_a_drug_that_was_calibrated_in_full_doses_stays_so_and_it_is_said(treated, untreated):
    wanted = [regimen_schedule("tchp", LAST_VISIT, patient=PATIENT)]
    found = clinical_candidates(treated, wanted, PATIENT)
    (said,) = found.warnings
    assert "made with full doses of trastuzumab" in said
    assert "420 mg of pertuzumab, 6 mg/kg of trastuzumab" in said
    assert said.count(".") - said.count("0.") <= 1
    assert found.calibration.model.agents == {}
    doses = [dose for dose in found.schedules[0].doses if dose.day == LAST_VISIT and dose.drug == "trastuzumab"]
    assert sorted(dose.dose for dose in doses) == pytest.approx([8 / 6, 2.0])
    assert found.calibration.draws(5)["C50_A"] == pytest.approx(treated.draws(5)["C50_A"])
    never = clinical_candidates(untreated, wanted, PATIENT)
    assert never.warnings == ()
    assert set(never.calibration.model.agents) == {"trastuzumab", "pertuzumab"}


def test_drugs_that_share_a_place_with_one_in_full_doses_stay_so_too(treated):
    wanted = [regimen_schedule(key, LAST_VISIT, patient=PATIENT) for key in ("db11_x8", "tch")]
    found = clinical_candidates(treated, wanted, PATIENT)
    assert found.calibration.model.agents == {}
    assert "5.4 mg/kg of t-dxd" in found.warnings[0]
    assert "75 mg/m2 of docetaxel" in found.warnings[0]


def test_another_kind_than_that_of_the_calibration_is_refused(treated):
    wanted = [regimen_schedule("neosphere_th", LAST_VISIT, patient=PATIENT)]
    with pytest.raises(InputError, match="calibrate again"):
        clinical_candidates(treated, wanted, PATIENT, choice=ExposureChoice(kinds={"trastuzumab": "central"}))


def test_a_course_of_a_relative_calibration_is_that_of_its_full_doses(treated):
    """Doses in mg of a patient are exactly the numbers of full doses that they are."""
    wanted = ClinicalSchedule((ClinicalDose("trastuzumab", 21, 480, "mg"), ClinicalDose("docetaxel", 22, 150, "mg")))
    found = clinical_candidates(treated, [wanted], PATIENT, choice=ExposureChoice(kinds={"docetaxel": "relative"}))
    days = np.arange(0.0, 60.0)
    plain = Schedule((Dose("trastuzumab", 21, 1.0), Dose("cytotoxic", 22, 1.0)))
    one, two = found.calibration.simulate(days, found.schedules[0], n=20), treated.simulate(days, plain, n=20)
    assert np.array_equal(one.states["T"], two.states["T"])


def test_more_chemotherapy_in_a_smaller_body_acts_more(untreated):
    wanted = [ClinicalSchedule((ClinicalDose("trastuzumab", 21, 600, "mg"),), "same mg")]
    volumes = {}
    for kg in (50.0, 100.0):
        patient = Patient(weight_kg=kg)
        found = clinical_candidates(untreated, wanted, patient)
        days = np.array([0.0, 60.0])
        volumes[kg] = np.median(found.calibration.simulate(days, found.schedules[0], n=50).states["T"][:, -1])
    assert volumes[50.0] < volumes[100.0]


def test_burdens_weigh_in_a_search(untreated, short_polish):
    """With a heavy price of each visit the best is to do nothing; without one it is to treat."""
    limits, bounds = rules_of("docetaxel", History())
    asked = {"constraints": limits, "bounds": bounds, "search_draws": 4, "draws": 8, "iterations": 2}
    penalties = Penalties(Weights(visits=1e4), PATIENT, drugs=(("cytotoxic", "docetaxel"),), model=MODEL)
    assert optimize_schedule(untreated, penalties=penalties, **asked).schedule.doses == ()
    free = optimize_schedule(untreated, penalties=replace(penalties, weights=Weights()), **asked)
    assert free.schedule.doses
    assert free.loss == optimize_schedule(untreated, **asked).loss
    assert free.ranking.rows[0].burden.visits > 0


def test_burdens_are_of_the_doses_of_the_patient():
    told = prescribe([regimen_schedule("ddac_thp", patient=PATIENT), regimen_schedule("neosphere_th")], MODEL, PATIENT)
    penalties = Penalties(patient=PATIENT, model=told.model)
    dense, plain = (penalties.burden(plan) for plan in told.schedules)
    assert "growth factor" in " ".join(dense.reasons)
    assert dense.failure > 0
    assert (plain.visits, plain.failure) == (4, 0)
