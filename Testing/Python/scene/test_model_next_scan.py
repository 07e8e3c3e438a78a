"""The next scan out of the scene: doses of the clinic, scenarios, regimens, and results that survive a scene file."""

import json

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import next_scan
from model_reports import subject, work

PLANNED = ("docetaxel,61,75,mg/m2", "trastuzumab,62,6,mg/kg")
KEPT: list[tuple[str, str]] = []
FIELDS = {"nextScanAnswer": "planned", "nextScans": "volume,mri", "nextScanUntil": "60"}


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr("HER2ImmunoModelLib.findings.next_request.DRAWS", 200)


@pytest.fixture
def parameters(scene):
    """A patient, calibrated, with doses in units planned after the last visit."""
    from HER2ImmunoModelLib.scene.treatment_tables import append_doses
    from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose

    found = subject(scene, draws=60, **FIELDS)
    calibrate_once(scene, found)
    rows = [row.split(",") for row in PLANNED]
    append_doses(found.treatments, [ClinicalDose(d, float(day), float(size), unit) for d, day, size, unit in rows])
    return found


def calibrate_once(scene, parameters):
    """Calibrate in the first test; the others are given what came of that."""
    from HER2ImmunoModelLib.scene.publishing import CALIBRATION, KEY_ATTRIBUTE

    if not KEPT:
        work(scene, parameters, "calibrate")
        node = parameters.parameterNode.GetNodeReference(CALIBRATION)
        KEPT.append((node.GetText(), node.GetAttribute(KEY_ATTRIBUTE)))
        return
    node = scene.AddNewNodeByClass("vtkMRMLTextNode")
    node.SetText(KEPT[0][0])
    node.SetAttribute(KEY_ATTRIBUTE, KEPT[0][1])
    parameters.parameterNode.SetNodeReferenceID(CALIBRATION, node.GetID())


def gathered(parameters):
    from HER2ImmunoModelLib.scene import with_known_calibration
    from HER2ImmunoModelLib.scene.next_scan import gather_next_scan

    return with_known_calibration(gather_next_scan(parameters), parameters.parameterNode)


def test_planned_doses_in_units_are_followed_as_on_the_time_line(parameters):
    request = gathered(parameters)
    live = request.live
    made = request.make()
    engine = next_scan(
        live.taken(),
        schedule=live.plans[0],
        given=live.given,
        horizon_day=live.span[1],
        until_day=60,
        quantities=["volume", "mri"],
        draws=200,
        seed=parameters.seed,
    )
    assert [row.gain for row in made.scans.rows] == pytest.approx([row.gain for row in engine.rows])
    assert live.span[1] >= 62 + 21, "the horizon is that of the forecast on the time line"
    assert not made.scans.is_choice
    assert made.scans.draws == 200, "more than the forecast is drawn with"
    volume = live.outlooks().under(live.plans[0]).volume_cm3
    assert made.scans.interval[0] < sorted(volume)[len(volume) // 2] < made.scans.interval[1]


def test_the_request_differs_where_the_answer_may(scene, parameters):
    from HER2ImmunoModelLib.scene.treatment_tables import change_rows

    key = gathered(parameters).key()
    assert gathered(parameters).key() == key
    parameters.nextScanUntil = "59,5"
    assert gathered(parameters).until_day == 59.5
    assert gathered(parameters).key() != key
    parameters.nextScanUntil = "60"
    change_rows(parameters.treatments, removed=[parameters.treatments.GetNumberOfRows() - 1])
    assert gathered(parameters).key() != key


def test_scenarios_are_a_choice_until_they_differ(scene, parameters):
    from HER2ImmunoModelLib.scene.scenarios import add_scenario, planned_doses

    parameters.nextScanAnswer, parameters.nextScanUntil = "scenarios", ""
    doses = planned_doses(parameters)
    add_scenario(scene, parameters, "Both", doses)
    with pytest.raises(InputError, match="fewer than two scenarios"):
        gathered(parameters)
    add_scenario(scene, parameters, "Docetaxel alone", doses[:-1])
    found = gathered(parameters).make().scans
    assert found.schedules == ("Both", "Docetaxel alone")
    assert max(row.day for row in found.rows) == 62


def test_regimens_under_choose_are_a_choice(parameters):
    parameters.nextScanAnswer, parameters.nextScanUntil = "schedules", ""
    parameters.candidates, parameters.humanRegimens = "regimens", "tchp,tch,none"
    found = gathered(parameters).make().scans
    assert found.is_choice
    assert len(found.schedules) == 3
    assert max(row.day for row in found.rows) == found.start_day == found.last_day + 1


def test_results_are_in_the_scene_and_survive_its_file(scene, parameters, tmp_path):
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb
    from HER2ImmunoModelLib.scene import publish
    from HER2ImmunoModelLib.scene.results import read_results

    request = gathered(parameters)
    assert request.calibration is not None
    made = publish(scene, parameters.parameterNode, request, request.make(), "Patient 1")
    record = json.loads(made["NextScan.gains"].GetAttribute("HER2Immuno.Provenance"))
    assert record["settings"]["answer"] == "planned"
    before = read_results(parameters.parameterNode, "NextScan")
    assert before.answer.startswith("Scan next on day ")
    path = save_mrb(scene, tmp_path / "scene.mrb")
    scene.Clear(0)
    load_mrb(scene, path)
    nodes = [scene.GetNthNodeByClass(n, "vtkMRMLScriptedModuleNode") for n in range(3)]
    node = next(n for n in nodes if n is not None and n.GetNodeReference("measurements"))
    after = read_results(node, "NextScan")
    assert (after.answer, after.cells, after.request) == (before.answer, before.cells, before.request)
    assert len(after.charts) == 1


def test_without_a_calibration_it_is_said(scene):
    with pytest.raises(InputError, match="Calibrate the model"):
        gathered(subject(scene, **FIELDS))


def test_a_model_of_volumes_alone_knows_no_pet(scene):
    asked = {**FIELDS, "nextScans": "pet", "nextScanAnswer": "schedules", "candidates": "standard"}
    parameters = subject(scene, model="two_drug_logistic_growth", **asked)
    parameters.treatments = None
    with pytest.raises(InputError, match="No scan is chosen"):
        gathered(parameters)
