"""The four kinds of exposure in the simulator, against general solvers and against each other where they must agree."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import Dose, Schedule, models, simulate
from HER2ImmunoModelLib.models.choosing_kinds import Known, said, with_agent, with_own_kind
from HER2ImmunoModelLib.models.descriptions import describe, from_description
from HER2ImmunoModelLib.simulation.batch import simulate_schedules
from HER2ImmunoModelLib.simulation.exposure_curves import curves
from HER2ImmunoModelLib.treatments.pharmacokinetics import chain_scale, dose_table, passed
from scipy.integrate import quad, solve_ivp
from scipy.stats import gamma

HUMAN = models.get("tivnh_treated", "human")
STATES = [state.name for state in HUMAN.states]
TRASTUZUMAB = {"CL": 0.125, "V1": 3.09, "Q2": 0.463, "V2": 2.78, "Vmax": 8.81, "Km": 8.92}
"""The set `ebc`, 408 mg at 68 kg."""
PERTUZUMAB = {"CL": 0.235, "V1": 3.11, "Q2": 0.534, "V2": 2.46}
PEMBROLIZUMAB = {"CL": 0.22, "V1": 3.48, "Q2": 0.795, "V2": 4.06}
T_DM1 = {"CL": 0.676, "V1": 3.127, "Q2": 1.534, "V2": 0.66}
DX400 = {"CL": 0.33e-3, "V1": 1.26e-3, "Q2": 4.8e-3, "V2": 0.82e-3, "Vmax": 0.52e-3, "Km": 0.37}
THREE = {"CL": 20.0, "V1": 8.9, "Q2": 6.1, "V2": 7.3, "Q3": 1.4, "V3": 38.0}


def fed(model, drug, name, numbers, full_dose_mg, weight=None):
    """The model with an agent; C_ref is the full dose over V1."""
    known = {symbol: Known(value, "a test") for symbol, value in numbers.items()}
    reference = full_dose_mg / numbers["V1"]
    return with_agent(model, drug, name, known, full_dose_mg=full_dose_mg, reference_mg_per_l=reference, weight=weight)


def exact(numbers, full_dose_mg, doses, days):
    """Exposure on days by a general solver at a tight tolerance, dose by dose."""
    c = {"Q2": 0.0, "V2": 1.0, "Q3": 0.0, "V3": 1.0, "Vmax": 0.0, "Km": 1.0} | numbers

    def change(_, a):
        plasma = a[0] / c["V1"]
        flows = [c[f"Q{j}"] * (plasma - a[j - 1] / c[f"V{j}"]) for j in (2, 3)]
        lost = c["CL"] * plasma + c["Vmax"] * plasma / (c["Km"] + plasma)
        return [-lost - sum(flows), *flows]

    amounts, found = np.zeros(3), np.zeros(days.size)
    stops = [*sorted({day for day, _ in doses}), days[-1] + 1.0]
    for start, stop in pairwise(stops):
        amounts[0] += sum(size for day, size in doses if day == start) * full_dose_mg
        run = solve_ivp(change, (start, stop), amounts, "LSODA", rtol=1e-11, atol=1e-14, dense_output=True)
        inside = (days >= start) & (days < stop)
        if inside.any():
            found[inside] = run.sol(days[inside])[0] / full_dose_mg
        amounts = run.y[:, -1]
    return found


def tabled(model, name, doses, days, values=None):
    """Exposure on days as the engine looks it up."""
    schedule = Schedule(tuple(Dose(name, *dose) for dose in doses)).for_model(model)
    table = dose_table(model, [schedule], days[0], days[-1] + 1.0)
    found = curves(model, model.defaults() | (values or {}), table, days[0], 1)
    row = np.zeros(days.size, dtype=int)
    met = np.searchsorted(table.stop[0], days, side="right")
    return found.at(found.place(row, row, met, days), 0.0)[name]


@pytest.mark.parametrize(
    ("numbers", "full_dose_mg", "every", "last"),
    [
        (TRASTUZUMAB, 408.0, 21.0, 150.0),
        (PEMBROLIZUMAB, 200.0, 21.0, 150.0),
        (T_DM1, 252.0, 21.0, 63.0),
        (DX400, 0.2, 3.0, 28.0),
        (THREE, 100.0, 21.0, 63.0),
    ],
    ids=["trastuzumab", "pembrolizumab", "t-dm1", "dx400", "three compartments"],
)
def test_central_exposure_is_that_of_a_general_solver(numbers, full_dose_mg, every, last):
    """Between doses, on both sides of each and before the first day, to 1e-4 of the concentration everywhere."""
    model = fed(HUMAN, "trastuzumab", "trastuzumab", numbers, full_dose_mg)
    doses = [(-every - 0.3, 1.3), (-0.3, 1.0), (every - 0.3, 1.0), (2 * every - 0.3, 0.7)]
    days = np.unique(np.concatenate([np.linspace(0.0, last, 3001), [every - 0.3, np.nextafter(every - 0.3, 0.0)]]))
    expected = exact(numbers, full_dose_mg, doses, days)
    np.testing.assert_allclose(tabled(model, "trastuzumab", doses, days), expected, rtol=1e-5)


def test_one_compartment_that_loses_as_fast_is_relative():
    agent = fed(HUMAN, "trastuzumab", "trastuzumab", {"CL": 0.069 * 3.0, "V1": 3.0}, 300.0)
    same = {"C50_A": 0.3}
    schedule = Schedule((Dose("trastuzumab", -3.0, 0.5), Dose("trastuzumab", 0), Dose("herceptin", 8.4, 0.7)))
    schedule += Schedule((Dose("cytotoxic", 5.0),))
    days = np.linspace(0.0, 60.0, 13)
    central, relative = (simulate(model, same, days, schedule=schedule, tolerance=1e-9) for model in (agent, HUMAN))
    for name in STATES:
        np.testing.assert_allclose(central.states[name], relative.states[name], rtol=1e-6)


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_stages_are_those_of_their_differential_equations(stages):
    rng = np.random.default_rng(stages)
    present, rate, step = (
        rng.uniform(0.1, 2.0, (stages, 4)),
        np.array([0.1, 0.5, 2.0, 9.0]),
        np.array([3.0, 1.0, 0.4, 2]),
    )
    last, after = passed(present, rate, step, (0.3, 1.0))

    def change(_, s, k):
        return -k * s + np.append(0.0, k * s[:-1])

    for row in range(4):
        ends = (0.3 * step[row], step[row])
        run = solve_ivp(
            change, (0, ends[1]), present[:, row], "DOP853", ends, rtol=1e-12, atol=1e-20, args=(rate[row],)
        )
        np.testing.assert_allclose([at[row] for at in last], run.y[-1], rtol=1e-9)
        np.testing.assert_allclose(after[:, row], run.y[:, -1], rtol=1e-9)


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_a_chain_is_a_gamma_kernel_with_the_area_of_the_pulse(stages):
    loss, rate = 0.7, 0.4
    put = np.zeros((stages, 1))
    put[0] = chain_scale(loss, rate)

    def kernel(day):
        return passed(put, rate, day, (1.0,))[0][0].item()

    for day in (0.01, 1.0, 5.0, 20.0):
        assert kernel(day) == pytest.approx(gamma.pdf(day, stages, scale=1 / rate) / loss, rel=1e-12)
    assert quad(kernel, 0, 150)[0] == pytest.approx(1 / loss, rel=1e-8)


def by_solver(model, amounts, stops, last):
    """Final states by a general solver with given amounts of the drugs; `stops` are days where those jump."""
    p = model.defaults()
    y = np.array([p[model.initial[name]] for name in STATES])

    def change(t, y, stop):
        out = np.empty((y.size, 1))
        model.rhs(y[:, None], p, amounts(min(t, stop - 1e-9)), out)
        return out[:, 0]

    edges = sorted({0.0, *stops, last})
    for start, stop in pairwise(edges):
        y = solve_ivp(change, (start, stop), y, "DOP853", rtol=1e-10, atol=1e-13, args=(stop,)).y[:, -1]
    return y


@pytest.mark.parametrize("stages", [1, 3])
def test_a_tumour_under_a_chain(stages):
    model = with_own_kind(HUMAN, "cytotoxic", "chain", stages=stages, per_day=0.5)
    doses = [(-2.0, 0.8), (0.0, 1.0), (7.5, 0.5), (21.0, 1.0)]

    def amounts(day):
        given = [size * gamma.pdf(day - at, stages, scale=2.0) / 0.7 for at, size in doses if at <= day]
        return {"trastuzumab": 0.0, "cytotoxic": sum(given), "checkpoint_inhibitor": 0.0}

    course = simulate(model, {}, [0, 10, 42], schedule=Schedule(tuple(Dose("p", *dose) for dose in doses)))
    expected = by_solver(model, amounts, [0.0, 7.5, 21.0], 42.0)
    np.testing.assert_allclose([course.states[name][0, -1] for name in STATES], expected, rtol=1e-6)


def test_a_chain_of_one_stage_as_fast_as_the_pulse_is_the_pulse():
    chain = with_own_kind(HUMAN, "cytotoxic", "chain", stages=1)
    schedule = Schedule((Dose("cytotoxic", -1.0), Dose("cytotoxic", 3.0), Dose("trastuzumab", 0.0)))
    first, second = (simulate(model, {}, [0, 42], schedule=schedule) for model in (chain, HUMAN))
    np.testing.assert_allclose(first.states["T"], second.states["T"], rtol=1e-9)


def test_a_pulse_is_relative_to_the_last_bit():
    pulse = with_own_kind(HUMAN, "cytotoxic", "pulse")
    schedule = Schedule((Dose("cytotoxic", -1.0, 0.3), Dose("cytotoxic", 3.0, 1.1), Dose("trastuzumab", 0.0)))
    first, second = (simulate(model, {}, [0, 5.5, 42], schedule=schedule) for model in (pulse, HUMAN))
    for name in STATES:
        np.testing.assert_array_equal(first.states[name], second.states[name])


def test_a_tumour_under_two_antibodies_a_conjugate_and_chemotherapy():
    """E_A = 1 - (1 - E_T)(1 - w E_Pz)(1 - E_C) of trastuzumab, pertuzumab, a conjugate; which kills as well."""
    model = fed(HUMAN, "trastuzumab", "trastuzumab", TRASTUZUMAB, 408.0)
    model = fed(model, "trastuzumab", "pertuzumab", PERTUZUMAB, 420.0, Known(0.6, "a test"))
    model = fed(model, "trastuzumab", "t-dm1", T_DM1, 252.0)
    model = fed(model, "cytotoxic", "t-dm1", T_DM1, 252.0, Known(0.4, "a test"))
    given = {
        "trastuzumab": [(0.0, 4 / 3), (21.0, 1.0)],
        "pertuzumab": [(0.0, 2.0), (21.0, 1.0)],
        "t-dm1": [(14.0, 1.0)],
    }
    pulses = [(1.0, 1.0), (22.0, 0.8)]
    grid = np.unique(np.concatenate([np.linspace(0, 42, 42001), [13.9999999999, 20.9999999999]]))
    numbers = {"trastuzumab": TRASTUZUMAB, "pertuzumab": PERTUZUMAB, "t-dm1": T_DM1}
    full = {"trastuzumab": 408.0, "pertuzumab": 420.0, "t-dm1": 252.0}
    x = {name: exact(numbers[name], full[name], given[name], grid) for name in given}
    half = model.defaults()["C50_A"]

    def amounts(day):
        t, pz, c = (np.interp(day, grid, x[name]) for name in given)
        effect = 1 - (1 - t / (t + half)) * (1 - 0.6 * pz / (pz + half)) * (1 - c / (c + half))
        own = sum(size * np.exp(-0.7 * (day - at)) for at, size in pulses if at <= day)
        equivalent = half * effect / (1 - effect)
        return {"trastuzumab": equivalent, "cytotoxic": own + 0.4 * c, "checkpoint_inhibitor": 0.0}

    schedule = Schedule(tuple(Dose(name, *dose) for name, doses in given.items() for dose in doses))
    schedule += Schedule(tuple(Dose("paclitaxel", *dose) for dose in pulses))
    course = simulate(model, {}, [0, 10, 42], schedule=schedule)
    expected = by_solver(model, amounts, [0.0, 1.0, 14.0, 21.0, 22.0], 42.0)
    np.testing.assert_allclose([course.states[name][0, -1] for name in STATES], expected, rtol=2e-5)


def test_each_sample_may_have_its_own_body():
    model = fed(HUMAN, "trastuzumab", "trastuzumab", TRASTUZUMAB, 408.0)
    rng = np.random.default_rng(4)
    values = {
        "CL_trastuzumab": 0.125 * np.exp(0.2 * rng.standard_normal(6)),
        "V1_trastuzumab": 3.09 * np.exp(0.15 * rng.standard_normal(6)),
    }
    plans = [
        Schedule((Dose("trastuzumab", 1.0), Dose("trastuzumab", day), Dose("cytotoxic", 4.0))) for day in (3, 9, 22.5)
    ]
    together, failed = simulate_schedules(model, values, [0, 9, 30], plans)
    assert not failed.any()
    for i, plan in enumerate(plans):
        for sample in range(6):
            one = {name: value[sample] for name, value in values.items()}
            alone = simulate(model, one, [0, 9, 30], schedule=plan).states["T"]
            np.testing.assert_allclose(together[0, i, sample], alone[0], rtol=2e-6)


def test_schedules_divided_into_batches_are_the_same(monkeypatch):
    model = fed(HUMAN, "trastuzumab", "trastuzumab", TRASTUZUMAB, 408.0)
    values = {"CL_trastuzumab": np.array([0.1, 0.15, 0.2])}
    plans = [Schedule((Dose("trastuzumab", day), Dose("cytotoxic", 4.0))) for day in np.arange(7.0)]
    whole = simulate_schedules(model, values, [0, 30], plans)
    monkeypatch.setattr("HER2ImmunoModelLib.simulation.batch.TABLE_BYTES", 3e4)
    heard = []
    parts = simulate_schedules(model, values, [0, 30], plans, report=lambda share, _: heard.append(share))
    for first, second in zip(whole, parts, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-6)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_a_restart_keeps_what_earlier_doses_left():
    model = with_own_kind(fed(HUMAN, "b", "pembrolizumab", PEMBROLIZUMAB, 200.0), "cytotoxic", "chain", per_day=0.4)
    doses = Schedule((Dose("pembrolizumab", 0), Dose("cytotoxic", 2.0), Dose("pembrolizumab", 21.0)))
    whole = simulate(model, {}, [0, 6, 40], schedule=doses)
    middle = {name: values[:, 1] for name, values in whole.states.items()}
    rest = simulate(model, {}, [6, 40], schedule=doses, initial=middle)
    np.testing.assert_allclose(rest.states["T"][0, -1], whole.states["T"][0, -1], rtol=1e-6)


def test_days_inside_steps_are_as_exact_as_their_ends():
    model = fed(HUMAN, "trastuzumab", "trastuzumab", TRASTUZUMAB, 408.0)
    schedule = Schedule((Dose("trastuzumab", 0.5), Dose("cytotoxic", 3.0)))
    dense = simulate(model, {}, np.arange(0.0, 42.5, 0.5), schedule=schedule).states["T"][0]
    for index in (1, 13, 50):
        few = simulate(model, {}, [0, 0.5 * index], schedule=schedule, tolerance=1e-9).states["T"][0]
        assert dense[index] == pytest.approx(few[-1], rel=1e-6)


def test_a_model_with_kinds_keeps_them_in_its_description():
    model = fed(HUMAN, "trastuzumab", "pertuzumab", PERTUZUMAB, 420.0, Known(0.6, "a test"))
    model = with_own_kind(model, "cytotoxic", "chain", stages=2, per_day=0.13, source="Choi 2021")
    read = from_description(json.loads(json.dumps(describe(model))))
    assert read == model
    assert read.agents["pertuzumab"].kinetics["CL"] == "CL_pertuzumab"
    assert read.parameter("C50_A").default == 0.068
    assert "chain of 2 stages" in said(read)[1]


def test_an_old_description_is_relative_and_says_so():
    old = describe(HUMAN)
    for row in old["drugs"]:
        del row["exposure"], row["half"]
    read = from_description(json.loads(json.dumps(old)))
    assert read == HUMAN
    assert all("relative" in line for line in said(read))


def test_the_loss_of_a_drug_that_is_followed_is_no_longer_free():
    model = fed(HUMAN, "trastuzumab", "trastuzumab", TRASTUZUMAB, 408.0)
    assert model.parameter("lam_A").prior == 0
    assert model.parameter("lam_B").prior > 0
    assert model.parameter("C50_A").default == 0.068
    assert HUMAN.parameter("C50_A").default == 0.3


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: with_own_kind(HUMAN, "cytotoxic", "pulses"), "no kind of exposure 'pulses'"),
        (lambda: with_own_kind(HUMAN, "cytotoxic", "central"), "add the agents"),
        (lambda: with_own_kind(HUMAN, "cytotoxic", "chain", stages=4), "1 to 3 stages"),
        (lambda: with_own_kind(HUMAN, "cytotoxic", "chain", per_day=-1.0), "number above 0"),
        (lambda: with_own_kind(HUMAN, "aspirin", "pulse"), "no drug 'aspirin'"),
        (lambda: fed(HUMAN, "trastuzumab", "x", {"CL": 1.0}, 1.0), "'V1'|CL; give CL and V1"),
        (lambda: fed(HUMAN, "trastuzumab", "x", {"CL": 1.0, "V1": 2.0, "Q2": 1.0}, 1.0), "Q2 with V2"),
        (lambda: fed(HUMAN, "trastuzumab", "x", {"CL": -1.0, "V1": 2.0}, 1.0), "CL of x is -1"),
        (lambda: fed(HUMAN, "trastuzumab", "x", {"CL": 1.0, "V1": 2.0}, 0.0), "above 0"),
        (lambda: fed(HUMAN, "a", "x", {"CL": 1.0, "V1": 2.0}, 1.0, Known(1.5, "")), "Weight of x.*0 to 1"),
        (
            lambda: fed(models.get("two_drug_logistic_growth_keeps"), "a", "x", {"CL": 1.0, "V1": 2.0}, 1.0),
            "integrates trastuzumab itself",
        ),
        (lambda: with_own_kind(models.get("immunotherapy_cumulative"), "b", "chain"), "never loses"),
        (
            lambda: fed(models.get("tivnh_treated"), "a", "x", {"CL": 1, "V1": 2}, 1.0).for_species("human"),
            "in a mouse",
        ),
    ],
)
def test_what_cannot_be_is_said(make, words):
    with pytest.raises((InputError, KeyError), match=words):
        make()


@pytest.mark.parametrize("change", [{"own": "fast"}, {"agents": 3}, {"stages": 5, "own": "chain", "rate": "g"}, {}])
def test_a_description_with_a_wrong_kind_is_refused(change):
    rows = json.loads(json.dumps(describe(HUMAN)))
    rows["drugs"][0]["exposure"] = {**rows["drugs"][0]["exposure"], **change} if change else {"own": "relative"}
    with pytest.raises(InputError):
        from_description(rows)


def test_what_needs_a_parameter_that_is_missing_is_refused():
    rows = json.loads(json.dumps(describe(fed(HUMAN, "trastuzumab", "pertuzumab", PERTUZUMAB, 420.0))))
    rows["parameters"] = [row for row in rows["parameters"] if row["name"] != "CL_pertuzumab"]
    with pytest.raises(InputError, match="CL_pertuzumab"):
        from_description(rows)


def test_names_of_doses_and_their_labels():
    model = fed(HUMAN, "trastuzumab", "pertuzumab", PERTUZUMAB, 420.0)
    assert (model.dose_name("Pertuzumab"), model.dose_name("herceptin")) == ("pertuzumab", "trastuzumab")
    assert model.dose_label("pertuzumab") == "Pertuzumab"
    assert model.dose_label("p") == "Chemotherapy"
    assert model.drug("pertuzumab").name == "trastuzumab"
    assert replace(model, drugs=HUMAN.drugs).agents == {}
