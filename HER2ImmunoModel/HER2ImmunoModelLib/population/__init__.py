"""Several subjects as one group: hierarchical calibration, the forecast of a new subject, and how the group fits."""

from .cohort import calibrate_cohort
from .result import CohortCalibration, GroupEstimate, read_cohort

__all__ = [
    "CohortCalibration",
    "GroupEstimate",
    "calibrate_cohort",
    "read_cohort",
]
