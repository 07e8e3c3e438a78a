"""Doses given so far: treatment tables with and without units, and what a tumour model takes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.reading import Table, cells_of, named
from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, is_result, read_cells, read_header, write_cells

from .. import models
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..findings.request import Exposures
from ..models.given_drug import with_drug
from ..models.model import Model
from ..treatments.clinical_doses import ClinicalDose, known_drug
from ..treatments.clinical_tables import (
    NAMES,
    UNIT_OF_COLUMN,
    ClinicalSchedule,
    clinical_cells,
    clinical_schedule_from_cells,
)
from ..treatments.effects import ExposureChoice, clinical_model
from ..treatments.prescriptions import PrescribedSchedule, prescribe
from ..treatments.schedule import Schedule, schedule_cells, schedule_from_cells
from .exposure_choices import exposure_choice, kind_field
from .one_drug import drug_of, with_one_drug
from .patients import patient_of

Pairs = tuple[tuple[str, str], ...]
SCENARIO_ATTRIBUTE = "HER2ImmunoModel.Scenario"
"""Of tables that hold the planned doses of a scenario."""
KEPT = 64
"""Tables that are kept read, each as all models take it: a panel asks for the same one many times after each change."""


def given(
    parameters, model: Model | None, is_given: Callable[[float], bool] = lambda day: True
) -> tuple[Schedule, Exposures | None]:
    """Doses of the treatment table, as a model takes them; with their exposures where the table has units.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    model : Model or None
    is_given : callable
        Whether doses of a day are wanted; planned ones are in the table too.

    Raises
    ------
    InputError
        A wrong table or patient; doses in units that the model has no place for.
    """
    table = read_prescribed(parameters.treatments, model, parameters.species)
    model = None if model is None else with_one_drug(model, table)
    wanted = replace(table, doses=tuple(dose for dose in table.doses if is_given(dose.day)))
    if table.is_relative:
        return wanted.as_schedule(), None
    return exposed(wanted, model.name, patient_of(parameters), exposure_choice(parameters), drug_of(model))


def exposed(
    prescribed: ClinicalSchedule,
    model: str,
    patient: Patient,
    choice: ExposureChoice | None = None,
    drug: str = "",
) -> tuple[PrescribedSchedule, Exposures]:
    """Doses in units as a model of the library takes them for a patient.

    Drugs of the model that the library of drugs knows are followed in the same way where they are given later, as in
    the schedules that are compared. `drug` is that of a model of any one drug, where it is not among the doses.

    Raises
    ------
    InputError
        A drug that the model has no place for.
    """
    choice = choice or ExposureChoice()
    chosen = (tuple(choice.kinds.items()), tuple(choice.sets.items()), choice.stages, choice.varies)
    return _exposed(prescribed, model, patient, *chosen, drug)


@lru_cache(maxsize=KEPT)
def _exposed(
    prescribed: ClinicalSchedule,
    model: str,
    patient: Patient,
    kinds: Pairs,
    sets: Pairs,
    stages: int,
    varies: bool,
    drug: str,
) -> tuple[PrescribedSchedule, Exposures]:
    plain = models.get(model, patient.species)
    plain = with_drug(plain, drug) if drug else plain
    choice = ExposureChoice(dict(kinds), dict(sets), stages, varies=varies)
    drugs = followed_drugs(prescribed, plain, patient.species)
    found = prescribe([prescribed], clinical_model(plain, drugs, choice, patient), patient, choice)
    (schedule,) = found.schedules
    lines = tuple(f"{dose.drug} on day {dose.day:g}: {dose.said}" for dose in schedule.prescribed)
    return schedule, Exposures(found.model, found.exposures, lines, patient)


def followed_drugs(prescribed: ClinicalSchedule, model: Model, species: str) -> tuple[str, ...]:
    """Names in the library of the drugs that are given, and of those of the model that it knows."""
    names = [dose.drug for dose in prescribed.doses] + [drug.name for drug in model.drugs]
    return tuple(dict.fromkeys(name for each in names if (name := known_drug(each, species))))


def fields_of_kinds(parameters, model: Model) -> frozenset[str]:
    """Fields of the parameter node for the kinds of exposure of the drugs followed; errors as `read_prescribed`."""
    species = parameters.species
    drugs = followed_drugs(read_prescribed(parameters.treatments, model, species), model, species)
    return frozenset(kind_field(find_drug(name, species)) for name in drugs)


def read_treatments(node: slicer.vtkMRMLTableNode | None, model: Model | None = None) -> Schedule:
    """Doses of a table node in full doses; none for no node or an empty one.

    Raises
    ------
    InputError
        Naming the node, row, column and reason; a dose with a unit.
    """
    if node is None or has_units(node):
        return read_prescribed(node, model).as_schedule()
    header, lines = read_cells(node)
    return schedule_from_cells(header, lines, node.GetName(), model, name=node.GetName()) if lines else Schedule()


def read_prescribed(
    node: slicer.vtkMRMLTableNode | None, model: Model | None = None, species: str = "human"
) -> ClinicalSchedule:
    """Doses of a table node with their units, "" for full doses; none for no node or an empty one.

    Raises
    ------
    InputError
        Naming the node, row, column and reason.
    """
    if node is None:
        return ClinicalSchedule()
    if has_units(node):
        name = None if model is None else model.name
        return _prescribed(*_content(node), name, species)
    schedule = read_treatments(node, model)
    return ClinicalSchedule(
        tuple(ClinicalDose(dose.drug, dose.day, dose.dose) for dose in schedule.doses), node.GetName()
    )


def given_doses(parameters) -> tuple[ClinicalDose, ...]:
    """Doses of the treatment table as they are written; errors as `read_prescribed`."""
    model = models.get(parameters.model, parameters.species)
    return read_prescribed(parameters.treatments, model, parameters.species).doses


Cells = tuple[tuple[str, ...], ...]


def _content(node: slicer.vtkMRMLTableNode) -> tuple[tuple[str, ...], Cells, str]:
    header, lines = read_cells(node)
    return tuple(header), tuple(map(tuple, lines)), node.GetName()


@lru_cache(maxsize=KEPT)
def _prescribed(header: tuple[str, ...], lines: Cells, name: str, model: str | None, species: str) -> ClinicalSchedule:
    if model is not None and (in_units := _in_units(header, lines, name, species)) is not None:
        return in_units
    allowed = None if model is None else models.get(model, species)
    return clinical_schedule_from_cells(header, lines, name, allowed, species, name=name)


def _in_units(header: tuple[str, ...], lines: Cells, name: str, species: str) -> ClinicalSchedule | None:
    """The doses of a table where every one has a unit of the clinic, which no model reads in another way."""
    try:
        found = _prescribed(header, lines, name, None, species)
    except InputError:  # which is said with what is wrong for the model, whichever comes first
        return None
    return None if any(dose.is_relative for dose in found.doses) else found


def has_doses_in_units(node: slicer.vtkMRMLTableNode | None, species: str) -> bool:
    """Whether a dose of a table has a unit of the clinic; errors as `read_prescribed`."""
    return node is not None and has_units(node) and not read_prescribed(node, species=species).is_relative


def has_units(node: slicer.vtkMRMLTableNode) -> bool:
    """Whether a treatment table says units, row by row or in the name of the column of doses."""
    content = _content(node)
    return bool(content[1]) and any(_table(*content).has(name) for name in ("unit", *UNIT_OF_COLUMN))


def clinical_table(node: slicer.vtkMRMLTableNode) -> Table:
    """The cells of a table node under the names that tables of doses have; errors as `read_prescribed`."""
    return _table(*_content(node))


@lru_cache(maxsize=KEPT)
def _table(header: tuple[str, ...], lines: Cells, name: str) -> Table:
    return named(cells_of(header, list(lines), name, 1), name, NAMES)


def is_treatment_table(node: slicer.vtkMRMLTableNode) -> bool:
    """Whether a table has, or may get, one row a dose."""
    if node.GetAttribute(SCENARIO_ATTRIBUTE):
        return False
    header = {name.strip().casefold() for name in read_header(node)}
    empty = not header and not is_result(node) and not node.GetAttribute(MEASUREMENTS_ATTRIBUTE)
    return empty or header >= {"drug", "day"}


def write_treatments(schedule: Schedule | ClinicalSchedule, node: slicer.vtkMRMLTableNode) -> None:
    """Put the doses into a table node, one row a dose; with a column of units only if one has a unit."""
    if isinstance(schedule, ClinicalSchedule) and not schedule.is_relative:
        write_cells(*clinical_cells(schedule.doses), node)
        return
    write_cells(*schedule_cells(schedule.as_schedule() if isinstance(schedule, ClinicalSchedule) else schedule), node)
