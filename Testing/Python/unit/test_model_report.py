"""The report of a subject without a scene: what it tells, in which order, and what it does not pass on."""

import json
import pickle
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from HER2ImmunoCommonLib import charts, html
from HER2ImmunoCommonLib.chart_spec import BLUE, Band, Chart, Line, Points, extent
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.findings.plan import PlanRequest
from HER2ImmunoModelLib.planning import PlanSettings
from HER2ImmunoModelLib.report import (
    GivenDose,
    LimitsChecked,
    ReportedScenario,
    ReportRequest,
    SubjectReport,
    report_page,
    write_report,
)
from HER2ImmunoModelLib.report.course_charts import window_chart
from HER2ImmunoModelLib.report.courses import quantiles
from HER2ImmunoModelLib.report.model_part import prior_text
from HER2ImmunoModelLib.report.scenarios_part import scenario_chart
from HER2ImmunoModelLib.report.window_words import reached_rows, rests_on
from HER2ImmunoModelLib.report.words import flat
from HER2ImmunoModelLib.treatments import Dose, Schedule

DAY = date(2026, 5, 6)
VISITS = tuple(
    Measurement(f"V{n}", day, {"volume_cm3": volume, "hypoxic_fraction": 0.2})
    for n, (day, volume) in enumerate(((0.0, 4.0), (7.0, 4.5), (14.0, 5.2)))
)
GIVEN = Schedule((Dose("trastuzumab", 2.0), Dose("cytotoxic", 9.0)))
WITHOUT_WINDOW = "two_drug_logistic_death"


def found(model):
    """A request of a model and what it found."""
    request = PlanRequest(VISITS, GIVEN, PlanSettings(model=model, draws=40, horizon_day=30.0))
    plan = request.make()
    return plan, request.findings(plan)


@pytest.fixture(scope="module", autouse=True)
def drawn_once():
    """A chart that many of these pages show is drawn once."""
    drawn, draw = {}, charts.to_svg

    def once(*asked):
        key = pickle.dumps(asked)
        if key not in drawn:
            drawn[key] = draw(*asked)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "to_svg", once)
        yield


@pytest.fixture(scope="module", params=["tivnh_treated", WITHOUT_WINDOW])
def reported(request):
    plan, findings = found(request.param)
    calibration = plan.calibration
    doses = tuple(GivenDose(dose.day, dose.drug, "1 full dose") for dose in GIVEN.doses)
    known = SubjectReport("Patient <7>", calibration.model, VISITS, findings, calibration=calibration, doses=doses)
    best = plan.ranking.best
    made = ReportRequest(known, (None, best), plan.settings.start_day, plan.settings.horizon_day, 40).make()
    return plan, made


def test_it_has_its_parts_in_order(reported):
    plan, report = reported
    text = report_page(report, DAY)
    heads = ("Answer", "Visits", "Treatment given", "Fit and forecast", "Schedules compared")
    heads += ("Parameters, and what set them", "Methods")
    places = [text.index(part) for part in ("Patient &lt;7&gt;", "For research only")]
    places += [text.index(f"<h2>{head}</h2>") for head in heads]
    assert places == sorted(places)
    assert "<7>" not in text
    assert ("The treatment window" in text) == (plan.calibration.model.name != WITHOUT_WINDOW)


def test_a_schedule_that_is_not_known_to_be_the_best_does_not_stand_out(reported):
    _plan, report = reported
    record = report.plan.provenance
    for ahead, stands_out in ((0.95, True), (0.6, False), (None, False)):
        settings = {**record.settings, "first_better_than_rival": ahead}
        changed = replace(report, plan=replace(report.plan, provenance=replace(record, settings=settings)))
        assert ('<tr class="best">' in report_page(changed, DAY)) == stands_out


def test_what_makes_numbers_untrustworthy_is_never_hidden(reported):
    _plan, report = reported
    told = {"basis": "On little.", "failed": ["It does not fit."], "warnings": ["A warning."]}
    plan = replace(report.plan, alarm="The sampler has NOT converged.", **told)
    limits = LimitsChecked(broken=("Too much & too soon.",), remarks=("Not checked.",))
    text = report_page(replace(report, plan=plan, limits=limits, left_out=("A part is left out.",)), DAY)
    for said in (
        plan.alarm,
        plan.basis,
        *plan.failed,
        *plan.warnings,
        "Too much &amp; too soon.",
        "Not checked.",
        "A part is left out.",
    ):
        assert said in text
    assert text.index(plan.alarm) < text.index(plan.basis) < text.index(plan.failed[0]) < text.index(plan.answer)
    assert plan.basis in text[text.index("Schedules compared") :]


def test_every_dose_is_marked_in_a_lane_of_its_drug(reported):
    _plan, report = reported
    course = report.courses[1]
    if not course.window:
        return
    chart = window_chart(course, "t")
    assert extent(chart)[1] == (0.0, 1.0)
    marks = {(item.x[0], item.y[0]) for item in chart.items if np.size(item.x) == 2 and item.width == 3.0}
    assert len(marks) == len({(dose.day, dose.drug) for dose in course.doses if dose.day <= course.day[-1]})
    assert "planned ones from day 14 on" in chart.caption


def test_courses_under_a_schedule_replace_later_doses(reported):
    plan, report = reported
    nothing, best = report.courses
    assert nothing.doses == GIVEN.for_model(plan.calibration.model).doses
    assert len(best.doses) == len(GIVEN.doses) + len(plan.ranking.best.doses)
    assert best.name == plan.ranking.best.name


def test_the_files_hold_the_same_numbers(reported, tmp_path):
    plan, report = reported
    path, numbers, tables = write_report(report, tmp_path / "r", DAY)
    told = json.loads(numbers.read_text(encoding="utf-8"))
    assert told["plan"]["answer"] == report.plan.answer
    rows = told["plan"]["tables"]["ranking"]["rows"]
    assert [row[2] for row in rows] == [row.expected for row in plan.ranking.rows]
    lines = (tables / "ranking.csv").read_text(encoding="utf-8").splitlines()
    assert float(lines[1].split(",")[2]) == plan.ranking.rows[0].expected
    assert {"visits.csv", "doses.csv", "course_0.csv", "course_1.csv"} <= {each.name for each in tables.iterdir()}
    assert path.read_text(encoding="utf-8") == report_page(report, DAY)


def test_a_pdf_of_somebody_is_not_replaced_and_that_of_an_earlier_report_goes(reported, tmp_path):
    _plan, report = reported
    pdf = tmp_path / "r.pdf"
    pdf.write_bytes(b"mine")
    with pytest.raises(InputError, match=r"r\.pdf is there already"):
        write_report(report, tmp_path / "r", DAY, printed=True)
    write_report(report, tmp_path / "r", DAY)
    assert pdf.read_bytes() == b"mine"
    pdf.unlink()
    write_report(report, tmp_path / "r", DAY, printed=True)
    pdf.write_bytes(b"of the first report")
    write_report(report, tmp_path / "r", DAY)
    assert not pdf.exists()


def scenario(name, factor, doses=("docetaxel 75 mg/m2 on day 21",), **level):
    day = np.arange(14.0, 43.0)
    draws = factor * np.linspace(1.0, 3.0, 41)[:, None] * np.exp(0.02 * (day - 14.0))
    return ReportedScenario(name, BLUE, doses, day, quantiles(draws), **level)


def test_scenarios_stand_side_by_side_with_their_numbers(reported, tmp_path):
    _plan, report = reported
    asked = {"level_cm3": 2.0, "chance_below": 0.25}
    scenarios = (scenario("As <now>", 1.0, **asked), scenario("Later", 2.0, doses=(), **asked))
    chart = scenario_chart(scenarios)
    assert [item.label for item in chart.items if getattr(item, "label", "")] == ["As <now>", "Later"]
    grown = float(np.exp(0.02 * 28))
    for each, factor in zip(scenarios, (1.0, 2.0), strict=True):
        assert each.at_horizon["median"] == pytest.approx(2.0 * factor * grown)
        assert each.at_horizon["lower_90"] == pytest.approx(1.1 * factor * grown)
    path, numbers, tables = write_report(replace(report, scenarios=scenarios), tmp_path / "r", DAY)
    text = path.read_text(encoding="utf-8")
    assert "As &lt;now&gt;" in text
    assert "Volume on day 42, cm³ (90\u00a0%)" in text
    for said in (
        "docetaxel 75 mg/m2 on day 21",
        "no dose",
        "3.5 (1.9 to 5.1)",
        "Chance of less than 2 cm³ then",
        "25 %",
    ):
        assert said in text
    assert text.index("What if: scenarios side by side") < text.index("Schedules compared")
    told = json.loads(numbers.read_text(encoding="utf-8"))["scenarios"]
    assert [each["name"] for each in told] == ["As <now>", "Later"]
    lines = (tables / "scenarios.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 2 * 29
    assert float(lines[-1].split(",")[4]) == pytest.approx(4.0 * grown)


def test_a_scenario_without_a_level_has_no_chance(reported):
    _plan, report = reported
    assert "Chance of less" not in report_page(replace(report, scenarios=(scenario("As now", 1.0),)), DAY)
    mixed = (scenario("As now", 1.0), scenario("Later", 2.0, level_cm3=2.0, chance_below=0.0))
    assert ">–<" in report_page(replace(report, scenarios=mixed), DAY)
    assert "What if" not in report_page(report, DAY)


def test_the_window_says_what_it_rests_on_and_what_is_left_of_each_cytotoxic_dose(reported):
    plan, report = reported
    text = report_page(report, DAY)
    if not report.courses[0].window:
        assert "Where the cytotoxic doses fall" not in text
        return
    estimates = plan.calibration.estimates
    assert all(estimates[name].set_by == "prior" for name in ("n_A", "v50", "eta"))
    assert "they are no evidence for it" in text
    sure = {name: replace(estimates[name], set_by="data") for name in ("n_A", "v50", "eta")}
    assert "no evidence" not in rests_on(replace(plan.calibration, estimates=estimates | sure))
    rows = reached_rows(report.courses)
    assert rows[0][:2] == ("Given", "day 9")
    planned = [dose.day for dose in report.courses[1].doses if dose.drug == "cytotoxic" and dose.day >= 14]
    assert [row[1] for row in rows[1:]] == [f"day {day:g}" for day in planned]
    for row in rows:
        shares = [float(cell.split(" ")[0]) for cell in row[2:]]
        assert all(0 < share <= 1 for share in shares)
        assert shares[2] == pytest.approx(shares[0] * shares[1], rel=0.15)


def test_a_file_without_a_name_is_refused(reported):
    with pytest.raises(InputError, match="Name the file"):
        write_report(reported[1], "")


def test_settings_inside_others_are_told_one_by_one():
    settings = {"a": None, "b": {"c": 1.5, "d": None, "e": ""}, "f": [{"rule": "x"}], "g": ["u", "v"], "h": [1, 2]}
    assert flat(settings) == {"a": None, "b, c": 1.5, "f, 1, rule": "x", "g": "u, v", "h": [1, 2]}


def test_a_prior_is_told_with_its_interval():
    parameter = models.get("tivnh_treated").parameter("g")
    middle, low, high = map(float, re.findall(r"[\d.]+", prior_text(parameter)))
    assert middle == pytest.approx(parameter.default, rel=5e-3)
    assert high / middle == pytest.approx(middle / low, rel=0.02)
    assert np.log(high / low) == pytest.approx(2 * 1.645 * parameter.prior, rel=0.02)


def test_a_legend_below_a_chart_names_what_is_drawn_and_hides_nothing():
    day = np.array([0.0, 1.0])
    items = (Band(day, day, day + 1, ""), Line(day, day, "a < b", (1, 2, 3), dashed=True), Points(day, day, "dots"))
    chart = Chart("t", "x", "y", items)
    below = html.legend(chart)
    assert below.count("<span>") == 2
    assert "a &lt; b" in below
    assert "dashed rgb(1, 2, 3)" in below
    assert html.legend(replace(chart, items=items[:1])) == ""
    if charts.can_draw():
        figure = html.chart_figure(chart, "What it shows.", legend_below=True)
        assert figure.index("</svg>") < figure.index(below)
        assert "dots" not in figure[: figure.index("</svg>")]
