"""Several subjects of one file as table nodes: a measurement table and a treatment table each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import read_subjects
from HER2ImmunoCommonLib.names import node_name
from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, all_or_nothing, write_table

from ..models.model import Model
from ..treatments.clinical_tables import ClinicalSchedule
from ..treatments.doses import Schedule
from ..treatments.of_subjects import doses_of_subjects
from .given import write_treatments

SUBJECT_ATTRIBUTE = "HER2ImmunoModel.Subject"
FILE_ATTRIBUTE = "HER2ImmunoModel.SubjectsOf"
"""Marks tables that were read of one file, with its name; numbered where it was read twice."""
GROUP_ATTRIBUTE = "HER2ImmunoModel.Group"
"""Marks tables of an animal and treatment tables with their group."""
Table = slicer.vtkMRMLTableNode


def tables_of_subjects(scene: slicer.vtkMRMLScene, path: str) -> list[Table]:
    """One measurement table a subject of a file, none if any of them cannot be read.

    Raises
    ------
    InputError
        As `read_subjects`.
    """
    measured = read_subjects(path)
    with all_or_nothing(scene) as keep:
        nodes = []
        for name, visits in measured.items():
            node = keep(new_table(scene, name or Path(path).stem))
            write_table(visits, node)
            node.SetAttribute(MEASUREMENTS_ATTRIBUTE, "1")
            nodes.append(node)
    if "" not in measured:
        mark_subjects(scene, nodes, list(measured), path)
    return nodes


def mark_subjects(scene: slicer.vtkMRMLScene, nodes: Sequence[Table], names: Sequence[str], path: str) -> None:
    """Mark measurement tables as those of the subjects of a file."""
    known = {node.GetAttribute(FILE_ATTRIBUTE) for node in _tables(scene)}
    title = Path(path).name
    number = next(n for n in range(1, len(known) + 2) if _numbered(title, n) not in known)
    for node, name in zip(nodes, names, strict=True):
        node.SetAttribute(SUBJECT_ATTRIBUTE, name)
        node.SetAttribute(FILE_ATTRIBUTE, _numbered(title, number))


def subjects_beside(node: Table | None) -> list[Table]:
    """The measurement tables of all subjects of the file that a table is of, in their order; none of another table."""
    title = node and node.GetAttribute(FILE_ATTRIBUTE)
    if not title:
        return []
    return [
        each for each in _tables(node.GetScene()) if _is_measured(each) and each.GetAttribute(FILE_ATTRIBUTE) == title
    ]


def subject_of(node: Table | None) -> str:
    """Name of the subject of a table; empty where that is not known."""
    return (node and node.GetAttribute(SUBJECT_ATTRIBUTE)) or ""


def doses_tables_of_subjects(
    scene: slicer.vtkMRMLScene, measurements: Table | None, path: str, model: Model
) -> list[Table]:
    """One treatment table for every subject beside a measurement table, also for those without a dose.

    Parameters
    ----------
    scene : vtkMRMLScene
    measurements : vtkMRMLTableNode or None
        Table of one of the subjects.
    path : str
        Treatment table with a column `subject`.
    model : Model
        Whose drugs are allowed.

    Raises
    ------
    InputError
        The tables of the subjects were not loaded, or as `doses_of_subjects`.
    """
    names = [subject_of(node) for node in _measured(measurements, path)]
    given = doses_of_subjects(path, names, measurements.GetAttribute(FILE_ATTRIBUTE), model, model.species)
    return write_doses_of_subjects(scene, measurements, given, path)


def write_doses_of_subjects(
    scene: slicer.vtkMRMLScene,
    measurements: Table | None,
    given: Mapping[str, Schedule | ClinicalSchedule],
    path: str,
) -> list[Table]:
    """A treatment table for each subject beside a measurement table, with its doses.

    Raises
    ------
    InputError
        The tables of the subjects were not loaded.
    """
    source, nodes = _measured(measurements, path)[0].GetAttribute(FILE_ATTRIBUTE), []
    with all_or_nothing(scene) as keep:
        for name, doses in given.items():
            node = keep(new_table(scene, f"Treatment of {name}"))
            write_treatments(doses, node)
            node.SetAttribute(SUBJECT_ATTRIBUTE, name)
            node.SetAttribute(FILE_ATTRIBUTE, source)
            nodes.append(node)
    return nodes


def _measured(measurements: Table | None, path: str) -> list[Table]:
    if measured := subjects_beside(measurements):
        return measured
    raise InputError(
        f"{Path(path).name} gives doses of subjects; load the table of their visits first, or choose one of them."
    )


def treatments_of_subject(measurements: Table | None, treatments: Table | None) -> Table | None:
    """The treatment table that belongs to a subject, where `treatments` is that of another one; else `treatments`."""
    wanted, given = (node and _identity(node) for node in (measurements, treatments))
    if not wanted or not given or wanted == given:
        return treatments
    found = [node for node in _tables(treatments.GetScene()) if _identity(node) == wanted and not _is_measured(node)]
    return found[-1] if found else treatments


def whose_doses(measurements: Table | None, treatments: Table | None) -> str:
    """What is said of doses that may not be those of the visits; empty for nothing."""
    if measurements is None or treatments is None:
        return ""
    wanted, given = subject_of(measurements), subject_of(treatments)
    if given and wanted != given:
        visits = wanted or measurements.GetName()
        return f"These are the doses of {given}, but the visits are of {visits}; choose the table of {visits}."
    if given and treatments.GetTable().GetNumberOfRows() == 0:
        return f"{wanted} has no dose in the file and is taken as untreated."
    is_any = not given and treatments.GetAttribute(GROUP_ATTRIBUTE) is None
    if is_any and len(subjects_beside(measurements)) > 1:
        return f"{treatments.GetName()} does not say whose doses it holds; they are taken for those of {wanted}."
    return ""


def new_table(scene: slicer.vtkMRMLScene, name: str) -> Table:
    """An empty table node, whatever a person named what is in it."""
    return scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(node_name(name)))


def _identity(node: Table) -> tuple[str, str] | None:
    """File and subject of a table; None where they are not known."""
    title, name = node.GetAttribute(FILE_ATTRIBUTE), node.GetAttribute(SUBJECT_ATTRIBUTE)
    return (title, name) if title and name else None


def _is_measured(node: Table) -> bool:
    return bool(node.GetAttribute(MEASUREMENTS_ATTRIBUTE))


def _numbered(title: str, number: int) -> str:
    return title if number == 1 else f"{title} ({number})"


def _tables(scene: slicer.vtkMRMLScene) -> list[Table]:
    return [
        scene.GetNthNodeByClass(n, "vtkMRMLTableNode") for n in range(scene.GetNumberOfNodesByClass("vtkMRMLTableNode"))
    ]
