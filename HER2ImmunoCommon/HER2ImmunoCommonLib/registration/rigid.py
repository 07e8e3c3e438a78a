"""The rigid motion between two images of other contrast: first by mutual information, then by local contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..geometry import Volume
from ..progress import Report, tell
from .body import Body, coarse_volume
from .likeness import Difference, Information
from .pair import Pair
from .resampling import resample
from .sampling import Sampler, between_voxels
from .transform import Transform, positions

LEVELS_MM, LAST_MM = (6.0, 4.0), 2.5
"""Distances of the points compared by mutual information, and of the last ones where nothing else tells."""
FIRST_ROUNDS, ROUNDS = 12, 60
MOST_DEGREES = 35.0
"""That the body turns from one visit to another."""
TURN_DEGREES = 30.0
TURN_COST = 0.03
"""Information that a turn by that angle must be worth: bodies are laid alike."""


@dataclass(frozen=True, eq=False)
class Level:
    """What is compared on a level: points of the fixed image, the moving image, and how."""

    points_ras_mm: np.ndarray
    moving: Sampler
    likeness: Information | Difference


def rigid_motion(pair: Pair, initial: Transform | None, report: Report | None, *, fine: Level | None) -> Transform:
    """The rigid motion from fixed to moving, the best of several starts.

    Parameters
    ----------
    pair : Pair
    initial : Transform or None
        The only start, where one is given.
    report : Report or None
    fine : Level or None
        Of local contrast, for the last steps; None where that of the two images differs.
    """
    levels = [_level(pair, mm * pair.scale) for mm in LEVELS_MM]
    starts = _starts(pair, initial)
    tried = []
    for n, start in enumerate(starts):
        tell(report, 0.3 * n / len(starts), f"Rigid motion, start {n + 1} of {len(starts)}")
        tried.append(_climb(levels[0], start, FIRST_ROUNDS))
    motion = min(tried, key=lambda each: each[1])[0]
    for n, level in enumerate([*levels, fine or _level(pair, LAST_MM * pair.scale)]):
        tell(report, 0.3 + 0.2 * n, "Rigid motion")
        motion, _ = _climb(level, motion, ROUNDS)
    return Transform.from_matrix(motion)


def best_rigid(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Matrix (4, 4) of the rigid motion that brings points (n, 3) nearest to targets (Kabsch 1976)."""
    middle, goal = points.mean(axis=0), targets.mean(axis=0)
    u, _, vt = np.linalg.svd((points - middle).T @ (targets - goal))
    sign = np.diag([1.0, 1.0, np.sign(np.linalg.det(vt.T @ u.T))])
    matrix = np.eye(4)
    matrix[:3, :3] = vt.T @ sign @ u.T
    matrix[:3, 3] = goal - matrix[:3, :3] @ middle
    return matrix


def information(pair: Pair, transform: Transform) -> float:
    """Mutual information of the logarithms of both images under a transform, in nats; less where fewer points meet."""
    level = _level(pair, LAST_MM * pair.scale)
    found, _, inside = level.moving.at(transform.at(level.points_ras_mm))
    return -level.likeness.cost(found, inside)[0]


def _level(pair: Pair, mm: float) -> Level:
    """The logarithms of both images on coarse grids."""
    fixed, moving = _logs(pair.fixed, pair.fixed_body, mm), _logs(pair.moving, pair.moving_body, mm)
    used = resample(pair.fixed_body.mask, fixed, Transform.identity(), nearest=True).array != 0
    if pair.left_out is not None:
        used &= resample(pair.left_out, fixed, Transform.identity(), nearest=True).array == 0
    seen = resample(pair.moving_body.mask, moving, Transform.identity(), nearest=True).array != 0
    low, high = np.percentile(moving.array[seen] if seen.any() else moving.array, [0.5, 99.5])
    points = between_voxels(positions(fixed)[used], fixed)
    values, _, within = Sampler(fixed).at(points)
    return Level(points[within], Sampler(moving), Information(values[within], (low, high)))


def _logs(volume: Volume, body: Body, mm: float) -> Volume:
    step = np.maximum(1, np.round(mm / np.array(volume.spacing_mm[::-1]))).astype(int)
    coarse = coarse_volume(volume, np.minimum(step, np.maximum(1, np.array(volume.array.shape) // 2)))
    return coarse.like(np.log(np.clip(coarse.array, 0.0, None) + body.floor))


def _starts(pair: Pair, initial: Transform | None) -> list[np.ndarray]:
    """Matrices (4, 4) to begin with: where the scanner says, the middles of the bodies, those of the images."""
    points = positions(pair.fixed_body.mask)[pair.fixed_body.mask.array]
    if initial is not None:
        return [best_rigid(points, initial.at(points))]
    starts = [np.eye(4)]
    there = positions(pair.moving_body.mask)[pair.moving_body.mask.array]
    for shift in (there.mean(axis=0) - points.mean(axis=0), _middle(pair.moving) - _middle(pair.fixed)):
        starts.append(np.eye(4))
        starts[-1][:3, 3] = shift
    return starts


def _climb(level: Level, start: np.ndarray, rounds: int) -> tuple[np.ndarray, float]:
    """The best motion (4, 4) near a start, and its cost."""
    from scipy.optimize import minimize

    points = level.points_ras_mm @ start[:3, :3].T + start[:3, 3]
    centre = points.mean(axis=0)
    arms = points - centre
    radius = float(np.sqrt((arms**2).sum(axis=1).mean()))  # turns are counted in mm there
    most = np.deg2rad(MOST_DEGREES) * radius
    weight = TURN_COST / (np.deg2rad(TURN_DEGREES) * radius) ** 2

    def cost(values: np.ndarray) -> tuple[float, np.ndarray]:
        turn, slopes = _turn(values[:3] / radius)
        found, gradient, inside = level.moving.at(arms @ turn.T + centre + values[3:])
        total, by_value = level.likeness.cost(found, inside)
        pull = gradient * by_value[:, None]
        moment = pull.T @ arms
        by_angle = np.array([(moment * each).sum() for each in slopes]) / radius
        total += weight * float(values[:3] @ values[:3])
        return total, np.concatenate([by_angle + 2.0 * weight * values[:3], pull.sum(axis=0)])

    bounds = [(-most, most)] * 3 + [(None, None)] * 3
    options = {"maxiter": rounds, "ftol": 1e-9, "gtol": 1e-7}
    found = minimize(cost, np.zeros(6), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    turn, _ = _turn(found.x[:3] / radius)
    motion = np.eye(4)
    motion[:3, :3] = turn
    motion[:3, 3] = centre - turn @ centre + found.x[3:]
    return motion @ start, float(found.fun)


def _turn(angles: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Rotation (3, 3) about R, then A, then S, and its slopes by the angles."""
    factors, slopes = [], []
    for axis, angle in enumerate(angles):
        first, second = ((1, 2), (2, 0), (0, 1))[axis]
        turn, slope = np.eye(3), np.zeros((3, 3))
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[second, first], turn[first, second] = np.sin(angle), -np.sin(angle)
        slope[first, first] = slope[second, second] = -np.sin(angle)
        slope[second, first], slope[first, second] = np.cos(angle), -np.cos(angle)
        factors.append(turn)
        slopes.append(slope)
    a, b, c = factors
    return c @ b @ a, [c @ b @ slopes[0], c @ slopes[1] @ a, slopes[2] @ b @ a]


def _middle(volume: Volume) -> np.ndarray:
    return (volume.ijk_to_ras @ [*(np.array(volume.array.shape[::-1]) - 1) / 2, 1.0])[:3]
