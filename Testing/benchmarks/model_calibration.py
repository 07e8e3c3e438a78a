"""Sampler, ranking and coverage of the tumour model, measured in one run.

python Testing/benchmarks/model_calibration.py [--coverage 200] [--quick] [--json FILE] [--markdown FILE]

Effective draws a second of `calibrate(method="mcmc")` against emcee as one would write it: its default moves, one
course by `scipy.integrate.odeint` (LSODA) a likelihood, the right-hand side in plain numbers. Courses a second of
`rank_schedules`.
With `--coverage N`, simulation-based calibration: how often the 90 % intervals of N synthetic subjects hold the truth.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import emcee
import numpy as np
from HER2ImmunoCommonLib.files import write_json, write_text
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Schedule, calibrate, models, order_gap_split, rank_schedules, repeated, simulate
from HER2ImmunoModelLib.calibration.diagnostics import autocorrelation_time
from HER2ImmunoModelLib.calibration.observations import observe
from HER2ImmunoModelLib.calibration.posterior import posterior
from HER2ImmunoModelLib.calibration.result import Calibration
from plain_rhs import lsoda

MODEL = models.get("tivnh_treated")
DAYS = (0.0, 7.0, 14.0, 21.0, 28.0)
HUMAN_DAYS = (0.0, 21.0, 42.0)
GIVEN = Schedule(repeated("trastuzumab", (3, 7)) + repeated("cytotoxic", (11, 15)))
THINNED, LONGEST_PLAIN = 10, 60000
"""Steps of plain emcee of which one is kept, and most steps."""
FREE = ("g", "mu_V", "del", "k_P", "n_A", "T0", "V0", "N0", "H0")


def subject(truth: dict[str, float], rng: np.random.Generator) -> list[Measurement]:
    """Five visits of a simulated subject: volume with 10 % noise, fractions with 0.03."""
    course = simulate(MODEL, truth, DAYS, schedule=GIVEN)
    visits = []
    for i, day in enumerate(DAYS):
        values, sd = {}, {}
        for state, column in MODEL.observables.items():
            if column == "immune_fraction":
                continue
            value = float(course.states[state][0, i])
            if column == "volume_cm3":
                value *= float(np.exp(np.sqrt(np.log1p(0.01)) * rng.standard_normal()))
                sd[column] = 0.1 * value
            else:
                value, sd[column] = float(np.clip(value + 0.03 * rng.standard_normal(), 0, 1)), 0.03
            values[column] = value
        visits.append(Measurement(f"V{i}", day, values, sd))
    return visits


def plain_log_density(target):
    """One point at a time, as most scripts are written."""
    doses = GIVEN.for_model(MODEL).doses

    def value(theta):
        p = {name: float(np.ravel(x)[0]) for name, x in target.values(theta[None]).items()}
        found = lsoda(MODEL, p, doses, DAYS)
        if not np.isfinite(found).all():
            return -np.inf
        misfit = target.observations.residuals(found[:, None, :])[0]
        prior = (theta - target.prior_mean) / target.prior_sd
        return -0.5 * float(misfit @ misfit + prior @ prior)

    return value


def plain_tau(parameters: int, walkers: int) -> tuple[float, float]:
    """Longest autocorrelation time (steps) of emcee's default moves on a normal distribution, and its error.

    The moves are affine invariant: every normal distribution takes them as long. A posterior whose ridges are curved
    takes longer, but a run of it that lasts 50 of its autocorrelation times takes hours. The error is half the
    difference between the halves of the run.
    """
    plain = emcee.EnsembleSampler(walkers, parameters, lambda x: -0.5 * np.square(x).sum(axis=1), vectorize=True)
    plain.random_state = np.random.RandomState(0).get_state()
    state, tau = np.random.default_rng(0).standard_normal((walkers, parameters)), np.inf
    while plain.iteration * THINNED < min(60 * tau, LONGEST_PLAIN):
        state = plain.run_mcmc(state, 500, thin_by=THINNED)
        tau = THINNED * autocorrelation_time(plain.get_chain()).max()
    halves = [THINNED * autocorrelation_time(half).max() for half in np.array_split(plain.get_chain(), 2)]
    return float(tau), float(abs(halves[0] - halves[1]) / 2)


def sampler(visits: list[Measurement], free: tuple[str, ...] | None, plain_steps: int) -> dict:
    """Effective draws a second of this sampler and of plain emcee on the same posterior."""
    begin = time.perf_counter()
    best = calibrate(MODEL, visits, schedule=GIVEN, free=free)
    map_s = time.perf_counter() - begin
    begin, work = time.perf_counter(), time.process_time()
    run = calibrate(MODEL, visits, schedule=GIVEN, free=free, method="mcmc").sampling
    seconds, work = time.perf_counter() - begin, time.process_time() - work
    target = posterior(MODEL, observe(MODEL, visits), GIVEN, free, None)
    walkers = max(64, 2 * len(best.free) + 2)
    start = best.mode + np.random.default_rng(0).multivariate_normal(np.zeros(best.mode.size), best.covariance, walkers)
    plain = emcee.EnsembleSampler(walkers, best.mode.size, plain_log_density(target))
    begin = time.perf_counter()
    plain.run_mcmc(start, plain_steps)
    each = (time.perf_counter() - begin) / plain_steps
    tau, error = plain_tau(best.mode.size, walkers)
    ours, theirs = min(run.effective.values()) / seconds, walkers / tau / each
    return {
        "parameters": len(best.free),
        "map_s": map_s,
        "mcmc_s": seconds,
        "mcmc_cpu_s": work,
        "converged": run.converged,
        "how": "walkers" if run.tail is None else "weights",
        "points": run.walkers * run.steps,
        "share": run.acceptance,
        "tail": np.nan if run.tail is None else run.tail,
        "r_hat": max(run.r_hat.values()),
        "effective": min(run.effective.values()),
        "effective_per_s": ours,
        "plain_step_s": each,
        "plain_tau": tau,
        "plain_tau_error": error,
        "plain_effective_per_s": theirs,
        "ratio": ours / theirs,
    }


def ranking(calibration: Calibration, schedules: int, draws: int) -> dict:
    """Seconds to rank schedules of order, gap and split over 42 days."""
    plans = order_gap_split(start_day=28.0, gaps=tuple(np.arange(-14, 14.5, 0.5)), splits=(1, 2, 3, 4))[:schedules]
    begin = time.perf_counter()
    rank_schedules(calibration, plans, draws=draws, start_day=28.0)
    seconds = time.perf_counter() - begin
    courses = len(plans) * draws
    return {"schedules": len(plans), "draws": draws, "seconds": seconds, "courses_per_s": courses / seconds}


def human_visits() -> tuple[list[Measurement], Schedule]:
    """Three visits of a patient with a tumour of 14 cm3, and what was given."""
    model, given = models.get("tivnh_treated", "human"), Schedule(repeated("trastuzumab", (0, 21)))
    course = simulate(model, {"T0": 14.0}, HUMAN_DAYS, schedule=given)
    visits = [
        Measurement(f"V{i}", day, {c: float(course.states[s][0, i]) for s, c in model.observables.items()})
        for i, day in enumerate(HUMAN_DAYS)
    ]
    return visits, given


def human_ranking(schedules: int, draws: int) -> dict:
    """The same for a patient: large tumours lose their vessels fast."""
    visits, given = human_visits()
    plans = order_gap_split(start_day=42.0, splits=(1, 2), intervals=(7.0, 21.0))[:schedules]
    calibration = calibrate(models.get("tivnh_treated", "human"), visits, schedule=given)
    begin = time.perf_counter()
    rank_schedules(calibration, plans, draws=draws, start_day=42.0, horizon_day=126.0)
    seconds = time.perf_counter() - begin
    return {"schedules": len(plans), "draws": draws, "seconds": seconds, "courses_per_s": len(plans) * draws / seconds}


def coverage(subjects: int) -> dict:
    """Share of true parameters within their 90 % intervals, truths drawn from the prior."""
    rng, inside, total = np.random.default_rng(11), 0, 0
    for seed in range(subjects):
        truth = {
            p.name: float(p.from_free(p.to_free(p.default) + p.prior * rng.standard_normal()))
            for p in MODEL.parameters
            if p.name in FREE
        }
        found = calibrate(MODEL, subject(truth, rng), schedule=GIVEN, free=FREE, seed=seed, prior_draws=512)
        inside += sum(e.lower < truth[name] < e.upper for name, e in found.estimates.items())
        total += len(FREE)
    return {"subjects": subjects, "intervals": total, "coverage": inside / total}


FIGURES = {
    "map_s": ("posterior mode, s", "{:.2f}"),
    "mcmc_s": ("mode and sampling, s", "{:.1f}"),
    "mcmc_cpu_s": ("mode and sampling, s of processor time", "{:.1f}"),
    "converged": ("converged", "{}"),
    "how": ("draws are from", "{}"),
    "points": ("points weighed, or steps of all walkers", "{:,}"),
    "share": ("share of them effective, or accepted", "{:.3f}"),
    "tail": ("Pareto shape of the weights", "{:.2f}"),
    "r_hat": ("largest R-hat", "{:.3f}"),
    "effective": ("effective draws, the fewest of a parameter", "{:,.0f}"),
    "effective_per_s": ("effective draws a second", "{:.0f}"),
    "plain_step_s": ("plain emcee: a step, s", "{:.3f}"),
    "plain_tau": ("plain emcee: longest autocorrelation time on a normal distribution, steps", "{:.0f}"),
    "plain_tau_error": ("its error", "{:.0f}"),
    "plain_effective_per_s": ("plain emcee: effective draws a second at most", "{:.3f}"),
    "ratio": ("ratio of both", "{:,.0f}"),
}
"""Figures of a sampler, in words, and how they are written."""


def markdown(result: dict) -> str:
    """The result as a table and two sentences."""
    runs = [result[name] for name in ("nine parameters", "all parameters")]
    lines = [f"| | {runs[0]['parameters']} parameters | {runs[1]['parameters']} parameters |", "|---|---|---|"]
    for name, (title, form) in FIGURES.items():
        lines.append(f"| {title} | {' | '.join(form.format(run[name]) for run in runs)} |")
    ranked = result["ranking"]
    human = result["human ranking"]
    lines += [
        "",
        f"{ranked['schedules']:,} schedules x {ranked['draws']} draws, 42 days: {ranked['seconds']:.1f} s.",
        f"{human['schedules']} schedules x {human['draws']} draws of a patient, 84 days: {human['seconds']:.1f} s.",
    ]
    if "coverage" in result:
        held = result["coverage"]
        lines.append(
            f"The 90 % intervals of {held['subjects']} synthetic subjects hold the truth in {held['coverage']:.1%}."
        )
    return "\n".join([*lines, "", f"{result['cores']} cores, load {result['load']:.1f} at the start."]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coverage", type=int, default=0, metavar="SUBJECTS")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    visits, share = subject({"g": 0.06, "k_P": 0.45, "T0": 0.3}, np.random.default_rng(1)), 10 if arguments.quick else 1
    result: dict = {"cores": os.cpu_count(), "load": os.getloadavg()[0]}
    result["nine parameters"] = sampler(visits, FREE, max(2, 10 // share))
    result["all parameters"] = sampler(visits, None, max(2, 10 // share))
    result["ranking"] = ranking(calibrate(MODEL, visits, schedule=GIVEN), 1000 // share, 500)
    result["human ranking"] = human_ranking(100 // share, 500)
    if arguments.coverage:
        result["coverage"] = coverage(arguments.coverage)
    print(markdown(result))
    if arguments.json:
        write_json(json.loads(json.dumps(result, default=float)), arguments.json)
    if arguments.markdown:
        write_text(markdown(result), arguments.markdown)


if __name__ == "__main__":
    main()
