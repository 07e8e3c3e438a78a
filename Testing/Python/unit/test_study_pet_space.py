"""How the MR of a visit lies to its PET: given, registered to the attenuation image, or by headers that are doubted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small_breasts as small
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS, Volume, read_volume
from HER2ImmunoCommonLib.masks import Mask
from HER2ImmunoCommonLib.registration import Transform
from HER2ImmunoStudyLib.study.attenuation import read_attenuation
from HER2ImmunoStudyLib.study.manifest import Visit
from HER2ImmunoStudyLib.study.pet_space import MrSpace, pet_space
from PETHypoxiaLib import read_pet

GRID = small.grid((4.0, 4.0, 5.0))
PET_FRAME = "2.25.2"
MOVED = small.motion((9.0, -7.0, 10.0), (3.0, -2.0, 4.0))
"""From points of the attenuation image to points of the MR."""


def write_series(folder: Path, image: Volume, modality: str, frame: str = PET_FRAME, number: int = 1) -> Path:
    """A series of CT or MR, one file a slice, values as they are."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    folder.mkdir(parents=True, exist_ok=True)
    to_lps = LPS_FROM_RAS @ image.ijk_to_ras
    spacing = np.linalg.norm(to_lps[:3, :3], axis=0)
    axes = to_lps[:3, :3] / spacing
    for k, pixels in enumerate(np.rint(image.array).astype(np.int16)):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        path = folder / f"{number}_{k:03d}.dcm"
        data = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID = f"1.2.840.10008.5.1.4.1.1.{'2' if modality == 'CT' else '4'}"
        data.SOPInstanceUID, data.SeriesInstanceUID = f"1.2.{number}.{k + 1}", f"1.2.{number}"
        data.StudyInstanceUID, data.PatientID, data.Modality = "1.2", "P", modality
        data.SeriesNumber, data.InstanceNumber, data.FrameOfReferenceUID = number, k + 1, frame
        place = to_lps[:3, 3] + k * to_lps[:3, 2]
        data.ImagePositionPatient = [float(f"{value:.6f}") for value in place]
        data.ImageOrientationPatient = [float(value) for value in (*axes[:, 0], *axes[:, 1])]
        data.PixelSpacing, data.SliceThickness = [spacing[1], spacing[0]], spacing[2]
        data.Rows, data.Columns, data.SamplesPerPixel = *pixels.shape, 1
        data.PhotometricInterpretation = "MONOCHROME2"
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
        data.RescaleSlope, data.RescaleIntercept = 1, 0
        data.add_new(0x7FE00010, "OW", pixels.tobytes())
        data.save_as(path, enforce_file_format=True)
    return folder


def ct_of(mr: Volume) -> Volume:
    """A CT of the same body: air, fat and gland of other values than in the MR, and less noise."""
    hounsfield = np.interp(mr.array, [0, 8, 30, 60, 130], [-1000, -900, -110, -60, 40])
    return mr.like(hounsfield)


@pytest.fixture(scope="module")
def mr():
    return MrSpace(small.visit(GRID), "1.9")


@pytest.fixture(scope="module")
def ct_folder(tmp_path_factory):
    """The body as it lay at the PET."""
    return write_series(tmp_path_factory.mktemp("ct"), ct_of(small.visit(GRID, MOVED, noise=0.5, seed=1)), "CT")


@pytest.fixture
def pet(pet_patient):
    folder, paths = pet_patient
    return read_pet(folder), Mask(read_volume(paths["tumour"]), "tumour.nrrd")


def drawn_on_mr(tumour):
    return replace(tumour, volume=Volume(tumour.volume.array, np.diag([2.0, 2, 2, 1]) @ tumour.volume.ijk_to_ras))


def visit(**entries):
    return Visit("baseline", 0.0, Path("t.nrrd"), dynamic=(Path("mr"),), pet=Path("pet"), **entries)


def test_a_ct_is_read_above_air(ct_folder):
    found = read_attenuation(ct_folder)
    assert (found.modality, found.frame_of_reference_uid) == ("CT", PET_FRAME)
    assert found.image.array.min() == 0.0
    np.testing.assert_allclose(found.image.ijk_to_ras, GRID.ijk_to_ras, atol=1e-4)


def test_the_mr_is_registered_to_the_ct(pet, mr, ct_folder):
    images, tumour = pet
    found = pet_space(visit(attenuation=ct_folder), images, drawn_on_mr(tumour), mr=mr, given=None)
    assert found.source == "registration", found.warnings
    error = small.error_mm(found.transform, MOVED, GRID, small.inside(GRID))
    assert error.mean() < 1.4
    assert found.warnings == ()


def test_the_mr_is_registered_to_one_whose_fat_is_bright(pet, mr, tmp_path):
    """As the in-phase image of a Dixon series, by which many PET/MR scanners correct."""
    image = small.visit(GRID, MOVED, noise=0.5, seed=1)
    in_phase = image.like(np.interp(image.array, [0, 8, 30, 60, 130], [2, 20, 900, 800, 400]))
    folder = write_series(tmp_path / "in_phase", in_phase, "MR")
    found = pet_space(visit(attenuation=folder), pet[0], drawn_on_mr(pet[1]), mr=mr, given=None)
    assert found.source == "registration", found.warnings
    assert small.error_mm(found.transform, MOVED, GRID, small.inside(GRID)).mean() < 1.4


def test_a_given_transform_goes_first(pet, mr, ct_folder):
    given = Transform.identity()
    found = pet_space(visit(attenuation=ct_folder), pet[0], drawn_on_mr(pet[1]), mr=mr, given=given)
    assert (found.source, found.transform) == ("given", given)


def test_different_frames_of_reference_are_told_unless_the_mask_is_of_the_pet(pet, mr):
    images, tumour = pet
    (told,) = pet_space(visit(), images, drawn_on_mr(tumour), mr=mr, given=None).warnings
    assert "different frames of reference" in told
    assert "'attenuation' or 'pet_transform'" in told
    for mask, space in (
        (tumour, mr),
        (drawn_on_mr(tumour), replace(mr, frame_of_reference_uid=PET_FRAME)),
        (drawn_on_mr(tumour), replace(mr, frame_of_reference_uid="")),
        (drawn_on_mr(tumour), None),
    ):
        assert pet_space(visit(), images, mask, mr=space, given=None).warnings == ()


def test_an_image_that_the_mr_does_not_fit_is_told(pet, mr, tmp_path):
    images, tumour = pet
    away = small.visit(GRID).ijk_to_ras.copy()
    away[2, 3] += 900.0
    folder = write_series(tmp_path / "away", ct_of(Volume(small.visit(GRID).array, away)), "CT", frame="1.5")
    found = pet_space(visit(attenuation=folder), images, drawn_on_mr(tumour), mr=mr, given=None)
    assert found.transform is None
    assert ["attenuation image (CT) and the PET have different frames" in text for text in found.warnings] == [1, 0, 0]
    assert "could not be registered to the attenuation image" in found.warnings[1]


def test_a_folder_with_no_or_several_series_is_refused(pet_patient, ct_folder, tmp_path):
    with pytest.raises(InputError, match="no CT or MR series"):
        read_attenuation(pet_patient[0])
    small_image = small.visit(small.grid((20.0, 20.0, 25.0)))
    for number in (1, 2):
        write_series(tmp_path / "both", small_image, "MR", number=number)
    with pytest.raises(InputError, match="holds 2 series"):
        read_attenuation(tmp_path / "both")
