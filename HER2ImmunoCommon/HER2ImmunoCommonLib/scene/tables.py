"""The measurement table as a table node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import slicer

from ..measurements import Measurement, from_cells, to_cells
from .cells import read_cells, write_cells

MEASUREMENTS_ATTRIBUTE, CHOSEN, MADE_HERE = "HER2Immuno.Measurements", "1", "made here"
"""Marks a measurement table, with its values: one that was loaded or chosen, or that an analysis made in the scene."""
KEPT = 64
"""Tables that are kept read: a panel asks for the same one many times after each change."""
REMARKS_ATTRIBUTE = "HER2Immuno.Remarks"
"""What was said when the rows were read from a file, such as a unit that was converted; a list as JSON."""


def read_table(node: slicer.vtkMRMLTableNode) -> list[Measurement]:
    """Rows of a table node; an empty node has none.

    Raises
    ------
    InputError
        Naming the node, row, column and reason.
    """
    header, lines = read_cells(node)
    rows = list(_rows(tuple(header), tuple(map(tuple, lines)), node.GetName())) if lines else []
    if rows and (remarks := node.GetAttribute(REMARKS_ATTRIBUTE)):
        rows[0] = replace(rows[0], remarks=(*json.loads(remarks), *rows[0].remarks))
    return rows


@lru_cache(maxsize=KEPT)
def _rows(header: tuple[str, ...], lines: tuple[tuple[str, ...], ...], name: str) -> tuple[Measurement, ...]:
    return tuple(from_cells(header, lines, name))


def write_table(rows: Sequence[Measurement], node: slicer.vtkMRMLTableNode) -> None:
    """Put the rows into a table node as text columns, so that numbers come back exactly and missing ones stay empty."""
    write_cells(*to_cells(rows), node)
    if remarks := list(dict.fromkeys(text for row in rows for text in row.remarks)):
        node.SetAttribute(REMARKS_ATTRIBUTE, json.dumps(remarks))


def measurement_table(scene: slicer.vtkMRMLScene, chosen: slicer.vtkMRMLTableNode | None) -> slicer.vtkMRMLTableNode:
    """The table node that takes the measurements of a visit.

    A table that was loaded or comes with sample data is taken only if a person chose it.

    Returns
    -------
    vtkMRMLTableNode
        The chosen one, else the only one made by an analysis in this scene, else a new one.
    """
    if chosen is not None:
        return chosen
    tables = [
        scene.GetNthNodeByClass(n, "vtkMRMLTableNode") for n in range(scene.GetNumberOfNodesByClass("vtkMRMLTableNode"))
    ]
    made = [node for node in tables if node.GetAttribute(MEASUREMENTS_ATTRIBUTE) == MADE_HERE]
    if len(made) == 1:
        return made[0]
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName("Measurements"))
    node.SetAttribute(MEASUREMENTS_ATTRIBUTE, MADE_HERE)
    return node
