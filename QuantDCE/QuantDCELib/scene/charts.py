"""The enhancement curve with its fit, and the arterial input, as charts."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, INK, ORANGE, RED, Band, Chart, Item, Line, Points, Span

from ..analysis.input_preview import InputPreview
from ..analysis.result import DceResult
from ..arterial_input.population import population_label

SECONDS_PER_MINUTE = 60.0


def enhancement_chart(result: DceResult) -> Chart | None:
    """Mean curve of the region with its fit; None where nothing was fitted. The baseline frames stand out."""
    if result.roi is None:
        return None
    minutes = result.roi.time_s / SECONDS_PER_MINUTE
    before = np.isin(np.arange(minutes.size), result.baseline)
    measured = result.roi.concentration_mM
    fitted, band = result.roi.fitted_mM, result.roi.band_mM
    certainty = () if band is None else (Band(minutes, fitted - band, fitted + band, "95 % confidence", BLUE),)
    items = (
        *certainty,
        Points(minutes[~before], measured[~before], "tumour mean", INK),
        Points(minutes[before], measured[before], "baseline frames", ORANGE),
        Line(minutes, fitted, "fit", BLUE),
    )
    return Chart("Enhancement of the tumour", "Time (min)", "Concentration (mM)", items)


def input_chart(result: DceResult) -> Chart | None:
    """The arterial input in plasma with the baseline frames and the arrival; None for a model without one."""
    if result.aif is None:
        return None
    minutes, plasma = result.aif.time_s / SECONDS_PER_MINUTE, result.aif.plasma_mM
    arrival = np.full(2, result.arrival_s / SECONDS_PER_MINUTE)
    items = [
        Line(minutes, plasma, "plasma", RED),
        Line(arrival, np.array([0.0, plasma.max()]), "arrival", INK, width=1.0, dashed=True),
    ]
    before = None if result.roi is None else baseline_span(result.roi.time_s / SECONDS_PER_MINUTE, result.baseline)
    return Chart("Arterial input", "Time (min)", "Plasma concentration (mM)", _those(before, *items))


def preview_chart(preview: InputPreview) -> Chart | None:
    """What the arterial input would be: plasma curve, baseline frames and population curve; else the signal.

    Times are in s, as those a person gives. None where there is neither.
    """
    if not preview.time_s.size:
        return None
    before = baseline_span(preview.time_s, preview.baseline)
    if preview.aif is None:
        curve = Line(preview.time_s, preview.signal, "signal", INK)
        return Chart("Signal", "Time (s)", "Signal", _those(before, curve))
    items = [before, Line(preview.aif.time_s, preview.aif.plasma_mM, "plasma", RED)]
    if preview.comparison is not None:
        other = preview.comparison.population
        label = population_label(preview.comparison.name)
        items.insert(1, Line(other.time_s, other.plasma_mM, label, BLUE, width=1.5, dashed=True))
    if preview.aif.time_s.size == preview.time_s.size:
        items.append(Points(preview.aif.time_s, preview.aif.plasma_mM, "frames", RED))
    span_s = float(preview.time_s[0]), float(preview.time_s[-1])
    return Chart("Arterial input", "Time (s)", "Plasma (mM)", _those(*items), x_range=span_s)


def has_arrival(preview: InputPreview) -> bool:
    """Whether there is an arrival to show."""
    return bool(np.isfinite(preview.arrival_s))


def baseline_span(time: np.ndarray, baseline: np.ndarray | None) -> Span | None:
    """The stretch of the baseline frames, each with half of the time to its neighbours."""
    if baseline is None or not baseline.size or baseline.max() >= time.size:
        return None
    edges = np.concatenate([time[:1], 0.5 * (time[1:] + time[:-1]), time[-1:]])
    return Span(float(edges[baseline.min()]), float(edges[baseline.max() + 1]), "baseline frames", GREY)


def _those(*items: Item | None) -> tuple[Item, ...]:
    return tuple(item for item in items if item is not None)
