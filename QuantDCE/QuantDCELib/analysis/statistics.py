"""Numbers of every map over a region, and the voxels of each class of a label map: computed once after a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.roi import RoiStatistics, roi_statistics

from ..enhancement.ftv import bin_names
from ..kinetics import models
from ..kinetics.fitter import ERROR
from ..kinetics.stages import MODEL
from ..voxels.status import SHORT_WORDS, WORDS, Status, is_fitted
from .kinetics import UNITS

STATUS, FTV = "status", "FTV"
LABEL_MAPS = (STATUS, FTV, MODEL)
"""Maps whose values are classes: they are counted, not averaged."""
NO_VALUE = "the measure has no value there"
COUNTS = ("n", "n_valid", "n_failed", "n_at_bound")
NUMBERS = ("median", "p25", "p75", "iqr", "mean", "sd", "minimum", "p5", "p10", "p90", "p95", "maximum")
HEADER = ("map", "class", "unit", *COUNTS, "volume_cm3", *NUMBERS, "failed_because")


@dataclass(frozen=True)
class MapStatistics:
    """Numbers of one map over a region.

    Attributes
    ----------
    name : str
        Key of the map, such as Ktrans.
    unit : str
        Of `values`, as the map has it.
    values : RoiStatistics
        Over the voxels that were fitted and have a value of this map; `n` counts all of the region.
    n_at_bound : int or None
        Those among the valid with a parameter at its bound; None for a map that no model was fitted for.
    failures : dict of str to int
        Why the others have no value, in words, and how many, the most frequent first.
    volume_cm3 : float
        Of the voxels with a value.
    """

    name: str
    unit: str
    values: RoiStatistics
    n_at_bound: int | None
    failures: dict[str, int]
    volume_cm3: float

    @property
    def n_failed(self) -> int:
        """Voxels of the region without a value."""
        return self.values.n - self.values.n_valid


@dataclass(frozen=True)
class ClassCount:
    """How many of the `n_region` voxels of a region belong to one class (`label`) of a label map."""

    name: str
    label: str
    n: int
    n_region: int
    volume_cm3: float


@dataclass(frozen=True)
class RegionStatistics:
    """Statistics of all maps of an analysis over the region that was measured."""

    maps: tuple[MapStatistics, ...] = ()
    classes: tuple[ClassCount, ...] = ()

    def of(self, name: str) -> MapStatistics | None:
        """Those of one map; None without such a map."""
        return next((each for each in self.maps if each.name == name), None)


def region_statistics(
    maps: Mapping[str, np.ndarray],
    units: Mapping[str, str],
    region: np.ndarray,
    *,
    voxel_volume_cm3: float,
    candidates: Sequence[str] = (),
    ser_bins: Sequence[float] = (),
) -> RegionStatistics:
    """Statistics of maps over a region.

    Parameters
    ----------
    maps : dict of str to ndarray, shape (k, j, i)
        NaN where there is no value; with the map `status`, which says why.
    units : dict of str to str
    region : ndarray of bool, shape (k, j, i)
    voxel_volume_cm3 : float
    candidates : sequence of str
        Models by their number in the map `model`, from 1.
    ser_bins : sequence of float
        Lower limits of the bins in the map `FTV`.

    Returns
    -------
    RegionStatistics
        A map's numbers are of the fitted voxels that have a value of it, as the medians of the measurement table are.

    Raises
    ------
    InputError
        If the region is empty or on another grid.
    """
    status = maps[STATUS][region]
    found = [
        _of_map(name, units[name], values, region, status, voxel_volume_cm3)
        for name, values in maps.items()
        if name not in LABEL_MAPS
    ]
    classes = {STATUS: {int(code): words for code, words in SHORT_WORDS.items() if code is not Status.OUTSIDE}}
    classes[FTV] = dict(enumerate(bin_names(tuple(ser_bins)), start=1)) if ser_bins else {}
    classes[MODEL] = {n: models.get(name).label for n, name in enumerate(candidates, start=1)}
    counted = [
        entry
        for name, labels in classes.items()
        if name in maps
        for entry in _of_classes(name, maps[name][region], labels, voxel_volume_cm3)
    ]
    return RegionStatistics(tuple(found), tuple(counted))


def _of_map(
    name: str, unit: str, values: np.ndarray, region: np.ndarray, status: np.ndarray, voxel_volume_cm3: float
) -> MapStatistics:
    inside = np.where(is_fitted(status), values[region], np.nan)
    numbers = roi_statistics(inside, np.ones(inside.shape, bool))
    valid = np.isfinite(inside)
    is_parameter = name.removesuffix(ERROR) in UNITS
    at_bound = int(np.count_nonzero(valid & (status == Status.AT_BOUND))) if is_parameter else None
    volume = numbers.n_valid * voxel_volume_cm3
    return MapStatistics(name, unit, numbers, at_bound, _failures(status[~valid]), volume)


def _failures(status: np.ndarray) -> dict[str, int]:
    """Why voxels have no value of a map; a fitted voxel may lack one, as ve where there is no uptake."""
    codes, numbers = np.unique(status, return_counts=True)
    found: dict[str, int] = {}
    for code, number in sorted(zip(codes, numbers, strict=True), key=lambda pair: -pair[1]):
        words = NO_VALUE if code in (Status.OK, Status.AT_BOUND) else WORDS[Status(int(code))]
        found[words] = found.get(words, 0) + int(number)
    return found


def _of_classes(name: str, numbers: np.ndarray, labels: Mapping[int, str], voxel_volume_cm3: float) -> list[ClassCount]:
    counts = {number: int(np.count_nonzero(numbers == number)) for number in labels}
    return [
        ClassCount(name, labels[number], count, numbers.size, count * voxel_volume_cm3)
        for number, count in counts.items()
    ]


def to_cells(statistics: RegionStatistics) -> tuple[tuple[str, ...], list[list[str]]]:
    """The statistics as text, one line a map and then one a class; numbers read back exactly, missing ones are empty.

    `n` counts the voxels of the region, `n_valid` those with a value or of the class. The columns from `median` on
    have the unit of their line.
    """
    lines = []
    for each in statistics.maps:
        counts = (each.values.n, each.values.n_valid, each.n_failed, each.n_at_bound)
        numbers = (getattr(each.values, name) for name in NUMBERS)
        why = "; ".join(f"{words}: {number}" for words, number in each.failures.items())
        cells = (*counts, float(each.volume_cm3), *map(float, numbers))
        lines.append([each.name, "", each.unit, *map(_cell, cells), why])
    empty = [""] * (len(NUMBERS) + 1)
    for each in statistics.classes:
        cells = (each.n_region, each.n, None, None, each.volume_cm3)
        lines.append([each.name, each.label, "", *map(_cell, cells), *empty])
    return HEADER, lines


def _cell(value: float | None) -> str:
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else repr(value)


def from_cells(header: Sequence[str], lines: Sequence[Sequence[str]]) -> RegionStatistics:
    """Inverse of `to_cells`; columns of a later version are passed over."""
    maps, classes = [], []
    for line in lines:
        cells = dict(zip(header, line, strict=True))
        if cells["class"]:
            counts = (int(cells["n_valid"]), int(cells["n"]), float(cells["volume_cm3"]))
            classes.append(ClassCount(cells["map"], cells["class"], *counts))
            continue
        numbers = {name: float(cells[name] or "nan") for name in NUMBERS if name != "iqr"}
        values = RoiStatistics(n=int(cells["n"]), n_valid=int(cells["n_valid"]), **numbers)
        bound = int(cells["n_at_bound"]) if cells["n_at_bound"] else None
        why = [entry.rsplit(": ", 1) for entry in cells["failed_because"].split("; ") if entry]
        failures = {words: int(number) for words, number in why}
        maps.append(MapStatistics(cells["map"], cells["unit"], values, bound, failures, float(cells["volume_cm3"])))
    return RegionStatistics(tuple(maps), tuple(classes))


def number(value: float, digits: int = 3) -> str:
    """A few digits, all of those before the point, or a dash where there is no value."""
    if not np.isfinite(value):
        return "–"
    return f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"


def interval(low: float, high: float) -> str:
    """Two ends, or a dash where there is no value."""
    return f"{number(low)} to {number(high)}" if np.isfinite(low) else "–"
