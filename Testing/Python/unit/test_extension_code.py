"""Rules for every line of code: errors are named when caught, only the command line prints, nothing grows too long."""

import ast

from project_sources import MODULES, ROOT, STUDY, all_sources, library_sources, module_source, report

FILE_LINES = 400
FUNCTION_LINES = 60


def is_blind(node: ast.AST) -> bool:
    """Whether `node` takes every error; `except BaseException` that tidies up and raises again does not."""
    if isinstance(node, ast.ExceptHandler):
        caught = node.type
        raises_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        if caught is not None and ast.unparse(caught) == "BaseException" and raises_again:
            return False
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress") and node.args:
        caught = ast.Tuple(node.args)
    else:
        return False
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or ast.unparse(kind) in ("Exception", "BaseException") for kind in kinds)


def test_no_error_is_caught_without_saying_which():
    report(
        [
            source.at(node.lineno, "catches every error")
            for source in all_sources()
            for node in ast.walk(source.tree)
            if is_blind(node)
        ]
    )


def test_only_the_command_line_prints():
    sources = [source for source in library_sources() if not source.inside.startswith(f"{STUDY}/cli/")]
    sources += [module_source(module) for module in MODULES if (ROOT / module / f"{module}.py").is_file()]
    report(
        [
            source.at(node.lineno, "prints")
            for source in sources
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
    )


def test_files_stay_small():
    lines = {source: len(source.path.read_text(encoding="utf-8").splitlines()) for source in all_sources()}
    report([source.at(n, f"{n} lines, more than {FILE_LINES}") for source, n in lines.items() if n > FILE_LINES])


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which may be as long as its reader needs."""
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str)
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if is_docstring else 0)


def test_functions_stay_small():
    report(
        [
            source.at(node.lineno, f"{node.name} has {length(node)} lines, more than {FUNCTION_LINES}")
            for source in all_sources()
            for node in ast.walk(source.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > FUNCTION_LINES
        ]
    )
