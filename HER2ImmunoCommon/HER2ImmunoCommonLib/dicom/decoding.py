"""Pixel data as the numbers a file stores, whether they are compressed or not."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from . import values
from .encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from .quiet import quiet

if TYPE_CHECKING:
    from pydicom import Dataset

COMPRESSED = {
    "1.2.840.10008.1.2.4.50": "JPEG baseline",
    "1.2.840.10008.1.2.4.51": "JPEG extended",
    "1.2.840.10008.1.2.4.57": "JPEG lossless",
    "1.2.840.10008.1.2.4.70": "JPEG lossless",
    "1.2.840.10008.1.2.4.80": "JPEG-LS lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS near-lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.5": "RLE",
}
"""What GDCM, inside SimpleITK, expands."""
PLAIN = {"", IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, "1.2.840.113619.5.2"}
LOSSY = {f"1.2.840.10008.1.2.4.{end}" for end in (50, 51, 81)}
WAY_ON = "export it uncompressed (Explicit VR Little Endian), or convert it with gdcmconv --raw or dcmdjpeg"
WHOLE_NUMBERS = {(8, 0): "u1", (8, 1): "i1", (16, 0): "u2", (16, 1): "i2", (32, 0): "u4", (32, 1): "i4"}
"""Type of the pixels by BitsAllocated and PixelRepresentation."""
FLOATS = {"FloatPixelData": "f4", "DoubleFloatPixelData": "f8"}
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
LARGEST_SIDE = 2**15


@dataclass(frozen=True)
class Layout:
    """Shape of the pixels of a file; `code` is their type for numpy, without the byte order."""

    n_frames: int
    rows: int
    columns: int
    code: str

    @property
    def n_bytes(self) -> int:
        return self.n_frames * self.rows * self.columns * int(self.code[1:])


def syntax_of(header: Dataset) -> str:
    """UID of the transfer syntax; empty where the header was not read from a file."""
    meta = getattr(header, "file_meta", None)
    return "" if meta is None else values.text(meta, "TransferSyntaxUID")


def is_compressed(header: Dataset) -> bool:
    """Whether the pixels are in fragments of a compressed stream."""
    return syntax_of(header) not in PLAIN


def is_lossy(header: Dataset) -> bool:
    """Whether compression has changed the pixels, now or before."""
    return syntax_of(header) in LOSSY or values.text(header, "LossyImageCompression").startswith("01")


def layout(header: Dataset, element: str = "PixelData") -> Layout:
    """What the pixels of a file are.

    Raises
    ------
    InputError
        If they are no grey values of 8, 16 or 32 bits, or the header does not tell.
    """
    name = Path(header.filename).name
    rows, columns = (_side(header, keyword) for keyword in ("Rows", "Columns"))
    samples, colour = values.whole(header, "SamplesPerPixel"), values.text(header, "PhotometricInterpretation")
    if (samples or 1) != 1 or (colour and not colour.startswith("MONOCHROME")):
        what = values.shown(colour) or f"{samples} samples a pixel"
        raise InputError(f"{name} is a colour picture ({what}), not an image to measure.")
    n_frames = values.whole(header, "NumberOfFrames") or 1
    if n_frames < 1:
        raise InputError(f"{values.named(header, 'NumberOfFrames')} is {n_frames}; correct the file.")
    if element in FLOATS:
        return Layout(n_frames, rows, columns, FLOATS[element])
    bits, signed = values.whole(header, "BitsAllocated"), values.whole(header, "PixelRepresentation")
    if (bits, signed) not in WHOLE_NUMBERS:
        raise InputError(
            f"{name} has pixels that cannot be read (BitsAllocated {_or_none(bits)}, PixelRepresentation "
            f"{_or_none(signed)}): it takes 8, 16 or 32 bits, and 0 or 1; export it again."
        )
    stored = values.whole(header, "BitsStored")
    if stored is not None and not 0 < stored <= bits:
        raise InputError(f"{values.named(header, 'BitsStored')} is {stored} of {bits} bits; export it again.")
    return Layout(n_frames, rows, columns, WHOLE_NUMBERS[bits, signed])


def _or_none(value: int | None) -> str:
    return "missing" if value is None else str(value)


def _side(header: Dataset, keyword: str) -> int:
    found = values.whole(header, keyword)
    if found is None or not 0 < found <= LARGEST_SIDE:
        raise InputError(f"{values.named(header, keyword)} is {_or_none(found)}, which no image has; correct the file.")
    return found


def stored_numbers(header: Dataset) -> np.ndarray:
    """The stored pixels of a header that has them, without rescale, shape (frames, rows, columns).

    Raises
    ------
    InputError
        If there are none, they are fewer or more than the header says, or compressed in a way that is not read here.
    """
    name = Path(header.filename).name
    element = next((word for word in ("PixelData", *FLOATS) if word in header), None)
    if element is None:
        raise InputError(f"{name} has no pixels; copy it from the archive again.")
    what = layout(header, element)
    if is_compressed(header):
        return _expanded(header, what, name)
    found = header.get_item(element)
    data, little = found.value, getattr(found, "is_little_endian", syntax_of(header) != EXPLICIT_BIG)
    if not isinstance(data, bytes) or len(data) < what.n_bytes:
        raise InputError(f"{name} is truncated: it has fewer pixels than it says; copy it from the archive again.")
    if len(data) - what.n_bytes >= max(what.columns * int(what.code[1:]), 2):
        raise InputError(
            f"{name} has more pixels than Rows {what.rows}, Columns {what.columns} and NumberOfFrames {what.n_frames} "
            "tell; export it again."
        )
    if what.code[1:] == "1" and not little:
        data = np.frombuffer(data, "u2").byteswap().tobytes() if found.VR == "OW" else data
    array = np.frombuffer(data[: what.n_bytes], ("<" if little else ">") + what.code)
    return _without_overlays(header, array.reshape(what.n_frames, what.rows, what.columns))


def _without_overlays(header: Dataset, array: np.ndarray) -> np.ndarray:
    """The pixels without the drawings that older files keep in their unused high bits (60xx,0102)."""
    in_pixels = any(
        values.has(header, (group, 0x0102)) and not values.has(header, (group, 0x3000))
        for group in range(0x6000, 0x6020, 2)
    )
    if not in_pixels or array.dtype.kind == "f":
        return array
    bits, high = values.whole(header, "BitsStored"), values.whole(header, "HighBit")
    allocated = array.dtype.itemsize * 8
    if bits is None or high is None or not 0 < bits <= high + 1 <= allocated:
        raise InputError(f"{Path(header.filename).name}: BitsStored and HighBit do not go together; export it again.")
    array = array.astype(array.dtype.newbyteorder("="))
    return (array << (allocated - 1 - high)) >> (allocated - bits)


def expand(header: Dataset) -> None:
    """Put the expanded pixels into a header in place of compressed ones; those that cannot be expanded stay."""
    from pydicom import DataElement
    from pydicom.uid import UID

    try:
        array = stored_numbers(header)
    except InputError:
        return  # said when the pixels are used: the file may be of a series that is not
    native = array.astype(array.dtype.newbyteorder("<")).tobytes()
    header["PixelData"] = DataElement(0x7FE00010, "OW", native)
    header.file_meta.TransferSyntaxUID = UID(EXPLICIT_LITTLE)


def _expanded(header: Dataset, what: Layout, name: str) -> np.ndarray:
    """Compressed pixels, by way of a file that has nothing else, so that no rescale is applied and none is lost."""
    import SimpleITK as sitk

    syntax = syntax_of(header)
    how = COMPRESSED.get(syntax)
    if how is None:
        raise InputError(f"{name} is compressed ({_syntax_name(syntax)}), which cannot be read here; {WAY_ON}.")
    broken = f"{name} is compressed ({how}) and its pixels could not be expanded; {WAY_ON}."
    shown = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pixels.dcm"
            _write_pixels_alone(header, what, syntax, path)
            array = sitk.GetArrayFromImage(sitk.ReadImage(str(path), imageIO="GDCMImageIO"))
    except (RuntimeError, ValueError) as error:
        raise InputError(broken) from error
    except OSError as error:
        room = f"no file could be written to {tempfile.gettempdir()} to expand it ({error.strerror})"
        raise InputError(f"{name} is compressed ({how}) and {room}; make room there.") from error
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shown)
    array = array.reshape(-1, *array.shape[-2:])
    if array.shape != (what.n_frames, what.rows, what.columns) or array.dtype.kind not in "ui":
        raise InputError(broken)
    found = array.astype(what.code)
    if not np.array_equal(found, array):
        raise InputError(broken)
    return found


def _write_pixels_alone(header: Dataset, what: Layout, syntax: str, path: Path) -> None:
    from pydicom import DataElement
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, generate_uid

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(syntax)
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(SECONDARY_CAPTURE), generate_uid()
    alone = FileDataset(str(path), {}, None, meta)
    alone.SOPClassUID, alone.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    alone.SamplesPerPixel, alone.PhotometricInterpretation = 1, "MONOCHROME2"
    alone.Rows, alone.Columns = what.rows, what.columns
    if what.n_frames > 1:
        alone.NumberOfFrames = what.n_frames
    bits = 8 * int(what.code[1:])
    stored = values.whole(header, "BitsStored") or bits
    alone.BitsAllocated, alone.BitsStored, alone.HighBit = bits, stored, stored - 1
    alone.PixelRepresentation = int(what.code[0] == "i")
    with quiet():
        alone["PixelData"] = DataElement(0x7FE00010, "OB", header.get_item("PixelData").value, is_undefined_length=True)
        alone.save_as(path, enforce_file_format=True)


def _syntax_name(uid: str) -> str:
    from pydicom.uid import UID

    with quiet():
        return UID(uid).name[:64]


def n_bytes(header: Dataset) -> int:
    """Bytes that the pixels of a file take uncompressed; 0 where its header does not tell.

    What is wrong with the header is said when the pixels are read.
    """
    try:
        return layout(header).n_bytes
    except InputError:
        return 0
