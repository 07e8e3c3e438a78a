"""Which DICOM images are PET slices that an SUV can be made of, and why the others are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from HER2ImmunoCommonLib.dicom import values

from . import tags

if TYPE_CHECKING:
    from pydicom import Dataset

SOP_CLASS = tags.Tag("SOPClassUID", 0x0008, 0x0016)
IMAGE_TYPE = tags.Tag("ImageType", 0x0008, 0x0008)
SERIES_TYPE = tags.Tag("SeriesType", 0x0054, 0x1000)
PHOTOMETRIC = tags.Tag("PhotometricInterpretation", 0x0028, 0x0004)
N_TIMES = tags.Tag("NumberOfTimeSlices", 0x0054, 0x0101)
N_GATES = tags.Tag("NumberOfTimeSlots", 0x0054, 0x0071)
N_FRAMES = tags.Tag("NumberOfFrames", 0x0028, 0x0008)
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ENHANCED = {
    "1.2.840.10008.5.1.4.1.1.130": "enhanced PET",
    "1.2.840.10008.5.1.4.1.1.128.1": "legacy converted enhanced PET",
}
PROJECTIONS = {"MIP", "MAXIMUM", "PROJECTION", "PROJECTION IMAGE", "REPROJECTION"}
SCREENS = {"SCREEN SAVE", "SCREENSAVE", "SCREENSHOT"}


def refusal(dataset: Dataset) -> str | None:
    """Why no SUV can be made of an image, naming the attribute; None where nothing speaks against it."""
    sop_class = tags.text(dataset, SOP_CLASS)
    if sop_class in ENHANCED:
        return f"it is {ENHANCED[sop_class]} by {SOP_CLASS}, which is not supported; export it as single-frame PET"
    if sop_class == SECONDARY_CAPTURE or sop_class.startswith(SECONDARY_CAPTURE + "."):
        return f"it is a secondary capture by {SOP_CLASS}"
    photometric = tags.text(dataset, PHOTOMETRIC)
    if photometric and not photometric.startswith("MONOCHROME"):
        return f"it is a colour picture by {PHOTOMETRIC} {photometric}"
    if (tags.number(tags.text(dataset, N_FRAMES)) or 1) > 1:
        return f"it is multi-frame by {N_FRAMES}, which is not supported; export it as single-frame PET"
    for tag in (IMAGE_TYPE, SERIES_TYPE):
        words = {word.strip().upper() for word in tags.text(dataset, tag).split("\\")}
        if words & PROJECTIONS:
            return f"it is a projection (MIP) by {tag}"
        if words & SCREENS:
            return f"it is a picture of a screen by {tag}"
    moving = _of_several_times(dataset)
    if moving:
        return f"{moving}, which is not supported; export one static image, 90 to 240 min after injection"
    corrections = tags.text(dataset, tags.SERIES_TAGS["corrections"])
    if "ATTN" not in corrections.upper().split("\\"):
        return (
            f"it is not corrected for attenuation (NAC) by {tags.SERIES_TAGS['corrections']} "
            f"{corrections or '(empty)'}; choose the corrected series"
        )
    return None


def _of_several_times(dataset: Dataset) -> str | None:
    """What makes a series one of several times; None for a single static image.

    SeriesType goes before the counts: GE writes NumberOfTimeSlices 6 into a static series of six bed positions.
    """
    kind = tags.text(dataset, SERIES_TYPE).upper().split("\\")[0].strip()
    for word, counted, name in (("DYNAMIC", N_TIMES, "dynamic"), ("GATED", N_GATES, "gated")):
        n = values.whole(dataset, (counted.group, counted.element))
        if kind == word and n != 1:
            return f"it is {name} PET by {SERIES_TYPE}"
        if not kind and (n or 0) > 1:
            return f"it is {name} PET by {counted} {n}"
    return None


def derivation(dataset: Dataset) -> str | None:
    """Why the values of an image may not be those that were reconstructed, naming the attribute; else None."""
    words = [word.strip().upper() for word in tags.text(dataset, IMAGE_TYPE).split("\\")]
    return f"it is derived from other images by {IMAGE_TYPE} {'/'.join(words)}" if words[0] == "DERIVED" else None
