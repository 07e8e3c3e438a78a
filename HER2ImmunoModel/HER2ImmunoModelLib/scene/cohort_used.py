"""The calibration of a subject out of that of several, which is in the scene."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

import slicer

from ..calibration.result import Calibration
from ..findings.cohort_request import KEPT, CohortRequest
from ..findings.request import Request
from .publishing import KEY_ATTRIBUTE

COHORT = f"{CohortRequest.kind}.{KEPT}"
"""Role of the text node with the calibration of every subject."""
NONE_THERE = "none"
"""Of `PlanSettings.cohort` where there is no calibration of several subjects to take one from."""


def used_cohort(parameters) -> str:
    """`PlanSettings.cohort` of what is chosen in the panel."""
    if not parameters.cohortUsed:
        return ""
    node = parameters.parameterNode.GetNodeReference(COHORT)
    return NONE_THERE if node is None else node.GetAttribute(KEY_ATTRIBUTE)


def calibration_of_cohort(request: Request, parameter_node: slicer.vtkMRMLScriptedModuleNode) -> Calibration | None:
    """That of the subject of a request out of the calibration of several, if it is of the same inputs, or None."""
    node = parameter_node.GetNodeReference(COHORT)
    if node is None or node.GetAttribute(KEY_ATTRIBUTE) != request.settings.cohort or not node.GetText():
        return None  # a scene that is being opened has its nodes before their texts
    return _calibration(node.GetText(), as_alone(request).calibration_key())


def as_alone(request: Request) -> Request:
    """The request for the subject alone, whatever was found of several."""
    return replace(request, settings=replace(request.settings, cohort=""))


@lru_cache(maxsize=2)
def _calibration(text: str, key: str) -> Calibration | None:
    kept = json.loads(text)
    name = next((name for name, of in kept["of"].items() if of == key), None)
    return None if name is None else Calibration.from_dict(kept["subjects"][name])
