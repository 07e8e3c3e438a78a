"""Properties of tissues: each within its tissue's range, varying smoothly or with a finer texture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .body_plan import Label
from .fields import SmoothField
from .presets import Preset

HETEROGENEITY_MM, FINE_MM, FINE_SHARE = 9.0, 2.8, 0.9
"""Length of the variation; in the fine anatomy there is a shorter one over it, so much as strong."""
GRAIN_MM, GRAIN = 2.2, {"fat": 0.16, "gland": 0.12, "muscle": 0.12, "chest": 0.25, "rim": 0.06, "bulk": 0.06}
"""Of the fine anatomy's density: length of the texture, and its standard deviation over the mean by tissue."""
VARYING = ("t1_s", "ktrans_per_min", "ve", "vp")


@dataclass(frozen=True, eq=False)
class Texture:
    """How properties vary from place to place, whatever tissue lies there; arrays of one shape.

    Attributes
    ----------
    share : dict of str to ndarray
        Name of a property to where in its tissue's range it lies, 0 to 1.
    grain : ndarray or None
        Of the density, standard deviation 1; None in the quick anatomy.
    """

    share: dict[str, np.ndarray]
    grain: np.ndarray | None

    def within(self, mask: np.ndarray) -> Texture:
        grain = None if self.grain is None else self.grain[mask]
        return Texture({name: array[mask] for name, array in self.share.items()}, grain)


def texture_at(preset: Preset, seed: int, position_ras_mm: np.ndarray, names: tuple[str, ...] = VARYING) -> Texture:
    """Texture of the properties of those names at positions (..., 3) of the reference visit."""
    from scipy.special import ndtr  # slow to load

    def share(name: str) -> np.ndarray:
        value = SmoothField(seed, name, HETEROGENEITY_MM * preset.size)(position_ras_mm)
        if preset.fine:
            fine = SmoothField(seed, f"fine {name}", FINE_MM * preset.size)(position_ras_mm)
            value = (value + FINE_SHARE * fine) / np.hypot(1.0, FINE_SHARE)
        return ndtr(value)

    grain = SmoothField(seed, "grain", GRAIN_MM * preset.size)(position_ras_mm) if preset.fine else None
    return Texture({name: share(name) for name in names}, grain)


def properties(preset: Preset, labels: np.ndarray, texture: Texture) -> dict[str, np.ndarray]:
    """What MR sees, by name: `VARYING` and `density`, each with the shape of the labels."""
    found = {name: filled(preset, name, labels, texture) for name in VARYING}
    # The vessel is blood: its tracer is in the plasma share of the volume.
    found["vp"][labels == Label.VESSEL] = 1.0 - preset.mr.hematocrit
    found["density"] = _density(preset, labels, texture)
    return found


def filled(preset: Preset, name: str, labels: np.ndarray, texture: Texture) -> np.ndarray:
    """A property over the labels, each within its tissue's range."""
    low, high = (_of_tissue(preset, labels, name, end) for end in (0, 1))
    return low + (high - low) * texture.share[name]


def _of_tissue(preset: Preset, labels: np.ndarray, name: str, end: int | None = None) -> np.ndarray:
    values = [getattr(preset.tissues[label.tissue], name) for label in Label]
    return np.array([value if end is None else value[end] for value in values], float)[labels]


def _density(preset: Preset, labels: np.ndarray, texture: Texture) -> np.ndarray:
    density = _of_tissue(preset, labels, "density")
    if texture.grain is None:
        return density
    strength = np.array([GRAIN.get(label.tissue, 0.0) for label in Label])[labels]
    return density * np.clip(1.0 + strength * texture.grain, 0.3, 1.7)
