"""MRML nodes of volumes, series, segments, tables and plots."""

from .cells import add_row, read_cells, remove_row, set_cell, write_cells, write_values
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
from .plots import chart_from_node, node_from_chart, nodes_of_chart, show_successors
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
from .standalone import StandaloneScene, save_mrb
from .tables import MEASUREMENTS_ATTRIBUTE, measurement_table, read_table, write_table

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
    "chart_from_node",
    "measurement_table",
    "node_from_chart",
    "node_from_series",
    "node_from_volume",
    "nodes_of_chart",
    "number_attribute",
    "put_in_folder",
    "read_cells",
    "read_table",
    "read_times",
    "remove_from_folders",
    "remove_row",
    "save_mrb",
    "segment_mask",
    "segment_warnings",
    "series_from_node",
    "set_cell",
    "set_colours",
    "set_provenance",
    "show_successors",
    "volume_from_node",
    "write_cells",
    "write_table",
    "write_values",
]
