"""Scenarios in the scene: kept, shown, edited, removed, saved; and what a live forecast of them is made from."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from model_reports import subject, work

PLANNED = ("trastuzumab,60,6,mg/kg", "docetaxel,61,75,mg/m2")


@pytest.fixture
def parameters(scene):
    return subject(scene, draws=30)


@pytest.fixture
def module(parameters):
    from HER2ImmunoModelLib.scene import scenarios

    return scenarios


@pytest.fixture
def planned(parameters):
    """The subject with two doses planned after the last visit, and none besides."""
    from HER2ImmunoModelLib.scene.treatment_tables import append_doses, change_rows
    from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose

    change_rows(parameters.treatments, removed=[2])
    rows = [row.split(",") for row in PLANNED]
    append_doses(parameters.treatments, [ClinicalDose(d, float(day), float(size), unit) for d, day, size, unit in rows])
    return parameters


def said(doses):
    return [f"{dose.drug},{dose.day:g},{dose.size:g},{dose.unit}" for dose in doses]


def test_planned_doses_are_kept_edited_and_shown_again(scene, planned, module):
    place = module.add_scenario(scene, planned, "First", module.planned_doses(planned))
    module.show_scenario(scene, planned, place)
    node = planned.treatments
    given = node.GetNumberOfRows() - len(module.planned_doses(planned))
    other = module.add_scenario(scene, planned, "Nothing", [])
    module.show_scenario(scene, planned, other)
    assert node.GetNumberOfRows() == given, "what was given stays"
    assert module.planned_doses(planned) == ()
    from HER2ImmunoModelLib.scene.treatment_tables import append_doses
    from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose

    append_doses(node, [ClinicalDose("paclitaxel", 70.0, 80.0, "mg/m2")])
    module.keep_edits(planned)
    module.show_scenario(scene, planned, place)
    assert said(module.planned_doses(planned)) == list(PLANNED)
    assert {each.name: said(each.doses) for each in module.scenarios_of(planned)} == {
        "First": list(PLANNED),
        "Nothing": ["paclitaxel,70,80,mg/m2"],
    }


def test_there_are_five_at_most_and_a_place_that_is_left_is_taken(scene, planned, module):
    for number in range(5):
        assert module.add_scenario(scene, planned, f"S{number}", []) == number + 1
    with pytest.raises(InputError, match="5 scenarios already; remove one"):
        module.add_scenario(scene, planned, "One more", [])
    module.remove_scenario(scene, planned, 2)
    assert module.add_scenario(scene, planned, "Instead", []) == 2


def test_a_table_without_place_for_a_dose_is_left_as_it_is(scene, planned, module):
    from HER2ImmunoCommonLib.scene import read_cells, write_cells

    place = module.add_scenario(scene, planned, "In m2", module.planned_doses(planned))
    cells = (["drug", "day", "dose_mg"], [["trastuzumab", "1", "400"]])
    write_cells(*cells, planned.treatments)
    with pytest.raises(InputError, match="in mg for every row"):
        module.show_scenario(scene, planned, place)
    assert read_cells(planned.treatments) == cells
    assert module.shown_place(planned) is None


def test_without_a_visit_nothing_is_planned(scene, parameters, module):
    parameters.measurements = None
    with pytest.raises(InputError, match="Choose the measurement table"):
        module.add_scenario(scene, parameters, "A", [])


def test_tables_of_scenarios_are_not_offered_as_treatments(scene, planned, module):
    from HER2ImmunoModelLib.scene.given import is_treatment_table

    place = module.add_scenario(scene, planned, "A", module.planned_doses(planned))
    node = next(n for n in scene.GetNodes() if n.GetAttribute("HER2ImmunoModel.Scenario") == str(place))
    assert is_treatment_table(planned.treatments)
    assert not is_treatment_table(node)


def test_they_survive_the_scene_file(scene, planned, module, tmp_path):
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb

    module.add_scenario(scene, planned, "Early", module.planned_doses(planned))
    module.add_scenario(scene, planned, "Nothing", [])
    before, path = module.scenarios_of(planned), save_mrb(scene, tmp_path / "scene.mrb")
    scene.Clear(0)
    load_mrb(scene, path)
    nodes = [scene.GetNthNodeByClass(n, "vtkMRMLScriptedModuleNode") for n in range(3)]
    planned.parameterNode = next(n for n in nodes if n is not None and n.GetNodeReference("measurements"))
    planned.measurements = planned.parameterNode.GetNodeReference("measurements")
    assert module.scenarios_of(planned) == before


def test_planned_doses_change_no_calibration_and_what_is_followed_is_the_engine_s(scene, planned, module):
    from HER2ImmunoModelLib.scene.results import read_calibration_node
    from HER2ImmunoModelLib.scene.what_if import NOT_CALIBRATED, OUT_OF_DATE, live_inputs

    plan = module.planned_doses(planned)
    with pytest.raises(InputError, match=NOT_CALIBRATED):
        live_inputs(planned, [plan])
    work(scene, planned, "")
    module.show_scenario(scene, planned, module.add_scenario(scene, planned, "Nothing", []))
    found = live_inputs(planned, [plan, ()])
    calibration = read_calibration_node(planned.parameterNode)
    assert all(dose.day <= calibration.last_day for dose in calibration.schedule.doses)
    outlooks = found.outlooks()
    assert outlooks.horizon_day == found.span[1] >= plan[-1].day + 21
    assert not np.allclose(outlooks.under(found.plans[0]).volume_cm3, outlooks.under(found.plans[1]).volume_cm3)
    planned.species = "mouse"
    with pytest.raises(InputError):
        live_inputs(planned, [plan])
    planned.species, planned.seed = "human", 77
    with pytest.raises(InputError, match=OUT_OF_DATE):
        live_inputs(planned, [plan])


def test_the_report_has_them_side_by_side(scene, planned, module):
    from HER2ImmunoModelLib.scene.report import gather_report

    module.add_scenario(scene, planned, "As planned", module.planned_doses(planned))
    module.add_scenario(scene, planned, "Nothing more", [])
    work(scene, planned, "")
    found = gather_report(planned).make()
    first, second = found.scenarios
    assert (first.name, second.name) == ("As planned", "Nothing more")
    assert first.doses == ("Trastuzumab 6 mg/kg on day 60", "Docetaxel 75 mg/m2 on day 61")
    assert first.at_horizon["median"] < second.at_horizon["median"]
    assert first.reached.endswith("%")
    assert "As planned" in found.said_of_scenarios
    planned.seed = 77
    work(scene, planned, "")
    assert len(gather_report(planned).make().scenarios) == 2
