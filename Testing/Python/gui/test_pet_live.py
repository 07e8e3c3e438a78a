"""What the PET Hypoxia panel shows before the measurement: sphere, reference, moving threshold, fusion."""

import time

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.scene.nodes import volume_from_node


def settle(seconds=0.35):
    """Let the panel notice what was drawn or moved in the scene."""
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.01)


def fraction(panel):
    return float(panel.threshold.preview.text.split(": ")[1].split(" %")[0])


@pytest.fixture
def placed(pet, pet_ready):
    """The reference made by a click into the middle of the muscle."""
    pet.choose(pet_ready.reference, None, "")
    regions, volume = pet_ready.parameters.segmentation, pet_ready.parameters.petVolume
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(regions, "muscle", volume)
    centre = volume_from_node(volume).ijk_to_ras @ [*np.argwhere(mask).mean(axis=0)[::-1], 1]
    pet_ready.ui.sphereRadiusSpinBox.value = 10
    pet_ready.ui.sphereButton.click()
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    assert pet_ready.reference.quality.text == "Click into the reference tissue in a slice view."
    pet_ready.parameters.spherePoint.AddControlPointWorld(list(centre[:3]))
    settle()
    return pet_ready


def test_the_reference_is_judged_before_anything_is_computed(pet_ready):
    assert pet_ready.reference.quality.look == "ok"
    size, variation = pet_ready.reference.quality.text[2:].split(" cm³, CoV ")
    assert float(size) > 1
    assert float(variation.split(" %")[0]) < 25
    pet_ready.ui.minimumReferenceSpinBox.value = 1000
    assert pet_ready.reference.quality.look == "warning"
    assert "at least 1000 cm³" in pet_ready.reference.quality.text


def test_a_click_makes_a_sphere_the_reference(pet, placed):
    parameters = placed.parameters
    segment = parameters.referenceSegmentation.GetSegmentation().GetSegment(parameters.referenceSegmentId)
    assert segment.GetName() == "Muscle sphere"
    assert placed.reference.segments.selector.currentSegmentID() == parameters.referenceSegmentId
    assert float(placed.reference.quality.text[2:].split(" cm³")[0]) == pytest.approx(4.2, rel=0.15)
    assert pet.run(placed).startswith("✓ Hypoxic fraction")


def test_another_radius_or_place_replaces_the_sphere(pet, placed):
    parameters = placed.parameters
    segments = parameters.segmentation.GetSegmentation()
    tumour = slicer.util.arrayFromSegmentBinaryLabelmap(parameters.segmentation, "tumour", parameters.petVolume).sum()
    count = segments.GetNumberOfSegments()
    placed.ui.sphereRadiusSpinBox.value = 13
    settle()
    assert float(placed.reference.quality.text[2:].split(" cm³")[0]) == pytest.approx(9.2, rel=0.15)
    assert segments.GetNumberOfSegments() == count
    parameters.spherePoint.SetNthControlPointPositionWorld(0, [900.0, 0.0, 0.0])
    settle()
    assert placed.reference.quality.text == "✗ The sphere is placed outside the PET; place it inside the image."
    now = slicer.util.arrayFromSegmentBinaryLabelmap(parameters.segmentation, "tumour", parameters.petVolume).sum()
    assert now == tumour


def test_a_sphere_does_not_come_back_when_another_reference_is_chosen(pet, placed):
    pet.choose(placed.reference, placed.parameters.segmentation, "muscle")
    placed.ui.ratioComboBox.currentIndex = 1
    placed.ui.sphereRadiusSpinBox.value = 6
    settle()
    assert placed.parameters.referenceSegmentId == "muscle"
    assert placed.reference.quality.text.startswith("⚠ 31.50 cm³, CoV 1.8 %. The reference segment is called 'muscle'")
    placed.ui.ratioComboBox.currentIndex = 0
    assert placed.reference.quality.look == "ok"


def test_giving_up_the_click_shows_the_reference_again(pet_ready):
    pet_ready.ui.sphereButton.click()
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)
    pet_ready.ui.daySpinBox.value = 1
    assert "CoV" in pet_ready.reference.quality.text


def test_an_image_without_decay_correction_has_no_preview(pet, pet_panel, pet_patient, tmp_path):
    def uncorrected(dataset, n):
        dataset.DecayCorrection, dataset.CorrectedImage = "NONE", ["ATTN", "SCAT"]
        dataset.AcquisitionTime = f"13{n:02d}00"
        del dataset.DecayFactor

    pet.load(pet_panel, pet.edited(pet_patient / "baseline" / "PET", tmp_path / "PET", uncorrected))
    regions = pet.add_segments(pet_patient / "baseline" / "masks")
    pet.choose(pet_panel.tumour, regions, "tumour")
    pet.choose(pet_panel.reference, regions, "muscle")
    pet_panel.ui.liveCheckBox.checked = True
    assert pet_panel.threshold.preview.text.startswith("Slices of this PET have SUV factors of their own")
    assert pet_panel.parameters.hypoxicPreview is None
    assert " to " in pet.shown(pet_panel.examination.header.facts)["SUVbw of 1000 Bq/mL"]


def test_leaving_the_module_stops_the_waiting_for_a_click(pet_ready):
    pet_ready.ui.sphereButton.click()
    pet_ready.exit()
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    assert interaction.GetCurrentInteractionMode() == interaction.ViewTransform


def test_a_sphere_needs_a_pet(pet_panel):
    button = pet_panel.ui.sphereButton
    assert not button.enabled
    assert button.toolTip == "A sphere is placed on the PET; choose that first."


def test_hypoxic_voxels_follow_the_threshold(pet, pet_ready):
    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    pet_ready.ui.tmrSlider.value = 1.3
    assert pet_ready.threshold.preview.text == ""
    assert view.GetLabelVolumeID() is None
    pet_ready.ui.liveCheckBox.checked = True
    node = pet_ready.parameters.hypoxicPreview
    assert view.GetLabelVolumeID() == node.GetID()
    shares = []
    for threshold in (0.9, 1.4, 5.0):
        pet_ready.ui.tmrSlider.value = threshold
        painted_cm3 = 0.125 * np.count_nonzero(slicer.util.arrayFromVolume(node))
        assert f"≥ {threshold:g}: " in pet_ready.threshold.preview.text
        said_cm3 = float(pet_ready.threshold.preview.text.split("tumour, ")[1].split(" cm³")[0])
        assert said_cm3 == pytest.approx(painted_cm3, abs=0.0051)
        shares.append(fraction(pet_ready))
    assert shares[0] > shares[1] > shares[2] == 0.0
    pet_ready.ui.tmrSlider.value = 1.4
    pet.run(pet_ready)
    assert pet.shown(pet_ready.results.table)["Hypoxic fraction, TMR ≥ 1.4"] == f"{shares[1]:.1f} %"
    pet_ready.ui.liveCheckBox.checked = False
    assert view.GetLabelVolumeID() is None
    assert pet_ready.parameters.hypoxicPreview is None
    names = [slicer.mrmlScene.GetNthNode(n).GetName() for n in range(slicer.mrmlScene.GetNumberOfNodes())]
    assert not {"Hypoxic voxels", "Hypoxic preview"} & set(names)


def test_a_tumour_redrawn_is_painted_anew(pet_ready):
    pet_ready.ui.liveCheckBox.checked = True
    before, parameters = fraction(pet_ready), pet_ready.parameters
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(parameters.segmentation, "tumour", parameters.petVolume)
    shown = slicer.util.arrayFromVolume(parameters.hypoxicPreview)
    assert 0 < before < 100
    slicer.util.updateSegmentBinaryLabelmapFromArray(
        (shown > 0).astype(np.uint8), parameters.segmentation, "tumour", parameters.petVolume
    )
    settle()
    assert fraction(pet_ready) == 100.0
    assert np.count_nonzero(slicer.util.arrayFromVolume(parameters.hypoxicPreview)) < np.count_nonzero(mask)


def test_the_preview_is_not_saved_but_made_again(pet, pet_ready, tmp_path):
    pet_ready.ui.liveCheckBox.checked = True
    before = fraction(pet_ready)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    pet.settle(pet_ready)
    assert pet_ready.ui.liveCheckBox.checked
    assert fraction(pet_ready) == before
    names = [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLLabelMapVolumeNode")]
    assert names == ["Hypoxic preview"]


def test_a_saved_scene_restores_the_sphere_and_the_anatomy(pet, placed, tmp_path):
    anatomy = slicer.util.addVolumeFromArray(np.ones((3, 3, 3), np.uint8), name="T1")
    placed.ui.anatomySelector.setCurrentNode(anatomy)
    segment_id, quality = placed.parameters.referenceSegmentId, placed.reference.quality.text
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    pet.settle(placed)
    settle()
    assert placed.ui.anatomySelector.currentNode().GetName() == "T1"
    assert placed.ui.sphereRadiusSpinBox.value == 10
    assert placed.parameters.referenceSegmentId == segment_id
    assert placed.reference.quality.text == quality


def test_pet_is_shown_over_anatomy_only_when_asked(pet, pet_ready):
    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    pet_ready.ui.fusionButton.click()
    assert pet_ready.fusion.text == "✗ PET over anatomy needs both; choose the PET volume and the anatomical image."
    anatomy = slicer.util.addVolumeFromArray(np.ones((3, 3, 3), np.uint8), name="T1")
    pet_ready.ui.anatomySelector.setCurrentNode(anatomy)
    assert view.GetBackgroundVolumeID() is None
    pet_ready.ui.fusionButton.click()
    assert view.GetBackgroundVolumeID() == anatomy.GetID()
    assert view.GetForegroundVolumeID() == pet_ready.parameters.petVolume.GetID()
    assert view.GetForegroundOpacity() == 0.5
    pet.run(pet_ready)
    pet_ready.ui.fusionButton.click()
    assert view.GetForegroundVolumeID() == pet_ready.parameters.ratioVolume.GetID()
    slicer.app.processEvents()
    hidden = pet_ready.ui.anatomySelector.sortFilterProxyModel().hiddenNodeIDs
    results = pet_ready.parameters.petVolume, pet_ready.parameters.suvVolume, pet_ready.parameters.ratioVolume
    assert {node.GetID() for node in results} <= set(hidden)
    assert anatomy.GetID() not in hidden


def test_the_sweep_stands_in_the_results_with_its_chart(pet, pet_ready):
    pet.run(pet_ready)
    table = pet_ready.results.sweep.table
    assert [table.item(row, 0).text() for row in range(table.rowCount)] == ["1.2", "1.3", "1.4", "1.5"]
    shares = [float(table.item(row, 1).text()) for row in range(table.rowCount)]
    assert shares == sorted(shares, reverse=True)
    assert f"{shares[2]:.1f} %" in pet_ready.runBar.status.text
    assert not pet_ready.results.sweep.chart.isHidden()
    assert pet_ready.results.sweep.chart.accessibleName == "Threshold sweep"


def test_the_overlap_with_parts_of_the_tumour_is_among_the_measures_and_with_references_is_not(pet, pet_ready):
    from HER2ImmunoCommonLib.scene.segments import add_segment

    parameters = pet_ready.parameters
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(parameters.segmentation, "tumour", parameters.petVolume)
    for name in ("boost", "Muscle sphere", "Aorta", "blood pool"):
        add_segment(parameters.segmentation, mask, name, parameters.petVolume)
    pet.run(pet_ready)
    shown = pet.shown(pet_ready.results.table)
    assert shown["Hypoxic volume in boost"].endswith(", 100.0 % of it")
    pet.run(pet_ready)
    assert [name for name in pet.shown(pet_ready.results.table) if name.startswith("Hypoxic volume in")] == [
        "Hypoxic volume in boost"
    ]
