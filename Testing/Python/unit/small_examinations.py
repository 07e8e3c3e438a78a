"""The smallest examinations that are measured: a dynamic MR and a PET of a few voxels, as DICOM files."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def write_examinations(folder: Path) -> None:
    """3 frames of 2 slices of MR, 3 slices of PET."""
    for t in range(3):
        for k in range(2):
            write_image(folder / "mr" / f"{t}_{k}", "MR", k, 2 * t + k, 100 + 50 * t, f"0900{2 * t:02d}")
    for k in range(3):
        write_image(folder / "pet" / f"{k}.dcm", "PT", k, k, 1000, "120000")


def write_image(path: Path, modality: str, k: int, number: int, value: int, acquired: str) -> None:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    path.parent.mkdir(parents=True, exist_ok=True)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID = f"1.2.840.10008.5.1.4.1.1.{'4' if modality == 'MR' else '128'}"
    data.SOPInstanceUID, data.StudyInstanceUID, data.SeriesInstanceUID = f"1.2.3.{number + 1}", "1.2", "1.2.3"
    data.SpecificCharacterSet, data.PatientID, data.PatientName = "ISO_IR 100", "P", "P^Q"
    data.Modality, data.SeriesNumber, data.InstanceNumber, data.SeriesDescription = modality, 3, number + 1, "t1"
    data.ImageType, data.Manufacturer, data.FrameOfReferenceUID = ["ORIGINAL", "PRIMARY", "M"], "TRIAL", "1.9"
    data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = "20240304"
    data.SeriesTime, data.AcquisitionTime, data.ContentTime = "090000", acquired, acquired
    data.ImageOrientationPatient, data.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [-5, -6, 3.0 * k]
    data.PixelSpacing, data.SliceThickness, data.SpacingBetweenSlices = [2.0, 1.5], 3.0, 3.0
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = 4, 5, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    data.RescaleSlope, data.RescaleIntercept, data.NumberOfFrames = 1, 0, 1
    data.add_new(0x7FE00010, "OW", np.full((4, 5), value, np.uint16).tobytes())
    data.update(of_mr() if modality == "MR" else of_pet(k))
    data.save_as(path, enforce_file_format=True)


def of_mr():
    from pydicom import Dataset

    data = Dataset()
    data.RepetitionTime, data.EchoTime, data.FlipAngle, data.MagneticFieldStrength = 5, 1.8, 20, 1.5
    data.MRAcquisitionType, data.TemporalResolution = "3D", 2000
    data.add_new(0x20050010, "LO", "Philips MR Imaging DD 001")
    data.add_new(0x2005100E, "FL", 1.0)
    return data


def of_pet(k: int):
    from pydicom import Dataset

    data, entry, code = Dataset(), Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "C-111A1", "SRT", "^18^Fluorine"
    entry.RadionuclideCodeSequence, entry.Radiopharmaceutical = [code], "FMISO"
    entry.RadiopharmaceuticalStartTime, entry.RadiopharmaceuticalStartDateTime = "100000", "20240304100000"
    entry.RadionuclideTotalDose, entry.RadionuclideHalfLife = 370e6, 6586.2
    data.RadiopharmaceuticalInformationSequence = [entry]
    data.SeriesType, data.Units, data.DecayCorrection = ["STATIC", "IMAGE"], "BQML", "START"
    data.CorrectedImage, data.SeriesTime = ["ATTN", "DECY"], "120000"
    data.PatientWeight, data.PatientSize, data.PatientSex = 70, 1.7, "F"
    data.ActualFrameDuration, data.FrameReferenceTime, data.DecayFactor = 600000, 298000, 1.03
    data.NumberOfSlices, data.ImageIndex, data.TimezoneOffsetFromUTC = 3, k + 1, "+0100"
    return data
