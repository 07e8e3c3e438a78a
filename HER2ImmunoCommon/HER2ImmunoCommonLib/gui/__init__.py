"""The parts that the modules' panels are made of."""

from .chart_view import ChartView
from .choice_box import ChoiceBox
from .fitting import (
    breakable,
    compactRows,
    fitTable,
    inTwoLines,
    narrowChoice,
    setTitle,
    smallerHeads,
    tellWholeText,
    wrapLabel,
    wrapRows,
)
from .module_panel import ModulePanel, forgetLibraries
from .panel_part import PanelPart
from .path_row import PathRow
from .question_fields import QuestionFields
from .run_bar import RunBar
from .segment_section import SegmentSection
from .stale_line import StaleLine
from .status_line import StatusLine, sayChanges
from .tick_row import TickRow
from .values_table import ValuesTable

__all__ = [
    "ChartView",
    "ChoiceBox",
    "ModulePanel",
    "PanelPart",
    "PathRow",
    "QuestionFields",
    "RunBar",
    "SegmentSection",
    "StaleLine",
    "StatusLine",
    "TickRow",
    "ValuesTable",
    "breakable",
    "compactRows",
    "fitTable",
    "forgetLibraries",
    "inTwoLines",
    "narrowChoice",
    "sayChanges",
    "setTitle",
    "smallerHeads",
    "tellWholeText",
    "wrapLabel",
    "wrapRows",
]
