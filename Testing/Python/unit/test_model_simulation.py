"""The simulator against the published trajectory, an independent integrator and analytic solutions."""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import Dose, Schedule, models, repeated, simulate, standard_candidates
from HER2ImmunoModelLib.simulation.batch import simulate_schedules
from HER2ImmunoModelLib.treatments.pharmacokinetics import amount_at
from HER2ImmunoStudyLib.phantom import presets
from HER2ImmunoStudyLib.phantom.subject import simulate_subject
from scipy.integrate import solve_ivp

DATA = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).parents[4] / "shared" / "data"))
FULL = Schedule((*repeated("trastuzumab", (0, 4)), *repeated("cytotoxic", (8, 12)), Dose("pembrolizumab", 3.5)))


def prior_draws(model, n, seed=0, width=1.0):
    rng = np.random.default_rng(seed)
    return {
        p.name: p.from_free(p.to_free(p.default) + width * p.prior * rng.standard_normal(n)) for p in model.parameters
    }


def lsoda(model, values, schedule, last_day):
    """Final state by LSODA, dose by dose, with the amounts as analytic sums."""
    names = [(drug.name, values[drug.decay]) for drug in model.drugs]

    def derivative(t, y, stop):
        day = [min(t, stop - 1e-12)]
        amount = {name: float(amount_at(schedule, model, name, decay, day)[0]) for name, decay in names}
        out = np.empty((y.size, 1))
        model.rhs(y[:, None], values, amount, out)
        return out[:, 0]

    y = np.array([values[model.initial[state.name]] for state in model.states])
    stops = sorted({0.0, last_day, *(dose.day for dose in schedule.doses)})
    for start, stop in pairwise(stops):
        y = solve_ivp(derivative, (start, stop), y, method="LSODA", rtol=1e-10, atol=1e-13, args=(stop,)).y[:, -1]
    return y


@pytest.mark.parametrize("every", [1, 112])
def test_published_trajectory(every):
    path = DATA / "model" / "biomd0000000745_reference.csv"
    if not path.exists():
        pytest.skip(f"no reference data at {DATA}")
    reference = np.genfromtxt(path, delimiter=",", names=True)[::every]
    course = simulate("tivnh", {}, reference["day"])
    for name, values in course.states.items():
        np.testing.assert_allclose(values[0], reference[name], rtol=1e-6)


@pytest.mark.parametrize(
    ("schedule", "volume_cm3"),
    [
        ((), 2.19),
        (repeated("trastuzumab", (0, 7)), 0.49),
        (repeated("cytotoxic", (0, 7)), 0.68),
        (repeated("cytotoxic", (0, 4)) + repeated("trastuzumab", (8, 12)), 0.0687),
        (repeated("trastuzumab", (0, 4)) + repeated("cytotoxic", (8, 12)), 0.0210),
    ],
)
def test_design_volumes_at_day_42(schedule, volume_cm3):
    course = simulate("tivnh_treated", {}, [0, 42], schedule=Schedule(schedule))
    assert course.states["T"][0, -1] == pytest.approx(volume_cm3, rel=0.01)


def test_treated_model_agrees_with_lsoda():
    model = models.get("tivnh_treated")
    values = prior_draws(model, 12, seed=3)
    course = simulate(model, values, [0, 28], schedule=FULL)
    for sample in range(12):
        expected = lsoda(model, {name: float(v[sample]) for name, v in values.items()}, FULL, 28.0)
        simulated = [course.states[state.name][sample, -1] for state in model.states]
        np.testing.assert_allclose(simulated, expected, rtol=1e-6, atol=1e-9)


def test_human_preset_agrees_with_lsoda():
    model = models.get("tivnh_treated", "human")
    course = simulate(model, {}, [0, 42], schedule=FULL)
    expected = lsoda(model, model.defaults(), FULL, 42.0)
    np.testing.assert_allclose([course.states[s.name][0, -1] for s in model.states], expected, rtol=1e-6)


@pytest.mark.parametrize("seed", [1, 8])
@pytest.mark.parametrize("tolerance", [1e-6, 1e-7, 1e-10])
def test_virtual_patients_agree_with_the_solver_that_made_them(seed, tolerance):
    patient = simulate_subject(presets.PRESETS["human"], seed)
    model = models.get("tivnh_treated", "human")
    for plan in standard_candidates(start_day=patient.plan_day):
        schedule = patient.given + plan
        course = simulate(model, patient.parameters, [0, patient.horizon_day], schedule=schedule, tolerance=tolerance)
        assert course.states["T"][0, -1] == pytest.approx(patient.outcomes[plan.name], rel=1e-6)


def test_without_doses_and_limit_the_treated_model_is_the_published_one():
    day = np.arange(0.0, 29.0)
    treated, published = simulate("tivnh_treated", {"K": np.inf}, day), simulate("tivnh", {}, day)
    for name, values in published.states.items():
        np.testing.assert_allclose(treated.states[name], values, rtol=1e-7)


def test_logistic_growth():
    day, g, size, start = np.linspace(0, 60, 7), 0.1, 5.0, 0.2
    zero = dict.fromkeys(("rho", "mu_T"), 0.0)
    course = simulate("tivnh_treated", {"g": g, "K": size, "T0": start} | zero, day)
    expected = size / (1 + (size / start - 1) * np.exp(-g * day))
    np.testing.assert_allclose(course.states["T"][0], expected, rtol=1e-6)


def test_exponential_kill_by_a_drug_that_stays():
    """Vessels held at one half, no growth, no loss of the drug: T falls at k_P E q, a constant."""
    given = {"g": 0.0, "mu_T": 0.0, "k_P": 0.6, "lam_P": 0.0, "C50_P": 0.25, "v50": 0.1, "eta": 0.0, "V0": 0.5}
    held = dict.fromkeys(("a_T", "a_I", "mu_V"), 0.0)
    day = np.linspace(0, 20, 5)
    course = simulate("tivnh_treated", given | held, day, schedule=Schedule((Dose("cytotoxic", 0, 0.5),)))
    fall = 0.6 * (0.5 / 0.75) * (0.5 / 0.6)
    np.testing.assert_allclose(course.states["T"][0], 0.2 * np.exp(-fall * day), rtol=1e-6)


def test_vessels_long_at_rest_follow_a_dose_on_every_day():
    """A tumour that nothing changes: the vessels settle at the rate (a_T + mu_V) T, which a drug that stays lowers.

    At rest steps grow without bound, so that the one tried after the dose goes to the last day. It is far too long, at
    5.65 over the rate, where the estimate of order 5 of the error vanishes.
    """
    still = dict.fromkeys(("g", "rho", "mu_T", "a_V", "a_N", "a_I", "I0", "b", "N0", "gam", "lam_A"), 0.0)
    rate, gained, effect = np.linspace(5.6, 5.7, 400)[:, None] / 6.0, 0.1, 0.5 * 0.5
    lost = (rate - gained) / (1.0 - effect)
    given = {"T0": 1.0, "a_T": gained, "mu_V": lost[:, 0], "n_A": 0.5, "C50_A": 1.0}
    day = np.arange(0.0, 21.0)
    course = simulate(
        "tivnh_treated",
        still | given | {"V0": (gained / (gained + lost))[:, 0]},
        day,
        schedule=Schedule((Dose("trastuzumab", 14.0),)),
        tolerance=1e-5,
    )
    before, after = gained / (gained + lost), gained / rate
    expected = after + (before - after) * np.exp(-rate * np.maximum(day - 14.0, 0.0))
    np.testing.assert_allclose(course.states["V"], expected, rtol=1e-4)


@pytest.mark.parametrize("name", ["tivnh", "tivnh_treated"])
def test_states_stay_in_their_domain_over_10_000_prior_draws_under_any_schedule(name):
    """100 schedules of up to 12 doses of any drug, on any day and of any size, with 100 draws each."""
    model, rng = models.get(name), np.random.default_rng(21)
    names = [drug.name for drug in model.drugs]
    schedules = [
        Schedule(
            tuple(
                Dose(str(rng.choice(names)), float(rng.uniform(0, 42)), float(rng.exponential(1.0)))
                for _ in range(rng.integers(0, 13) if names else 0)
            )
        )
        for _ in range(100)
    ]
    states, failed = simulate_schedules(model, prior_draws(model, 100, seed=2), [0, 3, 14, 42], schedules)
    assert failed.size == 10_000
    assert not failed.any() or name == "tivnh"  # without a largest volume some draws explode
    for values, state in zip(states, model.states, strict=True):
        kept = values[~failed]
        assert ((kept >= state.domain[0]) & (kept <= state.domain[1])).all()
    assert np.isnan(states[:, failed]).all()


def test_a_draw_that_fails_has_no_day_whatever_its_last_step_reached():
    model = models.get("tivnh_treated", "mouse")
    states, failed = simulate_schedules(model, prior_draws(model, 6000, width=2.5), np.arange(0, 80, 3.0), [Schedule()])
    assert failed.sum() > 500
    assert np.isnan(states[:, failed]).all()
    assert np.isfinite(states[:, ~failed]).all()


def test_order_of_drugs_matters_only_through_the_couplings():
    first = Schedule(repeated("trastuzumab", (0, 4)) + repeated("cytotoxic", (8, 12)))
    last = Schedule(repeated("cytotoxic", (0, 4)) + repeated("trastuzumab", (8, 12)))

    def ratio(**given):
        ends = [simulate("tivnh_treated", given, [0, 120], schedule=s).states["T"][0, -1] for s in (first, last)]
        return ends[0] / ends[1]

    assert ratio() < 0.9
    # Constant delivery, a linear trastuzumab and a pure exponential growth: the drugs act on T independently.
    off = dict.fromkeys(("n_A", "f_A", "k_I", "rho", "mu_T", "eta", "v50", "e_A"), 0.0)
    assert ratio(**off, K=np.inf, lam_P=0.7) == pytest.approx(1.0, rel=1e-5)


def test_a_row_does_not_depend_on_its_batch():
    model = models.get("tivnh_treated")
    values = prior_draws(model, 9000, seed=1)
    whole = simulate(model, values, [0, 10, 28], schedule=FULL)
    for sample in (0, 4095, 4096, 8999):
        alone = simulate(model, {k: v[sample] for k, v in values.items()}, [0, 10, 28], schedule=FULL)
        for name in whole.states:
            np.testing.assert_array_equal(whole.states[name][sample], alone.states[name][0])


def test_same_numbers_twice():
    model = models.get("tivnh_treated")
    values = prior_draws(model, 9000, seed=1, width=0.5)
    first, second = (simulate(model, values, [0, 28], schedule=FULL).states["T"] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_schedules_in_one_batch_equal_one_by_one():
    model = models.get("tivnh_treated")
    values = prior_draws(model, 30, seed=5, width=0.5)
    schedules = [Schedule(), FULL, Schedule((Dose("cytotoxic", 1.5, 0.7),))]
    states, failed = simulate_schedules(model, values, [0, 7, 28], schedules)
    assert not failed.any()
    for i, schedule in enumerate(schedules):
        alone = simulate(model, values, [0, 7, 28], schedule=schedule)
        np.testing.assert_allclose(states[0, i], alone.states["T"], rtol=2e-6)


def test_restart_in_the_middle_continues_the_course():
    whole = simulate("tivnh_treated", {}, [0, 6, 28], schedule=FULL)
    middle = {name: values[:, 1] for name, values in whole.states.items()}
    rest = simulate("tivnh_treated", {}, [6, 28], schedule=FULL, initial=middle)
    np.testing.assert_allclose(rest.states["T"][0, -1], whole.states["T"][0, -1], rtol=1e-6)


def test_a_course_larger_than_the_animal_has_exploded():
    """Exponential growth: past 100 cm3 of a mouse, 2000 of a human, and not a day before."""
    grown = {"g": 2.0, "rho": 0.0, "mu_T": 0.0, "T0": 1.0}
    for species, largest in (("mouse", 100.0), ("human", 2000.0)):
        model, day = models.get("tivnh", species), np.log(largest) / 2.0
        assert simulate(model, grown, [0, day - 0.01]).n_failed == 0
        assert simulate(model, grown, [0, day + 0.01]).n_failed == 1
        assert simulate(model, grown, [0, 1, day + 5]).n_failed == 1


def test_days_inside_steps_are_as_exact_as_their_ends():
    model = models.get("tivnh_treated")
    values = prior_draws(model, 200, seed=4, width=0.5)
    many = np.arange(0.0, 42.5, 0.5)
    dense = simulate(model, values, many, schedule=FULL).states["T"]
    exact = simulate(model, values, many, schedule=FULL, tolerance=1e-10).states["T"]
    np.testing.assert_allclose(dense, exact, rtol=1e-6)
    few = simulate(model, values, [0, 6.5, 42], schedule=FULL).states["T"]
    np.testing.assert_allclose(few[:, 1], exact[:, 13], rtol=1e-6)


def test_a_course_that_explodes_is_marked_and_spares_the_others():
    values = {"g": np.array([0.044, 3.0]), "mu_T": np.array([0.187, 0.0])}
    course = simulate("tivnh", values, [0, 28])
    assert course.failed.tolist() == [False, True]
    assert np.isnan(course.states["T"][1]).all()
    assert course.states["T"][0, -1] == pytest.approx(simulate("tivnh", {}, [0, 28]).states["T"][0, -1], rel=1e-6)


@pytest.mark.parametrize(
    ("parameters", "day", "word"),
    [
        ({"gg": 1.0}, [0, 1], "no parameter"),
        ({"g": -1.0}, [0, 1], "domain"),
        ({"g": np.nan}, [0, 1], "domain"),
        ({"g": "fast"}, [0, 1], "number"),
        ({"e_A": 1.5}, [0, 1], "domain"),
        ({"g": [0.1, 0.2], "K": [1.0, 2.0, 3.0]}, [0, 1], "unequal"),
        ({}, [1, 0], "increase"),
        ({}, [], "increase"),
        ({"T0": np.inf}, [0, 1], "initial state T"),
    ],
)
def test_bad_input(parameters, day, word):
    with pytest.raises(InputError, match=word):
        simulate("tivnh_treated", parameters, day)


def test_unknown_model_species_and_drug():
    with pytest.raises(InputError, match="choose one of"):
        simulate("gompertz", {}, [0, 1])
    with pytest.raises(InputError, match="species"):
        models.get("tivnh", "dog")
    with pytest.raises(InputError, match="no drug"):
        simulate("tivnh_treated", {}, [0, 1], schedule=Schedule((Dose("aspirin", 0),)))


def test_cancel_between_chunks():
    model = models.get("tivnh_treated")

    def stop(fraction, text):
        if fraction > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        simulate(model, prior_draws(model, 20000, width=0.2), [0, 14], report=stop)


def test_library_states_units_and_sources():
    for name in models.names():
        model = models.get(name)
        assert set(model.initial) == {state.name for state in model.states}
        for parameter in model.parameters:
            assert parameter.holds(parameter.default)
            assert parameter.source
            assert parameter.from_free(parameter.to_free(parameter.default)) == pytest.approx(parameter.default)
