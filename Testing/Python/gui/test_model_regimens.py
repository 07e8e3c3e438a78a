"""Regimens and units in the panel of the tumour model: the table is filled, edited, refused and photographed."""

import pytest
import slicer
from layout_check import faults, settle, show_at

DRUG, DAY, DOSE, UNIT = range(4)
WIDTHS = (400, 480)


def choose(panel, regimen, start=""):
    panel.regimens.section.collapsed = False
    panel.regimens.regimen.choose(regimen)
    panel.regimens.start.write(start)


def fill(panel, regimen, start="", adding=False):
    choose(panel, regimen, start)
    (panel.regimens.addButton if adding else panel.regimens.replaceButton).click()


def rows(panel):
    """What is shown of each dose: drug, day, dose, unit."""
    table = panel.treatments.table

    def shown(row, column):
        combo = table.cellWidget(row, column)
        return combo.currentText if combo is not None else table.item(row, column).text()

    return [[shown(row, column) for column in range(table.columnCount)] for row in range(table.rowCount)]


def pick(panel, row, column, text):
    """Choose in a cell by its text."""
    combo = panel.treatments.table.cellWidget(row, column)
    combo.currentIndex = [combo.itemText(n) for n in range(combo.count)].index(text)


def cells(panel):
    """The treatment table as it is kept."""
    from HER2ImmunoCommonLib.scene import read_cells

    return read_cells(panel.parameters.treatments)


def test_the_regimens_are_those_of_the_species(panel):
    box = panel.regimens.regimen
    human = [box.itemText(n) for n in range(box.count)]
    assert human[0] == "none"
    assert "tchp: Docetaxel, carboplatin, trastuzumab and pertuzumab, 6 cycles" in human
    panel.modelForm.species.choose("mouse")
    mouse = [box.itemText(n) for n in range(box.count)]
    assert not set(mouse[1:]) & set(human)
    assert len(mouse) > 3


def test_a_regimen_is_described_with_its_source_before_it_is_filled(panel):
    choose(panel, "ddac_thp")
    assert panel.parameters.treatments is None
    shown = [panel.regimens.doses.item(row, 0).text() for row in range(panel.regimens.doses.rowCount)]
    assert "Trastuzumab 6 mg/kg, first 8 mg/kg" in shown
    assert panel.regimens.source.text == "Source: paper: IMpassion050, backbone; DESTINY-Breast11, control"
    assert panel.regimens.note.text == "Growth factor is given with each cycle."


def test_filling_an_empty_table(panel):
    fill(panel, "neosphere_thp", "14")
    assert panel.regimens.status.text == "✓ 12 doses of neosphere_thp on days 14 to 77 were put into the table."
    assert rows(panel)[:3] == [
        ["Pertuzumab", "14", "840", "mg"],
        ["Trastuzumab", "14", "8", "mg/kg"],
        ["Docetaxel", "14", "75", "mg/m2"],
    ]
    assert panel.treatments.rowSaid.text == "Row 1: 840 mg"
    panel.treatments.table.setCurrentCell(1, DOSE)
    assert panel.treatments.rowSaid.text == "Row 2: 8 mg/kg x 68 kg (assumed) = 544 mg"
    assert panel.treatments.table.item(2, DOSE).toolTip() == "75 mg/m2 x 1.8 m2 (assumed) = 135 mg"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_filled_regimen_is_photographed(panel, photograph, width):
    parent = show_at(panel, width)
    choose(panel, "tchp", "0")
    settle(parent)
    assert faults(parent) == []
    photograph(panel.widget, f"regimen-chosen-{width}", width)
    fill(panel, "tchp", "0")
    panel.treatments.dayZero.write("2026-03-30")
    panel.limits.calendarSection.collapsed = False
    panel.limits.limitSection.collapsed = False
    settle(parent)
    assert faults(parent) == []
    photograph(panel.widget, f"regimen-filled-{width}", width)


def test_replacing_says_what_is_gone(panel):
    fill(panel, "tchp")
    fill(panel, "neosphere_hp")
    assert panel.regimens.status.text == (
        "✓ 8 doses of neosphere_hp on days 0 to 63 were put into the table in place of 24 rows."
    )
    assert panel.treatments.table.rowCount == 8
    panel.regimens.regimen.choose("tch")
    assert panel.regimens.status.text.startswith("⚠ It cannot be added: The regimen tch starts on day 0, but")


def test_adding_leaves_what_is_there(panel):
    fill(panel, "neosphere_hp")
    choose(panel, "katherine", "60")
    assert not panel.regimens.addButton.enabled
    assert panel.regimens.addButton.toolTip.endswith("start on day 84 or later.")
    assert panel.regimens.replaceButton.enabled
    fill(panel, "katherine", "84", adding=True)
    assert panel.treatments.table.rowCount == 8 + 14
    assert panel.regimens.status.text == "✓ 14 doses of katherine on days 84 to 357 were put into the table."
    assert rows(panel)[8] == ["Trastuzumab emtansine (T-DM1)", "84", "3.6", "mg/kg"]


def test_a_regimen_that_is_in_the_table_is_not_added_again(panel):
    fill(panel, "tchp")
    panel.regimens.start.write("1")
    panel.regimens.start.write("0")
    assert not panel.regimens.addButton.enabled
    assert panel.regimens.addButton.toolTip == "The table holds these doses already."
    assert panel.limits.planned.text == ""


def test_a_template_for_mice_is_refused_for_a_human(panel):
    panel.modelForm.species.choose("mouse")
    choose(panel, "mouse_seq")
    panel.modelForm.species.choose("human")
    assert panel.regimens.regimen.currentText.startswith("mouse_seq")
    assert not panel.regimens.addButton.enabled
    assert not panel.regimens.replaceButton.enabled
    assert panel.regimens.status.text.startswith(
        "✗ The regimen mouse_seq is for a mouse, not a human; choose one of tchp, tch,"
    )


def test_a_start_can_be_a_date(panel):
    choose(panel, "tchp", "2026-04-20")
    assert "but the date of day 0 is not known" in panel.regimens.status.text
    panel.treatments.dayZero.write("2026-03-30")
    assert panel.regimens.status.text == ""
    panel.regimens.replaceButton.click()
    assert rows(panel)[0][DAY] == "21"
    assert panel.scheduleForm.weekday.currentText == "Monday"
    assert not panel.scheduleForm.weekday.enabled
    assert panel.scheduleForm.weekday.toolTip == "As the date of day 0 says, under Treatments given"


def test_drugs_and_units_are_those_of_model_and_library(panel):
    panel.treatments.addButton.click()
    combos = [panel.treatments.table.cellWidget(0, column) for column in (DRUG, UNIT)]
    drugs, units = ([combo.itemText(n) for n in range(combo.count)] for combo in combos)
    assert drugs[:3] == ["Trastuzumab", "Chemotherapy", "Checkpoint inhibitor"]
    assert {"Docetaxel", "Carboplatin", "Pertuzumab"} <= set(drugs)
    assert units == ["full dose", "mg/kg", "mg"]
    pick(panel, 0, UNIT, "mg/kg")
    assert rows(panel) == [["Trastuzumab", "0", "6", "mg/kg"]]
    pick(panel, 0, DRUG, "Carboplatin")
    assert rows(panel) == [["Carboplatin", "0", "6", "AUC"]]
    assert panel.treatments.rowSaid.text == "Row 1: AUC 6 x (GFR 90 mL/min (assumed) + 25) = 690 mg"
    pick(panel, 0, DRUG, "Chemotherapy")
    assert rows(panel) == [["Chemotherapy", "0", "1", "full dose"]]
    assert panel.treatments.rowSaid.text == ""


def test_a_table_without_units_stays_one(panel, patient, load_table):
    load_table(panel.treatments, patient / "treatments.csv")
    assert cells(panel)[0] == ["drug", "day", "dose"]
    panel.treatments.addButton.click()
    assert cells(panel)[0] == ["drug", "day", "dose"]
    assert panel.treatments.rowSaid.text == ""
    assert panel.exposures.section.isHidden()
    assert [row[UNIT] for row in rows(panel)] == ["full dose"] * 2


def test_a_file_with_units_loads(panel, tmp_path, load_table):
    path = tmp_path / "given.csv"
    path.write_text("drug;day;dose;unit\nHerceptin;0;8;mg / kg\nTaxol;0;80;mg/m²\n")
    load_table(panel.treatments, path)
    assert panel.treatments.status.text.startswith("✗") is False, panel.treatments.status.text
    assert rows(panel) == [["Trastuzumab", "0", "8", "mg/kg"], ["Paclitaxel", "0", "80", "mg/m2"]]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("docetaxel,0,75,mg/kg", "given.csv, row 2, column unit: The dose of docetaxel on day 0 is in mg/kg, but"),
        ("docetaxel,0,75,", "given.csv, row 2, column dose is 75, more than 2 full doses, and has no unit; give mg"),
        ("aspirin,0,75,mg", "given.csv, row 2, column drug: The library has no drug 'aspirin' for a human"),
    ],
)
def test_a_wrong_file_is_said_and_leaves_no_table(panel, tmp_path, load_table, line, sentence):
    path = tmp_path / "given.csv"
    path.write_text(f"drug,day,dose,unit\n{line}\n")
    load_table(panel.treatments, path)
    assert panel.treatments.status.text.startswith(f"✗ {sentence}")
    assert panel.parameters.treatments is None


def test_a_wrong_row_is_said_with_its_place_and_can_be_corrected(panel):
    fill(panel, "tchp")
    panel.treatments.table.item(2, DOSE).setText("-75")
    name = panel.parameters.treatments.GetName()
    assert panel.treatments.status.text == f"✗ {name}, row 3, column dose is -75; a dose is 0 or more."
    assert panel.limits.given.text == ""
    assert panel.limits.calendarSection.isHidden()
    panel.treatments.table.item(2, DOSE).setText("75")
    assert panel.treatments.status.text == ""
    assert panel.limits.given.look == "ok"


def test_the_wheel_over_a_choice_changes_no_dose(panel):
    import qt

    fill(panel, "tchp")
    combo = panel.treatments.table.cellWidget(0, DRUG)
    wheel = qt.QWheelEvent(
        qt.QPointF(5, 5),
        qt.QPointF(5, 5),
        qt.QPoint(0, -120),
        qt.QPoint(0, -120),
        qt.Qt.NoButton,
        qt.Qt.NoModifier,
        qt.Qt.NoScrollPhase,
        False,
    )
    qt.QApplication.sendEvent(combo, wheel)
    assert rows(panel)[0][DRUG] == "Pertuzumab"


@pytest.fixture
def treated(treated):
    """The panel with a patient who was treated, judged after three months."""
    treated.ui.drawsSpinBox.value = 60
    treated.ui.horizonDaySpinBox.value = 84
    return treated


def test_doses_in_units_are_calibrated_and_say_how_they_were_taken(treated, photograph):
    assert "• Trastuzumab: central; 408 mg and 132 mg/L are 1" in treated.exposures.lines.text
    treated.runBar.button.click()
    assert treated.runBar.status.look == "ok", treated.runBar.status.text
    assert "Doses in units were followed by their exposures for this patient" in treated.results.notes.text
    assert treated.results.stale.text == ""
    treated.patient.fields["weightKg"].write("80")
    assert treated.results.stale.text == "⚠ The inputs have changed since these results; run again."
    treated.exposures.section.collapsed = False
    for width in WIDTHS:
        parent = show_at(treated, width)
        assert faults(parent) == []
        photograph(treated.widget, f"regimen-calibrated-{width}", width)


def test_the_kinetics_of_a_drug_are_chosen_where_it_is_given(treated):
    boxes = treated.exposures.sets
    assert [drug for drug, box in boxes.items() if not box.isHidden()] == ["trastuzumab"]
    boxes["trastuzumab"].choose("linear")
    assert "Only under treatment" in treated.exposures.warning.text
    assert "kinetics linear" in treated.exposures.lines.text
    boxes["trastuzumab"].choose("")
    assert treated.exposures.warning.text == ""


def test_a_saved_scene_restores_units_and_regimen(treated, tmp_path):
    before, said = rows(treated), treated.limits.given.text
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert treated.treatments.table.rowCount == 0
    assert treated.regimens.regimen.currentText == "none"
    slicer.util.loadScene(str(path))
    assert rows(treated) == before
    assert treated.limits.given.text == said
    assert treated.regimens.regimen.currentText.startswith("neosphere_th:")


def test_a_model_without_a_place_for_the_drugs_says_so(treated):
    treated.modelForm.model.choose("tivnh")
    assert not treated.runBar.button.enabled
    sentence = "tivnh has no drug that trastuzumab could act as; choose a model with trastuzumab."
    assert treated.runBar.status.text == sentence
    assert treated.exposures.lines.text == f"✗ {sentence}"


def test_schedules_are_held_to_the_limits_of_the_clinic(treated, photograph):
    treated.ui.constraintSection.collapsed = False
    assert treated.scheduleForm.cytotoxicIs.isHidden()
    treated.scheduleForm.clinicalLimits.checked = True
    assert not treated.scheduleForm.cytotoxicIs.isHidden()
    treated.scheduleForm.cytotoxicIs.choose("docetaxel")
    treated.ui.intervalSpinBox.value = 7
    treated.runBar.button.click()
    assert treated.runBar.status.look == "ok", treated.runBar.status.text
    assert treated.results.table.rowCount == 1
    assert "under 21 after" in treated.results.notes.text
    assert treated.results.answer.text.startswith("Nothing is compared, as No treatment is the only schedule")
    assert "gaps between the two drugs break a limit and are marked" in treated.results.notes.text
    for width in WIDTHS:
        parent = show_at(treated, width)
        assert faults(parent) == []
        photograph(treated.widget, f"limits-ranked-{width}", width)


def test_everything_goes_with_the_scene(panel):
    fill(panel, "tchp")
    slicer.mrmlScene.RemoveNode(panel.parameters.treatments)
    slicer.app.processEvents()
    assert panel.treatments.table.rowCount == 0
    assert panel.treatments.rowSaid.text == ""
    assert panel.limits.given.text == ""
    assert panel.exposures.section.isHidden()
    slicer.mrmlScene.Clear(0)
    assert panel.regimens.regimen.currentText == "none"


def test_doses_after_the_last_visit_are_said(treated):
    assert treated.treatments.status.text == (
        "⚠ 6 doses are planned: they are after the last visit (day 14). The forecast of the time line has them; "
        "calibration and ranking do not, as the schedules that are compared are given instead."
    )


def test_a_mouse_in_units_is_calibrated(panel, patient, load_table):
    load_table(panel.measurements, patient / "measurements.csv")
    panel.modelForm.species.choose("mouse")
    fill(panel, "mouse_seq")
    assert panel.exposures.section.isHidden() is False
    assert all(box.isHidden() for drug, box in panel.exposures.sets.items() if drug != "anti-pd-1")
    panel.ui.drawsSpinBox.value = 50
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
