"""A parameter that follows a measured number of each animal: the line found, whatever unit, group or gap."""

import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, write_csv
from HER2ImmunoModelLib import calibrate, calibrate_each, calibrate_pooled, models, read_calibration, simulate
from HER2ImmunoModelLib.calibration import Subject, forecast_check_pooled, lines_of, read_volumes, with_covariate_over
from HER2ImmunoModelLib.models import with_covariate
from HER2ImmunoModelLib.models.descriptions import describe, from_description
from HER2ImmunoModelLib.treatments import Dose, Schedule
from HER2ImmunoStudyLib.cli import main

SLOPE, AT_ZERO = 0.08, 0.04
SUVS = (0.5, 0.8, 1.1, 1.4, 1.8, 2.2, 2.6, 3.0)
DAYS = np.array([0.0, 2.0, 4.0, 6.0, 8.0, 10.0])
GIVEN = Schedule((Dose("checkpoint_inhibitor", 1.0), Dose("checkpoint_inhibitor", 5.0)))
MODEL = models.get("immunotherapy_cumulative", "mouse")
FAST = {"prior_draws": 64, "fixed": {"K": 50.0}}
NOISE = 0.05


def animal(i, suv, rng, unit=1.0, group="treated"):
    truth = {"g": 0.15, "K": 50.0, "phi": AT_ZERO + SLOPE * suv, "T0": 0.2 + 0.02 * i}
    given = GIVEN if group == "treated" else Schedule()
    course = simulate(MODEL, truth, DAYS, schedule=given).states["T"][0]
    seen = course * np.exp(NOISE * rng.standard_normal(DAYS.size))
    visits = [
        Measurement(f"day {d:g}", d, {"volume_cm3": v}, {"volume_cm3": NOISE * v})
        for d, v in zip(DAYS, seen, strict=True)
    ]
    first = Measurement("day 0", 0.0, visits[0].values | {"suv_mean": suv * unit}, visits[0].sd)
    return Subject(f"a{i}", (first, *visits[1:]), given, group)


def animals(unit=1.0, group=lambda i: "treated"):
    rng = np.random.default_rng(3)
    return [animal(i, suv, rng, unit, group(i)) for i, suv in enumerate(SUVS)]


def without(subject, column="suv_mean"):
    first, *others = subject.measurements
    values = {name: value for name, value in first.values.items() if name != column}
    return Subject(
        subject.name, (Measurement(first.visit, first.day, values, first.sd), *others), subject.schedule, "treated"
    )


@pytest.fixture(scope="module")
def pooled():
    return calibrate_pooled(*with_covariate_over(MODEL, animals(), "phi", "suv_mean"), **FAST)


def test_the_line_over_pooled_animals_is_found(pooled):
    (line,) = lines_of(pooled.subjects["a3"])
    assert line.centre == pytest.approx(np.mean(SUVS))
    for found, truth in ((line.slope, SLOPE), (line.at_zero, AT_ZERO), (line.at_centre, AT_ZERO + SLOPE * line.centre)):
        assert found[1] < truth < found[2]
        assert found[2] - found[1] < 0.1
    assert {"phi_slope", "phi_intercept"} <= {name for name, each in pooled.shared.items() if each.set_by == "data"}
    assert [view.fixed["phi_measured"] for view in pooled.subjects.values()] == list(SUVS)
    tables = (pooled.subjects["a0"].covariance, pooled.subjects["a0"].free)
    columns = [tables[1].index(name) for name in ("phi_intercept", "phi_slope")]
    sd = np.sqrt(np.diag(tables[0]))[columns]
    assert abs(tables[0][columns[0], columns[1]]) < 0.8 * sd.prod()  # about the mean, a and b are told apart


def test_without_the_line_the_animals_do_not_fit(pooled):
    plain = calibrate_pooled(MODEL, animals(), **FAST)
    assert pooled.bic < plain.bic - 20
    assert pooled.chi2 < plain.chi2 / 2


@pytest.mark.parametrize("unit", [1e-3, 1e3])
def test_the_unit_of_the_column_does_not_matter(pooled, unit):
    found = calibrate_pooled(*with_covariate_over(MODEL, animals(unit), "phi", "suv_mean"), **FAST)
    assert found.chi2 == pytest.approx(pooled.chi2, rel=1e-3)
    assert found.shared["phi_slope"].value * unit == pytest.approx(pooled.shared["phi_slope"].value, rel=0.01)
    assert found.shared["phi_intercept"].value == pytest.approx(pooled.shared["phi_intercept"].value, rel=0.01)


def test_each_alone_has_its_own_number():
    model, subjects = with_covariate_over(MODEL, animals()[::7], "phi", "suv_mean")
    for name, found in calibrate_each(model, subjects, prior_draws=64, fixed={"K": 50.0, "g": 0.15}).items():
        suv = found.fixed["phi_measured"]
        drawn = found.draws(2000)
        phi = drawn["phi_intercept"] + drawn["phi_slope"] * (suv - model.covariates[0].centre)
        low, high = np.quantile(phi, [0.005, 0.995])
        assert low < AT_ZERO + SLOPE * suv < high, name


def test_groups_with_and_without_the_drug_share_the_line():
    subjects = animals(group=lambda i: "control" if i % 2 else "treated")
    found = calibrate_pooled(*with_covariate_over(MODEL, subjects, "phi", "suv_mean"), **FAST)
    (line,) = lines_of(found.subjects["a1"])
    assert line.slope[1] < SLOPE < line.slope[2]
    assert line.at_zero[1] < AT_ZERO < line.at_zero[2]


def test_hidden_visits_are_foretold_with_each_ones_number():
    tied = forecast_check_pooled(*with_covariate_over(MODEL, animals(), "phi", "suv_mean"), hidden=2, **FAST)
    plain = forecast_check_pooled(MODEL, animals(), hidden=2, **FAST)
    assert tied.agreement["volume_cm3"].nrmse < 0.5 * plain.agreement["volume_cm3"].nrmse


def test_an_initial_state_can_follow_a_number():
    visits = [[Measurement("first", 0.0, {"volume_cm3": 0.1 + 0.05 * suv, "suv_mean": suv})] for suv in SUVS]
    subjects = [Subject(f"a{i}", tuple(each)) for i, each in enumerate(visits)]
    found = calibrate_pooled(*with_covariate_over(MODEL, subjects, "T0", "suv_mean"), **FAST)
    (line,) = lines_of(found.subjects["a0"])
    assert line.slope[0] == pytest.approx(0.05, rel=0.1)
    assert line.at_zero[0] == pytest.approx(0.1, rel=0.1)


def test_one_subject_is_as_with_one_number():
    (subject,) = animals()[:1]
    model, (known,) = with_covariate_over(MODEL, [subject], "phi", "suv_mean")
    assert model == with_covariate(MODEL, "phi", subject.measurements, "suv_mean")
    assert known.known == {"phi_measured": SUVS[0]}
    ways = [calibrate(model, subject.measurements, schedule=GIVEN, prior_draws=64)]
    ways += calibrate_each(model, [known], prior_draws=64).values()
    assert ways[0].mode.tolist() == ways[1].mode.tolist()
    assert ways[0].fixed == ways[1].fixed


def test_a_missing_number_is_refused_or_the_mean_of_the_group():
    subjects = animals(group=lambda i: "control" if i > 5 else "treated")
    subjects[1] = without(subjects[1])
    with pytest.raises(InputError, match=r"Subject a1 has no suv_mean .* fill the cell, leave the subject out"):
        with_covariate_over(MODEL, subjects, "phi", "suv_mean")
    model, found = with_covariate_over(MODEL, subjects, "phi", "suv_mean", missing="mean")
    mean = np.mean([SUVS[0], *SUVS[2:6]])
    assert found[1].known["phi_measured"] == pytest.approx(mean)
    assert found[1].measurements[0].remarks == (
        f"suv_mean was not measured: {mean:.3g}, the mean of the group 'treated', is taken.",
    )
    assert model.covariates[0].centre == pytest.approx(np.mean([s.known["phi_measured"] for s in found]))


def test_a_visit_of_all_or_each_ones_first():
    subjects = animals()[:2]
    late = Measurement("day 10", 10.0, {"volume_cm3": 1.0, "suv_mean": 9.0})
    subjects[0] = Subject("a0", (*subjects[0].measurements[:-1], late), GIVEN)
    known = [s.known["phi_measured"] for s in with_covariate_over(MODEL, subjects, "phi", "suv_mean")[1]]
    assert known == [*SUVS[:2]]
    with pytest.raises(InputError, match="Subject a1 has no suv_mean"):
        with_covariate_over(MODEL, subjects, "phi", "suv_mean", "day 10")


@pytest.mark.parametrize(
    ("parameter", "column", "visit", "words"),
    [
        ("fi", "suv_mean", None, "has no parameter 'fi'"),
        (
            "phi",
            "suvmean",
            None,
            "No subject has a number in the column 'suvmean' at any visit; did you mean 'suv_mean'",
        ),
        ("phi", "suv_mean", "day 00", "No subject has a visit 'day 00'; did you mean 'day 0'"),
        ("phi", "same", None, "same is 1 in all of 8 subjects, so that no parameter can follow it"),
    ],
)
def test_what_cannot_be_followed(parameter, column, visit, words):
    subjects = animals()
    for i, subject in enumerate(subjects):
        first, *others = subject.measurements
        first = Measurement("day 0", 0.0, first.values | {"same": 1.0}, first.sd)
        subjects[i] = Subject(subject.name, (first, *others), GIVEN)
    with pytest.raises(InputError, match=words):
        with_covariate_over(MODEL, subjects, parameter, column, visit)


def test_a_line_is_tied_once():
    model, subjects = with_covariate_over(MODEL, animals(), "phi", "suv_mean")
    again, later = with_covariate_over(model, animals()[:2], "phi", "suv_mean")
    assert again is model  # new animals on the line that is known
    assert [s.known["phi_measured"] for s in later] == [*SUVS[:2]]
    with pytest.raises(InputError, match="follows suv_mean already"):
        with_covariate_over(model, subjects, "phi", "volume_cm3")


def test_the_line_survives_files_and_other_programs(pooled, tmp_path):
    view = pooled.subjects["a2"]
    view.save(tmp_path / "c.json")
    again = read_calibration(tmp_path / "c.json")
    assert again.model.covariates == view.model.covariates
    assert again.predict(DAYS).median["T"].tolist() == view.predict(DAYS).median["T"].tolist()
    old = describe(view.model)
    for row in old["covariates"]:
        del row["centre"]
    assert from_description(old).covariates[0].centre == 0.0
    old["covariates"][0]["centre"] = float("nan")
    with pytest.raises(InputError, match="the centre nan"):
        from_description(old)
    assert view.model.covariates[0].formula == f"phi_intercept + phi_slope * (phi_measured - {float(np.mean(SUVS))!r})"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Volumes, SUV and doses of the animals as a lab writes them."""
    folder = tmp_path_factory.mktemp("lab")
    rows = ["animal,day,volume_mm3,sd,suv_mean"]
    for subject in animals():
        for visit in subject.measurements:
            volume, suv = visit.values["volume_cm3"], visit.values.get("suv_mean", "")
            rows.append(f"{subject.name},{visit.day:g},{1000 * volume:.9g},{1000 * NOISE * volume:.9g},{suv}")
    (folder / "mice.csv").write_text("\n".join(rows) + "\n")
    (folder / "given.csv").write_text("drug,day,dose\ncheckpoint inhibitor,1,1\ncheckpoint inhibitor,5,1\n")
    return folder


def command(lab, tmp_path, table, *words, code=0):
    asked = [str(lab / table), "--model", MODEL.name, "--species", "mouse", "--schedule", str(lab / "given.csv")]
    out = ["--out", str(tmp_path / "out"), "--json", str(tmp_path / "s.json")]
    fast = ["--prior-draws", "64", "--fix", "K=50", "--draws", "5", "--horizon", "12", "--seed", "0"]
    assert main(["calibrate", *asked, *fast, *out, *words]) == code
    return json.loads((tmp_path / "s.json").read_text())


def test_the_command_finds_the_line(pooled, lab, tmp_path, capsys):
    summary = command(lab, tmp_path, "mice.csv", "--covariate", "phi=suv_mean", "--pooled", "--hide", "1")
    (line,) = summary["covariates"]
    assert line["slope"][0] == pytest.approx(lines_of(pooled.subjects["a0"])[0].slope[0], rel=1e-3)
    assert line["slope"][1] < SLOPE < line["slope"][2]
    said = capsys.readouterr().out
    assert all(words in said for words in ("phi = 0.0", "x suv_mean: ", "the mean"))
    header, row = (tmp_path / "out" / "covariates.csv").read_text().splitlines()
    assert header.startswith("parameter,column,mean,slope,")
    assert [float(cell) for cell in row.split(",")[2:4]] == pytest.approx([line["centre"], line["slope"][0]])
    assert summary["forecast_check"]["agreement"]["volume_cm3"]["mape"] < 15
    assert any("not fitted themselves, though a parameter may follow: suv_mean" in text for text in summary["warnings"])


def test_the_command_fits_each_alone_and_says_what_that_cannot_tell(lab, tmp_path):
    summary = command(lab, tmp_path, "mice.csv", "--covariate", "phi=suv_mean@day 0")
    each = {name: found["calibration"]["fixed"]["phi_measured"] for name, found in summary["subjects"].items()}
    assert list(each.values()) == list(SUVS)
    assert summary["covariates"] == []
    assert any("does not tell the slope of a line from its height" in text for text in summary["warnings"])


def test_the_command_and_a_missing_number(lab, tmp_path):
    text = (lab / "mice.csv").read_text().replace(",0.8\n", ",\n")
    (lab / "gap.csv").write_text(text)
    words = ["--covariate", "phi=suv_mean", "--pooled"]
    assert "a1 has no suv_mean" in command(lab, tmp_path, "gap.csv", *words, code=2)["error"]
    summary = command(lab, tmp_path, "gap.csv", *words, "--missing-covariate", "mean")
    assert any(text.startswith("a1: suv_mean was not measured") for text in summary["warnings"])
    assert "ties phi twice" in command(lab, tmp_path, "mice.csv", *words, *words[:2], code=2)["error"]


def test_a_model_of_a_file_asks_for_the_column_of_several(pooled, lab, tmp_path):
    from HER2ImmunoModelLib.models import write_model

    write_model(tmp_path / "m.json", pooled.model)
    words = ["--model", str(tmp_path / "m.json"), "--pooled"]
    sentence = command(lab, tmp_path, "mice.csv", *words, code=2)["error"]
    assert sentence.endswith("differs between subjects; give --covariate phi=suv_mean.")
    summary = command(lab, tmp_path, "mice.csv", *words, "--covariate", "phi=suv_mean")
    assert summary["covariates"][0]["slope"][0] == pytest.approx(SLOPE, rel=0.4)


def test_a_measurement_table_of_several_subjects(lab, tmp_path):
    rows = []
    for subject in animals()[::3]:
        text = write_csv(subject.measurements, tmp_path / "one.csv").read_text().splitlines()
        rows += [f"subject,{text[0]}"] * (not rows) + [f"{subject.name},{line}" for line in text[1:]]
    (lab / "visits.csv").write_text("\n".join(rows) + "\n")
    given = [f"{subject.name},checkpoint inhibitor,{day},1" for subject in animals()[::3] for day in (1, 5)]
    (lab / "each.csv").write_text("\n".join(["subject,drug,day,dose", *given]) + "\n")
    words = ["--covariate", "phi=suv_mean@day 0", "--pooled", "--schedule", str(lab / "each.csv")]
    summary = command(lab, tmp_path, "visits.csv", *words)
    assert summary["covariates"][0]["slope"][1] < SLOPE < summary["covariates"][0]["slope"][2]
    assert [one.known for one in read_volumes(lab / "mice.csv")][:1] == [{}]
