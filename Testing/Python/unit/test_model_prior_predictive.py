"""What a prior says before any data: against closed forms, where draws explode or fail, with and without a table."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.charts import can_draw
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, models, prior_predictive, simulate
from HER2ImmunoModelLib.calibration import Subject, with_covariate_over
from HER2ImmunoModelLib.findings import prior_charts, prior_sentences, prior_summary
from HER2ImmunoModelLib.models import write_model
from HER2ImmunoModelLib.simulation.batch import simulate_schedules
from HER2ImmunoStudyLib.cli import main
from scipy import stats

GROWTH = models.get("two_drug_exponential_growth", "mouse")
DAYS = np.array([0.0, 5.0, 10.0])
G, T0 = GROWTH.parameter("g"), GROWTH.parameter("T0")
MANY = 20000
SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


def changed(model, name, **parts):
    parameters = tuple(replace(p, **parts) if p.name == name else p for p in model.parameters)
    return replace(model, parameters=parameters)


def volumes(values, days=DAYS, sd=0.1):
    return [
        Measurement(f"v{d:g}", float(d), {"volume_cm3": float(v)}, {"volume_cm3": sd * v})
        for d, v in zip(days, values, strict=True)
    ]


@pytest.fixture(scope="module")
def growth():
    return prior_predictive(GROWTH, DAYS, draws=MANY).arms[0]


def test_exponential_growth_has_the_quantiles_of_its_prior(growth):
    z = stats.norm.ppf(SHARES)
    np.testing.assert_allclose(growth.bands["T"][:, 0], T0.default * np.exp(T0.prior * z), rtol=0.08)
    np.testing.assert_allclose(growth.doubling_day, np.log(2) / (G.default * np.exp(-G.prior * z)), rtol=0.02)
    fixed = prior_predictive(GROWTH, DAYS, draws=MANY, fixed={"T0": 0.2}).arms[0]
    # the volume rises with g, so that its quantiles are those of g
    np.testing.assert_allclose(fixed.bands["T"][:, 2], 0.2 * np.exp(10 * G.default * np.exp(G.prior * z)), rtol=0.03)
    assert np.ptp(fixed.bands["T"][:, 0]) == 0.0


def test_a_number_has_the_place_that_the_prior_gives_it():
    low = prior_predictive(GROWTH, measurements=volumes([0.2, 0.3, 0.5], sd=0.5), fixed={"g": 0.1}, draws=MANY)
    for number in low.numbers:
        # log volume is normal: T0's prior, with the noise of the measurement
        middle, sd = np.log(T0.default) + 0.1 * number.day, np.hypot(T0.prior, np.sqrt(np.log1p(0.25)))
        assert number.below == pytest.approx(stats.norm.cdf((np.log(number.measured) - middle) / sd), abs=0.01)
    assert [number.first for number in low.numbers] == [True, False, False]
    assert not any(number.outside for number in low.numbers)


def test_a_prior_that_excludes_the_data_is_told_with_how_much_it_leaves():
    narrow = changed(changed(GROWTH, "T0", prior=0.2), "g", prior=0.1)
    found = prior_predictive(narrow, measurements=volumes([0.21, 0.33, 20.0]))
    said = " ".join(prior_sentences(found))
    assert "The prior puts less than 0.1 % on volumes as large as 20 cm³ (day 10): it all but excludes" in said
    assert "2 of 3 measured numbers lie within" in said
    assert "says next to nothing" not in said
    assert [number.outside for number in found.numbers] == [False, False, True]
    rare = prior_predictive(changed(narrow, "g", prior=0.5), measurements=volumes([0.2, 0.5, 6.0]), draws=MANY)
    expected = float((1 - rare.numbers[2].below) * 100)
    assert 0.1 < expected < 1
    assert f"The prior puts {expected:.1f} % on volumes as large as 6.0 cm³" in " ".join(prior_sentences(rare))


def test_a_size_at_the_start_that_the_prior_does_not_expect_is_told():
    found = prior_predictive(changed(GROWTH, "T0", prior=0.5), measurements=volumes([2.0, 3.0, 4.0]))
    (said,) = [text for text in prior_sentences(found) if "first visit" in text]
    assert said.startswith("The first visit lies outside the prior of the size at the start, 0.20 cm³ (90 % 0.08")
    assert "starts its search at what was measured, but weighs that size by this prior" in said
    started = prior_predictive(
        changed(GROWTH, "T0", prior=0.5), measurements=volumes([2.0, 3.0, 4.0]), from_first_visit=True
    )
    assert started.arms[0].bands["T"][2, 0] == pytest.approx(2.0, rel=0.02)
    assert not any("first visit" in text for text in prior_sentences(started))
    spread = np.log(started.arms[0].bands["T"][[0, 4], 0])
    assert np.diff(spread)[0] == pytest.approx(2 * 1.645 * 0.1, rel=0.1)  # the noise of that measurement


def test_a_wide_prior_is_told_as_no_fault():
    said = " ".join(prior_sentences(prior_predictive(GROWTH, np.array([0.0, 30.0]))))
    assert "Of the volume on day 30 the prior says next to nothing: the data decide it." in said
    assert "Check" not in said
    assert re.search(r"its spread comes from: tumour growth rate \d+ %, tumour volume at the start \d+ %\.", said)


def test_exploding_draws_are_counted_and_not_left_out():
    day = np.array([0.0, 15.0, 30.0])
    tivnh = models.get("tivnh", "mouse")
    found = prior_predictive(tivnh, day, draws=400)
    arm = found.arms[0]
    assert arm.exploded > 0.05
    assert np.isinf(arm.bands["T"][4, 2])
    assert np.isfinite(arm.bands["T"][4, 0])
    assert np.isfinite(arm.bands["T"][2]).all()
    said = " ".join(prior_sentences(found))
    assert "of the draws explode: their tumour grows past 100 cm³, which none of a mouse has, by day 30" in said
    assert "to over 100 cm³" in said
    chart = prior_charts(found)["", "volume_cm3"]
    assert all(np.isfinite([*item.y_range] if hasattr(item, "y_range") else item.x).all() for item in chart.items)
    assert 10 ** chart.y_range[1] < 1000
    text = json.loads(json.dumps(prior_summary(found), default=lambda value: value.tolist()))
    assert text["arms"][0]["bands"]["T"]["upper_90"][2] == "inf"


def test_a_row_that_fails_keeps_what_it_reached():
    tivnh = models.get("tivnh", "mouse")
    day = np.linspace(0.0, 40.0, 9)
    given = {"g": np.array([0.044, 0.3])}
    plain, failed = simulate_schedules(tivnh, given, day, [Schedule()])
    kept, also = simulate_schedules(tivnh, given, day, [Schedule()], keep_failed=True)
    assert failed.tolist() == also.tolist() == [[False, True]]
    np.testing.assert_array_equal(plain[:, 0, 0], kept[:, 0, 0])
    assert np.isnan(plain[0, 0, 1]).all()
    reached = np.isfinite(kept[0, 0, 1])
    assert 2 < reached.sum() < 9
    assert reached[: reached.sum()].all()
    free = replace(tivnh, explosions={})
    early = simulate(free, {"g": 0.3}, day[: reached.sum()]).states["T"][0]
    np.testing.assert_allclose(kept[0, 0, 1, reached], early, rtol=1e-5)


def test_draws_that_fail_are_left_out_and_told():
    animals = [
        Subject(f"a{i}", tuple(volumes([0.2, 0.3, 0.4])), Schedule((Dose("trastuzumab", 1.0),))) for i in range(4)
    ]
    animals = [
        replace(
            a,
            measurements=(replace(a.measurements[0], values={"volume_cm3": 0.2, "suv": 1.0 + i}), *a.measurements[1:]),
        )
        for i, a in enumerate(animals)
    ]
    model, tied = with_covariate_over(GROWTH, animals, "g", "suv")
    found = prior_predictive(model, subjects=tied, draws=500)
    (arm,) = found.arms  # the animals differ by their number only
    assert arm.subjects == ("a0", "a1", "a2", "a3")
    assert 0.1 < arm.failed < 0.6  # a + b x below 0 is no growth rate
    assert np.isfinite(arm.bands["T"]).all()
    assert any("cannot be simulated, and are left out" in text for text in prior_sentences(found))


def test_groups_with_other_doses_are_apart():
    given = Schedule((Dose("trastuzumab", 0.0), Dose("doxorubicin", 2.0)))
    groups = [("c1", "control", Schedule()), ("t1", "treated", given), ("t2", "treated", given)]
    subjects = [Subject(name, tuple(volumes([0.2, 0.3, 0.4])), plan, group) for name, group, plan in groups]
    found = prior_predictive(GROWTH, subjects=subjects)
    assert [(arm.name, arm.subjects) for arm in found.arms] == [("control", ("c1",)), ("treated", ("t1", "t2"))]
    control, treated = found.arms
    assert (treated.bands["T"][:, -1] < control.bands["T"][:, -1]).all()
    np.testing.assert_array_equal(treated.doubling_day, control.doubling_day)
    assert [len(arm.numbers) for arm in found.arms] == [3, 6]
    huge = replace(subjects[0], measurements=tuple(volumes([0.2, 0.3, 6.0])))
    (said,) = prior_predictive(GROWTH, subjects=[huge, *subjects[1:]]).warnings
    assert said.startswith("c1: Visit v10: a volume of 6 cm3 is seldom seen")
    assert set(prior_charts(found)) == {("control", "volume_cm3"), ("treated", "volume_cm3")}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "neither days nor measurements"),
        ({"subjects": []}, "There is no subject"),
        ({"subjects": [Subject("a", ())]}, "neither days nor measurements"),
        ({"subjects": [Subject("a", tuple(volumes([1, 1, 1])))], "schedule": Schedule()}, "brings its measurements"),
        ({"measurements": volumes([1, 1, 1]), "fixed": {"nothing": 1.0}}, "no parameter 'nothing'"),
        ({"measurements": volumes([1, 1, 1]), "draws": 0}, "draws is 0"),
    ],
)
def test_what_cannot_be_asked(given, words):
    with pytest.raises(InputError, match=words):
        prior_predictive(GROWTH, **given)


def rows_of(path):
    with path.open() as stream:
        return list(csv.DictReader(stream))


def test_the_command_with_a_table(tmp_path, capsys):
    lines = [
        f"{group},{name},{d:g},{1000 * v:g}"
        for group, name in (("c", "1"), ("t", "2"))
        for d, v in zip(DAYS, (0.2, 0.4, 9.0), strict=True)
    ]
    (tmp_path / "m.csv").write_text("\n".join(["group,animal,day,volume_mm3", *lines]))
    (tmp_path / "d.csv").write_text("group,drug,day\nt,trastuzumab,1\n")
    write_model(tmp_path / "narrow.json", changed(changed(GROWTH, "T0", prior=0.3), "g", prior=0.3))
    words = [
        "prior",
        str(tmp_path / "m.csv"),
        "--treatments",
        str(tmp_path / "d.csv"),
        "--days",
        "12",
        "--draws",
        "300",
    ]
    out = ["--out", str(tmp_path / "out"), "--json", str(tmp_path / "s.json")]
    assert main([*words, "--model", str(tmp_path / "narrow.json"), *out]) == 0
    summary = json.loads((tmp_path / "s.json").read_text())
    assert [arm["name"] for arm in summary["arms"]] == ["c", "t"]
    assert len(summary["arms"][1]["numbers"]) == 3
    said = capsys.readouterr().out
    assert "t: The prior puts " in said
    assert "before any data, with the priors of a mouse." in said
    written = rows_of(tmp_path / "out" / "prior_bands.csv")
    assert float(written[-1]["day"]) == 12.0
    assert float(written[-1]["T_median"]) == summary["arms"][1]["bands"]["T"]["median"][-1]
    assert {row["outside_90"] for row in rows_of(tmp_path / "out" / "prior_measured.csv")} == {"True", "False"}
    assert (tmp_path / "out" / "prior_bands.csv.json").exists()
    assert (tmp_path / "out" / "prior_volume_cm3_t.png").exists() == can_draw()


def test_the_command_without_a_table(tmp_path):
    words = ["prior", "--model", "immunotherapy_decaying", "--species", "human", "--draws", "100", "--quiet"]
    assert main([*words, "--fix", "K=90", "--out", str(tmp_path / "out"), "--json", str(tmp_path / "s.json")]) == 0
    (arm,) = json.loads((tmp_path / "s.json").read_text())["arms"]
    assert arm["day"][-1] == 28.0
    assert "K" not in arm["from_parameter"]
    assert not (tmp_path / "out" / "prior_measured.csv").exists()
    assert {row["quantity"] for row in rows_of(tmp_path / "out" / "prior_quantities.csv")} == {
        "share_exploded",
        "share_failed",
        "doubling_time_at_start",
        "volume_on_day_28",
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--from-first-visit"], "There is no table"),
        (["--days", "0"], "not after the start"),
        (["--draws", "0"], "--draws is 0"),
        (["--model", "nosuch"], "no model 'nosuch'"),
        (["--fix", "nosuch=1"], "nosuch"),
        (["nosuch.csv"], "nosuch.csv"),
    ],
)
def test_the_command_refuses_in_a_sentence(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    assert main(["prior", *words, "--out", "out", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert sentence in error
    assert not (tmp_path / "out").exists()
