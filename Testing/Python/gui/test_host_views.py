"""The stand-in's views are Slicer's own nodes and logics, and change as the application's do."""

import pytest
import slicer

CONVENTIONAL = slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView
CONVENTIONAL_WITH_PLOT = slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalPlotView


def chart(scene, name):
    return scene.AddNewNodeByClass("vtkMRMLPlotChartNode", name)


def volume(name):
    import numpy as np

    return slicer.util.addVolumeFromArray(np.zeros((2, 3, 4)), name=name)


def layers(views, name="Red"):
    composite = views.sliceWidget(name).mrmlSliceCompositeNode()
    return composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID(), composite.GetLabelVolumeID()


def test_views_are_there_when_asked_for(host, scene):
    assert slicer.app.layoutManager() is None
    views = host.open_views()
    assert slicer.app.layoutManager() is views
    assert sorted(views.sliceViewNames()) == ["Green", "Red", "Yellow"]
    assert views.layout == CONVENTIONAL
    assert scene.GetNumberOfNodesByClass("vtkMRMLSliceCompositeNode") == 3
    host.new_scene()
    assert slicer.app.layoutManager() is None


def test_slicer_s_own_functions_reach_the_views(views):
    image = volume("MR")
    slicer.util.setSliceViewerLayers(background=image, fit=True)
    logic = views.sliceWidget("Red").sliceLogic()
    assert logic.GetSliceCompositeNode().GetBackgroundVolumeID() == image.GetID()
    assert max(logic.GetSliceNode().GetFieldOfView()[:2]) < 20
    assert slicer.app.applicationLogic().GetSliceLogics().GetNumberOfItems() == 3


def test_a_closed_scene_keeps_the_views(views, scene):
    slicer.util.setSliceViewerLayers(background=volume("MR"))
    scene.Clear(0)
    assert sorted(views.sliceViewNames()) == ["Green", "Red", "Yellow"]
    assert layers(views) == (None, None, None)


def test_a_layout_without_a_plot_view_shows_no_plot(views, scene):
    assert views.plotViewCount == 0
    slicer.app.applicationLogic().GetSelectionNode().SetActivePlotChartID(chart(scene, "curve").GetID())
    slicer.app.applicationLogic().PropagatePlotChartSelection()
    assert views.plotWidget(0) is None


def test_showing_a_chart_changes_to_a_layout_with_a_plot(views, scene):
    heard = []
    assert views.connect("layoutChanged(int)", heard.append)
    curve = chart(scene, "curve")
    slicer.modules.plots.logic().ShowChartInLayout(curve)
    assert views.layout == CONVENTIONAL_WITH_PLOT
    assert heard == [CONVENTIONAL_WITH_PLOT]
    plot = views.plotWidget(0)
    assert not plot.isHidden()
    assert plot.mrmlPlotViewNode().GetPlotChartNode() is curve
    assert views.activeMRMLPlotViewNode() is plot.mrmlPlotViewNode()
    views.setLayout(CONVENTIONAL)
    assert plot.isHidden()
    assert views.activeMRMLPlotViewNode() is None


def test_the_plot_view_picks_another_chart_when_its_own_goes(views, scene):
    first, second = chart(scene, "first"), chart(scene, "second")
    slicer.modules.plots.logic().ShowChartInLayout(second)
    node = views.plotWidget(0).mrmlPlotViewNode()
    scene.RemoveNode(second)
    assert node.GetPlotChartNode() is first
    scene.RemoveNode(first)
    assert node.GetPlotChartNode() is None


@pytest.fixture
def editor(scene):
    editor = slicer.qMRMLSegmentEditorWidget()
    editor.setMRMLScene(scene)
    editor.setMRMLSegmentEditorNode(scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    return editor


def test_a_segment_editor_shows_its_source_volume(views, scene, editor):
    shown, drawn_on = volume("shown"), volume("drawn on")
    slicer.util.setSliceViewerLayers(background=shown, foreground=shown, label=shown)
    editor.setSegmentationNode(scene.AddNewNodeByClass("vtkMRMLSegmentationNode"))
    editor.setSourceVolumeNode(drawn_on)
    assert layers(views) == layers(views, "Yellow") == (drawn_on.GetID(), None, None)


def test_a_segment_editor_leaves_a_view_that_shows_its_volume(views, scene, editor):
    shown, over = volume("shown"), volume("over")
    slicer.util.setSliceViewerLayers(background=shown, foreground=over)
    editor.setSegmentationNode(scene.AddNewNodeByClass("vtkMRMLSegmentationNode"))
    editor.setSourceVolumeNode(over)
    assert layers(views)[:2] == (shown.GetID(), over.GetID())


def test_a_segment_editor_can_be_told_to_leave_the_views(views, scene, editor):
    editor.autoShowSourceVolumeNode = False
    editor.setSegmentationNode(scene.AddNewNodeByClass("vtkMRMLSegmentationNode"))
    editor.setSourceVolumeNode(volume("drawn on"))
    assert layers(views) == (None, None, None)


def test_a_segment_editor_follows_the_layout_while_it_observes(views, scene, editor):
    editor.setSegmentationNode(scene.AddNewNodeByClass("vtkMRMLSegmentationNode"))
    editor.setSourceVolumeNode(volume("drawn on"))
    slicer.util.setSliceViewerLayers(background=None)
    views.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    assert layers(views) == (None, None, None)
    editor.setupViewObservations()
    views.setLayout(CONVENTIONAL)
    assert layers(views)[0] == editor.sourceVolumeNode().GetID()


def test_a_source_volume_needs_a_segmentation(host, editor):
    editor.setSourceVolumeNode(volume("drawn on"))
    assert editor.sourceVolumeNode() is None
    assert len(host.slot_errors) == 1
    host.slot_errors.clear()


def test_a_segment_editor_is_as_wide_as_slicer_s(scene, editor):
    assert editor.minimumSizeHint().width() == 400
