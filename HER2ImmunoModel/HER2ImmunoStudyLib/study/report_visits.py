"""The visits side by side in the report: one plane, one column a visit, one colour scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.pictures import (
    Overlay,
    best_slice,
    crop_around,
    crop_to,
    data_uri,
    grey_levels,
    overlay_picture,
    width_mm,
)
from HER2ImmunoCommonLib.registration import Transform, resample

from .report_alignment import alignment_table
from .report_images import KTRANS_RANGE_PER_MIN, PE_RANGE_PERCENT
from .report_words import visit_and_day, visit_name
from .results import DceVisit, StudyResult, VisitResult

HEIGHT = 320
WIDEST = 340
"""Pixels of a column, on the widest page."""
MARGIN = 0.7
"""Around the largest outline, over its size."""
OVERLAYS = {
    "Ktrans": Overlay("Ktrans", "/min", *KTRANS_RANGE_PER_MIN),
    "PE": Overlay("Early enhancement", "%", *PE_RANGE_PERCENT),
}
"""Maps that are shown, the first that a study has."""


@dataclass(frozen=True, eq=False)
class _Pane:
    """What is shown of a visit: slices of one plane.

    Attributes
    ----------
    anatomy : Volume
        Of one slice.
    levels : (float, float)
        Of the anatomy, shown black and white.
    values : ndarray or None, shape (1, j, i)
    outline : ndarray of bool, shape (1, j, i)
    before : ndarray of bool or None
        Outline of the reference visit, in the same plane.
    """

    anatomy: Volume
    levels: tuple[float, float]
    values: np.ndarray | None
    outline: np.ndarray
    before: np.ndarray | None = None


def side_by_side(result: StudyResult) -> list[str]:
    """The section of the report (HTML); empty where there are not two visits with MR."""
    visits = [visit for visit in result.visits if visit.dce]
    if len(visits) < 2:
        return []
    name = next((name for name in OVERLAYS if any(name in visit.dce.result.maps for visit in visits)), None)
    overlay = OVERLAYS.get(name)
    figures = [
        _figure(visit, pane, overlay, result) for visit, pane in zip(visits, _panes(result, visits, name), strict=True)
    ]
    legend = html.figure(html.colour_bar(overlay), f"{overlay.title}, in all visits.", WIDEST) if overlay else ""
    return [
        html.element("h2", "The visits side by side"),
        html.element("p", _said(result)),
        html.columns(figures, WIDEST),
        legend,
        *alignment_table(result),
    ]


def _said(result: StudyResult) -> str:
    measured = "Every number of this report is measured on the images as they were acquired."
    if not result.is_aligned:
        return (
            "The visits are not aligned to each other: each is shown as it lies, in its own plane through the largest "
            f"section of its tumour, outlined in white, all at one scale. {measured}"
        )
    reference = result.reference
    name = visit_and_day(reference)
    k, n = best_slice(reference.dce.tumour) + 1, len(reference.dce.tumour)
    return (
        f"All visits in the space of {name}, in the plane of the largest section of its tumour (slice {k} of {n}), "
        f"resampled there for this picture alone. White: the tumour of the visit; orange: the tumour of "
        f"{visit_name(reference)}, at its place. Each anatomy has its own grey scale. {measured}"
    )


def _figure(visit: VisitResult, pane: _Pane, overlay: Overlay | None, result: StudyResult) -> str:
    title = visit_and_day(visit)
    title = title[:1].upper() + title[1:]
    volume = visit.measurement.values["volume_cm3"]
    caption = f"{title}: {volume:.3g} cm³"
    if result.is_aligned and result.transform_of(visit) is None:
        caption += "; not aligned, in its own plane"
    pictures = [_picture(pane, None, None)]
    if overlay:
        pictures.append(_picture(pane, pane.values, overlay))
    says = (f"{title}, anatomy", f"{title}, {overlay.title if overlay else ''}")
    images = [html.image(data_uri(one), text, one.shape[1]) for one, text in zip(pictures, says, strict=False)]
    return html.figure("".join(images), f"{caption}.")


def _picture(pane: _Pane, values: np.ndarray | None, overlay: Overlay | None) -> np.ndarray:
    return overlay_picture(
        pane.anatomy,
        values,
        overlay,
        k=0,
        outline=pane.outline,
        other_outline=pane.before,
        levels=pane.levels,
        height=HEIGHT,
    )


def _panes(result: StudyResult, visits: Sequence[VisitResult], name: str | None) -> list[_Pane]:
    """What is shown of each visit: on the plane of the reference, or on its own at the same scale."""
    if not result.is_aligned:
        side_mm = (1.0 + 2.0 * MARGIN) * max(_width_mm(visit.dce) for visit in visits)
        return [_own(visit.dce, name, side_mm) for visit in visits]
    reference = result.reference.dce
    k = best_slice(reference.tumour)
    plane = _cut(reference.anatomy, k, (slice(None), slice(None)))
    outlines = [
        _carried(visit.dce, plane, transform)
        for visit in visits
        if visit is not result.reference and (transform := result.transform_of(visit))
    ]
    together = np.logical_or.reduce([reference.tumour[k : k + 1], *outlines])
    side_mm = (1.0 + 2.0 * MARGIN) * width_mm(together, 0, plane.spacing_mm)
    window = crop_to(together, 0, plane.spacing_mm, side_mm)
    shown = _cut(reference.anatomy, k, window)
    before = reference.tumour[k : k + 1][:, *window]
    panes = []
    for visit in visits:
        transform = result.transform_of(visit)
        if visit is result.reference:
            panes.append(_at(visit.dce, name, k, window))
        elif transform is None:
            panes.append(_own(visit.dce, name, side_mm))
        else:
            panes.append(_seen(visit.dce, name, shown, transform, before))
    return panes


def _width_mm(dce: DceVisit) -> float:
    return width_mm(dce.tumour, best_slice(dce.tumour), dce.anatomy.spacing_mm)


def _own(dce: DceVisit, name: str | None, side_mm: float) -> _Pane:
    k = best_slice(dce.tumour)
    return _at(dce, name, k, crop_to(dce.tumour, k, dce.anatomy.spacing_mm, side_mm))


def _at(dce: DceVisit, name: str | None, k: int, window: tuple[slice, slice]) -> _Pane:
    """A visit on its own voxels."""
    values = dce.result.maps.get(name)
    cut = (slice(k, k + 1), *window)
    shown = None if values is None else values[cut]
    return _Pane(_cut(dce.anatomy, k, window), _levels(dce), shown, dce.tumour[cut])


def _seen(dce: DceVisit, name: str | None, plane: Volume, transform: Transform, before: np.ndarray) -> _Pane:
    """A visit on a plane of the reference; maps by the nearest voxel, for none has a value beyond the tumour."""
    values = dce.result.maps.get(name)
    if values is not None:
        values = resample(Volume(values, dce.result.ijk_to_ras), plane, transform, nearest=True).array
    outline = _carried(dce, plane, transform)
    return _Pane(resample(dce.anatomy, plane, transform), _levels(dce), values, outline, before)


def _levels(dce: DceVisit) -> tuple[float, float]:
    """Grey levels from air to what is around the visit's own tumour, whatever the picture is cut to."""
    k = best_slice(dce.tumour)
    around = crop_around(dce.tumour, k, dce.anatomy.spacing_mm, margin=1.0)
    return grey_levels(dce.anatomy, k)[0], grey_levels(dce.anatomy, k, around)[1]


def _carried(dce: DceVisit, plane: Volume, transform: Transform) -> np.ndarray:
    """The tumour on a plane of the reference, where it may have no section."""
    return resample(dce.anatomy.like(dce.tumour), plane, transform, nearest=True).array != 0


def _cut(volume: Volume, k: int, window: tuple[slice, slice]) -> Volume:
    """One slice of a volume, or a part of it, at its place."""
    rows, columns = (part.indices(size)[0] for part, size in zip(window, volume.array.shape[1:], strict=True))
    matrix = volume.ijk_to_ras.copy()
    matrix[:3, 3] += matrix[:3, :3] @ (columns, rows, k)
    return Volume(volume.array[k : k + 1][:, *window], matrix)
