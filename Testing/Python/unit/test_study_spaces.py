"""Visits of a study come into one space, or stay where they are and say why; no number of theirs depends on it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import small_breasts as small
import study_visits as made
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoCommonLib.provenance import plain
from HER2ImmunoCommonLib.registration import AlignSettings, Landmarks, Transform
from HER2ImmunoStudyLib.study.contents import alignment_records, visit_maps, visit_transforms
from HER2ImmunoStudyLib.study.given_spaces import GivenSpace
from HER2ImmunoStudyLib.study.registering import align_visits

RIGID = AlignSettings(kind="rigid")
MOVED = small.motion()
"""From points of week 3 to the anatomy, which is that of baseline."""
TO_WEEK_3 = MOVED.inverse(made.GRID)


@pytest.fixture(scope="module")
def visits():
    return made.visit("baseline", 0.0), made.visit("week_3", 21.0, MOVED, tumour_mm=8.0)


@pytest.fixture(scope="module")
def registered(visits):
    return align_visits(made.study(visits, register={}), visits, made.spaces(visits, RIGID))


def aligned(visits, given):
    """The later visit with what is given of it."""
    return align_visits(made.study(visits), visits, made.spaces(visits, week_3=GivenSpace(given)))[1]


def test_a_visit_is_found_where_it_lies_and_measures_the_same(visits, registered):
    reference, later = registered
    assert reference is visits[0]
    found = later.alignment
    error = small.error_mm(found.transform, MOVED, made.GRID, small.inside(made.GRID))
    assert error.mean() < 0.7
    assert found.source == "registration"
    assert found.provenance.settings["kind"] == "rigid"
    assert found.provenance.inputs["reference"]["frames"] == "mean of frames 1 to 3, before contrast agent"
    assert found.quality.metric_after > found.quality.metric_before + 0.1
    assert later.measurement is visits[1].measurement
    assert later.dce is visits[1].dce
    assert later.warnings == ()


def test_prone_against_supine_is_told(visits):
    turned = [
        replace(one, dce=replace(one.dce, patient_position=way))
        for one, way in zip(visits, ("HFP", "HFS"), strict=True)
    ]
    given = made.spaces(turned, week_3=GivenSpace(TO_WEEK_3))
    assert any("lay prone" in text for text in align_visits(made.study(turned), turned, given)[1].told)


def test_what_is_written_of_it(registered):
    transform, record = visit_transforms(registered[1])["transform"]
    assert transform is registered[1].alignment.transform
    jacobian, _ = visit_maps(registered[1])["jacobian"]
    np.testing.assert_allclose(jacobian.array, 1.0, atol=1e-5)
    assert record.module == "HER2ImmunoModel study"
    first, later = alignment_records(made.result(registered, register={}))
    assert (first["source"], first["metric_after"]) == ("reference", None)
    assert later["source"] == "registration"
    assert later["jacobian_min"] == pytest.approx(1.0)


def test_a_given_transform_is_taken_as_it_is_and_judged(visits):
    marks = np.array([[60.0, 10, 0], [80, -20, 20]])
    given = GivenSpace(TO_WEEK_3, Landmarks(marks, TO_WEEK_3.at(marks)))
    later = align_visits(made.study(visits), visits, made.spaces(visits, week_3=given))[1]
    assert later.alignment.source == "given"
    assert later.alignment.transform is TO_WEEK_3
    assert later.alignment.quality.landmark_error_mm < 1e-6 < later.alignment.quality.landmark_before_mm
    assert later.warnings == ()


def test_the_wrong_way_round_is_told(visits):
    (told,) = aligned(visits, TO_WEEK_3.inverse(made.GRID)).warnings
    assert "agree less" in told
    assert "direction" in told


def folding():
    points = small.positions(made.GRID)
    field = np.zeros_like(points)
    field[..., 0] = -12.0 * np.sin((points[..., 0] - 70.0) / 4.0)
    return Transform.from_displacement(field, made.GRID)


def elsewhere():
    matrix = np.eye(4)
    matrix[:3, 3] = (0.0, 800.0, 0.0)
    return Transform.from_matrix(matrix)


@pytest.mark.parametrize(
    ("given", "words"), [(folding, ["transform folds", "smoother"]), (elsewhere, ["outside", "frame of reference"])]
)
def test_a_given_transform_that_cannot_be_leaves_the_visit_where_it_is(visits, given, words):
    later = aligned(visits, given())
    assert later.alignment is None
    (told,) = later.warnings
    assert told.startswith("The visit is not aligned to baseline, and is shown as it lies: the given transform ")
    assert all(word in told for word in words)
    assert made.result((visits[0], later)).transform_of(later) is None


@pytest.mark.parametrize(
    ("reference_mr", "mr", "away_mm", "words"),
    [
        (True, False, (0, 0, 0), "the visit has no MR images"),
        (False, True, (0, 0, 0), "the reference visit baseline has no MR images"),
        (True, True, (0, 0, 900), "do not overlap"),
        (True, True, (-140, 0, 0), "two breasts"),
    ],
)
def test_what_cannot_be_registered_is_told_in_a_sentence(reference_mr, mr, away_mm, words):
    visits = made.visit("baseline", 0.0, mr=reference_mr), made.visit("week_3", 21.0, mr=mr, away_mm=away_mm)
    later = align_visits(made.study(visits, register={}), visits, made.spaces(visits, RIGID))[1]
    assert later.alignment is None
    (told,) = later.warnings
    assert words in told
    assert told.count(". ") == 0


def test_without_a_wish_nothing_is_aligned_or_told(visits):
    assert align_visits(made.study(visits), visits, made.spaces(visits)) == visits


def test_cancel_is_heard(visits):
    def stop(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        align_visits(made.study(visits, register={}), visits, made.spaces(visits, RIGID), stop)


def test_no_sentence_of_a_record_holds_what_json_cannot(registered):
    records = alignment_records(made.result((*registered, replace(registered[1])), register={}))
    json.dumps(plain(records), allow_nan=False)
