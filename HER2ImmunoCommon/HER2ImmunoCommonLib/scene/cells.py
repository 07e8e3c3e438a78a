"""The cells of a table node: as text to read and edit, or numbers as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import slicer
import vtk


def read_cells(node: slicer.vtkMRMLTableNode) -> tuple[list[str], list[list[str]]]:
    """Header and lines of a table node as text."""
    table, header = node.GetTable(), read_header(node)
    columns = range(len(header))
    return header, [[table.GetValue(row, c).ToString() for c in columns] for row in range(table.GetNumberOfRows())]


def read_header(node: slicer.vtkMRMLTableNode) -> list[str]:
    """Header of a table node, however many lines there are."""
    table = node.GetTable()
    return [table.GetColumnName(column) or "" for column in range(table.GetNumberOfColumns())]


def write_cells(header: Sequence[str], lines: Sequence[Sequence[str]], node: slicer.vtkMRMLTableNode) -> None:
    """Replace the content of a table node by text columns, in which a missing value stays empty."""
    write_values(header, [[str(cell) for cell in line] for line in lines], node)


def write_values(header: Sequence[str], rows: Sequence[Sequence[object]], node: slicer.vtkMRMLTableNode) -> None:
    """Replace the content of a table node, which tells of it once; a column of numbers is one of numbers, any other is
    text."""
    table = vtk.vtkTable()
    for index, name in enumerate(header):
        values = [row[index] for row in rows]
        numbers = bool(values) and all(isinstance(value, (int, float)) for value in values)
        column = vtk.vtkDoubleArray() if numbers else vtk.vtkStringArray()
        column.SetName(name)
        for value in values:
            column.InsertNextValue(float(value) if numbers else str(value))
        table.AddColumn(column)
    with slicer.util.NodeModify(node):
        node.SetAndObserveTable(table)
        node.SetUseColumnTitleAsColumnHeader(True)
        node.Modified()


def read_values(node: slicer.vtkMRMLTableNode) -> tuple[list[str], list[list[object]]]:
    """Header and rows of a table node: numbers with all their digits, anything else as text."""
    table = node.GetTable()
    header = [table.GetColumnName(column) or "" for column in range(table.GetNumberOfColumns())]
    columns = [_values(table.GetColumn(column)) for column in range(table.GetNumberOfColumns())]
    return header, [list(row) for row in zip(*columns, strict=True)]


def _values(column: vtk.vtkAbstractArray) -> list[object]:
    if column.IsNumeric():
        return [column.GetTuple1(row) for row in range(column.GetNumberOfTuples())]
    return [column.GetVariantValue(row).ToString() for row in range(column.GetNumberOfTuples())]


def set_cell(node: slicer.vtkMRMLTableNode, row: int, column: str, text: str) -> None:
    """Change one cell; a column that is not there is added, and all become text."""
    header, lines = read_cells(node)
    if column not in header:
        header.append(column)
        lines = [[*line, ""] for line in lines]
    lines[row][header.index(column)] = text.strip()
    write_cells(header, lines, node)


def add_row(node: slicer.vtkMRMLTableNode, cells: Mapping[str, str]) -> None:
    """Add a row at the end with these cells; the others stay empty."""
    header, lines = read_cells(node)
    header += [name for name in cells if name not in header]
    lines = [[*line, *[""] * (len(header) - len(line))] for line in lines]
    write_cells(header, [*lines, [cells.get(name, "") for name in header]], node)


def remove_row(node: slicer.vtkMRMLTableNode, row: int) -> None:
    """Take one row out."""
    header, lines = read_cells(node)
    write_cells(header, lines[:row] + lines[row + 1 :], node)
