"""Files of a dynamic that cannot be read: told, or refused where a phase may be missing for them."""

import pytest
from HER2ImmunoCommonLib.errors import InputError
from QuantDCELib.dicom import read_dynamic
from small_examinations import write_examinations

TOLD = "Files were passed over that are no images which can be read: "


@pytest.fixture
def dynamic(tmp_path):
    """A folder of 3 frames of 2 slices, named by frame and slice."""
    write_examinations(tmp_path)
    return tmp_path / "mr"


@pytest.mark.parametrize(
    ("name", "content"), [("extra.dcm", b""), ("IM_7", b"\xff\xfe" * 300), ("x.bin", b"\0\1\2" * 99)]
)
def test_what_is_no_image_is_told_and_the_dynamic_read(dynamic, name, content):
    (dynamic / name).write_bytes(content)
    images = read_dynamic(dynamic)
    assert images.series.array.shape[-1] == 3
    assert any(text.startswith(TOLD) and name in text for text in images.warnings)


def test_the_first_enhanced_phase_is_never_taken_for_the_one_before_contrast_agent(dynamic):
    for name in ("0_0", "0_1"):
        (dynamic / name).write_bytes(b"")
    with pytest.raises(InputError, match=r"may be images of series 3 't1' cannot be read: 2 empty \(0_0, 0_1\)"):
        read_dynamic(dynamic)


def test_a_phase_without_preamble_is_read(dynamic):
    whole = read_dynamic(dynamic).series.array
    for name in ("0_0", "0_1"):
        path = dynamic / name
        path.write_bytes(path.read_bytes()[132:])
    assert (read_dynamic(dynamic).series.array == whole).all()


def test_a_phase_that_is_cut_is_refused(dynamic):
    for name in ("0_0", "0_1"):
        path = dynamic / name
        path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InputError, match=r"Files of series 3 't1' cannot be read: 2 truncated"):
        read_dynamic(dynamic)
