"""The numbers of a plan as tables: header and rows, for CSV files, table nodes and the report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from HER2ImmunoModelLib.calibration_result import Bands, Calibration
from HER2ImmunoModelLib.gap_curves import GapCurve
from HER2ImmunoModelLib.ranking import Ranking

Table = tuple[list[str], list[Sequence[object]]]


def estimate_table(calibration: Calibration) -> Table:
    """One row a calibrated parameter."""
    header = ["parameter", "unit", "value", "lower_90", "upper_90", "shrinkage", "set_by", "source"]
    rows = []
    for name, estimate in calibration.estimates.items():
        parameter = calibration.model.parameter(name)
        numbers = (estimate.value, estimate.lower, estimate.upper, estimate.shrinkage)
        rows.append((name, parameter.unit, *numbers, estimate.set_by, parameter.source))
    return header, rows


def forecast_table(bands: Bands) -> Table:
    """One row a day: median and 90 % band of each state."""
    header, columns = ["day"], [bands.day]
    for state in bands.median:
        header += [f"{state}_median", f"{state}_lower_90", f"{state}_upper_90"]
        columns += [bands.median[state], bands.lower[state], bands.upper[state]]
    return header, np.column_stack(columns).tolist()


def ranking_table(ranking: Ranking) -> Table:
    """One row a schedule, the best first; excluded ones last, with the reason."""
    header = ["rank", "schedule", "expected", "lower_90", "upper_90", "probability_best", "regret", "gain", "excluded"]
    rows: list[Sequence[object]] = [
        (
            row.rank,
            row.schedule.name,
            row.expected,
            row.lower,
            row.upper,
            row.probability_best,
            row.regret,
            row.gain,
            "",
        )
        for row in ranking.rows
    ]
    rows += [("", schedule.name, *[""] * 6, reason) for schedule, reason in ranking.excluded]
    return header, rows


def gap_table(curve: GapCurve) -> Table:
    """One row a gap between the first trastuzumab and the first cytotoxic dose."""
    header = ["gap_day", "expected", "lower_90", "upper_90"]
    return header, np.column_stack([curve.gap_day, curve.expected, curve.lower, curve.upper]).tolist()
