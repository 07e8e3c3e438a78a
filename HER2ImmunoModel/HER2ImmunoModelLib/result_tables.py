"""Parameters, forecast and ranking as tables: header and rows of plain values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from HER2ImmunoModelLib.calibration_result import Bands, Calibration
from HER2ImmunoModelLib.ranking import Ranking

ESTIMATE_COLUMNS = ("parameter", "unit", "value", "lower_90", "upper_90", "shrinkage", "set_by", "source")
RANKING_COLUMNS = ("rank", "schedule", "expected", "lower_90", "upper_90", "probability_best", "regret", "gain")


def estimate_rows(calibration: Calibration) -> list[Sequence[object]]:
    """One row a calibrated parameter, in the columns `ESTIMATE_COLUMNS`."""
    rows = []
    for name, estimate in calibration.estimates.items():
        parameter = calibration.model.parameter(name)
        numbers = (estimate.value, estimate.lower, estimate.upper, estimate.shrinkage)
        rows.append((name, parameter.unit, *numbers, estimate.set_by, parameter.source))
    return rows


def forecast_table(bands: Bands) -> tuple[list[str], list[list[float]]]:
    """Header and rows of a forecast: day, then median and 90 % band of each state."""
    header, columns = ["day"], [bands.day]
    for state in bands.median:
        header += [f"{state}_median", f"{state}_lower_90", f"{state}_upper_90"]
        columns += [bands.median[state], bands.lower[state], bands.upper[state]]
    return header, np.column_stack(columns).tolist()


def ranking_rows(ranking: Ranking) -> list[Sequence[object]]:
    """One row a schedule, best first, in the columns `RANKING_COLUMNS`."""
    return [
        (
            row.rank,
            row.schedule.name,
            row.expected,
            row.lower,
            row.upper,
            row.probability_best,
            row.regret,
            row.gain,
        )
        for row in ranking.rows
    ]
