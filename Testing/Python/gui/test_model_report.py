"""The report written from the panel of the tumour model, by its button."""

import json

import slicer
from HER2ImmunoModelLib.scene.report import NOT_YET


def ranked(panel):
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text


def write(panel, path):
    panel.report.pathRow.edit.currentPath = str(path)
    panel.report.runBar.button.click()
    return panel.report.runBar.status


def test_there_is_no_report_before_a_ranking(model_panel):
    assert not model_panel.report.runBar.button.enabled
    assert model_panel.report.runBar.status.text == NOT_YET
    ranked(model_panel)
    assert not model_panel.report.runBar.button.enabled
    assert model_panel.report.runBar.status.text == "Name the file of the report first."


def test_the_button_writes_page_and_numbers_of_what_the_panel_shows(model_panel, tmp_path, photograph):
    ranked(model_panel)
    status = write(model_panel, tmp_path / "patient")
    assert status.look == "ok", status.text
    assert status.text.endswith("patient.html, and beside it patient.json, patient_tables.")
    page = (tmp_path / "patient.html").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "patient.json").read_text(encoding="utf-8"))
    assert told["plan"]["answer"] in model_panel.results.answer.text.replace("\u200b", "")
    assert "The treatment window" in page
    assert (tmp_path / "patient_tables/ranking.csv").is_file()
    model_panel.pages.open("report")
    photograph(model_panel.widget, "HER2ImmunoModel_report")


def test_other_inputs_are_not_reported_and_a_file_of_somebody_is_kept(model_panel, tmp_path):
    ranked(model_panel)
    mine = tmp_path / "mine.html"
    mine.write_text("<p>my own</p>")
    status = write(model_panel, mine)
    assert status.look == "error"
    assert "was not written here" in status.text
    assert mine.read_text() == "<p>my own</p>"
    model_panel.ui.seedSpinBox.value = 7
    assert not model_panel.report.runBar.button.enabled
    assert "run it again" in model_panel.report.runBar.button.toolTip


def test_nothing_else_can_be_changed_while_it_is_made(model_panel, tmp_path):
    ranked(model_panel)
    seen = []
    write_it = model_panel.report.start

    def start():
        request = model_panel.report.runBar.run
        model_panel.report.runBar.run = lambda work, done: request(lambda report: (see(), work(report))[1], done)
        write_it()

    def see():
        seen.append((model_panel.ui.scheduleSection.enabled, model_panel.check.runBar.enabled))

    model_panel.report.runBar._onStart = start
    assert write(model_panel, tmp_path / "r.html").look == "ok"
    assert seen == [(False, False)]
    assert model_panel.ui.scheduleSection.enabled


def test_a_loaded_scene_offers_its_report(model_panel, host, tmp_path):
    ranked(model_panel)
    path = tmp_path / "r.html"
    assert write(model_panel, path).look == "ok"
    assert model_panel.parameters.reportFile == str(path)
    model_panel.setParameterNode(None)
    model_panel.initializeParameterNode()
    assert model_panel.report.pathRow.path == str(path)
    assert model_panel.report.runBar.button.enabled
    slicer.mrmlScene.Clear(0)
    assert not model_panel.report.runBar.button.enabled
