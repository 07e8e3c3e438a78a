"""The objective of PEtab files worked out from the files alone: libSBML's trees, scipy's LSODA, and the specification.

Nothing of this project's engine is used, so that what another tool finds is known where none is installed.
"""

import csv
import math
from pathlib import Path

import libsbml
import numpy as np
from scipy.integrate import solve_ivp

LOG_SQRT_2_PI = 0.5 * math.log(2.0 * math.pi)
FUNCTIONS = {
    libsbml.AST_FUNCTION_EXP: math.exp,
    libsbml.AST_FUNCTION_LN: math.log,
    libsbml.AST_FUNCTION_ABS: abs,
    libsbml.AST_FUNCTION_SIN: math.sin,
    libsbml.AST_FUNCTION_COS: math.cos,
}


def value(node, numbers):
    """A formula at given numbers, by its tree."""
    kind, children = node.getType(), [node.getChild(i) for i in range(node.getNumChildren())]
    if node.isNumber():
        return node.getValue()
    if kind == libsbml.AST_NAME_TIME:
        return numbers["time"]
    if kind == libsbml.AST_NAME:
        return numbers[node.getName()]
    if kind == libsbml.AST_FUNCTION_PIECEWISE:
        return value(children[0] if value(children[1], numbers) else children[2], numbers)
    inner = [value(child, numbers) for child in children]
    if kind in FUNCTIONS:
        return FUNCTIONS[kind](*inner)
    if kind == libsbml.AST_MINUS:
        return -inner[0] if len(inner) == 1 else inner[0] - inner[1]
    if kind == libsbml.AST_FUNCTION_ROOT:
        return inner[1] ** (1.0 / inner[0])
    return {
        libsbml.AST_PLUS: sum,
        libsbml.AST_TIMES: math.prod,
        libsbml.AST_DIVIDE: lambda x: x[0] / x[1],
        libsbml.AST_POWER: lambda x: x[0] ** x[1],
        libsbml.AST_FUNCTION_POWER: lambda x: x[0] ** x[1],
        libsbml.AST_RELATIONAL_GEQ: lambda x: x[0] >= x[1],
        libsbml.AST_RELATIONAL_LEQ: lambda x: x[0] <= x[1],
    }[kind](inner)


def formula(text, numbers):
    """A formula of a table at given numbers."""
    return value(libsbml.parseL3Formula(text), numbers)


def rows(path):
    with Path(path).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


class Files:
    """The files of a folder, and their objective."""

    def __init__(self, folder):
        folder = Path(folder)
        self._document = libsbml.readSBMLFromFile(str(folder / "model.xml"))
        assert self._document.getNumErrors() == 0
        self.model = self._document.getModel()
        names = ("parameters", "observables", "measurements", "conditions")
        self.parameters, self.observables, self.measurements, self.conditions = (
            rows(folder / f"{name}.tsv") for name in names
        )

    @property
    def nominal(self):
        return {row["parameterId"]: float(row["nominalValue"]) for row in self.parameters}

    def objective(self, numbers=None):
        """Minus the log posterior density at numbers of the parameter table (linear), the nominal ones by default."""
        numbers = self.nominal | dict(numbers or {})
        total = sum(self._prior(row, numbers) for row in self.parameters if row["estimate"] == "1")
        for condition in self.conditions:
            total += self._misfit(condition, numbers)
        return total

    @staticmethod
    def _prior(row, numbers):
        assert row["objectivePriorType"] == "parameterScaleNormal"
        mean, sd = map(float, row["objectivePriorParameters"].split(";"))
        number = numbers[row["parameterId"]]
        scaled = math.log(number) if row["parameterScale"] == "log" else number
        return 0.5 * ((scaled - mean) / sd) ** 2 + math.log(sd) + LOG_SQRT_2_PI

    def _misfit(self, condition, numbers):
        mine = [row for row in self.measurements if row["simulationConditionId"] == condition["conditionId"]]
        course = self._course(condition, numbers, [float(row["time"]) for row in mine])
        total = 0.0
        for row in mine:
            observable = next(each for each in self.observables if each["observableId"] == row["observableId"])
            at = course[float(row["time"])]
            simulated = formula(observable["observableFormula"], at)
            given = [float(numbers.get(word, word)) for word in row["noiseParameters"].split(";") if word]
            overrides = {f"noiseParameter{i + 1}_{row['observableId']}": each for i, each in enumerate(given)}
            sd = formula(observable["noiseFormula"], at | overrides | {row["observableId"]: simulated})
            total += self._term(observable["observableTransformation"], float(row["measurement"]), simulated, sd)
        return total

    @staticmethod
    def _term(transformation, measured, simulated, sd):
        jacobian = 0.0
        if transformation == "log":
            jacobian = math.log(measured)
            measured, simulated = math.log(measured), math.log(simulated)
        return 0.5 * ((measured - simulated) / sd) ** 2 + math.log(sd) + LOG_SQRT_2_PI + jacobian

    def _start(self, condition, numbers):
        known = {p.getId(): p.getValue() for p in self.model.getListOfParameters()} | numbers
        for name, text in condition.items():
            if name not in ("conditionId", "conditionName"):
                known[name] = numbers[text] if text in numbers else float(text)
        known["time"] = 0.0
        self._follow(known)
        starts = {each.getSymbol(): value(each.getMath(), known) for each in self.model.getListOfInitialAssignments()}
        known.update(starts)
        return known

    def _follow(self, known):
        for rule in self.model.getListOfRules():
            if rule.isAssignment():
                known[rule.getVariable()] = value(rule.getMath(), known)

    def _course(self, condition, numbers, times):
        known = self._start(condition, numbers)
        rules = [rule for rule in self.model.getListOfRules() if rule.isRate()]
        names, maths = [rule.getVariable() for rule in rules], [rule.getMath() for rule in rules]

        def at(time, y):
            there = known | dict(zip(names, y, strict=True)) | {"time": time}
            self._follow(there)
            return there

        def rates(time, y):
            there = at(time, y)
            return [value(math, there) for math in maths]

        events = {}
        for event in self.model.getListOfEvents():
            (time,) = [event.getTrigger().getMath().getChild(1).getValue()]
            events.setdefault(time, []).extend(event.getListOfEventAssignments())
        y, now, found = np.array([known[name] for name in names]), 0.0, {}
        for stop in sorted({*times, *(time for time in events if time < max(times))}):
            if stop > now:
                y = solve_ivp(rates, (now, stop), y, method="LSODA", rtol=1e-9, atol=1e-12).y[:, -1]
            now, found[stop] = stop, at(stop, y)
            there = at(stop, y)
            for change in events.get(stop, ()):
                y[names.index(change.getVariable())] = value(change.getMath(), there)
        return found
