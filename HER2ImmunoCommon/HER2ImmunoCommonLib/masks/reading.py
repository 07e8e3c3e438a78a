"""Reading one region from a mask file: NRRD with segments, any other volume with labels, DICOM segmentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import InputError, Question, QuestionsError
from ..geometry import Volume, from_sitk, read_image
from . import seg_nrrd
from .choice import ENDING, Segment, choose, split_choice
from .dicom_seg import is_dicom, read_segmentation
from .labels import Labels, labels_of


@dataclass(frozen=True, eq=False)
class Mask:
    """One region of a file.

    Attributes
    ----------
    volume : Volume
        Of bool, on the grid of the file.
    name : str
        File and segment, as messages call it.
    has_place : bool
        Whether the file says where it lies.
    warnings : tuple of str
    """

    volume: Volume
    name: str
    has_place: bool = True
    warnings: tuple[str, ...] = ()


def read_mask(source: str | Path, region: str = "tumour", choice: str = "") -> Mask:
    """Read one label or segment.

    Parameters
    ----------
    source : str or Path
        A file, or `FILE:LABEL` or `FILE:NAME`; of a probability map `FILE:0.5`, its smallest probability.
    region : str
        What it is: tumour, artery, muscle, blood, reference.
    choice : str
        Label or name, where `source` names none.

    Raises
    ------
    InputError
        If the file cannot be read, is no mask, is empty, or has no such segment.
    QuestionsError
        If it holds several and none of them has the name of the region.
    """
    path, named = split_choice(source)
    choice = named or choice
    if is_dicom(path):
        found = read_segmentation(path)
        index, told = choose(found.segments, region, choice, path.name)
        volume, more = found.mask(index)
        return Mask(volume, _called(path, found.segments[index], choice), True, (*told, *more))
    image = read_image(path)
    header = seg_nrrd.read_header(path)
    layers = _layers(image, path, bool(header.segments))
    values = labels_of(layers, path.name)
    volume = from_sitk(_first_layer(image))
    if values.is_fraction:
        inside = _above(values.array[0], choice, region, path.name)
        return Mask(volume.like(inside), path.name, _has_place(image, header), values.warnings)
    segments, inside_of = _segments(values, header)
    index, told = choose(segments, region, choice, path.name)
    name = _called(path, segments[index], choice)
    return Mask(volume.like(inside_of(index)), name, _has_place(image, header), (*values.warnings, *told))


def _called(path: Path, segment: Segment, choice: str) -> str:
    return f"{path.name}:{segment.name or segment.label}" if choice or segment.name else path.name


def _layers(image: sitk.Image, path: Path, has_segments: bool) -> np.ndarray:
    """The values (layer, k, j, i) of a file.

    Raises
    ------
    InputError
        If it has fewer or more dimensions than a volume, or several values a voxel that are no layers.
    """
    dimension, n = image.GetDimension(), image.GetNumberOfComponentsPerPixel()
    if dimension != 3:
        raise InputError(
            f"{path.name} has {dimension} dimensions where a mask has 3; save the mask as one 3D volume on the grid of "
            "the images."
        )
    if n == 1:
        return sitk.GetArrayViewFromImage(image)[None]
    if not has_segments:
        raise InputError(
            f"{path.name} has {n} values a voxel, as a picture in colours has, and names no segments; save the mask as "
            "one label a voxel."
        )
    return np.moveaxis(sitk.GetArrayViewFromImage(image), -1, 0)


def _first_layer(image: sitk.Image) -> sitk.Image:
    return image if image.GetNumberOfComponentsPerPixel() == 1 else sitk.VectorIndexSelectionCast(image, 0)


def _segments(values: Labels, header: seg_nrrd.Header) -> tuple[list[Segment], Callable[[int], np.ndarray]]:
    """What the header names, and labels that it does not; and the voxels of each."""
    array, several = values.array, len(values.array) > 1
    places = [(entry.name, min(entry.layer, len(array) - 1), entry.label) for entry in header.segments]
    known = {(layer, label) for _, layer, label in places}
    for layer, plane in enumerate(array):
        labels = np.unique(plane).tolist() if several else values.voxels
        places += [("", layer, label) for label in labels if label and (layer, label) not in known]
    voxels = [int(np.count_nonzero(array[layer] == label)) if several else values.voxels.get(label, 0)
              for _, layer, label in places]  # fmt: skip
    segments = [Segment(name, label, n) for (name, _, label), n in zip(places, voxels, strict=True)]
    return segments, lambda index: array[places[index][1]] == places[index][2]


def _above(fractions: np.ndarray, choice: str, region: str, name: str) -> np.ndarray:
    """Where a probability map is at least as high as was chosen."""
    if not choice:
        text = (
            f"{name} holds fractions between 0 and 1, as a probability map does, instead of labels; from which on is a "
            f"voxel {region}? Name it after the file, for example {name}:0.5, or save the mask with labels."
        )
        raise QuestionsError([Question(f"{region}{ENDING}", text)])
    try:
        limit = float(choice)
    except ValueError:
        limit = 0.0
    if not 0 < limit < 1:
        raise InputError(
            f"{name} is a probability map, which has no segment {choice!r}; write {name}:0.5, for example."
        )
    if not (fractions >= limit).any():
        raise InputError(f"No voxel of {name} reaches {limit:g}; the highest is {fractions.max():.3g}.")
    return fractions >= limit


def _has_place(image: sitk.Image, header: seg_nrrd.Header) -> bool:
    """Whether a file says where it lies; readers put one that does not at the origin, with voxels of 1 mm."""
    if header.is_nrrd:
        return header.has_place
    keys = image.GetMetaDataKeys()
    if "qform_code" in keys and "sform_code" in keys:
        return any(image.GetMetaData(key).strip() not in ("0", "") for key in ("qform_code", "sform_code"))
    return True
