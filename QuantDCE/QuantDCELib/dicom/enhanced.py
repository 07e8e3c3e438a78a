"""Enhanced multi-frame MR: each frame as the header of a single-frame image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

if TYPE_CHECKING:
    from pydicom import Dataset

SHARED = (
    "SOPClassUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "PatientID",
    "Modality",
    "SeriesNumber",
    "SeriesDescription",
    "StudyDate",
    "SeriesDate",
    "SeriesTime",
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "ContentDate",
    "ContentTime",
    "MagneticFieldStrength",
    "Manufacturer",
    "ManufacturerModelName",
    "ImageType",
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "TemporalResolution",
)
OF_FRAME = {
    "PlanePositionSequence": {"ImagePositionPatient": "ImagePositionPatient"},
    "PlaneOrientationSequence": {"ImageOrientationPatient": "ImageOrientationPatient"},
    "PixelMeasuresSequence": {
        "PixelSpacing": "PixelSpacing",
        "SliceThickness": "SliceThickness",
        "SpacingBetweenSlices": "SpacingBetweenSlices",
    },
    "FrameContentSequence": {
        "FrameAcquisitionDateTime": "AcquisitionDateTime",
        "TemporalPositionIndex": "TemporalPositionIdentifier",
    },
    "TemporalPositionSequence": {"TemporalPositionTimeOffset": "TemporalPositionTimeOffset"},
    "CardiacSynchronizationSequence": {"NominalCardiacTriggerDelayTime": "TriggerTime"},
    "MRTimingAndRelatedParametersSequence": {"RepetitionTime": "RepetitionTime", "FlipAngle": "FlipAngle"},
    "PixelValueTransformationSequence": {
        "RescaleSlope": "RescaleSlope",
        "RescaleIntercept": "RescaleIntercept",
    },
    "MRImageFrameTypeSequence": {"FrameType": "ImageType"},
}
"""Functional group macro: its attributes and what a single-frame image calls them (PS3.3, C.7.6.16 and C.8.13)."""
LARGEST_N_FRAMES = 1_000_000


def is_multi_frame(header: Dataset) -> bool:
    """Whether one file holds several images."""
    return int(header.get("NumberOfFrames", 1) or 1) > 1


def split_frames(header: Dataset) -> list[Dataset]:
    """One header with its own pixels for each frame of a multi-frame image.

    Parameters
    ----------
    header : pydicom.Dataset
        With `.filename`; its pixels are read from there unless they are in it.

    Raises
    ------
    InputError
        If it has no functional groups, too few of them, or pixels that cannot be read.
    """
    name, groups = Path(header.filename).name, header.get("PerFrameFunctionalGroupsSequence")
    n = int(header.NumberOfFrames)
    if not groups or len(groups) != n:
        raise InputError(
            f"{name} has {n} frames but {len(groups or ())} functional groups to describe them; "
            "export it as enhanced MR or as single-frame DICOM."
        )
    import pydicom

    try:
        pixels = np.asarray((header if "PixelData" in header else pydicom.dcmread(header.filename)).pixel_array)
    except (AttributeError, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"The pixels of {name} could not be read ({error}); copy it again.") from error
    shared = next(iter(header.get("SharedFunctionalGroupsSequence") or ()), None)
    return [_frame(header, index, [shared, groups[index]], pixels[index]) for index in range(n)]


def _frame(header: Dataset, index: int, groups: list[Dataset | None], pixels: np.ndarray) -> Dataset:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    frame = Dataset()
    frame.file_meta = FileMetaDataset()
    frame.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword in SHARED:
        if keyword in header:
            setattr(frame, keyword, header[keyword].value)
    for group in groups:
        for sequence, names in OF_FRAME.items():
            item = next(iter(group.get(sequence) or ()), None) if group is not None else None
            for of_group, of_image in names.items():
                if item is not None and item.get(of_group) not in (None, ""):
                    setattr(frame, of_image, item[of_group].value)
    frame.InstanceNumber = LARGEST_N_FRAMES * int(header.get("InstanceNumber") or 0) % 2**31 + index + 1
    frame.PixelData = np.ascontiguousarray(pixels).tobytes()
    frame.filename = f"{header.filename} frame {index + 1}"
    return frame
