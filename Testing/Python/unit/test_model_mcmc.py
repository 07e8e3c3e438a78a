"""The sampler: moments of known densities, honest diagnostics, reproducibility, bad input."""

import sys

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import calibrate, models, read_calibration, simulate
from HER2ImmunoModelLib.calibration.bends import bend_to, straight
from HER2ImmunoModelLib.calibration.diagnostics import (
    autocorrelation_time,
    judge,
    judge_weights,
    smoothed,
    split_r_hat,
    warnings_of,
    worth_of_quantiles,
)
from HER2ImmunoModelLib.calibration.learning import learn
from HER2ImmunoModelLib.calibration.mcmc import sample, walk
from HER2ImmunoModelLib.calibration.observations import observe
from HER2ImmunoModelLib.calibration.posterior import posterior

pytest.importorskip("emcee", reason="emcee is not installed")

MODEL = models.get("two_drug_exponential_growth")
FREE = ("g", "T0")


@pytest.fixture(scope="module")
def visits():
    days = (0.0, 7.0, 14.0)
    course = simulate(MODEL, {}, days)
    return [
        Measurement(f"V{i}", day, {"volume_cm3": float(course.states["T"][0, i])}, {"volume_cm3": 0.05})
        for i, day in enumerate(days)
    ]


@pytest.fixture(scope="module")
def sampled(visits):
    return calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, seed=1)


def test_moments_equal_those_of_the_posterior_on_a_fine_grid(visits, sampled):
    target = posterior(MODEL, observe(MODEL, visits), sampled.schedule, FREE, None)
    spread = np.sqrt(np.diag(sampled.covariance))
    axes = [sampled.mode[i] + spread[i] * np.linspace(-7, 7, 121) for i in range(2)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    density = target.log_density(points)
    weight = np.exp(density - density.max())
    mean = np.average(points, axis=0, weights=weight)
    sd = np.sqrt(np.average(np.square(points - mean), axis=0, weights=weight))
    draws = sampled.samples
    error = sd / np.sqrt(min(*sampled.sampling.effective.values(), len(draws)))
    assert (np.abs(draws.mean(axis=0) - mean) < 4 * error).all()
    assert (np.abs(draws.std(axis=0) - sd) < 4 * error).all()
    for name, parameter, column in zip(FREE, target.free, draws.T, strict=True):
        found = sampled.estimates[name]
        inside = (column > parameter.to_free(found.lower)) & (column < parameter.to_free(found.upper))
        assert inside.mean() == pytest.approx(0.9, abs=0.01)


def test_a_converged_run_says_how_it_ran(sampled):
    sampling = sampled.sampling
    assert sampling.converged
    assert not any("converged" in text for text in sampled.warnings)
    assert sampling.tail < 0.7
    assert 0.2 < sampling.acceptance <= 1
    assert max(sampling.r_hat.values()) < 1.02
    assert min(sampling.effective.values()) >= 2000
    assert len(sampled.samples) == 2000
    assert sampled.best["g"] == pytest.approx(float(np.exp(sampled.mode[0])))


def test_same_seed_same_draws_to_the_bit(visits, sampled):
    again = calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, seed=1)
    np.testing.assert_array_equal(again.samples, sampled.samples)
    other = calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, seed=2)
    assert not np.array_equal(other.samples[:100], sampled.samples[:100])


def test_file_round_trip_with_draws_and_a_file_from_before_weights(tmp_path, sampled):
    sampled.save(tmp_path / "fit.json")
    again = read_calibration(tmp_path / "fit.json")
    assert again.sampling == sampled.sampling
    old = sampled.to_dict()
    del old["sampling"]["tail"]
    assert type(sampled).from_dict(old).sampling.tail is None
    np.testing.assert_array_equal(again.draws(50)["g"], sampled.draws(50)["g"])


def _skewed(y):
    """Log density of each coordinate; they are independent."""
    return y - np.logaddexp(0, 3 * y) - 0.25 * np.square(y)


@pytest.mark.parametrize("by_weights", [True, False], ids=["weights", "walkers"])
def test_moments_equal_those_of_a_skewed_density_by_quadrature(by_weights):
    mix = np.random.default_rng(5).standard_normal((6, 6)) / 3 + np.eye(6)

    def density(theta):
        return _skewed(theta @ mix.T).sum(axis=1)

    if by_weights:
        draws, sampling = sample(density, np.zeros(6), np.eye(6), tuple("abcdef"), seed=4)
    else:
        random = np.random.RandomState(4)
        bend, points = straight(np.zeros(6), np.eye(6)), 0.3 * random.standard_normal((400, 6))
        draws, sampling = walk(density, bend, points, tuple("abcdef"), random)
    assert sampling.converged
    assert (sampling.tail is None) != by_weights
    y = np.linspace(-20, 20, 40001)
    weight = np.exp(_skewed(y)) / np.exp(_skewed(y)).sum()
    mean, error = weight @ y, 1 / np.sqrt(min(*sampling.effective.values(), len(draws)))
    sd = np.sqrt(weight @ np.square(y - mean))
    found = draws @ mix.T
    assert (np.abs(found.mean(axis=0) - mean) < 4 * error * sd).all()
    assert (np.abs(found.std(axis=0) / sd - 1) < 4 * error).all()
    for share in (0.05, 0.95):
        apart = np.mean(found < y[np.searchsorted(np.cumsum(weight), share)], axis=0) - share
        assert (np.abs(apart) < 4 * error * np.sqrt(share * (1 - share))).all()


def test_a_banana_is_sampled_from_a_poor_normal_approximation():
    def banana(theta):
        return -0.5 * theta[:, 0] ** 2 - 2 * (theta[:, 1] - theta[:, 0] ** 2) ** 2

    draws, sampling = sample(banana, np.zeros(2), np.diag([0.5, 0.5]), ("x", "y"), most_steps=4000, seed=3)
    error = 1 / np.sqrt(min(*sampling.effective.values(), len(draws)))
    assert draws.mean(axis=0) == pytest.approx([0, 1], abs=5 * error)
    assert draws[:, 0].std() == pytest.approx(1, abs=5 * error)


def test_a_ridge_in_many_dimensions_has_the_moments_of_its_closed_form():
    """Tight axes that follow the squares of loose ones: what importance sampling from normal proposals misses."""

    def ridge(theta):
        loose, tight = theta[:, :6], theta[:, 6:]
        return -0.5 * np.square(loose).sum(axis=1) - 2 * np.square(tight - 0.3 * loose[:, :2] ** 2).sum(axis=1)

    covariance = np.diag([*np.ones(6), *np.full(2, 0.25)])
    draws, sampling = sample(ridge, np.zeros(8), covariance, tuple("abcdefgh"), seed=1)
    assert sampling.converged
    assert sampling.tail < 0.7
    error = 1 / np.sqrt(min(*sampling.effective.values(), 2000)) + 1 / np.sqrt(2000)
    assert draws.mean(axis=0) == pytest.approx([0] * 6 + [0.3] * 2, abs=5 * error)
    assert draws[:, :6].std(axis=0) == pytest.approx(np.ones(6), abs=4 * error)
    assert draws[:, 6:].std(axis=0) == pytest.approx(np.full(2, np.sqrt(0.43)), abs=8 * error)


def test_a_density_much_narrower_than_the_first_guess_is_learned():
    """Of the first round only a handful of points have any weight."""
    sd, random = 0.05, np.random.RandomState(0)
    first = straight(np.full(4, 0.3), np.eye(4))
    bend, points = learn(lambda theta: -0.5 * np.square(theta / sd).sum(axis=1), first, random)
    np.testing.assert_allclose(points.std(axis=0), sd, rtol=0.1)
    np.testing.assert_allclose(bend.mean, 0, atol=0.1 * sd)


def test_both_modes_of_a_density_are_found_from_one_of_them():
    def modes(theta):
        return np.logaddexp(*(np.log(w) - 0.5 * np.square(theta - m).sum(axis=1) for w, m in ((0.3, -2), (0.7, 2))))

    draws, sampling = sample(modes, np.full(2, 2.0), np.eye(2), ("x", "y"), seed=2)
    assert sampling.converged
    assert np.mean(draws[:, 0] < 0) == pytest.approx(0.3 * 0.977 + 0.7 * 0.023, abs=0.04)


@pytest.mark.parametrize("size", [2, 5])
def test_weights_with_a_heavy_tail_are_refused_and_too_few_steps_then_said_loudly(size):
    def cauchy(theta):
        return -0.5 * (1 + size) * np.log1p(np.square(theta).sum(axis=1))

    _, sampling = sample(cauchy, np.zeros(size), np.eye(size), tuple("abcde"[:size]), most_steps=150, seed=2)
    assert sampling.tail is None
    assert not sampling.converged
    (text,) = warnings_of(sampling)
    assert "NOT converged" in text
    assert "allow more steps" in text


@pytest.mark.parametrize("tail", [0.2, 0.5, 1.0])
def test_the_tail_of_weights_is_that_of_their_distribution(tail):
    """Weights u^-k of uniform u have a Pareto tail of shape k."""
    weight, found = smoothed(-tail * np.log(np.random.default_rng(3).uniform(size=40000)))
    assert found == pytest.approx(tail, abs=0.12)
    assert weight.sum() == pytest.approx(1)


def test_a_bend_is_undone_and_knows_its_volume():
    rng = np.random.default_rng(0)
    learned = rng.standard_normal((3000, 5))
    learned[:, 4] += learned[:, 0] ** 2
    bend = bend_to(learned, np.ones(3000), 3000.0)
    points = rng.standard_normal((20, 5))
    bent, swelling = bend.bent(points)
    back, again = bend.straightened(bent)
    np.testing.assert_allclose(back, points, atol=1e-12)
    np.testing.assert_allclose(again, swelling)
    steps = 1e-6 * np.eye(5)
    slopes = [(bend.bent(points + h)[0] - bend.bent(points - h)[0]) / 2e-6 for h in steps]
    np.testing.assert_allclose(np.linalg.slogdet(np.stack(slopes, axis=-1))[1], swelling, atol=1e-7)


def test_autocorrelation_time_of_an_autoregression_is_known():
    rng, chain = np.random.default_rng(2), np.zeros((6000, 40, 1))
    for i in range(1, len(chain)):
        chain[i] = 0.8 * chain[i - 1] + rng.standard_normal((40, 1))
    assert autocorrelation_time(chain)[0] == pytest.approx((1 + 0.8) / (1 - 0.8), rel=0.05)
    assert autocorrelation_time(rng.standard_normal((2000, 20, 1)))[0] == pytest.approx(1, abs=0.1)


def test_a_quantile_may_be_known_worse_than_the_mean():
    """Points near the middle, which hardly matter to a mean, count very unevenly: that of the median is one of few."""
    rng = np.random.default_rng(1)
    points = rng.standard_normal((8000, 1))
    assert worth_of_quantiles(points, np.full(8000, 1 / 8000)) == pytest.approx(8000, rel=0.05)
    weight = np.where(np.abs(points[:, 0]) < 0.05, 40.0 * (rng.uniform(size=8000) < 0.02), 1.0)
    weight /= weight.sum()
    judged = judge_weights(points, weight, 0.1, ("x",), 4)
    assert judged.effective["x"] > 5000
    assert worth_of_quantiles(points, weight)[0] < 5000


def test_chains_that_disagree_have_a_large_r_hat():
    rng = np.random.default_rng(2)
    same = rng.standard_normal((500, 8, 1))
    assert split_r_hat(same)[0] == pytest.approx(1, abs=0.01)
    apart = same + 3.0 * (np.arange(8) % 2)[:, None]
    assert split_r_hat(apart)[0] > 1.5
    assert "R-hat" in warnings_of(judge(apart, ("x",), 0, 0.3))[0]


def test_bad_input(visits, monkeypatch):
    with pytest.raises(InputError, match="too few"):
        calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, most_steps=10)
    with pytest.raises(InputError, match="no start"):
        sample(lambda theta: np.full(len(theta), -np.inf), np.zeros(2), np.eye(2), ("x", "y"))
    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(InputError, match="pip install emcee"):
        calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64)


def test_cancel(visits):
    def stop(fraction, text):
        if "round 1" in text:
            raise Cancelled

    with pytest.raises(Cancelled):
        calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, report=stop)
