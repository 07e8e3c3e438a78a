"""The text of a file that a person or another program wrote, whatever its encoding."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; that of UTF-32 begins with that of UTF-16, so it stands before it."""
WORKBOOKS = ((b"PK\x03\x04", "a workbook or an archive"), (b"\xd0\xcf\x11\xe0", "a workbook"), (b"%PDF", "a PDF"))
"""First bytes of what is often named in the place of a text file."""
WINDOWS = "Windows-1252"
LARGEST_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Text:
    """Text of a file, and its encoding where it had to be guessed."""

    text: str
    guessed: str | None = None


def read_text(path: str | Path, what: str, *, kept_as: str) -> Text:
    """Read a text file in UTF-8, UTF-16, UTF-32 or, failing these, Windows-1252.

    Parameters
    ----------
    path : path
    what : str
        What the file is, for messages, such as "a measurement table (CSV)".
    kept_as : str
        What to save it as, such as "CSV in UTF-8".

    Raises
    ------
    InputError
        No such file, something else than a file, too large, or no text.
    """
    path = Path(path)
    data = _bytes(path, what)
    for start, kind in WORKBOOKS:
        if data.startswith(start):
            raise InputError(f"{path} is {kind}, not text; save it as {kept_as}.")
    found = _decoded(data)
    if found is None or "\0" in found.text:
        raise InputError(f"{path} could not be read as text (neither UTF-8 nor UTF-16); save it as {kept_as}.")
    return found


def _bytes(path: Path, what: str) -> bytes:
    try:
        if not path.exists():
            raise InputError(f"{path} cannot be read: it does not exist; name {what}.")
        if not path.is_file():
            raise InputError(f"{path} cannot be read: it is no file; name {what}.")
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise InputError(f"{path} has {size / 2**20:.0f} MiB, too much for {what}; name another file.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read ({reason}); name {what}.") from error


def _decoded(data: bytes) -> Text | None:
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), None) or _without_mark(data)
    for name in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            return Text(data.decode(name), WINDOWS if name == "cp1252" else None)
        except UnicodeDecodeError:
            continue
    return None


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of most letters is zero."""
    pairs = len(data) // 2
    if pairs < 2 or len(data) % 2:
        return None
    high, low = data[0::2].count(0), data[1::2].count(0)
    if low > 0.6 * pairs and high == 0:
        return "utf-16-le"
    return "utf-16-be" if high > 0.6 * pairs and low == 0 else None
