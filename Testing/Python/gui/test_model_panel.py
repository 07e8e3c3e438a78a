"""The panel of the tumour model: clicked through, cancelled, corrected, saved, restored and photographed."""

import pytest
import slicer
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoModelLib import read_schedule
from HER2ImmunoModelLib.planning import PlanSettings, make_plan
from HER2ImmunoStudyLib.phantom.presets import HUMAN
from HER2ImmunoStudyLib.phantom.subject import simulate_subject

VISIT, DAY, VOLUME = range(3)
DRUG, DOSE_DAY, DOSE = range(3)


@pytest.fixture
def loaded(panel, patient, load_table):
    """The panel with both tables read from their files by clicking, to compare the six simple schedules."""
    panel.scheduleForm.candidates.choose("standard")
    load_table(panel.measurements, patient / "measurements.csv")
    load_table(panel.treatments, patient / "treatments.csv")
    return panel


@pytest.fixture
def ranked(loaded, ranked_once):
    """The panel after a run."""
    loaded.ui.horizonDaySpinBox.value = 42
    loaded.ui.drawsSpinBox.value = 100
    loaded.runBar.button.click()
    assert loaded.runBar.status.look == "ok"
    return loaded


def type_into(section, row, column, text):
    section.table.item(row, column).setText(text)


def cells(table):
    return [[table.item(row, c).text() for c in range(table.columnCount)] for row in range(table.rowCount)]


def test_an_empty_panel_says_what_it_needs(panel):
    assert not panel.runBar.button.enabled
    assert panel.runBar.status.text == "Choose the measurement table, or load one from a CSV file."
    assert panel.modelForm.model.currentText == "TIVNH, anti-HER2, chemo- and immunotherapy"
    assert panel.scheduleForm.candidates.currentText == "Regimens of the library"
    assert panel.ui.startDaySpinBox.text == "the day after the last visit"
    assert panel.ui.horizonDaySpinBox.text == "when all are over: see below"
    assert panel.scheduleForm.objective.currentText == "Volume on that day"
    assert panel.results.isHidden()


def test_loading_the_files_shows_their_rows(loaded, patient):
    rows = read_csv(patient / "measurements.csv")
    shown = cells(loaded.measurements.table)
    assert [line[VISIT] for line in shown] == [row.visit for row in rows]
    assert [float(line[DAY]) for line in shown] == [row.day for row in rows]
    assert [float(line[VOLUME]) for line in shown] == pytest.approx([row.values["volume_cm3"] for row in rows], 5e-3)
    assert loaded.treatments.table.cellWidget(0, DRUG).currentText == "Trastuzumab"
    assert loaded.runBar.button.enabled


def test_the_ranking_is_the_core_s_and_near_the_truth(ranked, patient):
    rows, given = read_csv(patient / "measurements.csv"), read_schedule(patient / "treatments.csv")
    plan = make_plan(rows, PlanSettings(horizon_day=42.0, draws=100), given=given)
    table = ranked.parameters.parameterNode.GetNodeReference("Result.ranking").GetTable()
    names = [table.GetValueByName(row, "schedule").ToString() for row in range(6)]
    expected = [table.GetValueByName(row, "expected").ToDouble() for row in range(6)]
    assert names == [row.schedule.name for row in plan.ranking.rows]
    assert expected == [row.expected for row in plan.ranking.rows]
    truth = simulate_subject(HUMAN, 0).outcomes
    assert min(truth, key=truth.get) in names[:2]
    assert [line[0] for line in cells(ranked.results.table)] == names
    assert names[0] in ranked.results.answer.text
    assert "cm³ at day 42 (90 % " in ranked.results.answer.text
    assert "so the forecast and any ranking are mostly the priors'" in ranked.results.basis.text
    assert "tumour volume at the start" in ranked.results.notes.text
    assert ranked.results.basis.look == "warning"


def test_cancelling_leaves_the_scene_as_it_was(loaded):
    import qt

    loaded.ui.drawsSpinBox.value = 5000
    before, seen = slicer.mrmlScene.GetNumberOfNodes(), []

    def cancel():
        seen.append((loaded.ui.scheduleSection.enabled, loaded.runBar.button.text))
        loaded.runBar.button.click()

    qt.QTimer.singleShot(100, cancel)
    loaded.runBar.button.click()
    assert seen == [(False, "Cancel")]
    assert loaded.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    assert loaded.results.isHidden()
    assert loaded.ui.scheduleSection.enabled


@pytest.mark.parametrize(
    ("row", "column", "text", "sentence"),
    [
        (1, VOLUME, "large", "measurements, row 2, column 'volume_cm3': 'large' is not a number"),
        (0, VOLUME, "-2", "measurements, row 1: visit 'baseline', column 'volume_cm3': the volume -2.0 is negative"),
        (2, VISIT, "baseline", "measurements: the visit 'baseline' occurs twice"),
        (2, DAY, "7", "measurements: visits 'day_7' and 'day_14' are both on day 7"),
    ],
)
def test_a_bad_measurement_is_said_below_the_table(loaded, row, column, text, sentence):
    right = loaded.measurements.table.item(row, column).text()
    type_into(loaded.measurements, row, column, text)
    assert loaded.measurements.status.text.startswith(f"✗ {sentence}")
    assert loaded.runBar.status.text.startswith(sentence)
    assert not loaded.runBar.button.enabled
    type_into(loaded.measurements, row, column, right)
    assert loaded.measurements.status.text == ""
    assert loaded.runBar.button.enabled


@pytest.mark.parametrize(
    ("column", "text", "sentence"),
    [
        (DOSE, "-1", "treatments, row 1, column dose is -1; a dose is 0 or more."),
        (DOSE_DAY, "", "treatments, row 1, column day is empty; give a number."),
    ],
)
def test_a_bad_dose_is_said_below_its_table(loaded, column, text, sentence):
    type_into(loaded.treatments, 0, column, text)
    assert loaded.treatments.status.text == f"✗ {sentence}"
    assert loaded.runBar.status.text == sentence
    assert not loaded.runBar.button.enabled


def test_a_drug_the_model_lacks_is_said_and_can_be_replaced(panel, patient, tmp_path, load_table):
    load_table(panel.measurements, patient / "measurements.csv")
    path = tmp_path / "given.csv"
    path.write_text("drug,day,dose\naspirin,1,1\n")
    load_table(panel.treatments, path)
    assert "given, row 1, column drug: Model tivnh_treated has no drug 'aspirin'" in panel.treatments.status.text
    combo = panel.treatments.table.cellWidget(0, DRUG)
    assert combo.currentText == "aspirin"
    combo.currentIndex = 1
    assert panel.treatments.table.cellWidget(0, DRUG).currentText == "Chemotherapy"
    assert panel.treatments.status.text == ""
    assert panel.runBar.button.enabled


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("visit,day,volume_cm3\na,0,big\n", "bad.csv, row 2, column 'volume_cm3': 'big' is not a number"),
        ("visit,volume_cm3\na,1\n", "bad.csv: the column 'day' is missing"),
        ("", "bad.csv is empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_and_leaves_no_table(panel, tmp_path, content, sentence, load_table):
    path = tmp_path / "bad.csv"
    path.write_text(content)
    before = slicer.mrmlScene.GetNumberOfNodes()
    load_table(panel.measurements, path)
    assert panel.measurements.status.text.startswith(f"✗ {sentence}")
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    assert panel.parameters.measurements is None


def test_rows_are_added_and_removed(loaded):
    loaded.measurements.addButton.click()
    assert loaded.measurements.table.rowCount == 4
    assert "row 4, column 'day'" in loaded.measurements.status.text
    type_into(loaded.measurements, 3, DAY, "21")
    assert loaded.measurements.status.text == "5 cells were not measured (hatched)."
    loaded.measurements.removeButton.click()
    assert loaded.measurements.table.rowCount == 3
    loaded.treatments.addButton.click()
    loaded.treatments.removeButton.click()
    loaded.treatments.removeButton.click()
    assert loaded.treatments.table.rowCount == 0
    assert not loaded.treatments.removeButton.enabled
    assert loaded.runBar.button.enabled


def test_a_table_can_be_typed_from_nothing(panel):
    panel.measurements.addButton.click()
    type_into(panel.measurements, 0, DAY, "0")
    type_into(panel.measurements, 0, VOLUME, "3.5")
    assert panel.runBar.button.enabled
    panel.treatments.addButton.click()
    assert panel.treatments.table.cellWidget(0, DRUG).currentText == "Trastuzumab"
    assert panel.runBar.button.enabled


def test_a_model_without_drugs_is_refused_with_a_sentence(loaded):
    loaded.modelForm.model.currentIndex = 1
    assert loaded.parameters.model == "tivnh"
    assert not loaded.runBar.button.enabled
    assert "row 1, column drug: Model tivnh has no drug 'trastuzumab'" in loaded.runBar.status.text
    loaded.treatments.removeButton.click()
    assert "choose a model with trastuzumab and chemotherapy" in loaded.runBar.status.text


def test_a_horizon_before_the_last_visit_is_refused_with_a_sentence(loaded):
    loaded.ui.horizonDaySpinBox.value = 10
    loaded.runBar.button.click()
    assert loaded.runBar.status.text.startswith("✗ The horizon (day 10) is not after")
    assert loaded.results.isHidden()


def test_the_level_is_asked_for_only_where_it_counts(loaded):
    assert loaded.ui.levelSpinBox.isHidden()
    titles = [loaded.scheduleForm.objective.itemText(n) for n in range(loaded.scheduleForm.objective.count)]
    loaded.scheduleForm.objective.currentIndex = titles.index("Probability of a volume below a level")
    assert not loaded.ui.levelSpinBox.isHidden()
    loaded.ui.drawsSpinBox.value = 50
    loaded.runBar.button.click()
    assert "probability of a volume below 1 cm³ at the horizon (day 56) " in loaded.results.answer.text


def test_results_of_other_inputs_are_marked(ranked):
    assert ranked.results.stale.text == ""
    ranked.ui.intervalSpinBox.value = 7
    assert ranked.results.stale.text == "⚠ The inputs have changed since these results; run again."
    ranked.ui.intervalSpinBox.value = 4
    assert ranked.results.stale.text == ""
    type_into(ranked.measurements, 0, VOLUME, "3")
    assert ranked.results.stale.look == "warning"


def test_what_cannot_be_trusted_is_said(loaded):
    for _visit in range(2):
        loaded.measurements.removeButton.click()
    loaded.runBar.button.click()
    assert loaded.results.warnings.text.startswith("⚠ There is one visit: it sets the starting state only")


def test_a_saved_scene_restores_every_choice_and_the_results(ranked, tmp_path):
    ui = ranked.ui
    ui.intervalSpinBox.value = 7
    ui.dosesSpinBox.value = 3
    ui.startDaySpinBox.value = 20
    ranked.modelForm.species.currentIndex = 1
    ranked.scheduleForm.objective.currentIndex = 1
    ui.weekdaysCheckBox.checked = True
    ranked.scheduleForm.weekday.currentIndex = 4
    ui.shortestIntervalSpinBox.value = 2
    ui.totalTrastuzumabSpinBox.value = 5
    ui.doseSpinBox.value = 0.5
    ui.seedSpinBox.value = 11
    answer, shown = ranked.results.answer.text, cells(ranked.results.table)
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert ui.intervalSpinBox.value == 4
    assert ranked.results.isHidden()
    assert ranked.measurements.table.rowCount == 0
    slicer.util.loadScene(str(path))
    assert (ui.intervalSpinBox.value, ui.dosesSpinBox.value, ui.startDaySpinBox.value) == (7, 3, 20)
    assert (ranked.modelForm.species.currentText, ranked.scheduleForm.weekday.currentText) == ("Mouse", "Friday")
    assert ranked.scheduleForm.objective.currentText == "Mean volume up to that day"
    assert ui.weekdaysCheckBox.checked
    assert (ui.shortestIntervalSpinBox.value, ui.totalTrastuzumabSpinBox.value, ui.doseSpinBox.value) == (2, 5, 0.5)
    assert (ui.seedSpinBox.value, ui.drawsSpinBox.value, ui.horizonDaySpinBox.value) == (11, 100, 42)
    assert ui.measurementSelector.currentNode().GetName() == "measurements"
    assert ranked.measurements.table.rowCount == 3
    assert ranked.treatments.table.rowCount == 1
    assert (ranked.results.answer.text, cells(ranked.results.table)) == (answer, shown)
    assert not ranked.results.isHidden()
    assert ranked.results.chart.count == 7
    assert ranked.widget.panel.logic.calibration(ranked.parameters).estimates


def test_the_plot_asked_for_is_shown_where_there_are_views(ranked, monkeypatch):
    assert not ranked.results.showButton.enabled
    shown = []
    monkeypatch.setattr(slicer.app, "layoutManager", lambda: object())
    monkeypatch.setattr(slicer.modules.plots.logic(), "ShowChartInLayout", shown.append)
    ranked.results.refresh()
    ranked.results.chart.currentIndex = 2
    ranked.results.showButton.click()
    assert [chart.GetTitle() for chart in shown] == ["Tumour volume"]


def test_a_new_ranking_draws_the_chart_that_was_chosen(ranked):
    chart = ranked.results.chart
    chart.currentIndex = 3
    chosen = chart.currentText
    ranked.ui.horizonDaySpinBox.value = 49
    ranked.runBar.button.click()
    assert chart.currentText == chosen
    assert chart.currentIndex == 3


def test_leaving_and_coming_back_shows_the_same(ranked):
    shown = cells(ranked.measurements.table)
    ranked.exit()
    ranked.enter()
    assert cells(ranked.measurements.table) == shown
    assert not ranked.results.isHidden()
    assert ranked.runBar.button.enabled


def test_the_self_test_passes(panel):
    import HER2ImmunoModel

    HER2ImmunoModel.HER2ImmunoModelTest().runTest()


def test_pages_are_photographed(ranked, photograph):
    for section, name in ((ranked.measurements, "measurements"), (ranked.treatments, "treatments")):
        section.file.edit.currentPath = f"patient/{name}.csv"
    for page in ("visits", "calibrate", "choose"):
        ranked.pages.open(page)
        path = photograph(ranked.widget, f"HER2ImmunoModel_{page}")
        assert path.stat().st_size > 10_000
