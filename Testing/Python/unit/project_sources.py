"""The Python files of the project and what each imports, for the tests that hold them to the rules of the house."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
STUDY = "HER2ImmunoStudyLib"
FOLDER_OF = {**{f"{module}Lib": module for module in MODULES}, STUDY: "HER2ImmunoModel"}
LIBRARIES = set(FOLDER_OF)


@dataclass(frozen=True)
class Import:
    """One imported name (`from a import b` counts as `a.b`); `when_called`: not when the file is loaded."""

    name: str
    line: int
    when_called: bool

    @property
    def top(self) -> str:
        return self.name.split(".")[0]


@dataclass(frozen=True)
class Source:
    """A Python file of the project; `inside` is its path inside its module's folder, or inside the project."""

    path: Path
    inside: str

    @property
    def library(self) -> str:
        return self.inside.split("/")[0]

    @property
    def storey(self) -> str:
        return self.room if self.room in ("scene", "gui") else "core"

    @property
    def room(self) -> str:
        """Name of the room; empty for a file outside all."""
        return self.inside.split("/")[1] if self.inside.count("/") > 1 else ""

    @property
    def tree(self) -> ast.Module:
        return parsed(self.path)

    def at(self, line: int, fault: str) -> str:
        return f"{self.path.relative_to(ROOT).as_posix()}:{line}: {fault}"


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def project_files() -> tuple[Path, ...]:
    """Files of the project: those git tracks, or all that an unpacked archive holds."""
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "-z"]
        names = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.split("\0")
        return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and path.relative_to(ROOT).parts[0] != ".venv")


@cache
def all_sources() -> tuple[Source, ...]:
    return tuple(Source(path, path.relative_to(ROOT).as_posix()) for path in project_files() if path.suffix == ".py")


@cache
def library_sources() -> tuple[Source, ...]:
    return tuple(
        Source(source.path, source.path.relative_to(ROOT / folder).as_posix())
        for source in all_sources()
        for library, folder in FOLDER_OF.items()
        if ROOT / folder / library in source.path.parents
    )


def module_source(module: str) -> Source:
    path = ROOT / module / f"{module}.py"
    assert path.is_file(), f"{module}/{module}.py does not exist"
    return Source(path, path.name)


@cache
def imports_of(source: Source) -> tuple[Import, ...]:
    package = source.inside.split("/")[:-1]
    return tuple(_imports(source.tree, package, when_called=False))


def _imports(node: ast.AST, package: list[str], when_called: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, when_called) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            above = package[: len(package) - child.level + 1] if child.level else []
            base = ".".join([*above, child.module] if child.module else above)
            yield from (Import(f"{base}.{alias.name}", child.lineno, when_called) for alias in child.names)
        else:
            inner = when_called or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or is_for_types(child)
            yield from _imports(child, package, inner)


def is_for_types(node: ast.AST) -> bool:
    named = isinstance(node, ast.If) and isinstance(node.test, ast.Name | ast.Attribute)
    return named and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def report(faults: list[str]) -> None:
    assert not faults, "\n" + "\n".join(faults)
