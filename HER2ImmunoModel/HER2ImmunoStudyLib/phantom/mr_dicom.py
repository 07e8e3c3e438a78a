"""VFA and dynamic MR series as DICOM (MR Image Storage)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.progress import Report, tell

from . import vendors
from .dicom_file import Study, ds, series_dataset, set_grid, set_moment, set_pixel_format, set_window, tm
from .slices import SliceWriter

if TYPE_CHECKING:
    from pydicom import Dataset

MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
MHZ_PER_TESLA = 42.577
LARGEST = 30000.0
VFA_AFTER_S, FLIP_AFTER_S, DYNAMIC_AFTER_S = 300.0, 45.0, 900.0
DYNAMIC_NUMBER, VFA_NUMBER = 1000, 100


def to_stored(signal: np.ndarray, scale: float) -> np.ndarray:
    return np.rint(np.clip(signal * scale, 0, 65535)).astype(np.uint16)


def write_vfa(
    study: Study, folder: Path, stored: np.ndarray, ijk_to_ras: np.ndarray, *, split: bool, report: Report | None
) -> None:
    """Write the flip angles (k, j, i, flips), one series or, with `split`, a series each."""
    protocol = study.preset.mr
    start = study.start + timedelta(seconds=VFA_AFTER_S)
    flips, slices = len(protocol.vfa_flip_deg), stored.shape[0]
    series = None
    for index, flip in enumerate(protocol.vfa_flip_deg):
        tell(report, index / flips, "Writing variable flip angles")
        acquired = start + timedelta(seconds=FLIP_AFTER_S * index)
        if split or series is None:
            number, name = VFA_NUMBER + index, f"VFA {flip:g} deg" if split else "VFA T1 mapping"
            series = _mr_series(study, number, name, acquired, ijk_to_ras, stored.shape)
        series.FlipAngle = ds(flip)
        set_window(series, stored[..., index])
        series.AcquisitionNumber = str(index + 1)
        set_moment(series, acquired, acquired)
        first = 0 if split else index * slices
        target = folder / f"flip_{index + 1:02d}" if split else folder
        _write_slices(study, series, target, stored[..., index], ijk_to_ras, first)


def write_dynamic(
    study: Study,
    folder: Path,
    stored: np.ndarray,
    ijk_to_ras: np.ndarray,
    *,
    vendor: str,
    split: bool,
    report: Report | None,
) -> None:
    """Write the frames (k, j, i, frames), one series or, with `split`, a series each."""
    protocol = study.preset.mr
    start = study.start + timedelta(seconds=DYNAMIC_AFTER_S)
    series = None
    for frame in range(protocol.frames):
        tell(report, frame / protocol.frames, f"Writing dynamic frame {frame + 1} of {protocol.frames}")
        if split or series is None:
            name = f"DCE dynamic, phase {frame + 1}" if split else "DCE dynamic"
            series = _mr_series(study, DYNAMIC_NUMBER + frame, name, start, ijk_to_ras, stored.shape)
            series.FlipAngle = ds(protocol.flip_deg)
            _contrast(series, study)
            set_window(series, stored[..., -1])
        series.AcquisitionNumber = str(frame + 1)
        vendors.stamp(series, vendor, vendors.Moment(frame, protocol.frames, protocol.frame_s, start), own_series=split)
        first = 0 if split else frame * stored.shape[0]
        target = folder / f"phase_{frame + 1:03d}" if split else folder
        _write_slices(study, series, target, stored[..., frame], ijk_to_ras, first)


def _mr_series(
    study: Study, number: int, name: str, start: datetime, ijk_to_ras: np.ndarray, shape: tuple[int, ...]
) -> Dataset:
    protocol = study.preset.mr
    dataset = series_dataset(study, MR_IMAGE_STORAGE, number=number, description=name, start=start)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    dataset.ProtocolName = name
    dataset.ScanningSequence, dataset.SequenceVariant = "GR", "SP"
    dataset.ScanOptions = "FS"
    dataset.MRAcquisitionType = "3D"
    dataset.SequenceName = "spgr3d"
    dataset.RepetitionTime = ds(round(1000.0 * protocol.tr_s, 6))
    dataset.EchoTime = ds(round(1000.0 * protocol.te_s, 6))
    dataset.EchoTrainLength = "1"
    dataset.NumberOfAverages = "1"
    dataset.MagneticFieldStrength = ds(protocol.field_strength_T)
    dataset.ImagingFrequency = ds(round(MHZ_PER_TESLA * protocol.field_strength_T, 6))
    dataset.ImagedNucleus = "1H"
    set_grid(dataset, ijk_to_ras, shape)
    set_pixel_format(dataset, signed=False)
    return dataset


def _contrast(dataset: Dataset, study: Study) -> None:
    protocol = study.preset.mr
    injected = study.start + timedelta(seconds=DYNAMIC_AFTER_S + protocol.arrival_s)
    dataset.ContrastBolusAgent = "Gadolinium chelate"
    dataset.ContrastBolusRoute = "IV"
    dataset.ContrastBolusStartTime = tm(injected)


def _write_slices(
    study: Study, series: Dataset, folder: Path, stored: np.ndarray, ijk_to_ras: np.ndarray, first: int
) -> None:
    from pydicom import Dataset

    folder.mkdir(parents=True, exist_ok=True)
    writer = SliceWriter(series, ijk_to_ras)
    for k, pixels in enumerate(stored):
        own, instance = Dataset(), first + k + 1
        own.InstanceNumber = str(instance)
        uid = study.uid("image", series.SeriesNumber, instance)
        writer.write(folder / f"{instance:05d}.dcm", uid, k, pixels, own)
