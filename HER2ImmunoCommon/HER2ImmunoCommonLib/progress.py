"""Progress reports and cancelling, the same for a panel, the command line and a script."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

SECONDS_BETWEEN_REPORTS = 0.25
SECONDS_BEFORE_A_FORECAST = 2.0
LEAST_SECONDS, LEAST_FRACTION = 3.0, 0.05
"""What a steady forecast is made from at least."""
SMOOTHED_S = 10.0
"""Seconds over which the rate of work is averaged."""
STEADY_S, STEADY_SHARE = 3.0, 0.15
"""A forecast of the end stands until a new one differs by more than these seconds, and this share of what is left."""

Report = Callable[[float, str], None]
"""Called with the fraction done (0 to 1) and what is being done; may raise `Cancelled`."""


class Cancelled(Exception):
    """Raised by a `Report` to stop the work it reports on."""


def tell(report: Report | None, fraction: float, text: str) -> None:
    """Pass progress on to `report`, if there is one."""
    if report is not None:
        report(fraction, text)


def part(report: Report | None, start: float, stop: float) -> Report | None:
    """Report for a sub-task that takes the whole from fraction `start` to `stop`."""
    if report is None:
        return None
    return lambda fraction, text: report(start + (stop - start) * fraction, text)


def paced(report: Report, clock: Callable[[], float] = monotonic) -> Report:
    """Report that is passed on at most four times a second, with the time that is left in its text.

    Each report costs a panel the drawing of its windows; work that reports thousands of times must not wait for that.

    Parameters
    ----------
    report : Report
    clock : callable, optional
        Seconds since any moment.
    """
    start = clock()
    told = start - SECONDS_BETWEEN_REPORTS

    def pace(fraction: float, text: str) -> None:
        nonlocal told
        now = clock()
        if now - told < SECONDS_BETWEEN_REPORTS:
            return
        told = now
        known = fraction > 0 and now - start >= SECONDS_BEFORE_A_FORECAST
        left = f", {time_left((now - start) * (1.0 - fraction) / fraction)}" if known else ""
        report(fraction, f"{text} ({fraction:.0%}{left})")

    return pace


def time_left(seconds: float) -> str:
    """How long something will still take, as exactly as it can be known: "about 20 s left"."""
    if seconds < 5:
        return "a few seconds left"
    if seconds < 57.5:
        return f"about {5 * round(seconds / 5)} s left"
    return f"about {max(1, round(seconds / 60))} min left"


class TimeLeft:
    """Forecasts how long one piece of work will still take, from its smoothed rate, without jumping about.

    Parameters
    ----------
    clock : callable, optional
        Seconds since any moment.
    """

    def __init__(self, clock: Callable[[], float] = monotonic):
        self._clock = clock
        self._begin(clock(), 0.0)

    def _begin(self, now: float, fraction: float) -> None:
        self._start = self._last = now
        self._first = self._fraction = fraction
        self._rate, self._end = 0.0, float("nan")

    def seconds(self, fraction: float) -> float | None:
        """Seconds left when `fraction` is done; None before 3 s or 5 %, and where the work does not go on."""
        now = self._clock()
        if fraction < self._fraction:  # another piece of work
            self._begin(now, fraction)
        passed = now - self._last
        # Work goes on by leaps: it stands still only after some time.
        if passed > 0.0 and (fraction > self._fraction or passed >= SMOOTHED_S):
            rate = (fraction - self._fraction) / passed
            # The mean of all at first, then of what was last.
            self._rate += min(1.0, passed / min(now - self._start, SMOOTHED_S)) * (rate - self._rate)
            self._last, self._fraction = now, fraction
        if now - self._start < LEAST_SECONDS or fraction - self._first < LEAST_FRACTION or self._rate <= 0.0:
            return None
        left = (1.0 - fraction) / self._rate
        if not abs(now + left - self._end) <= max(STEADY_S, STEADY_SHARE * left):  # at first it is NaN
            self._end = now + left
        return max(0.0, self._end - now)

    def said(self, fraction: float) -> str:
        """The seconds left in words, as "about 20 s left"; empty while they are not known."""
        seconds = self.seconds(fraction)
        return "" if seconds is None or fraction >= 1.0 else time_left(seconds)
