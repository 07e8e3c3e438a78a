"""Quant DCE in the scene: choices taken out of nodes, results put into them."""

from .bins import bin_colours
from .gathering import gather
from .maps import UNIT_ATTRIBUTE, colour_labels, map_nodes, status_colours
from .maps import title as map_title
from .publishing import publish
from .series_nodes import node_from_dynamic, node_from_vfa

__all__ = [
    "UNIT_ATTRIBUTE",
    "bin_colours",
    "colour_labels",
    "gather",
    "map_nodes",
    "map_title",
    "node_from_dynamic",
    "node_from_vfa",
    "publish",
    "status_colours",
]
