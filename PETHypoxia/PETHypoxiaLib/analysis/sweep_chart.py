"""The hypoxic fraction over the threshold, as a chart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, ORANGE, RED, Chart, Line, Points

from ..hypoxia.preview import Preview

SHOWN_FROM, SHOWN_TO = 0.5, 2.0
"""Thresholds that a preview shows at the least."""
ROUND, STEPS = 0.5, 400


def sweep_chart(title: str, ratio: str, steps: Sequence[tuple[float, float]], chosen: tuple[float, float]) -> Chart:
    """Hypoxic fraction of the tumour by threshold.

    Parameters
    ----------
    title : str
    ratio : {"TMR", "TBR"}
    steps : sequence of (threshold, fraction)
    chosen : (threshold, fraction)
        The threshold that was measured at.
    """
    x, y = np.array(sorted(steps), float).T
    return Chart(
        title=title,
        x_label=f"{ratio} threshold",
        y_label="Hypoxic fraction of the tumour",
        items=(
            Line(x, y, "sweep", colour=GREY),
            Points(x, y, "thresholds", colour=ORANGE),
            Points(*(np.array([value], float) for value in chosen), "chosen", colour=RED),
        ),
        y_range=(0.0, 1.0),
    )


def preview_chart(ratio: str, preview: Preview, chosen: float) -> Chart:
    """The hypoxic fraction at every threshold, before anything is measured.

    Parameters
    ----------
    ratio : {"TMR", "TBR"}
    preview : Preview
    chosen : float
        The threshold that is chosen now; it lies in the range of x.
    """
    wanted = [value for value in (SHOWN_TO, chosen, preview.highest) if np.isfinite(value)]
    low, high = min(SHOWN_FROM, chosen), ROUND * float(np.ceil(max(wanted) / ROUND))
    thresholds = np.linspace(low, high, STEPS)
    return Chart(
        title="Hypoxic fraction by threshold",
        x_label=f"{ratio} threshold",
        y_label="Hypoxic fraction of the tumour",
        items=(Line(thresholds, preview.fractions(thresholds), "preview", colour=BLUE),),
        x_range=(low, high),
        y_range=(0.0, 1.0),
        legend=False,
    )
