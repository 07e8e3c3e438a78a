"""Masks as programs write them: several labels and segments, layers, fractions, lost places, DICOM segmentations."""

import numpy as np
import pytest
import SimpleITK as sitk
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume, from_sitk, write_volume
from HER2ImmunoCommonLib.masks import place, read_mask, split_choice
from mask_files import GRID, LABELS, SHAPE, TUMOUR, VESSEL, box, inside, nrrd, saved


def test_one_label_is_taken_whatever_its_value_and_type(tmp_path):
    for value, kind in ((1, np.uint8), (255, np.uint8), (7, np.int16), (1, np.float32), (3, np.float64)):
        mask = read_mask(saved((TUMOUR * value).astype(kind), tmp_path / f"{value}.nrrd"))
        assert (inside(mask) == TUMOUR).all()
        assert mask.warnings == ()


@pytest.mark.parametrize("ending", ["nrrd", "nii.gz", "mha"])
def test_several_labels_are_asked_with_their_sizes_and_chosen_by_number(tmp_path, ending):
    path = saved(LABELS, tmp_path / f"both.{ending}")
    with pytest.raises(QuestionsError, match=r"2 labels: label 1 \(64 voxels\), label 2 \(12 voxels\)") as asked:
        read_mask(path)
    assert asked.value.questions[0].key == "tumour_segment"
    assert (inside(read_mask(f"{path}:2")) == VESSEL).all()
    assert (inside(read_mask(path, choice="1")) == TUMOUR).all()
    with pytest.raises(InputError, match=r"no segment '3'; choose one of label 1 \(64 voxels\)"):
        read_mask(f"{path}:3")


def test_segments_are_found_by_name_in_any_layer(tmp_path):
    layers = np.stack([TUMOUR, np.maximum(TUMOUR, VESSEL)])
    path = nrrd(tmp_path / "l.seg.nrrd", layers, [("mass", 1, 0), ("both: all", 1, 1)])
    with pytest.raises(QuestionsError, match=r"mass \(label 1, 64 voxels\), both: all \(label 1, 76 voxels\)"):
        read_mask(path)
    assert (inside(read_mask(f"{path}:MASS")) == TUMOUR).all()
    assert (inside(read_mask(f"{path}:both: all")) == layers[1]).all()
    with pytest.raises(InputError, match="several segments '1'"):
        read_mask(f"{path}:1")


def test_segments_of_older_files_have_a_layer_each(tmp_path):
    path = nrrd(tmp_path / "old.seg.nrrd", np.stack([TUMOUR, VESSEL]), [("a", None, None), ("b", None, None)])
    assert (inside(read_mask(f"{path}:b")) == VESSEL).all()


def test_a_label_that_no_segment_names_is_listed(tmp_path):
    path = nrrd(tmp_path / "m.seg.nrrd", LABELS, [("mass", 1, 0)])
    with pytest.raises(QuestionsError, match=r"mass \(label 1, 64 voxels\), label 2 \(12 voxels\)"):
        read_mask(path)


@pytest.mark.parametrize(
    ("region", "names", "taken"),
    [
        ("tumour", ("Tumor", "vessel"), 1),
        ("artery", ("Tumor", "Aorta"), 2),
        ("tumour", ("lesion", "muscle"), 1),
        ("tumour", ("tumour", "tumour necrosis"), None),
        ("tumour", ("peritumoural", "vessel"), None),
        ("artery", ("artery", "vessel wall"), None),
        ("muscle", ("left muscle", "tumour"), None),
        ("blood", ("blood", "blood vessel"), None),
    ],
)
def test_a_name_that_says_the_region_is_taken_and_told_where_no_other_is_like_it(tmp_path, region, names, taken):
    path = nrrd(tmp_path / "n.seg.nrrd", LABELS, [(names[0], 1, 0), (names[1], 2, 0)])
    if taken is None:
        with pytest.raises(QuestionsError, match=f"which of them is the {region}"):
            read_mask(path, region)
        return
    mask = read_mask(path, region)
    assert (mask.volume.array == (taken == LABELS)).all()
    assert "because of its name" in mask.warnings[0]


def test_the_only_segment_called_as_another_region_is_told(tmp_path):
    path = nrrd(tmp_path / "v.seg.nrrd", VESSEL, [("vessel", 1, 0)])
    assert "called vessel but was taken as the tumour" in read_mask(path).warnings[0]
    assert read_mask(path, "artery").warnings == ()


def test_a_name_with_a_colon_is_the_files_where_there_is_such_a_file(tmp_path):
    path = saved(TUMOUR, tmp_path / "day:2.nrrd")
    assert split_choice(path) == (path, "")
    assert split_choice(f"{path}:tumour") == (path, "tumour")
    assert split_choice(r"C:\masks\tumour.nrrd") == (type(path)(r"C:\masks\tumour.nrrd"), "")


def test_a_probability_map_is_asked_for_its_limit(tmp_path):
    chances = (0.9 * TUMOUR + 0.4 * VESSEL).astype(np.float32)
    path = saved(chances, tmp_path / "p.nrrd")
    with pytest.raises(QuestionsError, match="fractions between 0 and 1"):
        read_mask(path)
    assert (inside(read_mask(f"{path}:0.5")) == TUMOUR).all()
    assert (inside(read_mask(path, choice="0.3")) == (TUMOUR + VESSEL)).all()
    for wrong, word in (("0.95", "No voxel"), ("tumour", "probability map"), ("1", "probability map")):
        with pytest.raises(InputError, match=word):
            read_mask(f"{path}:{wrong}")


def test_nan_outside_the_region_is_outside_and_told(tmp_path):
    mask = read_mask(saved(np.where(TUMOUR, 1.0, np.nan).astype(np.float32), tmp_path / "nan.nrrd"))
    assert (inside(mask) == TUMOUR).all()
    assert "256 of 320 voxels" in mask.warnings[0]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (TUMOUR.astype(np.int16) - 1, "negative"),
        (np.arange(320, dtype=np.int16).reshape(SHAPE) * 3, "an image rather than a mask"),
        (np.linspace(0, 900.5, 320, dtype=np.float32).reshape(SHAPE), "no whole numbers"),
        (np.zeros(SHAPE, np.uint8), "empty; draw the tumour"),
        (TUMOUR[0], "has 2 dimensions"),
    ],
)
def test_what_is_no_mask_is_refused_as_what_it_is(tmp_path, array, words):
    path = tmp_path / "m.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(array), str(path))
    with pytest.raises(InputError, match=words):
        read_mask(path)


def test_colours_and_time_are_no_masks(tmp_path):
    colours = sitk.GetImageFromArray(np.stack([TUMOUR] * 3, -1), isVector=True)
    sitk.WriteImage(colours, str(tmp_path / "rgb.nrrd"))
    with pytest.raises(InputError, match="3 values a voxel"):
        read_mask(tmp_path / "rgb.nrrd")
    frames = sitk.GetImageFromArray(np.stack([TUMOUR] * 3), isVector=False)
    sitk.WriteImage(frames, str(tmp_path / "4d.nrrd"))
    with pytest.raises(InputError, match="has 4 dimensions"):
        read_mask(tmp_path / "4d.nrrd")


def test_a_mask_that_lost_its_place_is_refused_unless_the_images_have_none_either(tmp_path):
    bare = read_mask(nrrd(tmp_path / "bare.nrrd", TUMOUR, space=False))
    with pytest.raises(InputError, match="does not say where it lies"):
        place(bare, GRID, "tumour")
    sitk.WriteImage(sitk.GetImageFromArray(TUMOUR), str(tmp_path / "one.mha"))
    with pytest.raises(InputError, match="as large as the images"):
        place(read_mask(tmp_path / "one.mha"), GRID, "tumour")
    nowhere = from_sitk(sitk.GetImageFromArray(np.zeros(SHAPE, np.float32)))
    assert (place(read_mask(tmp_path / "one.mha"), nowhere, "tumour").inside == TUMOUR).all()


def test_a_nifti_without_a_place_is_refused(tmp_path):
    path = saved(TUMOUR, tmp_path / "n.nii")
    content = bytearray(path.read_bytes())
    content[252:256] = bytes(4)
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="does not say where it lies"):
        place(read_mask(path), GRID, "tumour")


def test_the_share_outside_the_images_is_told_and_a_mask_wholly_outside_refused():
    moved = GRID.ijk_to_ras.copy()
    moved[:3, 3] += moved[:3, :3] @ [3, 0, 0]
    partly = place(Volume(TUMOUR, moved), GRID, "tumour")
    assert partly.inside.sum() == 32
    assert "50 % lies outside the images" in partly.warnings[0]
    moved[:3, 3] += 500
    with pytest.raises(InputError, match=r"tumour region cannot be used.*does not overlap"):
        place(Volume(TUMOUR, moved), GRID, "tumour")


def test_a_mask_between_the_voxels_of_a_coarse_grid_is_smaller_than_a_voxel():
    coarse = GRID.ijk_to_ras @ np.diag([6.0, 6.0, 6.0, 1.0])
    with pytest.raises(InputError, match="smaller than a voxel"):
        place(GRID.like(box((1, 2), (2, 3), (2, 3))), Volume(np.zeros((2, 2, 2)), coarse), "tumour")


def test_a_volume_that_the_grid_changes_is_told():
    coarse = Volume(np.zeros((4, 4, 5)), GRID.ijk_to_ras @ np.diag([2.0, 2.0, 1.0, 1.0]))
    placed = place(GRID.like(box((0, 4), (2, 3), (4, 5))), coarse, "tumour")
    assert "0.036 cm3 as drawn but 0.144 cm3" in placed.warnings[0]


def test_a_mask_of_everything_is_told():
    assert "whole field of view" in place(np.ones(SHAPE, bool), GRID, "tumour").warnings[0]


def test_rounded_origins_and_flipped_axes_are_the_same_place():
    rounded = GRID.ijk_to_ras + np.pad(np.full((3, 1), 0.03), ((0, 1), (3, 0)))
    assert (place(Volume(TUMOUR, rounded), GRID, "tumour").inside == TUMOUR).all()
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    flip[0, 3] = SHAPE[2] - 1
    flipped = place(Volume(TUMOUR[:, :, ::-1], GRID.ijk_to_ras @ flip), GRID, "tumour")
    assert (flipped.inside == TUMOUR).all()
    assert flipped.warnings == ()


def test_sheared_grids_keep_their_place_and_those_without_extent_are_refused():
    shear = np.eye(4)
    shear[0, 1] = 0.4
    sheared = Volume(TUMOUR, GRID.ijk_to_ras @ shear)
    _k, j, i = np.nonzero(place(sheared, GRID, "tumour").inside)
    drawn = np.array(np.nonzero(TUMOUR)).mean(axis=1)
    assert i.mean() == pytest.approx(drawn[2] + 0.4 * drawn[1], abs=0.3)
    assert j.mean() == pytest.approx(drawn[1], abs=0.3)
    for bad in (0.0, np.nan):
        with pytest.raises(InputError, match="without a size"):
            place(Volume(TUMOUR, GRID.ijk_to_ras @ np.diag([bad, 1, 1, 1])), GRID, "tumour")


@pytest.mark.parametrize("directions", ["(2,0,0) (0,0,0) (0,0,3)", "(2,0,0) (2,0,0) (0,0,3)"])
def test_files_whose_voxels_have_no_size_are_refused_as_such(tmp_path, directions):
    path = nrrd(tmp_path / "flat.nrrd", TUMOUR)
    content = path.read_bytes().replace(b"(2.0,0,0) (0,1.5,0) (0,0,3.0)", directions.encode())
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"flat\.nrrd has voxels of size 0, or axes that coincide"):
        read_mask(path)


def test_arrays_with_several_labels_are_refused():
    with pytest.raises(InputError, match=r"several labels: 1 \(64 voxels\), 2 \(12 voxels\)"):
        place(LABELS, GRID, "tumour")
    with pytest.raises(InputError, match="several labels"):
        place(GRID.like(LABELS), GRID, "tumour")


def test_a_map_written_with_the_images_is_read_as_a_mask(tmp_path):
    path = write_volume(GRID.like(TUMOUR), tmp_path / "t.nrrd")
    assert (inside(read_mask(path)) == TUMOUR).all()
