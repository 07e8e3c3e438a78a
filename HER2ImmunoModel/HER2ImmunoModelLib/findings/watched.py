"""Charts of a fit while it is being searched, whose axes stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREEN, INK, ORANGE, PURPLE, RED, Chart, Line, Points
from HER2ImmunoCommonLib.measurements import Measurement

from ..calibration.watching import Sight
from ..models.model import Model, State
from .figures import measured_points
from .wording import unit_in_words

COLOURS = (BLUE, RED, GREEN, PURPLE, ORANGE, INK)
ABOVE = 1.25
"""Top of the axis over the highest end of what was measured."""
CAPTION = "Measured, with its 90 % interval, and the best course so far."


def watched_charts(model: Model, measurements: Sequence[Measurement], sight: Sight) -> tuple[Chart, ...]:
    """The measured states: those with a unit, then all shares in one chart; none where nothing was measured."""
    measured = [
        (model.states[model.index(name)], points)
        for name in model.observables
        if (points := measured_points(model, measurements, name)) is not None
    ]
    sized = [[each] for each in measured if each[0].unit]
    shares = [each for each in measured if not each[0].unit]
    return tuple(_chart(group, sight) for group in (*sized, shares) if group)


def _chart(group: Sequence[tuple[State, Points]], sight: Sight) -> Chart:
    items, top = [], 0.0
    for (state, points), colour in zip(group, COLOURS, strict=False):
        items.append(Line(sight.day, sight.states[state.name], state.label, colour))
        items.append(replace(points, colour=colour, label=""))
        ends = points.y if points.y_interval is None else points.y_interval[1]
        top = max(top, float(np.nanmax(ends)))
    state = group[0][0]
    unit = f" ({unit_in_words(state.unit)})" if state.unit else ""
    title = state.label if len(group) == 1 else "Shares of the tumour"
    return Chart(
        f"{title}: the best course so far",
        "Day",
        f"{title}{unit}" if len(group) == 1 else "Share",
        tuple(items),
        y_range=(0.0, ABOVE * top if state.unit else min(1.0, ABOVE * top)),
        legend=len(group) > 1,
        caption=CAPTION,
    )
