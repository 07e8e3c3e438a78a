"""The hypoxic fraction at every threshold, before anything is measured: the same as the fraction at each."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.geometry import Volume
from PETHypoxiaLib.analysis.sweep_chart import preview_chart
from PETHypoxiaLib.hypoxia.preview import preview


@pytest.fixture
def shown():
    """A tumour of 60 voxels, two of which have no value, with ratios on and between the thresholds."""
    uptake = np.random.default_rng(3).uniform(0.4, 3.2, (5, 6, 7)).astype(np.float32)
    uptake[2, 2, 2], uptake[2, 2, 3], uptake[2, 3, 2] = np.nan, np.inf, 1.4
    tumour = np.zeros(uptake.shape, bool)
    tumour[1:4, 1:5, 1:6] = True
    return preview(Volume(uptake, np.diag([4.0, 4.0, 4.0, 1.0])), tumour, 1.0)


def test_the_curve_has_the_fraction_of_each_threshold(shown):
    thresholds = np.array([0.1, 0.5, 1.2, 1.4, 1.4 + 1e-6, 2.0, 3.2, 9.0])
    alone = [shown.hypoxic(threshold)[1].fraction for threshold in thresholds]
    np.testing.assert_array_equal(shown.fractions(thresholds), alone)
    assert shown.fractions(np.array([0.1]))[0] == pytest.approx(58 / 60)  # two voxels have no ratio
    assert shown.fractions(np.array([9.0]))[0] == 0.0


def test_the_highest_ratio_is_that_of_the_tumour(shown):
    finite = shown.ratio[np.isfinite(shown.ratio)]
    assert shown.highest == finite.max()


@pytest.mark.parametrize("chosen", [0.6, 1.4, 4.9])
def test_the_chosen_threshold_and_all_ratios_lie_in_the_chart(shown, chosen):
    chart = preview_chart("TMR", shown, chosen)
    low, high = chart.x_range
    assert low <= min(0.5, chosen)
    assert high >= max(chosen, shown.highest, 2.0)
    (line,) = chart.items
    assert (line.x[0], line.x[-1]) == (low, high)
    assert (np.diff(line.y) <= 0).all()
    assert chart.x_label == "TMR threshold"


def test_a_tumour_without_any_value_has_a_chart_of_zeros():
    nothing = preview(Volume(np.full((2, 2, 2), np.nan), np.eye(4)), np.ones((2, 2, 2), bool), 1.0)
    chart = preview_chart("TBR", nothing, 1.2)
    assert chart.x_range == (0.5, 2.0)
    assert not chart.items[0].y.any()
