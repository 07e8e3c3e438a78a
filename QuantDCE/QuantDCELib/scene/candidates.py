"""Candidates of the automatic search for the artery, as segments that a person accepts or rejects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import (
    all_or_nothing,
    centre_slices,
    remove_from_folders,
    reveal,
    segment_centre,
    segment_mask,
    show_images,
    slice_views,
)

from ..analysis.candidates import Candidate, candidate_name
from ..analysis.input_preview import preview_input
from .artery import (
    ACCEPTED,
    ACCEPTED_SEGMENT,
    accepted_segment,
    add_mask,
    is_accepted_chosen,
    keep_accepted,
    new_segmentation,
)
from .artery_search import SEARCHED, SEARCHED_SEGMENT, Search
from .choices import settings_of
from .frames import time_axis_of
from .series_nodes import browser_of, shown_volume
from .time_frames import show_frame
from .voxel_signal import light_images

CANDIDATES_NAME = "Artery candidates"
DESCRIBED = "QuantDCE.Candidates"
"""Attribute that marks candidates: for each segment what its row says beside its name."""
REJECTED = "QuantDCE.Rejected"
"""Attribute with the rejected ones, for when another series was looked at meanwhile."""
SERIES = "QuantDCE.Series"
"""Reference role: the series they were found in."""
COLOURS = (
    (0.90, 0.25, 0.20),
    (0.20, 0.60, 0.95),
    (0.95, 0.75, 0.10),
    (0.35, 0.80, 0.35),
    (0.85, 0.45, 0.85),
    (0.30, 0.85, 0.85),
)
OUTLINE = 2


@dataclass(frozen=True)
class CandidateRow:
    """What a person sees of a candidate.

    Attributes
    ----------
    segment_id, text : str
    colour : tuple of float
        Red, green and blue, 0 to 1.
    accepted : bool
    doubt : str
        Why it may be no artery; empty if nothing speaks against it.
    """

    segment_id: str
    text: str
    colour: tuple[float, float, float]
    accepted: bool
    doubt: str

    @property
    def rgb(self) -> tuple[int, ...]:
        """The colour, 0 to 255 each."""
        return tuple(round(255 * part) for part in self.colour)


def publish_candidates(scene: slicer.vtkMRMLScene, parameters, search: Search, found: Sequence[Candidate]) -> str:
    """Make the candidates segments of one node in place of those before, and accept the best that gives an input.

    Parameters
    ----------
    scene : vtkMRMLScene
    parameters : QuantDCEParameterNode
        Refers to the candidates and to the artery accepted afterwards; its input is then `roi`.
    search : Search
    found : sequence of Candidate

    Returns
    -------
    str
        What was found, as a sentence.

    Raises
    ------
    InputError
        If the series is another by now.
    """
    if parameters.dynamic is None or parameters.dynamic.GetID() != search.series_id:
        raise InputError("Another series was chosen while the artery was looked for; look for it again.")
    before = parameters.arteryCandidates
    if before is not None and before.GetNodeReference(SERIES) is not parameters.dynamic:
        before = None
    artery, segment_id = accepted_segment(before)
    if artery is None and is_accepted_chosen(parameters):
        artery, segment_id = parameters.arterySegmentation, parameters.arterySegmentId
    with all_or_nothing(scene) as keep:
        node = keep(new_segmentation(parameters.dynamic, CANDIDATES_NAME))
        ids = _fill(node, parameters.dynamic, search, found)
    if artery is not None:
        node.SetNodeReferenceID(ACCEPTED, artery.GetID())
        node.SetAttribute(ACCEPTED_SEGMENT, segment_id)
    best = next((n for n, each in enumerate(found) if each.preview.aif is not None), 0)
    with slicer.util.NodeModify(parameters):
        parameters.arteryCandidates = node
        _reject(parameters, [key for key in ids if key != ids[best]])
        _use_accepted(parameters)
    if before is not None:
        remove_from_folders(scene, [before])
    return _told(found, best)


def _fill(node: slicer.vtkMRMLSegmentationNode, series, search: Search, found: Sequence[Candidate]) -> list[str]:
    """Draw the candidates, and keep what is known of them; gives the IDs of their segments."""
    ids = [_add(node, candidate, number, series) for number, candidate in enumerate(found)]
    node.GetDisplayNode().SetVisibility2DFill(False)
    node.GetDisplayNode().SetSliceIntersectionThickness(OUTLINE)
    described = {key: _description(each, n) for n, (key, each) in enumerate(zip(ids, found, strict=True))}
    node.SetAttribute(DESCRIBED, json.dumps(described))
    node.SetNodeReferenceID(SERIES, series.GetID())
    if search.place is not None:
        node.SetNodeReferenceID(SEARCHED, search.place[0].GetID())
        node.SetAttribute(SEARCHED_SEGMENT, search.place[1])
    return ids


def _add(node: slicer.vtkMRMLSegmentationNode, candidate: Candidate, number: int, series) -> str:
    segment_id = add_mask(node, candidate.artery.mask, f"Candidate {number + 1}", series)
    segment = node.GetSegmentation().GetSegment(segment_id)
    segment.SetName(candidate_name(candidate.preview, number))
    segment.SetColor(*COLOURS[number % len(COLOURS)])
    return segment_id


def _description(candidate: Candidate, number: int) -> dict[str, object]:
    preview = candidate.preview
    return {
        "name": candidate_name(preview, number),
        "doubt": preview.doubt,
        "n": candidate.artery.n_voxels,
        "frame": int(np.argmin(np.abs(preview.time_s - preview.peak_s))),
        "signal": [float(value) for value in preview.signal],
        "b1": candidate.b1,
    }


def _told(found: Sequence[Candidate], best: int) -> str:
    several = f"{len(found)} candidates were found" if len(found) > 1 else "One candidate was found"
    which = f"candidate {best + 1} was accepted" if len(found) > 1 else "it was accepted"
    return f"{several}; {which}: look at it in the slices before you use it."


def candidate_rows(parameters) -> list[CandidateRow]:
    """The candidates of the chosen series as rows, in their order."""
    node = None if parameters is None else parameters.arteryCandidates
    if node is None or parameters.dynamic is None or node.GetNodeReference(SERIES) is not parameters.dynamic:
        return []
    described = json.loads(node.GetAttribute(DESCRIBED) or "{}")
    taken = _accepted(parameters) if _is_used(parameters) else []
    rows = []
    for segment_id in node.GetSegmentation().GetSegmentIDs():
        segment = node.GetSegmentation().GetSegment(segment_id)
        about = described.get(segment_id, {})
        count = about.get("n")
        text = segment.GetName().removeprefix("Candidate ")
        text += f", {count} voxel{'' if count == 1 else 's'}" if count else ""
        rows.append(CandidateRow(segment_id, text, segment.GetColor(), segment_id in taken, about.get("doubt", "")))
    return rows


def name_anew(parameters) -> None:
    """Let the names tell the concentrations that the present choices give; one that a person gave stays."""
    node, series = parameters.arteryCandidates, parameters.dynamic
    if node is None or series is None:
        return
    described = json.loads(node.GetAttribute(DESCRIBED) or "{}")
    try:
        settings = replace(settings_of(parameters), aif="roi")
        axis = time_axis_of(series, parameters.timesText, parameters.frameIntervalS)
    except InputError:
        return  # told where the input is shown
    for number, (segment_id, about) in enumerate(described.items()):
        segment, signal = node.GetSegmentation().GetSegment(segment_id), np.array(about["signal"])
        if segment is None or signal.size != axis.time_s.size or not settings.needs_aif:
            continue
        preview = preview_input(light_images(series, axis, signal[None]), settings, b1=about["b1"])
        earlier, about["name"], about["doubt"] = about["name"], candidate_name(preview, number), preview.doubt
        if segment.GetName() == earlier != about["name"]:
            segment.SetName(about["name"])
    if (text := json.dumps(described)) != node.GetAttribute(DESCRIBED):
        node.SetAttribute(DESCRIBED, text)


def accept(parameters, segment_id: str, accepted: bool = True) -> None:
    """Accept or reject a candidate; the union of those accepted becomes the artery, and the input is measured in it.

    Where none was in use, as with a population input, the accepted one is the only one.
    """
    taken = set(_accepted(parameters)) if _is_used(parameters) else set()
    taken = taken | {segment_id} if accepted else taken - {segment_id}
    ids = parameters.arteryCandidates.GetSegmentation().GetSegmentIDs()
    with slicer.util.NodeModify(parameters):
        _reject(parameters, [each for each in ids if each not in taken])
        _use_accepted(parameters)


def follow_removed(parameters) -> None:
    """A candidate was removed from its node: the artery is the union of those accepted that are left."""
    if parameters is not None and parameters.arteryCandidates is not None and _is_used(parameters):
        with slicer.util.NodeModify(parameters):
            _use_accepted(parameters)


def go_to(parameters, segment_id: str) -> None:
    """Move the slices to a candidate, in the frame of its peak."""
    node, series = parameters.arteryCandidates, parameters.dynamic
    scene = node.GetScene()
    images = shown_volume(series)
    if images is not None and any(view.GetBackgroundVolumeID() != images.GetID() for view in slice_views(scene)):
        show_images(scene, images)
    frame = json.loads(node.GetAttribute(DESCRIBED) or "{}").get(segment_id, {}).get("frame")
    if frame is not None and browser_of(series) is not None and frame < series.GetNumberOfDataNodes():
        show_frame(series, frame)
    reveal(node)
    centre = segment_centre(node, segment_id)
    if centre is not None:
        centre_slices(scene, centre)


def reason_none_accepted(parameters) -> str:
    """Why there is no artery although there are candidates, as a sentence; empty if there is one, or none is needed."""
    if parameters is None or parameters.arteryCandidates is None or parameters.aif != "roi":
        return ""
    if parameters.arterySegmentation is not None and parameters.arterySegmentId:
        return ""
    return "No candidate is accepted as the artery: tick one, draw the artery, or take another input."


def take_candidates(parameters, series: slicer.vtkMRMLSequenceNode) -> bool:
    """Make the candidates those found in the series just chosen; True if the artery accepted there is chosen, too."""
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode", series.GetScene())
    own = [node for node in nodes if node.GetAttribute(DESCRIBED) and node.GetNodeReference(SERIES) is series]
    node = own[-1] if own else None
    parameters.arteryCandidates = node
    parameters.rejectedCandidates = "" if node is None else node.GetAttribute(REJECTED) or ""
    artery, segment_id = accepted_segment(node)
    if artery is None or not _accepted(parameters):
        return False
    parameters.arterySegmentation, parameters.arterySegmentId = artery, segment_id
    return True


def _accepted(parameters) -> list[str]:
    rejected = parameters.rejectedCandidates.split(",")
    ids = parameters.arteryCandidates.GetSegmentation().GetSegmentIDs()
    return [segment_id for segment_id in ids if segment_id not in rejected]


def _is_used(parameters) -> bool:
    """Whether the input is measured in the accepted candidates."""
    if parameters.aif != "roi" or parameters.arterySegmentation is None:
        return False
    chosen = parameters.arterySegmentation, parameters.arterySegmentId
    return chosen == accepted_segment(parameters.arteryCandidates)


def _reject(parameters, ids: Sequence[str]) -> None:
    parameters.rejectedCandidates = ",".join(ids)
    parameters.arteryCandidates.SetAttribute(REJECTED, ",".join(ids))


def _use_accepted(parameters) -> None:
    """Keep the union of the accepted candidates as the artery segment; without any there is none."""
    node, series, ids = parameters.arteryCandidates, parameters.dynamic, _accepted(parameters)
    parameters.aif = "roi"
    if not ids:
        parameters.arterySegmentId = ""
        return
    union = np.logical_or.reduce([segment_mask(node, segment_id, series) for segment_id in ids])
    colour = node.GetSegmentation().GetSegment(ids[0]).GetColor()
    parameters.arterySegmentation, parameters.arterySegmentId = keep_accepted(node, union, series, colour)
