"""Formulas of files as functions of NumPy: libSBML's trees, of a few known kinds of nodes, never text that is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from types import ModuleType
from typing import Any

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from numpy.lib.mixins import NDArrayOperatorsMixin

TIME = "time"
"""What the time of a model is called."""
Values = Mapping[str, Any]
"""Numbers, arrays (samples,), symbols or `Moving` by name."""


@dataclass(frozen=True)
class Formula:
    """What it computes from values by name, which names it asks for, and its text."""

    compute: Callable[[Values], Any]
    names: frozenset[str]
    text: str

    def __call__(self, values: Values) -> Any:
        return self.compute(values)


def constant(number: float) -> Formula:
    """A number."""
    return Formula(lambda values: number, frozenset(), f"{number:g}")


def named(name: str) -> Formula:
    """A value by its name."""
    return Formula(lambda values: values[name], frozenset({name}), name)


def parsed(libsbml: ModuleType, text: str, where: str, known: Mapping[str, Formula] | None = None) -> Formula:
    """The formula of a text, as PEtab writes it (`log` is the natural one); errors as `formula_of`."""
    settings = libsbml.L3ParserSettings()
    settings.setParseLog(libsbml.L3P_PARSE_LOG_AS_LN)
    node = libsbml.parseL3FormulaWithSettings(text, settings)
    if node is None:
        raise InputError(f"{where}: {text!r} is no formula; correct it.")
    return formula_of(libsbml, node, where, known)


def formula_of(libsbml: ModuleType, node: Any, where: str, known: Mapping[str, Formula] | None = None) -> Formula:
    """The formula of a tree of libSBML.

    Parameters
    ----------
    libsbml : module
    node : libsbml.ASTNode
    where : str
        For messages.
    known : mapping of str to Formula, optional
        Formulas that stand in the place of names.

    Raises
    ------
    InputError
        A function that is not known here.
    """
    known, kind, text = known or {}, node.getType(), libsbml.formulaToL3String(node)
    if node.isNumber():
        return constant(float(node.getValue()))
    if kind in (libsbml.AST_NAME, libsbml.AST_NAME_TIME):
        name = TIME if kind == libsbml.AST_NAME_TIME else node.getName()
        return known.get(name) or named(name)
    if (number := _constants(libsbml).get(kind)) is not None:
        return constant(number)
    parts = [formula_of(libsbml, node.getChild(i), where, known) for i in range(node.getNumChildren())]
    function = _functions(libsbml).get(kind)
    if function is None:
        raise InputError(f"{where} uses {node.getName() or text}, which is no function that is known here; rewrite it.")
    names = frozenset().union(*(part.names for part in parts))
    return Formula(lambda values: function(*(part.compute(values) for part in parts)), names, text)


def _constants(libsbml: ModuleType) -> dict[int, float]:
    return {
        libsbml.AST_CONSTANT_PI: float(np.pi),
        libsbml.AST_CONSTANT_E: float(np.e),
        libsbml.AST_CONSTANT_TRUE: 1.0,
        libsbml.AST_CONSTANT_FALSE: 0.0,
    }


def _functions(libsbml: ModuleType) -> dict[int, Callable]:
    return {
        libsbml.AST_PLUS: lambda *x: reduce(lambda a, b: a + b, x, 0.0),
        libsbml.AST_MINUS: lambda a, b=None: -a if b is None else a - b,
        libsbml.AST_TIMES: lambda *x: reduce(lambda a, b: a * b, x, 1.0),
        libsbml.AST_DIVIDE: lambda a, b: a / b,
        libsbml.AST_POWER: _power,
        libsbml.AST_FUNCTION_POWER: _power,
        libsbml.AST_FUNCTION_ROOT: _root,
        libsbml.AST_FUNCTION_EXP: np.exp,
        libsbml.AST_FUNCTION_LN: np.log,
        libsbml.AST_FUNCTION_LOG: lambda *x: np.log(x[-1]) / np.log(x[0] if len(x) > 1 else 10.0),
        libsbml.AST_FUNCTION_ABS: np.abs,
        libsbml.AST_FUNCTION_SIN: np.sin,
        libsbml.AST_FUNCTION_COS: np.cos,
        libsbml.AST_FUNCTION_TANH: np.tanh,
        libsbml.AST_FUNCTION_PIECEWISE: _piecewise,
        libsbml.AST_RELATIONAL_GEQ: np.greater_equal,
        libsbml.AST_RELATIONAL_GT: np.greater,
        libsbml.AST_RELATIONAL_LEQ: np.less_equal,
        libsbml.AST_RELATIONAL_LT: np.less,
        libsbml.AST_RELATIONAL_EQ: np.equal,
        libsbml.AST_RELATIONAL_NEQ: np.not_equal,
        libsbml.AST_LOGICAL_AND: lambda *x: reduce(np.logical_and, x),
        libsbml.AST_LOGICAL_OR: lambda *x: reduce(np.logical_or, x),
        libsbml.AST_LOGICAL_NOT: np.logical_not,
    }


def _root(*parts: Any) -> Any:
    """Degree, which may be left out, and what the root is of."""
    degree = parts[0] if len(parts) > 1 else 2.0
    return np.sqrt(parts[-1]) if isinstance(degree, float) and degree == 2.0 else _power(parts[-1], 1.0 / degree)


def _power(base: Any, exponent: Any) -> Any:
    return np.square(base) if isinstance(exponent, float) and exponent == 2.0 else base**exponent


def _piecewise(*parts: Any) -> Any:
    """Value and condition in turn, then the value of everything else."""
    pairs, otherwise = list(zip(parts[::2], parts[1::2], strict=False)), parts[-1] if len(parts) % 2 else np.nan
    if any(isinstance(part, Moving) for part in parts):
        raise InputError("A measured quantity is given piecewise, which cannot be followed here; make it a state.")
    found = otherwise
    for value, condition in reversed(pairs):
        found = np.where(condition, value, found)
    return found


class Moving(NDArrayOperatorsMixin):
    """A value and how fast it changes, so that a formula of such gives the rate of what it computes (chain rule)."""

    def __init__(self, value: Any, rate: Any):
        self.value, self.rate = value, rate

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        rule = _SLOPES.get(ufunc.__name__)
        if rule is None or method != "__call__" or options:
            raise InputError(f"A measured quantity uses {ufunc.__name__}, whose slope is not known here; rewrite it.")
        values = [each.value if isinstance(each, Moving) else each for each in inputs]
        rates = [each.rate if isinstance(each, Moving) else 0.0 for each in inputs]
        return Moving(ufunc(*values), rule(*values, *rates))


_SLOPES: dict[str, Callable] = {
    "add": lambda a, b, da, db: da + db,
    "subtract": lambda a, b, da, db: da - db,
    "multiply": lambda a, b, da, db: da * b + a * db,
    "divide": lambda a, b, da, db: da / b - a * db / (b * b),
    "power": lambda a, b, da, db: b * a ** (b - 1.0) * da + (0.0 if np.all(db == 0.0) else a**b * np.log(a) * db),
    "negative": lambda a, da: -da,
    "square": lambda a, da: 2.0 * a * da,
    "sqrt": lambda a, da: da / (2.0 * np.sqrt(a)),
    "exp": lambda a, da: np.exp(a) * da,
    "log": lambda a, da: da / a,
}
"""Rate of each of NumPy's functions from values, then rates, of what it is given."""
