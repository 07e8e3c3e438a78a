"""The bytes of a DICOM element as text and numbers, by its value representation (VR)."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from .encoding import LONG, SHORT
from .quiet import quiet

if TYPE_CHECKING:
    from pydicom import DataElement, Dataset
    from pydicom.dataelem import RawDataElement

UNREADABLE = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
    NotImplementedError,
    EOFError,
    OSError,
    RecursionError,
    MemoryError,
    struct.error,
)
"""What pydicom raises for bytes that do not fit their type."""
NUMBERS = {
    "US": "H",
    "SS": "h",
    "UL": "I",
    "SL": "i",
    "UV": "Q",
    "SV": "q",
    "FL": "f",
    "FD": "d",
    "OW": "H",
    "OL": "I",
    "OV": "Q",
    "OF": "f",
    "OD": "d",
    "AT": "H",
    "US or SS": "H",
    "US or OW": "H",
}
"""Code of `struct` for each binary VR (PS3.5, 6.2)."""
ONE_TEXT = {"ST", "LT", "UT", "UR"}
"""VRs whose backslashes are part of the text."""
KNOWN = {vr.decode() for vr in (*SHORT, *LONG)} - {"UN"}
BLANKS = " \0\n\r\t"

Value = str | int | float


class WrongLength(ValueError):
    """The bytes of an element are not a whole number of values."""


def is_raw(element: DataElement | RawDataElement) -> bool:
    """Whether pydicom has not yet made values of the bytes."""
    return getattr(element, "is_raw", False)


def decoded(element: DataElement | RawDataElement, header: Dataset) -> tuple[Value, ...]:
    """The values of an element that is no sequence: numbers of binary VRs as such, all others as stripped text.

    Raises
    ------
    WrongLength
        If its bytes are not a whole number of values.
    """
    if not is_raw(element):
        return _plain(element.value)
    data = element.value
    if not data:
        return ()
    vr = vr_of(element, header)
    if vr in NUMBERS:
        size = struct.calcsize("<" + NUMBERS[vr])
        if len(data) % size:
            raise WrongLength(f"{len(data)} bytes for values of {size} bytes each")
        return struct.unpack(f"{'<' if element.is_little_endian else '>'}{len(data) // size}{NUMBERS[vr]}", data)
    text = _text(data, header)
    if not text.strip(BLANKS):
        return ()
    return tuple(one.strip(BLANKS) for one in ([text] if vr in ONE_TEXT else text.split("\\")))


def vr_of(element: RawDataElement, header: Dataset) -> str:
    """The VR in the file; where it has none (implicit, UN) or none that exists, that of the dictionary."""
    if element.VR in KNOWN:
        return element.VR
    from pydicom.datadict import dictionary_VR, private_dictionary_VR

    try:
        if not element.tag.is_private:
            return str(dictionary_VR(element.tag))
        creator = header.get_item(element.tag.group << 16 | element.tag.element >> 8)
        return str(private_dictionary_VR(element.tag, decoded(creator, header)[0])) if creator is not None else "UN"
    except (KeyError, IndexError):
        return "UN"


def _text(data: bytes, header: Dataset) -> str:
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    from pydicom.charset import decode_bytes

    encodings = getattr(header, "original_character_set", None) or "latin-1"
    try:
        with quiet():
            return decode_bytes(data, [encodings] if isinstance(encodings, str) else list(encodings), set())
    except UNREADABLE:
        return data.decode("latin-1")


def _plain(value: object) -> tuple[Value, ...]:
    """Values that pydicom has made, or that were set by a program."""
    if value is None:
        return ()
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        found = _one(value)
        return () if found == "" else (found,)
    return tuple(_one(one) for one in value)


def _one(value: object) -> Value:
    if type(value) in (int, float) or (isinstance(value, int) and not hasattr(value, "original_string")):
        return value
    if isinstance(value, float) and not hasattr(value, "original_string"):
        return float(value) if math.isfinite(value) else str(value)
    return str(getattr(value, "original_string", None) or ("" if value is None else value)).strip(BLANKS)
