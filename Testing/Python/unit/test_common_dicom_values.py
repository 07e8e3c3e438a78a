"""One door for the values of DICOM headers: what cannot be is named with its file and tag."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.dicom import values
from HER2ImmunoCommonLib.errors import InputError


@pytest.fixture
def header(tmp_path):
    """`header(**elements)`: the header of a file that holds these; a value of bytes is written as it is."""
    import pydicom
    from pydicom.datadict import dictionary_VR, tag_for_keyword
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    def make(**elements):
        dataset = pydicom.Dataset()
        dataset.filename = str(tmp_path / "IM_7.dcm")
        for keyword, value in elements.items():
            if isinstance(value, bytes):
                tag = Tag(tag_for_keyword(keyword))
                dataset[tag] = RawDataElement(tag, dictionary_VR(tag), len(value), value, 0, False, True)
            else:
                setattr(dataset, keyword, value)
        return dataset

    return make


def test_values_by_keyword_and_by_place(header):
    found = header(RepetitionTime="7.9", Rows=192, ImageType=["DERIVED", "PRIMARY", "W"], PixelSpacing=[1.5, 2])
    assert values.number(found, "RepetitionTime") == values.number(found, (0x0018, 0x0080)) == 7.9
    assert values.whole(found, "Rows") == 192
    assert values.texts(found, "ImageType") == ("DERIVED", "PRIMARY", "W")
    assert values.text(found, "ImageType") == "DERIVED\\PRIMARY\\W"
    assert values.numbers(found, "PixelSpacing", 2) == (1.5, 2.0)


@pytest.mark.parametrize("elements", [{}, {"EchoTime": None}, {"EchoTime": b""}, {"EchoTime": b"  "}])
def test_what_is_absent_or_empty_is_nothing(header, elements):
    found = header(**elements)
    assert values.number(found, "EchoTime") is None
    assert values.numbers(found, "EchoTime") is None
    assert values.whole(found, "EchoTime") is None
    assert values.text(found, "EchoTime") == ""
    assert values.items(found, "PerFrameFunctionalGroupsSequence") == []


@pytest.mark.parametrize("written", [b"abc ", b"1e999 ", b"nan ", b"7,9 ", b"\xff\xfe", b"--- "])
def test_what_is_no_number_is_named(header, written):
    with pytest.raises(InputError, match=r"IM_7\.dcm: RepetitionTime \(0018,0080\)"):
        values.number(header(RepetitionTime=written), "RepetitionTime")


def test_bytes_that_do_not_fit_their_type_are_named(header):
    with pytest.raises(InputError, match=r"IM_7\.dcm: Rows \(0028,0010\) cannot be read"):
        values.whole(header(Rows=b"abc"), "Rows")


def test_a_wrong_count_and_a_part_are_named(header):
    with pytest.raises(InputError, match=r"PixelSpacing \(0028,0030\) has 3 values instead of 2"):
        values.numbers(header(PixelSpacing=[1, 2, 3]), "PixelSpacing", 2)
    with pytest.raises(InputError, match=r"EchoTime \(0018,0081\) is 1\.5, not a whole number"):
        values.whole(header(EchoTime="1.5"), "EchoTime")


def test_what_is_no_sequence_is_named(header):
    with pytest.raises(InputError, match=r"ImageType \(0008,0008\) is not a sequence"):
        values.items(header(ImageType="ORIGINAL"), "ImageType")


def test_a_header_without_a_file_is_named_too():
    import pydicom

    dataset = pydicom.Dataset()
    dataset.ImageType = ["A", "B"]
    with pytest.raises(InputError, match=r"^A header: ImageType \(0008,0008\) is 'A'"):
        values.number(dataset, "ImageType")


def test_binary_numbers_are_read_whole(header):
    found = header(TriggerTime="12.5", PixelRepresentation=1)
    found.add_new((0x0019, 0x1001), "FD", [0.1, 0.2])
    assert values.numbers(found, (0x0019, 0x1001)) == (0.1, 0.2)
    assert values.number(found, (0x0019, 0x1001)) == np.float64(0.1)


def raw(path, *elements):
    """The header of an implicit file with these elements: tag and bytes."""
    import struct

    from HER2ImmunoCommonLib.dicom import scan

    body = b"".join(
        struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value
        for tag, value in sorted(
            (
                (0x00080016, b"1.2.840.10008.5.1.4.1.1.4\0"),
                (0x00080018, b"1.2.3\0"),
                (0x00280010, b"\1\0"),
                (0x00280011, b"\1\0"),
                (0x00280100, b"\x10\0"),
                (0x00280103, b"\0\0"),
                (0x7FE00010, b"\1\0"),
                *elements,
            )
        )
    )
    path.write_bytes(body)
    return scan(path)[0].headers[0]


def test_private_values_are_found_by_their_creator(tmp_path):
    import struct

    found = raw(
        tmp_path / "IM_7",
        (0x20050011, b"Philips MR Imaging DD 001 "),
        (0x2005110E, struct.pack("<f", 0.25)),
        (0x20051162, struct.pack("<f", 4.0)),
    )
    philips = "Philips MR Imaging DD 001"
    assert values.number(found, values.Private(philips, 0x2005, 0x100E)) == 0.25
    assert values.number(found, values.Private(philips, 0x2005, 0x1062, "FL")) == 4.0
    assert values.number(found, values.Private("Philips Imaging DD 001", 0x2005, 0x100E)) is None
    assert not values.has(found, values.Private(philips, 0x2005, 0x100D))


def test_items_tell_their_file(tmp_path):
    item = b"\x18\x00\x72\x10\x06\x00\x00\x00noon  "
    sequence = b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item
    found = raw(tmp_path / "IM_7", (0x00540016, sequence))
    (entry,) = values.items(found, "RadiopharmaceuticalInformationSequence")
    assert values.clock_s(entry, "RadiopharmaceuticalStartTime") is None
    with pytest.raises(InputError, match=r"IM_7: RadiopharmaceuticalStartTime \(0018,1072\) is 'noon', not a number"):
        values.number(entry, "RadiopharmaceuticalStartTime")


def test_a_damaged_sequence_is_named(tmp_path):
    found = raw(tmp_path / "IM_7", (0x00540016, b"\xfe\xff\x00"))
    with pytest.raises(InputError, match=r"IM_7: RadiopharmaceuticalInformationSequence \(0054,0016\) cannot be read"):
        values.items(found, (0x0054, 0x0016))


def test_moments_of_a_header(header):
    from datetime import date, datetime

    found = header(AcquisitionDate="20240304", AcquisitionTime="093015.5", ContentDate="20240304")
    assert values.day(found, "AcquisitionDate") == date(2024, 3, 4)
    assert values.clock_s(found, "AcquisitionTime") == 34215.5
    assert values.when(found, "Acquisition") == datetime(2024, 3, 4, 9, 30, 15, 500000)
    assert values.when(found, "Content") is None


def test_numbers_are_those_of_dicom_and_not_those_of_python(header):
    for written in (b"1_000 ", b"infinity", b"0x10"):
        with pytest.raises(InputError, match="not a number"):
            values.number(header(RepetitionTime=written), "RepetitionTime")


def test_a_message_shows_little_of_a_long_value(header):
    with pytest.raises(InputError) as caught:
        values.number(header(RepetitionTime=b"A\n" * 5000), "RepetitionTime")
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


def test_no_warning_comes_of_looking_past_the_door(tmp_path, recwarn):
    found = raw(tmp_path / "IM_7", (0x00180080, b"12.5" * 9), (0x00280101, b"\1\0\0"))
    with pytest.raises(InputError, match=r"IM_7: BitsStored \(0028,0101\) cannot be read"):
        found.get("BitsStored")
    assert found.get("FlipAngle") is None
    assert found.RepetitionTime
    assert not recwarn.list
