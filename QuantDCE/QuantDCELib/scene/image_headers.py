"""What the DICOM database says of the images that a sequence or MultiVolume was loaded from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import slicer
from HER2ImmunoCommonLib.scene import finite_number, header_values, instance_uids, instances_in_hierarchy

if TYPE_CHECKING:
    from pydicom import Dataset

NUMBERS = ("RepetitionTime", "MagneticFieldStrength")
SAMPLED = 8
"""Images whose headers tell whether a series has one flip angle."""


def uids_of_node(node: slicer.vtkMRMLNode) -> tuple[str, ...]:
    """SOP instances of all frames, in no certain order; empty where they are not known.

    The importer leaves them on a MultiVolume, on the frames of a sequence and, where a scene file lost these, on the
    item of the volume that shows the sequence.
    """
    if node.IsA("vtkMRMLSequenceNode"):
        frames = uids_of_frames(node)
        shown = shown_volume(node)
        hidden = () if shown is None else instances_in_hierarchy(shown)
        return tuple(dict.fromkeys(uid for uids in frames for uid in uids)) or hidden or instance_uids(node)
    return instance_uids(node)


def uids_of_frames(node: slicer.vtkMRMLSequenceNode) -> list[tuple[str, ...]]:
    """SOP instances of each frame of a sequence; empty where one has none."""
    frames = [instance_uids(node.GetNthDataNode(n)) for n in range(node.GetNumberOfDataNodes())]
    return frames if all(frames) else []


def flip_angles_of(node: slicer.vtkMRMLNode) -> set[float]:
    """The flip angles of some of the images, in degrees, as the DICOM database has them."""
    frames = uids_of_frames(node) if node.IsA("vtkMRMLSequenceNode") else []
    uids = [frame[0] for frame in frames] or uids_of_node(node)
    step = max(1, (len(uids) - 1) // (SAMPLED - 1))
    return flip_angles_in_database(uids[::step])


def flip_angles_in_database(uids: Iterable[str]) -> set[float]:
    """The flip angles of these instances, in degrees."""
    return {value for uid in uids if (value := number_in_header(uid, "FlipAngle")) is not None}


def number_in_header(uid: str, keyword: str) -> float | None:
    """A number of an instance's header as the DICOM database has it, the first of several."""
    return finite_number(header_values(uid, [keyword]).get(keyword, "").split("\\")[0])


def number_of_images(node: slicer.vtkMRMLNode, keyword: str) -> float | None:
    """A number of the header of one of the images."""
    uids = uids_of_node(node)
    return number_in_header(uids[0], keyword) if uids else None


def header_of(node: slicer.vtkMRMLNode) -> Dataset | None:
    """TR and field strength of one of the images, as the DICOM database has them; None if it has neither."""
    from pydicom import Dataset

    header = Dataset()
    for keyword in NUMBERS:
        if (value := number_of_images(node, keyword)) is not None:
            setattr(header, keyword, f"{value:.10g}")
    return header if len(header) else None


def shown_volume(node: slicer.vtkMRMLSequenceNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The volume that shows the current frame of a sequence; None without a browser."""
    if node is None:
        return None
    browser = slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(node)
    return None if browser is None else browser.GetProxyNode(node)
