"""Points of the anatomy that can be found again at every visit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files

from .anatomy import normal_labels
from .body_plan import VESSEL_CENTRE, Label, nipple_mm
from .placement import Placement, tumour_centre_ras_mm
from .presets import Preset

VESSEL_HEIGHTS_MM = (-18.0, 0.0, 18.0)
GLAND_SPOTS, GLAND_STEP_MM, APART_MM = 6, 3.0, 16.0
HEADER = ("visit", "landmark", "right_mm", "anterior_mm", "superior_mm")
PAIRED = ("label", *(f"{space}_{axis}_mm" for space in ("fixed", "moving") for axis in "ras"))


def reference_landmarks(preset: Preset, seed: int) -> dict[str, np.ndarray]:
    """Names of landmarks to their places in the reference visit, RAS in mm.

    The nipple, the tumour's centre, points on the axis of the artery, and the middles of lobules of gland.
    """
    places = {"nipple": nipple_mm(seed)}
    for number, z in enumerate(VESSEL_HEIGHTS_MM, start=1):
        places[f"artery {number}"] = np.array([VESSEL_CENTRE[0] + 0.12 * z, VESSEL_CENTRE[1], z])
    for number, spot in enumerate(_gland_spots(preset, seed), start=1):
        places[f"gland {number}"] = spot
    origin = np.asarray(preset.origin_ras_mm)
    found = {name: origin + preset.size * place for name, place in places.items()}
    return {"tumour": tumour_centre_ras_mm(preset), **found}


def _gland_spots(preset: Preset, seed: int) -> list[np.ndarray]:
    """Middles of lobules, mm at size 1: the gland's deepest points, each some way from the others and the tumour."""
    from scipy.ndimage import distance_transform_edt  # slow to load

    axes = [np.arange(low, high, GLAND_STEP_MM) for low, high in ((-36.0, 37.0), (4.0, 70.0), (-22.0, 23.0))]
    position = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    labels = normal_labels(preset, seed, np.asarray(preset.origin_ras_mm) + preset.size * position)
    depth = distance_transform_edt(labels == Label.GLAND)
    taken = [np.asarray(preset.tumour_centre)]
    for index in np.argsort(-depth, axis=None, kind="stable"):
        spot = position.reshape(-1, 3)[index]
        if min(np.linalg.norm(spot - other) for other in taken) >= APART_MM:
            taken.append(spot)
        if len(taken) > GLAND_SPOTS:
            break
    return taken[1:]


def write_landmarks(path: Path, places: Mapping[str, np.ndarray], lies: Mapping[str, Placement]) -> None:
    """Write where each landmark lies in the MR of each visit, one row a visit and landmark."""
    rows = [
        (visit, name, *(round(float(value), 4) for value in placement.to_visit.at(place)))
        for visit, placement in lies.items()
        for name, place in places.items()
    ]
    files.write_csv(HEADER, rows, path)


def write_landmark_pairs(path: Path, places: Mapping[str, np.ndarray], placement: Placement) -> None:
    """Write where each landmark lies in the reference visit and in another, as `read_landmarks` reads it."""
    rows = [
        (name, *(round(float(value), 4) for value in (*place, *placement.to_visit.at(place))))
        for name, place in places.items()
    ]
    files.write_csv(PAIRED, rows, path)
