"""What a calibration and a ranking say, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration_result import Calibration
from HER2ImmunoModelLib.choice_of_model import WeighedModel
from HER2ImmunoModelLib.diagnostics import ENOUGH_TAU, HIGHEST_R_HAT
from HER2ImmunoModelLib.forecast_check import ForecastCheck
from HER2ImmunoModelLib.identifiability import FisherSpectrum, Profile
from HER2ImmunoModelLib.model import Model
from HER2ImmunoModelLib.optimisation import Optimum
from HER2ImmunoModelLib.parameters import Parameter
from HER2ImmunoModelLib.ranking import RankedSchedule, Ranking

OBJECTIVE_TITLES = {
    "volume_at_horizon": "Volume on that day",
    "mean_burden": "Mean volume up to that day",
    "nadir": "Smallest volume up to that day",
    "time_to_progression": "Days until 20 % above the smallest volume",
    "probability_below": "Probability of a volume below a level",
}
"""Every objective by name, in few words."""
MOST_SENTENCES = 6
NOT_KNOWN = "–"
NOT_TOLD_APART = 2.0
"""Difference in BIC that is not worth a mention (Kass and Raftery, J Am Stat Assoc 1995;90:773-795)."""


def answer(ranking: Ranking) -> str:
    """The best schedule, what to expect of it and how sure that is, in one sentence."""
    best = ranking.rows[0]
    return (
        f"Best expected: {best.schedule.name}, {expectation(ranking, best)}, "
        f"best in {percent(best.probability_best)} of draws."
    )


def expectation(ranking: Ranking, row: RankedSchedule) -> str:
    """Expected value of one schedule with its interval, unit and day."""
    value, interval = number(row.expected), f"(90 % {number(row.lower)} to {number(row.upper)})"
    day = f"day {ranking.horizon_day:g}"
    label = _lower_first(ranking.objective.label).replace("cm3", "cm³")
    return {
        "volume_at_horizon": f"{value} cm³ at {day} {interval}",
        "mean_burden": f"{value} cm³ on average up to {day} {interval}",
        "nadir": f"smallest volume {value} cm³ up to {day} {interval}",
        "time_to_progression": f"{value} days without progression up to {day} {interval}",
        "probability_below": f"{label} ({day}) {percent(row.expected)}",
    }.get(ranking.objective.name, f"{value} {ranking.objective.unit} {interval}")


def number(value: float) -> str:
    """A value to two significant digits, or whole if it has more before the point."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:#.2g}".rstrip(".")


def percent(share: float) -> str:
    """A share in per cent; never 0 % or 100 % for what is not certain."""
    if 0.0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1.0:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def shortened(text: str) -> str:
    """A number with many digits to three of them, for a narrow cell; any other text as it is."""
    try:
        short = f"{float(text):.3g}"
    except ValueError:
        return text
    return short if len(short) < len(text) else text


def value_header(ranking: Ranking) -> str:
    """Short heading of the expected values, with their unit."""
    unit = {"cm3": "cm³", "day": "days", "": "of draws"}.get(ranking.objective.unit, ranking.objective.unit)
    return f"Expected\n{unit}" if ranking.objective.name == "probability_below" else f"Expected\n{unit} (90 %)"


def ranking_cells(ranking: Ranking) -> list[tuple[str, str, str]]:
    """Schedule, expected value with its 90 % interval, and share of draws in which it is best, as text; in order."""

    def expected(row: RankedSchedule) -> str:
        if ranking.objective.name == "probability_below":
            return percent(row.expected)
        return f"{number(row.expected)} ({number(row.lower)} to {number(row.upper)})"

    return [
        (
            row.schedule.name,
            expected(row),
            percent(row.probability_best),
        )
        for row in ranking.rows
    ]


def excluded(ranking: Ranking) -> list[str]:
    """One sentence for each candidate that was left out, or one for all if they are many."""
    sentences = [f"{schedule.name} is left out: {reason}." for schedule, reason in ranking.excluded]
    if len(sentences) <= MOST_SENTENCES:
        return sentences
    return [f"{len(sentences)} schedules are left out, the first one so: {sentences[0]}"]


def left_out_of_view(ranking: Ranking, shown: int) -> list[str]:
    """Where to find the schedules of a long ranking that are not among the `shown` ones."""
    total = len(ranking.rows)
    return [] if shown == total else [f"The best of {total} schedules are shown; the table of the ranking has all."]


def set_by_data(calibration: Calibration) -> str:
    """Which parameters the measurements determine."""
    labels = [
        _lower_first(calibration.model.parameter(name).label)
        for name, estimate in calibration.estimates.items()
        if estimate.set_by == "data"
    ]
    total = len(calibration.estimates)
    listed = f" ({', '.join(labels)})" if labels else ""
    return (
        f"The data set {len(labels)} of {total} parameters{listed}; "
        f"the other {total - len(labels)} are set by their priors."
    )


def with_unit(text: str, unit: str) -> str:
    """A number with its unit as people write it: `4.2 cm³`, `0.05 /day`."""
    return f"{text} {symbol(unit)}".rstrip()


def symbol(unit: str) -> str:
    """A unit as it is shown."""
    return unit.replace("1/day", "/day").replace("cm3", "cm³")


def estimate_cells(calibration: Calibration) -> list[tuple[str, str, str]]:
    """Parameter, estimate with its 90 % interval, shrinkage and what set it, the most certain first."""
    rows = sorted(calibration.estimates.items(), key=lambda entry: -entry[1].shrinkage)
    cells = []
    for name, found in rows:
        parameter = calibration.model.parameter(name)
        interval = f"{number(found.value)} ({number(found.lower)} to {number(found.upper)})"
        shrinkage = f"{percent(found.shrinkage)}, {found.set_by}"
        cells.append((parameter.label, with_unit(interval, parameter.unit), shrinkage))
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
    between = with_unit(f"{ends[0]} to {ends[1]}", parameter.unit)
    return f"Profile of {_lower_first(parameter.label)}: 90 % interval {between}; {by_data}."


def sampling(calibration: Calibration) -> list[str]:
    """How the sampler ran, in one sentence; nothing without one."""
    run = calibration.sampling
    if run is None:
        return []
    slow, few, uneven = (
        choose(values, key=values.get) for choose, values in ((max, run.tau), (min, run.effective), (max, run.r_hat))
    )
    label = {name: _lower_first(calibration.model.parameter(name).label) for name in (slow, few, uneven)}
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
    label = {name: _lower_first(calibration.model.parameter(name).label) for name in (slow, uneven)}
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
    near = sum(row.bic <= weighed[0].bic + NOT_TOLD_APART for row in weighed)
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
    listed = ", ".join(f"{_lower_first(model.drug(d.drug).label)} {d.dose:.2g} on day {d.day:g}" for d in doses)
    return f"{best.schedule.name}, in full doses: {listed or 'no dose'}; {expectation(best.ranking, row)}."


def searched(best: Optimum) -> str:
    """How the schedule was found."""
    judged = "the mean over the draws" if best.risk == "mean" else "the mean of the worst tenth of the draws (CVaR)"
    return f"Searched {best.evaluations} schedules by {judged}; the table compares expected values."


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
