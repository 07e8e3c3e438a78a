"""What a prior says before any data: sentences, tables and a chart of each measured state."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, INK, ORANGE, RED, Band, Chart, Item, Line, Points
from HER2ImmunoCommonLib.log_axes import on_log_axes

from ..calibration.prior_draws import VOLUME, largest_size
from ..calibration.prior_results import PriorArm, PriorNumber, PriorPredictive
from ..calibration.result import SHARES
from ..models.model import Model, State
from .tables import Table
from .wording import HARDLY_DETERMINED, lower_first, number, percent, volume

EXCLUDED = 0.01
"""Share of the draws as far out as a measured number, below which the prior all but excludes it."""
ANYTHING = 0.9
"""Width of the 90 % band of a fraction from which the prior says next to nothing of it."""
DECADES = 3.0
"""Powers of ten beyond the medians and what was measured that a chart shows."""
BEYOND = 3.0
"""How far past the largest size a tumour has a chart goes."""
MOST_NAMED = 3
_LOWEST, _MEDIAN, _HIGHEST = 0, 2, 4
ENDS = ("lower_90", "lower_50", "median", "upper_50", "upper_90")


def prior_sentences(found: PriorPredictive) -> Iterator[str]:
    """What a person wants to know of a prior, the arms one after the other."""
    for arm in found.arms:
        about = f"{arm.name}: " if arm.name else ""
        for text in _of_arm(found, arm):
            yield about + text
    if found.numbers:
        inside, n = sum(not each.outside for each in found.numbers), len(found.numbers)
        yield f"{inside} of {n} measured numbers lie within the 90 % of the prior."


def _of_arm(found: PriorPredictive, arm: PriorArm) -> Iterator[str]:
    yield from _lost(found.model, arm)
    yield from _derived(arm, found.model)
    yield from _too_wide(found.model, arm)
    yield from _starts(found, arm)
    yield from _excluded(arm)


def _lost(model: Model, arm: PriorArm) -> Iterator[str]:
    if arm.exploded:
        size = min(largest_size(model).values())
        yield (
            f"{percent(arm.exploded)} of the draws explode: their tumour grows past {size:g} cm³, which none of a "
            f"{model.species} has, by day {arm.day[-1]:g}."
        )
    if arm.failed:
        yield f"{percent(arm.failed)} of the draws cannot be simulated, and are left out."


def _derived(arm: PriorArm, model: Model) -> Iterator[str]:
    if arm.doubling_day is not None:
        fast, _, middle, _, slow = arm.doubling_day
        ends = f"{number(fast)} to {number(slow)} days" if isfinite(slow) else f"{number(fast)} days to never"
        median = f"{number(middle)} days" if isfinite(middle) else "none, as most draws shrink"
        yield f"Doubling time at the start, without treatment: {median} (90 % {ends})."
    state = _volume_state(model)
    if state is None:
        return
    low, _, middle, _, high = arm.bands[state][:, -1]
    size = largest_size(model)[state]
    said = f"{_volume(middle, size)} (90 % {_volume(low, size)} to {_volume(high, size)})"
    decided = ", ".join(
        f"{lower_first(model.parameter(name).label)} {percent(share)}"
        for name, share in arm.from_parameter[:MOST_NAMED]
        if share >= 0.05
    )
    yield f"Volume on day {arm.day[-1]:g}: {said}{f'; its spread comes from: {decided}' if decided else ''}."


def _too_wide(model: Model, arm: PriorArm) -> Iterator[str]:
    """That a prior says next to nothing, which is no fault: the data must then say it."""
    for state, column in model.observables.items():
        low, _, _, _, high = arm.bands[state][:, -1]
        if column == VOLUME and high > HARDLY_DETERMINED * low:
            yield f"Of the volume on day {arm.day[-1]:g} the prior says next to nothing: the data decide it."
        elif column != VOLUME and high - low > ANYTHING:
            label = model.states[model.index(state)].label.lower()
            yield f"Of the {label} on day {arm.day[-1]:g} the prior says next to nothing: the data decide it."


def _starts(found: PriorPredictive, arm: PriorArm) -> Iterator[str]:
    first = [each for each in arm.numbers if each.first and each.column == VOLUME]
    outside = [each for each in first if each.outside]
    if not outside or found.from_first_visit:
        return
    worst = min(outside, key=lambda each: each.tail)
    low, _, middle, _, high = arm.bands[_volume_state(found.model)][:, 0]
    which = "The first visit" if len(first) == 1 else f"{len(outside)} of {len(first)} first visits"
    verb = "lies" if len(outside) == 1 else "lie"
    yield (
        f"{which} {verb} outside the prior of the size at the start, {_volume(middle)} (90 % {_volume(low)} to "
        f"{_volume(high)}): {_named(worst)} was {_volume(worst.measured)}. A calibration starts its search at what was "
        "measured, but weighs that size by this prior."
    )


def _excluded(arm: PriorArm) -> Iterator[str]:
    """The number of each column that lies farthest out, where the prior all but excludes it."""
    for column in dict.fromkeys(each.column for each in arm.numbers):
        worst = min((each for each in arm.numbers if each.column == column), key=lambda each: each.tail)
        if worst.tail < EXCLUDED:
            large = worst.below > 0.5
            what = "volumes" if column == VOLUME else f"a {column.replace('_', ' ')}"
            said = _volume(worst.measured) if column == VOLUME else number(worst.measured)
            yield (
                f"The prior puts {_rare(worst.tail)} on {what} as {'large' if large else 'small'} as {said} "
                f"({_named(worst)}): it all but excludes what was measured. Check the unit, or widen it."
            )


def _rare(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "less than 0.1 %"


def _named(found: PriorNumber) -> str:
    return f"{found.subject}, day {found.day:g}" if found.subject else f"day {found.day:g}"


def _volume(value: float, largest: float = np.inf) -> str:
    """A volume with its unit; of one that no tumour has, only that."""
    return f"{volume(value)} cm³" if value <= largest else f"over {largest:g} cm³"


def _volume_state(model: Model) -> str | None:
    return next((state for state, column in model.observables.items() if column == VOLUME), None)


def bands_table(found: PriorPredictive) -> Table:
    """One row an arm and day: median, 50 and 90 % band of each state."""
    states = [state.name for state in found.model.states]
    header = ["arm", "day", *(f"{state}_{end}" for state in states for end in ENDS)]
    rows = [
        (arm.name, *row)
        for arm in found.arms
        for row in np.column_stack([arm.day, *(arm.bands[state].T for state in states)]).tolist()
    ]
    return header, rows


def prior_numbers_table(found: PriorPredictive) -> Table:
    """One row a measured number: the share of the prior below it, and whether it lies outside the 90 % band."""
    header = ["arm", "subject", "visit", "day", "column", "measured", "below", "outside_90"]
    return header, [
        (arm.name, n.subject, n.visit, n.day, n.column, n.measured, n.below, n.outside)
        for arm in found.arms
        for n in arm.numbers
    ]


def derived_table(found: PriorPredictive) -> Table:
    """One row an arm and quantity: shares that explode or fail, doubling time, volume on the last day."""
    rows: list[tuple[object, ...]] = []
    for arm in found.arms:
        rows += [(arm.name, name, "", *[""] * 2, share, *[""] * 2) for name, share in _shares(arm).items()]
        if arm.doubling_day is not None:
            rows.append((arm.name, "doubling_time_at_start", "day", *arm.doubling_day.tolist()))
        if (state := _volume_state(found.model)) is not None:
            rows.append((arm.name, f"volume_on_day_{arm.day[-1]:g}", "cm3", *arm.bands[state][:, -1].tolist()))
    return ["arm", "quantity", "unit", *ENDS], rows


def _shares(arm: PriorArm) -> dict[str, float]:
    return {"share_exploded": arm.exploded, "share_failed": arm.failed}


def prior_charts(found: PriorPredictive) -> dict[tuple[str, str], Chart]:
    """A chart an arm and observable: the bands of the prior and what was measured."""
    return {
        (arm.name, column): _chart(found, arm, state, column)
        for arm in found.arms
        for state, column in found.model.observables.items()
    }


def _chart(found: PriorPredictive, arm: PriorArm, name: str, column: str) -> Chart:
    state = found.model.states[found.model.index(name)]
    measured = [each for each in arm.numbers if each.column == column]
    size = largest_size(found.model).get(name, np.inf)
    ends = _ends(arm, name, measured, state, size)
    low, low_50, middle, high_50, high = np.clip(arm.bands[name], *ends)
    items: list[Item] = [
        Band(arm.day, low, high, "90 % of the prior", BLUE),
        Band(arm.day, low_50, high_50, "50 % (darker)", BLUE),
        Line(arm.day, middle, "median", BLUE),
    ]
    if ends[0] < size < ends[1]:
        items.append(Line(arm.day[[0, -1]], np.full(2, size), f"no {found.model.species} has more", RED, 1.0, True))
    items += _points(measured)
    about = f"{arm.name}: " if arm.name else ""
    chart = Chart(
        f"{about}{state.label.lower() if about else state.label} before any data",
        "Day",
        state.title,
        tuple(items),
        y_range=ends,
        caption=f"{state.label} as the prior has it before any data: median, 50 and 90 % of {found.draws} draws, and "
        "what was measured. The model alone, without the noise of a measurement."
        + (" A subject is judged by its own start, the bands are of all." if found.from_first_visit else ""),
    )
    return on_log_axes(chart, "y") if state.unit else chart


def _points(measured: list[PriorNumber]) -> Iterator[Points]:
    for outside, label, colour in ((False, "measured", INK), (True, "measured, outside its 90 %", ORANGE)):
        chosen = [each for each in measured if each.outside == outside]
        if chosen:
            day, value = (np.array([getattr(each, part) for each in chosen]) for part in ("day", "measured"))
            yield Points(day, value, label, colour)


def _ends(arm: PriorArm, name: str, measured: list[PriorNumber], state: State, largest: float) -> tuple[float, float]:
    """The range of the vertical axis: of a volume no more than some powers of ten about medians and measurements.

    What no tumour has is shown no farther than a little, nor is where draws explode to.
    """
    if not state.unit:
        return 0.0, 1.0
    bands = arm.bands[name]
    shown = np.concatenate([bands[_MEDIAN], [each.measured for each in measured]])
    shown = shown[np.isfinite(shown) & (shown > 0)]
    shown = shown if shown.size else np.ones(1)
    lowest, highest = np.nanmin(bands[_LOWEST]), np.nanmax(bands[_HIGHEST])
    room = 10.0**DECADES
    low = min(max(lowest, shown.min() / room), shown.min())
    high = max(min(highest, shown.max() * room, BEYOND * largest), shown.max())
    return 0.8 * low, 1.25 * high


def prior_summary(found: PriorPredictive) -> dict:
    """Every number, for JSON; an infinite one as text."""
    arms = [
        {
            "name": arm.name,
            "subjects": arm.subjects,
            "exploded": arm.exploded,
            "failed": arm.failed,
            "doubling_day": None if arm.doubling_day is None else _plain(arm.doubling_day),
            "from_parameter": dict(arm.from_parameter),
            "day": arm.day,
            "bands": {
                state: {end: _plain(row) for end, row in zip(ENDS, rows, strict=True)}
                for state, rows in arm.bands.items()
            },
            "numbers": [vars(each) | {"outside": each.outside} for each in arm.numbers],
        }
        for arm in found.arms
    ]
    return {"draws": found.draws, "quantiles": SHARES, "from_first_visit": found.from_first_visit, "arms": arms}


def _plain(values: np.ndarray) -> list[float | str]:
    return [float(value) if isfinite(value) else str(value) for value in values]
