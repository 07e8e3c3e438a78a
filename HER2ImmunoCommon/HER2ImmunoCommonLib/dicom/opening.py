"""Opening DICOM files: their headers, sorted into series."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..progress import Report, tell
from . import values
from .files import read_image
from .left_out import LeftOut, nothing_readable
from .series import Series, series_of

if TYPE_CHECKING:
    from pydicom import Dataset


def scan(
    source: str | Path | Iterable[str | Path], *, pixels: bool = False, report: Report | None = None
) -> list[Series]:
    """Read the headers of a folder (with its sub-folders), a file or a list of files, sorted into series.

    Parameters
    ----------
    source : path or iterable of paths
    pixels : bool
        Keep the pixels in the headers, expanded where they are compressed, so that `stored_values` need not open each
        file again.
    report : Report, optional

    Returns
    -------
    list of Series, by series number
        Each with the files that could not be read, for `file_warnings`.

    Raises
    ------
    InputError
        If there is no DICOM image, saying what there is; if an instance occurs twice.
    """
    files = _files(source)
    groups: dict[tuple[str, ...], list[Dataset]] = {}
    left_out: list[LeftOut] = []
    for index, path in enumerate(files):
        tell(report, index / len(files), f"Reading DICOM header {index + 1} of {len(files)}")
        found = read_image(path, pixels=pixels)
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            groups.setdefault(_series_key(found, path), []).append(found)
    if not groups:
        raise nothing_readable(_where(source), left_out)
    found = [series_of(group, tuple(left_out)) for group in groups.values()]
    return sorted(found, key=lambda series: (series.number is None, series.number or 0, series.uid))


def _series_key(header: Dataset, path: Path) -> tuple[str, ...]:
    """What the images of a series share: its UID, else its folder, number and name."""
    uid = values.text(header, "SeriesInstanceUID")
    if uid:
        return (uid,)
    others = ("StudyInstanceUID", "SeriesNumber", "SeriesDescription")
    return (str(path.parent), *(values.text(header, keyword) for keyword in others))


def _where(source: str | Path | Iterable[str | Path]) -> str:
    return str(source) if isinstance(source, (str, Path)) else "The list of files"


def _files(source: str | Path | Iterable[str | Path]) -> list[Path]:
    if not isinstance(source, (str, Path)):
        files = [Path(path) for path in source]
    elif Path(source).is_dir():
        files = _files_in(Path(source))
    else:
        files = [Path(source)]
    for path in files:
        if not path.is_file():
            raise InputError(f"{path} does not exist; choose a folder or file with DICOM images.")
    return files


def _files_in(folder: Path) -> list[Path]:
    """The files of a folder and its sub-folders; one that cannot be opened is not passed over."""

    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename} cannot be opened ({error.strerror}); allow it or choose another folder.")

    names = ((root, name) for root, _, found in os.walk(folder, onerror=refuse) for name in found)
    paths = (Path(root, name) for root, name in names if not name.startswith("."))
    return sorted(path for path in paths if path.is_file())
