"""Why a voxel has a value or has none: the codes of every `status` map."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Status(IntEnum):
    """Code of a voxel. Up to `NO_UPTAKE` the voxel was fitted; above, it is NaN in every map."""

    OK = 0
    AT_BOUND = 1
    NO_UPTAKE = 2
    OUTSIDE = 10
    NOT_FINITE = 11
    NO_SIGNAL = 12
    ABOVE_CEILING = 13
    NO_T1 = 14


WORDS = {
    Status.OK: "fitted",
    Status.AT_BOUND: "fitted, a parameter is at its bound",
    Status.NO_UPTAKE: "fitted, no uptake: Ktrans is 0, so ve and kep have no value",
    Status.OUTSIDE: "outside the region",
    Status.NOT_FINITE: "the data are not finite",
    Status.NO_SIGNAL: "no signal before the contrast agent",
    Status.ABOVE_CEILING: "the signal is above what the sequence can give",
    Status.NO_T1: "no valid T1 or B1",
}
SHORT_WORDS = {
    Status.OK: "fitted",
    Status.AT_BOUND: "at a bound",
    Status.NO_UPTAKE: "no uptake",
    Status.OUTSIDE: "outside",
    Status.NOT_FINITE: "not finite",
    Status.NO_SIGNAL: "no signal",
    Status.ABOVE_CEILING: "signal too high",
    Status.NO_T1: "no T1 or B1",
}
"""For the legend of a picture, where there is room for two words."""


def is_fitted(status: np.ndarray) -> np.ndarray:
    """Where a status map stands for a voxel with a result."""
    return np.asarray(status) <= Status.NO_UPTAKE


def count(status: np.ndarray) -> dict[str, int]:
    """Number of voxels of each code that occurs, by name."""
    codes, numbers = np.unique(np.asarray(status), return_counts=True)
    return {Status(int(code)).name: int(number) for code, number in zip(codes, numbers, strict=True)}
