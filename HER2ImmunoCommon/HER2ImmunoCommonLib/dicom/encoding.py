"""How the bytes of a DICOM file are to be read, found from what they are and not only from what they say they are."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

PREAMBLE = 128
MAGIC = b"DICM"
IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG = (f"1.2.840.10008.1.2{end}" for end in ("", ".1", ".2"))
DEFLATED = "1.2.840.10008.1.2.1.99"
SHORT = b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split()
LONG = b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split()
"""VRs whose length has 32 bits."""
FEW = 24
"""Elements that are looked at to tell what a file is."""
IDENTIFYING = {0x00080005, 0x00080008, 0x00080016, 0x00080018, 0x00080060}
UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class Encoding:
    """Where the data set begins in a file, and how it is written.

    Attributes
    ----------
    start : int
        Byte of the first element after the file meta information.
    syntax : str
        UID of the transfer syntax: the file's own, else the uncompressed one that fits.
    """

    start: int
    is_implicit: bool
    is_little: bool
    syntax: str


def encoding_of(data: bytes) -> Encoding | None:
    """The encoding of a file by its first bytes; None where it is not DICOM.

    Preamble and file meta information may be missing (PS3.10 requires them; older writers and network dumps leave
    them out); what is said by them is checked against the elements that follow.
    """
    start, is_marked = 0, False
    if data[PREAMBLE : PREAMBLE + 4] == MAGIC:
        start, is_marked = PREAMBLE + 4, True
    elif data[:4] == MAGIC:
        start, is_marked = 4, True
    if data[start : start + 2] == b"\x02\x00":
        start, syntax = _after_meta(data, start)
        is_marked = True
    else:
        syntax = ""
    if syntax == DEFLATED:
        return Encoding(start, False, True, DEFLATED)
    told = (syntax == IMPLICIT_LITTLE, syntax != EXPLICIT_BIG)
    ways = sorted(((i, le) for i in (False, True) for le in (True, False)), key=lambda way: way != told)
    fitting = next((way for way in ways if _fits(data, start, *way, few=1 if is_marked else 3)), None)
    if fitting is None:
        return Encoding(start, *told, syntax) if is_marked and syntax else None
    plain = {(True, True): IMPLICIT_LITTLE, (False, True): EXPLICIT_LITTLE, (False, False): EXPLICIT_BIG}
    if not syntax or (syntax in plain.values() and fitting != told):
        syntax = plain.get(fitting, "")
    return Encoding(start, *fitting, syntax)


def _after_meta(data: bytes, start: int) -> tuple[int, str]:
    """Where the file meta information ends, and the transfer syntax it names."""
    syntax = ""
    for group, element, where, length in _elements(data, start, is_implicit=False, is_little=True):
        if group != 2:
            return start, syntax
        if element == 0x10:
            syntax = data[where : where + length].decode("latin-1").strip(" \0")
        start = where + length
    return start, syntax


def _elements(data: bytes, start: int, is_implicit: bool, is_little: bool):
    """Group, element, place and length of the value of one element after another, while they can be followed."""
    order = "<" if is_little else ">"
    while start + 12 <= len(data):
        group, element = struct.unpack_from(order + "HH", data, start)
        vr = data[start + 4 : start + 6]
        if is_implicit:
            (length,), head = struct.unpack_from(order + "I", data, start + 4), 8
        elif vr in SHORT:
            (length,), head = struct.unpack_from(order + "H", data, start + 6), 8
        elif vr in LONG:
            (length,), head = struct.unpack_from(order + "I", data, start + 8), 12
        else:
            return
        yield group, element, start + head, length
        if length == UNDEFINED:
            return
        start += head + length


def _fits(data: bytes, start: int, is_implicit: bool, is_little: bool, few: int) -> bool:
    """Whether elements follow each other as in a data set: tags rise, lengths stay inside, and some identify it."""
    last, count, identifying = 0, 0, 0
    for group, element, where, length in _elements(data, start, is_implicit, is_little):
        tag = group << 16 | element
        if tag <= last or (count == 0 and group != 8):
            break
        if length != UNDEFINED and where + length > len(data) and tag < 0x7FE00000:
            break
        last, count = tag, count + 1
        identifying += tag in IDENTIFYING
        if tag in (0x00080016, 0x00080018) and not re.fullmatch(rb"[0-9.]*[ \0]*", data[where : where + length]):
            return False
        if count >= (FEW if few > 1 else few):
            break
    return count >= few and (few == 1 or identifying >= 1)
