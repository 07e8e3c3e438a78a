"""Values of a DICOM header as text and numbers: one door, where a value that cannot be is named by file and tag.

The bytes are read by this room itself, so that values which DICOM does not allow neither end in a library's error nor
in its warnings.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from .elements import UNREADABLE, Value, WrongLength, decoded, is_raw
from .quiet import quiet
from .times import date_of, datetime_of, moment, time_of_day_s

if TYPE_CHECKING:
    from pydicom import Dataset

DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
SHOWN = 60
"""Characters of a wrong value that a message shows."""


@dataclass(frozen=True)
class Private:
    """A private attribute, in its creator's block; at its usual place where the group has lost its creators.

    Attributes
    ----------
    creator : str
    group, element : int
        `element` as documents of vendors have it; its last two digits count.
    vr : str
        What it is where the file does not tell, such as FL; by default it is looked up.
    """

    creator: str
    group: int
    element: int
    vr: str = ""


BLOCKS = range(0x10, 0x20)
"""Where vendors reserve private elements; creators are compared without regard to capitals."""

Place = str | tuple[int, int] | Private
"""A keyword, group and element, or a private attribute by its creator."""


def has(header: Dataset, place: Place) -> bool:
    """Whether an attribute is there and not empty."""
    element = _element(header, place)
    if element is None or element.value is None:
        return False
    return len(element.value) > 0 if hasattr(element.value, "__len__") else True


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
    return tuple(str(value) for value in _values(header, place))


def number(header: Dataset, place: Place) -> float | None:
    """The value of an attribute as a finite number, the first of several; None where it is absent.

    Raises
    ------
    InputError
        If it is no finite number.
    """
    found = _values(header, place)
    return _number(header, place, found[0]) if found and found[0] != "" else None


def numbers(header: Dataset, place: Place, count: int | None = None) -> tuple[float, ...] | None:
    """The values of an attribute as finite numbers, exactly `count` of them if that is given; None where it is absent.

    Raises
    ------
    InputError
        If one is no finite number, or there are more or fewer.
    """
    found = _values(header, place)
    if all(value == "" for value in found):
        return None
    if count is not None and len(found) != count:
        raise InputError(f"{named(header, place)} has {len(found)} values instead of {count}; correct the file.")
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
        raise InputError(f"{named(header, place)} is {found:g}, not a whole number; correct the file.")
    return int(found)


def items(header: Dataset, place: Place) -> list[Dataset]:
    """The items of a sequence; none where it is absent.

    Raises
    ------
    InputError
        If it is no sequence.
    """
    element = _element(header, place)
    if element is None or element.value is None:
        return []
    value = element.value
    if is_raw(element):
        value = _sequence(header, place, element.tag) if element.VR in (None, "SQ", "UN") and value else value
    if hasattr(value, "__len__") and not len(value):
        return []
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        raise InputError(f"{named(header, place)} is not a sequence; correct the file.")
    if not all(hasattr(item, "get_item") for item in value):
        raise InputError(f"{named(header, place)} is not a sequence; correct the file.")
    for item in value:
        item.filename = getattr(header, "filename", None)
    return list(value)


def day(header: Dataset, place: Place) -> date | None:
    """The value of an attribute as a day (DA); None where it is absent or no day; errors as `text`."""
    return date_of(text(header, place))


def clock_s(header: Dataset, place: Place) -> float | None:
    """The value of an attribute (TM) in seconds after midnight; None where absent or no time; errors as `text`."""
    return time_of_day_s(text(header, place))


def when(header: Dataset, prefix: str) -> datetime | None:
    """The moment that PrefixDateTime names, or PrefixDate with PrefixTime; None where they do not; errors as `text`."""
    found = datetime_of(text(header, prefix + "DateTime"))
    if found is not None:
        return found
    of_day, seconds = day(header, prefix + "Date"), clock_s(header, prefix + "Time")
    return None if of_day is None or seconds is None else moment(of_day, seconds)


def shown(value: object, length: int = SHOWN) -> str:
    """A value as a message shows it: in one line of a bearable length, whatever the file holds."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)[: 4 * length]).split())
    return text if len(text) <= length else f"{text[:length]}..."


def named(header: Dataset, place: Place) -> str:
    """File and tag, as a message names them."""
    from pydicom.datadict import keyword_for_tag

    tag = _tag(header, place)
    if isinstance(place, Private):
        tag, name = tag or place.group << 16 | place.element, place.creator
    else:
        name = place if isinstance(place, str) else keyword_for_tag(tag)
    file = Path(getattr(header, "filename", None) or "A header").name
    return f"{file}: {f'{name} ' if name else ''}({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _tag(header: Dataset, place: Place) -> int | None:
    """Where an attribute is; None where a private one is absent."""
    return private_tag(header, place) if isinstance(place, Private) else _public_tag(place)


@cache
def _public_tag(place: str | tuple[int, int]) -> int | None:
    """The tag as pydicom looks it up without another conversion; thousands of headers are asked for the same ones."""
    from pydicom.datadict import tag_for_keyword
    from pydicom.tag import BaseTag

    tag = tag_for_keyword(place) if isinstance(place, str) else place[0] << 16 | place[1]
    return None if tag is None else BaseTag(tag)


def private_tag(header: Dataset, place: Private) -> int | None:
    """Where a private attribute is; None where it is absent."""
    group = place.group << 16
    there = [block for block in BLOCKS if _public_tag((place.group, block)) in header]
    creators = {block: text(header, (place.group, block)) for block in there}
    own = [block for block, name in creators.items() if name.upper() == place.creator.upper()]
    tags = [group | block << 8 | place.element & 0xFF for block in (own if creators else BLOCKS[:1])]
    return next((tag for tag in tags if tag in header), None)


def _element(header: Dataset, place: Place):
    tag = _tag(header, place)
    if tag is None:
        return None
    element = header.get_item(tag, keep_deferred=True)
    if isinstance(place, Private) and place.vr and element is not None and is_raw(element):
        return element._replace(VR=place.vr) if element.VR in (None, "UN") else element
    return element


def _values(header: Dataset, place: Place) -> tuple[Value, ...]:
    element = _element(header, place)
    if element is None:
        return ()
    if getattr(element, "VR", None) == "SQ":
        raise InputError(f"{named(header, place)} is a sequence, not a value; correct the file.")
    try:
        return decoded(element, header)
    except WrongLength as error:
        raise InputError(f"{named(header, place)} cannot be read ({shown(error)}); correct the file.") from error


def _sequence(header: Dataset, place: Place, tag: int):
    """The items behind the bytes of a sequence, kept in the header."""
    from pydicom.errors import BytesLengthException

    try:
        with quiet():
            return header[tag].value
    except (*UNREADABLE, BytesLengthException) as error:
        raise InputError(f"{named(header, place)} cannot be read ({shown(error)}); correct the file.") from error


def _number(header: Dataset, place: Place, value: Value) -> float:
    found = math.nan if isinstance(value, str) and not DECIMAL.fullmatch(value) else float(value)
    if not math.isfinite(found):
        raise InputError(f"{named(header, place)} is {shown(value)!r}, not a number; correct the file.")
    return found
