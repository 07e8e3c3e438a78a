"""Pieces of the report: tables whose cells stand under their headings, words instead of names, charts in its font."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib import charts, files, html
from HER2ImmunoCommonLib.chart_spec import Band, Chart, Line, Points, extent
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, rank_schedules, simulate, standard_candidates
from HER2ImmunoModelLib.findings import wording
from HER2ImmunoStudyLib.study import report_words


def test_a_table_refuses_a_row_of_another_length(tmp_path):
    assert 'data-heading="b">2<' in html.table(["a", "b"], [("1", "2")])
    for row in (("1",), ("1", "2", "3")):
        with pytest.raises(ValueError, match="under 2 headings"):
            html.table(["a", "b"], [("1", "2"), row])
        with pytest.raises(ValueError, match="Row 1"):
            files.write_csv(["a", "b"], [row], tmp_path / "t.csv")
    assert list(tmp_path.iterdir()) == []


def test_every_text_of_a_table_is_escaped():
    page = html.table(['<b>"'], [("<script>",)])
    assert "<script>" not in page
    assert 'data-heading="&lt;b&gt;&quot;"' in page


@pytest.mark.parametrize(("words", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists_read_as_sentences(words, text):
    assert report_words.listed(words) == text


def test_numbers_of_things_are_words():
    counts = [report_words.counted(n, "visit") for n in (0, 1, 3, 14)]
    assert counts == ["no visits", "one visit", "three visits", "14 visits"]


def test_doses_are_told_by_the_names_of_the_drugs():
    model = models.get("tivnh_treated", "human")
    given = Schedule((Dose("cytotoxic", 9.0, 2.0), Dose("trastuzumab", 1.0, 1.0), Dose("trastuzumab", 8.0, 0.25)))
    assert report_words.doses_in_words(given, model) == (
        "trastuzumab, a full dose on day 1; trastuzumab, 0.25 of a full dose on day 8; "
        f"{wording.lower_first(model.drug('cytotoxic').label)}, 2 full doses on day 9"
    )
    assert report_words.doses_in_words(Schedule(), model) == "none"


def visit(name, *warnings):
    return SimpleNamespace(visit=SimpleNamespace(visit=name, day=7.0), warnings=warnings)


def test_a_warning_is_said_once_with_its_visits():
    visits = (visit("baseline", "late", "late", "dark"), visit("day_7", "late"))
    result = SimpleNamespace(visits=visits, plan=SimpleNamespace(warnings=("of the model",)))
    assert report_words.warnings_once(result) == ["Every visit: late", "Baseline: dark", "of the model"]
    alone = SimpleNamespace(visits=visits[1:], plan=SimpleNamespace(warnings=()))
    assert report_words.warnings_once(alone) == ["Day 7: late"]


def test_a_visit_named_by_its_day_is_named_once():
    assert report_words.visit_and_day(visit("day_7")) == "day 7"
    assert report_words.visit_and_day(visit("after_surgery")) == "after surgery (day 7)"


@pytest.mark.parametrize(("days", "sure"), [((0.0,), False), ((0.0, 7.0), True)])
def test_one_visit_alone_gets_no_confident_headline(days, sure):
    model = models.get("tivnh_treated", "human")
    volume = simulate(model, {}, [*days, 50.0]).states["T"][0]
    rows = [Measurement(f"V{n}", day, {"volume_cm3": float(volume[n])}) for n, day in enumerate(days)]
    calibration = calibrate(model, rows, prior_draws=64)
    ranking = rank_schedules(calibration, standard_candidates(start_day=days[-1]), draws=30)
    sentence = wording.answer(replace(ranking, ahead=1.0))
    assert sentence.startswith("Best expected: " if sure else "One visit alone shows no course")


def curve(days):
    days = np.asarray(days, float)
    return Chart(
        "t", "Day", "Volume (cm³)", (Band(days, 0.3 * days, days + 3, "band"), Line(days, 0.7 * days, "model"))
    )


def test_axes_end_with_the_data():
    (left, right), (bottom, top) = extent(curve(range(43)))
    assert (left, right) == (0, 42)
    assert (bottom, top) == (0, 45)
    points = Chart("t", "x", "y", (Points(np.array([3.0, 7.0]), np.array([1.0, 2.0]), "p"),))
    (left, right), _ = extent(points)
    assert 0 < 3 - left < 0.5
    assert 0 < right - 7 < 0.5


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_the_text_of_a_chart_is_text_in_the_font_of_the_page():
    svg = charts.to_svg(curve(range(43)), (490, 290))
    texts = re.findall(r"<text[^>]*>", svg)
    assert len(texts) > 8
    assert all('font-family="inherit"' in text and 'px"' in text for text in texts)
    assert "Volume (cm³)" in svg
    assert "rotate(-90)" in svg
    assert set(re.findall(r'text-anchor="(\w+)"', svg)) <= {"start", "middle", "end"}
