"""Candidates for the artery in the scene: found, accepted, rejected, gone; the union of those accepted is the input."""

import numpy as np
import pytest
from dce_arteries import (
    ARTERY,
    OBLIQUE,
    SECOND,
    SHAPE,
    TIMES,
    VEIN,
    accept,
    analysed,
    artery_mask,
    blood,
    examination,
    images,
    move,
    rows,
    search,
)
from HER2ImmunoCommonLib import charts
from HER2ImmunoCommonLib.errors import InputError


@pytest.fixture
def parameters(scene):
    return examination(scene)


@pytest.fixture
def found(scene, parameters):
    """The parameters after a search."""
    search(scene, parameters)
    return parameters


def test_a_search_makes_a_segment_of_each_candidate_and_accepts_the_best(scene, found):
    made = rows(found)
    assert [row.accepted for row in made] == [True] + [False] * (len(made) - 1)
    assert len(made) >= 3
    assert len({row.colour for row in made}) == len(made)
    assert made[0].text.startswith("1: ")
    assert made[0].text.endswith(f"mM at {TIMES[np.argmax(blood(1, 31.0))]:.0f} s, {ARTERY.sum()} voxels")
    assert found.aif == "roi"
    np.testing.assert_array_equal(artery_mask(found), ARTERY)
    display = found.arteryCandidates.GetDisplayNode()
    assert display.GetVisibility()
    assert (display.GetVisibility2DOutline(), display.GetVisibility2DFill()) == (1, 0)


@pytest.mark.parametrize("by_transform", [False, True])
def test_the_first_candidate_alone_is_the_input_found_automatically(scene, parameters, by_transform):
    """Bit for bit, wherever the series lies."""
    if by_transform:
        move(scene, parameters.dynamic)
    parameters.aif = "auto"
    automatic = analysed(scene, parameters)
    search(scene, parameters)
    drawn = analysed(scene, parameters)
    assert parameters.aif == "roi"
    np.testing.assert_array_equal(drawn.artery, automatic.artery)
    np.testing.assert_array_equal(drawn.aif.plasma_mM, automatic.aif.plasma_mM)
    np.testing.assert_array_equal(drawn.baseline, automatic.baseline)
    np.testing.assert_array_equal(drawn.maps["Ktrans"], automatic.maps["Ktrans"])
    assert drawn.arrival_s == automatic.arrival_s


@pytest.mark.parametrize("by_transform", [False, True])
def test_accepted_candidates_are_one_artery(scene, parameters, by_transform):
    if by_transform:
        move(scene, parameters.dynamic)
    search(scene, parameters)
    accept(parameters, 1)
    np.testing.assert_array_equal(artery_mask(parameters), ARTERY | SECOND)
    segment = parameters.arterySegmentId
    accept(parameters, 0, False)
    np.testing.assert_array_equal(artery_mask(parameters), SECOND)
    assert parameters.arterySegmentId == segment
    assert parameters.arterySegmentation.GetSegmentation().GetNumberOfSegments() == 1
    assert [row.accepted for row in rows(parameters)][:2] == [False, True]
    assert rows(parameters)[0].segment_id in parameters.rejectedCandidates.split(",")


def test_without_an_accepted_candidate_there_is_a_reason_and_no_input(scene, found):
    from QuantDCELib.scene.candidates import reason_none_accepted
    from QuantDCELib.scene.input_preview import input_preview

    assert reason_none_accepted(found) == ""
    accept(found, 0, False)
    assert "tick one" in reason_none_accepted(found)
    assert not any(row.accepted for row in rows(found))
    assert input_preview(found).aif is None
    assert "accept one" in input_preview(found).reason
    with pytest.raises(InputError, match="Choose the artery segment"):
        analysed(scene, found)
    accept(found, 2)
    assert reason_none_accepted(found) == ""
    np.testing.assert_array_equal(artery_mask(found), VEIN)


def test_after_another_input_a_tick_means_that_candidate_alone(found):
    found.aif = "parker"
    assert not any(row.accepted for row in rows(found))
    accept(found, 1)
    assert found.aif == "roi"
    np.testing.assert_array_equal(artery_mask(found), SECOND)


def test_an_artery_corrected_by_hand_is_not_drawn_over(scene, found):
    from HER2ImmunoCommonLib.scene import redraw_segment, segment_mask

    artery, earlier = found.arterySegmentation, found.arterySegmentId
    corrected = ARTERY.copy()
    corrected[0] = False
    redraw_segment(artery, earlier, corrected, found.dynamic.GetNthDataNode(0))
    accept(found, 1)
    assert found.arterySegmentation is artery
    assert found.arterySegmentId != earlier
    np.testing.assert_array_equal(segment_mask(artery, earlier, found.dynamic), corrected)
    np.testing.assert_array_equal(artery_mask(found), ARTERY | SECOND)


def test_a_second_search_takes_the_place_of_the_first(scene, found):
    first, artery = found.arteryCandidates, found.arterySegmentation
    accept(found, 1)
    before = scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    search(scene, found)
    assert scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == before
    assert first.GetScene() is None
    assert found.arterySegmentation is artery
    assert [row.accepted for row in rows(found)][:2] == [True, False]
    np.testing.assert_array_equal(artery_mask(found), ARTERY)


def test_candidates_deleted_by_a_person_leave_the_artery(scene, found):
    artery = found.arterySegmentation
    scene.RemoveNode(found.arteryCandidates)
    found.arteryCandidates = None
    assert rows(found) == []
    np.testing.assert_array_equal(artery_mask(found), ARTERY)
    search(scene, found)
    assert found.arterySegmentation is artery
    assert artery.GetSegmentation().GetNumberOfSegments() == 1


def test_a_removed_candidate_leaves_the_union(scene, found):
    from QuantDCELib.scene.candidates import follow_removed

    accept(found, 1)
    found.arteryCandidates.GetSegmentation().RemoveSegment(rows(found)[0].segment_id)
    follow_removed(found)
    np.testing.assert_array_equal(artery_mask(found), SECOND)


def test_the_search_stays_where_a_person_narrowed_it_down_to(scene, parameters):
    from HER2ImmunoCommonLib.scene import add_segment

    place = np.zeros(SHAPE, bool)
    place[:, :8, 9:] = True
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Where")
    parameters.arterySegmentation = node
    parameters.arterySegmentId = add_segment(node, place, "Here", parameters.dynamic.GetNthDataNode(0))
    parameters.aif = "auto"
    for _again in range(2):
        search(scene, parameters)
        np.testing.assert_array_equal(artery_mask(parameters), SECOND)
    # The accepted artery is no place to look in: chosen automatically, everything is looked through again.
    parameters.aif = "auto"
    assert analysed(scene, parameters).artery.sum() == ARTERY.sum()


def test_names_tell_the_concentration_of_the_present_choices(found):
    from QuantDCELib.scene.candidates import name_anew

    ids = [row.segment_id for row in rows(found)]
    names = [row.text for row in rows(found)]
    found.arteryCandidates.GetSegmentation().GetSegment(ids[1]).SetName("The vein of the left arm")
    found.relaxivity = 9.0
    name_anew(found)
    changed = rows(found)
    first, again = (float(text.split(": ")[1].split(" mM")[0]) for text in (names[0], changed[0].text))
    assert again == pytest.approx(first / 2, rel=0.02)
    assert changed[1].text.startswith("The vein of the left arm")


def test_a_candidate_without_a_concentration_hides_no_other(scene, parameters):
    """Inflow: a vessel brighter than the sequence can make it."""
    from QuantDCELib.scene.series_nodes import node_from_dynamic

    bright = images()
    bright.series.array[ARTERY] *= 1.0 + 5.0 * (blood(1.0, 31.0) > 2.0)
    parameters.dynamic = node_from_dynamic(scene, bright, "bright")
    told = search(scene, parameters)
    made = rows(parameters)
    assert "above what the sequence can give" in made[0].doubt
    assert "peak at" in made[0].text
    assert [row.accepted for row in made][:2] == [False, True]
    assert "candidate 2 was accepted" in told


def test_the_slices_go_to_a_candidate_in_the_frame_of_its_peak(scene, found):
    from HER2ImmunoCommonLib.scene import segment_centre
    from QuantDCELib.scene.candidates import go_to
    from QuantDCELib.scene.time_frames import shown_frame

    view = scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    segment_id = rows(found)[1].segment_id
    go_to(found, segment_id)
    centre = segment_centre(found.arteryCandidates, segment_id)
    assert abs(view.GetSliceOffset() - centre[2]) < 0.01
    assert TIMES[shown_frame(found.dynamic)] == TIMES[np.argmax(blood(1, 32.0))]


def test_each_examination_has_its_own_candidates(scene, parameters):
    from QuantDCELib.scene.following import take_series
    from QuantDCELib.scene.series_nodes import node_from_dynamic

    first, second = (node_from_dynamic(scene, images(n, f"1.2.{n}"), f"visit {n}") for n in (1, 2))
    parameters.dynamic = first
    search(scene, parameters)
    accept(parameters, 1)
    own = parameters.arteryCandidates, parameters.rejectedCandidates, parameters.arterySegmentation
    parameters.dynamic = second
    take_series(parameters, first)
    assert (parameters.arteryCandidates, parameters.rejectedCandidates) == (None, "")
    assert parameters.arterySegmentation is None
    parameters.dynamic = first
    take_series(parameters, second)
    assert (parameters.arteryCandidates, parameters.rejectedCandidates, parameters.arterySegmentation) == own
    np.testing.assert_array_equal(artery_mask(parameters), ARTERY | SECOND)


def test_a_model_without_an_input_looks_for_none(parameters):
    from QuantDCELib.scene.artery_search import gather_search, reason_not_searched

    assert reason_not_searched(parameters) == ""
    parameters.model = "none"
    assert "no arterial input" in reason_not_searched(parameters)
    with pytest.raises(InputError, match="no arterial input"):
        gather_search(parameters)


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_candidates_are_seen_as_outlines_in_their_colours(found, view, photograph):
    """Around every candidate of the slice its colour, inside the images; what is accepted is tinted red."""
    from HER2ImmunoCommonLib.scene import fit_slice
    from QuantDCELib.scene.candidates import go_to
    from QuantDCELib.scene.series_nodes import shown_volume

    images = shown_volume(found.dynamic)
    view.layers.SetBackgroundVolumeID(images.GetID())
    fit_slice(view.node, images)
    go_to(found, rows(found)[0].segment_id)
    view.node.SetSliceToRASByNTP(*oblique_plane(view), 0)
    photograph("seen_candidates")
    seen = view.pixels().astype(float) / 255
    for row, mask in zip(rows(found), (ARTERY, SECOND, VEIN), strict=False):
        assert count_like(seen, row.colour) > 12, row.text
        j, i = np.argwhere(mask[1]).mean(axis=0)
        inside = seen[view.pixel_of((OBLIQUE @ (i, j, 1, 1.0))[:3])]
        tinted = inside[0] - inside[2] > 0.1
        assert tinted == row.accepted


def oblique_plane(view):
    """Normal, first direction and a point of the second slice of the series."""
    i, _j, k = (OBLIQUE[:3, axis] / np.linalg.norm(OBLIQUE[:3, axis]) for axis in range(3))
    centre = OBLIQUE @ (8.5, 7.5, 1.0, 1.0)
    return (*k, *i, *centre[:3])


def count_like(seen, colour):
    return int((np.abs(seen - colour).max(axis=-1) < 0.12).sum())


# The input before anything is computed.
