"""Motion inside a dynamic series: each frame against the model of all, and the series with the frames put back."""

from .chart import shift_chart, turn_chart
from .correct import correct_images, correct_motion
from .curve import HEADER, Jump, MotionCurve, rows, said
from .result import FORMULAS, MotionResult, correction_words
from .settings import KINDS, NONE, MotionSettings

__all__ = [
    "FORMULAS",
    "HEADER",
    "KINDS",
    "NONE",
    "Jump",
    "MotionCurve",
    "MotionResult",
    "MotionSettings",
    "correct_images",
    "correct_motion",
    "correction_words",
    "rows",
    "said",
    "shift_chart",
    "turn_chart",
]
