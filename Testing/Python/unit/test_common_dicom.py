"""Dates, times and slice stacks of DICOM files."""

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest
from HER2ImmunoCommonLib import dicom
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled


def write_slice(path, z, *, series="1.2.3", study="1.2", patient="P", value=100, slope=1.0, uid=None):
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = uid or generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.PatientID, data.StudyInstanceUID, data.SeriesInstanceUID = patient, study, series
    data.Modality, data.SeriesNumber, data.InstanceNumber = "MR", 3, 1
    data.ImageOrientationPatient, data.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [-5, -6, z]
    data.PixelSpacing, data.SliceThickness = [2.0, 1.5], 3.0
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = 4, 5, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    data.RescaleSlope, data.RescaleIntercept = slope, 0
    data.PixelData = np.full((4, 5), value, np.uint16).tobytes()
    data.save_as(path)
    return path


def test_slices_are_stacked_by_position_with_their_own_slope(tmp_path):
    for n, z in enumerate([6.0, 0.0, 3.0]):
        write_slice(tmp_path / f"{n}.dcm", z, value=10 + n, slope=1 + n)
    (series,) = dicom.scan(tmp_path)
    volume = dicom.load_volume(series.headers)
    assert volume.array[:, 0, 0].tolist() == [11 * 2, 12 * 3, 10]
    np.testing.assert_allclose(volume.ijk_to_ras, [[-1.5, 0, 0, 5], [0, -2, 0, 6], [0, 0, 3, 0], [0, 0, 0, 1]])


def test_a_missing_slice_is_found(tmp_path):
    for n, z in enumerate([0.0, 3.0, 9.0, 12.0]):
        write_slice(tmp_path / f"{n}.dcm", z)
    with pytest.raises(InputError, match=r"slice is missing between 1\.dcm and 2\.dcm"):
        dicom.order_slices(dicom.scan(tmp_path)[0].headers)


def test_a_doubled_slice_is_found(tmp_path):
    for n, z in enumerate([0.0, 3.0, 3.0, 6.0]):
        write_slice(tmp_path / f"{n}.dcm", z)
    with pytest.raises(InputError, match="same slice position"):
        dicom.order_slices(dicom.scan(tmp_path)[0].headers)


def test_a_copy_of_an_instance_is_found(tmp_path):
    for name in ("a.dcm", "b.dcm"):
        write_slice(tmp_path / name, 0.0, uid="1.2.3.4")
    with pytest.raises(InputError, match="same DICOM instance"):
        dicom.scan(tmp_path)


@pytest.mark.parametrize("keep", [150, 400, -10])
def test_a_truncated_file_is_named(tmp_path, keep):
    path = write_slice(tmp_path / "cut.dcm", 0.0)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"cut\.dcm"):
        dicom.scan(tmp_path)


def test_other_files_are_passed_over_but_not_nothing(tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(InputError, match="no DICOM image"):
        dicom.scan(tmp_path)
    write_slice(tmp_path / "0.dcm", 0.0)
    assert len(dicom.scan(tmp_path)) == 1


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        dicom.scan(tmp_path / "nowhere")


def test_two_studies_or_patients_in_a_folder_are_refused(tmp_path):
    write_slice(tmp_path / "0.dcm", 0.0)
    write_slice(tmp_path / "1.dcm", 0.0, series="1.2.4", study="1.3")
    with pytest.raises(InputError, match=r"2 studies \(1\.2, 1\.3\)"):
        dicom.one_study(dicom.scan(tmp_path), "The folder")
    write_slice(tmp_path / "2.dcm", 0.0, series="1.2.5", patient="Q")
    with pytest.raises(InputError, match="2 patients"):
        dicom.one_study(dicom.scan(tmp_path), "The folder")


def test_reading_headers_can_be_cancelled(tmp_path):
    write_slice(tmp_path / "0.dcm", 0.0)

    def stop(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        dicom.scan(tmp_path, report=stop)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("09", 32400), ("0930", 34200), ("093015", 34215), ("093015.25", 34215.25), ("093015.25\n", 34215.25),
     ("09:30:15", 34215), ("093015+0200", 34215), ("", None), ("2530", None), ("noon", None)],
)  # fmt: skip
def test_times_of_day(text, seconds):
    assert dicom.time_of_day_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "day"),
    [("20240229", date(2024, 2, 29)), ("2024.02.29", date(2024, 2, 29)), ("20230229", None), ("", None)],
)
def test_dates(text, day):
    assert dicom.date_of(text) == day


def test_moments_keep_their_zone():
    assert dicom.datetime_of("20241231235959.5") == datetime(2024, 12, 31, 23, 59, 59, 500000)
    zone = timezone(-timedelta(hours=5, minutes=30))
    assert dicom.datetime_of("20241231235959.5-0530") == datetime(2024, 12, 31, 23, 59, 59, 500000, zone)
    assert dicom.datetime_of("20241231") is None
