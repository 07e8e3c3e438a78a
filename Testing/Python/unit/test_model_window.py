"""Delivery and oxygenation are the factors that the right-hand side multiplies the cytotoxic kill by."""

import numpy as np
import pytest
from HER2ImmunoModelLib import models, simulate
from HER2ImmunoModelLib.models import has_window, treatment_window
from HER2ImmunoModelLib.treatments import Dose, Schedule

MODEL = models.get("tivnh_treated", "human")


def test_only_models_with_vessels_and_hypoxia_have_a_window():
    assert has_window(MODEL)
    assert not any(has_window(models.get(name, "human")) for name in models.names() if name != MODEL.name)


@pytest.mark.parametrize("amount", [0.2, 1.0, 3.0])
def test_it_is_what_the_model_multiplies_the_kill_by(amount):
    rng = np.random.default_rng(3)
    y = np.array([rng.uniform(*ends, 40) for ends in ((0.5, 9), (0, 1), (0.01, 1), (0, 1), (0, 1))])
    p = MODEL.defaults() | {"v50": rng.uniform(0.02, 0.5, 40), "eta": rng.uniform(0, 1, 40)}
    none = dict.fromkeys(("trastuzumab", "cytotoxic", "checkpoint_inhibitor"), 0.0)
    without, treated = np.empty_like(y), np.empty_like(y)
    MODEL.rhs(y, p, none, without)
    MODEL.rhs(y, p, none | {"cytotoxic": np.full(40, amount)}, treated)
    killed = (without[0] - treated[0]) / y[0]
    full = p["k_P"] * amount / (p["C50_P"] + amount)
    found = treatment_window(p, {"V": y[2][:, None], "H": y[4][:, None]})
    np.testing.assert_allclose(found["reached"][:, 0], killed / full, rtol=1e-9)
    np.testing.assert_allclose(found["reached"], found["delivery"] * found["oxygenation"])


def test_trastuzumab_widens_it_and_failed_samples_stay_unknown():
    days = np.arange(0.0, 22.0)
    drawn = {"n_A": np.array([0.85, 0.85, 0.0])}
    given = Schedule((Dose("trastuzumab", 1.0, 1.0), Dose("trastuzumab", 8.0, 1.0)))
    p = {name: np.full(3, MODEL.parameter(name).default) for name in ("v50", "eta")}
    with_it, without = (
        treatment_window(p, simulate(MODEL, drawn, days, schedule=schedule).states) for schedule in (given, None)
    )
    assert (with_it["delivery"][:2, -1] > without["delivery"][:2, -1]).all()
    assert np.isnan(treatment_window(p, {"V": np.full((3, 2), np.nan), "H": np.zeros((3, 2))})["reached"]).all()
