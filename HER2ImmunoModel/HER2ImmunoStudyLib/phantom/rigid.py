"""Rigid motions of points, RAS in mm."""

from __future__ import annotations

import numpy as np


def rigid_about(centre_ras_mm: np.ndarray, shift_mm: np.ndarray, turn_deg: np.ndarray) -> np.ndarray:
    """The motion x -> R (x - centre) + centre + shift, shape (4, 4).

    R turns about the axis to the right first, then to the front, then upwards, each by the right-hand rule.
    """
    turn = _turn(2, turn_deg[2]) @ _turn(1, turn_deg[1]) @ _turn(0, turn_deg[0])
    motion = np.eye(4)
    motion[:3, :3] = turn
    motion[:3, 3] = np.asarray(centre_ras_mm) + shift_mm - turn @ centre_ras_mm
    return motion


def _turn(axis: int, degrees: float) -> np.ndarray:
    a, b = (axis + 1) % 3, (axis + 2) % 3
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turn = np.eye(3)
    turn[a, a] = turn[b, b] = cosine
    turn[b, a], turn[a, b] = sine, -sine
    return turn


def best_rigid(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rotation, centre before and centre after of the rigid motion nearest to that of points, shape (n, 3).

    Kabsch, Acta Cryst A 1976;32:922-923.
    """
    centre, moved = before.mean(axis=0), after.mean(axis=0)
    u, _, v = np.linalg.svd((before - centre).T @ (after - moved))
    mirrored = np.sign(np.linalg.det(v.T @ u.T))
    return v.T @ np.diag([1.0, 1.0, mirrored]) @ u.T, centre, moved
