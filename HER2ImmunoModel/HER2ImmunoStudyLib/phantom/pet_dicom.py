"""The FMISO-PET series as DICOM (Positron Emission Tomography Image Storage)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.progress import Report, tell

from .dicom_file import Scanner, Study, da, ds, series_dataset, set_grid, set_moment, set_pixel_format, set_window, tm
from .pet_signal import HALF_LIFE_S
from .slices import SliceWriter

if TYPE_CHECKING:
    from pydicom import Dataset

PET_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.128"
SCANNER = Scanner("SIEMENS", "Virtual PET", "virtual")
SERIES_AFTER_S = 300.0
LARGEST, ROUNDING_ROOM = 32767, 1.000001
POSITRON_FRACTION = 0.9673
FLUORINE_18 = ("77004003", "SCT", "^18^Fluorine")
FLUOROMISONIDAZOLE = ("422598008", "SCT", "Fluoromisonidazole F^18^")
INTRAVENOUS = ("47625008", "SCT", "Intravenous route")
RECUMBENT, PRONE = ("102538003", "SCT", "recumbent"), ("1240000", "SCT", "prone")
HEADFIRST = ("102540008", "SCT", "headfirst")


def write_pet(
    study: Study,
    folder: Path,
    activity_Bq_per_mL: np.ndarray,
    ijk_to_ras: np.ndarray,
    *,
    corrected_by: str = "CT",
    report: Report | None,
) -> None:
    """Write the activity (k, j, i), decay-corrected to the start of the series, with a slope of its own a slice.

    `corrected_by` is the modality of the image that the PET was corrected for attenuation by.
    """
    from pydicom import Dataset

    folder.mkdir(parents=True, exist_ok=True)
    series = _pet_series(study, ijk_to_ras, activity_Bq_per_mL.shape)
    series.AttenuationCorrectionMethod = f"{corrected_by}-derived mu-map"
    set_window(series, activity_Bq_per_mL)
    writer = SliceWriter(series, ijk_to_ras)
    for k, activity in enumerate(activity_Bq_per_mL):
        tell(report, k / len(activity_Bq_per_mL), f"Writing PET slice {k + 1} of {len(activity_Bq_per_mL)}")
        own = Dataset()
        own.InstanceNumber = str(k + 1)
        own.ImageIndex = k + 1
        own.RescaleSlope = ds(max(float(np.abs(activity).max()), 1.0) / LARGEST * ROUNDING_ROOM)
        stored = np.rint(activity / float(own.RescaleSlope)).astype(np.int16)
        writer.write(folder / f"{k + 1:04d}.dcm", study.uid("image", k + 1), k, stored, own)


def _pet_series(study: Study, ijk_to_ras: np.ndarray, shape: tuple[int, ...]) -> Dataset:
    start = study.start + timedelta(seconds=SERIES_AFTER_S)
    dataset = series_dataset(study, PET_IMAGE_STORAGE, number=1, description="FMISO static AC", start=start)
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.Units = "BQML"
    dataset.CountsSource = "EMISSION"
    dataset.SeriesType = ["STATIC", "IMAGE"]
    dataset.NumberOfSlices = int(shape[0])
    dataset.CorrectedImage = ["NORM", "DTIM", "ATTN", "SCAT", "DECY", "RAN"]
    dataset.DecayCorrection = "START"
    dataset.ScatterCorrectionMethod = "Model-based"
    dataset.RandomsCorrectionMethod = "DLYD"
    dataset.ReconstructionMethod = "OSEM"
    dataset.CollimatorType = "NONE"
    set_moment(dataset, start, start)
    _decay(dataset, study.preset.pet.duration_s)
    dataset.RescaleIntercept = "0"
    set_grid(dataset, ijk_to_ras, shape)
    set_pixel_format(dataset, signed=True)
    dataset.RadiopharmaceuticalInformationSequence = [_radiopharmaceutical(study)]
    position = _code(RECUMBENT)
    position.PatientOrientationModifierCodeSequence = [_code(PRONE)]
    dataset.PatientOrientationCodeSequence = [position]
    dataset.PatientGantryRelationshipCodeSequence = [_code(HEADFIRST)]
    return dataset


def _decay(dataset: Dataset, duration_s: float) -> None:
    """Times of the frame: its reference is the moment at which activity equals its mean over the frame."""
    loss = np.log(2.0) / HALF_LIFE_S
    reference_s = np.log(loss * duration_s / -np.expm1(-loss * duration_s)) / loss
    dataset.ActualFrameDuration = str(round(1000.0 * duration_s))
    dataset.FrameReferenceTime = ds(1000.0 * reference_s)
    dataset.DecayFactor = ds(np.exp(loss * reference_s))


def _radiopharmaceutical(study: Study) -> Dataset:
    from pydicom import Dataset

    protocol = study.preset.pet
    injected = study.start + timedelta(seconds=SERIES_AFTER_S - protocol.uptake_s)
    item = Dataset()
    item.Radiopharmaceutical = "Fluoromisonidazole"
    item.RadiopharmaceuticalCodeSequence = [_code(FLUOROMISONIDAZOLE)]
    item.RadionuclideCodeSequence = [_code(FLUORINE_18)]
    item.AdministrationRouteCodeSequence = [_code(INTRAVENOUS)]
    item.RadiopharmaceuticalRoute = "Intravenous route"
    item.RadiopharmaceuticalStartTime = tm(injected)
    item.RadiopharmaceuticalStartDateTime = da(injected) + tm(injected)
    item.RadionuclideTotalDose = ds(protocol.dose_Bq)
    item.RadionuclideHalfLife = ds(HALF_LIFE_S)
    item.RadionuclidePositronFraction = ds(POSITRON_FRACTION)
    return item


def _code(concept: tuple[str, str, str]) -> Dataset:
    from pydicom import Dataset

    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = concept
    return code
