"""The stand-in's `slicer.dicomDatabase` answers from real files, and complains while it is not open."""

import pytest
import slicer


@pytest.fixture
def series(tmp_path):
    """Folder with a series of three files, in two folders; `uid` is that of the series."""
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

    for number in (1, 2, 3):
        meta = pydicom.dataset.FileMetaDataset()
        meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, MRImageStorage
        meta.MediaStorageSOPInstanceUID = f"2.25.1.{number}"
        header = pydicom.Dataset()
        header.file_meta, header.SOPClassUID, header.SOPInstanceUID = meta, MRImageStorage, f"2.25.1.{number}"
        header.StudyInstanceUID, header.SeriesInstanceUID, header.PatientID = "2.25.9", "2.25.8", "P1"
        header.PatientName, header.SeriesDescription = "Doe^Jane", "DCE"
        header.MagneticFieldStrength, header.ImageOrientationPatient = 3.0, [1, 0, 0, 0, 1, 0]
        folder = tmp_path / ("a" if number < 3 else "b")
        folder.mkdir(exist_ok=True)
        header.save_as(folder / f"{number}.dcm", enforce_file_format=True)
    (tmp_path / "notes.txt").write_text("no DICOM")
    return tmp_path


def test_a_database_that_is_not_open_complains_of_every_query(host):
    database = slicer.dicomDatabase
    assert database.isOpen is False
    assert host.slot_errors == []
    assert database.fileForInstance("2.25.1.1") == ""
    assert database.filesForSeries("2.25.8") == []
    assert ["not open" in str(error) for error in host.slot_errors] == [True, True]
    host.slot_errors.clear()


def test_whether_it_is_open_is_a_property_that_cannot_be_set(host):
    with pytest.raises(TypeError, match="'bool' object is not callable"):
        slicer.dicomDatabase.isOpen()
    with pytest.raises(AttributeError):
        slicer.dicomDatabase.isOpen = True


def test_an_open_database_knows_its_files(dicom_database, series):
    database = dicom_database(series)
    assert slicer.dicomDatabase is database
    assert database.isOpen
    assert database.fileForInstance("2.25.1.3") == str(series / "b" / "3.dcm")
    assert len(database.filesForSeries("2.25.8")) == 3
    assert database.filesForSeries("2.25.8", 1) == [str(series / "a" / "1.dcm")]
    assert database.instancesForSeries("2.25.8") == ["2.25.1.1", "2.25.1.2", "2.25.1.3"]
    assert database.studyForSeries("2.25.8") == "2.25.9"
    assert database.seriesForStudy("2.25.9") == ["2.25.8"]
    assert database.seriesForFile(str(series / "a" / "2.dcm")) == "2.25.8"
    patient = database.patientForStudy("2.25.9")
    assert database.studiesForPatient(patient) == ["2.25.9"]
    assert database.nameForPatient(patient) == "Doe^Jane"
    assert database.descriptionForSeries("2.25.8") == "DCE"
    assert database.fileForInstance("2.25.1.4") == ""


def test_values_are_text(dicom_database, series):
    database = dicom_database(series)
    assert float(database.instanceValue("2.25.1.1", "0018,0087")) == 3.0
    assert database.instanceValue("2.25.1.1", 0x0008, 0x103E) == "DCE"
    assert database.fileValue(str(series / "a" / "1.dcm"), "0008,103e") == "DCE"
    directions = database.fileValue(str(series / "a" / "1.dcm"), "0020,0037").split("\\")
    assert [float(each) for each in directions] == [1, 0, 0, 0, 1, 0]
    assert database.fileValue(str(series / "a" / "1.dcm"), "0018,0080") == ""


def test_a_query_that_ctk_has_not_got_fails(dicom_database, series):
    with pytest.raises(AttributeError):
        dicom_database(series).seriesForInstance("2.25.1.1")
