"""A visit as it is aligned, in the words of the panel: what can be chosen, how good it is, what remains to be done."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import slicer
from HER2ImmunoCommonLib.registration import AlignSettings
from HER2ImmunoCommonLib.scene import (
    ACCEPTED,
    AlignRequest,
    Judged,
    Outcome,
    Placing,
    SceneVisit,
    Tumour,
    gather_alignment,
    has_no_tumour,
    is_correction,
    placing_of,
    refusals,
    tumour_choices,
    tumour_of,
)

NO_TUMOUR = "none"
"""Key of the line for a visit without a tumour."""
NONE = "None"
Lines = list[tuple[str, str]]
"""Label and key of each choice."""


def alignment_request(reference: SceneVisit, visits: Sequence[SceneVisit], parameters) -> AlignRequest:
    """What is needed to align visits as the panel says; errors as `gather_alignment`."""
    return gather_alignment(reference, visits, AlignSettings(kind=parameters.alignKind))


def aligned_said(found: Outcome, other_tumours: Sequence[str] = ()) -> tuple[str, str]:
    """Look and words of how the alignment ended; `other_tumours` are those with another tracking UID."""
    count = len(found.aligned)
    said = f"{count} visit{'s' if count > 1 else ''} aligned: look at each below, then accept it."
    doubts = [refusals(found)] if found.refused else []
    if other_tumours:
        names = ", ".join(other_tumours)
        doubts.append(f"{names}: has another tracking UID than the tumour of the reference. Is it the same tumour?")
    return ("warning", "\n".join([said, *doubts])) if doubts else ("ok", said)


def tumour_lines(visit: SceneVisit, like: Tumour | None) -> tuple[Lines, str]:
    """The segments that may be the tumour of a visit, and the key of the one that is."""
    lines = [(f"{each.name} ({each.segmentation.GetName()})", each.key) for each in tumour_choices(visit)]
    lines.append(("No tumour at this visit", NO_TUMOUR))
    tumour = tumour_of(visit, like)
    if tumour is not None:
        return lines, tumour.key
    return (lines, NO_TUMOUR) if has_no_tumour(visit) else ([("Not known: choose a segment", ""), *lines], "")


def transform_lines(visit: SceneVisit) -> tuple[Lines, str]:
    """The transforms that a visit may be brought into the reference by, and the key of the one that is taken."""
    nodes = slicer.util.getNodesByClass("vtkMRMLTransformNode", visit.anchor.GetScene())
    placing = placing_of(visit)
    offered = [node for node in nodes if not node.GetHideFromEditors() and not is_correction(node)]
    lines = [(NONE, ""), *((node.GetName(), node.GetID()) for node in offered)]
    return lines, "" if placing is None else placing.node.GetID()


def landmark_lines(scene: slicer.vtkMRMLScene) -> Lines:
    """The lists of points of the scene."""
    nodes = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode", scene)
    shown = [node for node in nodes if not node.GetHideFromEditors()]
    return [(NONE, ""), *((f"{node.GetName()} ({node.GetNumberOfControlPoints()})", node.GetID()) for node in shown)]


def quality_rows(judged: Judged | None) -> list[tuple[str, str, str]]:
    """Name, value and tip of each figure of an alignment."""
    if judged is None:
        return []
    quality = judged.quality
    steps = [("before", quality.metric_before), ("rigid", quality.metric_rigid), ("after", quality.metric_after)]
    likeness = ", ".join(f"{step} {value:.2f}" for step, value in steps if isfinite(value))
    rows = [
        (
            "Images",
            judged.images,
            "What was compared; a frame in which the tumour enhances would pull it.",
        ),
        ("Likeness", likeness, f"{quality.metric_name.capitalize()}, from -1 to 1, without the tumour."),
        (
            "Jacobian",
            f"{quality.jacobian_min:.2f} to {quality.jacobian_max:.2f}",
            "Smallest and largest factor by which volumes in the body change; where it is not above 0, space folds.",
        ),
        (
            "Overlap",
            f"{quality.overlap:.0%}",
            "Share of the body of the reference that lies in this visit's images.",
        ),
    ]
    if quality.tumour_volume_change is not None:
        tip = "What the transform alone does to the volume of the tumour; its change by therapy is not in it."
        rows.append(("Tumour volume", f"{quality.tumour_volume_change:+.2%}", tip))
    if quality.landmark_error_mm is not None:
        before = "" if quality.landmark_before_mm is None else f" (before {quality.landmark_before_mm:.1f} mm)"
        rows.append(("Landmarks", f"{quality.landmark_error_mm:.1f} mm apart{before}", "Mean distance of the pairs."))
    return rows


def remarks_on(visit: SceneVisit, reference: SceneVisit | None) -> tuple[str, str]:
    """Look and words of what a person must know, or do next, of the transform of a visit."""
    if reference is not None and visit.anchor is reference.anchor:
        return "plain", "This is the reference: the other visits are brought to it."
    placing = placing_of(visit)
    if placing is None:
        return "plain", "Not aligned yet: press Align visits, or choose a transform."
    if reference is None or not placing.leads_to(reference):
        return "warning", "The transform leads to another visit than the reference. Align again, or choose another."
    if placing.judged is None:
        return "warning", "Nothing is known of this transform yet: press Judge."
    if not placing.is_judged:
        return "warning", "The transform has changed since: the figures are of what it was. Press Judge."
    return _judged(placing)


def _judged(placing: Placing) -> tuple[str, str]:
    judged, notes = placing.judged, " ".join(placing.judged.notes)
    if judged.quality.jacobian_min <= 0:
        return "error", notes
    if notes:
        return "warning", notes
    if placing.state == ACCEPTED:
        return "ok", "Accepted."
    return "plain", "Look at it with Flicker and Checkerboard, then accept it."
