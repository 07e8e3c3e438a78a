"""Two visits in one scene: what belongs to one is never measured, kept or shown as the other's."""

from dataclasses import replace

import numpy as np
import pytest
import slicer
from dce_tissue import IJK_TO_RAS, TAGS, TIME_S, TUMOUR, choose, click, compute_and_keep, keep, offered
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import TimeSeries

BASELINE = Examination("1.1", "1.5", ("1.1.1",), "p", "2024-03-04")
DAY_7 = Examination("2.1", "2.5", ("2.1.1",), "p", "2024-03-11")


def add_visit(array, examination, name):
    """A dynamic series that slice views can show, with the tumour drawn on it: (sequence, segmentation)."""
    from HER2ImmunoCommonLib.scene import add_segment, node_from_series, set_examination

    scene = slicer.mrmlScene
    sequence = node_from_series(scene, TimeSeries(array, IJK_TO_RAS, TIME_S), f"{name} MR", tags=TAGS)
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", f"{name} browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    set_examination(sequence, examination)
    regions = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{name} regions")
    proxy = browser.GetProxyNode(sequence)
    regions.SetReferenceImageGeometryParameterFromVolumeNode(proxy)
    add_segment(regions, TUMOUR, "Tumour", proxy)
    return sequence, regions


@pytest.fixture
def visits(load_module, scene, dce_array):
    """The panel with the first of two visits chosen, and both visits' nodes by name."""
    later = dce_array.copy()
    later[TUMOUR] *= np.linspace(1.0, 1.2, TIME_S.size, dtype=np.float32)
    nodes = {
        "baseline": add_visit(dce_array, BASELINE, "baseline"),
        "day_7": add_visit(later, DAY_7, "day 7"),
    }
    panel = load_module("QuantDCE").panel
    panel.ui.dynamicSelector.setCurrentNode(nodes["baseline"][0])
    choose(panel.tumour.segments, nodes["baseline"][1], "Tumour")
    panel.compute.model.choose("tofts")
    panel.ui.t1Edit.text, panel.ui.arrivalEdit.text = "1.4", "30"
    return panel, nodes


def rows_of(panel):
    from HER2ImmunoCommonLib.scene import read_table

    return {row.visit: row for row in read_table(panel.parameters.measurements)}


def test_the_chosen_series_takes_its_tumour_visit_and_day_along(visits):
    panel, nodes = visits
    panel.ui.dynamicSelector.setCurrentNode(nodes["day_7"][0])
    parameters = panel.parameters
    assert parameters.segmentation is nodes["day_7"][1]
    assert parameters.segmentId == "Tumour"
    assert (parameters.visit, parameters.day) == ("day_7", 7.0)
    assert "Tumour: day 7 regions, in place of baseline regions." in panel.examination.changes.text
    assert panel.examination.timeLine.text.endswith("examined on 2024-03-11.")
    assert panel.runBar.button.enabled


def test_what_has_no_counterpart_is_asked_for(visits, scene):
    panel, nodes = visits
    scene.RemoveNode(nodes["day_7"][1])
    panel.ui.dynamicSelector.setCurrentNode(nodes["day_7"][0])
    assert panel.parameters.segmentation is None
    assert panel.runBar.status.text == "Choose the tumour segment."
    assert not panel.runBar.button.enabled


def test_two_counterparts_are_not_chosen_between(visits, scene):
    panel, nodes = visits
    twin = scene.CopyNode(nodes["day_7"][1])
    assert twin.GetSegmentation().GetSegment("Tumour") is not None
    panel.ui.dynamicSelector.setCurrentNode(nodes["day_7"][0])
    assert panel.parameters.segmentation is None


def test_each_visit_has_its_row_its_maps_and_its_title(visits, photograph):
    panel, nodes = visits
    compute_and_keep(panel)
    first = rows_of(panel)["baseline"].values
    assert panel.results.section.text == "All values of baseline, baseline MR"
    panel.ui.dynamicSelector.setCurrentNode(nodes["day_7"][0])
    assert panel.results.section.isHidden()
    assert offered(panel) == []
    compute_and_keep(panel)
    rows = rows_of(panel)
    assert rows["baseline"].values == first
    assert rows["day_7"].day == 7.0
    assert rows["day_7"].values["ktrans_median_per_min"] != first["ktrans_median_per_min"]
    assert panel.results.section.text == "All values of day_7, day 7 MR"
    for width in (400, 450):
        photograph(panel.widget, f"QuantDCE-visits-{width}", width)
    for visit in ("baseline", "day_7"):
        assert slicer.util.getNode(f"{visit} Ktrans (1/min)").GetImageData() is not None
    panel.ui.dynamicSelector.setCurrentNode(nodes["baseline"][0])
    assert panel.results.section.text == "All values of baseline, baseline MR"
    assert (panel.parameters.visit, panel.parameters.segmentation) == ("baseline", nodes["baseline"][1])
    assert panel.steps.named("keep").isDone


def test_nothing_is_written_before_it_is_asked_for(visits):
    panel, _nodes = visits
    assert not panel.keep.toVisit.button.enabled
    click(panel)
    assert panel.parameters.measurements is None
    assert not panel.steps.named("keep").isDone
    keep(panel)
    assert set(rows_of(panel)) == {"baseline"}
    assert panel.steps.named("keep").isDone


def test_a_row_of_another_series_is_replaced_only_after_a_yes(visits):
    panel, nodes = visits
    compute_and_keep(panel)
    first = rows_of(panel)["baseline"].values
    panel.ui.dynamicSelector.setCurrentNode(nodes["day_7"][0])
    panel.ui.visitEdit.text, panel.ui.daySpinBox.value = "baseline", 0.0
    click(panel)
    for answer, isReplaced in (("no", False), ("yes", True)):
        keep(panel)
        assert rows_of(panel)["baseline"].values == first
        field = panel.keep.toVisit.questions.fields["replace_row"]
        field.text = answer
        field.editingFinished.emit()
        assert (rows_of(panel)["baseline"].values != first) == isReplaced
    assert panel.keep.toVisit.questions.fields == {}


def test_a_row_that_nobody_measured_here_is_replaced_only_after_a_yes(visits, scene):
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoCommonLib.scene import write_table

    panel, _nodes = visits
    table = scene.AddNewNodeByClass("vtkMRMLTableNode", "Truth")
    write_table([Measurement("baseline", 0.0, {"ktrans_median_per_min": 9.0})], table)
    panel.ui.measurementsSelector.setCurrentNode(table)
    compute_and_keep(panel)
    labels = panel.keep.toVisit.questions.findChildren(type(panel.examination.timeLine))
    assert "that were not measured here" in labels[0].text
    assert rows_of(panel)["baseline"].values == {"ktrans_median_per_min": 9.0}


def test_results_go_into_no_table_that_was_not_chosen_or_made_here(visits, scene):
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, read_table, write_table

    panel, nodes = visits
    truth = scene.AddNewNodeByClass("vtkMRMLTableNode", "Virtual patient measurements")
    truth.SetAttribute(MEASUREMENTS_ATTRIBUTE, "1")
    write_table([Measurement("baseline", 0.0, {"volume_cm3": 4.0})], truth)
    compute_and_keep(panel)
    assert [row.values for row in read_table(truth)] == [{"volume_cm3": 4.0}]
    assert panel.parameters.measurements is not truth
    panel.parameters.measurements = None
    panel.ui.dynamicSelector.setCurrentNode(nodes["day_7"][0])
    compute_and_keep(panel)
    assert set(rows_of(panel)) == {"baseline", "day_7"}


def test_results_are_marked_when_their_inputs_change(visits):
    panel, nodes = visits
    section = panel.results
    click(panel)
    assert section.stale.text == ""
    panel.ui.t1Edit.text = "1.5"
    assert "inputs have changed" in section.stale.text
    panel.ui.t1Edit.text = "1.4"
    assert section.stale.text == ""
    mask = TUMOUR.copy()
    mask[1] = False
    regions = nodes["baseline"][1]
    slicer.util.updateSegmentBinaryLabelmapFromArray(
        mask.astype(np.uint8), regions, "Tumour", nodes["baseline"][0].GetNthDataNode(0)
    )
    section.stale.refresh()
    assert "inputs have changed" in section.stale.text
    click(panel)
    assert section.stale.text == ""


def test_a_deleted_series_becomes_none_and_nothing_follows_another(visits, scene):
    panel, nodes = visits
    scene.RemoveNode(nodes["baseline"][0])
    slicer.app.processEvents()
    assert panel.parameters.dynamic is None
    assert panel.parameters.segmentation is nodes["baseline"][1]
    assert not panel.runBar.button.enabled


def test_a_deleted_segmentation_becomes_none(visits, scene):
    panel, nodes = visits
    scene.RemoveNode(nodes["baseline"][1])
    slicer.app.processEvents()
    assert panel.parameters.segmentation is None
    assert panel.runBar.status.text == "Choose the tumour segment."


def test_a_series_whose_header_says_nothing_asks_for_its_visit(visits, dce_array):
    panel, _nodes = visits
    scrubbed, _regions = add_visit(dce_array, Examination(), "scrubbed")
    panel.ui.dynamicSelector.setCurrentNode(scrubbed)
    assert panel.parameters.visit == ""
    assert panel.parameters.segmentation is None
    assert "nothing tells which visit scrubbed MR is of" in panel.examination.changes.text


def test_two_examinations_of_one_day_are_two(visits, dce_array):
    """Dates that were all made the same say nothing; the study does."""
    panel, _nodes = visits
    same_day = Examination("3.1", "3.5", ("3.1.1",), "p", BASELINE.date)
    sequence, regions = add_visit(dce_array, same_day, "second")
    panel.ui.dynamicSelector.setCurrentNode(sequence)
    assert panel.parameters.segmentation is regions


def test_the_tumour_of_one_visit_stays_with_a_second_series_of_it(visits, dce_array):
    panel, nodes = visits
    sequence, _regions = add_visit(dce_array, replace(BASELINE, series_uids=("1.1.9",)), "corrected")
    panel.ui.dynamicSelector.setCurrentNode(sequence)
    assert panel.parameters.segmentation is nodes["baseline"][1]


def test_an_input_measured_at_another_visit_is_told(visits):
    panel, nodes = visits
    click(panel)
    panel.arterial.source.choose("table")
    panel.parameters.aifTable = slicer.util.getNode("baseline Arterial input table")
    panel.ui.dynamicSelector.setCurrentNode(nodes["day_7"][0])
    assert panel.examination.changes.look == "warning"
    assert "baseline Arterial input table is of another examination" in panel.examination.changes.text
    assert panel.parameters.aifTable is not None


def test_results_of_an_older_scene_are_those_of_their_series_only(visits):
    """Version 0.1 kept them with the parameter node, whatever was chosen."""
    from QuantDCELib.scene.results import ROLES, adopt_results, maps_of

    panel, nodes = visits
    click(panel)
    baseline, later = (nodes[name][0] for name in ("baseline", "day_7"))
    owner, count = panel.parameters.parameterNode, len(maps_of(baseline))
    for role in ROLES:
        for n in range(baseline.GetNumberOfNodeReferences(role)):
            owner.AddNodeReferenceID(role, baseline.GetNthNodeReferenceID(role, n))
        baseline.RemoveNodeReferenceIDs(role)
    adopt_results(owner, later)
    assert maps_of(later) == []
    adopt_results(owner, baseline)
    assert len(maps_of(baseline)) == count
    assert owner.GetNumberOfNodeReferences(ROLES[0]) == 0


def test_a_folder_that_holds_every_visit_tells_nothing(visits, dce_array):
    from HER2ImmunoCommonLib.scene import put_in_folder

    panel, _nodes = visits
    bare = [add_visit(dce_array, Examination(), f"bare {n}") for n in range(2)]
    for _sequence, regions in bare:
        regions.SetNodeReferenceID(regions.GetReferenceImageGeometryReferenceRole(), None)
    put_in_folder(slicer.mrmlScene, [node for pair in bare for node in pair], "Patient")
    panel.ui.dynamicSelector.setCurrentNode(bare[0][0])
    choose(panel.tumour.segments, bare[0][1], "Tumour")
    panel.ui.dynamicSelector.setCurrentNode(bare[1][0])
    assert panel.parameters.segmentation is None


def test_a_folder_of_one_visit_keeps_what_it_holds_together(visits, dce_array):
    from HER2ImmunoCommonLib.scene import put_in_folder

    panel, _nodes = visits
    bare = [add_visit(dce_array, Examination(), f"bare {n}") for n in range(2)]
    for n, (sequence, regions) in enumerate(bare):
        regions.SetNodeReferenceID(regions.GetReferenceImageGeometryReferenceRole(), None)
        put_in_folder(slicer.mrmlScene, [sequence, regions], f"Visit {n}")
    panel.ui.dynamicSelector.setCurrentNode(bare[0][0])
    choose(panel.tumour.segments, bare[0][1], "Tumour")
    panel.ui.dynamicSelector.setCurrentNode(bare[1][0])
    assert panel.parameters.segmentation is bare[1][1]
