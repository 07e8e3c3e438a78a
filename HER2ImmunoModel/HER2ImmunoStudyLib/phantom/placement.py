"""How the patient lies at a visit: another way each time, the same anatomy, and the way there is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from .body_plan import local_mm
from .fields import SmoothField
from .grids import ijk_to_ras
from .presets import Grid, Preset
from .rigid import best_rigid, rigid_about
from .seeds import generator
from .subject import Visit

STEP_MM, MARGIN_MM = 4.0, 28.0
"""Of the grid of the displacements, at size 1: its step, and how far it reaches beyond the images."""
MEAN_MM, LENGTH_MM = 5.5, 42.0
"""Mean displacement of the breast, and the distance over which its deformation changes."""
CHEST_SHARE, CHEST_MM, FREE_MM = 0.3, -30.0, 50.0
"""The share of the deformation that reaches the chest wall, and between which heights above it the share grows to 1."""
CORE_ROOM, BLEND_MM = 1.35, 35.0
"""The rigid core about the tumour's centre, over the tumour's radius; and the way from it to the free deformation."""
SHIFT_MM, TURN_DEG, MOST = 1.8, 1.3, 2.0
"""Of the whole patient: standard deviation along and about each axis, and how many of them there are at most."""
TUMOUR_MOST_MM = 8.0
"""The breast is put in the middle of the coil: so far along an axis the tumour comes to lie at most."""
PET_SHIFT_MM, PET_TURN_DEG = 3.0, 1.5
JACOBIAN, GENTLER = (0.7, 1.45), 0.9
"""How far volumes may be stretched, and the share of the deformation that is left where they are by more."""
INVERSE_TOLERANCE_MM, INVERSE_ROUNDS = 1e-4, 60
BREAST_MM = np.array([60.0, 78.0, 64.0])


@dataclass(frozen=True, eq=False)
class Displacement:
    """A map of points given by its displacement on a grid, linear between the grid's points.

    Attributes
    ----------
    field_ras_mm : ndarray, shape (k, j, i, 3)
    ijk_to_ras : ndarray, shape (4, 4)
        Along the patient's axes.
    """

    field_ras_mm: np.ndarray
    ijk_to_ras: np.ndarray

    def at(self, points_ras_mm: np.ndarray) -> np.ndarray:
        """Where points, shape (..., 3), come to lie; beyond the grid with the displacement of its edge."""
        from scipy.ndimage import map_coordinates  # slow to load

        index = (points_ras_mm - self.ijk_to_ras[:3, 3]) / np.diag(self.ijk_to_ras)[:3]
        kji = index.reshape(-1, 3)[:, ::-1].T
        moves = [map_coordinates(self.field_ras_mm[..., axis], kji, order=1, mode="nearest") for axis in range(3)]
        return points_ras_mm + np.stack(moves, axis=-1).reshape(index.shape)

    def points_ras_mm(self) -> np.ndarray:
        """The grid's points, shape (k, j, i, 3)."""
        k, j, i = np.meshgrid(*(np.arange(n, dtype=float) for n in self.field_ras_mm.shape[:3]), indexing="ij")
        return np.stack([i, j, k], axis=-1) * np.diag(self.ijk_to_ras)[:3] + self.ijk_to_ras[:3, 3]

    def jacobian(self) -> np.ndarray:
        """How much the map stretches volumes at the grid's points, shape (k, j, i)."""
        steps = np.diag(self.ijk_to_ras)[:3]
        gradient = np.empty((*self.field_ras_mm.shape, 3))
        for along in range(3):
            gradient[..., along] = np.gradient(self.field_ras_mm, steps[along], axis=2 - along)
        return np.linalg.det(gradient + np.eye(3))

    def inverse(self) -> Displacement:
        """The way back on the same grid, by fixed-point rounds; right to the interpolation between its points."""
        target = self.points_ras_mm()
        found = target
        for _ in range(INVERSE_ROUNDS):
            miss = self.at(found) - target
            found = found - miss
            if np.abs(miss).max() < INVERSE_TOLERANCE_MM:
                break
        return Displacement(found - target, self.ijk_to_ras)


@dataclass(frozen=True, eq=False)
class Placement:
    """Where the anatomy lies at a visit.

    Attributes
    ----------
    to_visit, to_reference : Displacement
        Points of the reference visit's MR to those of this visit's MR, and back.
    mr_to_pet : ndarray, shape (4, 4)
        Points of this visit's MR to those of its PET, RAS in mm.
    """

    to_visit: Displacement
    to_reference: Displacement
    mr_to_pet: np.ndarray

    def of_pet(self, points_ras_mm: np.ndarray) -> np.ndarray:
        """Points of this visit's PET in the reference visit."""
        back = np.linalg.inv(self.mr_to_pet)
        return self.to_reference.at(points_ras_mm @ back[:3, :3].T + back[:3, 3])


def place(preset: Preset, seed: int, visits: Sequence[Visit]) -> dict[str, Placement]:
    """Lay the patient down for each visit; the first is the reference, where nothing is displaced.

    Parameters
    ----------
    visits : sequence of Visit
        Their largest tumour sets how much of the breast moves as one piece.

    Returns
    -------
    dict of str to Placement
        By name of visit.
    """
    box = _box(preset)
    core_mm = CORE_ROOM * max(_radius_mm(preset, visit) for visit in visits) + STEP_MM * np.sqrt(3.0)
    result = {}
    for number, visit in enumerate(visits):
        to_visit = _displaced(preset, seed, visit, box, core_mm) if number else box
        random = generator(seed, "PET table", visit.name)
        shift, turn = (_drawn(random, sd) for sd in (PET_SHIFT_MM * preset.size, PET_TURN_DEG))
        mr_to_pet = rigid_about(_chest_ras_mm(preset), shift, turn)
        result[visit.name] = Placement(to_visit, to_visit.inverse() if number else box, mr_to_pet)
    return result


def tumour_centre_ras_mm(preset: Preset) -> np.ndarray:
    """The tumour's centre in the reference visit."""
    return np.asarray(preset.origin_ras_mm) + preset.size * np.asarray(preset.tumour_centre)


def _chest_ras_mm(preset: Preset) -> np.ndarray:
    """The middle of the chest wall behind the breast: what the whole patient is turned about."""
    return np.asarray(preset.origin_ras_mm)


def _radius_mm(preset: Preset, visit: Visit) -> float:
    """Of a ball of the tumour's volume, at size 1."""
    return 10.0 * float(np.cbrt(visit.states["T"] * 3.0 / (4.0 * np.pi))) / preset.size


def _drawn(random: np.random.Generator, sd: float) -> np.ndarray:
    return sd * np.clip(random.standard_normal(3), -MOST, MOST)


def _box(preset: Preset) -> Displacement:
    """No displacement, on a grid that holds the MR and PET images and a margin."""
    corners = np.concatenate([_corners_ras_mm(grid) for grid in (preset.mr_grid, preset.pet_grid)])
    step, margin = STEP_MM * preset.size, MARGIN_MM * preset.size
    low, high = corners.min(axis=0) - margin, corners.max(axis=0) + margin
    size = np.ceil((high - low) / step).astype(int) + 1
    to_ras = np.diag([step, step, step, 1.0])
    to_ras[:3, 3] = low
    return Displacement(np.zeros((*size[::-1], 3)), to_ras)


def _corners_ras_mm(grid: Grid) -> np.ndarray:
    ends = [(0, n - 1) for n in reversed(grid.shape)]
    to_ras = ijk_to_ras(grid)
    return np.array(list(product(*ends))) @ to_ras[:3, :3].T + to_ras[:3, 3]


def _displaced(preset: Preset, seed: int, visit: Visit, box: Displacement, core_mm: float) -> Displacement:
    """Deformation of the breast and then rigid motion of the whole patient, as strong as wanted and no stronger."""
    position = local_mm(preset, box.points_ras_mm())
    free = _deformation(seed, visit, position)
    first = _laid(preset, seed, visit, box, _rigid_in_core(preset, position, free, core_mm))
    mean_mm = np.linalg.norm(first.field_ras_mm[_breast(position)], axis=-1).mean() / preset.size
    share = MEAN_MM / mean_mm
    while True:
        laid = _laid(preset, seed, visit, box, _rigid_in_core(preset, position, share * free, core_mm))
        jacobian = laid.jacobian()
        if JACOBIAN[0] <= jacobian.min() and jacobian.max() <= JACOBIAN[1]:
            return laid
        share *= GENTLER


def _laid(preset: Preset, seed: int, visit: Visit, box: Displacement, bent: np.ndarray) -> Displacement:
    """The rigid motion of the whole patient after displacements (k, j, i, 3), mm at size 1."""
    random = generator(seed, "position", visit.name)
    shift, turn = _drawn(random, SHIFT_MM * preset.size), _drawn(random, TURN_DEG)
    points, tumour, most = box.points_ras_mm(), tumour_centre_ras_mm(preset), TUMOUR_MOST_MM * preset.size
    at_tumour = Displacement(preset.size * bent, box.ijk_to_ras).at(tumour) - tumour
    whole = rigid_about(_chest_ras_mm(preset), np.clip(shift + at_tumour, -most, most) - at_tumour, turn)
    moved = (points + preset.size * bent) @ whole[:3, :3].T + whole[:3, 3]
    return Displacement(moved - points, box.ijk_to_ras)


def _breast(position: np.ndarray) -> np.ndarray:
    return (np.linalg.norm(position / BREAST_MM, axis=-1) < 1.0) & (position[..., 1] > 0)


def _deformation(seed: int, visit: Visit, position: np.ndarray) -> np.ndarray:
    """Smooth displacements, shape (k, j, i, 3), mm at size 1: the curl of a random potential, so volumes are kept.

    The potential, not the displacement, is weaker at the chest wall: its curl keeps volumes all the same.
    """
    potential = np.stack(
        [SmoothField(seed, f"{visit.name} potential {axis}", LENGTH_MM)(position) for axis in "xyz"], axis=-1
    )
    rise = np.clip((position[..., 1] - CHEST_MM) / (FREE_MM - CHEST_MM), 0.0, 1.0)
    potential *= (CHEST_SHARE + (1.0 - CHEST_SHARE) * _eased(rise))[..., None]

    def slope(component: int, along: int) -> np.ndarray:
        return np.gradient(potential[..., component], STEP_MM, axis=2 - along)

    curl = np.stack([slope(2, 1) - slope(1, 2), slope(0, 2) - slope(2, 0), slope(1, 0) - slope(0, 1)], axis=-1)
    return curl * (MEAN_MM / np.linalg.norm(curl[_breast(position)], axis=-1).mean())


def _eased(share: np.ndarray) -> np.ndarray:
    """From 0 to 1 without a bend at the ends."""
    return share**2 * (3.0 - 2.0 * share)


def _rigid_in_core(preset: Preset, position: np.ndarray, free: np.ndarray, core_mm: float) -> np.ndarray:
    """The displacements with a core about the tumour that moves as one piece, as it would with them at best."""
    from_centre = position - np.asarray(preset.tumour_centre)
    distance = np.linalg.norm(from_centre, axis=-1)
    core = distance <= core_mm
    turn, centre, moved = best_rigid(position[core], position[core] + free[core])
    rigid = (position - centre) @ turn.T + moved - position
    rise = np.clip(1.0 - (distance - core_mm) / BLEND_MM, 0.0, 1.0)[..., None]
    return free + _eased(rise) * (rigid - free)
