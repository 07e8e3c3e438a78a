"""The steps of the PET Hypoxia panel: what is done, what opens, what is kept, by mouse and keyboard."""

import json
import time

import pytest
import slicer
from layout_check import faults, settle, show_at

STEPS = ["examination", "tumour", "reference", "threshold", "look", "keep"]
WIDTHS = (380, 480)


def done(panel):
    """Names of the steps with a tick."""
    return [step.name for step in panel.steps.steps if step.section.text.startswith("✓")]


def opened(panel):
    return [step.name for step in panel.steps.steps if step.isOpen]


def pick(box, text):
    """Choose the line that begins so."""
    box.setCurrentIndex(next(n for n in range(box.count) if box.itemText(n).startswith(text)))


@pytest.fixture
def loaded(pet, pet_panel, pet_patient):
    """A scene with a PET and the regions drawn on it, in which nothing is chosen yet."""
    from PETHypoxiaLib import read_pet
    from PETHypoxiaLib.scene import show_pet

    folder = pet_patient / "baseline"
    volume = show_pet(slicer.mrmlScene, read_pet(folder / "PET"), str(folder / "PET"), None)
    pet.add_segments(folder / "masks").SetReferenceImageGeometryParameterFromVolumeNode(volume)
    slicer.app.processEvents()
    return pet_panel


def test_from_a_loaded_pet_to_the_hypoxic_volume_in_three_clicks(pet, loaded):
    """The list, its line, and Measure; eleven clicks before anything was proposed."""
    assert opened(loaded) == ["examination"]
    assert done(loaded) == []
    pick(loaded.examination.box, "1 FMISO static AC")
    pet.settle(loaded)
    assert done(loaded) == STEPS[:3]
    assert opened(loaded) == ["threshold"]
    assert "Tumour: tumour of Regions." in loaded.examination.changes.text
    assert "Reference region: muscle of Regions." in loaded.examination.changes.text
    assert pet.run(loaded).startswith("✓ Hypoxic fraction")
    assert opened(loaded) == ["look"]
    assert done(loaded) == STEPS[:4]
    assert float(pet.shown(loaded.results.table)["Hypoxic volume, TMR ≥ 1.4"].split()[0]) > 0


def test_looking_and_keeping_are_ticked_when_they_are_done(pet, pet_ready):
    pet.run(pet_ready)
    assert done(pet_ready) == STEPS[:4]
    pet_ready.results.showButton.click()
    assert done(pet_ready) == STEPS[:5]
    pet.keep(pet_ready)
    assert done(pet_ready) == STEPS
    pet_ready.ui.tmrSlider.value = 1.6
    assert done(pet_ready) == STEPS[:3]


def test_a_closed_step_says_what_was_chosen(pet, pet_ready):
    pet.run(pet_ready)
    pet_ready.steps.open("")
    titles = [step.section.text.partition(": ")[2] for step in pet_ready.steps.steps]
    fraction = pet.shown(pet_ready.results.table)["Hypoxic fraction, TMR ≥ 1.4"]
    assert titles[0] == "2024-03-04"
    assert titles[1].startswith("tumour, ")
    assert titles[2].startswith("muscle, ")
    assert titles[3] == "TMR ≥ 1.4"
    assert titles[4].startswith(f"{fraction} hypoxic, ")
    assert titles[5] == "baseline, day 0"


def dose_in_megabecquerel(dataset, n):
    dataset.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose /= 1e6


def test_what_is_to_be_read_keeps_the_first_step_open(pet, pet_panel, pet_patient, tmp_path):
    """A verdict with a warning is not put away."""
    pet.load(pet_panel, pet.edited(pet_patient / "baseline" / "PET", tmp_path / "PET", dose_in_megabecquerel))
    assert pet_panel.examination.verdict.look == "warning"
    assert opened(pet_panel) == ["examination"]
    assert done(pet_panel) == ["examination"]


def test_a_choice_that_was_taken_out_is_told_before_the_next_step(pet, pet_ready, pet_patient):
    regions = pet_ready.parameters.segmentation
    regions.SetReferenceImageGeometryParameterFromVolumeNode(pet_ready.parameters.petVolume)
    pet_ready.steps.open("examination")
    pet.load(pet_ready, pet_patient / "day_7" / "PET")
    assert "Tumour: Regions is not of this examination" in pet_ready.examination.changes.text
    assert opened(pet_ready) == ["examination"]
    assert "tumour" not in done(pet_ready)


def test_an_answered_question_leads_on(pet, pet_panel, pet_patient, tmp_path):
    pet.load(pet_panel, pet.edited(pet_patient / "baseline" / "PET", tmp_path / "PET", pet.without_weight))
    assert opened(pet_panel) == ["examination"]
    assert done(pet_panel) == []
    field = pet_panel.examination.questions.fields["weight_kg"]
    assert field.placeholderText == "number, kg"
    field.text = "68"
    field.editingFinished.emit()
    assert pet.asked(pet_panel) == []
    assert "68 kg" in pet_panel.examination.understood.text
    assert opened(pet_panel) == ["tumour"]


def test_nothing_is_proposed_where_several_segments_can_be_meant(pet, loaded):
    regions = slicer.util.getNode("Regions")
    regions.GetSegmentation().AddEmptySegment("second", "Second tumour")
    pick(loaded.examination.box, "1 FMISO static AC")
    pet.settle(loaded)
    assert loaded.parameters.segmentation is None
    assert loaded.parameters.referenceSegmentId == "muscle"
    assert opened(loaded) == ["tumour"]


def test_blood_is_proposed_for_the_ratio_to_blood(pet, loaded):
    slicer.util.getNode("Regions").GetSegmentation().AddEmptySegment("pool", "Blood pool")
    loaded.ui.ratioComboBox.currentIndex = 1
    pick(loaded.examination.box, "1 FMISO static AC")
    assert loaded.parameters.referenceSegmentId == "pool"


def test_an_empty_tumour_is_not_done(pet, pet_ready):
    segments = pet_ready.parameters.segmentation.GetSegmentation()
    segments.AddEmptySegment("empty", "Nothing")
    assert "tumour" in done(pet_ready)
    pet.choose(pet_ready.tumour, pet_ready.parameters.segmentation, "empty")
    assert "tumour" not in done(pet_ready)
    assert pet_ready.tumour.line.text == ""


def test_a_folder_is_named_behind_change(pet_panel):
    assert pet_panel.ui.petSection.collapsed
    pick(pet_panel.examination.box, "From a DICOM folder")
    assert not pet_panel.ui.petSection.collapsed
    assert pet_panel.parameters.petVolume is None


def test_a_pet_that_was_deleted_is_not_offered(pet, loaded):
    box = loaded.examination.box
    volume = slicer.util.getNode("1 FMISO static AC")
    index = box.findData(volume.GetID())
    assert index > 0
    slicer.mrmlScene.RemoveNode(volume)
    box.setCurrentIndex(index)
    assert loaded.parameters.petVolume is None
    assert box.count == 2
    assert box.currentText == "No PET in the scene"


def test_the_handle_of_the_curve_moves_the_threshold(pet, pet_ready):
    pet_ready.steps.open("threshold")
    assert not pet_ready.threshold.plot.isHidden()
    assert pet_ready.threshold.plot.handleX == 1.4
    pet_ready.threshold.plot.setFocus()
    press(pet_ready.threshold.plot, "Key_Left")
    moved = pet_ready.ui.tmrSlider.value
    assert 1.3 < moved < 1.4
    assert pet_ready.threshold.plot.handleX == moved
    assert f"≥ {moved:g}: " in pet_ready.threshold.preview.text
    assert slicer.util.getNodesByClass("vtkMRMLLabelMapVolumeNode") == []


def press(widget, key):
    import qt

    for kind in (qt.QEvent.KeyPress, qt.QEvent.KeyRelease):
        qt.QApplication.sendEvent(widget, qt.QKeyEvent(kind, getattr(qt.Qt, key), qt.Qt.NoModifier))


def test_the_keyboard_opens_steps_and_folds(pet_ready):
    sections = [step.section for step in pet_ready.steps.steps]
    press(sections[3], "Key_Return")
    assert opened(pet_ready) == ["threshold"]
    press(sections[5], "Key_Space")
    assert opened(pet_ready) == ["keep"]
    press(sections[0], "Key_Enter")
    press(pet_ready.ui.petSection, "Key_Return")
    assert not pet_ready.ui.petSection.collapsed
    assert opened(pet_ready) == ["examination"]


def test_every_part_of_a_step_takes_the_focus_in_its_order(pet, pet_ready):
    """Tab goes through the open step from top to bottom, then to the next header and the button that measures."""
    pet.run(pet_ready)
    parent = show_at(pet_ready, 480)
    for name in STEPS:
        pet_ready.steps.open(name)
        settle(parent)
        order = tab_order(pet_ready.widget.parent)
        heads = [order.index(step.section) for step in pet_ready.steps.steps]
        assert heads == sorted(heads)
        step = pet_ready.steps.named(name)
        inside = [n for n, widget in enumerate(order) if step.body.isAncestorOf(widget)]
        assert inside, name
        choices = [each for each in order if each.inherits("QComboBox") and step.body.isAncestorOf(each)]
        assert len(choices) == CHOICES[name], name
        after = [*heads, order.index(pet_ready.runBar.button)][STEPS.index(name) + 1]
        assert heads[STEPS.index(name)] < min(inside)
        assert max(inside) < after


CHOICES = {"examination": 1, "tumour": 2, "reference": 3, "threshold": 0, "look": 0, "keep": 1}
"""Boxes of an open step, with those of its node selectors."""


def tab_order(parent):
    """Widgets that are seen and take the focus by Tab, in its order."""
    import qt

    found, widget = [], parent.nextInFocusChain()
    while widget is not parent:
        takes = widget.focusPolicy & qt.Qt.TabFocus and widget.focusProxy() is None
        if takes and widget.isVisible() and widget.isEnabled():
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def draw_on_the_pet(parameters):
    """Draw both regions on the voxels of the PET: a scene file has all segments of a segmentation on one grid."""
    for segment_id in ("tumour", "muscle"):
        chosen = parameters.segmentation, segment_id, parameters.petVolume
        mask = slicer.util.arrayFromSegmentBinaryLabelmap(*chosen)
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask, *chosen)


def test_the_open_step_is_saved_and_restored(pet, pet_ready, tmp_path):
    draw_on_the_pet(pet_ready.parameters)
    pet.run(pet_ready)
    pet_ready.results.showButton.click()
    pet.keep(pet_ready)
    pet_ready.steps.open("reference")
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert opened(pet_ready) == ["examination"]
    assert done(pet_ready) == []
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    pet.settle(pet_ready)
    assert opened(pet_ready) == ["reference"]
    assert done(pet_ready) == STEPS


def test_the_open_step_stays_while_another_module_is_used(pet, pet_ready):
    pet_ready.steps.open("threshold")
    pet_ready.exit()
    pet_ready.enter()
    pet.settle(pet_ready)
    assert opened(pet_ready) == ["threshold"]
    assert done(pet_ready) == STEPS[:3]


def test_a_sphere_that_cannot_be_made_stops_the_measurement(pet, pet_ready):
    """The sphere made before is at another place than the point that is seen."""
    parameters = pet_ready.parameters
    pet.choose(pet_ready.reference, None, "")
    pet_ready.ui.sphereButton.click()
    assert pet_ready.ui.sphereButton.checked
    parameters.spherePoint.AddControlPointWorld([0.0, 0.0, 900.0])
    wait()
    assert pet_ready.runBar.status.text == "The sphere is placed outside the PET; place it inside the image."
    assert "reference" not in done(pet_ready)
    pet.choose(pet_ready.reference, parameters.segmentation, "muscle")
    assert pet_ready.runBar.button.enabled


def wait(seconds=0.35):
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.01)


def test_a_deleted_tumour_takes_its_tick_along(pet_ready):
    slicer.mrmlScene.RemoveNode(pet_ready.parameters.segmentation)
    slicer.app.processEvents()
    assert done(pet_ready) == ["examination"]
    assert not pet_ready.runBar.button.enabled


@pytest.mark.parametrize("width", WIDTHS)
def test_photographs_of_each_step(pet, pet_ready, photograph, width):
    pet.run(pet_ready)
    pet.keep(pet_ready)
    parent = show_at(pet_ready, width)
    for number, name in enumerate(STEPS, 1):
        pet_ready.steps.open(name)
        settle(parent)
        photograph(pet_ready.widget, f"PETHypoxia-step-{number}-{name}-{width}", width)
        assert not faults(parent), name


@pytest.mark.parametrize("width", WIDTHS)
def test_photographs_of_what_is_folded_and_asked(pet, pet_panel, pet_patient, tmp_path, photograph, width):
    parent = show_at(pet_panel, width)
    settle(parent)
    photograph(pet_panel.widget, f"PETHypoxia-empty-{width}", width)
    assert not faults(parent)
    pet.load(pet_panel, pet.edited(pet_patient / "baseline" / "PET", tmp_path / "PET", pet.without_weight))
    settle(parent)
    photograph(pet_panel.widget, f"PETHypoxia-step-1-asked-{width}", width)
    assert not faults(parent)
    for section in (pet_panel.ui.petSection, pet_panel.ui.anatomySection):
        section.collapsed = False
    settle(parent)
    photograph(pet_panel.widget, f"PETHypoxia-step-1-open-{width}", width)
    assert not faults(parent)


@pytest.mark.parametrize("width", WIDTHS)
def test_photographs_of_doubts_about_the_regions(pet, pet_ready, photograph, width):
    """A muscle compared as blood, a fold open, a row that is asked about."""
    pet_ready.ui.ratioComboBox.currentIndex = 1
    pet.run(pet_ready)
    pet.keep(pet_ready)
    table = pet_ready.parameters.measurementTable
    table.SetAttribute("HER2Immuno.Origins", json.dumps({"baseline": {"date": "", "series": {"PET": "2.25.1"}}}))
    pet.keep(pet_ready)
    pet_ready.ui.limitsSection.collapsed = False
    parent = show_at(pet_ready, width)
    for name in ("reference", "look", "keep"):
        pet_ready.steps.open(name)
        settle(parent)
        photograph(pet_ready.widget, f"PETHypoxia-doubts-{name}-{width}", width)
        assert not faults(parent), name
