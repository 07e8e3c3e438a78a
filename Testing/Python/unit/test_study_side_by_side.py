"""The visits side by side: the same tissue at the same place of the picture, one scale, and plain words where not."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import small_breasts as small
import study_visits as made
from HER2ImmunoCommonLib.registration import Landmarks, Transform, judge
from HER2ImmunoStudyLib.study import report_visits
from HER2ImmunoStudyLib.study.given_spaces import GivenSpace
from HER2ImmunoStudyLib.study.registering import align_visits
from HER2ImmunoStudyLib.study.report_alignment import alignment_table
from HER2ImmunoStudyLib.study.report_visits import side_by_side

MOVED = small.motion((9.0, -7.0, 10.0), (6.0, -4.0, 8.0))
TO_LATER = MOVED.inverse(made.GRID)


@pytest.fixture(scope="module")
def visits():
    shrunk = made.visit("week_3", 21.0, MOVED, tumour_mm=7.0)
    return made.visit("baseline", 0.0), shrunk, made.visit("week_6", 42.0, MOVED, tumour_mm=9.0)


@pytest.fixture(scope="module")
def aligned(visits):
    """Week 3 in the space of baseline; of week 6 nothing is known."""
    marks = Landmarks(np.array([[60.0, 10.0, 0.0]]), TO_LATER.at(np.array([[60.0, 10.0, 0.0]])))
    given = made.spaces(visits, week_3=GivenSpace(TO_LATER, marks))
    return made.result(align_visits(made.study(visits), visits, given))


def middle(mask):
    return np.argwhere(mask[0]).mean(axis=0)


def panes(result):
    return report_visits._panes(result, result.visits, "Ktrans")


def test_the_tumour_of_an_aligned_visit_lies_where_it_lay_at_the_reference(aligned):
    first, later, unknown = panes(aligned)
    assert first.anatomy.array.shape == later.anatomy.array.shape
    assert np.linalg.norm(middle(later.outline) - middle(first.outline)) < 0.7
    np.testing.assert_array_equal(later.before, first.outline)
    assert 0 < later.outline.sum() < first.outline.sum()
    np.testing.assert_array_equal(np.isfinite(later.values), later.outline)
    assert np.corrcoef(first.anatomy.array.ravel(), later.anatomy.array.ravel())[0, 1] > 0.8
    assert unknown.before is None


def test_the_reference_is_shown_on_its_own_voxels(aligned, visits):
    (first, *_), dce = panes(aligned), visits[0].dce
    corner = np.linalg.solve(dce.anatomy.ijk_to_ras, first.anatomy.ijk_to_ras[:, 3])[:3]
    i, j, k = np.rint(corner).astype(int)
    _, rows, columns = first.anatomy.array.shape
    np.testing.assert_array_equal(first.anatomy.array[0], dce.anatomy.array[k, j : j + rows, i : i + columns])


def test_without_alignment_each_is_shown_on_its_own_at_one_scale(visits):
    result = made.result(visits)
    sizes = {pane.anatomy.array.shape for pane in panes(result)}
    assert len(sizes) == 1
    assert all(pane.outline.any() and pane.before is None for pane in panes(result))
    page = "".join(side_by_side(result))
    assert "The visits are not aligned to each other: each is shown as it lies" in page
    assert "<table" not in page


def test_the_page_has_a_column_a_visit_and_one_legend(aligned):
    page = "".join(side_by_side(aligned))
    assert page.count("<figure") == 3 + 1
    assert page.count('class="bar"') == 1
    assert page.count("data:image/png") == 6
    assert "Week 6 (day 42): " in page
    assert page.count("not aligned, in its own plane") == 1
    assert "slice " in page
    assert not re.search(r'src="(?!data:)', page)


def test_a_visit_without_mr_or_alone_is_not_beside_others(visits):
    alone = replace(visits[1], dce=None)
    assert side_by_side(made.result((visits[0], alone))) == []
    assert (
        len(re.findall("<figure", "".join(side_by_side(made.result((*visits[:2], replace(visits[2], dce=None))))))) == 3
    )


def cells(result):
    table = next(part for part in alignment_table(result) if part.startswith("<table"))
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)[1:]]
    return {label: values for label, *values in rows}


def test_the_figures_are_those_of_the_alignment(aligned, visits):
    found = cells(aligned)
    quality = judge(TO_LATER, visits[0].dce.before_contrast, visits[1].dce.before_contrast)
    assert found["Aligned by"] == ["reference", "given transform", "not aligned"]
    assert found["Smallest and largest Jacobian"] == ["–", "1.00 and 1.00", "–"]
    assert found["Tumour volume changed by the alignment"][1] == "0.00 %"
    before, after = found["Landmarks apart, before and after"][1].removesuffix(" mm").split(" and ")
    assert float(before) > 10 > float(after) == 0.0
    after = found["Likeness of the images, after"][1]
    assert float(after) == pytest.approx(quality.metric_after, abs=0.05)
    assert float(after) > float(found["Likeness of the images, before"][1])


def test_a_transform_that_leads_beyond_the_picture_leaves_it_dark(visits):
    """A visit whose plane lies outside its images has no pixel to show, and no error."""
    plane = visits[0].dce.anatomy.like(visits[0].dce.anatomy.array)
    away = np.eye(4)
    away[:3, 3] = (0.0, 0.0, 5000.0)
    pane = report_visits._seen(visits[1].dce, "Ktrans", plane, Transform.from_matrix(away), visits[0].dce.tumour)
    assert not pane.outline.any()
    assert np.isnan(pane.anatomy.array).all()
    picture = report_visits._picture(pane, pane.values, report_visits.OVERLAYS["Ktrans"])
    assert picture.shape[2] == 3
