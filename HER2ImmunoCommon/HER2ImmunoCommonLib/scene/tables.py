"""The measurement table as a table node."""

from __future__ import annotations

from collections.abc import Sequence

import slicer
import vtk

from ..measurements import Measurement, from_cells, to_cells


def read_table(node: slicer.vtkMRMLTableNode) -> list[Measurement]:
    """Rows of a table node; an empty node has none.

    Raises
    ------
    InputError
        Naming the node, row, column and reason.
    """
    table = node.GetTable()
    if table.GetNumberOfRows() == 0:
        return []
    columns = range(table.GetNumberOfColumns())
    header = [table.GetColumnName(column) for column in columns]
    cells = ([table.GetValue(row, column).ToString() for column in columns] for row in range(table.GetNumberOfRows()))
    return from_cells(header, cells, node.GetName())


def write_table(rows: Sequence[Measurement], node: slicer.vtkMRMLTableNode) -> None:
    """Put the rows into a table node as text columns, so that numbers come back exactly and missing ones stay empty."""
    header, cells = to_cells(rows)
    table = vtk.vtkTable()
    for index, name in enumerate(header):
        column = vtk.vtkStringArray()
        column.SetName(name)
        for line in cells:
            column.InsertNextValue(line[index])
        table.AddColumn(column)
    node.SetAndObserveTable(table)
    node.SetUseColumnTitleAsColumnHeader(True)
    node.Modified()
