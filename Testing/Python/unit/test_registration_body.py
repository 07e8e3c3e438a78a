"""The body is found in noise, beside what is beyond the edge of an image, and where the air was taken away."""

from __future__ import annotations

import numpy as np
import pytest
import small_breasts as small
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.registration.body import find_body
from HER2ImmunoCommonLib.registration.resampling import resample
from HER2ImmunoCommonLib.registration.transform import Transform

WHERE = small.grid(extent_mm=(150.0, 170.0, 150.0))
INSIDE = small.inside(WHERE)


def is_found(volume: Volume) -> bool:
    """Whether nearly all of the body, and nothing 9 mm beside it, is taken for it."""
    mask = resample(find_body(volume, "fixed").mask, volume, Transform.identity(), nearest=True).array != 0
    seen, inside, near = volume.array > 0, small.inside(volume), small.inside(volume, grown_mm=9.0)
    return mask[inside & seen].mean() > 0.97 and (mask & ~near).sum() < 0.02 * inside.sum()


def visit(noise: float = 2.0, dark: float = 1.0) -> Volume:
    """A breast whose air is noise alone, or whose tissue is darker beside it."""
    return small.visit(WHERE, noise=noise / dark)


@pytest.mark.parametrize("dark", [1.0, 0.4])
def test_the_body_is_found_in_noise(dark):
    assert is_found(visit(dark=dark))


@pytest.mark.parametrize("spacing_mm", [(4.0, 4.0, 5.0), (6.0, 6.0, 8.0)])
@pytest.mark.parametrize("noise", [0.5, 5.0])
def test_noise_that_nothing_evens_out_is_no_class_of_its_own(spacing_mm, noise):
    coarse = small.grid(spacing_mm)
    inside, near = small.inside(coarse), small.inside(coarse, grown_mm=14.0)
    mask = find_body(small.visit(coarse, noise=noise), "fixed").mask.array
    assert mask[inside].mean() > 0.97
    assert (mask & ~near).sum() < 0.02 * inside.sum()


def test_what_is_beyond_the_edge_of_an_image_is_not_taken_for_its_air():
    rim = visit()
    rim.array[:, :, :9] = 0.0
    rim.array[:9] = 0.0
    assert is_found(rim)
    turned = small.grid((3.0, 3.0, 3.0), extent_mm=(230.0, 230.0, 230.0))
    matrix = turned.ijk_to_ras.copy()
    matrix[:3, :3] = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]) @ matrix[:3, :3]
    matrix[:3, 3] = small.CENTRE_RAS_MM - matrix[:3, :3] @ (np.array(turned.array.shape[::-1]) - 1) / 2
    seen = resample(visit(), Volume(turned.array, matrix), Transform.identity())
    assert is_found(seen.like(np.nan_to_num(seen.array)))


def test_air_that_was_taken_away_leaves_the_body():
    clean = visit(noise=0.0)
    assert is_found(clean.like(np.where(INSIDE, clean.array, 0.0).astype(np.float32)))
    noisy = visit()
    assert is_found(noisy.like(np.where(INSIDE, noisy.array, 0.0).astype(np.float32)))


def test_lengths_shrink_with_an_animal_alone():
    tiny = small.grid((0.25, 0.25, 1.0), scale=0.12)
    assert find_body(visit(), "fixed").scale == pytest.approx(1.0, abs=0.1)
    assert find_body(small.visit(tiny, scale=0.12), "fixed").scale == pytest.approx(0.12, rel=0.3)


def test_an_image_without_a_body_is_refused():
    with pytest.raises(InputError, match=r"moving image is the same everywhere"):
        find_body(WHERE, "moving")
    speck = np.zeros(WHERE.array.shape, np.float32)
    speck[20, 20, 20] = 100.0
    with pytest.raises(InputError, match="Hardly any body"):
        find_body(WHERE.like(speck), "fixed")
