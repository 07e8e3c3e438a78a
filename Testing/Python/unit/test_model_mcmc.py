"""The sampler: moments of known densities, honest diagnostics, reproducibility, bad input."""

import sys

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import calibrate, models, read_calibration, simulate
from HER2ImmunoModelLib.calibration.diagnostics import autocorrelation_time, judge, split_r_hat, warnings_of
from HER2ImmunoModelLib.calibration.mcmc import sample
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
    assert sampling.walkers == 64
    assert sampling.steps - sampling.burn_in >= 50 * max(sampling.tau.values())
    assert 0.2 < sampling.acceptance <= 1
    assert max(sampling.r_hat.values()) < 1.02
    assert min(sampling.effective.values()) > 1000
    assert sampled.best["g"] == pytest.approx(float(np.exp(sampled.mode[0])))


def test_same_seed_same_draws_to_the_bit(visits, sampled):
    again = calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, seed=1)
    np.testing.assert_array_equal(again.samples, sampled.samples)
    other = calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, seed=2, most_steps=100)
    assert not np.array_equal(other.samples[:100], sampled.samples[:100])


def test_a_run_that_is_too_short_is_said_loudly(visits):
    found = calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, most_steps=100)
    assert not found.sampling.converged
    assert any("NOT converged" in text and "allow more steps" in text for text in found.warnings)


def test_file_round_trip_with_draws(tmp_path, sampled):
    sampled.save(tmp_path / "fit.json")
    again = read_calibration(tmp_path / "fit.json")
    assert again.sampling == sampled.sampling
    np.testing.assert_array_equal(again.draws(50)["g"], sampled.draws(50)["g"])


def test_moments_equal_those_of_a_long_reference_run():
    """A skewed density in six dimensions, against emcee's own stretch move run for long."""
    import emcee

    rng = np.random.default_rng(5)
    mix = rng.standard_normal((6, 6)) / 3 + np.eye(6)

    def density(theta):
        y = theta @ mix.T
        return -np.sum(np.logaddexp(0, 3 * y) - y, axis=1) - 0.25 * np.square(y).sum(axis=1)

    draws, sampling = sample(density, np.zeros(6), np.eye(6), tuple("abcdef"), seed=4)
    assert sampling.converged
    reference = emcee.EnsembleSampler(64, 6, density, vectorize=True)
    reference.random_state = np.random.RandomState(1).get_state()
    reference.run_mcmc(0.1 * rng.standard_normal((64, 6)), 6000)
    chain = reference.get_chain()[1000:]
    long, sd = chain.reshape(-1, 6), chain.std(axis=(0, 1))
    known = chain.shape[0] * chain.shape[1] / autocorrelation_time(chain).max()
    error = np.sqrt(1 / known + 1 / min(*sampling.effective.values(), len(draws)))
    assert (np.abs(draws.mean(axis=0) - long.mean(axis=0)) < 4 * error * sd).all()
    assert (np.abs(draws.std(axis=0) / sd - 1) < 4 * error).all()
    for share in (0.05, 0.95):
        apart = np.mean(draws < np.quantile(long, share, axis=0), axis=0) - share
        assert (np.abs(apart) < 4 * error * np.sqrt(share * (1 - share))).all()


def test_a_banana_is_sampled_from_a_poor_normal_approximation():
    def banana(theta):
        return -0.5 * theta[:, 0] ** 2 - 2 * (theta[:, 1] - theta[:, 0] ** 2) ** 2

    draws, sampling = sample(banana, np.zeros(2), np.diag([0.5, 0.5]), ("x", "y"), most_steps=4000, seed=3)
    error = 1 / np.sqrt(min(*sampling.effective.values(), len(draws)))
    assert draws.mean(axis=0) == pytest.approx([0, 1], abs=5 * error)
    assert draws[:, 0].std() == pytest.approx(1, abs=5 * error)


def test_autocorrelation_time_of_an_autoregression_is_known():
    rng, chain = np.random.default_rng(2), np.zeros((6000, 40, 1))
    for i in range(1, len(chain)):
        chain[i] = 0.8 * chain[i - 1] + rng.standard_normal((40, 1))
    assert autocorrelation_time(chain)[0] == pytest.approx((1 + 0.8) / (1 - 0.8), rel=0.05)
    assert autocorrelation_time(rng.standard_normal((2000, 20, 1)))[0] == pytest.approx(1, abs=0.1)


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
        if "step 20 " in text:
            raise Cancelled

    with pytest.raises(Cancelled):
        calibrate(MODEL, visits, free=FREE, method="mcmc", prior_draws=64, report=stop)
