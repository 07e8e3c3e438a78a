"""The virtual patient's disease: moderate departures from the model, sizes an image can show, a decided order."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.simulation.batch import simulate
from HER2ImmunoStudyLib.phantom.presets import HUMAN, MOUSE
from HER2ImmunoStudyLib.phantom.subject import MODEL, draw_parameters, simulate_subject

SEEDS = range(4)


@pytest.fixture(scope="module", params=[(HUMAN, 2.0, 8.0), (MOUSE, 0.1, 0.5)], ids=["human", "mouse"])
def cohort(request):
    preset, low, high = request.param
    return [simulate_subject(preset, seed) for seed in SEEDS], low, high


@pytest.mark.parametrize("preset", [HUMAN, MOUSE], ids=["human", "mouse"])
def test_parameters_depart_moderately_and_stay_in_their_domain(preset):
    model = models.get(MODEL, preset.species)
    for seed in SEEDS:
        values = draw_parameters(preset, seed)
        for parameter in model.parameters:
            assert parameter.holds(values[parameter.name])
            step = parameter.to_free(values[parameter.name]) - parameter.to_free(parameter.default)
            assert abs(step) <= 0.4 * parameter.prior + 1e-12


def test_the_seed_decides_the_parameters():
    assert draw_parameters(HUMAN, 3) == draw_parameters(HUMAN, 3)
    assert draw_parameters(HUMAN, 3) != draw_parameters(HUMAN, 4)


def test_tumours_are_large_enough_to_image_and_fractions_fit(cohort):
    subjects, low, high = cohort
    for visit in (visit for subject in subjects for visit in subject.visits):
        assert low <= visit.states["T"] <= high
        assert visit.states["V"] + visit.states["N"] < 1.0
        assert all(0.0 < visit.states[name] < 1.0 for name in "IVNH")


def test_the_order_of_the_drugs_matters(cohort):
    for outcome in (subject.outcomes for subject in cohort[0]):
        assert outcome["Chemotherapy then trastuzumab"] > 1.2 * outcome["Trastuzumab then chemotherapy"]
        assert max(outcome, key=outcome.get) == "No treatment"


def test_the_run_in_dose_is_seen_in_the_visits():
    treated = simulate_subject(HUMAN, 0)
    assert [dose.drug for dose in treated.given.doses] == ["trastuzumab"]
    before = simulate_subject(HUMAN, 0, [0.0, 0.5])
    assert before.given.doses == ()
    assert before.visits[0].states == treated.visits[0].states


def test_candidates_start_with_the_last_visit():
    subject = simulate_subject(HUMAN, 0, [3.0, 20.0])
    assert (subject.plan_day, subject.horizon_day) == (20.0, 62.0)
    assert [visit.name for visit in subject.visits] == ["day_3", "day_20"]
    assert np.isfinite(list(subject.outcomes.values())).all()


@pytest.mark.parametrize("days", [[], [7.0, 0.0], [0.0, 0.0], [-1.0, 3.0]])
def test_visit_days_must_increase(days):
    with pytest.raises(InputError, match="visit days"):
        simulate_subject(HUMAN, 0, days)


def test_the_course_agrees_with_the_batched_simulator():
    subject = simulate_subject(HUMAN, 0)
    run = simulate(models.get(MODEL, "human"), subject.parameters, [0.0, 7.0, 14.0], schedule=subject.given)
    for index, visit in enumerate(subject.visits):
        for name, value in visit.states.items():
            assert run.states[name][0, index] == pytest.approx(value, rel=1e-5)
