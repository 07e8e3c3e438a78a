"""Names of folders and of nodes from the names that people give to visits, subjects and regions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain, count

LONGEST_BYTES = 80
"""Of a folder's name: file systems take 255, and Windows 260 signs for a whole path."""
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
"""Names that are devices on Windows, with any ending."""


def folder_names(names: Sequence[str], *, taken: Iterable[str] = (), empty: str = "unnamed") -> dict[str, str]:
    """A folder name for each name: one part of a path, on every file system, each different without regard to case.

    Parameters
    ----------
    names : sequence of str
        Different from each other.
    taken : iterable of str
        Names that other files of the same folder have.
    empty : str
        For a name of which nothing is left.

    Returns
    -------
    dict of str to str
        A name that is a good folder name is kept, unless it is taken.
    """
    used = {_key(name) for name in taken}
    found: dict[str, str] = {}
    # A name that needs no change has the first right to itself.
    for name in sorted(names, key=lambda name: _plain(name, empty) != name):
        plain = _plain(name, empty)
        tries = chain([plain], (_cut(plain, len(f"_{number}")) + f"_{number}" for number in count(2)))
        found[name] = next(each for each in tries if _key(each) not in used)
        used.add(_key(found[name]))
    return {name: found[name] for name in names}


def node_name(name: str) -> str:
    """A name that a node can be saved under.

    A scene that has a node with an ampersand in its name cannot be read again: the name of its file is written into the
    scene as it is.
    """
    return re.sub(r"[&<>\"\x00-\x1f]", "_", name)


def _plain(name: str, empty: str) -> str:
    plain = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", name))
    plain = _cut(plain.strip("._- "), 0).rstrip("._- ") or empty
    return f"{plain}_" if plain.split(".")[0].casefold() in RESERVED else plain


def _cut(name: str, spare: int) -> str:
    """At most so many bytes, of whole signs, that `spare` more fit."""
    return name.encode("utf-8", "ignore")[: LONGEST_BYTES - spare].decode("utf-8", "ignore")


def _key(name: str) -> str:
    """The same for names that some file system takes for one."""
    return unicodedata.normalize("NFKC", name).casefold()
