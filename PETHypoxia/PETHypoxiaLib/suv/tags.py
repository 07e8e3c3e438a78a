"""Values of DICOM headers as text, without the parsing that fails or warns on the values scanners really write."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from HER2ImmunoCommonLib.dicom import values

if TYPE_CHECKING:
    from pydicom import Dataset


@dataclass(frozen=True)
class Tag:
    """A DICOM attribute; `creator` names the private block it belongs to."""

    keyword: str
    group: int
    element: int
    creator: str = ""

    def __str__(self) -> str:
        return f"{self.keyword} ({self.group:04X},{self.element:04X})"


PHILIPS = "Philips PET Private Group"
GE = "GEMS_PETD_01"
SIEMENS = "SIEMENS MED PT"

SERIES_TAGS = {
    "patient_id": Tag("PatientID", 0x0010, 0x0020),
    "sex": Tag("PatientSex", 0x0010, 0x0040),
    "height": Tag("PatientSize", 0x0010, 0x1020),
    "weight": Tag("PatientWeight", 0x0010, 0x1030),
    "corrections": Tag("CorrectedImage", 0x0028, 0x0051),
    "units": Tag("Units", 0x0054, 0x1001),
    "suv_type": Tag("SUVType", 0x0054, 0x1006),
    "decay_correction": Tag("DecayCorrection", 0x0054, 0x1102),
    "series_date": Tag("SeriesDate", 0x0008, 0x0021),
    "series_time": Tag("SeriesTime", 0x0008, 0x0031),
    "zone": Tag("TimezoneOffsetFromUTC", 0x0008, 0x0201),
    "decay_correction_datetime": Tag("DecayCorrectionDateTime", 0x0018, 0x9701),
    "philips_suv_factor": Tag("SUV Scale Factor", 0x7053, 0x1000, PHILIPS),
    "philips_activity_factor": Tag("Activity Concentration Scale Factor", 0x7053, 0x1009, PHILIPS),
    "ge_scan": Tag("GE scan datetime", 0x0009, 0x100D, GE),
    "ge_administered": Tag("GE administration datetime", 0x0009, 0x103B, GE),
    "siemens_reference": Tag("Siemens decay correction datetime", 0x0071, 0x1022, SIEMENS),
}
"""Attributes that must be the same in every slice of a series."""

SLICE_TAGS = {
    "uid": Tag("SOPInstanceUID", 0x0008, 0x0018),
    "acquisition_date": Tag("AcquisitionDate", 0x0008, 0x0022),
    "acquisition_time": Tag("AcquisitionTime", 0x0008, 0x0032),
    "acquisition_datetime": Tag("AcquisitionDateTime", 0x0008, 0x002A),
    "duration": Tag("ActualFrameDuration", 0x0018, 0x1242),
    "frame_reference": Tag("FrameReferenceTime", 0x0054, 0x1300),
    "decay_factor": Tag("DecayFactor", 0x0054, 0x1321),
    "slope": Tag("RescaleSlope", 0x0028, 0x1053),
    "thickness": Tag("SliceThickness", 0x0018, 0x0050),
    "intercept": Tag("RescaleIntercept", 0x0028, 0x1052),
    "position": Tag("ImagePositionPatient", 0x0020, 0x0032),
    "orientation": Tag("ImageOrientationPatient", 0x0020, 0x0037),
}

LONGEST = 200
"""Characters of a value; no attribute here has more, and messages quote them."""
INJECTION_SEQUENCE = Tag("RadiopharmaceuticalInformationSequence", 0x0054, 0x0016)
INJECTION_TAGS = {
    "tracer": Tag("Radiopharmaceutical", 0x0018, 0x0031),
    "start_time": Tag("RadiopharmaceuticalStartTime", 0x0018, 0x1072),
    "dose": Tag("RadionuclideTotalDose", 0x0018, 0x1074),
    "half_life": Tag("RadionuclideHalfLife", 0x0018, 0x1075),
    "start_datetime": Tag("RadiopharmaceuticalStartDateTime", 0x0018, 0x1078),
}
INJECTION_CODES = {
    "nuclide": Tag("RadionuclideCodeSequence", 0x0054, 0x0300),
    "tracer_code": Tag("RadiopharmaceuticalCodeSequence", 0x0054, 0x0304),
}
CODE_VALUE = Tag("CodeValue", 0x0008, 0x0100)
CODE_MEANING = Tag("CodeMeaning", 0x0008, 0x0104)


def text(dataset: Dataset, tag: Tag) -> str:
    """The value of a text attribute, several values joined by backslashes; empty where it is absent."""
    return _plain(dataset, tag.group, tag.element)


def texts(dataset: Dataset, table: Mapping[str, Tag]) -> dict[str, str]:
    """The values of a table of attributes, private ones by their creator."""
    creators = private_creators(dataset) if any(tag.creator for tag in table.values()) else {}
    return {
        name: private_text(dataset, tag, creators) if tag.creator else text(dataset, tag) for name, tag in table.items()
    }


def private_creators(dataset: Dataset) -> dict[int, dict[str, int]]:
    """Block number of each private creator, by group."""
    found: dict[int, dict[str, int]] = {}
    for key in dataset.keys():  # noqa: SIM118 - iterating the dataset itself would parse every value
        if key.group & 1 and 0x10 <= key.element <= 0xFF:
            found.setdefault(key.group, {})[_plain(dataset, key.group, key.element)] = key.element
    return found


def private_text(dataset: Dataset, tag: Tag, creators: Mapping[int, Mapping[str, int]]) -> str:
    """The value of a private attribute; from its usual place where the group has lost all its creators."""
    blocks = creators.get(tag.group, {})
    if tag.creator in blocks:
        return _plain(dataset, tag.group, blocks[tag.creator] << 8 | tag.element & 0xFF)
    return "" if blocks else _plain(dataset, tag.group, tag.element)


def _plain(dataset: Dataset, group: int, element: int) -> str:
    return values.shown(values.text(dataset, (group, element)), LONGEST)


def items(dataset: Dataset, tag: Tag) -> list[Dataset]:
    """The items of a sequence; none where it is absent."""
    return values.items(dataset, (tag.group, tag.element))


def number(value: str) -> float | None:
    """The number of a text value; None where there is none, it is not finite, or there are several that differ."""
    try:
        found = {float(one) for one in value.split("\\") if "_" not in one}
    except ValueError:
        return None
    return found.pop() if len(found) == 1 and all(map(math.isfinite, found)) else None
