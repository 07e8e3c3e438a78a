"""Dynamic and variable flip angle images from DICOM."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.dicom import Series, examination_of, order_slices, scan, used_warnings
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Report, part

from .choice import NO_CHOICE, Choice, series_names
from .choosing import choose_dynamic
from .enhanced import is_multi_frame, split_frames
from .examination import one_examination
from .flip_angles import choose_flip_angles
from .header_values import LONGEST_TR_IN_S, described, field_in_t, one_value, tr_in_s
from .parts import parts_of
from .pixels import load_frames
from .stacking import SAME_POSITION_MM, stacks_of, whole_frames
from .time_axis import TimeAxis, check_times, order_frames

__all__ = ["LONGEST_TR_IN_S", "DynamicImages", "VfaImages", "on_scale_of", "read_dynamic", "read_vfa", "with_times"]

Source = str | Path | Iterable[str | Path]


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
        Names of the series, scanner, contrast agent and kind of image, as the headers have them.
    per_unit : float or None
        What a measured value of 1 is in `series`; None where the headers do not tell.
    examination : Examination
    motion : str
        Which frames `series` holds, where motion was looked for: in words, such as "corrected for motion ...".
    """

    series: TimeSeries
    time_axis: TimeAxis
    tr_s: float | None
    flip_deg: float | None
    field_t: float | None
    uids: dict[str, list[str]]
    warnings: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    per_unit: float | None = None
    examination: Examination = field(default_factory=Examination)
    motion: str = ""


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
    per_unit : float or None
        What a measured value of 1 is in `signal`; None where the headers do not tell.
    examination : Examination
    """

    signal: np.ndarray
    ijk_to_ras: np.ndarray
    flip_deg: np.ndarray
    tr_s: float
    uids: dict[str, list[str]]
    warnings: tuple[str, ...] = ()
    per_unit: float | None = None
    examination: Examination = field(default_factory=Examination)


def read_dynamic(
    source: Source,
    *,
    frame_interval_s: float | None = None,
    choice: Choice = NO_CHOICE,
    report: Report | None = None,
) -> DynamicImages:
    """Read a dynamic series: all phases in one DICOM series, or one phase a series.

    Parameters
    ----------
    source : path or iterable of paths
        Folder, or several folders or files, of one examination; it may hold other images too.
    frame_interval_s : float, optional
        Goes before the times of the headers.
    choice : Choice, optional
        Series or kind of image, where several could be meant.
    report : Report, optional

    Raises
    ------
    InputError
        If there is no dynamic MR series, examinations are mixed, a file is truncated, or a slice of a frame is missing
        or repeated, other than in a last frame that was not completed.
    QuestionsError
        If several dynamics could be meant, the headers have no usable time, or their times disagree.
    """
    where, found = _scan_mr(source, part(report, 0.0, 0.5))
    in_question = choice.of_series(found, where)
    chosen, remarks, left = choose_dynamic(parts_of(in_question), where, choice)
    if len(in_question) < len(found):
        others = [series for series in found if series not in in_question]
        left = f"{left} {series_names(others)} (not chosen).".strip()
    files = used_warnings(chosen.series)  # a file that was cut short is named before the slice that it leaves out
    examination_warnings = one_examination(chosen.series, where)
    headers = [header for part_ in chosen.parts for header in part_.headers]
    stacks, incomplete = whole_frames(stacks_of(headers))
    stacks, axis = order_frames(stacks, n_series=len(chosen.series), frame_interval_s=frame_interval_s)
    first, ijk_to_ras = order_slices([stack[0] for stack in stacks])
    by_file = {id(stack[0]): stack for stack in stacks}
    stacks = [by_file[id(header)] for header in first]
    array, per_unit, pixel_warnings = load_frames(stacks, part(report, 0.5, 1.0))
    tr_s, tr_warnings = tr_in_s(headers)
    field_t, field_warnings = field_in_t(headers[0])
    left_warnings = (f"Not used: {left}",) if left else ()
    told = (
        *files,
        *examination_warnings,
        *remarks,
        *left_warnings,
        *incomplete,
        *axis.warnings,
        *tr_warnings,
        *field_warnings,
    )
    return DynamicImages(
        TimeSeries(array, ijk_to_ras, axis.time_s),
        axis,
        tr_s,
        one_value(headers, "FlipAngle"),
        field_t,
        _uids(chosen.series),
        (*told, *pixel_warnings),
        described(headers, series_names(chosen.series))
        | {"images": chosen.lead.kind.name}
        | ({"left_out": left} if left else {}),
        per_unit,
        examination_of(chosen.series),
    )


def read_vfa(source: Source, *, choice: Choice = NO_CHOICE, report: Report | None = None) -> VfaImages:
    """Read images at several flip angles: one series a flip, or all in one series; a dynamic beside them is left out.

    Parameters
    ----------
    source : path or iterable of paths
        As `read_dynamic`.
    choice : Choice, optional
        Series or kind of image, where several could be meant.
    report : Report, optional

    Raises
    ------
    InputError
        If there are fewer than two flip angles, a slice is missing or repeated, or the images differ in TR.
    QuestionsError
        If images of several kinds could be meant.
    """
    where, found = _scan_mr(source, part(report, 0.0, 0.5))
    by_flip, warnings = choose_flip_angles(parts_of(choice.of_series(found, where)), where, choice)
    used = list({p.series.uid: p.series for group in by_flip.values() for p in group}.values())
    examination_warnings = one_examination(used, where)
    images = {flip: [header for p in group for header in p.headers] for flip, group in by_flip.items()}
    headers = [header for group in images.values() for header in group]
    sizes = {flip: len(group) for flip, group in images.items()}
    if len(set(sizes.values())) > 1:
        raise InputError(f"{where} has {_listed(sizes)}; give each flip angle the same slices once.")
    ordered, grids = zip(*(order_slices(group) for group in images.values()), strict=True)
    if any(not np.allclose(grid, grids[0], atol=SAME_POSITION_MM) for grid in grids):
        raise InputError(f"The flip angles in {where} do not cover the same slices; choose images on one grid.")
    tr_s, tr_warnings = tr_in_s(headers)
    if tr_s is None:
        raise InputError(f"The images in {where} have no RepetitionTime, or more than one; T1 needs one TR.")
    array, per_unit, pixel_warnings = load_frames(list(zip(*ordered, strict=True)), part(report, 0.5, 1.0))
    told = (*used_warnings(used), *examination_warnings, *warnings, *tr_warnings, *pixel_warnings)
    flips = np.array(list(images))
    return VfaImages(array, grids[0], flips, tr_s, _uids(used), told, per_unit, examination_of(used))


def _scan_mr(source: Source, report: Report | None) -> tuple[str, list[Series]]:
    entries = [source] if isinstance(source, (str, Path)) else list(source)
    where = str(entries[0]) if len(entries) == 1 else "The list of folders"
    source = entries[0] if len(entries) == 1 else [file for entry in entries for file in _files_of(Path(entry))]
    found = [series for series in scan(source, pixels=True, report=report) if series.modality == "MR"]
    if not found:
        raise InputError(f"{where} holds no MR image; choose the folder of the dynamic series.")
    one_examination(found, where)
    return where, [_single_frames(series) for series in found]


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


def _uids(used: Sequence[Series]) -> dict[str, list[str]]:
    return {"study": list(dict.fromkeys(s.study_uid for s in used)), "series": [s.uid for s in used]}


def _listed(sizes: dict[float, int]) -> str:
    return ", ".join(f"{n} images at {flip:g} degrees" for flip, n in sorted(sizes.items()))


def on_scale_of(vfa: VfaImages, dynamic: DynamicImages) -> VfaImages:
    """The flip angle images on the scale of the dynamic, so that M0 of the one holds in the other.

    Where the headers of either do not tell its scale, the values stay as they are, with a warning if the other has one.
    """
    if vfa.per_unit is None and dynamic.per_unit is None:
        return vfa
    if vfa.per_unit is None or dynamic.per_unit is None:
        known = "dynamic series" if vfa.per_unit is None else "flip angle images"
        warning = f"Only the {known} tell their scale (2005,100E): M0 may not be the same in both."
        return replace(vfa, warnings=(*vfa.warnings, warning))
    factor = dynamic.per_unit / vfa.per_unit
    return replace(vfa, signal=np.float32(factor) * vfa.signal, per_unit=dynamic.per_unit)


def with_times(dynamic: DynamicImages, time_s: Sequence[float]) -> DynamicImages:
    """The same images with the frame times given by hand.

    Raises
    ------
    InputError
        If there is not one time a frame, or they do not increase.
    """
    time_s = np.asarray(time_s, dtype=np.float64)
    if time_s.shape != dynamic.series.time_s.shape:
        raise InputError(f"Give {dynamic.series.time_s.size} increasing times, one a frame.")
    check_times(time_s)
    axis = TimeAxis(time_s, "given times", ("The frame times were given by hand.",))
    others = [text for text in dynamic.warnings if text not in dynamic.time_axis.warnings]
    series = replace(dynamic.series, time_s=time_s)
    return replace(dynamic, series=series, time_axis=axis, warnings=(*axis.warnings, *others))
