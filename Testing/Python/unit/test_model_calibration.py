"""Calibration: recovery, coverage, the mode against an independent optimiser, and what cannot be identified."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, read_calibration, repeated, simulate
from HER2ImmunoModelLib.calibration.observations import observe
from HER2ImmunoModelLib.calibration.posterior import posterior
from HER2ImmunoModelLib.calibration.watching import Watching
from scipy.optimize import least_squares

MODEL = models.get("tivnh_treated")
DAYS = (0.0, 7.0, 14.0, 21.0, 28.0)
GIVEN = Schedule(repeated("trastuzumab", (3, 7)) + repeated("paclitaxel", (11, 15)))
FREE = ("g", "mu_V", "del", "k_P", "n_A", "T0", "V0", "N0", "H0")
TRUTH = {"g": 0.06, "k_P": 0.45, "mu_V": 1.4, "T0": 0.3, "V0": 0.15}


def subject(truth, *, days=DAYS, rng=None, columns=None, cv=0.1, sd=0.03):
    """Measurements of a simulated subject, with noise from `rng`."""
    course = simulate(MODEL, truth, days, schedule=GIVEN)
    visits = []
    for i, day in enumerate(days):
        values, spread = {}, {}
        for state, column in MODEL.observables.items():
            if column == "immune_fraction" or (columns and column not in columns):
                continue
            value = float(course.states[state][0, i])
            if column == "volume_cm3":
                value *= np.exp(np.sqrt(np.log1p(cv**2)) * rng.standard_normal()) if rng else 1.0
                spread[column] = cv * value
            else:
                value = float(np.clip(value + (sd * rng.standard_normal() if rng else 0.0), 0, 1))
                spread[column] = sd
            values[column] = value
        visits.append(Measurement(f"V{i + 1}", day, values, spread))
    return visits


def test_truth_lies_within_the_intervals_without_noise():
    found = calibrate(MODEL, subject(TRUTH), schedule=GIVEN, free=FREE)
    assert found.chi2 < 0.5
    truth = MODEL.defaults() | TRUTH
    for name, estimate in found.estimates.items():
        assert estimate.lower < truth[name] < estimate.upper, name
    assert found.estimates["T0"].set_by == "data"


def test_every_parameter_is_free_by_default_and_the_untouched_keep_their_prior():
    found = calibrate(MODEL, subject(TRUTH), schedule=GIVEN)
    assert set(found.free) == {p.name for p in MODEL.parameters if p.prior > 0}
    untouched = found.estimates["s_B"]
    assert untouched.set_by == "prior"
    assert untouched.shrinkage == pytest.approx(0, abs=1e-3)
    assert untouched.value == pytest.approx(1.0, rel=1e-3)


def test_intervals_cover_synthetic_subjects():
    """The 200 subjects of the design are in Testing/benchmarks/model_calibration.py (--coverage 200)."""
    rng, inside, total = np.random.default_rng(11), 0, 0
    for seed in range(12):
        drawn = {
            p.name: float(p.from_free(p.to_free(p.default) + p.prior * rng.standard_normal()))
            for p in MODEL.parameters
            if p.name in FREE
        } | {"T0": 0.3}
        found = calibrate(MODEL, subject(drawn, rng=rng), schedule=GIVEN, free=FREE, seed=seed, prior_draws=256)
        inside += sum(e.lower < drawn[name] < e.upper for name, e in found.estimates.items())
        total += len(FREE)
    assert 0.83 <= inside / total <= 0.95, inside / total


def test_mode_is_as_good_as_scipy_from_several_starts():
    visits = subject(TRUTH, rng=np.random.default_rng(2))
    free = ("g", "k_P", "mu_V", "T0", "V0")
    found = calibrate(MODEL, visits, schedule=GIVEN, free=free)
    target = posterior(MODEL, observe(MODEL, visits), GIVEN, free, None)
    rng = np.random.default_rng(4)

    def residuals(theta):
        return target.residuals(theta[None])[0]

    def jacobian(theta):
        """By differences, all in one batch."""
        return (target.residuals(theta + 1e-4 * np.eye(5)) - residuals(theta)).T / 1e-4

    best = min(
        least_squares(residuals, target.prior_mean + 0.3 * rng.standard_normal(5), jacobian).cost for _ in range(4)
    )
    assert 0.5 * np.square(residuals(found.mode)).sum() <= best + 1e-4


def test_same_seed_same_answer():
    visits = subject(TRUTH, rng=np.random.default_rng(2))
    first, second = (calibrate(MODEL, visits, schedule=GIVEN, free=FREE, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.mode, second.mode)
    np.testing.assert_array_equal(first.draws(10, 1)["g"], second.draws(10, 1)["g"])


def test_draws_have_the_stated_interval():
    found = calibrate(MODEL, subject(TRUTH), schedule=GIVEN, free=FREE)
    draws = found.draws(20000, seed=1)
    assert set(draws) == {p.name for p in MODEL.parameters}
    for name, estimate in found.estimates.items():
        inside = (draws[name] > estimate.lower) & (draws[name] < estimate.upper)
        assert inside.mean() == pytest.approx(0.9, abs=0.01)


def test_forecast_bands_hold_the_truth():
    visits = subject(TRUTH, days=DAYS[:4])
    bands = calibrate(MODEL, visits, schedule=GIVEN, free=FREE).predict([0, 28])
    truth = simulate(MODEL, TRUTH, [0, 28], schedule=GIVEN)
    for name, values in truth.states.items():
        assert (bands.lower[name] <= values[0]).all()
        assert (bands.upper[name] >= values[0]).all()


def test_half_of_the_draws_lie_in_the_inner_band_and_the_window_is_that_of_the_equations():
    found = calibrate(MODEL, subject(TRUTH), schedule=GIVEN, free=FREE)
    days, n = [0.0, 14.0, 28.0], 200
    bands, course, drawn = found.predict(days, n=n), found.simulate(days, n=n), found.draws(n, found.seed)
    volume = course.states["T"]
    inside = (volume >= bands.lower_50["T"]) & (volume <= bands.upper_50["T"])
    np.testing.assert_allclose(inside.mean(axis=0), 0.5, atol=0.02)
    vessels, hypoxic = (course.states[name][:, 2] for name in ("V", "H"))
    for name, values in (
        ("delivery", vessels / (vessels + drawn["v50"])),
        ("oxygenation", 1.0 - drawn["eta"] * hypoxic),
    ):
        np.testing.assert_allclose(bands.window[name][:, 2], np.quantile(values, (0.05, 0.5, 0.95)))


def test_a_model_without_delivery_and_hypoxia_has_no_window():
    drugs = models.get("two_drug_logistic_death")
    visits = [Measurement(f"V{n}", day, {"volume_cm3": 0.2 + 0.01 * day}) for n, day in enumerate((0.0, 7.0, 14.0))]
    assert calibrate(drugs, visits).predict([0.0, 14.0], n=20).window == {}


def test_file_round_trip(tmp_path):
    found = calibrate(MODEL, subject(TRUTH), schedule=GIVEN, free=FREE, fixed={"K": np.inf})
    found.save(tmp_path / "fit.json")
    again = read_calibration(tmp_path / "fit.json")
    assert again.to_dict() == found.to_dict()
    np.testing.assert_array_equal(again.draws(5)["g"], found.draws(5)["g"])
    (tmp_path / "fit.json").write_text("{}")
    with pytest.raises(InputError, match="not a calibration"):
        read_calibration(tmp_path / "fit.json")


def test_the_right_model_has_the_lower_bic():
    visits = subject({})
    treated = calibrate(MODEL, visits, schedule=GIVEN)
    untreated = calibrate("tivnh", visits)
    assert treated.bic < untreated.bic


def test_one_visit_says_that_rates_are_priors():
    found = calibrate(MODEL, subject(TRUTH, days=(0.0,)))
    assert any("one visit" in text for text in found.warnings)
    assert {e.set_by for name, e in found.estimates.items() if not name.endswith("0")} == {"prior"}


def test_only_volume_says_so():
    found = calibrate(MODEL, subject(TRUTH, columns=("volume_cm3",)), schedule=GIVEN)
    assert any("Only volumes" in text for text in found.warnings)
    assert found.estimates["H0"].set_by == "prior"


def test_huge_sd_leaves_the_prior_and_says_so():
    visits = [Measurement("V1", 0, {"volume_cm3": 0.2}, {"volume_cm3": 50.0}), Measurement("V2", 7, {}, {})]
    found = calibrate(MODEL, visits)
    assert any("so large" in text for text in found.warnings)
    assert found.estimates["T0"].shrinkage < 0.9


def test_measurements_no_model_fits_are_said():
    visits = [Measurement(f"V{i}", i, {"volume_cm3": v}) for i, v in enumerate((0.2, 5.0, 0.1, 4.0))]
    assert any("misses the measurements" in text for text in calibrate(MODEL, visits).warnings)


@pytest.mark.parametrize(
    ("visits", "words"),
    [
        ([], "holds no number"),
        ([Measurement("V1", 0, {"suv_mean": 2.0})], "holds no number"),
        ([Measurement("base", 0, {"volume_cm3": 0.2}, {"volume_cm3": 0.0})], "Visit base .*volume_cm3_sd is 0"),
        ([Measurement("base", 0, {"volume_cm3": 0.0})], "Visit base .*volume_cm3 is 0"),
    ],
)
def test_data_that_cannot_be_used(visits, words):
    with pytest.raises(InputError, match=words):
        calibrate(MODEL, visits)


def test_bad_choices():
    visits = subject(TRUTH, days=(0.0, 7.0))
    for choice, words in (
        ({"method": "guess"}, "method"),
        ({"free": ["nothing"]}, "no parameter"),
        ({"free": ["g"], "fixed": {"g": 0.1}}, "both free and fixed"),
        ({"free": []}, "No parameter is free"),
        ({"fixed": {"e_A": 2.0}}, "outside its domain"),
        ({"schedule": Schedule((Dose("aspirin", 0),))}, "no drug"),
    ):
        with pytest.raises(InputError, match=words):
            calibrate(MODEL, visits, **choice)


@pytest.mark.parametrize("limit", [0.0, 0.39, 0.5, 0.94])
def test_cancel_at_every_stage(limit):
    def stop(fraction, text):
        if fraction >= limit:
            raise Cancelled

    with pytest.raises(Cancelled):
        calibrate(MODEL, subject(TRUTH), schedule=GIVEN, free=FREE, report=stop)


def test_a_search_that_is_watched_finds_the_same_and_ends_at_the_mode():
    rows, seen = subject(TRUTH), []
    found = calibrate(MODEL, rows, schedule=GIVEN, free=FREE, prior_draws=64, watch=seen.append)
    assert found.best == calibrate(MODEL, rows, schedule=GIVEN, free=FREE, prior_draws=64).best
    assert len(seen) > 2
    assert set(seen[0]) == set(MODEL.defaults())
    target = posterior(MODEL, observe(MODEL, rows), GIVEN, FREE, None)
    points = np.array([[float(p.to_free(values[p.name])) for p in target.free] for values in seen])
    cost = np.square(target.residuals(points)).sum(axis=1)
    assert (np.diff(cost) <= 1e-6).all()
    assert cost[-1] == pytest.approx(np.square(target.residuals(found.mode[None])).sum(), rel=1e-4)


def test_a_course_is_given_once_and_not_more_often_than_it_can_be_seen():
    now, rows = [0.0], subject(TRUTH)
    watching = Watching(MODEL, rows, GIVEN, clock=lambda: now[0])
    assert watching.take() is None
    watching(MODEL.defaults())
    first = watching.take()
    expected = simulate(MODEL, {}, first.day, schedule=GIVEN).states["T"][0]
    np.testing.assert_allclose(first.states["T"], expected, rtol=1e-2)
    assert watching.take() is None
    watching(MODEL.defaults())  # at the same moment
    assert watching.take() is None
    now[0] += 1.0
    watching(MODEL.defaults())
    assert watching.take() is not None
