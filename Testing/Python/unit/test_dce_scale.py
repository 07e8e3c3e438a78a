"""One scale: values that are compared are those that were measured, or their scale is said to be in doubt."""

import numpy as np
import pytest
from dce_dicom import N_FRAMES, N_SLICES, item, write_frames, write_image
from HER2ImmunoCommonLib.errors import InputError
from QuantDCELib import read_dynamic, read_vfa
from QuantDCELib.dicom.reading import on_scale_of

TRUE = 1000.0
SCANS = {2.0: (0.81, 0.0140), 10.0: (1.69, 0.0066), 20.0: (2.07, 0.0052)}
"""Rescale slope and scale slope of each flip angle."""


def write_flips(folder, tags_of):
    for number, (flip, (slope, scale)) in enumerate(SCANS.items()):
        for k in range(N_SLICES):
            stored = round(TRUE * 100 * scale)
            tags = {"RescaleSlope": slope, "RescaleIntercept": 0, **tags_of(slope, scale)}
            write_image(folder, k, 0, series=20 + number, FlipAngle=flip, value=stored, **tags)
    return folder


def is_one_scale(images):
    signal = images.signal[0, 0, 0]
    np.testing.assert_allclose(signal / images.per_unit, 100 * TRUE, rtol=0.01)
    return np.ptp(signal) < 0.01 * signal.mean()


def test_philips_flip_angles(tmp_path):
    folder = write_flips(tmp_path, lambda slope, scale: {"philips_0E": scale, "philips_0D": 0.0})
    images = read_vfa(folder)
    assert is_one_scale(images)
    assert images.warnings == ()
    assert images.signal[0, 0, 0, 0] == pytest.approx(round(TRUE * 1.4) * 0.81)


def test_real_world_values(tmp_path):
    def mapped(slope, scale):
        mapping = item(RealWorldValueSlope=1.0 / scale, RealWorldValueIntercept=0.0)
        mapping.RealWorldValueFirstValueMapped, mapping.RealWorldValueLastValueMapped = 0, 65535
        return {"RealWorldValueMappingSequence": [mapping]}

    images = read_vfa(write_flips(tmp_path, mapped))
    assert is_one_scale(images)


def test_an_intercept_is_part_of_the_scale(tmp_path):
    """The second scan stores values above an offset, which its rescale intercept takes away."""
    scans = ((3, range(2), 1.0, 0.0, 0.5, 100), (4, range(2, N_FRAMES), 2.0, 20.0, 0.25, 40))
    for series, frames, slope, intercept, scale, stored in scans:
        tags = {
            "RescaleSlope": slope,
            "RescaleIntercept": intercept,
            "philips_0E": scale,
            "philips_0D": -intercept / slope,
        }
        write_frames(tmp_path, frames, series=series, value=stored, **tags)
    images = read_dynamic(tmp_path)
    np.testing.assert_allclose(images.series.array[0, 0, 0], [100, 100, *[(2 * 40 + 20) / (2 * 0.25) * 0.5] * 4])


def test_scans_without_a_common_scale_are_told(tmp_path):
    warnings = read_vfa(write_flips(tmp_path, lambda slope, scale: {})).warnings
    assert any("(0.81 to 2.07)" in text and "(2005,100E)" in text for text in warnings)


def test_slopes_of_an_exporter_are_right_as_they_are(tmp_path):
    """Each image scaled to its own largest value."""
    images = read_dynamic(write_frames(tmp_path, value=100, RescaleSlope=lambda k, t: 1.0 + 0.1 * t))
    assert images.warnings == ()
    np.testing.assert_allclose(images.series.array[0, 0, 0], 100 * (1.0 + 0.1 * np.arange(N_FRAMES)), rtol=1e-6)


def test_what_is_shown_stays_where_all_is_one_scan(tmp_path):
    tags = {"RescaleSlope": 2.0, "philips_0E": 0.005}
    images = read_dynamic(write_frames(tmp_path, value=50, **tags))
    assert images.series.array.min() == images.series.array.max() == 100
    assert images.per_unit == pytest.approx(0.01)


def test_m0_is_put_on_the_scale_of_the_dynamic(tmp_path):
    write_flips(tmp_path / "vfa", lambda slope, scale: {"philips_0E": scale})
    dynamic = read_dynamic(write_frames(tmp_path / "dyn", value=50, RescaleSlope=2.0, philips_0E=0.005))
    vfa = read_vfa(tmp_path / "vfa")
    moved = on_scale_of(vfa, dynamic)
    np.testing.assert_allclose(moved.signal[0, 0, 0], 100 * TRUE * dynamic.per_unit, rtol=0.01)
    plain = read_dynamic(write_frames(tmp_path / "plain", value=50))
    assert any("M0 may not be the same" in text for text in on_scale_of(vfa, plain).warnings)


def test_a_scale_without_its_creator_is_read_in_its_usual_place(tmp_path):
    import pydicom

    write_flips(tmp_path, lambda slope, scale: {"philips_0E": scale})
    for path in tmp_path.iterdir():
        dataset = pydicom.dcmread(path)
        del dataset[0x2005, 0x0010]
        dataset.save_as(path)
    assert is_one_scale(read_vfa(tmp_path))


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
@pytest.mark.parametrize("tag", ["RescaleSlope", "RescaleIntercept"])
def test_rescale_values_are_finite(tmp_path, tag):
    import pydicom

    write_frames(tmp_path)
    path = next(tmp_path.iterdir())
    dataset = pydicom.dcmread(path)
    dataset.add_new(tag, "UN", b"inf ")
    dataset.save_as(path)
    with pytest.raises(InputError, match=tag):
        read_dynamic(tmp_path)
