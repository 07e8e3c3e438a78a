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


def test_the_page_is_opened_once_it_is_there_and_printed_where_that_is_asked(model_panel, tmp_path, monkeypatch):
    import qt
    from HER2ImmunoModelLib.gui import report_section

    section, opened = model_panel.report, []
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))

    def printed(page, report):
        page.with_suffix(".pdf").write_bytes(b"%PDF")
        return page.with_suffix(".pdf")

    monkeypatch.setattr(report_section, "print_page", printed)
    ranked(model_panel)
    section.canPrint = True
    section.pathRow.edit.currentPath = str(tmp_path / "patient")
    assert not section.pathRow.button.enabled
    assert section.pathRow.button.toolTip == "There is no such report yet; write it first."
    assert not (tmp_path / "patient.pdf").exists()
    section.pdf.setEnabled(True)
    section.pdf.click()
    assert model_panel.parameters.reportPdf
    status = write(model_panel, tmp_path / "patient")
    assert status.text.endswith("patient.html, and beside it patient.json, patient_tables, patient.pdf.")
    assert section.pathRow.button.enabled
    section.pathRow.button.click()
    assert opened == [str(tmp_path / "patient.html")]


def test_without_a_browser_no_pdf_is_offered(host, frame, monkeypatch):
    from HER2ImmunoModelLib.gui import report_section

    monkeypatch.setattr(report_section, "find_browser", lambda: None)
    section = report_section.ReportSection(frame, lambda *_: None)
    section.lock(False)
    assert not section.pdf.enabled
    assert "print it from your browser" in section.pdf.toolTip


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
