"""The parts that the modules' panels are made of."""

from .add_to_visit import AddToVisit
from .chart_view import ChartView
from .choice_box import ChoiceBox
from .colour_square import colourSquare
from .cursor import CursorWatch, PointPlacing
from .examination_box import ExaminationBox
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
from .followed_choice import FollowedChoice
from .form_rows import FormRows
from .latest import Latest
from .live_plot import LivePlot
from .module_panel import ModulePanel, forgetLibraries
from .open_questions import OpenQuestions
from .pages import Page, Pages
from .painting import colourBehind, ink, paintPrepared, paintShapes, prepared, writeTexts
from .panel_part import PanelPart
from .path_row import PathRow
from .pinned import Pinned
from .question_fields import QuestionFields
from .run_bar import RunBar
from .segment_section import SegmentSection
from .stale_line import StaleLine
from .status_line import StatusLine, sayChanges
from .step import Fold, Step, Steps
from .tick_row import TickRow
from .values_table import ValuesTable
from .view_picture import pictureOfViews

__all__ = [
    "AddToVisit",
    "ChartView",
    "ChoiceBox",
    "CursorWatch",
    "ExaminationBox",
    "Fold",
    "FollowedChoice",
    "FormRows",
    "Latest",
    "LivePlot",
    "ModulePanel",
    "OpenQuestions",
    "Page",
    "Pages",
    "PanelPart",
    "PathRow",
    "Pinned",
    "PointPlacing",
    "QuestionFields",
    "RunBar",
    "SegmentSection",
    "StaleLine",
    "StatusLine",
    "Step",
    "Steps",
    "TickRow",
    "ValuesTable",
    "breakable",
    "colourBehind",
    "colourSquare",
    "compactRows",
    "fitTable",
    "forgetLibraries",
    "inTwoLines",
    "ink",
    "narrowChoice",
    "paintPrepared",
    "paintShapes",
    "pictureOfViews",
    "prepared",
    "sayChanges",
    "setTitle",
    "smallerHeads",
    "tellWholeText",
    "wrapLabel",
    "wrapRows",
    "writeTexts",
]
