"""What an image is: frames of a dynamic are images of one kind; others are left out by name, asked about or refused."""

import numpy as np
import pytest
from dce_dicom import N_FRAMES, N_SLICES, STEP_S, expected, write_frames, write_image
from HER2ImmunoCommonLib.dicom import kind_of
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from pydicom.dataset import Dataset
from QuantDCELib import Choice, read_dynamic, read_vfa

FLIPS = (2.0, 5.0, 10.0, 20.0)


def is_the_dynamic(images, frames=N_FRAMES):
    np.testing.assert_array_equal(images.series.array[:, 0, 0, :], expected(frames))
    return True


def question(folder, read=read_dynamic, **options):
    with pytest.raises(QuestionsError) as caught:
        read(folder, **options)
    return caught.value.questions[0]


@pytest.mark.parametrize(
    ("image_type", "name"),
    [
        ("ORIGINAL PRIMARY M ND", "magnitude"),
        ("ORIGINAL PRIMARY OTHER", "magnitude"),
        ("ORIGINAL PRIMARY M_FFE M FFE", "magnitude"),
        ("ORIGINAL PRIMARY PHASE~MAP P FFE", "phase images"),
        ("ORIGINAL PRIMARY P ND", "phase images"),
        ("ORIGINAL PRIMARY R_FFE R FFE", "real images"),
        ("ORIGINAL PRIMARY I", "imaginary images"),
        ("DERIVED PRIMARY DIXON WATER", "water"),
        ("DERIVED PRIMARY W W DERIVED", "water"),
        ("DERIVED PRIMARY F F DERIVED", "fat"),
        ("ORIGINAL PRIMARY DIXON IN_PHASE", "in-phase"),
        ("ORIGINAL PRIMARY M IP ND", "in-phase"),
        ("ORIGINAL PRIMARY DIXON OPP_PHASE", "opposed-phase"),
        ("ORIGINAL PRIMARY OUT_PHASE", "opposed-phase"),
        ("DERIVED PRIMARY M MOCO", "magnitude, motion-corrected"),
        ("ORIGINAL PRIMARY M ND NORM", "magnitude, normalised"),
        ("DERIVED PRIMARY M ND SUB", "subtraction images"),
        ("DERIVED SECONDARY SUBTRACTION", "subtraction images"),
        ("DERIVED PRIMARY MODULUS~SUBTRACT", "subtraction images"),
        ("DERIVED SECONDARY PROJECTION~IMAGE MIP", "projections"),
        ("DERIVED PRIMARY T1~MAP T1", "parameter maps"),
        ("DERIVED PRIMARY FA_MAP", "parameter maps"),
        ("DERIVED PRIMARY TTP", "parameter maps"),
        ("DERIVED PRIMARY WASHIN", "parameter maps"),
        ("DERIVED PRIMARY PEI", "parameter maps"),
        ("DERIVED PRIMARY ADC", "parameter maps"),
        ("ORIGINAL PRIMARY FIELD_MAP", "field maps"),
        ("ORIGINAL PRIMARY LOCALIZER", "localisers"),
        ("ORIGINAL PRIMARY T1 NONE", "magnitude"),
        ("DERIVED PRIMARY", "magnitude"),
    ],
)
def test_words_of_the_makers(image_type, name):
    header = Dataset()
    header.ImageType = [word.replace("~", " ") for word in image_type.split()]
    assert kind_of(header).name == name


def test_the_kind_without_image_type():
    assert kind_of(Dataset()).name == "magnitude"
    header = Dataset()
    header.ComplexImageComponent = "PHASE"
    assert kind_of(header).name == "phase images"
    ge = Dataset()
    ge.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    ge.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", 1)
    assert kind_of(ge).name == "phase images"
    derived = Dataset()
    derived.ImageType, derived.SeriesDescription = ["DERIVED", "SECONDARY"], "Sub 1-0"
    assert kind_of(derived).name == "subtraction images"


@pytest.mark.parametrize("one_series", [True, False])
def test_only_magnitude_is_signal(tmp_path, one_series):
    for number, word in enumerate("MPRI"):
        tags = {"ImageType": ["ORIGINAL", "PRIMARY", word], "ContentTime": lambda k, t: f"1{t}0000"}
        write_frames(tmp_path, series=3 if one_series else 3 + number, value=None if word == "M" else 7, **tags)
    images = read_dynamic(tmp_path)
    assert is_the_dynamic(images)
    told = " ".join(images.warnings)
    assert all(f"({name} images)" in told for name in ("phase", "real", "imaginary"))
    assert "phase images" in images.about["left_out"]


@pytest.mark.parametrize("one_series", [True, False])
def test_water_and_fat_are_asked_and_chosen(tmp_path, one_series):
    kinds = {"WATER": None, "FAT": 5, "IN_PHASE": 6, "OPP_PHASE": 7}
    for number, (word, value) in enumerate(kinds.items()):
        image_type = ["DERIVED", "PRIMARY", "DIXON", word]
        write_frames(tmp_path, series=3 if one_series else 3 + number, value=value, ImageType=image_type)
    asked = question(tmp_path)
    assert asked.key == "kind"
    assert all(name in asked.text for name in ("water", "fat", "in-phase", "opposed-phase"))
    for word in ("water", "W", "WATER"):
        images = read_dynamic(tmp_path, choice=Choice(kind=word))
        assert is_the_dynamic(images)
        assert images.about["images"] == "water"
        assert any("Not used" in text and "fat" in text for text in images.warnings)
    assert read_dynamic(tmp_path, choice=Choice(kind="opposed-phase")).series.array.max() == 7
    with pytest.raises(InputError, match="no dynamics of the kind silicone; choose from water, fat"):
        read_dynamic(tmp_path, choice=Choice(kind="silicone"))


def test_water_alone_is_used_although_derived(tmp_path):
    images = read_dynamic(write_frames(tmp_path, ImageType=["DERIVED", "PRIMARY", "DIXON", "WATER"]))
    assert is_the_dynamic(images)
    assert images.warnings == ()


def test_motion_corrected_and_original_are_asked(tmp_path):
    write_frames(tmp_path, [0], series=2, SeriesDescription="before")
    write_frames(tmp_path, range(1, N_FRAMES), series=3)
    write_frames(tmp_path, range(1, N_FRAMES), series=4, value=9, ImageType=["DERIVED", "PRIMARY", "M", "MOCO"])
    asked = question(tmp_path)
    assert asked.key == "kind"
    assert "motion-corrected" in asked.text
    assert is_the_dynamic(read_dynamic(tmp_path, choice=Choice(kind="original")))
    corrected = read_dynamic(tmp_path, choice=Choice(kind="MOCO")).series.array
    assert corrected[0, 0, 0].tolist() == [1, *[9] * (N_FRAMES - 1)]
    assert read_dynamic(tmp_path, choice=Choice(series="4")).series.array.shape[-1] == N_FRAMES - 1


def test_frames_that_go_on_in_another_series_are_one_dynamic(tmp_path):
    write_frames(tmp_path, range(2), series=3)
    write_frames(tmp_path, range(2, N_FRAMES), series=4, ImageType=["DERIVED", "PRIMARY", "M", "TWIST"])
    images = read_dynamic(tmp_path)
    assert is_the_dynamic(images)
    assert any("2 series" in text for text in images.warnings)
    assert any("DERIVED" in text for text in images.warnings)


def test_subtractions_maps_and_projections_are_left_out_by_name(tmp_path):
    write_frames(tmp_path)
    write_frames(tmp_path, range(1, N_FRAMES), value=3, ImageType=["DERIVED", "PRIMARY", "M", "ND", "SUB"])
    write_frames(
        tmp_path, range(1, 4), series=8, value=3, ImageType=["DERIVED", "SECONDARY", "PROJECTION IMAGE", "MIP"]
    )
    write_frames(tmp_path, [5], series=9, value=3, ImageType=["DERIVED", "PRIMARY", "TTP"])
    write_frames(tmp_path, [5], series=10, value=3, ImageType=["DERIVED", "SECONDARY"], SeriesDescription="PE1")
    images = read_dynamic(tmp_path)
    assert is_the_dynamic(images)
    told = next(text for text in images.warnings if text.startswith("Not used"))
    assert all(
        words in told for words in ("subtraction images", "projections", "parameter maps", "series 9", "series 10")
    )


@pytest.mark.parametrize(
    "tags", [{"RepetitionTime": 5.04}, {"RepetitionTime": 5.0, "FlipAngle": 19.9}, {"EchoTime": 1.75}]
)
def test_images_before_the_agent_belong_to_the_dynamic(tmp_path, tags):
    write_frames(tmp_path, [0], series=2, SeriesDescription="pre", AcquisitionTime="095000", **tags)
    write_frames(tmp_path, range(1, N_FRAMES), series=3)
    images = read_dynamic(tmp_path)
    assert is_the_dynamic(images)
    assert images.series.time_s[1] == 610.0
    assert images.tr_s == pytest.approx(0.005, rel=0.01)


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"RepetitionTime": 7.0}, "TR 7 instead of 5 ms"),
        ({"FlipAngle": 12.0}, "flip angle 12 instead of 20 degrees"),
        ({"ImagePositionPatient": lambda k, t: [30, 0, 2.5 * k]}, "other slices"),
    ],
)
def test_images_that_do_not_fit_are_never_dropped_in_silence(tmp_path, tags, reason):
    write_frames(tmp_path, [0], series=2, SeriesDescription="pre", **tags)
    write_frames(tmp_path, range(1, N_FRAMES), series=3)
    told = " ".join(read_dynamic(tmp_path).warnings)
    assert reason in told
    assert "before contrast agent" in told or "flip" in reason


def test_series_named_together_are_one_dynamic(tmp_path):
    write_frames(tmp_path, [0], series=2, RepetitionTime=7.0)
    write_frames(tmp_path, range(1, N_FRAMES), series=3)
    images = read_dynamic(tmp_path, choice=Choice(series="2,3"))
    assert is_the_dynamic(images)
    assert any("TR 7 instead of 5 ms" in text for text in images.warnings)
    with pytest.raises(InputError, match="no series 12; choose from series 2"):
        read_dynamic(tmp_path, choice=Choice(series="12"))


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"ScanningSequence": "IR", "InversionTime": lambda k, t: 100.0 * (t + 1)}, "inversion recovery"),
        ({"ScanningSequence": ["GR", "IR"], "InversionTime": lambda k, t: 100.0 * (t + 1)}, "several inversion times"),
        ({"EchoTime": lambda k, t: 2.0 + 2.4 * t}, "several echo times"),
        ({"ScanningSequence": "EP", "SequenceName": "*ep_b800t"}, "diffusion"),
        ({"ScanningSequence": "EP"}, "echo planar"),
        ({"ScanningSequence": "SE"}, "spin echo"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "P", "ND"]}, "phase images"),
        ({"ImageType": ["DERIVED", "PRIMARY", "T1 MAP"]}, "parameter maps"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "localisers"),
    ],
)
def test_what_is_no_dynamic_is_refused_as_what_it_is(tmp_path, tags, name):
    with pytest.raises(InputError, match=name):
        read_dynamic(write_frames(tmp_path, **tags))


def test_a_dynamic_behind_an_inversion_is_told(tmp_path):
    images = read_dynamic(write_frames(tmp_path, ScanningSequence=["GR", "IR"], InversionTime=300.0))
    assert any("inversion-prepared" in text and "semi-quantitative" in text for text in images.warnings)


def test_fat_suppression_by_inversion_is_no_inversion_series(tmp_path):
    images = read_dynamic(write_frames(tmp_path, InversionTime=17.0, SeriesDescription="Sag IR 3DFGRE"))
    assert is_the_dynamic(images)
    assert images.warnings == ()


def test_two_echoes_are_asked_by_echo_time(tmp_path):
    write_frames(tmp_path)
    write_frames(tmp_path, value=4, EchoTime=4.2)
    asked = question(tmp_path)
    assert asked.key == "kind"
    assert "4.2ms" in asked.text
    assert is_the_dynamic(read_dynamic(tmp_path, choice=Choice(kind="1.8ms")))


@pytest.mark.parametrize(
    ("tags", "own", "other"), [({"FlipAngle": 12}, "flip 20", "flip 12"), ({"RepetitionTime": 7}, "TR 5", "TR 7")]
)
def test_two_setups_in_one_series_are_asked_by_what_differs(tmp_path, tags, own, other):
    write_frames(tmp_path)
    write_frames(tmp_path, value=4, **tags)
    assert f"magnitude {other}" in question(tmp_path).text
    assert is_the_dynamic(read_dynamic(tmp_path, choice=Choice(kind=f"magnitude {own}")))


def test_phase_is_known_by_its_values_where_image_type_was_removed(tmp_path):
    write_frames(tmp_path, ImageType=None)
    write_frames(tmp_path, value=4, ImageType=None, RescaleSlope=1.5, RescaleIntercept=-3142)
    images = read_dynamic(tmp_path)
    assert is_the_dynamic(images)
    assert any("values below 0" in text for text in images.warnings)


def test_two_runs_are_asked_by_series(tmp_path):
    write_frames(tmp_path, series=3)
    write_frames(tmp_path, series=7, AcquisitionTime=lambda k, t: f"11{t:02d}00")
    asked = question(tmp_path)
    assert asked.key == "series"
    assert "3 or 7" in asked.text
    assert is_the_dynamic(read_dynamic(tmp_path, choice=Choice(series="3")))
    assert read_dynamic(tmp_path, choice=Choice(series="3, 7")).series.array.shape[-1] == 2 * N_FRAMES


def test_copies_without_times_of_their_own_are_asked(tmp_path):
    scan = {"AcquisitionTime": "100000", "TriggerTime": lambda k, t: 1000.0 * STEP_S * t}
    write_frames(tmp_path, series=3, ContentTime=lambda k, t: f"1001{t:02d}", **scan)
    normalised = ["ORIGINAL", "PRIMARY", "M", "ND", "NORM"]
    write_frames(tmp_path, series=4, ContentTime=lambda k, t: f"1101{t:02d}", ImageType=normalised, **scan)
    assert question(tmp_path).key == "kind"


def write_flip_angles(folder, **tags):
    for number, flip in enumerate(FLIPS):
        for k in range(N_SLICES):
            at = {
                "series": 20 + number,
                "SeriesDescription": f"T1 map {flip:g} deg",
                "AcquisitionTime": f"09{number}000",
            }
            write_image(folder, k, 0, value=1000 * k + int(flip), **{**at, "FlipAngle": flip, **tags})
    return folder


@pytest.mark.parametrize("study", [1, 2])
def test_flip_angles_and_dynamic_in_one_folder(tmp_path, study):
    write_flip_angles(write_frames(tmp_path), study=study)
    images, flips = read_dynamic(tmp_path), read_vfa(tmp_path)
    assert is_the_dynamic(images)
    assert flips.flip_deg.tolist() == list(FLIPS)
    assert flips.signal[1, 0, 0].tolist() == [1002, 1005, 1010, 1020]
    assert any("flip angle 2 instead of 20" in text for text in images.warnings)
    assert any("dyn" in text and "more than once" in text for text in flips.warnings)


def test_flip_angles_and_phases_in_series_of_their_own_in_one_folder(tmp_path):
    """The dynamic has the last of the flip angles; only what the series are called and their times tell them apart."""
    write_flip_angles(write_frames(tmp_path, series=lambda k, t: 40 + t))
    images, flips = read_dynamic(tmp_path), read_vfa(tmp_path)
    assert is_the_dynamic(images)
    assert flips.flip_deg.tolist() == list(FLIPS)
    assert flips.signal[1, 0, 0].tolist() == [1002, 1005, 1010, 1020]


def test_flip_angles_in_studies_of_their_own(tmp_path):
    for number, flip in enumerate(FLIPS):
        write_frames(tmp_path, [0], series=20 + number, study=number + 1, FlipAngle=flip)
    flips = read_vfa(tmp_path)
    assert flips.flip_deg.tolist() == list(FLIPS)
    assert any("4 studies" in text for text in flips.warnings)
    write_frames(tmp_path, [0], series=30, study=9, FlipAngle=30.0, StudyDate="20250304")
    with pytest.raises(InputError, match="mixes 5 studies"):
        read_vfa(tmp_path)


def test_flip_angles_of_several_kinds_follow_the_dynamic(tmp_path):
    for word, value in (("WATER", 4), ("FAT", 5)):
        for number, flip in enumerate(FLIPS):
            image_type = ["DERIVED", "PRIMARY", "DIXON", word]
            write_frames(tmp_path, [0], series=20 + number, value=value, FlipAngle=flip, ImageType=image_type)
    assert question(tmp_path, read_vfa).key == "vfa_kind"
    assert read_vfa(tmp_path, choice=Choice(like="water")).signal.max() == 4
    assert read_vfa(tmp_path, choice=Choice(kind="fat")).signal.max() == 5
    told = read_vfa(tmp_path, choice=Choice(kind="fat", like="water")).warnings
    assert any("T1 is of fat images" in text for text in told)


def test_an_inversion_series_is_no_set_of_flip_angles(tmp_path):
    for number, flip in enumerate(FLIPS):
        write_frames(tmp_path, [0], series=20 + number, FlipAngle=flip, ScanningSequence="SE")
    with pytest.raises(InputError, match="spin echo images"):
        read_vfa(tmp_path)
