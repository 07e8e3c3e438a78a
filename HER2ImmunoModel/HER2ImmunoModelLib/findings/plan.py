"""Calibrate, forecast and rank schedules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from HER2ImmunoCommonLib.progress import Report

from ..planning.plan import Plan, make_plan
from ..planning.ranking import Ranking
from ..planning.regimens_compared import Comparison
from ..treatments.clinical_doses import ClinicalDose
from . import burdens, ranked_table, wording
from .comparison import compared
from .figures import gap_chart, ranking_chart, state_chart
from .request import Findings, Request, exposure_note, shown_part
from .sampler import said_of_sampling, sampling_tables, tells_of_no_convergence
from .tables import estimate_table, forecast_table, gap_table, ranking_table


@dataclass(frozen=True)
class PlanRequest(Request):
    """A request for a plan.

    Attributes
    ----------
    comparison : Comparison or None
        Regimens to rank; the schedules that the settings name if None.
    """

    kind: ClassVar[str] = "Result"

    comparison: Comparison | None = field(default=None, compare=False, kw_only=True)

    def make(self, report: Report | None = None) -> Plan:
        """Calibrate and rank; see `make_plan`."""
        return make_plan(
            self.measurements,
            self.settings,
            given=self.given,
            constraints=self.constraints,
            calibration=self.calibration,
            model=self.tumour_model,
            penalties=self.penalties,
            comparison=self.comparison,
            report=report,
        )

    def findings(self, plan: Plan) -> Findings:
        """The answer, the best of the ranking, and every number of the plan."""
        calibration, said = plan.calibration, said_of_sampling(plan.calibration)
        tables = {
            "ranking": ("schedules ranked", ranking_table(plan.ranking)),
            "parameters": ("parameters", estimate_table(calibration)),
            "forecast": ("forecast", forecast_table(plan.bands)),
        }
        told = {*said["failed"], *filter(tells_of_no_convergence, plan.warnings)}
        gap = [] if plan.gap is None else [gap_chart(plan.gap)]
        if plan.gap is not None:
            tables["gap"] = ("gap between drugs", gap_table(plan.gap))
        shown = shown_part(plan.ranking)
        states = [state_chart(calibration, plan.bands, state) for state in calibration.model.observables]
        provenance = self.provenance((calibration.model.reference,), plan.warnings)
        return Findings(
            answer=wording.answer(plan.ranking),
            basis=wording.basis(calibration),
            header=ranked_table.header(plan.ranking),
            header_tips=ranked_table.header_tips(plan.ranking),
            cells=ranked_table.cells(shown),
            keys=ranked_table.row_keys(shown, self._written(shown)),
            **burdens.costs(shown),
            tables=tables | sampling_tables(calibration),
            charts=(*gap, ranking_chart(shown), *states),
            provenance=replace(provenance, settings={**provenance.settings, **_settings(plan)}),
            notes=[
                *([] if self.comparison is None else ranked_table.notes(self.comparison, plan.ranking)),
                *burdens.weighed(self.penalties, plan.ranking.objective),
                *self._exposures_said(plan),
                *wording.said_of_data(calibration),
                *wording.left_out_of_view(plan.ranking, len(shown.rows)),
                *wording.excluded(plan.ranking),
                *wording.gaps_that_break(plan.gap),
                *said["notes"],
            ],
            failed=said["failed"],
            warnings=[text for text in plan.warnings if text not in told],
            alarm=said["alarm"],
            calibration=calibration,
        )

    def told(self) -> dict[str, object]:
        """What the plan depends on beside the fields that are compared."""
        return super().told() | ({} if self.comparison is None else {"comparison": self.comparison.told()})

    def _written(self, ranking: Ranking) -> Iterator[Sequence[ClinicalDose]]:
        """The doses of each row: of a regimen as they are prescribed."""
        known = {} if self.comparison is None else {each.name: each.doses for each in self.comparison.schedules}
        for row in ranking.rows:
            name = row.schedule.name
            yield known[name] if name in known else self.written(row.schedule)

    def _exposures_said(self, plan: Plan) -> list[str]:
        """How the model takes doses in units; where it takes all as shares of full doses, a warning says it."""
        if plan.brought is not None:
            followed = any(": relative" not in line.split(";")[0] for line in plan.brought.exposures)
            return [exposure_note(plan.brought.exposures)] if followed else []
        return [] if self.exposures is None else [self.exposures.note]


def _settings(plan: Plan) -> dict[str, object]:
    """What the plan was made with: the days that were chosen too, what it compares with, and how sure its order is."""
    return {**plan.settings.to_dict(), **compared(plan.ranking)}
