"""What is said of a sampler: how it ran, and whether its draws can be trusted."""

from __future__ import annotations

from ..calibration.diagnostics import ENOUGH_DRAWS, ENOUGH_TAU, HEAVIEST_TAIL, HIGHEST_R_HAT, warnings_of
from ..calibration.one_subject import tells_of_misfit
from ..calibration.result import Calibration
from .tables import Table, sampling_table
from .wording import lower_first, percent, scatter

WITH_OTHERS = {
    "hierarchical": "Calibrated with other subjects as a group: the priors of this one are what the group says of it.",
    "pooled": "Calibrated pooled with other subjects: the rates are those of all of them.",
}
"""By the method of a calibration."""


def said_of_sampling(calibration: Calibration) -> dict[str, object]:
    """Notes on noise and sampler, what failed, warnings and alarm of a calibration, as arguments of `Findings`."""
    failed, alarm = failed_diagnostics(calibration), not_converged(calibration)
    warnings = [text for text in calibration.warnings if not tells_of_no_convergence(text) and text not in failed]
    notes = [*with_others(calibration), *scatter(calibration.scatter), *sampling(calibration)]
    return {"notes": notes, "failed": failed, "warnings": warnings, "alarm": alarm}


def with_others(calibration: Calibration) -> list[str]:
    """That several subjects were calibrated at once, in one sentence; nothing for one that was calibrated alone."""
    return [WITH_OTHERS[calibration.method]] if calibration.method in WITH_OTHERS else []


def failed_diagnostics(calibration: Calibration) -> list[str]:
    """What says that fit or draws are poor, apart from a sampler that has not converged, which is an alarm."""
    of_draws = () if calibration.sampling is None else warnings_of(calibration.sampling)
    return [
        text
        for text in calibration.warnings
        if (tells_of_misfit(text) or text in of_draws) and not tells_of_no_convergence(text)
    ]


def sampling_tables(calibration: Calibration) -> dict[str, tuple[str, Table]]:
    """The diagnostics of a sampler, if there was one."""
    run = calibration.sampling
    return {} if run is None else {"sampling": ("sampler diagnostics", sampling_table(run))}


def sampling(calibration: Calibration) -> list[str]:
    """How the sampler ran, in one sentence; nothing without one."""
    run = calibration.sampling
    if run is None:
        return []
    slow, few, uneven = (
        choose(values, key=values.get) for choose, values in ((max, run.tau), (min, run.effective), (max, run.r_hat))
    )
    label = {name: lower_first(calibration.model.parameter(name).label) for name in (slow, few, uneven)}
    if run.tail is not None:
        return [
            f"Posterior by importance sampling: {run.walkers * run.steps:,} points, {percent(run.acceptance)} of them "
            f"effective, at least {run.effective[few]:.0f} a parameter ({label[few]}; {ENOUGH_DRAWS:g} are needed); "
            f"Pareto shape of the weights {run.tail:.2f} (at most {HEAVIEST_TAIL:g}), largest R-hat between batches "
            f"{run.r_hat[uneven]:.3f} ({label[uneven]})."
        ]
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
