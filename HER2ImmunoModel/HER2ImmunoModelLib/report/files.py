"""The files of a report: the page, and beside it every number as JSON and as CSV."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from HER2ImmunoCommonLib import RESEARCH_ONLY, files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import to_cells
from HER2ImmunoCommonLib.privacy import shareable, shareable_text
from HER2ImmunoCommonLib.provenance import plain

from ..findings.exposure import curve_table
from ..findings.request import Findings
from ..findings.tables import Table
from .content import SubjectReport, VisitMap
from .courses import course_table
from .page import INTENDED, report_page, versions_of
from .pdf import pdf_beside
from .scenarios_part import scenario_table

ENDING, FILES, PRINTED = ".html", "files", "printed"
SIGN = INTENDED
"""Stands in every page and every JSON file that is written here."""


def write_report(
    report: SubjectReport, path: str | Path, made_on: date | None = None, *, printed: bool = False
) -> tuple[Path, Path, Path]:
    """Write the page, and beside it the numbers: `NAME.json`, and CSV in the folder `NAME_tables`.

    All of them are made before the first takes its place, which is that of an earlier report of this name; the PDF of
    an earlier report goes.

    Parameters
    ----------
    report : SubjectReport
    path : path
        Of the page; the ending may be left out.
    made_on : date, optional
        Today if None.
    printed : bool
        The page is to be printed to `NAME.pdf` next (`pdf.print_page`).

    Returns
    -------
    tuple of Path
        Page, JSON, folder.

    Raises
    ------
    InputError
        If a file cannot be written, or one is there that was not written here.
    """
    path = files.check_file(page_of(path))
    numbers, folder = path.with_suffix(".json"), path.with_name(f"{path.stem}_tables")
    tables = {f"{name}.csv": _shareable(table) for name, table in report_tables(report).items()}
    pdf = pdf_beside(path)
    was_printed = pdf.name in _earlier(numbers, PRINTED)
    _check(path, numbers, folder)
    if printed and pdf.exists() and not was_printed:
        raise InputError(_foreign(pdf))
    with files.temporary_folder(path.parent) as made:
        files.write_text(report_page(report, made_on), made / path.name)
        files.write_json(
            {**report_numbers(report), FILES: sorted(tables), PRINTED: [pdf.name] if printed else []},
            made / numbers.name,
        )
        for name, table in tables.items():
            files.write_csv(*table, made / folder.name / name)
        if folder.exists():
            folder.rename(made / "earlier")
        if was_printed:
            pdf.unlink(missing_ok=True)
        for each in (folder, numbers, path):
            (made / each.name).replace(each)
    return path, numbers, folder


def page_of(path: str | Path) -> Path:
    """The file of the page; the ending may be left out.

    Raises
    ------
    InputError
        If no file is named.
    """
    return files.named_file(path, ENDING)


def _check(path: Path, numbers: Path, folder: Path) -> None:
    """Refuse to replace what is not an earlier report of this name with its numbers."""
    files.check_own(path, SIGN)
    files.check_own(numbers, SIGN)
    there = {each.name for each in folder.iterdir()} if folder.is_dir() else set()
    if more := sorted(there.difference(_earlier(numbers, FILES))):
        raise InputError(_foreign(folder / more[0]))


def _foreign(path: Path) -> str:
    return f"{path} is there already and was not written here; give another name."


def _earlier(numbers: Path, kind: str) -> list[str]:
    """Names of the tables, or of the PDF, of an earlier report."""
    try:
        return list(json.loads(numbers.read_text(encoding="utf-8"))[kind])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _shareable(table: Table) -> Table:
    """A table without what tells who and when."""
    header, rows = table
    return header, [[shareable_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]


def report_tables(report: SubjectReport) -> dict[str, Table]:
    """Every table of the report by a name for its file."""
    header, cells = to_cells(report.measurements)
    found: dict[str, Table] = {"visits": (header, cells)}
    if report.doses:
        rows = [(dose.day, dose.weekday, dose.cycle, dose.drug, dose.dose, dose.said) for dose in report.doses]
        found["doses"] = (["day", "weekday", "cycle", "drug", "dose", "for_this_subject"], rows)
    found |= {name: table for name, (_what, table) in report.plan.tables.items()}
    for number, course in enumerate(report.courses):
        found[f"course_{number}"] = course_table(course)
    if report.scenarios:
        found["scenarios"] = scenario_table(report.scenarios)
    if report.exposures:
        found["exposures"] = curve_table(report.exposures)
    for kind, findings in report.questions.items():
        found |= {f"{kind.lower()}_{name}": table for name, (_what, table) in findings.tables.items()}
    return found


def report_numbers(report: SubjectReport) -> dict[str, object]:
    """Every number and sentence of the report, as JSON has them, without what tells who and when."""
    told = {
        "notice": INTENDED,
        "use": RESEARCH_ONLY,
        "subject": report.subject,
        "model": {"name": report.model.name, "title": report.model.title, "species": report.model.species},
        "versions": versions_of(report),
        "plan": _findings(report.plan),
        "questions": {kind: _findings(findings) for kind, findings in report.questions.items()},
        "visits": report.measurements,
        "maps": [_map(each) for each in report.maps],
        "doses": report.doses,
        "limits": report.limits,
        "courses": report.courses,
        "scenarios": report.scenarios,
        "exposures": report.exposures,
        "left_out": report.left_out,
    }
    return shareable(plain(told))


def _map(each: VisitMap) -> dict[str, object]:
    """What a map says, without its picture."""
    return {
        "map": each.kind,
        "visit": each.visit,
        "day": each.day,
        "median_in_tumour": each.median,
        "unit": each.overlay.unit,
        "slice": each.slice_of[0],
    }


def _findings(findings: Findings) -> dict[str, object]:
    names = ("answer", "basis", "alarm", "notes", "warnings", "header", "cells", "cost_header", "cost_cells")
    tables = {name: {"header": header, "rows": rows} for name, (_what, (header, rows)) in findings.tables.items()}
    record = findings.provenance
    return {
        **{name: getattr(findings, name) for name in names},
        "tables": tables,
        "settings": record.settings,
        "formulas": record.formulas,
        "all_warnings": record.warnings,
    }
