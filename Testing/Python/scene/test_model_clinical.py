"""Doses in units of the clinic in the scene: tables with and without units, regimens, limits, and what models take."""

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from clinical_fields import NOTHING, PLAN
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.drugs import find_drug
from HER2ImmunoModelLib.treatments import ClinicalDose, ClinicalSchedule, Dose, Schedule
from HER2ImmunoStudyLib.phantom.course import measured_course
from HER2ImmunoStudyLib.phantom.presets import HUMAN

MODEL = models.get("tivnh_treated", "human")


@pytest.fixture
def table(scene):
    """`table(rows, header)` is a treatment table with these cells."""
    from HER2ImmunoCommonLib.scene import write_cells

    def made(rows, header="drug,day,dose,unit"):
        node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Given")
        write_cells(header.split(","), [row.split(",") for row in rows], node)
        return node

    return made


@pytest.fixture(scope="module")
def course():
    """The measurements of a virtual patient."""
    return measured_course(HUMAN, 1)[0]


@pytest.fixture
def parameters(scene, table, course):
    """A parameter node of a virtual patient, who was given trastuzumab and docetaxel."""
    from HER2ImmunoCommonLib.scene import write_table

    measurements = scene.AddNewNodeByClass("vtkMRMLTableNode", "Patient 1")
    write_table(course, measurements)
    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "HER2ImmunoModel")
    given = table(["trastuzumab,1,8,mg/kg", "docetaxel,1,75,mg/m2"])
    fields = {"parameterNode": node, "measurements": measurements, "treatments": given, "model": "tivnh_treated"}
    return SimpleNamespace(**fields, species="human", **NOTHING, **PLAN)


def lines(node):
    from HER2ImmunoCommonLib.scene import read_cells

    return read_cells(node)


def test_a_table_without_units_is_read_as_ever(table):
    from HER2ImmunoModelLib.scene.given import given, read_prescribed, read_treatments

    node = table(["trastuzumab,1,0.1", "docetaxel,4.25,1"], "drug,day,dose")
    expected = Schedule((Dose("trastuzumab", 1.0, 0.1), Dose("docetaxel", 4.25, 1.0)), "Given")
    assert read_treatments(node, MODEL) == expected
    assert read_prescribed(node, MODEL).as_schedule() == expected
    parameters = SimpleNamespace(treatments=node, species="human")  # nothing of the patient is asked for
    assert given(parameters, MODEL) == (expected, None)


def test_a_column_of_units_that_says_nothing_changes_nothing(table):
    from HER2ImmunoModelLib.scene.given import read_treatments

    node = table(["trastuzumab,1,0.1,", "cytotoxic,4,3,rel"])
    assert read_treatments(node, MODEL).doses == (Dose("trastuzumab", 1.0, 0.1), Dose("cytotoxic", 4.0, 3.0))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (["trastuzumab,0,440,"], "Given, row 1, column dose is 440, more than 2 full doses, and has no unit; give mg"),
        (["docetaxel,0,75,mg/m2", "docetaxel,21,75,mg/kg"], "Given, row 2, column unit: The dose of docetaxel on day"),
        (["trastuzumab,0,-6,mg/kg"], "Given, row 1, column dose is -6; a dose is 0 or more"),
        (["trastuzumab,0,6,mg per kg"], "Given, row 1, column unit holds 'mg per kg'; give mg, mg/kg, mg/m2, AUC"),
        (["trastuzumap,0,6,mg/kg"], "Given, row 1, column drug: The library has no drug 'trastuzumap' for a human"),
        (["docetaxel,soon,75,mg/m2"], "Given, row 1, column day holds 'soon'; give a number"),
    ],
)
def test_a_wrong_dose_is_said_with_its_place(table, rows, sentence):
    from HER2ImmunoModelLib.scene.given import read_prescribed

    with pytest.raises(InputError) as raised:
        read_prescribed(table(rows), MODEL)
    assert str(raised.value).startswith(sentence)


def test_doses_are_written_and_read_back_exactly(scene):
    from HER2ImmunoModelLib.scene.given import read_prescribed, write_treatments

    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Given")
    doses = (ClinicalDose("carboplatin", 0.0, 6.0, "AUC"), ClinicalDose("cytotoxic", 0.1, 3.0, "rel"))
    write_treatments(ClinicalSchedule(doses), node)
    assert read_prescribed(node, MODEL).doses == doses
    write_treatments(ClinicalSchedule((ClinicalDose("cytotoxic", 1.0, 0.3),)), node)
    assert lines(node) == (["drug", "day", "dose"], [["cytotoxic", "1.0", "0.3"]])


def test_another_drug_keeps_a_dose_that_it_can_have_and_else_brings_its_own(table):
    from HER2ImmunoModelLib.scene.treatment_tables import set_drug

    node = table(["docetaxel,0,80,mg/m2"])
    set_drug(node, 0, "paclitaxel", MODEL)
    assert lines(node)[1] == [["paclitaxel", "0", "80", "mg/m2"]]
    set_drug(node, 0, "trastuzumab", MODEL)
    plan = find_drug("trastuzumab").plans[0].dose
    assert lines(node)[1] == [["trastuzumab", "0", repr(float(plan.size)), plan.unit]]
    set_drug(node, 0, "cytotoxic", MODEL)
    assert lines(node)[1] == [["cytotoxic", "0", "1.0", ""]]


def test_a_unit_makes_full_doses_the_same_dose(table):
    from HER2ImmunoModelLib.scene.treatment_tables import set_unit

    node = table(["trastuzumab,0,0.5", "docetaxel,0,1"], "drug,day,dose")
    set_unit(node, 0, "mg/kg", MODEL)
    assert lines(node) == (
        ["drug", "day", "dose", "unit"],
        [["trastuzumab", "0", "3.0", "mg/kg"], ["docetaxel", "0", "1", ""]],
    )
    set_unit(node, 0, "", MODEL)
    assert lines(node)[1][0] == ["trastuzumab", "0", "0.5", ""]


def test_a_unit_in_a_table_that_counts_full_doses_leaves_the_others_what_they_are(table):
    from HER2ImmunoModelLib.scene.given import read_prescribed
    from HER2ImmunoModelLib.scene.treatment_tables import set_unit

    node = table(["trastuzumab,0,1", "cytotoxic,0,5"], "drug,day,full_doses")
    set_unit(node, 0, "mg/kg", MODEL)
    assert read_prescribed(node, MODEL).doses == (
        ClinicalDose("trastuzumab", 0.0, 6.0, "mg/kg"),
        ClinicalDose("cytotoxic", 0.0, 5.0, "rel"),
    )


def test_a_column_that_names_its_unit_is_read_with_it(table):
    from HER2ImmunoModelLib.scene.given import read_prescribed
    from HER2ImmunoModelLib.scene.treatment_tables import spelled, unit_of_column

    node = table(["trastuzumab,0,440"], "drug,day,Dose (mg)")
    assert read_prescribed(node, MODEL).doses == (ClinicalDose("trastuzumab", 0.0, 440.0, "mg"),)
    assert unit_of_column(node) == "mg"
    assert spelled(node)["dose"] == "Dose (mg)"


def test_regimens_are_added_below_what_the_table_holds(scene, parameters, table):
    from HER2ImmunoModelLib.scene.regimens import fill_table

    parameters.treatments = table(["trastuzumab,0,6,mg/kg,first"], "drug,day,dose,unit,note")
    parameters.regimen, parameters.regimenStart = "neosphere_th", "21"
    filled = fill_table(scene, parameters, replacing=False)
    header, rows = lines(parameters.treatments)
    assert header == ["drug", "day", "dose", "unit", "note"]
    assert rows[0] == ["trastuzumab", "0", "6", "mg/kg", "first"]
    assert rows[1] == ["trastuzumab", "21.0", "6.0", "mg/kg", ""]  # still at work: no loading dose
    assert (len(rows), len(filled.doses), filled.days, filled.removed) == (9, 8, (21.0, 84.0), 0)


@pytest.mark.parametrize(
    ("regimen", "start", "sentence"),
    [
        ("", "", "Choose a regimen."),
        ("tchp", "10", "The regimen tchp starts on day 10, but trastuzumab of day 1 needs 21 days (label: Her"),
        ("mouse_seq", "30", "The regimen mouse_seq is for a mouse, not a human; choose one of tchp"),
        ("tchp", "30.3.2026", "The start of the regimen is '30.3.2026', which is no date; write it as 2026-03-30."),
        ("tchp", "2026-03-30", "The regimen starts on 2026-03-30, but the date of day 0 is not known; write that date"),
        ("tchp", "46111", "The start of the regimen is 46111 (the date 2026-03-30 of a spreadsheet), but"),
        ("no_such", "30", "There is no regimen 'no_such'"),
    ],
)
def test_a_regimen_that_cannot_be_is_refused_and_changes_nothing(scene, parameters, regimen, start, sentence):
    from HER2ImmunoModelLib.scene.regimens import fill_table

    before = lines(parameters.treatments)
    parameters.regimen, parameters.regimenStart = regimen, start
    with pytest.raises(InputError) as raised:
        fill_table(scene, parameters, replacing=False)
    assert str(raised.value).startswith(sentence)
    assert lines(parameters.treatments) == before


def test_a_date_becomes_a_day(parameters):
    from HER2ImmunoModelLib.scene.regimens import doses_to_fill

    parameters.regimen, parameters.regimenStart, parameters.dayZero = "tchp", "2026-04-20", "2026-03-30"
    assert doses_to_fill(parameters, replacing=True)[0].day == 21.0


def test_an_add_on_follows_the_doses_that_are_there(scene, parameters):
    from HER2ImmunoModelLib.scene.regimens import fill_table

    parameters.regimen = "neosphere_thp"
    fill_table(scene, parameters, replacing=True)
    parameters.regimen = "add_pembrolizumab"
    with pytest.raises(InputError, match="it goes on top of doses"):
        fill_table(scene, parameters, replacing=True)
    filled = fill_table(scene, parameters, replacing=False)
    assert [dose.day for dose in filled.doses] == [0.0, 21.0, 42.0, 63.0]
    with pytest.raises(InputError, match="has pembrolizumab already"):
        fill_table(scene, parameters, replacing=False)


def test_filling_ticks_what_the_regimen_has(scene, parameters):
    from HER2ImmunoModelLib.scene.regimens import fill_table

    parameters.regimen = "ddac_thp"
    assert fill_table(scene, parameters, replacing=True).changed == ("growthFactor",)
    assert parameters.growthFactor
    parameters.regimen = "tryphaena_a"
    assert set(fill_table(scene, parameters, replacing=True).changed) == {"growthFactor", "exception"}
    assert (parameters.growthFactor, parameters.exception) == (False, "trial")


def test_what_a_model_takes_of_doses_in_units(parameters):
    from HER2ImmunoModelLib.scene.given import given

    schedule, exposures = given(parameters, MODEL)
    sizes = {dose.drug: dose.dose for dose in schedule.doses}
    assert sizes["trastuzumab"] == pytest.approx(8 / 6)  # of the full dose of a typical patient of 68 kg
    assert sizes["cytotoxic"] == pytest.approx(1.0)
    assert exposures.doses[0] == "trastuzumab on day 1: 8 mg/kg x 68 kg (assumed) = 544 mg"
    assert exposures.drugs[0].startswith("Trastuzumab: central; 408 mg and 132 mg/L are 1")
    parameters.weightKg = "102"
    heavier, _exposures = given(parameters, MODEL)
    assert heavier.doses[0].dose == pytest.approx(8 / 6 * 1.5)


def test_the_kinetics_of_a_drug_can_be_those_of_another_publication(parameters):
    from HER2ImmunoModelLib.scene.exposure_choices import set_remarks
    from HER2ImmunoModelLib.scene.given import given

    parameters.trastuzumabSet, parameters.liverMetastases = "q19", True
    _schedule, exposures = given(parameters, MODEL)
    q19 = next(each for each in find_drug("trastuzumab").sets if each.name == "q19").kinetics.clearance
    assert exposures.model.parameter("CL_trastuzumab").default > 1.1 * q19
    assert set_remarks(parameters, ["trastuzumab"]) == (
        "Trastuzumab: Its spread is far too wide for early breast cancer.",
    )
    assert exposures.model.parameter("CL_trastuzumab").prior == 0
    parameters.bodiesVary = True
    assert given(parameters, MODEL)[1].model.parameter("CL_trastuzumab").prior > 0


def test_full_doses_of_the_model_s_own_drugs_stay_beside_doses_in_units(parameters, table):
    from HER2ImmunoModelLib.scene.given import given

    parameters.treatments = table(["trastuzumab,1,8,mg/kg", "cytotoxic,1,0.5,", "checkpoint_inhibitor,2,1,rel"])
    schedule, _exposures = given(parameters, MODEL)
    assert {dose.drug: dose.dose for dose in schedule.doses if dose.drug != "trastuzumab"} == {
        "cytotoxic": 0.5,
        "checkpoint_inhibitor": 1.0,
    }


def test_a_model_without_a_place_for_a_drug_says_so(parameters):
    from HER2ImmunoModelLib.scene.inputs import gather

    parameters.model = "tivnh"
    with pytest.raises(InputError, match="tivnh has no drug that trastuzumab could act as; choose a model with"):
        gather(parameters)


def test_another_patient_is_another_calibration(parameters):
    from HER2ImmunoModelLib.scene.inputs import gather

    first = gather(parameters)
    assert first.calibration_key() == gather(parameters).calibration_key()
    parameters.albuminGPerDl = "3"  # which changes no doses, but clearances
    parameters.weightKg = "80"
    other = gather(parameters)
    assert other.calibration_key() != first.calibration_key()
    assert other.key() != first.key()


def test_a_plan_with_doses_in_units_is_made_kept_and_found_again(scene, parameters, tmp_path):
    from HER2ImmunoModelLib.scene.inputs import gather
    from HER2ImmunoModelLib.scene.publishing import publish
    from HER2ImmunoModelLib.scene.results import read_calibration_node, read_results, with_known_calibration

    request = gather(parameters)
    plan = request.make()
    publish(scene, parameters.parameterNode, request, plan, "Patient 1")
    assert set(plan.calibration.model.agents) == {"trastuzumab"}
    assert not any("full doses" in text for text in plan.warnings)  # of a loading dose in mg/kg
    assert [row.schedule.name for row in plan.ranking.rows][-1] == "No treatment"
    notes = read_results(parameters.parameterNode).notes
    assert any(
        "followed by their exposures for this patient (Trastuzumab: central; Docetaxel: pulse)" in n for n in notes
    )
    again = read_calibration_node(parameters.parameterNode)
    assert again.best == plan.calibration.best
    day = np.linspace(0.0, 42.0, 7)
    np.testing.assert_array_equal(again.predict(day, n=60).median["T"], plan.calibration.predict(day, n=60).median["T"])
    assert with_known_calibration(gather(parameters), parameters.parameterNode).calibration is not None
    parameters.weightKg = "90"
    assert with_known_calibration(gather(parameters), parameters.parameterNode).calibration is None


def test_more_trastuzumab_leaves_less_tumour(parameters, table):
    """A dose in mg/kg is felt: with the same parameters, doses as labelled shrink what a tenth of them lets grow."""
    from HER2ImmunoModelLib import simulate
    from HER2ImmunoModelLib.scene.given import given

    def volume(rows):
        parameters.treatments = table(rows)
        schedule, exposures = given(parameters, MODEL)
        return float(simulate(exposures.model, {}, [0.0, 42.0], schedule=schedule).states["T"][0, -1])

    full = volume(["trastuzumab,0,8,mg/kg", "trastuzumab,21,6,mg/kg"])
    tenth = volume(["trastuzumab,0,0.08,mg/kg", "trastuzumab,21,0.06,mg/kg"])
    assert full < tenth


@pytest.mark.parametrize("kind", ["evidence", "check", "choice", "optimum"])
def test_every_question_takes_doses_in_units(scene, parameters, kind):
    from HER2ImmunoModelLib.scene import inputs
    from HER2ImmunoModelLib.scene.publishing import publish

    request = getattr(inputs, f"gather_{kind}")(parameters)
    found = request.make()
    assert publish(scene, parameters.parameterNode, request, found, "Patient 1")


def test_limits_count_the_table_and_the_regimen_after_it(parameters):
    from HER2ImmunoModelLib.scene.limits import checked_given, checked_plan

    given = checked_given(parameters)
    assert (given.broken, given.drugs, given.without) == ((), ("trastuzumab", "docetaxel"), ())
    assert set(given.unmeasured) == {"LVEF at entry", "measured LVEF", "blood count"}
    parameters.regimen, parameters.regimenStart = "ddac_thp", "22"
    (first, *_others) = checked_plan(parameters).broken
    assert (first.rule, first.drug) == ("anthracycline with or after anti-HER2", "doxorubicin")
    assert first.day == 22.0


def test_the_patient_of_an_untouched_node_is_a_typical_one(parameters):
    from HER2ImmunoModelLib.drugs import Patient
    from HER2ImmunoModelLib.limits import History
    from HER2ImmunoModelLib.scene.patients import history_of, patient_of, taken_as

    assert patient_of(parameters) == Patient()
    assert history_of(parameters) == History()
    assert taken_as(parameters)["weightKg"].value == 68.0
    parameters.species = "mouse"
    assert patient_of(parameters) == Patient(species="mouse")
    parameters.mouseWeightG = "20"
    assert math.isclose(patient_of(parameters).weight_kg, 0.020)


def test_no_schedule_that_breaks_a_limit_is_compared(parameters):
    from HER2ImmunoModelLib.scene.inputs import gather

    parameters.clinicalLimits, parameters.cytotoxicIs, parameters.intervalDay = True, "docetaxel", 7.0
    ranking = gather(parameters).make().ranking
    assert [row.schedule.name for row in ranking.rows] == ["No treatment"]
    assert "least interval: docetaxel on day" in str(ranking.excluded)
    parameters.intervalDay, parameters.startDay, parameters.horizonDay = 21.0, 28.0, 100.0
    ranking = gather(parameters).make().ranking
    assert len(ranking.rows) == 6, ranking.excluded


def test_the_best_schedule_keeps_the_limits_of_the_clinic(parameters):
    from HER2ImmunoModelLib.scene.inputs import gather_optimum

    parameters.clinicalLimits, parameters.cytotoxicIs = True, "docetaxel"
    request = gather_optimum(parameters)
    best = request.make().optimum.schedule
    model = request.exposures.model
    assert [rule.violation(best, model) for rule in request.constraints] == [None] * len(request.constraints)
    days = sorted(dose.day for dose in best.doses if dose.drug == "trastuzumab")
    assert all(later - earlier >= 21 for earlier, later in pairwise(days))


def test_the_date_of_day_0_says_its_day_of_the_week(parameters):
    from HER2ImmunoModelLib.scene.patients import weekday_of_day_zero

    parameters.weekdayOfDayZero = 3
    assert weekday_of_day_zero(parameters) == 3
    parameters.dayZero = "2026-03-30"  # a Monday
    assert weekday_of_day_zero(parameters) == 0
