"""What a misspelt name was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

SHARE_OF_SLIPS = 0.25
"""Slips of the pen for each letter up to which a name is taken for another one misspelt."""
LONGEST_NAME = 60


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that differs by few slips (a letter more, less, other, or two swapped); None if there is none.

    Capitals, spaces and hyphens are no slips.
    """
    wanted = _plain(name)
    if not wanted or len(wanted) > LONGEST_NAME:
        return None
    slips = {other: _slips(wanted, _plain(other)) for other in known if other}
    best = min(slips, key=slips.get, default=None)
    if best is None or slips[best] > max(1, int(SHARE_OF_SLIPS * min(len(wanted), len(best)))):
        return None
    return best


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Half a sentence: the nearest of the known names, or all of them."""
    known = list(known)
    near = nearest(name, known)
    return f"did you mean {near!r}?" if near else f"choose from {', '.join(known) or 'none'}."


def shown(text: object, longest: int = 40) -> str:
    """A value as a message shows it: quoted, cut where it is long."""
    quoted = repr(text)
    return quoted if len(quoted) <= longest + 2 else f"{quoted[:longest]}...{quoted[-1]}"


def _plain(name: str) -> str:
    return "_".join(name.lower().replace("-", " ").replace("_", " ").split())


@lru_cache(maxsize=1024)  # a table that is looked at again has the same unknown names
def _slips(one: str, other: str) -> int:
    """Edit distance in which two swapped neighbours count once (optimal string alignment)."""
    before, last = [], list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
