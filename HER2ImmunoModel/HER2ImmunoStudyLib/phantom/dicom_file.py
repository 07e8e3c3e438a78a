"""What every DICOM file of the virtual patient says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS

from .presets import Preset
from .seeds import uid
from .subject import Visit

if TYPE_CHECKING:
    from pydicom import Dataset

FIRST_DAY = datetime(2024, 3, 4)


@dataclass(frozen=True)
class Scanner:
    """Maker, model and software of the machine."""

    manufacturer: str
    model: str
    version: str


@dataclass(frozen=True)
class Study:
    """One study of one visit.

    Attributes
    ----------
    start : datetime
        Moment the study began.
    apart : bool
        Whether the patient was laid down anew for each modality, so that each has a frame of reference of its own.
    """

    preset: Preset
    seed: int
    visit: Visit
    modality: str
    start: datetime
    scanner: Scanner
    apart: bool = False

    @property
    def patient_id(self) -> str:
        return f"VP-{self.preset.species.upper()}-{self.seed}"

    def uid(self, *purpose: object) -> str:
        """A UID of this study; the same purpose gives the same UID."""
        return uid(self.seed, self.preset.species, self.visit.name, self.modality, *purpose)

    @property
    def frame_of_reference_uid(self) -> str:
        """Shared by the MR and PET of a visit, unless the patient moved between them."""
        which = ("frame of reference", self.modality) if self.apart else ("frame of reference",)
        return uid(self.seed, self.preset.species, self.visit.name, *which)


def study_of(
    preset: Preset, seed: int, visit: Visit, modality: str, hour: int, scanner: Scanner, *, apart: bool = False
) -> Study:
    """The study of one modality, started at a full hour of the visit's day."""
    start = FIRST_DAY + timedelta(days=int(visit.day), hours=hour)
    return Study(preset, seed, visit, modality, start, scanner, apart)


def da(moment: datetime) -> str:
    return moment.strftime("%Y%m%d")


def tm(moment: datetime) -> str:
    return moment.strftime("%H%M%S.%f")


def ds(value: float) -> str:
    """A decimal string of at most 16 characters with all the digits that fit."""
    text = repr(float(value))
    digits = 15
    while len(text) > 16:
        text = f"{value:.{digits}g}"
        digits -= 1
    return text


def series_dataset(study: Study, sop_class: str, *, number: int, description: str, start: datetime) -> Dataset:
    """Patient, study, series, frame of reference and equipment modules of a series."""
    from pydicom import Dataset

    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class
    _patient(dataset, study)
    dataset.StudyInstanceUID = study.uid("study")
    dataset.StudyID = f"{study.modality}{int(study.visit.day)}"
    dataset.StudyDate, dataset.StudyTime = da(study.start), tm(study.start)
    dataset.StudyDescription = f"Virtual patient, {study.visit.name}, {study.modality}"
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""
    dataset.Modality = study.modality
    dataset.SeriesInstanceUID = study.uid("series", number)
    dataset.SeriesNumber = str(number)
    dataset.SeriesDescription = description
    dataset.SeriesDate, dataset.SeriesTime = da(start), tm(start)
    dataset.BodyPartExamined = "BREAST"
    dataset.PatientPosition = "HFP"
    dataset.FrameOfReferenceUID = study.frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""
    dataset.Manufacturer = study.scanner.manufacturer
    dataset.ManufacturerModelName = study.scanner.model
    dataset.SoftwareVersions = study.scanner.version
    dataset.DeviceSerialNumber = "0"
    dataset.InstitutionName = "Virtual patient"
    return dataset


def _patient(dataset: Dataset, study: Study) -> None:
    dataset.PatientName = f"Virtual^{study.preset.species.capitalize()} {study.seed}"
    dataset.PatientID = study.patient_id
    dataset.PatientBirthDate = "19740301" if study.preset.species == "human" else "20240101"
    dataset.PatientSex = "F"
    dataset.PatientAge = "050Y" if study.preset.species == "human" else "009W"
    dataset.PatientWeight = ds(study.preset.weight_kg)
    dataset.PatientSize = ds(study.preset.height_m)
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Simulated; no person"


def set_moment(dataset: Dataset, acquired: datetime, content: datetime) -> None:
    """Acquisition and content date and time."""
    dataset.AcquisitionDate, dataset.AcquisitionTime = da(acquired), tm(acquired)
    dataset.ContentDate, dataset.ContentTime = da(content), tm(content)


def set_grid(dataset: Dataset, ijk_to_ras: np.ndarray, shape: tuple[int, ...]) -> None:
    """Orientation, spacing and size, the same for every slice."""
    ijk_to_lps = LPS_FROM_RAS @ ijk_to_ras
    spacing = np.linalg.norm(ijk_to_lps[:3, :3], axis=0)
    axes = ijk_to_lps[:3, :3] / spacing
    dataset.ImageOrientationPatient = [ds(round(value, 12)) for value in (*axes[:, 0], *axes[:, 1])]
    dataset.PixelSpacing = [ds(round(spacing[1], 9)), ds(round(spacing[0], 9))]
    dataset.SliceThickness = dataset.SpacingBetweenSlices = ds(round(spacing[2], 9))
    dataset.Rows, dataset.Columns = int(shape[1]), int(shape[2])


def set_pixel_format(dataset: Dataset, *, signed: bool) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = int(signed)


def set_window(dataset: Dataset, values: np.ndarray) -> None:
    """Grey scale from 0 to just above nearly all values, as rescaled."""
    brightest = max(float(np.percentile(values, 99.5)), 1.0)
    dataset.WindowCenter, dataset.WindowWidth = ds(round(brightest / 2.0, 1)), ds(round(brightest, 1))
