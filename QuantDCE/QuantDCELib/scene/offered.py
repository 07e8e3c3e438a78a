"""The examinations that can be chosen: dynamic series of the scene, and images of the DICOM module that can be one."""

from __future__ import annotations

import slicer
from HER2ImmunoCommonLib.scene import Offered, offered_images

from .frame_kinds import fits_dynamic
from .imported import DYNAMIC, loaded_images


def dynamic_series(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLSequenceNode]:
    """Sequences that can be a dynamic series."""
    return [node for node in slicer.util.getNodesByClass("vtkMRMLSequenceNode", scene) if fits_dynamic(node)]


def offered_examinations(scene: slicer.vtkMRMLScene) -> list[Offered]:
    """Dynamic series in the order of their days, then images that the DICOM module has loaded."""
    taken = [Offered(images.key, images.title, images) for images in loaded_images(scene, DYNAMIC)]
    return [*offered_images(dynamic_series(scene)), *taken]
