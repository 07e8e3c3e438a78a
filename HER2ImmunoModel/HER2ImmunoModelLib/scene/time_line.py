"""The time line of what the panel holds: lanes of the treatment table, visits, forecast; and edits, written back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import slicer
import vtk
from HER2ImmunoCommonLib.chart_spec import Points
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, from_cells
from HER2ImmunoCommonLib.scene import read_cells, read_table
from vtk.util.numpy_support import vtk_to_numpy

from ..findings.figures import measured_points
from ..limits.limit_cases import Broken
from ..models.model import Model, State
from ..timeline import Edit, Forecast, PlacedDose, Strip, TimeLine, Visit, lanes_of, state_strip, window_strip
from ..treatments.clinical_doses import ClinicalDose, known_drug, resolve
from ..treatments.constraints import AllowedDays
from .chosen_model import shown_model
from .given import clinical_table, given_doses
from .limits import checked_given
from .patients import day_zero_of, patient_of, weekday_of_day_zero
from .regimens import NEW_TABLE
from .treatment_tables import change_rows

FORECAST_ROLE = "Result.forecast"
AUTOMATIC_HORIZON = -1.0


@dataclass(frozen=True, eq=False)
class Known:
    """What the tables of the scene tell, read once for lanes and strips.

    Attributes
    ----------
    measured : list of Measurement
        The visits that can be read.
    forecast : Forecast or None
        Of the last run.
    """

    measured: list[Measurement]
    forecast: Forecast | None


def known_of(parameters) -> Known:
    """Read the measurement table, and the forecast that the parameter node refers to."""
    return Known(_measurements(parameters), _forecast(parameters))


def time_line_of(parameters, known: Known, more: Sequence[str] = (), today: date | None = None) -> TimeLine:
    """Lanes and visits of what the parameter node refers to.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    known : Known
    more : sequence of str
        Drugs that get a lane without having a dose.
    today : date, optional
        Shown where the date of day 0 is known.
    """
    model = shown_model(parameters)
    told = {"visits": _visits(known.measured), "species": parameters.species}
    try:
        day_zero = day_zero_of(parameters)
        doses = _placed(parameters)
        lanes = lanes_of(doses, model, more)
        allowed = AllowedDays(day_zero=weekday_of_day_zero(parameters)) if parameters.weekdaysOnly else None
    except InputError as error:
        return TimeLine(**told, problem=str(error))
    forecast = known.forecast
    ends = [] if parameters.horizonDay == AUTOMATIC_HORIZON else [parameters.horizonDay]
    ends += [] if forecast is None else [float(forecast.day[-1])]
    shown_today = None if day_zero is None or today is None else float((today - day_zero).days)
    return TimeLine(lanes, **told, day_zero=day_zero, today=shown_today, allowed=allowed, until=max(ends, default=0.0))


def _visits(measured: Sequence[Measurement]) -> tuple[Visit, ...]:
    """Visits by day; what is wrong is said of the measurement table."""
    rows = sorted(measured, key=lambda row: row.day)
    return tuple(Visit(str(row.visit), float(row.day), tuple(row.values)) for row in rows)


def strips_of(parameters, known: Known, state: str, others: Sequence[Forecast] = ()) -> tuple[Strip, ...]:
    """What stands below the lanes: a state, and the window where the forecast tells it.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    known : Known
    state : str
        Name of a state of the model.
    others : sequence of Forecast
        Of other scenarios, of which the medians are shown.
    """
    model = shown_model(parameters)
    shown = shown_state(model, state)
    measured = _points(known.measured, model, shown)
    found = (state_strip(shown, measured, known.forecast, others), window_strip(known.forecast))
    return tuple(strip for strip in found if strip is not None)


def shown_state(model: Model, state: str) -> State:
    """The state of that name if the model has it; else its first that is measured."""
    named = {each.name: each for each in model.states}
    return named.get(state) or named[next(iter(model.observables))]


def state_choices(model: Model) -> dict[str, str]:
    """Name and label of the states that are measured."""
    return {name: model.states[model.index(name)].label for name in model.observables}


def _forecast(parameters) -> Forecast | None:
    node = parameters.parameterNode.GetNodeReference(FORECAST_ROLE)
    if node is None or node.GetNumberOfRows() == 0:
        return None
    table = node.GetTable()
    columns = {
        column.GetName(): vtk_to_numpy(column).astype(float)
        for column in (table.GetColumn(n) for n in range(table.GetNumberOfColumns()))
        if isinstance(column, vtk.vtkDataArray)
    }
    day = columns.pop("day", None)
    return None if day is None else Forecast(day, columns)


def write_edit(scene: slicer.vtkMRMLScene, parameters, edit: Edit) -> None:
    """Write a change of doses into the treatment table, a new one if none is chosen; all of it at once.

    Raises
    ------
    InputError
        A dose that the table has no place for; nothing is changed then.
    """
    node = parameters.treatments
    if edit.is_empty:
        return
    if node is None:
        node = scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(NEW_TABLE))
    change_rows(node, edit.days, edit.sizes, edit.removed, edit.added)
    if parameters.treatments is not node:
        parameters.treatments = node


def _placed(parameters) -> tuple[PlacedDose, ...]:
    node, doses = parameters.treatments, given_doses(parameters)
    if not doses:
        return ()
    rows = [row.number - 1 for row in clinical_table(node).rows]
    broken, excepted = _broken(parameters)
    species = parameters.species
    found = []
    for row, dose, amount in zip(rows, doses, _amounts(doses, parameters), strict=True):
        key = known_drug(dose.drug, species) or dose.drug, dose.day
        placed = PlacedDose(row, dose.drug, dose.day, dose.size, dose.unit, amount)
        found.append(replace(placed, broken=broken.get(key, ()), excepted=excepted.get(key, ())))
    return tuple(found)


Marks = dict[tuple[str, float], tuple[Broken, ...]]


def _broken(parameters) -> tuple[Marks, Marks]:
    """Limits that doses break, and those that they may, by drug and day; none where that cannot be told."""
    try:
        checked = checked_given(parameters)
    except InputError:  # which is said of the patient or of the limits
        return {}, {}
    return _by_dose(checked.broken), _by_dose(checked.excepted)


def _by_dose(broken: Iterable[Broken]) -> Marks:
    found: Marks = {}
    for each in broken:
        key = each.drug, each.day
        found[key] = (*found.get(key, ()), each)
    return found


def _amounts(doses: Sequence[ClinicalDose], parameters) -> list[str]:
    """What each dose is for the patient; empty for full doses and where the patient is wrong."""
    species = parameters.species
    try:
        patient = patient_of(parameters)
        return ["" if dose.is_relative else resolve([dose], patient, species)[0].said for dose in doses]
    except InputError:  # which is said of the patient
        return [""] * len(doses)


def _measurements(parameters) -> list[Measurement]:
    """The visits that can be read: while one is being written, the others stay where they are."""
    node = parameters.measurements
    if node is None:
        return []
    try:
        return read_table(node)
    except InputError:  # which is said of that table
        header, lines = read_cells(node)
        return [row for line in lines for row in _readable(header, line, node.GetName())]


def _readable(header: Sequence[str], line: Sequence[str], source: str) -> list[Measurement]:
    try:
        return from_cells(header, [line], source)
    except InputError:
        return []


def _points(measured: Sequence[Measurement], model: Model, state: State) -> Points | None:
    try:
        return measured_points(model, measured, state.name) if measured and state.name in model.observables else None
    except InputError:  # which is said of that table
        return None
