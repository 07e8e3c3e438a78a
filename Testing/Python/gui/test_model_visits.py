"""The visits in the panel of the tumour model: marks of cells, charts that follow, one of several subjects."""

import pytest
import slicer
from model_steps import shown

FRACTIONS = "vascular_fraction;necrotic_fraction;hypoxic_fraction"
VISITS = f"""subject;visit;day;volume_cm3;volume_cm3_sd;{FRACTIONS};ktrans_median_per_min
P-01 (Ärzte);C1;0;12,34;1,1;0,62;0,12;0,31;0,152
P-01 (Ärzte);C2;21;9,81;0,9;0,58;;0,27;0,147
P-01 (Ärzte);C3;42;8,2;;0,71;0,35;0,2;0,13
P-01 (Ärzte);C4;63;2,1;;;0,2;;0,12
P-01 (Ärzte);C5;84;8,4;0,4;0,55;0,22;0,11;0,1
P-02;C1;0;20;;0,3;0,3;0,3;0,1
P-02;C2;21;18;;0,32;0,31;0,28;0,1
"""
DAY, VOLUME, VASCULAR, NECROTIC, HYPOXIC = range(1, 6)


@pytest.fixture
def panel(load_module, scene):
    return load_module("HER2ImmunoModel").panel


@pytest.fixture
def section(panel, load_table, tmp_path):
    (tmp_path / "visits.csv").write_text(VISITS, encoding="utf-8")
    load_table(panel.measurements, tmp_path / "visits.csv")
    return panel.measurements


def look(section, row, column):
    """How a cell looks: pattern and colour of what is behind it, whether it has a sign, and its tip."""
    item = section.table.item(row, column)
    behind = item.background()
    return behind.style(), behind.color().name(), not item.icon().isNull(), item.toolTip()


def type_in(section, row, column, text):
    """Write a cell as a person does."""
    section.table.item(row, column).setText(text)


def test_cells_are_marked_by_pattern_sign_and_tip(section):
    import qt

    plain, missing, suspicious = (look(section, *at) for at in ((0, VOLUME), (1, NECROTIC), (2, VASCULAR)))
    assert (plain[0], plain[2], plain[3]) == (qt.Qt.NoBrush, False, "12.34")
    assert (missing[0], missing[2]) == (qt.Qt.BDiagPattern, False)
    assert missing[3] == "Not measured at this visit; 4 of 5 have it."
    assert (suspicious[0], suspicious[2]) == (qt.Qt.SolidPattern, True)
    assert "make 1.06, but a voxel is either well perfused or necrotic" in suspicious[3]
    said = section.status.text
    assert said.startswith(
        "⚠ 2 subjects loaded; the first is shown. 3 cells are suspicious (▲), 3 were not measured (hatch"
    )
    assert "Visit C3, vascular fraction: Vascular fraction and necrotic fraction make 1.06" in said
    type_in(section, 0, DAY, "first")
    wrong = look(section, 0, DAY)
    assert wrong[0] == qt.Qt.SolidPattern
    assert wrong[1] != suspicious[1]
    assert wrong[2]
    assert "is not a number" in wrong[3]
    assert section.status.look == "error"
    assert "1 cell cannot be used (✕)" in section.status.text
    for row, column, text in ((0, DAY, "0"), (2, NECROTIC, "0.2"), (3, VOLUME, "8.3"), (1, NECROTIC, "0.1")):
        type_in(section, row, column, text)
    assert look(section, 2, VASCULAR)[0] == look(section, 1, NECROTIC)[0] == qt.Qt.NoBrush
    assert section.status.text == "2 cells were not measured (hatched)."
    assert section.status.look == "plain"


def test_marks_go_with_rows_that_are_taken_out_and_added(section):
    import qt

    section.table.setCurrentCell(2, 0)
    section.removeButton.click()
    section.addButton.click()
    assert look(section, 2, VOLUME)[0] == qt.Qt.SolidPattern  # C4 stands there now
    assert [look(section, 4, column)[0] for column in (VOLUME, HYPOXIC)] == [qt.Qt.BDiagPattern] * 2


def test_charts_follow_what_is_typed(section):
    charts = section.charts
    assert [curve.title for curve in charts.curves] == [
        "Volume (cm³)",
        "Vascular fraction (0 to 1)",
        "Necrotic fraction (0 to 1)",
        "Hypoxic fraction (0 to 1)",
        "Ktrans, median (1/min)",
    ]
    assert charts.curves[0].value.tolist() == [12.34, 9.81, 8.2, 2.1, 8.4]
    before = charts.grab().toImage()
    type_in(section, 3, VOLUME, "8.3")
    assert charts.curves[0].value[3] == 8.3
    assert not charts.curves[0].is_suspicious.any()
    assert charts.grab().toImage() != before
    type_in(section, 3, VOLUME, "")
    assert charts.curves[0].is_missing.tolist() == [False, False, False, True, False]
    type_in(section, 3, 6, "0.1")
    assert [curve.column for curve in charts.curves][4] == "immune_fraction"


def test_the_mouse_says_what_was_measured(section, host):
    charts = section.charts
    charts.resize(450, charts.minimumHeight)
    axes = charts.grid.axes[0]
    x, y = float(axes.x_px(63.0)), axes.box.y + 10
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent

    move = QMouseEvent(QEvent.Type.MouseMove, QPointF(x, y), QPointF(x, y), Qt.NoButton, Qt.NoButton, Qt.NoModifier)
    charts.mouseMoveEvent(move)
    title, first, reason = charts.toolTip.split("\n")
    assert (title, first) == ("Volume (cm³)", "C4, day 63: 2.1 (sd assumed)")
    assert "far from what the visits before and after have" in reason


def test_subjects_are_chosen_by_name_and_one_after_the_other(panel, section, load_table, tmp_path):
    row = section.subjects
    assert [row.box.itemText(n) for n in range(row.box.count)] == ["P-01 (Ärzte) · 5 visits", "P-02 · 2 visits"]
    (tmp_path / "doses.csv").write_text("patient,drug,day,dose\nP-02,trastuzumab,1,1\n", encoding="utf-8")
    load_table(panel.treatments, tmp_path / "doses.csv")
    assert panel.treatments.table.rowCount == 0
    assert "P-01 (Ärzte) has no dose in the file and is taken as untreated" in panel.treatments.status.text
    assert (row.previousButton.enabled, row.nextButton.enabled) == (False, True)
    row.nextButton.click()
    assert panel.parameters.measurements.GetName() == "P-02"
    assert [line[:3] for line in shown(section.table)] == [["C1", "0", "20"], ["C2", "21", "18"]]
    assert section.charts.curves[0].value.tolist() == [20.0, 18.0]
    assert panel.treatments.table.rowCount == 1
    assert (row.previousButton.enabled, row.nextButton.enabled) == (True, False)
    panel.ui.measurementSelector.setCurrentNode(slicer.util.getNode("P-01 (Ärzte)"))
    assert row.box.currentIndex == 0
    assert panel.treatments.table.rowCount == 0
    panel.ui.treatmentSelector.setCurrentNode(slicer.util.getNode("Treatment of P-02"))
    assert "These are the doses of P-02, but the visits are of P-01 (Ärzte)" in panel.treatments.status.text


def test_a_table_of_one_has_no_choice_of_subjects(panel, load_table, tmp_path):
    (tmp_path / "one.tsv").write_text("visit\tday\tvolume_cm3\nC1\t0\t5\n", encoding="utf-8")
    load_table(panel.measurements, tmp_path / "one.tsv")
    assert not panel.measurements.subjects.isNeeded
    assert panel.measurements.subjects.isHidden()
    assert shown(panel.measurements.table)[0][:3] == ["C1", "0", "5"]


def test_a_broken_row_is_named_and_no_table_is_made(panel, load_table, tmp_path):
    before = slicer.mrmlScene.GetNumberOfNodes()
    (tmp_path / "visits.csv").write_text(VISITS.replace("18;", "18x;"), encoding="utf-8")
    load_table(panel.measurements, tmp_path / "visits.csv")
    assert "✗ visits.csv, row 8, column 'volume_cm3': '18x' is not a number" in panel.measurements.status.text
    assert slicer.mrmlScene.GetNumberOfNodes() == before


@pytest.mark.parametrize("palette", ["light_palette", "dark_palette"])
def test_visits_are_photographed(panel, section, frame, photograph, palette):
    """Looked at: every mark, number and word can be read, nothing is cut."""
    import qt
    from HER2ImmunoModelLib.gui.measurement_section import MeasurementSection
    from host import application

    frame.setPalette(getattr(application, palette)())
    copy = MeasurementSection(frame, lambda: None)
    qt.QVBoxLayout(frame).addWidget(copy)
    copy.setParameterNode(panel.parameters)
    assert photograph(frame, f"visits-{palette}", 450).stat().st_size > 5000
    assert frame.width == 450
    copy.setParameterNode(None)
