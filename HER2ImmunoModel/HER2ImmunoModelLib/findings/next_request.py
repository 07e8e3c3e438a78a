"""Ask which scan next would sharpen an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.result import Calibration
from ..planning.next_scan import DRAWS, next_scan
from ..planning.outlook import LiveInputs, given_on
from ..planning.plan import candidates_of
from ..planning.plan_settings import with_days
from ..planning.regimens_compared import Comparison
from ..planning.scan_results import NextScan
from ..planning.scans import KINDS
from ..treatments.schedule import Schedule
from . import next_scans, wording
from .next_scan_charts import gain_chart
from .request import Findings, Request
from .sampler import said_of_sampling, tells_of_no_convergence

PLANNED, SCENARIOS, SCHEDULES = "planned", "scenarios", "schedules"
ANSWERS = (PLANNED, SCENARIOS, SCHEDULES)
"""What is asked: what comes of the doses that are planned, which scenario is the best, or which of the schedules that
are ranked."""


@dataclass(frozen=True, eq=False)
class Foreseen:
    """The scans foreseen, and the calibration that they are foreseen with."""

    calibration: Calibration
    scans: NextScan


@dataclass(frozen=True)
class NextScanRequest(Request):
    """A request for the next scan.

    Attributes
    ----------
    answer : str
        One of `ANSWERS`.
    scans : tuple of str
        Names of the examinations to choose from; those that the model has no states for are left out.
    until_day : float or None
        Last day on which a scan may be; None for the day before the answer.
    names : tuple of str
        Of the plans of `live`.
    live : LiveInputs or None
        Plans with the calibration of the scene, for the first two answers.
    comparison : Comparison or None
        Regimens that are ranked, for the third; the schedules that the settings name if None.
    """

    kind: ClassVar[str] = "NextScan"

    answer: str = PLANNED
    scans: tuple[str, ...] = ()
    until_day: float | None = None
    names: tuple[str, ...] = ()
    live: LiveInputs | None = field(default=None, compare=False, kw_only=True)
    comparison: Comparison | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self):
        if self.answer not in ANSWERS:
            raise InputError(f"answer is {self.answer!r}; choose one of {', '.join(ANSWERS)}.")
        self._scans()

    def make(self, report: Report | None = None) -> Foreseen:
        """Foresee the scans; see `next_scan`."""
        if self.live is None:
            return self._of_schedules(report)
        calibration = self.live.taken()
        today = given_on(self.live.given, self.live.span[0], calibration.model)
        plans = [today + replace(plan, name=name) for plan, name in zip(self.live.plans, self.names, strict=True)]
        asked = {"schedule": plans[0]} if self.answer == PLANNED else {"candidates": plans}
        found = next_scan(
            calibration,
            given=self.live.given,
            start_day=self.live.span[0],
            horizon_day=self.live.span[1],
            half_given=True,
            report=report,
            **asked,
            **self._shared(),
        )
        return Foreseen(self.live.calibration, found)

    def findings(self, made: Foreseen) -> Findings:
        """Which scan next, with the gain of each on its best day, and all days as a chart."""
        calibration, found = made.calibration, made.scans
        said = said_of_sampling(calibration)
        warnings = tuple(dict.fromkeys((*said["warnings"], *found.warnings)))
        told = {*said["failed"], *filter(tells_of_no_convergence, warnings)}
        more = {"answer": self.answer, "scans": self.scans, "until_day": self.until_day, "schedules": found.schedules}
        return Findings(
            answer=next_scans.answer(found),
            basis=wording.basis(calibration),
            header=next_scans.header(found),
            header_tips=next_scans.header_tips(found),
            cells=next_scans.cells(found),
            tables={"gains": ("which scan next", next_scans.gains_table(found))},
            charts=(gain_chart(found),),
            provenance=self.provenance((calibration.model.reference,), warnings, **more),
            notes=[*next_scans.notes(found), *said["notes"]],
            failed=said["failed"],
            warnings=[text for text in warnings if text not in told],
            alarm=said["alarm"],
            calibration=calibration,
        )

    def told(self) -> dict[str, object]:
        """What it depends on beside the fields that are compared."""
        live = {} if self.live is None else {"live": self.live.key, "plans": [plan.doses for plan in self.live.plans]}
        regimens = {} if self.comparison is None else {"comparison": self.comparison.told()}
        return super().told() | live | regimens

    def _of_schedules(self, report: Report | None) -> Foreseen:
        calibration, settings = self.calibrated(part(report, 0.0, 0.4)), self.settings
        used, plans = calibration, ()
        if self.comparison is not None:
            settings = self.comparison.with_horizon(settings, calibration.last_day)
            brought = self.comparison.brought(calibration, settings.seed)
            used, plans = brought.calibration, brought.schedules
        settings = with_days(settings, calibration.last_day)
        schedules: Sequence[Schedule] = plans or candidates_of(settings, calibration.model)
        weighs = self.penalties is not None and self.penalties.weighs
        found = next_scan(
            used,
            schedules,
            constraints=self.constraints,
            start_day=settings.start_day,
            horizon_day=settings.horizon_day,
            penalties=self.penalties if weighs else None,
            half_given=self.comparison is not None,
            report=part(report, 0.4, 1.0),
            **self._shared(),
        )
        return Foreseen(calibration, found)

    def _shared(self) -> dict[str, object]:
        settings = self.settings
        return {
            "objective": settings.objective,
            "level_cm3": settings.level_cm3,
            "until_day": self.until_day,
            "quantities": self._scans(),
            "draws": max(settings.draws, DRAWS),
            "seed": settings.seed,
        }

    def _scans(self) -> tuple[str, ...]:
        """The examinations that the model has states for."""
        known = set(self.tumour_model.observables.values())
        found = tuple(scan.name for scan in KINDS if scan.name in self.scans and known.issuperset(scan.columns))
        if not found:
            able = ", ".join(scan.label for scan in KINDS if known.issuperset(scan.columns))
            raise InputError(f"No scan is chosen that this model has something to say of; tick one of: {able}.")
        return found
