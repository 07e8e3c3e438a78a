"""MRML nodes of volumes, series, segments, tables and plots."""

from .cells import add_row, read_cells, remove_row, set_cell, write_cells, write_values
from .colours import draw_values_only, map_colours, map_rgb
from .legends import has_legend, hide_legends, legend_steps, round_top, show_legend
from .nodes import (
    PROVENANCE_ATTRIBUTE,
    all_or_nothing,
    node_from_volume,
    put_in_folder,
    remove_from_folders,
    set_colours,
    set_provenance,
    volume_from_node,
)
from .outlines import outline_only, show_segments
from .plots import chart_from_node, node_from_chart, nodes_of_chart
from .quantities import quantity_title, set_quantity
from .segments import add_segment, segment_mask, segment_warnings
from .sequences import (
    FRAME_LABELS,
    TIME_TAG,
    TIME_UNIT,
    node_from_series,
    number_attribute,
    read_times,
    series_from_node,
)
from .slices import centre_slices, fit_slice, map_centre, segment_centre
from .standalone import StandaloneScene, save_mrb
from .tables import MEASUREMENTS_ATTRIBUTE, measurement_table, read_table, write_table
from .views import origin_of, set_origin, show_chart, show_images, show_map, slice_views, take_place

__all__ = [
    "FRAME_LABELS",
    "MEASUREMENTS_ATTRIBUTE",
    "PROVENANCE_ATTRIBUTE",
    "TIME_TAG",
    "TIME_UNIT",
    "StandaloneScene",
    "add_row",
    "add_segment",
    "all_or_nothing",
    "centre_slices",
    "chart_from_node",
    "draw_values_only",
    "fit_slice",
    "has_legend",
    "hide_legends",
    "legend_steps",
    "map_centre",
    "map_colours",
    "map_rgb",
    "measurement_table",
    "node_from_chart",
    "node_from_series",
    "node_from_volume",
    "nodes_of_chart",
    "number_attribute",
    "origin_of",
    "outline_only",
    "put_in_folder",
    "quantity_title",
    "read_cells",
    "read_table",
    "read_times",
    "remove_from_folders",
    "remove_row",
    "round_top",
    "save_mrb",
    "segment_centre",
    "segment_mask",
    "segment_warnings",
    "series_from_node",
    "set_cell",
    "set_colours",
    "set_origin",
    "set_provenance",
    "set_quantity",
    "show_chart",
    "show_images",
    "show_legend",
    "show_map",
    "show_segments",
    "slice_views",
    "take_place",
    "volume_from_node",
    "write_cells",
    "write_table",
    "write_values",
]
