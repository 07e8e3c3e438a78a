"""From the DICOM folders of the virtual patient to the measurements of a visit, by clicks in the Quant DCE panel."""

import json
from dataclasses import replace

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.geometry import read_volume
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

SMALL = replace(
    HUMAN,
    mr_grid=Grid((8, 24, 24), (5.0, 5.0, 6.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=60),
)


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    """Folder of the first visit, and that of its true maps."""
    root = write_virtual_patient(tmp_path_factory.mktemp("phantom") / "p", preset=SMALL, visits=(0.0,)).parent
    return root / "baseline", root / "truth" / "baseline"


def add_segment_from(path, name):
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import add_segment

    mask = read_volume(path)
    volume = node_from_volume(slicer.mrmlScene, mask, name)
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{name} segmentation")
    add_segment(segmentation, mask.array != 0, name, volume)
    slicer.mrmlScene.RemoveNode(volume)
    return segmentation


@pytest.fixture
def panel(load_module, scene, visit):
    panel = load_module("QuantDCE").panel
    panel.examination.folderRow.edit.currentPath = str(visit[0] / "MR" / "dynamic")
    panel.examination.folderRow.button.click()
    return panel


def test_the_dynamic_series_is_loaded_with_its_times(panel):
    assert panel.runBar.status.text == "✓ Loaded dynamic. Choose the tumour segment."
    node = panel.ui.dynamicSelector.currentNode()
    assert node.GetNumberOfDataNodes() == 60
    assert panel.examination.timeLine.text.startswith("60 frames, 3.00 s apart, 177 s in all. Times from DICOM ")
    assert panel.ui.trEdit.placeholderText == "5 (from the images)"
    assert panel.ui.flipEdit.placeholderText == "20 (from the images)"
    assert panel.tumour.segments.editor.sourceVolume is not None


def test_the_whole_path_gives_the_truth(panel, visit, photograph):
    folder, truth = visit
    for section, name in ((panel.tumour.segments, "tumour"), (panel.arterial.artery, "vessel")):
        section.selector.setCurrentNode(add_segment_from(folder / "masks" / f"{name}.nrrd", name))
        section.selector.setCurrentSegmentID(name)
    panel.t1.source.choose("vfa")
    panel.t1.folderRow.edit.currentPath = str(folder / "MR" / "vfa")
    panel.t1.folderRow.button.click()
    assert panel.ui.vfaSelector.currentNode().GetNumberOfDataNodes() == len(SMALL.mr.vfa_flip_deg)
    panel.arterial.source.choose("roi")
    panel.ui.bloodT1Edit.text = "1.44"
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
    tumour = read_volume(folder / "masks" / "tumour.nrrd").array != 0
    true_ktrans = read_volume(next(truth.glob("[Kk]trans*.nrrd"))).array[tumour]
    ktrans = slicer.util.arrayFromVolume(slicer.util.getNode("baseline Ktrans (1/min)"))[tumour]
    assert np.median(ktrans) == pytest.approx(np.median(true_ktrans), rel=0.02)
    t1_s = slicer.util.arrayFromVolume(slicer.util.getNode("baseline T1 (s)"))[tumour]
    assert 1.0 < np.median(t1_s) < 2.0
    provenance = json.loads(slicer.util.getNode("baseline Ktrans (1/min)").GetAttribute("HER2Immuno.Provenance"))
    assert provenance["inputs"]["dynamic"]["series"]
    assert provenance["inputs"]["vfa"]["series"]
    for row, part in ((panel.examination.folderRow, "dynamic"), (panel.t1.folderRow, "vfa")):
        row.edit.currentPath = f"patient/baseline/MR/{part}"
    assert photograph(panel.widget, "QuantDCE").stat().st_size > 5000


def test_cancelled_loading_leaves_nothing(panel, visit):
    import qt

    before = slicer.mrmlScene.GetNumberOfNodes()
    qt.QTimer.singleShot(0, panel.runBar.cancelButton.click)
    panel.examination.folderRow.button.click()
    assert panel.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == before


def load(panel, folder):
    panel.examination.folderRow.edit.currentPath = str(folder)
    panel.examination.folderRow.button.click()


def answer(panel, key, text):
    panel.examination.questions.fields[key].text = text
    panel.examination.questions.fields[key].editingFinished.emit()


def test_kinds_of_image_are_asked_and_chosen(panel, visit, tmp_path, photograph):
    import pydicom

    for path in sorted((visit[0] / "MR" / "dynamic").rglob("*.dcm"))[: 15 * SMALL.mr_grid.shape[0]]:
        for number, word in enumerate(("WATER", "FAT")):
            header = pydicom.dcmread(path)
            header.ImageType = ["DERIVED", "PRIMARY", "DIXON", word]
            header.SOPInstanceUID += f".{number}"
            header.save_as(tmp_path / f"{word}_{path.name}")
    load(panel, tmp_path)
    assert panel.runBar.status.text == "⚠ Answer the question above."
    photograph(panel.widget, "kinds_asked")
    answer(panel, "kind", "water")
    assert panel.runBar.status.text.startswith("✓ Loaded")
    assert panel.parameters.dynamicKind == "water"
    assert "Not used: series 1000 'DCE dynamic' (fat)." in panel.examination.timeWarnings.text
    load(panel, visit[0] / "MR" / "dynamic")
    assert panel.parameters.dynamicKind == ""
    assert panel.runBar.status.text.startswith("✓ Loaded")


def test_an_interval_of_one_series_is_not_that_of_the_next(panel, visit):
    panel.ui.frameIntervalEdit.text = "9"
    assert "9.00 s apart" in panel.examination.timeLine.text
    load(panel, visit[0] / "MR" / "dynamic")
    assert "3.00 s apart" in panel.examination.timeLine.text


def test_two_patients_in_one_folder(panel, visit, tmp_path):
    import pydicom

    for number, path in enumerate(sorted((visit[0] / "MR" / "dynamic").rglob("*.dcm"))[:20]):
        header = pydicom.dcmread(path)
        header.StudyInstanceUID += f".{1 + number % 2}"
        header.SeriesInstanceUID += f".{1 + number % 2}"
        header.save_as(tmp_path / path.name)
    panel.examination.folderRow.edit.currentPath = str(tmp_path)
    panel.examination.folderRow.button.click()
    assert panel.runBar.status.look == "error"
    assert "stud" in panel.runBar.status.text
