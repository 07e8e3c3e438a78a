"""The first step of Quant DCE: one choice, what goes with it, what was understood, and what only a person can say."""

import numpy as np
import pytest
import slicer
from dce_tissue import IJK_TO_RAS, SHAPE, TAGS, TIME_S, TUMOUR, VESSEL
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume

BASELINE = Examination("1.1", "1.5", ("1.1.1",), "p", "2024-03-04", "baseline", 0.0)
DAY_7 = Examination("2.1", "2.5", ("2.1.1",), "p", "2024-03-11", "day_7", 7.0)


@pytest.fixture
def panel(load_module, scene):
    return load_module("QuantDCE").panel


def add_dynamic(array, examination, name="MR", tags=TAGS):
    from HER2ImmunoCommonLib.scene import node_from_series, set_examination

    node = node_from_series(slicer.mrmlScene, TimeSeries(array, IJK_TO_RAS, TIME_S), name, tags=tags)
    set_examination(node, examination)
    return node


def add_flip_angles(examination, name="flip angles"):
    from HER2ImmunoCommonLib.scene import set_examination
    from QuantDCELib.dicom.reading import VfaImages
    from QuantDCELib.scene import node_from_vfa

    flips = np.array([2.0, 5.0, 10.0, 15.0])
    e1 = np.exp(-0.005 / 1.4)
    angle = np.deg2rad(flips)
    signal = 1000 * np.sin(angle) * (1 - e1) / (1 - np.cos(angle) * e1)
    array = np.broadcast_to(signal.astype(np.float32), (*SHAPE, flips.size)).copy()
    node = node_from_vfa(slicer.mrmlScene, VfaImages(array, IJK_TO_RAS, flips, 0.005, {}, ()), name)
    set_examination(node, examination)
    return node


def add_map(value, examination, name):
    from HER2ImmunoCommonLib.scene import node_from_volume, set_examination

    node = node_from_volume(slicer.mrmlScene, Volume(np.full(SHAPE, value, np.float32), IJK_TO_RAS), name)
    set_examination(node, examination)
    return node


def add_regions(series, masks, name="Regions"):
    from HER2ImmunoCommonLib.scene import add_segment, examination_of, set_examination

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    set_examination(node, examination_of(series))
    for segment, mask in masks.items():
        add_segment(node, mask, segment, series.GetNthDataNode(0))
    return node


def choose(panel, text):
    """Choose in the box as a person does."""
    box = panel.examination.box
    index = next(n for n in range(box.count) if box.itemText(n).startswith(text))
    box.setCurrentIndex(index)


def offered(panel):
    box = panel.examination.box
    return [box.itemText(n) for n in range(box.count)]


def asked(panel):
    return list(panel.examination.questions.fields)


def answer(panel, text):
    (field,) = panel.examination.questions.fields.values()
    field.text = text
    field.editingFinished.emit()


def test_an_empty_scene_leads_to_a_folder(panel):
    assert offered(panel) == ["No dynamic series in the scene", "From a DICOM folder…"]
    assert panel.steps.opened.name == "examination"
    assert panel.ui.inputSection.collapsed
    choose(panel, "From a DICOM folder")
    assert not panel.ui.inputSection.collapsed
    assert panel.examination.box.currentText == "No dynamic series in the scene"
    assert panel.runBar.status.text == "Choose the examination, or load one from a DICOM folder."


def test_examinations_are_offered_by_visit_and_day_as_soon_as_they_come(panel, dce_array):
    add_dynamic(dce_array, DAY_7, "second MR")
    add_dynamic(dce_array, BASELINE, "first MR")
    add_flip_angles(BASELINE)
    slicer.app.processEvents()
    titles = ["first MR (baseline, 2024-03-04)", "second MR (day_7, 2024-03-11)"]
    assert offered(panel) == ["Choose an examination", *titles, "From a DICOM folder…"]


def test_what_the_examination_has_one_of_follows(panel, dce_array):
    for examination in (BASELINE, DAY_7):
        series = add_dynamic(dce_array, examination, f"{examination.visit} MR")
        add_flip_angles(examination, f"{examination.visit} flips")
        add_map(1.0, examination, f"{examination.visit} B1")
        add_regions(series, {"Vessel": VESSEL, "Tumor 1": TUMOUR}, f"{examination.visit} regions")
    slicer.app.processEvents()
    choose(panel, "day_7 MR")
    parameters = panel.parameters
    assert (parameters.vfa.GetName(), parameters.t1Source) == ("day_7 flips", "vfa")
    assert parameters.b1Map.GetName() == "day_7 B1"
    assert parameters.segmentation.GetName() == parameters.arterySegmentation.GetName() == "day_7 regions"
    segments = parameters.segmentation.GetSegmentation()
    assert segments.GetSegment(parameters.segmentId).GetName() == "Tumor 1"
    assert segments.GetSegment(parameters.arterySegmentId).GetName() == "Vessel"
    assert parameters.aif == "roi"
    assert (parameters.visit, parameters.day) == ("day_7", 7.0)
    for told in ("T1: from day_7 flips.", "B1 map: day_7 B1.", "Tumour: Tumor 1 of", "Artery: Vessel of"):
        assert told in panel.examination.changes.text
    assert panel.steps.opened.name == "compute"
    assert panel.runBar.button.enabled


def test_what_could_be_one_of_several_is_left_to_the_person(panel, dce_array):
    series = add_dynamic(dce_array, BASELINE)
    add_regions(series, {"tumour left": TUMOUR, "tumour right": TUMOUR})
    slicer.app.processEvents()
    choose(panel, "MR")
    assert panel.parameters.segmentation is None
    assert not panel.steps.named("tumour").isDone


def test_nothing_of_another_examination_is_proposed(panel, dce_array):
    add_dynamic(dce_array, BASELINE, "first MR")
    later = add_dynamic(dce_array, DAY_7, "second MR")
    add_regions(later, {"tumour": TUMOUR})
    add_flip_angles(DAY_7)
    slicer.app.processEvents()
    choose(panel, "first MR")
    assert panel.parameters.segmentation is None
    assert panel.parameters.vfa is None


def test_a_choice_of_the_person_stays(panel, dce_array):
    series = add_dynamic(dce_array, BASELINE)
    add_flip_angles(BASELINE)
    add_regions(series, {"artery": VESSEL})
    panel.ui.t1Edit.text = "1.2"
    panel.arterial.source.choose("georgiou")
    slicer.app.processEvents()
    choose(panel, "MR")
    assert (panel.parameters.t1Source, panel.parameters.t1S) == ("fixed", "1.2")
    assert panel.parameters.aif == "georgiou"


def test_one_line_says_what_was_understood(panel, dce_array):
    add_dynamic(dce_array, BASELINE, tags=TAGS | {"MagneticFieldStrength": 1.5})
    slicer.app.processEvents()
    choose(panel, "MR")
    line = panel.examination.timeLine.text
    assert line.startswith("40 frames, 6.00 s apart, 234 s in all. Times from ")
    assert "9 x 8 x 4 voxels of 2 x 2 x 3 mm, TR 5 ms, flip angle 20°, 1.5 T, examined on 2024-03-04." in line
    panel.ui.trEdit.text = "7"
    assert "TR 7 ms" in panel.examination.timeLine.text


def test_doubts_are_asked_one_at_a_time(panel, dce_array, photograph):
    add_dynamic(dce_array, BASELINE, tags={})
    slicer.app.processEvents()
    choose(panel, "MR")
    assert panel.steps.opened.name == "examination"
    assert asked(panel) == ["tr_ms"]
    photograph(panel.widget, "quantdce_doubt")
    answer(panel, "5")
    assert asked(panel) == ["flip_deg"]
    answer(panel, "20")
    assert asked(panel) == ["t10_s"]
    answer(panel, "1.4")
    assert asked(panel) == []
    assert panel.steps.named("examination").isDone
    assert panel.steps.opened.name == "tumour"


def test_an_answer_that_cannot_be_is_said_and_asked_again(panel, dce_array):
    add_dynamic(dce_array, BASELINE)
    slicer.app.processEvents()
    choose(panel, "MR")
    assert asked(panel) == ["t10_s"]
    answer(panel, "long")
    assert "'long', which is not a number" in panel.examination.questions.refusal.text
    assert not panel.steps.named("examination").isDone
    answer(panel, "1.4")
    assert panel.examination.questions.refusal.text == ""
    assert panel.parameters.t1S == "1.4"


def test_a_saved_scene_keeps_the_step_and_proposes_nothing(panel, dce_array, tmp_path):
    series = add_dynamic(dce_array, BASELINE)
    add_regions(series, {"tumour": TUMOUR})
    slicer.app.processEvents()
    choose(panel, "MR")
    panel.parameters.segmentation, panel.parameters.segmentId = None, ""
    panel.steps.open("keep")
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert panel.steps.opened is None or panel.steps.opened.name == "examination"
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert panel.steps.opened.name == "keep"
    assert panel.parameters.dynamic.GetName() == "MR"
    assert panel.parameters.segmentation is None
