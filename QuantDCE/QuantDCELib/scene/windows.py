"""The window and colours of each parameter: a person's are kept and used for every later map of it, else automatic.

What a map ought to show follows from the choices kept and the map alone, so a display that differs was changed by a
person, wherever that was done: with the mouse in a view, in the module Volumes, or on the panel.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

import slicer
from HER2ImmunoCommonLib.chart_spec import tick_step
from HER2ImmunoCommonLib.scene import map_colours, set_colours, update_legend

from .maps import AUTOMATIC_ATTRIBUTE, CODES, MAP_ATTRIBUTE, automatic_window

EVEN_TABLES = {
    "vtkMRMLColorTableNodeFileViridis.txt": "Viridis",
    "vtkMRMLColorTableNodeFilePlasma.txt": "Plasma",
    "vtkMRMLColorTableNodeFileCividis.txt": "Cividis",
    "vtkMRMLColorTableNodeGrey": "Grey",
}
"""Tables of the application whose lightness rises evenly."""
STEPS = 50
SAME = 1e-5
"""Relative to the window: level and width are kept, not the ends."""


@dataclass(frozen=True)
class Look:
    """Ends of a window in the unit of the map, and the ID of a colour table ("" for that of this extension)."""

    low: float
    high: float
    colours: str = ""

    def is_like(self, other: Look) -> bool:
        """Whether nobody could tell the two apart."""
        room = SAME * max(abs(self.low), abs(self.high), abs(other.high - other.low))
        ends = ((self.low, other.low), (self.high, other.high))
        return self.colours == other.colours and all(math.isclose(*pair, rel_tol=0, abs_tol=room) for pair in ends)


def has_look(node: slicer.vtkMRMLNode | None) -> bool:
    """Whether a result is a map of numbers, which has a window; labels have colours of their own."""
    return node is not None and bool(name_of(node)) and name_of(node) not in CODES and node.GetDisplayNode() is not None


def name_of(node: slicer.vtkMRMLNode) -> str:
    """The parameter that a map shows; empty for another node."""
    return node.GetAttribute(MAP_ATTRIBUTE) or ""


def kept_looks(parameters) -> dict[str, Look]:
    """What a person chose, by parameter; entries that cannot be read are passed over."""
    try:
        entries = json.loads(parameters.displays or "{}")
        return {name: Look(float(low), float(high), str(colours)) for name, (low, high, colours) in entries.items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def look_of(node: slicer.vtkMRMLScalarVolumeNode) -> Look:
    """How a map is shown now."""
    display, ours = node.GetDisplayNode(), map_colours(node.GetScene()).GetID()
    colours = display.GetColorNodeID() or ""
    low, high = display.GetWindowLevelMin(), display.GetWindowLevelMax()
    return Look(low, high, "" if colours == ours else colours)


def automatic_look(node: slicer.vtkMRMLScalarVolumeNode) -> Look:
    """How a map is shown that nobody changed; kept with it, as its values do not change."""
    text = node.GetAttribute(AUTOMATIC_ATTRIBUTE)
    if text is None:
        text = json.dumps(automatic_window(name_of(node), slicer.util.arrayFromVolume(node)))
        node.SetAttribute(AUTOMATIC_ATTRIBUTE, text)
    return Look(*json.loads(text))


def wanted_look(parameters, node: slicer.vtkMRMLScalarVolumeNode) -> Look:
    """How a map ought to be shown: as a person chose for its parameter, else automatically."""
    return kept_looks(parameters).get(name_of(node)) or automatic_look(node)


def is_automatic(parameters, node: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Whether nobody chose a window or colours for the parameter of a map."""
    return name_of(node) not in kept_looks(parameters)


def apply_looks(parameters, nodes: Iterable[slicer.vtkMRMLScalarVolumeNode]) -> None:
    """Show maps as they ought to be shown, with the legends they have."""
    for node in filter(has_look, nodes):
        wanted = wanted_look(parameters, node)
        if not look_of(node).is_like(wanted):
            _show(node, wanted)


def keep_look(parameters, node: slicer.vtkMRMLScalarVolumeNode, look: Look) -> None:
    """Keep what a person chose for a map, and show every map of its parameter in the scene so: they can be compared."""
    looks = {name: [each.low, each.high, each.colours] for name, each in kept_looks(parameters).items()}
    looks[name_of(node)] = [look.low, look.high, look.colours]
    parameters.displays = json.dumps(looks)
    apply_looks(parameters, _maps_like(node))


def forget_look(parameters, node: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Give the maps of a parameter their automatic windows and colours back, and to later ones too."""
    looks = {name: [each.low, each.high, each.colours] for name, each in kept_looks(parameters).items()}
    looks.pop(name_of(node), None)
    parameters.displays = json.dumps(looks) if looks else ""
    apply_looks(parameters, _maps_like(node))


def adopt_looks(parameters, nodes: Iterable[slicer.vtkMRMLScalarVolumeNode]) -> bool:
    """Keep what a person has changed since; gives whether anything was.

    A map of an earlier version does not say which window it was given, and tells nothing.
    """
    changed = False
    for node in filter(has_look, nodes):
        look = look_of(node)
        if node.GetAttribute(AUTOMATIC_ATTRIBUTE) is None or look.is_like(wanted_look(parameters, node)):
            continue
        if look.high > look.low:
            keep_look(parameters, node, look)
            update_legend(node)
            changed = True
    return changed


def entry_steps(look: Look) -> tuple[int, float]:
    """Decimals and step with which the ends of a window are entered: about a fiftieth of it a step."""
    step = tick_step(look.low, look.high, STEPS) if look.high > look.low else 0.01
    return max(0, 1 - math.floor(math.log10(step) + 1e-9)), step


def colour_choices(scene: slicer.vtkMRMLScene, look: Look | None = None) -> dict[str, str]:
    """Colour tables to choose from, by ID: ours, the even ones of the application, and the one that is chosen."""
    found = {"": "HER2Immuno"}
    found |= {name: label for name, label in EVEN_TABLES.items() if scene.GetNodeByID(name) is not None}
    chosen = None if look is None else scene.GetNodeByID(look.colours)
    return found if chosen is None or look.colours in found else found | {look.colours: chosen.GetName()}


def _show(node: slicer.vtkMRMLScalarVolumeNode, look: Look) -> None:
    scene = node.GetScene()
    table = look.colours if scene.GetNodeByID(look.colours) is not None else map_colours(scene).GetID()
    with slicer.util.NodeModify(node.GetDisplayNode()):
        set_colours(node, table, look.low, look.high)
    update_legend(node)


def _maps_like(node: slicer.vtkMRMLScalarVolumeNode) -> list[slicer.vtkMRMLScalarVolumeNode]:
    every = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", node.GetScene())
    return [each for each in every if name_of(each) == name_of(node)]
