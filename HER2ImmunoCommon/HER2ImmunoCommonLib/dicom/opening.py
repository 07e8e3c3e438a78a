"""Opening DICOM files: their headers, sorted into series."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..progress import Report, tell
from .series import Series, series_of

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID


def scan(
    source: str | Path | Iterable[str | Path], *, pixels: bool = False, report: Report | None = None
) -> list[Series]:
    """Read the headers of a folder (with its sub-folders), a file or a list of files, sorted into series.

    Parameters
    ----------
    source : path or iterable of paths
    pixels : bool
        Keep the pixels in the headers, so that `stored_values` need not open each file again.
    report : Report, optional

    Returns
    -------
    list of Series, by series number

    Raises
    ------
    InputError
        If there is no DICOM image, a file is truncated, or an instance occurs twice.
    """
    files = _files(source)
    groups: dict[str, list[Dataset]] = {}
    for index, path in enumerate(files):
        tell(report, index / len(files), f"Reading DICOM header {index + 1} of {len(files)}")
        header = _read_header(path, pixels)
        if header is not None:
            groups.setdefault(str(header.SeriesInstanceUID), []).append(header)
    if not groups:
        raise InputError(f"{_where(source)} holds no DICOM image; choose the folder of the examination.")
    return sorted((series_of(group) for group in groups.values()), key=lambda s: (s.number is None, s.number, s.uid))


def _where(source: str | Path | Iterable[str | Path]) -> str:
    return str(source) if isinstance(source, (str, Path)) else "The list of files"


def _files(source: str | Path | Iterable[str | Path]) -> list[Path]:
    if not isinstance(source, (str, Path)):
        files = [Path(path) for path in source]
    elif Path(source).is_dir():
        files = sorted(path for path in Path(source).rglob("*") if path.is_file() and not path.name.startswith("."))
    else:
        files = [Path(source)]
    for path in files:
        if not path.is_file():
            raise InputError(f"{path} does not exist; choose a folder or file with DICOM images.")
    return files


def _read_header(path: Path, pixels: bool) -> Dataset | None:
    """The header of a DICOM image, or None where the file is something else."""
    import pydicom
    from pydicom.errors import InvalidDicomError
    from pydicom.filereader import read_dataset

    try:
        with path.open("rb") as stream:
            header = pydicom.dcmread(stream, stop_before_pixels=True)
            complete = _is_complete(header, path.stat().st_size - stream.tell())
            if pixels and complete and _is_plain(syntax := header.file_meta.TransferSyntaxUID):
                header.update(read_dataset(stream, syntax.is_implicit_VR, syntax.is_little_endian))
    except InvalidDicomError:
        return None
    except (EOFError, OSError, ValueError, KeyError, NotImplementedError) as error:
        raise InputError(f"{path} could not be read as DICOM ({error}); copy it from the archive again.") from error
    if getattr(header.file_meta, "MediaStorageSOPClassUID", "") == "1.2.840.10008.1.3.10":
        return None  # DICOMDIR
    if not complete:
        raise InputError(f"{path} is truncated; copy it from the archive again.")
    return header if "Rows" in header else None


def _is_plain(syntax: UID) -> bool:
    """Whether the file holds its pixels as they are, number after number."""
    return not (syntax.is_compressed or syntax.is_deflated)


def _is_complete(header: Dataset, bytes_left: int) -> bool:
    """Whether the file goes on, after its header, for as long as the header says."""
    if "SOPInstanceUID" not in header or "SeriesInstanceUID" not in header:
        return "DirectoryRecordSequence" in header
    if "Rows" not in header or not _is_plain(header.file_meta.TransferSyntaxUID):
        return True
    n_values = (
        int(header.Rows)
        * int(header.Columns)
        * int(header.get("SamplesPerPixel", 1) or 1)
        * int(header.get("NumberOfFrames", 1) or 1)
    )
    pixel_header = 8 if header.file_meta.TransferSyntaxUID.is_implicit_VR else 12
    return bytes_left >= pixel_header + n_values * int(header.BitsAllocated) // 8
