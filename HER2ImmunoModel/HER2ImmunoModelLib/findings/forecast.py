"""Hide the last visits, forecast them, and compare."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.fit_quality import fit_quality
from ..calibration.hidden_visits import ForecastCheck, forecast_check
from ..planning.noise_choice import with_chosen_noise
from ..planning.plan import WEIGHED
from ..planning.plan_settings import CHOOSE
from .figures import check_chart
from .fit_quality import numbers_table, quality_charts, quality_table
from .quality_cells import HEADER, HIDDEN_SAID, TIPS, quality_cells
from .request import Findings, Request
from .sampler import tells_of_no_convergence
from .tables import Table, check_table

NOT_KNOWN = "–"
NO_FIT = "Calibrate first, and how well all visits are fitted stands beside it."


@dataclass(frozen=True)
class CheckRequest(Request):
    """A request to check the forecast.

    Attributes
    ----------
    hidden : int
        How many of the last visits are hidden.
    """

    kind: ClassVar[str] = "Check"

    hidden: int = 1

    @property
    def samples(self) -> bool:
        """Whether the work runs the sampler: the visits that are left are always fitted anew."""
        return self.settings.method == "mcmc"

    def make(self, report: Report | None = None) -> ForecastCheck:
        """Fit the other visits and forecast the hidden ones; see `forecast_check`."""
        model, known = self.tumour_model, sorted(self.measurements, key=lambda visit: visit.day)[: -self.hidden]
        settings = self.settings
        if known and settings.noise == CHOOSE:
            settings, _ = with_chosen_noise(settings, known, self.given, model, part(report, 0.0, WEIGHED))
            report = part(report, WEIGHED, 1.0)
        return forecast_check(
            model,
            self.measurements,
            hidden=self.hidden,
            schedule=self.given,
            draws=settings.draws,
            report=report,
            **settings.of_calibration(),
        )

    def findings(self, check: ForecastCheck) -> Findings:
        """Agreement of each measure, with its forecast as a chart."""
        model = self.tumour_model
        states = {column: model.states[model.index(state)] for state, column in model.observables.items()}
        quality = fit_quality({} if self.calibration is None else {"": self.calibration}, check)
        alarm = next((text for text in check.warnings if tells_of_no_convergence(text)), "")
        tables = {
            "rows": ("forecast check", rows_table(check)),
            "agreement": ("agreement of the forecast", agreement_table(check)),
            "quality": ("quality of fit and forecast", quality_table(quality)),
            "numbers": ("fitted and hidden numbers", numbers_table(quality)),
        }
        compared = [check_chart(check, self.measurements, column, states[column]) for column in check.agreement]
        return Findings(
            answer=coverage(check),
            header=("Measure", "CCC", "PCC", "NRMSE", "MAPE", "In 90 %"),
            cells=agreement_cells(check, {column: state.label for column, state in states.items()}),
            tables=tables,
            charts=(*compared, *quality_charts(quality, model).values()),
            provenance=self.provenance((model.reference,), check.warnings, hidden_visits=self.hidden),
            notes=[*too_few_to_correlate(check), *([] if self.calibration else [NO_FIT])],
            warnings=[text for text in check.warnings if text != alarm],
            alarm=alarm,
            agreement_said=HIDDEN_SAID,
            agreement_header=HEADER,
            agreement_tips=TIPS,
            agreement_cells=quality_cells(quality, model),
        )


def rows_table(check: ForecastCheck) -> Table:
    """One row a hidden number, without the column of the subject: there is one."""
    header, rows = check_table(check)
    return header[1:], [row[1:] for row in rows]


def agreement_table(check: ForecastCheck) -> Table:
    """One row a measure: how many numbers were hidden and how well they were foretold."""
    names = ("n", "ccc", "pcc", "nrmse", "mape", "coverage")
    rows = [(column, *(getattr(found, name) for name in names)) for column, found in check.agreement.items()]
    return ["column", "n", "ccc", "pcc", "nrmse", "mape_percent", "coverage"], rows


def coverage(check: ForecastCheck) -> str:
    """How many hidden numbers lie within their interval."""
    inside = sum(row.inside for row in check.rows)
    visits = ", ".join(dict.fromkeys(row.visit.replace("_", " ") for row in check.rows))
    return f"{inside} of {len(check.rows)} hidden numbers ({visits}) lie within their 90 % forecast interval."


def agreement_cells(check: ForecastCheck, labels: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Measure, CCC, PCC, NRMSE, MAPE and share within the interval, as text."""

    def text(value: float, form: str) -> str:
        return form.format(value) if math.isfinite(value) else NOT_KNOWN

    return [
        (
            labels[column],
            text(found.ccc, "{:.2f}"),
            text(found.pcc, "{:.2f}"),
            text(100 * found.nrmse, "{:.0f} %"),
            text(found.mape, "{:.0f} %"),
            f"{round(found.coverage * found.n)} of {found.n}",
        )
        for column, found in check.agreement.items()
    ]


def too_few_to_correlate(check: ForecastCheck) -> list[str]:
    """Why there is no correlation, where there is none; what NRMSE is relative to."""
    if all(found.n > 1 for found in check.agreement.values()):
        return ["NRMSE is relative to the range of the hidden measurements."]
    return ["With one hidden number there is no CCC or PCC, and NRMSE is relative to the measurement itself."]
