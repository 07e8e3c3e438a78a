"""The model library: families, covariates, descriptions; analytic solutions and limits of each family."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, repeated, simulate
from HER2ImmunoModelLib.findings.calibrate import CalibrateRequest
from HER2ImmunoModelLib.models.covariates import with_covariate
from HER2ImmunoModelLib.models.descriptions import describe, from_description, read_model, write_model
from HER2ImmunoModelLib.planning import PlanSettings
from scipy.integrate import solve_ivp

TWO_DRUG = models.family("two_drug")
IMMUNOTHERAPY = models.family("immunotherapy")
BOTH = Schedule(repeated("trastuzumab", (3, 4)) + repeated("doxorubicin", (6, 7)))


def prior_draws(model, n, seed=0):
    rng = np.random.default_rng(seed)
    return {p.name: p.from_free(p.to_free(p.default) + p.prior * rng.standard_normal(n)) for p in model.parameters}


def random_schedule(model, rng):
    names = [drug.name for drug in model.drugs]
    return Schedule(
        tuple(Dose(rng.choice(names), float(rng.uniform(0, 40)), float(rng.uniform(0, 2))) for _ in range(8))
        if names
        else ()
    )


def test_families_have_their_members():
    assert len(TWO_DRUG) >= 10
    assert len(IMMUNOTHERAPY) >= 4
    with pytest.raises(InputError, match="choose one of immunotherapy, two_drug"):
        models.family("")


@pytest.mark.parametrize("name", models.names())
def test_every_model_stays_in_its_domain_under_any_schedule(name):
    model, rng = models.get(name), np.random.default_rng(3)
    for seed in range(2):
        course = simulate(model, prior_draws(model, 1000, seed), [0, 7, 42], schedule=random_schedule(model, rng))
        # without a largest volume, or with one that no tumour reaches, some draws explode
        assert course.n_failed == 0 or (model.exploded and course.n_failed < (1000 if name == "tivnh" else 20))
        for state in model.states:
            lower, upper = state.domain
            values = course.states[state.name][~course.failed]
            assert ((values >= lower) & (values <= upper)).all()


@pytest.mark.parametrize("name", models.names())
def test_every_number_has_a_source_and_a_human_preset(name):
    model = models.get(name)
    for one in (model, models.get(name, "human")):
        for parameter in one.parameters:
            assert parameter.holds(parameter.default)
            assert parameter.source
            assert parameter.label
            assert parameter.from_free(parameter.to_free(parameter.default)) == pytest.approx(parameter.default)
    losses = {drug.decay for drug in model.drugs if drug.decay}
    assert losses <= set(model.presets["human"])
    assert set(model.initial) == {state.name for state in model.states}


@pytest.mark.parametrize("name", [name for name in TWO_DRUG if "logistic" in name] + list(IMMUNOTHERAPY))
def test_without_doses_growth_is_logistic(name):
    day, g, size, start = np.linspace(0, 80, 9), 0.1, 4.0, 0.3
    course = simulate(name, {"g": g, "K": size, "T0": start}, day)
    np.testing.assert_allclose(course.states["T"][0], size / (1 + (size / start - 1) * np.exp(-g * day)), rtol=1e-6)


def test_exponential_growth_less_two_decaying_kills():
    """log T = g t - k_A AUC_A - k_P AUC_P, the areas under sums of exponentials."""
    day = np.linspace(0, 30, 7)
    course = simulate("two_drug_exponential_death", {}, day, schedule=BOTH)
    value = models.get("two_drug_exponential_death").defaults()

    def area(loss, days):
        return sum(np.where(day > d, (1 - np.exp(-loss * np.maximum(day - d, 0))) / loss, 0.0) for d in days)

    exponent = (
        value["g"] * day - value["k_A"] * area(value["lam_A"], (3, 4)) - value["k_P"] * area(value["lam_P"], (6, 7))
    )
    np.testing.assert_allclose(course.states["T"][0], value["T0"] * np.exp(exponent), rtol=1e-6)


def test_cumulative_dose_without_growth():
    given = {"g": 0.0, "phi": 0.1, "T0": 1.0}
    doses = Schedule((Dose("checkpoint_inhibitor", 2.0), Dose("checkpoint_inhibitor", 5.0, 0.5)))
    course = simulate("immunotherapy_cumulative", given, [0, 2, 5, 10], schedule=doses)
    np.testing.assert_allclose(course.states["T"][0], np.exp([0, 0, -0.3, -0.3 - 0.75]), rtol=1e-6)


@pytest.mark.parametrize("action", ["growth", "death"])
def test_interactions_of_zero_leave_the_member_without_them(action):
    """Drugs integrated as states then equal their analytic sums."""
    day = [0, 5, 8, 30]
    plain = simulate(f"two_drug_logistic_{action}", {}, day, schedule=BOTH).states["T"]
    for interactions, off in (("keeps_clears", {"r_A": 0.0, "q_P": 0.0}), ("potentiates", {"k_AP": 0.0})):
        other = simulate(f"two_drug_logistic_{action}_{interactions}", off, day, schedule=BOTH).states["T"]
        np.testing.assert_allclose(other, plain, rtol=1e-6)


def test_order_of_two_drugs():
    """Doxorubicin that clears trastuzumab makes trastuzumab first the better order; potentiation alone does too."""
    first = Schedule(repeated("trastuzumab", (3, 4)) + repeated("doxorubicin", (5, 6)))
    last = Schedule(repeated("doxorubicin", (3, 4)) + repeated("trastuzumab", (5, 6)))

    def ratio(name, **given):
        ends = [simulate(name, given, [0, 60], schedule=s).states["T"][0, -1] for s in (first, last)]
        return ends[0] / ends[1]

    assert ratio("two_drug_logistic_death_potentiates_clears") < 0.97
    assert ratio("two_drug_exponential_death", lam_A=0.7) == pytest.approx(1.0, rel=1e-6)


def test_integrated_drugs_agree_with_lsoda():
    model = models.get("two_drug_logistic_death_keeps_clears")
    values = model.defaults()

    def derivative(t, y):
        out = np.empty((3, 1))
        model.rhs(y[:, None], values, {}, out)
        return out[:, 0]

    y, dose = np.array([values["T0"], 0.0, 0.0]), {3: (0, 1, 0), 4: (0, 1, 0), 6: (0, 0, 1), 7: (0, 0, 1)}
    for start, stop in pairwise([0, 3, 4, 6, 7, 28]):
        y = y + np.array(dose.get(start, (0, 0, 0)), dtype=float)
        y = solve_ivp(derivative, (start, stop), y, method="LSODA", rtol=1e-10, atol=1e-13).y[:, -1]
    course = simulate(model, {}, [0, 28], schedule=BOTH)
    np.testing.assert_allclose([course.states[n][0, -1] for n in "TAP"], y, rtol=1e-6, atol=1e-9)


def test_integrated_drugs_restart_in_the_middle():
    name = "two_drug_logistic_death_keeps_clears"
    whole = simulate(name, {}, [0, 5, 28], schedule=BOTH)
    middle = {state: values[:, 1] for state, values in whole.states.items()}
    rest = simulate(name, {}, [5, 28], schedule=BOTH, initial=middle)
    np.testing.assert_allclose(rest.states["T"][:, -1], whole.states["T"][:, -1], rtol=1e-6)
    with pytest.raises(InputError, match="start on that day"):
        simulate(name, {}, [5, 28], schedule=BOTH)


TABLE = [Measurement("baseline", 0.0, {"suv_mean": 2.0}), Measurement("day_7", 7.0, {"volume_cm3": 1.0})]


@pytest.mark.parametrize("parameter", ["phi", "lam_B", "T0"])
def test_a_covariate_is_a_plus_b_x(parameter):
    plain = models.get("immunotherapy_decaying")
    model = with_covariate(plain, parameter, TABLE, "suv_mean")
    doses = Schedule((Dose("checkpoint_inhibitor", 1.0),))
    default = plain.parameter(parameter).default
    given = {f"{parameter}_intercept": 0.2 * default, f"{parameter}_slope": 0.65 * default}
    followed = simulate(model, given, [0, 20], schedule=doses).states["T"]
    expected = simulate(plain, {parameter: 1.5 * default}, [0, 20], schedule=doses).states["T"]
    np.testing.assert_allclose(followed, expected, rtol=1e-12)
    unchanged = simulate(model, {}, [0, 20], schedule=doses).states["T"]
    np.testing.assert_allclose(unchanged, simulate(plain, {}, [0, 20], schedule=doses).states["T"], rtol=1e-12)


def test_a_covariate_out_of_the_domain_fails_its_sample_only():
    model = with_covariate(models.get("immunotherapy_decaying"), "T0", TABLE, "suv_mean", "baseline")
    course = simulate(model, {"T0_slope": [0.0, -5.0]}, [0, 10])
    assert course.failed.tolist() == [False, True]


@pytest.mark.parametrize(
    ("column", "visit", "words"),
    [
        ("suv_mean", "day_7", "no suv_mean at visit day_7"),
        ("suv_mean", "day_9", "no visit"),
        ("ftv", None, "any visit"),
    ],
)
def test_a_covariate_without_its_cell(column, visit, words):
    with pytest.raises(InputError, match=words):
        with_covariate(models.get("immunotherapy_decaying"), "phi", TABLE, column, visit)


def test_settings_fix_and_tie_parameters_as_the_command_line_does():
    visits = [replace(row, values={**row.values, "volume_cm3": 1.0 + row.day / 7}) for row in TABLE]
    settings = PlanSettings.from_dict(
        {"model": "immunotherapy_decaying", "fixed": "K=60", "covariates": ["phi=suv_mean@baseline"]}
    )
    assert PlanSettings.from_dict(settings.to_dict()) == settings
    request = CalibrateRequest(tuple(visits), Schedule(), settings)
    found = request.make().calibration
    model = with_covariate(models.get("immunotherapy_decaying", "human"), "phi", visits, "suv_mean", "baseline")
    assert found.best == calibrate(model, visits, fixed={"K": 60.0}).best
    other = replace(request, settings=replace(settings, fixed=("K=61",)))
    assert len({request.key(), other.key(), replace(request, settings=replace(settings, covariates=())).key()}) == 3


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"fixed": ("K=much",)}, "such as K=5"),
        ({"covariates": ("phi",)}, "phi=suv_mean@baseline"),
        ({"fixed": ("phi=1",), "covariates": ("phi=suv_mean",)}, "cannot be fixed too"),
    ],
)
def test_choices_that_cannot_be_are_refused(chosen, words):
    with pytest.raises(InputError, match=words):
        CalibrateRequest(tuple(TABLE), Schedule(), PlanSettings(model="immunotherapy_decaying", **chosen)).make()


@pytest.mark.parametrize("name", models.names())
def test_description_round_trip(name, tmp_path):
    model = models.get(name, "human")
    write_model(tmp_path / "model.json", model)
    assert read_model(tmp_path / "model.json") == replace(model, presets=models.get(name).presets)


def test_description_keeps_covariates_and_changed_priors(tmp_path):
    model = with_covariate(models.get("immunotherapy_decaying"), "phi", TABLE, "suv_mean", slope=0.01)
    model = replace(model, parameters=tuple(replace(p, prior=2 * p.prior) for p in model.parameters))
    write_model(tmp_path / "model.json", model)
    assert read_model(tmp_path / "model.json") == model


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "sbml"}, "not a model description"),
        ({"name": "gompertz"}, "no model 'gompertz'"),
        ({"states": []}, "states differ"),
        ({"parameters": []}, "lacks the parameter"),
        ({"covariates": [{"parameter": "g"}]}, "lacks or misspells"),
    ],
)
def test_bad_description(change, words):
    with pytest.raises(InputError, match=words):
        from_description(describe(models.get("tivnh")) | change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"default": "fast"}, "parameter g, could not convert"),
        ({"default": float("inf")}, "default inf of g is outside"),
        ({"default": -1.0}, "default -1.0 of g is outside"),
        ({"prior": -0.5}, "prior sd -0.5 of g"),
        ({"prior": float("nan")}, "prior sd nan of g"),
        ({"bounds": [0]}, "parameter g, "),
        ({"bounds": None}, "parameter g, "),
        ({"unit": 3}, "3 is not a text"),
        ({"name": "rho"}, "a parameter twice|lacks the parameter 'g'"),
    ],
)
def test_bad_parameter_of_a_description(change, words):
    description = describe(models.get("tivnh"))
    description["parameters"][0] |= change
    with pytest.raises(InputError, match=words):
        from_description(description)


def test_unreadable_description(tmp_path):
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        read_model(tmp_path / "m.json")
