"""PET Hypoxia between DICOM files and scene: regions gathered, results published whole or not at all."""

import json
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError


class Ratio(Enum):
    TMR = 1
    TBR = 2


class Norm(Enum):
    BODY_WEIGHT = "bw"


@dataclass
class Choices:
    """What the module's parameter node holds, without the application's wrapper around it."""

    petVolume: object = None
    answers: tuple = ()
    segmentation: object = None
    segmentId: str = "tumour"
    referenceSegmentation: object = None
    referenceSegmentId: str = "muscle"
    ratio: Ratio = Ratio.TMR
    tmrThreshold: float = 1.4
    tbrThreshold: float = 1.2
    norm: Norm = Norm.BODY_WEIGHT
    visit: str = "baseline"
    day: float = 0.0
    measurementTable: object = None
    sweep: str = "1.2, 1.4, 1.7"
    minimumReferenceVolume: float = 1.0
    maximumReferenceVariation: float = 25.0
    suvVolume: object = None
    ratioVolume: object = None
    hypoxicSegmentation: object = None
    hypoxicSegmentId: str = ""
    replaceRow: str = ""
    measuresTable: object = None
    sweepTable: object = None
    sweepChart: object = None

    def StartModify(self):
        return 0

    def EndModify(self, was):
        return was


@pytest.fixture
def chosen(scene, tmp_path):
    """Choices for a series of which half the tumour takes up 1.6 times as much as muscle."""
    from PETHypoxiaLib import read_pet
    from PETHypoxiaLib.scene.selftest import write_series
    from PETHypoxiaLib.scene.sources import show_pet

    folder = tmp_path / "PET"
    folder.mkdir()
    truth = write_series(folder)
    volume = show_pet(scene, read_pet(folder), str(folder), None)
    regions = truth.segmentation(scene, volume)
    return Choices(petVolume=volume, segmentation=regions, referenceSegmentation=regions)


def analyse(scene, chosen):
    from PETHypoxiaLib.analysis.examination import measure
    from PETHypoxiaLib.scene.gathering import gather
    from PETHypoxiaLib.scene.publishing import publish

    request = gather(chosen)
    result = measure(request)
    return publish(scene, chosen, request, result), result


def keep(scene, chosen):
    from PETHypoxiaLib.scene.keeping import add_to_visit

    return add_to_visit(scene, chosen)


def state(scene):
    return {scene.GetNthNode(n).GetID() for n in range(scene.GetNumberOfNodes())}


def test_known_hypoxia_is_found_and_lies_on_the_pet(scene, chosen):
    import slicer
    from HER2ImmunoCommonLib.scene.nodes import volume_from_node

    sentence, result = analyse(scene, chosen)
    assert sentence == "Hypoxic fraction 50.0 % (TMR ≥ 1.4)."
    assert result.metrics.suv_max == pytest.approx(1.6, rel=1e-4)
    suv = volume_from_node(chosen.suvVolume)
    np.testing.assert_allclose(suv.ijk_to_ras, volume_from_node(chosen.petVolume).ijk_to_ras, atol=1e-9)
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(chosen.segmentation, chosen.hypoxicSegmentId, chosen.suvVolume)
    np.testing.assert_array_equal(mask != 0, result.hypoxic)
    table = chosen.sweepTable.GetTable()
    assert [table.GetValue(row, 1).ToString() for row in range(3)] == ["0.5", "0.5", "0.0"]
    assert chosen.suvVolume.GetDisplayNode().GetColorNodeID() == "vtkMRMLColorTableNodeInvertedGrey"
    assert chosen.ratioVolume.GetDisplayNode().GetWindowLevelMin() == 0.0  # 0 is dark


def test_the_volume_of_a_tumour_drawn_on_another_grid_is_its_own(scene, chosen):
    """A finer grid, turned against the PET: its voxel count gives the volume, the PET's grid the uptake."""
    import slicer
    from HER2ImmunoCommonLib.geometry import Volume
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import add_segment
    from HER2ImmunoCommonLib.scene.tables import read_table

    pet = chosen.petVolume
    matrix = slicer.util.arrayFromVTKMatrix(_ijk_to_ras(pet))
    fine = matrix @ np.array([[0, 0.5, 0, 0], [0.5, 0, 0, 0], [0, 0, 0.5, 0], [0, 0, 0, 1.0]])
    grid = node_from_volume(scene, Volume(np.zeros((24, 32, 32), np.uint8), fine), "fine")
    mask = np.zeros((24, 32, 32), bool)
    mask[6:18, 4:15, 9:23] = True
    chosen.segmentId = add_segment(chosen.segmentation, mask, "fine tumour", grid)
    analyse(scene, chosen)
    keep(scene, chosen)
    assert read_table(chosen.measurementTable)[0].values["volume_cm3"] == pytest.approx(mask.sum() * 0.008)


def _ijk_to_ras(volume):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return matrix


def test_nothing_hypoxic_makes_no_segment(scene, chosen):
    analyse(scene, chosen)
    earlier = chosen.hypoxicSegmentId
    chosen.tmrThreshold = 4.0
    sentence, _ = analyse(scene, chosen)
    assert sentence == "Hypoxic fraction 0.0 % (TMR ≥ 4). No hypoxic segment was made."
    assert chosen.hypoxicSegmentId == ""
    assert earlier not in chosen.segmentation.GetSegmentation().GetSegmentIDs()


def test_names_stay_the_same_in_later_runs(scene, chosen):
    analyse(scene, chosen)
    names = [chosen.suvVolume.GetName(), chosen.ratioVolume.GetName(), chosen.sweepChart.GetName()]
    analyse(scene, chosen)
    assert [chosen.suvVolume.GetName(), chosen.ratioVolume.GetName(), chosen.sweepChart.GetName()] == names


def test_no_row_is_written_before_it_is_asked_for(scene, chosen):
    analyse(scene, chosen)
    assert chosen.measurementTable is None
    assert all(node.GetAttribute("HER2Immuno.Measurements") is None for node in tables(scene))


def tables(scene):
    import slicer

    return slicer.util.getNodesByClass("vtkMRMLTableNode", scene)


def test_nothing_can_be_kept_before_it_is_measured(scene, chosen):
    before = state(scene)
    with pytest.raises(InputError, match="no results yet"):
        keep(scene, chosen)
    assert state(scene) == before


def test_a_visit_the_table_cannot_take_leaves_the_scene_as_it_was(scene, chosen):
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoCommonLib.scene.tables import measurement_table, read_table, write_table

    table = measurement_table(scene, None)
    write_table([Measurement("other", 0.0)], table)
    analyse(scene, chosen)
    before = state(scene)
    with pytest.raises(InputError, match="both on day 0"):
        keep(scene, chosen)
    assert state(scene) == before
    assert [row.visit for row in read_table(table)] == ["other"]
    assert chosen.measurementTable is None


def test_a_row_that_was_added_is_known_again(scene, chosen):
    from PETHypoxiaLib.scene.keeping import is_added

    analyse(scene, chosen)
    assert not is_added(chosen)
    look, sentence = keep(scene, chosen)
    assert (look, sentence) == ("ok", "Row baseline, day 0, of Measurements has these values.")
    assert is_added(chosen)
    chosen.day = 3.0
    assert not is_added(chosen)
    chosen.day, chosen.tmrThreshold = 0.0, 1.7
    analyse(scene, chosen)
    assert not is_added(chosen)  # the row has the values of the run before


def test_a_row_keeps_its_other_columns_and_a_new_volume_is_told(scene, chosen):
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoCommonLib.scene.tables import measurement_table, read_table, write_table

    chosen.measurementTable = measurement_table(scene, None)
    write_table([Measurement("baseline", 0.0, {"volume_cm3": 5.0, "ve_median": 0.3})], chosen.measurementTable)
    analyse(scene, chosen)
    look, sentence = keep(scene, chosen)
    row = read_table(chosen.measurementTable)[0]
    assert row.values["ve_median"] == 0.3
    assert row.values["hypoxic_fraction"] == 0.5
    assert look == "warning"
    assert "volume_cm3 of visit 'baseline' was 5 cm3 and is now 18.4 cm3" in sentence


def test_a_transformed_volume_is_refused(scene, chosen):
    import vtk

    shift = vtk.vtkMatrix4x4()
    shift.SetElement(0, 3, 10.0)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "shift")
    transform.SetMatrixTransformToParent(shift)
    chosen.petVolume.SetAndObserveTransformNodeID(transform.GetID())
    chosen.segmentation.SetAndObserveTransformNodeID(transform.GetID())
    with pytest.raises(InputError, match="does not lie where its DICOM files do"):
        analyse(scene, chosen)


def test_a_region_of_the_mr_travels_to_the_pet_whose_voxels_stay(scene, chosen):
    """Under the transform from MR to PET a region is taken from where it lies now; SUV is not resampled."""
    from HER2ImmunoCommonLib.registration import Transform
    from HER2ImmunoCommonLib.scene import set_transform
    from PETHypoxiaLib.scene.gathering import gather

    before = gather(chosen)
    step = before.image.ijk_to_ras[:3, 0]
    matrix = np.eye(4)
    matrix[:3, 3] = -step  # what lies at x of the MR is seen at x + step of the PET
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "MR to PET")
    set_transform(node, Transform.from_matrix(matrix))
    chosen.segmentation.SetAndObserveTransformNodeID(node.GetID())
    now = gather(chosen)
    assert np.array_equal(now.tumour.array, np.roll(before.tumour.array, 1, axis=2))
    assert np.array_equal(now.image.array, before.image.array)
    assert np.array_equal(now.image.ijk_to_ras, before.image.ijk_to_ras)
    assert now.tumour_volume_cm3 == pytest.approx(before.tumour_volume_cm3)


def test_what_is_missing_is_named(scene, chosen):
    from PETHypoxiaLib.scene.gathering import gather

    chosen.referenceSegmentId = ""
    with pytest.raises(InputError, match="There is no muscle segment"):
        gather(chosen)
    chosen.referenceSegmentId = "gone"
    with pytest.raises(InputError, match="has no segment 'gone'"):
        gather(chosen)
    chosen.petVolume = None
    with pytest.raises(InputError, match="There is no PET volume"):
        gather(chosen)


def test_every_result_says_where_it_is_from(scene, chosen):
    _, result = analyse(scene, chosen)
    for node in (chosen.suvVolume, chosen.ratioVolume, chosen.measuresTable, chosen.sweepTable, chosen.sweepChart):
        provenance = json.loads(node.GetAttribute("HER2Immuno.Provenance"))
        assert provenance["inputs"]["series_uid"] == result.provenance.inputs["series_uid"]
        assert provenance["inputs"]["reference"]["segment_id"] == "muscle"


def test_a_stretched_segment_has_the_volume_that_is_seen(scene, chosen):
    import vtk
    from PETHypoxiaLib.scene.gathering import segment_volume_cm3

    drawn = segment_volume_cm3(chosen.segmentation, chosen.segmentId)
    stretch = vtk.vtkMatrix4x4()
    stretch.SetElement(2, 2, 1.5)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "stretch")
    transform.SetMatrixTransformToParent(stretch)
    chosen.segmentation.SetAndObserveTransformNodeID(transform.GetID())
    assert segment_volume_cm3(chosen.segmentation, chosen.segmentId) == pytest.approx(1.5 * drawn)
