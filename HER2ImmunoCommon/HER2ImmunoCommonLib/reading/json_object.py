"""JSON that a person or another program wrote: an object with plain values, or one sentence on what it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from ..errors import InputError
from .spelling import shown
from .text import read_text

DEEPEST = 40
LARGEST_INTEGER = 2**63
BROKEN = "is no text (half of a surrogate pair); write it in UTF-8"


def read_json_object(path: str | Path, what: str, *, needs: str = "", finite: bool = True) -> dict[str, object]:
    """Read a file that holds one object.

    Parameters
    ----------
    path : path
    what : str
        What the file is, for messages, such as "a study description".
    needs : str
        What an object of this kind has, for what is none, such as "it needs the entry visits".
    finite : bool
        Refuse NaN and infinity, which JSON does not have.

    Raises
    ------
    InputError
        Naming the file, and the key or line: no such file, no JSON, no object, a key that occurs twice, nesting that
        is too deep, a number that is not finite or too large, text that is none (half of a surrogate pair).
    """
    path = Path(path)
    text = read_text(path, what, kept_as="JSON in UTF-8").text

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            doubled = next(key for key in keys if keys.count(key) > 1)
            raise InputError(f"{path}: the key {shown(doubled)} occurs twice; keep one.")
        return found

    try:
        content = json.loads(text, object_pairs_hook=once)
    except InputError:
        raise
    except RecursionError:
        raise InputError(
            f"{path} cannot be read: it is not {what}, as it is nested too deep; name another file."
        ) from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path} cannot be read: it is not {what}, as line {error.lineno}, column {error.colno} is no JSON "
            f"({error.msg}); correct it."
        ) from None
    except ValueError:  # an integer of thousands of digits
        raise InputError(
            f"{path} cannot be read: it is not {what}, as a number has too many digits; correct it."
        ) from None
    if not isinstance(content, dict):
        tail = f"; {needs}" if needs else ""
        raise InputError(f"{path} is not {what}: it holds {kind_of(content)} instead of names with values{tail}.")
    for place, fault in _faults(content, finite):
        raise InputError(f"{path}: {place} {fault}.")
    return content


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    kinds = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
    }
    return kinds.get(type(value), "nothing")


def _faults(content: object, finite: bool) -> Iterator[tuple[str, str]]:
    """Place and fault of each value that no reader can use; without recursion, as depth may be the fault."""
    waiting: list[tuple[str, int, dict | list]] = [("", 0, content)]
    while waiting:
        place, depth, value = waiting.pop()
        if depth > DEEPEST:
            yield place[:80], "is nested too deep; keep to the layout that Docs describes"
            return
        if isinstance(value, dict):
            if any(map(_is_broken, value)):
                yield f"a key of {place or 'the file'}", BROKEN
                return
            entries = [(f"{place}.{key}" if place else key, entry) for key, entry in value.items()]
        else:
            entries = [(f"{place}[{n}]", entry) for n, entry in enumerate(value) if _is_open(entry, finite)]
        for where, entry in entries:
            if isinstance(entry, (dict, list)):
                waiting.append((where, depth + 1, entry))
            elif fault := _fault(entry, finite):
                yield where, fault


def _is_open(entry: object, finite: bool) -> bool:
    """Whether an entry of a list has to be looked at again; most are plain numbers of long lists."""
    return isinstance(entry, (dict, list)) or bool(_fault(entry, finite))


def _fault(value: object, finite: bool) -> str:
    if isinstance(value, float):
        return f"is {value}, which is no number; correct it or leave it out" if finite and not isfinite(value) else ""
    if isinstance(value, str):
        return BROKEN if _is_broken(value) else ""
    too_large = isinstance(value, int) and abs(value) >= LARGEST_INTEGER
    return "is a number beyond every use; correct it" if too_large else ""


def _is_broken(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)
