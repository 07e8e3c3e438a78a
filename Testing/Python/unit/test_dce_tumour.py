"""The tumour around a click: truth of the virtual patient, a public examination, what is refused or doubted."""

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.dicom import load_volume, scan
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoStudyLib.phantom import mr_signal
from HER2ImmunoStudyLib.phantom.body_plan import Label
from HER2ImmunoStudyLib.phantom.maps import mr_maps
from HER2ImmunoStudyLib.phantom.presets import PRESETS
from HER2ImmunoStudyLib.phantom.subject import simulate_subject
from QuantDCELib import read_dynamic
from QuantDCELib.tumour import grow_tumour, longest_diameter, longest_in_plane
from QuantDCELib.tumour.shapes import body, solid_in_noise, sphericity, without_holes
from QuantDCELib.tumour.uptake import noise_of

DATA = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).resolve().parents[3].parent / "shared" / "data")) / "dce"
RESEARCH = {"frames": 60, "frame_s": 6.0, "arrival_s": 30.0}
CLINICAL = {"frames": 6, "frame_s": 90.0, "arrival_s": 60.0}
THREE_PHASES = {"frames": 3, "frame_s": 180.0, "arrival_s": 60.0}
PATIENT_SEED = 5


def dice(a, b):
    return 2.0 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


def ras(series, voxel):
    k, j, i = voxel
    return (series.ijk_to_ras @ [i, j, k, 1.0])[:3]


@cache
def mapped(species, visit, orientation, seed):
    """What the virtual patient is made of at a visit, which no protocol changes."""
    preset = PRESETS[species]
    preset = replace(preset, mr_grid=replace(preset.mr_grid, orientation=orientation))
    return preset, mr_maps(preset, seed, simulate_subject(preset, seed).visits[visit].states)


@cache
def patient(species="human", visit=0, protocol="clinical", orientation="axial", noise=0.05, seed=PATIENT_SEED):
    """Dynamic series of the virtual patient and its labels; truth is all of rim, bulk and necrosis."""
    given = {"research": RESEARCH, "clinical": CLINICAL, "three phases": THREE_PHASES}[protocol]
    preset, maps = mapped(species, visit, orientation, seed)
    preset = replace(preset, mr=replace(preset.mr, **given))
    clean = mr_signal.dynamic_signal(preset.mr, maps)
    random = np.random.default_rng(seed)
    signal = mr_signal.magnitude(clean, mr_signal.noise_sd(clean, maps, noise), random)
    series = TimeSeries(signal.astype(np.float32), maps.ijk_to_ras, mr_signal.frame_times_s(preset.mr))
    return series, maps.labels, maps.tumour


def rim_clicks(labels, most=1000):
    rim = np.argwhere(labels == Label.RIM)
    return rim if len(rim) <= most else np.random.default_rng(0).choice(rim, most, replace=False)


@pytest.mark.parametrize("visit", [0, 1, 2])
def test_any_click_in_the_rim_finds_the_tumour_of_the_virtual_patient(visit):
    series, labels, truth = patient(visit=visit, protocol="research")
    clicks = rim_clicks(labels, 8)
    assert len(clicks) == 8
    assert min(dice(grow_tumour(series, ras(series, click)).mask, truth) for click in clicks) >= 0.9


@pytest.mark.parametrize(
    ("species", "protocol", "orientation", "noise"),
    [
        ("human", "clinical", "sagittal", 0.05),
        ("human", "clinical", "oblique", 0.05),
        ("human", "three phases", "axial", 0.05),
        ("mouse", "research", "axial", 0.05),
        ("mouse", "clinical", "oblique", 0.0),
    ],
)
def test_the_protocol_the_planes_and_the_species_do_not_matter(species, protocol, orientation, noise):
    series, labels, truth = patient(species, 0, protocol, orientation, noise)
    found = [dice(grow_tumour(series, ras(series, click)).mask, truth) for click in rim_clicks(labels, 5)]
    assert min(found) >= 0.9


@pytest.mark.parametrize(("seed", "orientation"), [(4, "axial"), (5, "axial"), (5, "sagittal")])
@pytest.mark.parametrize("protocol", ["clinical", "three phases"])
def test_few_noisy_frames_are_enough(seed, orientation, protocol):
    series, labels, truth = patient(protocol=protocol, orientation=orientation, noise=0.08, seed=seed)
    found = [grow_tumour(series, ras(series, click)) for click in rim_clicks(labels, 5)]
    assert min(dice(each.mask, truth) for each in found) >= 0.9
    assert not any(each.remarks for each in found)


def test_in_noise_that_hides_the_tumour_no_region_is_wrong_without_a_remark():
    found = []
    for seed in (4, 5):
        for protocol in ("clinical", "three phases"):
            series, labels, truth = patient(protocol=protocol, noise=0.2, seed=seed)
            for click in rim_clicks(labels, 4):
                each = grow_tumour(series, ras(series, click))
                found.append((dice(each.mask, truth), bool(each.remarks)))
    wrong = [is_remarked for one, is_remarked in found if one < 0.8]
    assert len(wrong) >= 4
    assert all(wrong)


def test_integers_give_the_same_region():
    series, labels, truth = patient()
    stored = np.round(series.array * (4000.0 / series.array.max())).astype(np.int16)
    click = ras(series, rim_clicks(labels)[0])
    assert dice(grow_tumour(replace(series, array=stored), click).mask, truth) >= 0.9


def test_voxels_without_data_are_left_out():
    series, labels, truth = patient()
    array = series.array.copy()
    broken = np.argwhere(truth & (labels == Label.BULK))[::9]
    for at in broken:
        array[tuple(at)] = np.nan
    array[:2] = np.nan
    found = grow_tumour(replace(series, array=array), ras(series, rim_clicks(labels)[0])).mask
    assert dice(found, truth) >= 0.9
    assert not found[:2].any()


def test_the_same_click_gives_the_same_region_and_every_click_nearly_the_same():
    series, labels, _truth = patient()
    first, *others = (grow_tumour(series, ras(series, click)) for click in rim_clicks(labels, 5))
    again = grow_tumour(series, ras(series, rim_clicks(labels, 5)[0]))
    np.testing.assert_array_equal(again.mask, first.mask)
    assert again.settings == first.settings
    assert min(dice(other.mask, first.mask) for other in others) >= 0.97


def test_the_suggestion_tells_its_size_and_what_it_used():
    series, labels, truth = patient()
    found = grow_tumour(series, ras(series, rim_clicks(labels)[0]))
    voxel_cm3 = series.frame(0).voxel_volume_cm3
    assert found.volume_cm3 == pytest.approx(np.count_nonzero(found.mask) * voxel_cm3)
    assert found.volume_cm3 == pytest.approx(np.count_nonzero(truth) * voxel_cm3, rel=0.1)
    assert found.diameter.mm >= found.in_plane.mm > 0
    assert found.settings["baseline_frames"] == [1]
    assert found.settings["surroundings_percent"] < found.settings["threshold_percent"]
    assert found.settings["threshold_percent"] < found.settings["region_percent"]
    assert found.remarks == ()
    assert found.settings["early_frames"] == [2, 3]


def test_growth_goes_from_tight_to_generous():
    series, labels, _truth = patient(noise=0.08)
    click = ras(series, rim_clicks(labels)[0])
    volumes = [grow_tumour(series, click, growth=growth).volume_cm3 for growth in (0.2, 0.5, 0.8)]
    assert volumes == sorted(volumes)


def test_given_baseline_frames_are_used():
    series, labels, _truth = patient(protocol="research")
    click = ras(series, rim_clicks(labels)[0])
    assert grow_tumour(series, click, baseline=slice(1, 4)).settings["baseline_frames"] == [2, 3, 4]
    with pytest.raises(InputError, match="of 60 frames"):
        grow_tumour(series, click, baseline=[70])
    with pytest.raises(InputError, match="No frame follows"):
        grow_tumour(series, click, baseline=range(60))


def test_a_vessel_at_the_tumour_stays_out():
    series, labels, truth = patient(protocol="research", noise=0.02)
    array, blood = series.array.copy(), series.array[labels == Label.VESSEL].mean(axis=0)
    i = int(np.argwhere(truth)[:, 2].max()) + 1
    middle = np.round(np.argwhere(truth).mean(axis=0)).astype(int)
    vessel = np.zeros(truth.shape, bool)
    # Two by two voxels, along the outline of the tumour and far beyond it on both sides.
    vessel[middle[0] : middle[0] + 2, :, i : i + 2] = True
    vessel &= labels != Label.AIR
    array[vessel] = blood
    found = grow_tumour(replace(series, array=array), ras(series, rim_clicks(labels)[0])).mask
    assert np.count_nonzero(found & vessel) <= 0.02 * np.count_nonzero(vessel)
    assert dice(found, truth) >= 0.9


def test_a_strand_that_leads_to_muscle_is_cut_off():
    series, labels, truth = patient(noise=0.02)
    array, muscle = series.array.copy(), series.array[labels == Label.MUSCLE].mean(axis=0)
    k, j, i = np.round(np.argwhere(truth).mean(axis=0)).astype(int)
    wall = np.argwhere(labels[k, :, i] == Label.MUSCLE).min()
    low, high = sorted((j, wall))
    outside = ~truth[k, low:high, i]
    array[k, low:high, i][outside] = muscle
    found = grow_tumour(replace(series, array=array), ras(series, rim_clicks(labels)[0])).mask
    assert not found[labels == Label.MUSCLE].any()
    assert dice(found, truth) >= 0.9


def breast(height, size=(20, 40, 40), radius=0.0, rise=2.0, centre=None):
    """Tissue that enhances by `height`, with a sphere of some voxels in it that enhances by `rise`, and air behind."""
    random = np.random.default_rng(3)
    middle = np.array(size) // 2 if centre is None else centre
    distance = np.linalg.norm(np.moveaxis(np.indices(size), 0, -1) - middle, axis=-1)
    inside = distance < radius
    enhancement = np.where(inside, rise, height)[..., None] * np.array([0.0, 1.0, 1.0, 0.9])
    signal = 100.0 * (1.0 + enhancement) + random.normal(0, 3, (*size, 4))
    signal[:, :6] = np.abs(random.normal(0, 3, (size[0], 6, size[2], 4)))
    return TimeSeries(signal.astype(np.float32), np.diag([-1.0, -1.0, 1.0, 1.0]), 90.0 * np.arange(4)), inside


@pytest.mark.parametrize(
    ("click", "said"),
    [
        ([500.0, 0.0, 0.0], "outside the images"),
        ([-20.0, -2.0, 10.0], "in air"),
        ([-4.0, -36.0, 4.0], "not more than noise|does not enhance"),
        ([np.nan, 0.0, 0.0], "has no place"),
        ([1.0, 2.0], "has no place"),
    ],
)
def test_a_click_that_cannot_be_meant_is_refused_in_one_sentence(click, said):
    series, _inside = breast(0.0, radius=6.0)
    with pytest.raises(InputError, match=said) as refusal:
        grow_tumour(series, click)
    text = str(refusal.value)
    assert text.endswith(".")
    assert ". " not in text
    assert "click inside" in text or "give its" in text


def test_a_region_without_bounds_is_refused():
    series, _inside = breast(1.0)
    with pytest.raises(InputError, match="has no bounds"):
        grow_tumour(series, ras(series, (10, 25, 20)))


@pytest.mark.parametrize("options", [{"growth": 1.5}, {"growth": np.nan}, {"radius_mm": 0.0}, {"radius_mm": np.inf}])
def test_numbers_out_of_range_are_refused(options):
    series, _inside = breast(0.1, radius=6.0)
    with pytest.raises(InputError, match="give"):
        grow_tumour(series, ras(series, (10, 20, 20)), **options)


def test_one_frame_is_refused():
    series, _inside = breast(0.1, radius=6.0)
    alone = TimeSeries(series.array[..., :1], series.ijk_to_ras, series.time_s[:1])
    with pytest.raises(InputError, match="one frame"):
        grow_tumour(alone, ras(series, (10, 20, 20)))


def test_a_rough_sphere_finds_the_tumour_beside_its_centre_and_bounds_it():
    series, inside = breast(0.1, radius=5.0, centre=np.array([10, 24, 24]))
    assert dice(grow_tumour(series, ras(series, (10, 21, 18)), radius_mm=14.0).mask, inside) >= 0.95
    cut = grow_tumour(series, ras(series, (10, 24, 24)), radius_mm=3.0)
    assert np.linalg.norm(np.argwhere(cut.mask) - [10, 24, 24], axis=1).max() <= 3.0
    assert any("surface of the sphere" in remark for remark in cut.remarks)


def test_what_is_doubtful_is_remarked():
    series, _inside = breast(0.1, radius=6.0, centre=np.array([1, 24, 20]))
    assert any("edge of the images" in text for text in grow_tumour(series, ras(series, (1, 24, 20))).remarks)
    series, _inside = breast(0.05, radius=6.0, rise=0.35)
    assert any("less than most tumours" in text for text in grow_tumour(series, ras(series, (10, 20, 20))).remarks)
    series, _inside = breast(0.1, radius=1.8)
    assert any("voxels only" in text for text in grow_tumour(series, ras(series, (10, 20, 20))).remarks)


def test_work_is_told_and_can_be_stopped():
    series, _inside = breast(0.1, radius=6.0)
    told = []
    grow_tumour(series, ras(series, (10, 20, 20)), report=lambda fraction, text: told.append(fraction))
    assert told == sorted(told)

    def stop(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        grow_tumour(series, ras(series, (10, 20, 20)), report=stop)


@pytest.mark.skipif(not (DATA / "ucsf_breast_06").is_dir(), reason="the reference data are not here (HER2IMMUNO_DATA)")
def test_a_click_in_a_public_examination_finds_what_its_site_measured():
    """The functional tumour volume of the site, from a click in its body, which has 95 % of it."""
    from scipy.ndimage import binary_erosion, label

    folder = DATA / "ucsf_breast_06"
    series = read_dynamic(folder / "image_dce_3dfgre_orig").series
    truth = load_volume(scan(folder / "image_dce_ser")[0].headers).array > 0
    islands, _n = label(truth)
    main = islands == 1 + np.argmax(np.bincount(islands[truth])[1:])
    assert np.count_nonzero(main) > 0.9 * np.count_nonzero(truth)
    click = np.random.default_rng(2).choice(np.argwhere(binary_erosion(main)))
    found = grow_tumour(series, ras(series, click))
    assert dice(found.mask, truth) >= 0.8
    assert found.remarks == ()


def test_the_longest_diameter_is_that_of_every_pair():
    random = np.random.default_rng(1)
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn * [0.7, 0.9, 2.5], [5.0, -60.0, 12.0]
    for share in (0.01, 0.1, 0.6):
        mask = random.random((6, 9, 8)) < share
        voxels = np.argwhere(mask)[:, ::-1]
        places = voxels @ matrix[:3, :3].T + matrix[:3, 3]
        apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
        found = longest_diameter(mask, matrix)
        one, other = np.array(found.ends_ras_mm)
        assert np.linalg.norm(one - other) == pytest.approx(apart.max())
        assert apart.max() + 0.7 <= found.mm <= apart.max() + np.sqrt(0.7**2 + 0.9**2 + 2.5**2)


def test_the_longest_diameter_within_a_slice():
    mask = np.zeros((8, 10, 12), bool)
    mask[:, 4, 4] = True
    mask[2, 4, 4:10] = mask[7, 9, 4] = True
    matrix = np.diag([0.5, 0.5, 3.0, 1.0])
    assert longest_in_plane(mask, matrix).mm == pytest.approx(3.0)
    assert longest_diameter(mask, matrix).mm > 24.0


@pytest.mark.parametrize(("n", "mm"), [(0, 0.0), (1, 3.0), (5, 2.5)])
def test_the_longest_diameter_of_a_row(n, mm):
    mask = np.zeros((3, 4, 9), bool)
    mask[1, 2, 2 : 2 + n] = True
    found = longest_diameter(mask, np.diag([0.5, 0.5, 3.0, 1.0]))
    assert found.mm == pytest.approx(mm)
    assert len(found.ends_ras_mm) == (2 if n else 0)


@pytest.mark.parametrize("flat", [(1, 40, 40), (40, 40, 1), (40, 1, 1)])
def test_the_longest_diameter_of_a_sheet_and_a_line(flat):
    found = longest_diameter(np.ones(flat, bool), np.eye(4))
    assert np.linalg.norm(np.subtract(*found.ends_ras_mm)) == pytest.approx(np.linalg.norm(np.array(flat) - 1))


def test_shapes():
    distance = np.linalg.norm(np.moveaxis(np.indices((21, 21, 21)), 0, -1) - 10, axis=-1)
    ball, shell = distance < 7, (distance < 7) & (distance > 3)
    np.testing.assert_array_equal(without_holes(shell), ball)
    assert sphericity(ball, np.ones(3)) > 0.95
    assert sphericity(shell, np.ones(3)) < 0.85
    strand = ball.copy()
    strand[10, 10, :] = True
    near = distance < 1
    assert np.count_nonzero(body(strand, near, np.ones(3)) ^ ball) <= 4
    sieve = shell & (np.indices(ball.shape).sum(axis=0) % 7 > 0)
    hole = distance <= 3
    assert np.count_nonzero(solid_in_noise(sieve) & hole) >= 0.95 * np.count_nonzero(hole)


def test_what_a_ragged_region_has_between_its_arms_is_no_hole():
    cup, hollow = np.zeros((2, 20, 20, 20), bool)
    for mask in (cup, hollow):
        mask[2:18, 2:18, 2:18] = True
    cup[2:15, 5:15, 5:15] = False
    hollow[5:15, 5:15, 5:15] = False
    hollow[2:5, 9:11, 9:11] = False  # as noise may leave a gap
    assert (solid_in_noise(cup) == cup).all()
    assert np.count_nonzero(solid_in_noise(hollow)) == 16**3


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.5, 0.5, 0.5), (2.0, 0.7, 0.7), (0.6, 0.6, 2.4)])
def test_a_strand_is_cut_by_its_width_in_mm_on_every_grid(spacing):
    size = np.ceil(40.0 / np.array(spacing)).astype(int)
    place = np.moveaxis(np.indices(size), 0, -1) * spacing - (size - 1) / 2 * spacing
    ball = np.linalg.norm(place, axis=-1) < 8.0
    strand = (np.linalg.norm(place[..., :2], axis=-1) < 1.2) & ~ball
    far = strand & (np.linalg.norm(place, axis=-1) > 13.0)
    assert far.any()
    found = body(ball | strand, np.linalg.norm(place, axis=-1) < 2.0, np.array(spacing))
    assert not found[far].any()
    assert dice(found, ball) >= 0.97


def test_the_noise_is_that_of_tissue_also_where_air_was_set_to_zero():
    random = np.random.default_rng(2)
    before, rise = np.zeros((8, 40, 40), np.float32), np.zeros((8, 40, 40), np.float32)
    before[:, 10:25, 10:25] = 100.0
    rise[:, 10:25, 10:25] = random.normal(20.0, 5.0, (8, 15, 15))
    assert noise_of(rise, before) == pytest.approx(5.0, rel=0.1)
