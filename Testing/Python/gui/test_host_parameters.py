"""Typed parameters: stored in the node as Slicer stores them, checked, and bound to the widgets Slicer can bind."""

import pytest
import slicer


@pytest.fixture
def parameters(example):
    return example.panel.parameters


def test_values_are_stored_the_way_slicer_stores_them(parameters, scene):
    parameters.image = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "MR")
    parameters.threshold = 31.5
    parameters.smooth = False
    parameters.results = ["8", "9", "10"]
    parameters.results = ["8", "9"]
    node = parameters.parameterNode
    assert {
        name: node.GetParameter(name) for name in ("threshold", "frames", "smooth", "model", "colour", "image")
    } == {
        "threshold": "31.5",
        "frames": "3",
        "smooth": "False",
        "model": "patlak",
        "colour": "FIRE",
        "image": "",
    }
    assert node.GetNodeReferenceID("image") == parameters.image.GetID()
    stored = {name: node.GetParameter(name) for name in node.GetParameterNames() if name.startswith("results")}
    assert stored == {"results.len": "2", "results.0": "8", "results.1": "9"}


def test_a_value_outside_its_range_is_refused(parameters):
    with pytest.raises(ValueError, match="101"):
        parameters.threshold = 101.0
    with pytest.raises(ValueError, match="nosuch"):
        parameters.model = "nosuch"
    assert (parameters.threshold, parameters.model) == (20.0, "patlak")


@pytest.mark.parametrize(("name", "value"), [("frames", 2.5), ("smooth", 1), ("note", 3), ("image", "MR")])
def test_a_value_of_another_type_is_refused(parameters, name, value):
    with pytest.raises((TypeError, ValueError)):
        setattr(parameters, name, value)


def test_the_parameter_node_is_one_a_scene(example, parameters):
    again = example.panel.logic.getParameterNode()
    assert again.parameterNode is parameters.parameterNode
    assert parameters.parameterNode.GetSingletonTag() == "HostExample"
    assert parameters.parameterNode.GetAttribute("ModuleName") == "HostExample"


def test_a_change_is_seen_by_observers_once(parameters):
    import vtk

    heard = []
    tag = parameters.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: heard.append(parameters.threshold))
    parameters.threshold = 40.0
    parameters.RemoveObserver(tag)
    parameters.threshold = 50.0
    assert heard == [40.0]


def test_a_widget_that_cannot_show_the_type_is_refused(parameters):
    import qt

    with pytest.raises(RuntimeError, match="Unable to create GUI connector"):
        parameters.connectParametersToGui({"threshold": qt.QLineEdit()})


def test_a_name_the_parameters_have_not_got_is_refused(parameters):
    import qt

    with pytest.raises(ValueError, match="thresold"):
        parameters.connectParametersToGui({"thresold": qt.QDoubleSpinBox()})


def test_disconnecting_lets_the_widgets_go(parameters, example):
    slicer.app.processEvents()
    panel = example.panel
    panel.setParameterNode(None)
    panel.ui.noteLineEdit.text = "not stored"
    assert parameters.note == ""
