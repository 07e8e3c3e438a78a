"""The sentences of a ranking say its numbers, whatever the objective."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import calibrate, models, objectives, rank_schedules, simulate, standard_candidates
from HER2ImmunoModelLib.findings import wording
from HER2ImmunoModelLib.findings.comparison import TOLD_APART, equal_of
from HER2ImmunoModelLib.findings.sampler import said_of_sampling
from HER2ImmunoModelLib.planning.ranking import ahead_of_others

NAMES = (*objectives.OBJECTIVES, "probability_below")


@pytest.fixture(scope="module")
def calibration():
    model = models.get("tivnh_treated")
    states = simulate(model, {}, [0, 7]).states
    rows = [Measurement(f"V{n}", day, {"volume_cm3": float(states["T"][0, n])}) for n, day in enumerate((0.0, 7.0))]
    return calibrate(model, rows, prior_draws=128)


def rank(calibration, name):
    return rank_schedules(calibration, standard_candidates(start_day=7), name, draws=40, horizon_day=35, level_cm3=0.5)


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_names_the_best_schedule_its_value_and_the_day(calibration, name):
    ranking = rank(calibration, name)
    best, sentence = ranking.rows[0], wording.answer(ranking)
    if wording.tells_apart(ranking):
        assert sentence.startswith(f"Best expected: {best.schedule.name}, ")
        assert sentence.endswith(f"best in {wording.percent(best.probability_best)} of draws.")
    else:
        assert f": {best.schedule.name} does better than {equal_of(ranking).schedule.name} in " in sentence
    assert "day 35" in sentence
    value = wording.percent(best.expected) if name == "probability_below" else wording.number(best.expected)
    assert value in sentence
    assert "cm3" not in sentence
    assert name in wording.OBJECTIVE_TITLES


def test_the_cells_are_the_ranking(calibration):
    ranking = rank(calibration, "volume_at_horizon")
    for cells, row in zip(wording.ranking_cells(ranking), ranking.rows, strict=True):
        assert cells[0] == row.schedule.name
        expected, low, high = cells[1].replace("< ", "").replace("(", "").replace(" to", "").removesuffix(")").split()
        assert [float(expected), float(low), float(high)] == pytest.approx(
            [max(value, wording.SMALLEST_CM3) for value in (row.expected, row.lower, row.upper)], rel=0.05
        )


@pytest.mark.parametrize("ahead", [0.5, 0.79])
def test_of_two_schedules_that_are_not_told_apart_none_is_called_the_best(calibration, ahead):
    ranking = replace(rank(calibration, "volume_at_horizon"), ahead=ahead)
    first, second, *_rest = (row.schedule.name for row in ranking.rows)
    sentence = wording.answer(ranking)
    assert "best" not in sentence.lower()
    assert sentence.startswith(
        f"The data do not tell the first two schedules apart: {first} does better than {second} in "
        f"{wording.percent(ahead)} of draws only."
    )
    for row in ranking.rows[:2]:
        assert wording.expectation(ranking, row) in sentence
    sure = replace(ranking, ahead=TOLD_APART)
    assert wording.answer(sure).startswith(f"Best expected: {first}, ")
    assert wording.like_each_other(sure) == ""


def test_the_first_two_are_compared_over_the_same_draws(calibration):
    same = standard_candidates(start_day=7)[:1]
    twins = rank_schedules(calibration, [*same, replace(same[0], name="its twin")], draws=20, horizon_day=35)
    assert twins.ahead == 0.5
    assert not wording.tells_apart(twins)
    alone = rank_schedules(calibration, same, draws=20, horizon_day=35)
    assert alone.ahead is None
    assert wording.tells_apart(alone)


def test_the_first_is_held_against_the_one_that_beats_it_most_often(calibration):
    loss = np.array([[1.0] * 5, [1.1] * 5, [0.0, 0.0, 0.0, 9.0, 9.0]])
    assert ahead_of_others(loss) == (pytest.approx(0.4), 2)
    ranking = replace(rank(calibration, "volume_at_horizon"), ahead=0.4, rival=2)
    first, _second, third, *_rest = (row.schedule.name for row in ranking.rows)
    assert wording.answer(ranking).startswith(
        f"The data do not tell the first schedule and number 3 apart: {first} does better than {third} in 40 % of"
    )
    assert wording.expectation(ranking, ranking.rows[2]) in wording.answer(ranking)


def with_interval(calibration, lower, expected, upper):
    ranking = rank(calibration, "volume_at_horizon")
    best = replace(ranking.rows[0], lower=lower, expected=expected, upper=upper, probability_best=0.93)
    return replace(ranking, rows=(best, *ranking.rows[1:]), ahead=0.93)


def test_an_outcome_that_spans_orders_of_magnitude_is_not_said_as_if_it_were_known(calibration):
    ranking = with_interval(calibration, 0.00022, 5.5, 32.0)
    assert "5.5 cm³ at day 35 (90 % < 0.001 to 32: the data hardly determine the outcome itself)" in wording.answer(
        ranking
    )
    assert wording.ranking_cells(ranking)[0][1:] == ("5.5 (< 0.001 to 32)", "93 %")
    assert "hardly" not in wording.answer(with_interval(calibration, 2.0, 5.5, 32.0))


def test_every_parameter_is_counted_once_and_what_set_most_is_said_first(calibration):
    by_data = [estimate for estimate in calibration.estimates.values() if estimate.set_by == "data"]
    total = len(calibration.estimates)
    assert 2 * len(by_data) < total  # two visits do not set a model of this size
    sentence = wording.set_by_data(calibration)
    assert sentence == (
        f"The data set {len(by_data)} of {total} parameters; {total - len(by_data)} are set by the priors, so the "
        "forecast and any ranking are mostly the priors'."
    )
    listed = ["Set by the data: tumour growth rate, tumour volume at the start."]
    assert wording.which_by_data(calibration) == wording.said_of_data(calibration) == listed
    assert wording.basis(calibration) == sentence
    known = {name: replace(found, set_by="data") for name, found in calibration.estimates.items()}
    known["T0"] = replace(known["T0"], set_by="prior")
    most = replace(calibration, estimates=known)
    assert wording.said_of_data(most)[0] == f"The data set {total - 1} of {total} parameters; 1 is set by its prior."
    assert wording.basis(most) == ""


def test_a_model_that_does_not_fit_is_a_failed_diagnostic_and_no_warning_among_others():
    model = models.get("immunotherapy_decaying", "mouse")
    rows = [Measurement(f"V{n}", 7.0 * n, {"volume_cm3": v}) for n, v in enumerate((0.1, 3.0, 0.1, 3.0))]
    said = said_of_sampling(calibrate(model, rows, prior_draws=128))
    assert said["failed"][0].startswith("The model misses the measurements: chi-square ")
    assert not set(said["failed"]) & set(said["warnings"])
    assert said["alarm"] == ""


@pytest.mark.parametrize(
    ("value", "text"), [(0.011, "0.011"), (8.04, "8.0"), (20.3, "20"), (123.4, "123"), (0.0, "0.0"), (-1.26, "-1.3")]
)
def test_numbers_have_two_digits(value, text):
    assert wording.number(value) == text


def test_no_share_is_called_certain_that_is_not():
    assert [wording.percent(share) for share in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        "0 %",
        "< 1 %",
        "50 %",
        "> 99 %",
        "100 %",
    ]


def test_only_long_numbers_are_shortened():
    texts = ["0.10596026490066225", "0.5", "baseline", "", "14.0", "nan"]
    assert [wording.shortened(text) for text in texts] == ["0.106", "0.5", "baseline", "", "14", "nan"]
    assert np.isclose(float(wording.shortened(repr(np.pi))), np.pi, rtol=5e-3)
