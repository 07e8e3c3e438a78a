"""The mouse in the views: where it is, and the one point it places."""

import pytest
import slicer
from hands import click_in_view, drag_point, hover

HERE, THERE = (12.0, -34.5, 56.0), (-7.0, 8.0, 9.0)


@pytest.fixture
def parameters(scene):
    """A parameter node with a point and a choice whether to follow the mouse."""
    from slicer.parameterNodeWrapper import parameterNodeWrapper

    @parameterNodeWrapper
    class Parameters:
        point: slicer.vtkMRMLMarkupsFiducialNode
        followsCursor: bool = True

    return Parameters(scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


@pytest.fixture
def watch(frame, parameters):
    """A watch that is on, with the places it told of."""
    from HER2ImmunoCommonLib.gui import CursorWatch

    told = []
    watch = CursorWatch(frame, told.append, "followsCursor")
    watch.told = told
    watch.setMRMLScene(slicer.mrmlScene)
    watch.setParameterNode(parameters)
    yield watch
    watch.cleanup()


@pytest.fixture
def placing(frame, parameters):
    """The work of a button, with the places it told of and whether it waits."""
    import qt
    from HER2ImmunoCommonLib.gui import PointPlacing

    told, waiting = [], []
    placing = PointPlacing(qt.QPushButton(frame), "point", "Seed", told.append, waiting.append)
    placing.told, placing.said = told, waiting
    placing.setMRMLScene(slicer.mrmlScene)
    placing.setParameterNode(parameters)
    yield placing
    placing.cleanup()


def is_place_mode():
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    return interaction.GetCurrentInteractionMode() == interaction.Place


def observers_of_crosshair():
    crosshair = slicer.mrmlScene.GetSingletonNode("default", "vtkMRMLCrosshairNode")
    return crosshair.HasObserver(crosshair.CursorPositionModifiedEvent)


def test_the_place_of_the_mouse_is_told_and_that_it_has_left(watch):
    hover(HERE)
    hover(None)
    hover(THERE)
    assert watch.told == [HERE, None, THERE]


def test_however_fast_the_mouse_moves_only_the_last_place_of_a_turn_is_told(watch):
    crosshair = slicer.mrmlScene.GetSingletonNode("default", "vtkMRMLCrosshairNode")
    for n in range(100):
        crosshair.SetCursorPositionRAS([float(n), 0.0, 0.0])
    assert watch.told == []
    slicer.app.processEvents()
    assert watch.told == [(99.0, 0.0, 0.0)]


def test_the_same_place_is_told_once(watch):
    hover(HERE)
    hover(HERE)
    assert watch.told == [HERE]


def test_a_watch_that_is_off_observes_nothing(watch, parameters):
    assert observers_of_crosshair()
    parameters.followsCursor = False
    watch.follow()
    hover(HERE)
    assert watch.told == []
    assert not observers_of_crosshair()
    parameters.followsCursor = True
    watch.follow()
    hover(THERE)
    assert watch.told == [THERE]


@pytest.mark.parametrize("end", ["exit", "cleanup"])
def test_nothing_is_observed_when_the_panel_is_left(watch, end):
    crosshair = slicer.mrmlScene.GetSingletonNode("default", "vtkMRMLCrosshairNode")
    crosshair.SetCursorPositionRAS(HERE)
    getattr(watch, end)()
    slicer.app.processEvents()
    hover(THERE)
    assert watch.told == []
    assert not observers_of_crosshair()


def test_a_scene_without_a_crosshair_has_nothing_to_follow(watch, parameters):
    watch.setParameterNode(None)
    slicer.mrmlScene.RemoveNode(slicer.mrmlScene.GetSingletonNode("default", "vtkMRMLCrosshairNode"))
    watch.setParameterNode(parameters)
    assert not watch.isOn


def test_a_click_places_the_point_and_is_told(placing, parameters):
    placing.button.click()
    assert (is_place_mode(), placing.button.checked, placing.said) == (True, True, [True])
    click_in_view(HERE)
    assert placing.told == [HERE]
    assert placing.place == HERE
    assert (is_place_mode(), placing.button.checked, placing.said) == (False, False, [True, False])
    assert parameters.point.GetName() == "Seed"
    assert not parameters.point.GetLocked()


def test_the_mark_is_small_and_not_in_3d(placing, parameters):
    placing.start()
    display = parameters.point.GetDisplayNode()
    assert not display.GetPointLabelsVisibility()
    assert not display.GetVisibility3D()
    assert display.GetVisibility2D()


def test_a_second_click_takes_the_place_of_the_first(placing, parameters):
    for place in (HERE, THERE):
        placing.button.click()
        click_in_view(place)
    assert placing.told == [HERE, THERE]
    assert parameters.point.GetNumberOfControlPoints() == 1
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsFiducialNode") == 1


def test_a_point_is_dragged(placing, parameters):
    placing.button.click()
    click_in_view(HERE)
    drag_point(parameters.point, THERE)
    assert placing.told == [HERE, THERE]


def test_the_point_that_follows_the_mouse_before_the_click_is_none(placing, parameters):
    placing.button.click()
    parameters.point.AddControlPointWorld(HERE)
    parameters.point.SetNthControlPointPositionWorld(0, HERE, slicer.vtkMRMLMarkupsNode.PositionPreview)
    slicer.app.processEvents()
    assert placing.told == []
    assert placing.place is None


def test_the_place_is_that_in_the_world_under_a_transform(placing, parameters):
    import vtk

    moved = vtk.vtkTransform()
    moved.Translate(100.0, 0.0, 0.0)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
    transform.SetAndObserveTransformToParent(moved)
    placing.button.click()
    parameters.point.SetAndObserveTransformNodeID(transform.GetID())
    click_in_view(HERE)
    assert placing.told == [pytest.approx(HERE)]


def test_a_second_press_cancels_and_an_earlier_point_stays(placing):
    placing.button.click()
    click_in_view(HERE)
    placing.button.click()
    placing.button.click()
    assert not is_place_mode()
    assert not placing.button.checked
    assert (placing.place, placing.told) == (HERE, [HERE])


def test_escape_cancels(placing, frame):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    frame.show()
    frame.activateWindow()
    placing.button.click()
    slicer.app.processEvents()
    QTest.keyClick(frame, Qt.Key.Key_Escape)
    assert not is_place_mode()
    assert not placing.button.checked
    assert not placing._escape.enabled


def test_another_mode_chosen_elsewhere_ends_the_waiting(placing):
    placing.button.click()
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    interaction.SetCurrentInteractionMode(interaction.AdjustWindowLevel)
    assert not placing.button.checked
    assert interaction.GetCurrentInteractionMode() == interaction.AdjustWindowLevel


def test_another_point_placed_elsewhere_is_not_disturbed(placing, scene):
    placing.button.click()
    other = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
    slicer.app.applicationLogic().GetSelectionNode().SetReferenceActivePlaceNodeID(other.GetID())
    placing.exit()
    assert is_place_mode()
    assert not placing.button.checked


@pytest.mark.parametrize("end", ["exit", "cleanup"])
def test_leaving_the_panel_ends_the_waiting(placing, parameters, end):
    placing.button.click()
    point = parameters.point
    getattr(placing, end)()
    assert not is_place_mode()
    point.AddControlPointWorld(HERE)
    slicer.app.processEvents()
    assert placing.told == []


def test_a_point_that_is_deleted_ends_the_waiting(placing, parameters):
    placing.button.click()
    slicer.mrmlScene.RemoveNode(parameters.point)
    parameters.point = None
    placing.follow()
    assert not is_place_mode()
    assert not placing.button.checked
    placing.button.click()
    click_in_view(THERE)
    assert placing.told == [THERE]


def test_without_a_parameter_node_the_button_does_nothing(placing):
    placing.setParameterNode(None)
    placing.button.click()
    assert not is_place_mode()
    assert not placing.button.checked


def test_a_point_of_a_loaded_scene_is_known_and_not_told(placing, parameters, scene):
    point = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
    point.AddControlPointWorld(HERE)
    parameters.point = point
    placing.follow()
    slicer.app.processEvents()
    assert (placing.place, placing.told) == (HERE, [])
    drag_point(point, THERE)
    assert placing.told == [THERE]


def test_a_point_is_told_of_while_it_is_dragged_where_that_is_wanted(frame, parameters):
    import qt
    from HER2ImmunoCommonLib.gui import PointPlacing

    told = []
    placing = PointPlacing(qt.QPushButton(frame), "point", "Probe", told.append, whileDragged=True)
    placing.setParameterNode(parameters)
    placing.button.click()
    click_in_view(HERE)
    parameters.point.SetNthControlPointPositionWorld(0, THERE)
    slicer.app.processEvents()
    slicer.app.processEvents()
    assert told == [HERE, THERE]
    placing.cleanup()


def test_while_a_click_is_waited_for_an_earlier_point_is_not_told_again(frame, parameters):
    """Before the click a further point follows the mouse in the views."""
    import qt
    from HER2ImmunoCommonLib.gui import PointPlacing

    told = []
    placing = PointPlacing(qt.QPushButton(frame), "point", "Probe", told.append, whileDragged=True)
    placing.setParameterNode(parameters)
    for place in (HERE, THERE):
        placing.button.click()
        preview = parameters.point.AddControlPointWorld([0.0, 0.0, 0.0])
        parameters.point.SetNthControlPointPositionWorld(
            preview, [1.0, 0.0, 0.0], slicer.vtkMRMLMarkupsNode.PositionPreview
        )
        for n in range(5):
            parameters.point.SetNthControlPointPositionWorld(
                preview, [float(n), 0.0, 0.0], slicer.vtkMRMLMarkupsNode.PositionPreview
            )
            slicer.app.processEvents()
        parameters.point.RemoveNthControlPoint(preview)
        told.clear()
        click_in_view(place)
        slicer.app.processEvents()
        assert told == [place]
    placing.cleanup()
