"""What the user chose, taken out of the scene as plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.provenance import plain
from HER2ImmunoCommonLib.scene.cells import read_cells, write_cells
from HER2ImmunoCommonLib.scene.tables import read_table

from .. import models
from ..constraints import AllowedDays, Constraint, ShortestInterval, TotalDose
from ..model import Model
from ..plan import Plan, PlanSettings, make_plan
from ..schedule import COLUMNS, Schedule, schedule_from_cells

AUTOMATIC = -1.0
"""Value of a day in the parameter node that is left to the model."""
CANDIDATE_DRUGS = ("trastuzumab", "cytotoxic")


@dataclass(frozen=True)
class Request:
    """Everything a plan is made from."""

    measurements: tuple[Measurement, ...]
    given: Schedule
    settings: PlanSettings
    constraints: tuple[Constraint, ...]

    def make(self, report: Report | None = None) -> Plan:
        """Calibrate and rank; needs no scene. See `make_plan`."""
        return make_plan(
            self.measurements, self.settings, given=self.given, constraints=self.constraints, report=report
        )

    def key(self) -> str:
        """The same text for the same request."""
        return json.dumps(plain(self), sort_keys=True)


def gather(parameters) -> Request:
    """Read the request from the module's parameter node.

    Raises
    ------
    InputError
        What is missing or wrong, with row and column of a table.
    """
    if parameters.measurements is None:
        raise InputError("Choose the measurement table, or load one from a CSV file.")
    measurements = tuple(read_table(parameters.measurements))
    if not measurements:
        raise InputError(f"{parameters.measurements.GetName()} has no visits; add one row a visit.")
    settings = _settings(parameters)
    model = models.get(settings.model, settings.species)
    if not set(CANDIDATE_DRUGS) <= {drug.name for drug in model.drugs}:
        raise InputError(f"{model.title}: no treatment to compare; choose a model with trastuzumab and chemotherapy.")
    given = read_treatments(parameters.treatments, model)
    return Request(measurements, given, settings, tuple(_constraints(parameters)))


def _settings(parameters) -> PlanSettings:
    return PlanSettings(
        model=parameters.model,
        species=parameters.species,
        objective=parameters.objective,
        level_cm3=parameters.levelCm3 if parameters.objective == "probability_below" else None,
        start_day=None if parameters.startDay == AUTOMATIC else parameters.startDay,
        horizon_day=None if parameters.horizonDay == AUTOMATIC else parameters.horizonDay,
        interval_day=parameters.intervalDay,
        doses=parameters.doses,
        dose=parameters.dose,
        draws=parameters.draws,
        seed=parameters.seed,
    )


def _constraints(parameters):
    if parameters.weekdaysOnly:
        yield AllowedDays(day_zero=parameters.weekdayOfDayZero)
    for drug in CANDIDATE_DRUGS:
        if parameters.shortestIntervalDay > 0:
            yield ShortestInterval(drug, parameters.shortestIntervalDay)
        if parameters.largestTotal > 0:
            yield TotalDose(drug, parameters.largestTotal)


def read_treatments(node: slicer.vtkMRMLTableNode | None, model: Model | None = None) -> Schedule:
    """Doses of a table node; none for no node or an empty one.

    Raises
    ------
    InputError
        Naming the node, row, column and reason.
    """
    if node is None:
        return Schedule()
    header, lines = read_cells(node)
    return schedule_from_cells(header, lines, node.GetName(), model, name=node.GetName()) if lines else Schedule()


def write_treatments(schedule: Schedule, node: slicer.vtkMRMLTableNode) -> None:
    """Put the doses into a table node, one row a dose."""
    write_cells(COLUMNS, [[dose.drug, repr(float(dose.day)), repr(float(dose.dose))] for dose in schedule.doses], node)
