"""Visits of a patient as small images in the scene of a panel, and what a person does with them."""

import sys
from pathlib import Path

import numpy as np
import slicer

sys.path.append(str(Path(__file__).parents[1] / "scene"))

from visit_scene import AXIAL, DATES, PATIENT, SHAPE, TUMOUR_AT, add_image, add_map, add_visit, places_of

MOVED_MM = (6.0, 4.0, 0.0)
"""By which what the images of later visits show has moved."""

__all__ = [
    "AXIAL",
    "DATES",
    "MOVED_MM",
    "PATIENT",
    "SHAPE",
    "TUMOUR_AT",
    "add_image",
    "add_map",
    "add_three",
    "add_visit",
    "lines",
    "look",
    "places_of",
]


def moved(places):
    return places - np.array(MOVED_MM)


def add_three(scene, maps=False):
    """A baseline and two later visits at which the patient lay elsewhere; what was made, in their order."""
    made = [add_visit(scene, "V1")]
    made += [add_visit(scene, f"V{n}", DATES[n - 1], moved=moved) for n in (2, 3)]
    for each, top in zip(made if maps else (), (0.4, 0.3, 0.2), strict=False):
        add_map(scene, each, top)
    look()
    return made


def look():
    """Let the panel see what came or went."""
    for _ in range(4):
        slicer.app.processEvents()


def lines(panel):
    """The cells of the list of visits."""
    table = panel.visitList.table
    cells = [[table.item(row, column) for column in range(table.columnCount)] for row in range(table.rowCount)]
    return [[cell.text() for cell in row if cell is not None] for row in cells]
