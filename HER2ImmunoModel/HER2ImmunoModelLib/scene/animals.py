"""Animals of a volume table as measurement tables, and what each group was given as treatment tables."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, all_or_nothing, write_table

from ..calibration.volume_tables import is_volume_table, read_volumes
from ..models.model import Model
from .given import write_treatments
from .subjects import GROUP_ATTRIBUTE, Table, mark_subjects, new_table, write_doses_of_subjects


def tables_of_animals(scene: slicer.vtkMRMLScene, path: str) -> list[slicer.vtkMRMLTableNode]:
    """One measurement table an animal of a volume table, with its group as an attribute.

    Raises
    ------
    InputError
        As `read_volumes`.
    """
    subjects = read_volumes(path)
    with all_or_nothing(scene) as keep:
        nodes = []
        for subject in subjects:
            node = keep(new_table(scene, subject.name))
            write_table(subject.measurements, node)
            node.SetAttribute(MEASUREMENTS_ATTRIBUTE, "1")
            node.SetAttribute(GROUP_ATTRIBUTE, subject.group)
            nodes.append(node)
    if len(nodes) > 1:
        mark_subjects(scene, nodes, [subject.name for subject in subjects], path)
    return nodes


def tables_of_groups(
    scene: slicer.vtkMRMLScene, volumes: str, path: str, model: Model
) -> dict[str, slicer.vtkMRMLTableNode]:
    """One treatment table a group of a volume table, by group.

    Parameters
    ----------
    scene : vtkMRMLScene
    volumes : str
        File of the volume table.
    path : str
        Treatment table with a column `group`.
    model : Model
        Whose drugs are allowed.

    Raises
    ------
    InputError
        No volume table was loaded, or as `read_volumes`.
    """
    if not is_volume_table(volumes):
        raise InputError(f"{path} gives treatments of groups; load the volume table of the animals first.")
    schedules = {subject.group: subject.schedule for subject in read_volumes(volumes, path, model)}
    with all_or_nothing(scene) as keep:
        nodes = {}
        for group, schedule in schedules.items():
            node = nodes[group] = keep(new_table(scene, f"Treatment of {group or 'every animal'}"))
            write_treatments(schedule, node)
            node.SetAttribute(GROUP_ATTRIBUTE, group)
    return nodes


def doses_tables_of_animals(
    scene: slicer.vtkMRMLScene, measurements: Table | None, volumes: str, path: str, model: Model
) -> list[Table]:
    """One treatment table an animal of a volume table, where a treatment table names animals; as `tables_of_groups`.

    Raises
    ------
    InputError
        The measurement table is not one of the animals, or as `read_volumes`.
    """
    return write_doses_of_subjects(
        scene, measurements, {subject.name: subject.schedule for subject in read_volumes(volumes, path, model)}, path
    )


def treatments_of_group(
    measurements: slicer.vtkMRMLTableNode | None, treatments: slicer.vtkMRMLTableNode | None
) -> slicer.vtkMRMLTableNode | None:
    """The treatment table that belongs to an animal, where `treatments` is that of another group; else `treatments`."""
    wanted, given = (node and node.GetAttribute(GROUP_ATTRIBUTE) for node in (measurements, treatments))
    if wanted is None or given is None or wanted == given:
        return treatments
    scene = treatments.GetScene()
    for n in range(scene.GetNumberOfNodesByClass("vtkMRMLTableNode")):
        node = scene.GetNthNodeByClass(n, "vtkMRMLTableNode")
        if node.GetAttribute(GROUP_ATTRIBUTE) == wanted and not node.GetAttribute(MEASUREMENTS_ATTRIBUTE):
            return node
    return treatments
