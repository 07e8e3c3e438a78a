"""What happens in the midst of work: its scene closes, its nodes go, another examination or module is opened."""

import pytest
import slicer
from dce_states import (
    BESIDE,
    CENTRE,
    add_examination,
    ball,
    compute,
    differing,
    events,
    look_at,
    map_values,
    open_panel,
    settle,
    suggest,
    tissue,
    tumour_mask,
    when_running,
)


@pytest.fixture
def panel(load_module, views):
    return open_panel(load_module)


def test_a_cancelled_preparation_waits_for_a_person(panel, done):
    panel.computation.forget()
    did = when_running(panel, lambda: panel.runBar.cancelButton.click())
    look_at(panel, CENTRE)
    settle()
    assert did
    assert panel.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert not panel.probe.follows.checked
    panel.probe.follows.click()
    look_at(panel, BESIDE)
    settle()
    assert look_at(panel, CENTRE) == "Voxel 8, 9 of slice 4"


def test_what_was_worked_out_never_lands_in_another_examination(panel, second):
    """Its series is left, or deleted, in the midst of the work."""
    for work, begin in begins(panel).items():
        series = add_examination("baseline", tissue(ball()))
        for meanwhile in (
            lambda: setattr(panel.parameters, "dynamic", second),
            lambda series=series: slicer.mrmlScene.RemoveNode(series),
        ):
            panel.ui.dynamicSelector.setCurrentNode(series)
            if work != "suggest" and panel.parameters.segmentation is None:
                suggest(panel, CENTRE)
            before = made()
            did = when_running(panel, meanwhile)
            begin()
            events()
            assert did
            assert made() <= before
            assert map_values(second) == {}
            assert panel.parameters.arteryCandidates is None
        slicer.mrmlScene.RemoveNode(panel.parameters.segmentation)
        events()


def made():
    """What work makes: images, and segmentations of what was found."""
    kinds = ("vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLTableNode")
    return {node.GetID() for kind in kinds for node in slicer.util.getNodesByClass(kind)}


def begins(panel):
    return {
        "suggest": lambda: suggest(panel, CENTRE),
        "compute": panel.runBar.button.click,
        "preview": panel.compute.previewButton.click,
        "find": panel.artery.findButton.click,
    }


def test_a_scene_that_closes_ends_the_work_and_leaves_nothing(panel):
    for work, begin in begins(panel).items():
        series = add_examination("baseline", tissue(ball()))
        panel.compute.model.choose("tofts")
        panel.ui.t1Edit.text = "1.4"
        panel.ui.dynamicSelector.setCurrentNode(series)
        if work != "suggest":
            suggest(panel, CENTRE)
        did = when_running(panel, lambda: slicer.mrmlScene.Clear(0))
        begin()
        events()
        assert did
        assert not panel.runBar.running
        assert panel.runBar.status.text == "Choose the examination, or load one from a DICOM folder."
        assert slicer.util.getNodesByClass("vtkMRMLSegmentationNode") == []
        assert panel.parameters.followsCursor


def test_a_second_click_starts_nothing(panel, first):
    suggest(panel, CENTRE)
    started = []
    run = panel.runBar._worker.run

    def counted(work, progress):
        started.append(1)
        return run(work, progress)

    panel.runBar._worker.run = counted
    clicks = [button.click for button in (panel.runBar.button, panel.compute.previewButton, panel.artery.findButton)]
    did = when_running(panel, lambda: [click() for click in clicks])
    compute(panel)
    assert did
    assert started == [1]


def test_maps_that_were_computed_while_another_module_was_open_are_there(panel, first):
    suggest(panel, CENTRE)
    did = when_running(panel, panel.exit)
    compute(panel)
    assert did
    assert panel.computation._probe is None
    assert "Ktrans" in map_values(first)
    panel.enter()
    assert panel.parameters.step == "look"
    look_at(panel, CENTRE)
    settle()
    look_at(panel, BESIDE)
    assert differing(panel, first) == []


def test_a_tumour_deleted_while_another_is_suggested_does_not_take_it_along(panel, done):
    did = when_running(panel, lambda: slicer.mrmlScene.RemoveNode(panel.parameters.segmentation))
    suggest(panel, CENTRE)
    settle()
    assert did
    assert panel.parameters.segmentation is not None
    assert tumour_mask(panel)[CENTRE]


def test_a_change_of_the_extent_while_other_work_runs_follows_after_it(panel, done):
    before = tumour_mask(panel).sum()
    did = when_running(panel, lambda: setattr(panel.parameters, "seedRadiusMm", 4.0))
    panel.runBar.button.click()
    settle(1.0)
    assert did
    assert 0 < tumour_mask(panel).sum() < before


def test_a_click_is_not_waited_for_once_the_step_is_left(panel, first):
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    panel.steps.open("tumour")
    panel.tumour.suggestButton.click()
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    panel.steps.open("compute")
    assert interaction.GetCurrentInteractionMode() != interaction.Place
