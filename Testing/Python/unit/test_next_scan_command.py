"""`her2immuno next`, and what is said of a next scan: its answer, notes, table, lines and chart."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_spec import Band, Line, Points
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, next_scan, simulate
from HER2ImmunoModelLib.findings import gain_chart, next_scans
from HER2ImmunoStudyLib.cli import main

MODEL = models.get("tivnh_treated", "mouse")


@pytest.fixture(scope="module")
def tumour():
    """A mouse's tumour measured by all examinations on two days."""
    course = simulate(MODEL, {}, [0, 6])
    visits = [
        Measurement(f"V{i}", day, {c: float(course.states[s][0, i]) for s, c in MODEL.observables.items()})
        for i, day in enumerate((0.0, 6.0))
    ]
    return calibrate(MODEL, visits, prior_draws=64)


@pytest.fixture(scope="module")
def fitted(tumour, tmp_path_factory):
    path = tmp_path_factory.mktemp("fit") / "calibration.json"
    tumour.save(path)
    return path


@pytest.fixture
def run(fitted, tmp_path):
    def answered(*words, code=0):
        out, summary = tmp_path / "out", tmp_path / "summary.json"
        asked = ["next", str(fitted), "--draws", "200", *words, "--out", str(out), "--json", str(summary), "--quiet"]
        assert main(asked) == code
        return json.loads(summary.read_text()), out

    return answered


def test_the_command_is_what_the_engine_finds(tumour, run):
    summary, out = run("--days", "10:18:4", "--horizon", "30", "--quantities", "volume,mri")
    found = next_scan(tumour, days=[10, 14, 18], horizon_day=30, quantities=["volume", "mri"], draws=200)
    with (out / "next_scan.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["scan"], float(row["day"])) for row in rows] == [(row.scan.name, row.day) for row in found.rows]
    assert [float(row["gain"]) for row in rows] == pytest.approx([row.gain for row in found.rows])
    assert [row["gain"] for row in summary["scans"]] == pytest.approx([row.gain for row in found.rows])
    assert summary["answer"] == next_scans.answer(found)
    assert [row["proposed"] for row in rows].count("1") == 1
    assert summary["proposed"]["day"] == found.proposed.day
    record = json.loads((out / "next_scan.csv.json").read_text())
    assert record["settings"]["days"] == [10, 14, 18]
    assert "Which scan next" in (out / "next_scan.svg").read_text()


def test_a_planned_schedule_changes_what_is_asked(run, tmp_path):
    plan = tmp_path / "plan.csv"
    plan.write_text("drug,day,dose\ncytotoxic,8,1\n")
    asked = ("--days", "12", "--horizon", "30", "--quantities", "volume")
    treated, _ = run("--schedule", str(plan), *asked)
    untreated, _ = run(*asked)
    assert treated["schedules"] == ["plan"]
    assert treated["middle"] < 0.9 * untreated["middle"]


def test_schedules_that_are_named_are_a_choice(run, tmp_path):
    plans = tmp_path / "mine.csv"
    plans.write_text("schedule,drug,day,dose\nearly,cytotoxic,12,1\nearly,cytotoxic,16,1\nlate,cytotoxic,20,1\n")
    summary, _ = run("--candidate", str(plans), "--horizon", "30", "--quantities", "volume,pet")
    assert summary["is_choice"]
    assert set(summary["schedules"]) == {"early", "late"}
    assert max(row["day"] for row in summary["scans"]) == 12
    standard, _ = run("--choose", "--start", "10", "--days", "8,10", "--quantities", "mri")
    assert len(standard["schedules"]) == 6


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--days", "soon"), "--days soon: give days"),
        (("--days", "9:7"), "--days 9:7: give days"),
        (("--days", "3"), "not after the last visit"),
        (("--quantities", "ultrasound"), "no examination 'ultrasound'"),
        (("--schedule", "a.csv", "--choose"), "give --schedule, or the schedules to choose"),
        (("--draws", "50"), "draws is 50"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(run, words, sentence):
    summary, out = run(*words, code=2)
    assert sentence in summary["error"]
    assert not out.exists()


@pytest.fixture(scope="module")
def found(tumour):
    return next_scan(tumour, days=[9, 14, 20], horizon_day=34, draws=400)


def test_the_answer_names_day_examination_and_what_it_brings(found):
    text = next_scans.answer(found)
    assert text.startswith(f"Scan next on day {found.proposed.day:g}: ")
    assert f"{100 * found.proposed.gain:.0f} %" in text
    assert "the volume on day 34" in text
    assert "cm³ wide instead of" in text


def test_the_mri_is_named_with_what_it_measures_where_a_volume_does_not_do(found):
    mri = next(row for row in found.rows if row.scan.name == "mri" and row.day == 20)
    best = replace(mri, gain=0.99, error=0.01)
    only = replace(found, rows=(*(replace(row, gain=0.3) for row in found.rows if row is not mri), best), equal=(best,))
    assert "DCE-MRI (volume, vascular and necrotic fraction). " in next_scans.answer(only)


def test_it_is_said_where_no_scan_helps(found):
    poor = tuple(replace(row, gain=0.01, error=0.01) for row in found.rows)
    assert next_scans.answer(replace(found, rows=poor, equal=poor)).startswith("No scan until then tells much")
    noisy = tuple(replace(row, gain=0.2, error=0.15) for row in found.rows)
    told = replace(found, rows=noisy, equal=noisy)
    assert next_scans.answer(told).startswith("No scan until then tells much")
    assert any("± 15 points only" in text for text in next_scans.notes(told))


def test_it_is_said_where_the_choice_is_clear_already(tumour):
    plans = [Schedule((), "none"), Schedule(tuple(Dose("cytotoxic", day, 1.0) for day in (10.0, 14.0)), "treated")]
    found = next_scan(tumour, plans, horizon_day=34, draws=200, quantities=["volume"])
    assert found.chosen == "treated"
    assert next_scans.is_settled(found)
    assert next_scans.answer(found).startswith("No scan is needed to choose: treated is the best in ")


def test_it_is_said_where_a_number_is_known_already(found):
    cured = replace(found, before=0.0003, interval=(0.0, 0.0003), middle=0.0001)
    assert next_scans.answer(cured).startswith("No scan is needed to know the volume on day 34: it is foreseen as <")
    sure = replace(found, before=0.05, interval=(1.0, 1.05), middle=1.02)
    assert "No scan is needed" in next_scans.answer(sure)


def test_lines_and_table_hold_every_scan_once_a_day(found):
    lines = next_scans.lines(found, 3)
    assert len(lines) == 1 + len(found.scans)
    assert len(lines[0].split("day")) == 4
    header, rows = next_scans.gains_table(found)
    assert len(rows) == len(found.rows)
    assert {len(row) for row in rows} == {len(header)}


def test_the_chart_has_a_line_a_scan_a_band_and_a_mark(found):
    chart = gain_chart(found)
    lines = {item.label: item for item in chart.items if isinstance(item, Line)}
    assert set(lines) == {scan.label for scan in found.scans}
    volume = next(scan for scan in found.scans if scan.name == "volume")
    assert lines[volume.label].y == pytest.approx([100 * max(row.gain, 0) for row in found.of_scan(volume)])
    (mark,) = (item for item in chart.items if isinstance(item, Points))
    assert (mark.x[0], mark.y[0]) == pytest.approx((found.proposed.day, 100 * found.proposed.gain))
    (band,) = (item for item in chart.items if isinstance(item, Band))
    assert np.all(band.low <= band.high)
    assert chart.y_range[1] >= band.high.max() - 1e-9


def test_one_day_is_drawn_by_scan(tumour):
    chart = gain_chart(next_scan(tumour, days=[12], horizon_day=30, draws=100))
    (points,) = chart.items
    assert len(chart.y_names) == points.x.size == 7
    assert np.all(points.x_interval[0] <= points.x)
