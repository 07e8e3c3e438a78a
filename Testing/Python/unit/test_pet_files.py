"""Files of a PET that cannot be read, or are not there, are told wherever its SUV is."""

import pytest
from HER2ImmunoCommonLib.errors import InputError
from PETHypoxiaLib import analyse, read_pet, suv_factor


def test_an_empty_file_beside_a_whole_series_is_told(pet_series):
    folder = pet_series({"NumberOfSlices": 4, "InstanceNumber": lambda k: k + 1})
    (folder / "004.dcm").touch()
    told = "Files were passed over that are no images which can be read: 1 empty (004.dcm)."
    assert told in suv_factor(folder).warnings
    assert told in analyse(read_pet(folder)).warnings


def test_a_slice_that_cannot_be_read_is_refused(pet_series):
    folder = pet_series()
    path = folder / "001.dcm"
    path.write_bytes(path.read_bytes()[:-40])
    assert "1 truncated (001.dcm)" in suv_factor(folder).reason
    with pytest.raises(InputError, match=r"1 truncated \(001\.dcm\)"):
        read_pet(folder)


def test_a_pet_with_half_its_slices_is_not_measured(pet_series):
    folder = pet_series({"NumberOfSlices": 4})
    for name in ("001.dcm", "003.dcm"):
        (folder / name).unlink()
    assert "has 2 of the 4 slices" in suv_factor(folder).reason
    with pytest.raises(InputError, match="copy the whole series"):
        read_pet(folder)
