"""What the data say, choice of model, forecast checks, several subjects and plain volume tables."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import (
    Dose,
    Schedule,
    Subject,
    calibrate,
    calibrate_each,
    calibrate_pooled,
    choose_model,
    fisher_pooled,
    fisher_spectrum,
    forecast_check,
    joined,
    models,
    profile_likelihood,
    profile_pooled,
    read_volumes,
    repeated,
    simulate,
    sobol_sensitivity,
    weigh,
)
from HER2ImmunoModelLib.calibration.hidden_visits import Foretold, agreement
from HER2ImmunoModelLib.findings.figures import profile_chart
from HER2ImmunoModelLib.models.model import Model, State
from HER2ImmunoModelLib.models.parameters import rate
from scipy.optimize import least_squares

TREATED = models.get("tivnh_treated")
FREE = ("g", "k_P", "T0", "V0", "H0")


def exponential(y, p, amount, out):
    out[0] = p["g"] * y[0]


def logistic(y, p, amount, out):
    out[0] = p["g"] * y[0] * (1 - y[0] / p["K"])


def growth(name, rhs, *more):
    """Growth of a volume alone, whose course is known in closed form."""
    rates = (rate("g", 0.2, "assumed", "growth"), rate("T0", 0.2, "assumed", "start", unit="cm3", prior=1.0), *more)
    states = (State("T", "cm3", "Tumour volume", (0.0, np.inf)),)
    return Model(name, name, states, rates, (), {"T": "volume_cm3"}, rhs, {"T": "T0"}, "closed form")


EXPONENTIAL = growth("exponential", exponential)
LOGISTIC = growth("logistic", logistic, rate("K", 1.0, "assumed", "capacity", unit="cm3"))


def volumes(course, days, cv, rng):
    noise = np.exp(np.sqrt(np.log1p(cv**2)) * rng.standard_normal(len(days)))
    return tuple(
        Measurement(f"V{i}", day, {"volume_cm3": v}, {"volume_cm3": cv * v})
        for i, (day, v) in enumerate(zip(days, (course * noise).tolist(), strict=True))
    )


@pytest.fixture(scope="module")
def treated():
    """A treated subject without noise, calibrated."""
    given = Schedule(repeated("trastuzumab", (3, 7)) + repeated("cytotoxic", (11, 15)))
    days = (0.0, 7.0, 14.0, 21.0)
    course = simulate(TREATED, {"g": 0.06}, days, schedule=given)
    columns = [(s, c) for s, c in TREATED.observables.items() if c != "immune_fraction"]
    visits = [
        Measurement(f"V{i}", day, {c: float(course.states[s][0, i]) for s, c in columns}) for i, day in enumerate(days)
    ]
    return calibrate(TREATED, visits, schedule=given, free=FREE, prior_draws=256)


def test_the_profile_is_the_one_in_closed_form():
    days = np.arange(0.0, 12.0, 2.0)
    visits = volumes(0.3 * np.exp(0.15 * days), days, 0.1, np.random.default_rng(1))
    profile = profile_likelihood(calibrate(EXPONENTIAL, visits), "g", points=9)
    measured, sd = np.log([v.values["volume_cm3"] for v in visits]), np.sqrt(np.log1p(0.1**2))

    def deviance(g):
        """Of the best start for a growth rate; the logarithm of the volume is linear in that of the start."""
        rest, weight = measured - g * days, 1 / sd**2
        start = (weight * rest.sum() + np.log(0.2)) / (weight * days.size + 1)
        chi2 = weight * np.square(rest - start).sum()
        return chi2 + (start - np.log(0.2)) ** 2 + (np.log(g / 0.2) / 0.5) ** 2

    expected = np.array([deviance(g) for g in profile.value])
    np.testing.assert_allclose(profile.deviance, expected - expected.min(), atol=2e-3)
    ends = np.interp([profile.lower, profile.upper], profile.value, profile.deviance)
    np.testing.assert_allclose(ends, 2.7055, rtol=1e-3)
    assert profile.set_by == "data"


def test_a_parameter_without_influence_is_set_by_its_prior(treated):
    visits, given = treated.measurements, treated.schedule
    found = calibrate(TREATED, visits, schedule=given, free=("g", "T0", "s_B"), prior_draws=128)
    profile = profile_likelihood(found, "s_B", points=5)
    assert profile.set_by == "prior"
    np.testing.assert_allclose(profile.chi2_rise, 0, atol=1e-3)
    spectrum = fisher_spectrum(found)
    assert spectrum.eigenvalue[-1] == pytest.approx(0, abs=1e-6)
    assert abs(spectrum.direction[2, -1]) == pytest.approx(1, abs=1e-3)
    assert 1 <= spectrum.informed <= 2


def test_sobol_indices_of_a_product_are_known():
    found = sobol_sensitivity(EXPONENTIAL, 1e-6, n=256)
    np.testing.assert_allclose(found.first_order, [0, 1], atol=0.05)  # log T = log T0 + g t, t near 0
    np.testing.assert_allclose(found.total_order, [0, 1], atol=0.05)


def test_sobol_of_a_calibration_varies_its_parameters_only(treated):
    found = sobol_sensitivity(treated, 21, parameters=("g", "T0"), n=32)
    assert found.names == ("g", "T0")
    assert found.failed == 0


@pytest.mark.parametrize("truth", ["exponential", "logistic"])
def test_bic_weights_pick_the_model_that_made_the_groups(truth):
    days, rng, animals = np.arange(0.0, 30.0, 3.0), np.random.default_rng(5), []
    for i, start in enumerate((0.1, 0.2, 0.3)):
        grown = start * np.exp(0.15 * days)
        course = grown if truth == "exponential" else grown / (1 + start / 1.2 * (np.exp(0.15 * days) - 1))
        animals.append(Subject(f"animal {i}", volumes(course, days, 0.1, rng)))
    rows = choose_model([EXPONENTIAL, LOGISTIC], animals, prior_draws=64)
    assert rows[0].model == truth
    assert rows[0].bic_weight > 0.7
    assert sum(row.bic_weight for row in rows) == pytest.approx(1)
    assert sum(row.aicc_weight for row in rows) == pytest.approx(1)


def test_models_of_different_data_are_not_weighed(treated):
    volume = [Measurement(v.visit, v.day, {"volume_cm3": v.values["volume_cm3"]}) for v in treated.measurements]
    other = calibrate(EXPONENTIAL, volume, prior_draws=64)
    with pytest.raises(InputError, match="not calibrated to the same numbers"):
        weigh({"one": treated, "other": other})
    with pytest.raises(InputError, match="no model"):
        choose_model([], volume)


def test_pooled_rates_are_sharper_than_those_of_one_animal():
    days, rng = np.arange(0.0, 15.0, 3.0), np.random.default_rng(3)
    animals = [
        Subject(f"animal {i}", volumes(start * np.exp(0.12 * days), days, 0.15, rng))
        for i, start in enumerate((0.1, 0.15, 0.2, 0.3))
    ]
    each = calibrate_each(EXPONENTIAL, animals, prior_draws=64)
    pooled = calibrate_pooled(EXPONENTIAL, animals, prior_draws=64)
    shared = pooled.shared["g"]
    assert set(pooled.shared) == {"g"}
    assert shared.lower < 0.12 < shared.upper
    widths = [np.log(fit.estimates["g"].upper / fit.estimates["g"].lower) for fit in each.values()]
    assert np.log(shared.upper / shared.lower) < 0.7 * min(widths)
    assert pooled.n_data == 20
    for animal, start in zip(animals, (0.1, 0.15, 0.2, 0.3), strict=True):
        view = pooled.subjects[animal.name]
        assert view.estimates["T0"].lower < start < view.estimates["T0"].upper
        assert view.predict([0, 14]).median["T"][1] == pytest.approx(start * np.exp(0.12 * 14), rel=0.25)


def test_one_subject_pooled_is_that_subject():
    days = np.arange(0.0, 12.0, 3.0)
    visits = volumes(0.2 * np.exp(0.1 * days), days, 0.1, np.random.default_rng(4))
    alone = calibrate(EXPONENTIAL, visits, prior_draws=64)
    pooled = calibrate_pooled(EXPONENTIAL, [Subject("one", visits)], prior_draws=64)
    np.testing.assert_allclose(pooled.subjects["one"].mode, alone.mode, atol=1e-3)
    assert pooled.bic == pytest.approx(alone.bic, rel=1e-4)


def test_information_of_pooled_animals_is_the_one_in_closed_form():
    days, rng = np.arange(0.0, 12.0, 3.0), np.random.default_rng(5)
    starts = {"A0": 0.2, "A1": 0.3, "A2": 0.5}
    animals = [Subject(name, volumes(start * np.exp(0.15 * days), days, 0.1, rng)) for name, start in starts.items()]
    pooled = calibrate_pooled(EXPONENTIAL, animals)
    profile = profile_pooled(pooled, "g", points=9)
    # The logarithm of each volume is log T0 + g day: least squares with the growth shared.
    sd = np.sqrt(np.log1p(0.1**2))
    measured = np.log([[v.values["volume_cm3"] for v in animal.measurements] for animal in animals])

    def least(g):
        rest = measured - g * days
        centre = (rest.sum(axis=1) / sd**2 + np.log(0.2)) / (days.size / sd**2 + 1)
        chi2 = np.square((rest - centre[:, None]) / sd).sum()
        return chi2 + np.square(centre - np.log(0.2)).sum() + (np.log(g / 0.2) / 0.5) ** 2

    deviance = np.array([least(g) for g in profile.value])
    np.testing.assert_allclose(profile.deviance, deviance - deviance.min(), atol=1e-3)
    assert profile.set_by == "data"
    spectrum = fisher_pooled(pooled)
    assert spectrum.free == ("g", "T0 of A0", "T0 of A1", "T0 of A2")
    growth = float(pooled.subjects["A0"].best["g"])
    slopes = np.zeros((3 * days.size, 4))
    slopes[:, 0] = np.tile(growth * days, 3) * 0.5 / sd
    for i in range(3):
        slopes[i * days.size : (i + 1) * days.size, i + 1] = 1 / sd
    np.testing.assert_allclose(spectrum.eigenvalue, np.linalg.eigvalsh(slopes.T @ slopes)[::-1], rtol=1e-3)
    with pytest.raises(InputError, match="T0 is not shared"):
        profile_pooled(pooled, "T0")


def test_forecasts_of_the_true_model_cover_what_was_hidden():
    days, rng = np.arange(0.0, 21.0, 3.0), np.random.default_rng(8)
    drawn = np.column_stack([rng.uniform(0.1, 0.4, 25), 0.2 * np.exp(0.5 * rng.standard_normal(25))])
    checks = [
        forecast_check(EXPONENTIAL, volumes(start * np.exp(g * days), days, 0.1, rng), hidden=2, prior_draws=64, seed=i)
        for i, (start, g) in enumerate(drawn)
    ]
    found = joined(checks).agreement["volume_cm3"]
    assert found.n == 50
    assert 0.78 <= found.coverage <= 0.99
    assert found.pcc > 0.9
    assert found.ccc > 0.85
    assert found.mape < 30


def test_agreement_by_hand():
    rows = [Foretold("", "", 0, "volume_cm3", m, p, p - 1.5, p + 1.5) for m, p in ((1, 2), (2, 3), (3, 4), (4, 7))]
    found = agreement(rows)
    assert found.pcc == pytest.approx(np.corrcoef([1, 2, 3, 4], [2, 3, 4, 7])[0, 1])
    assert found.ccc == pytest.approx(2 * 2.0 / (1.25 + 3.5 + 1.5**2))
    assert found.nrmse == pytest.approx(np.sqrt(3) / 3)
    assert found.mape == pytest.approx(100 * (1 + 0.5 + 1 / 3 + 0.75) / 4)
    assert found.coverage == 0.75
    assert np.isnan(agreement(rows[:1]).ccc)


def test_volume_tables_become_subjects(tmp_path):
    table, doses = tmp_path / "volumes.csv", tmp_path / "doses.csv"
    table.write_text(
        "group,animal,day,volume_mm3,sd\ncontrol,1,0,100,10\ncontrol,1,3,150,\ntreated,2,3,90,9\ntreated,2,0,110,11\n"
    )
    doses.write_text("group,drug,day,dose\ntreated,paclitaxel,1,\n,trastuzumab,2,0.5\n")
    control, treated = read_volumes(table, doses, TREATED)
    assert (control.name, treated.group) == ("control 1", "treated")
    assert treated.measurements[0].values["volume_cm3"] == pytest.approx(0.11)
    assert treated.measurements[0].sd["volume_cm3"] == pytest.approx(0.011)
    assert control.measurements[1].sd == {}
    assert set(treated.schedule.doses) == {Dose("paclitaxel", 1), Dose("trastuzumab", 2, 0.5)}
    assert control.schedule.doses == (Dose("trastuzumab", 2, 0.5),)


@pytest.mark.parametrize(
    ("table", "doses", "words"),
    [
        ("", None, "no rows"),
        ("day,size\n0,1\n", None, "volume_cm3 or volume_mm3"),
        ("day,volume_cm3\n0,big\n", None, "row 2, column volume_cm3"),
        ("day,volume_cm3\n0,-1\n", None, "row 2.*negative"),
        ("day,volume_cm3\n0,1\n0,2\n", None, "both on day 0"),
        ("day,volume_cm3\n0\n", None, "1 cells"),
        ("day,volume_cm3\n0,1\n", "drug,day\naspirin,1\n", "row 2.*no drug"),
        ("day,volume_cm3\n0,1\n", "drug,day,group\npaclitaxel,1,x\n", "group 'x' has no volumes"),
        ("day,volume_cm3\n0,1\n", "drug,day,dose\npaclitaxel,1,-2\n", "row 2.*-2"),
    ],
)
def test_volume_tables_that_cannot_be_used(tmp_path, table, doses, words):
    (tmp_path / "volumes.csv").write_text(table)
    if doses:
        (tmp_path / "doses.csv").write_text(doses)
    with pytest.raises(InputError, match=words):
        read_volumes(tmp_path / "volumes.csv", tmp_path / "doses.csv" if doses else None, TREATED)


def test_bad_input(treated):
    visits = treated.measurements
    for call, words in (
        (lambda: profile_likelihood(treated, "s_B"), "was not calibrated"),
        (lambda: profile_likelihood(treated, "g", points=1), "3 points"),
        (lambda: sobol_sensitivity(treated, 10, state="X"), "no state"),
        (lambda: sobol_sensitivity(treated, 0), "day above 0"),
        (lambda: sobol_sensitivity(treated, 9, n=100), "n = 100"),
        (lambda: sobol_sensitivity(treated, 9, parameters=["s_B"]), "does not vary"),
        (lambda: forecast_check(TREATED, visits, hidden=4), "Hiding 4 of 4"),
        (lambda: calibrate_each(TREATED, []), "no subject"),
        (lambda: calibrate_pooled(TREATED, [Subject("a", visits)] * 2), "Two subjects"),
        (lambda: calibrate_pooled(TREATED, [Subject("a", ())]), "Subject a: .*holds no number"),
        (lambda: calibrate_pooled(TREATED, [Subject("a", visits)], own=["nothing"]), "'nothing' is not free"),
        (lambda: choose_model([TREATED], [Subject("a", visits)], schedule=Schedule()), "own schedule"),
    ):
        with pytest.raises(InputError, match=words):
            call()


def test_profile_chart_says_what_set_the_parameter(treated):
    chart = profile_chart(profile_likelihood(treated, "T0", points=5), "cm3")
    assert "set by the data" in chart.title
    assert "cm³" in chart.x_label
    assert [item.label for item in chart.items][:2] == ["data and prior", "data alone"]


def test_the_mode_equals_the_best_of_fifty_scipy_starts():
    days = np.arange(0.0, 30.0, 3.0)
    grown = 0.2 * np.exp(0.15 * days)
    visits = volumes(grown / (1 + grown / 1.2), days, 0.1, np.random.default_rng(6))
    found = calibrate(LOGISTIC, visits)
    measured, mean = np.log([v.values["volume_cm3"] for v in visits]), np.log([0.2, 0.2, 1.0])
    prior = np.array([p.prior for p in LOGISTIC.parameters])

    def residuals(theta):
        """Of the closed form, in the order g, T0, K."""
        g, start, capacity = np.exp(theta)
        volume = capacity * start / (start + (capacity - start) * np.exp(-g * days))
        return np.hstack([(measured - np.log(volume)) / np.sqrt(np.log1p(0.01)), (theta - mean) / prior])

    starts = mean + prior * np.random.default_rng(7).standard_normal((50, 3))
    best = min((least_squares(residuals, start) for start in starts), key=lambda fit: fit.cost)
    assert 0.5 * np.square(residuals(found.mode)).sum() <= best.cost + 1e-5
    np.testing.assert_allclose(found.mode, best.x, atol=5e-3)
