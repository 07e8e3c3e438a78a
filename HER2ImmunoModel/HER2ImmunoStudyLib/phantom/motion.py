"""How the patient moves during the dynamic series, and the frames as the scanner then sees them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

from .mr_signal import THREADS, frame_times_s
from .presets import Preset
from .rigid import rigid_about
from .seeds import generator

JUMP, DRIFT, BREATHING = "jump", "drift", "breathing"
MOTIONS = (JUMP, DRIFT, BREATHING, f"{JUMP}+{DRIFT}")
JUMP_AFTER, JUMP_MM, JUMP_DEG = 20, 3.0, 1.0
DRIFT_MM, DRIFT_DEG = 2.0, 0.7
BREATH_MM, BREATH_S = np.array([0.0, 2.0, 0.6]), {"human": 4.3, "mouse": 0.9}
"""Of a breath: way at its height at size 1 (right, anterior, superior), and how long it takes."""
HEADER = (
    "frame",
    "time_s",
    "right_mm",
    "anterior_mm",
    "superior_mm",
    "about_right_deg",
    "about_anterior_deg",
    "about_superior_deg",
    "centre_right_mm",
    "centre_anterior_mm",
    "centre_superior_mm",
)


@dataclass(frozen=True, eq=False)
class Motion:
    """Where the patient is in each frame: x -> R (x - centre) + centre + shift from the place in the first frame.

    Attributes
    ----------
    time_s : ndarray, shape (frames,)
    shift_mm, turn_deg : ndarray, shape (frames, 3)
        Along and about the axes to the right, to the front and upwards (RAS); R as in `rigid_about`.
    centre_ras_mm : ndarray, shape (3,)
        The middle of the images.
    """

    time_s: np.ndarray
    shift_mm: np.ndarray
    turn_deg: np.ndarray
    centre_ras_mm: np.ndarray

    def frame(self, index: int) -> np.ndarray:
        """Points of the first frame to those of another, shape (4, 4)."""
        return rigid_about(self.centre_ras_mm, self.shift_mm[index], self.turn_deg[index])

    def moves(self, index: int) -> bool:
        return bool(np.any(self.shift_mm[index]) or np.any(self.turn_deg[index]))


def check_motion(name: str | None) -> None:
    """Refuse a motion that there is not.

    Raises
    ------
    InputError
    """
    if name is not None and name not in MOTIONS:
        raise InputError(f"There is no motion {name!r}; choose one of {', '.join(MOTIONS)}.")


def motion_of(preset: Preset, seed: int, visit: str, name: str) -> Motion:
    """The motion of a visit: lengths at the size of the patient, directions drawn.

    A jump comes after frame 20 (or half of a shorter series), a drift is even from the first frame to the last, breath
    moves along one line, twice squared sine, and out of step with the frames.
    """
    time_s = frame_times_s(preset.mr)
    shift, turn = np.zeros((time_s.size, 3)), np.zeros((time_s.size, 3))
    random = generator(seed, "motion", visit)
    directions = _directions(random)
    if JUMP in name:
        after = np.arange(time_s.size) >= min(JUMP_AFTER, time_s.size // 2)
        shift += JUMP_MM * preset.size * np.outer(after, next(directions))
        turn += JUMP_DEG * np.outer(after, next(directions))
    if DRIFT in name:
        share = np.linspace(0.0, 1.0, time_s.size)
        shift += DRIFT_MM * preset.size * np.outer(share, next(directions))
        turn += DRIFT_DEG * np.outer(share, next(directions))
    if name == BREATHING:
        depth = np.sin(np.pi * time_s / BREATH_S[preset.species]) ** 4
        shift += np.outer(depth, BREATH_MM * preset.size)
    return Motion(time_s, shift, turn, np.asarray(preset.mr_grid.centre_ras_mm))


def _directions(random: np.random.Generator) -> Iterator[np.ndarray]:
    while True:
        direction = random.standard_normal(3)
        yield direction / np.linalg.norm(direction)


def moved(
    dynamic: np.ndarray, coil: np.ndarray, ijk_to_ras: np.ndarray, motion: Motion, *, report: Report | None = None
) -> np.ndarray:
    """The frames as the scanner sees them.

    Each frame is the still one's cubic B-spline at the moved places, so that a part of a voxel's way is a smooth
    shift; frames in which nobody moved are those of the still series. What comes in over the edge of the images is what
    was at the edge. The coil stays where it is.

    Parameters
    ----------
    dynamic : ndarray, shape (k, j, i, frames)
        The still series.
    coil : ndarray, shape (k, j, i)
        Sensitivity of the coil, above 0.
    """
    result = dynamic.copy()
    indices = [index for index in range(dynamic.shape[-1]) if motion.moves(index)]

    def fill(index: int) -> None:
        result[..., index] = coil * _carried(dynamic[..., index] / coil, ijk_to_ras, motion.frame(index))

    with ThreadPoolExecutor(THREADS) as pool:
        for done, _ in enumerate(pool.map(fill, indices)):
            tell(report, done / len(indices), "Moving the patient")
    return result


def _carried(image: np.ndarray, ijk_to_ras: np.ndarray, motion: np.ndarray) -> np.ndarray:
    from scipy.ndimage import affine_transform  # slow to load

    back = np.linalg.inv(ijk_to_ras) @ np.linalg.inv(motion) @ ijk_to_ras
    # scipy counts k, j, i where the matrix counts i, j, k.
    return np.maximum(affine_transform(image, back[2::-1, 2::-1], back[2::-1, 3], order=3, mode="nearest"), 0.0)


def write_motion(motion: Motion, path: Path) -> None:
    """Write `motion.csv`: a frame (from 1) and its time, then the patient's shift and turn as `Motion` has them."""
    rows = [
        (
            index + 1,
            float(time_s),
            *(round(float(value), 6) for value in (*shift, *turn, *motion.centre_ras_mm)),
        )
        for index, (time_s, shift, turn) in enumerate(zip(motion.time_s, motion.shift_mm, motion.turn_deg, strict=True))
    ]
    files.write_csv(HEADER, rows, path)
