"""Charts of the exposure to the drugs of the treatment table, given and planned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from HER2ImmunoCommonLib.chart_spec import Chart

from ..drugs.library import find_drug
from ..findings.exposure import amount_chart, curve_chart
from ..planning.courses import HORIZON_DAYS
from .chosen_model import shown_model
from .given import read_prescribed
from .report_doses import drugs_given

POINTS_A_DAY = 8


def exposure_charts(parameters) -> dict[str, Callable[[], Chart]]:
    """By label, what makes a chart: the concentration of each drug; of doses in full doses, one of all amounts.

    Raises
    ------
    InputError
        As `read_prescribed`. What makes the chart raises it for kinetics that are not known.
    """
    model = shown_model(parameters)
    prescribed = read_prescribed(parameters.treatments, model, parameters.species)
    if not prescribed.doses:
        return {}
    if not prescribed.is_relative:
        given = drugs_given(parameters)
        labels = [find_drug(each.drug, parameters.species).label for each in given]
        return {label: lambda of=each: curve_chart(of.curve()) for label, each in zip(labels, given, strict=True)}
    schedule, days = prescribed.as_schedule(), [dose.day for dose in prescribed.doses]
    first, last = min(0.0, *days), max(days) + HORIZON_DAYS / 2
    day = np.linspace(first, last, round(POINTS_A_DAY * (last - first)) + 1)
    return {"All drugs": lambda: amount_chart(schedule, model, day)}
