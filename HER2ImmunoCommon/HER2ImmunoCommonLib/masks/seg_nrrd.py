"""The header of an NRRD file: whether it says where it lies, and the segments that 3D Slicer writes into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LONGEST_HEADER = 4_000_000


@dataclass(frozen=True)
class Entry:
    """A segment of the header: its name, and the layer and value of its voxels."""

    name: str
    layer: int
    label: int


@dataclass(frozen=True)
class Header:
    """What a mask needs of the header; of a file of another kind, nothing.

    Attributes
    ----------
    is_nrrd : bool
    has_place : bool
        Whether it names a space, an origin and directions.
    segments : tuple of Entry
    """

    is_nrrd: bool = False
    has_place: bool = False
    segments: tuple[Entry, ...] = ()


def read_header(path: Path) -> Header:
    """The header of a file; that of a file of another kind is empty."""
    with path.open("rb") as stream:
        if stream.read(4) != b"NRRD":
            return Header()
        text = re.split(rb"\r?\n\r?\n", stream.read(LONGEST_HEADER), maxsplit=1)[0].decode("utf-8", errors="replace")
    fields: dict[str, str] = {}
    keys: dict[str, str] = {}
    for line in text.splitlines()[1:]:
        if line.startswith("#"):
            continue
        key, is_key, value = line.partition(":=")
        if is_key and ": " not in key:
            keys[key.strip()] = value.strip()
            continue
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    has_space = "space" in fields or "space dimension" in fields
    has_place = has_space and "space origin" in fields and "space directions" in fields
    return Header(True, has_place, _segments(keys))


def _segments(keys: dict[str, str]) -> tuple[Entry, ...]:
    """Segments in the order of their numbers; older files have neither layer nor label, but a layer a segment."""
    numbers = sorted({int(found[1]) for key in keys if (found := re.fullmatch(r"Segment(\d+)_(?:ID|Name)", key))})
    return tuple(
        Entry(
            name=keys.get(f"Segment{n}_Name") or keys.get(f"Segment{n}_ID", ""),
            layer=_whole(keys.get(f"Segment{n}_Layer"), n),
            label=_whole(keys.get(f"Segment{n}_LabelValue"), 1),
        )
        for n in numbers
    )


def _whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,9}", text) else default
