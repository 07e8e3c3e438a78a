"""A breast as an examination shows it: gland of lobules and ducts, strands in the fat, small vessels, ribs, a nipple.

Everything is a function of position, as in the quick anatomy, and has its outline, artery and tumour.
"""

from __future__ import annotations

import numpy as np

from .body_plan import BREAST, MUSCLE, SUBCUTANEOUS, Label, nipple_mm, vessel_radius
from .fields import SmoothField

SKIN_MM, AREOLA_MM, NIPPLE_MM = 1.9, 13.0, 4.5
STRAND, STRAND_LENGTH_MM = 0.075, 13.0
"""Half width of Cooper's ligaments as a share of a field's standard deviation, and the size of the fat lobules."""
SMALL_VESSEL, SMALL_VESSEL_LENGTH_MM = 0.055, 26.0
DUCTS_MM = 30.0
HEART_CENTRE, HEART = np.array([30.0, -78.0, 4.0]), np.array([46.0, 44.0, 52.0])
HEART_FAT, HEART_BLOOD, SEPTUM = 1.09, 0.8, np.array([0.82, 0.57, 0.0])
"""Radii of the heart's fat and blood over that of its wall, and across what it is divided."""
RIB_EVERY_MM, RIB_MM, RIB_THICK_MM = 27.0, (6.5, 5.0), 13.0


def fine_labels(seed: int, position: np.ndarray) -> np.ndarray:
    """Tissue at positions of `local_mm`, shape (..., 3), were there no tumour."""
    labels = np.full(position.shape[:-1], Label.AIR, np.uint8)
    bend = SmoothField(seed, "outline", 60.0)(position)
    x, y, z = np.moveaxis(position, -1, 0)
    depth = _depth(position, bend)
    inside_mm = _inside_mm(position, bend)
    nipple = _nipple(seed, position)
    within = np.maximum(depth, inside_mm)
    labels[(within > 0) | nipple] = Label.SKIN
    thickness = SKIN_MM + 0.9 * (np.hypot(x, z) < AREOLA_MM) * (y > 30.0)
    soft = within > thickness
    labels[soft & ~nipple] = Label.FAT
    place = position[soft]
    labels[soft] = _inner(seed, place, depth[soft], inside_mm[soft], labels[soft])
    _draw_heart(seed, position, labels)
    labels[vessel_radius(position) < 1.0] = Label.VESSEL
    return labels


def in_rib(seed: int, position: np.ndarray) -> np.ndarray:
    """Whether positions of `local_mm` lie in a rib."""
    return _rib(position, _depth(position, SmoothField(seed, "outline", 60.0)(position)))


def _depth(position: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """How far behind the skin of the chest wall a position lies."""
    x, y, z = np.moveaxis(position, -1, 0)
    return SUBCUTANEOUS - x**2 / 400.0 - z**2 / 2500.0 + 0.5 * bend - y


def in_heart(position: np.ndarray) -> np.ndarray:
    """Whether positions of `local_mm` lie in the heart or the fat about it."""
    return _heart_radius(position) < HEART_FAT


def _heart_radius(position: np.ndarray) -> np.ndarray:
    return np.linalg.norm((position - HEART_CENTRE) / HEART, axis=-1)


def _draw_heart(seed: int, position: np.ndarray, labels: np.ndarray) -> None:
    """The heart behind the wall of the chest: blood in walls of muscle, a septum, fat about them."""
    radius = _heart_radius(position)
    inside = (radius < HEART_FAT) & (labels == Label.CHEST)
    radius, place = radius[inside], position[inside]
    trabeculae = SmoothField(seed, "heart", 7.0)(place)
    septum = np.abs((place - HEART_CENTRE) @ SEPTUM - 4.0 - trabeculae) < 4.5
    kind = np.full(radius.shape, Label.FAT, np.uint8)
    kind[radius < 1.0] = Label.MUSCLE
    kind[(radius + 0.03 * trabeculae < HEART_BLOOD) & ~septum] = Label.VESSEL
    labels[inside] = kind


def _inside_mm(position: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """About how far inside the breast's outline a position lies."""
    share = np.linalg.norm(position / BREAST, axis=-1)
    distance = np.linalg.norm(position, axis=-1)
    return distance / np.maximum(share, 1e-6) * (1.0 - share * (1.0 + 0.015 * bend))


def _nipple(seed: int, position: np.ndarray) -> np.ndarray:
    """A knob on the foremost point."""
    from_top = position - nipple_mm(seed)
    across = np.hypot(from_top[..., 0], from_top[..., 2])
    return (across < NIPPLE_MM) & (from_top[..., 1] > -6.0) & (from_top[..., 1] < 6.0 - across**2 / 8.0)


def _inner(seed: int, position: np.ndarray, depth: np.ndarray, inside_mm: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Tissue under the skin, at positions (n, 3)."""
    labels = labels.copy()
    breast = (depth < 0) & (labels == Label.FAT)
    place = position[breast]
    kind = np.where(_strand(seed, place), np.uint8(Label.GLAND), np.uint8(Label.FAT))
    kind[_gland(seed, place) & (inside_mm[breast] > 5.0)] = Label.GLAND
    kind[_small_vessel(seed, place) & (inside_mm[breast] > 3.0)] = Label.VESSEL
    labels[breast] = kind
    labels[depth > SUBCUTANEOUS] = Label.MUSCLE
    labels[(depth > SUBCUTANEOUS + 0.45 * MUSCLE) & (depth < SUBCUTANEOUS + 0.55 * MUSCLE)] = Label.FAT
    wall = depth > SUBCUTANEOUS + MUSCLE
    labels[wall] = Label.MUSCLE
    labels[wall & _rib(position, depth)] = Label.FAT
    labels[depth > SUBCUTANEOUS + MUSCLE + RIB_THICK_MM] = Label.CHEST
    return labels


def _gland(seed: int, position: np.ndarray) -> np.ndarray:
    """Lobules of two sizes with fat between them, drawn out towards the nipple where the ducts end."""
    centre, axes = np.array([0.0, 34.0, 0.0]), np.array([41.0, 40.0, 43.0])
    radius = np.linalg.norm((position - centre) / axes, axis=-1)
    from_nipple = position - nipple_mm(seed)
    distance = np.linalg.norm(from_nipple, axis=-1)
    direction = DUCTS_MM * from_nipple / np.maximum(distance, 1e-6)[..., None]
    ducts = SmoothField(seed, "ducts", 5.0)(direction)
    lobules = SmoothField(seed, "gland", 8.0)(position)
    fine = SmoothField(seed, "fine gland", 3.2)(position)
    towards = np.clip(1.0 - distance / 60.0, 0.0, 1.0)
    return radius + 0.17 * lobules + 0.12 * fine + (0.12 + 0.2 * towards) * ducts < 0.7


def _strand(seed: int, position: np.ndarray) -> np.ndarray:
    """Cooper's ligaments: thin sheets between lobules of fat, here and there broken."""
    sheet = SmoothField(seed, "strands", STRAND_LENGTH_MM)(position)
    there = SmoothField(seed, "where strands are", 18.0)(position)
    return np.abs(sheet) < STRAND * np.clip(there + 0.8, 0.0, 1.3)


def _small_vessel(seed: int, position: np.ndarray) -> np.ndarray:
    """Winding tubes: where two fields vanish at once."""
    a, b = (SmoothField(seed, f"small vessels {name}", SMALL_VESSEL_LENGTH_MM)(position) for name in "ab")
    return np.hypot(a, b) < SMALL_VESSEL


def _rib(position: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Ribs across the chest, marrow dark under fat suppression, with muscle between them."""
    along = position[..., 2] + 0.25 * position[..., 0]
    off = (along + RIB_EVERY_MM / 2.0) % RIB_EVERY_MM - RIB_EVERY_MM / 2.0
    middle = SUBCUTANEOUS + MUSCLE + RIB_THICK_MM / 2.0
    return np.hypot(off / RIB_MM[0], (depth - middle) / RIB_MM[1]) < 1.0
