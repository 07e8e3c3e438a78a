"""Images that the application's DICOM module loaded are offered in the Quant DCE panel and taken with one click."""

from dataclasses import replace

import pytest
import slicer
from dicom_module import ClosedDatabase, Database, load_multivolume, load_sequence, load_volumes
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

DYNAMIC = "1000: MR DCE dynamic (8 volumes)"
SMALL = replace(
    HUMAN,
    mr_grid=Grid((6, 20, 20), (6.0, 6.0, 8.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=8, frame_s=8.0),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The MR folder of a visit."""
    root = tmp_path_factory.mktemp("phantom") / "p"
    return write_virtual_patient(root, preset=SMALL, visits=(0.0,)).parent / "baseline" / "MR"


@pytest.fixture
def database(monkeypatch, folder):
    found = Database(folder)
    monkeypatch.setattr(slicer, "dicomDatabase", found, raising=False)
    return found


def shown(row):
    """What the row offers; None where it is hidden."""
    return [row.box.itemText(n) for n in range(row.box.count)] if row.isVisibleTo(row.parentWidget()) else None


def offered(panel):
    """What can be chosen as the examination."""
    box = panel.examination.box
    return [box.itemText(n) for n in range(1, box.count - 1)]


def take(panel, title):
    """Choose images that have to be read first, as a person does."""
    box = panel.examination.box
    index = box.findText(title)
    box.setCurrentIndex(index)


def test_without_loaded_images_there_is_nothing_to_take(load_module, scene, monkeypatch):
    monkeypatch.setattr(slicer, "dicomDatabase", ClosedDatabase(), raising=False)
    panel = load_module("QuantDCE").panel
    panel.t1.source.choose("vfa")
    assert shown(panel.t1.loaded) is None
    assert offered(panel) == []


def test_a_multivolume_is_used_as_the_dynamic_series(load_module, scene, database, folder, photograph):
    load_multivolume(scene, folder / "dynamic", "AcquisitionTime")
    load_volumes(scene, folder / "vfa", "FlipAngle")
    panel = load_module("QuantDCE").panel
    panel.ui.t1Section.collapsed = False
    assert offered(panel) == [DYNAMIC]
    assert shown(panel.t1.loaded) is None
    take(panel, DYNAMIC)
    assert panel.runBar.status.text.startswith("✓ Loaded 1000: MR DCE dynamic."), panel.runBar.status.text
    assert panel.parameters.dynamic.GetNumberOfDataNodes() == 8
    assert panel.examination.timeLine.text.startswith("8 frames, 8.00 s apart, 56 s in all.")
    panel.steps.open("examination")
    panel.t1.source.choose("vfa")
    assert shown(panel.t1.loaded) == [f"100: MR VFA T1 mapping ({len(SMALL.mr.vfa_flip_deg)} volumes)"]
    panel.t1.loaded.button.click()
    assert panel.parameters.vfa.GetNumberOfDataNodes() == len(SMALL.mr.vfa_flip_deg)
    assert "FlipAngle" in panel.parameters.vfa.GetAttribute("MultiVolume.FrameIdentifyingDICOMTagName")
    for width in (400, 450):
        photograph(panel.widget, f"loaded_images_{width}", width)


def test_files_that_are_gone_when_they_are_wanted_are_told(load_module, scene, database, folder):
    load_volumes(scene, folder / "dynamic", "AcquisitionTime")
    panel = load_module("QuantDCE").panel
    (title,) = offered(panel)
    database.isOpen = False
    take(panel, title)
    assert "are no longer in the DICOM database" in panel.runBar.status.text
    assert panel.parameters.dynamic is None


def test_a_missing_tr_is_asked_and_its_answer_used(load_module, scene, monkeypatch, folder):
    monkeypatch.setattr(slicer, "dicomDatabase", ClosedDatabase(), raising=False)
    node = load_multivolume(scene, folder / "vfa", "FlipAngle", name="100: MR VFA - frames MultiVolume by FlipAngle")
    node.RemoveAttribute("MultiVolume.DICOM.RepetitionTime")
    panel = load_module("QuantDCE").panel
    panel.t1.source.choose("vfa")
    panel.t1.loaded.button.click()
    field = panel.examination.questions.fields["vfa_tr_ms"]
    field.text = "5"
    field.editingFinished.emit()
    panel.t1.loaded.button.click()
    assert panel.parameters.vfa.GetNumberOfDataNodes() == len(SMALL.mr.vfa_flip_deg)


def test_a_flip_angle_sequence_chosen_as_the_dynamic_series_is_refused(load_module, scene, database, folder):
    panel = load_module("QuantDCE").panel
    node = load_sequence(scene, folder / "vfa", "FlipAngle", name="100: MR VFA")
    panel.ui.dynamicSelector.setCurrentNode(node)
    said = "100: MR VFA is a series at several flip angles, not a dynamic series; choose the dynamic series."
    assert panel.examination.timeLine.text == f"✗ {said}"
    panel.ui.frameIntervalEdit.text = "3"
    assert panel.examination.timeLine.text == f"✗ {said}"
    assert panel.runBar.status.text == said
    assert not panel.runBar.button.enabled
