"""How long forecasts take to follow an edit: 500 draws, five scenarios, every state on each of 84 days.

    python Testing/benchmarks/model_what_if.py --out FOLDER

writes model_what_if.md and model_what_if.json. A dose is added on an early, middle or late day, to one scenario or to
all five. At most 200 ms are wanted; processor time tells more than the clock where other work shares the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, repeated
from HER2ImmunoModelLib.planning.courses import Ensemble, ensemble
from HER2ImmunoModelLib.planning.what_if import WhatIf
from model_calibration import GIVEN, HUMAN_DAYS, MODEL, human_visits, subject

DAYS = 84.0
DRAWS = 500
WANTED_MS = 200.0
EDITS = {"early": 2.5, "middle": 40.5, "late": 70.5}
"""Days after the start on which a dose is added."""
CYTOTOXIC = ((3, 24, 45, 66), (1, 8, 15, 22, 29, 36), (7, 28, 49), (3, 17, 31, 45, 59), (10,))
"""Days after the start of the chemotherapy of each scenario; trastuzumab is given every three weeks."""


def ensembles() -> dict[str, Ensemble]:
    """Draws of the posterior of a simulated mouse and of a patient, on the day of the last visit."""
    visits = subject({"g": 0.06, "k_P": 0.45, "T0": 0.3}, np.random.default_rng(1))
    human, given = human_visits()
    cases = {
        "mouse": (calibrate(MODEL, visits, schedule=GIVEN), GIVEN, 28.0),
        "patient": (calibrate(models.get("tivnh_treated", "human"), human, schedule=given), given, HUMAN_DAYS[-1]),
    }
    return {
        name: ensemble(fitted, past.before(start), (start, start + DAYS), DRAWS, 0, None)
        for name, (fitted, past, start) in cases.items()
    }


def scenarios(start: float) -> list[Schedule]:
    """Five schedules from a day on."""
    trastuzumab = repeated("trastuzumab", [start + 21.0 * i for i in range(4)])
    return [Schedule(trastuzumab + repeated("cytotoxic", [start + day for day in days])) for days in CYTOTOXIC]


def milliseconds(asked: WhatIf, schedules: Sequence[Schedule]) -> dict[str, float]:
    """Of the forecasts under some schedules, on the clock and of the processors."""
    wall, cpu = perf_counter(), process_time()
    asked.forecasts(schedules)
    return {"ms": 1e3 * (perf_counter() - wall), "cpu_ms": 1e3 * (process_time() - cpu)}


def edits(drawn: Ensemble, repeats: int) -> list[dict]:
    """Times of edits, the best of a few, each after the scenarios as they were."""
    start, found = float(drawn.day[0]), []
    shown = scenarios(start)
    for when, day in EDITS.items():
        for number in (1, len(shown)):
            runs = []
            for repeat in range(repeats):
                asked = WhatIf(drawn)
                asked.forecasts(shown)
                dose = Schedule((Dose("cytotoxic", start + day, 0.5 + 0.1 * repeat),))
                runs.append(milliseconds(asked, [plan + dose for plan in shown[:number]]))
            best = {key: min(run[key] for run in runs) for key in runs[0]}
            found.append({"edit": when, "day": day, "scenarios": number, **best})
    return found


def accuracy(drawn: Ensemble) -> float:
    """Largest difference of the band of the volume from that at a tolerance of 1e-9, over the width of the band."""
    plan = scenarios(float(drawn.day[0]))[0]
    band, exact = (WhatIf(drawn, tolerance).forecast(plan).band("T") for tolerance in (1e-5, 1e-9))
    return float(np.max(np.abs(band - exact) / (exact[-1] - exact[0] + 1e-9)[None]))


def measure(repeats: int) -> dict:
    """Every figure of the report."""
    drawn = ensembles()
    return {
        "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()},
        "wanted_ms": WANTED_MS,
        "edits": {name: edits(each, repeats) for name, each in drawn.items()},
        "band_off": {name: accuracy(each) for name, each in drawn.items()},
    }


def table(result: dict) -> str:
    """The figures as Markdown."""
    lines = ["| posterior | edit | scenarios | ms | processor ms |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {row['edit']} (day {row['day']:g}) | {row['scenarios']} | {row['ms']:.0f} | {row['cpu_ms']:.0f} |"
        for name, rows in result["edits"].items()
        for row in rows
    ]
    machine, off = result["machine"], ", ".join(f"{name} {each:.0e}" for name, each in result["band_off"].items())
    kept = sum(row["ms"] <= WANTED_MS for rows in result["edits"].values() for row in rows)
    lines += [
        "",
        f"{kept} of {sum(map(len, result['edits'].values()))} within {WANTED_MS:g} ms. Largest error of a band, as a "
        f"share of its width: {off}.",
        f"{machine['cpus']} cores, load {machine['load']:.1f} at the start, Python {machine['python']}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    result = measure(arguments.repeats)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "model_what_if.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    (arguments.out / "model_what_if.md").write_text(table(result), encoding="utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
