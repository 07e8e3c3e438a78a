"""Models as SBML: what libSBML reads back is what the engine computes."""

import math
import sys
from itertools import pairwise

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, models, simulate
from HER2ImmunoModelLib.models.covariates import with_covariate
from HER2ImmunoModelLib.simulation.sbml import write_sbml
from HER2ImmunoModelLib.simulation.sbml_doses import DoseSymbol, doses_of_symbols
from HER2ImmunoModelLib.simulation.symbols import Symbol, derivatives
from HER2ImmunoModelLib.treatments.dose_courses import on_day
from HER2ImmunoModelLib.treatments.pharmacokinetics import amount_at
from scipy.integrate import solve_ivp

libsbml = pytest.importorskip("libsbml", reason="python-libsbml is not installed")


def value(node, numbers):
    """A formula of libSBML at given numbers, by its tree."""
    kind, children = node.getType(), [node.getChild(i) for i in range(node.getNumChildren())]
    if node.isNumber():
        return node.getValue()
    if kind in (libsbml.AST_NAME, libsbml.AST_NAME_TIME):
        return numbers[node.getName()]
    if kind == libsbml.AST_FUNCTION_PIECEWISE:
        return value(children[0] if value(children[1], numbers) else children[2], numbers)
    inner = [value(child, numbers) for child in children]
    if kind == libsbml.AST_MINUS:
        return -inner[0] if len(inner) == 1 else inner[0] - inner[1]
    return {
        libsbml.AST_PLUS: sum,
        libsbml.AST_TIMES: math.prod,
        libsbml.AST_DIVIDE: lambda x: x[0] / x[1],
        libsbml.AST_POWER: lambda x: x[0] ** x[1],
        libsbml.AST_FUNCTION_POWER: lambda x: x[0] ** x[1],
        libsbml.AST_FUNCTION_LN: lambda x: math.log(x[0]),
        libsbml.AST_RELATIONAL_GEQ: lambda x: x[0] >= x[1],
    }[kind](inner)


def read(path):
    document = libsbml.readSBMLFromFile(str(path))
    assert document.getNumErrors() == 0
    assert (document.getLevel(), document.getVersion()) == (3, 1)
    return document.getModel().clone()


OF_THE_FAMILY = [f"volume_{growth}_saturating" for growth in models.growths()]
OF_THE_FAMILY += [f"volume_logistic_{treatment}" for treatment in models.treatments()]


@pytest.mark.parametrize("name", [*models.names(), *OF_THE_FAMILY])
def test_every_model_has_the_derivatives_of_the_engine(name, tmp_path):
    model = models.get(name)
    found = read(write_sbml(tmp_path / "model.xml", model))
    rng = np.random.default_rng(5)
    for _ in range(20):
        y = rng.uniform(0.05, 0.95, (len(model.states), 1))
        drawn = [q.to_free(q.default) + q.prior * rng.standard_normal() for q in model.parameters]
        p = {q.name: float(q.from_free(free)) for q, free in zip(model.parameters, drawn, strict=True)}
        amount = {drug.name: float(rng.uniform(0.1, 2.0)) for drug in model.drugs if drug.state is None}
        out = np.empty_like(y)
        model.rhs(y, p, {drug: np.array([size]) for drug, size in amount.items()}, out)
        numbers = p | {state.name: float(y[i, 0]) for i, state in enumerate(model.states)}
        numbers |= {f"amount_{drug}": size for drug, size in amount.items()}
        for i, state in enumerate(model.states):
            rate = value(found.getRateRuleByVariable(state.name).getMath(), numbers)
            np.testing.assert_allclose(rate, out[i, 0], rtol=1e-12, atol=1e-15)
        for drug in model.drugs:
            if drug.state is None and not drug.has_own_course:
                rate = value(found.getRateRuleByVariable(f"amount_{drug.name}").getMath(), numbers)
                np.testing.assert_allclose(rate, -p[drug.decay] * amount[drug.name] if drug.decay else 0.0, rtol=1e-12)


def test_values_starts_and_doses_are_those_given(tmp_path):
    model = models.get("tivnh_treated")
    doses = Schedule((Dose("herceptin", 1.0), Dose("cytotoxic", 9.0, 0.5), Dose("trastuzumab", 9.0)))
    found = read(write_sbml(tmp_path / "m.xml", model, values={"g": 0.07}, schedule=doses, start_day=4.0))
    assert found.getParameter("g").getValue() == 0.07
    assert found.getInitialAssignmentBySymbol("T").getMath().getName() == "T0"
    left = amount_at(doses, model, "trastuzumab", 0.1, [4.0])[0]
    assert found.getParameter("amount_trastuzumab").getValue() == pytest.approx(left, rel=1e-15)
    (event,) = [found.getEvent(i) for i in range(found.getNumEvents())]
    assert value(event.getTrigger().getMath(), {"time": 5.0})
    assert not value(event.getTrigger().getMath(), {"time": 4.999})
    given = {
        change.getVariable(): value(change.getMath(), {change.getVariable(): 0.25})
        for change in (event.getEventAssignment(i) for i in range(2))
    }
    assert given == {"amount_cytotoxic": 0.75, "amount_trastuzumab": 1.25}


def test_a_parameter_that_follows_an_image_is_a_rule(tmp_path):
    visits = [Measurement("baseline", 0.0, {"volume_cm3": 0.3, "suv_mean": 2.0})]
    model = with_covariate(models.get("immunotherapy_decaying"), "phi", visits, "suv_mean", slope=0.01)
    found = read(write_sbml(tmp_path / "m.xml", model))
    numbers = {name: found.getParameter(name).getValue() for name in ("phi_intercept", "phi_slope", "phi_measured")}
    assert value(found.getAssignmentRuleByVariable("phi").getMath(), numbers) == pytest.approx(0.15)


@pytest.mark.parametrize("treatment", ["michaelis_menten", "delayed", "sinusoidal"])
def test_doses_of_the_volume_family_act_as_in_the_engine(treatment, tmp_path):
    model, day = models.volume_model("gompertz", treatment, "mouse", "radiation"), [0.0, 2.0, 5.0, 12.0]
    doses = Schedule((Dose("radiation", 0.0, 0.5), Dose("radiation", 2.0, 1.0)))
    found = read(write_sbml(tmp_path / "m.xml", model, schedule=doses))
    fixed = {
        q.getId(): q.getValue() for q in map(found.getParameter, range(found.getNumParameters())) if q.isSetValue()
    }
    fixed["T"] = fixed["T0"]
    rules = {rule.getVariable(): rule.getMath() for rule in map(found.getRule, range(found.getNumRules()))}
    y = np.array([fixed[name] for name in rules])

    def derivative(_, y):
        numbers = fixed | dict(zip(rules, y.tolist(), strict=True))
        return [value(formula, numbers) for formula in rules.values()]

    course = [y[list(rules).index("T")]]
    for start, stop in pairwise(day):
        if start == 2.0:
            now = dict(zip(rules, y.tolist(), strict=True))
            (event,) = [found.getEvent(i) for i in range(found.getNumEvents())]
            for change in (event.getEventAssignment(i) for i in range(event.getNumEventAssignments())):
                y[list(rules).index(change.getVariable())] = value(change.getMath(), fixed | now)
        y = solve_ivp(derivative, (start, stop), y, "DOP853", rtol=1e-10, atol=1e-13).y[:, -1]
        course.append(y[list(rules).index("T")])
    np.testing.assert_allclose(course, simulate(model, {}, day, schedule=doses).states["T"][0], rtol=1e-6)


def test_a_dose_that_the_model_integrates(tmp_path):
    model = models.get("two_drug_logistic_growth_keeps")
    found = read(write_sbml(tmp_path / "m.xml", model, schedule=Schedule((Dose("p", 0.0), Dose("a", 2.0)))))
    assert found.getParameter("P").getValue() == 1.0
    assert found.getEvent(0).getEventAssignment(0).getVariable() == "A"
    with pytest.raises(InputError, match="integrates doxorubicin"):
        write_sbml(tmp_path / "m.xml", model, schedule=Schedule((Dose("p", 0.0),)), start_day=1.0)


def test_what_has_no_formula_is_said():
    with pytest.raises(InputError, match="uses sin"):
        np.sin(Symbol("x"))
    with pytest.raises(InputError, match="array of its own"):
        Symbol("x") * np.ones(3)


def test_symbols_change_in_place_as_arrays_do():
    first = Symbol("a")
    second = first
    second += 1
    assert first.formula == "(a + 1.0)"
    assert derivatives(models.get("immunotherapy_cumulative"), {"checkpoint_inhibitor": "C"})["T"].count("C") == 1


def test_without_the_package_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(InputError, match="python-libsbml"):
        write_sbml(tmp_path / "m.xml", models.get("tivnh"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("treatment", ["delayed", "sinusoidal"])
def test_what_early_doses_of_symbols_leave_is_what_the_engine_has(treatment):
    model = models.volume_model("logistic", treatment, "mouse", "radiation")
    planned = (DoseSymbol("a", "radiation", -2.5), DoseSymbol("b", "radiation", 0.0))
    numbers = model.defaults() | {"a": 0.7, "b": 0.4} | {name: getattr(math, name) for name in ("exp", "cos", "sin")}
    left = doses_of_symbols(model, planned).stages["radiation"]
    found = [eval(formula.replace("^", "**"), {}, numbers) for formula in left]
    given = Schedule((Dose("radiation", 5.5, 0.7), Dose("radiation", 8.0, 0.4)))
    np.testing.assert_allclose(found, on_day(given, model, model.drugs[0], model.defaults(), 8.0), rtol=1e-12)
