"""Whether BIC finds the noise that volumes were made with, its values, and what heavy tails do for forecasts.

python Testing/benchmarks/model_noise.py [--seeds 10] [--animals 12] [--out FOLDER]

Groups of animals that grow exponentially, eight volumes each, with each kind of noise; the forecast of those with
outliers is that of ten days after the last visit.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from time import process_time

import numpy as np
from HER2ImmunoCommonLib.files import write_text
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Subject, calibrate, calibrate_pooled, choose_noise, models
from HER2ImmunoModelLib.calibration import NOISE_KINDS

MODEL = models.get("two_drug_exponential_growth", "mouse")
SETTINGS = {"free": ("g", "T0"), "prior_draws": 32}
DAYS, RATE = np.arange(0.0, 16.0, 2.0), 0.15
CASES = (
    ("lognormal", 0.25, 0.0),
    ("additive", 0.0, 0.05),
    ("proportional", 0.25, 0.0),
    ("combined", 0.2, 0.05),
    ("combined", 0.1, 0.05),
    ("lognormal", 0.1, 0.0),
    ("proportional", 0.1, 0.0),
)
"""Kind, share of the volume and added cm3; volumes are 0.05 to 2 cm3."""
NAMES = ("alone", "pooled")
AHEAD = DAYS[-1] + 10.0


def group(kind: str, share: float, added: float, animals: int, rng: np.random.Generator) -> list[Subject]:
    """Animals with volumes that scatter by a kind of noise; one that is not above 0 was not measured."""
    subjects = []
    for number in range(animals):
        course = 0.1 * np.exp(0.4 * rng.standard_normal() + RATE * DAYS)
        z = rng.standard_normal(DAYS.size)
        measured = course + np.hypot(added, share * course) * z
        if kind == "lognormal":
            measured = course * np.exp(np.sqrt(np.log1p(share**2)) * z)
        subjects.append(Subject(f"a{number}", visits(measured)))
    return subjects


def visits(measured: np.ndarray) -> tuple[Measurement, ...]:
    rows = enumerate(zip(DAYS.tolist(), measured.tolist(), strict=True))
    return tuple(Measurement(f"V{i}", day, {"volume_cm3": value}) for i, (day, value) in rows if value > 0)


def chosen(kind: str, share: float, added: float, seeds: int, animals: int) -> str:
    """A row of the table: what was chosen, and the values that the generating noise was found to have."""
    won, found, inside = Counter(), {}, []
    truth = {"noise_share": share, "noise_sd_cm3": added}
    for seed in range(seeds):
        subjects = group(kind, share, added, animals, np.random.default_rng(seed))
        weighed = choose_noise(MODEL, subjects, **SETTINGS)
        won[weighed[0].fit.scatter.kind] += 1
        values = next(row.fit.scatter.values for row in weighed if row.fit.scatter.kind == kind)
        for name, value in values.items():
            found.setdefault(name, []).append(value.value)
            inside.append(value.lower < truth[name] < value.upper)
    said = ", ".join(f"{name} {number}" for name, number in won.most_common())
    values = ", ".join(f"{np.mean(each):.3g} ± {np.std(each):.2g} ({truth[name]:g})" for name, each in found.items())
    return f"| {kind} | {share:g}, {added:g} | {said} | {values} | {sum(inside)} of {len(inside)} |"


def outliers(seeds: int, animals: int) -> str:
    """Errors of forecasts where one volume in ten is far off, by either tail: of animals alone, and of pooled ones."""
    error: dict[tuple[str, bool], list[float]] = {}
    for seed in range(seeds):
        subjects, starts = spoilt(animals, np.random.default_rng(seed))
        for heavy in (False, True):
            asked = {"noise": "lognormal", "heavy_tails": heavy, **SETTINGS}
            pooled = calibrate_pooled(MODEL, subjects, **asked)
            for subject, start in zip(subjects, starts, strict=True):
                truth = np.log(start) + RATE * AHEAD
                for name, found in (
                    ("alone", calibrate(MODEL, subject.measurements, **asked)),
                    ("pooled", pooled.subjects[subject.name]),
                ):
                    ahead = np.log(found.best["T0"]) + found.best["g"] * AHEAD
                    error.setdefault((name, heavy), []).append(ahead - truth)
    rms = {key: np.sqrt(np.mean(np.square(each))) for key, each in error.items()}
    return "\n".join(
        f"Outliers, {seeds} groups of {animals}, {name}: root mean square error of the logarithm of the forecast "
        f"{rms[name, False]:.3f} with normal and {rms[name, True]:.3f} with heavy tails."
        for name in NAMES
    )


def spoilt(animals: int, rng: np.random.Generator) -> tuple[list[Subject], np.ndarray]:
    """Animals that scatter by 10 %, one volume in ten three times or a third of what it should be; and true starts."""
    starts = 0.1 * np.exp(0.4 * rng.standard_normal(animals))
    subjects = []
    for number, start in enumerate(starts):
        measured = start * np.exp(RATE * DAYS + 0.1 * rng.standard_normal(DAYS.size))
        measured *= np.where(rng.random(DAYS.size) < 0.1, rng.choice([1 / 3, 3.0], DAYS.size), 1.0)
        subjects.append(Subject(f"a{number}", visits(measured)))
    return subjects, starts


def seconds(repeats: int = 3) -> str:
    """Time of a calibration with each kind over that with the stated noise, alone and pooled, the best of a few."""
    subjects = group("combined", 0.1, 0.05, 6, np.random.default_rng(0))
    times = {}
    for kind in NOISE_KINDS:
        for name, fitted in (("alone", lambda kind=kind: calibrate(MODEL, subjects[0].measurements, noise=kind)),
                             ("pooled", lambda kind=kind: calibrate_pooled(MODEL, subjects, noise=kind))):  # fmt: skip
            runs = []
            for _ in range(repeats):
                start = process_time()
                fitted()
                runs.append(process_time() - start)
            times[kind, name] = min(runs)
    rows = []
    for kind in NOISE_KINDS:
        each = [f"{times[kind, name]:.2f} ({times[kind, name] / times[NOISE_KINDS[0], name]:.1f})" for name in NAMES]
        rows.append(f"| {kind} | {' | '.join(each)} |")
    return "\n".join(["| noise | alone, processor s (over stated) | 6 animals pooled |", "|---|---|---|", *rows])


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--animals", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path())
    arguments = parser.parse_args()
    lines = [
        f"{arguments.seeds} groups of {arguments.animals} animals each.",
        "",
        "| noise | share, cm3 | least BIC | values found (true) | within 90 % |",
        "|---|---|---|---|---|",
    ]
    for case in CASES:
        lines.append(chosen(*case, arguments.seeds, arguments.animals))
        print(lines[-1], flush=True)
    lines += ["", outliers(arguments.seeds, arguments.animals), "", seconds()]
    print(*lines, sep="\n")
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_text("\n".join(lines) + "\n", arguments.out / "model_noise.md")


if __name__ == "__main__":
    main()
