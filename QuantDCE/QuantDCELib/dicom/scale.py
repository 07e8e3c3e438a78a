"""One scale for values that are compared: flip angles of a T1 examination, frames of several series.

A Philips scanner scales each scan to whole numbers of its own. What it measured is (stored x RS + RI) / (RS x SS), with
the rescale slope RS and intercept RI and its private scale slope SS (2005,100E); Chenevert et al., Transl Oncol 7:65
(2014). Elsewhere a real world value mapping may tell the measured value.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import values

if TYPE_CHECKING:
    from pydicom import Dataset

PHILIPS = "Philips MR Imaging DD 001"
SCALE_SLOPE, SCALE_INTERCEPT = (values.Private(PHILIPS, 0x2005, element) for element in (0x0E, 0x0D))
SLOPE_TOLERANCE = 1e-4
INTERCEPT_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Scale:
    """How to put the rescaled values of images on the scale of the first of them.

    Attributes
    ----------
    factors : ndarray, shape (image,)
        Of the rescaled values of each image, after `offsets` was taken off them.
    offsets : ndarray, shape (image,)
    per_unit : float or None
        What a measured value of 1 is on that scale; None where the headers do not tell.
    warnings : tuple of str
    """

    factors: np.ndarray
    offsets: np.ndarray
    per_unit: float | None = None
    warnings: tuple[str, ...] = ()


def scale_of(headers: Sequence[Dataset]) -> Scale:
    """The common scale of images whose values are compared.

    Raises
    ------
    InputError
        If a rescale value is no finite number.
    """
    slopes, intercepts = (np.array([values.number(h, tag) or default for h in headers]) for tag, default in _RESCALE)
    scale_slopes = _numbers(headers, SCALE_SLOPE)
    if (scale_slopes > 0).all():
        per_unit = slopes * scale_slopes
        warnings = _intercept_warnings(headers, slopes, intercepts)
        return Scale(per_unit[0] / per_unit, np.zeros(len(headers)), float(per_unit[0]), warnings)
    real = [_real_world(header) for header in headers]
    if all(pair is not None for pair in real) and _differ(slopes, np.array([pair[0] for pair in real])):
        real_slopes, real_intercepts = np.array(real).T
        per_unit = slopes / real_slopes
        # A real world value is real_slope x stored + real_intercept, and stored is (rescaled - RI) / RS.
        return Scale(per_unit[0] / per_unit, intercepts - per_unit * real_intercepts, float(per_unit[0]))
    return Scale(np.ones(len(headers)), np.zeros(len(headers)), None, _warnings(headers, slopes))


_RESCALE = (("RescaleSlope", 1.0), ("RescaleIntercept", 0.0))


def _numbers(headers: Sequence[Dataset], place: values.Private) -> np.ndarray:
    return np.array([_private_number(header, place) for header in headers])


def _private_number(header: Dataset, place: values.Private) -> float:
    """A private number, NaN where there is none; as four bytes where a writer forgot its type."""
    tag = values.private_tag(header, place)
    if tag is None:
        return np.nan
    found = header.get(tag)
    raw = getattr(found, "value", found)
    if isinstance(raw, bytes) and len(raw) == 4:
        number = float(struct.unpack("<f", raw)[0])
        return number if np.isfinite(number) else np.nan
    found = values.number(header, place)
    return np.nan if found is None else found


def _real_world(header: Dataset) -> tuple[float, float] | None:
    """Slope and intercept of the one linear real world value mapping."""
    mappings = values.items(header, "RealWorldValueMappingSequence")
    if len(mappings) != 1:
        return None
    slope = values.number(mappings[0], "RealWorldValueSlope")
    return (slope, values.number(mappings[0], "RealWorldValueIntercept") or 0.0) if slope else None


def _intercept_warnings(headers: Sequence[Dataset], slopes: np.ndarray, intercepts: np.ndarray) -> tuple[str, ...]:
    """The scale intercept is -RI / RS, in stored values."""
    said = _numbers(headers, SCALE_INTERCEPT)
    wanted = -intercepts / slopes
    off = np.isfinite(said) & (np.abs(said - wanted) > INTERCEPT_TOLERANCE * np.maximum(1.0, np.abs(wanted)))
    if not off.any():
        return ()
    return ("The scale intercept (2005,100D) contradicts the rescale intercept, which was taken: check the signal.",)


def _differ(a: np.ndarray, b: np.ndarray) -> bool:
    return bool((np.abs(a - b) > SLOPE_TOLERANCE * np.abs(a)).any())


def _warnings(headers: Sequence[Dataset], slopes: np.ndarray) -> tuple[str, ...]:
    """Scans that were each scaled on their own, with nothing that tells how."""
    groups: dict[tuple[str, str], set[float]] = {}
    for header, slope in zip(headers, slopes, strict=True):
        key = values.text(header, "SeriesInstanceUID"), values.text(header, "FlipAngle")
        groups.setdefault(key, set()).add(float(slope))
    philips = "philips" in values.text(headers[0], "Manufacturer").lower()
    # Slopes that change from image to image within a scan are those of an exporter and make up for its scaling.
    of_scan = all(len(found) == 1 for found in groups.values())
    if not _differ(slopes, np.full(len(slopes), slopes[0])) or not (of_scan or philips):
        return ()
    return (
        f"The rescale slopes differ between scans ({slopes.min():.4g} to {slopes.max():.4g}), and no scale slope "
        "(2005,100E) or real world value tells what they have in common: if the scanner scaled each scan on its own, "
        "T1 and enhancement are wrong.",
    )
