"""The report of a subject from the scene: its numbers are those of the findings, also after the scene was loaded."""

import json
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from model_reports import KINDS, subject, work
from report_pages import complaints, cut_off, drawn, page

A4_PX, PHONE_PX = 688, 420
"""Width of A4 between margins of 14 mm, at 96 pixels an inch; and of a telephone."""
DAY = date(2026, 5, 6)


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """Everything that can be asked was asked of a subject; its report, its findings, and its scene in a file."""
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene.standalone import StandaloneScene

    made = StandaloneScene()
    made.activate()
    try:
        return _reported(made.scene, tmp_path_factory.mktemp("report"))
    finally:
        made.close()


def _reported(scene, folder):
    from HER2ImmunoCommonLib.scene.standalone import save_mrb
    from HER2ImmunoModelLib.report import write_report
    from HER2ImmunoModelLib.scene.report import gather_report

    parameters = subject(scene)
    work(scene, parameters, "", *KINDS)
    found = gather_report(parameters).make()
    path, numbers, tables = write_report(found, folder / "out" / "report", DAY)
    fields = {name: value for name, value in vars(parameters).items() if not hasattr(value, "GetID")}
    mrb = save_mrb(scene, folder / "scene.mrb")
    return SimpleNamespace(found=found, path=path, numbers=numbers, tables=tables, mrb=mrb, fields=fields)


@pytest.fixture
def loaded(reported, scene):
    """The parameter node of the scene, loaded from its file."""
    from HER2ImmunoCommonLib.scene.standalone import load_mrb

    load_mrb(scene, reported.mrb)
    nodes = [scene.GetNthNodeByClass(n, "vtkMRMLScriptedModuleNode") for n in range(3)]
    node = next(node for node in nodes if node is not None and node.GetNodeReference("measurements"))
    tables = {role: node.GetNodeReference(role) for role in ("measurements", "treatments")}
    return SimpleNamespace(parameterNode=node, **tables, **reported.fields)


def test_it_is_three_things_and_the_page_needs_none_of_the_others(reported):
    text, read = page(reported.path)
    names = sorted(each.name for each in reported.path.parent.iterdir())
    assert names == ["report.html", "report.json", "report_tables"]
    assert all(source.startswith("#") for source in read.sources)
    assert not re.search(r"@import|url\((?!#)|<script|<link|https?://(?!www\.w3\.org/(2000/svg|1999/xlink))", text)


def test_the_answer_comes_first_with_all_that_is_to_be_read_before_it(reported):
    _text, read = page(reported.path)
    plan, said = reported.found.plan, list(map(str.strip, read.text))
    assert said.index("For research only; not for diagnosing or treating patients.") < said.index(plan.answer)
    assert plan.basis
    assert said.index(plan.basis) < said.index(plan.answer) < said.index("Visits")
    for text in (*plan.warnings, *plan.notes):
        assert text in said
    assert "6 May 2026" in " ".join(said)


def test_every_number_that_is_shown_is_that_of_the_findings(reported):
    _text, read = page(reported.path)
    found = reported.found
    rows = [tuple(row) for row in read.rows]
    header, lines = found.plan.tables["ranking"][1]
    ranking = dict(zip(header, zip(*lines, strict=True), strict=True))
    for cells in found.plan.cells:
        (row,) = [row for row in rows if row[1:5] == tuple(cells)]
        at = list(ranking["schedule"]).index(cells[0])
        assert row[0] == f"{float(ranking['rank'][at]):g}"
        assert float(row[4]) == pytest.approx(float(ranking["regret"][at]), rel=0.06, abs=0.06)
    for findings in found.questions.values():
        if "parameters" not in findings.tables:
            assert {tuple(cells) for cells in findings.cells} <= set(rows)
    for name, estimate in found.calibration.estimates.items():
        (row,) = [row for row in rows if len(row) == 5 and row[1] == name]
        assert row[2].replace("\u00a0", " ") == f"{estimate.value:.3g} ({estimate.lower:.3g} to {estimate.upper:.3g})"
        assert row[4].split(",")[0] == estimate.set_by
    volumes = next(row for row in rows if row[0] == "Volume (cm³)")
    assert [float(cell.split(" ±")[0]) for cell in volumes[1:]] == pytest.approx(
        [visit.values["volume_cm3"] for visit in found.measurements], rel=5e-3
    )
    said = "75 mg/m2 x 1.701 m2 (Mosteller) = 127.57 mg"
    assert ("8 (Tue)", "1 d8", "docetaxel 75 mg/m2", said) in rows


def test_the_bands_are_those_of_the_plan_and_the_first_schedule_is_as_it_was_judged(reported):
    first, best, *_second = reported.found.courses
    header, rows = reported.found.plan.tables["forecast"][1]
    forecast = dict(zip(header, np.array(rows, float).T, strict=True))
    for state, bands in first.states.items():
        for mine, theirs in (("median", "median"), ("lower_90", "lower_90"), ("upper_90", "upper_90")):
            np.testing.assert_allclose(getattr(bands, mine), forecast[f"{state}_{theirs}"], rtol=1e-9)
        assert (bands.lower_90 <= bands.lower_50).all()
        assert (bands.lower_50 <= bands.median).all()
    header, rows = reported.found.plan.tables["ranking"][1]
    row = next(row for row in rows if row[header.index("schedule")] == best.name)
    ends = [float(row[header.index(name)]) for name in ("lower_90", "upper_90")]
    assert [best.states["T"].lower_90[-1], best.states["T"].upper_90[-1]] == pytest.approx(ends, rel=1e-3)


def test_the_window_is_of_the_same_draws(reported):
    from HER2ImmunoModelLib.models import treatment_window

    course, calibration = reported.found.courses[0], reported.found.calibration
    simulated = calibration.simulate(course.day, n=course.draws)
    drawn_parameters = calibration.draws(course.draws, calibration.seed)
    window = treatment_window(drawn_parameters, simulated.states)
    for name, bands in course.window.items():
        np.testing.assert_allclose(bands.median, np.nanmedian(window[name], axis=0), rtol=1e-9)


def test_every_chart_has_a_caption_that_is_no_title(reported):
    text, _read = page(reported.path)
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", text)
    assert len(captions) == text.count("<svg") == text.count("<figure")
    assert len(captions) > 15
    assert all(len(caption.split()) > 5 and caption.endswith(".") for caption in captions)


def test_the_same_report_comes_from_the_loaded_scene(reported, loaded, tmp_path):
    from HER2ImmunoModelLib.report import write_report
    from HER2ImmunoModelLib.scene.report import gather_report

    later, numbers, _tables = write_report(gather_report(loaded).make(), tmp_path / "later.html", DAY)
    texts = [re.sub(r"c[0-9a-f]{8}-", "", path.read_text(encoding="utf-8")) for path in (reported.path, later)]
    assert texts[0] == texts[1]
    assert alike(json.loads(numbers.read_text()), json.loads(reported.numbers.read_text()))


def alike(one, other):
    """Whether two plain values are the same; a scene file keeps six digits of the numbers of a table."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == pytest.approx(other, rel=1e-5) if isinstance(one, float) else one == other


def test_what_the_scene_does_not_hold_is_left_out_and_said(loaded, scene):
    from HER2ImmunoModelLib.report import report_page
    from HER2ImmunoModelLib.scene.report import NO_CALIBRATION, gather_report
    from HER2ImmunoModelLib.scene.results import CALIBRATION

    scene.RemoveNode(loaded.parameterNode.GetNodeReference(CALIBRATION))
    text = report_page(gather_report(loaded).make(), DAY)
    assert NO_CALIBRATION in text
    assert "The treatment window" not in text
    assert "Tumour volume over time if nothing more is given" in text


def test_questions_of_other_inputs_are_left_out_and_results_of_others_refused(loaded):
    from HER2ImmunoModelLib.scene.report import STALE, gather_report

    loaded.hiddenVisits = 2
    known = gather_report(loaded).known
    assert set(known.questions) == {"Optimum", "Choice", "Evidence"}
    assert known.left_out == (
        "The forecast check is left out, as it was made from other inputs than the ranking; run it again.",
    )
    loaded.seed += 1
    with pytest.raises(InputError, match=STALE):
        gather_report(loaded)


def test_nobody_is_named_or_dated_and_what_a_person_types_is_no_html(loaded, tmp_path):
    from HER2ImmunoCommonLib.scene import set_cell
    from HER2ImmunoModelLib.report import write_report
    from HER2ImmunoModelLib.scene.report import gather_report

    text = "".join(path.read_text(encoding="utf-8") for path in _written(loaded, tmp_path))
    for private in ("2026-03-30", "62 kg", '"weight_kg": 62'):
        assert private not in text
    assert "8 (Tue)" in text
    set_cell(loaded.measurements, 0, "visit", '<img src="x">')
    loaded.measurements.SetName("<script>alert(1)</script>")
    with pytest.raises(InputError):  # the visit is part of what the results were made from
        gather_report(loaded)
    set_cell(loaded.measurements, 0, "visit", "baseline")
    made, _read = page(write_report(gather_report(loaded).make(), tmp_path / "typed.html")[0])
    assert "<script" not in made
    assert "&lt;script&gt;" in made


def _written(parameters, folder):
    from HER2ImmunoModelLib.scene import write_subject_report

    path, numbers, tables = write_subject_report(folder / "private.html", parameters)
    return [path, numbers, *tables.iterdir()]


def test_a_missing_number_is_marked(scene):
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoModelLib import models
    from HER2ImmunoModelLib.report import SubjectReport
    from HER2ImmunoModelLib.report.patient_part import visits_part

    visits = (
        Measurement("a", 0.0, {"volume_cm3": 3.0}, {"volume_cm3": 0.4}),
        Measurement("b", 7.0, {"hypoxic_fraction": 0.2, "suv_peak": 4.0}),
    )
    text = "".join(visits_part(SubjectReport("s", models.get("tivnh_treated", "human"), visits, None)))
    assert text.count(">not measured<") == 3
    assert "not measured at any visit: vascular fraction, necrotic fraction, immune fraction." in text
    assert "3.00 ± 0.4" in text
    assert "SUV, peak" in text
    many = [Measurement(f"v{n}", float(n), {"volume_cm3": 1.0}) for n in range(12)]
    text = "".join(visits_part(SubjectReport("s", models.get("tivnh_treated", "human"), tuple(many), None)))
    assert text.count("<table") == 1
    assert text.count("<tr>") == 13


def test_it_asks_for_nothing_runs_nothing_and_no_browser_complains(reported, tmp_path):
    text, _read = page(reported.path)
    assert complaints(text, tmp_path) == []
    asking = text.replace("</body>", '<img src="https://example.org/a.png"></body>')
    assert complaints(asking, tmp_path)  # so that silence means something


@pytest.mark.parametrize(("width", "printed"), [(PHONE_PX, False), (A4_PX, True), (1080, False)])
def test_nothing_is_cut_off(reported, tmp_path, width, printed):
    text, _read = page(reported.path)
    assert cut_off(text, tmp_path, width, printed=printed) == []
    wide = text.replace("</body>", '<div style="width: 3000px">wide</div></body>')
    assert cut_off(wide, tmp_path, width, printed=printed)


@pytest.mark.parametrize("size", ["a4", "phone"])
def test_it_can_be_looked_at(reported, tmp_path, size):
    """Looked at by a person; here: that a browser draws it."""
    assert drawn(reported.path, size, tmp_path).stat().st_size > 20_000


def test_files_of_somebody_are_not_replaced_and_those_of_an_earlier_report_are(reported, tmp_path):
    from HER2ImmunoModelLib.report import write_report

    path = tmp_path / "mine.html"
    path.write_text("<p>my own</p>")
    with pytest.raises(InputError, match=r"mine\.html is there already"):
        write_report(reported.found, path)
    assert path.read_text() == "<p>my own</p>"
    first, _numbers, tables = write_report(reported.found, tmp_path / "ours")
    (tables / "notes.csv").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.csv is there already"):
        write_report(reported.found, first)
    (tables / "notes.csv").unlink()
    assert write_report(reported.found, first)[0] == Path(first)
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".part")]
