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
