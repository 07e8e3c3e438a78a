"""Writing the slices of a volume as DICOM files that differ in a few elements.

A dynamic series has thousands of files; encoding what they share once makes writing them several times as fast.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS

from .dicom_file import ds

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset

PREAMBLE = bytes(128) + b"DICM"


class SliceWriter:
    """Writes slices that share every element of `common` but those given with each.

    Parameters
    ----------
    common : pydicom.Dataset
        Elements of every slice, with grid and pixel format.
    ijk_to_ras : ndarray, shape (4, 4)
    """

    def __init__(self, common: Dataset, ijk_to_ras: np.ndarray):
        self.common = common
        self.encoded = encode(common)
        self.meta = encode(_file_meta(common.SOPClassUID))
        self.ijk_to_lps = LPS_FROM_RAS @ ijk_to_ras

    def write(self, path: Path, sop_instance_uid: str, k: int, pixels: np.ndarray, own: Dataset) -> None:
        """Write slice k with its 16-bit pixels (rows, columns) and the elements of its `own`."""
        self._place(own, k)
        own.SOPInstanceUID = sop_instance_uid
        kind = "<i2" if pixels.dtype.kind == "i" else "<u2"
        own.add_new("PixelData", "OW", np.ascontiguousarray(pixels, kind).tobytes())
        elements = self.encoded | encode(own)
        body = b"".join(elements[tag] for tag in sorted(elements))
        path.write_bytes(PREAMBLE + self._encoded_meta(sop_instance_uid) + body)

    def _encoded_meta(self, sop_instance_uid: str) -> bytes:
        from pydicom import Dataset

        own, length = Dataset(), Dataset()
        own.MediaStorageSOPInstanceUID = sop_instance_uid
        elements = self.meta | encode(own)
        body = b"".join(elements[tag] for tag in sorted(elements))
        length.FileMetaInformationGroupLength = len(body)
        return b"".join(encode(length).values()) + body

    def _place(self, own: Dataset, k: int) -> None:
        step = self.ijk_to_lps[:3, 2]
        position = self.ijk_to_lps[:3, 3] + k * step
        own.ImagePositionPatient = [ds(round(value, 9)) for value in position]
        own.SliceLocation = ds(round(float(position @ step / np.linalg.norm(step)), 6))


def encode(dataset: Dataset) -> dict[int, bytes]:
    """Each element in explicit VR little endian, by tag."""
    from pydicom.charset import convert_encodings
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_data_element

    encodings = convert_encodings("ISO_IR 192")
    encoded = {}
    for element in dataset:
        buffer = DicomBytesIO()
        buffer.is_little_endian, buffer.is_implicit_VR = True, False
        write_data_element(buffer, element, encodings)
        encoded[int(element.tag)] = buffer.getvalue()
    return encoded


def _file_meta(sop_class_uid: str) -> FileMetaDataset:
    """What the meta headers of all slices share."""
    from pydicom.dataset import FileMetaDataset, validate_file_meta
    from pydicom.uid import ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class_uid
    meta.MediaStorageSOPInstanceUID = "0"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    validate_file_meta(meta, enforce_standard=True)
    return meta
