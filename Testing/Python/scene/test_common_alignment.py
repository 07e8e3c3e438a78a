"""Visits placed in the reference: gathered, aligned, judged, corrected, replaced; nothing half-made."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoCommonLib.registration import Alignment, AlignSettings, Quality, Transform
from visit_scene import AXIAL, DATES, OBLIQUE, PATIENT, SHAPE, add_image, add_visit, places_of

QUALITY = Quality(0.41, 0.7, 0.83, "correlation of local contrast", 0.8, 1.2, 0.97, None, None, 0.0004, 2.0)
SHIFT = np.eye(4)
SHIFT[:3, 3] = 3, -2, 4


def bend(grid):
    places = places_of(SHAPE, grid.ijk_to_ras)
    moved = np.zeros(places.shape)
    moved[..., 1] = 3.0 * np.sin(places[..., 0] / 15.0)
    return Transform.from_displacement(moved, grid)


def found_in(scene):
    from HER2ImmunoCommonLib.scene import visits_of

    return visits_of(scene)


@pytest.fixture
def two(scene):
    """A reference and a visit on an oblique grid."""
    return add_visit(scene, "V1"), add_visit(scene, "V2", DATES[1], ijk_to_ras=OBLIQUE)


@pytest.fixture
def asked(monkeypatch):
    """What the registration is asked, answered by a transform that bends; `asked.append` may be replaced by a raise."""
    from HER2ImmunoCommonLib.scene import alignment

    calls = []

    def answer(fixed, moving, *, report=None, **given):
        calls.append((fixed, moving, given))
        report(0.5, "Moving")
        transform = bend(fixed)
        return Alignment(transform, Transform.identity(), QUALITY, fixed, ("A warning.",), given["settings"])

    monkeypatch.setattr(alignment, "align", answer)
    return calls


def align_all(scene, report=lambda fraction, text: None):
    from HER2ImmunoCommonLib.scene import gather_alignment, publish_alignment, reference_of

    found = found_in(scene)
    reference = reference_of(found.visits)
    request = gather_alignment(reference, found.visits, AlignSettings())
    outcome = request.make(report)
    publish_alignment(scene, reference, found.visits, request, outcome)
    return outcome


def test_the_frame_before_contrast_and_the_tumour_are_handed_over_where_they_lie(scene, two, asked):
    align_all(scene)
    ((fixed, moving, given),) = asked
    np.testing.assert_array_equal(fixed.array, two[0].values.astype(np.float32))
    np.testing.assert_array_equal(moving.array, two[1].values.astype(np.float32))
    np.testing.assert_allclose(moving.ijk_to_ras, OBLIQUE)
    np.testing.assert_array_equal(given["tumour_fixed"].array != 0, two[0].mask)
    np.testing.assert_array_equal(given["tumour_moving"].array != 0, two[1].mask)
    assert given["landmarks"] is None


def test_a_visit_gets_a_transform_with_what_is_known_of_it(scene, two, asked):
    from HER2ImmunoCommonLib.scene import FOUND, placing_of, transform_of, tumour_of

    said = []
    align_all(scene, lambda fraction, text: said.append((fraction, text)))
    reference, visit = found_in(scene).visits
    placing = placing_of(visit)
    assert (placing.node.GetName(), placing.state) == ("day_7 to baseline", FOUND)
    assert placing.leads_to(reference)
    assert placing.is_judged
    assert placing.judged.quality == QUALITY
    assert placing.judged.notes == ("A warning.",)
    assert placing.judged.images == "frame 1, before contrast"
    points = places_of((2, 3, 3), AXIAL).reshape(-1, 3)
    np.testing.assert_allclose(transform_of(placing.node).at(points), bend(_grid()).at(points), atol=0.01)
    assert said == [(0.5, "day_7: Moving")]
    assert placing_of(reference) is None
    assert tumour_of(reference).uid == tumour_of(visit).uid != ""


def test_all_of_it_is_in_a_saved_scene(scene, two, asked, tmp_path):
    from HER2ImmunoCommonLib.scene import accept, correct, move, placing_of, save_mrb, transform_of
    from HER2ImmunoCommonLib.scene.standalone import load_mrb

    align_all(scene)
    move(correct(found_in(scene).visits[1], (1.0, 2.0, 3.0)), (1.0, 0.0, 0.0), (0.0, 3.0, 0.0))
    accept(found_in(scene).visits[1])
    points = places_of((4, 5, 5), AXIAL).reshape(-1, 3)
    before = transform_of(placing_of(found_in(scene).visits[1]).node).at(points)
    save_mrb(scene, tmp_path / "scene.mrb")
    load_mrb(scene, tmp_path / "scene.mrb")
    reference, visit = found_in(scene).visits
    placing = placing_of(visit)
    assert (placing.state, placing.leads_to(reference), placing.judged.quality) == ("accepted", True, QUALITY)
    assert not placing.is_judged  # the figures are of the transform without its correction
    np.testing.assert_allclose(transform_of(placing.node).at(points), before, atol=0.01)
    from HER2ImmunoCommonLib.scene import end_correction, motion_of

    np.testing.assert_allclose(motion_of(placing.correction)[0], (1, 0, 0), atol=1e-6)
    end_correction(visit)
    assert placing_of(visit).is_judged


def test_aligned_again_the_new_takes_the_place_of_the_old(scene, two, asked):
    import slicer
    from HER2ImmunoCommonLib.scene import placing_of

    align_all(scene)
    align_all(scene)
    (node,) = slicer.util.getNodesByClass("vtkMRMLTransformNode", scene)
    assert placing_of(found_in(scene).visits[1]).node is node


@pytest.mark.parametrize("error", [Cancelled, MemoryError])
def test_cancelled_or_failed_nothing_is_left(scene, two, monkeypatch, error):
    from HER2ImmunoCommonLib.scene import alignment, placing_of

    def fail(*images, report=None, **given):
        raise error

    monkeypatch.setattr(alignment, "align", fail)
    before = scene.GetNumberOfNodes()
    with pytest.raises(error):
        align_all(scene)
    assert scene.GetNumberOfNodes() == before
    assert placing_of(found_in(scene).visits[1]) is None


def test_a_node_that_cannot_be_made_takes_the_others_along(scene, two, asked, monkeypatch):
    from HER2ImmunoCommonLib.scene import alignment, placing_of

    add_visit(scene, "V3", DATES[2])
    made = []

    def second_fails(node, transform):
        made.append(node)
        if len(made) == 2:
            raise InputError("no room")

    monkeypatch.setattr(alignment, "set_transform", second_fails)
    before = scene.GetNumberOfNodes()
    with pytest.raises(InputError, match="no room"):
        align_all(scene)
    assert scene.GetNumberOfNodes() == before
    assert all(placing_of(visit) is None for visit in found_in(scene).visits)


def test_a_visit_that_is_refused_does_not_stop_the_others(scene, two, asked, monkeypatch):
    from HER2ImmunoCommonLib.scene import alignment, placing_of, refusals

    add_visit(scene, "V3", DATES[2])
    answer = alignment.align

    def some(fixed, moving, **given):
        if np.allclose(moving.ijk_to_ras, OBLIQUE):
            raise InputError("They do not overlap.")
        return answer(fixed, moving, **given)

    monkeypatch.setattr(alignment, "align", some)
    outcome = align_all(scene)
    assert refusals(outcome) == "day_7: They do not overlap."
    assert [placing_of(visit) is not None for visit in found_in(scene).visits] == [False, False, True]


def test_a_visit_without_mr_does_not_stop_the_others(scene, two, asked):
    from HER2ImmunoCommonLib.scene import placing_of, refusals

    add_image(scene, "PET", Examination("9", patient=PATIENT, date=DATES[2]), unit="Bq/mL")
    outcome = align_all(scene)
    assert refusals(outcome) == "day_21 has no MR to be aligned by; load its dynamic series, or leave it out."
    assert list(outcome.aligned) == ["day_7"]
    assert placing_of(found_in(scene).named("day_7")) is not None


def test_visits_of_one_name_are_not_mixed_up(scene, two, asked):
    from HER2ImmunoCommonLib.scene import set_examination

    third = add_visit(scene, "V3", DATES[2])
    for made, date in ((two[1], DATES[1]), (third, DATES[2])):
        for node in (made.dynamic, made.regions):
            set_examination(node, Examination(f"1.2.{date}.{PATIENT}", patient=PATIENT, date=date, visit="C2"))
    with pytest.raises(InputError, match="Several visits are called C2"):
        align_all(scene)
    assert asked == []


def test_all_refused_is_an_error_that_names_each(scene, two, monkeypatch):
    from HER2ImmunoCommonLib.scene import alignment

    def refuse(*images, **given):
        raise InputError("They do not overlap.")

    monkeypatch.setattr(alignment, "align", refuse)
    with pytest.raises(InputError, match=r"day_7: They do not overlap\."):
        align_all(scene)


def test_a_visit_deleted_meanwhile_is_passed_over_and_a_reference_refused(scene, two, asked):
    from HER2ImmunoCommonLib.scene import gather_alignment, publish_alignment, reference_of

    third = add_visit(scene, "V3", DATES[2])
    found = found_in(scene)
    reference = reference_of(found.visits)
    request = gather_alignment(reference, found.visits)
    outcome = request.make(lambda fraction, text: None)
    for node in (third.dynamic, third.regions):
        scene.RemoveNode(node)
    publish_alignment(scene, reference, found.visits, request, outcome)
    scene.RemoveNode(two[0].dynamic)
    with pytest.raises(InputError, match="deleted meanwhile"):
        publish_alignment(scene, reference, found.visits, request, outcome)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("alone", "no other visit to align"),
        ("patient", "of another patient than baseline"),
        ("no mr", "has no MR to be aligned by"),
        ("own transform", "its own transform to the reference"),
        ("bent", "which is not linear"),
    ],
)
def test_what_cannot_be_aligned_is_refused_in_a_sentence(scene, spoil, said):
    import slicer
    from HER2ImmunoCommonLib.scene import gather_alignment, place_visit, set_transform

    first = add_visit(scene, "V1")
    if spoil == "patient":
        add_visit(scene, "V2", DATES[1], patient="patient-2")
    elif spoil == "no mr":
        add_image(scene, "PET", Examination("9", patient=PATIENT, date=DATES[1]), unit="Bq/mL")
    elif spoil != "alone":
        second = add_visit(scene, "V2", DATES[1])
        node = scene.AddNewNodeByClass("vtkMRMLTransformNode", "T")
        set_transform(node, bend(_grid()) if spoil == "bent" else Transform.from_matrix(SHIFT))
        reference, visit = found_in(scene).visits
        if spoil == "own transform":
            place_visit(visit, reference, node)
        browser = slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(second.dynamic)
        browser.GetProxyNode(second.dynamic).SetAndObserveTransformNodeID(node.GetID())
    visits = found_in(scene).visits
    reference = next(visit for visit in visits if visit.dynamic is first.dynamic)
    with pytest.raises(InputError, match=said):
        gather_alignment(reference, visits)


def test_a_tumour_that_cannot_be_used_is_left_out_and_said(scene, asked):
    from HER2ImmunoCommonLib.scene import placing_of

    add_visit(scene, "V1")
    add_visit(scene, "V2", DATES[1], tumour="")
    align_all(scene)
    assert asked[0][2]["tumour_moving"] is None
    assert placing_of(found_in(scene).visits[1]).judged.notes == (
        "No segment is known to be the tumour of day_7, so it is treated as other tissue.",
        "A warning.",
    )


@pytest.mark.parametrize(("positions", "said"), [(("HFP", "FFS"), True), (("HFP", "FFP"), False), (("HFS", ""), False)])
def test_prone_against_supine_is_said(scene, two, asked, monkeypatch, positions, said):
    from HER2ImmunoCommonLib.scene import placing_of, visit_images

    by_node = dict(zip((two[0].dynamic, two[1].dynamic), positions, strict=True))
    monkeypatch.setattr(visit_images, "instance_uids", lambda node: (by_node[node],))
    monkeypatch.setattr(visit_images, "header_values", lambda uid, words: {"PatientPosition": uid} if uid else {})
    align_all(scene)
    notes = placing_of(found_in(scene).visits[1]).judged.notes
    assert (notes[0].startswith("The patient lay prone at baseline and supine at day_7")) == said


def test_where_a_person_said_that_there_is_no_tumour_nothing_is_missing(scene, two, asked):
    from HER2ImmunoCommonLib.scene import choose_tumour, placing_of

    choose_tumour(found_in(scene).visits[1], None)
    align_all(scene)
    assert asked[0][2]["tumour_moving"] is None
    assert placing_of(found_in(scene).visits[1]).judged.notes == ("A warning.",)


def test_a_given_transform_takes_the_place_of_ours_and_goes_again(scene, two, asked):
    from HER2ImmunoCommonLib.scene import GIVEN, correct, place_visit, placing_of

    align_all(scene)
    reference, visit = found_in(scene).visits
    correct(visit, (0, 0, 0))
    mine = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "mine")
    place_visit(visit, reference, mine)
    placing = placing_of(visit)
    assert (placing.node, placing.state, placing.correction, placing.judged) == (mine, GIVEN, None, None)
    assert scene.GetNumberOfNodesByClass("vtkMRMLTransformNode") == 1
    place_visit(visit, reference, None)
    assert placing_of(visit) is None
    assert mine.GetScene() is scene
    scene.RemoveNode(mine)
    place_visit(visit, reference, None)


def test_a_transform_that_is_deleted_is_none(scene, two, asked):
    from HER2ImmunoCommonLib.scene import placing_of

    align_all(scene)
    visit = found_in(scene).visits[1]
    scene.RemoveNode(placing_of(visit).node)
    assert placing_of(visit) is None


def test_another_reference_makes_a_transform_one_of_another(scene, two, asked):
    from HER2ImmunoCommonLib.scene import placing_of, transform_to

    add_visit(scene, "V3", DATES[2])
    align_all(scene)
    first, second, third = found_in(scene).visits
    assert transform_to(third, first) is not None
    assert transform_to(third, second) is None
    assert not placing_of(third).leads_to(second)


def test_a_given_transform_is_judged_with_its_correction_and_landmarks(scene, two, monkeypatch):
    from HER2ImmunoCommonLib.scene import (
        alignment,
        correct,
        gather_judgement,
        keep_judged,
        move,
        place_visit,
        placing_of,
        set_landmarks,
        set_transform,
    )

    asked = []
    monkeypatch.setattr(
        alignment, "judge", lambda transform, *images, **given: asked.append((transform, given)) or QUALITY
    )
    reference, visit = found_in(scene).visits
    for each, shift in ((reference, 0.0), (visit, 3.0)):
        points = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", f"{each.name} points")
        points.AddControlPoint([1.0 + shift, 2.0, 3.0])
        set_landmarks(each, points)
    mine = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "mine")
    set_transform(mine, Transform.from_matrix(SHIFT))
    place_visit(visit, reference, mine)
    move(correct(visit, (0, 0, 0)), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    judged = gather_judgement(reference, visit).make()
    keep_judged(visit, judged)
    ((transform, given),) = asked
    np.testing.assert_allclose(transform.at(np.array([[1.0, 0, 0]])), [SHIFT[:3, 3]])
    assert given["landmarks"].errors_mm(transform) == pytest.approx([np.linalg.norm((1 + 2 - 3 - 1, -2, 4))])
    assert placing_of(visit).is_judged
    move(placing_of(visit).correction, (1.5, 0.0, 0.0), (0.0, 0.0, 0.0))
    assert not placing_of(visit).is_judged


def test_what_is_measured_is_the_same_while_visits_are_compared(scene, two, asked):
    """Neither a linear nor a bent transform of a visit changes where its own region lies in its own images."""
    from HER2ImmunoCommonLib.scene import compare_visits, segment_mask, series_from_node

    def measured():
        mask = segment_mask(two[1].regions, two[1].tumour, two[1].dynamic)
        series = series_from_node(two[1].dynamic)
        return mask, series.array[mask], series.ijk_to_ras

    before = measured()
    align_all(scene)
    reference, visit = found_in(scene).visits
    compare_visits(scene, reference, [reference, visit])
    for was, now in zip(before, measured(), strict=True):
        np.testing.assert_array_equal(was, now)


def _grid():
    return Volume(np.zeros(SHAPE, np.uint8), AXIAL)
