"""What virtual trials found: tables, a chart of predicted beside published differences, and sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, INK, Chart, Line, Points

from ..trials import CLEARED, Prediction, VirtualTrials, assumptions, fitted_numbers
from .tables import Table

BESIDE = 0.16
"""Between a prediction and the published difference of the same comparison, in rows of the chart."""
MARGIN = 5.0
"""Points beside the outermost of the chart."""


def differences_table(trials: VirtualTrials) -> Table:
    """One row a predicted difference, with its criteria."""
    header = ["comparison", "definition", "published", "published_lower_95", "published_upper_95", "interval"]
    header += ["predicted", "lower", "upper", "held_to", "within", "is_close", "sign_needed", "sign_right", "passes"]
    header += ["pcr_first", "pcr_second", "log_reduction_first", "log_reduction_second", "fitted_arm"]
    return header, [_difference(each) for each in trials.predictions]


def _difference(each: Prediction) -> tuple:
    of = each.comparison
    interval = of.published_interval or (None, None)
    basis = "" if of.published_interval is None else of.interval_basis.mark
    said = (of.label, of.first.definition.name, of.published, *interval, basis)
    judged = (of.aim, of.within, each.is_close, of.needs_sign, each.has_sign, each.passes)
    return (
        *said,
        each.difference,
        each.lower,
        each.upper,
        *judged,
        *each.pcr_percent,
        *each.log_reduction,
        of.is_fitted,
    )


def arms_table(trials: VirtualTrials) -> Table:
    """One row a simulated arm: published and simulated pCR, and by how much the volume fell."""
    header = ["trial", "arm", "definition", "use", "patients", "hr_share", "hr_share_basis", "published_pcr"]
    header += [f"simulated_pcr_v0_{cleared:g}" for cleared in CLEARED]
    header += ["log_reduction", "failed", "source", "remark"]
    rows = []
    for each in trials.arms:
        arm = each.arm
        said = (arm.trial, arm.name, arm.definition.name, arm.use, arm.patients, arm.hr_share, arm.hr_basis.mark)
        found = (arm.pcr_percent, *each.pcr_percent, each.log_reduction, each.failed)
        rows.append((*said, *found, arm.source, arm.remark))
    return header, rows


def response_table(trials: VirtualTrials) -> Table:
    """Numbers that were fitted, and those that are assumed, for every v0."""
    header = ["number", "unit", *(f"v0_{cleared:g}" for cleared in CLEARED), "basis"]
    rows = [(name, unit, *values, "fitted") for name, unit, values in fitted_numbers(trials.fits)]
    return header, rows + [(name, unit, *(value for _ in CLEARED), "assumed") for name, value, unit in assumptions()]


def differences_chart(trials: VirtualTrials) -> Chart:
    """Every predicted difference with its band, beside the published one with its interval."""
    rows = trials.predictions[::-1]
    place = np.arange(len(rows), dtype=float)
    published = np.array([each.comparison.published for each in rows])
    intervals = [each.comparison.published_interval or (np.nan, np.nan) for each in rows]
    ends = tuple(np.array(values, float) for values in zip(*intervals, strict=True))
    found = np.array([each.difference for each in rows])
    band = (np.array([each.lower for each in rows]), np.array([each.upper for each in rows]))
    zero = np.array([-1.0, len(rows)])
    items = (
        Line(np.zeros(2), zero, "no difference", GREY, width=1.0, dashed=True),
        Points(published, place + BESIDE, "published, 95 % interval", INK, x_interval=ends),
        Points(found, place - BESIDE, "predicted, range over v0", BLUE, x_interval=band),
    )
    names = tuple(each.comparison.label for each in rows)
    shown = np.concatenate([published, *ends, *band])
    x_range = (float(np.nanmin(shown)) - MARGIN, float(np.nanmax(shown)) + MARGIN)
    title, label = "Virtual trials beside the published ones", "Difference in pCR (points)"
    return Chart(title, label, "", items, x_range=x_range, y_names=names)


def sentences(trials: VirtualTrials) -> Iterator[str]:
    """What the virtual trials found, the predictions that failed among it."""
    passed = [each for each in trials.predictions if each.passes]
    yield f"{len(passed)} of {len(trials.predictions)} predicted differences pass ({trials.subjects} virtual patients)."
    for each in trials.predictions:
        yield f"{'Passes' if each.passes else 'FAILS'}: {_said(each)}"
    for fit in trials.fits:
        for misfit in fit.misfits:
            if not misfit.is_met:
                yield (
                    f"The fitted arm {misfit.arm.label} is not met at v0 {fit.cleared_cm3:g} cm3: published "
                    f"{misfit.published:.1f} %, simulated {misfit.simulated:.1f} %."
                )


def _said(each: Prediction) -> str:
    of = each.comparison
    sign = "" if each.has_sign else ", and its sign is wrong"
    fitted = ", one arm of which was fitted" if of.is_fitted else ""
    return (
        f"{of.label}{fitted}: predicted {each.difference:+.1f} points ({each.lower:+.1f} to {each.upper:+.1f}), "
        f"published {of.published:+.1f}, to be within {of.within:g} of {of.aim:+.1f}{sign}."
    )
