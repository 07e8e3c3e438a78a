"""Enhanced multi-frame MR: each frame as the header of a single-frame image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import stored_frames, values
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
    "ComplexImageComponent",
    "ScanningSequence",
    "SequenceName",
    "PulseSequenceName",
    "FrameOfReferenceUID",
    "ContrastBolusAgent",
    "AcquisitionDuration",
    "NumberOfTemporalPositions",
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
    "MRImageFrameTypeSequence": {"FrameType": "ImageType", "ComplexImageComponent": "ComplexImageComponent"},
    "MREchoSequence": {"EffectiveEchoTime": "EchoTime"},
    "MRModifierSequence": {"InversionTimes": "InversionTime"},
    "MRDiffusionSequence": {"DiffusionBValue": "DiffusionBValue"},
}
"""Functional group macro: its attributes and what a single-frame image calls them (PS3.3, C.7.6.16 and C.8.13)."""
LARGEST_N_FRAMES = 1_000_000
PHILIPS = "Philips MR Imaging DD 001"
PHILIPS_FRAME = values.Private(PHILIPS, 0x2005, 0x0F)
PHILIPS_SCALES = tuple(values.Private(PHILIPS, 0x2005, element) for element in (0x0D, 0x0E))
"""Where a Philips enhanced image keeps the scale intercept and slope of a frame: in the item of (2005,140F)."""


def is_multi_frame(header: Dataset) -> bool:
    """Whether one file holds several images."""
    return (values.whole(header, "NumberOfFrames") or 1) > 1


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
    name, groups = Path(header.filename).name, values.items(header, "PerFrameFunctionalGroupsSequence")
    n = values.whole(header, "NumberOfFrames")
    if len(groups) != n:
        raise InputError(
            f"{name} has {n} frames but {len(groups)} functional groups to describe them; "
            "export it as enhanced MR or as single-frame DICOM."
        )
    pixels = stored_frames(header)
    if pixels.dtype.kind == "f":
        raise InputError(f"{name} has pixels in floating point, which is not supported; export it as whole numbers.")
    pixels = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    shared = next(iter(values.items(header, "SharedFunctionalGroupsSequence")), None)
    return [
        _frame(header, index, [g for g in (shared, group) if g is not None], pixels[index])
        for index, group in enumerate(groups)
    ]


def _frame(header: Dataset, index: int, groups: list[Dataset], pixels: np.ndarray) -> Dataset:
    from pydicom import DataElement, Dataset
    from pydicom.datadict import tag_for_keyword
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    frame = Dataset()
    frame.file_meta = FileMetaDataset()
    frame.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword in SHARED:
        if keyword in header:
            frame[keyword] = header[keyword]
    for group in groups:
        for sequence, names in OF_FRAME.items():
            item = next(iter(values.items(group, sequence)), None)
            for of_group, of_image in names.items():
                if item is not None and values.has(item, of_group):
                    tag, found = tag_for_keyword(of_image), item[of_group]
                    frame[tag] = DataElement(tag, found.VR, found.value, already_converted=True)
        if values.has(group, "RealWorldValueMappingSequence"):
            frame.RealWorldValueMappingSequence = values.items(group, "RealWorldValueMappingSequence")
        _copy_philips_scale(group, frame)
    if codes := _scanning_sequence([header, *groups]):
        frame.ScanningSequence = codes
    frame.InstanceNumber = LARGEST_N_FRAMES * (values.whole(header, "InstanceNumber") or 0) % 2**31 + index + 1
    frame.PixelData = np.ascontiguousarray(pixels).tobytes()
    frame.filename = f"{header.filename} frame {index + 1}"
    return frame


def _scanning_sequence(groups: list[Dataset]) -> list[str]:
    """What ScanningSequence of a single-frame image would say."""
    codes = {"SPIN": ["SE"], "GRADIENT": ["GR"], "BOTH": ["SE", "GR"]}
    found: list[str] = []
    for group in groups:
        for item in values.items(group, "MRModifierSequence"):
            found += ["IR"] if values.text(item, "InversionRecovery") == "YES" else []
        found += ["EP"] if values.text(group, "EchoPlanarPulseSequence") == "YES" else []
        found += codes.get(values.text(group, "EchoPulseSequence"), [])
    return list(dict.fromkeys(found))


def _copy_philips_scale(group: Dataset, frame: Dataset) -> None:
    for item in values.items(group, PHILIPS_FRAME):
        for scale in PHILIPS_SCALES:
            tag = values.private_tag(item, scale)
            if tag is not None:
                block = frame.private_block(scale.group, PHILIPS, create=True)
                block.add_new(scale.element, item[tag].VR, item[tag].value)
