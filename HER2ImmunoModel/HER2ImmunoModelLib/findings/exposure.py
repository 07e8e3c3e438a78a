"""The exposure to drugs as tables and charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, PALETTE, Chart, Line

from ..drugs.exposures import Curve, Exposure
from ..models.model import Model
from ..treatments.pharmacokinetics import amount_at, mean_loss
from ..treatments.schedule import Schedule
from .tables import Table


def exposure_table(exposures: Sequence[Exposure]) -> Table:
    """One row a drug and dose."""
    header = ["drug", "day", "dose_mg", "peak", "trough", "auc", "unit", "auc_unit", "set"]
    return header, [
        (each.drug, dose.day, dose.dose_mg, dose.peak, dose.trough, dose.auc, each.unit, each.auc_unit, each.set_name)
        for each in exposures
        for dose in each.doses
    ]


def curve_table(curves: Sequence[Curve]) -> Table:
    """One row a drug and day."""
    header = ["drug", "day", "concentration", "unit"]
    rows = [
        (curve.drug, float(day), float(value), curve.unit)
        for curve in curves
        for day, value in zip(curve.day, curve.concentration, strict=True)
    ]
    return header, rows


def amount_chart(schedule: Schedule, model: Model, day: np.ndarray) -> Chart:
    """What is left of the doses of each drug, in full doses, as it is lost in a typical patient.

    Parameters
    ----------
    schedule : Schedule
        Doses in full doses.
    model : Model
    day : array (days,)
    """
    names = dict.fromkeys(model.dose_name(dose.drug) for dose in schedule.doses)
    lines = []
    for name, colour in zip(names, PALETTE, strict=False):
        amount = amount_at(schedule, model, name, mean_loss(model, name) or 0.0, day)
        lines.append(Line(day, amount, model.dose_label(name), colour))
    caption = "What is left of the doses of each drug (full doses) by day, at the usual rate of loss."
    return Chart("Drugs in the body", "Day", "Amount (full doses)", tuple(lines), caption=caption)


def curve_chart(curve: Curve) -> Chart:
    """The concentration of one drug."""
    line = Line(curve.day, curve.concentration, curve.label, BLUE)
    label = f"Concentration in plasma ({curve.unit})"
    caption = (
        f"{curve.label} in plasma ({curve.unit}) by day after the doses given, as in a typical subject of such weight, "
        "age and laboratory values."
    )
    title = f"{curve.label} in plasma, typical course"
    return Chart(title, "Day", label, (line,), legend=False, caption=caption)
