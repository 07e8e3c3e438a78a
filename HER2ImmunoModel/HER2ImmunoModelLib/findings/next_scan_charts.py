"""Which scan next, as a chart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, RED, Band, Chart, Item, Line, Points

from ..planning.scan_results import NextScan, ScanGain
from ..planning.scans import Scan
from .next_scans import asked, is_settled, whole

LOOKS = {
    "volume": (BLUE, False),
    "vascular": (ORANGE, True),
    "necrotic": (GREY, True),
    "mri": (ORANGE, False),
    "pet": (PURPLE, False),
    "mri+pet": (RED, False),
    "immune": (GREEN, True),
}
"""Colour of each examination, and whether its line is dashed."""


def gain_chart(found: NextScan) -> Chart:
    """Gain against the day of each examination, with its error; the proposed one is marked."""
    title = f"Which scan next, to know {asked(found)}" if not found.is_choice else "Which scan next, to choose better"
    label = "Share of the value of certainty (%)" if found.is_choice else "Spread removed (%)"
    caption = (
        f"How much of {whole(found)} each scan is expected to remove or bring, by its day; bands are two Monte Carlo "
        "standard errors. The mark is the scan that is proposed."
    )
    if len({row.day for row in found.rows}) == 1:
        return _one_day(found, title, label, caption)
    items: list[Item] = [] if is_settled(found) else [_band(found.of_scan(found.proposed.scan))]
    # What measures much is drawn first and broad, as it often covers what measures less.
    items += [_line(scan, found.of_scan(scan)) for scan in sorted(found.scans, key=lambda scan: -len(scan.columns))]
    row = found.proposed
    items.append(Points(np.array([row.day]), np.array([100 * row.gain]), "proposed", INK))
    return Chart(title, "Day of the scan", label, tuple(items), y_range=_range(found), caption=caption)


def _band(rows: Sequence[ScanGain]) -> Band:
    day, gain, error = (np.array([getattr(row, name) for row in rows]) for name in ("day", "gain", "error"))
    low, high = 100 * np.maximum(gain - 2 * error, 0.0), 100 * np.clip(gain + 2 * error, 0.0, 1.0)
    return Band(day, low, high, "", _look(rows[0].scan)[0])


def _line(scan: Scan, rows: Sequence[ScanGain]) -> Line:
    colour, dashed = _look(scan)
    day, gain = np.array([row.day for row in rows]), np.array([max(row.gain, 0.0) for row in rows])
    return Line(day, 100 * gain, scan.label, colour, width=1.0 + len(scan.columns), dashed=dashed)


def _look(scan: Scan) -> tuple[tuple[int, int, int], bool]:
    return LOOKS.get(scan.name, (INK, False))


def _range(found: NextScan) -> tuple[float, float]:
    most = 100 * max(row.gain + 2 * row.error for row in found.rows)
    return 0.0, next(top for top in (5.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0) if most <= top or top == 100.0)


def _one_day(found: NextScan, title: str, label: str, caption: str) -> Chart:
    rows = sorted(found.rows, key=lambda row: row.gain)
    gain, error = (100 * np.array([getattr(row, name) for row in rows]) for name in ("gain", "error"))
    ends = (np.maximum(gain - 2 * error, 0.0), np.minimum(gain + 2 * error, 100.0))
    day = f"gain on day {rows[0].day:g}, ± 2 standard errors"
    points = Points(np.maximum(gain, 0.0), np.arange(len(rows)), day, BLUE, x_interval=ends)
    names = tuple(row.scan.label for row in rows)
    return Chart(title, label, "", (points,), x_range=_range(found), y_names=names, caption=caption)
