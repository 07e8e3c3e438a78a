"""An image file of 16 x 16 pixels whose elements a test changes by keyword."""

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

ROW, COLUMN = np.mgrid[:16, :16]
STORED = (1000 + 37 * COLUMN + 11 * ROW + (COLUMN * ROW) % 7).astype(np.uint16)


def image(path, k=0, *, modality="MR", series="1.2.3", stored=STORED, **elements):
    """An image file, its elements changed by keyword (None removes one)."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", generate_uid()
    data.PatientID, data.StudyInstanceUID, data.SeriesInstanceUID = "P", "1.2", series
    data.Modality, data.SeriesNumber, data.InstanceNumber = modality, 3, k + 1
    data.ImageOrientationPatient, data.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [-5, -6, 3.0 * k]
    data.PixelSpacing, data.SliceThickness = [2.0, 1.5], 3.0
    data.Rows, data.Columns = stored.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8 * stored.dtype.itemsize
    data.HighBit, data.PixelRepresentation = data.BitsAllocated - 1, int(stored.dtype.kind == "i")
    data.RescaleSlope, data.RescaleIntercept = 1, 0
    data.add_new(0x7FE00010, "OW", stored.tobytes())
    for keyword, value in elements.items():
        if value is None:
            del data[keyword]
        else:
            setattr(data, keyword, value)
    return data


def write(path, *args, **elements):
    image(path, *args, **elements).save_as(path, enforce_file_format=True)
    return path
