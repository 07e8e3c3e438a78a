"""Search the best schedule under the constraints, and the trade with the drugs it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.result import Calibration
from ..models.model import Model
from ..planning.optimisation import METHODS, Optimum, optimize_schedule
from ..planning.pareto import BURDENS, ParetoFront, pareto_front
from ..planning.plan import candidates_of, drug_pair
from ..planning.plan_settings import with_days
from ..planning.robust_loss import RISKS
from ..treatments.constraints import Constraint, ShortestInterval
from ..treatments.schedule import COLUMNS
from . import burdens, ranked_table, wording
from .figures import front_chart, ranking_chart
from .request import Findings, Request, shown_part
from .sampler import said_of_sampling, tells_of_no_convergence
from .tables import Table, front_table, ranking_table


@dataclass(frozen=True, eq=False)
class Best:
    """The best schedule found, and the front of the trade if one was asked for."""

    calibration: Calibration
    optimum: Optimum
    front: ParetoFront | None


@dataclass(frozen=True)
class OptimumRequest(Request):
    """A request for the best schedule.

    Attributes
    ----------
    search : str
        "days" or "daily", as `optimize_schedule`.
    risk : str
        "mean" or "cvar".
    against : str
        "" for the objective alone; "total_dose" or "toxicity" to trade it against the drugs too.
    iterations : int
        Generations, or gradient steps, at most.
    largest : float
        Largest single dose (full doses) where no constraint says less.
    weights : tuple of (drug, float)
        How much each drug counts in the trade against toxicity.
    bounds : tuple of Constraint
        Intervals and largest doses by which the search places doses (`clinical_limits.search_bounds`).
    """

    kind: ClassVar[str] = "Optimum"

    search: str = "days"
    risk: str = "mean"
    against: str = ""
    iterations: int = 40
    largest: float = 1.0
    weights: tuple[tuple[str, float], ...] = ()
    bounds: tuple[Constraint, ...] = field(default=(), compare=False, kw_only=True)

    def __post_init__(self):
        for name, known in (("search", METHODS), ("risk", RISKS), ("against", ("", *BURDENS))):
            if getattr(self, name) not in known:
                raise InputError(f"{name} is {getattr(self, name)!r}; choose one of {', '.join(known)}.")
        if self.search == "daily" and any(isinstance(rule, ShortestInterval) for rule in self.constraints):
            raise InputError(
                "A dose every allowed day cannot keep a shortest interval; take it away, or search days and sizes."
            )

    def make(self, report: Report | None = None) -> Best:
        """Search, starting from the standard schedules; see `optimize_schedule` and `pareto_front`."""
        calibration = self.calibrated(part(report, 0.0, 0.1))
        settings, rest = with_days(self.settings, calibration.last_day), part(report, 0.1, 1.0)
        shared = {
            "bounds": self.bounds,
            "drugs": drug_pair(calibration.model),
            "doses": settings.doses,
            "largest": self.largest,
            "start_day": settings.start_day,
            "horizon_day": settings.horizon_day,
            "level_cm3": settings.level_cm3,
            "seed": settings.seed,
        }
        candidates = candidates_of(settings, calibration.model)
        optimum = optimize_schedule(
            calibration,
            settings.objective,
            self.constraints,
            candidates=candidates,
            penalties=None if self.penalties is None else self.penalties.wanted(len(candidates)),
            method=self.search,
            risk=self.risk,
            draws=settings.draws,
            iterations=self.iterations,
            report=part(rest, 0.0, 0.5 if self.against else 1.0),
            **shared,
        )
        if not self.against:
            return Best(calibration, optimum, None)
        front = pareto_front(
            calibration,
            settings.objective,
            self.against,
            self.constraints,
            weights=dict(self.weights) if self.against == "toxicity" else None,
            generations=max(self.iterations // 3, 1),
            report=part(rest, 0.5, 1.0),
            **shared,
        )
        return Best(calibration, optimum, front)

    def findings(self, best: Best) -> Findings:
        """The schedule found, compared with the others, and the front."""
        optimum, front, said = best.optimum, best.front, said_of_sampling(best.calibration)
        shown = shown_part(optimum.ranking)
        tables = {
            "comparison": ("best schedule compared", ranking_table(optimum.ranking)),
            "doses": ("best schedule", schedule_table(optimum)),
        }
        if front is not None:
            tables["front"] = ("trade with the drugs", front_table(front))
        more = {"search": self.search, "risk": self.risk, "against": self.against, "iterations": self.iterations}
        more["weights"] = dict(self.weights)
        warnings = tuple(dict.fromkeys((*said["warnings"], *optimum.warnings)))
        told = {*said["failed"], *filter(tells_of_no_convergence, warnings)}
        return Findings(
            answer=best_schedule(optimum, best.calibration.model),
            basis=wording.basis(best.calibration),
            header=ranked_table.header(shown),
            header_tips=ranked_table.header_tips(shown),
            cells=ranked_table.cells(shown),
            keys=ranked_table.row_keys(shown, (self.written(row.schedule) for row in shown.rows)),
            **burdens.costs(shown),
            tables=tables,
            charts=(*([] if front is None else [front_chart(front)]), ranking_chart(shown)),
            provenance=self.provenance((best.calibration.model.reference,), warnings, **more),
            notes=[
                searched(optimum),
                *filter(None, [wording.like_each_other(optimum.ranking)]),
                *burdens.weighed(self.penalties, shown.objective),
                *wording.excluded(optimum.ranking),
                *said["notes"],
            ],
            failed=said["failed"],
            warnings=[text for text in warnings if text not in told],
            alarm=said["alarm"],
            calibration=best.calibration,
        )


def schedule_table(optimum: Optimum) -> Table:
    """The doses of the schedule, as a treatment table."""
    doses = sorted(optimum.schedule.doses, key=lambda dose: (dose.day, dose.drug))
    return list(COLUMNS), [(dose.drug, dose.day, dose.dose) for dose in doses]


def best_schedule(best: Optimum, model: Model) -> str:
    """The best schedule found: its doses, and what to expect of it."""
    row = next(row for row in best.ranking.rows if row.schedule.name == best.schedule.name)
    doses = sorted(best.schedule.doses, key=lambda dose: (dose.day, dose.drug))
    listed = ", ".join(f"{wording.lower_first(model.dose_label(d.drug))} {d.dose:.2g} on day {d.day:g}" for d in doses)
    return f"{best.schedule.name}, in full doses: {listed or 'no dose'}; {wording.expectation(best.ranking, row)}."


def searched(best: Optimum) -> str:
    """How the schedule was found."""
    judged = "the mean over the draws" if best.risk == "mean" else "the mean of the worst tenth of the draws (CVaR)"
    return f"Searched {best.evaluations} schedules by {judged}; the table compares expected values."
