"""MRML nodes of volumes, series, segments, tables and plots."""

from .cells import add_row, read_cells, remove_row, set_cell, write_cells, write_values
from .examinations import examination_of, kinship_of, name_visit, nearest, sequence_of, set_examination
from .folders import put_in_folder, put_with_examination
from .following import Companion, follow
from .nodes import (
    PROVENANCE_ATTRIBUTE,
    all_or_nothing,
    node_from_volume,
    remove_from_folders,
    set_colours,
    set_provenance,
    volume_from_node,
)
from .origins import REPLACE_ROW, YES, Source, check_row, other_rows_of, remember_origin, visit_and_day
from .placement import to_world
from .plots import chart_from_node, node_from_chart, nodes_of_chart
from .segments import add_segment, segment_fingerprint, segment_mask, segment_warnings
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
    "REPLACE_ROW",
    "TIME_TAG",
    "TIME_UNIT",
    "YES",
    "Companion",
    "Source",
    "StandaloneScene",
    "add_row",
    "add_segment",
    "all_or_nothing",
    "chart_from_node",
    "check_row",
    "examination_of",
    "follow",
    "kinship_of",
    "measurement_table",
    "name_visit",
    "nearest",
    "node_from_chart",
    "node_from_series",
    "node_from_volume",
    "nodes_of_chart",
    "number_attribute",
    "other_rows_of",
    "put_in_folder",
    "put_with_examination",
    "read_cells",
    "read_table",
    "read_times",
    "remember_origin",
    "remove_from_folders",
    "remove_row",
    "save_mrb",
    "segment_fingerprint",
    "segment_mask",
    "segment_warnings",
    "sequence_of",
    "series_from_node",
    "set_cell",
    "set_colours",
    "set_examination",
    "set_provenance",
    "to_world",
    "visit_and_day",
    "volume_from_node",
    "write_cells",
    "write_table",
    "write_values",
]
