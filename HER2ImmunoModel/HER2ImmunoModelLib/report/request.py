"""A request for a report: what is known of the subject, and which schedules are still to be followed for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.progress import Report, part

from ..treatments.doses import Schedule
from .content import SubjectReport
from .courses import follow


@dataclass(frozen=True, eq=False)
class ReportRequest:
    """Everything a report is made from.

    Attributes
    ----------
    known : SubjectReport
        Without courses.
    schedules : tuple of Schedule or None
        To follow over the draws of the calibration; None stands for nothing more.
    start_day, horizon_day : float
    draws : int
    """

    known: SubjectReport
    schedules: tuple[Schedule | None, ...] = ()
    start_day: float = 0.0
    horizon_day: float = 0.0
    draws: int = 0

    def make(self, report: Report | None = None) -> SubjectReport:
        """Follow the schedules; needs no scene. Errors as `follow`."""
        days = {"start_day": self.start_day, "horizon_day": self.horizon_day, "draws": self.draws}
        count = len(self.schedules)
        courses = tuple(
            follow(self.known.calibration, schedule, **days, report=part(report, number / count, (number + 1) / count))
            for number, schedule in enumerate(self.schedules)
        )
        return replace(self.known, courses=courses)
