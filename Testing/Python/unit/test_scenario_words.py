"""Scenarios side by side: every number is that of the draws, and the headline says no more than they tell."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.chart_spec import BLUE, GREEN, ORANGE, Band, Line
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration.result import bands_of
from HER2ImmunoModelLib.findings import scenarios
from HER2ImmunoModelLib.findings.scenarios import Expected
from HER2ImmunoModelLib.planning.outlook import Outlook

MODEL = models.get("tivnh_treated", "human")
DAYS = np.arange(3.0)


def expected(name, colour, volume, reached=None):
    volume = np.asarray(volume, float)
    kept = np.isfinite(volume)
    states = {state.name: np.full((kept.sum(), 3), 0.5) for state in MODEL.states}
    states["T"] = np.stack([np.full(kept.sum(), 4.0), volume[kept] + 1.0, volume[kept]], axis=1)
    drawn = {name: np.full(kept.sum(), value) for name, value in MODEL.defaults().items()}
    bands = bands_of(MODEL, DAYS, states, drawn, int((~kept).sum()))
    return Expected(name, colour, Outlook(bands, volume, None if reached is None else np.asarray(reached)))


def test_the_share_of_draws_in_which_each_is_best():
    rows = scenarios.cells(
        [
            expected("A", BLUE, [1.0, 1.0, 5.0, 1.0], reached=[0.2, 0.3, 0.4, np.nan]),
            expected("B", ORANGE, [2.0, 2.0, 1.0, 1.0]),
            expected("C", GREEN, [9.0, 9.0, 9.0, np.nan]),
        ]
    )
    assert [row[2] for row in rows] == ["67 %", "33 %", "0 %"], "the draw that failed under one counts for none"
    assert [row[3] for row in rows] == ["30 %", "–", "–"]
    assert rows[1][1] == "1.5 (1.0 to 2.0)"


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (
            [2.0] * 10,
            "Smallest tumour on day 2: A, 1.0 (1.0 to 1.0) cm³ (median and 90 % interval); smaller than under ",
        ),
        (
            [0.9] * 3 + [2.0] * 7,
            "The data do not tell A and B apart: the tumour on day 2 is smaller under A in 70 % of ",
        ),
        ([1.0] * 10, "A and B give the same tumour on day 2."),
    ],
)
def test_the_headline_says_what_the_draws_tell(second, said):
    assert scenarios.headline([expected("A", BLUE, [1.0] * 10), expected("B", ORANGE, second)]).startswith(said)


def test_one_scenario_is_not_compared():
    assert scenarios.headline([expected("A", BLUE, [1.0, 2.0])]) == ""


@pytest.mark.parametrize("quantity", scenarios.quantities(MODEL))
def test_a_chart_has_a_median_of_each_and_the_band_of_one(quantity):
    both = [expected("A", BLUE, [1.0, 2.0]), expected("B", ORANGE, [2.0, 3.0])]
    chart = scenarios.chart(both, MODEL, quantity, banded=ORANGE)
    assert [item.label for item in chart.items if isinstance(item, Line)] == ["A", "B"]
    (band,) = [item for item in chart.items if isinstance(item, Band)]
    assert band.colour == ORANGE
    assert "B" in chart.caption
    assert chart.y_label.endswith(("(cm³)", "(share)")) or not MODEL.states[MODEL.index(quantity)].unit
