"""How well fits and forecasts follow the measurements: sentences, tables and a chart a column."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, ORANGE, Chart, Line, Points
from HER2ImmunoCommonLib.log_axes import on_log_axes

from ..calibration.fit_quality import FITTED, HIDDEN, FitQuality, Quality, QualityRow, Told
from ..models.model import Model, State
from .tables import Table

NOT_KNOWN = "-"
NUMBERS = ("n", "ccc", "r2", "rmse", "nrmse", "log_likelihood")
MOST_INTERVALS = 40
"""Hidden numbers up to which their intervals are drawn; more hide each other."""
MARGIN = 0.05
LOG_FROM = 20.0
"""Largest over smallest number of a column in cm3 from which its axes are logarithmic."""
COLOURS = {FITTED: BLUE, HIDDEN: ORANGE}
CALLED = {FITTED: "fitted", HIDDEN: "hidden, forecast"}


def quality_sentences(found: FitQuality) -> Iterator[str]:
    """A line a column: all numbers that were fitted, then those that were hidden."""
    for row in found.overall:
        quality, unit = row.quality, _unit(row.column)
        numbers = f"{quality.n} number{'s' * (quality.n != 1)}"
        yield (
            f"{row.of.capitalize()} {row.column}, {numbers}: CCC {two_decimals(quality.ccc)}, "
            f"R² {two_decimals(quality.r2)}, RMSE {quality.rmse:.3g}{unit} ({_of_range(quality)}), "
            f"log likelihood {quality.log_likelihood:.1f}."
        )
    if any(not isfinite(row.quality.ccc) for row in found.overall):
        yield f"{NOT_KNOWN}: one number, or several that are all the same, have no CCC, R² or range."


def quality_table(found: FitQuality) -> Table:
    """One row a column, fitted or hidden, of all subjects (none named) and then of each; empty where there is none."""
    header = ["of", "column", "subject", "n", "ccc", "r2", "rmse", "nrmse", "log_likelihood"]
    return header, [(row.of, row.column, row.subject, *_cells(row.quality)) for row in found.rows]


def numbers_table(found: FitQuality) -> Table:
    """One row a measured number: what the fit or the forecast says of it."""
    header = ["of", "subject", "visit", "day", "column", "measured", "said", "lower_90", "upper_90", "log_likelihood"]
    names = ("of", "subject", "visit", "day", "column", "measured", "said", "lower", "upper", "log_likelihood")
    return header, [tuple(_cell(getattr(told, name)) for name in names) for told in found.numbers]


def quality_charts(found: FitQuality, model: Model) -> dict[str, Chart]:
    """Measured against fitted or foretold, a chart a column."""
    states = {column: model.states[model.index(state)] for state, column in model.observables.items()}
    columns = dict.fromkeys(told.column for told in found.numbers)
    return {column: _chart(found, column, states[column]) for column in columns}


def _chart(found: FitQuality, column: str, state: State) -> Chart:
    kinds = {of: [told for told in found.numbers if (told.of, told.column) == (of, column)] for of in COLOURS}
    rows = {row.of: row for row in found.overall if row.column == column}
    drawn = [value for told in found.numbers if told.column == column for value in (told.measured, told.said)]
    logged = bool(state.unit) and min(drawn) > 0 and max(drawn) > LOG_FROM * min(drawn)
    ends = _ends(np.array(drawn), logged)
    unit = f" ({state.unit.replace('cm3', 'cm³')})" if state.unit else ""
    items = [Line(np.array(ends), np.array(ends), "as measured", GREY, width=1.0, dashed=True)]
    items += [_points(of, kinds[of], rows[of], ends) for of in COLOURS if kinds[of]]
    says = "Fitted or forecast" if kinds[HIDDEN] else "Fitted"
    chart = Chart(
        f"{state.label}: {'told' if kinds[HIDDEN] else 'fitted'} against measured",
        f"Measured{unit}",
        f"{says}{unit}",
        tuple(items),
        x_range=ends,
        y_range=ends,
        caption=f"{state.label}, each measured number of every subject and what the model says of it: on the dashed "
        "line it says what was measured. CCC: concordance; R²: share of the variance told.",
    )
    return on_log_axes(chart, "xy") if logged else chart


def _points(of: str, numbers: list[Told], row: QualityRow, ends: tuple[float, float]) -> Points:
    quality = row.quality
    label = f"{CALLED[of]} ({quality.n}): CCC {two_decimals(quality.ccc)}, R² {two_decimals(quality.r2)}"
    measured, said, low, high = (
        np.array([getattr(told, name) for told in numbers]) for name in ("measured", "said", "lower", "upper")
    )
    interval = (np.clip(low, *ends), np.clip(high, *ends)) if of == HIDDEN and len(numbers) <= MOST_INTERVALS else None
    return Points(measured, said, label, COLOURS[of], y_interval=interval)


def _ends(drawn: np.ndarray, logged: bool) -> tuple[float, float]:
    """The range of both axes."""
    values = np.log10(drawn) if logged else drawn
    low, high = float(values.min()), float(values.max())
    room = MARGIN * (high - low) or 0.1 * abs(high) or 1.0
    low, high = (low - room if logged or low - room > 0 else 0.0), high + room
    return (10.0**low, 10.0**high) if logged else (low, high)


def _cells(quality: Quality) -> tuple[object, ...]:
    return tuple(_cell(getattr(quality, name)) for name in NUMBERS)


def _cell(value: object) -> object:
    return "" if isinstance(value, float) and not isfinite(value) else value


def _of_range(quality: Quality) -> str:
    return f"{100 * quality.nrmse:.1f} % of their range" if isfinite(quality.nrmse) else NOT_KNOWN


def two_decimals(value: float) -> str:
    """A number of an agreement, or that it is not known."""
    return f"{value:.2f}" if isfinite(value) else NOT_KNOWN


def _unit(column: str) -> str:
    return " cm³" if column.endswith("_cm3") else ""
