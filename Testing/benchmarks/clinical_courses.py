"""Speed of concentrations of 500 patients under 1,000 schedules on a grid of half days.

    python Testing/benchmarks/clinical_courses.py --out FOLDER

writes clinical_courses.md and clinical_courses.json. Processor time is of all threads together.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from HER2ImmunoModelLib.drugs.courses import courses
from HER2ImmunoModelLib.drugs.individuals import population
from HER2ImmunoModelLib.drugs.library import find_drug

PATIENTS, SCHEDULES = 500, 1000
REPEATS = 3


def random_schedules(last_day: float, doses: int = 3) -> list[list[tuple[float, float]]]:
    """Schedules that differ from their first dose on, so that they share as little as can be."""
    rng = np.random.default_rng(1)
    half_days = np.arange(2 * last_day * 0.75)
    return [[(day / 2, 408.0) for day in rng.choice(half_days, doses, replace=False)] for _ in range(SCHEDULES)]


def every_gap() -> list[list[tuple[float, float]]]:
    """Schedules as those of order, gap and split, of which many give a drug on the same days."""
    starts, numbers, intervals = range(28), (1, 2, 4), (1, 4, 7, 14)
    several = [[(start + gap * i, 408.0) for i in range(n)] for start in starts for n in numbers for gap in intervals]
    return (several * -(-SCHEDULES // len(several)))[:SCHEDULES]


def measure(name: str, schedules: list, last_day: float) -> dict:
    """The best of a few runs."""
    kinetics = population(find_drug(name), PATIENTS, seed=0).kinetics
    runs = []
    for _ in range(REPEATS):
        start, processor = perf_counter(), process_time()
        found = courses(kinetics, schedules, 0.0, last_day)
        runs.append((perf_counter() - start, process_time() - processor))
    seconds, processor = min(runs)
    rows = len(found.concentration)
    return {"drug": name, "days": last_day, "s": seconds, "processor_s": processor, "rows": rows}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path())
    arguments = parser.parse_args()
    cases = [
        {"schedules": kind, **measure(name, schedules, days)}
        for name in ("trastuzumab", "pertuzumab")
        for kind, schedules, days in (
            ("at random", random_schedules(42.0), 42.0),
            ("order, gap and split", every_gap(), 42.0),
            ("at random", random_schedules(84.0), 84.0),
        )
    ]
    lines = ["| drug | schedules | days | s | processor s |", "|---|---|---|---|---|"]
    lines += [
        f"| {c['drug']} | {c['schedules']} | {c['days']:g} | {c['s']:.2f} | {c['processor_s']:.2f} |" for c in cases
    ]
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end."
    text = "\n".join([*lines, "", f"{PATIENTS} patients under {SCHEDULES} schedules. {load}"]) + "\n"
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "clinical_courses.json").write_text(json.dumps(cases, indent=2) + "\n", encoding="utf-8")
    (arguments.out / "clinical_courses.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
