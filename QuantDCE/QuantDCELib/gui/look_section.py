"""Looking at the results: one map or curve, or maps side by side, in a window that is kept, and the tumour's values."""

from __future__ import annotations

import ctk
import qt
import slicer
import vtk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart, StatusLine, narrowChoice, tellWholeText, wrapLabel
from HER2ImmunoCommonLib.scene import (
    MOST_MAPS,
    end_side_by_side,
    is_side_by_side,
    layout_node,
    maps_side_by_side,
    register_layouts,
)
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ..scene.results import maps_named, maps_of, results_state, summary_of
from ..scene.show import (
    first_maps,
    result_name,
    result_named,
    show_maps_side_by_side,
    show_result,
    shown_results,
)
from .histogram_view import HistogramView
from .map_ticks import MapTicks
from .window_row import WindowRow


class LookSection(PanelPart, qt.QWidget):
    """A result is shown when a person chooses it, and nothing uninvited, also after a scene was loaded.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._observation, self._results, self._justShown = VTKObservationMixin(), None, False
        self._state, self._removed = [], qt.QTimer(self)
        self._removed.setSingleShot(True)
        self._removed.connect("timeout()", self._onRemoved)
        self.empty = qt.QLabel(_("There are no results to look at yet; compute them first."), self)
        wrapLabel(self.empty)
        self.row = qt.QWidget(self)
        self.selector = ctk.ctkComboBox(self.row)
        self.selector.setToolTip(_("A map, shown over the images, or a curve, in a plot view"))
        narrowChoice(self.selector)
        tellWholeText(self.selector)
        self.sideBySide = qt.QPushButton(_("Side by side"), self.row)
        self.sideBySide.setCheckable(True)
        self.ticks, self.windowRow, self.histogram = (
            MapTicks(self, self._onTicked),
            WindowRow(self),
            HistogramView(self),
        )
        self.refusal = StatusLine(self)
        self.inner += [self.ticks, self.windowRow, self.histogram]
        self._lay()
        self.selector.connect("currentIndexChanged(int)", self._onChosen)
        self.selector.connect("activated(int)", self._onActivated)
        self.sideBySide.connect("clicked(bool)", self._onSideBySide)
        for event, slot in (
            ("StartCloseEvent", self._onSceneCloses),
            ("EndImportEvent", self._onImported),
            ("NodeRemovedEvent", self._onNodeRemoved),
        ):
            self._observation.addObserver(slicer.mrmlScene, getattr(slicer.vtkMRMLScene, event), slot)
        register_layouts(slicer.mrmlScene)

    def _lay(self) -> None:
        row = qt.QHBoxLayout(self.row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(qt.QLabel(_("Show:"), self.row))
        row.addWidget(self.selector, 1)
        row.addWidget(self.sideBySide)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.empty, self.row, self.refusal, self.ticks, self.windowRow, self.histogram):
            layout.addWidget(widget)

    def choose(self, name: str) -> None:
        """Choose a result by its name, such as "Ktrans", as a click would."""
        self.selector.setCurrentIndex(self.selector.findData(name))
        self._onActivated(self.selector.currentIndex)

    def setParameterNode(self, parameters) -> None:
        """Show the results of the series in `parameters` (None: nothing)."""
        self._results = None
        self.refusal.say("plain", "")
        self.windowRow.showMap(None)
        self.histogram.showMap(None)
        PanelPart.setParameterNode(self, parameters)

    def follow(self) -> None:
        """The parts inside are told by this one, once the map that they show is known to be there still."""
        self.refresh()

    def refresh(self) -> None:
        """Offer the results of the chosen series, and tell which are shown."""
        series = self._series()
        results, self._state = shown_results(series), results_state(series)
        known, self._results = self._results, [node.GetID() for node in results]
        if known != self._results:
            self._offer(series, results)
            if known is not None and maps_of(series) and is_side_by_side(slicer.mrmlScene):
                self._showSideBySide()  # a run may have made other maps
        self.ticks.refresh()
        self._tellChosen()
        self._followLayout()
        self.row.setVisible(bool(results))
        self.empty.setVisible(not results)

    def cleanup(self) -> None:
        """Stop watching the scene and its layout."""
        self._removed.stop()
        self._observation.removeObservers()
        PanelPart.cleanup(self)

    def _series(self):
        return None if self._parameters is None else self._parameters.dynamic

    def _offer(self, series, results) -> None:
        visit = summary_of(series).visit
        with self.filling():
            self.selector.clear()
            self.selector.addItem(_("Choose a map or a curve"), "")
            for node in results:
                self.selector.addItem(node.GetName().removeprefix(f"{visit} "), result_name(node))
        self.ticks.offer([result_name(node) for node in maps_of(series)])

    def _tellChosen(self) -> None:
        name = "" if self._parameters is None else self._parameters.shownMap
        with self.filling():
            self.selector.setCurrentIndex(max(0, self.selector.findData(name)))
        chosen = result_named(self._series(), name) if name else None
        self.windowRow.showMap(chosen)
        self.histogram.showMap(chosen)

    def _followLayout(self) -> None:
        """Tell whether maps are side by side: a person may choose another layout by other means."""
        layout = layout_node(slicer.mrmlScene)
        if layout is not None and not self._observation.hasObserver(
            layout, vtk.vtkCommand.ModifiedEvent, self._onLayout
        ):
            self._observation.addObserver(layout, vtk.vtkCommand.ModifiedEvent, self._onLayout)
        shown, canShow = is_side_by_side(slicer.mrmlScene), bool(maps_of(self._series())) and layout is not None
        with self.filling():
            self.sideBySide.checked = shown
        self.sideBySide.setEnabled(canShow)
        self.sideBySide.setToolTip(self._sideBySideTip(canShow, layout is not None))
        self.ticks.setVisible(shown and canShow)

    def _sideBySideTip(self, canShow: bool, hasViews: bool) -> str:
        if canShow:
            return _("Show several maps at once, each in a view of its own, in the same plane and place, linked")
        return _("There are no maps yet; compute them first") if hasViews else _("There are no views to show maps in")

    def _onLayout(self, caller=None, event=None) -> None:
        if not is_side_by_side(slicer.mrmlScene):
            end_side_by_side(slicer.mrmlScene)
        if self._parameters is not None:
            self._followLayout()

    def _onChosen(self, index: int) -> None:
        if self.takesChoices and index > 0:
            self._justShown = True
            self._parameters.shownMap = self.selector.itemData(index)
            self._showChosen()

    def _onActivated(self, index: int) -> None:
        """The same one chosen again is shown again."""
        again, self._justShown = not self._justShown, False
        if again and self.takesChoices and index > 0:
            self._showChosen()

    def _showChosen(self) -> None:
        parameters = self._parameters
        chosen = result_named(parameters.dynamic, parameters.shownMap)
        if chosen is not None and chosen not in maps_side_by_side(slicer.mrmlScene):
            self._try(show_result, chosen)

    def _try(self, show, shown) -> None:
        """Show a result or maps over the images of the parameter node; what stands in the way is told here."""
        parameters, refusal = self._parameters, ""
        try:
            show(shown, parameters.dynamic, parameters.segmentation, parameters.segmentId)
        except InputError as error:
            refusal = str(error)
        self.refusal.say("error", refusal)

    def _onSideBySide(self, on: bool) -> None:
        if not self.takesChoices:
            return
        if on:
            self._showSideBySide()
        else:
            end_side_by_side(slicer.mrmlScene)
        self._followLayout()

    def _onTicked(self) -> None:
        if is_side_by_side(slicer.mrmlScene):
            self._onSideBySide(bool(self._ticked()))

    def _ticked(self) -> list:
        return maps_named(self._series(), self._parameters.sideBySide.split(","))[:MOST_MAPS]

    def _showSideBySide(self) -> None:
        parameters = self._parameters
        if not self._ticked():
            parameters.sideBySide = ",".join(map(result_name, first_maps(parameters.dynamic)))
        self._try(show_maps_side_by_side, self._ticked())

    def _onSceneCloses(self, caller=None, event=None) -> None:
        end_side_by_side(slicer.mrmlScene)

    def _onNodeRemoved(self, caller=None, event=None) -> None:
        # Not now: the scene is at work on it.
        if self._parameters is not None and not slicer.mrmlScene.IsClosing():
            self._removed.start(0)

    def _onRemoved(self) -> None:
        """A result was deleted elsewhere: every part of the panel is told of it."""
        if self._parameters is not None and results_state(self._series()) != self._state:
            self._parameters.parameterNode.Modified()

    def _onImported(self, caller=None, event=None) -> None:
        register_layouts(slicer.mrmlScene)
