"""The volume family: laws of growth and treatment terms against their closed forms, limits, and members as a table."""

from itertools import pairwise

import numpy as np
import pytest
from HER2ImmunoModelLib import Dose, Schedule, models, simulate
from HER2ImmunoModelLib.models.former_presets import as_before
from HER2ImmunoModelLib.models.growth_laws import GROWTHS
from HER2ImmunoModelLib.models.treatment_terms import TERMS
from HER2ImmunoModelLib.treatments.dose_courses import passed_on
from scipy.integrate import solve_ivp
from scipy.linalg import expm

DAY = np.array([0.0, 1.0, 3.5, 8.0, 20.0, 60.0])
TIGHT = 1e-11
DOSES = (Dose("treatment", 1.0, 1.0), Dose("treatment", 6.0, 0.5))
GIVEN = Schedule(DOSES)


def volume(growth, treatment="none", day=DAY, given=GIVEN, **values):
    course = simulate(models.volume_model(growth, treatment, "mouse"), values, day, schedule=given, tolerance=TIGHT)
    return course.states["T"][0]


CLOSED = {
    "exponential": ({"g": 0.1}, lambda t, g: 0.2 * np.exp(g * t)),
    "logistic": ({"g": 0.1, "K": 4.0}, lambda t, g, K: K / (1 + (K / 0.2 - 1) * np.exp(-g * t))),
    "generalised": (
        {"g": 0.1, "K": 4.0, "theta": 0.4},
        lambda t, g, K, theta: K / (1 + ((K / 0.2) ** theta - 1) * np.exp(-g * theta * t)) ** (1 / theta),
    ),
    "gompertz": ({"g": 0.05, "K": 4.0}, lambda t, g, K: K * (0.2 / K) ** np.exp(-g * t)),
    "bertalanffy": (
        {"g": 0.09, "b": 0.05},
        lambda t, g, b: (g / b - (g / b - 0.2 ** (1 / 3)) * np.exp(-b * t / 3)) ** 3,
    ),
    "power": (
        {"g": 0.06, "beta": 0.6},
        lambda t, g, beta: (0.2 ** (1 - beta) + (1 - beta) * g * t) ** (1 / (1 - beta)),
    ),
}


@pytest.mark.parametrize("growth", CLOSED)
def test_a_law_of_growth_is_its_closed_form(growth):
    values, closed = CLOSED[growth]
    np.testing.assert_allclose(volume(growth, **values), closed(DAY, **values), rtol=1e-8)


@pytest.mark.parametrize("start", [0.01, 0.2], ids=["below the threshold", "above it"])
def test_an_allee_effect_is_its_implicit_solution(start):
    """The integral of dT/(T (1 - T/K)(T - A)/(T + tau)) by partial fractions is g t."""
    g, K, A, tau = 0.1, 4.0, 0.05, 0.1
    T = volume("allee", g=g, K=K, A=A, tau=tau, T0=start)
    assert (np.diff(T) > 0).all() == (start > A)
    time = (
        -tau / A * np.log(T) - (K + tau) / (K - A) * np.log(K - T) + (A + tau) * K / (A * (K - A)) * np.log(abs(T - A))
    )
    np.testing.assert_allclose((time - time[0]) / g, DAY, atol=1e-6, rtol=1e-8)


def area(kernel):
    """Sum over the doses of their size times the area under a kernel since."""
    return sum(d.dose * kernel(np.maximum(DAY - d.day, 0.0)) for d in DOSES)


def delayed_kernel(t, lam=0.3, delay=3.0):
    passing = 3.0 / delay
    chain = np.zeros((5, 5))  # three stages, the drug at work, the area under it
    chain[[0, 1, 2, 3], [0, 1, 2, 3]] = (-passing, -passing, -passing, -lam)
    chain[[1, 2, 3, 4], [0, 1, 2, 3]] = (passing, passing, passing, 1.0)
    return np.array([expm(chain * s)[4, 0] for s in t])


def sine_kernel(t, lam=0.3, w=2 * np.pi / 7.0):
    sine = (w - np.exp(-lam * t) * (w * np.cos(w * t) + lam * np.sin(w * t))) / (lam**2 + w**2)
    return 0.5 * ((1 - np.exp(-lam * t)) / lam + sine)


@pytest.mark.parametrize(("lam", "delay"), [(1.0, 3.0), (1.01, 3.0), (0.01, 30.0), (5.0, 2.0), (0.3, 3.0)])
def test_a_delayed_dose_is_exact_over_any_step_and_any_rates(lam, delay):
    model, step = models.volume_model("logistic", "delayed", "mouse"), 2.7
    chain = np.diag([-3.0 / delay] * 3 + [-lam]) + np.diag([3.0 / delay] * 3, -1)
    present = np.array([[0.7], [0.1], [0.4], [0.2]])
    _, after = passed_on(model.drugs[0], present, {"lam": lam, "delay": delay}, np.array([step]), (0.5, 1.0))
    np.testing.assert_allclose(after, expm(chain * step) @ present, rtol=1e-11)


AREAS = {
    "none": lambda: 0.0 * DAY,
    "decaying": lambda: area(lambda t: (1 - np.exp(-0.3 * t)) / 0.3),
    "cumulative": lambda: area(lambda t: t),
    "michaelis_menten": lambda: sum(d.dose / (0.3 + d.dose) * np.maximum(DAY - d.day, 0.0) for d in DOSES),
    "delayed": lambda: area(delayed_kernel),
    "sinusoidal": lambda: area(sine_kernel),
}


@pytest.mark.parametrize("treatment", AREAS)
def test_a_treatment_term_of_exponential_growth_is_its_closed_form(treatment):
    expected = 0.2 * np.exp(0.1 * DAY - 0.15 * AREAS[treatment]())
    np.testing.assert_allclose(volume("exponential", treatment), expected, rtol=1e-8)


def test_an_effect_that_saturates_in_one_dose_is_its_closed_form():
    day, half, lam = np.array([0.0, 2.0, 9.0, 30.0]), 0.3, 0.3
    area = np.log((half + 1.0) / (half + np.exp(-lam * day))) / lam
    T = volume("exponential", "saturating", day, Schedule((Dose("treatment", 0.0),)))
    np.testing.assert_allclose(T, 0.2 * np.exp(0.1 * day - 0.15 * area), rtol=1e-8)


@pytest.mark.parametrize(
    ("growth", "treatment"), [("logistic", "ratio"), ("gompertz", "saturating"), ("power", "ratio")]
)
def test_other_members_are_what_a_general_solver_finds(growth, treatment):
    model = models.volume_model(growth, treatment, "mouse")
    p = model.defaults() | {"T0": 0.2} | ({"l": 1.7} if treatment == "ratio" else {})

    def derivative(t, y):
        amount = sum(d.dose * np.exp(-p["lam"] * (t - d.day)) for d in DOSES if d.day <= at)
        out = np.empty((1, 1))
        model.rhs(y[:, None], p, {"treatment": np.array([amount])}, out)
        return out[0]

    y, found = np.array([0.2]), [0.2]
    for at, stop in pairwise([0.0, 1.0, 3.5, 6.0, 8.0, 20.0, 60.0]):
        y = solve_ivp(derivative, (at, stop), y, "DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
        found += [y[0]] if stop in DAY else []
    np.testing.assert_allclose(
        volume(growth, treatment, **({"l": 1.7} if treatment == "ratio" else {})), found, rtol=1e-8
    )


@pytest.mark.parametrize(
    ("one", "other", "rtol"),
    [
        (("generalised", "decaying", {"theta": 1.0}), ("logistic", "decaying", {}), 1e-9),
        (("generalised", "none", {"theta": 1e-7, "g": 0.05 / 1e-7}), ("gompertz", "none", {}), 1e-5),
        (("power", "decaying", {"beta": 1.0, "g": 0.1}), ("exponential", "decaying", {}), 1e-9),
        (("bertalanffy", "none", {"b": 0.0}), ("power", "none", {"g": 0.09, "beta": 2 / 3}), 1e-9),
        (("allee", "ratio", {"A": 0.0, "tau": 0.0}), ("logistic", "ratio", {}), 1e-9),
        (("logistic", "saturating", {"C50": 1e9, "phi": 0.15e9}), ("logistic", "decaying", {}), 1e-7),
        (("logistic", "ratio", {"s": 0.0, "phi": 0.1}), ("logistic", "saturating", {"C50": 0.0, "phi": 0.1}), 1e-9),
        (("logistic", "delayed", {"delay": 0.05}), ("logistic", "decaying", {}), 0.01),
        (("logistic", "sinusoidal", {"period": 1e9}), ("logistic", "decaying", {"phi": 0.075}), 1e-7),
        (("logistic", "cumulative", {"phi": 0.0}), ("logistic", "none", {}), 1e-9),
        (("logistic", "delayed", {"phi": 0.0}), ("logistic", "none", {}), 1e-9),
    ],
    ids=lambda value: f"{value[0]}-{value[1]}" if isinstance(value, tuple) else "",
)
def test_a_limit_of_one_member_is_another(one, other, rtol):
    found, expected = (volume(growth, term, DAY[:5], **values) for growth, term, values in (one, other))
    np.testing.assert_allclose(found, expected, rtol=rtol)


def test_with_equal_doses_michaelis_menten_is_the_cumulative_dose():
    given = Schedule(tuple(Dose("treatment", day, 0.7) for day in (0.0, 2.0, 4.0)))
    found = volume("gompertz", "michaelis_menten", given=given)
    np.testing.assert_allclose(found, volume("gompertz", "cumulative", given=given, phi=0.15 / (0.3 + 0.7)), rtol=1e-9)


def test_a_dose_before_the_first_day_counts_as_one_inside():
    for treatment in ("decaying", "michaelis_menten", "cumulative", "sinusoidal", "delayed"):
        whole = simulate(models.volume_model("logistic", treatment, "mouse"), {}, DAY, schedule=GIVEN)
        later = {"T": whole.states["T"][:, 3]}
        rest = simulate(whole.model, {}, DAY[3:], schedule=GIVEN, initial=later)
        np.testing.assert_allclose(rest.states["T"], whole.states["T"][:, 3:], rtol=1e-5)


@pytest.mark.parametrize("name", models.family("volume"))
def test_every_member_stays_in_its_domain(name):
    """Also where the treatment kills a tumour altogether, and a law of growth meets a volume of 0."""
    model, rng = models.get(name, "mouse"), np.random.default_rng(3)
    drawn = {p.name: p.from_free(p.to_free(p.default) + p.prior * rng.standard_normal(60)) for p in model.parameters}
    drawn |= {"phi": np.where(np.arange(60) % 2, 30.0, drawn["phi"])} if "phi" in drawn else {}
    course = simulate(model, drawn, [0, 7, 42], schedule=GIVEN)
    assert course.n_failed == 0 or model.exploded
    for state in model.states:
        values = course.states[state.name][~course.failed]
        assert np.isfinite(values).all()
        assert ((values >= state.domain[0]) & (values <= state.domain[1])).all()


@pytest.mark.parametrize("name", models.family("volume"))
def test_every_member_has_units_sources_and_a_human_preset(name):
    model = models.get(name)
    assert {p.name for p in model.parameters} >= set(models.get(name, "human").presets["human"])
    for parameter in (*model.parameters, *models.get(name, "human").parameters):
        assert parameter.holds(parameter.default)
        assert parameter.prior > 0
        assert parameter.source
        assert parameter.label
    assert {drug.decay for drug in model.drugs if drug.decay} <= set(model.presets["human"])


def test_the_family_is_a_table():
    assert len(models.family("volume")) == len(GROWTHS) * len(TERMS) == 56
    assert not set(models.names()) & set(models.family("volume"))
    for growth in models.growths():
        for treatment in models.treatments():
            assert models.volume_model(growth, treatment).name == f"volume_{growth}_{treatment}"
    human = models.volume_model("logistic", "decaying", "human", "pembrolizumab")
    assert (human.species, human.drugs[0].name, human.parameter("lam").default) == (
        "human",
        "checkpoint_inhibitor",
        0.063,
    )


@pytest.mark.parametrize("name", ["tivnh_treated", "two_drug_logistic_death", "immunotherapy_de_pillis"])
def test_a_file_from_before_has_the_priors_it_was_made_with(name):
    now, before = models.get(name, "human"), as_before(models.get(name, "human"))
    assert (before.parameter("K").prior, before.parameter("g").prior) == (0.5, 0.5)
    assert now.parameter("K").prior == 1.5
    assert now.parameter("g").prior == 1.0
    assert before.parameter("T0") == now.parameter("T0")
    assert before.parameter("g").default == {"tivnh_treated": 0.044, "two_drug_logistic_death": 0.08}.get(name, 0.1)


@pytest.mark.parametrize(
    ("old", "treatment"),
    [
        ("decaying", "decaying"),
        ("cumulative", "cumulative"),
        ("michaelis_menten", "saturating"),
        ("de_pillis", "ratio"),
    ],
)
def test_the_names_of_before_are_members(old, treatment):
    given = Schedule((Dose("checkpoint", 1.0), Dose("atezolizumab", 6.0, 0.5)))
    before = simulate(f"immunotherapy_{old}", {}, DAY, schedule=given, species="human")
    now = models.volume_model("logistic", treatment, "human", "checkpoint")
    np.testing.assert_array_equal(simulate(now, {}, DAY, schedule=given).states["T"], before.states["T"])
