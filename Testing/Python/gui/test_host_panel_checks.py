"""What `run_in_slicer.py --panels` checks inside Slicer, on the stand-in: it passes, and it finds what was broken."""

import pytest
import slicer


@pytest.fixture
def checks(host):
    import panel_checks

    host.open_main_window()
    yield panel_checks
    host.slot_errors.clear()


def lines_of(capsys):
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith(("ok", "FAILED"))]


def test_every_check_passes_on_the_extension(checks, capsys):
    status = checks.run(samples=False)
    lines = lines_of(capsys)
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert len(lines) == len(checks.checks(samples=False))
    assert status == 0


def test_a_panel_that_cannot_be_built_is_found(checks, host, monkeypatch, capsys):
    import QuantDCELib.gui

    class Broken:
        def __init__(self, widget, logic):
            raise AttributeError("no evidenceForm")

    monkeypatch.setattr(QuantDCELib.gui, "QuantDCEPanel", Broken)
    monkeypatch.setattr(checks, "checks", lambda samples: [("QuantDCE opens", lambda: checks.opens("QuantDCE"))])
    assert checks.run(samples=False) == 1
    assert lines_of(capsys) == ["FAILED  QuantDCE opens: QuantDCE has no panel"]
    with pytest.raises(AssertionError, match="AttributeError: no evidenceForm"):
        checks.log_is_clean()


def test_a_category_without_samples_is_found(checks):
    slicer.modules.sampleDataSources.clear()
    with pytest.raises(AssertionError, match=r"holds \[\]"):
        checks.samples_are_registered()
    with pytest.raises(AssertionError, match="no sample is loaded by"):
        checks.samples_have_buttons()


def test_a_line_in_the_log_is_found(checks, host):
    host.slot_errors.clear()
    checks.log_is_clean()
    host.dicom_database().fileForInstance("2.25.1")
    with pytest.raises(AssertionError, match="SQL error"):
        checks.log_is_clean()


def loadNothing(source):
    return []


@pytest.fixture
def empty_sample(checks, monkeypatch):
    import SampleData

    monkeypatch.setattr(checks, "LOADERS", ("loadNothing",))
    slicer.modules.sampleDataSources.clear()
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        checks.CATEGORY, "Empty", uris=[], fileNames=[], customDownloader=loadNothing
    )


def test_a_sample_that_loads_nothing_is_found(checks, empty_sample):
    with pytest.raises(AssertionError, match="loadNothing brought no vtkMRMLTableNode"):
        checks.sample_loads("loadNothing", "vtkMRMLTableNode")


def test_a_sample_without_a_picture_is_found(checks, empty_sample):
    with pytest.raises(AssertionError, match="EmptyPushButton has no text or picture"):
        checks.samples_have_buttons()


def test_a_sample_without_a_button_is_found(checks, empty_sample):
    slicer.util.selectModule("SampleData")  # its buttons are made now
    checks._samples()["loadNothing"].sampleName = "Renamed"
    with pytest.raises(AssertionError, match="0 buttons for Renamed"):
        checks.samples_have_buttons()
