"""Regimens that are ticked in the scene: what is asked for, and a row of the ranking kept as a scenario."""

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.regimens import regimen_keys
from model_reports import subject, work


@pytest.fixture
def parameters(scene):
    ticks = {"humanRegimens": "tchp,neosphere_hp,planned,none", "mouseRegimens": "mouse_seq"}
    return subject(scene, scenario=0, draws=30, candidates="regimens", **ticks)


def gathered(parameters):
    from HER2ImmunoModelLib.scene.inputs import gather

    return gather(parameters)


def test_ticked_regimens_begin_after_the_last_visit_and_change_no_calibration(parameters):
    last = max(visit.day for visit in gathered(parameters).measurements)
    request = gathered(parameters)
    names = [each.name for each in request.comparison.schedules]
    assert names == ["TCHP ×6", "HP ×4", "As planned", "No treatment"]
    assert min(dose.day for dose in request.comparison.schedules[0].doses) == last + 1
    assert (request.settings.start_day, request.settings.horizon_day) == (last + 1, last + 1 + 105 + 28)
    before, calibration = request.key(), request.calibration_key()
    parameters.humanRegimens = "tchp,none"
    assert gathered(parameters).key() != before
    assert gathered(parameters).calibration_key() == calibration
    parameters.humanRegimens = ""
    with pytest.raises(InputError, match="There is nothing to compare; tick a regimen, or more"):
        gathered(parameters)


def test_what_is_planned_on_the_time_line_is_compared_where_there_is_something(parameters):
    from HER2ImmunoModelLib.scene.treatment_tables import change_rows

    assert [dose.day for dose in gathered(parameters).comparison.schedules[2].doses] == [22.0]
    change_rows(parameters.treatments, removed=[2])
    names = [each.name for each in gathered(parameters).comparison.schedules]
    assert names == ["TCHP ×6", "HP ×4", "No treatment"]


def test_the_lists_hold_every_regimen_that_stands_alone_once():
    from HER2ImmunoModelLib.scene.regimens_compared import NONE, PLANNED, USUAL, comparable, tick_choices

    for species in ("human", "mouse"):
        choices = tick_choices(species)
        assert tuple(choices)[: len(USUAL[species]) + 2] == (*USUAL[species], PLANNED, NONE)
        known = {each.key for each in comparable(species)}
        assert set(choices) == {*known, PLANNED, NONE}
        assert known <= set(regimen_keys(species))
        assert all("Source: " in tip for key, (_label, tip) in choices.items() if key in known)
    assert "impassion050_placebo" not in tick_choices("human")
    assert "add_pembrolizumab" not in tick_choices("human")


def test_a_row_kept_as_a_scenario_is_the_course_that_was_ranked(scene, parameters):
    from HER2ImmunoModelLib.scene.kept_rows import keep_row
    from HER2ImmunoModelLib.scene.results import read_calibration_node, read_results
    from HER2ImmunoModelLib.scene.what_if import live_inputs

    work(scene, parameters, "")
    results = read_results(parameters.parameterNode)
    assert results.header_tips[3].startswith("What you lose on average")
    row = [cells[0] for cells in results.cells].index("TCHP ×6")
    kept, later = keep_row(scene, parameters, results.keys[row])
    assert later == 0.0
    assert (kept.place, kept.name) == (1, "TCHP ×6")
    comparison = gathered(parameters).comparison
    assert kept.doses == comparison.schedules[0].doses
    followed = live_inputs(parameters, [kept.doses])
    ranked = comparison.brought(read_calibration_node(parameters.parameterNode)).schedules[0]

    def told(schedule):
        return {(dose.drug, dose.day): dose.dose for dose in schedule.for_model(followed.model).doses}

    assert told(followed.plans[0]) == pytest.approx(told(ranked))


def test_a_row_with_a_dose_that_would_count_as_given_is_kept_later(scene, parameters):
    from HER2ImmunoModelLib.scene.kept_rows import keep_row
    from HER2ImmunoModelLib.scene.results import read_results
    from HER2ImmunoModelLib.scene.scenarios import scenarios_of

    parameters.candidates = "standard"
    work(scene, parameters, "")
    results = read_results(parameters.parameterNode)
    row = [cells[0] for cells in results.cells].index("Trastuzumab alone")
    kept, later = keep_row(scene, parameters, results.keys[row])
    assert later == 1.0
    last = max(visit.day for visit in gathered(parameters).measurements)
    assert min(dose.day for dose in kept.doses) == last + 1.0
    assert scenarios_of(parameters) == (kept,)
