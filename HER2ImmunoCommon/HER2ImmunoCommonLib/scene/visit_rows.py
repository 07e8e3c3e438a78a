"""The row of a visit: written when a person asks for it, and known again."""

from __future__ import annotations

import slicer

from ..measurements import Measurement
from .nodes import all_or_nothing
from .origins import Source, check_row, merged_row, origins_of, remember_origin
from .tables import measurement_table, read_table, write_table


def put_row(
    scene: slicer.vtkMRMLScene,
    chosen: slicer.vtkMRMLTableNode | None,
    row: Measurement,
    source: Source,
    *,
    allowed: str = "",
    date: str = "",
) -> tuple[slicer.vtkMRMLTableNode, tuple[str, ...]]:
    """Write the values of a visit into its row of the measurement table.

    Parameters
    ----------
    scene : vtkMRMLScene
    chosen : vtkMRMLTableNode or None
        As `measurement_table`.
    row : Measurement
    source : Source
        The series that was measured.
    allowed : str
        The row that a person allowed to be replaced (`Source.claim`).
    date : str
        Day of the examination, as YYYY-MM-DD; empty where it is not known.

    Returns
    -------
    (vtkMRMLTableNode, tuple of str)
        The table, and what a person must know of the row.

    Raises
    ------
    InputError
        If the visit does not fit the table; the scene is as before.
    QuestionsError
        If values of another series would be replaced.
    """
    with all_or_nothing(scene) as keep:
        before = scene.GetNumberOfNodes()
        table = measurement_table(scene, chosen)
        if scene.GetNumberOfNodes() > before:
            keep(table)
        check_row(table, row.visit, source, allowed)
        rows, notes = merged_row(table, row, source)
    write_table(rows, table)
    remember_origin(table, row.visit, source, date)
    return table, notes


def is_kept(table: slicer.vtkMRMLTableNode | None, row: Measurement, source: Source) -> bool:
    """Whether a table has these values of this series in the row of the visit, on its day."""
    origin = origins_of(table).get(row.visit)
    if origin is None or origin.series.get(source.modality) != source.identity:
        return False
    found = next((each for each in read_table(table) if each.visit == row.visit), None)
    if found is None or found.day != row.day:
        return False
    return all(found.values.get(name) == value for name, value in row.values.items())
