"""A request for a report: what is known of the subject, and which schedules are still to be followed for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.chart_spec import Colour
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..calibration.result import Calibration
from ..drugs.exposures import Curve, curve_of
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..findings.scenarios import Expected, cells, headline
from ..planning.courses import volume_state
from ..planning.outlook import LiveInputs, Outlook
from ..treatments.doses import Schedule
from .content import ReportedScenario, SubjectReport
from .courses import Quantiles, follow

FOLLOWED = 0.8
"""Share of the work that the schedules are."""


@dataclass(frozen=True)
class DrugGiven:
    """All doses of one drug of the library.

    Attributes
    ----------
    drug : str
    doses_mg : tuple of (float, float)
        Day and mg.
    patient : Patient
    set_name : str
        Of its kinetics; the usual one if empty.
    """

    drug: str
    doses_mg: tuple[tuple[float, float], ...]
    patient: Patient
    set_name: str = ""

    def curve(self) -> Curve:
        """Its concentration.

        Raises
        ------
        InputError
            Unknown kinetics, or doses that these cannot follow.
        """
        drug = find_drug(self.drug, self.patient.species)
        if not drug.sets:
            raise InputError(f"the kinetics of {drug.label} are not known.")
        return curve_of(drug, self.doses_mg, self.patient, self.set_name)


@dataclass(frozen=True)
class TriedScenario:
    """A scenario of a person, still to be followed.

    Attributes
    ----------
    name : str
    colour : Colour
    doses : tuple of str
        Planned doses, a line each.
    """

    name: str
    colour: Colour
    doses: tuple[str, ...]

    def reported(self, outlook: Outlook, state: str, level_cm3: float | None) -> ReportedScenario:
        """With what is expected of it; the volume is that state of the model."""
        bands, volume = outlook.bands, outlook.volume_cm3[np.isfinite(outlook.volume_cm3)]
        found = Quantiles(
            *(ends[state] for ends in (bands.lower, bands.lower_50, bands.median, bands.upper_50, bands.upper))
        )
        below = None if level_cm3 is None else float((volume < level_cm3).mean())
        return ReportedScenario(self.name, self.colour, self.doses, bands.day, found, level_cm3, below)


@dataclass(frozen=True, eq=False)
class ReportRequest:
    """Everything a report is made from.

    Attributes
    ----------
    known : SubjectReport
        Without courses and exposures.
    schedules : tuple of Schedule or None
        To follow over the draws of the calibration; None stands for nothing more.
    start_day, horizon_day : float
    draws : int
    given : tuple of DrugGiven
        Whose exposures are shown.
    followed : Calibration or None
        With the exposures of the drugs of the schedules, to follow these; that of the report if None.
    tried : tuple of TriedScenario
    live : LiveInputs or None
        What those are followed with, their plans in the same order.
    level_cm3 : float or None
        Volume that it is asked of them whether they come below.
    """

    known: SubjectReport
    schedules: tuple[Schedule | None, ...] = ()
    start_day: float = 0.0
    horizon_day: float = 0.0
    draws: int = 0
    given: tuple[DrugGiven, ...] = ()
    followed: Calibration | None = None
    tried: tuple[TriedScenario, ...] = ()
    live: LiveInputs | None = None
    level_cm3: float | None = None

    def make(self, report: Report | None = None) -> SubjectReport:
        """Follow the schedules and the drugs; needs no scene. Errors as `follow`."""
        days = {"start_day": self.start_day, "horizon_day": self.horizon_day, "draws": self.draws}
        count, share = len(self.schedules), part(report, 0.0, FOLLOWED)
        courses = tuple(
            follow(
                self.known.calibration if schedule is None else self.followed or self.known.calibration,
                schedule,
                **days,
                report=part(share, number / count, (number + 1) / count),
            )
            for number, schedule in enumerate(self.schedules)
        )
        exposures, missing = self._exposures(part(report, FOLLOWED, 1.0))
        left_out = (*self.known.left_out, *missing)
        found = replace(self.known, courses=courses, exposures=exposures, left_out=left_out)
        return found if self.live is None else self._with_scenarios(found)

    def _with_scenarios(self, found: SubjectReport) -> SubjectReport:
        outlooks, state = self.live.outlooks().under_each(self.live.plans), volume_state(self.live.model)
        expected = [Expected(each.name, each.colour, look) for each, look in zip(self.tried, outlooks, strict=True)]
        reported = [
            replace(each.reported(look, state, self.level_cm3), best_in=best, reached=reached)
            for each, look, (*_known, best, reached) in zip(self.tried, outlooks, cells(expected), strict=True)
        ]
        return replace(found, scenarios=tuple(reported), said_of_scenarios=headline(expected))

    def _exposures(self, report: Report | None) -> tuple[tuple[Curve, ...], list[str]]:
        """The curve of each drug, and a sentence for each that has none."""
        curves, missing = [], []
        for number, each in enumerate(self.given):
            tell(report, number / len(self.given), f"Calculating {each.drug}")
            try:
                curves.append(each.curve())
            except InputError as error:
                missing.append(f"The exposure to {each.drug} is left out: {error}")
        return tuple(curves), missing
