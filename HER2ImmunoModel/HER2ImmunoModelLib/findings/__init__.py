"""What is said of results: the requests for them, their sentences, tables and charts."""

from . import cohort_charts, cohorts, next_scans, tables, trials, wording
from .choice import same_curves
from .covariate_lines import line_sentence, line_table
from .exposure import curve_chart, curve_table, exposure_table
from .figures import gap_chart, ranking_chart, state_chart
from .fit_quality import numbers_table, quality_charts, quality_sentences, quality_table
from .next_scan_charts import gain_chart
from .prior_predictive import (
    bands_table,
    derived_table,
    prior_charts,
    prior_numbers_table,
    prior_sentences,
    prior_summary,
)
from .tables import (
    Table,
    check_table,
    dose_text,
    estimate_table,
    fisher_table,
    forecast_table,
    front_table,
    gap_table,
    models_table,
    noise_table,
    profiles_table,
    ranking_table,
    sampling_table,
    shared_table,
    subjects_table,
    trajectory_table,
)
from .wording import not_told_apart, percent, set_by_data

__all__ = [
    "Table",
    "bands_table",
    "check_table",
    "cohort_charts",
    "cohorts",
    "curve_chart",
    "curve_table",
    "derived_table",
    "dose_text",
    "estimate_table",
    "exposure_table",
    "fisher_table",
    "forecast_table",
    "front_table",
    "gain_chart",
    "gap_chart",
    "gap_table",
    "line_sentence",
    "line_table",
    "models_table",
    "next_scans",
    "noise_table",
    "not_told_apart",
    "numbers_table",
    "percent",
    "prior_charts",
    "prior_numbers_table",
    "prior_sentences",
    "prior_summary",
    "profiles_table",
    "quality_charts",
    "quality_sentences",
    "quality_table",
    "ranking_chart",
    "ranking_table",
    "same_curves",
    "sampling_table",
    "set_by_data",
    "shared_table",
    "state_chart",
    "subjects_table",
    "tables",
    "trajectory_table",
    "trials",
    "wording",
]
