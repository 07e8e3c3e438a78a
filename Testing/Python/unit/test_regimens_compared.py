"""Regimens of the library against each other: days, doses, what is left out and why, and what is said of the table."""

from dataclasses import replace

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoModelLib import calibrate, models, rank_schedules, simulate
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.findings import ranked_table, wording
from HER2ImmunoModelLib.findings.comparison import compared, recorded_apart
from HER2ImmunoModelLib.findings.plan import PlanRequest
from HER2ImmunoModelLib.limits import ClinicalLimits, History
from HER2ImmunoModelLib.planning import PlanSettings, compare
from HER2ImmunoModelLib.planning.plan import make_plan
from HER2ImmunoModelLib.regimens import find_regimen, regimen_keys
from HER2ImmunoModelLib.treatments import (
    ClinicalDose,
    ClinicalSchedule,
    Schedule,
    order_gap_split,
    prescribe,
    resolve,
)
from HER2ImmunoModelLib.treatments.prescriptions import written_doses

MODEL = models.get("tivnh_treated", "human")
START = 15.0
PATIENT = Patient(weight_kg=80.0, height_cm=180.0)
NONE = ClinicalSchedule((), "No treatment")


@pytest.fixture(scope="module")
def visits():
    states = simulate(MODEL, {}, [0, 7, 14]).states
    days = enumerate((0.0, 7.0, 14.0))
    return tuple(Measurement(f"V{n}", day, {"volume_cm3": float(states["T"][0, n])}) for n, day in days)


@pytest.fixture(scope="module")
def calibration(visits):
    return calibrate(MODEL, visits, prior_draws=64)


def of(*keys, others=(), **more):
    regimens = [find_regimen(key) for key in keys]
    return compare(regimens, others, model=MODEL, start_day=START, patient=PATIENT, **more)


def planned(visits, calibration, comparison, **settings):
    settings = PlanSettings(candidates="regimens", start_day=START, draws=16, **settings)
    return PlanRequest(visits, Schedule(), settings, calibration=calibration, comparison=comparison)


def test_each_regimen_has_a_short_name_of_its_own():
    for species in ("human", "mouse"):
        labels = [find_regimen(key).label for key in regimen_keys(species)]
        assert len(set(labels)) == len(labels)
        assert all(label.strip() for label in labels)
    assert max(len(find_regimen(key).label) for key in regimen_keys()) <= 36


def test_the_day_of_the_comparison_is_that_of_the_surgery_after_the_longest(visits, calibration):
    comparison = of("tchp", "neosphere_thp", others=[NONE])
    request = planned(visits, calibration, comparison)
    plan = request.make()
    assert plan.ranking.horizon_day == START + 105 + 28
    assert plan.gap is None
    assert [row.schedule.name for row in plan.ranking.rows] == ["TCHP ×6", "THP ×4", "No treatment"]
    notes = request.findings(plan).notes
    assert "Compared on day 148, 28 days after the last dose of the longest schedule (TCHP ×6, day 120)." in notes
    assert any("may grow again: THP ×4 from day 78." in note for note in notes)
    assert any("Trastuzumab: central" in note for note in notes)


def test_a_regimen_that_is_half_given_is_judged_so_and_that_is_said(visits, calibration):
    comparison = of("tchp", "tch")
    settings = PlanSettings(start_day=START, horizon_day=60.0, draws=16)
    plan = make_plan(visits, settings, calibration=calibration, comparison=comparison)
    until = [
        replace(schedule, doses=tuple(dose for dose in schedule.doses if dose.day <= 60.0))
        for schedule in comparison.brought(calibration).schedules
    ]
    brought = comparison.brought(calibration).calibration
    plain = rank_schedules(brought, until, start_day=START, horizon_day=60.0, draws=16)
    assert [row.expected for row in plan.ranking.rows] == [row.expected for row in plain.rows]
    assert plan.ranking.warnings[0] == (
        "On day 60 some schedules are only half given, and are judged so: TCHP ×6 (3 of 6 days of doses come later), "
        "TCH ×6 (3 of 6 days of doses come later)."
    )
    limit = ClinicalLimits(PATIENT, History())
    late = ClinicalSchedule((ClinicalDose("docetaxel", 70, 75, "mg/m2"), ClinicalDose("docetaxel", 77, 75, "mg/m2")))
    (schedule,) = prescribe([late], MODEL, PATIENT).schedules
    with pytest.raises(InputError, match="least interval"):
        rank_schedules(calibration, [schedule], constraints=[limit], horizon_day=60.0, half_given=True)


def test_what_the_model_cannot_take_is_left_out_with_the_reason(visits, calibration):
    model = models.get("two_drug_logistic_growth", "human")
    regimens = [find_regimen(key) for key in ("neosphere_hp", "impassion050")]
    comparison = compare(regimens, model=model, start_day=START)
    assert [schedule.name for schedule in comparison.schedules] == ["HP ×4"]
    ((name, reason),) = comparison.left_out
    assert name == "ddAC, then THP, with atezolizumab"
    assert reason.startswith("two_drug_logistic_growth has no drug that ")
    assert not reason.endswith(".")
    with pytest.raises(InputError, match=r"None of the regimens can be compared; ddAC, then THP, with atezolizumab: "):
        compare(regimens[1:], [NONE], model=model, start_day=START)
    with pytest.raises(InputError, match="tick a regimen"):
        of()
    left = planned(visits, calibration, replace(of("tch", others=[NONE]), left_out=((name, reason),)))
    findings = left.findings(left.make())
    assert f"{name} is left out: {reason}." in findings.notes
    assert any(name in row and reason in row for row in findings.tables["ranking"][1][1])


def test_what_breaks_a_limit_is_left_out_before_it_decides_on_the_day():
    given = [ClinicalDose("trastuzumab", 1.0, 2.0, "mg/kg")]
    limits = [ClinicalLimits(PATIENT, History(given=resolve(given, PATIENT)))]
    comparison = of("tchp", "ddac_thp", given=given, limits=limits)
    assert [each.name for each in comparison.schedules] == ["TCHP ×6"]
    ((name, reason),) = comparison.left_out
    assert name == "ddAC, then THP"
    assert reason.startswith(
        "anthracycline with or after anti-HER2: doxorubicin on day 15 is 14 days after trastuzumab"
    )
    assert comparison.with_horizon(PlanSettings(), START - 1).horizon_day == START + 105 + 28


def test_that_a_trial_was_excepted_from_a_limit_is_said():
    comparison = of("tryphaena_a", limits=[ClinicalLimits(PATIENT, History())])
    ((name, remark),) = comparison.remarks
    assert name == "FEC + HP, then THP"
    assert "is excepted from a limit, as its trial was: anthracycline with or after anti-HER2: epirubicin" in remark


def test_earlier_doses_decide_on_the_loading_dose_and_an_early_start_is_said():
    given = [ClinicalDose("trastuzumab", 10.0, 6.0, "mg/kg")]
    comparison = of("tch", given=given)
    first = next(dose for dose in comparison.schedules[0].doses if dose.drug == "trastuzumab")
    assert first.size == 6.0
    ((name, remark),) = comparison.remarks
    assert name == "TCH ×6"
    assert "starts on day 15, but trastuzumab of day 10 needs 21 days" in remark


def record(ranking):
    return Provenance("HER2ImmunoModel", compared(ranking), {})


@pytest.fixture(scope="module")
def ranking(visits, calibration):
    return planned(visits, calibration, of("tchp", "tch", others=[NONE])).make().ranking


def test_schedules_of_which_no_examination_shows_a_difference_are_not_called_the_best(ranking):
    first, second, *rest = ranking.rows
    near = replace(ranking, rows=(replace(first, expected=2.0), replace(second, expected=2.01), *rest), ahead=1.0)
    sentence = wording.answer(near)
    assert sentence.startswith("The first two schedules come to the same: ")
    assert "best" not in sentence.lower()
    assert recorded_apart(record(near)) is False
    gone = replace(ranking, rows=(replace(first, expected=1e-9), replace(second, expected=1e-6), *rest), ahead=1.0)
    assert not wording.tells_apart(gone)
    apart = replace(ranking, rows=(replace(first, expected=2.0), replace(second, expected=2.5), *rest), ahead=0.9)
    assert wording.answer(apart).startswith("Best expected: ")
    assert recorded_apart(record(apart))


def test_the_columns_are_explained_and_regret_is_against_the_first_that_is_ticked(ranking):
    assert ranked_table.header(ranking) == ("Schedule", "Expected\ncm³ (90 %)", "Best in", "Regret\ncm³")
    tip = ranked_table.header_tips(ranking)[3]
    assert tip.startswith("What you lose on average if you choose this schedule and TCHP ×6 would have been better")
    regrets = {cells[0]: cells[3] for cells in ranked_table.cells(ranking)}
    assert regrets["TCHP ×6"] == "0"
    assert float(regrets["No treatment"]) > 0


@pytest.mark.parametrize("in_units", [False, True])
def test_a_row_keeps_the_doses_that_it_stands_for(in_units):
    """What is kept of a schedule of the model is, prescribed again, the same schedule."""
    one = order_gap_split(gaps=[3], splits=[2], intervals=[4.0], start_day=START)[0]
    if not in_units:
        assert [(d.drug, d.day, d.size) for d in written_doses(one, MODEL)] == [
            (d.drug, d.day, d.dose) for d in one.doses
        ]
        return
    drugs = (("cytotoxic", "docetaxel"),)
    whole = ClinicalSchedule((ClinicalDose("trastuzumab", 0, 1, "rel"), ClinicalDose("docetaxel", 0, 1, "rel")))
    model = prescribe([whole], MODEL, PATIENT).model
    written = written_doses(one, model, PATIENT, drugs)
    (again,) = prescribe([ClinicalSchedule(written)], model, PATIENT).schedules
    told = {(dose.drug, dose.day): dose.dose for dose in again.for_model(model).doses}
    assert told == pytest.approx({(dose.drug, dose.day): dose.dose for dose in one.for_model(model).doses})


def test_the_key_of_a_row_is_read_back(visits, calibration):
    comparison = of("kristine", others=[NONE])
    request = planned(visits, calibration, comparison)
    findings = request.findings(request.make())
    kept = dict(ranked_table.row_of(key) for key in findings.keys)
    assert kept == {each.name: each.doses for each in comparison.schedules}
    assert [ranked_table.row_of(key)[0] for key in findings.keys] == [cells[0] for cells in findings.cells]
