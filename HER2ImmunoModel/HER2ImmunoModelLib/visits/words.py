"""What is said of the cells of a measurement table, as sentences."""

from __future__ import annotations

from collections.abc import Sequence

from .judging import MISSING, SUSPICIOUS, WRONG, Judged, Mark
from .suspicions import in_words

SIGNS = {WRONG: "✕", SUSPICIOUS: "▲", MISSING: "hatched"}
"""What is seen of a mark besides its colour."""
SAID = {
    WRONG: ("cell cannot be used", "cells cannot be used"),
    SUSPICIOUS: ("is suspicious", "are suspicious"),
    MISSING: ("was not measured", "were not measured"),
}


def counted(judged: Judged, shown: Sequence[str]) -> str:
    """How many cells have which mark, and in which columns that are not shown; empty for none.

    What is missing in columns that are not shown is not told.

    Parameters
    ----------
    judged : Judged
    shown : sequence of str
        Columns that a person sees in the table.
    """
    found = [(kind, n) for kind in SAID if (n := judged.count(kind, shown if kind == MISSING else None))]
    if not found:
        return ""
    (first, n), *others = found
    noun = "" if first == WRONG else "cell " if n == 1 else "cells "
    parts = [f"{n} {noun}{SAID[first][n > 1]} ({SIGNS[first]})"]
    parts += [f"{n} {SAID[kind][n > 1]} ({SIGNS[kind]})" for kind, n in others]
    graver = [mark.column for mark in judged.marks if mark.kind != MISSING]
    unseen = dict.fromkeys(in_words(column) for column in graver if column not in shown)
    more = f"; some of them in columns that are not shown here: {'; '.join(unseen)}" if unseen else ""
    return f"{', '.join(parts)}{more}."


def first_reason(judged: Judged) -> str:
    """Why the gravest, uppermost cell is marked, with its place; empty for none that is more than missing."""
    mark = judged.first
    if mark is None or mark.kind == MISSING:
        return ""
    return f"{judged.visit_of(mark.row)}, {in_words(mark.column)}: {mark.reason}"


def tip_of(marks: Sequence[Mark]) -> str:
    """All that is said of a cell, a line each."""
    return "\n".join(dict.fromkeys(mark.reason for mark in marks))
