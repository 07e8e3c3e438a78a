"""The report of a subject without a scene: what it tells, in which order, and what it does not pass on."""

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from HER2ImmunoCommonLib import charts, html
from HER2ImmunoCommonLib.chart_spec import Band, Chart, Line, Points, extent
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.findings.plan import PlanRequest
from HER2ImmunoModelLib.planning import PlanSettings
from HER2ImmunoModelLib.report import GivenDose, LimitsChecked, ReportRequest, SubjectReport, report_page, write_report
from HER2ImmunoModelLib.report.course_charts import window_chart
from HER2ImmunoModelLib.report.model_part import prior_text
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
        settings = {**record.settings, "first_better_than_second": ahead}
        changed = replace(report, plan=replace(report.plan, provenance=replace(record, settings=settings)))
        assert ('<tr class="best">' in report_page(changed, DAY)) == stands_out


def test_what_makes_numbers_untrustworthy_is_never_hidden(reported):
    _plan, report = reported
    plan = replace(report.plan, alarm="The sampler has NOT converged.", basis="On little.", warnings=["A warning."])
    limits = LimitsChecked(broken=("Too much & too soon.",), remarks=("Not checked.",))
    text = report_page(replace(report, plan=plan, limits=limits, left_out=("A part is left out.",)), DAY)
    for said in (
        plan.alarm,
        plan.basis,
        *plan.warnings,
        "Too much &amp; too soon.",
        "Not checked.",
        "A part is left out.",
    ):
        assert said in text
    assert text.index(plan.alarm) < text.index(plan.basis) < text.index(plan.answer)


def test_every_dose_is_marked_in_a_lane_of_its_drug(reported):
    _plan, report = reported
    course = report.courses[1]
    if not course.window:
        return
    chart = window_chart(course, report.model, "t")
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


def test_a_file_without_a_name_is_refused(reported):
    with pytest.raises(InputError, match="Name the file"):
        write_report(reported[1], "")


def test_settings_inside_others_are_told_one_by_one():
    settings = {"a": None, "b": {"c": 1.5, "d": None, "e": ""}, "f": [{"rule": "x"}], "g": ["u", "v"], "h": [1, 2]}
    assert flat(settings) == {"a": None, "b, c": 1.5, "f, 1, rule": "x", "g": "u v", "h": [1, 2]}


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
