"""Dynamic and variable flip angle images from DICOM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import Series, one_study, order_slices, scan, used_warnings
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Report, part

from .enhanced import is_multi_frame, split_frames
from .header_values import LONGEST_TR_IN_S, described, field_in_t, one_value, tr_in_s
from .pixels import load_frames
from .time_axis import TimeAxis, order_frames

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["LONGEST_TR_IN_S", "DynamicImages", "VfaImages", "read_dynamic", "read_vfa", "with_times"]

Source = str | Path | Iterable[str | Path]
SAME_POSITION_MM = 0.05


@dataclass(frozen=True, eq=False)
class DynamicImages:
    """A dynamic series with what its analysis needs.

    Attributes
    ----------
    series : TimeSeries
        Signal (k, j, i, t), float32.
    time_axis : TimeAxis
    tr_s, flip_deg, field_t : float or None
        None where the headers do not say.
    uids : dict of str to list of str
        `study` and `series`.
    warnings : tuple of str
    about : dict of str to str
        Names of the series, scanner and contrast agent, as the headers have them.
    """

    series: TimeSeries
    time_axis: TimeAxis
    tr_s: float | None
    flip_deg: float | None
    field_t: float | None
    uids: dict[str, list[str]]
    warnings: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class VfaImages:
    """Images of the same region at several flip angles.

    Attributes
    ----------
    signal : ndarray, shape (k, j, i, flip)
    ijk_to_ras : ndarray, shape (4, 4)
    flip_deg : ndarray, shape (flip,)
        Increasing.
    tr_s : float
    uids : dict of str to list of str
    warnings : tuple of str
    """

    signal: np.ndarray
    ijk_to_ras: np.ndarray
    flip_deg: np.ndarray
    tr_s: float
    uids: dict[str, list[str]]
    warnings: tuple[str, ...] = ()


def read_dynamic(
    source: Source, *, frame_interval_s: float | None = None, report: Report | None = None
) -> DynamicImages:
    """Read a dynamic series: all phases in one DICOM series, or one phase a series.

    Parameters
    ----------
    source : path or iterable of paths
        Folder, or several folders or files, of one examination.
    frame_interval_s : float, optional
        Used only when the headers have no usable time.
    report : Report, optional

    Raises
    ------
    InputError
        If there is no dynamic MR series or more than one, studies are mixed, a file is truncated, or a slice of a
        frame is missing or repeated.
    QuestionsError
        If the headers have no usable time.
    """
    where, found = _scan_mr(source, part(report, 0.0, 0.5))
    chosen, warnings = _choose(found, where)
    warnings = [*warnings, *used_warnings(chosen)]
    headers = [header for series in chosen for header in series.headers]
    stacks = _stacks(headers, where)
    _check_counts(stacks)
    stacks, axis = order_frames(stacks, n_series=len(chosen), frame_interval_s=frame_interval_s)
    first, ijk_to_ras = order_slices([stack[0] for stack in stacks])
    by_file = {id(stack[0]): stack for stack in stacks}
    stacks = [by_file[id(header)] for header in first]
    array, pixel_warnings = load_frames(stacks, part(report, 0.5, 1.0))
    tr_s, tr_warnings = tr_in_s(headers)
    field_t, field_warnings = field_in_t(headers[0])
    flip = one_value(headers, "FlipAngle")
    return DynamicImages(
        TimeSeries(array, ijk_to_ras, axis.time_s),
        axis,
        tr_s,
        flip,
        field_t,
        {"study": [chosen[0].study_uid], "series": [series.uid for series in chosen]},
        (*warnings, *axis.warnings, *tr_warnings, *field_warnings, *pixel_warnings),
        described(headers, _names(chosen)),
    )


def read_vfa(source: Source, *, report: Report | None = None) -> VfaImages:
    """Read images at several flip angles: one series a flip, or all in one series.

    Raises
    ------
    InputError
        If there are fewer than two flip angles, a slice is missing or repeated, or the images differ in TR.
    """
    where, found = _scan_mr(source, part(report, 0.0, 0.5))
    file_warnings = used_warnings(found)
    headers = [header for series in found for header in series.headers]
    by_flip: dict[float, list[Dataset]] = {}
    for header in headers:
        if header.get("FlipAngle") in (None, ""):
            raise InputError(f"{Path(header.filename).name} has no FlipAngle, so T1 cannot be measured from {where}.")
        by_flip.setdefault(float(header.FlipAngle), []).append(header)
    if len(by_flip) < 2:
        raise InputError(f"{where} has images at only one flip angle; T1 needs two or more.")
    sizes = {flip: len(group) for flip, group in by_flip.items()}
    if len(set(sizes.values())) > 1:
        raise InputError(f"{where} has {_listed(sizes)}; give each flip angle the same slices once.")
    flips = sorted(by_flip)
    ordered, grids = zip(*(order_slices(by_flip[flip]) for flip in flips), strict=True)
    if any(not np.allclose(grid, grids[0], atol=SAME_POSITION_MM) for grid in grids):
        raise InputError(f"The flip angles in {where} do not cover the same slices; choose images on one grid.")
    tr_s, warnings = tr_in_s(headers)
    if tr_s is None:
        raise InputError(f"The images in {where} have no RepetitionTime, or more than one; T1 needs one TR.")
    array, pixel_warnings = load_frames(list(zip(*ordered, strict=True)), part(report, 0.5, 1.0))
    uids = {"study": [found[0].study_uid], "series": [series.uid for series in found]}
    return VfaImages(array, grids[0], np.array(flips), tr_s, uids, (*file_warnings, *warnings, *pixel_warnings))


def _scan_mr(source: Source, report: Report | None) -> tuple[str, list[Series]]:
    where = str(source) if isinstance(source, (str, Path)) else "The list of folders"
    if not isinstance(source, (str, Path)):
        source = [file for entry in source for file in _files_of(Path(entry))]
    found = [series for series in scan(source, pixels=True, report=report) if series.modality == "MR"]
    if not found:
        raise InputError(f"{where} holds no MR image; choose the folder of the dynamic series.")
    return where, one_study([_single_frames(series) for series in found], where)


def _single_frames(series: Series) -> Series:
    """The series with the frames of multi-frame files as headers of their own."""
    if not any(is_multi_frame(header) for header in series.headers):
        return series
    split = [split_frames(header) if is_multi_frame(header) else [header] for header in series.headers]
    return replace(series, headers=tuple(header for frames in split for header in frames))


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    return [path]


def _choose(found: list[Series], where: str) -> tuple[list[Series], list[str]]:
    """The series that make up the dynamic: alike in grid, TR and flip angle, with the most images."""
    groups: dict[tuple, list[Series]] = {}
    for series in found:
        if "DERIVED" not in [str(word) for word in series.headers[0].get("ImageType", [])]:
            groups.setdefault(_kind(series), []).append(series)
    dynamic = [group for group in groups.values() if _n_phases(group) > 1]
    if not dynamic:
        raise InputError(f"{where} has no slice imaged more than once; choose the dynamic series with all its phases.")
    if len(dynamic) > 1:
        names = ", ".join(group[0].name for group in dynamic)
        raise InputError(f"{where} has more than one dynamic series ({names}); choose the folder or files of one.")
    left = [series.name for series in found if series not in dynamic[0]]
    told = [f"The frames come from {len(dynamic[0])} series: {_names(dynamic[0])}."] if len(dynamic[0]) > 1 else []
    return dynamic[0], [*told, f"Not used: {', '.join(left)}."] if left else told


def _names(group: list[Series]) -> str:
    """Names of a few series; of many the first and the last."""
    names = [series.name for series in group]
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} to {names[-1]}"


def _kind(series: Series) -> tuple:
    first = series.headers[0]
    orientation = tuple(round(float(x), 2) for x in first.get("ImageOrientationPatient") or ())
    spacing = tuple(round(float(x), 3) for x in first.get("PixelSpacing") or ())
    sequence = str(first.get("RepetitionTime")), str(first.get("FlipAngle"))
    return first.Rows, first.Columns, orientation, spacing, sequence


def _place(header: Dataset) -> tuple[float, ...]:
    return tuple(round(float(x), 1) for x in header.get("ImagePositionPatient") or ())


def _n_phases(group: list[Series]) -> int:
    return max(Counter(_place(header) for series in group for header in series.headers).values())


def _stacks(headers: Sequence[Dataset], where: str) -> list[list[Dataset]]:
    """Headers grouped by slice position."""
    for header in headers:
        for tag in ("ImageOrientationPatient", "ImagePositionPatient"):
            if header.get(tag) in (None, ""):
                raise InputError(f"{Path(header.filename).name} has no {tag}, so its place in the patient is unknown.")
    row, column = np.reshape(np.asarray(headers[0].ImageOrientationPatient, float), (2, 3))
    along = np.array([[float(x) for x in header.ImagePositionPatient] for header in headers]) @ np.cross(row, column)
    order = np.argsort(along, kind="stable")
    starts = np.concatenate([[0], 1 + np.flatnonzero(np.diff(along[order]) > SAME_POSITION_MM)])
    return [[headers[index] for index in group] for group in np.split(order, starts[1:])]


def _check_counts(stacks: list[list[Dataset]]) -> None:
    counts = [len(stack) for stack in stacks]
    usual = Counter(counts).most_common(1)[0][0]
    for number, stack in enumerate(stacks, start=1):
        if len(stack) == usual:
            continue
        complete = next(other for other in stacks if len(other) == usual)
        if len(stack) > usual:
            raise InputError(f"Slice {number} has {len(stack)} frames, the others {usual}; remove the repeated frame.")
        frame = _missing_frame(stack, complete)
        raise InputError(f"Slice {number} of frame {frame} is missing ({len(stack)} of {usual}); copy all files.")


def _missing_frame(stack: list[Dataset], complete: list[Dataset]) -> int:
    """Number of the first frame of `complete` that has no counterpart, by acquisition or instance number."""
    for tag in ("AcquisitionTime", "ContentTime", "TriggerTime", "TemporalPositionIdentifier"):
        there = [str(header.get(tag) or "").strip() for header in stack]
        wanted = sorted(str(header.get(tag) or "").strip() for header in complete)
        if len(set(wanted)) == len(wanted) and set(there) < set(wanted):
            return 1 + next(index for index, value in enumerate(wanted) if value not in there)
    return len(stack) + 1


def _listed(sizes: dict[float, int]) -> str:
    return ", ".join(f"{n} images at {flip:g} degrees" for flip, n in sorted(sizes.items()))


def with_times(dynamic: DynamicImages, time_s: Sequence[float]) -> DynamicImages:
    """The same images with the frame times given by hand.

    Raises
    ------
    InputError
        If there is not one time a frame, or they do not increase.
    """
    time_s = np.asarray(time_s, dtype=np.float64)
    if time_s.shape != dynamic.series.time_s.shape or not (np.diff(time_s) > 0).all():
        raise InputError(f"Give {dynamic.series.time_s.size} increasing times, one a frame.")
    axis = TimeAxis(time_s, "given times", ("The frame times were given by hand.",))
    others = [text for text in dynamic.warnings if text not in dynamic.time_axis.warnings]
    series = replace(dynamic.series, time_s=time_s)
    return replace(dynamic, series=series, time_axis=axis, warnings=(*axis.warnings, *others))
