"""Quant DCE in the scene: choices taken out of nodes, results put into them."""

from .bins import bin_colours
from .frame_kinds import fits_dynamic, fits_flip_angles
from .gathering import gather
from .imported import LoadedImages, dynamic_reader, flip_angle_reader, loaded_images, take
from .keeping import add_to_visit, check_visit
from .maps import UNIT_ATTRIBUTE, colour_labels, map_nodes, status_colours
from .maps import title as map_title
from .publishing import publish
from .series_nodes import node_from_dynamic, node_from_vfa
from .show import show_series

__all__ = [
    "UNIT_ATTRIBUTE",
    "LoadedImages",
    "add_to_visit",
    "bin_colours",
    "check_visit",
    "colour_labels",
    "dynamic_reader",
    "fits_dynamic",
    "fits_flip_angles",
    "flip_angle_reader",
    "gather",
    "loaded_images",
    "map_nodes",
    "map_title",
    "node_from_dynamic",
    "node_from_vfa",
    "publish",
    "show_series",
    "status_colours",
    "take",
]
