"""A request for a report: what is known of the subject, and which schedules are still to be followed for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..drugs.exposures import Curve, curve_of
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..treatments.doses import Schedule
from .content import SubjectReport
from .courses import follow

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
    """

    known: SubjectReport
    schedules: tuple[Schedule | None, ...] = ()
    start_day: float = 0.0
    horizon_day: float = 0.0
    draws: int = 0
    given: tuple[DrugGiven, ...] = ()

    def make(self, report: Report | None = None) -> SubjectReport:
        """Follow the schedules and the drugs; needs no scene. Errors as `follow`."""
        days = {"start_day": self.start_day, "horizon_day": self.horizon_day, "draws": self.draws}
        count, share = len(self.schedules), part(report, 0.0, FOLLOWED)
        courses = tuple(
            follow(self.known.calibration, schedule, **days, report=part(share, number / count, (number + 1) / count))
            for number, schedule in enumerate(self.schedules)
        )
        exposures, missing = self._exposures(part(report, FOLLOWED, 1.0))
        left_out = (*self.known.left_out, *missing)
        return replace(self.known, courses=courses, exposures=exposures, left_out=left_out)

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
