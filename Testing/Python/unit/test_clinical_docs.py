"""The page of drugs, regimens and limits: its tables are those of the library, its worked example works."""

import re
import runpy
from pathlib import Path

import pytest
from HER2ImmunoModelLib.drugs import library
from HER2ImmunoModelLib.drugs.exposures import exposure_of
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose, resolve

DOCS = Path(__file__).parents[3] / "Docs"


def page():
    return (DOCS / "Clinical.md").read_text(encoding="utf-8")


def test_its_tables_are_those_of_the_library():
    script = runpy.run_path(str(DOCS / "clinical_tables.py"))
    assert script["with_tables"](page()) == page(), "run python Docs/clinical_tables.py"


def test_the_worked_example_of_adding_a_drug(monkeypatch):
    """Known by its name, dosed for a patient, and with the area that its clearance gives."""
    code = re.search(r"```python\n(.*?)```", page(), re.DOTALL).group(1)
    space: dict = {}
    exec(code, space)
    monkeypatch.setattr(library, "DRUGS", (*library.DRUGS, space["NEW"]))
    drug = library.find_drug("Margetuximab")
    (dose,) = resolve([ClinicalDose("margetuximab", 0.0, 15.0, "mg/kg")], Patient(weight_kg=60.0))
    assert dose.mg == pytest.approx(900.0)
    patient = Patient(weight_kg=60.0)
    found = exposure_of(drug, [(21.0 * number, dose.mg) for number in range(20)], patient)
    assert found.doses[-1].auc == pytest.approx(900.0 / 0.23, rel=1e-3)
    assert found.doses[0].peak == pytest.approx(900.0 / 3.1, rel=0.02)
