"""The curve of the motion as a chart."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREEN, GREY, INK, ORANGE, RED, Band, Chart, Line

from .curve import Jump, MotionCurve

AXES = (("right", BLUE), ("anterior", GREEN), ("superior", ORANGE))
MOST_NAMED = 3
LEGEND_ROOM = 0.6
"""Below the curves, as a share of their height."""


def shift_chart(curve: MotionCurve, jumps: tuple[Jump, ...]) -> Chart:
    """How far the body is from its place before contrast, along each axis and on the mean, in mm."""
    items = [
        Band(curve.time_s, curve.mean_mm - curve.error_mm, curve.mean_mm + curve.error_mm, "its error", GREY),
        *(Line(curve.time_s, curve.shift_mm[:, n], name, colour, 1.5) for n, (name, colour) in enumerate(AXES)),
        Line(curve.time_s, curve.mean_mm, "mean way", INK, 2.5),
    ]
    values = np.concatenate([curve.shift_mm.ravel(), curve.mean_mm])
    ends = np.array([min(0.0, float(values.min())), float(values.max())])
    items += _leaps(curve, jumps, ends)
    caption = "Way of the body from its place before contrast, to the right, to the front and upwards, and on the mean."
    return Chart(
        "Motion during the series", "Time (s)", "Way (mm)", tuple(items), y_range=_with_room(ends), caption=caption
    )


def turn_chart(curve: MotionCurve, jumps: tuple[Jump, ...]) -> Chart:
    """How far the body is turned about each axis, in degrees."""
    items = [
        Line(curve.time_s, curve.turn_deg[:, n], f"about {name}", colour, 1.5) for n, (name, colour) in enumerate(AXES)
    ]
    ends = np.array([min(0.0, float(curve.turn_deg.min())), max(0.0, float(curve.turn_deg.max()))])
    items += _leaps(curve, jumps, ends)
    caption = "Turn of the body from its place before contrast, about the axes to the right, the front and upwards."
    return Chart(
        "Turning during the series",
        "Time (s)",
        "Turn (degrees)",
        tuple(items),
        y_range=_with_room(ends),
        caption=caption,
    )


def _with_room(ends: np.ndarray) -> tuple[float, float]:
    """The range of y with room for the legend below the curves."""
    span = max(float(np.ptp(ends)), 0.1)
    return float(ends[0]) - LEGEND_ROOM * span, float(ends[1]) + 0.05 * span


def _leaps(curve: MotionCurve, jumps: tuple[Jump, ...], ends: np.ndarray) -> list[Line]:
    """A dashed line before each of the largest jumps."""
    largest = sorted(jumps, key=lambda jump: -jump.length_mm)[:MOST_NAMED]
    named = sorted(largest, key=lambda jump: jump.frame)
    middle = [float(curve.time_s[jump.frame - 1 : jump.frame + 1].mean()) for jump in named]
    return [
        Line(np.full(2, at), ends, f"jump before frame {jump.frame + 1}", RED, 1.0, dashed=True)
        for jump, at in zip(named, middle, strict=True)
    ]
