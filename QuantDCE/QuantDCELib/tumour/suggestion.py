"""What is found around a click, and what a person must be told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .size import LongestDiameter


@dataclass(frozen=True, eq=False)
class Suggestion:
    """The enhancing tumour around a click.

    Attributes
    ----------
    mask : ndarray of bool, shape (k, j, i)
        On the grid of the series.
    volume_cm3 : float
    diameter : LongestDiameter
        Longest in space.
    in_plane : LongestDiameter
        Longest within a slice as acquired, which reports of a read usually give.
    remarks : tuple of str
        What makes the region doubtful, as sentences.
    settings : mapping of str to object
        The choices and the numbers derived from the images, for the provenance.
    """

    mask: np.ndarray
    volume_cm3: float
    diameter: LongestDiameter
    in_plane: LongestDiameter
    remarks: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
