"""The curve of the motion: how far the body is from its place before contrast, and where it jumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

JUMP_MM, JUMP_ERRORS, JUMP_STEPS = 1.0, 3.0, 4.0
"""A way between two frames is a jump above this length (at size 1), and so many errors and usual ways."""
MOST_NAMED = 4
HEADER = (
    "frame",
    "time_s",
    "right_mm",
    "anterior_mm",
    "superior_mm",
    "about_right_deg",
    "about_anterior_deg",
    "about_superior_deg",
    "mean_mm",
    "error_mm",
    "corrected",
    "jump",
)


@dataclass(frozen=True)
class Jump:
    """A leap of the body.

    Attributes
    ----------
    frame : int
        The first (from 0) after the leap.
    time_s : float
    length_mm : float
        Mean way of the points of the region from the frame before.
    """

    frame: int
    time_s: float
    length_mm: float


@dataclass(frozen=True, eq=False)
class MotionCurve:
    """Where the body is in each frame, from its place before contrast (the middle of those frames).

    Attributes
    ----------
    time_s : ndarray, shape (t,)
    shift_mm, turn_deg : ndarray, shape (t, 3)
        Of the middle of the region, to the right, to the front and upwards (RAS), and about these axes, as a vector.
    mean_mm : ndarray, shape (t,)
        Mean way of the points of the region.
    error_mm : ndarray, shape (t,)
        Standard error of that way, from how the parts of the region disagree.
    step_mm : ndarray, shape (t,)
        Mean way of the points from the frame before.
    corrected : ndarray of bool, shape (t,)
        Frames that were put back; the others are what they were.
    """

    time_s: np.ndarray
    shift_mm: np.ndarray
    turn_deg: np.ndarray
    mean_mm: np.ndarray
    error_mm: np.ndarray
    step_mm: np.ndarray
    corrected: np.ndarray

    @property
    def largest_mm(self) -> float:
        return float(self.mean_mm.max())


def find_jumps(curve: MotionCurve, scale: float) -> tuple[Jump, ...]:
    """Frames before which the body leaps: far more than it usually moves and than the estimate errs."""
    usual = float(np.median(curve.step_mm[1:])) if curve.step_mm.size > 1 else 0.0
    least = max(JUMP_MM * scale, JUMP_STEPS * usual)
    errors = np.hypot(curve.error_mm[1:], curve.error_mm[:-1])
    found = np.flatnonzero((curve.step_mm[1:] > least) & (curve.step_mm[1:] > JUMP_ERRORS * errors)) + 1
    return tuple(Jump(int(n), float(curve.time_s[n]), float(curve.step_mm[n])) for n in found)


def rows(curve: MotionCurve, jumps: tuple[Jump, ...]) -> list[tuple]:
    """The curve as a table under `HEADER`, a row a frame, frames counted from 1."""
    leaps = {jump.frame for jump in jumps}
    return [
        (
            n + 1,
            float(time_s),
            *(round(float(value), 4) for value in (*curve.shift_mm[n], *curve.turn_deg[n])),
            round(float(curve.mean_mm[n]), 4),
            round(float(curve.error_mm[n]), 4),
            int(curve.corrected[n]),
            int(n in leaps),
        )
        for n, time_s in enumerate(curve.time_s)
    ]


def said(curve: MotionCurve, jumps: tuple[Jump, ...]) -> list[str]:
    """The curve in words."""
    if not curve.corrected.any():
        return [
            "The frames lie still: no motion was told from the error of its estimate "
            f"(largest {curve.largest_mm:.2f} mm, error {float(curve.error_mm.max()):.2f} mm); none was changed."
        ]
    last = int(np.argmax(curve.mean_mm))
    lines = [
        f"The body moves by up to {curve.largest_mm:.1f} mm (frame {last + 1}, {curve.time_s[last]:.0f} s; "
        f"{float(curve.mean_mm.mean()):.1f} mm on the mean of the frames); {int(curve.corrected.sum())} of "
        f"{curve.time_s.size} frames were put back."
    ]
    named = sorted(sorted(jumps, key=lambda jump: -jump.length_mm)[:MOST_NAMED], key=lambda jump: jump.frame)
    lines += [
        f"It jumps by {jump.length_mm:.1f} mm before frame {jump.frame + 1} ({jump.time_s:.0f} s)." for jump in named
    ]
    if len(jumps) > len(named):
        lines.append(f"There are {len(jumps) - len(named)} smaller jumps; the table names them.")
    return lines
