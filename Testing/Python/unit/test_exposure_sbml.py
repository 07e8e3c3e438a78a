"""Chains and concentrations as SBML: the file, solved by itself, has the tumour of the engine."""

import re

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import Dose, Schedule, models, simulate
from HER2ImmunoModelLib.models.choosing_kinds import Known, with_agent, with_own_kind
from HER2ImmunoModelLib.simulation.sbml import write_sbml
from scipy.integrate import solve_ivp

libsbml = pytest.importorskip("libsbml", reason="python-libsbml is not installed")

HUMAN = models.get("tivnh_treated", "human")
SETS = {
    "trastuzumab": ({"CL": 0.125, "V1": 3.09, "Q2": 0.463, "V2": 2.78, "Vmax": 8.81, "Km": 8.92}, 408.0),
    "pertuzumab": ({"CL": 0.235, "V1": 3.11, "Q2": 0.534, "V2": 2.46}, 420.0),
    "t-dm1": ({"CL": 0.676, "V1": 3.127, "Q2": 1.534, "V2": 0.66}, 252.0),
}


def fed(model, drug, name, weight=None):
    numbers, full = SETS[name]
    known = {symbol: Known(value, "a test") for symbol, value in numbers.items()}
    return with_agent(
        model, drug, name, known, full_dose_mg=full, reference_mg_per_l=full / numbers["V1"], weight=weight
    )


def formula(node):
    """Text of a formula that Python computes; `del` is a word of its own there."""
    return re.sub(r"\bdel\b", "del_", libsbml.formulaToL3String(node).replace("^", "**"))


def solved(path, last):
    """Final value of every variable of a file, by its own rules, starts and events."""
    document = libsbml.readSBMLFromFile(str(path))
    model = document.getModel()
    values = {p.getId().replace("del", "del_"): p.getValue() for p in model.getListOfParameters()}
    for start in model.getListOfInitialAssignments():
        values[start.getSymbol()] = eval(formula(start.getMath()), {}, values)
    rules = [(r.getVariable(), compile(formula(r.getMath()), "", "eval"), r.isRate()) for r in model.getListOfRules()]
    names = [name for name, _, is_rate in rules if is_rate]

    def change(_, y):
        now = values | dict(zip(names, y, strict=True))
        for name, code, is_rate in rules:
            if not is_rate:
                now[name] = eval(code, {}, now)
        return [eval(code, {}, now) for _, code, is_rate in rules if is_rate]

    events = [(float(formula(e.getTrigger().getMath()).split(">=")[1]), e) for e in model.getListOfEvents()]
    y, day = np.array([values[name] for name in names]), 0.0
    for stop, event in [*events, (last, None)]:
        y = solve_ivp(change, (day, stop), y, "LSODA", rtol=1e-9, atol=1e-13).y[:, -1]
        day = stop
        for entry in event.getListOfEventAssignments() if event else ():
            now = values | dict(zip(names, y, strict=True))
            y[names.index(entry.getVariable())] = eval(formula(entry.getMath()), {}, now)
    return dict(zip(names, y, strict=True))


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_a_chain_with_doses_before_and_after_the_start(stages, tmp_path):
    model = with_own_kind(HUMAN, "cytotoxic", "chain", stages=stages, per_day=0.5)
    doses = Schedule((Dose("cytotoxic", -3.0), Dose("cytotoxic", 0.0, 0.5), Dose("p", 9.0), Dose("trastuzumab", 4.0)))
    found = solved(write_sbml(tmp_path / "m.xml", model, schedule=doses), 21.0)
    course = simulate(model, {}, [0, 21], schedule=doses, tolerance=1e-9)
    for state in model.states:
        assert found[state.name] == pytest.approx(course.states[state.name][0, -1], rel=1e-5)


def test_antibodies_and_a_conjugate(tmp_path):
    model = fed(fed(HUMAN, "trastuzumab", "trastuzumab"), "trastuzumab", "pertuzumab", Known(0.6, "a test"))
    model = fed(fed(model, "trastuzumab", "t-dm1"), "cytotoxic", "t-dm1", Known(0.4, "a test"))
    doses = Schedule(
        (Dose("trastuzumab", 0.0, 4 / 3), Dose("pertuzumab", 0.0, 2.0), Dose("t-dm1", 5.0), Dose("docetaxel", 3.0))
    )
    found = solved(write_sbml(tmp_path / "m.xml", model, schedule=doses), 15.0)
    course = simulate(model, {}, [0, 15], schedule=doses, tolerance=1e-9)
    for state in model.states:
        assert found[state.name] == pytest.approx(course.states[state.name][0, -1], rel=1e-5)


def test_what_an_earlier_dose_left_in_the_body_is_not_known_to_a_file(tmp_path):
    model = fed(HUMAN, "trastuzumab", "trastuzumab")
    with pytest.raises(InputError, match="start the file on that day"):
        write_sbml(tmp_path / "m.xml", model, schedule=Schedule((Dose("trastuzumab", -1.0),)))
