"""Images as the application's DICOM module leaves them give what their folder gives; what is no dynamic is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from dicom_module import ClosedDatabase, Database, load_multivolume, load_sequence, load_volumes
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import read_volume
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from QuantDCELib import read_dynamic
from QuantDCELib.dicom.reading import read_vfa

SMALL = replace(
    HUMAN,
    mr_grid=Grid((8, 24, 24), (5.0, 5.0, 6.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=30, frame_s=6.0),
)
CHOICES = {
    "replaceRow": "",
    "timesText": "", "frameIntervalS": "", "trMs": "", "flipDeg": "", "t1Source": "vfa", "t1S": "", "vfaTrMs": "",
    "b1Map": None,
    "t1Map": None, "t1Method": "nonlinear", "m0": "baseline", "m0Map": None, "aif": "parker", "aifTable": None,
    "model": "tofts", "visit": "baseline", "day": 0.0, "measurements": None, "relaxivity": 4.5, "hematocrit": 0.42,
    "dose": 0.1, "bloodT1S": "", "baselineFrames": "", "arrivalS": "", "vascularKtrans": 0.05, "necroticSd": 1.645,
    "wholeVolume": False, "agent": "gadobutrol", "fitDelay": False, "standardErrors": False, "memoryMb": 512.0,
    "semiQuantitative": False,
}  # fmt: skip

DATA = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
BREAST = DATA / "dce" / "ucsf_breast_06" / "image_dce_3dfgre_orig"


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    """Folder of a visit, all frames in one series and all flip angles in another."""
    root = tmp_path_factory.mktemp("patient") / "p"
    return write_virtual_patient(root, preset=SMALL, visits=(0.0,)).parent / "baseline"


@pytest.fixture(scope="module")
def split_visit(tmp_path_factory):
    """Folder of a visit, each frame and each flip angle in a series of its own."""
    root, few = tmp_path_factory.mktemp("patient") / "p", replace(SMALL, mr=replace(SMALL.mr, frames=8))
    return write_virtual_patient(root, preset=few, visits=(0.0,), layout="phase_per_series").parent / "baseline"


@pytest.fixture(scope="module")
def read(visit):
    """The dynamic and flip angle images of the folder, by the project's own readers."""
    return read_dynamic(visit / "MR" / "dynamic"), read_vfa(visit / "MR" / "vfa")


@pytest.fixture
def database(scene, visit, monkeypatch):
    import slicer

    found = Database(visit / "MR")
    monkeypatch.setattr(slicer, "dicomDatabase", found, raising=False)
    return found


@pytest.fixture
def closed(scene, monkeypatch):
    import slicer

    monkeypatch.setattr(slicer, "dicomDatabase", ClosedDatabase(), raising=False)


def gathered(scene, visit, dynamic, vfa):
    """What the analysis is given, with the tumour of the visit."""
    from HER2ImmunoCommonLib.scene import add_segment
    from QuantDCELib.scene import gather

    mask = read_volume(visit / "masks" / "tumour.nrrd").array != 0
    regions = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    tumour = add_segment(regions, mask, "Tumour", dynamic.GetNthDataNode(0))
    chosen = CHOICES | {"dynamic": dynamic, "vfa": vfa, "segmentation": regions, "segmentId": tumour}
    return gather(SimpleNamespace(**chosen))


def assert_same_images(found, expected):
    np.testing.assert_allclose(found.series.time_s, expected.series.time_s, atol=1e-6)
    np.testing.assert_array_equal(found.series.array, expected.series.array)
    np.testing.assert_allclose(found.series.ijk_to_ras, expected.series.ijk_to_ras, atol=1e-6)
    assert (found.tr_s, found.flip_deg, found.field_t) == (expected.tr_s, expected.flip_deg, expected.field_t)


def assert_same_flip_angles(found, expected):
    np.testing.assert_array_equal(found.flip_deg, expected.flip_deg)
    np.testing.assert_array_equal(found.signal, expected.signal)
    assert found.tr_s == pytest.approx(expected.tr_s)


@pytest.mark.parametrize("left", ["sequence", "multivolume", "volumes"])
def test_ktrans_of_loaded_images_is_that_of_their_folder(scene, database, visit, read, left):
    from QuantDCELib.scene import loaded_images, node_from_dynamic, node_from_vfa, take

    folders = (visit / "MR" / "dynamic", "AcquisitionTime"), (visit / "MR" / "vfa", "FlipAngle")
    if left == "sequence":
        dynamic, vfa = (load_sequence(scene, *folder) for folder in folders)
        assert loaded_images(scene) == []
    else:
        for folder in folders:
            (load_multivolume if left == "multivolume" else load_volumes)(scene, *folder)
        found = {images.kind: images for images in loaded_images(scene)}
        assert set(found) == {"dynamic", "flip angles"}
        assert found["dynamic"].title == "1000: MR DCE dynamic (30 volumes)"
        dynamic, vfa = (take(scene, found[kind], kind) for kind in ("dynamic", "flip angles"))
    request = gathered(scene, visit, dynamic, vfa)
    assert_same_images(request.dynamic, read[0])
    assert_same_flip_angles(request.vfa, read[1])
    own = gathered(scene, visit, node_from_dynamic(scene, read[0], "own"), node_from_vfa(scene, read[1], "own flips"))
    result, expected = request.analyse(), own.analyse()
    assert result.measurements == expected.measurements
    assert result.measurements["ktrans_median_per_min"] > 0


@pytest.mark.parametrize("kind", ["dynamic", "flip angles"])
def test_phases_and_flip_angles_in_series_of_their_own(scene, split_visit, monkeypatch, kind):
    """As single volumes they share everything but the series; the readers tell which are which."""
    import slicer
    from QuantDCELib.scene import flip_angle_reader, loaded_images
    from QuantDCELib.scene.imported import dynamic_reader

    monkeypatch.setattr(slicer, "dicomDatabase", Database(split_visit / "MR"), raising=False)
    load_volumes(scene, split_visit / "MR" / "dynamic", "AcquisitionTime")
    load_volumes(scene, split_visit / "MR" / "vfa", "FlipAngle")
    (images,) = loaded_images(scene, kind)
    assert len(images.node_ids) == 8 + len(SMALL.mr.vfa_flip_deg)
    if kind == "dynamic":
        assert_same_images(dynamic_reader(scene, images)(), read_dynamic(split_visit / "MR" / "dynamic"))
    else:
        assert_same_flip_angles(flip_angle_reader(scene, images)(), read_vfa(split_visit / "MR" / "vfa"))


def test_what_the_importer_did_not_keep_is_found_in_the_database(scene, database, visit, read):
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.series_nodes import dynamic_from_node

    node = load_sequence(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    for tag in ("RepetitionTime", "FlipAngle"):
        node.RemoveAttribute(f"MultiVolume.DICOM.{tag}")
    assert_same_images(dynamic_from_node(node, time_axis_of(node)), read[0])


def test_loaded_images_know_their_examination(scene, database, visit, read):
    from HER2ImmunoCommonLib.scene import examination_of

    for load in (load_sequence, load_multivolume):
        assert examination_of(load(scene, visit / "MR" / "dynamic", "AcquisitionTime")) == read[0].examination
    assert examination_of(load_volumes(scene, visit / "MR" / "vfa", "FlipAngle")[0]) == read[1].examination


def test_a_sequence_knows_the_study_above_the_volume_that_shows_it(scene, closed, visit):
    import slicer
    from HER2ImmunoCommonLib.scene import examination_of
    from QuantDCELib.scene.series_nodes import shown_volume

    node = load_sequence(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "Study")
    hierarchy.SetItemUID(study, "DICOM", "1.2.3")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(shown_volume(node)), study)
    assert examination_of(node).study_uid == "1.2.3"


def test_what_is_taken_goes_into_the_study_of_what_was_loaded(scene, database, visit):
    import slicer
    from HER2ImmunoCommonLib.scene import put_with_examination
    from QuantDCELib.scene import loaded_images, take
    from QuantDCELib.scene.series_nodes import shown_volume

    loaded = load_multivolume(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "Study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(loaded), study)
    taken = take(scene, loaded_images(scene)[0])
    put_with_examination(scene, taken, "Dynamic")
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(shown_volume(taken))) == study


def test_a_sequence_of_a_scene_file_finds_its_instances_by_the_volume_shown(scene, database, visit, read):
    """The frames of a saved sequence lose their attributes; the data tree keeps the instances."""
    from QuantDCELib.scene.series_nodes import field_t_of

    node = load_sequence(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    for number in range(node.GetNumberOfDataNodes()):
        node.GetNthDataNode(number).RemoveAttribute("DICOM.instanceUIDs")
    assert field_t_of(node) == read[0].field_t


def test_a_closed_database_is_not_asked(scene, closed, visit):
    from QuantDCELib.scene import loaded_images
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.series_nodes import dynamic_from_node

    node = load_sequence(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    load_volumes(scene, visit / "MR" / "vfa", "FlipAngle")
    assert loaded_images(scene) == []
    found = dynamic_from_node(node, time_axis_of(node))
    assert found.field_t is None
    assert found.tr_s == pytest.approx(SMALL.mr.tr_s)


def test_an_is_open_that_is_a_method_counts_too(scene, monkeypatch, visit):
    import slicer
    from HER2ImmunoCommonLib.scene import files_of_instances, files_of_series, header_values

    found = Database(visit / "MR" / "vfa")
    uid = next(iter(found.files))
    for is_open in (True, False):
        found.isOpen = lambda is_open=is_open: is_open
        monkeypatch.setattr(slicer, "dicomDatabase", found, raising=False)
        assert len(files_of_instances([uid])) == is_open
        assert files_of_instances([uid, "1.2.3"]) == ()
        series = str(found.headers[found.files[uid]].SeriesInstanceUID)
        assert len(files_of_series(series)) == (len(found.files) if is_open else 0)
        assert header_values(uid, ["MagneticFieldStrength", "InversionTime"]) == (
            {"MagneticFieldStrength": str(SMALL.mr.field_strength_T)} if is_open else {}
        )


def test_a_multivolume_without_files_gives_its_own_voxels(scene, closed, visit, read):
    from QuantDCELib.scene import loaded_images, take
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.series_nodes import dynamic_from_node, vfa_from_node

    load_multivolume(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    (images,) = loaded_images(scene, "dynamic")
    assert images.title == "1000: MR DCE dynamic (30 volumes)"
    node = take(scene, images)
    assert node.GetName() == "1000: MR DCE dynamic"
    assert_same_images(dynamic_from_node(node, time_axis_of(node)), replace(read[0], field_t=None))
    load_multivolume(scene, visit / "MR" / "vfa", "FlipAngle", name="100: MR VFA - frames MultiVolume by FlipAngle")
    (images,) = loaded_images(scene, "flip angles")
    assert_same_flip_angles(vfa_from_node(take(scene, images, "flip angles")), read[1])


def test_a_multivolume_without_files_or_a_unit_is_not_offered(scene, closed, visit):
    from QuantDCELib.scene import loaded_images

    node = load_multivolume(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    for unit in ("", "furlong"):
        node.SetAttribute("MultiVolume.FrameIdentifyingDICOMTagName", "")
        node.SetAttribute("MultiVolume.FrameIdentifyingDICOMTagUnits", unit)
        assert loaded_images(scene) == []


def test_frames_that_are_only_numbered_take_their_times_from_the_files(scene, database, visit, read):
    from QuantDCELib.scene import fits_dynamic, loaded_images, take
    from QuantDCELib.scene.frames import time_axis_of

    node = load_sequence(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    node.SetAttribute("MultiVolume.FrameIdentifyingDICOMTagName", "Time")
    node.SetAttribute("MultiVolume.ParseStrategy", "TemporalPosition_via_InstanceNumber*RepetitionTime")
    assert fits_dynamic(node)
    with pytest.raises(QuestionsError, match="how many seconds"):
        time_axis_of(node)
    (images,) = loaded_images(scene, "dynamic")
    np.testing.assert_allclose(time_axis_of(take(scene, images)).time_s, read[0].series.time_s, atol=1e-6)


@pytest.mark.parametrize("given", [{}, {"timesText": "0 1 2 3 4"}, {"frameIntervalS": "2"}])
@pytest.mark.parametrize("tag", ["FlipAngle", "AcquisitionTime"])
def test_a_flip_angle_series_is_never_a_dynamic_series(scene, database, visit, tag, given):
    """Labelled with its flip angles by the importer, or with times while the headers differ in the flip angle."""
    from QuantDCELib.scene import fits_dynamic, fits_flip_angles, gather

    node = load_sequence(scene, visit / "MR" / "vfa", tag)
    assert not fits_dynamic(node)
    assert fits_flip_angles(node) == (tag == "FlipAngle")
    with pytest.raises(InputError, match="several flip angles, not a dynamic series; choose the dynamic series"):
        gather(SimpleNamespace(**CHOICES | {"dynamic": node} | given))


def test_flip_angles_that_a_writer_rounded_are_one(scene, database, visit):
    from QuantDCELib.scene import fits_dynamic

    node = load_sequence(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    for number, header in enumerate(database.headers.values()):
        header.FlipAngle = 20 + 0.1 * (number % 2)
    assert fits_dynamic(node)


def test_a_flip_angle_series_told_apart_by_time_is_taken_from_its_files(scene, database, visit, read):
    from QuantDCELib.scene import loaded_images, take
    from QuantDCELib.scene.series_nodes import vfa_from_node

    load_sequence(scene, visit / "MR" / "vfa", "AcquisitionTime")
    assert loaded_images(scene, "dynamic") == []
    (images,) = loaded_images(scene, "flip angles")
    assert_same_flip_angles(vfa_from_node(take(scene, images, "flip angles")), read[1])


def test_a_dynamic_series_is_no_flip_angle_series(scene, closed, visit):
    from QuantDCELib.scene import fits_dynamic, fits_flip_angles
    from QuantDCELib.scene.series_nodes import vfa_from_node

    node = load_sequence(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    assert fits_dynamic(node)
    assert not fits_flip_angles(node)
    with pytest.raises(InputError, match="is a dynamic series, not a series at several flip angles"):
        vfa_from_node(node)


def test_what_is_no_series_of_volumes_fits_nothing(scene):
    import slicer
    from QuantDCELib.scene import fits_dynamic, fits_flip_angles

    texts = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Texts")
    for number in range(3):
        texts.SetDataNodeAtValue(slicer.vtkMRMLTextNode(), str(number))
    for node in (texts, scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Empty"), None):
        assert not fits_dynamic(node)
        assert not fits_flip_angles(node)


def test_images_under_a_transform_are_not_taken_from_where_they_were(scene, database, visit):
    from QuantDCELib.scene import loaded_images, take

    node = load_multivolume(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    node.SetAndObserveTransformNodeID(scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "T").GetID())
    with pytest.raises(InputError, match="lies under a transform"):
        take(scene, loaded_images(scene)[0])


def test_images_whose_files_are_gone_are_named(scene, database, visit):
    from QuantDCELib.scene import loaded_images, take

    load_volumes(scene, visit / "MR" / "dynamic", "AcquisitionTime")
    (images,) = loaded_images(scene)
    database.isOpen = False
    with pytest.raises(InputError, match=r"1000: MR DCE dynamic \(30 volumes\) are no longer in the DICOM database"):
        take(scene, images)


@pytest.mark.skipif(not BREAST.is_dir(), reason="the reference data are not here (HER2IMMUNO_DATA)")
def test_a_real_examination_of_a_breast(scene, monkeypatch):
    """Three phases without AcquisitionTime, and a field strength in gauss, as the importer leaves them."""
    import slicer
    from QuantDCELib.scene import loaded_images, take
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.series_nodes import dynamic_from_node

    monkeypatch.setattr(slicer, "dicomDatabase", Database(BREAST), raising=False)
    expected = read_dynamic(BREAST)
    sequence = load_sequence(scene, BREAST, "ContentTime")
    load_multivolume(scene, BREAST, "ContentTime")
    (images,) = loaded_images(scene)
    assert images.title == "2: MR Sagittal-IR_3DFGRE (3 volumes)"
    for node in (sequence, take(scene, images)):
        assert_same_images(dynamic_from_node(node, time_axis_of(node)), expected)
