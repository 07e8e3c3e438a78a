"""What pieces of work found, in sentences and cells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from .. import models
from ..calibration.choice_of_model import WeighedModel
from ..calibration.diagnostics import ENOUGH_TAU, HIGHEST_R_HAT
from ..calibration.hidden_visits import ForecastCheck
from ..calibration.identifiability import FisherSpectrum, Profile
from ..calibration.result import Calibration
from ..models.model import Model
from ..models.parameters import Parameter
from ..planning.optimisation import Optimum
from .wording import NOT_TOLD_APART, expectation, lower_first, not_told_apart, number, percent

NOT_KNOWN = "–"


def unit_in_words(unit: str) -> str:
    """A unit as people write it: `cm³`, `per day`."""
    shown = unit.replace("cm3", "cm³")
    return "per " + shown[2:].replace("/", " per ") if shown.startswith("1/") else shown


def estimate_cells(calibration: Calibration) -> list[tuple[str, str, str]]:
    """Parameter, estimate with its 90 % interval, shrinkage and what set it, the most certain first."""
    rows = sorted(calibration.estimates.items(), key=lambda entry: -entry[1].shrinkage)
    cells = []
    for name, found in rows:
        parameter = calibration.model.parameter(name)
        label = f"{parameter.label} ({unit_in_words(parameter.unit)})" if parameter.unit else parameter.label
        interval = f"{number(found.value)} ({number(found.lower)} to {number(found.upper)})"
        cells.append((label, interval, f"{percent(found.shrinkage)}, {found.set_by}"))
    return cells


def informed(spectrum: FisherSpectrum) -> str:
    """How many directions of the parameters the data set."""
    return (
        f"The data outweigh the prior in {spectrum.informed} of {len(spectrum.free)} independent directions of the "
        "parameters."
    )


def profiled(profile: Profile, parameter: Parameter) -> str:
    """What the profile says of one parameter."""
    ends = [number(end) if math.isfinite(end) else "beyond the profile" for end in (profile.lower, profile.upper)]
    by_data = "the data alone bound it on both sides" if profile.set_by == "data" else "the prior is needed to bound it"
    between = f"{ends[0]} to {ends[1]} {unit_in_words(parameter.unit)}".rstrip()
    return f"Profile of {lower_first(parameter.label)}: 90 % interval {between}; {by_data}."


def sampling(calibration: Calibration) -> list[str]:
    """How the sampler ran, in one sentence; nothing without one."""
    run = calibration.sampling
    if run is None:
        return []
    slow, few, uneven = (
        choose(values, key=values.get) for choose, values in ((max, run.tau), (min, run.effective), (max, run.r_hat))
    )
    label = {name: lower_first(calibration.model.parameter(name).label) for name in (slow, few, uneven)}
    return [
        f"Sampler: {run.walkers} walkers, {run.steps} steps ({run.burn_in} of them burn-in), acceptance "
        f"{percent(run.acceptance)}; longest autocorrelation time {run.tau[slow]:.0f} steps ({label[slow]}), fewest "
        f"effective draws {run.effective[few]:.0f} ({label[few]}), largest R-hat {run.r_hat[uneven]:.3f} "
        f"({label[uneven]})."
    ]


def not_converged(calibration: Calibration) -> str:
    """What to say of a sampler that has not converged; empty if it has, or if there was none."""
    run = calibration.sampling
    if run is None or run.converged:
        return ""
    slow, uneven = max(run.tau, key=run.tau.get), max(run.r_hat, key=run.r_hat.get)
    label = {name: lower_first(calibration.model.parameter(name).label) for name in (slow, uneven)}
    kept = run.steps - run.burn_in
    return (
        f"The sampler has NOT converged: its {kept} steps are {kept / run.tau[slow]:.0f} autocorrelation times of "
        f"{label[slow]} ({ENOUGH_TAU:g} are needed), and the largest R-hat is {run.r_hat[uneven]:.3f} "
        f"({label[uneven]}; at most {HIGHEST_R_HAT:g} is needed). Trust the posterior mode, not the intervals; "
        "allow more steps."
    )


def tells_of_no_convergence(warning: str) -> bool:
    """Whether a warning is that of a sampler that has not converged."""
    return "NOT converged" in warning


def coverage(check: ForecastCheck) -> str:
    """How many hidden numbers lie within their interval."""
    inside = sum(row.inside for row in check.rows)
    visits = ", ".join(dict.fromkeys(row.visit for row in check.rows))
    return f"{inside} of {len(check.rows)} hidden numbers ({visits}) lie within their 90 % forecast interval."


def agreement_cells(check: ForecastCheck, labels: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Measure, CCC, PCC, NRMSE, MAPE and share within the interval, as text."""

    def text(value: float, form: str) -> str:
        return form.format(value) if math.isfinite(value) else NOT_KNOWN

    return [
        (
            labels[column],
            text(found.ccc, "{:.2f}"),
            text(found.pcc, "{:.2f}"),
            text(100 * found.nrmse, "{:.0f} %"),
            text(found.mape, "{:.0f} %"),
            f"{round(found.coverage * found.n)} of {found.n}",
        )
        for column, found in check.agreement.items()
    ]


def too_few_to_correlate(check: ForecastCheck) -> list[str]:
    """Why there is no correlation, where there is none; what NRMSE is relative to."""
    if all(found.n > 1 for found in check.agreement.values()):
        return ["NRMSE is relative to the range of the hidden measurements."]
    return ["With one hidden number there is no CCC or PCC, and NRMSE is relative to the measurement itself."]


def best_model(weighed: Sequence[WeighedModel]) -> str:
    """The model with the least BIC and its weight."""
    best = weighed[0]
    return f"Least BIC: {models.get(best.model).title}, weight {percent(best.bic_weight)} among {len(weighed)} models."


def numbers_weighed(weighed: Sequence[WeighedModel]) -> str:
    """What the weights rest on."""
    sentence = f"Weights are those of BIC, from {weighed[0].fit.n_data} numbers."
    near = not_told_apart(weighed)
    if near > 1:
        sentence += f" {near} models lie within {NOT_TOLD_APART:g} of the least BIC: the data do not tell them apart."
    few = not any(math.isfinite(row.aicc) for row in weighed)
    return f"{sentence} AICc is infinite: there are too few numbers for it." if few else sentence


def model_cells(weighed: Sequence[WeighedModel]) -> list[tuple[str, str, str, str]]:
    """Model, AICc, BIC and BIC weight, as text; the best first."""
    return [
        (
            models.get(row.model).title,
            f"{row.aicc:.1f}" if math.isfinite(row.aicc) else "∞",
            f"{row.bic:.1f}",
            percent(row.bic_weight),
        )
        for row in weighed
    ]


def optimum(best: Optimum, model: Model) -> str:
    """The best schedule found: its doses, and what to expect of it."""
    row = next(row for row in best.ranking.rows if row.schedule.name == best.schedule.name)
    doses = sorted(best.schedule.doses, key=lambda dose: (dose.day, dose.drug))
    listed = ", ".join(f"{lower_first(model.drug(d.drug).label)} {d.dose:.2g} on day {d.day:g}" for d in doses)
    return f"{best.schedule.name}, in full doses: {listed or 'no dose'}; {expectation(best.ranking, row)}."


def searched(best: Optimum) -> str:
    """How the schedule was found."""
    judged = "the mean over the draws" if best.risk == "mean" else "the mean of the worst tenth of the draws (CVaR)"
    return f"Searched {best.evaluations} schedules by {judged}; the table compares expected values."
