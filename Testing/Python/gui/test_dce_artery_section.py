"""The panel's part on the arterial input: candidates by a click, the curve, its arrival by hand, a comparison."""

import numpy as np
import pytest
import slicer
from dce_tissue import IJK_TO_RAS, TAGS, TIME_S, TUMOUR, VESSEL
from HER2ImmunoCommonLib.geometry import TimeSeries


@pytest.fixture
def parameters(load_module, scene, dce_array):
    """The parameter node with a series and T1, and no panel that follows it."""
    widget = load_module("QuantDCE")
    node = widget.panel.logic.getParameterNode()
    widget.panel.setParameterNode(None)
    node.dynamic, node.t1S, node.model = series(dce_array), "1.4", "tofts"
    return node


@pytest.fixture
def section(parameters, frame):
    import qt
    from QuantDCELib.gui.artery_section import ArterySection

    qt.QVBoxLayout(frame)
    made = ArterySection(frame, run)
    frame.layout().addWidget(made)
    made.setMRMLScene(slicer.mrmlScene)
    follow(made, parameters)
    yield made
    made.setParameterNode(None)
    made.cleanup()


def follow(section, parameters):
    """What a panel does: give the node, and tell of each of its changes."""
    import vtk

    section.setParameterNode(parameters)
    parameters.parameterNode.AddObserver(
        vtk.vtkCommand.ModifiedEvent, lambda *_event: section.follow() if section._parameters is not None else None
    )


def run(work, done):
    """As a panel's run bar, without its thread."""
    done(work(None))
    return True


def series(array, name="Dynamic MR"):
    from QuantDCELib.dicom.reading import DynamicImages
    from QuantDCELib.dicom.time_axis import TimeAxis
    from QuantDCELib.scene import node_from_dynamic

    images = TimeSeries(array, IJK_TO_RAS, TIME_S)
    tr_s = TAGS["RepetitionTime"] / 1000.0
    dynamic = DynamicImages(images, TimeAxis(TIME_S, "given"), tr_s, TAGS["FlipAngle"], 1.5, {})
    return node_from_dynamic(slicer.mrmlScene, dynamic, name)


def mask_of(parameters):
    from HER2ImmunoCommonLib.scene import segment_mask

    return segment_mask(parameters.arterySegmentation, parameters.arterySegmentId, parameters.dynamic)


def brightest_frame(parameters):
    """The frame in which the vessel is brightest."""
    frames = [parameters.dynamic.GetNthDataNode(n) for n in range(TIME_S.size)]
    return int(np.argmax([slicer.util.arrayFromVolume(frame)[VESSEL].mean() for frame in frames]))


def texts(section):
    return [box.text for box in section.candidates.boxes.values()]


def drawn(section):
    return {item.label for item in section.plot._chart.items}


def test_a_click_finds_the_candidates_and_measures_the_best(section, parameters, photograph, frame):
    assert section.candidates.isHidden()
    assert drawn(section) == {"baseline frames", "plasma"}
    section.findButton.click()
    np.testing.assert_array_equal(mask_of(parameters), VESSEL)
    assert parameters.aif == "roi"
    (text,) = texts(section)
    assert text.startswith("1: ")
    peak_s = TIME_S[brightest_frame(parameters)]
    assert text.endswith(f"mM at {peak_s:.0f} s, {VESSEL.sum()} voxels")
    assert drawn(section) == {"baseline frames", "plasma", "frames", "Parker"}
    assert section.comparison.text[2:].startswith("The measured peak is ")
    assert section.reason() == ""
    assert photograph(frame, "QuantDCE-artery", 420).stat().st_size > 5000


def test_rejecting_the_last_candidate_says_what_to_do(section, parameters):
    section.findButton.click()
    (box,) = section.candidates.boxes.values()
    box.click()
    assert parameters.arterySegmentId == ""
    assert section.refusal.text.startswith("⚠ No candidate is accepted")
    assert "accept one" in section.note.text
    box.click()
    np.testing.assert_array_equal(mask_of(parameters), VESSEL)
    assert section.refusal.isHidden()
    parameters.aif = "georgiou"
    assert not box.checked
    assert section.comparedRow.isHidden()


def test_the_arrival_is_dragged_kept_and_found_again(section, parameters):
    section.findButton.click()
    found = section.plot.handleX
    assert found == pytest.approx(30.0, abs=6.0)
    assert not section.automaticButton.enabled
    section.plot._onMoved(41.26)
    assert parameters.arrivalS == "41.3"
    assert section.plot.handleX == 41.3
    assert section.arrivalLabel.text == "Arrival at 41.3 s, given by hand"
    section.automaticButton.click()
    assert parameters.arrivalS == ""
    assert section.plot.handleX == found


def test_another_population_curve_is_compared(section, parameters):
    section.findButton.click()
    assert "Parker" in section.comparison.text
    section.compared.choose("weinmann")
    assert parameters.comparedInput == "weinmann"
    assert "Weinmann" in section.comparison.text
    assert "Weinmann" in drawn(section)


def test_sparse_frames_are_told_in_percent(section, parameters):
    parameters.frameIntervalS = "16"
    section.findButton.click()
    assert "sampled every 16.0 s" in section.warnings.text
    assert "%" in section.warnings.text
    assert "semi-quantitative maps" in section.warnings.text


def test_go_there_moves_the_slices(section, parameters, scene):
    view = scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    section.findButton.click()
    view.SetSliceOffset(500.0)
    (button,) = section.candidates.buttons.values()
    button.click()
    centre = IJK_TO_RAS[2, 2] * np.argwhere(VESSEL)[:, 0].mean()
    assert view.GetSliceOffset() == pytest.approx(centre, abs=0.1)


def test_without_tr_the_signal_is_shown_and_the_reason(section, parameters):
    section.findButton.click()
    parameters.dynamic.RemoveAttribute("MultiVolume.DICOM.RepetitionTime")
    parameters.parameterNode.Modified()
    section.setParameterNode(parameters)
    assert drawn(section) == {"baseline frames", "signal"}
    assert "what is the TR" in section.note.text
    parameters.trMs = "5"
    assert "plasma" in drawn(section)
    assert section.note.isHidden()


def test_a_search_that_cannot_be_says_why(section, parameters):
    parameters.model = "none"
    assert not section.findButton.enabled
    assert section.findButton.toolTip == "The chosen model has no arterial input."
    assert section.plot._chart.y_label == "Signal"
    parameters.model = "tofts"
    parameters.hematocrit = 0.42
    parameters.relaxivity = 4.5
    parameters.dynamic = None
    assert "dynamic series first" in section.findButton.toolTip
    assert section.plot.isHidden()


def test_candidates_that_are_deleted_or_renamed_elsewhere(section, parameters):
    section.findButton.click()
    node = parameters.arteryCandidates
    (segmentId,) = section.candidates.boxes
    node.GetSegmentation().GetSegment(segmentId).SetName("Aorta")
    assert texts(section) == [f"Aorta, {VESSEL.sum()} voxels"]
    node.GetSegmentation().RemoveSegment(segmentId)
    assert texts(section) == []
    assert section.candidates.isHidden()
    section.follow()
    assert section.refusal.text.startswith("⚠ No candidate is accepted")
    slicer.mrmlScene.RemoveNode(node)
    parameters.arteryCandidates = None
    section.findButton.click()
    np.testing.assert_array_equal(mask_of(parameters), VESSEL)


def test_candidates_come_back_with_the_scene(section, parameters, tmp_path):
    section.findButton.click()
    parameters.arrivalS, parameters.comparedInput = "33", "georgiou"
    before = texts(section), [box.checked for box in section.candidates.boxes.values()], section.comparison.text
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    section.setParameterNode(None)
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(path))
    from QuantDCE import QuantDCELogic

    again = QuantDCELogic().getParameterNode()
    follow(section, again)
    after = texts(section), [box.checked for box in section.candidates.boxes.values()], section.comparison.text
    assert after == before
    np.testing.assert_array_equal(mask_of(again), VESSEL)
    (box,) = section.candidates.boxes.values()
    box.click()
    assert again.arterySegmentId == ""
    box.click()
    np.testing.assert_array_equal(mask_of(again), VESSEL)
    assert again.arterySegmentation.GetSegmentation().GetNumberOfSegments() == 1


def test_the_curve_is_computed_again_only_for_what_it_depends_on(section, parameters, monkeypatch):
    section.findButton.click()
    made = []
    real = section._previews.preview
    monkeypatch.setattr(section._previews, "preview", lambda node: made.append(1) or real(node))
    parameters.shownMap, parameters.step = "Ktrans", "look"
    parameters.day = 3.0
    assert not made
    parameters.hematocrit = 0.4
    assert made == [1]


def test_the_tumour_is_no_candidate(section, parameters):
    section.findButton.click()
    assert not (mask_of(parameters) & TUMOUR).any()
