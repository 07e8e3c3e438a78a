"""Forecasts that follow edits: as the engine from the start, whatever was edited before."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoModelLib import Dose, Schedule, models, repeated, simulate
from HER2ImmunoModelLib.drugs.individuals import population
from HER2ImmunoModelLib.drugs.library import find_drug
from HER2ImmunoModelLib.models.choosing_kinds import with_own_kind
from HER2ImmunoModelLib.planning import what_if
from HER2ImmunoModelLib.planning.courses import Ensemble
from HER2ImmunoModelLib.planning.what_if import WhatIf
from HER2ImmunoModelLib.simulation.batch import simulate_schedules
from HER2ImmunoModelLib.treatments.effects import clinical_model

HUMAN = models.get("tivnh_treated", "human")
DAYS = np.arange(10.0, 95.0)


def drawn(model, draws=6, past=(), **bodies):
    """Draws of the prior, followed from day 0 to day 10 under the past."""
    rng, past = np.random.default_rng(1), Schedule(tuple(past))
    values = {
        p.name: p.from_free(p.to_free(p.default) + 0.3 * p.prior * rng.standard_normal(draws)) for p in model.parameters
    } | bodies
    until = simulate(model, values, [0.0, DAYS[0]], schedule=past, tolerance=1e-9)
    initial = {name: states[:, -1] for name, states in until.states.items()}
    return Ensemble(model, values, initial, np.ones(draws, dtype=bool), past, DAYS)


def plain(ensemble, schedule):
    """By the engine from the start day on, at a tight tolerance."""
    given = {"schedule": ensemble.past + schedule, "initial": ensemble.initial}
    return simulate(ensemble.model, ensemble.parameters, ensemble.day, tolerance=1e-8, **given).states


def of_kind(kind):
    """A model with drugs of some kind of exposure, and the bodies of its draws."""
    if kind == "chain":
        return with_own_kind(HUMAN, "cytotoxic", "chain", stages=2, per_day=0.5), {}
    if kind == "a body a draw":
        kinetics = population(find_drug("trastuzumab"), 6, seed=0).kinetics
        bodies = {"CL_trastuzumab": kinetics.clearance, "V1_trastuzumab": kinetics.volume}
        return clinical_model(HUMAN, ["trastuzumab", "docetaxel"]), bodies
    return (HUMAN if kind == "relative" else models.get("two_drug_logistic_growth_clears")), {}


@pytest.mark.parametrize("kind", ["relative", "chain", "a body a draw", "integrated"])
def test_edits_one_after_the_other_equal_the_engine(kind):
    model, bodies = of_kind(kind)
    other = model.dose_name("doxorubicin")
    ensemble = drawn(model, past=[Dose("trastuzumab", 2.0)], **bodies)
    asked = WhatIf(ensemble)
    schedule = Schedule(repeated("trastuzumab", (10, 31, 52)) + repeated(other, (17, 38)))
    rng = np.random.default_rng(2)
    for _ in range(6):
        doses = list(schedule.doses)
        at = int(rng.integers(len(doses)))
        edits = [
            lambda old: [Dose(old.drug, float(rng.integers(10, 90)), old.dose)],
            lambda old: [Dose(old.drug, old.day, 1.3 * old.dose)],
            lambda old: [old, Dose(other, old.day + 7.5, 0.5)],
        ]
        doses[at : at + 1] = edits[int(rng.integers(3))](doses[at])
        schedule = Schedule(tuple(doses))
        found, expected = asked.forecast(schedule), plain(ensemble, schedule)
        for name, values in expected.items():
            np.testing.assert_allclose(found.states[name], values, rtol=1e-4, atol=2e-5)


def test_only_what_comes_after_an_edit_is_simulated(monkeypatch):
    asked, days = WhatIf(drawn(HUMAN)), []

    def watched(model, values, day, schedules, **given):
        days.append((day[0], len(schedules)))
        return simulate_schedules(model, values, day, schedules, **given)

    monkeypatch.setattr(what_if, "simulate_schedules", watched)
    first = Schedule(repeated("trastuzumab", (12, 33, 54)))
    one = asked.forecast(first)
    asked.forecast(first + Schedule((Dose("cytotoxic", 40.5),)))
    asked.forecast(Schedule(repeated("trastuzumab", (12, 33, 61))))
    assert asked.forecast(first) is one
    asked.forecast(first + Schedule((Dose("cytotoxic", 94.0),)))
    edited = [
        plan + Schedule((Dose("cytotoxic", 62.0),)) for plan in (first, Schedule(repeated("trastuzumab", (12, 33, 61))))
    ]
    asked.forecasts([first, *edited, edited[0]])
    assert days == [(10.0, 1), (40.0, 1), (54.0, 1), (94.0, 1), (62.0, 2)]


def test_a_draw_that_failed_under_one_schedule_has_its_course_under_another():
    ensemble = drawn(replace(HUMAN, explosions={"human": {"T": 80.0}}), draws=12)
    asked, treated = WhatIf(ensemble), Schedule(repeated("cytotoxic", range(12, 90, 6), 3.0))
    untreated = asked.forecast(Schedule())
    found, alone = asked.forecast(treated), WhatIf(ensemble).forecast(treated)
    assert 0 < found.failed.sum() < untreated.failed.sum() < 12
    np.testing.assert_array_equal(found.failed, alone.failed)
    np.testing.assert_allclose(found.states["T"], alone.states["T"], rtol=1e-4)
    assert np.isfinite(found.band("T")).all()
    assert (np.diff(found.band("T"), axis=0) >= 0).all()


def test_so_many_schedules_are_kept(monkeypatch):
    monkeypatch.setattr(what_if, "KEPT", 2)
    asked = WhatIf(drawn(HUMAN, draws=2))
    plans = [Schedule((Dose("trastuzumab", day),)) for day in (20.0, 30.0, 40.0)]
    first, *_rest = [asked.forecast(plan) for plan in plans]
    assert asked.forecast(plans[0]) is not first
