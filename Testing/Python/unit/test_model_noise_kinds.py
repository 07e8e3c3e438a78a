"""Kinds of noise of volumes: their likelihoods, modes, values and choice, against independent answers."""

import json
from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import (
    Subject,
    calibrate,
    calibrate_pooled,
    choose_model,
    choose_noise,
    fisher_pooled,
    forecast_check,
    models,
    profile_likelihood,
    read_calibration,
)
from HER2ImmunoModelLib.calibration.noise_kinds import FINEST, KINDS
from HER2ImmunoModelLib.calibration.observations import observe, with_kind
from HER2ImmunoModelLib.calibration.posterior import posterior_of
from HER2ImmunoModelLib.findings import models_table, noise_table
from HER2ImmunoModelLib.findings.figures import measured_points
from HER2ImmunoModelLib.findings.wording import scatter
from HER2ImmunoStudyLib.cli import main
from scipy import stats
from scipy.optimize import minimize

MODEL = models.get("two_drug_exponential_growth", "mouse")
FREE = ("g", "T0")
RATE, ADDED, SHARE, LITTLE = 0.15, 0.4, 0.25, 0.1
"""`LITTLE` is the share beside an added part, which then matters for most of the volumes."""
SETTINGS = {"free": FREE, "prior_draws": 32}
ESTIMATED = KINDS[1:]


def volumes(kind, rng, days, start=1.0):
    """Volumes that grow exponentially and scatter by a kind of noise; one that is not above 0 was not measured."""
    days = np.asarray(days, dtype=float)
    z, course = rng.standard_normal(days.size), start * np.exp(RATE * days)
    measured = {
        "exact": course,
        "lognormal": course * np.exp(np.sqrt(np.log1p(SHARE**2)) * z),
        "additive": course + ADDED * z,
        "proportional": course * (1 + SHARE * z),
        "combined": course + np.hypot(ADDED, LITTLE * course) * z,
    }[kind]
    rows = enumerate(zip(days.tolist(), measured.tolist(), strict=True))
    return tuple(Measurement(f"V{i}", day, {"volume_cm3": value}) for i, (day, value) in rows if value > 0)


@pytest.fixture(scope="module")
def visits():
    return volumes("combined", np.random.default_rng(3), range(0, 24))


def log_likelihood(kind, heavy, volume, simulated, share=0.0, added=0.0):
    """By the distributions of scipy, of each volume itself: the log-normal ones with their Jacobian."""
    share, added = np.hypot(share, FINEST), np.hypot(added, FINEST * np.median(volume))
    sd = {
        "stated": np.sqrt(np.log1p(0.15**2)),
        "lognormal": np.sqrt(np.log1p(share**2)),
        "additive": added,
        "proportional": share * simulated,
        "combined": np.hypot(added, share * simulated),
    }[kind] * np.ones_like(volume)
    shape = stats.t(4) if heavy else stats.norm()
    if kind in ("stated", "lognormal"):
        return (shape.logpdf(np.log(volume / simulated) / sd) - np.log(sd * volume)).sum()
    return (shape.logpdf((volume - simulated) / sd) - np.log(sd)).sum()


NAMES = {"noise_share": "share", "noise_sd_cm3": "added"}


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_the_likelihood_is_that_of_the_measured_volumes(visits, kind, heavy):
    volume = np.array([visit.values["volume_cm3"] for visit in visits])
    observed = with_kind([observe(MODEL, visits)], kind, heavy, False)[0]
    simulated, values = volume * np.linspace(0.7, 1.4, volume.size), {"share": 0.2, "added": 0.07}
    values = {NAMES[name]: values[NAMES[name]] for name in observed.noise.names}
    given = np.log(list(values.values()))
    expected = log_likelihood(kind, heavy, volume, simulated, **values)
    assert observed.log_likelihood(simulated[None], given)[0] == pytest.approx(expected, rel=1e-12)
    both = observed.log_likelihood(np.vstack([simulated] * 2), np.array([given, given + 0.1]))
    assert both[0] == pytest.approx(expected, rel=1e-12)
    assert (both[0] == both[1]) == (kind == "stated")
    assert observed.log_likelihood(np.full((1, volume.size), np.nan))[0] == -np.inf


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_the_score_is_the_slope_of_the_likelihood_and_its_mean_square_the_information(visits, kind, heavy):
    observed = with_kind([observe(MODEL, visits)], kind, heavy, False)[0]
    simulated = observed.number * np.linspace(0.8, 1.3, observed.n)
    step = 1e-6 * simulated
    ends = [np.where(np.eye(observed.n), simulated + side * step, simulated) for side in (1, -1)]
    slope = (observed.log_likelihood(ends[0]) - observed.log_likelihood(ends[1])) / (2 * step)
    np.testing.assert_allclose(observed.score(simulated), slope, rtol=1e-4, atol=1e-3)
    # Over data that the model makes, evenly spread over the shares of its distribution.
    sd, shape = observed.spread(simulated[None])[0][0], stats.t(4) if heavy else stats.norm()
    made = [observed.spaced(simulated) + sd * z for z in shape.ppf((np.arange(800) + 0.5) / 800)]
    made = [np.where(observed.logarithmic, np.exp(row), row) for row in made]
    squares = np.square([replace(observed, number=row).score(simulated) for row in made]).mean(axis=0)
    np.testing.assert_allclose(squares, np.diag(observed.information(simulated, np.eye(observed.n))), rtol=0.02)


@pytest.mark.parametrize(("kind", "heavy"), [(kind, False) for kind in ESTIMATED] + [("combined", True)])
def test_the_mode_is_that_of_the_whole_density(visits, kind, heavy):
    """Exponential growth in closed form, the distributions of scipy and the prior, minimised without slopes."""
    found = calibrate(MODEL, visits, noise=kind, heavy_tails=heavy, **SETTINGS)
    volume, day = (np.array(x) for x in zip(*((v.values["volume_cm3"], v.day) for v in visits), strict=True))
    values = {NAMES[name]: estimate.value for name, estimate in found.scatter.values.items()}
    target = posterior_of(found)

    def density(theta):
        simulated = np.exp(theta[1] + np.exp(theta[0]) * day)
        prior = np.square((theta - target.prior_mean) / target.prior_sd).sum()
        return 0.5 * prior - log_likelihood(kind, heavy, volume, simulated, **values)

    best = minimize(density, found.mode + 0.2, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    assert density(found.mode) <= best.fun + 1e-4
    np.testing.assert_allclose(found.mode, best.x, atol=0.02 * np.sqrt(np.diag(found.covariance)).min())
    deviance = 2 * (density(found.mode) - 0.5 * np.square((found.mode - target.prior_mean) / target.prior_sd).sum())
    assert found.bic == pytest.approx(deviance + found.effective_parameters * np.log(volume.size), abs=1e-3)
    assert found.effective_parameters == pytest.approx(2 + len(values), abs=0.1)


@pytest.mark.parametrize("kind", ESTIMATED)
def test_the_generating_noise_is_chosen_and_its_values_found(kind):
    """Of groups of 12 animals and more seeds: Testing/benchmarks/model_noise.py."""
    weighed = choose_noise(MODEL, volumes(kind, np.random.default_rng(7), np.arange(0, 20, 0.25)), **SETTINGS)
    assert weighed[0].fit.scatter.kind == kind
    assert sum(row.bic_weight for row in weighed) == pytest.approx(1)
    values = weighed[0].fit.scatter.values
    for name, truth in {"noise_share": LITTLE if kind == "combined" else SHARE, "noise_sd_cm3": ADDED}.items():
        if name in values:
            assert values[name].set_by == "data"
            assert values[name].value == pytest.approx(truth, rel=0.3)


def test_the_choice_is_weighed_with_each_model_in_one_table():
    other = models.get("two_drug_logistic_growth", "mouse")
    kinds = ("additive", "proportional")
    weighed = choose_model([MODEL, other], volumes("additive", np.random.default_rng(7), range(0, 20)), noise=kinds,
                           free=None, prior_draws=32)  # fmt: skip
    assert len(weighed) == 4
    header, rows = models_table(weighed)
    assert {row[header.index("noise")] for row in rows} == set(kinds)
    assert weighed[0].model.endswith("additive noise")
    assert sum(row.bic_weight for row in weighed if row.fit.scatter.kind == "additive") > 0.9


def test_stated_noise_fits_as_it_did_and_its_criteria_are_of_the_volumes():
    """Numbers of the version that knew no other noise; its BIC was that of the logarithms."""
    rng = np.random.default_rng(7)
    group = [Subject(f"a{i}", volumes("lognormal", rng, range(0, 18, 3), 0.1 + 0.05 * i)) for i in range(2)]
    jacobian = 2 * sum(np.log(visit.values["volume_cm3"]) for one in group for visit in one.measurements)
    priors = {"g": {"default": 0.08, "prior": 0.5}, "T0": {"default": 0.2, "prior": 1.5}}  # of that version
    model = replace(MODEL, parameters=tuple(replace(p, **priors.get(p.name, {})) for p in MODEL.parameters))
    found, scaled = (calibrate_pooled(model, group, noise_scale=on, **SETTINGS) for on in (False, True))
    assert found.shared["g"].value == pytest.approx(0.13808774491369202, rel=1e-6)
    assert found.shared["g"].upper == pytest.approx(0.15248878222894585, rel=1e-5)
    assert found.subjects["a1"].best["T0"] == pytest.approx(np.exp(-1.7609758908843895), rel=1e-6)
    assert found.chi2 == pytest.approx(8.890987051762275, rel=1e-6)
    assert found.bic == pytest.approx(-7.317320453329815 + jacobian, rel=1e-6)
    assert scaled.noise.value == pytest.approx(0.9940489750687704, rel=1e-5)
    assert scaled.noise.lower == pytest.approx(0.6999839428271082, rel=1e-5)
    assert scaled.bic == pytest.approx(-4.868855516774005 + jacobian, rel=1e-6)


def test_outliers_spoil_a_normal_fit_and_not_one_with_heavy_tails():
    """One number in ten is three times or a third of what it should be."""
    error = {False: [], True: []}
    for seed in range(4):
        rng, days = np.random.default_rng(seed), np.arange(0.0, 20.0)
        measured = 0.1 * np.exp(RATE * days + 0.1 * rng.standard_normal(20))
        measured[rng.choice(20, 2, replace=False)] *= rng.choice([1 / 3, 3.0], 2)
        visits = [Measurement(f"V{i}", float(i), {"volume_cm3": value}) for i, value in enumerate(measured.tolist())]
        for heavy in error:
            found = calibrate(MODEL, visits, noise="lognormal", heavy_tails=heavy, **SETTINGS)
            ahead = found.best["T0"] * np.exp(found.best["g"] * 27.0)
            error[heavy].append(np.log(ahead / (0.1 * np.exp(RATE * 27.0))))
            if heavy:
                assert any("weigh little" in text for text in found.warnings)
    rms = {heavy: np.sqrt(np.mean(np.square(rows))) for heavy, rows in error.items()}
    assert rms[True] < 0.5 * rms[False], rms


def test_values_of_exact_and_of_few_numbers_stay_within_reach_and_say_so():
    exact = calibrate(MODEL, volumes("exact", np.random.default_rng(1), range(0, 20)), noise="combined", **SETTINGS)
    size = exact.scatter.size_cm3
    assert 1e-4 < exact.scatter.values["noise_share"].value < 0.02
    assert 1e-4 * size < exact.scatter.values["noise_sd_cm3"].value < 0.02 * size
    few = calibrate(MODEL, volumes("proportional", np.random.default_rng(1), (0, 7, 14)), noise="combined", **SETTINGS)
    for name, estimate in few.scatter.values.items():
        assert 0.01 < estimate.value / (1.0 if name == "noise_share" else few.scatter.size_cm3) < 1.0
        assert estimate.set_by == "prior"
    assert sum("is set by its prior: the volumes do not tell it" in text for text in few.warnings) == 2
    many = volumes("proportional", np.random.default_rng(1), np.arange(0, 20, 0.2))
    found = calibrate(MODEL, many, noise="combined", **SETTINGS)
    assert found.scatter.values["noise_share"].set_by == "data"
    assert found.scatter.values["noise_sd_cm3"].value < 0.1 * found.scatter.size_cm3


def test_a_scatter_that_no_examination_has_is_said():
    rng = np.random.default_rng(2)
    visits = [Measurement(f"V{i}", float(i), {"volume_cm3": float(np.exp(rng.standard_normal()))}) for i in range(20)]
    found = calibrate(MODEL, visits, noise="lognormal", **SETTINGS)
    assert any("more than any examination" in text for text in found.warnings)


def test_draws_agree_with_the_mode_and_have_the_values_of_the_noise(visits):
    pytest.importorskip("emcee", reason="emcee is not installed")
    laplace, drawn = (
        calibrate(MODEL, visits, noise="combined", method=method, **SETTINGS) for method in ("map", "mcmc")
    )
    assert drawn.sampling.converged
    assert set(drawn.sampling.tau) == {*FREE, *drawn.scatter.values}
    assert drawn.samples.shape[1] == 2
    for found, expected in ((drawn.estimates["g"], laplace.estimates["g"]), *(
        (drawn.scatter.values[name], value) for name, value in laplace.scatter.values.items()
    )):  # fmt: skip
        width = np.log(expected.upper / expected.lower)
        assert np.log(found.value / expected.value) == pytest.approx(0, abs=0.25 * width)
        assert np.log(found.upper / found.lower) == pytest.approx(width, rel=0.5)


def test_the_file_keeps_the_noise_with_units(visits, tmp_path):
    found = calibrate(MODEL, visits, noise="combined", heavy_tails=True, **SETTINGS)
    found.save(tmp_path / "fit.json")
    again = read_calibration(tmp_path / "fit.json")
    assert again.to_dict() == found.to_dict()
    assert again.scatter == found.scatter
    kept = json.loads((tmp_path / "fit.json").read_text())["scatter"]
    assert (kept["kind"], kept["heavy_tails"]) == ("combined", True)
    assert {name: value["unit"] for name, value in kept["values"].items()} == {"noise_sd_cm3": "cm3", "noise_share": ""}
    target, mode = posterior_of(again), found.mode[None]
    np.testing.assert_allclose(target.log_likelihood(mode), posterior_of(found).log_likelihood(mode))
    kept["kind"] = "pink"
    (tmp_path / "fit.json").write_text(json.dumps(found.to_dict() | {"scatter": kept}))
    with pytest.raises(InputError, match="no noise 'pink'"):
        read_calibration(tmp_path / "fit.json")


def test_profile_and_spectrum_know_a_noise_that_follows_the_model(visits):
    """The profile rises as the whole density does; its curvature is the Fisher information."""
    found = calibrate(MODEL, visits, noise="proportional", **SETTINGS)
    profile = profile_likelihood(found, "g", points=9, width=2.0)
    volume, day = (np.array(x) for x in zip(*((v.values["volume_cm3"], v.day) for v in visits), strict=True))
    share, target = found.scatter.values["noise_share"].value, posterior_of(found)

    def density(rate, start):
        point = np.array([np.log(rate), start])
        prior = np.square((point - target.prior_mean) / target.prior_sd).sum()
        simulated = np.exp(start + rate * day)
        return prior - 2 * log_likelihood("proportional", False, volume, simulated, share=share)

    best = np.array([minimize(lambda x, rate=rate: density(rate, x[0]), [-2.3]).fun for rate in profile.value])
    np.testing.assert_allclose(profile.deviance, best - best.min(), atol=0.02)


def test_a_forecast_has_the_scatter_of_a_measurement():
    rng = np.random.default_rng(4)
    checks = {kind: forecast_check(MODEL, volumes("additive", rng, range(0, 16)), hidden=2, noise=kind, **SETTINGS)
              for kind in ("additive", "lognormal")}  # fmt: skip
    width = {kind: check.rows[-1].upper - check.rows[-1].lower for kind, check in checks.items()}
    assert width["additive"] == pytest.approx(2 * 1.645 * ADDED, rel=0.6)
    assert width["lognormal"] > width["additive"]


def test_the_forecasts_of_heavy_tails_reach_further(visits):
    observed = with_kind([observe(MODEL, visits[:2])], "additive", True, False)[0]
    simulated = np.ones((100000, 2))
    low, middle, high = observed.foretold(simulated, (0.05, 0.5, 0.95), np.random.default_rng(0))[:, 0]
    assert (high - middle) / observed.sd[0] == pytest.approx(stats.t(4).ppf(0.95), rel=0.02)
    assert low == pytest.approx(2 * middle - high, rel=0.02)
    assert observed.foretold(0.01 * simulated, (0.05,), np.random.default_rng(0)).min() == 0.0


def test_one_noise_is_estimated_for_all_subjects():
    rng = np.random.default_rng(5)
    group = [Subject(f"a{i}", volumes("additive", rng, range(0, 15, 2), 1.0 + i)) for i in range(3)]
    found = calibrate_pooled(MODEL, group, noise="additive", **SETTINGS)
    assert found.scatter.values["noise_sd_cm3"].lower < ADDED < found.scatter.values["noise_sd_cm3"].upper
    assert all(view.scatter == found.scatter for view in found.subjects.values())
    # What the views say apart adds up to what is said of all.
    total = sum(posterior_of(view).log_likelihood(view.mode[None])[0] for view in found.subjects.values())
    assert found.bic == pytest.approx(-2 * total + found.effective_parameters * np.log(found.n_data), abs=0.05)
    assert fisher_pooled(found).informed == 4
    with pytest.raises(InputError, match="no noise 'white'"):
        calibrate_pooled(MODEL, group, noise="white")


def test_only_fractions_are_scaled_beside_estimated_volumes():
    model = models.get("tivnh", "mouse")
    visits = [Measurement(f"V{i}", 4.0 * i, {"volume_cm3": 0.2 * np.exp(0.1 * i), "vascular_fraction": 0.2 - 0.02 * i})
              for i in range(4)]  # fmt: skip
    both = with_kind([observe(model, visits)], "additive", False, True)[0]
    assert both.noise.names == ("noise_scale", "noise_sd_cm3")
    sd = both.spread(both.number[None], np.array([np.log(2.0), 0.0]))[0][0]
    np.testing.assert_allclose(sd[both.volume], np.hypot(1.0, FINEST * both.noise.size_cm3))
    np.testing.assert_allclose(sd[~both.volume], 2 * 0.05)
    only = with_kind([observe(MODEL, visits)], "additive", False, True)[0]
    assert only.noise.names == ("noise_sd_cm3",)
    no_volume = [Measurement("V1", 0.0, {"vascular_fraction": 0.2})]
    with pytest.raises(InputError, match="none was measured"):
        calibrate(model, no_volume, noise="additive")


def test_words_table_and_chart_say_the_noise_with_its_unit(visits):
    found = calibrate(MODEL, visits, noise="combined", heavy_tails=True, **SETTINGS)
    said = " ".join(scatter(found.scatter))
    assert "cm³ (90 %" in said
    assert "% of the volume (90 %" in said
    assert "t distribution" in said
    header, rows = noise_table(found.scatter)
    assert [row[header.index("unit")] for row in rows] == ["cm3", ""]
    points = measured_points(MODEL, visits, "T", found.scatter.noise)
    low, high = points.y_interval
    assert (low >= 0).all()
    assert high.max() > 1.0  # a volume is no fraction
    assert scatter(calibrate(MODEL, visits, **SETTINGS).scatter) == []


def test_the_command_estimates_and_chooses_the_noise(tmp_path, capsys):
    lines = ["animal,day,volume_mm3"]
    rng = np.random.default_rng(8)
    for name in ("a", "b"):
        rows = volumes("additive", rng, range(0, 16, 2))
        lines += [f"{name},{visit.day:g},{1000 * visit.values['volume_cm3']:.1f}" for visit in rows]
    (tmp_path / "mice.csv").write_text("\n".join(lines))
    words = ["calibrate", str(tmp_path / "mice.csv"), "--model", MODEL.name, "--free", "g,T0", "--prior-draws", "32"]
    asked = [*words, "--pooled", "--noise", "choose", "--heavy-tails", "--draws", "20", "--horizon", "20"]
    asked += ["--out", str(tmp_path / "chosen")]
    assert main([*asked, "--json", str(tmp_path / "chosen.json")]) == 0
    said, summary = capsys.readouterr().out, json.loads((tmp_path / "chosen.json").read_text())
    assert f"Used: {MODEL.name}, additive noise" in said
    assert "The volumes scatter about the model by" in said
    assert {row["noise"] for row in summary["models"]} == set(KINDS)
    assert summary["pooled"]["scatter"]["values"]["noise_sd_cm3"]["unit"] == "cm3"
    assert (tmp_path / "chosen" / "noise.csv").read_text().splitlines()[1].startswith("additive,")
    kept = read_calibration(tmp_path / "chosen" / "a" / "calibration.json").scatter
    assert (kept.kind, kept.heavy_tails) == ("additive", True)
