"""The image and masks of one visit: what anatomy there is to align it by."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.dicom import Series, examination_of, load_volume, one_study, scan, used_warnings, values
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import Volume, read_volume
from HER2ImmunoCommonLib.masks import Mask, place, read_mask
from HER2ImmunoCommonLib.progress import Report, part
from QuantDCELib import DynamicImages, detect_baseline, read_dynamic

from .options import BREAST, TUMOUR, VisitInputs

DICOM_ENDINGS = (".dcm", ".ima")
MODALITIES = ("MR", "CT", "PT")
"""Of which images are aligned, the best anatomy first."""
HEADERS = 0.3
"""Share of the progress that goes to headers; the rest goes to pixels."""


@dataclass(frozen=True, eq=False)
class VisitImage:
    """What is aligned of a visit.

    Attributes
    ----------
    volume : Volume
    tumour, breast : Volume or None
        Masks, each on the grid of its file.
    examination : Examination
        Empty where the file does not say.
    source : dict of str to object
        What was read, for the record.
    warnings : tuple of str
    """

    volume: Volume
    tumour: Volume | None = None
    breast: Volume | None = None
    examination: Examination = field(default_factory=Examination)
    source: dict[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_visit(inputs: VisitInputs, report: Report | None = None) -> VisitImage:
    """Read the image of a visit and the masks that are given.

    Raises
    ------
    InputError
        If a file is missing or none of images, or a mask is empty, has no place or lies outside the image.
    QuestionsError
        If several images or segments could be meant.
    """
    given = {region: getattr(inputs, region) for region in (TUMOUR, BREAST)}
    masks = {
        region: read_mask(path, region, inputs.segments.get(region, ""))
        for region, path in given.items()
        if path is not None
    }
    image = _image(inputs, masks.get(TUMOUR), report)
    told = [text for region, mask in masks.items() for text in place(mask, image.volume, region).warnings]
    found = {region: mask.volume for region, mask in masks.items()}
    source = image.source | {region: mask.name for region, mask in masks.items()}
    return VisitImage(
        image.volume, found.get(TUMOUR), found.get(BREAST), image.examination, source, (*image.warnings, *told)
    )


def _image(inputs: VisitInputs, tumour: Mask | None, report: Report | None) -> VisitImage:
    path = inputs.image
    if not (path.is_dir() or path.suffix.lower() in DICOM_ENDINGS):
        return VisitImage(read_volume(path), source={"file": path.name})
    found = scan(path, report=part(report, 0.0, HEADERS))
    chosen = _of_one_modality(inputs.choice.of_series(found, str(path)), path)
    report = part(report, HEADERS, 1.0)
    if len(chosen) == 1 and _is_one_volume(chosen[0]):
        volume = load_volume(chosen[0].headers, report=report)
        source = {"series": chosen[0].name, "uids": {"series": [chosen[0].uid]}}
        return VisitImage(volume, None, None, examination_of(chosen), source, tuple(used_warnings(chosen)))
    if chosen[0].modality != "MR":
        names = ", ".join(series.name for series in chosen)
        text = f"{path} holds {len(chosen)} series of {chosen[0].modality}: {names}; which is to be aligned?"
        raise QuestionsError([Question("series", text)])
    dynamic = read_dynamic(path, frame_interval_s=inputs.frame_interval_s, choice=inputs.choice, report=report)
    return _before_contrast(dynamic, tumour)


def _of_one_modality(found: list[Series], path: Path) -> list[Series]:
    """The series of the modality that shows most anatomy."""
    for modality in MODALITIES:
        if chosen := [series for series in found if series.modality == modality]:
            return one_study(chosen, str(path))
    there = ", ".join(dict.fromkeys(series.modality or "no modality" for series in found))
    raise InputError(f"{path} holds no MR, CT or PET series ({there}); name the folder of the anatomical images.")


def _is_one_volume(series: Series) -> bool:
    """Whether the series shows each place once, by files of one slice each."""
    if any((values.whole(header, "NumberOfFrames") or 1) > 1 for header in series.headers):
        return False
    places = [values.numbers(header, "ImagePositionPatient", 3) for header in series.headers]
    return len(set(places)) == len(places)


def _before_contrast(dynamic: DynamicImages, tumour: Mask | None) -> VisitImage:
    """The mean of the frames before contrast agent, in which no tumour enhances."""
    series = dynamic.series
    inside = np.ones(series.array.shape[:3], bool) if tumour is None else place(tumour, series, TUMOUR).inside
    told, which = list(dynamic.warnings), "before contrast agent"
    try:
        frames = detect_baseline(series.array[inside].mean(axis=0, dtype=np.float64), series.time_s)
    except InputError as error:
        frames, which = np.array([0]), "the first"
        told.append(f"Frames before contrast agent were not found, so the first frame was aligned: {error}")
    first, last = int(frames[0]), int(frames[-1])
    used = f"frame {first + 1}" if first == last else f"mean of frames {first + 1} to {last + 1}"
    volume = Volume(series.array[..., first : last + 1].mean(axis=-1, dtype=np.float32), series.ijk_to_ras)
    source = {"frames": f"{used}, {which}", "uids": dynamic.uids, **dynamic.about}
    return VisitImage(volume, None, None, dynamic.examination, source, tuple(told))
