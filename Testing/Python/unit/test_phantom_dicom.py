"""The virtual patient's files are what a scanner could have written, and hold the truth to quantisation."""

import math
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pydicom
import pytest
from HER2ImmunoCommonLib import dicom
from HER2ImmunoCommonLib.geometry import Volume, read_volume, same_grid
from HER2ImmunoStudyLib.phantom.dicom_file import ds
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from pydicom.uid import UID

TINY = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0), "oblique"),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=12, arrival_s=9.0),
)

# Type 1 (a value) and type 2 (may be empty) attributes, DICOM PS3.3 A.4 (MR) and A.21 (PET).
COMMON_1 = [
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "Modality",
    "FrameOfReferenceUID",
    "InstanceNumber",
    "ImageType",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    "PixelSpacing",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
]
COMMON_2 = [
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
    "SeriesNumber",
    "PositionReferenceIndicator",
    "Manufacturer",
    "SliceThickness",
    "ContentDate",
    "ContentTime",
    "PatientPosition",
]
MR_1 = ["ScanningSequence", "SequenceVariant"]
MR_2 = ["ScanOptions", "MRAcquisitionType", "EchoTime", "EchoTrainLength", "RepetitionTime", "ContrastBolusAgent"]
PET_1 = [
    "SeriesDate",
    "SeriesTime",
    "Units",
    "CountsSource",
    "SeriesType",
    "NumberOfSlices",
    "DecayCorrection",
    "RescaleIntercept",
    "RescaleSlope",
    "FrameReferenceTime",
    "ImageIndex",
    "DecayFactor",
]
PET_2 = [
    "CorrectedImage",
    "CollimatorType",
    "RadiopharmaceuticalInformationSequence",
    "PatientOrientationCodeSequence",
    "PatientGantryRelationshipCodeSequence",
    "AcquisitionDate",
    "AcquisitionTime",
    "ActualFrameDuration",
]


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    study = write_virtual_patient(tmp_path_factory.mktemp("phantom") / "patient", preset=TINY, seed=7, visits=[0, 7])
    return study.parent


def read_all(folder):
    return [pydicom.dcmread(path) for path in sorted(folder.rglob("*.dcm"))]


def truth(patient, name, visit="baseline"):
    return read_volume(patient / "truth" / visit / f"{name}.nrrd")


@pytest.mark.parametrize(
    ("folder", "sop_class", "type_1", "type_2"),
    [
        ("MR/dynamic", "1.2.840.10008.5.1.4.1.1.4", MR_1, MR_2),
        ("PET", "1.2.840.10008.5.1.4.1.1.128", PET_1, PET_2),
    ],
)
def test_required_attributes_are_present(patient, folder, sop_class, type_1, type_2):
    for dataset in read_all(patient / "baseline" / folder):
        assert dataset.SOPClassUID == dataset.file_meta.MediaStorageSOPClassUID == sop_class
        assert dataset.SOPInstanceUID == dataset.file_meta.MediaStorageSOPInstanceUID
        for name in COMMON_1 + type_1:
            assert dataset.get(name) not in (None, ""), name
        for name in COMMON_2 + type_2:
            assert name in dataset, name
        assert len(dataset.PixelData) == dataset.Rows * dataset.Columns * 2


def test_every_value_is_valid_for_its_vr(patient, monkeypatch):
    monkeypatch.setattr(pydicom.config.settings, "reading_validation_mode", pydicom.config.RAISE)
    for dataset in read_all(patient):
        tags = []
        dataset.walk(lambda _, element, tags=tags: tags.append(element.value))
        assert len(tags) > 60


def test_elements_are_in_order_and_the_file_is_written_back_the_same(patient, tmp_path):
    path = next((patient / "baseline" / "PET").glob("*.dcm"))
    dataset = pydicom.dcmread(path)
    tags = [int(element.tag) for element in dataset]
    assert tags == sorted(tags)
    dataset.save_as(tmp_path / "again.dcm", enforce_file_format=True)
    assert (tmp_path / "again.dcm").read_bytes() == path.read_bytes()


def test_uids_tell_what_belongs_together(patient):
    files = read_all(patient)
    instances = [dataset.SOPInstanceUID for dataset in files]
    assert len(set(instances)) == len(instances)
    assert all(UID(uid).is_valid for dataset in files for uid in (dataset.SOPInstanceUID, dataset.SeriesInstanceUID))
    assert len({dataset.PatientID for dataset in files}) == 1
    assert len({dataset.StudyInstanceUID for dataset in files}) == 4
    frames_of_reference = defaultdict(set)
    for dataset in files:
        frames_of_reference[dataset.StudyDate].add(dataset.FrameOfReferenceUID)
    assert sorted(map(len, frames_of_reference.values())) == [1, 1]
    assert frames_of_reference.keys() == {"20240304", "20240311"}


def test_geometry_is_that_of_the_masks(patient):
    for folder, mask in (("MR/vfa", "tumour"), ("MR/vfa", "vessel"), ("PET", "muscle")):
        headers = dicom.scan(patient / "baseline" / folder)[0].headers
        count = TINY.mr_grid.shape[0] if folder.startswith("MR") else TINY.pet_grid.shape[0]
        volume = dicom.load_volume(headers[:count])
        assert same_grid(volume, read_volume(patient / "baseline" / "masks" / f"{mask}.nrrd"))
        assert (
            np.abs(volume.ijk_to_ras - read_volume(patient / "baseline/masks" / f"{mask}.nrrd").ijk_to_ras).max() < 1e-6
        )


def test_vfa_is_the_spoiled_gradient_echo_of_the_true_t1(patient):
    (series,) = dicom.scan(patient / "baseline" / "MR" / "vfa")
    flips = sorted({float(header.FlipAngle) for header in series.headers})
    assert flips == list(TINY.mr.vfa_flip_deg)
    signal = np.stack(
        [dicom.load_volume([h for h in series.headers if float(h.FlipAngle) == flip]).array for flip in flips], axis=-1
    )
    t1 = truth(patient, "T1").array
    tissue = np.isfinite(t1)
    assert not signal[~tissue].any()
    e1 = np.exp(-0.005 / t1[tissue])[:, None]
    angle = np.deg2rad(flips)
    shape = np.sin(angle) * (1 - e1) / (1 - np.cos(angle) * e1)
    density = (signal[tissue] * shape).sum(axis=1) / (shape**2).sum(axis=1)
    np.testing.assert_allclose(signal[tissue], density[:, None] * shape, atol=1.0)
    assert signal.max() > 1000


def test_dynamic_follows_the_true_maps(patient):
    (series,) = dicom.scan(patient / "baseline" / "MR" / "dynamic")
    frames = defaultdict(list)
    for header in series.headers:
        frames[dicom.time_of_day_s(header.AcquisitionTime)].append(header)
    assert np.allclose(np.diff(sorted(frames)), 3.0)
    first, *_, last = (dicom.load_volume(frames[time]).array for time in sorted(frames))
    tissue = truth(patient, "tissue").array
    vessel = read_volume(patient / "baseline" / "masks" / "vessel.nrrd").array > 0
    mask = read_volume(patient / "baseline" / "masks" / "tumour.nrrd").array > 0
    necrosis = mask & (truth(patient, "Ktrans").array == 0)
    np.testing.assert_array_equal(last[necrosis | (tissue == 0)], first[necrosis | (tissue == 0)])
    assert np.all(last[mask & ~necrosis] > first[mask & ~necrosis])
    # Blood after 24 s of contrast agent, Parker's input by hand.
    t = 24.0 / 60
    blood = 0.809 / (0.0563 * math.sqrt(2 * math.pi)) * math.exp(-((t - 0.17046) ** 2) / (2 * 0.0563**2))
    blood += 0.330 / (0.132 * math.sqrt(2 * math.pi)) * math.exp(-((t - 0.365) ** 2) / (2 * 0.132**2))
    blood += 1.050 * math.exp(-0.1685 * t) / (1 + math.exp(-38.078 * (t - 0.483)))

    def spgr(rate):
        e1, angle = math.exp(-0.005 * rate), math.radians(20)
        return (1 - e1) / (1 - math.cos(angle) * e1)

    expected = spgr(1 / 1.44 + 4.5 * blood) / spgr(1 / 1.44)
    np.testing.assert_allclose(last[vessel] / first[vessel], expected, rtol=2e-3)


def test_suv_by_hand(patient):
    (series,) = dicom.scan(patient / "baseline" / "PET")
    header = series.headers[0]
    (injection,) = header.RadiopharmaceuticalInformationSequence
    uptake = (
        dicom.datetime_of(header.SeriesDate + header.SeriesTime)
        - dicom.datetime_of(injection.RadiopharmaceuticalStartDateTime)
    ).total_seconds()
    assert uptake == 7200.0
    left = float(injection.RadionuclideTotalDose) * 2 ** (-uptake / float(injection.RadionuclideHalfLife))
    suv = dicom.load_volume(series.headers).array * float(header.PatientWeight) * 1000 / left
    np.testing.assert_allclose(suv, truth(patient, "SUV").array, atol=2e-4)
    muscle = read_volume(patient / "baseline" / "masks" / "muscle.nrrd").array > 0
    np.testing.assert_allclose(suv / suv[muscle].mean(), truth(patient, "TMR").array, atol=2e-4)
    assert len({header.RescaleSlope for header in series.headers}) > 1


def test_pet_times_agree_with_each_other(patient):
    header = read_all(patient / "day_7" / "PET")[0]
    duration, loss = float(header.ActualFrameDuration) / 1000, math.log(2) / 6586.2
    to_mean = math.log(loss * duration / (1 - math.exp(-loss * duration))) / loss
    start = dicom.time_of_day_s(header.AcquisitionTime) + to_mean - float(header.FrameReferenceTime) / 1000
    assert start == pytest.approx(dicom.time_of_day_s(header.SeriesTime), abs=1e-6)
    assert float(header.DecayFactor) == pytest.approx(2 ** (to_mean / 6586.2), rel=1e-9)


def frame_times(headers, vendor, layout):
    """Seconds of each instance by the vendor's own tag."""
    if vendor == "siemens":
        return [dicom.time_of_day_s(header.AcquisitionTime) for header in headers]
    if vendor == "ge":
        return [float(header.TriggerTime) / 1000 for header in headers]
    if layout == "phase_per_series":
        return [dicom.time_of_day_s(header.SeriesTime) for header in headers]
    return [int(header.TemporalPositionIdentifier) * float(header.TemporalResolution) / 1000 for header in headers]


@pytest.mark.parametrize("vendor", ["siemens", "ge", "philips"])
@pytest.mark.parametrize("layout", ["one_series", "phase_per_series"])
def test_frames_can_be_put_in_order(tmp_path, vendor, layout):
    short = replace(TINY, mr=replace(TINY.mr, frames=4, frame_s=2.5))
    study = write_virtual_patient(tmp_path / "p", preset=short, seed=1, visits=[0], vendor=vendor, layout=layout)
    series = dicom.scan(study.parent / "baseline" / "MR" / "dynamic")
    assert len(series) == (1 if layout == "one_series" else 4)
    headers = [header for entry in series for header in entry.headers]
    slices = short.mr_grid.shape[0]
    times = sorted(set(frame_times(headers, vendor, layout)))
    np.testing.assert_allclose(np.diff(times), 2.5)
    assert len(headers) == 4 * slices
    by_time = defaultdict(list)
    for header, time in zip(headers, frame_times(headers, vendor, layout), strict=True):
        by_time[time].append(header)
    assert {len(dicom.order_slices(frame)[0]) for frame in by_time.values()} == {slices}
    same_acquisition = len({header.AcquisitionTime for header in headers}) == 1
    assert same_acquisition == (vendor == "philips" or (vendor == "ge" and layout == "one_series"))


@pytest.mark.parametrize("value", [1.0, -1 / 3, 1e-12 / 3, 123456789.123456789, -(2.0 ** (-1 / 3)) * 1e-7])
def test_decimal_strings_fit_and_keep_their_digits(value):
    assert len(ds(value)) <= 16
    assert float(ds(value)) == pytest.approx(value, rel=1e-8)


def test_slices_are_evenly_spaced(patient):
    headers, ijk_to_ras = dicom.order_slices(dicom.scan(patient / "baseline" / "PET")[0].headers)
    locations = [float(header.SliceLocation) for header in headers]
    assert all(b - a == pytest.approx(5.0) for a, b in pairwise(locations))
    assert Volume(np.zeros(TINY.pet_grid.shape), ijk_to_ras).spacing_mm == pytest.approx((5.0, 5.0, 5.0))
