"""Motion inside a dynamic series: each frame against the model of all, and the series with the frames put back."""

from .correct import correct_motion
from .curve import HEADER, Jump, MotionCurve, rows, said
from .result import MotionResult, correction_words
from .settings import KINDS, NONE, MotionSettings

__all__ = [
    "HEADER",
    "KINDS",
    "NONE",
    "Jump",
    "MotionCurve",
    "MotionResult",
    "MotionSettings",
    "correct_motion",
    "correction_words",
    "rows",
    "said",
]
