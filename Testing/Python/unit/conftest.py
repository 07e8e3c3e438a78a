"""Input that several unit tests write: fixtures only, small and apart from each other."""

from __future__ import annotations

import gc
import uuid
import warnings

import numpy as np
import pytest


def pytest_collection_finish(session):
    """Let the collector pass over what is there now, and come less often: with it a tenth of the time went."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def few_points(monkeypatch):
    """The sampler with few points and rounds, for tests of what surrounds it that ask nothing of its draws."""
    from functools import partial

    from HER2ImmunoModelLib.calibration import importance, learning, mcmc
    from HER2ImmunoModelLib.calibration.proposals import ManyTries

    for room in (learning, importance):
        monkeypatch.setattr(room, "POINTS", 512)
    monkeypatch.setattr(learning, "ROUNDS", 3)
    monkeypatch.setattr(mcmc, "CHECK_WALKERS", 128)
    monkeypatch.setattr(mcmc, "ManyTries", partial(ManyTries, tries=2))


@pytest.fixture
def short_polish(monkeypatch):
    """The end of a schedule search in two rounds, for tests of what a search keeps to, not of how good it is."""
    from HER2ImmunoModelLib.planning import polishing

    monkeypatch.setattr(polishing, "ROUNDS", 2)


@pytest.fixture
def pet_series(tmp_path):
    """Writes an FMISO-PET series as DICOM files and gives their folder.

    `write(edit=None, *, name="PET", n=4, pixels=None)`: `edit` changes the header of slice k before it is written,
    as a function of dataset and k, or as a mapping: keyword to value (those of the injection go to its item), or
    (creator, group, element, VR) to a private value; None removes it, a function gives the value of slice k, or
    `...` to keep it; or a list of such mappings. `philips` holds that maker's private factors, `suv` and `activity`,
    with their `creator`; `clock` a scan (DICOM DT) and an injection (time of day) at other moments: `scan`, `start`,
    `start_datetime`. `pixels` (k, j, i) are the stored values. Unchanged: 70 kg, 370 MBq of FMISO at 10:00, a scan of
    10 min at 12:00, all tags in agreement.
    """

    def write(edit=None, *, name="PET", n=4, pixels=None):
        stored = np.full((n, 8, 8), 1000, np.uint16) if pixels is None else np.asarray(pixels, np.uint16)
        series_uid, folder = _uid(), tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        for k, image in enumerate(stored):
            dataset = _pet_slice(image, k, series_uid)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # values that DICOM does not allow are the point
                if callable(edit):
                    edit(dataset, k)
                elif edit:
                    _edit(dataset, k, edit)
                dataset.save_as(folder / f"{k:03d}.dcm", enforce_file_format=True)
        return folder

    return write


@pytest.fixture
def pet_patient(pet_series, tmp_path):
    """An FMISO-PET folder and the files of its masks.

    16 slices of 16 x 16 voxels of 64 uL; the upper half of the tumour takes up 1.6 times as much as muscle.
    """
    from HER2ImmunoCommonLib.geometry import Volume, write_volume
    from PETHypoxiaLib import read_pet

    stored = np.full((16, 16, 16), 500)
    tumour, muscle = np.zeros((2, 16, 16, 16))
    tumour[4:12, 4:12, 2:8] = 1
    muscle[4:12, 4:12, 10:15] = 1
    stored[muscle > 0] = 1000
    stored[4:8, 4:12, 2:8] = 1600
    stored[8:12, 4:12, 2:8] = 900
    folder = pet_series(pixels=stored)
    ijk_to_ras = read_pet(folder).activity.ijk_to_ras
    paths = {"tumour": tmp_path / "tumour.nrrd", "muscle": tmp_path / "muscle.nrrd"}
    write_volume(Volume(tumour.astype(np.uint8), ijk_to_ras), paths["tumour"])
    write_volume(Volume(muscle.astype(np.uint8), ijk_to_ras), paths["muscle"])
    return folder, paths


def _spelt_out(changes):
    """A list of edits as one mapping, `philips` and `clock` by their tags."""
    found = {}
    for edit in changes if isinstance(changes, list) else [changes]:
        for key, value in edit.items():
            found |= SHORT[key](**value) if key in SHORT else {key: value}
    return found


def _philips(suv=None, activity=None, creator="Philips PET Private Group"):
    pairs = {(creator, 0x7053, 0x1000, "DS"): suv, (creator, 0x7053, 0x1009, "DS"): activity}
    return {key: value for key, value in pairs.items() if value is not None}


def _clock(scan, start, start_datetime=None):
    return {
        "SeriesDate": scan[:8],
        "SeriesTime": scan[8:],
        "AcquisitionDate": scan[:8],
        "AcquisitionTime": scan[8:],
        "RadiopharmaceuticalStartTime": start,
        "RadiopharmaceuticalStartDateTime": start_datetime,
    }


SHORT = {"philips": _philips, "clock": _clock}


def _edit(dataset, k, changes):
    item = dataset.RadiopharmaceuticalInformationSequence[0]
    for key, given in _spelt_out(changes).items():
        value = given(k) if callable(given) else given
        if value is ...:
            continue
        if isinstance(key, tuple):
            _add_private(dataset, *key, value)
            continue
        of_injection = key.startswith("Radio") and key != "RadiopharmaceuticalInformationSequence"
        target = item if of_injection else dataset
        if value is None:
            delattr(target, key)
        else:
            setattr(target, key, value)


def _add_private(dataset, creator, group, element, vr, value):
    from pydicom.dataelem import DataElement

    if creator:
        dataset.add(DataElement((group, element >> 8), "LO", creator))
    dataset.add(DataElement((group, element), vr, value))


def _uid() -> str:
    return f"2.25.{uuid.uuid4().int}"


def _pet_slice(image, k, series_uid):
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.128"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = _uid()
    dataset.update(_pet_identity(series_uid, k))
    dataset.update(_pet_timing())
    dataset.RadiopharmaceuticalInformationSequence = [_injection()]
    dataset.Rows, dataset.Columns = image.shape
    dataset.PixelSpacing, dataset.SliceThickness = [4.0, 4.0], 4.0
    dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0.0, 0.0, 4.0 * k]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.RescaleSlope, dataset.RescaleIntercept = 2.0, 0.0
    dataset.PixelData = image.astype("<u2").tobytes()
    return dataset


def _tags(values):
    from pydicom.dataset import Dataset

    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def _pet_identity(series_uid, k):
    return _tags(
        {
            "Modality": "PT",
            "ImageType": ["ORIGINAL", "PRIMARY"],
            "PatientID": "P1",
            "PatientSex": "F",
            "PatientWeight": 70,
            "PatientSize": 1.75,
            "StudyInstanceUID": "2.25.1",
            "SeriesInstanceUID": series_uid,
            "SeriesNumber": 3,
            "SeriesDescription": "FMISO",
            "InstanceNumber": k + 1,
            "FrameOfReferenceUID": "2.25.2",
        }
    )


def _pet_timing():
    return _tags(
        {
            "SeriesDate": "20240110",
            "SeriesTime": "120000",
            "AcquisitionDate": "20240110",
            "AcquisitionTime": "120000",
            "ActualFrameDuration": 600000,
            # Time of the mean activity of 10 min of F-18, so that the frame is measured from 12:00.
            "FrameReferenceTime": 298422.0,
            "Units": "BQML",
            "DecayCorrection": "START",
            "CorrectedImage": ["DECY", "ATTN", "SCAT", "NORM"],
            "SeriesType": ["STATIC", "IMAGE"],
        }
    )


def _injection():
    nuclide = {"CodeValue": "C-111A1", "CodingSchemeDesignator": "SRT", "CodeMeaning": "^18^Fluorine"}
    item = {
        "Radiopharmaceutical": "FMISO",
        "RadiopharmaceuticalStartTime": "100000",
        "RadiopharmaceuticalStartDateTime": "20240110100000",
        "RadionuclideTotalDose": 370e6,
        "RadionuclideHalfLife": 6586.2,
        "RadionuclideCodeSequence": [_tags(nuclide)],
    }
    return _tags(item)
