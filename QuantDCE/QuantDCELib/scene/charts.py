"""The enhancement curve with its fit, and the arterial input, as charts."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, INK, ORANGE, RED, Band, Chart, Line, Points

from ..analysis.result import DceResult

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
    """The arterial input in plasma; None for a model without one."""
    if result.aif is None:
        return None
    line = Line(result.aif.time_s / SECONDS_PER_MINUTE, result.aif.plasma_mM, "plasma", RED)
    return Chart("Arterial input", "Time (min)", "Plasma concentration (mM)", (line,))
