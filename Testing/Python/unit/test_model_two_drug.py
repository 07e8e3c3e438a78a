"""The finding of Lima et al. 2022 in kind: both interactions are selected, and trastuzumab comes first.

Data are simulated with the family's own equations; the paper gives the finding, not a table to compare with.
"""

from itertools import combinations

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Schedule, Subject, choose_model, rank_schedules, repeated, simulate

BOTH = "two_drug_logistic_death_potentiates_clears"
FAMILY = [f"two_drug_logistic_death{part}" for part in ("", "_potentiates", "_clears", "_potentiates_clears")]
TRUTH = {"k_AP": 0.5, "q_P": 3.0, "k_A": 0.15}
DAYS = np.array([0.0, 20.0, 35.0, 37.0, 39.0, 42.0, 46.0, 52.0, 60.0, 70.0])
COURSE = (35.0, 36.0, 37.0, 38.0)
"""Days on which the mice of the paper could be treated."""


def group(name, plan, seed):
    """A group of mice: mean volume on each day with its standard error of 4 %."""
    rng = np.random.default_rng(seed)
    volume = simulate(BOTH, TRUTH, DAYS, schedule=plan).states["T"][0] * np.exp(0.04 * rng.standard_normal(DAYS.size))
    visits = [
        Measurement(f"V{i}", day, {"volume_cm3": v}, {"volume_cm3": 0.04 * v})
        for i, (day, v) in enumerate(zip(DAYS.tolist(), volume.tolist(), strict=True))
    ]
    return Subject(name, tuple(visits), plan)


def plan(first, last):
    return Schedule(repeated("trastuzumab", first) + repeated("doxorubicin", last), f"A {first}, P {last}")


@pytest.fixture(scope="module")
def weighed():
    """Groups as in the paper: trastuzumab alone, each drug first, both together."""
    plans = {
        "trastuzumab": plan((35.0, 38.0), ()),
        "doxorubicin first": plan((36.0, 39.0), (35.0,)),
        "trastuzumab first": plan((35.0, 38.0), (39.0,)),
        "together": plan((35.0, 38.0), (35.0,)),
    }
    groups = [group(name, given, seed) for seed, (name, given) in enumerate(plans.items())]
    return choose_model(FAMILY, groups, prior_draws=32)


def test_the_model_with_both_interactions_is_selected(weighed):
    assert weighed[0].model == BOTH
    assert weighed[0].bic_weight > 0.9
    for name in ("k_AP", "q_P"):
        found = weighed[0].fit.shared[name]
        assert found.lower < TRUTH[name] < found.upper
        assert found.set_by == "data"


def test_trastuzumab_first_is_the_optimum_of_the_fitted_model(weighed):
    """Two full doses of each drug on four days, one drug a day: every order, as an exhaustive search."""
    view = weighed[0].fit.subjects["together"]
    every = [plan(a, tuple(d for d in COURSE if d not in a)) for a in combinations(COURSE, 2)]
    settings = {"start_day": 34.0, "horizon_day": 70.0, "draws": 100, "given": Schedule()}
    for objective in ("volume_at_horizon", "mean_burden"):
        best, *others = rank_schedules(view, every, objective, **settings).rows
        assert best.schedule.name == plan((35.0, 36.0), (37.0, 38.0)).name
        reverse = next(row for row in others if row.schedule.name == plan((37.0, 38.0), (35.0, 36.0)).name)
        assert best.expected < reverse.expected
    assert best.expected < 0.85 * reverse.expected
    assert best.probability_best > 0.9


def test_without_interactions_the_order_does_not_matter_in_the_end():
    """Growth without a limit: the kills then only add up."""
    plans = [plan((35.0, 36.0), (37.0, 38.0)), plan((37.0, 38.0), (35.0, 36.0))]
    gaps = []
    for off in ({}, {"k_AP": 0.0, "q_P": 0.0}):
        values = TRUTH | off | {"K": np.inf}
        first, last = (simulate(BOTH, values, [0, 200], schedule=one).states["T"][0, -1] for one in plans)
        gaps.append(np.log(first / last))
    assert gaps[0] < -0.05
    assert gaps[1] == pytest.approx(0, abs=1e-5)
