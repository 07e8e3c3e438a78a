"""Seeded mutations of DICOM files, as scanners, archives, de-identification and bad copies make them.

A mutator takes the bytes of a file and a `random.Random` and gives other bytes. Mutations of elements keep the file
whole around them, so that they reach the code behind the reader.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

Mutator = Callable[[bytes, random.Random], bytes]

LONG = (b"OB", b"OW", b"OF", b"OD", b"SQ", b"UN", b"UT", b"UC", b"UR")
VRS = (b"DS", b"IS", b"US", b"SS", b"FD", b"FL", b"LO", b"UI", b"TM", b"DA", b"SQ", b"UN", b"ZZ", b"OB", b"\0\0")
VALUES = (
    *(
        b"",
        b" ",
        b"\0\0",
        b"abc ",
        b"nan ",
        b"inf ",
        b"-1",
        b"0 ",
        b"1e999 ",
        b"1e38",
        b"-1e-300 ",
        b"7,9 ",
        b"1\\2\\3 ",
    ),
    *(b"1\\2", b"\\", b"9" * 40, b"1_0 ", b"999999", b"\xff\xfe\x00", b"\x1b$B\x1b(", b"20240230", b"000000", b"2561"),
    *(
        b"99991231235959.999999+9900",
        b"00010101000000",
        b"\xc3\xa4",
        b"1.2.3.",
        b"2",
        b"3 ",
        b"16",
        b"65536 ",
        b"-32768",
    ),
    *(struct.pack("<d", float("nan")), struct.pack("<H", 65535), struct.pack("<f", 1e38), b"A" * 70000),
)
"""What is put in place of a value: empty, no number, out of range, several, other types, other alphabets."""


def elements(data: bytes) -> list[tuple[int, int, int]]:
    """Place of each element of an explicit little endian file: its tag, its value and its end; nested ones too."""
    found, at = [], 132
    while at + 12 <= len(data):
        vr, is_item = data[at + 4 : at + 6], data[at : at + 2] == b"\xfe\xff"
        if is_item:
            at += 8
            continue
        head = 12 if vr in LONG else 8
        (length,) = struct.unpack_from("<I" if head == 12 else "<H", data, at + head - (4 if head == 12 else 2))
        end = at + head + (0 if length == 0xFFFFFFFF else length)
        if end > len(data) or not vr.isalpha():
            break
        found.append((at, at + head, end))
        at = at + head if vr == b"SQ" else end
    return found


def _inside(data: bytes, rng: random.Random) -> tuple[int, int, int]:
    """An element of the data set, not one of the pixels."""
    return rng.choice([one for one in elements(data)[5:] if data[one[0] : one[0] + 2] != b"\xe0\x7f"])


def _with_value(data: bytes, place: tuple[int, int, int], value: bytes) -> bytes:
    tag, _, end = place
    value += b" " * (len(value) % 2)
    if data[tag + 4 : tag + 6] in LONG:
        head = data[tag : tag + 8] + struct.pack("<I", len(value))
    else:
        value = value[:65534]
        head = data[tag : tag + 6] + struct.pack("<H", len(value))
    return data[:tag] + head + value + data[end:]


def other_value(data: bytes, rng: random.Random) -> bytes:
    """An element with another value."""
    return _with_value(data, _inside(data, rng), rng.choice(VALUES))


def other_vr(data: bytes, rng: random.Random) -> bytes:
    """An element with another VR over the same bytes."""
    tag, _, _ = _inside(data, rng)
    return data[: tag + 4] + rng.choice(VRS) + data[tag + 6 :]


def other_length(data: bytes, rng: random.Random) -> bytes:
    """An element with another length over the same bytes."""
    tag, start, _ = _inside(data, rng)
    where, code, top = (start - 4, "<I", 2**32 - 1) if start - tag == 12 else (start - 2, "<H", 2**16 - 1)
    length = rng.choice((0, 1, 3, 7, top, top - 1, rng.randrange(200)))
    return data[:where] + struct.pack(code, length) + data[where + struct.calcsize(code) :]


def without_an_element(data: bytes, rng: random.Random) -> bytes:
    tag, _, end = _inside(data, rng)
    return data[:tag] + data[end:]


def twice_an_element(data: bytes, rng: random.Random) -> bytes:
    tag, _, end = _inside(data, rng)
    return data[:end] + data[tag:end] + data[end:]


def swapped_values(data: bytes, rng: random.Random) -> bytes:
    """The value of one element in another."""
    _, start, end = _inside(data, rng)
    return _with_value(data, _inside(data, rng), data[start:end])


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def flipped(data: bytes, rng: random.Random) -> bytes:
    """A few bytes of the header changed."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(128, len(data))] = rng.randrange(256)
    return bytes(changed)


def without_preamble(data: bytes, rng: random.Random) -> bytes:
    return data[rng.choice((1, 64, 128, 132)) :]


def garbage(data: bytes, rng: random.Random) -> bytes:
    return rng.choice((b"", bytes(400), rng.randbytes(400), data[:132] + rng.randbytes(400), data[::-1]))


MUTATORS: Sequence[Mutator] = (
    *(other_value,) * 6,
    *(other_vr, other_length, without_an_element, swapped_values) * 2,
    *(twice_an_element, truncated, flipped, without_preamble, garbage),
)
"""Each as often as it is chosen."""


def mutated_files(files: Sequence[Path], rng: random.Random) -> str:
    """Change one file, some or all of a folder in one way; what was done, to tell where it fails."""
    mutator, seed = rng.choice(MUTATORS), rng.randrange(2**32)
    chosen = rng.choice((files, rng.sample(list(files), 1), rng.sample(list(files), max(1, len(files) // 2))))
    for path in chosen:
        # The same seed for each file: a fault of a writer is in all of them.
        path.write_bytes(mutator(path.read_bytes(), random.Random(seed)))
    return f"{mutator.__name__} in {len(chosen)} of {len(files)} files"
