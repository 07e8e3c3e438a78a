"""Values of a DICOM header as text and numbers: one door, where a value that cannot be is named by file and tag."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from pydicom import Dataset

UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, OverflowError, NotImplementedError, struct.error)
"""What pydicom raises for an element whose bytes do not fit its type, when it is first looked at."""

Place = str | tuple[int, int]
"""A keyword, or group and element."""


def has(header: Dataset, place: Place) -> bool:
    """Whether an attribute is there and not empty."""
    value = _value(header, place)
    return value is not None and not _is_empty(value)


def text(header: Dataset, place: Place) -> str:
    """The value of an attribute as text, several values joined by backslashes; empty where it is absent.

    Raises
    ------
    InputError
        If its bytes cannot be read.
    """
    return "\\".join(texts(header, place))


def texts(header: Dataset, place: Place) -> tuple[str, ...]:
    """The values of an attribute as text; none where it is absent; errors as `text`."""
    value = _value(header, place)
    if value is None or _is_empty(value):
        return ()
    values = [value] if isinstance(value, str | bytes) or not hasattr(value, "__iter__") else list(value)
    return tuple(_plain(one) for one in values)


def number(header: Dataset, place: Place) -> float | None:
    """The value of an attribute as a finite number, the first of several; None where it is absent.

    Raises
    ------
    InputError
        If it is no finite number.
    """
    found = texts(header, place)
    return _number(header, place, found[0]) if found and found[0] else None


def numbers(header: Dataset, place: Place, count: int | None = None) -> tuple[float, ...] | None:
    """The values of an attribute as finite numbers, exactly `count` of them if that is given; None where it is absent.

    Raises
    ------
    InputError
        If one is no finite number, or there are more or fewer.
    """
    found = texts(header, place)
    if not any(found):
        return None
    if count is not None and len(found) != count:
        raise InputError(f"{_where(header, place)} has {len(found)} values instead of {count}; correct the file.")
    return tuple(_number(header, place, one) for one in found)


def whole(header: Dataset, place: Place) -> int | None:
    """The value of an attribute as a whole number, the first of several; None where it is absent.

    Raises
    ------
    InputError
        If it is no whole number.
    """
    found = number(header, place)
    if found is None:
        return None
    if found != int(found):
        raise InputError(f"{_where(header, place)} is {found:g}, not a whole number; correct the file.")
    return int(found)


def items(header: Dataset, place: Place) -> list[Dataset]:
    """The items of a sequence; none where it is absent.

    Raises
    ------
    InputError
        If it is no sequence.
    """
    value = _value(header, place)
    if value is None or _is_empty(value):
        return []
    if isinstance(value, str | bytes) or not all(hasattr(item, "get_item") for item in value):
        raise InputError(f"{_where(header, place)} is not a sequence; correct the file.")
    return list(value)


def _value(header: Dataset, place: Place) -> object:
    from pydicom.errors import BytesLengthException

    try:
        found = header.get(place)
    except (*UNREADABLE, BytesLengthException) as error:
        raise InputError(f"{_where(header, place)} cannot be read ({error}); correct the file.") from error
    return getattr(found, "value", found)


def _is_empty(value: object) -> bool:
    return hasattr(value, "__len__") and len(value) == 0


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return str(value).strip(" \0\n\r\t")


def _number(header: Dataset, place: Place, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError(f"{_where(header, place)} is {text[:40]!r}, not a number; correct the file.")
    return found


def _where(header: Dataset, place: Place) -> str:
    """File and tag, as a message names them."""
    from pydicom.datadict import keyword_for_tag, tag_for_keyword

    tag = tag_for_keyword(place) if isinstance(place, str) else place[0] << 16 | place[1]
    name = place if isinstance(place, str) else keyword_for_tag(tag)
    file = Path(getattr(header, "filename", None) or "A header").name
    return f"{file}: {name} ({tag >> 16:04X},{tag & 0xFFFF:04X})".replace(":  (", ": (")
