"""The frames resampled to where the body was before contrast."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import SimpleITK as sitk
from HER2ImmunoCommonLib.geometry import TimeSeries, to_sitk
from HER2ImmunoCommonLib.progress import Report, tell
from HER2ImmunoCommonLib.registration import Transform

THREADS = 2
FEWEST_VOXELS = 6
"""Along an axis, for splines of the fifth order."""


def put_back(
    series: TimeSeries, transforms: tuple[Transform, ...], wanted: np.ndarray, report: Report | None
) -> TimeSeries:
    """The series with the wanted frames resampled once, by splines of the fifth order; the others as they were.

    Frames that are nowhere below 0 stay so. Where a frame does not reach it is NaN, and beside values that are not
    finite.
    """
    frames = np.flatnonzero(wanted)
    if not frames.size:
        return series
    result = np.array(series.array, np.float32 if series.array.dtype.kind != "f" else series.array.dtype)

    def fill(frame: int) -> None:
        result[..., frame] = _resampled(series, int(frame), transforms[frame])

    with ThreadPoolExecutor(THREADS) as pool:
        for done, _ in enumerate(pool.map(fill, frames)):
            tell(report, done / frames.size, "Putting the frames back")
    return TimeSeries(result, series.ijk_to_ras, series.time_s)


def _resampled(series: TimeSeries, frame: int, transform: Transform) -> np.ndarray:
    volume = series.frame(frame)
    array = np.asarray(volume.array, np.float32)
    broken = ~np.isfinite(array)
    image = to_sitk(volume.like(np.where(broken, np.float32(0.0), array)))
    how = sitk.sitkBSpline5 if min(array.shape) >= FEWEST_VOXELS else sitk.sitkBSpline3
    resampler = sitk.ResampleImageFilter()
    resampler.SetReferenceImage(image)
    resampler.SetTransform(transform.lps)
    resampler.SetInterpolator(how)
    resampler.SetDefaultPixelValue(float("nan"))
    resampler.SetNumberOfThreads(1)
    found = sitk.GetArrayFromImage(resampler.Execute(image))
    if array[~broken].size and array[~broken].min() >= 0:
        # A spline swings below 0 beside an edge; a magnitude cannot.
        found = np.maximum(found, 0.0)
    if broken.any():
        resampler.SetInterpolator(sitk.sitkLinear)
        beside = sitk.GetArrayFromImage(resampler.Execute(to_sitk(volume.like(broken.astype(np.float32)))))
        found[beside > 0] = np.nan
    return found
