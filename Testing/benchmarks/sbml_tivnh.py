"""SBML of the published TIVNH model, so that another engine can simulate the same equations."""

from __future__ import annotations

import ast
from collections.abc import Mapping

RATES = {
    "T": "g*T*(1 + rho*H) - mu_T*T*I",
    "I": "(a_V*V + a_N*N)*(1 - I) - mu_I*I*T",
    "V": "(a_T*T + a_I*I)*(1 - V) - mu_V*V*T",
    "N": "b*(1 - V)*(1 - N) - mu_N*N*I",
    "H": "gam*H*(1 - H)*(del_ - V)",
}
_OPERATORS = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divide"}


def tivnh_sbml(values: Mapping[str, float]) -> str:
    """SBML Level 3 text with rate rules; `values` as `Model.defaults()` of `tivnh` (`del` becomes `del_`)."""
    start = {state: values[f"{state}0"] for state in RATES}
    constants = {("del_" if name == "del" else name): v for name, v in values.items() if not name.endswith("0")}
    parameters = [_parameter(name, value, "true") for name, value in constants.items()]
    parameters += [_parameter(name, value, "false") for name, value in start.items()]
    rules = [f'<rateRule variable="{state}">{_math(rate)}</rateRule>' for state, rate in RATES.items()]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="tivnh">'
        f"<listOfParameters>{''.join(parameters)}</listOfParameters>"
        f"<listOfRules>{''.join(rules)}</listOfRules></model></sbml>"
    )


def _parameter(name: str, value: float, constant: str) -> str:
    return f'<parameter id="{name}" value="{value!r}" constant="{constant}"/>'


def _math(expression: str) -> str:
    content = _element(ast.parse(expression, mode="eval").body)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{content}</math>'


def _element(node: ast.expr) -> str:
    if isinstance(node, ast.BinOp):
        return f"<apply><{_OPERATORS[type(node.op)]}/>{_element(node.left)}{_element(node.right)}</apply>"
    if isinstance(node, ast.Name):
        return f"<ci>{node.id}</ci>"
    return f"<cn>{ast.literal_eval(node)}</cn>"
