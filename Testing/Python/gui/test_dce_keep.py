"""The step *Keep*: statistics to read, and the row, the files, the pictures and the report on a click."""

from types import SimpleNamespace

import pytest
import slicer
from dce_tissue import IJK_TO_RAS, TAGS, TIME_S, TUMOUR
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.measurements import read_csv


@pytest.fixture
def parameters(installed_host, scene, dce_array):
    """What the panel's parameter node holds of a series that is ready to compute."""
    from HER2ImmunoCommonLib.scene.segments import add_segment
    from HER2ImmunoCommonLib.scene.sequences import node_from_series

    from QuantDCE import QuantDCEParameterNode

    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "QuantDCE")
    chosen = QuantDCEParameterNode(node)
    sequence = node_from_series(scene, TimeSeries(dce_array, IJK_TO_RAS, TIME_S), "Dynamic MR", tags=TAGS)
    chosen.dynamic = sequence
    chosen.segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    chosen.segmentId = add_segment(chosen.segmentation, TUMOUR, "tumour", sequence.GetNthDataNode(0))
    chosen.t1S, chosen.arrivalS, chosen.model = "1.4", "30", "tofts"
    return chosen


def compute(parameters):
    from QuantDCELib.scene import gather, publish

    request = gather(parameters)
    publish(slicer.mrmlScene, parameters, request, request.analyse())


@pytest.fixture
def keep(parameters, frame):
    """The section, and how often it wrote a row."""
    import qt
    from QuantDCELib.gui.keep_section import KeepSection

    kept = []
    section = KeepSection(frame, lambda: kept.append(1))
    qt.QVBoxLayout(frame).addWidget(section)
    section.setMRMLScene(slicer.mrmlScene)
    section.setParameterNode(parameters)
    yield SimpleNamespace(section=section, frame=frame, kept=kept, parameters=parameters)
    section.cleanup()


@pytest.fixture
def computed(keep):
    compute(keep.parameters)
    keep.section.follow()
    return keep


def buttons(section):
    return section.toVisit.button, section.numbersRow.button, section.reportRow.button


def texts(table):
    return [[table.item(row, column).text() for column in range(table.columnCount)] for row in range(table.rowCount)]


def test_before_there_are_results_every_button_says_why_not(keep):
    section = keep.section
    for button in buttons(section):
        assert not button.enabled
        assert button.toolTip == "There are no results yet; compute them first."
    assert section.statistics.isHidden()
    assert section.pictures.isHidden()
    assert section.pictureButton.enabled  # images can be looked at before
    keep.parameters.dynamic = None
    section.follow()
    assert not section.pictureButton.enabled
    assert section.pictureButton.toolTip == "Choose the examination first."
    section.setParameterNode(None)
    for button in (*buttons(section), section.pictureButton):
        assert not button.enabled


def test_the_statistics_are_shown_with_their_units(computed, photograph):
    from QuantDCELib.scene.results import statistics_of

    table = computed.section.statistics
    lines = {line[0]: [cell.split("\n") for cell in line] for line in texts(table)}
    found = statistics_of(computed.parameters.dynamic).of("Ktrans")
    assert lines["Ktrans\n1/min"][1][0] == f"{found.values.median:.3g}"
    assert lines["Ktrans\n1/min"][2][1] == f"± {found.values.sd:.2g}"
    assert lines["Ktrans\n1/min"][3] == [f"{TUMOUR.sum()}", "0 / 0"]
    assert lines["PE\n%"][3][1].endswith("/ –")
    tip = table.item(0, 0).toolTip()
    assert "95 %" in tip
    assert f"{TUMOUR.sum()} of {TUMOUR.sum()} voxels have a value" in tip
    assert not table.isHidden()
    photograph(computed.frame, "dce_keep")


def test_every_name_and_number_can_be_read_in_a_narrow_panel(computed):
    table, frame = computed.section.statistics, computed.frame
    frame.resize(384, 1400)
    frame.show()
    for _ in range(10):
        slicer.app.processEvents()
    assert table.horizontalHeader().length() <= table.viewport().width
    metrics = table.fontMetrics()
    for line in texts(table):
        for column, cell in enumerate(line):
            needed = max(metrics.horizontalAdvance(part) for part in cell.split("\n"))
            assert needed < table.columnWidth(column), cell


def test_a_click_adds_the_row_to_the_visit(computed):
    from HER2ImmunoCommonLib.scene import read_table
    from QuantDCELib.scene.results import statistics_of

    assert computed.parameters.measurements is None
    computed.section.toVisit.button.click()
    assert computed.section.toVisit.status.text.startswith("✓ Visit baseline is in Measurements.")
    (row,) = read_table(computed.parameters.measurements)
    found = statistics_of(computed.parameters.dynamic).of("Ktrans").values.median
    assert row.values["ktrans_median_per_min"] == pytest.approx(found, rel=1e-6)
    assert computed.kept == [1]


def test_another_series_row_is_asked_for_and_replaced_after_yes(computed):
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoCommonLib.scene import measurement_table, read_table, write_table

    table = measurement_table(slicer.mrmlScene, None)
    write_table([Measurement("baseline", 0.0, {"ktrans_median_per_min": 9.0})], table)
    computed.section.toVisit.button.click()
    field = computed.section.toVisit.questions.fields["replace_row"]
    assert computed.section.toVisit.status.look == "warning"
    assert read_table(table)[0].values["ktrans_median_per_min"] == 9.0
    assert computed.kept == []
    field.text = "yes"
    field.editingFinished.emit()
    assert read_table(table)[0].values["ktrans_median_per_min"] < 1.0


def test_stale_results_are_not_kept(computed, photograph):
    computed.parameters.model = "patlak"
    computed.section.follow()
    for button in buttons(computed.section):
        assert not button.enabled
        assert "inputs have changed" in button.toolTip
    computed.section.toVisit.add()
    assert computed.section.toVisit.status.text.startswith("✗ The inputs have changed")
    photograph(computed.frame, "dce_keep_stale")
    computed.parameters.model = "tofts"
    computed.section.follow()
    assert computed.section.toVisit.button.enabled


def test_the_files_are_written_where_they_are_named(computed, tmp_path, photograph):
    section = computed.section
    assert not section.numbersRow.button.enabled
    assert section.numbersRow.button.toolTip == "Name the file first."
    section.numbersRow.edit.currentPath = str(tmp_path / "numbers.csv")
    section.reportRow.edit.currentPath = str(tmp_path / "report.html")
    assert computed.parameters.statisticsFile == str(tmp_path / "numbers.csv")
    section.numbersRow.button.click()
    assert section.status.text.startswith("✓ Wrote ")
    assert read_csv(tmp_path / "numbers_visit.csv")[0].visit == "baseline"
    section.reportRow.button.click()
    assert section.status.look == "ok"
    assert "Ktrans (1/min)" in (tmp_path / "report.html").read_text(encoding="utf-8")
    photograph(computed.frame, "dce_keep_written")
    (tmp_path / "mine.csv").write_text("my own")
    section.numbersRow.edit.currentPath = str(tmp_path / "mine.csv")
    section.numbersRow.button.click()
    assert section.status.look == "error"
    assert (tmp_path / "mine.csv").read_text() == "my own"


def test_a_picture_needs_a_main_window(computed):
    from QuantDCELib.scene.view_pictures import pictures_of

    computed.section.pictureButton.click()
    assert computed.section.status.text == (
        "✗ There are no views to take a picture of: the application has no main window."
    )
    assert pictures_of(computed.parameters.dynamic) == []


@pytest.fixture
def window(host):
    window = host.open_main_window()
    window.resize(640, 480)
    window.show()
    yield window
    window.deleteLater()


def test_pictures_are_taken_listed_and_deleted(computed, window, photograph):
    from QuantDCELib.scene.view_pictures import pictures_of

    section, series = computed.section, computed.parameters.dynamic
    corner = slicer.app.layoutManager().sliceWidget("Red").sliceView().cornerAnnotation()
    corner.SetText(2, "Patient Name")
    section.pictureButton.click()
    section.pictureButton.click()
    assert section.status.look == "ok"
    assert corner.GetText(2) == "Patient Name"
    assert len(pictures_of(series)) == len(section.pictures.buttons) == 2
    photograph(computed.frame, "dce_keep_pictures")
    first = pictures_of(series)[0].node.GetID()
    section.pictures.buttons[0].click()
    assert [kept.node.GetID() != first for kept in pictures_of(series)] == [True]
    slicer.mrmlScene.RemoveNode(pictures_of(series)[0].node)
    section.follow()
    assert section.pictures.isHidden()


def test_the_corner_texts_are_not_in_the_picture(computed, window, monkeypatch):
    import ctk

    seen, grab = [], ctk.ctkWidgetsUtils.grabWidget

    def grabbed(widget, place):
        manager = slicer.app.layoutManager()
        seen.extend(manager.sliceWidget(name).sliceView().cornerAnnotation().GetText(2) for name in ("Red", "Green"))
        return grab(widget, place)

    monkeypatch.setattr(ctk.ctkWidgetsUtils, "grabWidget", staticmethod(grabbed))
    slicer.app.layoutManager().sliceWidget("Red").sliceView().cornerAnnotation().SetText(2, "Patient Name")
    computed.section.pictureButton.click()
    assert [text or "" for text in seen] == ["", ""]


def test_it_lets_go_when_the_scene_closes(computed):
    computed.section.setParameterNode(None)
    slicer.mrmlScene.Clear(0)
    assert computed.section.statistics.isHidden()
    computed.section.toVisit.add()
    assert computed.section.toVisit.status.text == ""
