"""The image that the PET is corrected by as DICOM (CT or MR Image Storage), a series of the PET's study."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume

from .attenuation import CT
from .dicom_file import Study, ds, series_dataset, set_grid, set_moment, set_pixel_format
from .mr_dicom import MHZ_PER_TESLA, MR_IMAGE_STORAGE
from .slices import SliceWriter

if TYPE_CHECKING:
    from pydicom import Dataset

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
NUMBER, AFTER_S = 2, 120.0
INTERCEPT_HU = -1024.0
KVP = {"human": "120", "mouse": "50"}
PET_MR_TESLA = 3.0
WINDOW = {"ct": (40.0, 400.0), "mr": (250.0, 500.0)}


def write_attenuation(study: Study, folder: Path, kind: str, image: Volume) -> None:
    """Write the image in the frame of reference of the PET's study."""
    from pydicom import Dataset

    folder.mkdir(parents=True, exist_ok=True)
    series = _series(study, kind, image)
    writer = SliceWriter(series, image.ijk_to_ras)
    stored = np.rint(image.array - INTERCEPT_HU if kind == CT else image.array).astype(np.uint16)
    for k, pixels in enumerate(stored):
        own = Dataset()
        own.InstanceNumber = str(k + 1)
        writer.write(folder / f"{k + 1:04d}.dcm", study.uid(kind, "image", k + 1), k, pixels, own)


def _series(study: Study, kind: str, image: Volume) -> Dataset:
    start = study.start + timedelta(seconds=AFTER_S)
    name = "CT attenuation" if kind == CT else "MR attenuation, Dixon water"
    storage = CT_IMAGE_STORAGE if kind == CT else MR_IMAGE_STORAGE
    dataset = series_dataset(study, storage, number=NUMBER, description=name, start=start)
    dataset.Modality = kind.upper()
    dataset.AcquisitionNumber = "1"
    set_moment(dataset, start, start)
    (_ct if kind == CT else _mr)(dataset, study)
    dataset.WindowCenter, dataset.WindowWidth = map(ds, WINDOW[kind])
    set_grid(dataset, image.ijk_to_ras, image.array.shape)
    set_pixel_format(dataset, signed=False)
    return dataset


def _ct(dataset: Dataset, study: Study) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.KVP = KVP[study.preset.species]
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = ds(INTERCEPT_HU), "1", "HU"


def _mr(dataset: Dataset, study: Study) -> None:
    dataset.ImageType = ["DERIVED", "PRIMARY", "M", "WATER"]
    dataset.ProtocolName = dataset.SeriesDescription
    dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions = "GR", "SP", ""
    dataset.MRAcquisitionType = "3D"
    dataset.RepetitionTime, dataset.EchoTime, dataset.EchoTrainLength = "4.1", "2.46", "1"
    dataset.FlipAngle = "10"
    dataset.MagneticFieldStrength = ds(PET_MR_TESLA)
    dataset.ImagingFrequency = ds(round(MHZ_PER_TESLA * PET_MR_TESLA, 6))
    dataset.ImagedNucleus = "1H"
