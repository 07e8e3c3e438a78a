"""The image of the body that a PET was corrected for attenuation by: CT, or an MR of the PET's own examination."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.dicom import examination_of, load_volume, one_study, order_slices, scan
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.progress import Report, part

MODALITIES = ("CT", "MR")
AIR_HU, DENSE_HU = -1000.0, 1000.0
"""Beyond them a CT shows nothing that an MR could be matched to."""
HEADERS = 0.4
"""Share of the progress that goes to headers; the rest goes to pixels."""


@dataclass(frozen=True, eq=False)
class Attenuation:
    """The anatomical image of a PET.

    Attributes
    ----------
    image : Volume
        Of a CT, Hounsfield units above air.
    modality : {"CT", "MR"}
    frame_of_reference_uid : str
        Empty where the headers do not say.
    """

    image: Volume
    modality: str
    frame_of_reference_uid: str


def read_attenuation(folder: Path, report: Report | None = None) -> Attenuation:
    """Read the one CT or MR series of a folder.

    Raises
    ------
    InputError
        If there is none or several, a slice is missing, or a file cannot be read.
    """
    found = [series for series in scan(folder, report=part(report, 0.0, HEADERS)) if series.modality in MODALITIES]
    if not found:
        raise InputError(f"{folder} holds no CT or MR series; name the folder of the PET's attenuation image.")
    one_study(found, str(folder))
    if len(found) > 1:
        names = ", ".join(series.name for series in found)
        raise InputError(
            f"{folder} holds {len(found)} series ({names}); keep the attenuation image in a folder of its own."
        )
    headers, _ = order_slices(found[0].headers)
    image = load_volume(headers, report=part(report, HEADERS, 1.0))
    if found[0].modality == "CT":
        image = image.like(np.clip(image.array, AIR_HU, DENSE_HU) - AIR_HU)
    return Attenuation(image, found[0].modality, examination_of(found).frame_of_reference_uid)
