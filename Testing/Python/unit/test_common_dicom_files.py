"""Files as archives and old writers leave them: read exactly, or named, and never passed over in silence."""

import base64
import logging
import os
import tempfile

import numpy as np
import pydicom
import pytest
from HER2ImmunoCommonLib import dicom
from HER2ImmunoCommonLib.errors import InputError
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

ROW, COLUMN = np.mgrid[:16, :16]
STORED = (1000 + 37 * COLUMN + 11 * ROW + (COLUMN * ROW) % 7).astype(np.uint16)
JPEG_LS = base64.b64decode(
    "/9j/9wALCwAQABABAREA/9oACAEBAAAAAAAAAAD84pR0VDQf/z789+rNivW7ccccMMa1rnPelxtKlq5aaSztwyy2QrLvrw9WWeX7"
    "mmqxxrrmKlpRZGMrM1CWaUViUKyxDKzvu9FZn61PsbCVO6FzFZ0Rqs5ClTFZyFTyorPzlRketVqpp8uKmni2rFS8RzKl2jWViidc"
    "bCidcb0YiZHrLMj1ltAtzGSi+zJbyZGIazIxDfj/2Q=="
)
JPEG_2000 = base64.b64decode(
    "/0//UQApAAAAAAAQAAAAEAAAAAAAAAAAAAAAEAAAABAAAAAAAAAAAAABDwEB/1IADAAAAAEAAwQEAAH/XAANQICIiJCIiJCIiJD/"
    "ZAAqAAFDcmVhdGVkIGJ5IEdEQ00vT3BlbkpQRUcgdmVyc2lvbiAyLjMuMP+QAAoAAAAAAMUAAf+Tz/wwJAiCLwJi0sj6v8APwBYA"
    "H1A0AAPhDAz/Y9ybCzmZZv9/EFl3wAfaFQAHzi4AAfCQIhnKaDLlV2UYWwN9gS9DWpZg6v9/FKmeeh1nJ0PAA+oggAPnQwAA+Fo2"
    "oZjp5rbYxnCVxILUiovVZKtUgFi3DaaODpsAxOZdCU0QvbVq6u6noBFgdgNXMDHzx9v+OHh6lPCYf3AHduGy5xW0rCBMYrcgUIo6"
    "ciTGu77Yu66ESt18RNYP/9kA"
)
"""`STORED` without loss, made with CharLS and OpenJPEG."""


def image(path, k=0, *, modality="MR", series="1.2.3", stored=STORED, **elements):
    """An image file, its elements changed by keyword (None removes one)."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", generate_uid()
    data.PatientID, data.StudyInstanceUID, data.SeriesInstanceUID = "P", "1.2", series
    data.Modality, data.SeriesNumber, data.InstanceNumber = modality, 3, k + 1
    data.ImageOrientationPatient, data.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [-5, -6, 3.0 * k]
    data.PixelSpacing, data.SliceThickness = [2.0, 1.5], 3.0
    data.Rows, data.Columns = stored.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8 * stored.dtype.itemsize
    data.HighBit, data.PixelRepresentation = data.BitsAllocated - 1, int(stored.dtype.kind == "i")
    data.RescaleSlope, data.RescaleIntercept = 1, 0
    data.add_new(0x7FE00010, "OW", stored.tobytes())
    for keyword, value in elements.items():
        if value is None:
            del data[keyword]
        else:
            setattr(data, keyword, value)
    return data


def write(path, *args, **elements):
    image(path, *args, **elements).save_as(path, enforce_file_format=True)
    return path


def as_written(path, data, syntax, *, preamble=True, meta=True):
    """Write a data set in a transfer syntax, without preamble or file meta information if wanted."""
    if syntax == ExplicitVRBigEndian:
        data["PixelData"].value = np.frombuffer(data.PixelData, "<u2").astype(">u2").tobytes()
    data.file_meta.TransferSyntaxUID = syntax
    dcmwrite(path, data, enforce_file_format=True)
    if not preamble or not meta:
        whole = path.read_bytes()
        del data.file_meta, data.preamble
        dcmwrite(path, data, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
        if meta:
            path.write_bytes(whole[132:])
    return path


def read(path):
    (series,) = dicom.scan(path)
    (kept,) = dicom.scan(path, pixels=True)
    with_pixels = dicom.stored_values(kept.headers[0])
    np.testing.assert_array_equal(with_pixels, dicom.stored_values(series.headers[0]))
    return with_pixels


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(("preamble", "meta"), [(True, True), (False, True), (False, False)])
def test_files_are_known_by_their_content(tmp_path, syntax, preamble, meta):
    path = as_written(tmp_path / "IM1", image(tmp_path / "IM1"), syntax, preamble=preamble, meta=meta)
    np.testing.assert_array_equal(read(path), STORED)


def test_a_deflated_file_is_read(tmp_path):
    path = as_written(tmp_path / "IM1", image(tmp_path / "IM1"), DeflatedExplicitVRLittleEndian)
    np.testing.assert_array_equal(read(path), STORED)


def test_what_the_file_is_goes_before_what_it_says_it_is(tmp_path):
    path = as_written(tmp_path / "IM1", image(tmp_path / "IM1"), ImplicitVRLittleEndian)
    said = path.read_bytes().replace(b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.2.1\0")
    length = said.index(b"\x02\x00\x10\x00UI") + 6
    path.write_bytes(said[:length] + bytes([20, 0]) + said[length + 2 :])
    np.testing.assert_array_equal(read(path), STORED)


def jpeg_lossless(path):
    """`STORED` as JPEG lossless, written by GDCM."""
    import SimpleITK as sitk

    writer = sitk.ImageFileWriter()
    writer.SetImageIO("GDCMImageIO")
    writer.SetFileName(str(path))
    writer.UseCompressionOn()
    writer.SetCompressor("JPEG")
    writer.Execute(sitk.GetImageFromArray(STORED[None]))
    fragments = pydicom.dcmread(path)
    assert fragments.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.70"
    return fragments.PixelData


def compressed(path, kind, **elements):
    data = image(path, **elements)
    if kind == "RLE":
        data.compress(RLELossless)
    else:
        syntax, stream = {
            "JPEG lossless": ("70", None),
            "JPEG-LS": ("80", JPEG_LS),
            "JPEG 2000": ("90", JPEG_2000),
            "HTJ2K": ("201", JPEG_2000),
        }[kind]
        data.file_meta.TransferSyntaxUID = pydicom.uid.UID(f"1.2.840.10008.1.2.4.{syntax}")
        data.PixelData = encapsulate([stream]) if stream else jpeg_lossless(path)
        data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", True
    data.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("kind", ["JPEG lossless", "JPEG-LS", "JPEG 2000", "RLE"])
def test_compressed_pixels_are_exact(tmp_path, kind):
    path = compressed(tmp_path / "IM1", kind, RescaleSlope="0.1", RescaleIntercept="-3")
    np.testing.assert_array_equal(read(path), (STORED * 0.1 - 3).astype(np.float32))
    (series,) = dicom.scan(path, pixels=True)
    np.testing.assert_array_equal(series.headers[0].pixel_array, STORED)


def test_what_cannot_be_expanded_says_how_to_get_files_that_can_be_read(tmp_path):
    (series,) = dicom.scan(compressed(tmp_path / "IM1", "HTJ2K"), pixels=True)
    with pytest.raises(InputError, match=r"IM1 is compressed \(High-Throughput JPEG 2000.*export it uncompressed"):
        dicom.stored_values(series.headers[0])


def test_a_compressed_file_that_is_cut_is_named(tmp_path):
    path = compressed(tmp_path / "IM1", "RLE")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"1 truncated \(IM1\)"):
        dicom.scan(tmp_path)


def test_compression_with_loss_is_told(tmp_path):
    write(tmp_path / "a.dcm", LossyImageCompression="01")
    (warning,) = dicom.used_warnings(dicom.scan(tmp_path))
    assert "series 3 'MR' were compressed with loss" in warning


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("IM9", b"", "1 empty (IM9)"),
        ("IM9.dcm", bytes(5000), "1 empty"),
        ("IM9.dcm", bytes(range(256)) * 9, "1 not DICOM"),
    ],
)
def test_files_that_cannot_be_read_are_told(tmp_path, name, content, why):
    for k in range(3):
        write(tmp_path / f"{k}.dcm", k)
    (tmp_path / name).write_bytes(content)
    (series,) = dicom.scan(tmp_path)
    (warning,) = dicom.used_warnings([series])
    assert why in warning


def test_a_file_that_may_be_a_missing_image_is_refused(tmp_path):
    for k in (1, 2):
        write(tmp_path / f"{k}.dcm", k)
    (tmp_path / "0.dcm").touch()
    with pytest.raises(InputError, match=r"may be images of series 3 'MR' cannot be read: 1 empty \(0\.dcm\)"):
        dicom.used_warnings(dicom.scan(tmp_path))


def test_a_truncated_file_of_the_series_is_refused_and_of_another_told(tmp_path):
    for k in range(3):
        write(tmp_path / f"{k}.dcm", k)
        write(tmp_path / f"ct{k}.dcm", k, series="1.2.4", modality="CT")
    path = tmp_path / "ct1.dcm"
    path.write_bytes(path.read_bytes()[:-20])
    used = [series for series in dicom.scan(tmp_path) if series.modality == "MR"]
    assert dicom.used_warnings(used) == (
        "Files were passed over that are no images which can be read: 1 truncated (ct1.dcm).",
    )
    path = tmp_path / "2.dcm"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"Files of series 3 'MR' cannot be read: 1 truncated \(2\.dcm\)"):
        dicom.used_warnings([series for series in dicom.scan(tmp_path) if series.modality == "MR"])


def test_every_cut_of_a_file_is_found(tmp_path):
    path = write(tmp_path / "0.dcm")
    whole = path.read_bytes()
    for keep in range(0, len(whole), 7):
        path.write_bytes(whole[:keep])
        with pytest.raises(InputError, match=r"0\.dcm"):
            dicom.scan(path)


def test_what_lies_beside_images_is_not_told(tmp_path):
    write(tmp_path / "0.dcm")
    (tmp_path / "README").write_text("Notes on the patient")
    (tmp_path / "mask.nrrd").write_bytes(b"NRRD0004\n\xff\xfe")
    (tmp_path / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    report = pydicom.Dataset()
    report.SOPClassUID, report.SOPInstanceUID, report.Modality = "1.2.840.10008.5.1.4.1.1.88.11", "1.2.9", "SR"
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.save_as(tmp_path / "sr.dcm", enforce_file_format=True)
    assert dicom.used_warnings(dicom.scan(tmp_path)) == ()


def test_a_folder_without_images_says_what_was_found(tmp_path):
    (tmp_path / "a").touch()
    (tmp_path / "b.txt").write_text("notes")
    (tmp_path / "c").write_bytes(b"\xff\xd8" * 40)
    with pytest.raises(InputError, match=r"1 empty \(a\), 1 of another kind \(b\.txt\), 1 not DICOM \(c\)"):
        dicom.scan(tmp_path)


def test_images_without_identifiers_are_read(tmp_path):
    for k in range(3):
        write(tmp_path / f"{k}.dcm", k, SeriesInstanceUID=None, SOPInstanceUID="1.2", InstanceNumber=None)
        data = pydicom.dcmread(tmp_path / f"{k}.dcm")
        del data.SOPInstanceUID
        data.save_as(tmp_path / f"{k}.dcm")
    (series,) = dicom.scan(tmp_path)
    assert [header.filename[-5:] for header in series.headers] == ["0.dcm", "1.dcm", "2.dcm"]
    assert not series.is_whole


def test_studies_by_other_uids_of_one_visit_are_one(tmp_path):
    for n in range(2):
        place = {"FrameOfReferenceUID": "1.9", "StudyDate": "20240304", "StudyInstanceUID": f"1.2.{n}"}
        write(tmp_path / f"{n}.dcm", 0, series=f"1.2.3.{n}", **place)
    assert len(dicom.one_study(dicom.scan(tmp_path), "The folder")) == 2
    write(
        tmp_path / "2.dcm", 0, series="1.2.4", StudyDate="20240305", FrameOfReferenceUID="1.9", StudyInstanceUID="1.3"
    )
    with pytest.raises(InputError, match="mixes 3 studies"):
        dicom.one_study(dicom.scan(tmp_path), "The folder")


def test_no_room_to_expand_is_said(tmp_path, monkeypatch):
    (series,) = dicom.scan(compressed(tmp_path / "IM1", "JPEG-LS"))

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    with pytest.raises(InputError, match=r"IM1 is compressed \(JPEG-LS lossless\).*No space left on device"):
        dicom.stored_values(series.headers[0])


def test_a_pet_with_some_of_its_slices_is_refused(tmp_path):
    for k in range(3):
        write(tmp_path / f"{k}.dcm", k, modality="PT", NumberOfSlices=6)
    with pytest.raises(InputError, match=r"has 3 of the 6 slices that 0\.dcm: NumberOfSlices \(0054,0081\) tells"):
        dicom.used_warnings(dicom.scan(tmp_path))
    for k in range(3):
        write(tmp_path / f"{k}.dcm", k, modality="PT", NumberOfSlices=3, ImageIndex=2 * k + 1)
    with pytest.raises(InputError, match=r"has 3 of the 5 slices that 0\.dcm: ImageIndex \(0054,1330\)"):
        dicom.used_warnings(dicom.scan(tmp_path))


def test_every_other_slice_missing_is_told(tmp_path):
    for k in (0, 2, 4):
        write(tmp_path / f"{k}.dcm", k, SpacingBetweenSlices=3)
    (warning,) = dicom.used_warnings(dicom.scan(tmp_path))
    assert "6.00 mm apart, but 3.00 mm by SpacingBetweenSlices" in warning


def test_a_folder_that_cannot_be_opened_is_not_passed_over(tmp_path, monkeypatch):
    write(tmp_path / "0.dcm")
    (tmp_path / "closed").mkdir()
    whole = os.scandir

    def scandir(path):
        if "closed" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(InputError, match=r"closed cannot be opened \(Permission denied\)"):
        dicom.scan(tmp_path)


def test_frames_of_one_file_are_exact(tmp_path):
    data = image(tmp_path / "0.dcm", NumberOfFrames=2)
    data["PixelData"].value = np.stack([STORED, STORED + 1]).tobytes()
    data.compress(RLELossless)
    data.save_as(tmp_path / "0.dcm", enforce_file_format=True)
    (series,) = dicom.scan(tmp_path)
    np.testing.assert_array_equal(dicom.stored_frames(series.headers[0]), np.stack([STORED, STORED + 1]))
    with pytest.raises(InputError, match="has 2 frames where one is expected"):
        dicom.stored_values(series.headers[0])


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4"])
def test_pixels_of_every_size_are_exact(tmp_path, dtype):
    stored = np.array([[0, 1], [np.iinfo(dtype).min, 100]], dtype)
    np.testing.assert_array_equal(read(write(tmp_path / "0.dcm", stored=stored)), stored.astype(np.float32))


def test_float_pixels_are_read(tmp_path):
    data = image(tmp_path / "0.dcm", stored=np.zeros((2, 2), np.uint16))
    del data.PixelData, data.PixelRepresentation
    data.BitsAllocated, data.FloatPixelData = 32, np.array([[0.5, 1], [2, 3]], np.float32).tobytes()
    data.save_as(tmp_path / "0.dcm", enforce_file_format=True)
    np.testing.assert_array_equal(read(tmp_path / "0.dcm"), [[0.5, 1], [2, 3]])


def test_drawings_in_unused_bits_are_no_pixels(tmp_path):
    drawn = STORED | np.uint16(0x8000)
    data = image(tmp_path / "0.dcm", stored=drawn, BitsStored=12, HighBit=11)
    data.add_new(0x60000102, "US", 15)
    data.save_as(tmp_path / "0.dcm", enforce_file_format=True)
    np.testing.assert_array_equal(read(tmp_path / "0.dcm"), STORED)


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ({"RescaleSlope": "0"}, r"RescaleSlope \(0028,1053\) is 0"),
        ({"RescaleSlope": "1e39"}, "no finite numbers"),
        ({"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}, r"colour picture \(RGB\)"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "colour picture"),
        ({"BitsAllocated": 12}, "BitsAllocated 12"),
        ({"BitsStored": 17}, r"BitsStored \(0028,0101\) is 17 of 16 bits"),
        ({"PixelRepresentation": None}, "PixelRepresentation missing"),
        ({"Rows": 0}, r"Rows \(0028,0010\) is 0"),
        ({"Columns": 8}, "more pixels than Rows 16, Columns 8"),
        ({"NumberOfFrames": -1}, r"NumberOfFrames \(0028,0008\) is -1"),
        ({"ModalityLUTSequence": [pydicom.Dataset()]}, "by a table"),
    ],
)
def test_pixels_that_cannot_be_numbers_are_refused(tmp_path, elements, sentence):
    (series,) = dicom.scan(write(tmp_path / "0.dcm", **elements))
    with pytest.raises(InputError, match=sentence):
        dicom.stored_values(series.headers[0])


def test_dark_on_bright_has_the_same_values(tmp_path):
    np.testing.assert_array_equal(read(write(tmp_path / "0.dcm", PhotometricInterpretation="MONOCHROME1")), STORED)


def test_an_image_without_pixels_is_named(tmp_path):
    with pytest.raises(InputError, match=r"truncated \(0\.dcm\)"):
        dicom.scan(write(tmp_path / "0.dcm", PixelData=None))


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "no pair of directions"),
        ({"ImageOrientationPatient": [1, 0, 0]}, "3 values instead of 6"),
        ({"PixelSpacing": [0, 1]}, "PixelSpacing .* is not above 0"),
        ({"ImagePositionPatient": [90, -6, 3]}, "beside the line"),
    ],
)
def test_places_that_cannot_be_are_refused(tmp_path, elements, sentence):
    for k in range(3):
        write(tmp_path / f"{k}.dcm", k, **(elements if k == 1 else {}))
    with pytest.raises(InputError, match=sentence):
        dicom.order_slices(dicom.scan(tmp_path)[0].headers)


def test_odd_headers_are_read_without_a_word(tmp_path, caplog, recwarn):
    path = write(tmp_path / "0.dcm", SeriesDescription="Mamma")
    data = path.read_bytes().replace(b"1.2.3\0", b"1.x.03").replace(b"Mamma ", b"Mamm\xe4 ")
    at = data.index(b"\x08\x00\x16\x00UI")
    odd = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR_999" + b"\x08\x00\x08\x00ZZ\x02\x00ab"
    path.write_bytes(data[:at] + odd + data[at:])
    mode = pydicom.config.settings.reading_validation_mode
    with caplog.at_level(logging.DEBUG):
        (series,) = dicom.scan(path)
        np.testing.assert_array_equal(dicom.stored_values(series.headers[0]), STORED)
    assert (series.uid, series.description) == ("1.x.03", "Mamm\xe4")
    assert not recwarn.list
    assert not caplog.records
    assert not logging.getLogger("pydicom").filters
    assert pydicom.config.settings.reading_validation_mode == mode


def test_a_deflated_file_that_is_cut_is_named(tmp_path):
    path = as_written(tmp_path / "IM1", image(tmp_path / "IM1"), DeflatedExplicitVRLittleEndian)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"1 truncated \(IM1\)"):
        dicom.scan(path)
