"""Masks of a tumour and a vessel as files of the programs that write them."""

import numpy as np
import SimpleITK as sitk
from HER2ImmunoCommonLib.geometry import from_sitk
from HER2ImmunoCommonLib.masks import place
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

SHAPE, SPACING, ORIGIN = (4, 8, 10), (2.0, 1.5, 3.0), (-12.5, 40.25, 6.0)
"""k, j, i; mm along i, j, k; LPS."""


def box(k, j, i):
    mask = np.zeros(SHAPE, np.uint8)
    mask[slice(*k), slice(*j), slice(*i)] = 1
    return mask


TUMOUR, VESSEL = box((0, 4), (2, 6), (5, 9)), box((1, 3), (1, 3), (0, 3))
LABELS = TUMOUR + 2 * VESSEL


def image(array):
    found = sitk.GetImageFromArray(array)
    found.SetSpacing(SPACING)
    found.SetOrigin(ORIGIN)
    return found


GRID = from_sitk(image(np.zeros(SHAPE, np.float32)))


def saved(array, path):
    sitk.WriteImage(image(array), str(path))
    return path


def nrrd(path, array, segments=(), *, space=True, origin=ORIGIN):
    """A file as 3D Slicer writes it: (name, label, layer) of each segment; layers are the first axis of `array`."""
    n = len(array) if array.ndim == 4 else 0
    i, j, k = SPACING
    lines = ["NRRD0005", "# a comment", "type: unsigned char", f"dimension: {array.ndim}"]
    if space:
        lines += ["space: left-posterior-superior"]
        lines += [f"space directions: {'none ' if n else ''}({i},0,0) (0,{j},0) (0,0,{k})"]
        lines += [f"space origin: ({origin[0]},{origin[1]},{origin[2]})"]
    sizes = array.shape[::-1] if not n else (n, *array.shape[:0:-1])
    lines += [f"sizes: {' '.join(map(str, sizes))}", f"kinds: {'list ' if n else ''}domain domain domain"]
    lines += ["encoding: raw"]
    for number, (name, label, layer) in enumerate(segments):
        lines += [f"Segment{number}_ID:=Segment_{number}", f"Segment{number}_Name:={name}"]
        lines += [f"Segment{number}_Extent:=0 9 0 7 0 3"]
        if label is not None:
            lines += [f"Segment{number}_LabelValue:={label}", f"Segment{number}_Layer:={layer}"]
    data = np.moveaxis(array, 0, -1) if n else array
    path.write_bytes(("\n".join(lines) + "\n\n").encode() + np.ascontiguousarray(data).tobytes())
    return path


def inside(mask):
    return place(mask, GRID, "tumour").inside


def group(**values):
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def segmentation(path, segments, *, kind="BINARY", step=True, order=1, value=1):
    """A DICOM SEG of masks by name, its empty planes left out, with the frames in order or backwards."""
    planes = [(n, k, mask[k]) for n, (_, mask) in enumerate(segments, 1) for k in range(SHAPE[0]) if mask[k].any()]
    planes = planes[::order]
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = generate_uid()
    header.StudyInstanceUID, header.SeriesInstanceUID, header.Modality = generate_uid(), generate_uid(), "SEG"
    header.SegmentSequence = [group(SegmentNumber=n, SegmentLabel=name) for n, (name, _) in enumerate(segments, 1)]
    measures = group(PixelSpacing=[SPACING[1], SPACING[0]], SliceThickness=SPACING[2])
    if step:
        measures.SpacingBetweenSlices = SPACING[2]
    turned = group(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    header.SharedFunctionalGroupsSequence = [group(PixelMeasuresSequence=[measures], PlaneOrientationSequence=[turned])]
    header.PerFrameFunctionalGroupsSequence = [
        group(
            SegmentIdentificationSequence=[group(ReferencedSegmentNumber=n)],
            PlanePositionSequence=[group(ImagePositionPatient=[*ORIGIN[:2], ORIGIN[2] + k * SPACING[2]])],
        )
        for n, k, _ in planes
    ]
    header.SegmentationType, header.NumberOfFrames = kind, len(planes)
    header.Rows, header.Columns, header.SamplesPerPixel = *SHAPE[1:], 1
    header.PhotometricInterpretation, header.PixelRepresentation = "MONOCHROME2", 0
    pixels = np.stack([plane for *_, plane in planes])
    bits = 1 if kind == "BINARY" else 8
    header.BitsAllocated = header.BitsStored = bits
    header.HighBit = bits - 1
    if kind == "FRACTIONAL":
        header.SegmentationFractionalType, header.MaximumFractionalValue = "PROBABILITY", 200
        pixels = (pixels * value).astype(np.uint8)
    data = np.packbits(pixels.ravel(), bitorder="little").tobytes() if bits == 1 else pixels.tobytes()
    header.PixelData = data + b"\0" * (len(data) % 2)
    header["PixelData"].VR = "OB"
    header.save_as(path, enforce_file_format=True)
    return path
