"""Visits aligned in the panel: a transform each, its figures, accepted, corrected, replaced, refused, cancelled."""

import threading

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.registration import Transform, align_rigid
from scene_visits import AXIAL, DATES, MOVED_MM, SHAPE, TUMOUR_AT, add_three, add_visit, lines, look, places_of

CENTRE = places_of(SHAPE, AXIAL)[TUMOUR_AT].reshape(-1, 3).mean(axis=0)


@pytest.fixture
def section(panel, scene, monkeypatch):
    """The section with three visits of which two have moved, and the quick part of the alignment."""
    from HER2ImmunoCommonLib.scene import alignment

    monkeypatch.setattr(alignment, "align", align_rigid)
    add_three(scene)
    return panel.alignment


def placing_of(panel, number):
    from HER2ImmunoCommonLib.scene import placing_of as of

    return of(panel.sceneVisits.found.visits[number])


def figures(section):
    table = section.visit.figures
    return {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount)}


def align(section):
    section.runBar.button.click()
    look()
    return section.runBar.status.text


def given(name="mine", shift=MOVED_MM):
    from HER2ImmunoCommonLib.scene import set_transform

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
    matrix = np.eye(4)
    matrix[:3, 3] = shift
    set_transform(node, Transform.from_matrix(matrix))
    look()
    return node


def test_every_visit_gets_a_transform_that_finds_where_it_lies(panel, section):
    from HER2ImmunoCommonLib.scene import transform_of

    assert "2 visits aligned: look at each below, then accept it." in align(section)
    for number in (1, 2):
        found = transform_of(placing_of(panel, number).node).at(CENTRE[None])[0]
        np.testing.assert_allclose(found, CENTRE + MOVED_MM, atol=1.0)
    assert [row[4] for row in lines(panel)] == ["reference", "to be looked at", "to be looked at"]
    shown = figures(section)
    assert list(shown) == ["Images", "Likeness", "Jacobian", "Overlap", "Tumour volume"]
    assert shown["Images"] == "frame 1, before contrast"
    assert shown["Jacobian"] == "1.00 to 1.00"
    assert shown["Tumour volume"] in ("+0.00%", "-0.00%")
    before, after = (float(shown["Likeness"].split(f"{word} ")[1].split(",")[0]) for word in ("before", "after"))
    assert after > before + 0.3
    section.visit.acceptButton.click()
    look()
    assert lines(panel)[1][4] == "accepted"
    section.visit.acceptButton.click()
    look()
    assert lines(panel)[1][4] == "to be looked at"


def test_a_visit_that_is_refused_has_its_sentence_and_the_others_are_aligned(panel, section, scene):
    far = AXIAL.copy()
    far[2, 3] += 900.0
    add_visit(scene, "far", "2026-03-30", ijk_to_ras=far)
    look()
    said = align(section)
    assert "2 visits aligned" in said
    assert "day_28: The fixed and the moving image do not overlap in the space of the scanner" in said
    assert section.runBar.status.look == "warning"
    assert [row[4] for row in lines(panel)][2:] == ["to be looked at", "not aligned"]


def test_one_tumour_has_one_uid_and_another_is_said(panel, section):
    from HER2ImmunoCommonLib.scene import set_tracking_uid, tumour_of

    _first, second, third = (tumour_of(visit) for visit in panel.sceneVisits.found.visits)
    set_tracking_uid(second.segmentation, second.segment_id, "2.25.8")
    set_tracking_uid(third.segmentation, third.segment_id, "2.25.7")
    said = align(section)
    assert "Tumour of V3 regions: has another tracking UID than the tumour of the reference." in said
    assert [tumour_of(visit).uid for visit in panel.sceneVisits.found.visits] == ["2.25.8", "2.25.8", "2.25.7"]


@pytest.mark.parametrize("at", [0.0, 0.6])
def test_cancelled_at_any_stage_nothing_is_half_made(panel, section, monkeypatch, at):
    import qt
    from HER2ImmunoCommonLib.scene import alignment

    reached, clicked = threading.Event(), threading.Event()

    def waiting(*images, report, **named):
        def watched(fraction, text):
            if fraction >= at and not reached.is_set():
                reached.set()
                assert clicked.wait(5.0)
            report(fraction, text)

        return align_rigid(*images, report=watched, **named)

    def click():
        if reached.is_set():
            timer.stop()
            assert section.runBar.button.text == "Cancel"
            section.runBar.button.click()
            clicked.set()

    timer = qt.QTimer(panel.widget.parent)
    timer.connect("timeout()", click)
    timer.start(5)
    monkeypatch.setattr(alignment, "align", waiting)
    before = slicer.mrmlScene.GetNumberOfNodes()
    assert "Cancelled: nothing was changed." in align(section)
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    assert placing_of(panel, 1) is None
    assert panel.ui.sceneVisitsSection.enabled


def test_a_transform_of_any_tool_takes_the_place_of_ours_and_is_judged(panel, section):
    align(section)
    mine = given()
    box = section.visit.transform
    assert box.itemText(box.findData(mine.GetID())) == "mine"
    box.choose(mine.GetID())
    look()
    assert placing_of(panel, 1).node is mine
    assert slicer.util.getNodesByClass("vtkMRMLTransformNode")[0].GetName() == "day_21 to baseline"
    assert lines(panel)[1][4] == "given"
    assert figures(section) == {}
    assert "press Judge" in section.visit.remarks.text
    section.visit.judgeButton.click()
    look()
    assert figures(section)["Jacobian"] == "1.00 to 1.00"
    box.choose("")
    look()
    assert lines(panel)[1][4] == "not aligned"
    assert mine.GetScene() is slicer.mrmlScene


def test_a_correction_moves_the_visit_and_its_figures_are_of_before(panel, section):
    from HER2ImmunoCommonLib.scene import transform_of

    mine = given(shift=(0.0, 4.0, 0.0))
    section.visit.transform.choose(mine.GetID())
    section.visit.judgeButton.click()
    look()
    likeness = figures(section)["Likeness"]
    section.visit.acceptButton.click()
    section.visit.correction.shifts[0].setValue(-6.0)  # of the visit toward left: as the patient lay 6 mm to the right
    look()
    np.testing.assert_allclose(transform_of(mine).at(CENTRE[None])[0], CENTRE + MOVED_MM, atol=1e-6)
    assert lines(panel)[1][4] == "given, corrected"
    assert "The transform has changed since" in section.visit.remarks.text
    assert figures(section)["Likeness"] == likeness
    section.visit.judgeButton.click()
    look()
    assert float(figures(section)["Likeness"].split("after ")[1]) > float(likeness.split("after ")[1])
    section.visit.correction.removeButton.click()
    look()
    assert lines(panel)[1][4] == "given"
    assert section.visit.correction.shifts[0].value == 0.0


def test_a_transform_that_folds_is_an_error(panel, section):
    from HER2ImmunoCommonLib.geometry import Volume
    from HER2ImmunoCommonLib.scene import set_transform

    places = places_of(SHAPE, AXIAL)
    folding = np.zeros(places.shape)
    folding[..., 0] = 20.0 * np.sin(places[..., 0] / 5.0)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode", "folds")
    set_transform(node, Transform.from_displacement(folding, Volume(np.zeros(SHAPE, np.uint8), AXIAL)))
    look()
    section.visit.transform.choose(node.GetID())
    section.visit.judgeButton.click()
    look()
    assert section.visit.remarks.look == "error"
    assert "The transform folds" in section.visit.remarks.text


def test_a_tumour_that_has_vanished_is_said_and_landmarks_judge(panel, section, scene):
    section.visit.tumour.choose("none")
    for number, shift in ((0, 0.0), (1, 1.0)):
        points = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", f"points {number}")
        points.AddControlPoint((CENTRE + np.array(MOVED_MM) * shift).tolist())
        look()
        panel.sceneVisits.choose(panel.sceneVisits.found.visits[number])
        look()
        section.visit.landmarks.choose(points.GetID())
        look()
    align(section)
    after, before = figures(section)["Landmarks"].split(" mm apart (before ")
    assert float(after) < 1.0
    assert before == f"{np.linalg.norm(MOVED_MM):.1f} mm)"
    assert "No segment is known" not in section.visit.remarks.text


def test_without_another_visit_the_button_says_why(panel, scene):
    add_visit(scene, "V1")
    look()
    assert not panel.alignment.runBar.button.enabled
    assert "There is no other visit to align" in panel.alignment.runBar.button.toolTip


def test_a_transform_that_is_deleted_is_none(panel, section):
    align(section)
    slicer.mrmlScene.RemoveNode(placing_of(panel, 1).node)
    look()
    assert lines(panel)[1][4] == "not aligned"
    assert figures(section) == {}


def test_closing_the_scene_ends_the_work(panel, section, monkeypatch):
    import qt

    qt.QTimer.singleShot(0, lambda: slicer.mrmlScene.Clear())
    align(section)
    assert slicer.util.getNodesByClass("vtkMRMLTransformNode") == []
    assert lines(panel) == []


def test_everything_chosen_comes_back_with_the_scene(panel, section, tmp_path, host):
    from HER2ImmunoCommonLib.scene import save_mrb
    from HER2ImmunoCommonLib.scene.standalone import load_mrb

    align(section)
    section.visit.acceptButton.click()
    section.kind.choose("rigid")
    panel.sceneVisits.choose(panel.sceneVisits.found.visits[2])
    shown = figures(section)
    save_mrb(slicer.mrmlScene, tmp_path / "visits.mrb")
    load_mrb(slicer.mrmlScene, tmp_path / "visits.mrb")
    panel.initializeParameterNode()
    look()
    assert [row[4] for row in lines(panel)] == ["reference", "accepted", "to be looked at"]
    assert panel.parameters.alignKind == "rigid"
    assert panel.sceneVisits.current.name == "day_21"
    assert figures(section) == shown


def test_visits_of_another_patient_are_not_offered(panel, section, scene):
    add_visit(scene, "other", DATES[1], patient="patient-2")
    look()
    assert section.visit.visit.count == 3
    assert "day_7" in [section.visit.visit.itemText(n) for n in range(3)]
