"""Problems read from PEtab files: our own come back as they were, others compute what their files say."""

import re
import shutil

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, Subject, calibrate, calibrate_pooled, models, simulate
from HER2ImmunoModelLib.calibration.noise_kinds import noise_of
from HER2ImmunoModelLib.petab import PetabProblem, calibrate_problem, objective, problem_of, read_petab, write_petab
from HER2ImmunoModelLib.petab.formulas import Moving, parsed
from HER2ImmunoModelLib.petab.yaml_files import parse_yaml

libsbml = pytest.importorskip("libsbml", reason="python-libsbml is not installed")
Files = pytest.importorskip("petab_evaluation").Files

DOSES = Schedule((Dose("trastuzumab", 1.0), Dose("cytotoxic", 9.0, 0.5)))


def visits(model, schedule, days, columns=("volume_cm3",), sd=None):
    course = simulate(model, {}, days, schedule=schedule)
    states = {column: state for state, column in model.observables.items() if column in columns}
    scatter = 1.0 + 0.1 * np.cos(np.arange(len(days)))
    rows = [{c: float(course.states[s][0, i] * scatter[i]) for c, s in states.items()} for i in range(len(days))]
    sds = [{c: sd * x for c, x in row.items()} if sd else {} for row in rows]
    return tuple(Measurement(f"visit {i}", float(d), rows[i], sds[i]) for i, d in enumerate(days))


def alike(one, other):
    """Visits are the same, up to the last digit of a standard deviation."""
    assert [(each.visit, each.day, each.values) for each in one] == [
        (each.visit, each.day, each.values) for each in other
    ]
    assert [each.sd for each in one] == [pytest.approx(each.sd, rel=1e-12) for each in other]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A calibration of one subject, and the folder of its problem."""
    model = models.get("tivnh_treated", "mouse")
    measured = visits(model, DOSES, [3.0, 7.0, 12.0], ("volume_cm3", "vascular_fraction"), sd=0.2)
    found = calibrate(model, measured, schedule=DOSES, free=("g", "T0", "V0", "K"), prior_draws=64)
    folder = tmp_path_factory.mktemp("one")
    write_petab(folder, problem_of(found, name="mouse 1"))
    return found, folder


def edited(folder, target, name, old, new):
    """A copy of a folder with one text of a file replaced."""
    shutil.copytree(folder, target)
    text = (target / name).read_text(encoding="utf-8")
    assert re.search(old, text, re.DOTALL)
    (target / name).write_text(re.sub(old, new, text, flags=re.DOTALL), encoding="utf-8")
    return target / "problem.yaml"


def test_our_own_problem_comes_back_with_the_same_mode(written):
    found, folder = written
    problem = read_petab(folder / "problem.yaml")
    assert problem.model == found.model
    assert problem.warnings == ()
    (subject,) = problem.subjects
    assert subject.name == "mouse 1"
    alike(subject.measurements, found.measurements)
    assert sorted(subject.schedule.doses) == sorted(found.schedule.doses)
    assert problem.fixed == found.fixed
    again = calibrate_problem(problem, prior_draws=64)
    modes = dict(zip(again.free, again.mode, strict=True))
    np.testing.assert_allclose([modes[name] for name in found.free], found.mode, rtol=1e-6)


def test_a_prior_that_was_changed_in_the_table_is_taken(written, tmp_path):
    path = edited(
        written[1],
        tmp_path / "x",
        "parameters.tsv",
        r"parameterScaleNormal\t[-\d.]+;[\d.]+\nT0",
        "parameterScaleNormal\t-2.0;0.1\nT0",
    )
    g = read_petab(path).model.parameter("g")
    assert (g.default, g.prior) == (pytest.approx(np.exp(-2.0)), 0.1)


def test_a_pooled_problem_with_noise_and_known_numbers_comes_back(tmp_path):
    model = models.get("immunotherapy_decaying", "mouse")
    doses = Schedule((Dose("b", 5.0), Dose("b", 8.0, 0.5)))
    subjects = [
        Subject(f"m {i}", visits(model, doses, [4.0 + i, 7.0, 11.0]), doses, known={"lam_B": 0.5 + 0.1 * i})
        for i in range(2)
    ]
    found = calibrate_pooled(model, subjects, noise="combined", prior_draws=32)
    write_petab(tmp_path, problem_of(found))
    problem = read_petab(tmp_path / "problem.yaml")
    assert problem.own == ("T0",)
    assert problem.noise.kind == "combined"
    assert problem.noise.size_cm3 == pytest.approx(found.scatter.size_cm3)
    assert [dict(each.known) for each in problem.subjects] == [dict(each.known) for each in subjects]
    for again, before in zip(problem.subjects, subjects, strict=True):
        alike(again.measurements, before.measurements)
    assert objective(problem) == pytest.approx(objective(problem_of(found)), rel=1e-12)


@pytest.mark.parametrize("kind", ["stated", "lognormal", "additive", "proportional"])
def test_each_noise_comes_back(kind, tmp_path):
    model = models.get("immunotherapy_decaying", "mouse")
    noise = noise_of(kind, np.array([0.3]), scale=kind == "stated")
    problem = PetabProblem(model, (Subject("one", visits(model, Schedule(), [0.0, 5.0])),), ("g", "T0"), noise=noise)
    write_petab(tmp_path, problem)
    again = read_petab(tmp_path / "problem.yaml")
    assert (again.noise.kind, again.noise.names) == (noise.kind, noise.names)
    assert objective(again) == pytest.approx(objective(problem), rel=1e-12)


def test_without_our_mark_the_same_files_are_read_as_anyones(written, tmp_path):
    path = edited(written[1], tmp_path / "x", "model.xml", r"<annotation>.*?</annotation>", "")
    problem = read_petab(path)
    assert problem.model.name not in models.names()
    assert objective(problem) == pytest.approx(objective(problem_of(written[0])), rel=1e-8)


def test_equations_that_were_changed_are_not_taken_for_ours(written, tmp_path):
    path = edited(written[1], tmp_path / "x", "model.xml", r"<ci> K </ci>", "<ci> rho </ci>")
    problem = read_petab(path)
    assert "equations were changed" in problem.warnings[0]
    assert objective(problem) == pytest.approx(Files(tmp_path / "x").objective(), rel=1e-6)
    assert objective(problem) != pytest.approx(objective(problem_of(written[0])), rel=1e-5)


MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
CLOCK = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
SPECIES = 'compartment="c" hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"'
SBML = f"""<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="chain">
<listOfCompartments><compartment id="c" size="2" constant="true"/></listOfCompartments>
<listOfSpecies><species id="A" initialConcentration="3" {SPECIES}/><species id="B" initialAmount="0" {SPECIES}/>
</listOfSpecies>
<listOfParameters><parameter id="k" value="1" constant="true"/><parameter id="size" value="0" constant="true"/>
<parameter id="scale" value="1" constant="true"/><parameter id="half" constant="false"/></listOfParameters>
<listOfRules><assignmentRule variable="half">{MATH}<apply><divide/><ci>k</ci><cn>2</cn></apply></math></assignmentRule>
</listOfRules>
<listOfReactions><reaction id="r" reversible="false" fast="false">
<listOfReactants><speciesReference species="A" stoichiometry="1" constant="true"/></listOfReactants>
<listOfProducts><speciesReference species="B" stoichiometry="2" constant="true"/></listOfProducts>
<kineticLaw>{MATH}<apply><times/><ci>c</ci><ci>half</ci><ci>A</ci></apply></math></kineticLaw></reaction></listOfReactions>
<listOfEvents><event useValuesFromTriggerTime="true">
<trigger initialValue="false" persistent="true">{MATH}<apply><geq/>{CLOCK}<cn>2</cn></apply></math></trigger>
<listOfEventAssignments><eventAssignment variable="A">{MATH}<apply><plus/><ci>A</ci><ci>size</ci></apply></math>
</eventAssignment></listOfEventAssignments></event></listOfEvents></model></sbml>"""


def table(*rows):
    return "".join("\t".join(row.split()) + "\n" for row in rows)


PARAMETERS = table(
    "parameterId parameterScale lowerBound upperBound nominalValue estimate "
    "objectivePriorType objectivePriorParameters",
    "k log10 1e-3 1e3 0.8 1 parameterScaleNormal 0;0.5",
    "scale lin 0 10 2 1",
    "sigma log 1e-3 1e3 0.1 1 logNormal -1;0.7",
)
OBSERVABLES = table(
    "observableId observableFormula observableTransformation noiseFormula",
    "a A log10 2*noiseParameter1_a",
    "b scale*B+1 lin sigma",
)
MEASUREMENTS = table(
    "observableId simulationConditionId time measurement noiseParameters",
    "a one 1 2.0 sigma",
    "a one 4 1.0 sigma",
    "b one 4 9.5",
    "b one 4 9.0",
    "a two 3 3.0 sigma",
)
PROBLEM = """format_version: 1
parameter_file: parameters.tsv
problems:
- condition_files: [conditions.tsv]
  measurement_files:
  - measurements.tsv
  observable_files:
  - observables.tsv
  sbml_files:
  - model.xml
"""
FOREIGN = {
    "model.xml": SBML,
    "parameters.tsv": PARAMETERS,
    "observables.tsv": OBSERVABLES,
    "measurements.tsv": MEASUREMENTS,
    "conditions.tsv": table("conditionId size A", "one 0 3", "two 1.5 4"),
    "problem.yaml": PROBLEM,
}


def foreign(folder, **changed):
    """The folder of a problem from elsewhere, with texts of its files replaced: name=(old, new)."""
    for name, text in FOREIGN.items():
        for old, new in changed.get(name.split(".")[0], ()):
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "problem.yaml"


def closed_form(k, scale, sigma):
    """Its objective by hand: A decays with k/2, and B grows by twice what A loses."""
    a = {(1, 1): 3 * np.exp(-k / 2), (1, 4): 3 * np.exp(-2 * k)}
    a[2, 3] = (4 * np.exp(-k) + 1.5) * np.exp(-k / 2)
    b = scale * 2 * (3 - a[1, 4]) + 1

    def log10_normal(m, s, sd):
        return 0.5 * ((np.log10(m) - np.log10(s)) / sd) ** 2 + np.log(sd * m * np.log(10) * np.sqrt(2 * np.pi))

    def normal(m, s, sd):
        return 0.5 * ((m - s) / sd) ** 2 + np.log(sd * np.sqrt(2 * np.pi))

    data = sum(log10_normal(m, a[key], 2 * sigma) for m, key in ((2.0, (1, 1)), (1.0, (1, 4)), (3.0, (2, 3))))
    return data + normal(9.5, b, sigma) + normal(9.0, b, sigma)


def test_reactions_doses_formulas_and_scales_of_a_problem_from_elsewhere(tmp_path):
    # doses add to A, of which b is no formula
    problem = read_petab(foreign(tmp_path))
    prior_k = 0.5 * (np.log10(0.8) / 0.5) ** 2 + np.log(0.5 * np.sqrt(2 * np.pi))
    prior_s = 0.5 * ((np.log(0.1) + 1) / 0.7) ** 2 + np.log(0.1 * 0.7 * np.sqrt(2 * np.pi))
    expected = closed_form(0.8, 2.0, 0.1) + prior_k + prior_s
    assert objective(problem) == pytest.approx(expected, rel=1e-6)
    assert [each.schedule.doses for each in problem.subjects] == [(), (Dose("dose of A", 2.0, 1.5),)]
    assert any("no prior in the files (scale)" in text for text in problem.warnings)
    moved = {row.symbol: problem.nominal_of(row) for row in problem.estimated} | {"k": 1.3}
    change = closed_form(1.3, 2.0, 0.1) - closed_form(0.8, 2.0, 0.1)
    change += 0.5 * ((np.log10(1.3) / 0.5) ** 2 - (np.log10(0.8) / 0.5) ** 2)
    assert objective(problem, moved) - objective(problem) == pytest.approx(change, rel=1e-5)


def test_a_problem_from_elsewhere_is_calibrated(tmp_path):
    problem = read_petab(foreign(tmp_path, conditions=(("two\t1.5\t4\n", "two\t0\t4\n"),)))
    found = calibrate_problem(problem, prior_draws=16)
    best = next(iter(found.subjects.values())).best
    assert objective(problem, {"k": best["k"], "noise_scale": found.scatter.scale.value}) < objective(problem)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("observables", "sigma\n", "sigma*B\n", "The noise of b depends on B"),
        ("observables", "lin\tsigma", "lin\tk", "The noise is of several kinds"),
        ("observables", "scale*B+1", "scale*A+1", "formula of A, which doses add to"),
        ("observables", "scale*B+1", "scale*gamma(B)", "gamma"),
        ("observables", "scale*B", "wrong*B", "asks for wrong"),
        ("parameters", "parameterScaleNormal", "laplace", "Parameter k has the prior laplace"),
        ("parameters", "\t0.8\t1", "\t0.8\tyes", "estimate is 'yes'"),
        ("parameters", "k\tlog10", "B\tlog10", "B, which is no constant"),
        ("measurements", "a\tone\t1\t", "a\tone\tinf\t", "steady state"),
        ("measurements", "a\tone\t1", "a\tthree\t1", "condition 'three'"),
        ("conditions", "two\t1.5", "two\tk", "Only some conditions estimate size"),
        ("conditions", "two\t1.5", "two\t-1.5", "only 0 and more"),
        ("conditions", "size\tA", "size\tnobody", "nobody, which is not in the SBML file"),
        ("measurements", "a\ttwo\t3", "a\ttwo\t2", "on the day 2 of a dose"),
        ("model", "<plus/><ci>A</ci>", "<times/><ci>A</ci>", "sets A instead of adding"),
        ("model", "<geq/>", "<eq/>", "is not met at a time"),
        ("model", 'fast="false"', 'fast="true"', "fast reaction r"),
        ("model", '<assignmentRule variable="half">', "<algebraicRule>", "no SBML|algebraic rule"),
        ("problem", "format_version: 1", "format_version: 2.0.0", "only PEtab 1"),
        ("problem", "sbml_files:\n  - model.xml", "sbml_files:\n  - other.xml", "no file"),
        ("problem", "- model.xml", "- http://example.org/model.xml", "on the web"),
        ("problem", "parameter_file: parameters.tsv", "parameter_file: &x parameters.tsv", "not read here"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(file, old, new, said, tmp_path):
    with pytest.raises(InputError, match=said):
        read_petab(foreign(tmp_path, **{file: ((old, new),)}))


def test_yaml_of_a_problem():
    text = "a: 1  # remark\nb:\n- 'x y'\n- [p, q]\nc:\n  - d: e\n    f: g # h\n  - d: \"i#j\"\n"
    found = {"a": "1", "b": ["x y", ["p", "q"]], "c": [{"d": "e", "f": "g"}, {"d": "i#j"}]}
    assert parse_yaml(text, "x.yaml") == found
    for wrong in (
        "a: |\n  x",
        "a: *b",
        "a: !!python/object:x y",
        "a: {b: c}",
        "- a\nb: c",
        "a: 1\na: 2",
        "a",
        "\ta: 1",
    ):
        with pytest.raises(InputError, match=r"x\.yaml"):
            parse_yaml(wrong, "x.yaml")


@pytest.mark.parametrize("text", ["x*y + x/y - 3", "exp(-x) * sqrt(y)", "ln(x^2 + y)", "x^y", "log10(x)", "abs(2)*x"])
def test_the_rate_of_a_formula_is_its_slope(text):
    formula = parsed(libsbml, text, "here")
    at, rate, step = {"x": 0.7, "y": 1.3}, {"x": 0.4, "y": -0.2}, 1e-6
    moving = formula({name: Moving(value, rate[name]) for name, value in at.items() if name in formula.names})
    ends = [formula({name: at[name] + sign * step * rate[name] for name in at}) for sign in (1, -1)]
    assert moving.rate == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)


def test_a_number_that_a_dose_and_a_rate_share_is_known_to_both(tmp_path):
    path = foreign(tmp_path, model=(("<ci>half</ci><ci>A</ci>", "<ci>half</ci><ci>A</ci><ci>size</ci>"),))
    problem = read_petab(path)
    assert [dict(each.known)["size"] for each in problem.subjects] == [0.0, 1.5]


def test_the_logit_of_a_fraction_that_a_condition_gives_is_that_of_a_known_fraction(written, tmp_path):
    path = edited(written[1], tmp_path / "x", "parameters.tsv", r"logit_V0\t[^\n]*\n", "")
    conditions = (tmp_path / "x" / "conditions.tsv").read_text(encoding="utf-8").splitlines()
    text = "\n".join([f"{conditions[0]}\tlogit_V0", f"{conditions[1]}\t-1.5"])
    (tmp_path / "x" / "conditions.tsv").write_text(text, encoding="utf-8")
    problem = read_petab(path)
    assert problem.model.name == "tivnh_treated"
    assert problem.subjects[0].known["V0"] == pytest.approx(1 / (1 + np.exp(1.5)))
    assert objective(problem) == pytest.approx(Files(tmp_path / "x").objective(), rel=1e-6)


def test_a_formula_is_never_run_as_text():
    for text in ("__import__('os')", "x.y", "open(x)", "f(x)"):
        with pytest.raises(InputError, match="here"):
            parsed(libsbml, text, "here")
