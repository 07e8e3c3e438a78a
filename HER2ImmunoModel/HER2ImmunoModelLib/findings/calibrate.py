"""Calibrate alone: what the data set and what the priors set, and how well the model follows the measurements."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from HER2ImmunoCommonLib.progress import Report, part

from ..calibration.choice_of_model import WeighedModel
from ..calibration.fit_quality import FitQuality, fit_quality
from ..calibration.one_subject import chance_of
from ..calibration.result import Bands, Calibration
from ..planning.noise_choice import with_chosen_noise
from ..planning.plan import STEP_DAY, WEIGHED
from ..planning.plan_settings import CHOOSE
from . import wording
from .evidence import estimate_cells
from .figures import beside_visits, state_chart
from .fit_quality import numbers_table, quality_charts, quality_table
from .noise_words import said_of_kinds, scatter_cells
from .quality_cells import FITTED_SAID, HEADER, TIPS, quality_cells
from .request import Findings, Request
from .sampler import said_of_sampling, sampling_tables
from .tables import estimate_table, forecast_table, models_table, noise_table

AFTER_ONE_VISIT_DAY = 14.0
"""Days shown where there is one visit, which shows no course."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A calibration, and its courses over the days of the visits."""

    calibration: Calibration
    bands: Bands
    quality: FitQuality
    weighed: tuple[WeighedModel, ...] = ()
    """Kinds of noise, where the data chose among them."""


@dataclass(frozen=True)
class CalibrateRequest(Request):
    """A request to calibrate, and no more; other work of the same inputs starts from what it finds."""

    kind: ClassVar[str] = "Fit"

    def make(self, report: Report | None = None) -> Fitted:
        """Calibrate; errors as `calibrate`."""
        calibration, weighed = self._calibrated(part(report, 0.0, 0.95))
        last = max(calibration.last_day, calibration.first_day + (calibration.n_visits < 2) * AFTER_ONE_VISIT_DAY)
        days = np.arange(calibration.first_day, last + STEP_DAY / 2, STEP_DAY)
        bands = calibration.predict(days, n=self.settings.draws, report=part(report, 0.95, 1.0))
        return Fitted(calibration, bands, fit_quality({"": calibration}), weighed)

    def _calibrated(self, report: Report | None) -> tuple[Calibration, tuple[WeighedModel, ...]]:
        """The calibration, and the kinds of noise that were weighed for it."""
        if self.settings.noise != CHOOSE or self.settings.cohort:
            return self.calibrated(report), ()
        asked = self.measurements, self.given, self.tumour_model
        settings, weighed = with_chosen_noise(self.settings, *asked, part(report, 0.0, WEIGHED))
        if self.calibration is None and settings.method == "map":
            return weighed[0].fit, weighed
        return replace(self, settings=settings).calibrated(part(report, WEIGHED, 1.0)), weighed

    def findings(self, found: Fitted) -> Findings:
        """Every parameter, the most certain first, and each measured state with what the model makes of it."""
        calibration, said = found.calibration, said_of_sampling(found.calibration)
        columns = {name for visit in calibration.measurements for name in visit.values}
        measured = [state for state, column in calibration.model.observables.items() if column in columns]
        tables = {
            "parameters": ("calibrated parameters", estimate_table(calibration)),
            "course": ("course of the fit", forecast_table(found.bands)),
        }
        fitted, first = fit_sentence(calibration), wording.basis(calibration)
        if calibration.scatter.values:
            tables["noise"] = ("noise of the measurements", noise_table(calibration.scatter))
        if found.weighed:
            tables["kinds"] = ("kinds of noise", models_table(found.weighed))
        tables["quality"] = ("quality of the fit", quality_table(found.quality))
        tables["numbers"] = ("fitted numbers", numbers_table(found.quality))
        drawn = (state_chart(calibration, found.bands, state) for state in measured)
        courses = [beside_visits(chart, found.bands.day) for chart in drawn]
        return Findings(
            answer=fitted if first else wording.set_by_data(calibration),
            basis=first,
            header=("Parameter", "Estimate (90 %)", "Shrinkage,\nset by"),
            cells=[*estimate_cells(calibration), *scatter_cells(calibration.scatter)],
            tables=tables | sampling_tables(calibration),
            charts=(*courses, *quality_charts(found.quality, calibration.model).values()),
            agreement_said=FITTED_SAID,
            agreement_header=HEADER,
            agreement_tips=TIPS,
            agreement_cells=quality_cells(found.quality, calibration.model),
            provenance=self.provenance((calibration.model.reference,), calibration.warnings),
            notes=[
                *([] if first else [fitted]),
                *wording.which_by_data(calibration),
                *said_of_kinds(found.weighed),
                *said["notes"],
            ],
            failed=said["failed"],
            warnings=said["warnings"],
            alarm=said["alarm"],
            calibration=calibration,
        )

    def key(self) -> str:
        """What schedules are judged by does not change a calibration."""
        return json.dumps({"calibration": self.calibration_key(), "draws": self.settings.draws}, sort_keys=True)


def fit_sentence(calibration: Calibration) -> str:
    """How well the mode follows the measurements."""
    n, visits = calibration.n_data, calibration.n_visits
    counted = f"{n} number{'s' * (n != 1)} of {visits} visit{'s' * (visits != 1)}"
    return f"Calibrated to {counted}: chi-square {calibration.chi2:.1f}, where up to {chance_of(n):.0f} can be chance."
