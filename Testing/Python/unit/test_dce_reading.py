"""DICOM in: frame times by every rule, phases in one or many series, and folders that must be refused."""

import os
from pathlib import Path

import numpy as np
import pydicom
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid
from QuantDCELib import read_dynamic, read_vfa, with_times

DATA = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).resolve().parents[3].parent / "shared" / "data"))
STUDY = "1.2.826.0.1.3680043.8.498.77"


def write_slice(path, k, t, *, series=None, pixels=None, **tags):
    """One MR slice of 4 x 5 pixels at position k; the pixels are 100 k + t."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = MRImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.PatientID = STUDY, series or STUDY + ".1", "P1"
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "MR", 3, 1000 * k + t + 1
    dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 2.5 * k]
    dataset.PixelSpacing, dataset.SliceThickness = [1, 2], 2.5
    dataset.RepetitionTime, dataset.FlipAngle, dataset.MagneticFieldStrength = 5, 20, 3
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 4, 5, 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    values = np.full((4, 5), 100 * k + t) if pixels is None else pixels
    dataset.PixelData = np.asarray(values, np.uint16).tobytes()
    for name, value in tags.items():
        setattr(dataset, name, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def item(**tags):
    dataset = Dataset()
    for name, value in tags.items():
        setattr(dataset, name, value)
    return dataset


def write_enhanced(path, timing, n_slices=3, n_frames=6):
    """One enhanced multi-frame file whose frames are shuffled; `timing(t)` is the frame content of frame t."""
    places = [(k, t) for t in reversed(range(n_frames)) for k in range(n_slices)]
    pixels = np.stack([np.full((4, 5), 100 * k + t, np.uint16) for k, t in places])
    groups = [item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, 2.5 * k])], **timing(t)) for k, t in places]
    shared = item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PixelMeasuresSequence=[item(PixelSpacing=[1, 2], SliceThickness=2.5)],
        MRTimingAndRelatedParametersSequence=[item(RepetitionTime=5, FlipAngle=20)],
        PixelValueTransformationSequence=[item(RescaleSlope=2, RescaleIntercept=1, RescaleType="US")],
    )
    write_slice(path, 0, 0, pixels=pixels, NumberOfFrames=len(places), PerFrameFunctionalGroupsSequence=groups)
    dataset = pydicom.dcmread(path)
    for name in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "RepetitionTime", "FlipAngle"):
        delattr(dataset, name)
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    dataset.save_as(path)
    return path


def write_dynamic(folder, tags, n_slices=3, n_frames=6):
    """A dynamic whose frame t of slice k has `tags(k, t)`, in files that sort in another order."""
    for k in range(n_slices):
        for t in range(n_frames):
            write_slice(folder / f"{(7 * t + 3 * k) % 11}-{k}-{t}.dcm", k, t, **tags(k, t))
    return folder


def clock(seconds):
    return f"{int(seconds // 3600):02d}{int(seconds % 3600 // 60):02d}{seconds % 60:06.3f}"


@pytest.mark.parametrize(
    ("rule", "tags"),
    [
        ("TriggerTime", lambda k, t: {"TriggerTime": 4000.0 * t}),
        ("TriggerTime", lambda k, t: {"TriggerTime": 4000.0 * t} if t else {}),
        ("AcquisitionTime", lambda k, t: {"AcquisitionTime": clock(36000 + 4 * t + 0.1 * k)}),
        ("AcquisitionTime", lambda k, t: {"AcquisitionDateTime": f"20200101{clock(36000 + 4 * t)}"}),
        ("AcquisitionTime", lambda k, t: {"AcquisitionTime": clock((86390 + 4 * t) % 86400)}),
        (
            "AcquisitionTime",
            lambda k, t: {
                "AcquisitionTime": clock((86390 + 4 * t) % 86400),
                "AcquisitionDate": "20200101" if t < 3 else "20200102",
            },
        ),
        ("ContentTime", lambda k, t: {"AcquisitionTime": "100000", "ContentTime": clock(36000 + 4 * t)}),
        (
            "TemporalPositionIdentifier x TemporalResolution",
            lambda k, t: {"TemporalPositionIdentifier": t + 1, "TemporalResolution": 4000},
        ),
        # GE writes microseconds; Philips puts the time of a dynamic into TriggerTime and one AcquisitionTime in all.
        (
            "TemporalPositionIdentifier x TemporalResolution",
            lambda k, t: {"TemporalPositionIdentifier": t + 1, "TemporalResolution": 4e6},
        ),
        (
            "TriggerTime",
            lambda k, t: {
                "AcquisitionTime": "100000",
                "ContentTime": clock(40000 + t * 60),
                "TriggerTime": 120.5 + 4000.0 * t,
                "TemporalPositionIdentifier": t + 1,
            },
        ),
        ("AcquisitionTime", lambda k, t: {"AcquisitionTime": clock(36000 + 4 * t) + " ", "TriggerTime": 0}),
    ],
)
def test_frames_are_ordered_by_the_first_rule_that_works(tmp_path, rule, tags):
    dynamic = read_dynamic(write_dynamic(tmp_path, tags))
    assert dynamic.time_axis.rule == rule
    np.testing.assert_allclose(dynamic.series.time_s, 4.0 * np.arange(6), atol=1e-6)
    assert np.array_equal(dynamic.series.array[:, 0, 0, :], 100 * np.arange(3)[:, None] + np.arange(6))
    assert (dynamic.tr_s, dynamic.flip_deg, dynamic.field_t) == (0.005, 20.0, 3.0)
    np.testing.assert_allclose(np.abs(np.diag(dynamic.series.ijk_to_ras)[:3]), [2, 1, 2.5])


def test_the_reader_says_what_it_chose_and_why(tmp_path):
    tags = {"AcquisitionTime": "100000"}
    axis = read_dynamic(write_dynamic(tmp_path / "a", lambda k, t: tags | {"ContentTime": clock(36e3 + t)})).time_axis
    assert axis.explanation == (
        "Times of the frames are from ContentTime (TriggerTime: not in any image; "
        "AcquisitionTime: the same in several frames)."
    )
    images = read_dynamic(write_dynamic(tmp_path / "b", lambda k, t: {"ContentTime": clock(36e3 + 4 * t)}))
    assert any("no AcquisitionTime" in warning for warning in images.warnings)
    images = read_dynamic(write_dynamic(tmp_path / "c", lambda k, t: {"TriggerTime": 300.0 * t}))
    assert any("0.30 s apart" in warning for warning in images.warnings)


def test_a_frame_has_the_time_of_its_earliest_slice(tmp_path):
    interleaved = (1.5, 0.0, 2.5)
    dynamic = read_dynamic(
        write_dynamic(tmp_path, lambda k, t: {"AcquisitionTime": clock(36000 + 4 * t + interleaved[k])})
    )
    np.testing.assert_allclose(dynamic.series.time_s, 4.0 * np.arange(6), atol=1e-6)
    assert any("within 2.5 s" in warning for warning in dynamic.warnings)


def test_frames_before_contrast_in_a_series_of_their_own(tmp_path):
    for k in range(3):
        write_slice(tmp_path / f"pre-{k}.dcm", k, 0, series=STUDY + ".5", AcquisitionTime="095900")
        for t in range(1, 5):
            tags = {"AcquisitionTime": "100000", "SeriesNumber": 4}
            if t > 1:
                tags["TriggerTime"] = 20000.0 * (t - 1)
            write_slice(tmp_path / f"post-{k}-{t}.dcm", k, t, series=STUDY + ".6", **tags)
    dynamic = read_dynamic(tmp_path)
    assert dynamic.time_axis.rule == "start of each series + TriggerTime"
    np.testing.assert_allclose(dynamic.series.time_s, [0, 60, 80, 100, 120])
    assert np.array_equal(dynamic.series.array[1, 0, 0], 100 + np.arange(5))
    assert any("2 series" in warning for warning in dynamic.warnings)


@pytest.mark.parametrize(
    ("rule", "timing"),
    [
        (
            "AcquisitionTime",
            lambda t: {"FrameContentSequence": [item(FrameAcquisitionDateTime=f"20200101{clock(86390 + 4 * t)}")]},
        ),
        (
            "TemporalPositionTimeOffset",
            lambda t: {"TemporalPositionSequence": [item(TemporalPositionTimeOffset=4.0 * t)]},
        ),
    ],
)
def test_enhanced_multi_frame(tmp_path, rule, timing):
    write_enhanced(tmp_path / "enhanced.dcm", lambda t: timing(t if rule[0] == "T" else t - 6))
    dynamic = read_dynamic(tmp_path)
    assert dynamic.time_axis.rule == rule
    np.testing.assert_allclose(dynamic.series.time_s, 4.0 * np.arange(6), atol=1e-6)
    stored = 100 * np.arange(3)[:, None] + np.arange(6)
    assert np.array_equal(dynamic.series.array[:, 0, 0, :], 2 * stored + 1)
    assert (dynamic.tr_s, dynamic.flip_deg, dynamic.field_t) == (0.005, 20.0, 3.0)


def test_multi_frame_without_functional_groups_is_refused(tmp_path):
    write_slice(tmp_path / "old.dcm", 0, 0, pixels=np.zeros((6, 4, 5)), NumberOfFrames=6)
    with pytest.raises(InputError, match="functional groups"):
        read_dynamic(tmp_path)


def test_scaled_pixels_beyond_16_bits(tmp_path):
    for k in range(2):
        for t in range(3):
            pixels = np.full((4, 5), 60000 + t)
            tags = {"RescaleSlope": 4, "RescaleIntercept": 1}
            write_slice(tmp_path / f"{k}-{t}.dcm", k, t, pixels=pixels, TriggerTime=5e3 * t, **tags)
    dynamic = read_dynamic(tmp_path)
    assert dynamic.series.array[0, 0, 0].tolist() == [240001, 240005, 240009]
    assert dynamic.warnings == ()


def test_pixels_that_were_cut_off_or_overflowed_are_told(tmp_path):
    for t in range(3):
        pixels = np.full((4, 5), 1000)
        pixels[0] = 4095
        write_slice(tmp_path / f"cut/{t}.dcm", 0, t, pixels=pixels, TriggerTime=5e3 * t, BitsStored=12, HighBit=11)
        pixels[0] = 65536 - 30000
        write_slice(tmp_path / f"sign/{t}.dcm", 0, t, pixels=pixels, TriggerTime=5e3 * t, PixelRepresentation=1)
    assert any("15 values are the largest" in warning for warning in read_dynamic(tmp_path / "cut").warnings)
    assert any("15 values are far below 0" in warning for warning in read_dynamic(tmp_path / "sign").warnings)


def test_one_phase_a_series_in_several_folders(tmp_path):
    for t in range(4):
        for k in range(3):
            path = tmp_path / f"phase{t}" / f"{k}.dcm"
            write_slice(path, k, t, series=f"{STUDY}.{t + 10}", SeriesTime=clock(36000 + 60 * t))
    dynamic = read_dynamic([tmp_path / f"phase{t}" for t in (2, 0, 3, 1)])
    assert dynamic.time_axis.rule == "SeriesTime"
    np.testing.assert_allclose(dynamic.series.time_s, [0, 60, 120, 180])
    assert np.array_equal(dynamic.series.array[0, 0, 0], [0, 1, 2, 3])
    assert np.array_equal(read_dynamic(tmp_path).series.array, dynamic.series.array)


def test_units_are_judged_by_size(tmp_path):
    tags = {"RepetitionTime": 0.005, "MagneticFieldStrength": 15000}
    dynamic = read_dynamic(write_dynamic(tmp_path, lambda k, t: {"TriggerTime": 4e3 * t, **tags}))
    assert (dynamic.tr_s, dynamic.field_t) == (0.005, pytest.approx(1.5))
    assert any("seconds" in warning for warning in dynamic.warnings)
    assert any("gauss" in warning for warning in dynamic.warnings)


def test_no_time_is_a_question_and_an_answer(tmp_path):
    folder = write_dynamic(tmp_path, lambda k, t: {})
    with pytest.raises(QuestionsError) as caught:
        read_dynamic(folder)
    assert caught.value.questions[0].key == "frame_interval_s"
    dynamic = read_dynamic(folder, frame_interval_s=7.0)
    assert dynamic.series.time_s[-1] == 35.0
    assert with_times(dynamic, [0, 1, 2, 3, 4, 9]).series.time_s[-1] == 9
    with pytest.raises(InputError, match="increasing"):
        with_times(dynamic, [0, 1, 2, 3, 4, 4])


def good(k, t):
    return {"AcquisitionTime": clock(36000 + 4 * t)}


def test_a_missing_slice_is_named(tmp_path):
    folder = write_dynamic(tmp_path, good)
    next(folder.glob("*-1-4.dcm")).unlink()
    with pytest.raises(InputError, match="Slice 2 of frame 5 is missing"):
        read_dynamic(folder)


def test_a_missing_slice_position_is_named(tmp_path):
    folder = write_dynamic(tmp_path, good, n_slices=4)
    for path in folder.glob("*-1-*.dcm"):
        path.unlink()
    with pytest.raises(InputError, match="slice is missing"):
        read_dynamic(folder)


def test_repeated_frames_are_refused(tmp_path):
    folder = write_dynamic(tmp_path, lambda k, t: good(k, min(t, 4)))
    with pytest.raises(InputError, match="same slice at the same time"):
        read_dynamic(folder)
    write_slice(folder / "more" / "x.dcm", 1, 77, **good(1, 2))
    with pytest.raises(InputError, match="repeated frame"):
        read_dynamic(folder)


def test_other_folders_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no DICOM"):
        read_dynamic(tmp_path / "empty")
    with pytest.raises(InputError, match="more than once"):
        read_dynamic(write_dynamic(tmp_path / "static", good, n_frames=1))
    folder = write_dynamic(tmp_path / "mixed", good)
    write_slice(folder / "other.dcm", 0, 9, StudyInstanceUID=STUDY + ".9", series=STUDY + ".99")
    with pytest.raises(InputError, match="mixes 2 studies"):
        read_dynamic(folder)


def test_a_truncated_file_is_named(tmp_path):
    folder = write_dynamic(tmp_path, good)
    path = next(folder.glob("*-2-3.dcm"))
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InputError, match=path.name):
        read_dynamic(folder)


@pytest.mark.parametrize("split", [True, False])
def test_flip_angles_in_one_or_many_series(tmp_path, split):
    for index, flip in enumerate((10, 2, 20)):
        for k in range(2):
            series = f"{STUDY}.{index}" if split else None
            write_slice(tmp_path / f"{index}-{k}.dcm", k, flip, series=series, FlipAngle=flip)
    vfa = read_vfa(tmp_path)
    assert vfa.flip_deg.tolist() == [2, 10, 20]
    assert vfa.tr_s == 0.005
    assert np.array_equal(vfa.signal[:, 0, 0], [[2, 10, 20], [102, 110, 120]])
    (tmp_path / "1-1.dcm").unlink()
    with pytest.raises(InputError, match="same slices"):
        read_vfa(tmp_path)


def test_one_flip_angle_is_refused(tmp_path):
    with pytest.raises(InputError, match="only one flip angle"):
        read_vfa(write_dynamic(tmp_path, good, n_frames=1))


@pytest.mark.skipif(not (DATA / "dce").is_dir(), reason="the reference data are not here (HER2IMMUNO_DATA)")
def test_real_series_are_read():
    qiba = read_dynamic(DATA / "dce" / "qiba_v6_siemens_5s")
    np.testing.assert_allclose(qiba.series.time_s, 5.0 * np.arange(133), atol=1e-6)
    assert any("10 of 133" in warning for warning in qiba.warnings)
    breast = read_dynamic(DATA / "dce" / "ucsf_breast_06")
    assert breast.series.array.shape == (60, 256, 256, 3)
    assert breast.series.time_s.tolist() == [0, 407, 761]
    assert breast.field_t == pytest.approx(1.5)
    assert any("no AcquisitionTime" in warning for warning in breast.warnings)
    assert any("gauss: 1.5 T" in warning for warning in breast.warnings)
    assert breast.about["scanner"] == "GE MEDICAL SYSTEMS GENESIS_SIGNA"
