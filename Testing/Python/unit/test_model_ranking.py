"""Ranking of schedules: against a plain loop, constraints, objectives, the past, bad input."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import (
    AllowedDays,
    Dose,
    LargestDose,
    OneCytotoxicADay,
    Schedule,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
    calibrate,
    gap_curve,
    models,
    objectives,
    rank_schedules,
    repeated,
    simulate,
    standard_candidates,
)
from HER2ImmunoModelLib.findings.figures import gap_chart
from HER2ImmunoModelLib.findings.tables import gap_table
from HER2ImmunoModelLib.findings.wording import gaps_that_break

MODEL = models.get("tivnh_treated")
FREE = ("g", "mu_V", "k_P", "n_A", "T0", "V0", "H0")


@pytest.fixture(scope="module")
def baseline():
    """A subject seen on days 0 and 4, untreated."""
    course = simulate(MODEL, {}, [0, 4])
    visits = [
        Measurement(f"V{i}", day, {c: float(course.states[s][0, i]) for s, c in MODEL.observables.items()})
        for i, day in enumerate((0.0, 4.0))
    ]
    return calibrate(MODEL, visits, free=FREE, prior_draws=256)


@pytest.fixture(scope="module")
def loop(baseline):
    """Volumes (candidates, draws, days) of the standard candidates, one course at a time."""
    draws, day = baseline.draws(12, 7), np.arange(4.0, 41.0)
    each = [{name: float(values[k]) for name, values in draws.items()} for k in range(12)]
    courses = [
        [simulate(MODEL, one, [0.0, *day], schedule=candidate).states["T"][0, 1:] for one in each]
        for candidate in standard_candidates(start_day=4)
    ]
    return day, np.array(courses)


@pytest.mark.parametrize("name", ["volume_at_horizon", "mean_burden", "nadir", "time_to_progression"])
def test_ranking_equals_a_plain_loop(baseline, loop, name):
    candidates = standard_candidates(start_day=4)
    ranking = rank_schedules(baseline, candidates, name, draws=12, horizon_day=40, seed=7)
    goal = objectives.get(name)
    value = goal.value(*loop)
    loss = value if goal.lower_is_better else -value
    order = np.argsort(loss.mean(axis=1), kind="stable")
    assert [row.schedule for row in ranking.rows] == [candidates[i] for i in order]
    for row, i in zip(ranking.rows, order, strict=True):
        assert row.expected == pytest.approx(value[i].mean(), rel=1e-5)
        assert [row.lower, row.upper] == pytest.approx(np.quantile(value[i], [0.05, 0.95]), rel=1e-5)
        assert row.gain == pytest.approx((loss[0] - loss[i]).mean(), rel=1e-4, abs=1e-5)
        assert row.regret == pytest.approx(np.maximum(loss[i] - loss[0], 0).mean(), rel=1e-4, abs=1e-5)
    assert sum(row.probability_best for row in ranking.rows) == pytest.approx(1)
    assert ranking.standard == candidates[0].name


@pytest.mark.parametrize("name", ["volume_at_horizon", "probability_below"])
def test_days_that_do_not_count_are_left_out_without_a_change_of_a_bit(baseline, name):
    goal = objectives.get(name, level_cm3=0.3)
    assert goal.is_of_the_end
    assert objectives.weighted_pair(goal, goal, 1.0).is_of_the_end
    assert not objectives.weighted_pair(goal, objectives.get("nadir"), 1.0).is_of_the_end
    candidates = standard_candidates(start_day=4)
    every_day = replace(goal, is_of_the_end=False)
    short, whole = (rank_schedules(baseline, candidates, each, draws=12).rows for each in (goal, every_day))
    assert short == whole


def test_the_design_order_wins(baseline):
    ranking = rank_schedules(baseline, standard_candidates(start_day=4), draws=200)
    names = [row.schedule.name for row in ranking.rows]
    assert names.index("Trastuzumab then chemotherapy") < names.index("Chemotherapy then trastuzumab")
    assert names[-1] == "No treatment"
    assert [row.rank for row in ranking.rows] == [1, 2, 3, 4, 5, 6]
    assert (ranking.start_day, ranking.horizon_day) == (4, 46)


def test_doses_of_the_past_stay_in_force(baseline):
    past = Schedule(repeated("trastuzumab", (1, 2)))
    plan = Schedule((Dose("cytotoxic", 6),), "plan")
    ranking = rank_schedules(baseline, [plan], given=past, draws=20, horizon_day=30)
    course = simulate(MODEL, baseline.draws(20), [0, 4, 30], schedule=past + plan)
    assert ranking.rows[0].expected == pytest.approx(course.states["T"][:, -1].mean(), rel=1e-5)


def test_a_dose_of_the_day_on_which_schedules_begin_is_said_to_be_left_out(baseline):
    plan, past = Schedule((Dose("cytotoxic", 6),), "plan"), Schedule(repeated("trastuzumab", (1, 4)))
    ranking = rank_schedules(baseline, [plan], given=past, draws=20, horizon_day=30)
    assert any("trastuzumab given on that day is left out" in text for text in ranking.warnings)
    later = rank_schedules(baseline, [plan], given=past, draws=20, start_day=5, horizon_day=30)
    course = simulate(MODEL, baseline.draws(20), [0, 5, 30], schedule=past + plan)
    assert later.rows[0].expected == pytest.approx(course.states["T"][:, -1].mean(), rel=1e-5)
    assert not any("left out" in text for text in later.warnings)


def test_candidates_before_the_last_visit_replay_the_past_and_say_so(baseline):
    ranking = rank_schedules(baseline, standard_candidates(), draws=20)
    assert ranking.start_day == 0
    assert any("replayed" in text for text in ranking.warnings)


def test_probability_below(baseline):
    candidates = standard_candidates(start_day=4)
    ranking = rank_schedules(baseline, candidates, "probability_below", level_cm3=0.2, draws=100)
    assert all(0 <= row.expected <= 1 for row in ranking.rows)
    assert ranking.rows[0].expected > ranking.rows[-1].expected


def test_time_to_progression_of_known_courses():
    day = np.arange(0.0, 11.0)
    value = objectives.get("time_to_progression").value
    growing, falling = np.exp(0.1 * day), np.exp(-0.1 * day)
    exact = np.log(1.2) / 0.1
    assert value(day, np.stack([growing, falling])) == pytest.approx([exact, 10.0], abs=0.01)
    assert value(day, np.where(day < 5, 2.0, 3.0)) == pytest.approx(4.4)
    assert np.isnan(value(day, np.full(11, np.nan)))


@pytest.mark.parametrize(
    ("rule", "schedule", "words"),
    [
        (TotalDose("cytotoxic", 1.5), Schedule(repeated("paclitaxel", (1, 8))), "add up to 2"),
        (LargestDose("cytotoxic", 1.0), Schedule((Dose("paclitaxel", 1, 0.7), Dose("cytotoxic", 1, 0.7))), "1.4"),
        (ShortestInterval("cytotoxic", 7), Schedule(repeated("cytotoxic", (8, 3))), "days 3 and 8"),
        (AllowedDays(), Schedule((Dose("cytotoxic", 5),)), "weekday"),
        (OneCytotoxicADay(), Schedule((Dose("paclitaxel", 2), Dose("doxorubicin", 2))), "paclitaxel and doxorubicin"),
        (ToxicityBudget((("cytotoxic", 1.0),), 2.0, 60), Schedule(repeated("cytotoxic", (1, 8))), "2.86"),
    ],
)
def test_constraints(rule, schedule, words):
    assert words in rule.violation(schedule, MODEL)
    assert rule.violation(Schedule((Dose("cytotoxic", 1), Dose("trastuzumab", 1))), MODEL) is None


def test_candidates_that_break_a_rule_are_excluded_with_the_reason(baseline):
    candidates = standard_candidates(start_day=4)
    late = Schedule((Dose("cytotoxic", 90),), "late")
    ranking = rank_schedules(baseline, [*candidates, late], constraints=[TotalDose("cytotoxic", 1)], draws=20)
    assert {row.schedule.name for row in ranking.rows} == {"Trastuzumab alone", "No treatment"}
    reasons = {schedule.name: reason for schedule, reason in ranking.excluded}
    assert "more than 1" in reasons["Chemotherapy alone"]
    assert "day 90" in reasons["late"]


def test_gap_curve_is_the_ranking_of_its_schedules(baseline):
    curve = gap_curve(baseline, (-7, 0, 7), draws=30, horizon_day=40, seed=2)
    plan = Schedule(repeated("trastuzumab", (4, 8)) + repeated("cytotoxic", (11, 15)), "gap 7")
    row = rank_schedules(baseline, [plan], draws=30, horizon_day=40, seed=2).rows[0]
    assert curve.expected[2] == pytest.approx(row.expected, rel=1e-5)
    assert curve.expected[2] < curve.expected[0]
    assert (curve.lower <= curve.upper).all()


def test_gaps_that_break_a_rule_say_how(baseline):
    curve = gap_curve(baseline, (0, 1, 7), constraints=[OneCytotoxicADay(), AllowedDays()], draws=10, horizon_day=40)
    assert curve.is_broken.tolist() == [False, True, False]
    assert "cytotoxic on day 5 falls on a weekday" in curve.breaks[1]
    header, rows = gap_table(curve)
    assert [dict(zip(header, row, strict=True))["breaks"] for row in rows] == list(curve.breaks)
    marked = [item for item in gap_chart(curve).items if item.label == "breaks a limit"]
    assert [item.x.tolist() for item in marked] == [[1.0]]
    assert "1 of 3 gaps" in gaps_that_break(curve)[0]
    assert gaps_that_break(gap_curve(baseline, (0, 1), draws=10, horizon_day=40)) == []


def test_bad_input(baseline):
    plans = standard_candidates(start_day=4)
    for arguments, words in (
        (([],), "no schedule to rank"),
        ((plans, "happiness"), "no objective"),
        ((plans, "probability_below"), "level"),
        (([Schedule((Dose("aspirin", 5),))],), "no drug"),
        ((plans[:1], "nadir", [TotalDose("cytotoxic", 0)]), "No schedule can be ranked"),
    ):
        with pytest.raises(InputError, match=words):
            rank_schedules(baseline, *arguments)
    with pytest.raises(InputError, match="horizon"):
        rank_schedules(baseline, plans, horizon_day=4)
    with pytest.raises(InputError, match="standard schedule"):
        rank_schedules(baseline, plans, standard="mine")
    with pytest.raises(InputError, match="horizon"):
        gap_curve(baseline, (50,))


@pytest.mark.parametrize("limit", [0.0, 0.05, 1.0])
def test_cancel(baseline, limit):
    def stop(fraction, text):
        if fraction >= limit:
            raise Cancelled

    with pytest.raises(Cancelled):
        rank_schedules(baseline, standard_candidates(start_day=4), draws=20, report=stop)
