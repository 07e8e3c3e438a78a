"""What the prior says before any data, asked for in the panel: no calibration is needed for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.measurements import label_of
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.provenance import plain
from HER2ImmunoCommonLib.settings import named_numbers

from ..calibration.prior_draws import VOLUME
from ..calibration.prior_predictive import PriorArm, PriorNumber, PriorPredictive, prior_predictive
from ..planning.plan import STEP_DAY
from .calibrate import AFTER_ONE_VISIT_DAY
from .figures import beside_visits
from .prior_predictive import bands_table, derived_table, prior_charts, prior_numbers_table, prior_sentences
from .request import Findings, Request
from .wording import number, percent, volume

GELMAN = "Gabry et al., J R Stat Soc A 2019;182:389-402 (prior predictive checks)"
HEADER = ("Measure", "Measured", "Prior (90 %)", "Below")
TIPS = (
    "Visit and what was measured at it",
    "What was measured: volumes in cm³, fractions of the tumour",
    "Median and 90 % of the draws of the prior on that day, in the same unit, without the noise of a measurement",
    "Share of the draws that lie below what was measured, with its noise; ⚠ outside the 90 %",
)


@dataclass(frozen=True)
class PriorRequest(Request):
    """A request for what the prior says before any data.

    Attributes
    ----------
    from_first_visit : bool
        Start at what the first visit measured instead of the priors of the initial states.
    """

    kind: ClassVar[str] = "Prior"

    from_first_visit: bool = False

    @property
    def samples(self) -> bool:
        """Nothing is calibrated."""
        return False

    def make(self, report: Report | None = None) -> PriorPredictive:
        """Draw from the prior and follow the draws; errors as `prior_predictive`."""
        days = [visit.day for visit in self.measurements]
        first, last = min(days), max(days)
        last += (first == last) * AFTER_ONE_VISIT_DAY
        return prior_predictive(
            self.tumour_model,
            np.arange(first, last + STEP_DAY / 2, STEP_DAY),
            schedule=self.given,
            measurements=self.measurements,
            draws=self.settings.draws,
            seed=self.settings.seed,
            fixed=named_numbers("fixed", self.settings.fixed, "K=5"),
            from_first_visit=self.from_first_visit,
            report=report,
        )

    def findings(self, found: PriorPredictive) -> Findings:
        """The measured numbers among the draws, the sentences, and a chart of each state that can be measured."""
        *notes, answer = prior_sentences(found)
        more = {"from_first_visit": self.from_first_visit}
        return Findings(
            answer=answer,
            header=HEADER,
            header_tips=TIPS,
            cells=list(_cells(found)),
            tables={
                "numbers": ("measured numbers and the prior", prior_numbers_table(found)),
                "bands": ("bands of the prior", bands_table(found)),
                "quantities": ("quantities of the prior", derived_table(found)),
            },
            charts=tuple(_charts(found)),
            provenance=self.provenance((found.model.reference, GELMAN), found.warnings, **more),
            notes=notes,
            warnings=found.warnings,
        )

    def key(self) -> str:
        """What schedules are judged by, noise and method do not change a prior."""
        settings, names = self.settings, ("model", "species", "drug", "fixed", "covariates", "draws", "seed")
        values = {name: getattr(settings, name) for name in names}
        values |= {"of": self.measurements, "given": self.given.doses, "from_first_visit": self.from_first_visit}
        return json.dumps(plain(values | self._of_exposures()), sort_keys=True)


def _cells(found: PriorPredictive) -> Iterator[tuple[str, ...]]:
    states = {column: state for state, column in found.model.observables.items()}
    for arm in found.arms:
        for each in arm.numbers:
            outside = " ⚠" if each.outside else ""
            said = _band(arm, each, states[each.column])
            measured = _value(each.measured, each.column)
            about = f"{each.visit.replace('_', ' ')}: {label_of(each.column)}"
            yield about, measured, said, f"{percent(each.below)}{outside}"


def _band(arm: PriorArm, measured: PriorNumber, state: str) -> str:
    low, _, middle, _, high = arm.bands[state][:, np.searchsorted(arm.day, measured.day)]
    median, lower, upper = (_value(value, measured.column) for value in (middle, low, high))
    return f"{median} ({lower} to {upper})"


def _value(value: float, column: str) -> str:
    if not np.isfinite(value):
        return "∞"
    return volume(value) if column == VOLUME else number(value)


def _charts(found: PriorPredictive) -> Iterator[Chart]:
    """The charts, those with measured numbers first, with room beside the first and the last visit."""
    measured = {each.column for each in found.numbers}
    charts = sorted(prior_charts(found).items(), key=lambda entry: entry[0][1] not in measured)
    for _of, chart in charts:
        yield beside_visits(chart, found.arms[0].day)
