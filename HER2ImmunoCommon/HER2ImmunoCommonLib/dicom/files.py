"""One DICOM file: its header as pydicom's data set, or why it is no image that can be read."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from . import left_out, values
from .decoding import expand, is_compressed, n_bytes
from .elements import UNREADABLE
from .encoding import DEFLATED, EXPLICIT_LITTLE, UNDEFINED, Encoding, encoding_of
from .header import header_class
from .left_out import LeftOut, has_other_name
from .quiet import quiet

if TYPE_CHECKING:
    from pydicom import Dataset

HEAD = 2**17
"""Bytes that are read first; most headers are in them."""
LARGEST_DEFLATED = 2**31
PIXELS = {0x7FE00008: "FloatPixelData", 0x7FE00009: "DoubleFloatPixelData", 0x7FE00010: "PixelData"}


def read_image(path: Path, *, pixels: bool) -> Dataset | LeftOut:
    """The header of a DICOM image, or why the file is none.

    Parameters
    ----------
    path : Path
    pixels : bool
        Keep the pixels in the header, expanded where they are compressed and can be.

    Returns
    -------
    pydicom.Dataset or LeftOut
        `.filename` names the file and `.file_meta.TransferSyntaxUID` how its pixels are written.
    """
    try:
        with path.open("rb") as stream:
            return _read(stream, path, path.stat().st_size, pixels)
    except OSError as error:
        why = left_out.CLOSED if isinstance(error, PermissionError) else left_out.DAMAGED
        return LeftOut(path, why)


def _read(stream: BinaryIO, path: Path, size: int, pixels: bool) -> Dataset | LeftOut:
    head = stream.read(HEAD)
    encoding = encoding_of(head)
    if encoding is None:
        return LeftOut(path, _kind(path, head))
    if encoding.syntax == DEFLATED:
        head = _inflated(head + stream.read(), encoding.start)
        if head is None:
            return LeftOut(path, left_out.CUT)
        stream, size, encoding = io.BytesIO(head), len(head), Encoding(0, False, True, EXPLICIT_LITTLE)
    header, stop = _header(head, encoding, path)
    if header is not None and stop is None and size > len(head):
        stream.seek(0)
        header, stop = _header(stream.read(), encoding, path)
    if header is None:
        return LeftOut(path, left_out.DAMAGED)
    return _judged(header, stop, stream, size, path, pixels)


def _kind(path: Path, head: bytes) -> str:
    """What a file is that is not DICOM."""
    if has_other_name(path):
        return left_out.OTHER
    if not head.strip(b"\0"):
        return left_out.EMPTY
    is_text = all(byte >= 32 or byte in b"\t\r\n\f" for byte in head[:1024]) and b"\xff" not in head[:1024]
    return left_out.OTHER if is_text else left_out.UNKNOWN


def _inflated(data: bytes, start: int) -> bytes | None:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = engine.decompress(data[start:], LARGEST_DEFLATED)
    except zlib.error:
        return None
    return found if engine.eof else None


def _header(data: bytes, encoding: Encoding, path: Path) -> tuple[Dataset | None, int | None]:
    """The elements before the pixels, and the byte where these begin; None where they do not come."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.errors import BytesLengthException, InvalidDicomError
    from pydicom.filereader import read_dataset
    from pydicom.uid import UID

    stream = io.BytesIO(data)
    stream.seek(encoding.start)
    stopped = []

    def at_pixels(tag: int, vr: str | None, length: int) -> bool:
        if int(tag) in PIXELS:
            stopped.append(int(tag))
        return bool(stopped)

    try:
        with quiet():
            elements = read_dataset(stream, encoding.is_implicit, encoding.is_little, stop_when=at_pixels)
            meta = FileMetaDataset()
            meta.TransferSyntaxUID = UID(encoding.syntax)
            header = header_class()(str(path), elements, None, meta, encoding.is_implicit, encoding.is_little)
            header.set_original_encoding(encoding.is_implicit, encoding.is_little, elements.original_character_set)
    except (*UNREADABLE, BytesLengthException, InvalidDicomError):
        return None, None
    return header, stream.tell() if stopped else None


def _judged(
    header: Dataset, stop: int | None, stream: BinaryIO, size: int, path: Path, pixels: bool
) -> Dataset | LeftOut:
    """The header of an image that is whole, or why it is none."""
    if "DirectoryRecordSequence" in header:
        return LeftOut(path, left_out.DIRECTORY)
    if stop is None or "Rows" not in header or "Columns" not in header:
        why = left_out.CUT if _is_image(header) or _ends_early(header) else left_out.NO_IMAGE
        return _left_out(path, why, header)
    stream.seek(stop)
    start, length = _pixel_place(header, stream, stop)
    if not _is_complete(header, stream, start, length, size):
        return _left_out(path, left_out.CUT, header)
    if pixels:
        stream.seek(stop)
        _keep_pixels(header, stream.read())
    return header


def _is_image(header: Dataset) -> bool:
    """Whether an object is of a class of images, so that pixels should be there."""
    from pydicom.uid import UID

    with quiet():
        return "Image Storage" in UID(values.text(header, "SOPClassUID")).name


def _ends_early(header: Dataset) -> bool:
    """Whether the last element of a file is shorter than it should be, or the file ends before it says what it is."""
    if not values.has(header, "SOPClassUID") and not values.has(header, "Modality"):
        return True
    last = header.get_item(max(header.keys()), keep_deferred=True)
    length, value = getattr(last, "length", 0), last.value
    return isinstance(value, bytes) and length not in (len(value), UNDEFINED)


def _left_out(path: Path, why: str, header: Dataset) -> LeftOut:
    return LeftOut(path, why, *(values.text(header, keyword) for keyword in ("SeriesInstanceUID", "Modality")))


def _pixel_place(header: Dataset, stream: BinaryIO, stop: int) -> tuple[int, int]:
    """Where the value of the pixel element begins, and its length."""
    implicit, little = header.original_encoding
    head = stream.read(12)
    if implicit:
        return stop + 8, struct.unpack(f"{'<' if little else '>'}I", head[4:8].ljust(4, b"\0"))[0]
    return stop + 12, struct.unpack(f"{'<' if little else '>'}I", head[8:12].ljust(4, b"\0"))[0]


def _is_complete(header: Dataset, stream: BinaryIO, start: int, length: int, size: int) -> bool:
    """Whether the file goes on, after its header, for as long as the header says."""
    if not is_compressed(header):
        return size - start >= max(n_bytes(header), 0 if length == UNDEFINED else length)
    if length != UNDEFINED:
        return size - start >= length
    while start + 8 <= size:
        stream.seek(start)
        group, element, length = struct.unpack("<HHI", stream.read(8))
        if (group, element) == (0xFFFE, 0xE0DD):
            return True
        if (group, element) != (0xFFFE, 0xE000):
            return False
        start += 8 + length
    return False


def _keep_pixels(header: Dataset, data: bytes) -> None:
    """Add the pixels, and what comes after them, to the header."""
    from pydicom.filereader import read_dataset

    with quiet():
        header.update(read_dataset(io.BytesIO(data), *header.original_encoding))
    if is_compressed(header):
        expand(header)
