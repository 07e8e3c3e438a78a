"""Words in pictures: they can be read, lie where they are asked for, and edges cut them."""

from __future__ import annotations

import numpy as np
import pytest
from HER2ImmunoCommonLib.lettering import write


def written(text, capital, *, align="left", column=20, row=60, size=(90, 400)):
    picture = np.zeros((*size, 3), np.uint8)
    write(picture, text, row, column, capital, align=align)
    return picture[..., 0]


def rows_and_columns(picture):
    return [np.flatnonzero(picture.max(axis=axis) > 127) for axis in (1, 0)]


def test_a_point_is_seen_between_digits():
    with_point, without = (written(text, 9.0) for text in ("1.5", "15"))
    assert rows_and_columns(with_point)[1][-1] >= rows_and_columns(without)[1][-1] + 2


@pytest.mark.parametrize("sign", ["µ", "³", "–", "Ä", "°"])
def test_units_and_accents_have_signs(sign):
    assert not np.array_equal(written(sign, 14.0), written("\ue000", 14.0))


@pytest.mark.parametrize("capital", [9.0, 14.0, 28.0])
def test_letters_stand_on_the_line_and_have_the_height_asked_for(capital):
    rows, _ = rows_and_columns(written("HEX", capital))
    assert rows[-1] == 59
    assert len(rows) == pytest.approx(capital, abs=1.5)
    below, _ = rows_and_columns(written("gp", capital))
    assert below[-1] > 59 + capital / 8


def test_text_is_put_left_right_or_in_the_middle():
    for align, low, high in (("left", 100, 145), ("middle", 75, 125), ("right", 55, 100)):
        _, columns = rows_and_columns(written("HHH", 12.0, align=align, column=100))
        assert low <= columns[0] <= columns[-1] <= high


def test_what_lies_beyond_the_picture_is_cut():
    whole = written("words", 20.0, column=100, size=(90, 300))
    for row, column in ((2, -10), (200, 5), (-50, 5), (60, 290), (60, 500), (60, -500)):
        for shadow in (False, True):
            picture = np.full((90, 300, 3), 90, np.uint8)
            write(picture, "words", row, column, 20.0, shadow=shadow)
            assert picture.shape == (90, 300, 3)
    cut = written("words", 20.0, column=-10, size=(90, 300))
    assert np.array_equal(cut[:, :40], whole[:, 110:150])


def test_a_shadow_parts_letters_from_a_bright_picture():
    picture = np.full((60, 60, 3), 255, np.uint8)
    write(picture, "O", 40, 20, 20.0, shadow=True)
    assert picture.min() < 80
    assert (picture.max(axis=(0, 1)) == 255).all()


def test_no_text_draws_nothing():
    assert not written("", 12.0).any()
