"""`her2immuno align`: what it writes is true of the images; what cannot be aligned is refused and leaves nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest
import small_breasts as small
import small_dicom
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import LPS_FROM_RAS, Volume, read_image, read_volume, same_grid, write_volume
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoCommonLib.registration import Transform, jacobian, read_transform, resample, write_transform
from HER2ImmunoStudyLib.cli import align as command
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.cli.parsing import parse

AXIAL = np.array([[-1, 0, 0], [0, -1, 0], [0, 0, 1.0]])
FIXED = small.grid((3.5, 3.5, 4.0))
MOVING = small.grid((3.5, 3.5, 4.0), AXIAL, (125.0, 150.0, 130.0))
WAY = small.motion()
RESULTS = ("transform.h5", "aligned.nrrd", "jacobian.nrrd", "alignment.png")


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    """Files of two visits: the breast moved, its tumour smaller at the second."""
    folder = tmp_path_factory.mktemp("visits")
    write_volume(small.visit(FIXED, noise=1.0), folder / "one.nrrd")
    write_volume(small.visit(MOVING, WAY, noise=1.0, gain=2.0, seed=1, tumour_mm=7.0), folder / "two.nii.gz")
    write_volume(small.tumour(FIXED), folder / "tumour_one.nrrd")
    write_volume(small.tumour(MOVING, WAY, mm=7.0), folder / "tumour_two.nrrd")
    write_volume(FIXED.like(small.inside(FIXED)), folder / "breast.nrrd")
    write_volume(FIXED.like(np.zeros(FIXED.array.shape, np.uint8)), folder / "empty.nrrd")
    places = np.array([[60.0, 10, 0], [80, -20, 20], [70, 0, -30]])
    rows = np.hstack([places, WAY.inverse(FIXED).at(places)])
    names = [f"{visit}_{axis}_mm" for visit in ("fixed", "moving") for axis in "ras"]
    lines = [",".join(names), *(",".join(f"{value:.4f}" for value in row) for row in rows)]
    (folder / "landmarks.csv").write_text("\n".join(lines) + "\n")
    return folder


def run(visits, out, *words, fixed="one.nrrd", moving="two.nii.gz"):
    told = out.parent / "told.json"
    named = [str(visits / word) if (visits / word).exists() else word for word in words]
    images = [str(visits / fixed), str(visits / moving)]
    code = main(["align", *images, *named, "--out", str(out), "--json", str(told), "--quiet"])
    return code, json.loads(told.read_text())


@pytest.fixture(scope="module")
def aligned(visits, tmp_path_factory):
    out = tmp_path_factory.mktemp("aligned") / "out"
    masks = ("--tumour-fixed", "tumour_one.nrrd", "--tumour-moving", "tumour_two.nrrd")
    code, told = run(visits, out, *masks, "--mask-fixed", "breast.nrrd", "--landmarks", "landmarks.csv")
    assert code == 0
    return out, told


def test_the_transform_maps_points_of_the_fixed_visit_to_the_moving_one(aligned):
    found = read_transform(aligned[0] / "transform.h5")
    error = small.error_mm(found, WAY, FIXED, small.inside(FIXED))
    assert error.mean() < 1.0


def test_the_files_are_of_the_same_transform(aligned, visits):
    out, _ = aligned
    fixed, transform = read_volume(visits / "one.nrrd"), read_transform(out / "transform.h5")
    image, volumes = read_volume(out / "aligned.nrrd"), read_volume(out / "jacobian.nrrd")
    assert same_grid(image, fixed)
    assert same_grid(volumes, fixed)
    expected = resample(read_volume(visits / "two.nii.gz"), fixed, transform).array
    np.testing.assert_allclose(image.array, expected, rtol=1e-3, atol=0.1)
    np.testing.assert_allclose(volumes.array, jacobian(transform, fixed).array, atol=1e-4)


def test_the_summary_has_every_figure(aligned):
    _, told = aligned
    assert told["metric_after"] >= told["metric_rigid"] - 0.01 > told["metric_before"] + 0.2
    assert told["landmarks"] == 3
    assert told["landmark_error_mm"] < 1.0 < 5.0 < told["landmark_before_mm"]
    assert 0.3 < told["jacobian_min"] <= 1.0 <= told["jacobian_max"]
    assert abs(told["tumour_volume_change"]) < 1e-3
    assert told["overlap"] > 0.9
    assert told["seconds"] > 0
    assert told["kind"] == "deformable"
    assert told["images"]["fixed"] == {"file": "one.nrrd", "tumour": "tumour_one.nrrd", "breast": "breast.nrrd"}


def test_each_file_has_its_record_and_the_picture_is_one(aligned):
    out, told = aligned
    assert {path.name for path in out.iterdir()} == {*RESULTS, *(f"{name}.json" for name in RESULTS)}
    assert sorted(told["files"].values()) == sorted(str(out / name) for name in RESULTS)
    record = json.loads((out / "transform.h5.json").read_text())
    assert record["settings"]["kind"] == "deformable"
    assert record["inputs"]["landmarks"] == "landmarks.csv"
    picture = read_image(out / "alignment.png")
    assert picture.GetNumberOfComponentsPerPixel() == 3
    assert min(picture.GetSize()) > 900


def test_rigid_alone_is_a_motion_and_replaces_the_earlier_result(visits, tmp_path):
    out = tmp_path / "out"
    code, told = run(visits, out, "--rigid", "--tumour-moving", "tumour_two.nrrd")
    assert (code, told["kind"], told["tumours"]) == (0, "rigid", ["moving"])
    matrix = read_transform(out / "transform.h5").matrix
    np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-6)
    assert told["jacobian_min"] == pytest.approx(1.0, abs=1e-4)
    (out / "mine.txt").write_text("mine")
    (out / "alignment.png").write_bytes(b"drawn on")
    code, told = run(visits, out, "--rigid")
    assert code == 2
    assert "alignment.png" in told["error"]
    assert (out / "alignment.png").read_bytes() == b"drawn on"


def shifted(path, mm, out):
    volume = read_volume(path)
    matrix = volume.ijk_to_ras.copy()
    matrix[:3, 3] += mm
    return write_volume(Volume(volume.array, matrix), out)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--tumour-fixed", "empty.nrrd"), "empty.nrrd is empty"),
        (("--tumour-moving", "away.nrrd"), "does not overlap the image"),
        (("--mask-fixed", "empty.nrrd"), "empty.nrrd is empty"),
        (("--landmarks", "one.nrrd"), "one.nrrd"),
        (("--landmarks", "half.csv"), "moving_r_mm"),
        (("--initial", "none.h5"), "none.h5 does not exist"),
        (("--initial", "one.nrrd"), "no transform file"),
        (("--initial", "far.h5"), "leads the fixed image away from the moving one"),
        (("--set", "colour=red"), "no question of an alignment"),
        (("--set", "later:series=2"), "the visits are fixed, moving"),
        (("--set", "frame_interval_s=soon"), "seconds above 0"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(visits, tmp_path, words, sentence):
    shifted(visits / "tumour_two.nrrd", (0.0, 0.0, 900.0), visits / "away.nrrd")
    (visits / "half.csv").write_text("fixed_r_mm,fixed_a_mm,fixed_s_mm\n1,2,3\n")
    far = np.eye(4)
    far[:3, 3] = 500.0
    write_transform(Transform.from_matrix(far), visits / "far.h5")
    code, told = run(visits, tmp_path / "out", "--rigid", *words)
    assert (code, told["status"]) == (2, "error")
    assert sentence in told["error"]
    assert not (tmp_path / "out").exists()


def test_images_that_do_not_belong_together_are_refused(visits, tmp_path):
    shifted(visits / "one.nrrd", (-140.0, 0.0, 0.0), visits / "left.nrrd")
    shifted(visits / "one.nrrd", (0.0, 0.0, 700.0), visits / "head.nrrd")
    (visits / "notes.txt").write_text("words")
    for moving, sentence in (
        ("left.nrrd", "two breasts"),
        ("head.nrrd", "do not overlap"),
        ("missing.nrrd", "does not exist"),
        ("notes.txt", "could not be read"),
        ("", "holds no"),
    ):
        code, told = run(visits, tmp_path / "out", moving=moving or str(tmp_path))
        assert code == 2
        assert sentence in told["error"] or not moving
        assert not (tmp_path / "out").exists()


def test_a_question_names_the_visit_and_is_answered_for_it(visits, tmp_path):
    labels = FIXED.like(small.tumour(FIXED).array.astype(np.uint8) + 2 * (small.inside(FIXED)).astype(np.uint8))
    write_volume(labels, visits / "labels.nrrd")
    code, told = run(visits, tmp_path / "out", "--rigid", "--tumour-fixed", "labels.nrrd")
    assert (code, [one["key"] for one in told["questions"]]) == (3, ["tumour_segment"])
    assert "fixed" in told["questions"][0]["text"]
    words = ("--tumour-fixed", "labels.nrrd", "--set", "fixed:tumour_segment=3")
    assert run(visits, tmp_path / "out", "--rigid", *words)[0] == 0


def test_cancel_leaves_nothing_at_any_stage(visits, tmp_path):
    out = tmp_path / "out"
    words = ["align", str(visits / "one.nrrd"), str(visits / "two.nii.gz"), "--rigid", "--out", str(out)]
    settings = parse(words).read()
    for stop in (0.0, 0.25, 0.4, 0.9):

        def report(fraction, text, stop=stop):
            if fraction >= stop:
                raise Cancelled

        with pytest.raises(Cancelled):
            command.run(settings, report)
        assert not out.exists()


def write_dicom(folder, volume, **elements):
    """Slices of an axial volume, each a file."""
    folder.mkdir()
    stored = np.round(volume.array).astype(np.uint16)
    spacing_i, spacing_j, _ = volume.spacing_mm
    for k, pixels in enumerate(stored):
        place = (LPS_FROM_RAS @ volume.ijk_to_ras @ (0, 0, k, 1))[:3]
        elements |= {"ImagePositionPatient": place.tolist(), "PixelSpacing": [spacing_j, spacing_i]}
        small_dicom.write(folder / f"{k:03}.dcm", k, stored=pixels, **elements)


def test_folders_of_dicom_are_read_and_prone_against_supine_is_told(tmp_path):
    where = small.grid((4.0, 4.0, 5.0), AXIAL)
    way = small.motion((3.0, 2.0, -3.0), (0, 0, 0))
    one, two = small.visit(where, noise=0.5), small.visit(where, way, noise=0.5, seed=1)
    write_dicom(tmp_path / "one", one, PatientPosition="HFP")
    write_dicom(tmp_path / "two", two, PatientPosition="FFS", series="1.2.826.0.1.99", PatientID="Q")
    code, told = run(tmp_path, tmp_path / "out", "--rigid", fixed="one", moving="two")
    assert (code, told["status"]) == (0, "warn")
    assert any("prone" in text and "supine" in text for text in told["warnings"])
    assert any("two patients" in text for text in told["warnings"])
    found = read_transform(tmp_path / "out" / "transform.h5").matrix
    np.testing.assert_allclose(found[:3, 3], (-3.0, -2.0, 3.0), atol=0.7)
    assert "1.2.826.0.1.99" not in (tmp_path / "out" / "transform.h5.json").read_text()


def test_a_folder_without_anatomy_is_refused(tmp_path):
    small_dicom.write(tmp_path / "report.dcm", modality="SR")
    settings = parse(["align", str(tmp_path), str(tmp_path), "--out", str(tmp_path / "out")]).read()
    with pytest.raises(InputError, match="no MR, CT or PET series"):
        command.run(settings, lambda fraction, text: None)
