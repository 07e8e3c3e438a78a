"""The line of a parameter over a measured number, in a sentence and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from ..calibration.covariates_over import CovariateLine
from .tables import Table


def line_sentence(line: CovariateLine) -> str:
    """The line as a formula, and what is known of it."""
    at, slope = (f"{value:.3g} (90 % {low:.3g} to {high:.3g})" for value, low, high in (line.at_centre, line.slope))
    sign = "-" if line.slope[0] < 0 else "+"
    formula = f"{line.parameter} = {line.at_zero[0]:.3g} {sign} {abs(line.slope[0]):.3g} x {line.column}"
    where = f"{line.centre:.3g}, the mean" if line.centre else "0"
    return f"{formula}: {at} where {line.column} is {where}, and {slope} more for each 1 of it."


def line_table(lines: Sequence[CovariateLine]) -> Table:
    """One row a parameter that follows a number: slope, value where the number is 0 and where it is the mean."""
    parts = ("slope", "at_zero", "at_mean")
    header = ["parameter", "column", "mean", *(name + end for name in parts for end in ("", "_lower_90", "_upper_90"))]
    return header, [
        (line.parameter, line.column, line.centre, *line.slope, *line.at_zero, *line.at_centre) for line in lines
    ]
