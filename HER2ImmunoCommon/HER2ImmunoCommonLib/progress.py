"""Progress reports and cancelling, the same for a panel, the command line and a script."""

from __future__ import annotations

from collections.abc import Callable

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
