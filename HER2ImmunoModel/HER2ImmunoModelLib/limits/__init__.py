"""What treatment may not do, and what it costs: hard limits, neutrophils, heart."""

from .clinical_history import LVEF_RULES, History
from .clinical_limits import ClinicalLimits, excepted, search_bounds, without_limits
from .clinical_limits import check as check_limits
from .limit_cases import Broken
from .limit_table import LimitRow, limit_table

__all__ = [
    "LVEF_RULES",
    "Broken",
    "ClinicalLimits",
    "History",
    "LimitRow",
    "check_limits",
    "excepted",
    "limit_table",
    "search_bounds",
    "without_limits",
]
