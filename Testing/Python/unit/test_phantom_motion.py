"""The virtual patient moves during the dynamic series as `motion.csv` says."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoStudyLib.phantom.grids import ijk_to_ras, positions_ras_mm
from HER2ImmunoStudyLib.phantom.motion import MOTIONS, motion_of, moved
from HER2ImmunoStudyLib.phantom.presets import HUMAN, MOUSE, Grid
from HER2ImmunoStudyLib.phantom.rigid import rigid_about
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from pydicom import dcmread
from test_phantom_writer import TINY

MOVING = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    mr=replace(HUMAN.mr, frames=44, frame_s=2.0),
)


def test_a_jump_is_three_millimetres_after_frame_20():
    motion = motion_of(MOVING, 0, "baseline", "jump")
    assert not motion.shift_mm[:20].any()
    assert not motion.turn_deg[:20].any()
    np.testing.assert_allclose(np.linalg.norm(motion.shift_mm[20:], axis=1), 3.0)
    np.testing.assert_allclose(np.linalg.norm(motion.turn_deg[20:], axis=1), 1.0)


def test_a_drift_is_even_and_two_millimetres_long():
    motion = motion_of(MOVING, 0, "baseline", "drift")
    steps = np.diff(motion.shift_mm, axis=0)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[0], steps.shape), atol=1e-12)
    assert np.linalg.norm(motion.shift_mm[-1]) == pytest.approx(2.0)


def test_a_breath_goes_to_the_front_and_comes_back():
    motion = motion_of(MOVING, 0, "baseline", "breathing")
    assert not motion.shift_mm[:, 0].any()
    assert not motion.turn_deg.any()
    assert motion.shift_mm.min() >= 0
    assert 1.5 < motion.shift_mm[:, 1].max() <= 2.0
    assert np.count_nonzero(np.diff(np.sign(np.diff(motion.shift_mm[:, 1])))) > 8


def test_jump_and_drift_add_up():
    both = motion_of(MOVING, 0, "baseline", "jump+drift")
    jump = motion_of(MOVING, 0, "baseline", "jump")
    rest = both.shift_mm - jump.shift_mm
    np.testing.assert_allclose(np.linalg.norm(rest[-1]), 2.0)
    np.testing.assert_allclose(np.diff(rest, axis=0), np.broadcast_to(rest[1], (43, 3)), atol=1e-12)


def test_a_mouse_moves_at_its_own_size_and_each_visit_differently():
    mouse = replace(MOUSE, mr=replace(MOUSE.mr, frames=44))
    shifts = [motion_of(mouse, 0, visit, "jump").shift_mm[-1] for visit in ("baseline", "day_7")]
    np.testing.assert_allclose(np.linalg.norm(shifts, axis=1), 3.0 * 0.16)
    assert np.linalg.norm(shifts[0] - shifts[1]) > 0.01


@pytest.mark.parametrize("orientation", ["axial", "sagittal", "oblique"])
def test_a_smooth_image_moves_as_its_formula_does(orientation):
    preset = replace(
        HUMAN,
        mr_grid=Grid((16, 32, 32), (2.5, 2.5, 4.0), (-75.0, 58.0, 21.0), orientation),
        mr=replace(HUMAN.mr, frames=6),
    )
    position = positions_ras_mm(preset.mr_grid)
    motion = motion_of(preset, 2, "baseline", "jump+drift")

    def blob(points):
        offset = points - np.array([-71.0, 60.0, 24.0])
        return np.exp(-(offset**2 / (2 * np.array([7.0, 8.0, 10.0]) ** 2)).sum(axis=-1))

    still = np.repeat(blob(position)[..., None], 6, axis=-1)
    coil = 1.0 + 0.01 * (position[..., 1] - 58.0)
    found = moved(still * coil[..., None], coil, ijk_to_ras(preset.mr_grid), motion)
    for frame in range(6):
        back = np.linalg.inv(motion.frame(frame))
        expected = coil * blob(position @ back[:3, :3].T + back[:3, 3])
        np.testing.assert_allclose(found[..., frame], expected, atol=6e-3)
    assert np.abs(found[..., 5] - found[..., 0]).max() > 0.2


TUMOUR_ALONE = replace(
    MOVING,
    tissues={
        name: tissue if name in ("rim", "bulk", "necrosis") else replace(tissue, density=0.0)
        for name, tissue in MOVING.tissues.items()
    },
)


def written(folder, preset, motion=None):
    return write_virtual_patient(folder, preset=preset, seed=1, visits=[0], motion=motion).parent / "baseline"


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    return written(tmp_path_factory.mktemp("phantom") / "p", MOVING, "jump")


def frames(visit):
    files = sorted((visit / "MR" / "dynamic").glob("*.dcm"))
    stored = np.stack([dcmread(path).pixel_array for path in files]).astype(float)
    return stored.reshape(-1, *MOVING.mr_grid.shape)


def table(visit):
    with (visit.parent / "truth" / visit.name / "motion.csv").open(encoding="utf-8", newline="") as stream:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(stream)]


def test_the_table_says_where_the_tumour_is_in_each_frame(tmp_path):
    """A tumour that is alone in the image has its centre of mass where the table takes it."""
    still, moving = (written(tmp_path / name, TUMOUR_ALONE, motion) for name, motion in (("s", None), ("m", "jump")))
    rows, position = table(moving), positions_ras_mm(MOVING.mr_grid)
    assert [row["frame"] for row in rows] == list(range(1, 45))
    assert [row["time_s"] for row in rows] == list(np.arange(44) * 2.0)
    coil = 1.0 + 0.3 * (position[..., 1] - 58.0) / 128.0
    before, after = (frames(visit) / coil for visit in (still, moving))
    for frame in (5, 19, 20, 30, 43):
        middles = [
            (images[frame][..., None] * position).sum(axis=(0, 1, 2)) / images[frame].sum()
            for images in (before, after)
        ]
        values = np.array(list(rows[frame].values()))[2:]
        motion = rigid_about(values[6:9], values[0:3], values[3:6])
        np.testing.assert_allclose(middles[1], motion[:3, :3] @ middles[0] + motion[:3, 3], atol=0.15)


def test_frames_before_the_jump_are_those_of_the_still_series(patient, tmp_path):
    still = written(tmp_path / "p", MOVING)
    before, after = frames(patient), frames(still)
    ratio = before[:20].max() / after[:20].max()
    np.testing.assert_allclose(before[:20], ratio * after[:20], atol=1.1)
    assert np.abs(before[20:] - ratio * after[20:]).max() > 1000
    assert (patient / "masks" / "tumour.nrrd").read_bytes() == (still / "masks" / "tumour.nrrd").read_bytes()


@pytest.mark.parametrize("name", MOTIONS)
def test_every_motion_can_be_written(tmp_path, name):
    visit = write_virtual_patient(tmp_path / "p", preset=TINY, visits=[0], motion=name).parent / "baseline"
    assert len(table(visit)) == TINY.mr.frames


def test_a_motion_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(InputError, match="'sneeze'; choose one of jump, drift"):
        write_virtual_patient(tmp_path / "p", preset=TINY, motion="sneeze")
    assert list(tmp_path.iterdir()) == []


def test_cancel_while_moving_leaves_nothing(tmp_path):
    def report(fraction, text):
        if text == "Moving the patient":
            raise Cancelled

    with pytest.raises(Cancelled):
        write_virtual_patient(tmp_path / "p", preset=TINY, visits=[0], motion="drift", report=report)
    assert list(tmp_path.iterdir()) == []
