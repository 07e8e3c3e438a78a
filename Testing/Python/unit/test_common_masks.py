"""Masks as programs write them: several labels and segments, layers, fractions, lost places, DICOM segmentations."""

import numpy as np
import pytest
import SimpleITK as sitk
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume, from_sitk, write_volume
from HER2ImmunoCommonLib.masks import place, read_mask, split_choice
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

SHAPE, SPACING, ORIGIN = (4, 8, 10), (2.0, 1.5, 3.0), (-12.5, 40.25, 6.0)
"""k, j, i; mm along i, j, k; LPS."""


def box(k, j, i):
    mask = np.zeros(SHAPE, np.uint8)
    mask[slice(*k), slice(*j), slice(*i)] = 1
    return mask


TUMOUR, VESSEL = box((0, 4), (2, 6), (5, 9)), box((1, 3), (1, 3), (0, 3))
LABELS = TUMOUR + 2 * VESSEL


def image(array):
    found = sitk.GetImageFromArray(array)
    found.SetSpacing(SPACING)
    found.SetOrigin(ORIGIN)
    return found


GRID = from_sitk(image(np.zeros(SHAPE, np.float32)))


def saved(array, path):
    sitk.WriteImage(image(array), str(path))
    return path


def nrrd(path, array, segments=(), *, space=True, origin=ORIGIN):
    """A file as 3D Slicer writes it: (name, label, layer) of each segment; layers are the first axis of `array`."""
    n = len(array) if array.ndim == 4 else 0
    i, j, k = SPACING
    lines = ["NRRD0005", "# a comment", "type: unsigned char", f"dimension: {array.ndim}"]
    if space:
        lines += ["space: left-posterior-superior"]
        lines += [f"space directions: {'none ' if n else ''}({i},0,0) (0,{j},0) (0,0,{k})"]
        lines += [f"space origin: ({origin[0]},{origin[1]},{origin[2]})"]
    sizes = array.shape[::-1] if not n else (n, *array.shape[:0:-1])
    lines += [f"sizes: {' '.join(map(str, sizes))}", f"kinds: {'list ' if n else ''}domain domain domain"]
    lines += ["encoding: raw"]
    for number, (name, label, layer) in enumerate(segments):
        lines += [f"Segment{number}_ID:=Segment_{number}", f"Segment{number}_Name:={name}"]
        lines += [f"Segment{number}_Extent:=0 9 0 7 0 3"]
        if label is not None:
            lines += [f"Segment{number}_LabelValue:={label}", f"Segment{number}_Layer:={layer}"]
    data = np.moveaxis(array, 0, -1) if n else array
    path.write_bytes(("\n".join(lines) + "\n\n").encode() + np.ascontiguousarray(data).tobytes())
    return path


def inside(mask):
    return place(mask, GRID, "tumour").inside


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


def group(**values):
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def segmentation(path, segments, *, kind="BINARY", step=True, order=1, value=1):
    """A DICOM SEG of masks by name, its empty planes left out, with the frames in order or backwards."""
    planes = [(n, k, mask[k]) for n, (_, mask) in enumerate(segments, 1) for k in range(SHAPE[0]) if mask[k].any()]
    planes = planes[::order]
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = generate_uid()
    header.StudyInstanceUID, header.SeriesInstanceUID, header.Modality = generate_uid(), generate_uid(), "SEG"
    header.SegmentSequence = [group(SegmentNumber=n, SegmentLabel=name) for n, (name, _) in enumerate(segments, 1)]
    measures = group(PixelSpacing=[SPACING[1], SPACING[0]], SliceThickness=SPACING[2])
    if step:
        measures.SpacingBetweenSlices = SPACING[2]
    turned = group(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    header.SharedFunctionalGroupsSequence = [group(PixelMeasuresSequence=[measures], PlaneOrientationSequence=[turned])]
    header.PerFrameFunctionalGroupsSequence = [
        group(
            SegmentIdentificationSequence=[group(ReferencedSegmentNumber=n)],
            PlanePositionSequence=[group(ImagePositionPatient=[*ORIGIN[:2], ORIGIN[2] + k * SPACING[2]])],
        )
        for n, k, _ in planes
    ]
    header.SegmentationType, header.NumberOfFrames = kind, len(planes)
    header.Rows, header.Columns, header.SamplesPerPixel = *SHAPE[1:], 1
    header.PhotometricInterpretation, header.PixelRepresentation = "MONOCHROME2", 0
    pixels = np.stack([plane for *_, plane in planes])
    bits = 1 if kind == "BINARY" else 8
    header.BitsAllocated = header.BitsStored = bits
    header.HighBit = bits - 1
    if kind == "FRACTIONAL":
        header.SegmentationFractionalType, header.MaximumFractionalValue = "PROBABILITY", 200
        pixels = (pixels * value).astype(np.uint8)
    data = np.packbits(pixels.ravel(), bitorder="little").tobytes() if bits == 1 else pixels.tobytes()
    header.PixelData = data + b"\0" * (len(data) % 2)
    header["PixelData"].VR = "OB"
    header.save_as(path, enforce_file_format=True)
    return path


GAPPED = TUMOUR * np.array([1, 0, 0, 1], np.uint8)[:, None, None]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("step", [True, False])
def test_a_dicom_segmentation_keeps_gaps_between_its_slices(tmp_path, order, step):
    path = segmentation(tmp_path / "seg.dcm", [("Mass", GAPPED), ("Vein", VESSEL)], order=order, step=step)
    with pytest.raises(QuestionsError, match=r"Mass \(label 1, 32 voxels\), Vein \(label 2, 12 voxels\)"):
        read_mask(path)
    for choice, truth in (("1", GAPPED), ("mass", GAPPED), ("Vein", VESSEL)):
        mask = read_mask(f"{path}:{choice}")
        assert (inside(mask) == truth).all()
        assert mask.warnings == ()
    assert read_mask(f"{path}:1").volume.spacing_mm == pytest.approx(SPACING)


def test_a_fractional_segmentation_is_cut_at_a_half_and_told(tmp_path):
    chances = TUMOUR * np.where(np.arange(SHAPE[2]) < 7, 200, 60)
    mask = read_mask(segmentation(tmp_path / "f.dcm", [("tumour", chances)], kind="FRACTIONAL"))
    assert (inside(mask) == (chances == 200)).all()
    assert "at least a half" in mask.warnings[0]
    whole = read_mask(segmentation(tmp_path / "w.dcm", [("tumour", TUMOUR)], kind="FRACTIONAL", value=200))
    assert whole.warnings == ()
    assert (inside(whole) == TUMOUR).all()


def test_dicom_that_is_no_segmentation_is_named_as_what_it_is(tmp_path):
    path = segmentation(tmp_path / "s.dcm", [("a", TUMOUR)])
    import pydicom

    header = pydicom.dcmread(path)
    header.SOPClassUID, header.Modality = "1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT"
    header.save_as(tmp_path / "rt.dcm")
    with pytest.raises(InputError, match=r"rt\.dcm is DICOM of RTSTRUCT, not a segmentation"):
        read_mask(tmp_path / "rt.dcm")
    header = pydicom.dcmread(path)
    del header.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence
    header.save_as(tmp_path / "lost.dcm")
    with pytest.raises(InputError, match=r"no ImagePositionPatient for frame 1 of lost\.dcm"):
        read_mask(tmp_path / "lost.dcm")
    (tmp_path / "bad.dcm").write_bytes(b"no DICOM at all")
    with pytest.raises(InputError, match=r"bad\.dcm"):
        read_mask(tmp_path / "bad.dcm")
