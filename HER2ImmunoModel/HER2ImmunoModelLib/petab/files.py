"""The files of a problem: which there are, and their tables as rows of text."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import os_sentence

from .yaml_files import parse_yaml

Row = dict[str, str]
NEEDED = {
    "parameters": ("parameterId", "parameterScale", "estimate"),
    "observables": ("observableId", "observableFormula", "noiseFormula"),
    "measurements": ("observableId", "simulationConditionId", "measurement", "time"),
    "conditions": ("conditionId",),
}


@dataclass(frozen=True)
class Files:
    """Path of the model, and the rows of the tables; an absent cell is an empty text."""

    model: Path
    parameters: list[Row]
    observables: list[Row]
    measurements: list[Row]
    conditions: list[Row]


def read_files(path: str | Path) -> Files:
    """Read the YAML file of a problem and the tables it names.

    Raises
    ------
    InputError
        A file that cannot be read, another version, several models, tables that lack a column.
    """
    path = Path(path)
    content = parse_yaml(_text(path), path.name)
    if not isinstance(content, dict) or "problems" not in content:
        raise InputError(f"{path.name} is no problem of PEtab; give the YAML file that names its tables.")
    if str(content.get("format_version")).split(".")[0] != "1":
        raise InputError(f"{path.name} has the version {content.get('format_version')}; only PEtab 1 is read.")
    if any((content.get("extensions") or {}).values() if isinstance(content.get("extensions"), dict) else ()):
        raise InputError(f"{path.name} needs an extension of PEtab, none of which is read; give a plain problem.")
    problems = content["problems"]
    if not isinstance(problems, list) or len(problems) != 1 or not isinstance(problems[0], dict):
        raise InputError(f"{path.name} holds not one problem; give one of them by itself.")
    models = _names(problems[0].get("sbml_files"), "sbml_files", path)
    if len(models) != 1:
        raise InputError(f"{path.name} names {len(models)} models; a problem has one here.")
    named = {
        "parameters": content.get("parameter_file"),
        **{f"{word}s": problems[0].get(f"{word}_files") for word in ("observable", "measurement", "condition")},
    }
    tables = {
        word: [row for name in _names(value, word, path) for row in _rows(path.parent / name, NEEDED[word])]
        for word, value in named.items()
    }
    return Files(path.parent / models[0], **tables)


def number_in(row: Row, column: str, where: str) -> float:
    """The number of a cell.

    Raises
    ------
    InputError
    """
    try:
        return float(row.get(column, ""))
    except ValueError as error:
        raise InputError(f"{where}: {column} is {row.get(column, '')!r}; give a number.") from error


def _names(value: object, word: str, path: Path) -> list[str]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"{path.name} names no file for {word}; add it.")
    for name in names:
        if "://" in name:
            raise InputError(f"{path.name}: {name} is on the web, where nothing is read; save it beside and name it.")
    return names


def _rows(path: Path, needed: tuple[str, ...]) -> list[Row]:
    lines = list(csv.reader(_text(path).splitlines(), delimiter="\t"))
    header = [name.strip() for name in lines[0]] if lines else []
    if missing := [name for name in needed if name not in header]:
        raise InputError(f"{path.name} lacks the column {missing[0]!r}; its cells are divided by tabs.")
    if len(set(header)) < len(header):
        raise InputError(f"{path.name} has a column twice; keep one.")
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) > len(header):
            raise InputError(f"{path.name}, line {number} has more cells than the header; correct it.")
        cells = [*cells, *[""] * (len(header) - len(cells))]
        row = {
            name: "" if cell.strip().lower() == "nan" else cell.strip()
            for name, cell in zip(header, cells, strict=True)
        }
        if any(row.values()):
            rows.append(row)
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(os_sentence(error)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is no text in UTF-8; save it as such.") from error
