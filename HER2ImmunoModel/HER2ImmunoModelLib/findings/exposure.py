"""The exposure to drugs as tables and charts."""

from __future__ import annotations

from collections.abc import Sequence

from HER2ImmunoCommonLib.chart_spec import BLUE, Chart, Line

from ..drugs.exposures import Curve, Exposure
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


def curve_chart(curve: Curve) -> Chart:
    """The concentration of one drug."""
    line = Line(curve.day, curve.concentration, curve.label, BLUE)
    label = f"Concentration in plasma ({curve.unit})"
    caption = f"{curve.label} in plasma ({curve.unit}) after the doses given, in a typical patient of these covariates."
    title = f"{curve.label}, typical course for these covariates"
    return Chart(title, "Day", label, (line,), legend=False, caption=caption)
