"""Maps of the visits: a slice through the tumour of each, the visits side by side so that time runs to the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.pictures import Overlay, best_slice, crop_around, data_uri, overlay_picture

from ..findings import wording
from . import words
from .content import SubjectReport, VisitMap

HEIGHT_PX = 185
"""Two beside each other fit on a telephone."""
MARGIN = 0.6
"""Around the tumour, over its size."""


@dataclass(frozen=True)
class MapKind:
    """A quantity that is shown as a map.

    Attributes
    ----------
    title : str
    says : str
        What a high value means, for somebody who does not know the quantity.
    colour_map : str
        As `Overlay`.
    instead_of : str
        Title of a kind whose maps make this one superfluous.
    """

    title: str
    says: str
    colour_map: str
    instead_of: str = ""


KTRANS = MapKind(
    "Ktrans",
    "How fast contrast agent passes from blood to tissue; bright where blood is delivered and vessels leak.",
    "viridis",
)
EARLY = MapKind(
    "Early enhancement",
    "By how much the signal rises soon after the contrast agent; bright where blood is delivered.",
    "viridis",
    instead_of=KTRANS.title,
)
TO_MUSCLE = MapKind(
    "Tumour-to-muscle ratio",
    "Uptake of the PET tracer over that of muscle; bright where oxygen is short.",
    "inferno",
)
TO_BLOOD = MapKind(
    "Tumour-to-blood ratio",
    "Uptake of the PET tracer over that of blood; bright where oxygen is short.",
    "inferno",
)
KINDS = (KTRANS, EARLY, TO_MUSCLE, TO_BLOOD)


def draw_map(
    kind: MapKind, visit: str, day: float, values: Volume, anatomy: np.ndarray, tumour: np.ndarray, overlay: Overlay
) -> VisitMap:
    """The slice of a map with most of the tumour, over the anatomy.

    Parameters
    ----------
    kind : MapKind
    visit : str
    day : float
    values : Volume
        NaN where there is no value.
    anatomy : array (k, j, i)
        Images on the grid of the map.
    tumour : array of bool (k, j, i)
        With at least one voxel inside.
    overlay : Overlay
        The same for all visits, so that their colours compare.
    """
    k = best_slice(tumour)
    window = crop_around(tumour, k, values.spacing_mm, MARGIN)
    shown = np.where(tumour, values.array, np.nan)
    picture = overlay_picture(
        values.like(anatomy), shown, overlay, k=k, outline=tumour, window=window, height=HEIGHT_PX
    )
    known = values.array[tumour & np.isfinite(values.array)]
    median = float(np.median(known)) if known.size else None
    return VisitMap(kind.title, visit, day, picture, overlay, median, (k + 1, tumour.shape[0]))


def maps_part(report: SubjectReport) -> Iterator[str]:
    """The maps of each kind, one a visit; a sentence where there are none."""
    for kind in KINDS:
        if maps := [each for each in report.maps if each.kind == kind.title]:
            said = [html.element("h3", f"{kind.title} at the visits"), *words.lines([kind.says])]
            yield html.section([*said, html.group(map(_figure, maps))])
    yield from words.lines([report.said_of_maps], "soft")


def without_maps(report_visits: Sequence[str], maps: Sequence[VisitMap]) -> str:
    """Which visits have no map, in a sentence; empty if all have one, or none has."""
    missing = [visit for visit in report_visits if visit not in {each.visit for each in maps}]
    return f"There are no maps of {', '.join(missing)}." if maps and missing else ""


def _figure(each: VisitMap) -> str:
    unit = f" {each.overlay.unit}" if each.overlay.unit else ""
    median = "" if each.median is None else f", median {wording.number(each.median)}{unit} in the tumour"
    number, count = each.slice_of
    caption = words.clean(
        f"{each.kind} at {words.visit_name(each.visit, each.day)}{median} (white outline). "
        f"Slice {number} of {count}, as acquired."
    )
    width = each.picture.shape[1]
    return html.figure(
        html.image(data_uri(each.picture), caption, width) + html.colour_bar(each.overlay), caption, width
    )
