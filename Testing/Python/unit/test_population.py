"""Hierarchical calibration: its limits, its closed forms, what it recovers, and what it refuses or says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration import Subject, calibrate_each, calibrate_pooled, read_calibration
from HER2ImmunoModelLib.calibration.noise_kinds import PLAIN
from HER2ImmunoModelLib.calibration.observations import observe, with_kind
from HER2ImmunoModelLib.calibration.posterior import posterior
from HER2ImmunoModelLib.population import calibrate_cohort, read_cohort
from HER2ImmunoModelLib.population import draws as draws_of_group
from HER2ImmunoModelLib.population.designs import Designs
from HER2ImmunoModelLib.population.law import Effect, Law
from HER2ImmunoModelLib.population.modes import quadratics_at
from synthetic_cohorts import cohort

GROUP = {"g": (0.12, 0.25), "T0": (0.2, 0.3)}
FREE = ["g", "K", "T0"]
IDENTIFIED = ["g", "T0"]
"""What a few volumes tell, so that Laplace's approximation of the pooled calibration is good."""
COURSES = 60_000


@pytest.fixture(scope="module")
def animals():
    return cohort(10, GROUP, seed=4)


@pytest.fixture(scope="module")
def found(animals):
    model, subjects, _ = animals
    return calibrate_cohort(model, subjects, free=FREE, courses=COURSES)


def designs_of(model, subjects, noise="stated", scale=False):
    parts = [posterior(model, observe(model, s.measurements), s.schedule, FREE, None) for s in subjects]
    observed = with_kind([one.observations for one in parts], noise, False, scale)
    parts = tuple(replace(one, observations=each) for one, each in zip(parts, observed, strict=True))
    return Designs(tuple(s.name for s in subjects), parts)


def law_of(model, held, n=3, effects=(), noise=PLAIN):
    free = tuple(model.parameter(name) for name in FREE)
    return Law(free, np.array(held, dtype=float), tuple(effects), n, noise)


@pytest.mark.parametrize("noise", ["stated", "combined"])
def test_one_batch_gives_the_likelihood_of_each_subject_alone(animals, noise):
    model, subjects, _ = animals
    late = tuple(replace(v, day=v.day + 3.1 + 0.3 * i) for i, v in enumerate(subjects[0].measurements[:5]))
    designs = designs_of(model, [*subjects[:3], replace(subjects[0], name="late", measurements=late)], noise)
    assert len(designs.designs) == 3
    rng, parts = np.random.default_rng(0), designs.parts
    theta = parts[0].prior_mean + 0.2 * rng.standard_normal((8, 3))
    of, values = np.array([3, 1, 0, 2, 3, 1, 0, 2]), -2 + 0.3 * rng.standard_normal((8, len(parts[0].noise.names)))
    simulated = designs.simulated(theta, of, tolerance=1e-7)
    together = designs.log_likelihood(simulated, of, values)
    for row, subject in enumerate(of):
        some = slice(row, row + 1)
        alone = parts[subject].log_likelihood(theta[some], values[some], tolerance=1e-7)
        np.testing.assert_allclose(together[row], alone, atol=1e-5)


@pytest.mark.parametrize("noise", ["stated", "lognormal", "additive", "combined"])
def test_the_score_is_the_slope_of_the_likelihood(animals, noise):
    model, subjects, _ = animals
    data = designs_of(model, subjects[:1], noise).parts[0].observations
    simulated, values = 1.1 * data.number[None], np.full((1, len(data.noise.names)), -2.0)
    score, information = data.scored(simulated, values)
    for i in range(data.n):
        step = 1e-5 * np.eye(data.n)[i]
        ends = [data.log_likelihood(simulated + sign * step, values)[0] for sign in (1, -1)]
        assert score[0, i] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-4)
    assert (information > 0).all()


def test_a_subject_of_which_nothing_is_known_has_its_prior_whatever_the_spread(animals):
    law = law_of(animals[0], [np.nan, np.nan, 9.0], n=1)
    rng, n = np.random.default_rng(0), 200_000
    for share in (0.1, 0.6, 0.95):
        spread = share * law.prior_sd[:2]
        mean = law.prior_mean[:2] + np.sqrt(law.prior_sd[:2] ** 2 - spread**2) * rng.standard_normal((n, 2))
        theta = mean + spread * rng.standard_normal((n, 2))
        np.testing.assert_allclose(theta.std(axis=0), law.prior_sd[:2], rtol=0.01)
        # The density of the law's mean is that normal one.
        logit = np.full((2, 2), np.log(share / (1 - share)))
        h = np.hstack([law.prior_mean[:2] + np.array([[0.0, 0.0], [0.3, 0.0]]), logit])
        drop = np.subtract(*law.log_prior(h))
        assert drop == pytest.approx(0.5 * 0.3**2 / (law.prior_sd[0] ** 2 - spread[0] ** 2))


def test_the_marginal_likelihood_of_linear_courses_is_that_of_the_normal_distribution(animals):
    from scipy.stats import multivariate_normal

    model, subjects, _ = animals
    designs, effect = designs_of(model, subjects[:3], scale=True), Effect(0, "x", np.array([-1.0, 0.0, 1.0]), 0.0, 1.0)
    law = law_of(model, [np.nan, 0.0, 9.0], effects=[effect], noise=designs.parts[0].noise)
    quadratics = quadratics_at(designs, law.prior_mean + 0.1 * np.random.default_rng(1).standard_normal((3, 3)))
    h = np.array([[-2.0, 1.4, 0.3, 0.2, 0.4], [-2.1, 1.4, -0.3, -3.0, 0.0]])
    at = law.at(h)
    assert (at.spread[:, 1] == 0).all()
    assert (at.spread[:, 2] == law.prior_sd[2]).all()
    mean, root = quadratics.conditional(at)
    assert (mean[..., 1] == 0).all()
    for k in range(2):
        for i in range(3):
            data, simulated = designs.parts[i].observations, quadratics.simulated[i]
            slope = quadratics.slope[i] / simulated[:, None]
            middle = np.log(simulated) + slope @ (at.expected[k, i] - quadratics.point[i])
            noise = np.exp(2 * h[k, -1]) * np.diag(data.stated**2)
            covariance = (slope * at.spread[k] ** 2) @ slope.T + noise
            expected = multivariate_normal(middle, covariance).logpdf(data.value) - data.value.sum()
            assert quadratics.log_marginal(at)[k, i] == pytest.approx(expected)
            standard = (slope * at.spread[k]).T @ np.linalg.solve(noise, slope * at.spread[k]) + np.eye(3)
            np.testing.assert_allclose(root[k, i] @ root[k, i].T, np.linalg.inv(standard), atol=1e-10)


def test_spread_of_zero_is_the_pooled_calibration(animals):
    model, subjects, _ = animals
    pooled = calibrate_pooled(model, subjects[:4], free=IDENTIFIED)
    found = calibrate_cohort(model, subjects[:4], free=IDENTIFIED, courses=COURSES, spreads={"g": 0.0})
    for name, view in found.subjects.items():
        np.testing.assert_allclose(view.mode, pooled.subjects[name].mode, atol=2e-3)
    for name, shared in pooled.shared.items():
        group = found.group[name]
        assert group.kind == "shared"
        assert group.spread is None
        width = np.log(shared.upper / shared.lower)
        assert abs(np.log(group.mean.lower / shared.lower)) < 0.15 * width
        assert abs(np.log(group.mean.upper / shared.upper)) < 0.15 * width


def test_spread_of_the_prior_is_each_alone(animals):
    model, subjects, _ = animals
    each = calibrate_each(model, subjects[:4], free=IDENTIFIED)
    found = calibrate_cohort(model, subjects[:4], free=IDENTIFIED, courses=COURSES, spreads={"g": 10.0})
    assert found.group == {}
    assert set(found.own) == set(IDENTIFIED)
    for name, view in found.subjects.items():
        np.testing.assert_allclose(view.mode, each[name].mode, atol=2e-3)
        np.testing.assert_allclose(np.diag(view.covariance), np.diag(each[name].covariance), rtol=0.35)


def test_the_group_and_its_subjects_are_recovered(animals, found):
    _, _, truth = animals
    g = found.group["g"]
    assert g.mean.lower < GROUP["g"][0] < g.mean.upper
    assert g.spread.lower < GROUP["g"][1] < g.spread.upper
    assert g.mean.set_by == "data"
    assert g.cv_percent[0] == pytest.approx(100 * np.sqrt(np.expm1(g.spread.value**2)))
    inside = [
        view.estimates["g"].lower < np.exp(true) < view.estimates["g"].upper
        for view, true in zip(found.subjects.values(), truth["g"], strict=True)
    ]
    assert sum(inside) >= 8
    assert found.diagnostics.method == "weighed"
    assert found.diagnostics.stands
    assert found.subjects["animal 1"].method == "hierarchical"


def test_the_group_pulls_those_that_know_little(animals):
    model, subjects, _ = animals
    short = [replace(subjects[0], measurements=subjects[0].measurements[:1]), *subjects[1:]]
    found = calibrate_cohort(model, short, free=FREE, courses=COURSES)
    assert found.pulled["animal 1"]["g"] > 0.8 > 0.6 > found.pulled["animal 2"]["g"]
    mean, one = found.group["g"].mean, found.subjects["animal 1"].estimates["g"]
    assert one.value == pytest.approx(mean.value, rel=0.1)
    assert one.set_by == "prior"
    alone = calibrate_each(model, short[:1], free=FREE)["animal 1"].estimates["g"]
    assert np.log(one.upper / one.lower) < 0.8 * np.log(alone.upper / alone.lower)


def test_it_is_written_and_read(found, tmp_path):
    found.save(tmp_path / "cohort.json")
    again = read_cohort(tmp_path / "cohort.json")
    assert again.group == found.group
    assert again.covariates == ()
    assert again.warnings == found.warnings
    np.testing.assert_allclose(again.draws.mean, found.draws.mean, atol=1e-6)
    found.subjects["animal 2"].save(tmp_path / "calibration.json")
    one = read_calibration(tmp_path / "calibration.json")
    np.testing.assert_allclose(
        one.predict([0, 24]).median["T"], found.subjects["animal 2"].predict([0, 24]).median["T"]
    )
    assert one.model.parameter("g").default == pytest.approx(found.group["g"].mean.value, rel=0.05)
    with pytest.raises(InputError, match="not the calibration of a cohort"):
        read_cohort(tmp_path / "calibration.json")


def test_covariates_move_the_mean():
    x = np.linspace(-1.5, 1.5, 10)
    model, subjects, _ = cohort(10, GROUP, seed=9, moved={"g": 0.4 * x})
    subjects = [
        replace(
            s,
            measurements=(
                replace(s.measurements[0], values={**s.measurements[0].values, "suv_mean": 3 + x[i]}),
                *s.measurements[1:],
            ),
        )
        for i, s in enumerate(subjects)
    ]
    found = calibrate_cohort(model, subjects, free=FREE, courses=COURSES, covariates=["g~suv_mean"])
    effect = found.group["g"].effects["suv_mean"]
    assert effect.lower < 0.4 * x.std() < effect.upper
    assert effect.lower > 0
    assert found.covariates[0].middle == pytest.approx(3.0)
    assert found.covariates[0].width == pytest.approx(x.std())


def test_groups_are_covariates():
    model, subjects, _ = cohort(10, GROUP, seed=7, moved={"g": 0.5 * (np.arange(10) % 2)})
    found = calibrate_cohort(model, subjects, free=FREE, courses=COURSES, covariates=["g~group"])
    effect = found.group["g"].effects["group=treated"]
    assert effect.lower < 0.5 < effect.upper
    assert effect.lower > 0
    # The mean told is that of average covariates: half of the subjects in each group.
    assert found.group["g"].mean.lower < 0.12 * np.exp(0.25) < found.group["g"].mean.upper


def test_what_no_data_inform_keeps_its_prior():
    model, subjects, _ = cohort(6, GROUP, seed=7)
    controls = [replace(s, name=f"c{i}") for i, s in enumerate(subjects[::2])]
    found = calibrate_cohort(model, controls, free=["g", "phi", "T0"], courses=COURSES)
    phi, prior = found.group["phi"], model.parameter("phi")
    assert phi.mean.set_by == "prior"
    assert phi.spread.set_by == "prior"
    assert phi.shrinkage > 0.8
    view = found.subjects["c0"].estimates["phi"]
    assert np.log(view.upper / view.lower) == pytest.approx(2 * 1.645 * prior.prior, rel=0.15)
    assert any("3 subjects say little" in text for text in found.warnings)


def test_animals_that_are_alike_have_no_spread():
    model, subjects, _ = cohort(1, {"T0": (0.2, 0.0)}, seed=8, cv=0.03)
    found = calibrate_cohort(model, [replace(subjects[0], name=f"a{i}") for i in range(6)], free=FREE, courses=COURSES)
    assert found.group["g"].spread.value < 0.15
    assert found.group["g"].mean.value == pytest.approx(0.1, rel=0.15)


def test_an_outlier_is_told():
    model, subjects, _ = cohort(
        12, {"g": (0.12, 0.05), "T0": (0.2, 0.3)}, seed=9, moved={"g": -1.2 * (np.arange(12) == 4)}
    )
    found = calibrate_cohort(model, subjects, free=["g", "T0"], courses=COURSES)
    assert any("animal 5 lies" in text and "of g" in text for text in found.warnings)


def test_the_noise_of_all_is_estimated():
    model, subjects, _ = cohort(8, GROUP, seed=10, cv=0.3)
    found = calibrate_cohort(model, subjects, free=FREE, courses=COURSES, noise_scale=True)
    scale = np.sqrt(np.log1p(0.3**2) / np.log1p(0.15**2))
    assert 1.3 < found.scatter.scale.lower < scale < found.scatter.scale.upper
    assert found.subjects["animal 1"].scatter == found.scatter


def test_other_kinds_of_noise_are_those_of_the_pooled_calibration(animals):
    model, subjects, _ = animals
    pooled = calibrate_pooled(model, subjects[:4], free=IDENTIFIED, noise="lognormal")
    found = calibrate_cohort(
        model, subjects[:4], free=IDENTIFIED, courses=COURSES, noise="lognormal", spreads={"g": 0.0}
    )
    one, other = found.scatter.values["noise_share"], pooled.scatter.values["noise_share"]
    assert one.value == pytest.approx(other.value, rel=0.15)
    assert one.lower == pytest.approx(other.lower, rel=0.2)
    assert found.subjects["animal 1"].scatter.kind == "lognormal"


def test_too_many_parameters_fall_back_and_say_so(animals, monkeypatch):
    model, subjects, _ = animals
    monkeypatch.setattr(draws_of_group, "MOST_WEIGHED", 1)
    found = calibrate_cohort(model, subjects[:4], free=FREE, courses=COURSES)
    assert found.diagnostics.method == "laplace"
    assert any("linear courses" in text for text in found.warnings)
    assert found.subjects["animal 1"].samples.shape == (1000, 3)


def test_what_makes_no_sense_is_refused(animals):
    model, subjects, _ = animals
    for settings, words in (
        ({"individual": ["q"]}, "'q' is not free"),
        ({"spreads": {"g": -1.0}}, "spread of g is -1"),
        ({"individual": ["T0"], "own": ["T0"]}, "both individual and each"),
        ({"covariates": ["g"]}, "not PARAMETER~COLUMN"),
        ({"covariates": ["g~suv"]}, "animal 1 has no number in the column 'suv'"),
        ({"covariates": ["g~volume_cm3"], "free": ["K", "T0"]}, "'g' is not free"),
        ({"covariates": ["T0~group"]}, "T0 is each subject's own"),
    ):
        with pytest.raises(InputError, match=words):
            calibrate_cohort(model, subjects[:2], **{"free": FREE, **settings})
    with pytest.raises(InputError, match="one is no group"):
        calibrate_cohort(model, subjects[:1])
    with pytest.raises(InputError, match="Two subjects are named"):
        calibrate_cohort(model, [subjects[0], subjects[0]])
    with pytest.raises(InputError, match="Subject empty"):
        calibrate_cohort(model, [subjects[0], Subject("empty", ())])


def test_it_can_be_cancelled(animals):
    model, subjects, _ = animals

    def stop(done, _):
        if done > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        calibrate_cohort(model, subjects, free=FREE, courses=COURSES, report=stop)


def test_a_largest_volume_that_no_animal_comes_near_stays_within_its_prior():
    """Growth that hardly slows says nothing of where it ends: corrected likelihoods must not run away with it."""
    rng, model = np.random.default_rng(3), models.get("volume_gompertz_none", "mouse")
    animals = []
    for i, (rate, visits) in enumerate(((0.012, 20), (0.016, 17), (0.02, 10), (0.018, 6))):
        days = np.linspace(0.0, 7.0 * visits, visits)
        volumes = 0.15 * np.exp(rate * days + 0.22 * rng.standard_normal(visits))
        rows = [Measurement(f"V{d:g}", float(d), {"volume_cm3": float(v)}) for d, v in zip(days, volumes, strict=True)]
        animals.append(Subject(f"c{i}", tuple(rows)))
    found = calibrate_cohort(model, animals, noise="lognormal", courses=240_000)
    assert found.group["K"].mean.upper < 5.0 * np.exp(1.5 * 2.6)
    assert len(np.unique(found.draws.mean[:, found.draws.free.index("K")])) > 100


def test_a_point_that_is_picked_again_and_again_is_worth_one():
    from HER2ImmunoModelLib.population.draws import _worth

    h = np.repeat(np.arange(4.0)[:, None], 3, axis=0)
    assert _worth(h, np.full(12, 1 / 12)) == pytest.approx(4.0)
    assert _worth(h[:3], np.full(3, 1 / 3)) == pytest.approx(1.0)
