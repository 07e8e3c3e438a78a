"""The signs of cells that are marked, as shapes: told from each other without colours."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.chart_shapes import Area, Shape, Stroke
from HER2ImmunoCommonLib.chart_spec import ORANGE, RED

from .judging import SUSPICIOUS, WRONG


def sign_of(kind: str, size: float) -> Shape | None:
    """A cross for what is wrong, a triangle for what is suspicious, in a square of so many pixels; None without."""
    low, high = 0.1 * size, 0.9 * size
    if kind == WRONG:
        return Stroke((np.array([[low, low], [high, high]]), np.array([[low, high], [high, low]])), RED, 2.0)
    if kind == SUSPICIOUS:
        return Area((np.array([[size / 2, low], [high, high], [low, high]]),), ORANGE, 1.0)
    return None
