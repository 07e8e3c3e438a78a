"""The page of the tumour model: its tables match the library and its worked example runs."""

import re
import runpy
from pathlib import Path

import numpy as np
from HER2ImmunoModelLib import Dose, Schedule, simulate

DOCS = Path(__file__).parents[3] / "Docs"


def test_parameter_tables_are_those_of_the_library():
    script = runpy.run_path(str(DOCS / "parameter_tables.py"))
    page = script["PAGE"].read_text(encoding="utf-8")
    assert script["with_tables"](page) == page, "run python Docs/parameter_tables.py"


def test_worked_example_of_adding_a_model():
    page = (DOCS / "HER2ImmunoModel.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL).group(1)
    assert len(code.splitlines()) < 60
    space: dict = {}
    exec(code, space)
    (model,) = space["MODELS"]
    day = np.array([0.0, 5.0, 20.0])
    free = simulate(model, {"g": [0.05, 0.1]}, day).states["T"]
    expected = 5.0 * np.exp(np.log(0.2 / 5.0) * np.exp(-np.outer([0.05, 0.1], day)))
    np.testing.assert_allclose(free, expected, rtol=1e-6)
    doses = Schedule((Dose("cytotoxic", 1.0),))
    assert simulate(model, {}, day, schedule=doses).states["T"][0, 1] < 0.9 * free[0, 1]
    without_kill = simulate(model, {"k": 0.0}, day, schedule=doses).states["T"][0]
    np.testing.assert_allclose(without_kill, free[0], rtol=1e-6)
