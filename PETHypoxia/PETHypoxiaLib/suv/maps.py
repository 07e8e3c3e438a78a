"""SUV maps."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume

from .reading import PetImages
from .tags import SLICE_TAGS, text
from .verdict import SUVResult


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
