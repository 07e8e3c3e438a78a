"""Progress reports and cancelling, the same for a panel, the command line and a script."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

SECONDS_BETWEEN_REPORTS = 0.25
SECONDS_BEFORE_A_FORECAST = 2.0

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
