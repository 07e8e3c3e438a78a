"""Transforms as ITK's files, which Slicer and other tools read and write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import InputError
from ..files import NO_ROOM, atomic_path
from .transform import Transform

ENDINGS = (".h5", ".tfm", ".txt", ".mat")
FARTHEST_MM = 1e5
PROBES_RAS_MM = np.array([(0, 0, 0), (61, -37, 43), (-53, 29, -71), (17, 83, 11)], np.float64)


def read_transform(path: str | Path) -> Transform:
    """Read a transform from fixed to moving points.

    Raises
    ------
    InputError
        If the file is missing, is no transform of three dimensions, or its numbers are not finite.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist; name a transform file such as a .h5 or .tfm.")
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path.name} is no transform file; give one that ends in {', '.join(ENDINGS)}.")
    try:
        read = sitk.ReadTransform(str(path))
    except RuntimeError as error:
        raise InputError(f"{path.name} could not be read as a transform; export it again as .h5 or .tfm.") from error
    if read.GetDimension() != 3:
        raise InputError(f"{path.name} is a transform of {read.GetDimension()} dimensions; choose one of 3.")
    transform = Transform(read.Downcast())
    probed = transform.at(PROBES_RAS_MM)
    if not np.isfinite(read.GetParameters()).all() or not (np.abs(probed) < FARTHEST_MM).all():
        raise InputError(
            f"{path.name} holds a transform of numbers that are not finite or far too large; export it again."
        )
    if transform.matrix is not None and np.linalg.det(transform.matrix[:3, :3]) <= 0:
        raise InputError(f"{path.name} holds a matrix that mirrors or flattens space, which no body does; check it.")
    return transform


def write_transform(transform: Transform, path: str | Path) -> Path:
    """Write a transform as .h5 (or .tfm, .txt, .mat where it is linear), from fixed to moving points.

    Raises
    ------
    InputError
        If the name has another ending or the file could not be written whole.
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path.name} cannot hold a transform; give a name that ends in {', '.join(ENDINGS)}.")
    with atomic_path(path) as temporary:
        try:
            sitk.WriteTransform(transform.lps, str(temporary))
            whole = np.allclose(read_transform(temporary).at(PROBES_RAS_MM), transform.at(PROBES_RAS_MM))
        except (RuntimeError, InputError):
            whole = False
        if not whole:
            raise InputError(f"{path.name} could not be written whole; {NO_ROOM}.")
    return path
