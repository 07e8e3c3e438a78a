"""Error and time of the alignment of two visits, beside SimpleITK's plain rigid and plain B-spline registration.

    python Testing/benchmarks/registration.py [--data FOLDER] [--out FOLDER] [--fields N]

Images of real breasts (HER2IMMUNO_DATA) are laid another way by known fields: smooth, keeping volume but for a few per
cent, rigid in the tumour. The moving image is of another contrast, so that its noise is its own. Of the slice's dynamic
only the first frames serve: then the patient moved, by up to 3 mm. Data that are absent are left out and said so.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy
import SimpleITK as sitk
from HER2ImmunoCommonLib.geometry import Volume, to_sitk
from HER2ImmunoCommonLib.registration import Transform, align, jacobian, positions, resample
from HER2ImmunoCommonLib.registration.body import find_body
from HER2ImmunoCommonLib.registration.rigid import best_rigid
from QuantDCELib import read_dynamic
from scipy.ndimage import binary_fill_holes, distance_transform_edt, gaussian_filter, label
from scipy.spatial.transform import Rotation

HERE = Path(__file__).resolve().parents[2]
SLICE_MM = (1.15, 1.15, 5.0)
"""Voxels of the breast slice; its file does not tell them, a breast of usual size does."""
SLICE_TUMOUR = (slice(90, 130), slice(80, 120))
SLICE_BREAST = slice(0, 125)
"""Its columns in front of the chest wall; behind it there is the noise of the heart, which nobody can align."""
STEP_MM, LENGTH_MM = 4.0, 32.0
"""Of the fields: distance of their nodes, and over which they change."""
DEFORMED_MM, MOVED_MM = 3.0, (5.4, 6.3)
"""Mean of the deformation, and of all together."""
TURN_DEG, BLEND_MM = 2.0, 20.0
MESH_MM, BINS, ROUNDS, SAMPLED = 45.0, 50, 100, 0.02
"""Of SimpleITK: distance of control points, bins of the histogram, iterations of the B-spline, share of voxels used."""
BARS_MM = (1.4, 2.8, 1.2)


@dataclass(frozen=True, eq=False)
class Case:
    """A pair of images and the way from the moving to the fixed points; errors count in the body where `measured`."""

    data: str
    fixed: Volume
    moving: Volume
    tumour_fixed: Volume
    tumour_moving: Volume
    body: np.ndarray
    measured: np.ndarray
    back: Transform


@dataclass(frozen=True)
class Row:
    """What one method made of one case; lengths in mm, the change of the tumour's volume as a fraction."""

    data: str
    method: str
    mean_mm: float
    p95_mm: float
    tumour_mm: float
    volume_change: float
    smallest_jacobian: float
    wall_s: float = 0.0
    processor_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Source:
    """Two images of one breast at one place."""

    data: str
    fixed: Volume
    later: Volume
    tumour: np.ndarray
    measured: np.ndarray


def breast_slice(folder: Path) -> Source:
    """A slice: images of small flip angles, and dynamic frames before contrast agent."""
    found = scipy.io.loadmat(folder / "breast_slice.mat")
    small = found["T1data"][np.isin(found["T1flip"].ravel(), (4, 6))].mean(axis=0)
    frames = found["DCEdata"]
    before, after = frames[:2].mean(axis=0), frames[12:16].mean(axis=0)
    where = np.zeros(before.shape, bool)
    where[SLICE_TUMOUR] = True
    tumour = enhancing(before, after, where)
    matrix = np.diag([-SLICE_MM[0], -SLICE_MM[1], SLICE_MM[2], 1.0])
    fixed, later = (Volume(image[None].astype(np.float32), matrix) for image in (small, before))
    breast = np.zeros(fixed.array.shape, bool)
    breast[..., SLICE_BREAST] = True
    return Source("breast slice, flip angles and dynamic", fixed, later, binary_fill_holes(tumour)[None], breast)


def ucsf(folder: Path) -> Source:
    """An examination: before contrast agent, and its last phase."""
    series = read_dynamic(folder / "image_dce_3dfgre_orig").series
    first, second, last = (Volume(series.array[..., n].astype(np.float32), series.ijk_to_ras) for n in range(3))
    everywhere = np.ones(first.array.shape, bool)
    tumour = enhancing(first.array, second.array, everywhere)
    return Source("UCSF examination, first and last phase", first, last, tumour, everywhere)


def enhancing(before: np.ndarray, after: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The largest part of what enhances."""
    before, after = gaussian_filter(before, 1.0), gaussian_filter(after, 1.0)
    labels, _ = label(where & (after > 1.6 * before) & (after > np.percentile(after, 80)))
    return labels == 1 + np.argmax(np.bincount(labels.ravel())[1:])


def laid_another_way(source: Source, seed: int) -> Case:
    """The later image of a source where a known field puts it."""
    fixed = source.fixed
    body = resample(find_body(fixed, "fixed").mask, fixed, Transform.identity(), nearest=True).array != 0
    back = repositioning(fixed, body, source.tumour, seed)
    image = sitk.Resample(to_sitk(source.later), to_sitk(fixed), back.lps, _interpolator(fixed), 0.0)
    moving = fixed.like(np.clip(sitk.GetArrayFromImage(image), 0.0, None))
    tumour = fixed.like(source.tumour)
    moved = fixed.like(resample(tumour, fixed, back, nearest=True).array != 0)
    return Case(source.data, fixed, moving, tumour, moved, body, source.measured, back)


def _interpolator(image: Volume) -> int:
    return sitk.sitkLinear if 1 in image.array.shape else sitk.sitkBSpline3


def repositioning(grid: Volume, body: np.ndarray, tumour: np.ndarray, seed: int) -> Transform:
    """A smooth field and a rigid motion from moving to fixed points; in its plane where there is one slice."""
    random, flat = np.random.default_rng(seed), grid.array.shape[0] == 1
    nodes = _nodes(grid)
    places = positions(nodes)
    field = _curl(random, nodes.array.shape, flat)
    inside, core = (
        resample(grid.like(mask), nodes, Transform.identity(), nearest=True).array != 0 for mask in (body, tumour)
    )
    field -= _rigid_part(places, field / np.abs(field[inside]).max(), inside) * np.abs(field[inside]).max()
    field *= DEFORMED_MM / np.linalg.norm(field[inside], axis=-1).mean()
    turn = Rotation.from_rotvec(np.deg2rad(TURN_DEG) * _direction(random, np.array([0.0, 0.0, 1.0]) if flat else None))
    middle = places[inside].mean(axis=0)
    field += (places - middle) @ turn.as_matrix().T + middle - places
    shift = _direction(random, None) * ([1.0, 1.0, 0.0] if flat else 1.0)
    wanted = random.uniform(*MOVED_MM)
    sizes = np.linspace(0.0, 10.0, 101)
    means = [np.linalg.norm((field + size * shift)[inside], axis=-1).mean() for size in sizes]
    field += sizes[int(np.argmin(np.abs(np.array(means) - wanted)))] * shift
    far = distance_transform_edt(~core, sampling=nodes.spacing_mm[::-1])
    share = np.clip((far - 2.0 * STEP_MM) / BLEND_MM, 0.0, 1.0)[..., None]
    share = share**2 * (3.0 - 2.0 * share)
    return Transform.from_displacement(share * field + (1.0 - share) * _rigid_part(places, field, core), nodes)


def _nodes(grid: Volume) -> Volume:
    """Nodes of a field around a grid, along the patient's axes."""
    places = positions(grid).reshape(-1, 3)
    low, high = places.min(axis=0) - 12.0, places.max(axis=0) + 12.0
    matrix = np.diag([STEP_MM, STEP_MM, STEP_MM, 1.0])
    matrix[:3, 3] = low
    return Volume(np.zeros(np.ceil((high - low) / STEP_MM).astype(int)[::-1] + 1, np.uint8), matrix)


def _curl(random: np.random.Generator, shape: tuple[int, ...], flat: bool) -> np.ndarray:
    """The curl (k, j, i, 3) of smooth noise: keeps volume."""
    smooth = [gaussian_filter(random.normal(size=shape), LENGTH_MM / STEP_MM) for _ in range(3)]
    if flat:
        smooth = [0.0 * smooth[0], 0.0 * smooth[0], np.repeat(smooth[2].mean(axis=0)[None], shape[0], axis=0)]
    x, y, z = ([np.gradient(each, STEP_MM, axis=axis) for axis in (2, 1, 0)] for each in smooth)
    return np.stack([z[1] - y[2], x[2] - z[0], y[0] - x[1]], axis=-1)


def _rigid_part(places: np.ndarray, field: np.ndarray, within: np.ndarray) -> np.ndarray:
    motion = best_rigid(places[within], places[within] + field[within])
    return places @ motion[:3, :3].T + motion[:3, 3] - places


def _direction(random: np.random.Generator, axis: np.ndarray | None) -> np.ndarray:
    drawn = random.normal(size=3)
    return axis * np.sign(drawn[0]) if axis is not None else drawn / np.linalg.norm(drawn)


def ours(case: Case) -> Iterator[tuple[str, Transform]]:
    """The rigid motion alone, and all of it."""
    found = align(case.fixed, case.moving, tumour_fixed=case.tumour_fixed, tumour_moving=case.tumour_moving)
    yield "HER2ImmunoImaging, its rigid part", found.rigid
    yield "HER2ImmunoImaging", found.transform


def itk(case: Case) -> Iterator[tuple[str, Transform]]:
    """Mutual information of the images in the body, several resolutions: rigid, then a B-spline after it."""
    flat = case.fixed.array.shape[0] == 1
    fixed, moving, mask = (
        to_sitk(each) for each in (case.fixed, case.moving, case.fixed.like(case.body.astype(np.uint8)))
    )
    if flat:
        fixed, moving, mask = (image[:, :, 0] for image in (fixed, moving, mask))
    rigid = sitk.CenteredTransformInitializer(
        fixed, moving, sitk.Euler2DTransform() if flat else sitk.Euler3DTransform(),
        sitk.CenteredTransformInitializerFilter.GEOMETRY,
    )  # fmt: skip
    first = _information(mask, 1.0 if flat else SAMPLED)
    # With the plain gradient descent of its examples the slice went astray by 27 mm once.
    first.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, 2 * ROUNDS)
    first.SetOptimizerScalesFromPhysicalShift()
    _levels(first, (4, 2, 1))
    first.SetInitialTransform(rigid, inPlace=False)
    rigid = first.Execute(fixed, moving)
    yield "SimpleITK rigid", _of_plane(rigid, case) if flat else Transform(rigid)
    mesh = [max(1, round(n * step / MESH_MM)) for n, step in zip(fixed.GetSize(), fixed.GetSpacing(), strict=True)]
    spline = sitk.BSplineTransformInitializer(fixed, mesh)
    second = _information(mask, 1.0 if flat else SAMPLED)
    second.SetOptimizerAsLBFGSB(1e-5, ROUNDS, 5, 1000, 1e7)
    _levels(second, (4, 2, 1))
    second.SetMovingInitialTransform(rigid)
    second.SetInitialTransform(spline, inPlace=True)
    second.Execute(fixed, moving)
    both = sitk.CompositeTransform(fixed.GetDimension())
    both.AddTransform(rigid)
    both.AddTransform(spline)
    yield "SimpleITK rigid and B-spline", _of_plane(both, case) if flat else Transform(both)


def _information(mask: sitk.Image, share: float) -> sitk.ImageRegistrationMethod:
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(BINS)
    method.SetMetricFixedMask(mask)
    method.SetInterpolator(sitk.sitkLinear)
    if share < 1.0:
        method.SetMetricSamplingStrategy(method.REGULAR)
        method.SetMetricSamplingPercentage(share)
    return method


def _levels(method: sitk.ImageRegistrationMethod, shrunk: tuple[int, ...]) -> None:
    method.SetShrinkFactorsPerLevel(shrunk)
    method.SetSmoothingSigmasPerLevel([each / 2.0 for each in shrunk])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOff()


def _of_plane(plane: sitk.Transform, case: Case) -> Transform:
    """A transform of the plane of a slice as one of space."""
    n, around = 3, 20
    shape = (n, *(size + 2 * around for size in case.fixed.array.shape[1:]))
    matrix = case.fixed.ijk_to_ras.copy()
    matrix[:3, 3] += matrix[:3, :3] @ [-around, -around, -(n // 2)]
    grid = Volume(np.zeros(shape, np.uint8), matrix)
    image = to_sitk(grid)[:, :, 0]
    field = sitk.GetArrayFromImage(
        sitk.TransformToDisplacementField(
            plane, sitk.sitkVectorFloat64, image.GetSize(), image.GetOrigin(), image.GetSpacing(), image.GetDirection()
        )
    )
    ras = np.concatenate([-field, np.zeros((*field.shape[:2], 1))], axis=-1)
    return Transform.from_displacement(np.repeat(ras[None], n, axis=0), grid)


def measured(case: Case, method: str, found: Transform) -> Row:
    """How far a transform misses in the body and in the tumour, and what it does to volume."""
    places, tumour = positions(case.fixed), case.tumour_fixed.array
    used = case.body & case.measured
    error = np.linalg.norm(case.back.at(found.at(places[used])) - places[used], axis=-1)
    volumes = jacobian(found, case.fixed).array
    return Row(
        case.data, method, float(error.mean()), float(np.percentile(error, 95)), float(error[tumour[used]].mean()),
        float(volumes[tumour].mean() - 1.0), float(volumes[used & _inner(used.shape)].min()),
    )  # fmt: skip


def _inner(shape: tuple[int, ...]) -> np.ndarray:
    """Without the outermost voxels, beyond which a plain B-spline ends."""
    inner = np.zeros(shape, bool)
    inner[tuple(slice(1, -1) if n > 2 else slice(None) for n in shape)] = True
    return inner


def timed(case: Case, methods: Callable[[Case], Iterator[tuple[str, Transform]]]) -> Iterator[Row]:
    """The rows of some methods, each with the time from the start to its end."""
    wall = own = 0.0
    steps = methods(case)
    while True:
        start, start_own = time.perf_counter(), time.process_time()
        found = next(steps, None)
        wall, own = wall + time.perf_counter() - start, own + time.process_time() - start_own
        if found is None:
            return
        yield replace(measured(case, *found), wall_s=wall, processor_s=own)


def table(rows: list[Row]) -> str:
    """A row for each method and kind of images: means over the fields, and the worst of them."""
    head = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; numpy {np.__version__}, "
    head += f"SimpleITK {sitk.Version.VersionString()}; bars: mean {BARS_MM[0]} mm, 95 % within {BARS_MM[1]} mm, "
    lines = [head + f"tumour {BARS_MM[2]} mm, each also for the worst", ""]
    lines.append(
        "| images | method | mean (worst), mm | 95 % within (worst), mm | in the tumour (worst), mm | tumour's volume "
        "off, at most | smallest Jacobian | time | processor time |"
    )
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for data, method in dict.fromkeys((row.data, row.method) for row in rows):
        some = [row for row in rows if (row.data, row.method) == (data, method)]
        cells = [_both([getattr(row, name) for row in some]) for name in ("mean_mm", "p95_mm", "tumour_mm")]
        off = 100.0 * max(abs(row.volume_change) for row in some)
        cells += [f"{off:.2f}%", f"{min(row.smallest_jacobian for row in some):.2f}"]
        cells += [f"{np.mean([getattr(row, name) for row in some]):.1f} s" for name in ("wall_s", "processor_s")]
        lines.append(f"| {data} | {method} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _both(values: list[float]) -> str:
    return f"{np.mean(values):.2f} ({max(values):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("HER2IMMUNO_DATA", HERE.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default)
    parser.add_argument("--out", type=Path, default=Path("benchmarks"))
    parser.add_argument("--fields", type=int, default=3, metavar="N", help="known fields a kind of images (3)")
    arguments = parser.parse_args()
    rows: list[Row] = []
    for name, read in (("breast_slice", breast_slice), ("ucsf_breast_06", ucsf)):
        folder = arguments.data / "dce" / name
        if not folder.is_dir():
            print(f"Left out: {folder} is not here.")
            continue
        source = read(folder)
        for seed in range(arguments.fields):
            case = laid_another_way(source, seed)
            rows.append(measured(case, "as they lie", Transform.identity()))
            for methods in (ours, itk):
                for row in timed(case, methods):
                    rows.append(row)
                    print(row, flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "registration.md").write_text(table(rows), encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
