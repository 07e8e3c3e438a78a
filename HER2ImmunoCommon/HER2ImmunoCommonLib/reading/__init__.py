"""Reading what people and other programs wrote: text of any encoding, tables of any dialect, JSON, misspelt names."""

from .cells import cells_of, read_table_cells
from .json_object import kind_of, read_json_object
from .spelling import did_you_mean, shown
from .table import Names, Row, Table, canonical, named, read_table_file

__all__ = [
    "Names",
    "Row",
    "Table",
    "canonical",
    "cells_of",
    "did_you_mean",
    "kind_of",
    "named",
    "read_json_object",
    "read_table_cells",
    "read_table_file",
    "shown",
]
