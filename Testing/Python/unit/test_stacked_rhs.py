"""A right-hand side for large batches says what the one that is read says."""

from itertools import chain, combinations

import numpy as np
import pytest
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.models.stacked_rhs import StackedRhs

MODELS = [
    models.get(name, species)
    for name in models.names()
    for species in ("mouse", "human")
    if isinstance(models.get(name, species).rhs, StackedRhs)
]
DRUGS = ("trastuzumab", "cytotoxic", "checkpoint_inhibitor")
GIVEN = list(chain.from_iterable(combinations(DRUGS, count) for count in range(4)))
ROWS, STAGES = 7, 3


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_there_are_such_models():
    assert {model.name for model in MODELS} == {"tivnh_treated"}


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: "+".join(given) or "none")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.species)
@pytest.mark.parametrize("shared", [(), ("K", "g", "C50_A", "del"), "all"], ids=["rows", "some shared", "all shared"])
def test_both_ways_give_the_same(model, given, shared, rng):
    values = {
        p.name: p.default * (1.0 if shared == "all" or p.name in shared else rng.uniform(0.5, 1.0, ROWS))
        for p in model.parameters
    }
    y = rng.uniform(0.01, 0.9, (len(model.states), ROWS))
    amounts = [{d: rng.uniform(0.0, 2.0, ROWS) if d in given else 0.0 for d in DRUGS} for _ in range(STAGES)]
    coefficients = model.rhs.coefficients(values)
    coefficients = np.broadcast_to(coefficients, (len(coefficients), ROWS))
    rates = model.rhs.rates(coefficients, amounts)
    for number in range(STAGES):
        expected, found = np.empty_like(y), np.empty_like(y)
        model.rhs(y, values, amounts[number], expected)
        model.rhs.stage(y, coefficients, rates, number, found)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
