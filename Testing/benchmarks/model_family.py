"""Whether BIC finds the member of the volume family that made the data, measured in one run.

python Testing/benchmarks/model_family.py [--repeats 1] [--json FILE]

For each law of growth, six untreated animals of different first volumes are followed for 60 days; for each treatment
term, eight animals with logistic growth, two of them untreated, are given doses of several sizes. Volumes scatter by
4 %. All laws of growth (all treatment terms with logistic growth) are fitted to the pooled animals and weighed. Counted
is how often the member that made the data is the first, or is named as the same curve as the first, and its weight.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.files import write_json
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, choose_model, models, simulate
from HER2ImmunoModelLib.calibration import Subject

CV = 0.04
TRUTH = {
    "exponential": {"g": 0.06},
    "logistic": {"g": 0.12, "K": 2.0},
    "generalised": {"g": 0.08, "K": 2.0, "theta": 4.0},
    "gompertz": {"g": 0.06, "K": 3.0},
    "bertalanffy": {"g": 0.1, "b": 0.08},
    "power": {"g": 0.05, "beta": 0.6},
    "allee": {"g": 0.12, "K": 2.0, "A": 0.03, "tau": 0.15},
}
TREATED = {"g": 0.1, "K": 3.0, "phi": 0.25}
OF_TERM = {"saturating": {"C50": 0.15}, "michaelis_menten": {"phi": 0.1}, "cumulative": {"phi": 0.05}}
OF_TERM |= {"ratio": {"l": 1.5, "s": 1.0}, "delayed": {"delay": 6.0}, "sinusoidal": {"period": 6.0, "lam": 0.1}}


def animal(name: str, model: str, values: dict, day: np.ndarray, given: Schedule, rng: np.random.Generator) -> Subject:
    """One animal with visits."""
    course = simulate(model, values, day, schedule=given, species="mouse").states["T"][0]
    volumes = course * np.exp(CV * rng.standard_normal(day.size))
    visits = [
        Measurement(f"d{d:g}", d, {"volume_cm3": v}, {"volume_cm3": CV * v})
        for d, v in zip(day.tolist(), volumes.tolist(), strict=True)
    ]
    return Subject(name, tuple(visits), given)


def untreated(growth: str, rng: np.random.Generator) -> list[Subject]:
    """Six animals of one law of growth."""
    day, starts = np.arange(0.0, 61.0, 4.0), (0.04, 0.06, 0.1, 0.2, 0.4, 0.8)
    name = f"volume_{growth}_none"
    return [animal(f"a{i}", name, TRUTH[growth] | {"T0": t0}, day, Schedule(), rng) for i, t0 in enumerate(starts)]


def treated(term: str, rng: np.random.Generator) -> list[Subject]:
    """Eight animals of one treatment term."""
    day, name = np.arange(0.0, 31.0, 2.0), f"volume_logistic_{term}"
    sizes = ((), (), (1.0,), (0.3,), (1.0, 1.0), (0.3, 0.3), (2.0,), (0.1, 0.1))
    found = []
    for i, given in enumerate(sizes):
        doses = Schedule(tuple(Dose("drug", 6.0 + 4.0 * number, size) for number, size in enumerate(given)))
        values = TREATED | OF_TERM.get(term, {}) | {"T0": (0.1, 0.4)[i % 2]}
        known = {p.name for p in models.get(name).parameters}
        found.append(animal(f"a{i}", name, {k: v for k, v in values.items() if k in known}, day, doses, rng))
    return found


def measured(kind: str, truth: str, rng: np.random.Generator) -> dict[str, object]:
    """What the choice says of data that one member made."""
    subjects = untreated(truth, rng) if kind == "growth" else treated(truth, rng)
    wanted, family = (
        (f"volume_{truth}_none", models.family("volume_none"))
        if kind == "growth"
        else (f"volume_logistic_{truth}", models.family("volume_logistic"))
    )
    begin = time.perf_counter()
    weighed = choose_model(family, subjects, species="mouse", prior_draws=256)
    first = weighed[0]
    own = next(row for row in weighed if wanted in (row.model, *row.stands_for))
    return {
        "kind": kind,
        "truth": truth,
        "first": first.model,
        "found": own is first or wanted in first.same_curve,
        "weight": own.bic_weight,
        "behind": own.bic - first.bic,
        "seconds": time.perf_counter() - begin,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = []
    for seed in range(arguments.repeats):
        rng = np.random.default_rng(seed)
        for kind, names in (("growth", models.growths()), ("treatment", models.treatments())):
            for truth in names:
                row = measured(kind, truth, rng)
                rows.append(row)
                said = "found" if row["found"] else f"NOT found, first {row['first']}, {row['behind']:.2f} behind"
                print(f"{kind:<10} {truth:<17} weight {row['weight']:.2f}  {row['seconds']:5.1f} s  {said}", flush=True)
    print(f"{sum(bool(row['found']) for row in rows)} of {len(rows)} found")
    if arguments.json:
        write_json({"rows": rows}, arguments.json)


if __name__ == "__main__":
    main()
