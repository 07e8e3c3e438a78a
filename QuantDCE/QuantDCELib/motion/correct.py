"""Motion found frame by frame against the model of all, and the frames put back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.registration import Transform

from ..dicom.reading import DynamicImages
from ..signal.baseline import baseline_frames, detect_baseline
from .arrival import KEPT_SHARE, MOST_ERRORS, contrast_course, follows
from .bending import Bender, Lattice
from .curve import MotionCurve, find_jumps
from .frames import Frames, prepare_frames
from .model import Model, before_contrast, few_shapes
from .putting_back import put_back
from .result import MotionResult, correction_words
from .rigid import Arms, Expected, fit_rigid, moved
from .settings import BSPLINE, MotionSettings

PREPARED, FOUND = 0.25, 0.8
"""Where the stages end in the progress."""
FIRST_ROUNDS = 2
"""Rounds against the frames before contrast, before a model is made of all."""
MOVES_ERRORS, LEFT_ERRORS, LEFT_MM = 4.0, 2.0, 0.05
"""A series moves if a frame goes farther than so many errors; then frames are left alone below the second number of
them, or below a length (at size 1)."""
LEAST_ERROR_MM = 0.1
"""Of any frame (at size 1): single frames of a still virtual patient scatter by as much, whatever their blocks say."""
FAR_MM = 12.0
RISING_SHARE = 0.02


@dataclass
class _State:
    """What is known of the frames so far: motions (t, 4, 4), controls of their bending, and errors in mm (t,), now and
    against the frames before contrast."""

    motions: np.ndarray
    controls: list[np.ndarray] | None
    errors_mm: np.ndarray
    first_errors_mm: np.ndarray

    def places(self, frames: Frames, lattice: Lattice | None, frame: int) -> np.ndarray:
        points = frames.points_ras_mm
        if self.controls is not None:
            points = points + lattice.basis @ self.controls[frame]
        return moved(points, self.motions[frame])


def correct_motion(
    series: TimeSeries,
    settings: MotionSettings | None = None,
    *,
    mask: Volume | None = None,
    report: Report | None = None,
) -> MotionResult:
    """Find how the body moves during a dynamic series, and put the frames back to its place before contrast.

    Each frame is compared with what the others make expect there: first with those before the contrast agent, then
    with a model of all aligned frames, which is made again each round. Compared is local contrast, which contrast agent
    hardly changes; parts where it does count less. A frame whose motion cannot be told from the error of the estimate
    is left as it is to the bit.

    Parameters
    ----------
    series : TimeSeries
    settings : MotionSettings, optional
    mask : Volume, optional
        Where to look for motion, nonzero inside, such as the breast; by default the body.
    report : Report, optional

    Returns
    -------
    MotionResult

    Raises
    ------
    InputError
        If there is one frame only, nothing in the images, or a mask that does not lie in them.
    """
    settings = settings or MotionSettings()
    if series.time_s.size < 2:
        raise InputError("The series has one frame only, so nothing can move in it; choose the whole dynamic series.")
    tell(report, 0.0, "Looking for the body")
    frames = prepare_frames(series, mask, part(report, 0.0, PREPARED))
    baseline, warnings = _baseline(frames, series.time_s, settings)
    lattice = None
    if settings.kind == BSPLINE:
        lattice = Lattice.over(series, frames.points_ras_mm, settings.control_mm * frames.scale)
    state = _find(frames, lattice, baseline, settings, part(report, PREPARED, FOUND))
    curve = _curve(frames, lattice, state, series.time_s)
    warnings += _warnings(frames, lattice, state, curve)
    transforms = tuple(
        _transform(state, lattice, n) if curve.corrected[n] else Transform.identity() for n in range(frames.count)
    )
    corrected = put_back(series, transforms, curve.corrected, part(report, FOUND, 1.0))
    tell(report, 1.0, "Motion corrected")
    return MotionResult(transforms, curve, find_jumps(curve, frames.scale), corrected, tuple(warnings), settings)


def correct_images(
    dynamic: DynamicImages,
    settings: MotionSettings | None = None,
    *,
    mask: Volume | None = None,
    report: Report | None = None,
) -> tuple[DynamicImages, MotionResult]:
    """The same of the images of an examination, which then say which frames they hold."""
    result = correct_motion(dynamic.series, settings, mask=mask, report=report)
    warnings = (*dynamic.warnings, *result.warnings)
    return replace(dynamic, series=result.corrected, warnings=warnings, motion=correction_words(result)), result


def _baseline(frames: Frames, time_s: np.ndarray, settings: MotionSettings) -> tuple[np.ndarray, list[str]]:
    """Frames before the contrast agent."""
    if settings.baseline is not None:
        return baseline_frames(slice(*settings.baseline), frames.count), []
    rise = frames.raw.max(axis=1) - frames.raw[:, 0]
    most = np.argsort(rise)[-max(10, round(RISING_SHARE * rise.size)) :]
    curve = frames.raw[most].mean(axis=0)
    try:
        return detect_baseline(curve, time_s), []
    except InputError:
        return np.array([0]), ["No frame before the contrast agent was told; the first frame was taken for one."]


def _find(
    frames: Frames, lattice: Lattice | None, baseline: np.ndarray, settings: MotionSettings, report: Report | None
) -> _State:
    arms, count = Arms.of(frames.points_ras_mm), frames.count
    controls = None if lattice is None else [np.zeros((lattice.basis.shape[1], 3))] * count
    state = _State(np.tile(np.eye(4), (count, 1, 1)), controls, np.zeros(count), np.zeros(count))
    for number in range(settings.rounds):
        model, slopes = _model(frames, lattice, state, baseline, first=number < FIRST_ROUNDS)
        bender = None
        # Bending is looked for when the body as a whole lies well.
        if lattice is not None and number >= FIRST_ROUNDS - 1:
            bender = Bender(frames, lattice, slopes.mean(axis=1), model.weights)
        for n in range(count):
            tell(report, (number + n / count) / settings.rounds, f"Motion, round {number + 1} of {settings.rounds}")
            expected = Expected(model.values[:, n], np.einsum("t,ntx->nx", model.mix[n], slopes), model.weights)
            _find_frame(frames, arms, state, n, expected, bender, from_before=number == 0)
        _to_home(arms, state, baseline)
        if number == FIRST_ROUNDS - 1:
            state.first_errors_mm = state.errors_mm.copy()
    aligned = _aligned(frames, lattice, state)
    _without_contrast(frames, arms, lattice, state, contrast_course(aligned, baseline), baseline)
    return state


def _without_contrast(
    frames: Frames, arms: Arms, lattice: Lattice | None, state: _State, course: np.ndarray, baseline: np.ndarray
) -> None:
    """Take from the motions what comes with the contrast agent and is no more than the error of comparing with it."""
    limit = MOST_ERRORS * float(np.median(state.first_errors_mm[course > 0.3])) if (course > 0.3).any() else 0.0
    numbers = np.stack([arms.numbers(motion) for motion in state.motions])
    share = follows(numbers, course)
    way = float(np.sqrt(arms.way(share[None])[0]))
    share *= min(1.0, limit / max(way, 1e-12))
    state.motions = np.stack([arms.matrix(row - at * share) for row, at in zip(numbers, course, strict=True)])
    variance = arms.way(share[None])[0]
    if state.controls is not None:
        controls = np.stack(state.controls)
        bent = follows(controls.reshape(frames.count, -1), course).reshape(controls.shape[1:])
        way = float(np.sqrt(((lattice.basis @ bent) ** 2).sum(axis=1).mean()))
        bent *= min(1.0, limit / max(way, 1e-12))
        state.controls = [each - at * bent for each, at in zip(state.controls, course, strict=True)]
        variance += ((lattice.basis @ bent) ** 2).sum(axis=1).mean()
    # The first frames with agent follow no course yet: vessels alone are bright.
    errors = np.maximum(np.maximum(state.errors_mm, 0.5 * state.first_errors_mm), LEAST_ERROR_MM * frames.scale)
    after = np.arange(course.size) > baseline.max()
    state.errors_mm = np.hypot(errors, KEPT_SHARE * np.sqrt(variance) * after)


def _find_frame(
    frames: Frames, arms: Arms, state: _State, n: int, expected: Expected, bender: Bender | None, *, from_before: bool
) -> None:
    start = state.motions[n - 1] if from_before and n else state.motions[n]
    if bender is None:
        state.motions[n], state.errors_mm[n] = fit_rigid(frames, arms, n, start, expected)
        return
    state.controls[n], state.errors_mm[n] = bender.fit(n, start, state.controls[n], expected)


def _model(
    frames: Frames, lattice: Lattice | None, state: _State, baseline: np.ndarray, *, first: bool
) -> tuple[Model, np.ndarray]:
    """The model of the frames as they are aligned now, and the slopes (n, t, 3) of these."""
    aligned = _aligned(frames, lattice, state)
    slopes = np.empty((*aligned.shape, 3), np.float32)
    for frame in range(frames.count):
        places = state.places(frames, lattice, frame)
        slopes[:, frame] = frames.slopes(frame, places) @ state.motions[frame][:3, :3]
    found = None if first else few_shapes(aligned)
    return found or before_contrast(aligned, baseline), slopes


def _aligned(frames: Frames, lattice: Lattice | None, state: _State) -> np.ndarray:
    """Local contrast (n, t) of the frames at the points, as they are aligned now."""
    places = (state.places(frames, lattice, frame) for frame in range(frames.count))
    return np.stack([frames.values(frame, each) for frame, each in enumerate(places)], axis=1)


def _to_home(arms: Arms, state: _State, baseline: np.ndarray) -> None:
    """Motions from the middle of the places before contrast, wherever the model lies: one frame's noise is not home."""
    numbers = np.stack([arms.numbers(motion) for motion in state.motions[baseline]])
    home = arms.matrix(np.median(numbers, axis=0))
    state.motions = state.motions @ np.linalg.inv(home)
    if state.controls is not None:
        middle = np.median(np.stack([state.controls[n] for n in baseline]), axis=0)
        state.controls = [each - middle for each in state.controls]


def _transform(state: _State, lattice: Lattice | None, frame: int) -> Transform:
    whole = Transform.from_matrix(state.motions[frame])
    return whole if state.controls is None else whole.after(lattice.transform(state.controls[frame]))


def _curve(frames: Frames, lattice: Lattice | None, state: _State, time_s: np.ndarray) -> MotionCurve:
    from scipy.spatial.transform import Rotation  # slow to load

    points = frames.points_ras_mm
    ways = np.stack([state.places(frames, lattice, n) - points for n in range(frames.count)])
    mean = np.linalg.norm(ways, axis=2).mean(axis=1)
    steps = np.r_[0.0, np.linalg.norm(np.diff(ways, axis=0), axis=2).mean(axis=1)]
    turns = np.rad2deg(Rotation.from_matrix(state.motions[:, :3, :3]).as_rotvec())
    errors = state.errors_mm
    known = mean > LEFT_MM * frames.scale
    moves = bool((known & (mean > MOVES_ERRORS * errors)).any())
    corrected = known & (mean > LEFT_ERRORS * errors) & moves
    return MotionCurve(np.asarray(time_s, float), ways.mean(axis=1), turns, mean, errors.copy(), steps, corrected)


def _warnings(frames: Frames, lattice: Lattice | None, state: _State, curve: MotionCurve) -> list[str]:
    warnings = []
    far = np.flatnonzero(curve.mean_mm > FAR_MM * frames.scale)
    if far.size:
        warnings.append(
            f"The body is {curve.largest_mm:.1f} mm from its first place in frame {int(np.argmax(curve.mean_mm)) + 1}: "
            "that far the estimate may have gone astray; look at the corrected frames before you use them."
        )
    if lattice is not None:
        folded = [n + 1 for n in range(frames.count) if lattice.folds(state.controls[n])]
        if folded:
            warnings.append(f"The bending may fold in {len(folded)} frames, first in frame {folded[0]}; use rigid.")
    return warnings
