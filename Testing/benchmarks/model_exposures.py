"""What the kinds of exposure cost in a ranking, and how exact the tables of concentrations are.

    python Testing/benchmarks/model_exposures.py --out FOLDER

writes model_exposures.md and model_exposures.json. All times are of one run on one machine: read the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from HER2ImmunoModelLib import Dose, Schedule, models, repeated
from HER2ImmunoModelLib.drugs.drug import ClinicalDrug
from HER2ImmunoModelLib.drugs.individuals import individual, population
from HER2ImmunoModelLib.drugs.library import find_drug
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.models.choosing_kinds import with_own_kind
from HER2ImmunoModelLib.models.model import Model
from HER2ImmunoModelLib.simulation.batch import simulate_schedules
from HER2ImmunoModelLib.simulation.exposure_curves import curves
from HER2ImmunoModelLib.treatments.effects import clinical_model
from HER2ImmunoModelLib.treatments.pharmacokinetics import DoseTable, dose_table
from model_simulation import prior_draws
from scipy.integrate import solve_ivp

HUMAN = models.get("tivnh_treated", "human")
TOLERANCE = 1e-5
"""That of rankings."""
LAST_DAY = 42.0


def plans(n: int) -> list[Schedule]:
    """Two doses of trastuzumab and two of chemotherapy on random days."""
    rng = np.random.default_rng(1)

    def days() -> list[float]:
        return sorted(rng.choice(28, 2, replace=False).astype(float))

    return [Schedule(repeated("trastuzumab", days()) + repeated("cytotoxic", days())) for _ in range(n)]


def ranking(model: Model, schedules: int, draws: int, bodies: dict[str, np.ndarray]) -> dict[str, float]:
    """Seconds of the volume on every day under every schedule and draw, on the clock and of the processors."""
    values = prior_draws(HUMAN, draws, 0.3) | bodies
    wall, cpu = perf_counter(), process_time()
    simulate_schedules(model, values, np.arange(LAST_DAY + 1), plans(schedules), keep=["T"], tolerance=TOLERANCE)
    return {"seconds": perf_counter() - wall, "cpu_seconds": process_time() - cpu}


def tables_time(model: Model, given: list[Schedule], bodies: dict[str, np.ndarray], draws: int) -> float:
    """Processor seconds of the concentrations alone, of one body or of one for each draw."""
    doses = dose_table(model, [plan.for_model(model) for plan in given], 0.0, LAST_DAY)
    start = process_time()
    curves(model, model.defaults() | bodies, doses, 0.0, draws)
    return process_time() - start


def unlike(n: int) -> list[Schedule]:
    """Schedules of which no two have a day or a dose of trastuzumab in common, which share nothing."""
    rng = np.random.default_rng(2)
    days = np.sort(rng.uniform(0.0, 28.0, (n, 2)), axis=1)
    return [
        Schedule(tuple(Dose("trastuzumab", float(day), float(size)) for day, size in zip(*row, strict=True)))
        for row in zip(days, rng.uniform(0.5, 1.5, (n, 2)), strict=True)
    ]


def bodies_of(drug: ClinicalDrug, draws: int) -> dict[str, np.ndarray]:
    """Clearance and volumes of a drawn population, as parameters of the model."""
    kinetics = population(drug, draws, 0).kinetics
    return {"CL_trastuzumab": kinetics.clearance, "V1_trastuzumab": kinetics.volume} | {
        "V2_trastuzumab": kinetics.others[0].volume
    }


def table_error(drug: ClinicalDrug) -> float:
    """Largest relative difference of a table from a general solver, over a year with 18 doses."""
    model = clinical_model(HUMAN, [drug.name])
    days = [21.0 * i for i in range(18)]
    doses = dose_table(model, [Schedule(repeated(drug.name, days)).for_model(model)], 0.0, 378.0)
    grid = np.linspace(0.0, 377.9, 20001)
    row = np.zeros(grid.size, dtype=int)
    met = np.searchsorted(doses.stop[0], grid, side="right")
    found = curves(model, model.defaults(), doses, 0.0, 1)
    looked_up = found.at(found.place(row, row, met, grid), 0.0)[drug.name]
    return float(np.max(np.abs(looked_up / _solved(drug, model, doses, grid) - 1.0)))


def _solved(drug: ClinicalDrug, model: Model, doses: DoseTable, grid: np.ndarray) -> np.ndarray:
    kinetics, agent = individual(drug, Patient(species=model.species)), model.agents[drug.name]
    limit, (other,) = kinetics.elimination, kinetics.others

    def change(_, amounts):
        first, second = amounts[0] / kinetics.volume, amounts[1] / other.volume
        lost = kinetics.clearance * first + (0.0 if limit is None else limit.most * first / (limit.half + first))
        flow = other.exchange * (first - second)
        return [-lost - flow, flow]

    amounts, found = np.zeros(2), np.empty(grid.size)
    for start, stop in zip([0.0, *doses.stop[0, :-1]], doses.stop[0], strict=True):
        amounts[0] += agent.full_dose_mg
        run = solve_ivp(change, (start, stop), amounts, "LSODA", rtol=1e-11, atol=1e-13, dense_output=True)
        inside = (grid >= start) & (grid < stop)
        found[inside] = run.sol(grid[inside])[0] / kinetics.volume / agent.reference_mg_per_l
        amounts = run.y[:, -1]
    return found


def measure(schedules: int, draws: int) -> dict:
    """Every figure of the report."""
    trastuzumab = find_drug("trastuzumab")
    central = clinical_model(HUMAN, ["trastuzumab"])
    cases = {
        "relative": (HUMAN, {}),
        "chain of 3 stages": (with_own_kind(HUMAN, "cytotoxic", "chain", stages=3), {}),
        "central, one body": (central, {}),
        "central, a body a draw": (central, bodies_of(trastuzumab, draws)),
    }
    return {
        "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()},
        "schedules": schedules,
        "draws": draws,
        "days": LAST_DAY,
        "tolerance": TOLERANCE,
        "kinds": {name: ranking(model, schedules, draws, bodies) for name, (model, bodies) in cases.items()},
        "tables_cpu_s": {
            "one body": tables_time(central, plans(schedules), {}, draws),
            "a body a draw": tables_time(central, plans(schedules), cases["central, a body a draw"][1], draws),
            "a body a draw, schedules of a tenth that share nothing": tables_time(
                central, unlike(schedules // 10), cases["central, a body a draw"][1], draws
            ),
        },
        "largest_relative_error": {name: table_error(find_drug(name)) for name in ("trastuzumab", "pembrolizumab")},
    }


def table(result: dict) -> str:
    """The figures as Markdown."""
    base = result["kinds"]["relative"]["cpu_seconds"]
    lines = ["| kind | s | processor s | x relative |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {row['seconds']:.1f} | {row['cpu_seconds']:.1f} | {row['cpu_seconds'] / base:.2f} |"
        for name, row in result["kinds"].items()
    ]
    errors = ", ".join(f"{name} {error:.1e}" for name, error in result["largest_relative_error"].items())
    alone = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in result["tables_cpu_s"].items())
    machine = result["machine"]
    lines += [
        "",
        f"{result['schedules']} schedules x {result['draws']} draws, {result['days']:g} days, the volume on each.",
        f"Processor time of the concentrations alone: {alone}.",
        f"Largest relative error of a table: {errors}.",
        f"{machine['cpus']} cores, load {machine['load']:.1f} at the end, Python {machine['python']}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=500)
    arguments = parser.parse_args()
    result = measure(arguments.schedules, arguments.draws)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "model_exposures.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    (arguments.out / "model_exposures.md").write_text(table(result), encoding="utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
