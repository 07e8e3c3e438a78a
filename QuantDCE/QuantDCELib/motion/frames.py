"""The frames as they are compared: coarse images of local contrast, asked at points of the body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume
from HER2ImmunoCommonLib.progress import Report, tell
from HER2ImmunoCommonLib.registration import Transform, carry_mask, find_body

GRID_MM, WINDOW_MM = 2.0, 3.0
"""Voxels at which frames are compared, and the standard deviation of the window of local contrast, at size 1."""
SMOOTHED_VOXELS = 0.7
"""Standard deviation of the smoothing: noise that is not smooth is less between voxels, and draws frames there."""
QUIET_SHARE, QUIET_NOISES = 0.05, 2.0
"""Contrast that counts as none: of the middle intensity of the body, and of the noise."""
MOST_POINTS, FEWEST_POINTS = 10000, 200
BLOCK_MM, CELL_MM = 30.0, 8.0
"""Edges of the blocks that are left out in turn to see how sure an estimate is, and of the cells that are weighed."""
EDGE_VOXELS = 1.5
"""Next to the edge of the images, where tissue comes in and goes out, nothing is compared."""


@dataclass(frozen=True, eq=False)
class Frames:
    """What is compared.

    Attributes
    ----------
    splines : list of ndarray, shape (k, j, i)
        Coefficients of the cubic splines of the local contrast, a frame each.
    ras_to_kji : ndarray, shape (3, 4)
        From places in mm to voxels of these images.
    points_ras_mm : ndarray, shape (n, 3)
    blocks, cells : ndarray of int, shape (n,)
        Which block and cell a point lies in.
    raw : ndarray, shape (n, t)
        Intensities of the frames at the points.
    scale : float
        Of all lengths, 1 for a human.
    """

    splines: list[np.ndarray]
    ras_to_kji: np.ndarray
    points_ras_mm: np.ndarray
    blocks: np.ndarray
    cells: np.ndarray
    raw: np.ndarray
    scale: float

    @property
    def count(self) -> int:
        return len(self.splines)

    def values(self, frame: int, places_ras_mm: np.ndarray) -> np.ndarray:
        """Local contrast of a frame at places (n, 3); what is beyond the images is what is at their edge."""
        return self._at(frame, self._index(places_ras_mm))

    def slopes(self, frame: int, places_ras_mm: np.ndarray) -> np.ndarray:
        """Slopes (n, 3) per mm to the right, to the front and upwards, over half a voxel to either side."""
        index = self._index(places_ras_mm)
        halves = 0.5 * np.eye(3)[:, :, None]
        by_axis = [self._at(frame, index + half) - self._at(frame, index - half) for half in halves]
        return np.stack(by_axis, axis=1) @ self.ras_to_kji[:, :3]

    def inside(self, places_ras_mm: np.ndarray) -> np.ndarray:
        """Whether places (n, 3) lie in the images and not at their edge."""
        shape = np.array(self.splines[0].shape)[:, None]
        edge = np.minimum(EDGE_VOXELS, np.maximum(shape - 1, 0) / 4)
        index = self._index(places_ras_mm)
        return ((index >= edge - 1e-6) & (index <= shape - 1 - edge + 1e-6)).all(axis=0)

    def _index(self, places_ras_mm: np.ndarray) -> np.ndarray:
        return (places_ras_mm @ self.ras_to_kji[:, :3].T + self.ras_to_kji[:, 3]).T

    def _at(self, frame: int, index: np.ndarray) -> np.ndarray:
        from scipy.ndimage import map_coordinates  # slow to load

        return map_coordinates(self.splines[frame], index, order=3, prefilter=False, mode="nearest")


def prepare_frames(series: TimeSeries, mask: Volume | None, report: Report | None) -> Frames:
    """The frames of a series, made comparable whatever the contrast agent does.

    Local contrast is intensity less its mean within a window, over the root of its variance there: where two tissues
    meet it stays the same when either grows brighter.

    Parameters
    ----------
    series : TimeSeries
    mask : Volume or None
        Where to look, nonzero inside; by default the body.

    Raises
    ------
    InputError
        If there is nothing to compare.
    """
    from scipy.ndimage import gaussian_filter  # slow to load

    first = _finite(series.array[..., 0])
    body = find_body(Volume(first, series.ijk_to_ras), "dynamic")
    coarse, step = _coarse(series, body.scale)
    inside = carry_mask(body.mask if mask is None else mask, coarse, Transform.identity())
    box = _box(inside)
    places = np.argwhere(inside)
    if len(places) < FEWEST_POINTS:
        raise InputError(
            f"The region in which motion is looked for has only {len(places)} voxels at the resolution compared; "
            "choose a larger region, or none for the whole body."
        )
    # A step that is not a divisor of the rows spreads the points over all of them.
    places = places[:: max(1, round(len(places) / MOST_POINTS))]
    points = places[:, ::-1] @ coarse.ijk_to_ras[:3, :3].T + coarse.ijk_to_ras[:3, 3]
    images = np.empty((*(part.stop - part.start for part in box), series.time_s.size), np.float32)
    for frame in range(series.time_s.size):
        tell(report, 0.4 * frame / series.time_s.size, "Reading the frames")
        image = _blocks(_finite(series.array[..., frame]), step)[box]
        images[..., frame] = gaussian_filter(image, SMOOTHED_VOXELS, mode="nearest")
    raw = images[tuple((places - [part.start for part in box]).T)]
    quiet = _quiet(raw)
    window = np.maximum(WINDOW_MM * body.scale / np.array(coarse.spacing_mm[::-1]), 1.0)
    splines = []
    for frame in range(series.time_s.size):
        tell(report, 0.4 + 0.6 * frame / series.time_s.size, "Finding the contrast of the frames")
        splines.append(_spline(local_contrast(images[..., frame], window, quiet)))
    from_ras = np.linalg.inv(coarse.ijk_to_ras)[[2, 1, 0]]
    from_ras[:, 3] -= [part.start for part in box]
    sizes = (BLOCK_MM * body.scale, CELL_MM * body.scale)
    return Frames(splines, from_ras, points, *(_boxes(points, mm) for mm in sizes), raw, body.scale)


def local_contrast(image: np.ndarray, window_voxels: np.ndarray, quiet: float) -> np.ndarray:
    """Intensity less its mean in a Gaussian window, over the root of its variance there and of what is quiet."""
    from scipy.ndimage import gaussian_filter

    mean = gaussian_filter(image, window_voxels, mode="nearest")
    # Less its middle the square keeps its digits.
    rest = image - image.mean()
    mean_rest = gaussian_filter(rest, window_voxels, mode="nearest")
    variance = np.maximum(gaussian_filter(rest * rest, window_voxels, mode="nearest") - mean_rest**2, 0.0)
    return ((image - mean) / np.sqrt(variance + quiet**2)).astype(np.float32)


def _spline(image: np.ndarray) -> np.ndarray:
    from scipy.ndimage import spline_filter

    return spline_filter(image, order=3, mode="nearest", output=np.float32)


def _finite(image: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.asarray(image, np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _coarse(series: TimeSeries, scale: float) -> tuple[Volume, np.ndarray]:
    """The grid of the comparison, and how many voxels (k, j, i) of the series go into one of its."""
    spacing = np.array(series.frame(0).spacing_mm[::-1])
    shape = np.array(series.array.shape[:3])
    step = np.clip(np.round(GRID_MM * scale / spacing).astype(int), 1, np.maximum(shape // 8, 1))
    matrix = series.ijk_to_ras.astype(np.float64)
    matrix[:3, 3] += matrix[:3, :3] @ ((step[::-1] - 1) / 2)
    matrix[:3, :3] *= step[::-1]
    return Volume(np.broadcast_to(np.uint8(0), tuple(shape // step)), matrix), step


def _blocks(image: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Means of blocks of voxels."""
    k, j, i = np.array(image.shape) // step
    whole = image[: k * step[0], : j * step[1], : i * step[2]]
    return whole.reshape(k, step[0], j, step[1], i, step[2]).mean(axis=(1, 3, 5), dtype=np.float32)


def _box(inside: np.ndarray) -> tuple[slice, ...]:
    """What holds the region and the way frames may go."""
    places = np.argwhere(inside)
    low, high = np.maximum(places.min(axis=0) - 6, 0), np.minimum(places.max(axis=0) + 7, inside.shape)
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def _quiet(raw: np.ndarray) -> float:
    """Contrast up to which there is none."""
    noise = 1.4826 * float(np.median(np.abs(raw[:, 1] - raw[:, 0]))) / np.sqrt(2.0)
    return max(QUIET_SHARE * float(np.median(raw[:, 0])), QUIET_NOISES * noise, np.finfo(np.float32).tiny)


def _boxes(points: np.ndarray, mm: float) -> np.ndarray:
    """Numbers, from 0, of the cubes in which points lie."""
    index = np.floor((points - points.min(axis=0)) / mm).astype(int)
    return np.unique(index, axis=0, return_inverse=True)[1].ravel()
