"""Problems as PEtab files: another reading of the files finds the objective of the engine."""

import dataclasses
import re
import sys

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, Subject, calibrate, calibrate_pooled, models, simulate
from HER2ImmunoModelLib.calibration.noise_kinds import noise_of
from HER2ImmunoModelLib.models import with_own_kind
from HER2ImmunoModelLib.petab import PetabProblem, objective, problem_of, write_petab
from HER2ImmunoModelLib.simulation.sbml import write_sbml

libsbml = pytest.importorskip("libsbml", reason="python-libsbml is not installed")
petab_evaluation = pytest.importorskip("petab_evaluation")
Files = petab_evaluation.Files

DOSES = Schedule(
    (Dose("herceptin", 1.0), Dose("trastuzumab", 5.0), Dose("cytotoxic", 9.0, 0.5), Dose("checkpoint_inhibitor", 9.0))
)


def visits(model, schedule, days, columns=None, *, sds=(None,), seed=3):
    """Visits of a simulated subject with scatter; volumes by 10 %, fractions by 0.02."""
    rng, found = np.random.default_rng(seed), []
    course = simulate(model, {}, days, schedule=schedule)
    for i, day in enumerate(days):
        values, sd = {}, {}
        for state, column in model.observables.items():
            if columns is None or column in columns:
                at, scatter = course.states[state][0, i], rng.standard_normal()
                values[column] = float(at * np.exp(0.1 * scatter) if column == "volume_cm3" else at + 0.02 * scatter)
                if (share := sds[i % len(sds)]) is not None:
                    sd[column] = share * values[column]
        found.append(Measurement(f"visit {i}", float(day), values, sd))
    return tuple(found)


def points(problem, n=1, seed=1):
    """The nominal numbers, then others of the prior's width about them."""
    rng = np.random.default_rng(seed)
    yield {}
    for _ in range(n):
        yield {
            row.symbol: row.in_file(row.free(problem.nominal_of(row)) + 0.4 * row.parameter.prior * z)
            for row, z in zip(problem.estimated, rng.standard_normal(len(problem.estimated)), strict=True)
        }


def agrees(problem, folder):
    """The files give the objective of the engine at several points."""
    write_petab(folder, problem)
    files = Files(folder)
    for values in points(problem):
        assert files.objective(values) == pytest.approx(objective(problem, values), rel=1e-6, abs=1e-6)
    return files


@pytest.fixture(scope="module")
def treated():
    model = models.get("tivnh_treated", "mouse")
    measured = visits(model, DOSES, [3.0, 7.0, 12.0], sds=(None, 0.2, 0.1))
    return calibrate(model, measured, schedule=DOSES, prior_draws=64)


def test_volume_and_fractions_of_a_subject_with_doses_before_and_after_its_first_visit(treated, tmp_path):
    problem = problem_of(treated, name="mouse 1")
    files = agrees(problem, tmp_path)
    assert {row["observableTransformation"] for row in files.observables} == {"log", "lin"}
    times = {float(row["time"]): float(row["day"]) for row in files.measurements}
    assert times == {0.0: 3.0, 4.0: 7.0, 9.0: 12.0}
    by_name = {row["parameterId"]: row for row in files.parameters}
    assert by_name["g"]["parameterScale"] == "log"
    assert "V0" not in by_name
    assert by_name["logit_V0"]["parameterScale"] == "lin"
    assert by_name["logit_V0"]["objectivePriorParameters"].endswith(";1.0")


def test_every_nominal_number_lies_within_its_bounds(treated, tmp_path):
    far = dataclasses.replace(treated, mode=treated.mode + 20.0 * np.sign(treated.mode))
    write_petab(tmp_path, problem_of(far))
    for row in Files(tmp_path).parameters:
        if row["estimate"] == "1":
            assert float(row["lowerBound"]) < float(row["nominalValue"]) < float(row["upperBound"])


def test_the_mode_of_a_calibration_is_the_least_objective(treated):
    problem = problem_of(treated)
    least = objective(problem)
    for values in list(points(problem, 6, seed=5))[1:]:
        assert objective(problem, values) > least


def cohort(name, *, start=0.0, **settings):
    """Three subjects whose doses, starts and days differ."""
    model, subjects = models.get(name, "mouse"), []
    drugs = [drug.name for drug in model.drugs]
    for i in range(3):
        first = start + i
        doses = [Dose(drug, first + 1.5 * k + i + 1.0, 0.5 + 0.5 * i) for k, drug in enumerate(drugs)]
        schedule = Schedule(tuple(doses) if i < 2 else (), "")
        days = first + np.array([0.0, 3.0, 6.0 + i, 10.0])
        subjects.append(Subject(f"ä {i}", visits(model, schedule, days, seed=i, sds=(None, 0.2)), schedule))
    return calibrate_pooled(model, subjects, prior_draws=16, **settings)


@pytest.mark.parametrize("name", ["two_drug_logistic_growth_keeps", "immunotherapy_de_pillis"])
def test_a_pooled_cohort_whose_doses_differ(name, tmp_path):
    problem = problem_of(cohort(name, start=4.0, noise_scale=True))
    files = agrees(problem, tmp_path)
    assert [row["conditionName"] for row in files.conditions] == ["ä 0", "ä 1", "ä 2"]
    assert [row["T0"] for row in files.conditions] == ["T0_a_0", "T0_a_1", "T0_a_2"]
    doses = [name for name in files.conditions[0] if name.startswith("dose_")]
    assert all(float(files.conditions[2][name]) == 0.0 for name in doses)
    assert "noise_scale" in {row["parameterId"] for row in files.parameters}


@pytest.mark.parametrize("kind", ["lognormal", "additive", "proportional", "combined"])
def test_every_kind_of_noise(kind, tmp_path):
    model = models.get("tivnh_treated", "mouse")
    measured = visits(model, DOSES, [3.0, 7.0], {"volume_cm3", "vascular_fraction"})
    noise = noise_of(kind, np.array([0.3]), scale=True)
    problem = PetabProblem(model, (Subject("one", measured, DOSES),), ("g", "T0", "V0"), noise=noise)
    files = agrees(problem, tmp_path)
    assert set(noise.names) <= {row["parameterId"] for row in files.parameters}
    follows = [row for row in files.observables if re.search(r"\bT\b", row["noiseFormula"])]
    assert bool(follows) == (kind in ("proportional", "combined"))


def test_heavy_tails_are_refused(tmp_path):
    model = models.get("immunotherapy_decaying", "mouse")
    subject = Subject("one", visits(model, Schedule(), [0.0, 4.0]))
    noise = noise_of("stated", np.array([0.3]), heavy_tails=True)
    with pytest.raises(InputError, match="no t distribution"):
        write_petab(tmp_path, PetabProblem(model, (subject,), ("g", "T0"), noise=noise))


def test_what_is_known_of_each_subject_is_in_its_condition(tmp_path):
    model = models.get("immunotherapy_decaying", "mouse")
    days = [0.0, 4.0, 9.0]
    doses = Schedule((Dose("b", 1.0),))
    subjects = [
        Subject(f"m{i}", visits(model, doses, days, seed=i), doses, known={"phi": 0.1 + 0.1 * i}) for i in range(2)
    ]
    problem = PetabProblem(model, tuple(subjects), ("g", "T0"), ("T0",))
    files = agrees(problem, tmp_path)
    assert [float(row["phi"]) for row in files.conditions] == [0.1, 0.2]
    pooled = calibrate_pooled(model, subjects, free=("g", "T0"), prior_draws=32)
    assert [dict(each.known) for each in problem_of(pooled).subjects] == [{"phi": 0.1}, {"phi": 0.2}]


def test_what_doses_before_the_first_visit_left_follows_the_losses_that_are_estimated(tmp_path):
    model = with_own_kind(models.get("tivnh_treated", "mouse"), "cytotoxic", "chain", stages=3)
    schedule = Schedule((Dose("trastuzumab", 0.0), Dose("cytotoxic", 1.0), Dose("cytotoxic", 4.0), Dose("p", 6.0)))
    measured = visits(model, schedule, [4.0, 8.0, 11.0], {"volume_cm3"})
    free = ("g", "T0", "lam_A", "lam_P", "k_cytotoxic", "k_P")
    problem = PetabProblem(model, (Subject("one", measured, schedule),), free)
    agrees(problem, tmp_path)


@pytest.mark.parametrize("treatment", ["michaelis_menten", "delayed", "sinusoidal"])
def test_doses_of_the_volume_family(treatment, tmp_path):
    model, days = models.volume_model("gompertz", treatment, "mouse"), [4.0, 7.0, 11.0]
    doses = (Dose("radiation", 1.0, 0.5), Dose("radiation", 4.0), Dose("radiation", 8.0, 2.0))
    schedule = Schedule(doses[treatment == "delayed" :])  # which is integrated, so that no dose comes before
    problem = PetabProblem(model, (Subject("one", visits(model, schedule, days), schedule),), ("g", "T0"))
    free = tuple(p.name for p in problem.model.parameters if p.prior > 0)
    agrees(dataclasses.replace(problem, free=free), tmp_path)


def test_an_agent_in_the_body(tmp_path):
    from HER2ImmunoModelLib.models import Known, with_agent

    known = {name: Known(value, "assumed", 0.3) for name, value in {"CL": 0.2, "V1": 3.0, "Q2": 0.5, "V2": 2.0}.items()}
    model = with_agent(
        models.get("tivnh_treated", "human"),
        "trastuzumab",
        "trastuzumab iv",
        known,
        full_dose_mg=420.0,
        reference_mg_per_l=140.0,
    )
    schedule = Schedule((Dose("trastuzumab iv", 0.0), Dose("trastuzumab iv", 7.0, 0.5), Dose("cytotoxic", 3.0)))
    measured = visits(model, schedule, [0.0, 5.0, 14.0], {"volume_cm3"})
    problem = PetabProblem(model, (Subject("one", measured, schedule),), ("g", "T0", "CL_trastuzumab_iv"))
    agrees(problem, tmp_path)


def test_an_infinite_number_stays_in_the_model_only(tmp_path):
    model = models.get("tivnh_treated", "mouse")
    measured = visits(model, Schedule(), [0.0, 4.0], {"volume_cm3"})
    problem = PetabProblem(model, (Subject("one", measured),), ("g", "T0"), fixed={"K": np.inf})
    files = agrees(problem, tmp_path)
    assert "K" not in files.nominal


def test_tables_hold_what_the_specification_asks_for(treated, tmp_path):
    paths = write_petab(tmp_path, problem_of(treated))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths.values())
    text = paths["problem"].read_text(encoding="utf-8")
    assert text.startswith("format_version: 1\n")
    for name, path in paths.items():
        assert name == "problem" or path.name in text
    files = Files(tmp_path)
    observables = {row["observableId"]: row for row in files.observables}
    conditions = {row["conditionId"] for row in files.conditions}
    in_model = {p.getId() for p in files.model.getListOfParameters()}
    followed = {rule.getVariable() for rule in files.model.getListOfRules() if rule.isAssignment()}
    for row in files.measurements:
        assert row["observableId"] in observables
        assert row["simulationConditionId"] in conditions
    for row in files.parameters:
        assert row["parameterId"] in in_model - followed
        assert row["parameterId"] not in files.conditions[0]
    assert set(files.conditions[0]) - {"conditionId", "conditionName"} <= in_model
    symbols = [*observables, *conditions, *(row["parameterId"] for row in files.parameters)]
    assert all(re.fullmatch(r"[A-Za-z_]\w*", symbol, re.ASCII) for symbol in symbols)


def test_the_checker_of_petab_finds_nothing(treated, tmp_path):
    v1 = pytest.importorskip("petab.v1", reason="petab is not installed")
    paths = write_petab(tmp_path, problem_of(treated))
    assert not v1.lint_problem(v1.Problem.from_yaml(str(paths["problem"])))


def test_a_share_of_a_pooled_calibration_is_refused():
    pooled = cohort("immunotherapy_decaying")
    with pytest.raises(InputError, match="share of a pooled one"):
        problem_of(next(iter(pooled.subjects.values())))


def test_a_symbol_that_is_not_estimated_is_refused(treated):
    with pytest.raises(InputError, match="'V0' is not estimated"):
        objective(problem_of(treated), {"V0": 0.1})


def test_a_model_that_does_not_follow_its_own_subject_is_named(treated, tmp_path):
    good = Subject("good", treated.measurements)
    poor = Subject("poor", (Measurement("v", 0.0, {"volume_cm3": 0.0}),))
    with pytest.raises(InputError, match=r"Subject poor: .*volume_cm3 is 0"):
        write_petab(tmp_path / "out", PetabProblem(treated.model, (good, poor), ("g", "T0"), ("T0",)))
    assert not (tmp_path / "out").exists()


def test_without_the_package_it_says_what_to_install(treated, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(InputError, match="python-libsbml"):
        write_petab(tmp_path, problem_of(treated))
    assert not list(tmp_path.iterdir())


def test_the_plain_sbml_file_is_as_before(tmp_path):
    text = write_sbml(tmp_path / "m.xml", models.get("tivnh")).read_text(encoding="utf-8")
    assert "annotation" not in text
