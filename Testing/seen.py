"""What a person sees in the views, by the nodes that say it; in 3D Slicer and on the stand-in."""

from __future__ import annotations

import numpy as np
import slicer
from panel_checks import check

LAYERS = ("Background", "Foreground", "Label")
LAYER_KIND = "vtkMRMLSliceCompositeNode"


def shown_layers() -> dict[str, tuple]:
    """Names of background, foreground and label of each slice view, by the view."""
    views = slicer.util.getNodesByClass(LAYER_KIND)
    check(views, "there are no slice views")
    return {view.GetLayoutName(): tuple(getattr(view, f"Get{layer}VolumeID")() for layer in LAYERS) for view in views}


def background_is(volume) -> None:
    """A volume is the only layer of every slice view."""
    wrong = {name: ids for name, ids in shown_layers().items() if ids != (volume.GetID(), None, None)}
    check(not wrong, f"{volume.GetName()} is not seen by itself: {wrong}")


def map_is_seen(volume, images) -> None:
    """A map is the only layer over some images, with the only legend, and drawn to its rim."""
    from HER2ImmunoCommonLib.scene import has_legend

    wrong = {name: ids for name, ids in shown_layers().items() if ids != (images.GetID(), volume.GetID(), None)}
    check(not wrong, f"{volume.GetName()} is not the only layer over {images.GetName()}: {wrong}")
    check(has_legend(volume), f"{volume.GetName()} has no legend")
    legends = [each for each in slicer.util.getNodesByClass("vtkMRMLColorLegendDisplayNode") if each.GetVisibility()]
    check(len(legends) == 1, f"{len(legends)} legends are seen")
    if not np.isfinite(slicer.util.arrayFromVolume(volume)).all():
        check(not volume.GetDisplayNode().GetInterpolate(), f"{volume.GetName()} is interpolated, its rim not drawn")


def segments_are_seen(regions, outlined: bool = False) -> None:
    """One segmentation alone is seen in the slice views; `outlined`: without filling."""
    displays = {
        each.GetName(): each.GetDisplayNode() for each in slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    }
    seen = [name for name, each in displays.items() if each.GetVisibility() and each.GetVisibility2D()]
    check(seen == [regions.GetName()], f"the segments of {seen} are seen")
    display = regions.GetDisplayNode()
    check(not outlined or (display.GetVisibility2DOutline() and not display.GetVisibility2DFill()), "they are filled")


def plotted_chart():
    """The chart that the plot view of the layout shows; None without one."""
    view = slicer.app.layoutManager().activeMRMLPlotViewNode()
    return None if view is None else view.GetPlotChartNode()


def what_is_seen() -> dict[str, object]:
    """All that decides what the views show: layout, layers, displays, planes, frames and charts."""
    found = {"layout": slicer.app.layoutManager().layout, "layers": shown_layers()}
    for kind, *getters in (
        ("vtkMRMLDisplayNode", "GetVisibility", "GetVisibility2D", "GetOpacity", "GetColorNodeID"),
        ("vtkMRMLSegmentationDisplayNode", "GetVisibility2DFill", "GetVisibility2DOutline"),
        ("vtkMRMLScalarVolumeDisplayNode", "GetInterpolate", "GetWindow", "GetLevel"),
        ("vtkMRMLSequenceBrowserNode", "GetSelectedItemNumber"),
        ("vtkMRMLPlotViewNode", "GetPlotChartNodeID"),
        (LAYER_KIND, "GetForegroundOpacity", "GetLabelOpacity"),
    ):
        for each in slicer.util.getNodesByClass(kind):
            if each.IsA("vtkMRMLDisplayNode") and each.GetDisplayableNode() is None:
                continue  # of the application's own
            found[f"{kind} {each.GetID()}"] = [getattr(each, getter)() for getter in getters]
    for plane in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        found[plane.GetID()] = slicer.util.arrayFromVTKMatrix(plane.GetSliceToRAS()).tolist()
    return found
