"""The objective of exported PEtab problems in pyPESTO, against that of this project's engine.

    python Testing/benchmarks/petab_pypesto.py --out build/benchmarks

Each problem is calibrated to synthetic measurements, written with `write_petab`, checked with the linter of petab, and
its objective asked of pyPESTO at the mode and at random points of the prior's width about it. pyPESTO simulates with
libRoadRunner, by its own objective for that, and by its objective for any simulator of PEtab: the likelihood is then
that of petab itself. Of noise that follows the simulated volume only the second is right: pyPESTO's own objective for
libRoadRunner takes one standard deviation a condition, that of the last time.
"""

from __future__ import annotations

import argparse
import logging
import re
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import petab.v1 as petab
import pypesto
import roadrunner
from HER2ImmunoCommonLib.files import write_json, write_text
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, Subject, calibrate, calibrate_pooled, models, simulate
from HER2ImmunoModelLib.models import Model, with_own_kind
from HER2ImmunoModelLib.petab import PetabProblem, objective, problem_of, write_petab
from petab.v1.simulate import Simulator
from pypesto.objective.petab import PetabSimulatorObjective
from pypesto.objective.roadrunner import SolverOptions
from pypesto.petab import PetabImporter

POINTS = 6
SHARE = 0.4
"""Of the prior's standard deviation, by which points scatter about the mode."""
RELATIVE, ABSOLUTE = 1e-10, 1e-13
"""Tolerances of libRoadRunner; its default of 1e-6 alone moves an objective by 1e-4."""
KINDS = ("lognormal", "additive", "proportional", "combined")
FOLLOWING = ("proportional", "combined")


@dataclass(frozen=True)
class Case:
    """A problem, what it is called, and whether pyPESTO's objective for libRoadRunner can take its noise."""

    name: str
    problem: PetabProblem
    for_roadrunner: bool = True


def visits(model: Model, schedule: Schedule, days, columns=None, *, seed: int = 0, sds=(None,)) -> tuple:
    """Visits of a simulated subject: volume with 10 % scatter, fractions with 0.02."""
    rng, found = np.random.default_rng(seed), []
    course = simulate(model, {}, days, schedule=schedule)
    for i, day in enumerate(days):
        values, sd = {}, {}
        for state, column in model.observables.items():
            if columns is None or column in columns:
                at, scatter = course.states[state][0, i], rng.standard_normal()
                value = at * np.exp(0.1 * scatter) if column == "volume_cm3" else np.clip(at + 0.02 * scatter, 0.001, 1)
                values[column] = float(value)
                if (share := sds[i % len(sds)]) is not None:
                    sd[column] = share * values[column]
        found.append(Measurement(f"visit {i}", float(day), values, sd))
    return tuple(found)


def cohort(name: str, n: int = 4, **given) -> list[Subject]:
    """Subjects whose starts, days, drugs and doses differ."""
    model, subjects = models.get(name, "mouse"), []
    drugs = [drug.name for drug in model.drugs]
    early = not any(drug.state for drug in model.drugs)
    for i in range(n):
        first = 4.0 + i
        doses = [Dose(drug, first + 1.5 * k + i - 2.0 * early, 0.5 + 0.25 * i) for k, drug in enumerate(drugs)]
        doses += [Dose(drug, first + 4.0 + 0.5 * i) for drug in drugs]
        schedule = Schedule(tuple(doses) if i < n - 1 else ())
        days = first + np.array([0.0, 3.0, 6.0 + i, 10.0, 14.0])
        subjects.append(Subject(f"m{i}", visits(model, schedule, days, seed=i, **given), schedule))
    return subjects


def cases() -> Iterator[Case]:
    """The problems that are compared."""
    model = models.get("tivnh_treated", "mouse")
    doses = (Dose("herceptin", 1.0), Dose("herceptin", 5.0), Dose("cytotoxic", 9.0, 0.5), Dose("checkpoint", 13.0))
    schedule, days = Schedule(doses), (3.0, 7.0, 10.0, 14.0, 21.0)
    one = visits(model, schedule, days)
    yield Case("tivnh_treated, volume and fractions, 4 doses", problem_of(calibrate(model, one, schedule=schedule)))
    stated = visits(model, schedule, days, sds=(0.2, 0.1))
    found = calibrate(model, stated, schedule=schedule, noise_scale=True)
    yield Case("the same, stated deviations times a scale", problem_of(found))
    chain = with_own_kind(model, "cytotoxic", "chain")
    yield Case("the same, cytotoxic through a chain", problem_of(calibrate(chain, one, schedule=schedule)))
    for name in ("two_drug_logistic_growth_keeps", "immunotherapy_de_pillis"):
        subjects = cohort(name, sds=(None, 0.2))
        pooled = calibrate_pooled(models.get(name, "mouse"), subjects, noise_scale=True)
        yield Case(f"{name}, 4 subjects pooled", problem_of(pooled))
    for kind in KINDS:
        pooled = calibrate_pooled(models.get(name, "mouse"), subjects, noise=kind)
        yield Case(f"the same, {kind} noise", problem_of(pooled), kind not in FOLLOWING)
    found = calibrate(model, one, schedule=schedule, noise="combined", noise_scale=True)
    yield Case("tivnh_treated, combined noise of volumes, fractions times a scale", problem_of(found), False)


class RoadRunnerSimulator(Simulator):
    """libRoadRunner as a simulator of PEtab: conditions put in, states observed."""

    def __init__(self, problem: petab.Problem, text: str):
        super().__init__(problem)
        self._runner, self._numbers = roadrunner.RoadRunner(text), {}
        self._runner.integrator.relative_tolerance = RELATIVE
        self._runner.integrator.absolute_tolerance = ABSOLUTE

    def set_parameters(self, numbers: dict) -> None:
        self._numbers = dict(numbers)

    def simulate_without_noise(self):
        measured = self.petab_problem.measurement_df
        found = measured.rename(columns={"measurement": "simulation"}).astype({"simulation": float})
        known = set(self._runner.model.getGlobalParameterIds())
        for condition, rows in measured.groupby("simulationConditionId"):
            own = self.petab_problem.condition_df.loc[condition].drop("conditionName", errors="ignore")
            given = {name: self._numbers.get(value, value) for name, value in own.items()}
            numbers = {name: value for name, value in (self._numbers | given).items() if name in known}
            self._runner.resetAll()
            self._runner.setValues({name: float(value) for name, value in numbers.items()})
            self._runner.reset()
            times = sorted({0.0, *rows["time"]})
            times += [times[-1] + 1.0] if len(times) == 1 else []
            formulas = self.petab_problem.observable_df["observableFormula"]
            states = sorted(set(formulas))
            course = np.asarray(self._runner.simulate(times=times, selections=["time", *states]))
            for row in rows.itertuples():
                found.loc[row.Index, "simulation"] = course[
                    times.index(row.time), 1 + states.index(formulas[row.observableId])
                ]
        return found


def objectives(folder: Path, case: Case) -> dict[str, Callable]:
    """Objective of the files by each way of pyPESTO, of a point on the scale of the parameter table."""
    problem = petab.Problem.from_yaml(str(folder / "problem.yaml"))
    if petab.lint_problem(problem):
        raise SystemExit(f"{case.name}: petab finds faults in the files.")
    importer = PetabImporter(problem, simulator_type="roadrunner", validate_petab=False)
    prior, found = importer.create_prior(), {}
    if case.for_roadrunner:
        own = importer.create_objective_creator("roadrunner").create_objective()
        own.solver_options = SolverOptions(relative_tolerance=RELATIVE, absolute_tolerance=ABSOLUTE)
        found["roadrunner"] = pypesto.objective.AggregatedObjective([own, prior])
    # petab works out the noise from the observable instead of the state that the specification asks for
    table = problem.observable_df
    table["noiseFormula"] = [
        re.sub(rf"\b{row.observableFormula}\b", row.Index, row.noiseFormula) for row in table.itertuples()
    ]
    simulator = RoadRunnerSimulator(problem, (folder / "model.xml").read_text(encoding="utf-8"))
    found["petab"] = pypesto.objective.AggregatedObjective([PetabSimulatorObjective(simulator), prior])
    return found


def compared(case: Case, seed: int = 1) -> dict[str, object]:
    """Largest difference of each way over the points, relative where the objective is above 1."""
    rows, rng = case.problem.estimated, np.random.default_rng(seed)
    mode = np.array([row.free(case.problem.nominal_of(row)) for row in rows])
    spread = SHARE * np.array([row.parameter.prior for row in rows])
    points = [mode, *(mode + spread * rng.standard_normal(mode.size) for _ in range(POINTS))]
    ours = [
        objective(case.problem, {row.symbol: row.in_file(x) for row, x in zip(rows, point, strict=True)})
        for point in points
    ]
    found: dict[str, object] = {"case": case.name, "estimated": len(rows), "points": len(points), "at_mode": ours[0]}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_petab(folder, case.problem)
        held = petab.Problem.from_yaml(str(folder / "problem.yaml"))
        fixed = dict(zip(held.x_fixed_ids, held.x_nominal_fixed_scaled, strict=True))
        symbols = [row.symbol for row in rows]
        whole = [fixed | dict(zip(symbols, point, strict=True)) for point in points]
        for way, value in objectives(folder, case).items():
            theirs = [value(np.array([point[name] for name in held.x_ids])) for point in whole]
            misses = [abs(their - our) / max(1.0, abs(our)) for their, our in zip(theirs, ours, strict=True)]
            found[way] = float(max(misses))
    return found


def table_of(found: list[dict]) -> str:
    """The comparison as Markdown."""
    lines = [
        "| problem | numbers estimated | objective at the mode | largest difference, libRoadRunner in pyPESTO "
        "| the same with petab's likelihood |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in found:
        own = f"{row['roadrunner']:.0e}" if "roadrunner" in row else "not supported"
        lines.append(f"| {row['case']} | {row['estimated']} | {row['at_mode']:.4f} | {own} | {row['petab']:.0e} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="folder of petab_pypesto.md and .json")
    folder = parser.parse_args().out
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    started, found = time.perf_counter(), []
    for case in cases():
        found.append(compared(case))
        print(found[-1], flush=True)
    print(table_of(found))
    print(f"{time.perf_counter() - started:.0f} s, pyPESTO {pypesto.__version__}, petab {petab.__version__}")
    if folder:
        write_json(found, folder / "petab_pypesto.json")
        write_text(table_of(found), folder / "petab_pypesto.md")


if __name__ == "__main__":
    main()
