"""Volumes and time series as arrays with their place in the patient, and their NRRD files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from .errors import InputError
from .files import NO_ROOM, atomic_path

LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
GRID_TOLERANCE_MM = 1e-3
PLACE_TOLERANCE = 0.05
"""Distance, in voxels, up to which a place is the same: writers round origins and directions each in their own way."""
SMALLEST_DETERMINANT = 1e-6
"""Of the directions of a grid; below it two of its axes are the same."""


@dataclass(frozen=True, eq=False)
class Volume:
    """A scalar volume.

    Attributes
    ----------
    array : ndarray, shape (k, j, i)
        Voxel values; NaN marks a voxel without a valid value.
    ijk_to_ras : ndarray, shape (4, 4)
        Voxel index (i, j, k, 1) to patient position in mm, right-anterior-superior.
    """

    array: np.ndarray
    ijk_to_ras: np.ndarray

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Voxel size along i, j and k."""
        return tuple(float(length) for length in np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0))

    @property
    def voxel_volume_cm3(self) -> float:
        return float(abs(np.linalg.det(self.ijk_to_ras[:3, :3]))) / 1000.0

    def like(self, array: np.ndarray) -> Volume:
        """Another volume on the same grid."""
        return Volume(array, self.ijk_to_ras)


@dataclass(frozen=True, eq=False)
class TimeSeries:
    """A volume followed over time.

    Attributes
    ----------
    array : ndarray, shape (k, j, i, t)
    ijk_to_ras : ndarray, shape (4, 4)
    time_s : ndarray, shape (t,)
        Time of each frame after the first, strictly increasing.
    """

    array: np.ndarray
    ijk_to_ras: np.ndarray
    time_s: np.ndarray

    def frame(self, index: int) -> Volume:
        return Volume(self.array[..., index], self.ijk_to_ras)


def same_grid(a: Volume | TimeSeries, b: Volume | TimeSeries) -> bool:
    """Whether two volumes have the same shape and, within 1 um per voxel step, the same place."""
    return a.array.shape[:3] == b.array.shape[:3] and np.allclose(
        a.ijk_to_ras, b.ijk_to_ras, rtol=0.0, atol=GRID_TOLERANCE_MM
    )


def nearly_same_grid(a: Volume | TimeSeries, b: Volume | TimeSeries) -> bool:
    """Whether two volumes have the same shape and no voxel lies more than a twentieth of a voxel apart."""
    shape = a.array.shape[:3]
    if shape != b.array.shape[:3] or not (is_grid(a.ijk_to_ras) and is_grid(b.ijk_to_ras)):
        return False
    k, j, i = np.meshgrid(*[(0, n - 1) for n in shape], indexing="ij")
    corners = np.stack([i.ravel(), j.ravel(), k.ravel(), np.ones(8)])
    moved = np.linalg.inv(b.ijk_to_ras) @ a.ijk_to_ras @ corners
    return bool(np.abs(moved - corners).max() <= PLACE_TOLERANCE)


def is_grid(ijk_to_ras: np.ndarray) -> bool:
    """Whether a matrix (4, 4) places voxels in space: finite, and with a size along every axis."""
    steps = np.asarray(ijk_to_ras, dtype=np.float64)[:3, :3]
    if not np.isfinite(ijk_to_ras).all():
        return False
    lengths = np.linalg.norm(steps, axis=0)
    return bool((lengths > 0).all() and abs(np.linalg.det(steps / lengths)) > SMALLEST_DETERMINANT)


def voxels_on(mask: Volume, onto: Volume | TimeSeries) -> tuple[int, int]:
    """How many voxels of a mask, nonzero inside, have their centre within another volume, and how many there are."""
    k, j, i = np.nonzero(mask.array)
    matrix = np.linalg.inv(onto.ijk_to_ras) @ mask.ijk_to_ras
    within = np.ones(k.size, bool)
    for axis, size in enumerate(reversed(onto.array.shape[:3])):
        index = matrix[axis, 0] * i + matrix[axis, 1] * j + matrix[axis, 2] * k + matrix[axis, 3]
        within &= (index >= -0.5 - PLACE_TOLERANCE) & (index <= size - 0.5 + PLACE_TOLERANCE)
    return int(np.count_nonzero(within)), k.size


def resample_mask(mask: Volume, onto: Volume | TimeSeries) -> np.ndarray:
    """A mask, nonzero inside, on another volume's grid by nearest neighbour.

    Parameters
    ----------
    mask : Volume
    onto : Volume or TimeSeries
        The grid wanted; any orientation and spacing.

    Returns
    -------
    ndarray of bool, shape (k, j, i) of `onto`

    Raises
    ------
    InputError
        If the mask is empty, lies wholly outside the grid or between its voxels, or has no extent along an axis.
    """
    if not np.any(mask.array):
        raise InputError("The mask is empty; draw the region of interest first.")
    for grid, name in ((mask, "mask"), (onto, "image")):
        if not is_grid(grid.ijk_to_ras):
            raise InputError(f"The {name} has voxels without a size or directions that coincide; export it again.")
    if nearly_same_grid(mask, onto):
        return np.asarray(mask.array) != 0
    reference = to_sitk(Volume(np.zeros(onto.array.shape[:3], np.uint8), onto.ijk_to_ras))
    image = to_sitk(mask.like((np.asarray(mask.array) != 0).astype(np.uint8)))
    resampled = sitk.GetArrayFromImage(sitk.Resample(image, reference, sitk.Transform(), sitk.sitkNearestNeighbor)) != 0
    if not resampled.any():
        if voxels_on(mask, onto)[0]:
            size = " x ".join(f"{length:.3g}" for length in np.linalg.norm(onto.ijk_to_ras[:3, :3], axis=0))
            raise InputError(
                f"The mask is smaller than a voxel of the image ({size} mm): none has its centre inside it, so "
                "nothing can be measured; draw it larger or use images of a finer grid."
            )
        raise InputError("The mask does not overlap the image; choose the segment drawn on this examination.")
    return resampled


def to_sitk(volume: Volume) -> sitk.Image:
    """The volume as a SimpleITK image (patient axes LPS)."""
    image = sitk.GetImageFromArray(np.ascontiguousarray(volume.array))
    ijk_to_lps = LPS_FROM_RAS @ volume.ijk_to_ras
    spacing = np.linalg.norm(ijk_to_lps[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(ijk_to_lps[:3, 3].tolist())
    image.SetDirection((ijk_to_lps[:3, :3] / spacing).ravel().tolist())
    return image


def from_sitk(image: sitk.Image) -> Volume:
    """A volume from a 3D SimpleITK image."""
    ijk_to_lps = np.eye(4)
    ijk_to_lps[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * np.asarray(image.GetSpacing())
    ijk_to_lps[:3, 3] = image.GetOrigin()
    return Volume(sitk.GetArrayFromImage(image), LPS_FROM_RAS @ ijk_to_lps)


def read_volume(path: str | Path) -> Volume:
    """Read a 3D scalar image file (NRRD, NIfTI, MetaImage ...).

    Raises
    ------
    InputError
        If the file is missing, cannot be read, or is not a 3D scalar image.
    """
    path = Path(path)
    image = read_image(path)
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise InputError(f"{path.name} is not a 3D scalar volume; export one volume of one value a voxel.")
    return from_sitk(image)


def read_image(path: Path) -> sitk.Image:
    """Read an image file of any kind and dimension.

    Raises
    ------
    InputError
        If the file is missing or cannot be read, or its voxels have no size.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist; name an image file such as a .nrrd.")
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        if any(word in str(error).lower() for word in ("spacing", "orthonormal", "bad direction")):
            raise InputError(
                f"{path.name} has voxels of size 0, or axes that coincide or are not at right angles; export it again "
                "with its spacing and directions."
            ) from error
        raise InputError(f"{path.name} could not be read as an image; export it again as NRRD.") from error
    if not all(0 < length < np.inf for length in image.GetSpacing()):
        raise InputError(f"{path.name} has voxels of size {image.GetSpacing()} mm; export it again with its spacing.")
    return image


def write_volume(volume: Volume, path: str | Path) -> Path:
    """Write a volume as compressed NRRD; float64 is stored as float32."""
    array = np.asarray(volume.array)
    if array.dtype == np.float64:
        array = array.astype(np.float32)
    elif array.dtype == bool:
        array = array.astype(np.uint8)
    path = Path(path)
    with atomic_path(path) as temporary:
        try:
            sitk.WriteImage(to_sitk(volume.like(array)), str(temporary), useCompression=True)
            # The last of a compressed file can get lost on a full disk without an error.
            whole = np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(temporary))), array, equal_nan=True)
        except RuntimeError:
            whole = False
        if not whole:
            raise InputError(f"{path.name} could not be written whole; {NO_ROOM}.")
    return path
