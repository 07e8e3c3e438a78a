"""A small breast of known texture, and the same one at another visit: moved, of another contrast and scale."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.registration import Transform, positions

TUMOUR_RAS_MM = np.array([58.0, 12.0, 4.0])
TUMOUR_MM = 11.0
CENTRE_RAS_MM, RADII_MM = np.array([70.0, -5.0, 0.0]), np.array([48.0, 60.0, 52.0])


def grid(spacing_mm=(2.5, 2.5, 3.0), axes=None, extent_mm=(120.0, 140.0, 126.0), scale: float = 1.0) -> Volume:
    """A grid around the breast: sagittal unless other axes (columns of i, j, k in RAS) are given."""
    axes = np.array([[0, 0, 1.0], [-1, 0, 0], [0, -1, 0]]) if axes is None else np.asarray(axes, float)
    spacing = np.asarray(spacing_mm, float)
    shape = np.ceil(np.array(extent_mm) * scale / spacing).astype(int)
    matrix = np.eye(4)
    matrix[:3, :3] = axes * spacing
    matrix[:3, 3] = scale * CENTRE_RAS_MM - matrix[:3, :3] @ ((shape - 1) / 2)
    return Volume(np.zeros(tuple(shape[::-1]), np.float32), matrix)


def _waves(points: np.ndarray) -> np.ndarray:
    """A texture of smooth blobs, the same wherever it is asked for."""
    rng = np.random.default_rng(11)
    found = np.zeros(points.shape[:-1])
    for _ in range(60):
        direction = rng.normal(size=3)
        wave = 2 * np.pi / rng.uniform(9.0, 24.0)
        found += np.sin(points @ (direction / np.linalg.norm(direction) * wave) + rng.uniform(0, 2 * np.pi))
    return found / np.sqrt(30.0)


def anatomy(points_ras_mm: np.ndarray, *, tumour_mm: float = TUMOUR_MM, enhanced: float = 0.0) -> np.ndarray:
    """Intensity of a breast of fat, gland and a tumour in air."""
    points = points_ras_mm
    radius = np.sqrt((((points - CENTRE_RAS_MM) / RADII_MM) ** 2).sum(axis=-1))
    body = 1.0 / (1.0 + np.exp((radius - 1.0) / 0.02))
    texture = _waves(points)
    gland = 1.0 / (1.0 + np.exp(-4.0 * (texture - 0.3)))
    skin = np.exp(-(((radius - 0.95) / 0.03) ** 2))
    tissue = 40.0 + 12.0 * texture + 90.0 * gland * (1.0 + 0.3 * enhanced) + 60.0 * skin
    within = 1.0 / (1.0 + np.exp((np.linalg.norm(points - TUMOUR_RAS_MM, axis=-1) - tumour_mm) / 0.8))
    return body * (tissue * (1.0 - within) + within * (110.0 + 150.0 * enhanced)) if tumour_mm else body * tissue


def visit(where: Volume, to_anatomy: Transform | None = None, *, noise: float = 2.0, scale: float = 1.0, seed: int = 0,
          gain: float = 1.0, shade: float = 0.0, **kinds: float) -> Volume:  # fmt: skip
    """Image of the breast, whose points lie at `to_anatomy.at(points)` of the first visit; `scale` makes it smaller."""
    points = positions(where)
    seen = points if to_anatomy is None else to_anatomy.at(points)
    values = gain * anatomy(seen / scale, **kinds) * np.exp(shade * (points[..., 0] - scale * 70.0) / (50.0 * scale))
    rng = np.random.default_rng(seed)
    parts = values + rng.normal(0, gain * noise, values.shape), rng.normal(0, gain * noise, values.shape)
    return where.like(np.hypot(*parts).astype(np.float32))


def tumour(where: Volume, to_anatomy: Transform | None = None, *, scale: float = 1.0, mm: float = TUMOUR_MM) -> Volume:
    points = positions(where)
    seen = points if to_anatomy is None else to_anatomy.at(points)
    return where.like(np.linalg.norm(seen / scale - TUMOUR_RAS_MM, axis=-1) < mm)


def inside(where: Volume, scale: float = 1.0, grown_mm: float = 0.0) -> np.ndarray:
    """The body on a grid of the first visit."""
    return (((positions(where) / scale - CENTRE_RAS_MM) / (RADII_MM + grown_mm)) ** 2).sum(axis=-1) < 1.0


def motion(shift_mm=(4.0, -3.0, 5.0), degrees=(3.0, -2.0, 4.0), scale: float = 1.0) -> Transform:
    """A rigid motion about the middle of the breast."""
    from scipy.spatial.transform import Rotation

    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
    centre = scale * CENTRE_RAS_MM
    matrix[:3, 3] = centre - matrix[:3, :3] @ centre + scale * np.asarray(shift_mm)
    return Transform.from_matrix(matrix)


def reposition(scale: float = 1.0, mm: float = 3.0) -> Transform:
    """A smooth deformation of the whole breast, rigid in the tumour, that nearly keeps volume."""
    where = grid((4.0 * scale,) * 3, extent_mm=(190.0, 190.0, 190.0), scale=scale)
    points = positions(where) / scale - CENTRE_RAS_MM
    x, y, z = np.moveaxis(points, -1, 0) / 38.0
    field = mm * np.stack([np.sin(y) * np.cos(z), np.sin(z + 0.6) * np.cos(x), np.sin(x - 0.4) * np.cos(y)], axis=-1)
    distance = np.linalg.norm(positions(where) / scale - TUMOUR_RAS_MM, axis=-1) - TUMOUR_MM - 8.0
    share = np.clip(distance / 25.0, 0.0, 1.0)
    share = (share**2 * (3.0 - 2.0 * share))[..., None]
    core = field[np.unravel_index(int(np.argmin(distance)), distance.shape)]
    return Transform.from_displacement(scale * (share * field + (1.0 - share) * core), where)


def error_mm(found: Transform, truth_back: Transform, where: Volume, within: np.ndarray) -> np.ndarray:
    """Distances by which a transform misses, where `truth_back` leads from the moving to the fixed points."""
    points = positions(where)[within]
    return np.linalg.norm(truth_back.at(found.at(points)) - points, axis=-1)
