"""Arterial inputs measured in the images or read from a file; `population` has those of the literature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.reading import Names, Table, cells_of, named, read_table_file

from ..signal.concentration import concentration_from_signal
from ..signal.quantities import haematocrit_fraction
from ..voxels.status import WORDS, Status
from .population import population_aif

__all__ = ["Aif", "plasma_from_blood", "population_aif", "read_aif_csv", "roi_aif"]

PLASMA_COLUMN = "plasma_mM"
BLOOD_COLUMN = "blood_mM"
TIME_COLUMN = "time_s"
NAMES = Names(
    texts=(),
    numbers=(TIME_COLUMN, PLASMA_COLUMN, BLOOD_COLUMN),
    converted={"time_ms": (TIME_COLUMN, 1000.0), "time_min": (TIME_COLUMN, 1 / 60)},
    extra_numbers=False,
)


@dataclass(frozen=True, eq=False)
class Aif:
    """An arterial input.

    Attributes
    ----------
    time_s, blood_mM, plasma_mM : ndarray, shape (n,)
    source : str
        Where it comes from, in words.
    signal : ndarray, shape (n,), optional
        Mean signal of the region it was measured in.
    """

    time_s: np.ndarray
    blood_mM: np.ndarray
    plasma_mM: np.ndarray
    source: str
    signal: np.ndarray | None = None


def plasma_from_blood(blood_mM: np.ndarray, hematocrit: float) -> np.ndarray:
    """Plasma concentration: the agent stays out of the red cells, so plasma = blood / (1 - Hct)."""
    return np.asarray(blood_mM, dtype=np.float64) / (1.0 - haematocrit_fraction(hematocrit))


def roi_aif(
    signal: np.ndarray,
    mask: np.ndarray,
    time_s: np.ndarray,
    *,
    tr_s: float,
    flip_deg: float,
    t10_blood_s: float,
    r1_per_mM_s: float,
    hematocrit: float,
    baseline: slice | Sequence[int],
) -> Aif:
    """Input from the mean signal of a region in an artery.

    Parameters
    ----------
    signal : ndarray, shape (..., t)
    mask : ndarray of bool, shape (...)
    time_s : ndarray, shape (t,)
    tr_s, flip_deg, r1_per_mM_s, baseline
        As `concentration_from_signal`.
    t10_blood_s : float
        T1 of blood before contrast agent.
    hematocrit : float

    Raises
    ------
    InputError
        If the region is empty or of another shape, or its signal cannot be turned into a concentration.
    """
    mask = np.asarray(mask, dtype=bool)
    if mask.shape != signal.shape[:-1]:
        raise InputError(f"The artery mask has shape {mask.shape} but the images {signal.shape[:-1]}; use one grid.")
    curves = np.asarray(signal[mask], dtype=np.float64)
    curves = curves[np.isfinite(curves).all(axis=1)]
    if not len(curves):
        raise InputError("The artery region has no voxel with data; draw it in a vessel first.")
    mean = curves.mean(axis=0)
    inverted = concentration_from_signal(
        mean, tr_s=tr_s, flip_deg=flip_deg, t10_s=t10_blood_s, r1_per_mM_s=r1_per_mM_s, baseline=baseline
    )
    if inverted.status != Status.OK:
        raise InputError(
            f"The artery region gives no concentration ({WORDS[Status(int(inverted.status))]}); choose another region."
        )
    blood = inverted.concentration_mM
    source = f"mean of {len(curves)} voxels"
    return Aif(np.asarray(time_s, float), blood, plasma_from_blood(blood, hematocrit), source, mean)


def read_aif_csv(path: str | Path, *, hematocrit: float) -> Aif:
    """Read an input from a CSV file with the columns `time_s` and `plasma_mM` or `blood_mM`.

    Raises
    ------
    InputError
        Naming the file, row, column and reason.
    """
    path = Path(path)
    table = read_table_file(path, "an arterial input (CSV with the columns time_s and plasma_mM)", NAMES)
    return _aif(table, hematocrit=hematocrit, source=f"file {path.name}")


def aif_from_lines(lines: Sequence[Sequence[str]], name: str, *, hematocrit: float, source: str) -> Aif:
    """An input from a header and rows of text; `name` is that of the table, for messages.

    Raises
    ------
    InputError
        Naming the table, row, column and reason.
    """
    header, *rows = lines or [[]]
    return _aif(named(cells_of(header, rows, name, 2), name, NAMES), hematocrit=hematocrit, source=source)


def _aif(table: Table, *, hematocrit: float, source: str) -> Aif:
    hematocrit = haematocrit_fraction(hematocrit)
    column = next((known for known in (PLASMA_COLUMN, BLOOD_COLUMN) if table.has(known)), None)
    if not table.has(TIME_COLUMN) or column is None:
        hint = table.why_missing(TIME_COLUMN) or table.why_missing(PLASMA_COLUMN) or table.why_missing(BLOOD_COLUMN)
        raise InputError(f"{table.source} needs the columns {TIME_COLUMN} and {PLASMA_COLUMN} or {BLOOD_COLUMN}{hint}.")
    numbers = [(row.number_in(TIME_COLUMN), row.number_in(column)) for row in table.rows]
    time_s, values = np.array(numbers, dtype=np.float64).reshape(-1, 2).T
    if time_s.size < 2 or not (np.diff(time_s) > 0).all():
        raise InputError(f"{table.source}: the column time_s must increase from row to row; sort the rows.")
    blood = values if column == BLOOD_COLUMN else values * (1.0 - hematocrit)
    return Aif(time_s, blood, plasma_from_blood(blood, hematocrit), source)
