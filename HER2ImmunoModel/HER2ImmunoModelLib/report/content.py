"""What a report tells of one subject, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from HER2ImmunoCommonLib.chart_spec import Colour
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.pictures import Overlay

from ..calibration.result import Calibration
from ..drugs.exposures import Curve
from ..findings.request import Findings
from ..limits.limit_table import LimitRow
from ..models.model import Model
from .courses import Course, Quantiles


@dataclass(frozen=True)
class GivenDose:
    """A dose that was given.

    Attributes
    ----------
    day : float
    drug : str
    dose : str
        As it was written, with its unit.
    said : str
        What it is for the patient; empty where a model counts full doses.
    weekday, cycle : str
        Where it falls in the calendar, the cycle as `2 d8`; empty where that is not known.
    """

    day: float
    drug: str
    dose: str
    said: str = ""
    weekday: str = ""
    cycle: str = ""


@dataclass(frozen=True)
class LimitsChecked:
    """The doses given, held to the limits of the clinic.

    Attributes
    ----------
    kept : str
        What was checked, where no limit is broken; or why nothing was.
    broken, excepted : tuple of str
        A sentence for each limit that is broken; and for each that is broken as the trial of the regimen did it.
    remarks : tuple of str
        What was not checked, and why.
    limits : tuple of LimitRow
        Each limit with its value and source.
    """

    kept: str = ""
    broken: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    limits: tuple[LimitRow, ...] = ()


@dataclass(frozen=True, eq=False)
class ReportedScenario:
    """A course of treatment that was tried out under a name, and the volume that is forecast with it.

    Attributes
    ----------
    name : str
    colour : Colour
    doses : tuple of str
        Planned doses, a line each.
    day : array (days,)
    volume : Quantiles
        In cm3, arrays (days,); the last day is the horizon.
    level_cm3, chance_below : float or None
        A volume, and the share of the draws (0 to 1) that are below it at the horizon; None where none was asked for.
    best_in, reached : str
        In which share of the draws it is best, and which share of planned chemotherapy reaches the tumour, in words.
    """

    name: str
    colour: Colour
    doses: tuple[str, ...]
    day: np.ndarray
    volume: Quantiles
    level_cm3: float | None = None
    chance_below: float | None = None
    best_in: str = ""
    reached: str = ""

    @property
    def at_horizon(self) -> dict[str, float]:
        """Every quantile of the volume on the last day, in cm3, by its name."""
        return {entry.name: float(getattr(self.volume, entry.name)[-1]) for entry in fields(self.volume)}


@dataclass(frozen=True, eq=False)
class VisitMap:
    """A map of the tumour at a visit, as a picture.

    Attributes
    ----------
    kind : str
        Title of the `MapKind`.
    visit : str
    day : float
    picture : array (rows, columns, 3) of uint8
        Without any writing.
    overlay : Overlay
        Its colours and unit.
    median : float or None
        In the tumour; None where no voxel has a value.
    slice_of : (int, int)
        Number of the slice, from 1, and how many there are.
    """

    kind: str
    visit: str
    day: float
    picture: np.ndarray
    overlay: Overlay
    median: float | None
    slice_of: tuple[int, int]


@dataclass(frozen=True, eq=False)
class SubjectReport:
    """What there is to report of one subject.

    Attributes
    ----------
    subject : str
        Pseudonym, or the name of the measurement table.
    model : Model
    measurements : tuple of Measurement
    plan : Findings
        Of calibration and ranking.
    questions : mapping of str to Findings
        Of what else was asked, by the kind of its request; what was not asked is missing.
    calibration : Calibration or None
        None where a scene does not hold the one that the plan was made with.
    courses : tuple of Course
        Followed over the posterior draws: first if nothing more is given, then under schedules that lead the ranking.
    maps : tuple of VisitMap
    said_of_maps : str
        Which visits have none, and why.
    said_of_scenarios : str
        Under which the tumour is smallest, and how sure that is.
    scenarios : tuple of ReportedScenario
        Tried out on the time line, over the same draws.
    doses : tuple of GivenDose
    limits : LimitsChecked
    exposures : tuple of Curve
        Of drugs given in units of the clinic.
    said_of_patient : str
        What doses are computed with.
    left_out : tuple of str
        A sentence for each part that the report lacks, and why.
    versions : mapping of str to str
        Of programs beside those that the page knows.
    """

    subject: str
    model: Model
    measurements: tuple[Measurement, ...]
    plan: Findings
    questions: Mapping[str, Findings] = field(default_factory=dict)
    calibration: Calibration | None = None
    courses: tuple[Course, ...] = ()
    maps: tuple[VisitMap, ...] = ()
    said_of_maps: str = ""
    scenarios: tuple[ReportedScenario, ...] = ()
    said_of_scenarios: str = ""
    doses: tuple[GivenDose, ...] = ()
    limits: LimitsChecked = field(default_factory=LimitsChecked)
    exposures: tuple[Curve, ...] = ()
    said_of_patient: str = ""
    left_out: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def everything(self) -> tuple[Findings, ...]:
        """What was found, by whatever work."""
        return (self.plan, *self.questions.values())
