"""Pictures of what a slice view of Slicer shows, off-screen: the blended layers, outlines of segments, the legend.

The view is made of Slicer's own parts: the slice logic and the displayable managers that a view of the application has.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import slicer
import vtk
from HER2ImmunoCommonLib.charts import can_draw
from vtk.util.numpy_support import vtk_to_numpy

SIZE = 560, 420
MANAGERS = (
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLColorLegendDisplayableManager",
    "vtkMRMLMarkupsDisplayableManager",
)


class SliceView:
    """A slice view of a scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    application_logic : vtkMRMLApplicationLogic
        Gets the logic of this view, which the managers ask it for.
    name, orientation : str
    size : (int, int)
        Columns and rows in pixels.

    Attributes
    ----------
    node : vtkMRMLSliceNode
    layers : vtkMRMLSliceCompositeNode
    draws : bool
        Whether this machine can draw; without, nodes behave as ever, and there are no pictures.
    """

    def __init__(self, scene, application_logic, name="Red", orientation="Axial", size=SIZE):
        self._logic = slicer.vtkMRMLSliceLogic()
        self._logic.SetMRMLApplicationLogic(application_logic)
        self._logic.SetMRMLScene(scene)
        self.node, self.layers = self._logic.AddSliceNode(name), self._logic.GetSliceCompositeNode()
        self.node.SetDimensions(*size, 1)
        self.node.SetOrientation(orientation)
        logics = application_logic.GetSliceLogics() or vtk.vtkCollection()
        logics.AddItem(self._logic)
        application_logic.SetSliceLogics(logics)
        self.draws = can_draw()
        if not self.draws:
            return
        self._window = vtk.vtkRenderWindow()
        self._window.SetOffScreenRendering(True)
        self._window.SetSize(*size)
        self._renderer = vtk.vtkRenderer()
        self._window.AddRenderer(self._renderer)
        self._interactor = vtk.vtkGenericRenderWindowInteractor()
        self._interactor.SetRenderWindow(self._window)
        self._add_layers()
        self._add_managers(application_logic)

    def pixels(self) -> np.ndarray:
        """What is seen, as (row, column, 3), row 0 at the top."""
        grab = self._grab()
        image = grab.GetOutput()
        columns, rows, _ = image.GetDimensions()
        return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)[::-1, :, :3].copy()

    def save(self, path: Path) -> Path:
        """Write what is seen as PNG."""
        grab, writer = self._grab(), vtk.vtkPNGWriter()
        writer.SetFileName(str(path))
        writer.SetInputConnection(grab.GetOutputPort())
        writer.Write()
        return path

    def pixel_of(self, point) -> tuple[int, int]:
        """Row and column that show a point, RAS in mm."""
        to_pixel = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(self.node.GetXYToRAS(), to_pixel)
        x, y = to_pixel.MultiplyPoint((*map(float, point), 1.0))[:2]
        return self.node.GetDimensions()[1] - 1 - round(y), round(x)

    def close(self) -> None:
        """Let go of the window before the scene."""
        if self.draws:
            self._group.SetMRMLDisplayableNode(None)
            self._window.Finalize()

    def _add_layers(self) -> None:
        mapper = vtk.vtkImageMapper()
        mapper.SetInputConnection(self._logic.GetImageDataConnection())
        mapper.SetColorWindow(255)
        mapper.SetColorLevel(127.5)
        actor = vtk.vtkActor2D()
        actor.SetMapper(mapper)
        actor.GetProperty().SetDisplayLocationToBackground()
        self._layers_actor = actor

    def _add_managers(self, application_logic) -> None:
        self._group = slicer.vtkMRMLDisplayableManagerGroup()
        self._group.SetRenderer(self._renderer)
        for name in MANAGERS:
            manager = getattr(slicer, name)()
            manager.SetMRMLApplicationLogic(application_logic)
            self._group.AddDisplayableManager(manager)
        self._group.SetMRMLDisplayableNode(self.node)

    def _grab(self) -> vtk.vtkWindowToImageFilter:
        self._logic.UpdatePipeline()
        if self._logic.GetImageDataConnection() is not None:
            self._layers_actor.GetMapper().SetInputConnection(self._logic.GetImageDataConnection())
            self._renderer.AddViewProp(self._layers_actor)
        self._window.Render()
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(self._window)
        grab.ReadFrontBufferOff()
        grab.Update()
        return grab


def picture_folder(otherwise: Path) -> Path:
    """Where pictures go: the folder that HER2IMMUNO_PICTURES names, else `otherwise`."""
    folder = Path(os.environ.get("HER2IMMUNO_PICTURES") or otherwise)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
