"""The hypoxic fraction over the threshold, as a chart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.chart_spec import GREY, ORANGE, RED, Chart, Line, Points


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
