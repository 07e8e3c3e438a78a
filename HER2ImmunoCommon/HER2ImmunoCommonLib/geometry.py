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
        If the mask is empty or lies wholly outside the grid.
    """
    if not np.any(mask.array):
        raise InputError("The mask is empty; draw the region of interest first.")
    if same_grid(mask, onto):
        return np.asarray(mask.array) != 0
    reference = to_sitk(Volume(np.zeros(onto.array.shape[:3], np.uint8), onto.ijk_to_ras))
    image = to_sitk(mask.like((np.asarray(mask.array) != 0).astype(np.uint8)))
    resampled = sitk.GetArrayFromImage(sitk.Resample(image, reference, sitk.Transform(), sitk.sitkNearestNeighbor)) != 0
    if not resampled.any():
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
    if not path.is_file():
        raise InputError(f"{path} does not exist; name an image file such as a .nrrd.")
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise InputError(f"{path.name} could not be read as an image; export it again as NRRD.") from error
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise InputError(f"{path.name} is not a 3D scalar volume; export one volume of one value a voxel.")
    return from_sitk(image)


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
