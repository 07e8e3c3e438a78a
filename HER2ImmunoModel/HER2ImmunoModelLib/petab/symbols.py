"""Names as PEtab and SBML take them: letters, digits and underscores, beginning with a letter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import chain, count


def symbols_of(names: Iterable[str], *, prefix: str = "") -> dict[str, str]:
    """A symbol for each name, every one different; `prefix` begins all of them."""
    used: set[str] = set()
    found: dict[str, str] = {}
    for name in names:
        plain = prefix + _plain(name)
        plain = plain if re.match(r"[A-Za-z]", plain) else f"s_{plain}"
        found[name] = next(each for each in chain([plain], (f"{plain}_{n}" for n in count(2))) if each not in used)
        used.add(found[name])
    return found


def is_symbol(name: str) -> bool:
    """Whether PEtab and SBML take a name as it is."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", letters).strip("_")
