"""DICOM headers sorted into series, slices stacked into volumes, dates and times as numbers.

`pydicom` is imported inside functions, so that Slicer starts without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .errors import InputError
from .geometry import LPS_FROM_RAS, Volume
from .progress import Report, tell

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

SPACING_TOLERANCE = 0.1
"""Largest difference of a slice gap from the median, as a fraction: the joints of PET beds are off by a few percent."""
ORIENTATION_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Series:
    """The instances of one DICOM series, headers only.

    Attributes
    ----------
    headers : tuple of pydicom.Dataset
        Without pixels unless asked for; `.filename` names the file. In the order of InstanceNumber.
    """

    uid: str
    study_uid: str
    patient_id: str
    modality: str
    description: str
    number: int | None
    headers: tuple[Dataset, ...]

    @property
    def name(self) -> str:
        """How a message calls the series."""
        return f"series {self.number if self.number is not None else '?'} '{self.description or self.modality}'"


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
    return sorted((_series(group) for group in groups.values()), key=lambda s: (s.number is None, s.number, s.uid))


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


def _series(headers: list[Dataset]) -> Series:
    seen: dict[str, Dataset] = {}
    for header in headers:
        twin = seen.setdefault(str(header.SOPInstanceUID), header)
        if twin is not header:
            raise InputError(
                f"{Path(header.filename).name} and {Path(twin.filename).name} are the same DICOM instance; keep one."
            )
    headers = sorted(headers, key=lambda header: (int(header.get("InstanceNumber") or 0), str(header.filename)))
    first = headers[0]
    number = first.get("SeriesNumber")
    return Series(
        uid=str(first.SeriesInstanceUID),
        study_uid=str(first.get("StudyInstanceUID", "")),
        patient_id=str(first.get("PatientID", "")),
        modality=str(first.get("Modality", "")),
        description=str(first.get("SeriesDescription", "")),
        number=None if number in (None, "") else int(number),
        headers=tuple(headers),
    )


def one_study(series: Sequence[Series], where: str) -> list[Series]:
    """The series, which must be of one study of one patient.

    Raises
    ------
    InputError
        Naming the studies or patients found.
    """
    for attribute, noun in (("patient_id", "patients"), ("study_uid", "studies")):
        found = sorted({getattr(entry, attribute) for entry in series})
        if len(found) > 1:
            raise InputError(
                f"{where} mixes {len(found)} {noun} ({', '.join(found)}); put one examination in a folder of its own."
            )
    return list(series)


def order_slices(headers: Sequence[Dataset]) -> tuple[list[Dataset], np.ndarray]:
    """Sort single-frame slices along their normal.

    Parameters
    ----------
    headers : sequence of pydicom.Dataset
        One header a slice of one volume.

    Returns
    -------
    list of pydicom.Dataset
        From the first to the last k.
    ndarray, shape (4, 4)
        Voxel index (i, j, k, 1) to RAS in mm. The spacing of a single slice is SpacingBetweenSlices, else
        SliceThickness, else 1 mm.

    Raises
    ------
    InputError
        If a tag of the geometry is missing, slices differ in orientation or size, or one is missing or doubled.
    """
    for header in headers:
        for tag in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "Rows", "Columns"):
            if header.get(tag) in (None, ""):
                raise InputError(f"{Path(header.filename).name} has no {tag}, so its place in the patient is unknown.")
    first = headers[0]
    row, column = np.reshape(np.asarray(first.ImageOrientationPatient, float), (2, 3))
    normal = np.cross(row, column)
    _check_alike(headers)
    positions = np.array([[float(x) for x in header.ImagePositionPatient] for header in headers])
    order = np.argsort(positions @ normal, kind="stable")
    headers, positions = [headers[index] for index in order], positions[order]
    step = _slice_step(headers, positions, normal)
    spacing_j, spacing_i = (float(x) for x in first.PixelSpacing)
    ijk_to_lps = np.eye(4)
    ijk_to_lps[:3, :4] = np.column_stack([row * spacing_i, column * spacing_j, step, positions[0]])
    return headers, LPS_FROM_RAS @ ijk_to_lps


def _check_alike(headers: Sequence[Dataset]) -> None:
    first = headers[0]
    for header in headers[1:]:
        for tag in ("ImageOrientationPatient", "PixelSpacing", "Rows", "Columns"):
            if not np.allclose(
                np.asarray(header[tag].value, float), np.asarray(first[tag].value, float), atol=ORIENTATION_TOLERANCE
            ):
                raise InputError(
                    f"{Path(header.filename).name} has another {tag} than {Path(first.filename).name}; "
                    "keep slices of one volume together."
                )


def _slice_step(headers: Sequence[Dataset], positions: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Vector from one slice to the next in mm (LPS)."""
    first = headers[0]
    if len(headers) == 1:
        return normal * float(first.get("SpacingBetweenSlices") or first.get("SliceThickness") or 1.0)
    gaps = np.diff(positions @ normal)
    spacing = float(np.median(gaps))
    tolerance = max(SPACING_TOLERANCE * spacing, 0.01)
    doubled = np.flatnonzero(gaps < tolerance)
    if doubled.size:
        a, b = (Path(headers[doubled[0] + offset].filename).name for offset in (0, 1))
        raise InputError(f"{a} and {b} are at the same slice position; keep one volume's slices together.")
    uneven = np.flatnonzero(np.abs(gaps - spacing) > tolerance)
    if uneven.size:
        a, b = (Path(headers[uneven[0] + offset].filename).name for offset in (0, 1))
        raise InputError(
            f"A slice is missing between {a} and {b} (gap {gaps[uneven[0]]:.2f} mm, elsewhere {spacing:.2f} mm); "
            "copy the whole series."
        )
    return (positions[-1] - positions[0]) / (len(headers) - 1)


def stored_values(header: Dataset) -> np.ndarray:
    """Pixels of the file behind `header` with its rescale slope and intercept applied, float32 (rows, columns).

    Raises
    ------
    InputError
        If the pixels cannot be read, naming the file.
    """
    import pydicom

    path = Path(header.filename)
    try:
        dataset = header if "PixelData" in header else pydicom.dcmread(path)
        pixels = dataset.pixel_array
    except FileNotFoundError:
        raise InputError(f"{path} is no longer there; put it back or load the examination again.") from None
    except (AttributeError, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"The pixels of {path.name} could not be read ({error}); copy it again.") from error
    slope = float(dataset.get("RescaleSlope", 1) or 1)
    intercept = float(dataset.get("RescaleIntercept", 0) or 0)
    return (pixels * slope + intercept).astype(np.float32)


def load_volume(headers: Sequence[Dataset], *, report: Report | None = None) -> Volume:
    """The volume of single-frame slices, each with its own rescale applied.

    Raises
    ------
    InputError
        As `order_slices` and `stored_values`.
    """
    headers, ijk_to_ras = order_slices(headers)
    array = np.empty((len(headers), int(headers[0].Rows), int(headers[0].Columns)), np.float32)
    for k, header in enumerate(headers):
        tell(report, k / len(headers), f"Reading slice {k + 1} of {len(headers)}")
        array[k] = stored_values(header)
    return Volume(array, ijk_to_ras)


def time_of_day_s(text: str) -> float | None:
    """Seconds after midnight of a DICOM TM (HH, HHMM, HHMMSS, fraction; colons and zone suffix accepted).

    None where the value is empty or not a time.
    """
    match = re.fullmatch(
        r"(\d{2})(?::?(\d{2})(?::?(\d{2})(\.\d+)?)?)?(?:[+-]\d{4})?", str(text or "").strip().strip("\0")
    )
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour * 3600 + minute * 60 + second + float(match.group(4) or 0)


def date_of(text: str) -> date | None:
    """Day of a DICOM DA; None where the value is empty or not a date."""
    match = re.fullmatch(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})", str(text or "").strip().strip("\0"))
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def datetime_of(text: str) -> datetime | None:
    """Moment of a DICOM DT, aware only where it has a zone; None where the value is empty, has no hour or is no DT."""
    text = str(text or "").strip().strip("\0")
    zone_match = re.search(r"([+-])(\d{2})(\d{2})$", text[8:])
    day, seconds = date_of(text[:8]), time_of_day_s(text[8:])
    if day is None or seconds is None:
        return None
    zone = None
    if zone_match:
        sign, hours, minutes = zone_match.groups()
        zone = timezone((1 if sign == "+" else -1) * timedelta(hours=int(hours), minutes=int(minutes)))
    return moment(day, seconds).replace(tzinfo=zone)


def moment(day: date, seconds: float) -> datetime:
    """Date and time of day as one moment, to the microsecond."""
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
