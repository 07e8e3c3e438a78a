"""Find the errors in what 3D Slicer printed and logged."""

from __future__ import annotations

import re

START = "run_in_slicer: checks begin"  # printed into the log: errors by level count from there on

# Slicer's file log: [LEVEL][origin] time [category] (file:line) - message
PREFIX = re.compile(r"^\[(\w+)\]\[(\w+)\].*? - ")
TRACEBACK = "Traceback (most recent call last)"
ERROR_LINES = re.compile(
    r"^(\w+\.)*\w*(Error|Exception)(:|$)"  # how a traceback ends
    r"|^ERROR: In |^Error: "  # VTK
    r"|QObject::(connect|disconnect)|\bNo such (signal|slot)\b|QLayout: Attempting|QLayout::addChildLayout"
    r"|\bSQL (failed|error)|\bSQLITE ERROR|Bad SQL"
    r"|Segmentation fault|Fatal Python error|caught signal|core dumped|exit abnormally"
)


def _has_error_level(line: str) -> bool:
    """Whether a line was logged as an error; what comes from stderr is logged as critical whatever it says."""
    prefix = PREFIX.match(line)
    level, origin = prefix.groups() if prefix else ("", "")
    return level in ("ERROR", "FATAL") or (level, origin) == ("CRITICAL", "Qt")


def errors_in(text: str) -> list[str]:
    """The error lines of a log, each once; a traceback is one line that says how it ends.

    Of what Slicer itself complains of while it starts, before `START`, only what reads like an error counts.

    Parameters
    ----------
    text : str
        What the application printed, or the text of its log file.
    """
    found, lines, started = [], iter(text.splitlines()), START not in text
    for line in lines:
        started = started or START in line
        message = PREFIX.sub("", line)
        if TRACEBACK in line:
            found.append(f"Traceback: {_end_of_traceback(lines)}")
        elif ERROR_LINES.search(message) or (started and _has_error_level(line)):
            found.append(message.strip())
    return list(dict.fromkeys(found))


def _end_of_traceback(lines) -> str:
    for line in lines:
        text = PREFIX.sub("", line)
        if text.strip() and not text[0].isspace():
            return text.strip()
    return "cut off"
