"""Frames of enhanced multi-frame files: their kinds, echoes, inversions and scales are their own."""

import numpy as np
import pydicom
import pytest
from dce_dicom import N_FRAMES, N_SLICES, STEP_S, clock, expected, item, write_image
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedMRImageStorage
from QuantDCELib import Choice, read_dynamic

PHILIPS = "Philips MR Imaging DD 001"


def is_the_dynamic(images):
    np.testing.assert_array_equal(images.series.array[:, 0, 0, :], expected())
    return True


def question(folder):
    with pytest.raises(QuestionsError) as caught:
        read_dynamic(folder)
    return caught.value.questions[0]


def write_enhanced(path, kinds, *, timing=None, scales=False, **shared):
    """One enhanced file whose frames are, at each place and time, one of each kind: frame type and pixel value."""
    write_image(path.parent, 0, 0)
    classic = next(path.parent.iterdir())
    dataset = pydicom.dcmread(classic)
    classic.unlink()
    for tag in (
        "ImageOrientationPatient",
        "ImagePositionPatient",
        "RepetitionTime",
        "EchoTime",
        "FlipAngle",
        "ImageType",
    ):
        delattr(dataset, tag)
    groups, pixels = [], []
    for t in range(N_FRAMES):
        for k in range(N_SLICES):
            for number, (frame_type, value) in enumerate(kinds):
                moment = f"20240304{clock(36000 + STEP_S * t)}"
                group = item(
                    PlanePositionSequence=[item(ImagePositionPatient=[0, 0, 2.5 * k])],
                    FrameContentSequence=[item(FrameAcquisitionDateTime=moment)],
                    MRImageFrameTypeSequence=[item(FrameType=frame_type)],
                    **(timing(number, t) if timing else {}),
                )
                if scales:
                    inner = Dataset()
                    inner.private_block(0x2005, PHILIPS, create=True).add_new(0x0E, "FL", 0.5 if t < 2 else 0.25)
                    group.private_block(0x2005, PHILIPS, create=True).add_new(0x0F, "SQ", [inner])
                groups.append(group)
                pixels.append(np.full((4, 5), 100 * k + t + 1 if value is None else value, np.uint16))
    dataset.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
            PixelMeasuresSequence=[item(PixelSpacing=[1, 2], SliceThickness=2.5)],
            MRTimingAndRelatedParametersSequence=[item(RepetitionTime=5, FlipAngle=20)],
            **shared,
        )
    ]
    dataset.PerFrameFunctionalGroupsSequence = groups
    dataset.NumberOfFrames, dataset.PixelData = len(groups), np.stack(pixels).tobytes()
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    dataset.save_as(path)
    return path.parent


def test_frames_of_an_enhanced_file_are_sorted(tmp_path):
    kinds = [(["DERIVED", "PRIMARY", "DIXON", "WATER"], None), (["DERIVED", "PRIMARY", "DIXON", "FAT"], 7)]
    folder = write_enhanced(tmp_path / "dixon.dcm", kinds)
    assert question(folder).key == "kind"
    assert is_the_dynamic(read_dynamic(folder, choice=Choice(kind="water")))


def test_echoes_of_an_enhanced_file_are_told_apart(tmp_path):
    kinds = [(["ORIGINAL", "PRIMARY", "T1", "NONE"], None), (["ORIGINAL", "PRIMARY", "T1", "NONE"], 7)]
    folder = write_enhanced(
        tmp_path / "echoes.dcm",
        kinds,
        timing=lambda number, t: {"MREchoSequence": [item(EffectiveEchoTime=2.0 + 2.3 * number)]},
    )
    assert "4.3ms" in question(folder).text
    assert is_the_dynamic(read_dynamic(folder, choice=Choice(kind="2ms")))


def test_the_scale_of_an_enhanced_philips_file_is_that_of_each_frame(tmp_path):
    folder = write_enhanced(tmp_path / "scales.dcm", [(["ORIGINAL", "PRIMARY", "T1", "NONE"], 10)], scales=True)
    assert read_dynamic(folder).series.array[0, 0, 0].tolist() == [10, 10, 20, 20, 20, 20]


def test_an_enhanced_inversion_series_is_refused(tmp_path):
    folder = write_enhanced(
        tmp_path / "ir.dcm",
        [(["ORIGINAL", "PRIMARY", "T1", "NONE"], None)],
        timing=lambda number, t: {
            "MRModifierSequence": [item(InversionRecovery="YES", InversionTimes=[100.0 * (t + 1)])]
        },
    )
    with pytest.raises(InputError, match="inversion recovery"):
        read_dynamic(folder)
