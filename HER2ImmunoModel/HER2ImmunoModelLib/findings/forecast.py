"""Hide the last visits, forecast them, and compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from HER2ImmunoCommonLib.progress import Report

from .. import models
from ..calibration.hidden_visits import ForecastCheck, forecast_check
from . import words
from .figures import check_chart
from .request import Findings, Request
from .tables import Table, check_table


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
        settings = self.settings
        return forecast_check(
            models.get(settings.model, settings.species),
            self.measurements,
            hidden=self.hidden,
            schedule=self.given,
            draws=settings.draws,
            report=report,
            **settings.of_calibration(),
        )

    def findings(self, check: ForecastCheck) -> Findings:
        """Agreement of each measure, with its forecast as a chart."""
        model = models.get(self.settings.model, self.settings.species)
        states = {column: model.states[model.index(state)] for state, column in model.observables.items()}
        alarm = next((text for text in check.warnings if words.tells_of_no_convergence(text)), "")
        tables = {
            "rows": ("forecast check", rows_table(check)),
            "agreement": ("agreement of the forecast", agreement_table(check)),
        }
        return Findings(
            answer=words.coverage(check),
            header=("Measure", "CCC", "PCC", "NRMSE", "MAPE", "In 90 %"),
            cells=words.agreement_cells(check, {column: state.label for column, state in states.items()}),
            tables=tables,
            charts=tuple(check_chart(check, self.measurements, column, states[column]) for column in check.agreement),
            provenance=self.provenance((model.reference,), check.warnings, hidden_visits=self.hidden),
            notes=words.too_few_to_correlate(check),
            warnings=[text for text in check.warnings if text != alarm],
            alarm=alarm,
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
