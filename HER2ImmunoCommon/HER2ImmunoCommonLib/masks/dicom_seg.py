"""DICOM segmentations (Segmentation and Label Map Segmentation Storage): their segments, each on a grid of its slices.

PS3.3 A.51 and C.8.20: each frame is one plane of one segment, in any order; planes without a voxel may be left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..dicom import values
from ..errors import InputError
from ..geometry import LPS_FROM_RAS, Volume
from .choice import Segment

if TYPE_CHECKING:
    from pydicom import Dataset

SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
TOLERANCE = 0.1
"""Largest distance of a plane from its slice, in slices."""
SAME_PLANE_MM = 1e-2
MOST_SLICES = 10_000


@dataclass(frozen=True)
class Plane:
    """Where a frame is, and of which segment.

    Attributes
    ----------
    segment : int or None
        None where the values of the pixels are the numbers of the segments.
    position, row, column : tuple of float
        First pixel in mm (LPS), and directions of growing column and row index.
    spacing_mm : tuple of float
        Between rows and between columns.
    """

    segment: int | None
    position: tuple[float, ...]
    row: tuple[float, ...]
    column: tuple[float, ...]
    spacing_mm: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A DICOM segmentation.

    Attributes
    ----------
    name : str
        Of the file.
    frames : ndarray, shape (frame, j, i)
    planes : tuple of Plane
    labels : tuple of (int, str)
        Number and name of each segment.
    step_mm : tuple of float
        Distances of slices that the header names, the more trustworthy first.
    largest : int
        Pixel value of a voxel that is wholly inside.
    """

    name: str
    frames: np.ndarray
    planes: tuple[Plane, ...]
    labels: tuple[tuple[int, str], ...]
    step_mm: tuple[float, ...]
    largest: int

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(
            Segment(label, number, sum(int(np.count_nonzero(self._inside(number, n))) for n in self._frames_of(number)))
            for number, label in self.labels
        )

    def mask(self, index: int) -> tuple[Volume, tuple[str, ...]]:
        """The segment on its slices, empty ones between them filled in, and what a person must be told.

        Raises
        ------
        InputError
            If its planes are not parallel or not evenly spaced.
        """
        number, label = self.labels[index]
        chosen = [n for n in self._frames_of(number) if self._inside(number, n).any()]
        slices, ijk_to_ras = self._slices(chosen)
        inside = np.zeros((max(slices) + 1, *self.frames.shape[1:]), bool)
        for n, k in zip(chosen, slices, strict=True):
            inside[k] |= self._inside(number, n)
        fractions = np.unique(self.frames[chosen])
        if self.largest == 1 or np.isin(fractions, (0, self.largest)).all():
            return Volume(inside, ijk_to_ras), ()
        told = f"The segment {label or number} of {self.name} holds fractions of voxels; those of at least a half were"
        return Volume(inside, ijk_to_ras), (f"{told} taken as inside.",)

    def _frames_of(self, number: int) -> list[int]:
        return [n for n, plane in enumerate(self.planes) if plane.segment in (None, number)]

    def _inside(self, number: int, n: int) -> np.ndarray:
        if self.planes[n].segment is None:
            return self.frames[n] == number
        return self.frames[n] >= 0.5 * self.largest

    def _slices(self, chosen: list[int]) -> tuple[list[int], np.ndarray]:
        """The slice of each frame, and the place of the first."""
        first = self.planes[chosen[0]]
        normal = np.cross(first.row, first.column)
        for plane in self.planes:
            if not np.allclose((*plane.row, *plane.column), (*first.row, *first.column), atol=1e-3):
                raise InputError(f"The planes of {self.name} are not parallel; export the segmentation as NRRD.")
        positions = np.array([self.planes[n].position for n in chosen])
        heights = positions @ normal
        step = self._step(np.array([plane.position for plane in self.planes]) @ normal)
        order = (heights - heights.min()) / step
        slices = np.rint(order).astype(int)
        if np.abs(order - slices).max() > TOLERANCE or slices.max() >= MOST_SLICES:
            raise InputError(f"The slices of {self.name} are not evenly spaced; export the segmentation as NRRD.")
        between_rows, between_columns = first.spacing_mm
        ijk_to_lps = np.eye(4)
        lowest = positions[int(np.argmin(heights))]
        steps = np.asarray(first.row) * between_columns, np.asarray(first.column) * between_rows, normal * step
        ijk_to_lps[:3] = np.column_stack([*steps, lowest])
        return slices.tolist(), LPS_FROM_RAS @ ijk_to_lps

    def _step(self, heights: np.ndarray) -> float:
        """Distance of slices: the largest of those known that all gaps between planes are multiples of."""
        levels = np.unique(heights)
        gaps = np.diff(levels)
        gaps = gaps[gaps > SAME_PLANE_MM]
        if not gaps.size:
            return next(iter(self.step_mm), 1.0)
        for step in (*self.step_mm, float(gaps.min())):
            if np.abs(gaps / step - np.rint(gaps / step)).max() <= TOLERANCE:
                return step
        raise InputError(f"The slices of {self.name} are not evenly spaced; export the segmentation as NRRD.")


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM, by its first bytes or, without them, its name."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM" or path.suffix.lower() == ".dcm"


def read_segmentation(path: Path) -> Segmentation:
    """Read a DICOM segmentation.

    Raises
    ------
    InputError
        If the file is another object, cannot be read, or does not say where its planes are.
    """
    import pydicom
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        header = pydicom.dcmread(path)
        _check_kind(header, path.name)
        frames = np.asarray(header.pixel_array)
    except InputError:
        raise
    except (*values.UNREADABLE, BytesLengthException, InvalidDicomError, RuntimeError) as error:
        raise InputError(
            f"{path.name} could not be read as a DICOM segmentation ({error}); export it again."
        ) from error
    frames = frames[None] if frames.ndim == 2 else frames
    planes = _planes(header, path.name)
    if len(planes) != len(frames):
        raise InputError(f"{path.name} has {len(frames)} frames but places {len(planes)} of them; export it again.")
    labels = tuple(
        (values.whole(item, "SegmentNumber") or number, values.text(item, "SegmentLabel"))
        for number, item in enumerate(values.items(header, "SegmentSequence"), start=1)
    )
    # A label map may describe its background as a segment of number 0.
    labels = tuple((number, label) for number, label in labels if number)
    return Segmentation(path.name, frames, planes, labels, _steps(header), _largest(header))


def _check_kind(header: Dataset, name: str) -> None:
    if values.text(header, "SOPClassUID") in SEGMENTATIONS:
        return
    modality = values.text(header, "Modality") or "no modality"
    raise InputError(
        f"{name} is DICOM of {modality}, not a segmentation (SEG); name a SEG, or export the region as a label volume "
        "such as NRRD."
    )


def _largest(header: Dataset) -> int:
    if values.text(header, "SegmentationType") != "FRACTIONAL":
        return 1
    return values.whole(header, "MaximumFractionalValue") or 255


def _shared(header: Dataset) -> Dataset:
    from pydicom import Dataset as Empty

    return next(iter(values.items(header, "SharedFunctionalGroupsSequence")), Empty())


def _group(frame: Dataset, shared: Dataset, keyword: str) -> Dataset | None:
    """A functional group: that of the frame, else the one that all frames share."""
    for holder in (frame, shared):
        for item in values.items(holder, keyword):
            return item
    return None


def _planes(header: Dataset, name: str) -> tuple[Plane, ...]:
    shared = _shared(header)
    by_value = values.text(header, "SegmentationType") == "LABELMAP"
    return tuple(
        _plane(frame, shared, by_value, f"frame {n} of {name}")
        for n, frame in enumerate(values.items(header, "PerFrameFunctionalGroupsSequence"), start=1)
    )


def _plane(frame: Dataset, shared: Dataset, by_value: bool, where: str) -> Plane:
    found = {
        keyword: (group := _group(frame, shared, sequence)) and values.numbers(group, keyword, count)
        for sequence, keyword, count in (
            ("PlanePositionSequence", "ImagePositionPatient", 3),
            ("PlaneOrientationSequence", "ImageOrientationPatient", 6),
            ("PixelMeasuresSequence", "PixelSpacing", 2),
        )
    }
    for keyword, numbers in found.items():
        if not numbers:
            raise InputError(
                f"There is no {keyword} for {where}, so its place is unknown; export the segmentation again."
            )
    if min(found["PixelSpacing"]) <= 0:
        raise InputError(f"The PixelSpacing of {where} is not above 0; export the segmentation again.")
    segment = _group(frame, shared, "SegmentIdentificationSequence")
    number = None if segment is None else values.whole(segment, "ReferencedSegmentNumber")
    if number is None and not by_value:
        raise InputError(f"There is no ReferencedSegmentNumber for {where}; export the segmentation again.")
    direction = found["ImageOrientationPatient"]
    return Plane(
        segment=None if by_value else number,
        position=found["ImagePositionPatient"],
        row=direction[:3],
        column=direction[3:],
        spacing_mm=found["PixelSpacing"],
    )


def _steps(header: Dataset) -> tuple[float, ...]:
    """Distances between slices that the header names."""
    frames = values.items(header, "PerFrameFunctionalGroupsSequence")
    measures = _group(frames[0], _shared(header), "PixelMeasuresSequence") if frames else None
    if measures is None:
        return ()
    named = (values.number(measures, keyword) for keyword in ("SpacingBetweenSlices", "SliceThickness"))
    return tuple(abs(step) for step in named if step)
