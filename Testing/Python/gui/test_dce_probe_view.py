"""The curve under the cursor: that of the voxel, as the maps have it; nothing jumps, and it is off when not wanted."""

import numpy as np
import pytest
from hands import click_in_view, hover

INSIDE, BESIDE, ABOVE = (10.0, 8.0, 6.0), (4.0, 6.0, 3.0), (10.0, 8.0, 0.0)
"""Places in the world (mm): of the voxels (2, 4, 5), (1, 3, 2) and, outside the tumour, (0, 4, 5)."""
AWAY = (500.0, 0.0, 0.0)


class Looking:
    """The part alone with the results of a run, told of each change of the parameter node."""

    def __init__(self, host, scene, frame):
        import qt
        import vtk
        from dce_results import Study
        from QuantDCELib.gui.probe_view import ProbeView

        host.register("QuantDCE")
        import QuantDCE

        self.host, self.asked = host, 0
        self.parameters = QuantDCE.QuantDCELogic().getParameterNode()
        self.parameters.step = "look"
        self.study = Study(scene, "MR", self.parameters)
        self.study.run(standard_errors=True)
        self.probe = self.study.probe()
        self.view = ProbeView(frame, self._getProbe)
        qt.QVBoxLayout(frame).addWidget(self.view)
        self.view.setMRMLScene(scene)
        self.view.setParameterNode(self.parameters)
        self.parameters.parameterNode.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: self.view.follow())

    def _getProbe(self):
        self.asked += 1
        return self.probe

    def hover(self, place):
        hover(place)
        for _ in range(3):
            self.host.application.processEvents()

    def rows(self):
        table = self.view.table
        pairs = [(row, column) for row in range(table.rowCount) for column in (0, 2)]
        cells = [[table.item(row, column + n).text() for n in (0, 1)] for row, column in pairs]
        return {name: value for name, value in cells if name}

    def value(self, name):
        return float(self.rows()[name].split()[0])


@pytest.fixture
def looking(host, scene, views, frame):
    made = Looking(host, scene, frame)
    yield made
    made.view.cleanup()


def shown_place(looking):
    return looking.view.said.text.split(":")[0]


def test_hovering_shows_the_voxel_as_the_maps_have_it(looking):
    import slicer

    looking.hover(INSIDE)
    assert shown_place(looking) == "Voxel 6, 5 of slice 3"
    for name in ("Ktrans", "ve", "IAUGC60", "SER"):
        map_value = slicer.util.arrayFromVolume(looking.study.map(name))[2, 4, 5]
        assert looking.value(name) == pytest.approx(float(map_value), rel=5e-3)
    assert looking.view.plot.accessibleName == "Voxel 6, 5 of slice 3"
    looking.hover(BESIDE)
    assert shown_place(looking) == "Voxel 3, 4 of slice 2"


def test_nothing_jumps_from_voxel_to_voxel(looking, frame):
    """Heights of the whole and of each part, over voxels with and without a fit, and beside the images."""
    looking.hover(INSIDE)
    frame.show()
    heights = set()
    for place in (BESIDE, ABOVE, AWAY, INSIDE):
        looking.hover(place)
        view = looking.view
        parts = view.said, view.holder, view.table
        heights.add((view.property("sizeHint").height(), *(part.height for part in parts)))
    assert len(heights) == 1


def test_beside_the_images_there_is_no_curve_and_no_number(looking):
    looking.hover(INSIDE)
    looking.hover(AWAY)
    assert "no voxel" in looking.view.said.text
    assert looking.rows() == {}


def test_a_placed_point_is_shown_when_the_mouse_has_left(looking):
    looking.view.button.click()
    click_in_view(BESIDE)
    looking.hover(INSIDE)
    assert shown_place(looking) == "Voxel 6, 5 of slice 3"
    looking.hover(None)
    assert shown_place(looking) == "Voxel 3, 4 of slice 2"
    assert looking.parameters.probePoint is not None


def test_without_a_point_the_last_voxel_stays(looking):
    looking.hover(INSIDE)
    looking.hover(None)
    assert shown_place(looking) == "Voxel 6, 5 of slice 3"


def test_it_is_off_while_its_step_is_closed_or_another_module_is_open(looking):
    looking.parameters.step = "keep"
    asked = looking.asked
    looking.hover(INSIDE)
    assert looking.asked == asked
    looking.parameters.step = "look"
    looking.hover(BESIDE)
    assert shown_place(looking) == "Voxel 3, 4 of slice 2"
    looking.view.exit()
    looking.view.setParameterNode(None)
    asked = looking.asked
    looking.hover(INSIDE)
    assert looking.asked == asked
    looking.view.setParameterNode(looking.parameters)
    looking.hover(INSIDE)
    assert shown_place(looking) == "Voxel 6, 5 of slice 3"


def test_the_tick_stops_it_and_a_point_can_still_be_placed(looking):
    looking.view.follows.click()
    assert not looking.parameters.followsCursor
    looking.hover(INSIDE)
    assert "Move the mouse" in looking.view.said.text
    looking.view.button.click()
    click_in_view(INSIDE)
    looking.host.application.processEvents()
    assert shown_place(looking) == "Voxel 6, 5 of slice 3"


def test_a_refusal_is_told_in_its_place(looking):
    from HER2ImmunoCommonLib.errors import InputError

    def refuse(place):
        raise InputError("The frames have changed since the maps; compute them again.")

    looking.hover(INSIDE)
    looking.probe.at = refuse
    looking.hover(BESIDE)
    assert looking.view.said.text == "The frames have changed since the maps; compute them again."
    assert looking.rows() == {}
    looking.probe = None
    looking.hover(INSIDE)
    assert "no results" in looking.view.said.text


def test_another_run_takes_the_curve_of_the_one_before_away(looking):
    looking.hover(INSIDE)
    looking.study.run(model="patlak")
    looking.probe = looking.study.probe()
    assert looking.rows() == {}
    looking.hover(BESIDE)
    assert "Model: Patlak" in looking.view.said.toolTip


def test_opening_the_step_asks_for_no_probe_before_the_mouse_moves(looking):
    """To prepare one may take a while."""
    looking.parameters.step = "keep"
    asked = looking.asked
    looking.parameters.step = "look"
    assert looking.asked == asked
    assert "Move the mouse" in looking.view.said.text


def test_a_closed_scene_ends_it(looking, scene):
    looking.hover(INSIDE)
    looking.view.setParameterNode(None)
    scene.Clear(0)
    looking.view.follow()
    assert not looking.view.watch.isOn


def test_it_looks_as_it_should(looking, frame, host, photograph):
    looking.hover(INSIDE)
    photograph(frame, "dce_probe")
    assert host.needed_width(frame) <= 420
    looking.hover(ABOVE)
    photograph(frame, "dce_probe_outside")
    assert np.isfinite(looking.value("Ktrans"))
