"""A plan in the scene: what goes in, what comes out, and what happens on the second run and on failure."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoStudyLib.phantom.course import measured_course
from HER2ImmunoStudyLib.phantom.presets import MOUSE


@pytest.fixture(scope="module")
def course():
    return measured_course(MOUSE, 1)


@pytest.fixture
def parameters(scene, course):
    """What the panel's parameter node holds, for a virtual mouse."""
    from HER2ImmunoCommonLib.scene.tables import write_table
    from HER2ImmunoModelLib.scene.given import write_treatments

    measurements = scene.AddNewNodeByClass("vtkMRMLTableNode", "Mouse 1")
    treatments = scene.AddNewNodeByClass("vtkMRMLTableNode", "Given")
    write_table(course[0], measurements)
    write_treatments(course[1], treatments)
    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "HER2ImmunoModel")
    node.SetNodeReferenceID("measurements", measurements.GetID())
    return SimpleNamespace(
        parameterNode=node,
        measurements=measurements,
        treatments=treatments,
        model="tivnh_treated",
        species="mouse",
        startDay=-1.0,
        horizonDay=42.0,
        doses=2,
        intervalDay=4.0,
        dose=1.0,
        objective="volume_at_horizon",
        levelCm3=1.0,
        weekdaysOnly=False,
        weekdayOfDayZero=0,
        shortestIntervalDay=0.0,
        oneCytotoxicADay=False,
        totalTrastuzumab=0.0,
        totalCytotoxic=0.0,
        largestTrastuzumab=0.0,
        largestCytotoxic=0.0,
        toxicityBudget=0.0,
        weightTrastuzumab=1.0,
        weightCytotoxic=1.0,
        method="map",
        mostSteps=5000,
        noiseScale=False,
        noise="stated",
        cohortUsed=False,
        heavyTails=False,
        priorFromFirst=False,
        parameterChoices="",
        candidates="standard",
        splits="1, 2",
        intervals="4",
        profileParameter="",
        hiddenVisits=1,
        family="two_drug",
        tickedModels="",
        weighNoises=False,
        search="days",
        risk="mean",
        against="",
        iterations=2,
        clinicalLimits=False,
        dayZero="",
        draws=60,
        seed=5,
    )


def run(scene, parameters):
    from HER2ImmunoModelLib.scene.inputs import gather
    from HER2ImmunoModelLib.scene.publishing import publish

    request = gather(parameters)
    plan = request.make()
    return plan, publish(scene, parameters.parameterNode, request, plan, parameters.measurements.GetName())


def column(node, name):
    table = node.GetTable()
    return [table.GetValueByName(row, name) for row in range(table.GetNumberOfRows())]


def test_the_tables_hold_the_plan_to_the_last_digit(scene, parameters):
    from HER2ImmunoModelLib.scene.results import read_calibration_node

    plan, made = run(scene, parameters)
    ranking = made["Result.ranking"]
    assert [cell.ToString() for cell in column(ranking, "schedule")] == [row.schedule.name for row in plan.ranking.rows]
    assert [cell.ToDouble() for cell in column(ranking, "expected")] == [row.expected for row in plan.ranking.rows]
    forecast = made["Result.forecast"]
    np.testing.assert_array_equal([cell.ToDouble() for cell in column(forecast, "day")], plan.bands.day)
    np.testing.assert_array_equal([cell.ToDouble() for cell in column(forecast, "T_median")], plan.bands.median["T"])
    names = [cell.ToString() for cell in column(made["Result.parameters"], "parameter")]
    assert names == list(plan.calibration.estimates)
    again = read_calibration_node(parameters.parameterNode)
    assert again.best == plan.calibration.best
    np.testing.assert_array_equal(again.covariance, plan.calibration.covariance)


def test_results_lie_in_one_folder_with_their_provenance(scene, parameters):
    import slicer
    from HER2ImmunoCommonLib.scene.nodes import PROVENANCE_ATTRIBUTE

    parameters.shortestIntervalDay = 2.0
    _plan, made = run(scene, parameters)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    for node in made.values():
        folder = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
        assert hierarchy.GetItemName(folder) == "HER2 Immuno Model: Mouse 1"
        assert node.GetName().startswith("Mouse 1: ")
        provenance = json.loads(node.GetAttribute(PROVENANCE_ATTRIBUTE))
        assert provenance["settings"]["seed"] == 5
        assert provenance["settings"]["constraints"][0] == {
            "rule": "ShortestInterval",
            "drug": "trastuzumab",
            "days": 2.0,
        }
        assert provenance["inputs"]["measurements_node"] == "Mouse 1"


def test_there_is_a_plot_of_every_measured_state_and_of_the_ranking(scene, parameters):
    from HER2ImmunoModelLib.scene.publishing import charts_of

    plan, _made = run(scene, parameters)
    titles = [chart.GetTitle() for chart in charts_of(parameters.parameterNode, "Result")]
    assert titles[0].startswith("Which drug first")
    assert titles[1].startswith("Schedules compared")
    labels = [plan.calibration.model.states[plan.calibration.model.index(s)].label for s in ("T", "V", "N", "H")]
    assert set(labels) <= set(titles)
    best = charts_of(parameters.parameterNode, "Result")[1].GetNthPlotSeriesNode(0)
    assert best.GetName() == plan.ranking.best.name
    ends = best.GetTableNode().GetTable()
    row = plan.ranking.rows[0]
    assert [ends.GetValueByName(n, "x").ToDouble() for n in range(3)] == [row.lower, row.expected, row.upper]


def test_a_plot_view_keeps_its_chart_over_a_new_ranking(scene, parameters):
    from HER2ImmunoModelLib.scene.publishing import charts_of

    run(scene, parameters)
    views = [scene.AddNewNodeByClass("vtkMRMLPlotViewNode") for _ in range(2)]
    for view, chart in zip(views, charts_of(parameters.parameterNode, "Result")[1:3], strict=True):
        view.SetPlotChartNodeID(chart.GetID())
    parameters.horizonDay = 49.0
    run(scene, parameters)
    charts = charts_of(parameters.parameterNode, "Result")
    assert [view.GetPlotChartNode() for view in views] == charts[1:3]
    assert "day 49" in charts[1].GetTitle()


def test_nothing_of_the_results_lies_at_the_root_of_the_data_tree(scene, parameters):
    import slicer

    before = {node.GetID() for node in slicer.util.getNodesByClass("vtkMRMLNode")}
    run(scene, parameters)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    made = [node for node in slicer.util.getNodesByClass("vtkMRMLNode") if node.GetID() not in before]
    kinds = ("vtkMRMLTableNode", "vtkMRMLTextNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode")
    for node in (node for node in made if node.GetClassName() in kinds):
        item = hierarchy.GetItemByDataNode(node)
        assert bool(item) != bool(node.GetHideFromEditors())
        assert not item or hierarchy.GetItemName(hierarchy.GetItemParent(item)) == "HER2 Immuno Model: Mouse 1"


def test_a_second_run_replaces_the_first(scene, parameters):
    import slicer

    def visible_names():
        tables = slicer.util.getNodesByClass("vtkMRMLTableNode")
        return sorted(node.GetName() for node in tables if not node.GetHideFromEditors())

    run(scene, parameters)
    count = scene.GetNumberOfNodes()
    names = visible_names()
    parameters.seed = 6
    run(scene, parameters)
    assert scene.GetNumberOfNodes() == count
    assert visible_names() == names


def test_a_failed_publication_leaves_nothing_and_keeps_the_earlier_results(scene, parameters, monkeypatch):
    from HER2ImmunoModelLib.scene import publishing as module
    from HER2ImmunoModelLib.scene.results import read_results

    run(scene, parameters)
    count, earlier = scene.GetNumberOfNodes(), read_results(parameters.parameterNode)

    def fail(*arguments):
        raise InputError("no")

    monkeypatch.setattr(module, "set_provenance", fail)
    with pytest.raises(InputError):
        run(scene, parameters)
    assert scene.GetNumberOfNodes() == count
    assert read_results(parameters.parameterNode) == earlier


def test_the_results_come_back_from_a_file(scene, parameters, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb
    from HER2ImmunoModelLib.scene.results import read_calibration_node, read_results

    plan, _made = run(scene, parameters)
    before = read_results(parameters.parameterNode)
    save_mrb(scene, tmp_path / "plan.mrb")
    load_mrb(scene, tmp_path / "plan.mrb")
    node = slicer.util.getNode("HER2ImmunoModel")
    after = read_results(node)
    assert (after.answer, after.cells, after.notes, after.request) == (
        before.answer,
        before.cells,
        before.notes,
        before.request,
    )
    assert [chart.GetTitle() for chart in after.charts] == [chart.GetTitle() for chart in before.charts]
    forecast = read_calibration_node(node).predict([42.0], n=60)
    assert forecast.median["T"] == plan.calibration.predict([42.0], n=60).median["T"]


def test_candidates_left_out_are_told_with_the_reason(scene, parameters):
    from HER2ImmunoModelLib.scene.results import read_results

    parameters.weekdaysOnly = True
    parameters.weekdayOfDayZero = 3  # days 14, 18, 22 and 26 are Thursday, Monday, Friday and Tuesday
    run(scene, parameters)
    assert len(read_results(parameters.parameterNode).cells) == 6
    parameters.weekdayOfDayZero = 6  # day 14 is a Sunday
    run(scene, parameters)
    results = read_results(parameters.parameterNode)
    assert [cells[0] for cells in results.cells] == ["No treatment"]
    assert any("Trastuzumab alone is left out: the dose of trastuzumab on day 14" in note for note in results.notes)


@pytest.mark.parametrize(
    ("row", "name", "text", "sentence"),
    [
        (0, "volume_cm3", "large", r"Mouse 1, row 1, column 'volume_cm3': 'large' is not a number"),
        (1, "volume_cm3", "-1", r"Mouse 1, row 2: visit 'day_7', column 'volume_cm3': the volume -1.0 is negative"),
        (2, "visit", "day_7", r"Mouse 1: the visit 'day_7' occurs twice"),
        (2, "day", "7", r"Mouse 1: visits 'day_7' and 'day_14' are both on day 7"),
    ],
)
def test_a_bad_measurement_is_named(parameters, row, name, text, sentence):
    from HER2ImmunoCommonLib.scene.cells import set_cell
    from HER2ImmunoModelLib.scene.inputs import gather

    set_cell(parameters.measurements, row, name, text)
    with pytest.raises(InputError, match=sentence):
        gather(parameters)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("drug", "aspirin", r"Given, row 1, column drug: Model tivnh_treated has no drug 'aspirin'"),
        ("dose", "-1", r"Given, row 1, column dose is -1; a dose is 0 or more"),
        ("day", "soon", r"Given, row 1, column day holds 'soon'; give a number"),
    ],
)
def test_a_bad_dose_is_named(parameters, name, text, sentence):
    from HER2ImmunoCommonLib.scene.cells import set_cell
    from HER2ImmunoModelLib.scene.inputs import gather

    set_cell(parameters.treatments, 0, name, text)
    with pytest.raises(InputError, match=sentence):
        gather(parameters)


def test_cells_are_edited_without_touching_the_others(scene, parameters, course):
    from HER2ImmunoCommonLib.scene.cells import add_row, remove_row, set_cell
    from HER2ImmunoCommonLib.scene.tables import read_table

    node, rows = parameters.measurements, course[0]
    set_cell(node, 0, "ktrans_median_per_min", "0.12")
    assert read_table(node)[0].values == rows[0].values | {"ktrans_median_per_min": 0.12}
    assert read_table(node)[1:] == rows[1:]
    set_cell(node, 0, "ktrans_median_per_min", "")
    add_row(node, {"visit": "late", "day": "60"})
    assert [row.visit for row in read_table(node)] == [*(row.visit for row in rows), "late"]
    remove_row(node, 3)
    assert read_table(node) == rows


KINDS = ("evidence", "check", "choice", "optimum")


@pytest.fixture
def requests(parameters):
    """`requests("check")` is the request of a section of the panel, gathered from the parameters."""
    from HER2ImmunoModelLib.scene import inputs

    parameters.family, parameters.tickedModels = "ticked", "two_drug_logistic_death,two_drug_exponential_death"
    return lambda kind: getattr(inputs, f"gather_{kind}")(parameters)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_work_leaves_nodes_with_provenance_and_replaces_its_own(scene, parameters, requests, kind):
    from HER2ImmunoCommonLib.scene.nodes import PROVENANCE_ATTRIBUTE
    from HER2ImmunoCommonLib.scene.plots import chart_from_node
    from HER2ImmunoModelLib.scene.publishing import charts_of, publish
    from HER2ImmunoModelLib.scene.results import read_results

    request = requests(kind)
    found = request.make()
    made = publish(scene, parameters.parameterNode, request, found, "Mouse 1")
    for role, node in made.items():
        assert role.startswith(request.kind) or role == "Calibration"
        assert json.loads(node.GetAttribute(PROVENANCE_ATTRIBUTE))["settings"]["seed"] == 5
    results, findings = read_results(parameters.parameterNode, request.kind), request.findings(found)
    assert (results.answer, results.request) == (findings.answer, request.key())
    assert results.cells == [list(cells) for cells in findings.cells]
    drawn = [chart_from_node(node) for node in charts_of(parameters.parameterNode, request.kind)]
    assert [chart.title for chart in drawn] == [chart.title for chart in findings.charts]
    count = scene.GetNumberOfNodes()
    publish(scene, parameters.parameterNode, request, found, "Mouse 1")
    assert scene.GetNumberOfNodes() == count


def test_the_plan_and_other_work_share_one_calibration(scene, parameters, requests):
    from HER2ImmunoModelLib.scene.publishing import publish
    from HER2ImmunoModelLib.scene.results import read_results, with_known_calibration

    plan, made = run(scene, parameters)
    request = with_known_calibration(requests("evidence"), parameters.parameterNode)
    np.testing.assert_array_equal(request.calibration.covariance, plan.calibration.covariance)
    publish(scene, parameters.parameterNode, request, request.make(), "Mouse 1")
    assert parameters.parameterNode.GetNodeReference("Calibration").GetID() == made["Calibration"].GetID()
    assert read_results(parameters.parameterNode, "Result") is not None
    for name, value in (("seed", 6), ("species", "human"), ("method", "mcmc")):
        earlier = getattr(parameters, name)
        setattr(parameters, name, value)
        assert with_known_calibration(requests("evidence"), parameters.parameterNode).calibration is None
        setattr(parameters, name, earlier)
    made["Calibration"].SetText("")  # as it is while its scene is opened
    assert with_known_calibration(requests("evidence"), parameters.parameterNode).calibration is None


def test_limits_become_constraints_of_the_model_s_own_drugs(scene, parameters, requests):
    from HER2ImmunoModelLib.scene.inputs import gather
    from HER2ImmunoModelLib.treatments import constraints as rules

    parameters.treatments = None
    parameters.model = "two_drug_logistic_death"
    parameters.totalTrastuzumab, parameters.largestCytotoxic = 3.0, 0.5
    parameters.toxicityBudget, parameters.weightCytotoxic = 20.0, 2.0
    parameters.oneCytotoxicADay = True
    assert gather(parameters).constraints == (
        rules.OneCytotoxicADay(),
        rules.TotalDose("trastuzumab", 3.0),
        rules.LargestDose("doxorubicin", 0.5),
        rules.ToxicityBudget((("trastuzumab", 1.0), ("doxorubicin", 2.0)), 20.0, 42.0),
    )
    assert requests("optimum").constraints[-1] == rules.LargestDose("trastuzumab", 1.0)
