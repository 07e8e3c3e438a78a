"""The arterial input as a table node, which another visit can use."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from HER2ImmunoCommonLib.scene import read_cells, read_header, write_values

from ..analysis.result import DceResult
from ..arterial_input.aif import BLOOD_COLUMN, PLASMA_COLUMN, TIME_COLUMN, Aif, aif_from_lines

INPUT_TABLE_NAME = "Arterial input table"


def aif_from_table(node: slicer.vtkMRMLTableNode, *, hematocrit: float) -> Aif:
    """The input in a table node.

    Raises
    ------
    InputError
        Naming the table, row, column and reason.
    """
    header, lines = read_cells(node)
    return aif_from_lines([header, *lines], node.GetName(), hematocrit=hematocrit, source=f"table {node.GetName()}")


def is_input_table(node: slicer.vtkMRMLTableNode) -> bool:
    """Whether a table has the columns of an arterial input."""
    header = read_header(node)
    return TIME_COLUMN in header and (PLASMA_COLUMN in header or BLOOD_COLUMN in header)


def input_table(scene: slicer.vtkMRMLScene, result: DceResult, keep: Callable) -> list[slicer.vtkMRMLTableNode]:
    """A table with the input of a result; none for a model without one."""
    if result.aif is None:
        return []
    node = keep(scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(INPUT_TABLE_NAME)))
    columns = result.aif.time_s, result.aif.plasma_mM, result.aif.blood_mM
    rows = [tuple(map(float, row)) for row in zip(*columns, strict=True)]
    write_values((TIME_COLUMN, PLASMA_COLUMN, BLOOD_COLUMN), rows, node)
    return [node]
