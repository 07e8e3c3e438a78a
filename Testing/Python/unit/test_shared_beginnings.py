"""Schedules that begin alike are followed as one until they part: the very numbers of each schedule alone."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import Dose, Schedule, models, order_gap_split, repeated
from HER2ImmunoModelLib.drugs.individuals import population
from HER2ImmunoModelLib.drugs.library import find_drug
from HER2ImmunoModelLib.models.choosing_kinds import with_own_kind
from HER2ImmunoModelLib.simulation import batch
from HER2ImmunoModelLib.simulation.branches import branches
from HER2ImmunoModelLib.treatments.effects import clinical_model
from HER2ImmunoModelLib.treatments.pharmacokinetics import dose_table

HUMAN = models.get("tivnh_treated", "human")
DAYS = np.arange(0.0, 31.0, 3.0)
DRAWS = 4


def of_kind(kind):
    """A model with drugs of some kind of exposure, and the bodies of its draws."""
    if kind == "chain":
        return with_own_kind(HUMAN, "cytotoxic", "chain", stages=2, per_day=0.5), {}
    if kind == "a body a draw":
        kinetics = population(find_drug("trastuzumab"), DRAWS, seed=0).kinetics
        bodies = {"CL_trastuzumab": kinetics.clearance, "V1_trastuzumab": kinetics.volume}
        return clinical_model(HUMAN, ["trastuzumab", "docetaxel"]), bodies
    return (HUMAN if kind == "relative" else models.get("two_drug_logistic_growth_clears")), {}


def draws(model, width=0.3):
    """Parameters drawn from the prior."""
    rng = np.random.default_rng(1)
    return {
        p.name: p.from_free(p.to_free(p.default) + width * p.prior * rng.standard_normal(DRAWS))
        for p in model.parameters
    }


def plans(cytotoxic):
    """Many that begin alike, in any order: two of them equal, none treated, doses before and on the first day."""
    found = order_gap_split(
        ("trastuzumab", cytotoxic), gaps=(-3.0, 0.0, 7.5), splits=(1, 3), intervals=(4.0,), start_day=1.0
    )
    loaded = [
        Schedule(repeated("trastuzumab", (0.0, 21.0), 1.5) + repeated(cytotoxic, days)) for days in ((9,), (9, 24))
    ]
    plans = [*found, *loaded, Schedule(), replace(found[5], name="again"), Schedule((Dose(cytotoxic, 30.0),))]
    return [plans[i] for i in np.random.default_rng(4).permutation(len(plans))]


def simulated(model, values, schedules, report=None):
    """Every state of every schedule and draw, and what failed."""
    return batch.simulate_schedules(model, values, DAYS, schedules, tolerance=1e-4, report=report)


@pytest.mark.parametrize("kind", ["relative", "chain", "a body a draw", "integrated"])
def test_together_as_alone_to_the_last_bit(kind):
    model, bodies = of_kind(kind)
    given, schedules = draws(model) | bodies, plans(model.dose_name("doxorubicin"))
    together, failed = simulated(model, given, schedules)
    alone = [simulated(model, given, [schedule])[0][:, 0] for schedule in schedules]
    assert not failed.any()
    np.testing.assert_array_equal(together, np.stack(alone, axis=1))


def test_those_who_would_leave_a_course_that_fails_fail_with_it():
    model = replace(HUMAN, explosions={"human": {"T": 12.0}})
    schedules = plans("cytotoxic")
    together, failed = simulated(model, draws(model, 1.0), schedules)
    alone = [simulated(model, draws(model, 1.0), [schedule]) for schedule in schedules]
    np.testing.assert_array_equal(together, np.stack([states[:, 0] for states, _ in alone], axis=1))
    np.testing.assert_array_equal(failed, np.stack([each[0] for _, each in alone]))
    assert 0 < failed.sum() < failed.size


def test_few_places_and_threads_change_nothing(monkeypatch):
    schedules = plans("cytotoxic")
    expected, _ = simulated(HUMAN, draws(HUMAN), schedules)
    monkeypatch.setattr(batch, "ROWS_AT_ONCE", 50)
    monkeypatch.setattr(batch, "ROWS_A_THREAD", 30)
    np.testing.assert_array_equal(simulated(HUMAN, draws(HUMAN), schedules)[0], expected)


def test_progress_counts_every_course_and_cancel_stops(monkeypatch):
    monkeypatch.setattr(batch, "ROWS_AT_ONCE", 50)
    shares = []
    simulated(HUMAN, draws(HUMAN), plans("cytotoxic"), report=lambda share, _: shares.append(share))
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)

    def stop(share, _):
        if share > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        simulated(HUMAN, draws(HUMAN), plans("cytotoxic"), report=stop)


def test_each_leaves_the_one_that_it_is_like_for_longest():
    days = [(5, 9), (5, 9, 20), (5, 12), (6,), (5, 9, 20), ()]
    schedules = [Schedule(repeated("cytotoxic", each)) for each in days]
    schedules += [Schedule((Dose("cytotoxic", 5.0, 0.5), Dose("cytotoxic", 9.0)))]
    tree = branches(dose_table(HUMAN, schedules, 0.0, 42.0), np.zeros(len(schedules)))
    roots = {days[i] for i in tree.roots if i < len(days)}
    assert len(tree.roots) == 3
    assert {(6,), ()} <= roots
    root = next(i for i in tree.roots.tolist() if i not in (3, 5))
    assert tree.expected(np.array([root]), np.array([0])) == 5
    assert tree.expected(tree.roots, np.zeros(3, dtype=int)) == len(schedules)
    equal = {(1, 4), (4, 1)} & {(i, int(leader)) for i, leader in enumerate(tree.leader)}
    assert len(equal) == 1
    assert tree.stop[equal.pop()[0]] == 3
