"""A small FMISO-PET series of known uptake, for the module's self test in the application."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import slicer
from HER2ImmunoCommonLib.scene import add_segment

WEIGHT_KG, DOSE_BQ, HALF_LIFE_S, UPTAKE_S = 70.0, 2.6e8, 6586.2, 7200.0
SPACING_MM = 4.0
SHAPE = (12, 16, 16)
MUSCLE, HIGH, LOW, ELSEWHERE = 1.0, 1.6, 0.9, 0.5
STORED_PER_SUV = 10000
PET_STORAGE = "1.2.840.10008.5.1.4.1.1.128"
ROOT_UID = "2.25.295100451277361"


@dataclass(frozen=True, eq=False)
class Truth:
    """Regions (k, j, i) and what is to be found in them."""

    tumour: np.ndarray
    muscle: np.ndarray
    suv_max: float = HIGH
    hypoxic_fraction: float = 0.5

    def segmentation(self, scene, volume) -> slicer.vtkMRMLSegmentationNode:
        """The regions as the segments "tumour" and "muscle"."""
        node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
        for name in ("tumour", "muscle"):
            add_segment(node, getattr(self, name), name, volume)
        return node


def write_series(folder: str | Path) -> Truth:
    """Write the DICOM files of the series into a folder."""
    tumour, muscle = np.zeros((2, *SHAPE), bool)
    tumour[3:9, 4:12, 2:8] = True
    muscle[3:9, 4:12, 10:15] = True
    suv = np.full(SHAPE, ELSEWHERE)
    suv[muscle] = MUSCLE
    suv[3:6, 4:12, 2:8], suv[6:9, 4:12, 2:8] = HIGH, LOW
    for k, image in enumerate(suv):
        _slice(image, k).save_as(Path(folder) / f"{k:03d}.dcm", enforce_file_format=True)
    return Truth(tumour, muscle)


def _slice(suv: np.ndarray, k: int):
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = PET_STORAGE
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"{ROOT_UID}.3.{k + 1}"
    for keyword, value in _header(k).items():
        setattr(dataset, keyword, value)
    dataset.RadiopharmaceuticalInformationSequence = [_injection(Dataset())]
    dataset.Rows, dataset.Columns = suv.shape
    left_Bq = DOSE_BQ * 2.0 ** (-UPTAKE_S / HALF_LIFE_S)
    dataset.RescaleSlope = f"{left_Bq / (1000.0 * WEIGHT_KG) / STORED_PER_SUV:.10g}"
    dataset.PixelData = np.rint(suv * STORED_PER_SUV).astype("<u2").tobytes()
    return dataset


def _header(k: int) -> dict[str, object]:
    return {
        "Modality": "PT",
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "PatientID": "SELFTEST",
        "PatientWeight": WEIGHT_KG,
        "StudyInstanceUID": f"{ROOT_UID}.1",
        "SeriesInstanceUID": f"{ROOT_UID}.2",
        "SeriesNumber": 1,
        "SeriesDescription": "FMISO self test",
        "InstanceNumber": k + 1,
        "SeriesDate": "20240110",
        "SeriesTime": "120000",
        "AcquisitionDate": "20240110",
        "AcquisitionTime": "120000",
        "Units": "BQML",
        "DecayCorrection": "START",
        "CorrectedImage": ["DECY", "ATTN"],
        "PixelSpacing": [SPACING_MM, SPACING_MM],
        "SliceThickness": SPACING_MM,
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "ImagePositionPatient": [0.0, 0.0, SPACING_MM * k],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "RescaleIntercept": 0,
    }


def _injection(item):
    item.Radiopharmaceutical = "FMISO"
    item.RadiopharmaceuticalStartTime = "100000"
    item.RadionuclideTotalDose = DOSE_BQ
    item.RadionuclideHalfLife = HALF_LIFE_S
    return item
