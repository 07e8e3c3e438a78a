"""Docs/Tutorial.md as a person walks it, by the widgets of the panels alone: in 3D Slicer and on the stand-in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

import slicer
from calibrate_walk import prior_is_seen, volume_is_calibrated
from hands import (
    choose,
    choose_examination,
    choose_segment,
    click_on,
    drag_on,
    hover,
    node,
    panel_of,
    press_key,
    ras_of,
    run,
    wait_for,
)
from panel_checks import check, opens, sample_loads
from seen import background_is, map_is_seen, plotted_chart, segments_are_seen, what_is_seen
from visits_walk import check_accepted, visits_are_aligned, visits_are_compared
from what_if_walk import scenarios_are_compared

VISITS = {"baseline": 0.0, "day_7": 7.0, "day_14": 14.0}
KTRANS = "Ktrans (1/min)"
Step = tuple[str, Callable[[], None]]


def rows_of(table) -> dict:
    """The rows of a measurement table by visit."""
    from HER2ImmunoCommonLib.scene import read_table

    return {row.visit: row for row in read_table(table)}


class TutorialWalk:
    """The steps of the tutorial in their order, on an empty scene with views.

    Parameters
    ----------
    visits : int
        How many are measured.
    draws : int, optional
        Of the posterior; what the panel proposes if None.
    """

    def __init__(self, visits: int = len(VISITS), draws: int | None = None):
        self._visits, self._draws = list(VISITS)[:visits], draws
        self._truth, self._chart, self._folder = None, None, None

    def steps(self) -> list[Step]:
        """Each step with the sentence that says what is checked."""
        first, *later = self._visits
        dce = [("Quant DCE shows the chosen series at its late frame", lambda: self.series_is_shown(first))]
        dce += [("tumour, flip angles and artery are chosen", self.dce_is_made_ready)]
        pet = [("PET Hypoxia shows the chosen PET", lambda: self.pet_is_shown(first))]
        pet += [("tumour and muscle are chosen", self.pet_is_made_ready)]
        for visit in self._visits:
            if visit in later:
                dce += [(f"the choices follow the series of {visit}", lambda visit=visit: self.dce_follows(visit))]
                pet += [(f"the choices follow the PET of {visit}", lambda visit=visit: self.pet_follows(visit))]
            dce += [(f"the maps of {visit} are computed", lambda visit=visit: self.dce_is_computed(visit))]
            dce += [(f"Ktrans of {visit} is seen by itself", lambda visit=visit: self.ktrans_is_shown(visit))]
            dce += [(f"a voxel of {visit} shows its curve", lambda visit=visit: self.voxel_is_seen(visit))]
            pet += [(f"hypoxia of {visit} is measured", lambda visit=visit: self.pet_is_measured(visit))]
            pet += [(f"ratio map and sweep of {visit} are seen", lambda visit=visit: self.ratio_is_shown(visit))]
        dce += [("the results of each visit are kept", self.dce_results_are_kept)]
        return [
            ("the three visits load and the first PET is seen", self.sample_is_loaded),
            *dce,
            *pet,
            ("the tables of the model are chosen", self.tables_are_chosen),
            ("the visits are aligned and accepted", visits_are_aligned),
            ("the visits are seen beside each other", visits_are_compared),
            ("a dose is added, dragged and deleted on the time line", self.doses_are_changed),
            ("what the prior says is seen", prior_is_seen),
            ("a model of the volume alone is calibrated", volume_is_calibrated),
            ("two scenarios are kept and compared on the time line", scenarios_are_compared),
            ("schedules are ranked and their plot is seen", self.model_is_ranked),
            ("a new ranking takes the place of the plot", self.plot_has_a_successor),
            ("entering panels and drawing leave the views alone", self.views_are_left_alone),
            ("the scene is saved", self.scene_is_saved),
            ("the loaded scene has every result", self.scene_is_loaded),
        ]

    def sample_is_loaded(self) -> None:
        """1: images, regions and tables of three visits."""
        sample_loads("loadVirtualPatient", "vtkMRMLSequenceNode")
        for visit in VISITS:
            for what in ("dynamic", "flip angles"):
                node("vtkMRMLSequenceNode", f"{visit} {what}")
            node("vtkMRMLScalarVolumeNode", f"{visit} PET")
        background_is(node("vtkMRMLScalarVolumeNode", "baseline PET"))
        segments_are_seen(node("vtkMRMLSegmentationNode", "baseline regions"))
        self._truth = rows_of(self._truth_table())

    def series_is_shown(self, visit: str) -> None:
        """2.1: the examination, what was understood of it, and its frames."""
        panel, series = panel_of("QuantDCE"), node("vtkMRMLSequenceNode", f"{visit} dynamic")
        choose_examination(panel.examination.box, series)
        background_is(self._shown(series))
        frames = panel.examination.frames
        check(frames.slider.value > 0, "the frame that is shown is one before contrast agent")
        check(frames.label.text.startswith(f"Frame {frames.slider.value + 1} of "), frames.label.text)
        understood = panel.examination.timeLine.text
        check(f"{series.GetNumberOfDataNodes()} frames" in understood and "TR " in understood, understood)
        self._is_visit(panel, visit)

    def dce_is_made_ready(self) -> None:
        """2.1 to 2.4: tumour, T1 from the flip angles and the artery have followed; nothing is left to answer."""
        panel = panel_of("QuantDCE")
        regions = node("vtkMRMLSegmentationNode", "baseline regions")
        for step in ("examination", "tumour", "input"):
            check(panel.steps.named(step).isDone, f"the step {step} is not done")
        check(panel.steps.opened.name == "compute", "the step that is open is not Compute")
        check(panel.parameters.segmentation is regions, "the tumour is not that of the visit")
        for named in ("Tumour", "Vessel", "baseline flip angles"):
            check(named in panel.compute.plan.text, panel.compute.plan.text)
        check(panel.runBar.button.enabled, panel.runBar.status.text)
        segments_are_seen(regions)

    def dce_is_computed(self, visit: str) -> None:
        """2.4 and 2.6: maps named by the visit; a row of a table made here once it is asked for."""
        panel = panel_of("QuantDCE")
        before = rows_of(panel.parameters.measurements) if panel.parameters.measurements is not None else {}
        run(panel.runBar)
        title = panel.results.section.text
        check(title == f"All values of {visit}, {visit} dynamic", title)
        node("vtkMRMLScalarVolumeNode", f"{visit} {KTRANS}")
        check(not panel.results.stale.text, panel.results.stale.text)
        check(visit not in before, f"the row of {visit} was written before it was asked for")
        panel.keep.toVisit.button.click()
        check(panel.keep.toVisit.status.look in ("ok", "warning"), panel.keep.toVisit.status.text)
        done = self._visits[: self._visits.index(visit) + 1]
        rows = rows_of(panel.parameters.measurements)
        check(list(rows) == done, f"the table has rows of {list(rows)}")
        check(0.0 < rows[visit].values["ktrans_median_per_min"] < 1.0, "Ktrans cannot be")
        check(rows[visit].day == VISITS[visit], f"the row of {visit} is of day {rows[visit].day:g}")
        check(panel.parameters.measurements is not self._truth_table(), "results went into the table of the truth")
        check(rows_of(self._truth_table()) == self._truth, "the table of the truth has changed")

    def ktrans_is_shown(self, visit: str) -> None:
        """2.5: the map alone over its own images, with its legend and outlines, not interpolated."""
        look = panel_of("QuantDCE").look
        look.choose("Ktrans")
        series = node("vtkMRMLSequenceNode", f"{visit} dynamic")
        map_is_seen(node("vtkMRMLScalarVolumeNode", f"{visit} {KTRANS}"), self._shown(series))
        segments_are_seen(node("vtkMRMLSegmentationNode", f"{visit} regions"), outlined=True)

    def voxel_is_seen(self, visit: str) -> None:
        """2.5: the curve of the voxel under the cursor, with the value of the map."""
        panel = panel_of("QuantDCE")
        panel.steps.open("look")
        map_node = node("vtkMRMLScalarVolumeNode", f"{visit} {KTRANS}")
        values = slicer.util.arrayFromVolume(map_node)
        k, j, i = max(zip(*(values == values).nonzero(), strict=True), key=lambda index: values[index])
        hover(ras_of(map_node, (k, j, i)))
        wait_for(lambda: panel.probe.table.rowCount > 0, "the curve under the cursor")
        shown = {
            panel.probe.table.item(n, 0).text(): panel.probe.table.item(n, 1).text()
            for n in range(panel.probe.table.rowCount)
        }
        check(shown["Ktrans"].startswith(f"{values[k, j, i]:.3g}"), f"{shown['Ktrans']} is shown of {values[k, j, i]}")
        hover(None)

    def dce_follows(self, visit: str) -> None:
        """Another visit's series takes its tumour, flip angles, artery, visit and day along."""
        panel, series = panel_of("QuantDCE"), node("vtkMRMLSequenceNode", f"{visit} dynamic")
        choose_examination(panel.examination.box, series)
        parameters, regions = panel.parameters, f"{visit} regions"
        chosen = [parameters.segmentation, parameters.arterySegmentation, parameters.vfa]
        names = [None if each is None else each.GetName() for each in chosen]
        check(names == [regions, regions, f"{visit} flip angles"], f"{names} are chosen for {visit}")
        self._is_visit(panel, visit)
        check(f"Tumour: {regions}" in panel.examination.changes.text, panel.examination.changes.text)
        background_is(self._shown(series))

    def dce_results_are_kept(self) -> None:
        """Choosing a series again shows its results."""
        panel = panel_of("QuantDCE")
        for visit in reversed(self._visits):
            choose_examination(panel.examination.box, node("vtkMRMLSequenceNode", f"{visit} dynamic"))
            title = panel.results.section.text
            check(title.startswith(f"All values of {visit},"), title)
            check(panel.look.selector.findText(KTRANS) >= 0, f"the maps of {visit} are gone")

    def pet_is_shown(self, visit: str) -> None:
        """3.1: the PET and the verdict on its header."""
        panel, volume = panel_of("PETHypoxia"), node("vtkMRMLScalarVolumeNode", f"{visit} PET")
        choose(panel.ui.petSelector, volume)
        wait_for(lambda: not panel.examination.reading, "the header of the PET")
        check(panel.examination.verdict.look == "ok", panel.examination.verdict.text)
        background_is(volume)
        check(panel.ui.visitLineEdit.text == visit, f"the visit of {volume.GetName()} is {panel.ui.visitLineEdit.text}")
        check(panel.ui.daySpinBox.value == VISITS[visit], f"the day is {panel.ui.daySpinBox.value:g}")

    def pet_is_made_ready(self) -> None:
        """3.2: tumour and muscle."""
        panel, regions = panel_of("PETHypoxia"), node("vtkMRMLSegmentationNode", "baseline regions")
        choose_segment(panel.tumour.segments, regions, "Tumour")
        choose_segment(panel.reference.segments, regions, "Muscle")
        check(panel.runBar.button.enabled, panel.runBar.status.text)

    def pet_is_measured(self, visit: str) -> None:
        """3.3: the row of the visit gains the PET columns; the hypoxic part is a segment."""
        panel = panel_of("PETHypoxia")
        run(panel.runBar)
        check(panel.steps.opened.name == "look", f"{panel.steps.opened.name} is open")
        panel.keep.button.click()
        check(panel.keep.status.look in ("ok", "warning"), panel.keep.status.text)
        row = rows_of(panel.parameters.measurementTable)[visit]
        check({"ktrans_median_per_min", "hypoxic_fraction"} <= set(row.values), f"the row of {visit} is not whole")
        check(rows_of(self._truth_table()) == self._truth, "the table of the truth has changed")
        check(visit in panel.results.of.text, panel.results.of.text)
        check(panel.parameters.hypoxicSegmentId != "", "nothing is hypoxic")

    def ratio_is_shown(self, visit: str) -> None:
        """The ratio map alone over SUV, and the sweep in a plot view."""
        panel = panel_of("PETHypoxia")
        panel.results.showButton.click()
        slicer.app.processEvents()
        map_is_seen(panel.parameters.ratioVolume, panel.parameters.suvVolume)
        segments_are_seen(node("vtkMRMLSegmentationNode", f"{visit} regions"), outlined=True)
        check(plotted_chart() is panel.parameters.sweepChart, "the plot view does not show the sweep")

    def pet_follows(self, visit: str) -> None:
        """Another visit's PET takes its tumour, reference, visit and day along."""
        self.pet_is_shown(visit)
        panel = panel_of("PETHypoxia")
        chosen = (panel.parameters.segmentation, panel.parameters.referenceSegmentation)
        regions = node("vtkMRMLSegmentationNode", f"{visit} regions")
        check(all(each is regions for each in chosen), f"tumour or reference are not those of {visit}")
        check(panel.runBar.button.enabled, panel.runBar.status.text)

    def tables_are_chosen(self) -> None:
        """4.1: what was measured and what was given."""
        measured = panel_of("PETHypoxia").parameters.measurementTable
        panel = panel_of("HER2ImmunoModel")
        choose(panel.ui.measurementSelector, measured)
        choose(panel.ui.treatmentSelector, node("vtkMRMLTableNode", "Virtual patient treatments"))
        if self._draws is not None:
            panel.ui.drawsSpinBox.value = self._draws
        check(panel.measurements.table.rowCount == len(self._visits), "the measured visits are not shown")
        check(panel.runBar.button.enabled, panel.runBar.status.text)

    def doses_are_changed(self) -> None:
        """4.1: by the mouse, and as it was again."""
        import qt

        view = panel_of("HER2ImmunoModel").timeLine.view
        before = [dose.plain for dose in view.line.doses]
        lane, day = [each.label for each in view.line.lanes].index("Chemotherapy"), view.line.span[1] - 4.0

        def place(day):
            places = view.places
            return places.scale.x(day), places.lane_tops[lane] + places.lane_height / 2

        click_on(view, *place(day))
        added = view.line.dose(view.selected)
        check(added is not None and abs(added.day - day) <= 1.0, "a click on a lane adds no dose")
        drag_on(view, place(added.day), place(added.day - 2.0))
        moved = view.line.dose(view.selected)
        check(abs(moved.day - added.day + 2.0) <= 1.0, f"a dose that was dragged is on day {moved.day:g}")
        press_key(view, qt.Qt.Key_Delete)
        check([dose.plain for dose in view.line.doses] == before, "a dose is not deleted")

    def model_is_ranked(self) -> None:
        """4.4: the answer, and its chart in the plot view."""
        panel = panel_of("HER2ImmunoModel")
        panel.pages.open("choose")
        run(panel.runBar)
        check(panel.results.answer.text and panel.results.table.rowCount, "there is no answer")
        panel.results.showButton.click()
        slicer.app.processEvents()
        self._chart = plotted_chart()
        check(self._chart in panel.results.results().charts, "the plot view does not show a chart of the model")

    def plot_has_a_successor(self) -> None:
        """What is run again shows its chart where that of the earlier run was."""
        panel, title, earlier = panel_of("HER2ImmunoModel"), self._chart.GetTitle(), self._chart.GetID()
        panel.pages.open("choose")
        run(panel.runBar)
        slicer.app.processEvents()
        chart, self._chart = plotted_chart(), None
        check(slicer.mrmlScene.GetNodeByID(earlier) is not chart, "the chart of the earlier run is still there")
        check(chart in panel.results.results().charts, "the plot view shows a chart of nothing that is chosen")
        check(chart.GetTitle() == title, f"{chart.GetTitle()} took the place of {title}")

    def views_are_left_alone(self) -> None:
        """What is seen is a person's choice."""
        for module, sections in (
            ("QuantDCE", ("tumour.segments", "arterial.artery")),
            ("PETHypoxia", ("tumour.segments", "reference.segments")),
        ):
            opens("HER2ImmunoModel")
            before = what_is_seen()
            panel = panel_of(module)
            check(what_is_seen() == before, f"entering {module} changed the views")
            for name in sections:
                editor = attrgetter(name)(panel).editorSection
                for collapsed in (False, True):
                    editor.collapsed = collapsed
                    slicer.app.processEvents()
                    check(what_is_seen() == before, f"drawing the {name} in {module} changed the views")
        opens("HER2ImmunoModel")
        check(what_is_seen() == before, "entering HER2ImmunoModel changed the views")

    def scene_is_saved(self) -> None:
        """The scene goes into one file."""
        self._folder = tempfile.TemporaryDirectory(prefix="tutorial-")
        check(slicer.util.saveScene(str(self._mrb())), "the scene was not saved")

    def scene_is_loaded(self) -> None:
        """Close and load it: every result is there and can be shown."""
        slicer.mrmlScene.Clear(0)
        slicer.app.processEvents()
        slicer.util.loadScene(str(self._mrb()))
        slicer.app.processEvents()
        check(panel_of("HER2ImmunoModel").results.answer.text, "the answer of the model is gone")
        check_accepted()
        self.dce_results_are_kept()
        self.ktrans_is_shown(self._visits[0])
        panel = panel_of("PETHypoxia")
        check(self._visits[-1] in panel.results.of.text, panel.results.of.text)
        check(list(rows_of(panel.parameters.measurementTable)) == self._visits, "rows of the table are gone")
        self.ratio_is_shown(self._visits[-1])
        self._folder.cleanup()

    def _mrb(self) -> Path:
        return Path(self._folder.name) / "tutorial.mrb"

    def _truth_table(self):
        return node("vtkMRMLTableNode", "Virtual patient measurements")

    def _shown(self, series):
        """The volume that shows the current frame of a series."""
        return slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(series).GetProxyNode(series)

    def _is_visit(self, panel, visit: str) -> None:
        shown = panel.ui.visitEdit.text, panel.ui.daySpinBox.value
        check(shown == (visit, VISITS[visit]), f"the visit of {visit} dynamic is {shown}")
