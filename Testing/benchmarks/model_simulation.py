"""Speed and agreement of the simulator against scipy's LSODA and, where it is installed, libRoadRunner's CVODE.

    python Testing/benchmarks/model_simulation.py --out FOLDER

writes model_simulation.md and model_simulation.json. All times are of one run on one machine: read the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import numpy as np
from HER2ImmunoModelLib import Schedule, models, repeated, simulate
from HER2ImmunoModelLib.models.model import Model
from HER2ImmunoModelLib.simulation.batch import simulate_schedules
from plain_rhs import lsoda
from sbml_tivnh import tivnh_sbml

DAYS = 28.0
FULL = Schedule(repeated("trastuzumab", (0, 4)) + repeated("cytotoxic", (8, 12)), "Trastuzumab then chemotherapy")
TOLERANCE = 1e-6


def prior_draws(model: Model, n: int, width: float, seed: int = 0) -> dict[str, np.ndarray]:
    """Draws from the prior, its standard deviations times `width`."""
    rng = np.random.default_rng(seed)
    return {
        p.name: p.from_free(p.to_free(p.default) + width * p.prior * rng.standard_normal(n)) for p in model.parameters
    }


def one(values: Mapping[str, np.ndarray], sample: int) -> dict[str, float]:
    """Parameters of one sample."""
    return {name: float(value[sample]) for name, value in values.items()}


def ours(model: Model, values: Mapping[str, np.ndarray], schedule: Schedule, repeats: int = 3) -> tuple[float, float]:
    """Seconds a simulation, the best of a few runs, and the share of simulations that failed."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        course = simulate(model, values, [0.0, DAYS], schedule=schedule, tolerance=TOLERANCE)
        times.append(perf_counter() - start)
    return min(times) / course.failed.size, float(course.failed.mean())


def scipy_time(model: Model, values: Mapping[str, np.ndarray], schedule: Schedule, n: int) -> float:
    """Seconds a simulation by LSODA at the same tolerance."""
    doses = schedule.for_model(model).doses
    each = [one(values, sample) for sample in range(n)]
    start = perf_counter()
    for sample in each:
        lsoda(model, sample, doses, (0.0, DAYS), TOLERANCE)
    return (perf_counter() - start) / n


def roadrunner_time(values: Mapping[str, np.ndarray], n: int) -> float | None:
    """Seconds a simulation of `tivnh` by CVODE at the same tolerance; None where libRoadRunner is not installed."""
    if find_spec("roadrunner") is None:
        return None
    import roadrunner

    engine = roadrunner.RoadRunner(tivnh_sbml(models.get("tivnh").defaults()))
    engine.integrator.relative_tolerance, engine.integrator.absolute_tolerance = TOLERANCE, TOLERANCE * 1e-3
    names = [(name, "del_" if name == "del" else name) for name in values if not name.endswith("0")]
    states = [state.name for state in models.get("tivnh").states]
    start = perf_counter()
    for sample in range(n):
        engine.reset()
        for name, known_as in names:
            engine[known_as] = float(values[name][sample])
        for state in states:
            engine[state] = float(values[f"{state}0"][sample])
        engine.simulate(0, DAYS, 2)
    return (perf_counter() - start) / n


def agreement(model: Model, width: float, schedule: Schedule, n: int) -> float:
    """Largest relative difference from LSODA at rtol 1e-10 (fractions relative to at least 1e-3, T to 1e-6 cm3)."""
    values = prior_draws(model, n, width, seed=7)
    course = simulate(model, values, [0.0, DAYS], schedule=schedule, tolerance=TOLERANCE)
    found = np.array([course.states[s.name][:, -1] for s in model.states])
    doses = schedule.for_model(model).doses
    exact = np.transpose([lsoda(model, one(values, sample), doses, (0.0, DAYS), 1e-10)[:, -1] for sample in range(n)])
    floor = np.array([[1e-3 if np.isfinite(s.domain[1]) else 1e-6] for s in model.states])
    return float(np.nanmax(np.abs(found - exact) / np.maximum(np.abs(exact), floor)))


def many_schedules(schedules: int, draws: int, last_day: float = 42.0) -> float:
    """Seconds for schedules x draws, the volume on every day."""
    rng, model = np.random.default_rng(1), models.get("tivnh_treated")
    plans = [
        Schedule(
            repeated("trastuzumab", sorted(rng.choice(28, 2, replace=False).astype(float)))
            + repeated("cytotoxic", sorted(rng.choice(28, 2, replace=False).astype(float)))
        )
        for _ in range(schedules)
    ]
    start = perf_counter()
    simulate_schedules(model, prior_draws(model, draws, 0.3), np.arange(last_day + 1), plans, keep=["T"])
    return perf_counter() - start


def measure(samples: int, few: int) -> dict:
    """Every figure of the report."""
    cases = []
    for name, schedule in (("tivnh", Schedule()), ("tivnh_treated", Schedule()), ("tivnh_treated", FULL)):
        model = models.get(name)
        for width in (0.3, 1.0):
            values = prior_draws(model, samples, width)
            seconds, failed = ours(model, values, schedule)
            other = roadrunner_time(values, 10 * few) if name == "tivnh" else None
            cases.append(
                {
                    "model": name,
                    "doses": len(schedule.doses),
                    "prior_width": width,
                    "us_per_simulation": 1e6 * seconds,
                    "million_simulations_s": 1e6 * seconds,
                    "times_faster_than_lsoda": scipy_time(model, values, schedule, few) / seconds,
                    "times_faster_than_roadrunner": None if other is None else other / seconds,
                    "share_failed": failed,
                    "largest_difference": agreement(model, width, schedule, few),
                }
            )
    return {
        "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()},
        "days": DAYS,
        "tolerance": TOLERANCE,
        "cases": cases,
        "schedules_1000_draws_500_days_42_s": many_schedules(1000, 500) if samples >= 10_000 else None,
    }


def table(result: dict) -> str:
    """The figures as Markdown."""
    lines = [
        "| model | doses | prior width | us each | 1e6 in s | x LSODA | x CVODE | failed | largest difference |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for case in result["cases"]:
        cvode = case["times_faster_than_roadrunner"]
        road = "" if cvode is None else f"{cvode:.0f}"
        lines.append(
            f"| {case['model']} | {case['doses']} | {case['prior_width']:g} | {case['us_per_simulation']:.1f} "
            f"| {case['million_simulations_s']:.1f} | {case['times_faster_than_lsoda']:.0f} | {road} "
            f"| {100 * case['share_failed']:.1f} % | {case['largest_difference']:.1e} |"
        )
    seconds, machine = result["schedules_1000_draws_500_days_42_s"], result["machine"]
    if seconds is not None:
        lines += ["", f"1,000 schedules x 500 draws, the volume on each of 42 days: {seconds:.1f} s."]
    lines += ["", f"{machine['cpus']} cores, load {machine['load']:.1f} at the end, Python {machine['python']}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--samples", type=int, default=100_000, help="simulations of the batch")
    parser.add_argument("--few", type=int, default=20, help="simulations of a slow engine")
    arguments = parser.parse_args()
    result = measure(arguments.samples, arguments.few)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "model_simulation.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    (arguments.out / "model_simulation.md").write_text(table(result), encoding="utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
