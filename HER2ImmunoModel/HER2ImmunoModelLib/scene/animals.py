"""Animals of a volume table as measurement tables, and what each group was given as treatment tables."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, all_or_nothing, write_table

from ..calibration.volume_tables import is_volume_table, read_volumes
from ..models.model import Model
from .given import write_treatments

GROUP_ATTRIBUTE = "HER2ImmunoModel.Group"


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
            node = keep(_new(scene, subject.name))
            write_table(subject.measurements, node)
            node.SetAttribute(MEASUREMENTS_ATTRIBUTE, "1")
            node.SetAttribute(GROUP_ATTRIBUTE, subject.group)
            nodes.append(node)
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
            node = nodes[group] = keep(_new(scene, f"Treatment of {group or 'every animal'}"))
            write_treatments(schedule, node)
            node.SetAttribute(GROUP_ATTRIBUTE, group)
    return nodes


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


def _new(scene, name: str) -> slicer.vtkMRMLTableNode:
    return scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(name))
