"""Pairs of points that a person set at the same place of two visits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..reading import Names, read_table_file
from .transform import Transform

COLUMNS = tuple(f"{space}_{axis}_mm" for space in ("fixed", "moving") for axis in "ras")


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The same places in two visits.

    Attributes
    ----------
    fixed_ras_mm, moving_ras_mm : ndarray, shape (n, 3)
    """

    fixed_ras_mm: np.ndarray
    moving_ras_mm: np.ndarray

    def __post_init__(self):
        for name in ("fixed_ras_mm", "moving_ras_mm"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64).reshape(-1, 3))
        if self.fixed_ras_mm.shape != self.moving_ras_mm.shape:
            raise InputError(
                f"There are {len(self.fixed_ras_mm)} landmarks in one visit and {len(self.moving_ras_mm)} in the "
                "other; set each place in both."
            )

    def __len__(self) -> int:
        return len(self.fixed_ras_mm)

    def errors_mm(self, transform: Transform) -> np.ndarray:
        """Distance (n) of each landmark from where the transform puts it."""
        return np.linalg.norm(transform.at(self.fixed_ras_mm) - self.moving_ras_mm, axis=1)


def read_landmarks(path: str | Path) -> Landmarks:
    """Read landmarks from a CSV file with the columns `fixed_r_mm`, `fixed_a_mm`, ... `moving_s_mm`, one pair a row.

    Raises
    ------
    InputError
        If a column or number is missing, or there is no pair.
    """
    table = read_table_file(path, "landmarks", Names(("label",), COLUMNS))
    for name in COLUMNS:
        if not table.has(name):
            raise InputError(
                f"{table.source} has no column {name!r}{table.why_missing(name)}; landmarks need {', '.join(COLUMNS)}."
            )
    values = np.array([[row.number_in(name) for name in COLUMNS] for row in table.rows]).reshape(-1, 6)
    if not len(values):
        raise InputError(f"{table.source} holds no pair of landmarks; give one a row.")
    return Landmarks(values[:, :3], values[:, 3:])
