"""What a search for arteries needs, read from the nodes: the search itself touches none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.scene import segment_mask, to_world, volume_from_node

from ..analysis.candidates import Candidate, input_candidates
from ..analysis.settings import DceSettings
from ..analysis.tissue_t1 import b1_on_grid
from ..dicom.reading import DynamicImages
from .artery import is_accepted_chosen, search_segment
from .choices import settings_of
from .frames import time_axis_of
from .voxel_signal import frames_of, light_images

SEARCHED, SEARCHED_SEGMENT = "QuantDCE.Searched", "QuantDCE.SearchedSegment"
"""Reference role and attribute of candidates: where a person had narrowed the search down to."""


@dataclass(frozen=True, eq=False)
class Search:
    """Everything a search needs, apart from the scene.

    Attributes
    ----------
    images : DynamicImages
        Without signal.
    frames : list of ndarray, shape (k, j, i)
        Views of the frames of the series.
    place : (vtkMRMLSegmentationNode, str) or None
        The segment in which to look.
    where : ndarray of bool, shape (k, j, i), or None
    b1 : ndarray, shape (k, j, i), or None
    """

    images: DynamicImages
    settings: DceSettings
    frames: list[np.ndarray]
    ijk_to_ras: np.ndarray
    series_id: str
    place: tuple[slicer.vtkMRMLSegmentationNode, str] | None = None
    where: np.ndarray | None = None
    b1: np.ndarray | None = None

    def find(self, report: Report | None = None) -> list[Candidate]:
        """The candidates; touches no node."""
        array = np.empty((*self.frames[0].shape, len(self.frames)), np.float32)
        for k in range(len(array)):
            tell(report, 0.4 * k / len(array), "Reading the frames")
            array[k] = np.moveaxis(np.stack([frame[k] for frame in self.frames]), 0, -1)
        series = TimeSeries(array, self.ijk_to_ras, self.images.series.time_s)
        images = replace(self.images, series=series)
        return input_candidates(images, self.settings, search=self.where, b1=self.b1, report=part(report, 0.4, 1.0))


def reason_not_searched(parameters) -> str:
    """Why no candidates can be looked for, as a sentence; empty if they can."""
    if parameters.dynamic is None:
        return "Choose the dynamic series first: the artery is looked for in it."
    try:
        settings = settings_of(parameters)
    except InputError as error:
        return str(error)
    return "" if settings.needs_aif else "The chosen model has no arterial input."


def gather_search(parameters) -> Search:
    """Read what a search for arteries needs from the nodes that a QuantDCE parameter node refers to.

    Raises
    ------
    InputError
        For a choice that is missing or cannot be used.
    """
    if reason := reason_not_searched(parameters):
        raise InputError(reason)
    series = parameters.dynamic
    settings = settings_of(parameters)
    axis = time_axis_of(series, parameters.timesText, parameters.frameIntervalS)
    frames = frames_of(series)
    first = volume_from_node(series.GetNthDataNode(0))
    grid = Volume(first.array, to_world(series) @ first.ijk_to_ras)
    place = _place(parameters)
    where = None if place is None else segment_mask(*place, series)
    b1 = None
    if parameters.b1Map is not None:
        b1, _told = b1_on_grid(volume_from_node(parameters.b1Map), grid, np.ones(first.array.shape, bool))
    images = light_images(series, axis, np.empty((0, len(frames))))
    return Search(images, settings, frames, grid.ijk_to_ras, series.GetID(), place, where, b1)


def _place(parameters) -> tuple[slicer.vtkMRMLSegmentationNode, str] | None:
    """Where to look: as chosen now for the input `auto`, else as for the search before."""
    node = parameters.arteryCandidates
    if parameters.aif == "auto" and not is_accepted_chosen(parameters):
        return search_segment(parameters)
    place = None if node is None else node.GetNodeReference(SEARCHED)
    segment_id = "" if place is None else node.GetAttribute(SEARCHED_SEGMENT) or ""
    if not segment_id or place.GetSegmentation().GetSegment(segment_id) is None:
        return None
    return place, segment_id
