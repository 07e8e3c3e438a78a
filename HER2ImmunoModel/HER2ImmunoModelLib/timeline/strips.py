"""What stands below the lanes on the same axis: a measured state with its forecast, and the window for drugs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, INK, ORANGE, Band, Chart, Colour, Item, Line, Points, extent

from ..models.model import State
from ..models.treatment_window import DELIVERY, OXYGENATION

OUT_OF_DATE = "out of date"
OTHERS_WIDTH = 1.2
SHARES = ("90 %", "50 %")
"""Of the bands about a curve, in the order in which they are drawn."""
HEADROOM = 0.06
MOST_HEADROOM = 2.0
"""Height of a picture over the highest that was measured or is likely (median, 50 % band), at most."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """The columns of a table of forecasts.

    Attributes
    ----------
    day : array (days,)
    columns : mapping of str to array (days,)
        `T_median`, `T_lower_90`, ...
    is_stale : bool
        Whether it was made from other inputs than the present ones.
    colour : Colour
        Of its state.
    """

    day: np.ndarray
    columns: Mapping[str, np.ndarray]
    is_stale: bool = False
    colour: Colour = BLUE

    def has(self, name: str) -> bool:
        """Whether it tells the median of a state, or of a part of the window."""
        return f"{name}_median" in self.columns

    def bands(self, name: str, colour, label: str) -> list[Item]:
        """The bands and the median of a state; grey where they are stale."""
        colour = GREY if self.is_stale else colour
        found: list[Item] = []
        for share in ("90", "50"):
            ends = [self.columns.get(f"{name}_{end}_{share}") for end in ("lower", "upper")]
            if all(end is not None for end in ends):
                found.append(Band(self.day, *ends, "", colour))
        if found:  # one name for both: they lie in each other
            shares = "50 and 90 % band" if len(found) > 1 else "90 % band"
            found[0] = replace(found[0], label=shares)
        line = Line(self.day, self.columns[f"{name}_median"], label, colour, dashed=self.is_stale)
        return [*found, line]


@dataclass(frozen=True, eq=False)
class Strip:
    """A picture below the lanes.

    Attributes
    ----------
    title : str
        With the unit.
    items : tuple of Line, Band or Points
    y_range : (float, float)
    marks_cytotoxic : bool
        Whether the days of cytotoxic doses are drawn through it.
    """

    title: str
    items: tuple[Item, ...]
    y_range: tuple[float, float]
    marks_cytotoxic: bool = False

    @property
    def legend(self) -> tuple[Item, ...]:
        """Items with a name: first a curve that is out of date, then what was measured, curves and bands."""
        kinds = (Points, Line, Band)
        named = [item for item in self.items if item.label]
        return tuple(sorted(named, key=lambda item: (item.label != OUT_OF_DATE, kinds.index(type(item)))))

    def said(self, day: float) -> list[str]:
        """What the curves are on a day, with the ends of their bands."""
        lines, bands = [], []
        for item in self.items:
            if isinstance(item, Band):
                bands.append(item)
            elif isinstance(item, Line):
                if item.label and item.x[0] <= day <= item.x[-1]:
                    ends = zip(SHARES, bands, strict=False)
                    within = [f"{share}: {_at(day, band, 'low')} to {_at(day, band, 'high')}" for share, band in ends]
                    lines.append("; ".join([f"{item.label}: {_at(day, item, 'y')}", *within]))
                bands = []
        return lines


def state_strip(
    state: State, measured: Points | None, forecast: Forecast | None, others: Sequence[Forecast] = ()
) -> Strip | None:
    """A state: measured with its 90 % interval, and forecast; None without either.

    Of other forecasts there are the medians, in their colours.
    """
    items: list[Item] = []
    if forecast is not None and forecast.has(state.name):
        medians = [(other, other.columns.get(f"{state.name}_median")) for other in others]
        items += [Line(each.day, y, "", each.colour, width=OTHERS_WIDTH) for each, y in medians if y is not None]
        items += forecast.bands(state.name, forecast.colour, OUT_OF_DATE if forecast.is_stale else "forecast")
    if measured is not None:
        items.append(replace(measured, label="measured, 90 %", colour=INK))
    if not items:
        return None
    return Strip(state.title, tuple(items), _range_of(items, state))


def window_strip(forecast: Forecast | None) -> Strip | None:
    """The window; None where a forecast does not tell it."""
    if forecast is None or not (forecast.has(DELIVERY) and forecast.has(OXYGENATION)):
        return None
    items = [
        *forecast.bands(DELIVERY, BLUE, "delivery q(V)"),
        *forecast.bands(OXYGENATION, ORANGE, "oxygenation o(H)"),
    ]
    items = [replace(item, label="") if isinstance(item, Band) else item for item in items]
    if forecast.is_stale:  # both are grey: only one of them is dashed
        items = [replace(i, dashed=i.label != "delivery q(V)") if isinstance(i, Line) else i for i in items]
    return Strip("Window", tuple(items), (0.0, 1.0), marks_cytotoxic=True)


def _range_of(items: Sequence[Item], state: State) -> tuple[float, float]:
    """From zero to above the highest; a fraction ends at 1 at most.

    A band that goes far above all that was measured and is likely leaves the picture: else nothing of that is seen.
    """
    _xs, (low, high) = extent(Chart("", "", "", tuple(items)))
    likely = [_top(item) for item in items if not (isinstance(item, Band) and item.label)]
    high = min(high, MOST_HEADROOM * max(likely)) if max(likely, default=0.0) > 0 else high
    high += HEADROOM * (high - low)
    return (0.0, min(1.0, high)) if not state.unit else (min(low, 0.0), high)


def _top(item: Item) -> float:
    if isinstance(item, Band):
        return float(np.nanmax(item.high))
    if isinstance(item, Points) and item.y_interval is not None:
        return float(np.nanmax(item.y_interval[1]))
    return float(np.nanmax(item.y))


def _at(day: float, item: Item, name: str) -> str:
    return f"{np.interp(day, item.x, getattr(item, name)):.3g}"
