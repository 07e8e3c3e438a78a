"""Find the errors in what 3D Slicer printed and logged."""

from __future__ import annotations

import re

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


def _is_error(line: str) -> bool:
    """A line of an error level, or one that reads like an error.

    What comes from stderr is logged as critical whatever it says; only its text counts.
    """
    prefix = PREFIX.match(line)
    level, origin = prefix.groups() if prefix else ("", "")
    return level in ("ERROR", "FATAL") or (level, origin) == ("CRITICAL", "Qt") or _reads_as_error(line)


def _reads_as_error(line: str) -> bool:
    return bool(ERROR_LINES.search(PREFIX.sub("", line)))


def errors_in(text: str) -> list[str]:
    """The error lines of a log, each once; a traceback is one line that says how it ends.

    Parameters
    ----------
    text : str
        What the application printed, or the text of its log file.
    """
    found, lines = [], iter(text.splitlines())
    for line in lines:
        if TRACEBACK in line:
            found.append(f"Traceback: {_end_of_traceback(lines)}")
        elif _is_error(line):
            found.append(PREFIX.sub("", line).strip())
    return list(dict.fromkeys(found))


def _end_of_traceback(lines) -> str:
    for line in lines:
        text = PREFIX.sub("", line)
        if text.strip() and not text[0].isspace():
            return text.strip()
    return "cut off"
