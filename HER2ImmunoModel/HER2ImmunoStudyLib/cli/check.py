"""`her2immuno check`: what a study would meet, before an hour of work."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from HER2ImmunoCommonLib.progress import Report

from . import EXIT_ERROR, EXIT_OK, EXIT_QUESTION
from .values import OF_STUDY, add_answers_argument, answers

NAME = "check"

SIGNS = {"ok": "ok      ", "warning": "WARNING ", "question": "QUESTION", "error": "ERROR   "}
STATUS = {"error": ("error", EXIT_ERROR), "question": ("ask", EXIT_QUESTION), "warning": ("warn", EXIT_OK)}


@dataclass(frozen=True)
class CheckSettings:
    """What `her2immuno check` is asked.

    Attributes
    ----------
    study : Path
        The study.json, or the folder that holds it.
    answers : mapping of str to str
        Answers to questions of the headers.
    """

    study: Path
    answers: Mapping[str, str] = field(default_factory=dict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, metavar="STUDY", help="study.json, or the folder that holds it")
    add_answers_argument(parser, OF_STUDY)


def read(arguments: argparse.Namespace) -> CheckSettings:
    return CheckSettings(arguments.study, answers(arguments.answers))


def run(settings: CheckSettings, report: Report) -> dict:
    from ..study.checking import check_study

    found = check_study(settings.study, settings.answers, report)
    levels = {finding.level for finding in found}
    status, code = next((STATUS[level] for level in STATUS if level in levels), ("ok", EXIT_OK))
    counts = {level: sum(finding.level == level for finding in found) for level in SIGNS}
    lines = [f"{SIGNS[one.level]} {one.where}, {one.about}: {one.text}{_answer(one.key)}" for one in found]
    told = ", ".join(f"{n} {level}{'s' if n != 1 else ''}" for level, n in counts.items() if level != "ok")
    return {
        "status": status,
        "findings": found,
        "counts": counts,
        "exit_code": code,
        "text": [*lines, f"{told}; nothing was computed or written."],
    }


def _answer(key: str) -> str:
    return f"  Answer with --set {key}=VALUE" if key else ""
