"""The images of an examination sorted into parts: those of one series, of one kind, made by one sequence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import ImageKind, Series, kind_of, values

if TYPE_CHECKING:
    from pydicom import Dataset

RELATIVE_TOLERANCE = 0.01
"""Of TR, flip angle and spacing: scanners adapt them a little, and writers round them."""
ECHO_TOLERANCE_MS, ECHO_TOLERANCE = 0.1, 0.05
SAME_PLACE_MM = 0.1
ORIENTATION_TOLERANCE = 0.01
SHARED_PLACES = 0.5
"""Share of its slices that a part must have in common with another of the same dynamic."""


@dataclass(frozen=True)
class Setup:
    """The sequence and the grid of an image; None where the header does not say."""

    tr_ms: float | None
    flip_deg: float | None
    echo_ms: float | None
    inversion_ms: float | None
    size: tuple[int | None, int | None]
    spacing_mm: tuple[float, ...]
    orientation: tuple[float, ...]
    is_signed: bool


@dataclass(frozen=True, eq=False)
class Part:
    """Images of one series that are of one kind and one setup.

    Attributes
    ----------
    series : Series
        That they are of; it may hold other images too.
    kind : ImageKind
    setup : Setup
    headers : tuple of pydicom.Dataset
    """

    series: Series
    kind: ImageKind
    setup: Setup
    headers: tuple[Dataset, ...]

    @cached_property
    def counts(self) -> Counter:
        """Number of images at each place."""
        return Counter(place_of(header) for header in self.headers)

    @property
    def n_phases(self) -> int:
        """How often a slice was imaged."""
        return max(self.counts.values())

    @property
    def name(self) -> str:
        return self.series.name

    @property
    def description(self) -> str:
        """Description of the series without its numbers."""
        return re.sub(r"[\d.\s]+", " ", self.series.description).strip().lower()


def place_of(header: Dataset) -> tuple[float, ...]:
    """ImagePositionPatient to a tenth of a millimetre; empty where there is none."""
    return tuple(round(x, 1) for x in values.numbers(header, "ImagePositionPatient", 3) or ())


def parts_of(found: Sequence[Series]) -> list[Part]:
    """Every image of the series in one part.

    Raises
    ------
    InputError
        If a value that it needs cannot be read.
    """
    parts: list[Part] = []
    for series in found:
        exact: dict[tuple, list[Dataset]] = {}
        for header in series.headers:
            exact.setdefault((kind_of(header), _setup(header)), []).append(header)
        own: list[list] = []
        for (kind, setup), headers in exact.items():
            merged = next((entry for entry in own if entry[0] == kind and not difference(entry[1], setup)), None)
            if merged is None:
                own.append([kind, setup, list(headers)])
            else:
                merged[2] += headers
        parts += [Part(series, kind, setup, tuple(headers)) for kind, setup, headers in own]
    return parts


def _setup(header: Dataset) -> Setup:
    return Setup(
        tr_ms=values.number(header, "RepetitionTime"),
        flip_deg=values.number(header, "FlipAngle"),
        echo_ms=values.number(header, "EchoTime"),
        inversion_ms=values.number(header, "InversionTime") or None,
        size=(values.whole(header, "Rows"), values.whole(header, "Columns")),
        spacing_mm=values.numbers(header, "PixelSpacing") or (),
        orientation=values.numbers(header, "ImageOrientationPatient") or (),
        is_signed=(values.number(header, "RescaleIntercept") or 0.0) < 0,
    )


def difference(a: Setup, b: Setup, *, flip_too: bool = True, sequence_too: bool = True) -> str:
    """The first thing in which `a` differs from `b`, in words; empty if they are alike.

    Parameters
    ----------
    flip_too, sequence_too : bool
        Whether the flip angle, and TR, echo and inversion time with it, must be the same.
    """
    if a.size != b.size or not _all_near(a.spacing_mm, b.spacing_mm, RELATIVE_TOLERANCE, 0.001):
        return "another size"
    if not _all_near(a.orientation, b.orientation, 0.0, ORIENTATION_TOLERANCE):
        return "another orientation"
    if a.is_signed != b.is_signed:
        return "values below 0" if a.is_signed else "no values below 0"
    if not sequence_too:
        return ""
    compared = [
        ("echo time", "ms", a.echo_ms, b.echo_ms, ECHO_TOLERANCE, ECHO_TOLERANCE_MS),
        ("inversion time", "ms", a.inversion_ms, b.inversion_ms, ECHO_TOLERANCE, ECHO_TOLERANCE_MS),
        ("TR", "ms", a.tr_ms, b.tr_ms, RELATIVE_TOLERANCE, 0.0),
    ]
    if flip_too:
        compared.append(("flip angle", "degrees", a.flip_deg, b.flip_deg, RELATIVE_TOLERANCE, 0.0))
    for noun, unit, own, other, relative, absolute in compared:
        if own is not None and other is not None and not _near(own, other, relative, absolute):
            return f"{noun} {own:g} instead of {other:g} {unit}"
    return ""


def unlike(a: Part, b: Part, *, flip_too: bool = True, sequence_too: bool = True) -> str:
    """Why the images of `a` cannot be frames of one dynamic with those of `b`; empty if they can."""
    if a.kind.unusable or (a.kind.species, a.kind.sequence) != (b.kind.species, b.kind.sequence):
        return a.kind.name
    found = difference(a.setup, b.setup, flip_too=flip_too, sequence_too=sequence_too)
    return found or ("" if _share_places(a, b) else "other slices")


def grouped(parts: Sequence[Part], *, flip_too: bool = True, sequence_too: bool = True) -> list[list[Part]]:
    """Parts that are alike, together."""
    groups: list[list[Part]] = []
    for part in parts:
        alike = (g for g in groups if not unlike(part, g[0], flip_too=flip_too, sequence_too=sequence_too))
        group = next(alike, None)
        if group is None:
            groups.append([part])
        else:
            group.append(part)
    return groups


def n_phases(group: Sequence[Part]) -> int:
    """How often a slice was imaged in several parts together."""
    return max(sum((part.counts for part in group), Counter()).values())


def _share_places(a: Part, b: Part) -> bool:
    if not all(a.counts) or not all(b.counts):
        return True  # Slices without a place are refused where they are stacked.
    own, others = (np.array(list(part.counts)) for part in (a, b))
    if len(own) > len(others):
        own, others = others, own
    near = np.abs(own[:, None] - others[None]).max(axis=2).min(axis=1) <= 1.5 * SAME_PLACE_MM
    return float(near.mean()) >= SHARED_PLACES


def _near(a: float, b: float, relative: float, absolute: float) -> bool:
    """Whether two numbers are the same within a tolerance, or one is the other rounded to a tenth or finer."""
    if abs(a - b) <= max(relative * max(abs(a), abs(b)), absolute):
        return True
    return any(round(x, digits) == y and round(y, digits - 1) != y for x, y in ((a, b), (b, a)) for digits in (1, 2))


def _all_near(a: tuple[float, ...], b: tuple[float, ...], relative: float, absolute: float) -> bool:
    return len(a) == len(b) and all(_near(x, y, relative, absolute) for x, y in zip(a, b, strict=True))
