"""Several subjects as one group: hierarchical calibration, the forecast of a new subject, and how the group fits."""

from .cohort import calibrate_cohort
from .new_subject import forecast_new
from .poolings import HIERARCHICAL, Pooling, compare_poolings, forecast_check_cohort
from .predictive_check import ColumnCheck, PredictiveCheck, visual_predictive_check
from .result import CohortCalibration, GroupEstimate, read_cohort

__all__ = [
    "HIERARCHICAL",
    "CohortCalibration",
    "ColumnCheck",
    "GroupEstimate",
    "Pooling",
    "PredictiveCheck",
    "calibrate_cohort",
    "compare_poolings",
    "forecast_check_cohort",
    "forecast_new",
    "read_cohort",
    "visual_predictive_check",
]
