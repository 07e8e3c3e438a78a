"""When a frame was: tags are compared, one that was scrubbed hides no other, and a scan may end within a frame."""

import numpy as np
import pytest
from dce_dicom import N_FRAMES, N_SLICES, START_S, STEP_S, clock, expected, write_frames, write_image
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from QuantDCELib import read_dynamic, with_times

TRUE_S = STEP_S * np.arange(N_FRAMES)
CONTENT, POSITION = "ContentTime", "TemporalPositionIdentifier x TemporalResolution"
PHILIPS_BEGIN = "philips_A0"


def every(step_s, start_s=START_S):
    return lambda k, t: clock(start_s + step_s * t)


def position(resolution_ms):
    return {"TemporalPositionIdentifier": lambda k, t: t + 1, "TemporalResolution": resolution_ms}


def constant(tag="AcquisitionTime"):
    return {tag: clock(START_S)}


@pytest.mark.parametrize(
    ("rule", "tags"),
    [
        # ContentTime is that of reconstruction, slower or faster than the scan.
        (POSITION, {**constant(), CONTENT: every(0.7, START_S + 200), **position(1000 * STEP_S)}),
        (POSITION, {**constant(), CONTENT: every(60), **position(1000 * STEP_S)}),
        ("TriggerTime", {**constant(), CONTENT: every(0.7), "TriggerTime": lambda k, t: 1000 * STEP_S * t}),
        ("dynamic begin time (2005,xxA0)", {**constant(), CONTENT: every(0.7), PHILIPS_BEGIN: lambda k, t: STEP_S * t}),
        # A tag that is constant or scrubbed hides none that is intact.
        ("AcquisitionTime", {"AcquisitionDateTime": "20240304000000"}),
        ("AcquisitionTime", {"AcquisitionDate": lambda k, t: "19000101" if t else "20240304"}),
        ("AcquisitionTime", {"TriggerTime": 0}),
        (CONTENT, {**constant(), CONTENT: every(STEP_S)}),
        (CONTENT, {"AcquisitionTime": "000000"}),
        (CONTENT, {"AcquisitionTime": None}),
        # Midnight, in whatever tag.
        ("AcquisitionTime", {"AcquisitionTime": every(STEP_S, 86385)}),
        (CONTENT, {**constant(), CONTENT: every(STEP_S, 86385)}),
        # Agreeing tags.
        ("AcquisitionTime", {**position(1000 * STEP_S)}),
        ("AcquisitionTime", {"AcquisitionDuration": STEP_S * N_FRAMES}),
    ],
)
def test_the_times_are_those_of_the_scan(tmp_path, rule, tags):
    images = read_dynamic(write_frames(tmp_path, **tags))
    assert images.time_axis.rule == rule
    np.testing.assert_allclose(images.series.time_s, TRUE_S, atol=1e-6)
    np.testing.assert_array_equal(images.series.array[:, 0, 0, :], expected())


@pytest.mark.parametrize("scan", [{"AcquisitionTime": None}, {"AcquisitionTime": "000000"}, constant()])
def test_content_time_alone_is_told(tmp_path, scan):
    images = read_dynamic(write_frames(tmp_path, **scan))
    assert any("ContentTime was taken, which may be that of reconstruction" in text for text in images.warnings)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({**constant(), CONTENT: every(0.7, START_S + 200)}, ("ContentTime", "200 s before")),
        (
            {**constant(), CONTENT: every(0.7), "TemporalResolution": 1000 * STEP_S},
            ("0.7 s", "TemporalResolution gives 10 s"),
        ),
        ({**constant(), CONTENT: every(0.7), "AcquisitionDuration": 60.0}, ("0.7 s", "AcquisitionDuration")),
        (position(2000.0), ("AcquisitionTime puts the frames 10 s apart", "gives 2 s")),
        (
            {"TriggerTime": lambda k, t: 800.0 * t},
            ("TriggerTime puts the frames 0.8 s apart", "AcquisitionTime gives 10 s"),
        ),
        ({**constant(), PHILIPS_BEGIN: lambda k, t: 4.0 * t, **position(9000.0)}, ("4 s apart", "gives 9 s")),
    ],
)
def test_tags_that_disagree_are_asked(tmp_path, tags, words):
    folder = write_frames(tmp_path, **tags)
    with pytest.raises(QuestionsError) as caught:
        read_dynamic(folder)
    assert caught.value.questions[0].key == "frame_interval_s"
    assert all(word in str(caught.value) for word in words)
    answered = read_dynamic(folder, frame_interval_s=STEP_S)
    np.testing.assert_allclose(answered.series.time_s, TRUE_S)
    np.testing.assert_array_equal(answered.series.array[:, 0, 0, :], expected())


def test_two_tags_against_one_are_believed_and_told(tmp_path):
    trigger = {"TriggerTime": lambda k, t: 1000 * STEP_S * t}
    images = read_dynamic(write_frames(tmp_path, **trigger, TemporalResolution=3000.0, AcquisitionDuration=60.0))
    np.testing.assert_allclose(images.series.time_s, TRUE_S)
    assert any("TemporalResolution gives 3 s" in text for text in images.warnings)


def test_pauses_between_frames_are_no_contradiction(tmp_path):
    starts = np.array([0, 60, 70, 80, 90, 100.0])
    tags = {"AcquisitionTime": lambda k, t: clock(START_S + starts[t]), **position(1000 * STEP_S)}
    images = read_dynamic(write_frames(tmp_path, **tags))
    np.testing.assert_allclose(images.series.time_s, starts)


def test_times_given_by_hand_go_before_the_headers(tmp_path):
    folder = write_frames(tmp_path)
    np.testing.assert_allclose(read_dynamic(folder, frame_interval_s=4.0).series.time_s, 4.0 * np.arange(N_FRAMES))
    images = with_times(read_dynamic(folder), [0, 1, 2, 3, 4, 9])
    assert images.series.time_s[-1] == 9
    for wrong in ([0, 1, 2, 3, 4, np.nan], [0, 1, 2, 3, 4, 1e9], [0, 1, 2, 3, 4, 4]):
        with pytest.raises(InputError):
            with_times(images, wrong)
    with pytest.raises(InputError, match="hours"):
        read_dynamic(folder, frame_interval_s=1e9)


@pytest.mark.parametrize(
    "tags",
    [
        {"AcquisitionDate": lambda k, t: "20340304" if t == 5 else "20240304", "AcquisitionTime": every(0.0)},
        {"AcquisitionTime": None, "ContentTime": None, "TriggerTime": lambda k, t: 3e11 if t == 5 else 1e4 * t},
        {
            "AcquisitionTime": None,
            "ContentTime": None,
            "TemporalPositionIdentifier": lambda k, t: 10**8 if t == 5 else t,
            "TemporalResolution": 4000.0,
        },
    ],
)
def test_a_frame_years_late_is_refused(tmp_path, tags):
    tags = {"ContentTime": None, **tags}
    with pytest.raises(InputError, match=r"hours after the frame before it|no usable time"):
        read_dynamic(write_frames(tmp_path, **tags))


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
@pytest.mark.parametrize("bad", ["", "9x:00", "000000", "235959"])
def test_one_malformed_time_is_restored(tmp_path, bad):
    """Also where ContentTime, that of reconstruction, is whole."""
    frames = {"AcquisitionTime": lambda k, t: bad if t == 3 else clock(START_S + STEP_S * t), CONTENT: every(0.7)}
    images = read_dynamic(write_frames(tmp_path, **frames))
    np.testing.assert_allclose(images.series.time_s, TRUE_S)
    assert any("1 of 6 frames" in text for text in images.warnings)


LAST = {
    "each frame has its time": {},
    "each slice has its time": {"AcquisitionTime": lambda k, t: clock(START_S + STEP_S * t + 3.0 * k)},
    "midnight": {"AcquisitionTime": every(STEP_S, 86385)},
    "the frame is numbered": {**constant(), CONTENT: clock(START_S), **position(1000 * STEP_S)},
}


@pytest.mark.parametrize("tags", LAST.values(), ids=LAST)
@pytest.mark.parametrize("lost", [(1,), (0, 2)])
def test_a_scan_that_ended_within_its_last_frame(tmp_path, tags, lost):
    for t in range(N_FRAMES):
        for k in range(N_SLICES):
            if (t, k) not in [(N_FRAMES - 1, slice_) for slice_ in lost]:
                write_image(tmp_path, k, t, **{n: tag(k, t) if callable(tag) else tag for n, tag in tags.items()})
    images = read_dynamic(tmp_path)
    np.testing.assert_allclose(images.series.time_s, TRUE_S[:-1])
    np.testing.assert_array_equal(images.series.array[:, 0, 0, :], expected(N_FRAMES - 1))
    slices = " and ".join(str(k + 1) for k in lost).replace(" and ", ", ")
    told = next(text for text in images.warnings if "last frame (6)" in text)
    assert f"slice{'s' if len(lost) > 1 else ''} {slices}" in told
    assert "5 frames are used" in told


@pytest.mark.parametrize("hole", [0, 2])
@pytest.mark.parametrize("tags", [LAST["each frame has its time"], LAST["the frame is numbered"]])
def test_a_hole_elsewhere_is_refused(tmp_path, hole, tags):
    for t in range(N_FRAMES):
        for k in range(N_SLICES):
            if (t, k) != (hole, 1):
                write_image(tmp_path, k, t, **{n: tag(k, t) if callable(tag) else tag for n, tag in tags.items()})
    with pytest.raises(InputError, match=f"Slice 2 of frame {hole + 1} is missing"):
        read_dynamic(tmp_path)
