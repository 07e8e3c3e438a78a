"""How well fitted and hidden numbers are told, as a table of the panel has it."""

from __future__ import annotations

from math import isfinite

from ..calibration.fit_quality import FITTED, FitQuality
from ..models.model import Model
from .fit_quality import NOT_KNOWN, two_decimals
from .wording import number

FITTED_SAID = "How well the model at the mode of the fit tells what was measured:"
HIDDEN_SAID = "How well measured numbers are told: fitted ones by the fit to all visits, hidden ones by their forecast:"
HEADER = ("Measure", "Numbers", "CCC", "R²", "RMSE", "NRMSE")
TIPS = (
    "",
    "How many were fitted or hidden",
    "Lin's concordance (no unit): 1 if every number is told exactly",
    "Share of the variance of the measurements that is told; below 0 their mean would tell more",
    "Root mean square error: volumes in cm³, fractions of the tumour",
    "That error as a share of the range of the measurements",
)


def quality_cells(found: FitQuality, model: Model) -> list[tuple[str, ...]]:
    """One row a measure, fitted and then hidden."""
    states = {column: model.states[model.index(state)] for state, column in model.observables.items()}
    cells = []
    for row in found.overall:
        state, quality = states[row.column], row.quality
        unit = f" {state.unit.replace('cm3', 'cm³')}" if state.unit else ""
        kind = "fitted" if row.of == FITTED else "hidden"
        share = f"{100 * quality.nrmse:.0f} %" if isfinite(quality.nrmse) else NOT_KNOWN
        error = f"{number(quality.rmse)}{unit}"
        cells.append(
            (state.label, f"{quality.n} {kind}", two_decimals(quality.ccc), two_decimals(quality.r2), error, share)
        )
    return cells
