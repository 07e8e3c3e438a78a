"""Known ways from one position to another as ITK transform files, which any tool reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import NO_ROOM, atomic_path
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS

from .placement import Displacement


def displacement_transform(displacement: Displacement) -> sitk.DisplacementFieldTransform:
    """The displacement in ITK's axes (LPS): points of the fixed image to those of the moving one."""
    flip = np.diag(LPS_FROM_RAS)[:3]
    image = sitk.GetImageFromArray(np.ascontiguousarray(displacement.field_ras_mm * flip), isVector=True)
    image.SetSpacing(np.diag(displacement.ijk_to_ras)[:3].tolist())
    image.SetOrigin((flip * displacement.ijk_to_ras[:3, 3]).tolist())
    image.SetDirection(np.diag(flip).ravel().tolist())
    return sitk.DisplacementFieldTransform(image)


def rigid_transform(motion_ras: np.ndarray) -> sitk.AffineTransform:
    """A matrix (4, 4) of points in RAS as an ITK transform."""
    lps = LPS_FROM_RAS @ motion_ras @ LPS_FROM_RAS
    transform = sitk.AffineTransform(3)
    transform.SetMatrix(lps[:3, :3].ravel().tolist())
    transform.SetTranslation(lps[:3, 3].tolist())
    return transform


def write_transform(transform: sitk.Transform, path: Path) -> None:
    """Write an ITK transform file (`.h5`).

    Raises
    ------
    InputError
        If there is no room for it.
    """
    with atomic_path(path) as temporary:
        try:
            sitk.WriteTransform(transform, str(temporary))
        except RuntimeError as error:
            raise InputError(f"{path.name} could not be written whole; {NO_ROOM}.") from error
