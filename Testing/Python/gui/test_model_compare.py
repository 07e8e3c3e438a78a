"""Visits beside each other from the panel: columns, flicker and board; and the way back, whatever happens meanwhile."""

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.registration import Transform
from scene_visits import MOVED_MM, add_image, add_three, add_visit, look

FOUR_UP = 3


@pytest.fixture
def section(views, panel, scene):
    """The section with three visits with maps, of which the second is placed in the reference."""
    from HER2ImmunoCommonLib.scene import place_visit, set_transform

    views.setLayout(FOUR_UP)
    add_three(scene, maps=True)
    matrix = np.eye(4)
    matrix[:3, 3] = MOVED_MM
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "mine")
    set_transform(node, Transform.from_matrix(matrix))
    reference, visit = panel.sceneVisits.found.visits[:2]
    place_visit(visit, reference, node)
    panel.sceneVisits.lookAgain()
    return panel.comparison


def layers(number):
    (found,) = [
        node
        for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
        if node.GetLayoutName() == f"Visit {number}"
    ]
    return found


def stand_ins():
    from HER2ImmunoCommonLib.scene import is_stand_in

    return [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") if is_stand_in(node)]


def test_a_view_a_visit_with_one_window_one_scale_and_one_legend(section, views):
    section.button.click()
    look()
    assert section.button.checked
    maps = [slicer.mrmlScene.GetNodeByID(layers(n).GetForegroundVolumeID()) for n in (1, 2, 3)]
    assert {node.GetDisplayNode().GetWindowLevelMax() for node in maps} == {0.4}
    images = [slicer.mrmlScene.GetNodeByID(layers(n).GetBackgroundVolumeID()) for n in (1, 2, 3)]
    assert len({node.GetDisplayNode().GetWindowLevelMax() for node in images}) == 1
    assert [node.GetParentTransformNode() and node.GetParentTransformNode().GetName() for node in images] == [
        None,
        "mine",
        None,
    ]
    assert len(slicer.util.getNodesByClass("vtkMRMLColorLegendDisplayNode")) == 1
    assert section.status.text == "⚠ day_21 is not aligned to baseline: it is shown where the scanner puts it."
    images[0].GetDisplayNode().SetWindowLevelMinMax(10.0, 60.0)
    assert images[2].GetDisplayNode().GetWindowLevelMax() == 60.0
    section.button.click()
    look()
    assert views.layout == FOUR_UP
    assert stand_ins() == []


def test_what_is_chosen_is_shown_at_once(section):
    section.button.click()
    section.map.choose("")
    look()
    assert layers(1).GetForegroundVolumeID() is None
    section.map.choose("Ktrans")
    section.plane.choose("Sagittal")
    section.opacity.setValue(40)
    look()
    assert layers(2).GetForegroundOpacity() == pytest.approx(0.4)
    (plane,) = [n for n in slicer.util.getNodesByClass("vtkMRMLSliceNode") if n.GetLayoutName() == "Visit 3"]
    assert plane.GetOrientation() == "Sagittal"


def test_a_visit_that_comes_or_goes_is_shown_or_not(section, scene):
    section.button.click()
    look()
    made = add_visit(scene, "V4", "2026-03-30")
    look()
    assert len([node for node in stand_ins() if "compared" in node.GetName() and "Ktrans" not in node.GetName()]) == 4
    for node in (made.dynamic, made.regions):
        scene.RemoveNode(node)
    look()
    assert section.button.checked
    assert len([node for node in stand_ins() if "Ktrans" not in node.GetName()]) == 3


def test_two_visits_alternate_and_stop_when_the_module_is_left(section, panel, views):
    button = panel.alignment.visit.flickerButton
    button.click()
    look()
    before = layers(1).GetForegroundOpacity()
    panel.comparedViews._onTick()
    assert {before, layers(1).GetForegroundOpacity()} == {0.0, 1.0}
    panel.exit()
    look()
    assert views.layout == FOUR_UP
    panel.enter()
    look()
    assert not button.checked


def test_a_board_is_made_and_gives_way_to_columns(section, panel):
    button = panel.alignment.visit.boardButton
    button.click()
    look()
    assert button.checked
    (board,) = [node for node in stand_ins() if " and " in node.GetName()]
    assert board.GetName() == "baseline and day_7"
    section.button.click()
    look()
    assert not button.checked
    assert section.button.checked
    section.button.click()


def test_the_jacobian_is_shown_of_a_visit_that_has_a_transform(section, panel, views):
    button = panel.alignment.visit.jacobianButton
    button.click()
    look()
    assert button.checked
    (node,) = [each for each in stand_ins() if "Jacobian" in each.GetName()]
    assert np.allclose(slicer.util.arrayFromVolume(node), 1.0)
    button.click()
    look()
    assert views.layout == FOUR_UP
    panel.sceneVisits.choose(panel.sceneVisits.found.visits[2])
    look()
    assert not button.enabled
    assert "has no transform" in button.toolTip


def test_another_transform_is_seen_at_once(section, panel, scene):
    """Columns never go on showing a visit where a transform of before put it."""
    from HER2ImmunoCommonLib.scene import place_visit

    def above(number):
        images = scene.GetNodeByID(layers(number).GetBackgroundVolumeID())
        return images.GetParentTransformNode()

    section.button.click()
    look()
    other = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "other")
    reference, visit = panel.sceneVisits.found.visits[:2]
    place_visit(visit, reference, other)
    panel.sceneVisits.lookAgain()
    look()
    assert above(2) is other
    scene.RemoveNode(other)
    look()
    assert above(2) is None
    assert "day_7 is not aligned to baseline" in section.status.text
    section.button.click()


def test_a_board_goes_when_what_it_was_made_of_changes(section, panel, views):
    aligned = panel.alignment.visit
    for change in (
        lambda: aligned.correction.shifts[0].setValue(2.0),
        lambda: panel.sceneVisits.choose(panel.sceneVisits.found.visits[2]),
    ):
        aligned.boardButton.click()
        look()
        assert aligned.boardButton.checked
        change()
        look()
        assert not aligned.boardButton.checked
        assert views.layout == FOUR_UP


def test_flicker_follows_the_visit_that_is_chosen_and_says_that_it_is_not_aligned(section, panel):
    aligned = panel.alignment.visit
    aligned.flickerButton.click()
    look()
    assert aligned.seen.isHidden()
    panel.sceneVisits.choose(panel.sceneVisits.found.visits[2])
    look()
    assert aligned.flickerButton.checked
    assert "day_21 is not aligned to baseline" in aligned.seen.text
    assert any("day_21" in node.GetName() for node in stand_ins())
    panel.sceneVisits.choose(panel.sceneVisits.found.visits[0])
    look()
    assert not aligned.flickerButton.checked
    assert stand_ins() == []


def test_another_layout_that_a_person_chooses_ends_it(section, views):
    section.button.click()
    look()
    views.setLayout(6)
    look()
    assert not section.button.checked
    assert stand_ins() == []
    assert views.layout == 6


def test_maps_side_by_side_end_it(section, scene):
    from HER2ImmunoCommonLib.scene import show_side_by_side

    section.button.click()
    look()
    maps = [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") if node.GetVoxelValueQuantity()]
    own = [node for node in maps if node not in stand_ins()]
    show_side_by_side(scene, own[:2], None)
    look()
    assert not section.button.checked
    assert stand_ins() == []


def test_a_closed_scene_leaves_nothing(section, panel):
    section.button.click()
    look()
    slicer.mrmlScene.Clear()
    look()
    assert not section.button.checked
    assert panel.comparedViews.way == ""


def test_without_views_it_says_so(panel, scene):
    add_three(scene)
    assert not panel.comparison.button.enabled
    assert panel.comparison.button.toolTip == "There are no views to show visits in"
    assert not panel.alignment.visit.flickerButton.enabled


def test_what_other_modules_measure_is_not_a_stand_in(section, load_module):
    """The choices of Quant DCE do not list what stands in for visits."""
    section.button.click()
    look()
    other = load_module("QuantDCE").panel
    selector = other.ui.dynamicSelector
    names = [selector.nodeFromIndex(n).GetName() for n in range(selector.nodeCount())]
    assert not [name for name in names if "compared" in name]


def test_the_page_is_photographed(section, panel, scene, photograph, monkeypatch):
    """Looked at: every word and number can be read, nothing is cut."""
    from HER2ImmunoCommonLib.examination import Examination
    from HER2ImmunoCommonLib.registration import align_rigid
    from HER2ImmunoCommonLib.scene import alignment
    from layout_check import faults, show_at
    from model_steps import fill
    from scene_visits import DATES, PATIENT

    monkeypatch.setattr(alignment, "align", align_rigid)
    for date in DATES:
        add_image(scene, "FMISO", Examination(date, patient=PATIENT, date=date), unit="Bq/mL")
    fill(panel, "tchp")
    panel.parameters.dayZero = DATES[0]
    add_visit(scene, "V4", "2026-04-13", tumour="")
    look()
    for name in ("align", "compare"):
        getattr(panel.ui, f"{name}Section").collapsed = False
    panel.ui.measurementSection.collapsed = panel.ui.treatmentSection.collapsed = True
    panel.alignment.kind.choose("rigid")
    panel.alignment.runBar.button.click()
    look()
    panel.alignment.visit.acceptButton.click()
    panel.alignment.visit.correction.shifts[2].setValue(0.5)
    section.button.click()
    look()
    parent = show_at(panel, 480)
    assert faults(parent) == []
    photograph(parent, "HER2ImmunoModel_scene_visits", 464)
    section.button.click()
