"""What next scans are worth: every examination and day, the best of them, and what is not told apart from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .objectives import Objective
from .scans import Scan

LEAST_EFFECTIVE = 10.0
"""Draws that a measurement must leave on average, for its gain to be trusted (assumed)."""
AS_GOOD = 0.05
"""Gain that fewer measurements may lack against the best, where draws do not tell the two apart (assumed)."""


@dataclass(frozen=True, eq=False)
class ScanGain:
    """What one examination on one day is worth.

    Attributes
    ----------
    day : float
    scan : Scan
    gain, error : float
        Share of the variance of the answer that it removes, or of the value of knowing the truth that it brings to a
        choice; with its Monte Carlo standard error.
    after : float
        To be expected after it: the width of the 90 % interval of the answer, or the probability that what is chosen
        is the best.
    worth, worth_error : float or None
        By how much it improves what is expected of the choice, in the unit of the objective; None of a number.
    effective : float
        Draws that it leaves on average.
    """

    day: float
    scan: Scan
    gain: float
    error: float
    after: float
    worth: float | None
    worth_error: float | None
    effective: float

    @property
    def is_trusted(self) -> bool:
        """Whether enough draws are as near to each other as the measurement tells."""
        return self.effective >= LEAST_EFFECTIVE


@dataclass(frozen=True, eq=False)
class NextScan:
    """Examinations by what they are worth.

    Attributes
    ----------
    objective : Objective
        The answer, of one schedule, or what the choice of a schedule is judged by.
    schedules : tuple of str
        One: its outcome is asked for. Several: which of them is the best is.
    rows : tuple of ScanGain
        By scan, then by day.
    before : float
        Width of the 90 % interval of the answer now, or probability that what is chosen now is the best.
    interval : (float, float) or None
        That interval; None of a choice.
    middle : float
        Median of the answer now, or expected outcome of the choice.
    chosen : str
        The schedule with the best expected outcome now.
    perfect : float or None
        What knowing the truth would improve in the expected outcome of the choice; None of a number.
    equal : tuple of ScanGain
        Rows that are not told apart from the best, itself among them.
    start_day, horizon_day : float
        Day from which the schedules are followed, and day judged.
    last_day : float
        Day of the last visit.
    noise : dict of str to float
        Standard deviation of each column: of the logarithm of a volume where that scatters, else of what is expected on
        the first day.
    noise_kind : str
        Kind of noise of volumes, as of `Calibration.scatter`.
    draws, distinct, n_failed : int
        Draws asked for, those that differ, and those left out because a course failed.
    warnings : tuple of str
    """

    objective: Objective
    schedules: tuple[str, ...]
    rows: tuple[ScanGain, ...]
    before: float
    interval: tuple[float, float] | None
    middle: float
    chosen: str
    perfect: float | None
    equal: tuple[ScanGain, ...]
    start_day: float
    horizon_day: float
    last_day: float
    noise: dict[str, float]
    noise_kind: str
    draws: int = 0
    distinct: int = 0
    n_failed: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def is_choice(self) -> bool:
        """Whether the answer is which schedule is the best."""
        return len(self.schedules) > 1

    @property
    def best(self) -> ScanGain:
        """The examination that is worth most."""
        return best_of(self.rows)

    @property
    def proposed(self) -> ScanGain:
        """What measures least of those that do as well as the best; of these the one worth most."""
        as_good = [row for row in self.equal if self.best.gain - row.gain <= AS_GOOD]
        fewest = min(len(row.scan.columns) for row in as_good)
        return best_of([row for row in as_good if len(row.scan.columns) == fewest])

    @property
    def scans(self) -> tuple[Scan, ...]:
        """Every examination, in order."""
        return tuple(dict.fromkeys(row.scan for row in self.rows))

    def of_scan(self, scan: Scan) -> tuple[ScanGain, ...]:
        """The days of one examination."""
        return tuple(row for row in self.rows if row.scan == scan)


def best_of(rows: Sequence[ScanGain]) -> ScanGain:
    """The row with the largest gain."""
    return max(rows, key=lambda row: row.gain)
