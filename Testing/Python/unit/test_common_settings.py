"""Settings of every stage come back from plain values, and say what cannot be one."""

import json

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.planning import PlanSettings
from PETHypoxiaLib import PetSettings
from QuantDCELib import DceSettings

CHANGED = [
    DceSettings(model="tofts", baseline=(1, 5), t10_s=1.2, whole_volume=True),
    PetSettings(norm="lbm", threshold=1.3, sweep=(1.1, 1.6), overrides={"weight_kg": "70"}),
    PlanSettings(species="mouse", horizon_day=30.0, doses=3),
]


@pytest.mark.parametrize("settings", [type(entry)() for entry in CHANGED] + CHANGED)
def test_settings_survive_json(settings):
    assert type(settings).from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (DceSettings, {"relaxivity": 4.5}, ["DCE", "'relaxivity'", "r1_per_mM_s"]),
        (DceSettings, {"r1_per_mM_s": "high"}, ["r1_per_mM_s", "'high'"]),
        (DceSettings, {"baseline": [1, 2, 3]}, ["baseline", "[1, 2, 3]"]),
        (PetSettings, {"threshold": [1.4]}, ["PET", "threshold"]),
        (PetSettings, {"cutoff": 1.4}, ["'cutoff'", "threshold"]),
        (PlanSettings, {"horizon_day": "soon"}, ["model", "horizon_day", "'soon'"]),
        (PlanSettings, {"doses": 1.5}, ["doses", "1.5"]),
        (PlanSettings, {"seed": True}, ["seed"]),
        (PlanSettings, {"doses": 0}, ["doses", "1 or more"]),
        (PlanSettings, {"model": "gompertz"}, ["gompertz"]),
    ],
)
def test_what_is_no_setting_is_named(kind, values, words):
    with pytest.raises(InputError) as caught:
        kind.from_dict(values)
    for word in words:
        assert word in str(caught.value)
