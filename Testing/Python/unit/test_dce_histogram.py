"""Histogram of a map: no voxel is lost, the edges are round, and one far out does not flatten the rest."""

import numpy as np
import pytest
from QuantDCELib.analysis.histogram import histogram
from QuantDCELib.analysis.measures import vascular_fraction
from QuantDCELib.voxels.status import Status


@pytest.mark.parametrize("scale", [1e-4, 0.03, 1.0, 70.0, 4e5])
def test_every_voxel_is_in_a_bar_or_beyond_the_ends(scale):
    values = scale * np.random.default_rng(1).gamma(3.0, 1.0, 5000).astype(np.float32)
    values[:7] = np.nan
    found = histogram(values)
    assert found.n == 4993
    assert found.counts.sum() + found.n_outside == 4993
    assert found.n_outside <= 0.011 * 4993
    assert 15 <= found.counts.size <= 45
    for low, high, count in zip(found.edges[:-2], found.edges[1:-1], found.counts, strict=False):
        assert count == ((values >= low) & (values < high)).sum()


def test_edges_are_round_numbers():
    values = np.linspace(0.02, 0.58, 400)
    edges = histogram(values).edges
    assert edges[0] == 0.0
    assert all(float(f"{edge:.2f}") == edge for edge in edges)


def test_one_voxel_far_out_does_not_flatten_the_rest():
    values = np.append(np.linspace(0.1, 0.3, 2000), 5.0)
    found = histogram(values)
    assert found.edges[-1] < 0.5
    assert found.n_outside >= 1
    assert (found.counts > 0).sum() > 10


def test_a_threshold_lies_between_the_ends():
    values = np.linspace(0.2, 0.3, 100)
    for cut in (0.01, 0.25, 0.9):
        edges = histogram(values, (cut,)).edges
        assert edges[0] <= cut <= edges[-1]


@pytest.mark.parametrize("value", [0.0, 0.4, -3.0])
def test_voxels_that_are_all_alike_are_in_one_bar(value):
    found = histogram(np.full(12, value))
    assert found.counts.max() == 12
    assert found.n_outside == 0


def test_without_values_there_is_none():
    assert histogram(np.full(3, np.nan)) is None
    assert histogram(np.empty(0)) is None


def test_the_vascular_fraction_is_of_the_fitted_voxels_from_the_cut_on():
    ktrans = np.array([0.05, 0.049, 0.2, np.nan, 0.0], np.float32)
    status = np.array([Status.OK, Status.OK, Status.AT_BOUND, Status.NO_SIGNAL, Status.NO_UPTAKE])
    assert vascular_fraction(ktrans, status, 0.05) == 0.5
    assert vascular_fraction(ktrans, status, 0.0) == 1.0
    assert np.isnan(vascular_fraction(ktrans[3:4], status[3:4], 0.05))
