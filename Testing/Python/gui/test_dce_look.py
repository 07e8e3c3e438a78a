"""Looking at results: what is chosen is shown and nothing else, side by side and back, windows kept, the cut drawn."""

import numpy as np
import pytest
from panel_checks import check


class Look:
    """The section alone, told of each change of the parameter node as the panel tells it."""

    def __init__(self, host, scene, frame):
        import qt
        import vtk
        from dce_results import Study
        from QuantDCELib.gui.look_section import LookSection

        host.register("QuantDCE")
        import QuantDCE

        self.parameters = QuantDCE.QuantDCELogic().getParameterNode()
        self.study = Study(scene, "MR", self.parameters)
        self.section = LookSection(frame)
        qt.QVBoxLayout(frame).addWidget(self.section)
        self.section.setMRMLScene(scene)
        self.enter()
        self.parameters.parameterNode.AddObserver(vtk.vtkCommand.ModifiedEvent, self._follow)

    def _follow(self, caller, event):
        self.section.follow()

    def enter(self):
        self.section.setParameterNode(self.parameters)

    def leave(self):
        self.section.exit()
        self.section.setParameterNode(None)

    def offered(self):
        selector = self.section.selector
        return [selector.itemData(index) for index in range(selector.count)]


@pytest.fixture
def look(host, scene, views, frame):
    made = Look(host, scene, frame)
    yield made
    made.section.cleanup()


def layers(scene, name):
    return scene.GetNodeByID(f"vtkMRMLSliceCompositeNode{name}")


def shown(scene, name="Red"):
    return layers(scene, name).GetForegroundVolumeID() or layers(scene, name).GetLabelVolumeID()


def settle(host):
    """Let the timers run out."""
    import time

    stop = time.monotonic() + 0.5
    while time.monotonic() < stop:
        host.application.processEvents()


def test_a_map_is_shown_when_it_is_chosen_and_not_before(look, scene):
    assert look.section.row.isHidden()
    assert not look.section.empty.isHidden()
    look.study.run()
    assert look.section.selector.currentIndex == 0
    assert {"Ktrans", "ve", "IAUGC60", "FTV", "status", "Arterial input"} <= set(look.offered())
    assert shown(scene) is None
    look.section.choose("Ktrans")
    assert shown(scene) == look.study.map("Ktrans").GetID()
    assert look.parameters.shownMap == "Ktrans"
    layers(scene, "Red").SetForegroundVolumeID(None)
    look.section.choose("Ktrans")
    assert shown(scene) == look.study.map("Ktrans").GetID()


def test_what_was_chosen_is_told_but_not_shown_again_when_the_panel_is_opened(look, scene):
    look.study.run()
    look.section.choose("ve")
    look.leave()
    layers(scene, "Red").SetForegroundVolumeID(None)
    look.enter()
    assert look.section.selector.currentData == "ve"
    assert shown(scene) is None
    assert not look.section.histogram.isHidden()


def test_side_by_side_and_back(look, scene, views):
    look.study.run()
    before, button = views.layout, look.section.sideBySide
    assert look.section.ticks.isHidden()
    button.click()
    assert [shown(scene, f"Map {n}") for n in (1, 2, 3)] == [
        look.study.map(name).GetID() for name in ("Ktrans", "ve", "IAUGC60")
    ]
    assert views.layout != before
    assert not look.section.ticks.isHidden()
    look.section.ticks.boxes["SER"].click()
    assert shown(scene, "Map 4") == look.study.map("SER").GetID()
    look.section.ticks.boxes["ve"].click()
    assert shown(scene, "Map 2") == look.study.map("IAUGC60").GetID()
    assert look.parameters.sideBySide == "Ktrans,vp,IAUGC60,SER"  # vp is for another model, and kept
    button.click()
    assert views.layout == before
    assert look.section.ticks.isHidden()


def test_choosing_a_map_that_is_seen_beside_others_leaves_them(look, scene, views):
    look.study.run()
    look.section.sideBySide.click()
    beside = views.layout
    look.section.choose("ve")
    assert views.layout == beside
    assert not look.section.windowRow.isHidden()
    look.section.choose("SER")
    assert views.layout != beside
    assert not look.section.sideBySide.checked
    assert shown(scene) == look.study.map("SER").GetID()


def test_a_layout_chosen_elsewhere_ends_it(look, views):
    look.study.run()
    look.section.sideBySide.click()
    views.setLayout(3)
    assert not look.section.sideBySide.checked
    assert look.section.ticks.isHidden()


def test_a_second_run_with_another_model_is_seen_side_by_side(look, scene):
    look.study.run()
    look.section.sideBySide.click()
    look.study.run(model="extended_tofts")
    assert [shown(scene, f"Map {n}") for n in (1, 2, 3, 4)] == [
        look.study.map(name).GetID() for name in ("Ktrans", "ve", "vp", "IAUGC60")
    ]


def test_without_a_model_other_maps_are_side_by_side(look, scene):
    look.study.run(model="none", t10_s=None)
    look.section.sideBySide.click()
    assert shown(scene, "Map 1") == look.study.map("PE").GetID()
    assert "PE" in look.parameters.sideBySide


def test_unticking_the_last_ends_it_and_a_seventh_cannot_be_ticked(look, views):
    look.study.run()
    look.parameters.sideBySide = "Ktrans,ve,kep,IAUGC60,PE,SER"
    look.section.sideBySide.click()
    other = look.section.ticks.boxes["TTP"]
    assert not other.isEnabled()
    assert "6 views" in other.toolTip
    look.parameters.sideBySide = "Ktrans"
    assert other.isEnabled()
    look.section.ticks.boxes["Ktrans"].click()
    assert not look.section.sideBySide.checked
    assert views.layout < 100


def test_a_closed_scene_leaves_the_layout_of_before(look, scene, views):
    look.study.run()
    before = views.layout
    look.section.sideBySide.click()
    look.section.setParameterNode(None)
    scene.Clear(0)
    assert views.layout == before


def test_without_views_side_by_side_says_why_not(host, scene, frame):
    look = Look(host, scene, frame)
    look.study.run()
    assert not look.section.sideBySide.isEnabled()
    assert "no views" in look.section.sideBySide.toolTip
    look.section.choose("Ktrans")
    look.section.cleanup()


def test_a_window_entered_or_dragged_is_kept_for_the_next_run(look, host):
    look.study.run()
    look.section.choose("Ktrans")
    row, automatic = look.section.windowRow, look.study.window("Ktrans")
    assert not row.automatic.isEnabled()
    assert "1/min" in row.label.text
    row.high.setValue(0.8)
    assert look.study.window("Ktrans") == (automatic[0], 0.8)
    assert row.automatic.isEnabled()
    look.study.map("Ktrans").GetDisplayNode().SetWindowLevelMinMax(0.1, 0.5)
    settle(host)
    assert (row.low.value, row.high.value) == (0.1, 0.5)
    look.study.run(speed=1.5)
    assert look.study.window("Ktrans") == (0.1, 0.5)
    row.automatic.click()
    assert look.study.window("Ktrans") != (0.1, 0.5)
    assert look.parameters.displays == ""


def test_a_window_that_is_no_window_is_refused(look):
    look.study.run()
    look.section.choose("Ktrans")
    before = look.study.window("Ktrans")
    look.section.windowRow.low.setValue(before[1] + 1.0)
    assert look.study.window("Ktrans") == before
    assert look.section.windowRow.low.value == before[0]
    assert look.parameters.displays == ""


def test_a_window_changed_while_another_module_is_open_is_kept(look):
    look.study.run()
    look.leave()
    look.study.map("ve").GetDisplayNode().SetWindowLevelMinMax(0.0, 0.7)
    look.enter()
    assert '"ve": [0.0, 0.7' in look.parameters.displays


def test_colours_are_chosen_for_the_parameter(look):
    look.study.run()
    look.section.choose("ve")
    row = look.section.windowRow
    assert row.colours.currentText == "HER2Immuno"
    row.colours.setCurrentIndex(row.colours.findText("Grey"))
    assert look.study.map("ve").GetDisplayNode().GetColorNodeID() == "vtkMRMLColorTableNodeGrey"
    look.section.choose("Ktrans")
    assert row.colours.currentText == "HER2Immuno"


def test_the_cut_is_drawn_and_the_fraction_follows_without_a_new_run(look):
    from QuantDCELib.scene.results import is_stale, maps_of, summary_of

    look.study.run()
    look.section.choose("Ktrans")
    view, values = look.section.histogram, np.sort(look.study.values("Ktrans"))
    maps, wanted = maps_of(look.study.series), float(values[values.size // 4])
    assert view.plot.handleX == 0.05
    assert f"Vascular: {100 * np.mean(values >= 0.05):.0f} %" in view.line.text
    view._onMoved(wanted)
    cut = look.parameters.vascularKtrans
    assert cut == pytest.approx(wanted, abs=6e-4)
    fraction = float(np.mean(values >= cut))
    assert 0.6 < fraction < 0.9
    assert f"Vascular: {100 * fraction:.0f} %" in view.line.text
    assert summary_of(look.study.series).measurements["vascular_fraction"] == fraction
    assert maps_of(look.study.series) == maps
    assert not is_stale(look.parameters) or summary_of(look.study.series).key == ""
    look.section.choose("ve")
    assert view.plot.handleX is None
    assert view.line.isHidden()


def test_another_series_that_is_only_chosen_keeps_the_number_it_was_measured_with(look, scene):
    from dce_results import Study
    from QuantDCELib.scene.results import cut_of, summary_of

    look.study.run()
    later = Study(scene, "MR day 7")
    later.run(visit="day 7")
    look.section.choose("Ktrans")
    look.parameters.vascularKtrans = 0.2
    assert cut_of(look.study.series) == 0.2
    before = summary_of(later.series)
    look.parameters.dynamic = later.series
    assert summary_of(later.series) == before
    assert cut_of(later.series) == 0.05


def test_the_bins_of_the_functional_tumour_volume_are_in_their_colours(look):
    import qt

    look.study.run()
    look.section.choose("FTV")
    view = look.section.histogram
    assert view.plot.isHidden()
    assert look.section.windowRow.isHidden()
    assert not view.table.isHidden()
    assert view.table.item(0, 0).text() == "SER 0 to 0.9"
    colour = view.table.item(0, 0).icon().pixmap(12, 12).toImage().pixel(6, 6)
    assert qt.QColor(colour).blue() > qt.QColor(colour).red()
    assert "Functional tumour volume:" in view.heading.text
    look.section.choose("Arterial input")
    assert view.isHidden()


def test_maps_that_cannot_be_placed_are_refused_in_words(look, scene, views):
    look.study.run()
    before, bend = views.layout, scene.AddNewNodeByClass("vtkMRMLGridTransformNode", "Bend")
    look.study.map("Ktrans").SetAndObserveTransformNodeID(bend.GetID())
    look.section.sideBySide.click()
    assert "not linear" in look.section.refusal.text
    assert not look.section.sideBySide.checked
    assert views.layout == before
    look.section.choose("ve")
    assert look.section.refusal.isHidden()


def test_results_that_are_removed_take_their_looks_along(look, scene):
    look.study.run()
    look.section.choose("Ktrans")
    scene.RemoveNode(look.study.map("Ktrans"))
    look.parameters.parameterNode.Modified()
    assert look.section.selector.currentIndex == 0
    assert look.section.windowRow.isHidden()
    assert look.section.histogram.isHidden()


def test_it_looks_as_it_should(look, host, frame, photograph):
    look.study.run()
    look.section.sideBySide.click()
    look.section.choose("Ktrans")
    look.parameters.vascularKtrans = 0.2
    photograph(frame, "dce_look_ktrans")
    assert host.needed_width(frame) <= 420
    look.section.choose("FTV")
    photograph(frame, "dce_look_ftv")
    check(not look.section.histogram.table.isHidden(), "the bins are not seen")


def test_a_saved_scene_opens_as_it_was_left(look, scene, tmp_path, views):
    """Side by side, with the windows and the map that were chosen, and back to the layout of before."""
    import slicer

    import QuantDCE

    look.study.run()
    before = views.layout
    look.section.choose("ve")
    look.section.windowRow.high.setValue(0.9)
    look.section.sideBySide.click()
    slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    look.section.setParameterNode(None)
    scene.Clear(0)
    assert views.layout == before
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    look.parameters = QuantDCE.QuantDCELogic().getParameterNode()
    look.enter()
    assert look.section.sideBySide.checked
    assert look.section.selector.currentData == "ve"
    assert look.section.windowRow.high.value == 0.9
    assert look.section.windowRow.automatic.isEnabled()
    assert views.sliceWidget("Map 2").mrmlSliceCompositeNode().GetForegroundVolumeID() is not None
    look.section.sideBySide.click()
    assert views.layout == before
