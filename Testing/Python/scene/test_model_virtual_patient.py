"""The virtual patient comes into the scene as its files are: voxels, times, places, segments, tables."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import read_volume
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from HER2ImmunoStudyLib.study.manifest import read_study

SMALL = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=6, arrival_s=6.0),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patient") / "p"
    return read_study(write_virtual_patient(folder, preset=SMALL, seed=3, noise=0.01, visits=(0.0,)))


@pytest.fixture
def nodes(scene, study):
    from HER2ImmunoStudyLib.study.scene_input import load_visit

    return load_visit(scene, study, "baseline")


def slices(folder):
    import pydicom

    return [pydicom.dcmread(path) for path in sorted(folder.rglob("*.dcm"))]


def stored(dataset):
    values = dataset.pixel_array * float(dataset.get("RescaleSlope", 1)) + float(dataset.get("RescaleIntercept", 0))
    return values.astype(np.float32)


def slice_index(dataset, ijk_to_ras):
    """Which k of the grid the slice is, from its own position."""
    ras = np.array([-1.0, -1.0, 1.0, 1.0]) * [*map(float, dataset.ImagePositionPatient), 1.0]
    ijk = np.linalg.solve(ijk_to_ras, ras)
    np.testing.assert_allclose(ijk[:2], 0.0, atol=1e-3)
    return round(ijk[2])


def test_every_dynamic_voxel_and_time_is_that_of_the_files(nodes, study):
    from HER2ImmunoCommonLib.scene.sequences import number_attribute, series_from_node

    series = series_from_node(nodes.dynamic)
    files = slices(study.visits[0].dynamic[0])
    times = sorted({dataset.AcquisitionTime for dataset in files})
    assert series.array.shape == (8, 32, 32, 6)
    assert len(files) == 48
    for dataset in files:
        k, t = slice_index(dataset, series.ijk_to_ras), times.index(dataset.AcquisitionTime)
        np.testing.assert_allclose(series.array[k, :, :, t], stored(dataset), rtol=1e-6)
    np.testing.assert_allclose(series.time_s, SMALL.mr.frame_s * np.arange(6), atol=1e-6)
    assert number_attribute(nodes.dynamic, "RepetitionTime") == pytest.approx(1000 * SMALL.mr.tr_s)
    assert number_attribute(nodes.dynamic, "FlipAngle") == SMALL.mr.flip_deg


def test_the_flip_angles_label_their_images(nodes, study):
    from HER2ImmunoCommonLib.scene.nodes import volume_from_node
    from HER2ImmunoCommonLib.scene.sequences import FRAME_LABELS, TIME_TAG

    assert nodes.vfa.GetAttribute(TIME_TAG) == "FlipAngle"
    flips = [float(label) for label in nodes.vfa.GetAttribute(FRAME_LABELS).split(",")]
    assert flips == list(SMALL.mr.vfa_flip_deg)
    for dataset in slices(study.visits[0].vfa[0]):
        frame = volume_from_node(nodes.vfa.GetNthDataNode(flips.index(float(dataset.FlipAngle))))
        np.testing.assert_allclose(frame.array[slice_index(dataset, frame.ijk_to_ras)], stored(dataset), rtol=1e-6)


def test_the_pet_is_its_files_and_knows_them(nodes, study):
    from HER2ImmunoCommonLib.scene.nodes import volume_from_node

    volume, files = volume_from_node(nodes.pet), slices(study.visits[0].pet)
    for dataset in files:
        np.testing.assert_allclose(
            volume.array[slice_index(dataset, volume.ijk_to_ras)], stored(dataset), rtol=1e-5, atol=1e-3
        )
    assert set(nodes.pet.GetAttribute("DICOM.instanceUIDs").split()) == {each.SOPInstanceUID for each in files}
    assert nodes.pet.GetAttribute("PETHypoxia.DICOMFolder") == str(study.visits[0].pet)


def test_the_segments_are_the_masks(nodes, study, scene):
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import segment_mask

    segmentation, visit = nodes.regions.GetSegmentation(), study.visits[0]
    ids = {segmentation.GetSegment(each).GetName(): each for each in segmentation.GetSegmentIDs()}
    assert list(ids) == ["Tumour", "Vessel", "Muscle"]
    for name, path in (("Tumour", visit.tumour), ("Vessel", visit.vessel), ("Muscle", visit.muscle)):
        mask = read_volume(path)
        grid = node_from_volume(scene, mask, "grid")
        np.testing.assert_array_equal(segment_mask(nodes.regions, ids[name], grid), mask.array > 0)


def test_the_visit_survives_the_scene_file(nodes, scene, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene.sequences import series_from_node
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb

    before = series_from_node(nodes.dynamic)
    save_mrb(scene, tmp_path / "visit.mrb")
    load_mrb(scene, tmp_path / "visit.mrb")
    again = series_from_node(slicer.util.getFirstNodeByClassByName("vtkMRMLSequenceNode", "baseline dynamic"))
    np.testing.assert_array_equal(again.array, before.array)
    np.testing.assert_array_equal(again.time_s, before.time_s)
    regions = slicer.util.getFirstNodeByClassByName("vtkMRMLSegmentationNode", "baseline regions")
    assert regions.GetSegmentation().GetNumberOfSegments() == 3


def test_a_visit_that_is_not_there_is_named_and_nothing_is_left(scene, study):
    from HER2ImmunoStudyLib.study.scene_input import load_visit

    before = scene.GetNumberOfNodes()
    with pytest.raises(InputError, match=r"no visit 'day_99'; choose one of baseline"):
        load_visit(scene, study, "day_99")
    broken = replace(study, visits=(replace(study.visits[0], pet=study.visits[0].dynamic[0]),))
    with pytest.raises(InputError):
        load_visit(scene, broken, "baseline")
    assert scene.GetNumberOfNodes() == before


def test_the_files_of_the_sample_are_written_once(scene, tmp_path):
    from HER2ImmunoStudyLib.study.sample_data import load_images

    first = load_images(scene, tmp_path, visit_days=(0.0,), preset=SMALL)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.dcm")}
    second = load_images(scene, tmp_path, visit_days=(0.0,), preset=SMALL)
    assert written
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.dcm")} == written
    assert [type(node) for node in first] == [type(node) for node in second]


def test_the_tables_are_those_of_a_whole_patient(scene, tmp_path):
    from HER2ImmunoCommonLib.measurements import read_csv
    from HER2ImmunoCommonLib.scene.tables import read_table
    from HER2ImmunoModelLib.scene.given import read_treatments
    from HER2ImmunoModelLib.treatments.schedule import read_schedule
    from HER2ImmunoStudyLib.study.sample_data import SEED, load_tables

    measurements, treatments = load_tables(scene, SMALL)
    path = write_virtual_patient(tmp_path / "p", preset=SMALL, seed=SEED)
    assert read_table(measurements) == read_csv(path.parent / "truth" / "measurements.csv")
    assert read_treatments(treatments).doses == read_schedule(path.parent / "treatments.csv").doses
