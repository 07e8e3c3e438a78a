"""The visits of a subject before anything is fitted: what is missing or suspicious, and a chart a quantity."""

from .chart_drawing import draw_charts, legend_of
from .chart_grid import ChartGrid, lay_out_charts
from .curves import Curve, curves_of, titled
from .judging import MISSING, SUSPICIOUS, WRONG, Judged, Mark, judge
from .signs import sign_of
from .suspicions import in_words, suspicions
from .words import counted, first_reason, tip_of

__all__ = [
    "MISSING",
    "SUSPICIOUS",
    "WRONG",
    "ChartGrid",
    "Curve",
    "Judged",
    "Mark",
    "counted",
    "curves_of",
    "draw_charts",
    "first_reason",
    "in_words",
    "judge",
    "lay_out_charts",
    "legend_of",
    "sign_of",
    "suspicions",
    "tip_of",
    "titled",
]
