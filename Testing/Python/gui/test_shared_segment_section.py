"""Choosing the tumour segment: by ID, never the first one by itself, kept in the scene."""

import pytest
import slicer


@pytest.fixture
def section(example):
    return example.panel.segments


@pytest.fixture
def parameters(example):
    return example.panel.parameters


def add_segmentation(name, *segments):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    for segment in segments:
        node.GetSegmentation().AddEmptySegment(segment, segment)
    return node


def chosen(parameters):
    return parameters.segmentation and parameters.segmentation.GetName(), parameters.segmentId


def test_nothing_is_chosen_at_first(section, parameters):
    add_segmentation("Regions", "breast", "tumour")
    assert chosen(parameters) == (None, "")
    assert section.reason() == "Choose the tumour segment."


def test_choosing_a_segmentation_does_not_choose_its_first_segment(section, parameters):
    section.selector.setCurrentNode(add_segmentation("Regions", "breast", "tumour"))
    assert chosen(parameters) == ("Regions", "")
    assert section.selector.currentSegmentID() == ""
    assert section.reason()


def test_a_chosen_segment_is_stored_by_its_id(section, parameters):
    section.selector.setCurrentNode(add_segmentation("Regions", "breast", "tumour"))
    section.selector.setCurrentSegmentID("tumour")
    assert chosen(parameters) == ("Regions", "tumour")
    assert section.reason() == ""


@pytest.mark.parametrize("shared", [("breast", "tumour"), ("other", "third")])
def test_another_segmentation_needs_another_choice(section, parameters, shared):
    section.selector.setCurrentNode(add_segmentation("Regions", "breast", "tumour"))
    section.selector.setCurrentSegmentID("tumour")
    section.selector.setCurrentNode(add_segmentation("Second", *shared))
    assert chosen(parameters) == ("Second", "")
    assert section.selector.currentSegmentID() == ""


def test_a_removed_segment_is_not_replaced_by_another(section, parameters):
    node = add_segmentation("Regions", "breast", "tumour")
    section.selector.setCurrentNode(node)
    section.selector.setCurrentSegmentID("tumour")
    node.GetSegmentation().RemoveSegment("tumour")
    assert chosen(parameters) == ("Regions", "")
    assert section.selector.currentSegmentID() == ""
    node.GetSegmentation().AddEmptySegment("new", "new")
    assert chosen(parameters) == ("Regions", "")


def test_a_removed_segmentation_leaves_nothing_chosen(section, parameters):
    node = add_segmentation("Regions", "tumour")
    section.selector.setCurrentNode(node)
    section.selector.setCurrentSegmentID("tumour")
    slicer.mrmlScene.RemoveNode(node)
    assert section.reason() == "Choose the tumour segment."


def test_a_choice_made_in_the_parameter_node_is_shown(section, parameters):
    parameters.segmentation = add_segmentation("Regions", "breast", "tumour")
    parameters.segmentId = "tumour"
    assert section.selector.currentNode().GetName() == "Regions"
    assert section.selector.currentSegmentID() == "tumour"


def test_a_new_segmentation_is_chosen_and_opened_in_the_editor(section, parameters):
    section.newButton.click()
    assert section.reason() == ""
    assert not section.editorSection.collapsed
    editor = section.editor.widget
    assert editor.segmentationNode() is parameters.segmentation
    assert editor.currentSegmentID() == parameters.segmentId
    assert editor.mrmlSegmentEditorNode().GetSingletonTag() == "HostExample.SegmentEditor"


def test_the_editor_draws_on_the_image_of_the_panel(section, parameters):
    parameters.image = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "MR")
    section.newButton.click()
    assert section.editor.widget.sourceVolumeNode() is parameters.image
