"""The noise scale and draws of a pooled posterior: against analytic answers, and what they report."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Subject, calibrate, calibrate_pooled, forecast_check, models, read_calibration
from HER2ImmunoModelLib.calibration.noise import NOISE
from HER2ImmunoModelLib.calibration.observations import observe
from HER2ImmunoModelLib.calibration.posterior import posterior
from HER2ImmunoModelLib.models.model import Model, State
from HER2ImmunoModelLib.models.parameters import rate

DAYS = np.arange(0.0, 20.0)
STATED, TRUE = 0.05, 0.15


def exponential(y, p, amount, out):
    out[0] = p["g"] * y[0]


GROWTH = Model(
    "exponential",
    "exponential",
    (State("T", "cm3", "Tumour volume", (0.0, np.inf)),),
    (rate("g", 0.2, "assumed", "growth"), rate("T0", 0.2, "assumed", "start", unit="cm3", prior=1.0)),
    (),
    {"T": "volume_cm3"},
    exponential,
    {"T": "T0"},
    "closed form",
)


def animal(start, seed, days=DAYS, g=0.12):
    """Volumes that scatter three times as much as their table says."""
    rng = np.random.default_rng(seed)
    course = start * np.exp(g * days + TRUE * rng.standard_normal(days.size))
    return tuple(
        Measurement(f"V{i}", day, {"volume_cm3": v}, {"volume_cm3": v * np.sqrt(np.expm1(STATED**2))})
        for i, (day, v) in enumerate(zip(days, course.tolist(), strict=True))
    )


def linear(visits, scale):
    """Deviance, mean and precision of (log g, log T0) for a scale, on a grid of growth rates, prior included."""
    measured = np.log([v.values["volume_cm3"] for v in visits])
    g = np.exp(np.log(0.12) + np.linspace(-1, 1, 801))
    weight = 1 / (STATED * scale) ** 2
    rest = measured - g[:, None] * DAYS
    precision = weight * DAYS.size + 1.0
    start = (weight * rest.sum(axis=1) + np.log(0.2)) / precision
    chi2 = weight * np.square(rest - start[:, None]).sum(axis=1)
    prior = np.square(start - np.log(0.2)) + np.square(np.log(g / 0.2) / 0.5)
    # The start is integrated exactly, the growth rate on the grid.
    log_evidence = -0.5 * (chi2 + prior) - 0.5 * np.log(precision)
    top = log_evidence.max()
    return top + np.log(np.exp(log_evidence - top).sum()) - DAYS.size * np.log(scale)


@pytest.fixture(scope="module")
def visits():
    return animal(0.2, 6)


@pytest.fixture(scope="module")
def marginal(visits):
    """Mean and standard deviation of log scale, parameters integrated out in closed form and on a grid."""
    scale = np.exp(np.linspace(-0.5, 2.5, 301))
    density = np.array([linear(visits, s) for s in scale]) - 0.5 * np.square(np.log(scale) / NOISE.prior)
    weight = np.exp(density - density.max())
    mean = np.average(np.log(scale), weights=weight)
    return mean, np.sqrt(np.average(np.square(np.log(scale) - mean), weights=weight))


def test_the_scale_is_that_of_its_marginal_posterior(visits, marginal):
    found = calibrate(GROWTH, visits, noise_scale=True)
    mean, sd = marginal
    assert np.log(found.noise.value) == pytest.approx(mean, abs=0.3 * sd)
    assert np.log(found.noise.upper / found.noise.lower) == pytest.approx(2 * 1.645 * sd, rel=0.15)
    assert found.noise.lower < TRUE / STATED < found.noise.upper
    assert found.noise.set_by == "data"
    assert any("times as much as their standard deviations" in text for text in found.warnings)


def test_a_scale_widens_the_intervals_and_the_criteria_know_it(visits):
    stated, scaled = calibrate(GROWTH, visits), calibrate(GROWTH, visits, noise_scale=True)
    width = [np.log(f.estimates["g"].upper / f.estimates["g"].lower) for f in (stated, scaled)]
    assert width[1] / width[0] == pytest.approx(scaled.noise.value, rel=0.1)
    assert any("misses the measurements" in text for text in stated.warnings)
    assert not any("misses the measurements" in text for text in scaled.warnings)
    held = np.log(scaled.noise.value) / NOISE.prior**2
    assert scaled.chi2 == pytest.approx(DAYS.size - (scaled.effective_parameters - 1) + held, rel=0.01)
    assert scaled.effective_parameters == pytest.approx(stated.effective_parameters + 1, abs=0.1)
    assert scaled.bic < stated.bic - 20
    target = posterior(GROWTH, observe(GROWTH, visits), scaled.schedule, None, None)
    deviance = np.square(target.data_residuals(scaled.mode[None])).sum() / scaled.noise.value**2
    # Of the measured volumes: normal in their logarithms, whose slope is one over the volume.
    measured = np.array([v.values["volume_cm3"] for v in visits])
    deviance += 2 * np.log(np.sqrt(2 * np.pi) * STATED * scaled.noise.value * measured).sum()
    assert scaled.bic == pytest.approx(deviance + scaled.effective_parameters * np.log(DAYS.size))


def test_true_standard_deviations_keep_a_scale_of_one():
    rng, found = np.random.default_rng(5), []
    for seed in range(6):
        days = np.arange(0.0, 12.0, 2.0)
        course = 0.2 * np.exp(0.12 * days + STATED * rng.standard_normal(days.size))
        table = [Measurement(f"V{i}", d, {"volume_cm3": v}, {"volume_cm3": STATED * v})
                 for i, (d, v) in enumerate(zip(days, course.tolist(), strict=True))]  # fmt: skip
        noise = calibrate(GROWTH, table, noise_scale=True, seed=seed).noise
        assert noise.lower < 1 < noise.upper
        found.append(np.log(noise.value))
    assert np.mean(found) == pytest.approx(0, abs=0.25)


def test_draws_of_the_scale_have_its_marginal_moments(visits, marginal):
    pytest.importorskip("emcee", reason="emcee is not installed")
    found = calibrate(GROWTH, visits, noise_scale=True, method="mcmc")
    mean, sd = marginal
    assert found.sampling.converged
    assert "noise_scale" in found.sampling.tau
    assert np.log(found.noise.value) == pytest.approx(mean, abs=0.25 * sd)
    assert np.log(found.noise.upper / found.noise.lower) == pytest.approx(2 * 1.645 * sd, rel=0.1)
    assert found.samples.shape[1] == len(found.free)


def test_file_round_trip_and_a_file_without_a_scale(visits, tmp_path):
    model = models.get("two_drug_exponential_growth")
    found = calibrate(model, visits, free=("g", "T0"), noise_scale=True)
    found.save(tmp_path / "fit.json")
    again = read_calibration(tmp_path / "fit.json")
    assert again.to_dict() == found.to_dict()
    assert again.noise == found.noise
    assert again.noise_scale == found.noise.value
    old = found.to_dict()
    del old["scatter"]  # a file from before there were kinds of noise
    assert type(found).from_dict(old).to_dict() | {"scatter": None} == found.to_dict() | {"scatter": None}
    assert type(found).from_dict(old).scatter.kind == "stated"
    del old["noise"]
    assert type(found).from_dict(old).noise_scale == 1.0


def test_forecast_intervals_grow_with_the_scale(visits):
    narrow, wide = (forecast_check(GROWTH, visits, hidden=3, noise_scale=on) for on in (False, True))
    assert wide.agreement["volume_cm3"].coverage >= narrow.agreement["volume_cm3"].coverage
    width = [check.rows[0].upper / check.rows[0].lower for check in (narrow, wide)]
    assert np.log(width[1]) > 1.5 * np.log(width[0])


@pytest.fixture(scope="module")
def pooled():
    pytest.importorskip("emcee", reason="emcee is not installed")
    animals = [Subject(f"animal {i}", animal(start, i, DAYS[::3])) for i, start in enumerate((0.1, 0.2, 0.3))]
    return [calibrate_pooled(GROWTH, animals, noise_scale=True, method=method) for method in ("map", "mcmc")]


def test_pooled_draws_agree_with_the_pooled_mode(pooled):
    laplace, drawn = pooled
    assert drawn.sampling.converged
    assert {"g", "T0 1", "T0 2", "T0 3", "noise_scale"} == set(drawn.sampling.tau)
    assert drawn.shared["g"].value == pytest.approx(laplace.shared["g"].value, rel=0.02)
    assert drawn.shared["g"].lower < 0.12 < drawn.shared["g"].upper
    assert drawn.noise.value == pytest.approx(laplace.noise.value, rel=0.1)
    assert drawn.noise.lower < TRUE / STATED < drawn.noise.upper


def test_every_subject_has_the_draws_of_its_own_view(pooled):
    _, drawn = pooled
    views = list(drawn.subjects.values())
    rates = [view.draws(200, seed=3)["g"] for view in views]
    np.testing.assert_array_equal(rates[0], rates[1])
    for view, start in zip(views, (0.1, 0.2, 0.3), strict=True):
        assert view.samples.shape == (len(drawn.subjects["animal 0"].samples), 2)
        assert view.estimates["T0"].lower < start < view.estimates["T0"].upper
        assert view.predict([0, 14]).median["T"][1] == pytest.approx(start * np.exp(0.12 * 14), rel=0.3)
    correlation = np.corrcoef(views[0].samples.T)[0, 1]
    laplace = pooled[0].subjects["animal 0"].covariance
    assert correlation == pytest.approx(laplace[0, 1] / np.sqrt(laplace[0, 0] * laplace[1, 1]), abs=0.1)


def test_unknown_pooled_method():
    with pytest.raises(InputError, match="no calibration method 'guess'"):
        calibrate_pooled(models.get("tivnh"), [Subject("one", animal(0.2, 1))], method="guess")
