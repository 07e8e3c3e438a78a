"""SUV maps."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume

from .reading import PetImages
from .tags import SLICE_TAGS, text
from .verdict import SUVResult

BODY_MEAN = (0.1, 10.0)
"""Mean SUV of what is not background, by body weight: 1 of a whole body, more of an organ that takes up much."""
BSA_PER_BW = 0.26
"""SUV by body surface over SUV by weight, of an adult."""
LARGEST, ROUNDING = 1e4, 1e-3


def doubts(suv: Volume, norm: str) -> tuple[str, ...]:
    """What no examination can be, as sentences.

    Parameters
    ----------
    suv : Volume
    norm : str
        One of `norms.UNITS`.
    """
    check = "check Units, weight, dose, half-life and the times."
    values = suv.array[np.isfinite(suv.array)]
    n_lost = suv.array.size - values.size
    found = [f"{n_lost} voxels of the SUV map are no number."] if n_lost else []
    positive = values[values > 0]
    if not positive.size:
        return (*found, "No voxel of the SUV map is above 0; check that this is the PET.")
    scale = BSA_PER_BW if norm == "bsa" else 1.0
    body = float(positive[positive >= (1 - ROUNDING) * positive.mean(dtype=float)].mean(dtype=float))
    low, high = (scale * limit for limit in BODY_MEAN)
    if not low <= body <= high:
        found.append(f"The mean SUV of the body is {body:.3g}, where {scale:.2g} is usual; {check}")
    if (largest := float(positive.max())) > LARGEST:
        found.append(f"The largest SUV is {largest:.3g}, which cannot be; {check}")
    return tuple(found)


def suv_map(pet: PetImages, result: SUVResult) -> Volume:
    """SUV of every voxel, float32, on the PET grid.

    Parameters
    ----------
    pet : PetImages
    result : SUVResult
        Of the same series; its factors are matched to the slices by SOP instance.

    Raises
    ------
    QuestionsError
        If the result has open questions.
    InputError
        If the result is a refusal, or of other slices.
    """
    factors = dict(zip(result.sop_uids, result.require(), strict=True))
    uids = [text(header, SLICE_TAGS["uid"]) for header in pet.headers]
    if missing := [uid for uid in uids if uid not in factors]:
        raise InputError(f"There is no SUV factor for slice {missing[0]}; compute the factor of this series.")
    per_slice = np.array([factors[uid] for uid in uids])
    return pet.activity.like((pet.activity.array * per_slice[:, None, None]).astype(np.float32))
