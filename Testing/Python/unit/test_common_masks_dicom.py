"""DICOM segmentations with gaps, in any order, of fractions; damaged mask files of any kind."""

from contextlib import suppress

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.masks import place, read_mask
from mask_files import GRID, LABELS, SHAPE, SPACING, TUMOUR, VESSEL, inside, nrrd, saved, segmentation

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


def damaged(content, rng):
    """A file with up to three places of its header changed, lost or doubled."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(min(len(data), 2600)))
        if (kind := rng.integers(3)) == 0:
            data[at] = int(rng.integers(256))
        elif kind == 1:
            del data[at : at + int(rng.integers(1, 6))]
        else:
            data[at:at] = bytes(rng.integers(32, 127, int(rng.integers(1, 5)), dtype=np.uint8))
    return bytes(data)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file_is_read_or_refused(tmp_path, seed):
    rng = np.random.default_rng(seed)
    sources = (
        nrrd(tmp_path / "a.seg.nrrd", np.stack([TUMOUR, VESSEL]), [("a", 1, 0), ("b", 1, 1)]),
        segmentation(tmp_path / "b.dcm", [("a", GAPPED), ("b", VESSEL)]),
        segmentation(tmp_path / "c.dcm", [("a", TUMOUR)], kind="FRACTIONAL", value=200),
        saved(LABELS, tmp_path / "d.nii"),
    )
    for number in range(80):
        source = sources[number % len(sources)]
        path = tmp_path / f"damaged{source.suffix}"
        path.write_bytes(damaged(source.read_bytes(), rng))
        with suppress(InputError):
            place(read_mask(path, choice="1" if number % 2 else "a"), GRID, "tumour")
