"""Words in pictures: every sign is its own, lines lie where they are asked for, and edges cut them."""

from __future__ import annotations

import numpy as np
import pytest
from HER2ImmunoCommonLib.lettering import SIGNS, descent, lettering, write


def test_every_sign_looks_different():
    drawn = {sign: lettering(sign, 14.0) for sign in [*SIGNS, "~"]}
    for first, a in drawn.items():
        assert a.max() > 0.9
        assert [other for other, b in drawn.items() if a.shape == b.shape and np.allclose(a, b, atol=0.2)] == [first]


def test_capitals_stand_on_the_line_and_have_the_height_asked_for():
    for capital in (9.0, 14.0, 28.0):
        rows = np.flatnonzero(lettering("HEX", capital).max(axis=1) > 0.5)
        assert rows[-1] - rows[0] + 1 == pytest.approx(capital * 8.05 / 7, abs=1.5)
        under = np.flatnonzero(lettering("gp", capital).max(axis=1) > 0.5)
        assert under[-1] > rows[-1] + capital / 7


def test_a_line_is_as_long_as_its_signs():
    both, one, other = (lettering(text, 14.0).shape[1] for text in ("Jacobian 1.25", "Jacobian", " 1.25"))
    assert both == pytest.approx(one + other, abs=4)


def test_text_is_put_left_right_or_in_the_middle():
    for align, low, high in (("left", 100, 160), ("middle", 70, 130), ("right", 40, 100)):
        picture = np.zeros((60, 200, 3), np.uint8)
        write(picture, "HHH", 40, 100, 12.0, align=align)
        columns = np.flatnonzero(picture.any(axis=(0, 2)))
        assert low <= columns[0] <= columns[-1] <= high


def test_what_lies_beyond_the_picture_is_cut():
    for row, column in ((2, -10), (200, 5), (-50, 5), (30, 190), (30, 500), (30, -500)):
        for shadow in (False, True):
            picture = np.full((50, 200, 3), 90, np.uint8)
            write(picture, "words", row, column, 20.0, shadow=shadow)
            assert picture.shape == (50, 200, 3)


def test_a_shadow_parts_letters_from_a_bright_picture():
    picture = np.full((60, 60, 3), 255, np.uint8)
    write(picture, "O", 40, 20, 20.0, shadow=True)
    assert picture.min() < 80
    assert (picture.max(axis=(0, 1)) == 255).all()
    assert descent(20.0) == 8
