"""The schedule search: constraints kept, never worse than what it was shown, as good as brute force, bad input."""

from itertools import product

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
    models,
    optimize_schedule,
    order_gap_split,
    pareto_front,
    rank_schedules,
    simulate,
    standard_candidates,
)
from HER2ImmunoModelLib.planning import objectives
from HER2ImmunoModelLib.planning.allowed_doses import room
from HER2ImmunoModelLib.planning.courses import ensemble
from HER2ImmunoModelLib.planning.robust_loss import RobustLoss, risk_of
from hypothesis import given, settings
from hypothesis import strategies as st

MODEL = models.get("tivnh_treated")
RULES = (
    TotalDose("cytotoxic", 1.5),
    LargestDose("trastuzumab", 0.8),
    ShortestInterval("cytotoxic", 3),
    AllowedDays(),
    OneCytotoxicADay(),
    ToxicityBudget((("cytotoxic", 1.0), ("trastuzumab", 0.1)), 2.5, 46),
)


@pytest.fixture(scope="module")
def baseline():
    """A subject seen on days 0 and 4, untreated."""
    course = simulate(MODEL, {}, [0, 4])
    visits = [
        Measurement(f"V{i}", day, {c: float(course.states[s][0, i]) for s, c in MODEL.observables.items()})
        for i, day in enumerate((0.0, 4.0))
    ]
    return calibrate(MODEL, visits, free=("g", "mu_V", "k_P", "T0", "V0"), prior_draws=128)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["trastuzumab", "cytotoxic"]), st.floats(0, 60), st.floats(0, 3)), max_size=9)
)
def test_any_wish_becomes_a_schedule_that_keeps_every_rule(wishes):
    space, wanted = room(MODEL, RULES, ("trastuzumab", "cytotoxic"), 4, 46), {}
    for drug, day, size in wishes:
        wanted.setdefault(drug, []).append((day, size))
    plan = space.fit(wanted)
    assert [rule.violation(plan, MODEL) for rule in RULES] == [None] * len(RULES)


@pytest.mark.parametrize(("method", "risk"), [("days", "mean"), ("days", "cvar"), ("daily", "mean")])
def test_keeps_the_rules_and_is_never_worse_than_a_candidate(baseline, short_polish, method, risk):
    rules = [rule for rule in RULES if method == "days" or not isinstance(rule, ShortestInterval | OneCytotoxicADay)]
    shown = [
        Schedule((Dose("trastuzumab", 4, 0.8), Dose("cytotoxic", 7, 1.0)), "ours"),
        *standard_candidates(start_day=4, dose=0.4, interval_day=7),
    ]
    found = optimize_schedule(
        baseline,
        constraints=rules,
        candidates=shown,
        method=method,
        risk=risk,
        iterations=5,
        search_draws=12,
        draws=40,
    )
    assert [rule.violation(found.schedule, MODEL) for rule in rules] == [None] * len(rules)
    assert (np.diff(found.trace) <= 0).all()
    if risk == "mean":
        assert found.loss <= min(row.expected for row in found.ranking.rows) * (1 + 1e-3)


def test_equals_brute_force_over_days(baseline):
    days = np.arange(4.0, 18.0)
    plans = [Schedule((Dose("trastuzumab", a), Dose("cytotoxic", b))) for a, b in product(days, days)]
    best = rank_schedules(baseline, plans, draws=16, start_day=4, horizon_day=18).rows[0]
    found = optimize_schedule(baseline, doses=1, search_draws=16, draws=16, start_day=4, horizon_day=18, iterations=25)
    assert found.loss <= best.expected * (1 + 1e-3)


def test_same_seed_same_schedule(baseline):
    first, second = (optimize_schedule(baseline, iterations=2, search_draws=6, draws=20, seed=5) for _ in range(2))
    assert first.schedule == second.schedule
    assert first.loss == second.loss


def test_a_front_trades_volume_for_dose(baseline):
    front = pareto_front(baseline, pairs=3, generations=4, draws=12)
    assert len(front.schedules) >= 3
    assert (np.diff(front.burden) > 0).all()
    assert (np.diff(front.loss) < 0).all()
    assert front.burden[0] == 0
    assert front.burden[-1] <= 4 + 1e-9


def test_conditional_value_at_risk_is_the_mean_of_the_worst_tenth():
    loss = np.arange(20.0)[None]
    assert risk_of(loss, "cvar") == pytest.approx([18.5])
    assert risk_of(np.array([[np.nan, 1.0, 2.0]]), "mean") == pytest.approx([1.5])
    assert np.isinf(risk_of(np.array([[np.nan, np.nan, 2.0]]), "mean"))


def test_order_gap_split_gives_each_schedule_once_with_equal_totals():
    plans = order_gap_split(gaps=(-3, 0, 3), splits=(1, 2), intervals=(2.0,), start_day=4)
    assert len({tuple(sorted(plan.doses)) for plan in plans}) == len(plans) == 12
    for plan in plans:
        assert min(dose.day for dose in plan.doses) == 4
        assert sum(dose.dose for dose in plan.doses if dose.drug == "cytotoxic") == pytest.approx(2)


@pytest.mark.parametrize(
    ("gap", "splits", "name"),
    [
        (0, (1,), "Trastuzumab ×1, same day chemotherapy ×1"),
        (4, (2,), "Trastuzumab ×2, 4 days later chemotherapy ×2 (every 7 days)"),
        (-1, (1,), "Chemotherapy ×1, 1 day later trastuzumab ×1"),
    ],
)
def test_candidates_have_names_for_people(gap, splits, name):
    (plan,) = order_gap_split(gaps=(gap,), splits=splits, intervals=(7.0,))
    assert plan.name == name


class Nothing:
    """A rule that nothing keeps."""

    def violation(self, schedule, model):
        return "nothing is allowed"


def test_bad_input(baseline):
    for choice, words in (
        ({"constraints": [Nothing()]}, "No schedule meets"),
        ({"constraints": [AllowedDays(frozenset())]}, "No day from"),
        ({"method": "daily", "constraints": [ShortestInterval("cytotoxic", 3)]}, "ShortestInterval cannot"),
        ({"drugs": ["aspirin"]}, "no drug"),
        ({"drugs": []}, "no drug to schedule"),
        ({"method": "luck"}, "luck"),
        ({"doses": 0}, "nothing to schedule"),
        ({"largest": 0.0}, "above 0"),
        ({"horizon_day": 3}, "later horizon"),
    ):
        with pytest.raises(InputError, match=words):
            optimize_schedule(baseline, **choice)
    with pytest.raises(InputError, match="happiness"):
        pareto_front(baseline, against="happiness")
    with pytest.raises(InputError, match="two drugs"):
        order_gap_split(("trastuzumab",))


@pytest.mark.parametrize("method", ["days", "daily"])
def test_cancel(baseline, method):
    def stop(fraction, text):
        if fraction >= 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        optimize_schedule(baseline, method=method, report=stop, search_draws=4, draws=10)


@pytest.mark.parametrize("objective", ["volume_at_horizon", "mean_burden"])
@pytest.mark.parametrize("risk", ["mean", "cvar"])
def test_is_no_worse_than_brute_force_over_days_and_sizes(baseline, risk, objective):
    goal = objectives.get(objective)
    drawn = ensemble(baseline, baseline.schedule, (4.0, 18.0), 16, 0, None)
    days, sizes = np.arange(4.0, 18.0, 2.0), (0.0, 0.5, 1.0)
    plans = [
        Schedule(tuple(Dose(*dose) for dose in (("trastuzumab", a, x), ("cytotoxic", b, y)) if dose[2]))
        for a, b, x, y in product(days, days, sizes, sizes)
    ]
    least = RobustLoss(drawn, goal, risk)(plans).min()
    asked = {"search_draws": 16, "draws": 16, "start_day": 4, "horizon_day": 18, "risk": risk, "doses": 1}
    found = optimize_schedule(baseline, objective, iterations=2, **asked)
    assert found.loss <= least + 1e-3 * abs(least)


@pytest.mark.parametrize("method", ["days", "daily"])
def test_the_worst_tenth_is_no_worse_than_with_full_doses(baseline, method):
    asked = {"search_draws": 12, "draws": 40, "risk": "cvar", "iterations": 2, "start_day": 4, "horizon_day": 18}
    found = optimize_schedule(baseline, method=method, **asked)
    full = [
        Schedule(tuple(Dose(dose.drug, dose.day, 1.0) for dose in found.schedule.doses)),
        *(standard_candidates(start_day=4, dose=1.0, interval_day=4) if method == "days" else ()),
    ]
    drawn = ensemble(baseline, baseline.schedule, (4.0, 18.0), 40, 0, None)
    assert found.loss <= RobustLoss(drawn, objectives.get("volume_at_horizon"), "cvar")(full).min() * (1 + 1e-3)
