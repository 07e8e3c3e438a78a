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


OPERATIONS = {
    libsbml.AST_PLUS: lambda *x: sum(x),
    libsbml.AST_MINUS: lambda a, b=None: -a if b is None else a - b,
    libsbml.AST_TIMES: lambda *x: math.prod(x),
    libsbml.AST_DIVIDE: lambda a, b: a / b,
    libsbml.AST_POWER: lambda a, b: a**b,
    libsbml.AST_FUNCTION_POWER: lambda a, b: a**b,
    libsbml.AST_FUNCTION_ROOT: lambda degree, a: a ** (1.0 / degree),
    libsbml.AST_FUNCTION_PIECEWISE: lambda a, is_so, b: a if is_so else b,
    libsbml.AST_RELATIONAL_GEQ: lambda a, b: a >= b,
    libsbml.AST_RELATIONAL_LEQ: lambda a, b: a <= b,
    **FUNCTIONS,
}


def compiled(node):
    """A formula as a function of numbers by name, from its tree."""
    kind, inner = node.getType(), [compiled(node.getChild(i)) for i in range(node.getNumChildren())]
    if node.isNumber():
        number = node.getValue()
        return lambda numbers: number
    if kind in (libsbml.AST_NAME, libsbml.AST_NAME_TIME):
        name = "time" if kind == libsbml.AST_NAME_TIME else node.getName()
        return lambda numbers: numbers[name]
    operation = OPERATIONS[kind]
    return lambda numbers: operation(*(part(numbers) for part in inner))


def value(node, numbers):
    """A formula at given numbers, by its tree."""
    return compiled(node)(numbers)


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
        rules = list(self.model.getListOfRules())
        self._followed = [(rule.getVariable(), compiled(rule.getMath())) for rule in rules if rule.isAssignment()]
        self._rates = [(rule.getVariable(), compiled(rule.getMath())) for rule in rules if rule.isRate()]
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
        for name, rule in self._followed:
            known[name] = rule(known)

    def _course(self, condition, numbers, times):
        known = self._start(condition, numbers)
        names, rules = zip(*self._rates, strict=True)

        def at(time, y):
            there = known | dict(zip(names, y, strict=True)) | {"time": time}
            self._follow(there)
            return there

        def rates(time, y):
            there = at(time, y)
            return [rule(there) for rule in rules]

        events = {}
        for event in self.model.getListOfEvents():
            (time,) = [event.getTrigger().getMath().getChild(1).getValue()]
            events.setdefault(time, []).extend(event.getListOfEventAssignments())
        y, now, found = np.array([known[name] for name in names]), 0.0, {}
        for stop in sorted({*times, *(time for time in events if time < max(times))}):
            if stop > now:
                y = solve_ivp(rates, (now, stop), y, method="LSODA", rtol=1e-8, atol=1e-11).y[:, -1]
            now, found[stop] = stop, at(stop, y)
            there = at(stop, y)
            for change in events.get(stop, ()):
                y[names.index(change.getVariable())] = value(change.getMath(), there)
        return found
