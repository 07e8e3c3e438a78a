"""Charts on logarithmic axes: their items hold logarithms to the base of ten, their ticks the numbers themselves."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .chart_spec import Band, Chart, Item, Points, ticks

Ticks = Callable[..., list[tuple[float, str]]]
"""`ticks` or `log_ticks`."""
FEW = 3
"""Powers of ten on an axis below which numbers between them are ticks, too."""


def on_log_axes(chart: Chart, axes: str) -> Chart:
    """The chart with its lines, points and bands on logarithmic axes; what is not above 0 is left out.

    Parameters
    ----------
    chart : Chart
        With numbers as they are.
    axes : str
        "x", "y" or "xy".
    """
    ranges = {
        f"{axis}_range": tuple(math.log10(end) for end in ends)
        for axis in axes
        if (ends := getattr(chart, f"{axis}_range")) is not None
    }
    return replace(chart, items=tuple(_logged(item, axes) for item in chart.items), log_axes=axes, **ranges)


def _logged(item: Item, axes: str) -> Item:
    changed: dict[str, object] = {"x": _log(item.x)} if "x" in axes else {}
    if "y" in axes:
        changed |= {name: _log(getattr(item, name)) for name in (("low", "high") if isinstance(item, Band) else ("y",))}
    if isinstance(item, Points):
        intervals = {f"{axis}_interval": getattr(item, f"{axis}_interval") for axis in axes}
        changed |= {name: tuple(map(_log, ends)) for name, ends in intervals.items() if ends is not None}
    return replace(item, **changed)


def _log(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, float)
    return np.log10(np.where(values > 0, values, np.nan))


def ticks_for(chart: Chart, axis: str) -> Ticks:
    """What finds the ticks of an axis, "x" or "y"."""
    return log_ticks if axis in chart.log_axes else ticks


def log_ticks(low: float, high: float, wanted: int = 6) -> list[tuple[float, str]]:
    """Positions (logarithms) and labels (numbers) of about `wanted` ticks of a logarithmic axis."""
    powers = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(powers) >= FEW:
        step = max(1, round(len(powers) / wanted))
        return [(float(n), f"{10.0**n:g}") for n in powers if n % step == 0]
    between = [m * 10.0**n for n in range(math.floor(low) - 1, math.ceil(high) + 1) for m in (1.0, 2.0, 5.0)]
    found = [(math.log10(value), f"{value:g}") for value in between if low - 1e-9 <= math.log10(value) <= high + 1e-9]
    if len(found) >= FEW:
        return found
    return [(math.log10(value), text) for value, text in ticks(10.0**low, 10.0**high, wanted) if value > 0]
