"""A body that moves as is known is put back; one that lies still is left alone."""

import csv
from argparse import ArgumentParser

import numpy as np
import pytest
from dce_dicom import write_image
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoStudyLib.cli import dce
from QuantDCELib import concentration_from_signal, fit_model, population_aif
from QuantDCELib.motion import (
    MotionSettings,
    correct_motion,
    correction_words,
    rows,
    said,
    shift_chart,
    turn_chart,
)
from scipy.spatial.transform import Rotation

SHAPE, FRAMES, STEP_S, ARRIVAL_S = (13, 28, 28), 8, 9.0, 25.0
TO_RAS = np.array([[-4.0, 0, 0, 54], [0, -4.0, 0, 54], [0, 0, 5.0, -30], [0, 0, 0, 1]])
JUMP_AFTER, JUMP_MM, TURN_DEG, DRIFT_MM = 4, np.array([1.6, -2.0, 1.5]), np.array([1.0, 0.5, -1.0]), (-1.2, 1.2, 1.0)


def places():
    k, j, i = np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij")
    return np.stack([i, j, k], axis=-1) @ TO_RAS[:3, :3].T + TO_RAS[:3, 3]


def blobs(points, kind):
    """A smooth body: an ellipsoid of fat with gland, some of it enhancing; each part has a soft edge of about 3 mm."""
    random = np.random.default_rng(3)
    total = np.zeros(points.shape[:-1])
    for n in range(28):
        middle = random.uniform(-30, 30, 3) * (1.0, 1.0, 0.65)
        radius = random.uniform(5, 11)
        inside = 0.5 * (1.0 - np.tanh((np.linalg.norm(points - middle, axis=-1) - radius) / 3.0))
        weight = random.uniform(0.3, 1.2)
        total += inside * (weight if kind == "tissue" else weight * (n % 4 == 0))
    body = 0.5 * (1.0 - np.tanh((np.linalg.norm(points / (1.0, 1.0, 0.75), axis=-1) - 42) / 3.0))
    return body * (0.6 + total) if kind == "tissue" else body * total


def motion_of(frame, sign=1.0):
    """Points of the first frame to those of another, as a matrix."""
    matrix = np.eye(4)
    if frame > JUMP_AFTER:
        matrix[:3, :3] = Rotation.from_rotvec(np.deg2rad(sign * TURN_DEG)).as_matrix()
        matrix[:3, 3] = sign * JUMP_MM
    matrix[:3, 3] += sign * np.array(DRIFT_MM) * frame / (FRAMES - 1)
    return matrix


def course(time_s):
    """How much agent there is."""
    since = max(time_s - ARRIVAL_S, 0.0)
    return (1.0 - np.exp(-since / 15.0)) * np.exp(-since / 300.0)


def series(motion=None, noise=0.015, seed=0):
    time_s, random = STEP_S * np.arange(FRAMES), np.random.default_rng(seed)
    frames = []
    for n in range(FRAMES):
        back = np.linalg.inv(np.eye(4) if motion is None else motion(n))
        at = places() @ back[:3, :3].T + back[:3, 3]
        signal = blobs(at, "tissue") + 1.2 * course(time_s[n]) * blobs(at, "agent")
        frames.append(np.hypot(signal + noise * random.standard_normal(SHAPE), noise * random.standard_normal(SHAPE)))
    return TimeSeries(1000.0 * np.stack(frames, axis=-1).astype(np.float32), TO_RAS, time_s)


@pytest.fixture(scope="module")
def still():
    return series()


@pytest.fixture(scope="module")
def moving():
    return series(motion_of, seed=1)


@pytest.fixture(scope="module")
def rigid(moving):
    return correct_motion(moving, MotionSettings(rounds=3))


@pytest.fixture(scope="module")
def at_rest(still):
    return correct_motion(still, MotionSettings(rounds=3))


@pytest.fixture(scope="module")
def few(moving):
    """Frames on both sides of the jump."""
    some = [0, 1, 2, 4, 5, 6]
    return TimeSeries(moving.array[..., some], TO_RAS, moving.time_s[some])


@pytest.fixture(scope="module")
def of_few(few):
    return correct_motion(few, MotionSettings(rounds=2))


def inner_points():
    return np.random.default_rng(5).uniform(-25, 25, (200, 3)) * (1, 1, 0.6)


def errors_mm(result, motion):
    """Mean distance, in each frame, from where points really are."""
    points = inner_points()
    true = [points @ motion(n)[:3, :3].T + motion(n)[:3, 3] for n in range(FRAMES)]
    pairs = zip(result.transforms, true, strict=True)
    return np.array([np.linalg.norm(found.at(points) - at, axis=1).mean() for found, at in pairs])


def test_the_motion_that_was_made_is_found(rigid):
    assert errors_mm(rigid, motion_of).max() < 0.5
    true_mm = [np.linalg.norm(motion_of(n)[:3, 3]) for n in range(FRAMES)]
    np.testing.assert_allclose(rigid.curve.mean_mm, true_mm, atol=0.6)
    assert rigid.curve.mean_mm[-1] > 2.0


def test_the_jump_is_named(rigid):
    assert [jump.frame for jump in rigid.jumps] == [JUMP_AFTER + 1]
    assert rigid.jumps[0].length_mm == pytest.approx(3.0, abs=0.5)
    named = f"before frame {JUMP_AFTER + 2} ({STEP_S * (JUMP_AFTER + 1):.0f} s)"
    assert any(named in line for line in said(rigid.curve, rigid.jumps))
    assert [row[0] for row in rows(rigid.curve, rigid.jumps) if row[-1]] == [JUMP_AFTER + 2]


def test_the_frames_are_put_back(rigid, moving, still):
    inside = np.linalg.norm(places(), axis=-1) < 30
    clean = series(noise=0.0).array[inside]
    before, after = (np.abs(each.array[inside] - clean)[:, -1].mean() for each in (moving, rigid.corrected))
    assert after < 0.3 * before


def ktrans(given):
    """Of the soft-edged lesions, as a mean in 1/min, from signal to fit."""
    lesions = (blobs(places(), "agent") > 0.5) & (np.linalg.norm(places(), axis=-1) < 30)
    concentration = concentration_from_signal(
        given.array[lesions], tr_s=0.005, flip_deg=20.0, t10_s=1.4, r1_per_mM_s=4.5, baseline=slice(0, 3)
    ).concentration_mM
    fine_s = np.arange(0.0, STEP_S * FRAMES, 0.5)
    plasma = population_aif("parker", fine_s, arrival_s=ARRIVAL_S)
    found = fit_model("tofts", given.time_s, concentration, plasma, aif_time_s=fine_s).parameters["Ktrans"]
    assert np.isfinite(found).mean() > 0.98
    return np.nanmean(found)


def test_ktrans_is_off_by_motion_and_right_after_it(still, moving, rigid, at_rest):
    true = ktrans(still)
    assert abs(ktrans(at_rest.corrected) / true - 1.0) <= 0.002
    assert abs(ktrans(moving) / true - 1.0) >= 0.10
    assert abs(ktrans(rigid.corrected) / true - 1.0) <= 0.02


def test_a_still_series_is_the_same_to_the_bit(still, at_rest):
    assert not at_rest.changed
    assert at_rest.corrected is still
    assert at_rest.jumps == ()
    assert "none was changed" in said(at_rest.curve, at_rest.jumps)[0]
    assert "none was found" in correction_words(at_rest)


def test_frames_before_a_jump_are_left_as_they_are():
    def jump(frame):
        return motion_of(FRAMES - 1) if frame > JUMP_AFTER else np.eye(4)

    given = series(jump, seed=2)
    result = correct_motion(given, MotionSettings(rounds=2))
    left = ~result.curve.corrected
    assert left[:3].all()
    assert result.curve.corrected[JUMP_AFTER + 1 :].all()
    np.testing.assert_array_equal(result.corrected.array[..., left], given.array[..., left])


def test_the_same_series_gives_the_same_motion(few, of_few):
    again = correct_motion(few, MotionSettings(rounds=2))
    np.testing.assert_array_equal(again.corrected.array, of_few.corrected.array)
    assert again.changed


def test_a_spline_follows_what_bends():
    def bent(points, frame):
        size = 2.5 * (frame > JUMP_AFTER)
        return points + size * np.stack(
            [np.zeros(points.shape[:-1]), np.sin(points[..., 0] / 20.0), np.zeros(points.shape[:-1])], axis=-1
        )

    some, random, images = (0, 2, 4, 5, 7), np.random.default_rng(0), []
    for n in some:
        at = bent(places(), n)  # a frame shows at x the tissue of bent(x)
        signal = blobs(at, "tissue") + 1.2 * course(STEP_S * n) * blobs(at, "agent")
        images.append(1000.0 * np.hypot(signal + 0.01 * random.standard_normal(SHAPE), 0.01))
    given = TimeSeries(np.stack(images, axis=-1).astype(np.float32), TO_RAS, STEP_S * np.array(some))
    points = inner_points()
    missed = {}
    for kind in ("rigid", "bspline"):
        found = correct_motion(given, MotionSettings(kind=kind, rounds=2)).transforms[-1].at(points)
        missed[kind] = np.linalg.norm(bent(found, some[-1]) - points, axis=1).mean()
    assert missed["bspline"] < 0.6
    assert missed["bspline"] < 0.5 * missed["rigid"]


def test_what_is_beyond_a_frame_has_no_value(moving, rigid):
    assert np.isfinite(moving.array).all()
    lost = np.isnan(rigid.corrected.array[..., -1])
    assert lost.any()
    assert lost.mean() < 0.25
    assert not np.isnan(rigid.corrected.array[..., 0]).any()


def test_a_voxel_that_is_not_finite_stays_so_and_spoils_little(few, of_few):
    array = few.array.copy()
    array[6, 14, 14, -1] = np.nan
    result = correct_motion(TimeSeries(array, TO_RAS, few.time_s), MotionSettings(rounds=2))
    more = np.isnan(result.corrected.array[..., -1]) & ~np.isnan(of_few.corrected.array[..., -1])
    assert 1 <= more.sum() <= 64


@pytest.mark.parametrize("text", ["Looking", "Reading", "Finding", "Motion, round", "Putting"])
def test_cancel_stops_at_every_stage(few, text):
    def report(fraction, said_now):
        assert 0.0 <= fraction <= 1.0
        if said_now.startswith(text):
            raise Cancelled

    with pytest.raises(Cancelled):
        correct_motion(few, MotionSettings(rounds=2), report=report)


def test_series_that_cannot_be_corrected(still):
    with pytest.raises(InputError, match="one frame only"):
        correct_motion(TimeSeries(still.array[..., :1], TO_RAS, still.time_s[:1]))
    with pytest.raises(InputError, match="same everywhere"):
        correct_motion(TimeSeries(np.zeros_like(still.array), TO_RAS, still.time_s))
    with pytest.raises(InputError, match="mask"):
        correct_motion(still, mask=Volume(np.zeros(SHAPE, bool), TO_RAS))
    small = np.zeros(SHAPE, bool)
    small[6, 13:15, 13:15] = True
    with pytest.raises(InputError, match="larger region"):
        correct_motion(still, mask=Volume(small, TO_RAS))


@pytest.mark.parametrize(
    "wrong", [{"kind": "affine"}, {"rounds": 1}, {"control_mm": 1.0}, {"baseline": (3, 3)}, {"control_mm": np.nan}]
)
def test_settings_that_cannot_be(wrong):
    with pytest.raises(InputError):
        MotionSettings(**wrong)


def test_the_charts_show_the_curve_and_name_the_jump(rigid):
    shifts, turns = shift_chart(rigid.curve, rigid.jumps), turn_chart(rigid.curve, rigid.jumps)
    assert "(mm)" in shifts.y_label
    assert "(degrees)" in turns.y_label
    for chart in (shifts, turns):
        assert any(item.label == f"jump before frame {JUMP_AFTER + 2}" for item in chart.items)


def test_the_command_corrects_and_says_so(moving, tmp_path):
    for t in range(6):
        for k, image in enumerate(moving.array[..., t].astype(np.uint16)):
            tags = {"Rows": 28, "Columns": 28, "PixelSpacing": [4, 4], "ImagePositionPatient": [-54, -54, -30 + 5 * k]}
            write_image(tmp_path / "dicom", k, t, **tags, PixelData=image.tobytes())
    words = [tmp_path / "dicom", "--semi-quantitative", "--out", tmp_path / "maps", "--motion", "rigid"]
    found = dce.run(dce.read(parsed(*words)), lambda fraction, text: None)
    assert found["motion"]["kind"] == "rigid"
    assert [jump["frame"] for jump in found["motion"]["jumps"]] == [JUMP_AFTER + 2]
    assert found["series_used"].startswith("corrected for motion (as one piece")
    assert any(line.startswith("Series used: corrected for motion") for line in found["text"])
    with (tmp_path / "maps" / "motion.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert [int(row["frame"]) for row in table] == list(range(1, 7))
    assert [int(row["frame"]) for row in table if int(row["jump"])] == [JUMP_AFTER + 2]
    assert "corrected for motion" in (tmp_path / "maps" / "PE.nrrd.json").read_text(encoding="utf-8")
    again = dce.read(parsed("--settings", tmp_path / "maps" / "settings.json", "--out", tmp_path / "again"))
    assert again.inputs.motion == "rigid"
    off = dce.read(parsed("--settings", tmp_path / "maps" / "settings.json", "--motion", "none", "--dry-run"))
    assert off.inputs.motion is None


def test_a_motion_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(InputError, match="--motion sneeze"):
        dce.read(parsed(tmp_path, "--motion", "sneeze", "--dry-run"))


def parsed(*words):
    parser = ArgumentParser()
    dce.add_arguments(parser)
    return parser.parse_args([str(word) for word in words])
