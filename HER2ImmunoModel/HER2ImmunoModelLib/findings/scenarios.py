"""Scenarios side by side: in words, as a table, and as charts; every one faces the same draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.chart_spec import Band, Chart, Colour, Item, Line
from HER2ImmunoCommonLib.measurements import Measurement

from ..models.model import Model
from ..models.treatment_window import DELIVERY, OXYGENATION, has_window
from ..planning.outlook import Outlook
from ..planning.ranking import ahead_of_others
from . import wording
from .comparison import told_apart
from .figures import fraction_range, measured_points

HEADER = ("Scenario", "Volume, cm³\n(90 %)", "Best\nin", "Chemo\nreaches")
TIPS = (
    "Doses after the last visit, in its colour",
    "Tumour volume on the last day: median of the draws, and their 90 % interval",
    "Share of the draws in which the tumour is smallest on the last day under this scenario; all face the same draws",
    "Share of the effect of planned chemotherapy that vessels deliver and hypoxia leaves, median of the draws: by this "
    "the order of the drugs matters",
)
"""What each column tells."""
WINDOW = {DELIVERY: "Delivery q(V)", OXYGENATION: "Oxygenation o(H)"}
NOT_KNOWN = "–"


@dataclass(frozen=True, eq=False)
class Expected:
    """What is expected of a scenario.

    Attributes
    ----------
    name : str
    colour : Colour
    outlook : Outlook
    """

    name: str
    colour: Colour
    outlook: Outlook


def cells(expected: Sequence[Expected]) -> list[tuple[str, str, str, str]]:
    """Name, volume with its interval, share of the draws in which it is best, and what reaches the tumour."""
    best = [wording.percent(share) for share in _best_in(expected)] if len(expected) > 1 else [NOT_KNOWN]
    return [
        (each.name, _volume(each.outlook.volume_cm3), share, _reached(each.outlook.reached))
        for each, share in zip(expected, best, strict=True)
    ]


def headline(expected: Sequence[Expected]) -> str:
    """Under which scenario the tumour is smallest, and how sure that is; that the draws do not tell, where they do not.

    Empty for fewer than two scenarios.
    """
    if len(expected) < 2:
        return ""
    volume = _complete(expected)
    order = np.argsort(volume.mean(axis=1), kind="stable")
    ahead, at = ahead_of_others(volume[order])
    first, rival = expected[order[0]], expected[order[at]]
    day = f"day {first.outlook.bands.day[-1]:g}"
    if (volume[order[0]] == volume[order[at]]).all():
        return f"{first.name} and {rival.name} give the same tumour on {day}."
    if not told_apart(ahead):
        return (
            f"The data do not tell {first.name} and {rival.name} apart: the tumour on {day} is smaller under "
            f"{first.name} in {wording.percent(ahead)} of draws only."
        )
    return (
        f"Smallest tumour on {day}: {first.name}, {_volume(first.outlook.volume_cm3)} cm³ (median and 90 % interval); "
        f"smaller than under {rival.name} in {wording.percent(ahead)} of draws."
    )


def quantities(model: Model) -> dict[str, str]:
    """What can be drawn of scenarios: measured states, then the parts of the window."""
    states = {name: model.states[model.index(name)].label for name in model.observables}
    return states | (WINDOW if has_window(model) else {})


def chart(
    expected: Sequence[Expected],
    model: Model,
    quantity: str,
    measurements: Sequence[Measurement] = (),
    banded: Colour | None = None,
) -> Chart:
    """One quantity over time under every scenario: medians, and the 90 % band of one, as bands of all hide each other.

    Parameters
    ----------
    expected : sequence of Expected
    model : Model
    quantity : str
        Of `quantities`.
    measurements : sequence of Measurement
    banded : Colour, optional
        Of the scenario whose band is drawn; the first one if None.
    """
    with_band = next((each for each in expected if each.colour == banded), expected[0])
    items: list[Item] = [_band(with_band, quantity), *(_line(each, quantity) for each in expected)]
    what = quantities(model)[quantity]
    y_range, label, measured = (0.0, 1.0), f"{what} (share)", ""
    if quantity not in WINDOW:
        state = model.states[model.index(quantity)]
        points = measured_points(model, measurements, quantity) if measurements else None
        items += [] if points is None else [points]
        y_range = None if state.unit else fraction_range(items)
        label, measured = state.title, "" if points is None else ", and what was measured"
    caption = f"{what} by day under each scenario: median of the draws, 90 % band of {with_band.name}{measured}."
    return Chart(f"{what} under each scenario", "Day", label, tuple(items), y_range=y_range, caption=caption)


def _best_in(expected: Sequence[Expected]) -> np.ndarray:
    volume = _complete(expected)
    best = volume == volume.min(axis=0)
    return (best / best.sum(axis=0)).mean(axis=1)


def _complete(expected: Sequence[Expected]) -> np.ndarray:
    """Volumes (scenarios, draws) of the draws that failed under none."""
    volume = np.stack([each.outlook.volume_cm3 for each in expected])
    return volume[:, np.isfinite(volume).all(axis=0)]


def _volume(volume: np.ndarray) -> str:
    lower, median, upper = np.nanquantile(volume, [0.05, 0.5, 0.95])
    return f"{wording.volume(median)} ({wording.volume(lower)} to {wording.volume(upper)})"


def _reached(share: np.ndarray | None) -> str:
    return NOT_KNOWN if share is None else wording.percent(float(np.nanmedian(share)))


def _ends(each: Expected, quantity: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower end, median and upper end of a quantity, arrays (days,)."""
    bands = each.outlook.bands
    if quantity in bands.window:
        return tuple(bands.window[quantity])
    return bands.lower[quantity], bands.median[quantity], bands.upper[quantity]


def _band(each: Expected, quantity: str) -> Band:
    lower, _median, upper = _ends(each, quantity)
    return Band(each.outlook.bands.day, lower, upper, "90 % band", each.colour)


def _line(each: Expected, quantity: str) -> Line:
    return Line(each.outlook.bands.day, _ends(each, quantity)[1], each.name, each.colour)
