"""The report of one examination: all in one file, nobody's name in it, its numbers those of the analysis."""

import re
from datetime import datetime

import pytest
from dce_examination import TUMOUR, compute, examination, png, reload
from HER2ImmunoCommonLib import RESEARCH_ONLY, charts
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from QuantDCELib.analysis.pipeline import analyse
from QuantDCELib.analysis.settings import DceSettings
from report_pages import SIZES, drawn, page


@pytest.fixture
def chosen(scene):
    return examination(scene, "MR 2026-02-03 of 20260203")


@pytest.fixture
def computed(scene, chosen):
    return compute(scene, chosen, model="extended_tofts")


@pytest.fixture
def written(scene, chosen, computed, tmp_path):
    from QuantDCELib.scene.report import write_report
    from QuantDCELib.scene.view_pictures import keep_picture

    keep_picture(scene, chosen.dynamic, png((300, 420)), datetime(2026, 3, 4, 5, 6))
    return write_report(tmp_path / "report", chosen)


def test_it_is_one_file_that_needs_no_other(written):
    text, read = page(written)
    assert written.name == "report.html"
    assert [path.name for path in written.parent.iterdir()] == ["report.html"]
    assert read.sources
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in read.sources)
    assert not re.search(r"@import|url\((?!#)|<script|<link", text)


def test_it_tells_nobody_who_and_when(written):
    text, read = page(written)
    said = " ".join(read.text)
    assert "1.2.840.99999" not in text
    assert "2026-02-03" not in text
    assert "20260203" not in text
    assert "2026-03-04" not in text
    assert "(UID)" in said
    assert "MR (date) of (date)" in said


def test_its_numbers_are_those_of_the_analysis(written, computed):
    _text, read = page(written)
    rows = {row[0]: row for row in read.rows if row}
    for name, title in (("Ktrans", "Ktrans (1/min)"), ("ve", "ve"), ("PE", "Early enhancement (%)")):
        found = computed.statistics.of(name)
        line = rows[title]
        assert line[1] == f"{found.values.median:.3g}"
        assert line[2] == f"{found.values.p25:.3g} to {found.values.p75:.3g}"
        assert line[7:9] == [f"{found.values.n}", f"{found.n_failed}"]
    assert rows["Early enhancement (%)"][9] == "–"
    assert rows["Tumour volume"][1] == f"{computed.measurements['volume_cm3']:.4g} cm³"
    said = " ".join(read.text)
    assert f"Volume {computed.measurements['volume_cm3']:.3g} cm³" in said
    assert "60 frames, 6.00 s apart, 354 s in all. Times from" in said
    assert "TR 5 ms, flip angle 20°, field strength 1.5 T" in said
    assert "Model: Extended Tofts; arterial input: " in said
    assert "T1: 1.4 s everywhere; relaxivity 4.5 /mM/s." in said
    assert "Voxels without value in every map: no signal before the contrast agent 3." in said
    assert RESEARCH_ONLY in said
    settings = {row[0]: row[1] for row in read.rows if len(row) == 2}
    assert settings["vascular_ktrans_per_min"] == "0.05"
    assert settings["time_rule"]
    assert {"Python", "numpy", "HER2ImmunoImaging (results)"} <= set(settings)


def test_it_tells_how_large_the_tumour_is(scene, chosen, computed, tmp_path):
    from HER2ImmunoCommonLib.scene import add_segment
    from QuantDCELib.scene.report import write_report

    chosen.segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    chosen.segmentId = add_segment(chosen.segmentation, TUMOUR, "tumour", chosen.dynamic.GetNthDataNode(0))
    _text, read = page(write_report(tmp_path / "report.html", chosen))
    # 4 x 5 voxels of 2 mm: from corner to corner 12.8 mm
    (said,) = [text for text in read.text if text.startswith("Volume 0.48 cm³, ")]
    within = float(re.search(r"\(([\d.]+) mm within a slice\)", said)[1])
    assert 10.0 <= within <= 12.9


def test_doubts_and_warnings_are_in_it(written, computed):
    _text, read = page(written)
    assert computed.doubts
    assert set(computed.warnings) <= set(read.text)


@pytest.mark.skipif(not charts.can_draw(), reason="no OpenGL")
def test_the_curves_are_drawn_in_it(written):
    text, read = page(written)
    assert text.count("<svg") == 2
    assert {"Enhancement of the tumour.", "Arterial input."} <= set(read.text)


def test_it_is_the_same_after_the_scene_was_loaded(scene, chosen, written, tmp_path):
    from QuantDCELib.scene.report import write_report

    again = reload(scene, tmp_path / "scene.mrb", chosen)
    later = write_report(tmp_path / "later.html", again)
    without_ids = [re.sub(r"c[0-9a-f]{8}-", "", path.read_text(encoding="utf-8")) for path in (written, later)]
    assert without_ids[0] == without_ids[1]


def test_a_picture_of_earlier_results_is_called_so(scene, chosen, written):
    import json

    from QuantDCELib.scene.report import EARLIER, write_report
    from QuantDCELib.scene.view_pictures import CAPTION_ATTRIBUTE, pictures_of

    assert EARLIER not in written.read_text(encoding="utf-8")
    (kept,) = pictures_of(chosen.dynamic)
    caption = json.loads(kept.node.GetAttribute(CAPTION_ATTRIBUTE)) | {"results": "earlier"}
    kept.node.SetAttribute(CAPTION_ATTRIBUTE, json.dumps(caption))
    write_report(written, chosen)
    assert EARLIER in written.read_text(encoding="utf-8")


def test_a_page_of_somebody_is_not_replaced(chosen, computed, tmp_path):
    from QuantDCELib.scene.report import write_report

    mine = tmp_path / "mine.html"
    mine.write_text("<p>my own</p>")
    with pytest.raises(InputError, match=r"mine\.html is there already"):
        write_report(mine, chosen)
    assert mine.read_text() == "<p>my own</p>"


@pytest.mark.parametrize("settings", [{"model": "none", "t10_s": None}, {"model": "best"}, {"aif": "georgiou"}])
def test_every_kind_of_analysis_has_a_report(scene, chosen, tmp_path, settings):
    from QuantDCELib.scene.report import write_report

    compute(scene, chosen, **settings)
    _text, read = page(write_report(tmp_path / "report.html", chosen))
    said = " ".join(read.text)
    if settings["model" if "model" in settings else "aif"] == "none":
        assert "no tracer kinetic model was fitted" in said
        assert "Early enhancement (%)" in said
    else:
        assert "arterial input: " in said


def test_what_a_person_types_is_no_html(scene, chosen, tmp_path):
    from QuantDCELib.scene.report import write_report

    chosen.visit = '<img src="x" onerror="alert(1)">'
    compute(scene, chosen)
    text, read = page(write_report(tmp_path / "report.html", chosen))
    assert 'src="x"' not in text
    assert "x" not in read.sources


@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_read_on_paper_and_on_a_telephone(virtual, tmp_path, size):
    """Looked at by a person; here: that a browser draws it."""
    assert drawn(virtual, size, tmp_path).stat().st_size > 20_000


@pytest.fixture
def virtual(scene, visits, view, tmp_path):
    """The report of the virtual patient's first visit, with a picture of its Ktrans."""
    from HER2ImmunoCommonLib.scene import segment_mask
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.gathering import Request
    from QuantDCELib.scene.publishing import publish
    from QuantDCELib.scene.report import write_report
    from QuantDCELib.scene.results import maps_of
    from QuantDCELib.scene.series_nodes import dynamic_from_node
    from QuantDCELib.scene.show import show_result
    from QuantDCELib.scene.view_pictures import keep_picture

    first = visits["baseline"]
    segment = first.regions.GetSegmentation().GetSegmentIdBySegmentName("Tumour")
    chosen = examination(scene, segmentation=first.regions, segmentId=segment)
    chosen.dynamic = first.dynamic
    mask = segment_mask(first.regions, segment, first.dynamic)
    settings = DceSettings(t10_s=1.4, standard_errors=True)
    dynamic = dynamic_from_node(first.dynamic, time_axis_of(first.dynamic))
    result = analyse(dynamic, settings, tumour_mask=mask)
    names = {"dynamic_node": first.dynamic.GetName(), "tumour_segment": segment}
    publish(scene, chosen, Request(None, settings, mask, Measurement("baseline", 0.0), names), result)
    show_result(maps_of(first.dynamic)[0], first.dynamic)
    if view.draws:
        keep_picture(scene, first.dynamic, view.save(tmp_path / "view.png").read_bytes())
    return write_report(tmp_path / "dce_report.html", chosen)
