"""Calibrate, forecast and rank schedules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from HER2ImmunoCommonLib.progress import Report

from ..planning.plan import Plan, make_plan
from . import burdens, wording
from .comparison import compared
from .figures import gap_chart, ranking_chart, state_chart
from .request import Findings, Request, shown_part
from .sampler import said_of_sampling, sampling_tables, tells_of_no_convergence
from .tables import estimate_table, forecast_table, gap_table, ranking_table


@dataclass(frozen=True)
class PlanRequest(Request):
    """A request for a plan."""

    kind: ClassVar[str] = "Result"

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
            header=("Schedule", wording.value_header(plan.ranking), "Best in"),
            cells=wording.ranking_cells(shown),
            **burdens.costs(shown),
            tables=tables | sampling_tables(calibration),
            charts=(*gap, ranking_chart(shown), *states),
            provenance=replace(provenance, settings={**provenance.settings, **_settings(plan)}),
            notes=[
                *burdens.weighed(self.penalties, plan.ranking.objective),
                *([] if self.exposures is None else [self.exposures.note]),
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


def _settings(plan: Plan) -> dict[str, object]:
    """What the plan was made with: the days that were chosen too, what it compares with, and how sure its order is."""
    return {**plan.settings.to_dict(), **compared(plan.ranking)}
