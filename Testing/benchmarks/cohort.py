"""Hierarchical calibration of synthetic cohorts: what is recovered, how honest intervals are, and how long it takes.

    python Testing/benchmarks/cohort.py --out FOLDER [--cohorts N] [--quick]
    python Testing/benchmarks/cohort.py --table FOLDER      the table of Docs/Cohort.md, and one of new animals

Animals of the model immunotherapy_decaying with 7 visits, doses in half of them and log-normal noise of 15 %, normal
about a group whose means are not those of the priors. Written: cohort.md and cohort.json.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.files import write_csv, write_json, write_text
from HER2ImmunoModelLib.calibration import calibrate
from HER2ImmunoModelLib.calibration.hidden_visits import compared
from HER2ImmunoModelLib.population import calibrate_cohort, forecast_new

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Python" / "unit"))
from synthetic_cohorts import TREATED, cohort

GROUP = {"g": (0.12, 0.25), "K": (3.0, 0.25), "phi": (0.3, 0.25), "lam_B": (0.75, 0.15), "T0": (0.2, 0.3)}
"""Mean and spread of each parameter."""
MEASURED = ("g", "K", "phi", "lam_B")
NEW = 8
"""New animals of each cohort that are forecast from one visit."""
SUV_EFFECT, SUV_MEAN, SUV_SD = 0.3, 1.6, 0.5
"""Of the table: what a standard deviation of SUV does to log phi, and how SUV varies."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--cohorts", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="fewer, smaller cohorts")
    asked = parser.parse_args()
    if asked.table:
        write_tables(asked.table)
    if asked.out:
        rows = [of_size(50, 2 if asked.quick else asked.cohorts), of_size(5, 4 if asked.quick else 2 * asked.cohorts)]
        asked.out.mkdir(parents=True, exist_ok=True)
        write_json(rows, asked.out / "cohort.json")
        write_text(report(rows), asked.out / "cohort.md")


def of_size(n: int, cohorts: int) -> dict:
    """What cohorts of a size recover."""
    found = [one(n, seed) for seed in range(cohorts)]
    gathered = {name: np.array([row[name] for row in found]) for name in found[0]}
    return {
        "subjects": n,
        "cohorts": cohorts,
        "wall_s": float(np.median(gathered["wall_s"])),
        "processor_s": float(np.median(gathered["processor_s"])),
        "means_within_2_se": float((np.abs(gathered["mean_z"]) < 2).mean()),
        "spreads_within_2_se": float((np.abs(gathered["spread_z"]) < 2).mean()),
        "means_in_90": float(gathered["mean_in"].mean()),
        "spreads_in_90": float(gathered["spread_in"].mean()),
        "spread_over_truth": dict(zip(MEASURED, gathered["spread_ratio"].mean(axis=0).tolist(), strict=True)),
        "subjects_in_90": dict(zip(MEASURED, gathered["inside"].mean(axis=0).tolist(), strict=True)),
        "all_subjects_in_90": float(gathered["inside"].mean()),
        "weighed": float(gathered["weighed"].mean()),
        "error_with_group": float(gathered["error"][:, :, 0].mean()),
        "error_alone": float(gathered["error"][:, :, 1].mean()),
        "inside_with_group": float(gathered["foretold"][:, :, 0].mean()),
        "inside_alone": float(gathered["foretold"][:, :, 1].mean()),
        "width_ratio": float(np.median(gathered["width"][:, :, 0] / gathered["width"][:, :, 1])),
    }


def one(n: int, seed: int) -> dict:
    """One cohort: how far estimates are from the truth, and forecasts of new animals from one visit."""
    model, subjects, truth = cohort(n + NEW, GROUP, seed=seed)
    began = time.perf_counter(), time.process_time()
    fit = calibrate_cohort(model, subjects[:n])
    took = time.perf_counter() - began[0], time.process_time() - began[1]
    print(f"cohort {seed} of {n}: {took[0]:.0f} s, {fit.diagnostics.method}", flush=True)
    columns = [fit.draws.free.index(name) for name in MEASURED]
    mean, spread = fit.draws.mean[:, columns], fit.draws.spread[:, columns]
    true_mean, true_spread = np.log([GROUP[name][0] for name in MEASURED]), [GROUP[name][1] for name in MEASURED]
    forecasts = [forecast(model, fit, subject) for subject in subjects[n:]]
    return {
        "wall_s": took[0],
        "processor_s": took[1],
        "weighed": fit.diagnostics.method == "weighed",
        "mean_z": (mean.mean(axis=0) - true_mean) / mean.std(axis=0),
        "spread_z": (spread.mean(axis=0) - true_spread) / spread.std(axis=0),
        "mean_in": within(mean, true_mean),
        "spread_in": within(spread, true_spread),
        "spread_ratio": np.median(spread, axis=0) / true_spread,
        "inside": [
            np.mean(
                [
                    view.estimates[name].lower <= np.exp(value) <= view.estimates[name].upper
                    for view, value in zip(fit.subjects.values(), truth[name], strict=False)
                ]
            )
            for name in MEASURED
        ],
        "error": [[abs(np.log(row.median / row.measured)) for row in pair] for pair in forecasts],
        "foretold": [[row.inside for row in pair] for pair in forecasts],
        "width": [[np.log(row.upper / row.lower) for row in pair] for pair in forecasts],
    }


def within(draws: np.ndarray, truth) -> np.ndarray:
    """Whether numbers lie in the 90 % intervals of draws."""
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    return (low <= truth) & (truth <= high)


def forecast(model, fit, subject):
    """The last of seven visits, foretold from the first: with the group, and with the model's own priors."""
    first, last = subject.measurements[:1], subject.measurements[-1:]
    joined = forecast_new(fit, first, schedule=subject.schedule, name=subject.name)
    alone = calibrate(model, first, schedule=subject.schedule)
    return [compared(one_, last)[0] for one_ in (joined, alone)]


def report(rows: list[dict]) -> str:
    """The figures as tables."""
    lines = [
        "| animals | cohorts | group means within 2 SE | spreads within 2 SE | means in 90 % | spreads in 90 % | "
        "animals' parameters in 90 % | wall clock | processor |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['subjects']} | {r['cohorts']} | {r['means_within_2_se']:.0%} | {r['spreads_within_2_se']:.0%} | "
        f"{r['means_in_90']:.0%} | {r['spreads_in_90']:.0%} | {r['all_subjects_in_90']:.0%} | {r['wall_s']:.0f} s | "
        f"{r['processor_s']:.0f} s |"
        for r in rows
    ]
    lines += [
        "",
        "| animals | spread over its truth (median): " + ", ".join(MEASURED) + " | in 90 %: the same |",
        "|---|---|---|",
    ]
    lines += [
        f"| {r['subjects']} | {', '.join(f'{v:.2f}' for v in r['spread_over_truth'].values())} | "
        f"{', '.join(f'{v:.0%}' for v in r['subjects_in_90'].values())} |"
        for r in rows
    ]
    lines += [
        "",
        "| last of 7 volumes foretold from the first; animals of the group | log error, with the group | own prior "
        "| in 90 %, with the group | own prior | width of the interval over that of the own prior |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['subjects']} | {r['error_with_group']:.2f} | {r['error_alone']:.2f} | {r['inside_with_group']:.0%} | "
        f"{r['inside_alone']:.0%} | {r['width_ratio']:.2f} |"
        for r in rows
    ]
    return "\n".join(lines) + "\n"


def write_tables(folder: Path) -> None:
    """A table of 16 animals with SUV, their treatments, and two new animals with two visits each."""
    rng = np.random.default_rng(4)
    suv = np.round(np.clip(SUV_MEAN + SUV_SD * rng.standard_normal(18), 0.4, None), 2)
    _, subjects, _ = cohort(18, GROUP, seed=4, moved={"phi": SUV_EFFECT * (suv - SUV_MEAN) / SUV_SD})
    header = ["animal", "group", "day", "volume_mm3", "suv_mean"]
    rows = [
        [
            (f"M{i + 1:02d}", one_.group, visit.day, round(1000 * visit.values["volume_cm3"]), "" if v else suv[i])
            for v, visit in enumerate(one_.measurements)
        ]
        for i, one_ in enumerate(subjects)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(header, [row for rows_ in rows[:16] for row in rows_], folder / "volumes.csv")
    write_csv(header, [row for rows_ in rows[16:] for row in rows_[:2]], folder / "new.csv")
    doses = [("treated", dose.drug, dose.day, dose.dose) for dose in TREATED.doses]
    write_csv(["group", "drug", "day", "dose"], doses, folder / "treatments.csv")


if __name__ == "__main__":
    main()
