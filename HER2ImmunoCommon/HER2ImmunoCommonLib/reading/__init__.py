"""Reading what people and other programs wrote: text of any encoding, tables of any dialect, JSON, misspelt names."""

from .cells import cells_of, read_table_cells
from .json_object import kind_of, read_json_object
from .numbers import holds_number
from .spelling import did_you_mean, shown
from .subjects import SPELLINGS as SUBJECT_SPELLINGS
from .subjects import SUBJECT, by_subject, chosen_subject, listed, names_subjects, only_subject, refuse_alike
from .table import Names, Row, Table, canonical, named, read_table_file

__all__ = [
    "SUBJECT",
    "SUBJECT_SPELLINGS",
    "Names",
    "Row",
    "Table",
    "by_subject",
    "canonical",
    "cells_of",
    "chosen_subject",
    "did_you_mean",
    "holds_number",
    "kind_of",
    "listed",
    "named",
    "names_subjects",
    "only_subject",
    "read_json_object",
    "read_table_cells",
    "read_table_file",
    "refuse_alike",
    "shown",
]
