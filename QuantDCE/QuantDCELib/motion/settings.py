"""What a person may choose of the correction of motion."""

from __future__ import annotations

import math
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

RIGID, BSPLINE, NONE = "rigid", "bspline", "none"
KINDS = (RIGID, BSPLINE)
ROUNDS = (2, 8)


@dataclass(frozen=True)
class MotionSettings:
    """Choices of `correct_motion`; lengths are those of a human breast and shrink with the body of an animal.

    Nothing is drawn at random: the same series and settings give the same motion to the bit.

    Attributes
    ----------
    kind : str
        `rigid`: the body moves as one piece; `bspline`: it also bends, by a coarse B-spline.
    rounds : int
        How often all frames are compared with the model, which is made again of the aligned frames each time.
    control_mm : float
        Distance of the control points of the B-spline.
    baseline : tuple of 2 int or None
        First frame (from 0) before the contrast agent and the one after the last; found by default.
    """

    kind: str = RIGID
    rounds: int = 4
    control_mm: float = 40.0
    baseline: tuple[int, int] | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise InputError(f"The kind of motion is {self.kind!r}; give {' or '.join(KINDS)}.")
        if not ROUNDS[0] <= self.rounds <= ROUNDS[1]:
            raise InputError(f"The rounds of the correction are {self.rounds}; give {ROUNDS[0]} to {ROUNDS[1]}.")
        if not (math.isfinite(self.control_mm) and self.control_mm >= 10.0):
            raise InputError(f"The control points lie {self.control_mm:g} mm apart; give 10 mm or more.")
        if self.baseline is not None and not 0 <= self.baseline[0] < self.baseline[1]:
            raise InputError(f"The baseline is {self.baseline}; give the first frame and the one after the last.")
