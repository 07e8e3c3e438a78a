"""Maps of a result as volume nodes, with colours; voxels without a value are transparent."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import slicer
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.scene import (
    draw_values_only,
    is_still_image,
    map_colours,
    node_from_volume,
    round_top,
    set_colours,
    set_quantity,
)

from ..analysis.result import DceResult
from ..kinetics.models import MODELS
from ..kinetics.stages import MODEL, WEIGHT
from ..voxels.status import SHORT_WORDS, Status

MAP_ATTRIBUTE, UNIT_ATTRIBUTE = "QuantDCE.Map", "QuantDCE.Unit"
AUTOMATIC_ATTRIBUTE = "QuantDCE.AutomaticWindow"
"""Keeps with a map the window that it was given when it was made."""
HIGH_PERCENTILE = 98.0
NOISE = 0.2
"""What lies so much less far from 0 than the rest, as a share, has no part in the window."""
LABELS = {
    "r_squared": "R2",
    "rmse": "RMS residual",
    "aicc": "AICc",
    "status": "Fit status",
    "delay_s": "Arrival delay",
    "Ktrans_rel": "Ktrans relative to reference",
    "ve_rel": "ve relative to reference",
    "vp_rel": "vp over Ktrans of reference",
    "PE": "Early enhancement",
    "wash_in": "Wash-in",
    "wash_out": "Wash-out",
    "TTP": "Time to peak",
    "FTV": "Functional tumour volume",
    MODEL: "Best model",
    WEIGHT: "Akaike weight of the best model",
}
SHORT_LABELS = {
    "Ktrans_rel": "Ktrans, relative",
    "ve_rel": "ve, relative",
    "vp_rel": "vp, relative",
    "delay_s": "Delay",
    "PE": "PE",
    "TTP": "TTP",
    "FTV": "FTV",
    WEIGHT: "Weight",
}
CODES = ("status", "FTV", MODEL)
STANDARD_ERROR = "_se"
FIXED_RANGES = {"r_squared": (0.0, 1.0), "SER": (0.0, 2.0), WEIGHT: (0.0, 1.0)}
MODEL_COLOURS = {
    "tofts": (0.35, 0.65, 0.95),
    "extended_tofts": (0.95, 0.60, 0.25),
    "patlak": (0.35, 0.75, 0.45),
    "2cum": (0.75, 0.50, 0.85),
    "2cxm": (0.95, 0.85, 0.35),
}
STATUS_COLOURS = {
    Status.AT_BOUND: (0.95, 0.75, 0.2),
    Status.NO_UPTAKE: (0.45, 0.55, 0.75),
    Status.NOT_FINITE: (0.55, 0.25, 0.6),
    Status.NO_SIGNAL: (0.35, 0.35, 0.35),
    Status.ABOVE_CEILING: (0.85, 0.2, 0.25),
    Status.NO_T1: (0.85, 0.4, 0.7),
}
NOT_SHOWN = (Status.OK, Status.OUTSIDE)


def map_nodes(
    scene: slicer.vtkMRMLScene, result: DceResult, keep: Callable
) -> dict[str, slicer.vtkMRMLScalarVolumeNode]:
    """One node a map, by the map's name: T1 if it was measured; status and tumour volume as label maps."""
    arrays = {name: array for name, array in result.maps.items() if name != "T10"}
    units = dict(result.units)
    if result.t1 is not None:
        arrays["T1"], units["T1"] = result.t1.t1_s, "s"
    made = {}
    for name, array in arrays.items():
        made[name] = map_node(scene, name, units[name], Volume(array, result.ijk_to_ras), keep)
    return made


def map_node(
    scene: slicer.vtkMRMLScene, name: str, unit: str, volume: Volume, keep: Callable
) -> slicer.vtkMRMLScalarVolumeNode:
    """A node of one map, which says what it shows; with colours unless it is one of codes."""
    node = keep(node_from_volume(scene, volume, title(name, unit), labels=name in CODES))
    node.SetAttribute(MAP_ATTRIBUTE, name)
    node.SetAttribute(UNIT_ATTRIBUTE, unit)
    set_quantity(node, parameter(name), unit, name)
    if name not in CODES:
        _show(node, automatic_window(name, volume.array), map_colours(scene, keep))
        keep(node.GetDisplayNode())
    return node


def is_t1_map(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether a volume can be a T1 map: one made here, or an image from elsewhere."""
    return node.GetAttribute(MAP_ATTRIBUTE) == "T1" or is_still_image(node)


def is_m0_map(node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether a volume can be an M0 map: one made here, or an image from elsewhere."""
    return node.GetAttribute(MAP_ATTRIBUTE) == "M0" or is_still_image(node)


def title(name: str, unit: str) -> str:
    """Name of a map's node, with its unit."""
    return f"{parameter(name)} ({unit})" if unit not in ("", "1") else parameter(name)


def parameter(name: str) -> str:
    """What a map shows, in words."""
    plain = name.removesuffix(STANDARD_ERROR)
    label = LABELS.get(plain, plain)
    return label if plain == name else f"{label} SE"


def short_parameter(name: str) -> str:
    """What a map shows, where there is room for a word."""
    plain = name.removesuffix(STANDARD_ERROR)
    label = SHORT_LABELS.get(plain, parameter(plain))
    return label if plain == name else f"{label} SE"


def status_colours(scene: slicer.vtkMRMLScene, keep: Callable) -> slicer.vtkMRMLColorTableNode:
    """A colour table that names each code of the status map that is not simply a fit."""
    node = keep(scene.AddNewNodeByClass("vtkMRMLColorTableNode", scene.GenerateUniqueName("Fit status colours")))
    node.SetTypeToUser()
    node.SetNumberOfColors(int(max(Status)) + 1)
    for code in range(int(max(Status)) + 1):
        node.SetColor(code, "", 0.0, 0.0, 0.0, 0.0)
        node.SetColorDefined(code, False)  # not in the legend
    for code, words in SHORT_WORDS.items():
        if code not in NOT_SHOWN:
            node.SetColor(int(code), words, *STATUS_COLOURS[code], 1.0)
    node.SetHideFromEditors(True)
    return node


def model_colours(
    scene: slicer.vtkMRMLScene, candidates: tuple[str, ...], keep: Callable
) -> slicer.vtkMRMLColorTableNode:
    """A colour table that names each model of a choice."""
    node = keep(scene.AddNewNodeByClass("vtkMRMLColorTableNode", scene.GenerateUniqueName("Model colours")))
    node.SetTypeToUser()
    node.SetNumberOfColors(len(candidates) + 1)
    node.SetColor(0, "none", 0.0, 0.0, 0.0, 0.0)
    node.SetColorDefined(0, False)  # not in the legend
    for number, name in enumerate(candidates, start=1):
        node.SetColor(number, MODELS[name].label, *MODEL_COLOURS[name], 1.0)
    node.SetHideFromEditors(True)
    return node


def colour_labels(
    node: slicer.vtkMRMLLabelMapVolumeNode, colours: slicer.vtkMRMLColorTableNode, keep: Callable
) -> None:
    """Give a label map its colours."""
    node.CreateDefaultDisplayNodes()
    keep(node.GetDisplayNode())
    node.GetDisplayNode().SetAndObserveColorNodeID(colours.GetID())


def _show(
    node: slicer.vtkMRMLScalarVolumeNode,
    window: tuple[float, float],
    colours: slicer.vtkMRMLColorTableNode,
) -> None:
    node.SetAttribute(AUTOMATIC_ATTRIBUTE, json.dumps(window))
    set_colours(node, colours.GetID(), *window)
    draw_values_only(node)


def automatic_window(name: str, array: np.ndarray) -> tuple[float, float]:
    """The window a map is given unless a person chose one: fixed for some maps, else from its values."""
    if name in FIXED_RANGES:
        return FIXED_RANGES[name]
    values = array[np.isfinite(array)]
    return shown_range(values if values.size else np.zeros(1))


def shown_range(values: np.ndarray) -> tuple[float, float]:
    """From 0 to what few values are above, in round numbers; to what few are below as well, where those matter.

    A little below 0 there is noise, which is as dark as 0.
    """
    low, high = map(float, np.percentile(values, [100.0 - HIGH_PERCENTILE, HIGH_PERCENTILE]))
    bottom = round_top(-low) if low < 0.0 else 0.0
    top = round_top(high) if high > 0.0 else 0.0
    if bottom == top == 0.0:
        return 0.0, 1.0
    return (0.0 if bottom < NOISE * top else -bottom), (0.0 if top < NOISE * bottom else top)
