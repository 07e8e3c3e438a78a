"""Small MR examinations as DICOM, for tests: images whose pixels tell which slice and frame they are."""

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

ROOT = "1.2.826.0.1.3680043.8.498.78"
N_SLICES, N_FRAMES, STEP_S, START_S = 3, 6, 10.0, 36000.0


def clock(seconds):
    """Seconds after midnight as TM."""
    seconds %= 86400
    return f"{int(seconds // 3600):02d}{int(seconds % 3600 // 60):02d}{seconds % 60:09.6f}"


def write_image(folder, k, t, *, series=3, study=1, value=None, **tags):
    """One slice of 4 x 5 pixels, all 100 k + t + 1 unless given; a tag that is None is left out."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = MRImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.PatientID, dataset.Modality = "P1", "MR"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{ROOT}.{study}", f"{ROOT}.{study}.{series}"
    dataset.StudyDate, dataset.SeriesNumber, dataset.InstanceNumber = "20240304", series, t * N_SLICES + k + 1
    dataset.SeriesDescription = "dyn"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    dataset.ScanningSequence, dataset.SequenceVariant = "GR", "SP"
    dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 2.5 * k]
    dataset.PixelSpacing, dataset.SliceThickness = [1, 2], 2.5
    dataset.RepetitionTime, dataset.EchoTime, dataset.FlipAngle, dataset.MagneticFieldStrength = 5, 1.8, 20, 3
    dataset.AcquisitionTime = dataset.ContentTime = clock(START_S + STEP_S * t)
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 4, 5, 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = np.full((4, 5), 100 * k + t + 1 if value is None else value, np.uint16).tobytes()
    block = None
    for name, tag in tags.items():
        if name.startswith("philips_"):
            block = block or dataset.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
            block.add_new(int(name[-2:], 16), "FL", tag)
        elif tag is None:
            delattr(dataset, name)
        else:
            setattr(dataset, name, tag)
    folder.mkdir(parents=True, exist_ok=True)
    dataset.save_as(folder / f"{dataset.SOPInstanceUID[-20:]}.dcm", enforce_file_format=True)


def write_frames(folder, frames=range(N_FRAMES), **tags):
    """A dynamic, or one phase of it; a tag may be a function of slice and frame."""
    for t in frames:
        for k in range(N_SLICES):
            write_image(folder, k, t, **{n: tag(k, t) if callable(tag) else tag for n, tag in tags.items()})
    return folder


def expected(frames=N_FRAMES):
    """Signal (k, t) of the first voxel of each slice."""
    return 100.0 * np.arange(N_SLICES)[:, None] + np.arange(frames) + 1


def item(**tags):
    """A sequence item."""
    dataset = Dataset()
    for name, value in tags.items():
        setattr(dataset, name, value)
    return dataset
