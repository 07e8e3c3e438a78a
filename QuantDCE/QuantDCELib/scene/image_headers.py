"""What the DICOM database says of the images that a sequence or MultiVolume was loaded from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import slicer
from HER2ImmunoCommonLib.scene import finite_number, header_values, instance_uids, instances_of_frames

from ..dicom.header_values import SAME_VALUE

if TYPE_CHECKING:
    from pydicom import Dataset

NUMBERS = ("RepetitionTime", "MagneticFieldStrength")
SAMPLED = 8
"""Images whose headers tell whether a series has one flip angle."""


def flip_angles_of(node: slicer.vtkMRMLNode) -> list[float]:
    """The flip angles of some of the images, in degrees, as the DICOM database has them."""
    frames = instances_of_frames(node) if node.IsA("vtkMRMLSequenceNode") else []
    uids = [frame[0] for frame in frames] or instance_uids(node)
    step = max(1, (len(uids) - 1) // (SAMPLED - 1))
    return flip_angles_in_database(uids[::step])


def flip_angles_in_database(uids: Iterable[str]) -> list[float]:
    """The flip angles of these instances, in degrees; those that differ by rounding are one."""
    values = (number_in_header(uid, "FlipAngle") for uid in uids)
    found: list[float] = []
    for value in sorted(value for value in values if value is not None):
        if not found or value - found[-1] > SAME_VALUE * value:
            found.append(value)
    return found


def number_in_header(uid: str, keyword: str) -> float | None:
    """A number of an instance's header as the DICOM database has it, the first of several."""
    return finite_number(header_values(uid, [keyword]).get(keyword, "").split("\\")[0])


def number_of_images(node: slicer.vtkMRMLNode, keyword: str) -> float | None:
    """A number of the header of one of the images."""
    uids = instance_uids(node)
    return number_in_header(uids[0], keyword) if uids else None


def header_of(node: slicer.vtkMRMLNode) -> Dataset | None:
    """TR and field strength of one of the images, as the DICOM database has them; None if it has neither."""
    from pydicom import Dataset

    header = Dataset()
    for keyword in NUMBERS:
        if (value := number_of_images(node, keyword)) is not None:
            setattr(header, keyword, f"{value:.10g}")
    return header if len(header) else None
